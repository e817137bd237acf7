# SPDX-License-Identifier: MIT
"""The Lambda package: what is in the zip, and its program in a root that holds nothing else.

That root has /tmp, and /etc/resolv.conf, /etc/hosts or a file of CAs where a test puts it there: no
library, no /proc, no /dev. The program of the other architecture runs under qemu's user emulation.
"""

import csv
import functools
import json
import os
import pathlib
import platform
import select
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import census
import certificates
import expected
import faults
import lambda_package
from cases import REGION, Case, ScriptedCase
from name_server import TYPE_A, NameServer
from runtime_api import RuntimeApi
from scripted import ScriptedAws
from test_lambda import LambdaMixin

sys.path.append(str(census.ROOT / "tests" / "sim"))
import simulator  # noqa: E402

A, B = "222222222222", "333333333333"
BUCKET = "census.bucket"  # with a dot: path style, also at AWS's own host names
ZIP_MAX_BYTES = 4 * 1024 * 1024
START_CPU_SECONDS = 0.010
START_RUNS = 5
HOST = "census.test"
NAME_SERVER, HTTPS_SERVER = "127.0.0.77", "127.0.0.78"
CA_PLACES = ("etc/ssl/certs/ca-certificates.crt", "etc/pki/tls/certs/ca-bundle.crt", "etc/ssl/cert.pem")
DEBIAN_PLACE = CA_PLACES[0]
AWS_NAMES = ["iam.amazonaws.com", f"sts.{REGION}.amazonaws.com", f"s3.{REGION}.amazonaws.com"]


@functools.lru_cache(maxsize=None)
def package(arch):
    """The path of the zip, built once a run of the tests."""
    try:
        return lambda_package.build(arch)
    except lambda_package.Unavailable as missing:
        return missing


def need(arch):
    built = package(arch)
    if isinstance(built, lambda_package.Unavailable):
        raise unittest.SkipTest(f"no package for {arch}: {built}")
    return built


def empty_root(home, arch):
    """A root with the package's program in it; skips the test if it can't be had."""
    _, program = lambda_package.bootstrap(need(arch))
    try:
        return lambda_package.EmptyRoot(home / "root", arch, program)
    except lambda_package.Unavailable as missing:
        raise unittest.SkipTest(str(missing)) from None


def without_ages(data):
    """The rows of a CSV without the columns that count days, since a day may end between two runs."""
    rows = list(csv.reader(data.decode().splitlines(keepends=True)))
    return [[cell for name, cell in zip(rows[0], row) if "Age" not in name] for row in rows]


class Forwarder:
    """Accepts at address:443 and passes everything to a port of 127.0.0.1."""

    def __init__(self, address, port):
        self.port = port
        self.listener = socket.create_server((address, 443))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.pass_on, args=(client,), daemon=True).start()

    def pass_on(self, client):
        with client, socket.create_connection(("127.0.0.1", self.port)) as server:
            ends = {client: server, server: client}
            try:
                while True:
                    for ready in select.select(list(ends), [], [])[0]:
                        data = ready.recv(65536)
                        if not data:
                            return
                        ends[ready].sendall(data)
            except OSError:
                return

    def stop(self):
        # close() alone does not wake accept()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Zip:
    """What holds of the file itself."""

    arch = None

    def setUp(self):
        self.archive = need(self.arch)
        self.entry, self.program = lambda_package.bootstrap(self.archive)

    def test_one_entry_that_lambda_can_start(self):
        self.assertEqual(self.entry.filename, "bootstrap")
        self.assertEqual(self.entry.external_attr >> 16, 0o100755)
        self.assertEqual(self.entry.date_time, (1980, 1, 1, 0, 0, 0))
        self.assertLessEqual(self.archive.stat().st_size, ZIP_MAX_BYTES)

    def test_the_program_stands_alone(self):
        elf = lambda_package.Elf(self.program)
        self.assertEqual(elf.machine, lambda_package.MACHINES[self.arch])
        self.assertNotIn(lambda_package.PT_INTERP, elf.types)
        self.assertEqual(elf.needed, 0)
        self.assertIn(lambda_package.PT_GNU_STACK, elf.types)
        self.assertFalse(elf.executable_stack)

    def test_it_is_hardened(self):
        """What can be seen of a stripped program; scripts/package-lambda has looked at its code before that."""
        with tempfile.NamedTemporaryFile() as file:
            file.write(self.program)
            file.flush()
            run = subprocess.run([census.ROOT / "scripts/check-hardening", "--headers", file.name], capture_output=True,
                                 text=True)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_no_path_of_the_machine_that_built_it(self):
        for path in (str(census.ROOT), str(pathlib.Path.home())):
            self.assertNotIn(path.encode() + b"/", self.program, path)

    def test_two_builds_are_the_same_zip(self):
        """Another folder, everything built again; Debian's packages are those of the first build."""
        with tempfile.TemporaryDirectory(prefix="iam-census-package-") as folder:
            again = lambda_package.build(
                self.arch, "--build", f"{folder}/elsewhere/build", "--downloads",
                census.ROOT / "build/package/downloads", output=f"{folder}/dist")
            self.assertEqual(again.read_bytes(), self.archive.read_bytes(), "two builds differ")


