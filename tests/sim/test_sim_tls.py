# SPDX-License-Identifier: MIT
"""The simulator speaks TLS: boto3 and the program through it, their handshakes, and whom they do not trust."""

import json
import os
import pathlib
import shutil
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request

import census
import certificates
import simulator

ACCOUNTS, USERS, CONNECTIONS = 10, 20, 16


@unittest.skipUnless(certificates.can_be_made(), "there is no openssl command to make certificates with")
class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = pathlib.Path(tempfile.mkdtemp(prefix="iam-census-sim-tls-"))
        cls.addClassCleanup(shutil.rmtree, cls.home)
        pair = certificates.authority(cls.home, "authority")
        key, certificate = certificates.server(cls.home, "server", pair)
        cls.bundle = pair[1]
        cls.sim = simulator.Simulator("--accounts", ACCOUNTS, "--users-exact", USERS, "--all-active", "--latency-ms", 5,
                                      "--certificate", certificate, "--key", key).start()
        cls.addClassCleanup(cls.sim.stop)
        cls.url = cls.sim.url.replace("http:", "https:")

    def control(self, path, body=None):
        context = ssl.create_default_context(cafile=self.bundle)
        with urllib.request.urlopen(f"{self.url}/_sim/{path}", data=body, context=context, timeout=20) as answer:
            return json.loads(answer.read())

    def collect(self, bundle):
        env = {"PATH": os.environ["PATH"], "HOME": str(self.home), "AWS_REGION": simulator.REGION, "AWS_ENDPOINT_URL": self.url,
               "AWS_ACCESS_KEY_ID": simulator.CALLER_KEY, "AWS_SECRET_ACCESS_KEY": simulator.CALLER_SECRET,
               "AWS_CA_BUNDLE": str(bundle)}
        return subprocess.run([census.binary(), "collect", "--role-name", simulator.ROLE, "--strategy", "per-user", "--json",
                               "--max-connections", str(CONNECTIONS), "--output", "o.csv"], env=env, cwd=self.home,
                              capture_output=True, timeout=120, check=False)

    def test_a_client_of_aws(self):
        try:
            import boto3  # noqa: F401
        except ImportError:
            self.skipTest("Python has no boto3")
        from botocore.exceptions import SSLError
        os.environ["AWS_CA_BUNDLE"] = str(self.bundle)
        self.addCleanup(os.environ.pop, "AWS_CA_BUNDLE")
        organization = simulator.client_for(self.url, "organizations")
        self.assertEqual(len(organization.get_paginator("list_accounts").paginate().build_full_result()["Accounts"]), ACCOUNTS)
        os.environ["AWS_CA_BUNDLE"] = "/etc/ssl/certs/ca-certificates.crt"
        with self.assertRaises(SSLError):
            simulator.client_for(self.url, "sts").get_caller_identity()

    def test_the_program(self):
        """It opens no more connections than it may, each with one handshake, and most resume a session."""
        before = self.control("counters")
        run = self.collect(self.bundle)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(json.loads(run.stdout)["rows"], ACCOUNTS * USERS)
        after = self.control("counters")
        opened, handshakes, resumed = (after[name] - before[name] for name in ("connections", "handshakes", "handshakes_resumed"))
        opened, handshakes = opened - 1, handshakes - 1  # the connection of the last question
        self.assertLessEqual(opened, CONNECTIONS)
        self.assertEqual(handshakes, opened)
        self.assertGreater(resumed, opened / 2)

    def test_the_authorities_are_read_once(self):
        """Not again for each connection. The file is a pipe, so that whoever writes into it can count."""
        pipe, ended, reads = self.home / "bundle", threading.Event(), []
        os.mkfifo(pipe)

        def write():
            while True:
                with open(pipe, "wb") as file:  # waits until somebody reads
                    if ended.is_set():
                        return
                    reads.append(file.write(self.bundle.read_bytes()))
                time.sleep(0.5)  # the reader must see the end before the pipe is opened again

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        run = self.collect(pipe)
        ended.set()
        time.sleep(0.6)  # the writer waits for a reader again
        os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK))
        writer.join(10)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(len(reads), 1)

    def test_an_authority_that_is_not_trusted(self):
        (self.home / "o.csv").unlink(missing_ok=True)
        run = self.collect("/etc/ssl/certs/ca-certificates.crt")
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertIn(b"certificate", run.stderr)
        self.assertFalse((self.home / "o.csv").exists())

    def test_files_that_are_not_there(self):
        missing = str(self.home / "missing.pem")
        for more, words in ((("--certificate", missing, "--key", missing), "cannot read"), (("--key", missing), "needed together")):
            done = subprocess.run([simulator.binary(), *more], capture_output=True, timeout=20, text=True, check=False)
            self.assertEqual(done.returncode, 1, done)
            self.assertIn(words, done.stderr)


if __name__ == "__main__":
    unittest.main()
