# SPDX-License-Identifier: MIT
"""What a review once found broken: secrets in texts of others, interrupts, few descriptors, a busy organization."""

import json
import signal
import subprocess
import tempfile
import time
import unittest

import census
import simulator

SECRET = "pa55word-of-the-proxy"
TOKEN = "IQoJb3JpZ2luX2VjSECRETTOKEN"


def variables(sim, **more):
    return {"AWS_ENDPOINT_URL": sim.url, "AWS_REGION": simulator.REGION, "AWS_ACCESS_KEY_ID": simulator.CALLER_KEY,
            "AWS_SECRET_ACCESS_KEY": simulator.CALLER_SECRET, **more}


class Guards(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = folder.name

    def simulator(self, *arguments, **documents):
        sim = simulator.Simulator(*arguments, **documents).start()
        self.addCleanup(sim.stop)
        return sim

    def environment(self, sim, **more):
        return census.environment(self.home, **variables(sim, **more))

    def collect(self, sim, *arguments, **more):
        return census.run(["collect", "--role-name", simulator.ROLE, *arguments], self.environment(sim, **more),
                          self.home)

    def test_a_proxy_that_cannot_be_read_keeps_its_password(self):
        sim = self.simulator("--accounts", 2, "--users", 2)
        for value in (f"http://user:{SECRET}@[::1", f"http://user:{SECRET}@host:99999999", f"foo://user:{SECRET}@host:1"):
            with self.subTest(value=value):
                run = self.collect(sim, "--output", "o.csv", "--log-level", "debug", "--connect-timeout", "1",
                                   http_proxy=value, HTTPS_PROXY=value)
                self.assertNotEqual(run.code, 0, run)
                self.assertNotIn(SECRET, run.err + run.out.decode())

    def test_a_refused_signature_does_not_repeat_the_token(self):
        text = ("The request signature we calculated does not match the signature you provided.\n\nThe Canonical String "
                f"for this request should have been\n'POST\n/\n\nx-amz-security-token:{TOKEN}\n'")
        rule = {"actions": ["ListUsers"], "fault": "error", "status": 403, "code": "SignatureDoesNotMatch", "message": text}
        sim = self.simulator("--accounts", 3, "--users", 2, scenario={"rules": [rule]})
        run = self.collect(sim, "--output", "o.csv", "--strategy", "per-user", "--json", "--log-level", "debug")
        self.assertEqual(run.code, 1, run)
        self.assertIn("SignatureDoesNotMatch", run.err)
        self.assertNotIn(TOKEN, run.err + run.out.decode())

    def interrupt(self, times):
        slow = {"actions": ["UploadPart"], "latency_ms": {"median": 60000, "p99": 60000}}
        sim = self.simulator("--accounts", 60, "--users-exact", 300, "--all-active", scenario={"rules": [slow]})
        arguments = ["collect", "--role-name", simulator.ROLE, "--s3-bucket", "census"]
        with census.Started(arguments, self.environment(sim), self.home) as started:
            deadline = time.monotonic() + 60
            while not sim.client("s3").list_multipart_uploads(Bucket="census").get("Uploads"):
                self.assertLess(time.monotonic(), deadline, "no upload was begun")
                time.sleep(0.1)
            for _ in range(times):
                started.process.send_signal(signal.SIGINT)
                time.sleep(0.5)
            run = started.finish(20)
        return sim, run

    def test_a_second_interrupt_leaves_no_upload(self):
        sim, run = self.interrupt(2)
        self.assertEqual(run.code, 1, run)
        s3 = sim.client("s3")
        self.assertNotIn("Uploads", s3.list_multipart_uploads(Bucket="census"))
        self.assertNotIn("Contents", s3.list_objects_v2(Bucket="census"))

    def test_more_connections_than_descriptors(self):
        sim = self.simulator("--accounts", 60, "--users", 5, "--all-active", "--latency-ms", 50)
        command = ["prlimit", "--nofile=128:4096", census.binary(), "collect", "--role-name", simulator.ROLE,
                   "--max-connections", "400", "--strategy", "per-user", "--output", "o.csv"]
        run = subprocess.run(command, env=self.environment(sim), cwd=self.home, capture_output=True, timeout=60, check=False)
        self.assertEqual(run.returncode, 0, run)
        self.assertIn(b"60 complete, 0 partial, 0 failed", run.stdout)

    def test_fewer_descriptors_than_connections_need(self):
        """If the limit can't be raised there are fewer connections, with a warning, and no call fails for it."""
        sim = self.simulator("--accounts", 40, "--users", 20, "--all-active", "--latency-ms", 100)
        command = ["prlimit", "--nofile=224:224", census.binary(), "collect", "--role-name", simulator.ROLE, "--json",
                   "--max-connections", "1024", "--strategy", "per-user", "--output", "o.csv"]
        run = subprocess.run(command, env=self.environment(sim), cwd=self.home, capture_output=True, timeout=120, check=False)
        self.assertEqual(run.returncode, 0, run)
        document = json.loads(run.stdout)
        self.assertEqual((document["retries"], len(document["successful_accounts"])), (0, 40))
        warning, = [line for line in run.stderr.decode().splitlines() if "fewer connections" in line]
        self.assertIn("wanted=1024 connections=64 open_files=224", warning)
        self.assertLessEqual(sim.counters()["in_flight_most"], 64)

    def most_memory_kib(self, sim, *more, seconds=60):
        """The most that a census has held, of at most so many seconds of it."""
        command = [census.binary(), "collect", "--role-name", simulator.ROLE, *map(str, more), "--output", "o.csv"]
        process = subprocess.Popen(command, env=self.environment(sim), cwd=self.home, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        most = 0
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and process.poll() is None:
            with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
                most = max([most] + [int(line.split()[1]) for line in status if line.startswith("VmHWM")])
            time.sleep(0.05)
        process.kill()
        process.wait()
        self.assertGreater(most, 0)
        return most

    def test_memory_where_every_account_is_throttled(self):
        sim = self.simulator("--accounts", 400, "--users-exact", 20, "--all-active", "--rate", 2, "--burst", 2)
        most = self.most_memory_kib(sim, "--strategy", "per-user", seconds=8)
        if "asan" not in census.binary():
            self.assertLess(most, 80 * 1024, "KiB")

    @unittest.skipIf("asan" in census.binary(), "a sanitizer needs memory of its own")
    def test_memory_where_every_account_is_large(self):
        """There are connections for all of them at once, but only as many are read as memory allows."""
        sim = self.simulator("--accounts", 20, "--users-exact", 3000, "--all-active", "--latency-ms", 5)
        most = self.most_memory_kib(sim, "--strategy", "bulk", "--max-connections", 512)
        self.assertLess(most, 64 * 1024, "KiB")


if __name__ == "__main__":
    unittest.main()
