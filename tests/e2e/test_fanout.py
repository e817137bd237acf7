# SPDX-License-Identifier: MIT
"""A census in several invocations: the state machine of deploy/stepfunctions and each step, with the real program.

The interpreter of the state machine is from npm, AWS is the simulator, and the function is the program behind
Runtime APIs, in as many processes as run at once. What a single run writes is what all of it is held against.
"""

import csv
import io
import json
import os
import re
import signal
import sys
import time
import unittest

import census
import expected
import state_machine
from cases import Case
from lambda_function import Function
from state_machine import FunctionError

sys.path.append(str(census.ROOT / "tests" / "sim"))
import recorder  # noqa: E402
import simulator  # noqa: E402

NO_NODE = state_machine.install()
BUCKET = "census-bucket"
STEP_FUNCTIONS_BYTES = 256 * 1024
RUN_ID = "0123456789abcdef0123456789abcdef"
TOKENS_BEGIN = "IQoJb3JpZ2luX2Vj"
METRICS = {"AccountsSucceeded": "Count", "AccountsPartial": "Count", "AccountsFailed": "Count", "Users": "Count",
           "ApiCalls": "Count", "Throttled": "Count", "DurationMs": "Milliseconds"}


def deny(accounts, action, **more):
    return {"accounts": accounts or "*", "actions": action, "fault": "access_denied", **more}


