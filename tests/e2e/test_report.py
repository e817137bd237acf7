# SPDX-License-Identifier: MIT
"""'report': every number of the page against the database, what it says of its own safety, and wrong input."""

import os
import re
import sqlite3
import stat

from findings_case import FindingsCase
from page_numbers import Numbers, Page, four_of

HOSTILE = "</script><img src=x onerror=alert(1)>"
BIDI = "a\u202eb"
EMPTY = {"accounts": [{"id": "111111111111", "users": []}]}
ONE = {"accounts": [{"id": "111111111111", "name": HOSTILE, "users": [
    {"name": "ann", "created": "2020-01-01", "password": {"created": "2020-01-01", "last_changed": "2020-01-01", "last_used": None},
     "groups": [], "tags": [{"key": "why", "value": HOSTILE}, {"key": "turn", "value": BIDI}]}]}]}


class Reports(FindingsCase):
    def database(self, *arguments, name="census.sqlite", code=None, **documents):
        sim = self.simulate(*arguments, **documents)
        self.collect_from(sim, "--format", "sqlite", "--columns", "full", "--output", name,
                          "--findings", "findings.jsonl", code=code, timeout=120)
        return name

    def report(self, *arguments, code=0):
        run = self.run_program("report", *arguments, "-o", "page.html", timeout=120)
        self.assert_code(run, code)
        return Page((self.work / "page.html").read_text()) if code == 0 else run

    def assert_numbers(self, page, numbers):
        self.assertEqual(four_of(page), numbers.four())
        self.assertEqual(page.rows("mfa"), numbers.mfa())
        self.assertEqual(page.rows("keys"), numbers.keys())
        self.assertEqual(page.rows("last-use"), numbers.cumulative())
        self.assertEqual(page.rows("credentials"), numbers.credentials())
        roots = page.rows("roots")
        self.assertEqual(sum(roots.pop("Hardware MFA")), sum(roots["MFA"]))
        self.assertEqual(roots, numbers.roots())

    def assert_rules(self, page, name):
        """The counts of each rule are those of the findings in the database."""
        rows = {row[0]: [int(cell) for cell in row[2:5]] for row in page.tables["findings"][1:]}
        counted = {}
        for rule, status, count in sqlite3.connect(self.work / name).execute(
                "SELECT rule, status, count(*) FROM finding WHERE run_id = (SELECT run_id FROM run ORDER BY number DESC LIMIT 1) "
                "GROUP BY rule, status"):
            counted.setdefault(rule, [0, 0, 0])
            if status in ("fail", "unknown", "suppressed"):
                counted[rule][("fail", "unknown", "suppressed").index(status)] = count
        self.assertEqual({rule: counts for rule, counts in rows.items() if any(counts)},
                         {rule: counts for rule, counts in counted.items() if any(counts)})

    def test_numbers(self):
        name = self.database("--accounts", "14", "--users", "25", "--all-active", "--seed", "3")
        page = self.report(name)
        numbers = Numbers(self.work / name)
        self.assert_numbers(page, numbers)
        self.assert_rules(page, name)
        data = page.data()
        self.assertEqual([account["id"] for account in data["accounts"]], sorted(numbers.accounts))
        self.assertEqual(sum(len(account["user"]) for account in data["accounts"]), len(numbers.users))
        self.assertEqual(data["left_out"], 0)
        self.assertEqual(len(page.tables["accounts"]) - 1, len(numbers.accounts))

    def test_what_is_unknown(self):
        """Refusals are bars and counts of their own, never a pass."""
        world = self.simulate("--accounts", "6", "--users", "12", "--all-active", "--seed", "5").dump
        for account, allowed in zip(world["accounts"], (["iam:ListUsers", "iam:ListAccessKeys"], ["iam:GetLoginProfile"],
                                                        ["iam:ListUsers", "iam:ListMFADevices", "iam:GetAccessKeyLastUsed",
                                                         "iam:ListAccessKeys", "iam:GetLoginProfile"])):
            account["role"] = {"name": None, "external_id": None, "allowed_actions": allowed}
        name = self.database(world=world, code=3)
        page = self.report(name)
        numbers = Numbers(self.work / name)
        self.assert_numbers(page, numbers)
        self.assert_rules(page, name)
        self.assertGreater(sum(unknown for _, unknown in numbers.four().values()), 0)
        self.assertIn("not read", [row[1] for row in page.tables["gaps"][1:]])
        self.assertIn("partly", [row[1] for row in page.tables["gaps"][1:]])

    def test_safe(self):
        name = self.database(world=ONE)
        page = self.report(name)
        hashes = page.hashes()
        self.assertEqual(len(hashes), 2)
        self.assertEqual(page.policy(), f"default-src 'none'; script-src {hashes[1]}; style-src {hashes[0]}; base-uri 'none'; "
                                        "form-action 'none'")
        self.assertNotIn("<img", page.text)
        self.assertIn("&lt;/script&gt;&lt;img src=x", page.text)
        for tag, given in page.tags:
            self.assertFalse([key for key in given if key.startswith("on") or key == "style"], tag)
            self.assertNotIn("src", given)
            self.assertTrue(given.get("href", "#").startswith("#"), given)
        (user,) = [account for account in page.data()["accounts"]]
        self.assertEqual(user["tags"], [["turn", BIDI, "why", HOSTILE]])
        self.assertEqual(stat.S_IMODE(os.stat(self.work / "page.html").st_mode), 0o600)

    def test_same_bytes(self):
        name = self.database("--accounts", "5", "--users", "8", "--all-active")
        first = self.report(name).text
        self.assertEqual(self.report(name).text, first)
        run = self.run_program("report", name, "-o", "-")
        self.assertEqual(run.out.decode(), first)

    def test_few_users(self):
        page = self.report(self.database(world=EMPTY))
        self.assertEqual(four_of(page)["n-users"], (0, 0))
        self.assert_numbers(page, Numbers(self.work / "census.sqlite"))
        page = self.report(self.database(world=ONE, name="one.sqlite"))
        self.assertEqual(four_of(page), {"n-users": (1, 0), "n-mfa": (1, 0), "n-keys": (0, 0), "n-admins": (0, 0)})

    def test_previous(self):
        name = self.database(world=EMPTY)
        self.assertNotIn("before", "".join(self.report(name).texts["n-users"]))
        self.database(world=ONE)
        page = self.report(name)
        self.assertIn("1 more than before", "".join(page.texts["n-users"]))
        self.assertIn("as before", "".join(page.texts["n-keys"]))
        back = self.report(name, "--run", "-1", "--previous", Numbers(self.work / name).run["run_id"])
        self.assertIn("1 fewer than before", "".join(back.texts["n-users"]))
        self.assertEqual([row[1] for row in page.tables["runs"]], ["users", "0", "1"])

    def test_suppressions(self):
        name = self.database(world=ONE)
        (self.work / "accepted.csv").write_text("rule,account,user,tag,expires,reason,ticket\n"
                                                "user-console-mfa,,ann,,,\"a <b> & reason\",T-1\n")
        page = self.report(name, "--suppress", "accepted.csv")
        self.assertEqual([row for row in page.tables["findings"] if row[0] == "user-console-mfa"][0][2:5], ["0", "0", "1"])
        self.assertEqual(page.tables["suppressions"][1],
                         ["user-console-mfa", "any", "ann", "any", "a <b> & reason", "T-1", "any", "1"])

    def test_wrong_input(self):
        name = self.database(world=ONE)
        (self.work / "text").write_text("not a database")
        for arguments, words in ((["missing.sqlite"], "missing.sqlite"), (["text"], "text"), ([name, "--run", "abc"], "abc"),
                                 ([name, "--previous", "-7"], "-7"), ([name, "--suppress", "no.csv"], "no.csv"), ([], "DB")):
            run = self.run_program("report", *arguments)
            self.assert_code(run, 2)
            self.assert_says(run, words)
        run = self.run_program("report", name, "-o", "no/page.html")
        self.assertIn(run.code, (1, 2), str(run))
        self.assertEqual(run.out, b"")
        self.assertFalse((self.work / "iam-census.html").exists())

    def test_outputs_that_are_inputs(self):
        """What is read stays as it is: the database holds all earlier runs, and the files were made by hand."""
        name = self.database(world=ONE)
        (self.work / "accepted.csv").write_text("rule,account,user,tag,expires,reason,ticket\n")
        (self.work / "ids").write_text("111111111111\n")
        os.symlink(name, self.work / "link")
        before = {each: (self.work / each).read_bytes() for each in (name, "accepted.csv", "ids")}
        collect = ["collect", "--role-name", "any", "--accounts", "@ids"]
        for arguments in (["report", name, "-o", name], ["report", name, "-o", "link"], ["check", name, "-o", f"./{name}"],
                          ["check", "link", "--format", "csv", "-o", name], ["diff", name, "-0", "-0", "-o", str(self.work / name)],
                          ["report", name, "--suppress", "accepted.csv", "-o", "accepted.csv"],
                          ["check", name, "--suppress", "accepted.csv", "-o", "accepted.csv"],
                          [*collect, "--output", "ids"], [*collect, "--output", "x.csv", "--accounts-file", "ids"],
                          [*collect, "--output", "x.csv", "--findings", "accepted.csv", "--suppress", "accepted.csv"]):
            with self.subTest(arguments=arguments):
                run = self.run_program(*arguments)
                self.assert_code(run, 2)
                self.assert_says(run, "which is read: give another path")
                self.assertEqual({each: (self.work / each).read_bytes() for each in before}, before)

    def test_databases_are_not_replaced(self):
        """Whoever forgets --format sqlite, or mistakes one file for the other, keeps all runs."""
        name = self.database(world=ONE)
        self.database(world=ONE, name="other.sqlite")
        before = (self.work / name).read_bytes()
        collect = ["collect", "--role-name", "any", "--accounts", "111111111111"]
        for arguments in ([*collect, "--output", name], ["doctor", *collect[1:], "--output", name], [*collect, "--output", "x.csv", "--accounts-file", name],
                          [*collect, "--format", "sqlite", "--output", "other.sqlite", "--findings", name],
                          ["check", "other.sqlite", "-o", name], ["diff", "other.sqlite", "-0", "-0", "-o", name], ["report", "other.sqlite", "-o", name]):
            with self.subTest(arguments=arguments):
                run = self.run_program(*arguments)
                self.assert_code(run, 2)
                self.assert_says(run, f"'{name}' is an SQLite database, which would be replaced")
                self.assertEqual((self.work / name).read_bytes(), before)

    def test_default_name(self):
        name = self.database(world=ONE)
        run = self.run_program("report", name)
        self.assertEqual((run.code, run.out), (0, b"written to iam-census.html\n"), str(run))
        self.assertTrue(re.match("<!DOCTYPE html>", (self.work / "iam-census.html").read_text()))
        run = self.run_program("report", name, "-q")
        self.assertEqual((run.code, run.out), (0, b""), str(run))
