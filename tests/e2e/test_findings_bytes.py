# SPDX-License-Identifier: MIT
"""'collect --findings' and 'check' on the database of the same run give the same bytes: one rule engine."""

import json
import sqlite3
import unittest

import oracle
import oracle_findings
from findings_case import FindingsCase, limit_flags

FORMATS = ("jsonl", "csv", "ocsf")
LIMITS = {"user-key-age": 30, "user-key-unused": 10, "user-password-unused": 400, "user-tag": ["team", "cost-center"],
          "password-policy-length": 8}
RULES = ("user-key-age,user-key-unused,user-tag,user-boundary,user-password-unused,root-credentials,root-mfa,user-dormant,"
         "password-policy-length,user-api-key-no-expiry,user-admin")
EVERY_RULE = ",".join(oracle.RULES)
REFUSED = {"rules": [
    {"accounts": "#1", "actions": ["AssumeRole"], "fault": "access_denied"},
    {"accounts": "#2", "actions": ["GetAccountAuthorizationDetails", "GetAccountSummary"], "fault": "access_denied"},
    {"accounts": "#3", "actions": ["ListAccessKeys", "GetCredentialReport", "ListVirtualMFADevices"], "fault": "access_denied"},
    {"accounts": "#4", "actions": ["GetAccessKeyLastUsed", "ListServiceSpecificCredentials"], "fault": "access_denied"}]}
SUPPRESSIONS = '''rule,account,user,tag,expires,reason,ticket
user-key-age,,AKIA*A,,,old keys of some,T-1
user-*,,*e*,,2099-01-01,"a comma, and ""quotes""",
root-mfa,,,,,the vault has the device,
user-tag,,,,2001-01-01,expired,
'''


class SameBytes(FindingsCase):
    def both(self, sim, form, *flags, collect=(), code=None, **options):
        """The findings of one census, and those of 'check' on its database."""
        database, file = self.work / "census.sqlite", self.work / "findings"
        for path in (database, file):
            path.unlink(missing_ok=True)
        run = self.collect_from(sim, "--format", "sqlite", "--output", database, "--findings", file, "--findings-format", form,
                                *flags, *collect, code=code, **options)
        self.assertIn(run.code, (0, 3), str(run))
        checked = self.check(database, "--format", form, *flags)
        self.assert_bytes(checked.out, file.read_bytes(), checked)
        return file.read_bytes()

    def test_all_strategies_and_forms(self):
        sim = self.simulate("--accounts", 8, "--users-exact", 25)
        for strategy in ("auto", "bulk", "per-user"):
            for form in FORMATS:
                with self.subTest(strategy=strategy, form=form):
                    data = self.both(sim, form, collect=("--strategy", strategy))
                    self.assertGreater(data.count(b"\n"), 50)

    def test_what_was_refused(self):
        sim = self.simulate("--accounts", 6, "--users-exact", 15, "--all-active", scenario=REFUSED)
        for strategy in ("auto", "bulk", "per-user"):
            for columns in ("standard", "full"):
                with self.subTest(strategy=strategy, columns=columns):
                    data = self.both(sim, "jsonl", "--rules", EVERY_RULE, *limit_flags({"user-tag": ["team"]}),
                                     collect=("--strategy", strategy, "--columns", columns))
                    self.assertIn(b'"status":"unknown"', data)

    def test_limits_and_suppressions(self):
        file = self.home / "suppressions.csv"
        file.write_text(SUPPRESSIONS)
        sim = self.simulate("--accounts", 5, "--users-exact", 40, "--all-active")
        for form in FORMATS:
            with self.subTest(form=form):
                data = self.both(sim, form, "--rules", RULES, *limit_flags(LIMITS), "--suppress", file)
                self.assertGreater(data.count(b"old keys of some"), 0)

    def test_without_users_and_in_other_partitions(self):
        """In 'aws-us-gov' root users have no MFA; without users, nothing but the partition says so."""
        root = {"password": {"created": "2020-01-01T00:00:00Z"}}
        for partition, region in (("aws", "eu-west-1"), ("aws-us-gov", "us-gov-west-1"), ("aws-cn", "cn-north-1")):
            with self.subTest(partition=partition):
                sim = self.simulate(world={"partition": partition, "accounts": [
                    {"id": "111111111111", "root": root, "users": []}, {"id": "222222222222", "root": root, "users": []}]})
                data = self.both(sim, "jsonl", "--rules", "root-mfa,root-hardware-mfa,root-use", region=region)
                self.assertEqual(b'"root-mfa"' in data, partition != "aws-us-gov")

    def test_the_table_of_findings(self):
        """The database holds what the file does: the fields of the machine form, lists and objects as JSON."""
        file = self.home / "suppressions.csv"
        file.write_text(SUPPRESSIONS)
        sim = self.simulate("--accounts", 4, "--users-exact", 30, "--all-active")
        data = self.both(sim, "jsonl", "--rules", "all", *limit_flags(LIMITS), "--suppress", file)
        db = sqlite3.connect(self.work / "census.sqlite")
        db.row_factory = sqlite3.Row
        self.addCleanup(db.close)
        rows = {(row["account_id"], row["finding_id"]): dict(row) for row in db.execute("SELECT * FROM finding")}
        findings = oracle_findings.from_jsonl(data)
        self.assertEqual(len(rows), len(findings))
        for finding in findings:
            row = rows[finding["account_id"], finding["finding_id"]]
            for name, value in finding.items():
                seen = row[name]
                if name in ("because", "suppression", "frameworks") and seen is not None:
                    seen = json.loads(seen)
                self.assertEqual(seen, value, (name, finding))

    def test_a_census_in_another_format(self):
        """The findings do not hang on what else is written; only the run has another id."""
        sim = self.simulate("--accounts", 3, "--users-exact", 20, "--all-active")
        seen = set()
        for form in ("csv", "jsonl", "sqlite"):
            file = self.work / f"findings.{form}"
            self.collect_from(sim, "--format", form, "--output", self.work / f"out.{form}", "--findings", file, code=None)
            lines = file.read_text().splitlines()
            seen.add("\n".join(line.split(',"data_as_of"')[0] for line in lines))
        self.assertEqual(len(seen), 1)


if __name__ == "__main__":
    unittest.main()
