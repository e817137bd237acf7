# SPDX-License-Identifier: MIT
"""'collect --findings' as people and programs meet it: what is refused, how it ends, what it says, in Lambda, in batches."""

import collections
import csv
import io
import json
import unittest

import ocsf_schema
from findings_case import FindingsCase
from test_fanout import BUCKET, FanoutCase, METRICS, deny

HEADER = "rule,account,user,tag,expires,reason,ticket\n"
OLD = "2020-01-01T00:00:00Z"
ROOT = {"password": {"created": OLD}, "mfa": ["token"]}
A, B = "111111111111", "222222222222"
SEVERITIES = ("critical", "high", "medium", "low", "info")
STATUSES = ("fail", "pass", "unknown", "not_applicable", "suppressed")
FINDING_METRICS = {"FindingsCritical": "Count", "FindingsHigh": "Count", "FindingsUnknown": "Count"}


def objects(data):
    return [json.loads(line) for line in data.splitlines()]


def told(data):
    """Findings without the run and the moment of reading, which differ from run to run."""
    return [{name: value for name, value in each.items() if name not in ("run_id", "data_as_of")} for each in objects(data)]


class Refused(FindingsCase):
    """Status 2, a message that names the thing, no file, and no call before the settings are whole."""

    def setUp(self):
        super().setUp()
        self.sim = self.simulate(world={"accounts": [{"id": A, "users": [{"name": "ann"}]}]})

    def refused(self, *arguments, words=(), findings=True, **options):
        before = self.sim.counters()["requests"]
        flags = ["--findings", "f.jsonl"] if findings else []
        run = self.collect_from(self.sim, "--output", "o.csv", *flags, *arguments, code=2, **options)
        self.assert_configuration_error(run, *words)
        self.assertEqual(self.sim.counters()["requests"], before, str(run))
        return run

    def test_settings(self):
        for arguments, words in (
                (["--rules", "user-key-ages"], ["--rules", "'user-key-ages'", "did you mean 'user-key-age'?"]),
                (["--rules", ","], ["--rules", "names no rule"]),
                (["--limit", "user-key-age=0"], ["--limit", "user-key-age", "from 1 to 3650"]),
                (["--limit", "user-key-age"], ["--limit", "'='"]),
                (["--limit", "root-mfa=3"], ["root-mfa", "no limit"]),
                (["--limit", "root-usage=3"], ["did you mean 'root-use'?"]),
                (["--limit", "user-tag=owner"], ["user-tag", "not judged", "--rules default,user-tag"]),
                (["--rules", "all"], ["user-tag", "--limit user-tag="]),
                (["--fail-on", "severe"], ["--fail-on", "severe", "critical"]),
                (["--fail-on-unknown"], ["--fail-on-unknown", "--fail-on"]),
                (["--findings-format", "xml"], ["--findings-format", "csv", "jsonl", "ocsf"]),
                (["--suppress-key", "k"], ["--suppress-key", "bucket"])):
            with self.subTest(arguments=arguments):
                self.refused(*arguments, words=words)

    def test_flags_that_mean_nothing_without_findings(self):
        for arguments in (["--fail-on", "high"], ["--rules", "root-mfa"], ["--limit", "root-use=3"], ["--suppress", "x"],
                          ["--findings-format", "csv"], ["--fail-on-unknown"]):
            with self.subTest(arguments=arguments):
                self.refused(*arguments, findings=False, words=[arguments[0], "--findings"])

    def test_suppressions(self):
        path = self.home / "accepted.csv"
        for text, words in (("", ["line 1", "header"]), ("rule,account\n", ["line 1", "header"]),
                            (HEADER + "user-admin,,,,,fine,\nuser-admim,,,,,x,\n", ["line 3", "'user-admim'", "'user-admin'?"]),
                            (HEADER + "\n\nuser-admin,,,,,,\n", ["line 4", "reason"]),
                            (HEADER + ',,,,,"a\nb",\n,,,,31.12.2030,x,\n', ["line 4", "2030-12-31"]),
                            (HEADER + ",1.1E+11,,,,x,\n", ["line 2", "12 digits"])):
            with self.subTest(text=text):
                path.write_text(text)
                self.refused("--suppress", path, words=[str(path), *words])
        self.refused("--suppress", self.home / "none.csv", words=["none.csv", "No such file"])
        self.refused("--suppress", self.home, words=[str(self.home)])

    def test_places(self):
        for arguments, words in ((["--findings", "o.csv"], ["o.csv", "--findings"]),
                                 (["--findings", "./o.csv"], ["o.csv", "--findings"]),
                                 (["--findings", "f", "--accounts-file", "f"], ["--findings", "--accounts-file"]),
                                 (["--findings", "-"], ["--findings"])):
            with self.subTest(arguments=arguments):
                self.refused(*arguments, findings=False, words=words)

    def test_a_folder_that_does_not_exist(self):
        """As with --output: 1, since the settings are right; and nothing is read."""
        before = self.sim.counters()["requests"]
        run = self.collect_from(self.sim, "--output", "o.csv", "--findings", "none/f.jsonl", code=1)
        self.assert_says(run, "the findings file", "'none/f.jsonl'")
        self.assertEqual((self.files(), self.sim.calls("sts:AssumeRole")), ([], before))


