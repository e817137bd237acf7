# SPDX-License-Identifier: MIT
"""Every rule at its edges to the day and the second, with every input unknown, against an oracle that shares no code.

The databases hold what no census could be made to hold (oracle_cases.py); 'check' must say of each user, key,
credential and account what the oracle says, which tries out what the unknown facts could be.
"""

import csv
import io
import json
import unittest

import ocsf_schema
import oracle
import oracle_cases
import oracle_findings
import oracle_suppressions
from findings_case import ALL_RULES, TAG_KEYS, FindingsCase, limit_flags

# Limits at which the edges of other rules lie, so that no new database is needed.
OTHER_LIMITS = {"user-password-unused": 90, "user-key-unused": 90, "user-key-age": 45, "user-service-credential-age": 91,
                "user-certificate-age": 10, "user-dormant": 45, "user-inactive-key": 45, "user-no-credential": 45,
                "user-password-age": 45, "root-use": 91, "password-policy-length": 8, "password-policy-reuse": 1,
                "user-tag": ["team"]}


def suppressions(lines):
    return "rule,account,user,tag,expires,reason,ticket\n" + "".join(f"{line}\n" for line in lines)


class Edges(FindingsCase):
    def setUp(self):
        super().setUp()
        self.path = self.schema()
        self.users, self.accounts = oracle_cases.write_edges(self.path)

    def test_every_rule_at_its_edges(self):
        self.assert_judged(self.path, **ALL_RULES)
        self.assert_judged(self.path)

    def test_other_limits(self):
        self.assert_judged(self.path, rules=list(oracle.RULES), limits=OTHER_LIMITS)

    def test_one_rule_alone(self):
        for name in oracle.RULES:
            with self.subTest(rule=name):
                self.assert_judged(self.path, rules=[name], limits={"user-tag": TAG_KEYS} if name == "user-tag" else None)

    def test_only_what_needs_looking_at(self):
        run, made = self.judged(self.path)
        findings = oracle_findings.from_jsonl(self.check(self.path, "--format", "jsonl").out)
        self.assert_alike(findings, oracle_findings.shown(made), run)

    def test_the_exit_status(self):
        _, made = self.judged(self.path)
        for severity in oracle_findings.SEVERITIES:
            for more, on_unknown in (((), False), (("--fail-on-unknown",), True)):
                run = self.check(self.path, "--format", "jsonl", "--fail-on", severity, *more, codes=(0, 3, 4))
                self.assertEqual(run.code, oracle_findings.exit_status(made, severity, on_unknown), str(run.command))


class Forms(FindingsCase):
    """CSV and OCSF hold what JSON Lines hold."""

    def setUp(self):
        super().setUp()
        self.path = self.schema()
        oracle_cases.write_edges(self.path, dormant=50, random_users=100)
        self.file = self.work / "suppressions.csv"
        self.file.write_text(suppressions(["user-key-*,,user-0001*,,,known,T-1", "root-*,,,,2099-12-31,\"a, b\","]))
        self.flags = ["--include-pass", "--rules", ",".join(oracle.RULES), *limit_flags(ALL_RULES["limits"]),
                      "--suppress", self.file]
        self.findings = oracle_findings.from_jsonl(self.check(self.path, "--format", "jsonl", *self.flags).out)
        self.assertGreater(oracle_findings.statuses(self.findings)["suppressed"], 10)

    def test_csv(self):
        data = self.check(self.path, "--format", "csv", *self.flags).out
        self.assertEqual(next(csv.reader(io.StringIO(data.decode(), newline="")))[0], "finding_id")
        self.assertEqual(data.count(b"\r\n"), len(self.findings) + 1)
        rows = oracle_findings.from_csv(data)
        for row, finding in zip(rows, self.findings, strict=True):
            for name in ("finding_id", "rule", "status", "severity", "account_id", "user_name", "resource_id", "reason",
                         "limit", "value", "since", "data_as_of", "run_id"):
                value = finding[name]
                self.assertEqual(row[name], "" if value is None else str(value), (name, row, finding))
            self.assertEqual(json.loads(row["because"]), finding["because"])

    def test_ocsf(self):
        schema = ocsf_schema.Schema()
        lines = self.check(self.path, "--format", "ocsf", *self.flags).out.decode().splitlines()
        objects = [json.loads(line) for line in lines]
        wanted = [each for each in self.findings if each["status"] != "not_applicable"]
        if len(objects) == len(self.findings):
            wanted = self.findings
        self.assertEqual(len(objects), len(wanted))
        for thing, finding in zip(objects, wanted):
            self.assertEqual(schema.faults(thing), [], thing)
            self.assertEqual(thing["severity_id"], 1 + oracle_findings.SEVERITIES.index(finding["severity"]))
            self.assertEqual(thing["compliance"]["status_id"], oracle_findings.COMPLIANCE.get(finding["status"], 99), finding)
            self.assertEqual(thing.get("status_id") == 3, finding["status"] == "suppressed", thing)
            self.assertIn(finding["finding_id"], json.dumps(thing["finding_info"]))
            self.assertIn(finding["resource_id"], json.dumps(thing["resources"], ensure_ascii=False))
            self.assertIn(finding["account_id"], json.dumps(thing["cloud"]))


class Suppressions(FindingsCase):
    LINES = [
        "user-key-age,,,,2026-03-28,expired the day before,T-1",
        "user-key-age,,AKIA*7,,2026-03-29,the last day counts,T-2",
        "user-key-age,10000000000?,,,2026-03-30,\"a reason, with \"\"quotes\"\"\",",
        "user-*-mfa,*,USER-000001,,,case counts,",
        "user-admin*,,user-00000?,,,a group of names,T-3",
        "user-key-unused,,AKIA*5,,,by key,",
        "user-boundary,,,team=,,by an empty tag,",
        "user-boundary,,arn:aws:iam::100000000004:user/*,,,by ARN,",
        "user-direct-policy,,,team=core,,by tag,",
        "*,100000000020,,,,a whole account,T-4",
        "root-use,,user-*,,,an account is no user,",
        "user-*,,user-[0]*,,,no such glob,",
        "password-policy-*,*,,,,every account,T-5",
    ]
    UNUSED = ["expired the day before", "case counts", "an account is no user", "no such glob"]

    def test_a_table_of_cases(self):
        path = self.schema()
        oracle_cases.write_edges(path, dormant=100, random_users=300)
        file = self.work / "suppressions.csv"
        file.write_text(suppressions(self.LINES))
        run, made = self.judged(path, **ALL_RULES)
        lines = oracle_suppressions.suppress(made, file.read_text(), oracle_cases.START)
        seen = self.check(path, "--include-pass", "--format", "jsonl", "--rules", ",".join(oracle.RULES),
                          *limit_flags(ALL_RULES["limits"]), "--suppress", file)
        self.assert_alike(oracle_findings.from_jsonl(seen.out), made, run)
        self.assertGreater(oracle_findings.statuses(made)["suppressed"], 100)
        self.assertEqual([line.fields["reason"] for line in lines if not line.used], self.UNUSED)


if __name__ == "__main__":
    unittest.main()
