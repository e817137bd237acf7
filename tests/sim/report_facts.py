# SPDX-License-Identifier: MIT
"""A credential report against a dumped world."""

import csv
import datetime
import io

import account_facts

KEY = ["active", "last_rotated", "last_used_date", "last_used_region", "last_used_service"]
# as seen at AWS: see sim/report_csv.h
COLUMNS = ["user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
           "password_next_rotation", "mfa_active", *(f"access_key_{n}_{name}" for n in (1, 2) for name in KEY),
           *(f"cert_{n}_{name}" for n in (1, 2) for name in ("active", "last_rotated"))]
INFO = "additional_credentials_info"
NO_TIMES = ("N/A", "no_information", "not_supported")
# times, upper case, the last column although nobody needs it, an end of the last line, the older words for the root user
TODAY = ("Z", False, False, False, False)


def in_report(user):
    """The user with those keys that the report holds, in its order."""
    return {**user, "keys": sorted((key for key in user["keys"] if not key.get("created_after_report")), key=lambda key: key["id"]),
            "certificates": sorted(user["certificates"], key=lambda each: (
                each["status"] == "Active", each["uploaded"] or "", each["id"]))}


def compare(test, account, text):
    """Compares a report with the world; returns in which form it is written."""
    test.assertNotIn("\r", text)
    rows = list(csv.DictReader(io.StringIO(text)))
    header = list(rows[0])
    test.assertEqual(header[:22], COLUMNS)
    test.assertIn(header[22:], ([], [INFO]))
    users = [in_report(user) for user in account["users"] if not user["created_after_report"]]
    more = any(len(user[name]) > 2 for user in users for name in ("keys", "certificates"))
    test.assertTrue(not more or header[22:], "some user has more than two, and no column tells")
    # the root user first, then all by name, whatever its case
    test.assertEqual([row["user"] for row in rows],
                     ["<root_account>", *sorted((user["name"] for user in users), key=lambda name: (name.lower(), name))])
    by_name = {user["name"]: user for user in users}
    for row in rows[1:]:
        _compare_user(test, account, row, by_name[row["user"]])
    _compare_root(test, account, rows[0])
    times = {row["user_creation_time"][19:] for row in rows}
    booleans = {row["mfa_active"] for row in rows}
    test.assertEqual(len(times), 1)
    test.assertTrue(booleans <= {"true", "false"} or booleans <= {"TRUE", "FALSE"}, booleans)
    return (times.pop(), booleans.pop().isupper(), bool(header[22:]) and not more, text.endswith("\n"),
            rows[0]["password_enabled"] == "not_supported")


def _compare_root(test, account, row):
    root = in_report(account["root"])
    test.assertEqual((row["arn"], row["mfa_active"].lower(), row["password_next_rotation"]),
                     (f"arn:aws:iam::{account['id']}:root", str(bool(root["mfa"])).lower(), "not_supported"))
    seen = [row[f"password_{name}"] for name in ("last_used", "last_changed")]
    password = row["password_enabled"].lower()
    test.assertIn(password, ("not_supported", str(bool(root["password"])).lower()))
    if password == "false":
        test.assertEqual(seen, ["N/A", "N/A"])
    else:
        used, changed = root["password_last_used"], root["password"] and root["password"]["last_changed"]
        test.assertEqual(_at(seen[0]) or seen[0], used or "no_information")
        test.assertEqual(_at(seen[1]) or seen[1], "not_supported" if password == "not_supported" else changed)
    _compare_keys(test, row, root)


def _at(text):
    return None if text in NO_TIMES else account_facts.plain(datetime.datetime.fromisoformat(text))


def _compare_user(test, account, row, user):
    true = lambda name: row[name].lower() == "true"
    test.assertEqual((row["arn"], _at(row["user_creation_time"]), true("mfa_active"), true("password_enabled")),
                     (account_facts.arn_of(account, user, "aws"), user["created"], bool(user["mfa"]), bool(user["password"])))
    _compare_password(test, account, row, user)
    _compare_keys(test, row, user)
    for name, word in (("keys", "access key"), ("certificates", "certificate")):
        if len(user[name]) > 2:
            test.assertIn(f"{len(user[name]) - 2} additional {word}", row[INFO])
    if INFO in row and max(len(user["keys"]), len(user["certificates"])) <= 2:
        test.assertEqual(row[INFO], "N/A")


def _compare_keys(test, row, user):
    true = lambda name: row[name].lower() == "true"
    keys = [(true(f"access_key_{n}_active"), *(row[f"access_key_{n}_{name}"] for name in KEY[1:])) for n in (1, 2)]
    place = lambda key, name: key[name] or "N/A" if key["last_used"] else "N/A"
    wanted = [(key["status"] == "Active", key["created"], key["last_used"], place(key, "last_used_region"),
               place(key, "last_used_service")) for key in user["keys"][:2]]
    test.assertEqual([(key[0], _at(key[1]), _at(key[2]), *key[3:]) for key in keys],
                     wanted + [(False, None, None, "N/A", "N/A")] * (2 - len(wanted)))
    certs = [(true(f"cert_{n}_active"), _at(row[f"cert_{n}_last_rotated"])) for n in (1, 2)]
    wanted = [(each["status"] == "Active", each["uploaded"]) for each in user["certificates"][:2]]
    test.assertEqual(certs, wanted + [(False, None)] * (2 - len(wanted)))


def _compare_password(test, account, row, user):
    seen = [row[f"password_{name}"] for name in ("last_used", "last_changed", "next_rotation")]
    if not user["password"]:
        test.assertEqual(seen, ["N/A"] * 3)
        return
    test.assertEqual(_at(seen[0]), user["password_last_used"])
    test.assertTrue(user["password_last_used"] or seen[0] == "no_information", seen)
    if told := user["password"].get("report_last_changed"):
        test.assertEqual(seen[1:], [told, "N/A"])
        return
    changed = user["password"]["last_changed"]
    days = account.get("max_password_age_days")
    due = datetime.datetime.fromisoformat(changed.replace("Z", "+00:00")) + datetime.timedelta(days=days) if days else None
    test.assertEqual([_at(each) for each in seen[1:]], [changed, account_facts.plain(due)])
