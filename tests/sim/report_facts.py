"""A credential report against a dumped world."""

import csv
import datetime
import io

import account_facts

FIRST_COLUMNS = ["user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
                 "password_next_rotation", "mfa_active"]


def compare(test, account, text):
    """Compares a report with the world; returns how it writes booleans and times."""
    rows = list(csv.DictReader(io.StringIO(text)))
    test.assertEqual(list(rows[0])[:8], FIRST_COLUMNS)
    test.assertEqual(rows[0]["user"], "<root_account>")
    test.assertEqual(rows[0]["password_enabled"], "not_supported")
    test.assertEqual(rows[0]["mfa_active"].lower(), str(account["root_mfa"]).lower())
    users = [user for user in account["users"] if not user["created_after_report"]]
    test.assertEqual([row["user"] for row in rows[1:]], [user["name"] for user in users])
    for row, user in zip(rows[1:], users):
        _compare_user(test, account, row, user)
    times = {row["user_creation_time"][19:] for row in rows}
    booleans = {row["mfa_active"] for row in rows}
    test.assertEqual(len(times), 1)
    test.assertTrue(booleans <= {"true", "false"} or booleans <= {"TRUE", "FALSE"}, booleans)
    return times.pop(), booleans.pop().isupper()


def _compare_user(test, account, row, user):
    at = lambda name: None if row[name] in ("N/A", "no_information") else account_facts.plain(
        datetime.datetime.fromisoformat(row[name]))
    true = lambda name: row[name].lower() == "true"
    test.assertEqual((row["arn"], at("user_creation_time"), true("mfa_active"), true("password_enabled")),
                     (account_facts.arn_of(account, user, "aws"), user["created"], bool(user["mfa"]), bool(user["password"])))
    if user["password"]:
        test.assertEqual((at("password_last_changed"), at("password_last_used")),
                         (user["password"]["last_changed"], user["password_last_used"]))
    keys = [(true(f"access_key_{n}_active"), at(f"access_key_{n}_last_rotated"), at(f"access_key_{n}_last_used_date"),
             row[f"access_key_{n}_last_used_region"], row[f"access_key_{n}_last_used_service"])
            for n in (1, 2) if at(f"access_key_{n}_last_rotated")]
    place = lambda key, name: key[name] or "N/A" if key["last_used"] else "N/A"
    test.assertCountEqual(keys, [
        (key["status"] == "Active", key["created"], key["last_used"], place(key, "last_used_region"),
         place(key, "last_used_service")) for key in user["keys"][:2]])
    certs = [(true(f"cert_{n}_active"), at(f"cert_{n}_last_rotated")) for n in (1, 2) if at(f"cert_{n}_last_rotated")]
    test.assertCountEqual(certs, [(each["status"] == "Active", each["uploaded"]) for each in user["certificates"][:2]])
    more = [f"{len(user[name]) - 2} additional {word}" for name, word in
            (("keys", "access key"), ("certificates", "certificate")) if len(user[name]) > 2]
    for words in more:
        test.assertIn(words, row["additional_credentials_info"])
    if not more:
        test.assertEqual(row["additional_credentials_info"], "N/A")