class Ends(FindingsCase):
    """Exit statuses, the summary, warnings, the result document."""

    def world(self, *users, root=ROOT, **more):
        return self.simulate(world={"accounts": [{"id": A, "root": root, "users": list(users), **more}]})

    def judged(self, sim, *arguments, code=0):
        path = self.work / "f.jsonl"
        path.unlink(missing_ok=True)
        run = self.collect_from(sim, "--output", self.work / "o.csv", "--findings", path, *arguments, code=code)
        return run, objects(path.read_bytes())

    def test_statuses(self):
        bob = {"name": "bob", "created": OLD, "password": {"created": OLD}}
        sim = self.world(bob)
        flags = ("--rules", "user-console-mfa,user-boundary")
        for more, code in (((), 0), (("--fail-on", "none"), 0), (("--fail-on", "critical"), 0), (("--fail-on", "high"), 4),
                           (("--fail-on", "info"), 4)):
            with self.subTest(more=more):
                _, findings = self.judged(sim, *flags, *more, code=code)
                self.assertEqual([(each["rule"], each["status"]) for each in findings],
                                 [("user-boundary", "fail"), ("user-console-mfa", "fail")])
        path = self.home / "s.csv"
        path.write_text(HEADER + "user-console-mfa,,bob,,,known,\n")
        _, findings = self.judged(sim, *flags, "--fail-on", "medium", "--suppress", path)
        self.assertEqual([each["status"] for each in findings], ["fail", "suppressed"])
        self.judged(sim, *flags, "--fail-on", "low", "--suppress", path, code=4)

    def test_what_is_unknown(self):
        """3 for something unknown, even if all accounts are complete; 4 goes before."""
        sim = self.simulate(world={"accounts": [{"id": A, "root": ROOT, "users": []}]},
                            scenario={"rules": [{"actions": ["ListVirtualMFADevices"], "fault": "access_denied"}]})
        flags = ("--rules", "root-hardware-mfa")
        _, findings = self.judged(sim, *flags, code=3)
        self.assertEqual([(each["status"], each["because"]) for each in findings], [("unknown", ["root_mfa_kind"])])
        self.judged(sim, *flags, "--fail-on", "high", code=3)
        self.judged(sim, *flags, "--fail-on", "high", "--fail-on-unknown", code=4)
        self.judged(sim, *flags, "--fail-on", "critical", "--fail-on-unknown", code=3)

    def test_an_account_that_was_not_read(self):
        sim = self.simulate(world={"accounts": [{"id": A, "root": ROOT, "users": []},
                                                {"id": B, "root": ROOT, "users": [{"name": "x"}]}]},
                            scenario={"rules": [deny(["#1"], "sts:AssumeRole")]})
        run, findings = self.judged(sim, code=3)
        lost = [each for each in findings if each["account_id"] == B]
        self.assertEqual(len(lost), 22)
        self.assertEqual({(each["status"], each["resource_type"], each["resource_id"], each["data_as_of"]) for each in lost},
                         {("unknown", "account", B, None)})
        self.assertEqual([each["rule"] for each in lost], sorted(each["rule"] for each in lost))
        self.assertIn("AssumeRole", lost[0]["reason"])
        self.assertIn("22 unknown", run.out.decode())

    def test_the_summary_and_the_document(self):
        path = self.home / "s.csv"
        path.write_text(HEADER + "user-admin,,,,2001-01-01,long ago,\nuser-boundary,,ann,,,known,\nroot-use,,,,,never,\n"
                        "user-boundary,,nobody,,,never,\n")
        sim = self.world({"name": "ann"}, {"name": "bob"})
        flags = ("--rules", "user-boundary,root-use", "--suppress", path)
        run, findings = self.judged(sim, *flags)
        lines = run.out.decode().splitlines()
        self.assertIn("findings: 0 critical, 0 high, 0 medium, 1 low, 0 info; 0 unknown; 1 suppressed", lines)
        self.assertIn("suppressions that matched nothing: lines 4, 5", lines)
        self.assertRegex(run.err, "suppression has expired.*line=2")
        self.assertEqual(run.err.count("expired"), 1)
        self.assertEqual([each["suppression"] for each in findings], [{"reason": "known", "expires": None, "ticket": None}, None])
        run, _ = self.judged(sim, *flags, "--json")
        document = json.loads(run.out)
        self.assertEqual(document["findings_file"], str(self.work / "f.jsonl"))
        counts = document["findings"]
        self.assertEqual(list(counts), [*SEVERITIES, "unmatched_suppressions"])
        self.assertEqual(counts["unmatched_suppressions"], [4, 5])
        self.assertEqual(counts["low"], {"fail": 1, "pass": 0, "unknown": 0, "not_applicable": 0, "suppressed": 1})
        self.assertEqual(counts["high"], {"fail": 0, "pass": 1, "unknown": 0, "not_applicable": 0, "suppressed": 0})

    def test_without_findings_nothing_is_said(self):
        sim = self.world({"name": "ann"})
        run = self.collect_from(sim, "--output", self.work / "o.csv", "--json")
        self.assertFalse([name for name in json.loads(run.out) if "finding" in name])
        self.assertEqual(sim.calls("iam:GetAccountSummary"), 0)

    def test_hostile_names(self):
        """A name that a spreadsheet would run is guarded in the CSV, and as it is in JSON."""
        sim = self.world({"name": "=cmd", "path": "/a/"}, {"name": "+1,@x"})
        path = self.work / "f"
        for form in ("csv", "jsonl", "ocsf"):
            self.collect_from(sim, "--output", self.work / "o.csv", "--findings", path, "--findings-format", form, "--rules",
                              "user-boundary")
            data = path.read_bytes().decode()
            if form == "csv":
                self.assertTrue(data.endswith("\r\n"))
                self.assertEqual([row["user_name"] for row in csv.DictReader(io.StringIO(data, newline=""))], ["'+1,@x", "'=cmd"])
            elif form == "jsonl":
                self.assertEqual([each["user_name"] for each in objects(data)], ["+1,@x", "=cmd"])
            else:
                self.assertEqual([ocsf_schema.Schema().faults(each) for each in objects(data)], [[], []])
                self.assertEqual([each["resources"][0]["owner"]["name"] for each in objects(data)], ["+1,@x", "=cmd"])


