# SPDX-License-Identifier: MIT
"""What people see of a census in which hundreds of accounts fail for the same few reasons."""

import json
import re
import unittest

from cases import Case
from simulator import CALLER_KEY, CALLER_SECRET, REGION, ROLE, Simulator

SCREEN_LINES = 24
SCENARIO = {"rules": [
    {"accounts": "#10-486", "actions": "AssumeRole", "fault": "access_denied"},
    {"accounts": "#500-505", "actions": ["ListGroupsForUser", "GetAccountAuthorizationDetails"], "fault": "access_denied"},
    {"accounts": "#507-509", "actions": ["ListUsers", "GetAccountAuthorizationDetails"], "fault": "access_denied"}]}
IDS = r"\d{12}, \d{12}, \.\.\. "


class HundredsFail(Case):
    """523 accounts: the role of 477 does not trust us, 3 may not be listed, 6 hide their groups."""

    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator("--accounts", 523, "--users-exact", 3, "--all-active", scenario=SCENARIO).start()
        cls.addClassCleanup(cls.sim.stop)

    def read(self, *arguments, code=3):
        run = self.collect("--role-name", ROLE, "--output", "out.csv", *arguments, env={
            "AWS_ENDPOINT_URL": self.sim.url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": CALLER_KEY,
            "AWS_SECRET_ACCESS_KEY": CALLER_SECRET})
        self.assert_code(run, code)
        return run

    def test_a_screen(self):
        run = self.read()
        lines = run.out.decode().splitlines()
        self.assertLessEqual(len(lines), SCREEN_LINES, str(run))
        self.assertEqual(lines[0], "129 users of 523 accounts: 37 complete, 6 partial, 480 failed")
        self.assertRegex(run.out.decode(), rf"\n  477 at AssumeRole: AccessDenied \({IDS}475 more\)\n")
        self.assertRegex(run.out.decode(), r"\n  3 at ListUsers: AccessDenied \(\d{12}, \d{12}, \d{12}\)\n")
        self.assertRegex(run.out.decode(), rf"\n  6 with Groups unknown since ListGroupsForUser: AccessDenied \({IDS}4 more\)\n")

    def test_the_log_says_each_thing_once(self):
        run = self.read()
        self.assertLessEqual(len(run.err.splitlines()), SCREEN_LINES // 2, str(run))
        self.assertEqual(len(re.findall(r" ERROR account failed account_id=\d{12} stage=AssumeRole ", run.err)), 1)
        self.assertEqual(len(re.findall(r" ERROR account failed account_id=\d{12} stage=ListUsers ", run.err)), 1)
        self.assertRegex(run.err, rf" ERROR 476 more: account failed, stage AssumeRole, code AccessDenied \({IDS}474 more\)\n")
        self.assertRegex(run.err, r" ERROR 2 more: account failed, stage ListUsers, code AccessDenied \(\d{12}, \d{12}\)\n")
        self.assertRegex(run.err, rf" WARN  5 more: account partial, cause ListGroupsForUser AccessDenied \({IDS}3 more\)\n")

    def test_programs_get_each_account(self):
        run = self.read("--log-format", "json", "--json")
        events = [json.loads(line) for line in run.err.splitlines()]
        failed = {event["account_id"] for event in events if event["event"] == "account failed"}
        partial = {event["account_id"] for event in events if event["event"] == "account partial"}
        document = self.document(run)
        self.assertEqual((len(failed), len(partial)), (480, 6))
        self.assertEqual(failed, {account["account_id"] for account in document["failed_accounts"]})
        self.assertEqual(partial, {account["account_id"] for account in document["partial_accounts"]})

    def test_who_asks_for_more_gets_each_account(self):
        run = self.read("--log-level", "info")
        self.assertEqual(len(re.findall(r" ERROR account failed account_id=\d{12} ", run.err)), 480)
        self.assertNotIn(" more: ", run.err)

    def test_a_list_full_of_repetitions(self):
        ids = "\n".join(account["id"] for account in self.sim.dump["accounts"][:9])
        run = self.collect("--role-name", ROLE, "--accounts", "-", "--dry-run", stdin=f"{ids}\n{ids}\n".encode(), env={
            "AWS_ENDPOINT_URL": self.sim.url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": CALLER_KEY,
            "AWS_SECRET_ACCESS_KEY": CALLER_SECRET})
        self.assert_code(run, 0)
        self.assertEqual(len(run.err.splitlines()), 2, str(run))
        self.assertIn("again_at=\"standard input:", run.err)
        self.assertIn("8 more: account is listed twice, read once (", run.err)


if __name__ == "__main__":
    unittest.main()
