# SPDX-License-Identifier: MIT
"""The base of the test cases: a temporary home, runs of the program, what must hold of every run."""

import datetime
import json
import pathlib
import re
import shutil
import tempfile
import unittest

import census
import expected
from scripted import ScriptedAws
from world import World

FILE_NAME = re.compile(r"^IAM_USER_TAGS_(.+)_combined_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\.(csv|jsonl)$")
SIGNATURE_MARKS = ("AWS4-HMAC-SHA256", "Signature=")
REGION = "eu-west-1"


class Case(unittest.TestCase):
    """Every run of every test is looked at for secrets when the test ends."""

    maxDiff = 4000

    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="iam-census-e2e-"))
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        self.work = self.home / "work"
        self.work.mkdir()
        self.secrets = set()
        self.runs = []

    def tearDown(self):
        for run in self.runs:
            self.assert_no_secret(run)
        for name, content in self.written():
            for secret in self.secrets_now():
                self.assertNotIn(secret.encode(), content, f"a secret was written to {name}")

    def written(self):
        """(name, bytes) of every file that is in the working folder at the end: tests keep their own files elsewhere."""
        return [(path.relative_to(self.work), path.read_bytes()) for path in sorted(self.work.rglob("*"))
                if path.is_file() and not path.is_symlink()]

    def environment(self):
        return {}

    def run_program(self, *arguments, env=None, timeout=60, stdin=b"", program=None):
        variables = {**self.environment(), **(env or {})}
        run = census.run(arguments, census.environment(self.home, **variables), self.work, timeout, stdin, program)
        self.runs.append(run)
        return run

    def collect(self, *arguments, **options):
        return self.run_program("collect", *arguments, **options)

    def secrets_now(self):
        return self.secrets

    def assert_no_secret(self, run):
        seen = run.err + run.out.decode("utf-8", "replace")
        for secret in self.secrets_now():
            self.assertNotIn(secret, seen, f"a secret was printed\n{run}")
        for mark in SIGNATURE_MARKS:
            self.assertNotIn(mark, seen, f"a signature was printed\n{run}")

    def assert_code(self, run, code):
        self.assertEqual(run.code, code, str(run))

    def assert_configuration_error(self, run, *words):
        """Exit code 2, a line that names the thing, nothing on stdout, no file left."""
        self.assert_code(run, 2)
        self.assert_says(run, *words)
        self.assertEqual(run.out, b"", str(run))
        self.assert_nothing_left()

    def assert_says(self, run, *words):
        for word in words:
            self.assertIn(word.lower(), run.err.lower(), str(run))

    def assert_nothing_left(self):
        """No output, whole or half, in the working folder."""
        self.assertEqual(self.files(), [])

    def files(self):
        return sorted(path.name for path in self.work.iterdir())

    def only_file(self):
        """The one file of the working folder: (name, bytes)."""
        names = self.files()
        self.assertEqual(len(names), 1, names)
        return names[0], (self.work / names[0]).read_bytes()

    def document(self, run):
        """The result document that --json printed, and nothing else on stdout."""
        try:
            return json.loads(run.out)
        except ValueError:
            self.fail(f"stdout is no JSON document\n{run}")

    def start_of(self, document):
        return expected.moment(document["started_at"])

    def assert_bytes(self, seen, wanted, run=None):
        """Equal bytes; if they differ, shows the first line that does."""
        if seen == wanted:
            return
        pairs = list(zip(seen.split(b"\n"), wanted.split(b"\n")))
        line = next((number for number, (a, b) in enumerate(pairs) if a != b), len(pairs))
        a = (seen.split(b"\n") + [b"(no such line)"] * (line + 1))[line]
        b = (wanted.split(b"\n") + [b"(no such line)"] * (line + 1))[line]
        self.fail(f"line {line + 1} differs\nseen:   {a!r}\nwanted: {b!r}\n"
                  f"{len(seen)} and {len(wanted)} bytes\n{run or ''}")

    def now(self):
        return expected.moment(datetime.datetime.now(datetime.timezone.utc))


class ScriptedCase(Case):
    """A case against the scripted server; a request that AWS would refuse fails the test."""

    def setUp(self):
        super().setUp()
        self.world = World()
        self.server = ScriptedAws(self.world, REGION)
        self.server.start()
        self.addCleanup(self.server.stop)

    def tearDown(self):
        super().tearDown()
        self.assertEqual(self.server.violations, [])

    def environment(self):
        caller = self.world.caller
        return {"AWS_ENDPOINT_URL": self.server.url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": caller.access_key,
                "AWS_SECRET_ACCESS_KEY": caller.secret, "ROLE_NAME": "CensusRole", "STRATEGY": "per-user"}

    def secrets_now(self):
        return self.secrets | self.world.secrets()

    def written(self):
        return super().written() + [(f"s3://{name}/{key}", stored.body) for name, bucket in self.world.buckets.items()
                                    for key, stored in bucket.objects.items()]

    def census(self, *arguments, code=0, accounts=None, **options):
        """Collects into out.csv with --json; returns (document, bytes of the file or None, run)."""
        listed = accounts or ",".join(self.world.accounts)
        target = self.work / "out.csv"
        run = self.collect("--accounts", listed, "--output", target, "--json", *arguments, **options)
        self.assert_code(run, code)
        document = self.document(run)
        data = target.read_bytes() if target.exists() else None
        self.assertEqual(self.files(), ["out.csv"] if data is not None else [])
        return document, data, run

    def assert_csv(self, document, data, account_ids, columns="standard", **options):
        rows = expected.from_world(self.world, account_ids, **options)
        self.assert_bytes(data, expected.csv_bytes(rows, self.start_of(document), columns, seen=data))
        self.assertEqual(document["rows"], len(rows))
