# SPDX-License-Identifier: MIT
"""Where session tokens and keys lie while a census runs: all of its memory is searched, and whatever it writes.

The simulator's session tokens begin alike and hold the number of their account, so that every copy tells whose it is.
"""

import base64
import collections
import json
import os
import pathlib
import re
import subprocess
import time
import unittest

import census
import certificates
import simulator
from test_sim_census import SimCensus

ACCOUNTS, SLOW = 12, 11
TOKEN = re.compile(rb"IQoJb3JpZ2luX2Vj[A-Za-z0-9+/]{16,}")
# A piece of a token that is not its beginning: of 'origin_ec|NUMBER|ROLE|'.
READABLE = f"|{simulator.ROLE}|"
LEAST_SECRET = simulator.CALLER_SECRET.encode()


def writable_memory(pid):
    """(name of the mapping, its bytes) of all that the process may write to."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps:
            found = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw\S+ \S+ \S+ \S+ *(.*)", line)
            if not found or found[3].startswith("[v"):
                continue
            start, end = int(found[1], 16), int(found[2], 16)
            memory.seek(start)
            yield found[3] or "anonymous", memory.read(end - start)


def account_of(token):
    """The number of the account that a token is of; None if what is left of it does not say."""
    text = base64.b64decode(token[:len(token) // 4 * 4]).decode("latin-1")
    found = re.search(r"\|(\d+)\|", text)
    return int(found[1]) if found else None


def tokens_in(pid):
    """How many copies of tokens of each account there are."""
    found = collections.Counter()
    for _, content in writable_memory(pid):
        found.update(account_of(match[0]) for match in TOKEN.finditer(content))
    return found


@unittest.skipIf(os.getuid() != 0, "only root may read the memory of a process that forbids it")
@unittest.skipIf("asan" in census.binary(), "a sanitizer keeps what is freed")
class Memory(SimCensus):
    def slow_census(self, sim, *more, **variables):
        env = {"PATH": "/usr/bin:/bin", "HOME": str(self.work), "AWS_REGION": simulator.REGION, "AWS_ENDPOINT_URL": sim.url,
               "AWS_ACCESS_KEY_ID": simulator.CALLER_KEY, "AWS_SECRET_ACCESS_KEY": simulator.CALLER_SECRET, **variables}
        self.out, self.err = (self.work / name for name in ("stdout", "stderr"))
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            process = subprocess.Popen([census.binary(), "collect", "--role-name", simulator.ROLE, "--log-level", "debug", "--json",
                                        "--max-connections", "8", "--output", "out.csv", *more], env=env, cwd=self.work, stdout=out, stderr=err)
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

    def test_the_callers_secret_lies_where_it_is_needed(self):
        """Beside the environment, which the caller has made, there is one copy: the one that signs."""
        sim = self.slow(60000)
        process = self.slow_census(sim)
        self.all_but_one_are_over(sim)
        places = [name for name, content in writable_memory(process.pid) for _ in re.finditer(LEAST_SECRET, content)]
        limits = pathlib.Path(f"/proc/{process.pid}/limits").read_text()
        arguments = pathlib.Path(f"/proc/{process.pid}/cmdline").read_bytes()
        process.kill()
        process.wait()
        self.assertIn("[stack]", places)
        self.assertEqual(len([place for place in places if place != "[stack]"]), 1, places)
        self.assertRegex(limits, r"Max core file size +0 +0")
        self.assertNotIn(LEAST_SECRET, arguments)

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