@unittest.skipUnless(shutil.which("openssl"), "there is no openssl command to make certificates with")
class InEmptyRoot(LambdaMixin):
    """The function at work."""

    arch = None

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="iam-census-package-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        pair = certificates.authority(cls.folder, "authority")
        cls.bundle = pair[1].read_bytes()
        cls.other_bundle = certificates.authority(cls.folder, "another")[1].read_bytes()
        key, certificate = certificates.server(cls.folder, "right", pair, ",".join(f"DNS:{name}" for name in [HOST, *AWS_NAMES]))
        cls.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        cls.context.load_cert_chain(certificate, key)

    def setUp(self):
        super().setUp()
        self.root = empty_root(self.home, self.arch)
        for account_id in (A, B):
            self.world.account(account_id).user("ann", tags={"team": "caf\u00e9"})
        self.bucket = self.world.bucket(BUCKET)
        self.tls = ScriptedAws(self.world, REGION, self.context)
        self.tls.start()
        self.addCleanup(self.tls.stop)

    def tearDown(self):
        super().tearDown()
        self.assertEqual(self.tls.violations, [])

    def environment(self):
        return {**super().environment(), "S3_BUCKET_NAME": BUCKET, "ORGANIZATION_ID": "o-packagepackage",
                "CHILD_ACCOUNT_IDS": f"{A},{B}", "HOME": None, "PATH": None, "LANG": "en_US.UTF-8"}

    def start(self, **variables):
        self.before = self.root.files()
        command = self.root.command()
        self.start_function(program=command[0], arguments=command[1:], **variables)

    def end(self):
        """SIGTERM ends it with status 0; nothing is left over."""
        run = self.end_function()
        self.assertEqual(run.code, 0, str(run))
        self.assertEqual(self.root.files(), self.before)
        return run

    def assert_stored(self, document, account_ids):
        stored, = (each for key, each in self.bucket.objects.items() if not key.endswith(".result.json"))
        self.assert_bytes(stored.body, expected.csv_bytes(
            expected.from_world(self.world, account_ids), self.start_of(document)))
        self.bucket.objects.clear()

    def census_once(self, account_ids=(A, B)):
        self.assert_stored(self.succeed({"child_account_ids": list(account_ids)}), account_ids)

    def test_invocations_one_after_the_other(self):
        self.start()
        self.census_once()
        self.census_once([B])
        self.refuse({"role_name": 7}, "role_name")
        self.bucket.error = (403, "AccessDenied")
        self.refuse({}, BUCKET, "AccessDenied")
        self.bucket.error = None
        self.census_once([A])
        self.end()

    def test_the_deadline(self):
        self.server.fault(faults.slow(60), action="ListUserTags", account=B)
        self.start()
        seconds = 10
        deadline = time.time() + seconds
        answer = self.invoke({}, seconds)
        self.assertLess(answer.moment, deadline)
        self.assertEqual(answer.result["statusCode"], 200, answer.body)
        failed, = answer.document["failed_accounts"]
        self.assertEqual((failed["account_id"], failed["stage"]), (B, "Deadline"))
        self.assert_stored(answer.document, [A])
        self.end()

    def test_sigterm_amid_an_invocation(self):
        self.server.fault(faults.slow(60), action="ListUserTags")
        self.start()
        self.api.events.put(("request-1", b"{}", int((time.time() + 60) * 1000)))
        deadline = time.time() + 20
        while not self.server.count("ListUserTags") and time.time() < deadline:
            time.sleep(0.05)
        self.assertTrue(self.server.count("ListUserTags"))
        self.end()
        self.assertEqual((self.bucket.objects, self.bucket.uploads), ({}, {}))

    def test_a_start_that_fails_says_why(self):
        self.start(AWS_CA_BUNDLE="/no-such-bundle.pem")
        answer = self.api.invoke({}, 10)
        self.assertIsNotNone(answer, "nothing came")
        self.assertEqual((answer.kind, answer.result["statusCode"]), ("response", 500), answer.body)
        self.assertIn("/no-such-bundle.pem", answer.document["message"])
        self.end()

    # TLS: the host's name is in /etc/hosts

    def start_with_tls(self, **variables):
        self.root.put("etc/hosts", f"127.0.0.1 {HOST}\n")
        self.start(AWS_ENDPOINT_URL=f"https://{HOST}:{self.tls.port}", **variables)

    def test_cas_where_systems_keep_them(self):
        for place in CA_PLACES:
            with self.subTest(place=place):
                self.root.put(place, self.bundle)
                self.start_with_tls()
                self.census_once()
                self.end()
                (self.root.folder / place).unlink()
        self.assertEqual(self.server.calls, [])

    def test_a_bundle_that_is_given(self):
        self.root.put(DEBIAN_PLACE, self.other_bundle)
        self.root.put("opt/own.pem", self.bundle)
        self.start_with_tls(AWS_CA_BUNDLE="/opt/own.pem")
        self.census_once()
        self.end()

    def test_an_authority_nobody_knows(self):
        for bundle in (None, self.other_bundle):
            with self.subTest(bundle=bool(bundle)):
                if bundle:
                    self.root.put(DEBIAN_PLACE, bundle)
                self.start_with_tls()
                self.refuse({}, "certificate")
                self.end()
        self.assertEqual(self.tls.calls, [])

    # Names from a DNS server, which c-ares finds in /etc/resolv.conf

    def start_name_server(self, names):
        try:
            server = NameServer(NAME_SERVER, names).start()
        except OSError as error:
            self.skipTest(f"a name server can't listen at {NAME_SERVER}:53: {error}")
        self.addCleanup(server.stop)
        self.root.put("etc/resolv.conf", f"nameserver {NAME_SERVER}\noptions timeout:1 attempts:2\n")
        return server

    def test_the_hosts_of_aws_by_dns(self):
        """No endpoint is set: AWS's own names and port 443."""
        names = self.start_name_server(dict.fromkeys(AWS_NAMES, HTTPS_SERVER))
        try:
            forwarder = Forwarder(HTTPS_SERVER, self.tls.port)
        except OSError as error:
            self.skipTest(f"a server can't listen at {HTTPS_SERVER}:443: {error}")
        self.addCleanup(forwarder.stop)
        self.root.put(DEBIAN_PLACE, self.bundle)
        self.start(AWS_ENDPOINT_URL=None)
        self.census_once()
        self.census_once([A])
        self.assertEqual({name for name, kind in names.asked if kind == TYPE_A}, set(AWS_NAMES))
        self.assertEqual(self.server.calls, [])
        self.end()

    def test_a_name_that_does_not_exist(self):
        names = self.start_name_server({})
        self.start(AWS_ENDPOINT_URL="https://nowhere.test")
        self.refuse({}, "nowhere.test")
        self.assertIn(("nowhere.test", TYPE_A), names.asked)
        self.end()


