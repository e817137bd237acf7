#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Censuses in which everything goes wrong at once, each beside a census of the same world in which nothing does.

Usage: undisturbed.py [RUNS] [SEED] [--jobs N]

Run number i has the seed SEED+i, which decides the world, the faults, the strategy, the columns (those of mixed.py and 'full',
for which it has no oracle), the format and the place; 'undisturbed.py 1 SEED' repeats one. Whatever happens: the status is the
contract's, each account is told once, each cell is the one of the undisturbed census or 'unknown' in an account that is told as
partial, the calls are those that the simulator counted, nothing is left behind, and the run ends in time. The last line is
'N passed, N failed'.

The time: a call makes 6 attempts, and waits at most 0.5 + 1 + 2 + 4 + 8 s between them (aws/retry.h; throttled, the slower
class). The longest chain has ten calls: ListAccounts, DescribeOrganization, AssumeRole, GenerateCredentialReport, ListUsers,
GetAccountAuthorizationDetails, a user's call, a key's last use, and two of S3. A user whom IAM does not know costs 2 s more.
"""

import argparse
import collections
import concurrent.futures
import csv
import io
import json
import os
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path += [str(ROOT / "tests/sim"), str(ROOT / "tests/e2e")]
import simulator  # noqa: E402

PROGRAM = os.environ.get("IAM_CENSUS_BIN") or str(ROOT / "build/release/iam-census")
SECONDS = 10 * (0.5 + 1 + 2 + 4 + 8) + 2
BUCKET = "census"
STATUSES = {0, 1, 2, 3}
CALLS_GIVEN_UP = 8  # those about a whole account
RETRIED = ("throttle", "internal_error", "unavailable", "reset_before", "reset_inside", "reset_after", "truncated", "foreign")
# All that the program calls; how the bucket is looked at afterwards is left alone.
ANY = ["iam:*", "sts:*", "organizations:*", "s3:PutObject", "s3:CreateMultipartUpload", "s3:UploadPart", "s3:CompleteMultipartUpload",
       "s3:AbortMultipartUpload", "s3:HeadObject", "s3:HeadBucket"]
IAM = ("ListUserTags", "ListGroupsForUser", "ListMFADevices", "ListAccessKeys", "GetAccessKeyLastUsed", "GetLoginProfile",
       "ListSigningCertificates", "ListAccountAliases", "ListUsers", "GetAccountAuthorizationDetails", "GetCredentialReport",
       "GenerateCredentialReport")


def scenario_of(choice, seed):
    """Faults that retries overcome, faults that last, slow answers, and users and keys that go away, mixed."""
    rules = [{"actions": ANY, "fault": fault, "probability": round(choice.uniform(0.01, 0.12), 3)}
             for fault in choice.sample(RETRIED, choice.randint(1, 5))]
    rules.append({"actions": ANY, "latency_ms": {"median": choice.randint(0, 8), "p99": choice.randint(10, 120)}})
    if choice.random() < 0.5:
        rules.append({"actions": f"iam:{choice.choice(IAM)}", "fault": "access_denied", "accounts": [f"#{choice.randrange(4)}"]})
    if choice.random() < 0.2:
        rules.append({"actions": "sts:AssumeRole", "fault": "access_denied", "accounts": [f"#{choice.randrange(4)}"]})
    if choice.random() < 0.3:
        rules.append({"actions": "iam:*", "fault": "expired_token", "probability": 0.03})
    if choice.random() < 0.3:
        rules.append({"actions": "iam:*", "fault": "clock_skew", "probability": 0.02})
    if choice.random() < 0.3:
        rules.append({"actions": "iam:*", "fault": "vanish", "scope": "user", "probability": 0.1, "for_ms": 1000})
    if choice.random() < 0.2:
        rules.append({"actions": "iam:*", "rate": 30, "burst": 5})
    changes = []
    if choice.random() < 0.3:
        changes.append({"change": "delete_user", "probability": 0.1, "after": ["ListUsers", "GetAccountAuthorizationDetails"]})
    if choice.random() < 0.3:
        changes.append({"change": "delete_keys", "probability": 0.1, "after": "ListAccessKeys"})
    return {"seed": seed, "rules": rules, "changes": changes, **({"max_consecutive": 4} if choice.random() < 0.5 else {})}


class Setting:
    """What a seed decides."""

    def __init__(self, seed):
        choice = random.Random(seed)
        self.seed = seed
        self.world = ["--accounts", "4", "--users-exact", "3", "--all-active", "--seed", str(choice.randrange(6))]
        self.strategy = choice.choice(("per-user", "bulk", "auto"))
        self.columns = choice.choice(("standard", "extended", "full"))
        self.where = choice.choice(("file", "file", "lines", "bucket", "sqlite", "findings"))
        self.connections = choice.choice((1, 4, 64))
        self.scenario = scenario_of(choice, seed)

    def arguments(self):
        more = {"file": ["--output", "out.csv"], "lines": ["--format", "jsonl", "--output", "out.jsonl"],
                "bucket": ["--s3-bucket", BUCKET], "sqlite": ["--format", "sqlite", "--output", "out.sqlite"],
                "findings": ["--output", "out.csv", "--findings", "findings.jsonl"]}[self.where]
        return ["collect", "--role-name", simulator.ROLE, "--json", "--strategy", self.strategy, "--columns", self.columns,
                "--max-connections", str(self.connections), *more]


def environment(sim, home):
    return {"PATH": "/usr/bin:/bin", "HOME": str(home), "AWS_REGION": simulator.REGION, "AWS_ENDPOINT_URL": sim.url,
            "AWS_ACCESS_KEY_ID": simulator.CALLER_KEY, "AWS_SECRET_ACCESS_KEY": simulator.CALLER_SECRET,
            "AWS_EC2_METADATA_DISABLED": "true"}


def contents(where, folder, sim):
    """The output under its final name; None if there is none."""
    if where == "bucket":
        objects = sim.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
        keys = [each["Key"] for each in objects if each["Key"].endswith(".csv")]
        return sim.client("s3").get_object(Bucket=BUCKET, Key=keys[-1])["Body"].read() if keys else None
    path = folder / {"file": "out.csv", "findings": "out.csv", "lines": "out.jsonl", "sqlite": "out.sqlite"}[where]
    return path.read_bytes() if path.exists() else None


def rows_of(where, data):
    """Rows as {(account, user): {column: value}}; columns that say when something was read are left out."""
    if where == "lines":
        found = [json.loads(line) for line in data.decode().splitlines()]
        key = [(row["account_id"], row.get("user_name") or row.get("arn")) for row in found]
    else:
        found = list(csv.DictReader(io.StringIO(data.decode())))
        key = [(row[list(row)[0]], next(value for value in row.values() if value.startswith("arn:") and ":user" in value)) for row in found]
    rows = {}
    for each, row in zip(key, found):
        if each in rows:
            raise AssertionError(f"{each} twice")
        rows[each] = {name: value for name, value in row.items() if "DataAsOf" not in name and "data_as_of" not in name}
    return rows


def is_less(found, right):
    """True if JSON says the same but for values that are null: unknown."""
    if isinstance(found, dict) and isinstance(right, dict):
        return found.keys() == right.keys() and all(is_less(found[name], right[name]) for name in found)
    if isinstance(found, list) and isinstance(right, list):
        return len(found) == len(right) and all(map(is_less, found, right))
    return found is None or found == right


class Run:
    def __init__(self, setting, faulty):
        self.setting = setting
        self.wrong = []
        with tempfile.TemporaryDirectory(prefix="iam-census-chaos-") as home:
            self.folder = pathlib.Path(home)
            documents = {"scenario": setting.scenario} if faulty else {}
            self.sim = simulator.Simulator(*setting.world, **documents).start()
            try:
                self.run()
            finally:
                self.sim.stop(check=False)

    def run(self):
        started = time.monotonic()
        try:
            done = subprocess.run([PROGRAM, *self.setting.arguments()], cwd=self.folder, env=environment(self.sim, self.folder),
                                  stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            self.wrong.append(f"it takes more than {SECONDS:.0f} s")
            self.status, self.document, self.data, self.counters = None, None, None, {}
            return
        self.seconds = time.monotonic() - started
        self.status, self.err = done.returncode, done.stderr.decode("utf-8", "replace")
        self.counters = self.sim.counters()
        self.document = json.loads(done.stdout) if done.stdout.strip() else None
        self.data = contents(self.setting.where, self.folder, self.sim)
        self.left = [path.name for path in self.folder.iterdir() if path.name.endswith((".part", "-journal"))]
        self.uploads = self.sim.client("s3").list_multipart_uploads(Bucket=BUCKET).get("Uploads", []) if self.setting.where == "bucket" else []
        if self.setting.where == "sqlite" and self.data is not None:
            self.users = self.users_recorded()

    def users_recorded(self):
        with sqlite3.connect(self.folder / "out.sqlite") as database:
            return collections.Counter(row[0] for row in database.execute("SELECT account_id FROM user"))

    def check(self, good):
        """What does not hold, beside a run without faults."""
        if self.status is None:
            return self.wrong
        if self.status not in STATUSES:
            self.wrong.append(f"status {self.status}: {self.err[-300:]}")
        if self.left or self.uploads:
            self.wrong.append(f"left behind: {self.left} {self.uploads}")
        if self.status in (1, 2):
            if self.data is not None and self.setting.where not in ("sqlite",):
                self.wrong.append("an output in spite of the status")
            if not self.err.strip():
                self.wrong.append("no message")
            return self.wrong
        self.check_document(good)
        self.check_cells(good)
        return self.wrong

    def check_document(self, good):
        document = self.document
        groups = {name: [each if isinstance(each, str) else each["account_id"] for each in document[f"{name}_accounts"]]
                  for name in ("successful", "partial", "failed", "skipped")}
        told = sorted(sum(groups.values(), []))
        expected = sorted(sum(([each if isinstance(each, str) else each["account_id"] for each in good.document[f"{name}_accounts"]]
                               for name in groups), []))
        if told != expected:
            self.wrong.append(f"accounts: {told}")
        if (self.status == 0) != (not groups["partial"] and not groups["failed"]) and self.setting.where != "findings":
            self.wrong.append(f"status {self.status} with {groups}")
        throttled = sum(each["outcomes"].get(name, 0) for each in self.counters["actions"].values()
                        for name in ("Throttling", "TooManyRequestsException", "SlowDown"))
        self.not_whole = set(groups["partial"]) | set(groups["failed"])
        self.failed = set(groups["failed"])
        # The document in the bucket is put last of all, in one call or a few attempts, which it can't count. Of an account
        # that fails at its list, calls that were sent are given up, some before the simulator has read them.
        most = 6 if self.setting.where == "bucket" else 0
        if not -CALLS_GIVEN_UP * len(self.failed) <= self.counters["requests"] - document["api_calls"] <= most:
            self.wrong.append(f"{document['api_calls']} calls told, {self.counters['requests']} counted by the simulator")
        if document["throttled"] > throttled:
            self.wrong.append(f"{document['throttled']} throttled told, {throttled} counted by the simulator")

    def check_cells(self, good):
        if self.data is None:
            self.wrong.append("no output")
            return
        if self.setting.where == "sqlite":
            for account, count in good.users.items():
                if self.users[account] > count or (account not in self.failed and self.users[account] < count and not self.setting.scenario["changes"]):
                    self.wrong.append(f"{self.users[account]} users of {account}, and there are {count}")
            return
        found, right = rows_of(self.setting.where, self.data), rows_of(self.setting.where, good.data)
        gone = bool(self.setting.scenario["changes"])
        for key, row in found.items():
            if key not in right:
                self.wrong.append(f"a row of nobody: {key}")
                continue
            for name, value in row.items():
                if value != right[key][name] and not self.may_differ(name, value, right[key][name], key[0], gone):
                    self.wrong.append(f"{key} {name}: {value!r}, and it is {right[key][name]!r}")
        missing = {key for key in right if key not in found and key[0] not in self.failed}
        if missing and not gone:
            self.wrong.append(f"missing rows: {sorted(missing)[:3]}")

    def may_differ(self, name, value, right, account, gone):
        """Unknown in an account that is told as not whole; what depends on keys, if keys are deleted meanwhile."""
        words = ("key", "lastused", "usertype", "lastactivity", "kind")
        if gone and any(word in name.lower().replace(" ", "").replace("_", "") for word in words):
            return True
        if "unknown" in str(value).lower() or is_less(value, right) or "unknown" in name.lower():
            return account in self.not_whole or self.setting.strategy != "per-user"
        # Without a report 'auto' asks about each user, and a password's age counts from its creation (docs/output.md).
        return self.setting.strategy == "auto" and (account in self.not_whole or "password" in name.lower())


GOOD = {}


def good_of(setting):
    key = (tuple(setting.world), setting.strategy, setting.columns, setting.where)
    if key not in GOOD:
        GOOD[key] = Run(setting, faulty=False)
        if GOOD[key].status not in (0, 3):
            raise SystemExit(f"chaos: a run without faults fails: {GOOD[key].err}")
    return GOOD[key]


def one(seed):
    setting = Setting(seed)
    run = Run(setting, faulty=True)
    return seed, run.check(good_of(setting)), run


def all_runs(options, pool):
    """Seeded runs; prints what does not hold, and what was injected in all."""
    failed, injected, statuses, slowest = 0, collections.Counter(), collections.Counter(), 0
    for seed, wrong, run in pool.map(one, range(options.seed, options.seed + options.runs)):
        statuses[run.status] += 1
        slowest = max(slowest, getattr(run, "seconds", 0))
        for each in run.counters.get("actions", {}).values():
            injected.update({name: count for name, count in each["outcomes"].items() if name != "ok"})
        if wrong:
            failed += 1
            print(f"FAILED: python3 tests/chaos/undisturbed.py 1 {seed} ({run.setting.where}, {run.setting.strategy}, {run.setting.columns})")
            print("  " + "\n  ".join(wrong[:4]), flush=True)
    print(f"statuses: {dict(statuses)}; the slowest took {slowest:.1f} s; answers that were not good: {sum(injected.values())}")
    print("  " + ", ".join(f"{name} {count}" for name, count in injected.most_common()))
    return options.runs - failed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("runs", nargs="?", type=int, default=24)
    parser.add_argument("seed", nargs="?", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=8)
    options = parser.parse_args()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        passed, failed = all_runs(options, pool)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    simulator.run_or_skip(main)