class FanoutCase(Case):
    """One simulator, and one function that calls it."""

    def setUp(self):
        super().setUp()
        if not os.access(simulator.binary(), os.X_OK):
            self.skipTest(f"there is no simulator at {simulator.binary()}")

    def start(self, *arguments, rules=(), buckets=None, **environment):
        scenario = {"rules": list(rules), "max_consecutive": 5, **({"buckets": buckets} if buckets else {})}
        self.sim = simulator.Simulator(*arguments, scenario=scenario).start()
        self.addCleanup(self.sim.stop)
        settings = {"AWS_ENDPOINT_URL": self.sim.url, "AWS_REGION": simulator.REGION, "ROLE_NAME": simulator.ROLE,
                    "AWS_ACCESS_KEY_ID": simulator.CALLER_KEY, "AWS_SECRET_ACCESS_KEY": simulator.CALLER_SECRET,
                    "AWS_LAMBDA_FUNCTION_NAME": "census", "S3_BUCKET_NAME": BUCKET, "LOG_LEVEL": "warn", **environment}
        self.function = Function(census.environment(self.home, **settings), self.work)
        self.addCleanup(self.function.end)
        # The rules' faults meet the test's own reads too.
        self.s3 = self.sim.client("s3", retries={"max_attempts": 10, "mode": "standard"})

    def tearDown(self):
        self.function.end()
        self.runs += self.function.runs
        self.assertEqual(self.function.strange, [])
        self.assertEqual([str(run) for run in self.function.bad_ends()], [])
        super().tearDown()

    def secrets_now(self):
        """With what every session token begins with, the simulator's as AWS's."""
        return {simulator.CALLER_SECRET, TOKENS_BEGIN}

    def written(self):
        """The plan, the parts and the results too: whatever lies in the bucket."""
        return super().written() + [(f"s3://{BUCKET}/{key}", self.object(key)) for key in self.keys("")]

    def object(self, key):
        return self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def keys(self, prefix):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
        return [each["Key"] for page in pages for each in page.get("Contents", [])]

    def output(self, document):
        """The bytes of the output that a result document names."""
        self.assertTrue(document["output"].startswith(f"s3://{BUCKET}/"), document["output"])
        return self.object(document["output"].removeprefix(f"s3://{BUCKET}/"))

    def without_moments(self, data, start):
        """The rows without the moment at which each account began to be read: the one time after the start."""
        return re.sub(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ",
                      lambda found: b"<read>" if expected.moment(found[0].decode()) >= start else found[0], data)

    def assert_same_rows(self, combined, single):
        """The bytes of a single run, except for those moments."""
        start = self.start_of(single)
        self.assert_bytes(self.without_moments(self.output(combined), start), self.without_moments(self.output(single), start))

    def answer(self, event, status=200, **options):
        payload = self.function.invoke(event, **options)
        self.assertEqual(payload["statusCode"], status, payload["body"][:2000])
        self.assertEqual(set(payload), {"statusCode", "body"})
        return json.loads(payload["body"])

    def read(self, bucket, key):
        """The map's reader of items."""
        self.assertEqual(bucket, BUCKET)
        return json.loads(self.object(key))

    def active(self):
        return [account["id"] for account in self.sim.active()]

    def outcomes(self, document):
        """What a result says about the accounts, without how long it took. Of equal errors the message is that
        of the one that came first, which is chance."""
        told = {name: document[name] for name in ("message", "rows", "users_with_second_active_key", "successful_accounts",
                                                  "failed_accounts", "oldest_report_at", "started_at", "skipped_accounts",
                                                  "users_gone", "users_with_password_age_from_creation")}
        told["partial_accounts"] = [
            {**account, "errors": [{**each, "message": None} for each in account["errors"]]}
            for account in document["partial_accounts"]]
        return told

    def assert_each_once(self, document):
        """Every account is in one list, once."""
        ids = [*document["successful_accounts"], *(each["account_id"] for name in ("partial_accounts", "failed_accounts")
                                                   for each in document[name])]
        self.assertEqual(sorted(ids), self.active())
        self.assertEqual(document["skipped_accounts"], [{"account_id": account["id"], "state": account["state"]}
                                                        for account in self.sim.dump["accounts"] if account["state"] != "ACTIVE"])

    def assert_users(self, data, account_ids):
        """The CSV has the users of these accounts, in order, and no others: as the simulator's dump has them."""
        rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
        wanted = [(account["id"], name) for account in self.sim.active() if account["id"] in account_ids
                  for name in sorted(user["name"] for user in account["users"] if not user["deleted_after_report"])]
        self.assertEqual([(row["AccountID"], row["UserName"].lstrip("'")) for row in rows], wanted)

    def assert_combined(self, document, prefix):
        """Beside the output lies the result, and of the work only what a combine that comes again looks for."""
        key = document["output"].removeprefix(f"s3://{BUCKET}/")
        kept = f"{prefix}work/{document['run_id']}/result.json"
        beside = f"{key.rsplit('.', 1)[0]}.result.json"
        self.assertEqual(sorted(self.keys(prefix)), sorted([key, beside, kept]))
        return json.loads(self.object(beside))

    def metrics(self, out):
        """The lines of metrics, each held against the specification of the Embedded Metric Format."""
        lines = [json.loads(line) for line in out.splitlines()]
        for line in lines:
            self.assertAlmostEqual(line["_aws"]["Timestamp"] / 1000, time.time(), delta=600)
            self.assertIsInstance(line["_aws"]["Timestamp"], int)
            directive, = line["_aws"]["CloudWatchMetrics"]
            self.assertEqual(set(directive), {"Namespace", "Dimensions", "Metrics"})
            self.assertEqual((directive["Namespace"], directive["Dimensions"]), ("iam-census", [["FunctionName"]]))
            self.assertEqual(line["FunctionName"], "census")
            self.assertEqual({each["Name"]: each["Unit"] for each in directive["Metrics"]}, METRICS)
            self.assertEqual(len(directive["Metrics"]), len(METRICS))
            for name in METRICS:
                self.assertIsInstance(line[name], int, name)
            self.assertLess(len(json.dumps(line)), STEP_FUNCTIONS_BYTES)
        return lines

    def assert_metrics_of(self, line, document):
        self.assertEqual([line[name] for name in ("run_id", "AccountsSucceeded", "AccountsPartial", "AccountsFailed", "Users",
                                                  "ApiCalls", "Throttled", "DurationMs")],
                         [document["run_id"], *(len(document[name]) for name in (
                             "successful_accounts", "partial_accounts", "failed_accounts")), document["rows"],
                          document["api_calls"], document["throttled"], document["duration_ms"]])