class WithSimulator:
    """The simulator is AWS and the Runtime API: its CSV is that of a run of the command line program."""

    arch = None

    def test_the_csv_lands_in_s3(self):
        if not os.access(simulator.binary(), os.X_OK):
            self.skipTest(f"there is no simulator at {simulator.binary()}")
        root = empty_root(self.home, self.arch)
        command = root.command()
        with simulator.Simulator("--accounts", 12, "--users", 15) as aws:
            accounts = [each["id"] for each in aws.active()]
            settings = {**self.environment(), "AWS_ENDPOINT_URL": aws.url, "AWS_REGION": simulator.REGION,
                        "ROLE_NAME": simulator.ROLE, "AWS_ACCESS_KEY_ID": simulator.CALLER_KEY,
                        "AWS_SECRET_ACCESS_KEY": simulator.CALLER_SECRET}
            wanted = self.collect("--accounts", ",".join(accounts), "--output", "cli.csv", env=settings)
            self.assert_code(wanted, 0)
            env = census.environment(self.home, AWS_LAMBDA_RUNTIME_API=f"127.0.0.1:{aws.port}", S3_BUCKET_NAME=BUCKET,
                                     ORGANIZATION_ID="o-simulated01", CHILD_ACCOUNT_IDS=",".join(accounts), **settings)
            with census.Started(command[1:], env, self.work, program=command[0]) as function:
                for _ in range(2):
                    answer = aws.control("invoke?deadline_ms=60000", "POST", b"{}", timeout=90)
                    result = self.document_of(answer)
                    self.assertEqual(result["successful_accounts"], accounts)
                    _, _, bucket, key = result["output"].split("/", 3)
                    stored = aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
                    self.assertEqual(without_ages(stored), without_ages((self.work / "cli.csv").read_bytes()))
                    self.assertGreater(result["rows"], 20)
                function.terminate()
                self.assert_code(function.finish(5), 0)
            self.assertEqual(root.files(), sorted(word.lstrip("/") for word in root.inside))

    def document_of(self, answer):
        outer = json.loads(answer)
        self.assertEqual(outer["statusCode"], 200, answer)
        return json.loads(outer["body"])


