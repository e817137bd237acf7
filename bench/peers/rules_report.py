# SPDX-License-Identifier: MIT
"""The rules that the credential report can answer, in Python over the reports: what most scripts do.

Usage: rules_report.py FOLDER START OUTPUT: FOLDER holds a report for each account, ACCOUNT.csv; START is the moment to
which days count. OUTPUT gets a line 'rule,account,user' for each failure. A report has no key ids.
"""

import csv
import datetime
import pathlib
import sys

NONE = ("N/A", "no_information", "not_supported", "")


def moment(text):
    return None if text in NONE else datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def true(text):
    return text.lower() == "true"


def of_keys(row, start, created):
    for number in "12":
        active = true(row[f"access_key_{number}_active"])
        made = moment(row[f"access_key_{number}_last_rotated"])
        used = moment(row[f"access_key_{number}_last_used_date"])
        if made is None:
            continue
        if active and (start - (used or made)).days >= 45:
            yield "user-key-unused"
        if active and (start - made).days > 90:
            yield "user-key-age"
        if active and used is None and true(row["password_enabled"]) and abs((made - created).total_seconds()) <= 60:
            yield "user-key-at-setup"
        if not active and (start - max(made, used or made)).days >= 90:
            yield "user-inactive-key"


def of_user(row, start):
    console = true(row["password_enabled"])
    created = moment(row["user_creation_time"])
    if console and not true(row["mfa_active"]):
        yield "user-console-mfa"
    seen = moment(row["password_last_used"]) or moment(row["password_last_changed"])
    if console and seen and (start - seen).days >= 45:
        yield "user-password-unused"
    if true(row["access_key_1_active"]) and true(row["access_key_2_active"]):
        yield "user-two-active-keys"
    yield from of_keys(row, start, created)
    for number in "12":
        made = moment(row[f"cert_{number}_last_rotated"])
        if true(row[f"cert_{number}_active"]) and made and (start - made).days > 365:
            yield "user-certificate-age"


def of_root(row, start):
    if true(row["access_key_1_active"]) or true(row["access_key_2_active"]):
        yield "root-access-key"
    if not true(row["mfa_active"]):
        yield "root-mfa"
    names = ("password_last_used", "access_key_1_last_used_date", "access_key_2_last_used_date")
    if any((start - used).days < 90 for used in (moment(row[name]) for name in names) if used):
        yield "root-use"


def main():
    folder, started, output = sys.argv[1:]
    start = moment(started)
    with open(output, "w", encoding="utf-8") as out:
        for path in sorted(pathlib.Path(folder).iterdir()):
            with open(path, newline="", encoding="utf-8") as file:
                for row in csv.DictReader(file):
                    judge = of_root if row["user"] == "<root_account>" else of_user
                    for rule in judge(row, start):
                        out.write(f"{rule},{path.stem},{row['user']}\n")


if __name__ == "__main__":
    main()
