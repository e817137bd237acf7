# SPDX-License-Identifier: MIT
"""The page of 'report' in a real browser: its list of users, by mouse and keyboard, its looks, and what it must never do.

PAGE_PICTURES=FOLDER keeps pictures of it in light, dark, print and on a phone.
"""

import csv
import io
import json
import os
import pathlib
import shutil
import subprocess
import unittest

import state_machine
from findings_case import FindingsCase
from page_numbers import Numbers

MISSING = state_machine.install() if shutil.which("chromium") else "there is no Chromium here"
HOSTILE = "</script><img src=x onerror=alert(1)>"
OLD, YOUNG = "2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z"


def key(name, number, created, used, status="Active"):
    return {"id": f"AKIA{name.upper():X<10}{number}", "status": status, "created": created, "last_used": used,
            "last_used_service": "s3" if used else None, "last_used_region": "eu-west-1" if used else None}


WORLD = {"organizational_units": [{"id": "ou-sim1-aaaaaaaa", "name": "Payments", "parent": "r-sim1"}],
         "accounts": [
             {"id": "111111111111", "name": "=Main", "users": [
                 {"name": "admin-ann", "created": OLD, "password": {"created": OLD, "last_changed": OLD, "last_used": YOUNG},
                  "attached_policies": ["arn:aws:iam::aws:policy/AdministratorAccess"], "keys": [key("ann", 1, OLD, YOUNG)],
                  "tags": [{"key": "team", "value": HOSTILE}]},
                 {"name": "=cmd@run", "created": OLD, "keys": [key("cmd", 1, OLD, None), key("cmd", 2, YOUNG, YOUNG, "Inactive")]},
                 {"name": "zoe", "created": YOUNG, "password": {"created": YOUNG, "last_changed": YOUNG, "last_used": None},
                  "mfa": [{"serial": "arn:aws:iam::111111111111:mfa/zoe", "enabled": YOUNG, "virtual": True}],
                  "tags": [{"key": "turn\u202e", "value": "x"}]}]},
             {"id": "222222222222", "name": HOSTILE, "parent": "ou-sim1-aaaaaaaa", "users": [
                 {"name": f"user{number:03}", "created": OLD, "keys": [key(f"u{number:03}", 1, OLD, None)]} for number in range(120)]},
             {"id": "333333333333", "name": "Denied", "role": {"name": None, "external_id": None, "allowed_actions": ["iam:ListUsers"]},
              "users": [{"name": "hidden", "created": OLD}]}]}


