# SPDX-License-Identifier: MIT
"""Reads a database of the program into the plain facts that the oracle judges.

Only what the contract says of the tables is used: columns are named as in JSON Lines, NULL is 'none' unless the row's
list 'unknown' names the column, booleans are 0 and 1, times are text.
"""

import datetime
import json
import sqlite3

from oracle import UNKNOWN, Facts

USER_TRUTHS = ("console_access", "mfa_enabled", "is_admin")
USER_TIMES = ("created_at", "console_last_sign_in_at", "password_last_changed_at", "data_as_of")
ACCOUNT_TRUTHS = ("root_password", "root_mfa", "root_access_keys", "root_certificates", "is_management")
KIND_OF_POLICY = {"attached_policies": "attached", "inline_policies": "inline"}


def seconds(text):
    if text is None:
        return None
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def stamp(moment):
    at = datetime.datetime.fromtimestamp(moment, datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def unknown_names(row):
    return set(json.loads(row["unknown"] or "[]"))


class Rows:
    """The rows of one run, as dictionaries."""

    def __init__(self, path, run_id=None):
        self.db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self.db.row_factory = sqlite3.Row
        order = "started_at DESC, rowid DESC" if run_id is None else "1"
        where = "" if run_id is None else "WHERE run_id = ?"
        values = () if run_id is None else (run_id,)
        self.run = dict(self.db.execute(f"SELECT * FROM run {where} ORDER BY {order} LIMIT 1", values).fetchone())
        self.run_id = self.run["run_id"]

    def close(self):
        self.db.close()

    def of_account(self, table, account_id):
        found = self.db.execute(f'SELECT * FROM "{table}" WHERE run_id = ? AND account_id = ?', (self.run_id, account_id))
        return [dict(row) for row in found]

    def accounts(self):
        found = self.db.execute("SELECT * FROM account WHERE run_id = ? ORDER BY account_id", (self.run_id,))
        return [dict(row) for row in found]

    def by_user(self, table, account_id):
        lists = {}
        for row in self.of_account(table, account_id):
            lists.setdefault(row["user_id"], []).append(row)
        return lists


def _password_policy(text):
    if text is None or text is UNKNOWN:
        return UNKNOWN
    if text == "default":
        return {"length": 8, "reuse": None}
    policy = json.loads(text)
    return {"length": policy.get("MinimumPasswordLength"), "reuse": policy.get("PasswordReusePrevention")}


def _account(row, rows):
    lost = unknown_names(row)
    facts = Facts(account_id=row["account_id"], account_name=row["account_name"], account_ou=row["account_ou"],
                  outcome=row["outcome"], state=row["state"], one=None, users=[], partition=row["partition"], lost=lost)
    for name in ACCOUNT_TRUTHS:
        value = row[name]
        facts.__dict__[name] = UNKNOWN if value is None or name in lost else bool(value)
    # Nothing that was asked in this run is older than its start.
    moments = [seconds(rows.run["started_at"]), seconds(row["report_at"] or rows.run["started_at"])]
    facts.data_as_of = None if row["outcome"] == "failed" else min(moments)
    kind = row["root_mfa_kind"]
    facts.root_mfa_kind = UNKNOWN if "root_mfa_kind" in lost else kind or "none"
    facts.root_last_used = UNKNOWN if "root_last_used" in lost else seconds(row["root_last_used"])
    facts.password_policy = _password_policy(UNKNOWN if "password_policy" in lost else row["password_policy"])
    if row["outcome"] in ("succeeded", "partial"):
        facts.users = list(_users(facts, rows))
    return facts


def _users(account, rows):
    tables = {name: rows.by_user(name, account.account_id) for name in
              ("access_key", "tag", "signing_certificate", "service_credential", "policy")}
    for row in rows.of_account("user", account.account_id):
        lists = {name: table.get(row["user_id"], []) for name, table in tables.items()}
        yield _user(row, lists)


def _user(row, lists):
    lost = unknown_names(row)
    facts = Facts(user_id=row["user_id"], user_name=row["user_name"], arn=row["arn"], kind=row["kind"], one=None, lost=lost)
    for name in USER_TRUTHS:
        facts.__dict__[name] = UNKNOWN if row[name] is None or name in lost else bool(row[name])
    for name in USER_TIMES:
        facts.__dict__[name] = UNKNOWN if name in lost else seconds(row[name])
    if facts.console_access is not False and facts.password_last_changed_at is None:
        facts.password_last_changed_at = UNKNOWN  # a password without a date
    if facts.created_at is None:
        facts.created_at = UNKNOWN
    facts.permissions_boundary = UNKNOWN if "permissions_boundary" in lost else row["permissions_boundary"]
    facts.tag_values = UNKNOWN if "tags" in lost else {tag["key"]: tag["value"] for tag in lists["tag"]}
    facts.tags = UNKNOWN if "tags" in lost else set(facts.tag_values)
    for name, kind in KIND_OF_POLICY.items():
        facts.__dict__[name] = UNKNOWN if name in lost else [
            each["arn"] or each["name"] for each in lists["policy"] if each["kind"] == kind]
    facts.access_keys = UNKNOWN if "access_keys" in lost else [_key(each) for each in lists["access_key"]]
    facts.service_credentials = UNKNOWN if "service_credentials" in lost else [
        Facts(id=each["id"], service=each["service"], status=each["status"], hidden_use=None,
              created_at=_or_unknown(seconds(each["created_at"])), expires_at=seconds(each["expires_at"]))
        for each in lists["service_credential"]]
    facts.signing_certificates = UNKNOWN if "signing_certificates" in lost else [
        Facts(id=each["id"], status=each["status"], hidden_use=None, uploaded_at=_or_unknown(seconds(each["uploaded_at"])))
        for each in lists["signing_certificate"]]
    return facts


def _or_unknown(value):
    return UNKNOWN if value is None else value


def _key(row):
    lost = unknown_names(row)
    return Facts(id=row["id"], status=row["status"], created_at=_or_unknown(seconds(row["created_at"])),
                 last_used_at=UNKNOWN if "last_used_at" in lost else seconds(row["last_used_at"]))


def facts_of(path, run_id=None):
    """(row of the run, [account with its users]) of a run, by default the last."""
    rows = Rows(path, run_id)
    try:
        return rows.run, [_account(row, rows) for row in rows.accounts()]
    finally:
        rows.close()
