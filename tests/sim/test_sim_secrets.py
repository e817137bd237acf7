# SPDX-License-Identifier: MIT
"""Where session tokens and keys lie while a census runs: all of its memory is searched, and whatever it writes.

The simulator's session tokens begin alike and hold the number of their account, so that every copy tells whose it is.
"""

import base64
import collections
import datetime
import json
import multiprocessing
import os
import pathlib
import re
import resource
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

import census
import certificates
import process_memory
import recorder
import simulator
from test_sim_census import SimCensus

ACCOUNTS, SLOW = 12, 11
TOKEN = re.compile(rb"IQoJb3JpZ2luX2Vj[A-Za-z0-9+/]{16,}")
CALLER = (simulator.CALLER_KEY.encode(), simulator.CALLER_SECRET.encode(), None)
LEAST_SECRET = simulator.CALLER_SECRET.encode()
CORES = unittest.skipUnless(pathlib.Path("/proc/sys/kernel/core_pattern").read_text().strip() == "core"
                            and resource.getrlimit(resource.RLIMIT_CORE)[1] != 0,
                            "this machine writes no core files into the folder of a process")
NOBODY = 65534
PIECE = 16
# A credential_process that keeps what it was given. Keys that end soon are asked for again, while sockets, files and sessions are there.
CHILD = """#!{python}
import datetime, json, os, pathlib
seen = pathlib.Path({folder!r}) / str(os.getpid())
seen.mkdir()
(seen / "descriptors").write_text(" ".join(sorted(fd for fd in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{{fd}}"))))
for name in ("environ", "cmdline"):
    (seen / name).write_bytes(pathlib.Path(f"/proc/self/{{name}}").read_bytes())
soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
print(json.dumps({document!r} | {{"Expiration": soon.strftime("%Y-%m-%dT%H:%M:%SZ")}}))
"""
SHELLS_OWN = (b"PWD=", b"OLDPWD=", b"SHLVL=", b"_=")


def account_of(token):
    """The number of the account that a token is of; None if what is left of it does not say."""
    text = base64.b64decode(token[:len(token) // 4 * 4]).decode("latin-1")
    found = re.search(r"\|(\d+)\|", text)
    return int(found[1]) if found else None


def allow_cores():
    """The caller's limit is no reason that there is no core file."""
    most = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))


