# SPDX-License-Identifier: MIT
"""iam-census-sim as a process of its own, boto3 clients for it, and the world that it dumps."""

import datetime
import json
import os
import pathlib
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
CALLER_KEY = "AKIASIMULATEDCALLER0"
CALLER_SECRET = "simulated-secret"
CALLER = {"AccessKeyId": CALLER_KEY, "SecretAccessKey": CALLER_SECRET}
REGION = "us-east-1"
ROLE = "CensusRole"
START_SECONDS = 60
STOP_SECONDS = 30
# the clock of all worlds: those of the same seed are the same, and their credential reports are young
NOW = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:00Z")
SANITIZER_MARKS = ("AddressSanitizer", "LeakSanitizer", "runtime error:")


def binary():
    return str(pathlib.Path(os.environ.get("IAM_CENSUS_SIM") or ROOT / "build/release/iam-census-sim").resolve())


def run_or_skip(main):
    """Ends the process with the status of main(); if Python has no boto3, as skipped (77, as CTest wants it)."""
    try:
        import boto3  # noqa: F401
    except ImportError:
        print("SKIPPED: Python has no boto3 ('scripts/setup test' installs it)")
        sys.exit(77)
    sys.exit(main())


def client_for(url, service, credentials=None, region=REGION, bundle=None, **settings):
    """A boto3 client that never retries, so that a test sees each answer. bundle: the authorities that it trusts."""
    # here, for what only starts a simulator needs no boto3
    import boto3
    from botocore.config import Config
    given = credentials or CALLER
    options = {"retries": {"max_attempts": 1, "mode": "standard"}, "s3": {"addressing_style": "path"}}
    return boto3.client(service, region_name=region, endpoint_url=url, aws_access_key_id=given["AccessKeyId"],
                        aws_secret_access_key=given["SecretAccessKey"], aws_session_token=given.get("SessionToken"), verify=bundle,
                        config=Config(**{**options, **settings}))


class Simulator:
    """Leaving the block, or stop(), ends it; an end that is not clean is an error.

    world, scenario: documents that are written to files for it; arguments: more of its options. tls: a certificate, its key,
    and the authority that has signed it: it speaks TLS.
    """

    def __init__(self, *arguments, world=None, scenario=None, prefix=(), tls=None):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="iam-census-sim-test-"))
        self.prefix = list(prefix)
        self.arguments = ["--now", NOW, *map(str, arguments)]
        for name, document in (("world", world), ("scenario", scenario)):
            if document is not None:
                path = self.home / f"{name}.json"
                path.write_text(json.dumps(document, ensure_ascii=False))
                self.arguments += [f"--{name}", str(path)]
        self.bundle = tls and str(tls[2])
        if tls:
            self.arguments += ["--certificate", str(tls[0]), "--key", str(tls[1])]
        self.process = None
        self.url = None
        self._dump = None

    def start(self):
        port_file = self.home / "port"
        self.stderr = open(self.home / "stderr", "wb+")
        command = [*self.prefix, binary(), "--port-file", str(port_file), *self.arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.stderr)
        deadline = time.monotonic() + START_SECONDS
        while not port_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                said = self.said()
                self.stop(check=False)
                raise AssertionError(f"the simulator did not start: {said}")
            time.sleep(0.005)
        self.port = int(port_file.read_text())
        self.url = f"http{'s' if self.bundle else ''}://127.0.0.1:{self.port}"
        return self

    def said(self):
        return (self.home / "stderr").read_text(errors="replace")

    def stop(self, check=True):
        process, self.process = self.process, None
        try:
            if process and process.poll() is None:
                process.terminate()
                try:
                    process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            if process:
                self.stderr.close()
            if process and check:
                said = self.said()
                assert process.returncode == 0, f"the simulator ended with {process.returncode}: {said}"
                assert not any(mark in said for mark in SANITIZER_MARKS), said
        finally:
            shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, *rest):
        self.stop(check=kind is None)

    @property
    def dump(self):
        """The world as --dump-world prints it: what every answer is compared with."""
        if self._dump is None:
            done = subprocess.run([binary(), *self.arguments, "--dump-world"], capture_output=True, timeout=60, check=True)
            self._dump = json.loads(done.stdout)
        return self._dump

    def account(self, account_id):
        return next(each for each in self.dump["accounts"] if each["id"] == account_id)

    def active(self):
        return [each for each in self.dump["accounts"] if each["state"] == "ACTIVE"]

    def client(self, service, credentials=None, **options):
        return client_for(self.url, service, credentials, bundle=self.bundle, **options)

    def assume(self, account_id, role=ROLE, **options):
        """The credentials of a new session in the account."""
        partition = self.dump["partition"] if self._dump else "aws"
        return self.client("sts").assume_role(RoleArn=f"arn:{partition}:iam::{account_id}:role/{role}",
                                              RoleSessionName="test", **options)["Credentials"]

    def inside(self, account_id, service="iam", **options):
        return self.client(service, self.assume(account_id), **options)

    def control(self, path, method="GET", body=None, timeout=30):
        request = urllib.request.Request(f"{self.url}/_sim/{path}", method=method, data=body)
        context = ssl.create_default_context(cafile=self.bundle) if self.bundle else None
        return urllib.request.urlopen(request, timeout=timeout, context=context).read()

    def counters(self):
        return json.loads(self.control("counters"))

    def calls(self, action):
        """Calls of 'iam:ListUsers' so far."""
        return self.counters()["actions"].get(action, {"calls": 0})["calls"]

    def reset(self):
        self.control("reset", "POST", b"")

    def rss_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