class ColdStart(Case):
    """How much CPU the program takes until it asks for its first event, its end included."""

    def test_under_ten_milliseconds(self):
        arch = {"x86_64": "x86_64", "aarch64": "arm64"}.get(platform.machine())
        root = empty_root(self.home, arch)
        root.put(DEBIAN_PLACE, pathlib.Path("/etc/ssl/certs/ca-certificates.crt").read_bytes())
        seconds = [self.start_once(root.command()) for _ in range(START_RUNS)]
        print(f"\n  CPU until the first 'next', milliseconds: {[round(each * 1000, 1) for each in seconds]}")
        self.assertLess(min(seconds), START_CPU_SECONDS)

    def start_once(self, command):
        """chroot's own share is in it too: the least of several runs is still an upper bound."""
        api = RuntimeApi().start()
        self.addCleanup(api.stop)
        env = census.environment(self.home, AWS_LAMBDA_RUNTIME_API=api.address, AWS_REGION=REGION)
        pid = os.posix_spawn(command[0], command, env, file_actions=[
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)])
        try:
            self.assertTrue(api.asked.wait(20), "the function never asked for an invocation")
        finally:
            os.kill(pid, 15)
            _, status, usage = os.wait4(pid, 0)
        self.assertEqual(status, 0)
        return usage.ru_utime + usage.ru_stime


class ZipX86(Zip, unittest.TestCase):
    arch = "x86_64"


class ZipArm64(Zip, unittest.TestCase):
    arch = "arm64"


class X86(InEmptyRoot, ScriptedCase):
    arch = "x86_64"


class Arm64(InEmptyRoot, ScriptedCase):
    arch = "arm64"


class SimulatorX86(WithSimulator, Case):
    arch = "x86_64"


class SimulatorArm64(WithSimulator, Case):
    arch = "arm64"


if __name__ == "__main__":
    unittest.main()