@unittest.skipIf(MISSING, MISSING)
class Browser(FindingsCase):
    def seen(self, database, **environment):
        self.assert_code(self.run_program("report", database, "-o", "page.html"), 0)
        pictures = os.environ.get("PAGE_PICTURES")
        arguments = [pathlib.Path(pictures).resolve()] if pictures else []
        done = subprocess.run(["node", state_machine.HERE / "page.mjs", state_machine.PACKAGES, self.work / "page.html", *arguments],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240, env={**os.environ, **environment})
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def counts(self, seen):
        return {name: int(text.split(" of ")[0].replace(",", "")) for name, text in seen["filters"].items()}

    def wanted(self, numbers):
        """What some of the filters should find, counted in Python."""
        users = numbers.users
        old = [user for user in users if any(each["status"] == "Active" and numbers.days(each["created_at"]) > 365
                                             for each in numbers.list_of("access_key", user))]
        wanted = {"filter-key=365": len(old)}
        for code, kind in enumerate(("human", "machine", "none")):
            wanted[f"filter-kind={code}"] = sum(user["kind"] == kind for user in users)
        wanted["filter-kind=3"] = sum("kind" in numbers.unknown(user) for user in users)
        for code in range(6):
            wanted[f"filter-mfa={code}"] = sum(numbers.device(user) == code for user in users)
        for value, name in (("1", "Administrators"), ("0", "Other people"), ("null", "Unknown")):
            wanted[f"filter-admin={value}"] = sum(numbers.admin(user) == name for user in users)
        for account in numbers.accounts:
            wanted[f"filter-account={account}"] = sum(user["account_id"] == account for user in users)
        for rule, found in numbers.db.execute("SELECT rule, count(DISTINCT user_arn) FROM finding WHERE user_arn IS NOT NULL "
                                              "AND status IN ('fail', 'unknown') GROUP BY rule"):
            wanted[f"filter-rule={rule}"] = found
        return wanted

    def test_page(self):
        sim = self.simulate(world=WORLD)
        self.collect_from(sim, "--format", "sqlite", "--columns", "full", "--output", "census.sqlite", "--findings", "f.jsonl", code=3)
        numbers = Numbers(self.work / "census.sqlite")
        seen = self.seen("census.sqlite", PAGE_USERS=json.dumps(["admin-ann", "=cmd", "zoe", "user007"]))
        self.assertEqual(seen["told"], [])
        self.assertEqual(seen["axe"], [])
        total = len(numbers.users)
        with self.subTest("list"):
            self.assertEqual(seen["all"], f"{total} of {total} users")
            self.assertLess(seen["rowsInDocument"], 60)
            self.assertEqual(seen["search"], [f"1 of {total} users", ["admin-ann"]])
            self.assertEqual(seen["nothing"], f"0 of {total} users")
            counts = self.counts(seen)
            self.assertEqual({name: counts.get(name, 0) for name in self.wanted(numbers)}, self.wanted(numbers))
            self.assertEqual(seen["rule"], [f"1 of {total} users", "#rule=user-console-mfa&status=0"])
            self.assertEqual(seen["fragment"], seen["rule"][0])
        with self.subTest("order"):
            self.assertEqual([way for way, _ in seen["sorted"].values()], ["ascending", "descending"])
            # Those without an active key come after those with one, and those whose keys are unknown last of all.
            self.assertEqual(seen["sorted"]["ascending"][1][0], "=cmd@run")
            self.assertEqual(seen["sorted"]["descending"][1][0], "zoe")
            self.assertEqual(seen["accounts"], sorted(seen["accounts"]))
        with self.subTest("copy"):
            self.assert_copied(seen["copied"], numbers)
        with self.subTest("keyboard"):
            self.assertEqual(seen["keys"][:4], [2, 3, 4, 3])
            self.assertGreater(seen["keys"][4], 10)
            self.assertEqual(seen["keys"][5:], [total + 1, 2])
            self.assertIn("user-", seen["opened"])
            self.assertEqual(seen["focusWithin"], "detail")
            self.assertEqual(seen["closed"], [0, 2])
        with self.subTest("details"):
            self.assert_details(seen["details"], numbers)
        with self.subTest("looks"):
            self.assertEqual(seen["widths"], {"light": 0, "dark": 0, "phone": 0, "print": 0})
            self.assertNotEqual(seen["lightGround"], seen["darkGround"])
            self.assertEqual(seen["printGround"], "rgb(255, 255, 255)")
            self.assertFalse(seen["listInPrint"])
            self.assertEqual(seen["withoutScripts"], [True, True, False])

    def assert_copied(self, text, numbers):
        """Cell for cell, in the order of the list; a name that a spreadsheet would run has an apostrophe."""
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        names = {}
        for user in numbers.users:
            names.setdefault(user["user_name"], user)
        self.assertEqual([row["User"].lstrip("'") for row in rows], sorted(names, key=str.lower))
        self.assertIn("'=cmd@run", [row["User"] for row in rows])
        self.assertIn("'=Main", {row["AccountName"] for row in rows})
        for row in rows:
            user = names[row["User"].lstrip("'")]
            self.assertEqual(row["AccountID"], user["account_id"])
            active = [each for each in numbers.list_of("access_key", user) if each["status"] == "Active"]
            if "access_keys" in numbers.unknown(user):
                self.assertEqual((row["Keys"], row["Oldest key"]), ("unknown", "unknown"))
            else:
                self.assertEqual(row["Keys"], str(len(active)))
                self.assertEqual(row["Oldest key"], min((each["created_at"][:10] for each in active), default="none"))
            failed = numbers.db.execute("SELECT count(*) FROM finding WHERE status = 'fail' AND user_arn = ?", [user["arn"]]).fetchone()
            self.assertEqual(row["Failed"], str(failed[0]))

    def assert_details(self, details, numbers):
        self.assertIn("team = " + HOSTILE, details["admin-ann"])
        self.assertIn("turn\\u202e = x", details["zoe"])
        for searched, shown in details.items():
            user = next(each for each in numbers.users if each["user_name"].startswith(searched))
            everything = "\n".join(shown)
            for each in numbers.list_of("access_key", user):
                state = "active" if each["status"] == "Active" else "inactive"
                self.assertIn(f"Access key {each['id']}: {state}, created {each['created_at'][:10]}", everything)
            for rule, in numbers.db.execute("SELECT rule FROM finding WHERE status = 'fail' AND user_arn = ?", [user["arn"]]):
                self.assertTrue([line for line in shown if line.startswith(rule + " (")], (rule, shown))