def pieces(value, sessions):
    """About a dozen parts of a key or token that no other session has, for a copy that is overwritten in part."""
    every = b" ".join(b" ".join(session) for session in sessions)
    starts = range(0, len(value) - PIECE + 1, max(PIECE // 2, len(value) // 12))
    found = [each for each in (value[start:start + PIECE] for start in starts) if every.count(each) == 1]
    assert len(found) > 2, "a key or token with no part of its own"
    return found


def become_nobody():
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def opens_memory_of_child(command, env):
    """True if the memory of a program that has begun to speak can be opened by its parent."""
    with subprocess.Popen(command, env={"PATH": "/usr/bin:/bin", **env}, cwd="/", stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE) as child:
        try:
            assert child.stderr.read(1), f"{command} says nothing"
            with open(f"/proc/{child.pid}/mem", "rb"):
                return True
        except PermissionError:
            return False
        finally:
            child.kill()


def tokens_in(pid):
    """How many copies of tokens of each account there are."""
    found = collections.Counter()
    for _, content in process_memory.mappings(pid):
        found.update(account_of(match[0]) for match in TOKEN.finditer(content))
    return found


@unittest.skipIf("asan" in census.binary(), "a sanitizer keeps what is freed")
class Memory(SimCensus):
    def slow_census(self, sim, *more, **variables):
        env = {"PATH": "/usr/bin:/bin", "HOME": str(self.work), "AWS_REGION": simulator.REGION, "AWS_ENDPOINT_URL": sim.url,
               "AWS_ACCESS_KEY_ID": simulator.CALLER_KEY, "AWS_SECRET_ACCESS_KEY": simulator.CALLER_SECRET,
               **process_memory.readable(self.home), **variables}
        self.out, self.err = (self.work / name for name in ("stdout", "stderr"))
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            process = subprocess.Popen([census.binary(), "collect", "--role-name", simulator.ROLE, "--log-level", "debug", "--json",
                                        "--max-connections", "8", "--output", "out.csv", *more], env=env, cwd=self.work, stdout=out,
                                       stderr=err, preexec_fn=allow_cores)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def all_but_one_are_over(self, sim):
        """Waits until nothing but the slow account's calls is under way."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            before = sim.counters()["requests"]
            time.sleep(0.5)
            if sim.counters()["requests"] == before > ACCOUNTS:
                return
        self.fail("the census does not come to rest")

    def slow(self, latency_ms, *more):
        return self.simulator("--accounts", ACCOUNTS, "--users-exact", 3, "--all-active", *more, scenario={"rules": [
            {"accounts": [f"#{SLOW}"], "actions": "iam:*", "latency_ms": latency_ms}]})

    def test_tokens_of_accounts_that_are_over(self):
        """They are nowhere; of the account that is being read there is one that is kept, and two for each call under way."""
        for strategy in ("per-user", "bulk"):
            with self.subTest(strategy=strategy):
                sim = self.slow(60000)
                process = self.slow_census(sim, "--strategy", strategy)
                self.all_but_one_are_over(sim)
                found = tokens_in(process.pid)
                process.kill()
                process.wait()
                self.assertEqual(set(found), {SLOW}, found)
                under_way = sim.counters()["in_flight"]
                self.assertLessEqual(found[SLOW], 1 + 2 * max(under_way, 8), found)

    @unittest.skipUnless(certificates.can_be_made(), "there is no openssl command to make certificates with")
    def test_tokens_through_tls(self):
        """Nor do libcurl's buffers and OpenSSL's records keep any, once their request is answered."""
        authority = certificates.authority(self.work, "authority")
        key, certificate = certificates.server(self.work, "server", authority)
        sim = self.slow(60000, "--certificate", certificate, "--key", key)
        process = self.slow_census(sim, AWS_CA_BUNDLE=str(authority[1]), AWS_ENDPOINT_URL=sim.url.replace("http:", "https:"))
        deadline = time.monotonic() + 20
        found = {}
        while set(found) != {SLOW} and time.monotonic() < deadline:
            time.sleep(1)
            found = tokens_in(process.pid)
        process.kill()
        self.assertEqual(set(found), {SLOW}, found)

    def heard_and_found(self, sim, context, *more, **variables):
        """What a census leaves in its memory while one account is read: how many copies of what, by whose it is; and how many
        requests may be under way by what is there of them."""
        # STS has connections of its own, as with AWS: what it said last is followed by nothing of another service.
        with recorder.Recorder(sim.port, context) as heard, recorder.Recorder(sim.port, context) as sts:
            process = self.slow_census(sim, *more, AWS_ENDPOINT_URL=heard.url, AWS_ENDPOINT_URL_STS=sts.url, **variables)
            self.all_but_one_are_over(sim)
            memory = [content for _, content in process_memory.mappings(process.pid)]
            self.assertGreater(sts.open(), 0, "the connections to STS are closed")
            process.kill()
            process.wait()
            sessions, signatures = sts.sessions(), heard.signatures() + sts.signatures()
        self.assertEqual(len(sessions), ACCOUNTS)
        found = collections.Counter()
        for session in [*sessions, CALLER]:
            whose = "caller" if session is CALLER else "slow" if account_of(session[2]) == SLOW else "over"
            for kind, value in recorder.secrets_of(session, signatures):
                found[whose, kind] += sum(content.count(value) for content in memory)
                if whose == "over" and kind in ("secret", "token"):
                    found[whose, f"piece of a {kind}"] += sum(content.count(each) for each in pieces(value, sessions)
                                                              for content in memory)
        found = {place: count for place, count in found.items() if count}
        under_way = max(found.pop(("slow", "signature"), 0), found.pop(("slow", "token"), 1) - 1)
        return found, under_way

    # One of the caller's two secrets is the environment, which the caller has made.
    NEEDED = {("slow", "secret"): 1, ("slow", "kSigning"): 1, ("caller", "secret"): 2, ("caller", "kSigning"): 1}

    def test_what_is_derived_of_keys(self):
        """Of an account that is over there is no key, derived key or signature; of the one that is read, what signs the next call."""
        for strategy in ("per-user", "bulk"):
            with self.subTest(strategy=strategy):
                found, under_way = self.heard_and_found(self.slow(60000), None, "--strategy", strategy)
                self.assertLessEqual(under_way, 2 * 8)
                self.assertEqual(found, self.NEEDED)

    @unittest.skipUnless(certificates.can_be_made(), "there is no openssl command to make certificates with")
    def test_what_is_derived_of_keys_through_tls(self):
        """The same, in either version: what OpenSSL has sent and received it has wiped."""
        authority = certificates.authority(self.work, "authority")
        key, certificate = certificates.server(self.work, "server", authority)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            for strategy in ("per-user", "bulk"):
                with self.subTest(version=version.name, strategy=strategy):
                    context.minimum_version = context.maximum_version = version
                    found, under_way = self.heard_and_found(self.slow(60000), context, "--strategy", strategy,
                                                            AWS_CA_BUNDLE=str(authority[1]))
                    self.assertLessEqual(under_way, 2 * 8)
                    self.assertEqual(found, self.NEEDED)

    def test_the_callers_secret_lies_where_it_is_needed(self):
        """Beside the environment, which the caller has made, there is one copy: the one that signs."""
        sim = self.slow(60000)
        process = self.slow_census(sim)
        self.all_but_one_are_over(sim)
        places = [name for name, content in process_memory.mappings(process.pid) for _ in re.finditer(LEAST_SECRET, content)]
        limits = pathlib.Path(f"/proc/{process.pid}/limits").read_text()
        arguments = pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes()
        process.kill()
        process.wait()
        self.assertIn("[stack]", places)
        self.assertEqual(len([place for place in places if place != "[stack]"]), 1, places)
        self.assertRegex(limits, r"Max core file size +0 +0")
        self.assertNotIn(LEAST_SECRET, arguments)

    def ended_by(self, number, sim, **variables):
        """How the kernel tells the end of a census that a signal ends while one account is read: CLD_DUMPED if it made a core of
        it, wherever that went."""
        process = self.slow_census(sim, **variables)
        self.all_but_one_are_over(sim)
        process.send_signal(number)
        told = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        self.assertEqual((process.wait(30), told.si_status), (-number, number))
        return told.si_code

    def test_no_core_file(self):
        for number in (signal.SIGABRT, signal.SIGQUIT, signal.SIGSEGV):
            with self.subTest(number=number.name):
                self.assertEqual(self.ended_by(number, self.slow(60000), LD_PRELOAD=""), os.CLD_KILLED)
                self.assertEqual(list(self.work.glob("core*")), [])

    def test_memory_is_not_for_the_same_user(self):
        """Nor is it for a parent, without the right to trace every process."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="iam-census-nobody-"))
        self.addCleanup(shutil.rmtree, folder)
        folder.chmod(0o755)
        program = shutil.copy(census.binary(), folder / "iam-census")
        env = {"AWS_REGION": simulator.REGION, "AWS_ENDPOINT_URL": self.slow(60000).url,
               "AWS_ACCESS_KEY_ID": simulator.CALLER_KEY, "AWS_SECRET_ACCESS_KEY": simulator.CALLER_SECRET}
        command = [program, "collect", "--role-name", simulator.ROLE, "--log-level", "debug", "--output", "-"]
        # A process of its own that becomes nobody; 'sleep' is a program as any other.
        with multiprocessing.get_context("fork").Pool(1, become_nobody) as another:
            if not another.apply(opens_memory_of_child, (["sh", "-c", "echo >&2; exec sleep 60"], env)):
                self.skipTest("this kernel lets nobody read the memory of a child")
            self.assertFalse(another.apply(opens_memory_of_child, (command, env)))

    @CORES
    def test_what_is_in_a_core_file(self):
        """If one is forced, it has the secrets of the account that is read, and of no other."""
        sim = self.slow(60000)
        with recorder.Recorder(sim.port) as heard:
            ended = self.ended_by(signal.SIGABRT, sim, AWS_ENDPOINT_URL=heard.url,
                                  LD_PRELOAD=process_memory.library(self.home, process_memory.LET_CORES_BE))
            sessions, signatures = heard.sessions(), heard.signatures()
        self.assertEqual(ended, os.CLD_DUMPED)
        core, = self.work.glob("core*")
        content = core.read_bytes()
        core.unlink()
        found = collections.Counter()
        for session in sessions:
            for kind, value in recorder.secrets_of(session, signatures):
                found[account_of(session[2]) == SLOW, kind] += content.count(value)
        self.assertEqual(len(sessions), ACCOUNTS)
        self.assertEqual({kind: count for (slow, kind), count in found.items() if not slow and count}, {})
        self.assertEqual((found[True, "secret"], found[True, "kSigning"]), (1, 1))
        # The environment is in it, which the caller has made.
        self.assertLessEqual(content.count(LEAST_SECRET), 2)

    def test_children(self):
        """A child gets our environment as it is, three descriptors, and nothing that was fetched meanwhile."""
        # More accounts than connections: the last roles are assumed after the first keys have ended.
        sim = self.simulator("--accounts", ACCOUNTS, "--users-exact", 3, "--all-active", scenario={"rules": [
            {"actions": "sts:AssumeRole", "latency_ms": 2500}]})
        seen = self.home / "children"
        seen.mkdir()
        script = self.home / "keys"
        document = {"Version": 1, "AccessKeyId": simulator.CALLER_KEY, "SecretAccessKey": simulator.CALLER_SECRET}
        script.write_text(CHILD.format(python=sys.executable, folder=str(seen), document=document))
        script.chmod(0o755)
        config = self.home / "config"
        config.write_text(f"[profile made]\ncredential_process = {script} argument\n")
        with recorder.Recorder(sim.port) as heard:
            process = self.slow_census(sim, "--profile", "made", AWS_ENDPOINT_URL=heard.url, AWS_CONFIG_FILE=str(config),
                                       AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
            environment = pathlib.Path(f"/proc/{process.pid}/environ").read_bytes()
            self.assertEqual(process.wait(60), 0, self.err.read_text())
            sessions = heard.sessions()
        children = list(seen.iterdir())
        self.assertGreater(len(children), 1)
        for child in children:
            theirs = {each for each in (child / "environ").read_bytes().split(b"\0") if not each.startswith(SHELLS_OWN)}
            self.assertEqual(theirs, set(environment.split(b"\0")))
            self.assertEqual((child / "cmdline").read_bytes().split(b"\0")[1:3], [bytes(script), b"argument"])
            self.assertEqual((child / "descriptors").read_text().split(), ["0", "1", "2"])
            said = b"".join(path.read_bytes() for path in child.iterdir())
            for _, secret, token in sessions:
                self.assertNotIn(secret, said)
                self.assertNotIn(token, said)

    def test_what_is_written(self):
        """At the level that says most, with findings and in every format, no token and no key is written."""
        sim = self.slow(5)
        for more in (("--columns", "full", "--findings", "findings.jsonl", "--accounts-file", "accounts.csv"),
                     ("--log-format", "json", "--format", "jsonl"), ("--strategy", "bulk", "--no-session-policy")):
            process = self.slow_census(sim, *more)
            self.assertIn(process.wait(60), (0, 3))
            json.loads(self.out.read_bytes())
            for path in self.work.iterdir():
                content = path.read_bytes() if path.is_file() else b""
                self.assertNotRegex(content, TOKEN)
                self.assertNotIn(LEAST_SECRET, content)


if __name__ == "__main__":
    unittest.main()