class InLambda(FanoutCase):
    """Event fields, the object beside the output, metrics; and in batches."""

    def setUp(self):
        super().setUp()
        self.given = {"findings": True, "accounts_file": True}

    def findings(self, document):
        return self.object(document["findings_file"].removeprefix(f"s3://{BUCKET}/"))

    def test_an_event(self):
        self.start("--accounts", 4, "--users", 10, "--all-active")
        for form, ending in (("jsonl", ".findings.jsonl"), ("csv", ".findings.csv"), ("ocsf", ".findings.ocsf.jsonl")):
            with self.subTest(form=form):
                document = self.answer({"s3_prefix": f"{form}/", "findings": True, "findings_format": form})
                self.assertEqual(document["findings_file"], document["output"].removesuffix(".csv") + ending)
                self.assertGreater(self.findings(document).count(b"\n"), 10)
        line = json.loads(self.function.end().splitlines()[0])
        self.assertEqual({each["Name"]: each["Unit"] for each in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]},
                         {**METRICS, **FINDING_METRICS})

    def test_rules_limits_and_suppressions_of_an_event(self):
        self.start("--accounts", 4, "--users", 10, "--all-active", buckets={BUCKET: {}})
        self.s3.put_object(Bucket=BUCKET, Key="accepted.csv", Body=(HEADER + "user-boundary,,,,,accepted,T-1\n").encode())
        document = self.answer({"findings": True, "rules": ["user-boundary", "user-key-age", "root-mfa"],
                                "limits": ["user-key-age=7"], "suppress_key": "accepted.csv"})
        findings = objects(self.findings(document))
        counts = collections.Counter(each["status"] for each in findings if each["rule"] == "user-boundary")
        self.assertEqual(set(counts), {"suppressed"})
        self.assertEqual({each["limit"] for each in findings if each["rule"] == "user-key-age"}, {7})
        self.assertEqual(document["findings"]["low"]["suppressed"], counts["suppressed"])
        line = json.loads(self.function.end().splitlines()[0])
        self.assertEqual([line[name] for name in FINDING_METRICS],
                         [document["findings"]["critical"]["fail"], document["findings"]["high"]["fail"],
                          sum(document["findings"][each]["unknown"] for each in SEVERITIES)])

    def test_what_an_event_may_not_say(self):
        self.start("--accounts", 2, "--all-active")
        before = self.sim.counters()["requests"]
        for event, word in (({"rules": 5}, "rules"), ({"rules": [5]}, "rules"), ({"limits": {"user-key-age": 3}}, "limits"),
                            ({"limits": [["a"]]}, "limits"), ({"rules": ["user-key-ages"]}, "user-key-age'?"),
                            ({"limits": ["user-key-age=x"]}, "user-key-age"), ({"findings": "/tmp/f"}, "findings"),
                            ({"findings_format": "xml"}, "findings_format"), ({"suppress_key": 4}, "suppress_key")):
            with self.subTest(event=event):
                self.assertIn(word, self.answer({"findings": True, **event}, status=500)["message"])
        self.assertEqual(self.sim.counters()["requests"], before)

    def step(self, action, run, given, **more):
        return self.answer({"action": action, "run": run, **given, **more})

    def batched(self, given, started_at, prefix, lost=()):
        """(result of combine, the accounts of the batches that were lost)."""
        given = {**given, "s3_prefix": prefix}
        run = self.answer({"action": "plan", "run_id": prefix.strip("/"), "started_at": started_at, "batch_size": 4, **given})
        gone = []
        for batch in self.read(BUCKET, run["batches_key"]):
            if batch["batch"] in lost:
                gone += [each["id"] for each in batch["accounts"]]
            else:
                self.step("collect_batch", run, given, batch=batch)
        return self.step("combine", run, given), gone

    def test_batches(self):
        """The same findings as one run's; those of a batch that is lost are unknown, one for each rule and account."""
        self.start("--accounts", 14, "--users", 8, "--seed", 7, rules=[deny(["#3"], "sts:AssumeRole"),
                                                                      deny(["#6"], "GetAccountSummary")])
        single = self.answer({**self.given, "s3_prefix": "single/"})
        wanted = told(self.findings(single))
        combined, _ = self.batched(self.given, single["started_at"], "whole/")
        self.assertEqual(told(self.findings(combined)), wanted)
        self.assertEqual(combined["findings"], single["findings"])
        self.assertIn("accounts_file", combined)
        combined, gone = self.batched(self.given, single["started_at"], "lost/", lost=[1])
        self.assertEqual(len(gone), 4)
        findings = told(self.findings(combined))
        self.assertEqual([each for each in findings if each["account_id"] not in gone],
                         [each for each in wanted if each["account_id"] not in gone])
        lost = [each for each in findings if each["account_id"] in gone]
        self.assertEqual(collections.Counter((each["account_id"], each["status"]) for each in lost),
                         {(account, "unknown"): 22 for account in gone})
        self.assertEqual(len({(each["account_id"], each["rule"]) for each in lost}), 22 * 4)
        self.assertEqual([each["account_id"] for each in findings], sorted(each["account_id"] for each in findings))

    def test_suppressions_in_batches(self):
        """Each batch uses the same file; a line has matched if it has in any batch; one that expired is nobody's."""
        self.start("--accounts", 9, "--users", 8, "--all-active", buckets={BUCKET: {}})
        first, *_, last = self.active()
        text = (f"user-boundary,{first},,,,in the first batch,\nuser-boundary,{last},,,,in the last,\n"
                "user-boundary,,nobody,,,never,\n,,,,2001-01-01,long ago,\n")
        self.s3.put_object(Bucket=BUCKET, Key="accepted.csv", Body=(HEADER + text).encode())
        given = {"findings": True, "suppress_key": "accepted.csv", "rules": ["default", "user-boundary"],
                 "limits": ["user-key-age=7"]}
        single = self.answer({**given, "s3_prefix": "single/"})
        combined, _ = self.batched(given, single["started_at"], "batched/")
        self.assertEqual(told(self.findings(combined)), told(self.findings(single)))
        self.assertEqual(combined["findings"], single["findings"])
        self.assertEqual(combined["findings"]["unmatched_suppressions"], [4])
        self.assertGreater(combined["findings"]["low"]["suppressed"], 0)

    def test_ocsf_in_batches(self):
        """Whatever was read, refused or lost, each object is valid."""
        schema = ocsf_schema.Schema()
        self.start("--accounts", 12, "--users", 8, "--seed", 3, rules=[deny(["#3"], "sts:AssumeRole"),
                                                                      deny(["#6"], "ListAccessKeys")])
        given = {**self.given, "findings_format": "ocsf", "rules": ["all"], "limits": ["user-tag=owner"]}
        single = self.answer({**given, "s3_prefix": "single/"})
        combined, gone = self.batched(given, single["started_at"], "batched/", lost=[2])
        made = objects(self.findings(combined))
        self.assertGreater(len(made), 26 * len(gone))
        for each in made:
            self.assertEqual(schema.faults(each), [], each)

    def test_csv_in_batches_has_one_header(self):
        self.start("--accounts", 9, "--users", 4, "--all-active")
        given = {**self.given, "findings_format": "csv"}
        single = self.answer({**given, "s3_prefix": "single/"})
        combined, _ = self.batched(given, single["started_at"], "batched/")
        data = self.findings(combined)
        self.assertEqual(data.count(b"finding_id,rule"), 1)
        self.assertEqual(data.count(b"\r\n"), self.findings(single).count(b"\r\n"))


if __name__ == "__main__":
    unittest.main()