@unittest.skipIf(NO_NODE, NO_NODE or "")
class Machine(FanoutCase):
    """The state machine, from its input to its result."""

    def setUp(self):
        super().setUp()
        self.kills = {}  # batch: how many invocations of it are killed
        self.shut = set()  # batches whose bucket is closed
        self.started_at = None  # of the single run that it is compared with
        self.events = []

    def invoke(self, event):
        self.events.append(event)
        number = event["batch"]["batch"] if event["action"] == "collect_batch" else None
        if event["action"] == "plan" and self.started_at:
            # ages count to it: as if the execution had begun with the single run
            self.assertLessEqual(expected.moment(self.started_at), expected.moment(event["started_at"]))
            event = {**event, "started_at": self.started_at}
        if number in self.shut:
            event = {**event, "s3_bucket_name": "shut"}
        if self.kills.get(number, 0) == 0:
            return self.function.invoke(event)
        self.kills[number] -= 1
        before = self.sim.counters()["requests"]
        return self.function.invoke(event, kill_when=lambda: self.sim.counters()["requests"] > before)

    def execute(self, **given):
        return state_machine.execute(state_machine.definition(), given, self.invoke, self.read, self.home)

    def fan_out_after(self, single, **given):
        """The result of an execution as of the start of that run."""
        self.started_at = single["started_at"]
        outcome = self.execute(s3_prefix="fan/", **given)
        self.assertIn("result", outcome)
        return outcome["result"]

    def test_a_thousand_accounts(self):
        """Whole accounts, partial ones and failed ones, and all the faults that pass: the same bytes as a single run."""
        rules = json.loads((census.ROOT / "sim/scenarios/retryable.json").read_text())["rules"]
        # one pace for all accounts: refused by chance, whatever the pace, it would be all that is waited for
        rules[0]["actions"].remove("sts:*")
        self.start("--accounts", 1000, "--users", 2, rules=[
            deny(["#17", "#310-329", "#999"], "sts:AssumeRole"), deny(["#50-69", "#700"], "ListAccessKeys"),
            deny(["#800"], "GetAccountAuthorizationDetails"), deny(["#800"], "ListUsers"), *rules])
        single = self.answer({"s3_prefix": "single/"}, seconds=120)
        result = self.fan_out_after(single, batch_size=60, max_concurrency=4)
        self.assertEqual(self.outcomes(result), self.outcomes(single))
        self.assert_bytes(self.output(result), self.output(single))
        self.assertEqual(result["output"].replace("/fan/", "/single/"), single["output"])
        self.assert_each_once(result)
        self.assertGreater(len(result["failed_accounts"]), 15)
        self.assertGreater(len(result["partial_accounts"]), 5)
        self.assert_users(self.output(result), {
            *result["successful_accounts"], *(each["account_id"] for each in result["partial_accounts"])})
        self.assertEqual(self.assert_combined(result, "fan/"), result)
        self.assertGreater(result["retries"], 1000)
        self.assertEqual(len(self.events), 2 + -(-len(self.active()) // 60))
        first, second = self.metrics(self.function.end())
        if first["run_id"] != single["run_id"]:
            first, second = second, first
        self.assert_metrics_of(first, single)
        self.assert_metrics_of(second, result)

    def test_findings(self):
        """The settings of the input reach each step."""
        self.start("--accounts", 9, "--users", 4, "--all-active")
        given = {"findings": True, "rules": ["user-boundary", "user-key-age"], "limits": ["user-key-age=100"]}
        single = self.answer({"s3_prefix": "single/", **given})
        result = self.fan_out_after(single, batch_size=4, **given)
        self.assertEqual(result["findings"], single["findings"])
        lines = [self.object(each["findings_file"].removeprefix(f"s3://{BUCKET}/")).decode().splitlines()
                 for each in (single, result)]
        self.assertGreater(len(lines[0]), 9)
        self.assertEqual(*[[line.split(',"data_as_of"')[0] for line in each] for each in lines])

    def test_batches_that_fail_for_good(self):
        """Killed each time, denied each time, killed once: the first two are failed accounts, the last is as any other."""
        self.start("--accounts", 40, "--users", 4, "--all-active", rules=[{"latency_ms": {"median": 20}}],
                   buckets={"shut": {"denied": True}})
        single = self.answer({"s3_prefix": "single/"})
        self.kills, self.shut = {1: 20, 2: 1}, {3}
        result = self.fan_out_after(single, batch_size=8)
        ids = self.active()
        self.assertEqual([each["account_id"] for each in result["failed_accounts"]], ids[8:16] + ids[24:32])
        for each in result["failed_accounts"]:
            self.assertEqual((each["stage"], each["code"]), ("Interrupted", "BatchFailed"))
            self.assertIn("batch 1" if each["account_id"] in ids[8:16] else "batch 3", each["message"])
        self.assert_each_once(result)
        kept = set(result["successful_accounts"])
        header, *lines = self.output(single).splitlines(keepends=True)
        self.assert_bytes(self.output(result), header + b"".join(line for line in lines if line[:12].decode() in kept))
        self.assert_combined(result, "fan/")
        tries = [event["batch"]["batch"] for event in self.events if event["action"] == "collect_batch"]
        self.assertEqual([tries.count(number) for number in range(5)], [1, 3, 2, 3, 1])
        combine = self.events[-1]
        self.assertEqual([each.get("error") for each in combine["batches"]],
                         [None, "Runtime.ExitError", None, "AccessDenied", None])
        self.assertEqual(len(self.metrics(self.function.end())), 2)

    def test_a_plan_that_fails_is_tried_again(self):
        """An error of AWS fails the task, and is tried again; a wrong setting is reported once."""
        self.start("--accounts", 3, rules=[deny(None, "organizations:ListAccounts")])
        for given, tries, words in (({}, 3, ("AccessDenied", "could not be listed")),
                                    ({"columns": "all"}, 1, ("PlanFailed", "extended"))):
            self.events.clear()
            outcome = self.execute(**given)
            self.assertNotIn("result", outcome)
            for word in words:
                self.assertIn(word, json.dumps(outcome))
            self.assertEqual([event["action"] for event in self.events], ["plan"] * tries)


class Steps(FanoutCase):
    """Each step by itself, in one process."""

    def plan(self, **event):
        return self.answer({"action": "plan", "run_id": RUN_ID, **event})

    def batches(self, run):
        return self.read(run["batches_bucket"], run["batches_key"])

    def collect(self, run, batch, given=None, **options):
        return self.answer({"action": "collect_batch", "run": run, "batch": batch, **(given or {})}, **options)

    def combine(self, run, given=None, **options):
        return self.answer({"action": "combine", "run": run, **(given or {})}, **options)

    def assert_same_twice(self, do, *keys, but=(), start=None):
        """do() a second time answers the same and leaves the same bytes in the objects; but: what a result records
        of how it went; start: of the run, if rows tell the moments at which accounts were read."""
        def seen():
            answer = do()
            objects = [self.object(key) for key in keys]
            if start:
                objects[0] = self.without_moments(objects[0], start)
            for name in but:
                objects[-1] = json.dumps({key: value for key, value in json.loads(objects[-1]).items() if key not in but})
            return answer, objects

        first = seen()
        self.assertEqual(seen(), first)
        return first[0]

    def test_every_step_again(self):
        """In each format, for batches of several sizes, read in any order: the bytes of a single run."""
        self.start("--accounts", 30, "--users", 5, rules=[deny(["#3-5"], "sts:AssumeRole"), deny(["#9"], "ListMFADevices")])
        for given, size in (({}, 7), ({"columns": "extended"}, 500), ({"format": "jsonl"}, 1),
                            ({"columns": "extended", "strategy": "per-user"}, 10)):
            with self.subTest(given=given, batch_size=size):
                given["s3_prefix"] = f"{size}/"
                single = self.answer({**given, "s3_prefix": f"single-{size}/"})
                event = {**given, "batch_size": size, "started_at": single["started_at"]}
                key = f"{size}/work/{RUN_ID}/batches.json"
                run = self.assert_same_twice(lambda: self.plan(**event), key)
                self.assertEqual((run["batches_key"], run["started_at"], run["run_id"]), (key, single["started_at"], RUN_ID))
                batches = self.batches(run)
                self.assertEqual((len(batches), run["account_count"]), (run["batch_count"], len(self.active())))
                self.assertEqual([each["id"] for batch in batches for each in batch["accounts"]], self.active())
                for batch in reversed(batches):
                    self.assert_same_twice(lambda: self.collect(run, batch, given), batch["part_key"], batch["result_key"],
                                           but=("duration_ms",), start=self.start_of(single))
                combined = self.combine(run, given)
                self.assertEqual(self.outcomes(combined), self.outcomes(single))
                self.assert_same_rows(combined, single)
                self.assertTrue(combined["output"].endswith(".jsonl" if "format" in given else ".csv"))
                self.assertEqual(self.assert_combined(combined, f"{size}/"), combined)
                data = self.output(combined)
                self.assertEqual(self.combine(run, given), combined)
                self.assertEqual(self.output(combined), data)
                self.assert_combined(combined, f"{size}/")
        lines = self.metrics(self.function.end())
        self.assertEqual([line["run_id"] == RUN_ID for line in lines], [False, True] * 4, "a line a run, and one a combine")

    def accounts_file(self, document):
        return self.object(document["accounts_file"].removeprefix(f"s3://{BUCKET}/")).decode()

    def test_the_accounts_file_and_the_full_columns(self):
        """The bytes of a single run; the accounts of a batch that left no result are failed, and have rows."""
        self.start("--accounts", 30, "--users", 5, "--seed", 5, rules=[deny(["#3-5"], "sts:AssumeRole")])
        given = {"columns": "full", "ssh_keys": True, "accounts_file": True}
        single = self.answer({**given, "s3_prefix": "single/"})
        whole = self.accounts_file(single)
        self.assertEqual([row["AccountID"] for row in csv.DictReader(io.StringIO(whole, newline=""))],
                         sorted(account["id"] for account in self.sim.dump["accounts"]))
        for lost in (False, True):
            with self.subTest(lost=lost):
                given["s3_prefix"] = f"{lost}/"
                run = self.plan(**given, batch_size=4, started_at=single["started_at"])
                batches = self.batches(run)
                for batch in batches[lost:]:
                    self.collect(run, batch, given)
                combined = self.combine(run, given)
                name = run["output_key"].removesuffix(".csv")
                self.assertEqual(sorted(self.keys(f"{lost}/")), sorted([
                    f"{name}.csv", f"{name}.accounts.csv", f"{name}.result.json", f"{lost}/work/{RUN_ID}/result.json"]))
                if not lost:
                    self.assert_same_rows(combined, single)
                    self.assertEqual(self.accounts_file(combined), whole)
                    continue
                gone = [each["id"] for each in batches[0]["accounts"]]
                rows = csv.DictReader(io.StringIO(self.accounts_file(combined), newline=""))
                for row, before in zip(rows, csv.DictReader(io.StringIO(whole, newline="")), strict=True):
                    if row["AccountID"] in gone:
                        self.assertEqual((row["Outcome"], row["Code"], row["AccountOU"], row["Users"]),
                                         ("failed", "BatchFailed", before["AccountOU"], "unknown"))
                    else:
                        self.assertEqual(row, before)

    def test_rows_say_when_their_batch_was_read(self):
        """Not when the census was planned: with the state machine that may be hours before."""
        self.start("--accounts", 3, "--users", 5, "--all-active")
        given = {"columns": "extended", "strategy": "per-user"}
        planned = "2026-01-31T00:00:00Z"
        run = self.plan(started_at=planned, batch_size=2, **given)
        before = {}
        for batch in self.batches(run):
            before.update({each["id"]: self.now() for each in batch["accounts"]})
            self.collect(run, batch, given)
        combined = self.combine(run, given)
        self.assertEqual(combined["started_at"], planned)
        rows = list(csv.DictReader(io.StringIO(self.output(combined).decode(), newline="")))
        self.assertGreater(len(rows), 3)
        for row in rows:
            self.assertGreaterEqual(expected.moment(row["DataAsOf"]), before[row["AccountID"]])

    def test_a_part_of_many_ranges(self):
        """A part longer than what combine reads at once, and an output of several parts of an upload."""
        self.start("--accounts", 3, "--users-exact", 5000, "--all-active")
        given = {"columns": "extended"}
        single = self.answer({**given, "s3_prefix": "single/"}, seconds=120)
        run = self.plan(started_at=single["started_at"], batch_size=2, **given)
        for batch in self.batches(run):
            self.collect(run, batch, given, seconds=120)
        self.assertGreater(len(self.object(self.batches(run)[0]["part_key"])), 4 << 20)
        combined = self.combine(run, given)
        self.assertGreater(self.sim.calls("s3:UploadPart"), 1)
        self.assert_same_rows(combined, single)

    def objects(self):
        """Each object of the bucket: its key, its bytes, and what else S3 tells of it."""
        for key in self.keys(""):
            answer = self.s3.get_object(Bucket=BUCKET, Key=key)
            yield key, answer["Body"].read() + json.dumps([key, answer["ResponseMetadata"]["HTTPHeaders"]]).encode()

    def run_heard(self, form):
        """A census in steps whose caller has a session: what was said to it, and (name, bytes) of all that each step left."""
        self.start("--accounts", 9, "--users", 4, "--all-active", rules=[
            deny(["#3"], "sts:AssumeRole"), deny(["#5"], "iam:ListAccessKeys")])
        caller = self.sim.assume(self.active()[0])
        given = {"columns": "full", "accounts_file": True, "findings": True, "strategy": "per-user"}
        left = []
        with recorder.Recorder(self.sim.port) as heard:
            self.function = Function({**self.function.env, "AWS_ENDPOINT_URL": heard.url, "LOG_LEVEL": "debug", "LOG_FORMAT": form,
                                      "AWS_ACCESS_KEY_ID": caller["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": caller["SecretAccessKey"],
                                      "AWS_SESSION_TOKEN": caller["SessionToken"]}, self.work)
            run = self.plan(batch_size=4, **given)
            steps = [lambda each=each: self.collect(run, each, given) for each in self.batches(run)]
            for step in (lambda: run, *steps, lambda: self.combine(run, given)):
                left += [("answer", json.dumps(step()).encode()), *self.objects()]
            left.append(("metrics", self.function.end()))
            left += [("log", each.err.encode()) for each in self.function.runs]
        caller = tuple(caller[name].encode() for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"))
        return heard, caller, left

    def test_secrets(self):
        """Keys and tokens that were given out, what was derived from them, signatures: in nothing that any step leaves. Neither a
        secret key nor what is derived from it is in a request."""
        for form in ("text", "json"):
            with self.subTest(form=form):
                heard, caller, left = self.run_heard(form)
                names = [name for name, _ in left]
                for name in (f"work/{RUN_ID}/", "metrics", "log", ".jsonl", ".result.json", ".csv"):
                    self.assertTrue(any(name in each for each in names), (name, names))
                self.assertTrue(all(content for _, content in left), names)
                sessions, signatures = heard.sessions(), heard.signatures()
                self.assertEqual(len(sessions), 8)
                for session in (*sessions, caller):
                    found = list(recorder.secrets_of(session, signatures))
                    self.assertGreater(len(found), 8)
                    for kind, secret in found:
                        self.assertEqual([name for name, content in left if secret in content], [], kind)
                        if kind not in ("token", "signature"):
                            self.assertNotIn(secret, bytes(heard.asked), kind)

    def ready_to_combine(self, *arguments, batch_size=3, **options):
        """A run whose batches are read."""
        self.start(*arguments, **options)
        run = self.plan(batch_size=batch_size)
        for batch in self.batches(run):
            self.collect(run, batch)
        return run

    def test_a_combine_that_is_killed(self):
        """Before anything is written, and between writing and removing: a second attempt finishes it."""
        run = self.ready_to_combine("--accounts", 10, "--all-active", rules=[
            {"actions": "s3:GetObject", "latency_ms": {"median": 100}},
            {"actions": "s3:DeleteObject", "latency_ms": {"median": 300}}])
        kept = f"work/{RUN_ID}/result.json"
        event = {"action": "combine", "run": run}
        with self.assertRaises(FunctionError):
            self.function.invoke(event, kill_when=lambda: True)
        self.assertEqual(self.keys(run["output_key"]), [])
        with self.assertRaises(FunctionError):
            self.function.invoke(event, kill_when=lambda: kept in self.keys(kept))
        self.assertGreater(len(self.keys("work/")), 2, "it was killed too late")
        written, answer = self.object(run["output_key"]), json.loads(self.object(kept))
        self.assertEqual(self.combine(run), answer)
        self.assertEqual(self.object(run["output_key"]), written)
        self.assert_users(written, self.active())
        self.assert_combined(answer, "")
        self.assertEqual(self.combine(run), answer)

    def test_a_step_that_is_ended(self):
        """SIGTERM: a batch and a combine abort the upload that they have started."""
        slow = {"actions": "s3:UploadPart", "latency_ms": {"median": 60000, "p99": 60000}}
        self.start("--accounts", 2, "--users-exact", 9000, "--all-active", rules=[slow])
        given = {"columns": "extended"}
        run = self.plan(batch_size=2, **given)
        batch, = self.batches(run)
        self.end_while_uploading({"action": "collect_batch", "run": run, "batch": batch, **given})
        header = b"".join(b"%d,\r\n" % number for number in range(1 << 20))
        self.s3.put_object(Bucket=BUCKET, Key=batch["part_key"], Body=header)
        result = {"message": "", "run_id": RUN_ID, "started_at": run["started_at"], "duration_ms": 1, "output": None, "rows": 1,
                  "successful_accounts": self.active(), "partial_accounts": [], "failed_accounts": [], "api_calls": 1,
                  "retries": 0, "throttled": 0, "oldest_report_at": None, "users_with_second_active_key": 0}
        self.s3.put_object(Bucket=BUCKET, Key=batch["result_key"], Body=json.dumps(result).encode())
        self.end_while_uploading({"action": "combine", "run": run, **given})
        self.assertEqual(self.keys(run["output_key"]), [])

    def test_a_step_that_is_ended_and_can_not_wait(self):
        """What S3 does not take back in time is reported in the log."""
        rules = [{"actions": f"s3:{action}", "latency_ms": {"median": 60000, "p99": 60000}}
                 for action in ("UploadPart", "AbortMultipartUpload")]
        self.start("--accounts", 2, "--users-exact", 9000, "--all-active", rules=rules)
        given = {"columns": "extended"}
        run = self.plan(batch_size=2, **given)
        event = {"action": "collect_batch", "run": run, "batch": self.batches(run)[0], **given}
        with self.assertRaises(FunctionError):
            self.function.invoke(event, seconds=120, kill_when=self.uploads, number=signal.SIGTERM)
        self.assertIn("an unfinished upload of", self.function.runs[-1].err)

    def uploads(self):
        return self.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads")

    def end_while_uploading(self, event):
        with self.assertRaises(FunctionError):
            self.function.invoke(event, seconds=120, kill_when=self.uploads, number=signal.SIGTERM)
        self.assertGreater(self.sim.calls("s3:CreateMultipartUpload"), 0, "no upload was begun")
        self.assertIsNone(self.uploads(), f"{event['action']} left its upload")

    def test_parts_that_can_not_be_removed(self):
        """The census is there all the same; a combine that comes again removes what it may."""
        run = self.ready_to_combine("--accounts", 10, "--all-active", rules=[
            deny(None, "s3:DeleteObject", first=10, scope="rule")])
        before = self.keys("work/")
        self.assertEqual(len(before), 9)
        combined = self.combine(run)
        self.assertEqual(self.keys("work/"), sorted([*before, f"work/{RUN_ID}/result.json"]))
        self.assertEqual(self.combine(run), combined)
        self.assert_combined(combined, "")

    def test_a_batch_without_rows(self):
        """Its role is denied in every account: an empty part."""
        run = self.ready_to_combine("--accounts", 9, "--all-active", rules=[deny(["#3-5"], "sts:AssumeRole")])
        self.assertEqual(self.object(self.batches(run)[1]["part_key"]), b"")
        combined = self.combine(run)
        ids = self.active()
        self.assertEqual([each["account_id"] for each in combined["failed_accounts"]], ids[3:6])
        self.assert_users(self.output(combined), ids[:3] + ids[6:])

    def test_the_deadline_inside_a_batch(self):
        """What is complete is written, the rest is failed at Deadline, and the batch is not a failed task."""
        self.start("--accounts", 12, "--users", 4, "--all-active", rules=[
            {"accounts": ["#2", "#5-11"], "actions": "iam:*", "latency_ms": {"median": 60000}}])
        run = self.plan(batch_size=6)
        ids = self.active()
        for batch in self.batches(run):
            before = time.time()
            self.collect(run, batch, seconds=6)
            self.assertLess(time.time(), before + 6)
        combined = self.combine(run)
        self.assertEqual(combined["successful_accounts"], [ids[0], ids[1], ids[3], ids[4]])
        self.assertEqual([each["account_id"] for each in combined["failed_accounts"]], [ids[2], *ids[5:]])
        self.assertEqual({each["stage"] for each in combined["failed_accounts"]}, {"Deadline"})
        self.assert_users(self.output(combined), combined["successful_accounts"])
        self.assert_combined(combined, "")

    def test_thousands_of_failed_accounts(self):
        """The answer is one that Step Functions takes; the whole result lies beside the output."""
        for count, listed in ((5003, True), (12003, False)):
            with self.subTest(accounts=count):
                self.start("--accounts", count, "--users-exact", 1, "--all-active")
                run = self.plan(batch_size=500)
                batches = self.batches(run)
                self.collect(run, batches[-1])
                payload = self.function.invoke({"action": "combine", "run": run})
                self.assertLess(len(json.dumps(payload)), STEP_FUNCTIONS_BYTES)
                answer = json.loads(payload["body"])
                document = self.assert_combined(answer, "")
                self.assertEqual(answer["message"], document["message"])
                self.assert_each_once(document)
                self.assertEqual({each["code"] for each in document["failed_accounts"]}, {"BatchFailed"})
                self.assertEqual(len(document["successful_accounts"]), 3)
                if listed:
                    self.assert_each_once(answer)
                    self.assertEqual(set(answer["failed_accounts"][0]), {"account_id"})
                else:
                    self.assertEqual(answer["result_key"], f"{run['output_key'].removesuffix('.csv')}.result.json")
                    self.assertNotIn("failed_accounts", answer)
                self.assertEqual(self.combine(run), answer)
                line, = self.metrics(self.function.end())
                self.assert_metrics_of(line, document)

    def test_no_batch_left_a_result(self):
        """Nothing is written: a file without rows would look like accounts without users."""
        self.start("--accounts", 6, "--all-active")
        run = self.plan(batch_size=2)
        for _ in range(2):
            with self.assertRaises(FunctionError) as raised:
                self.function.invoke({"action": "combine", "run": run})
            self.assertIn("no account could be read", str(raised.exception))
        self.assertEqual(self.keys(""), [run["batches_key"]])
        self.assertEqual(self.metrics(self.function.end()), [])

    def test_what_is_refused_and_what_fails(self):
        self.start("--accounts", 4, "--all-active", buckets={"shut": {"denied": True}})
        run = self.plan()
        batch, = self.batches(run)
        for event, word in (({"action": "plans"}, "collect_batch"), ({"action": 1}, "collect_batch"),
                            ({"action": "plan", "batch_size": 0}, "batch_size"),
                            ({"action": "plan", "batch_size": 501}, "500"), ({"action": "plan", "run_id": "a/b"}, "run_id"),
                            ({"action": "plan", "started_at": "now"}, "started_at"),
                            ({"action": "collect_batch", "batch": batch}, "run"),
                            ({"action": "collect_batch", "run": run}, "part_key"),
                            ({"action": "collect_batch", "run": run, "batch": {**batch, "accounts": []}}, "accounts"),
                            ({"action": "collect_batch", "run": run, "batch": {**batch, "accounts": [{"id": "7"}]}}, "id"),
                            ({"action": "combine"}, "run"), ({"action": "combine", "run": {}}, "run_id"),
                            ({"action": "combine", "run": {**run, "started_at": "soon"}}, "started_at")):
            with self.subTest(event=event):
                self.assertIn(word, self.answer(event, status=500)["message"])
        for event, code in (({"action": "plan", "s3_bucket_name": "shut"}, "AccessDenied"),
                            ({"action": "collect_batch", "run": run, "batch": batch, "s3_bucket_name": "shut"}, "AccessDenied"),
                            ({"action": "combine", "run": run, "s3_bucket_name": "shut"}, "AccessDenied"),
                            ({"action": "combine", "run": {**run, "run_id": "another"}}, "NoSuchKey")):
            with self.subTest(event=event):
                with self.assertRaises(FunctionError) as raised:
                    self.function.invoke(event)
                self.assertEqual(raised.exception.kind, code)
        self.assertEqual(self.keys(""), [run["batches_key"]])
        self.assertEqual(self.metrics(self.function.end()), [])


if __name__ == "__main__":
    unittest.main()
