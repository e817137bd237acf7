# SPDX-License-Identifier: MIT
"""Whether the rows of a run are right: each cell is what the simulator's world has, or told to be unknown."""

import contextlib
import csv
import io
import json
import re
import sqlite3

import bulk_rows
import expected
from account_facts import listed

NO_SOURCE = {"PasswordLastChanged", "PermissionsBoundary", "AttachedPolicies", "AccountName",
             "password_last_changed_at", "permissions_boundary", "attached_policies", "account_name"}
OF_THE_RUN = {"DataAsOf", "Unknown", "data_as_of", "unknown"}
OF_A_USE = ("last_used_at", "last_used_service", "last_used_region")
# The result names what is unknown by the standard columns that show it.
OF_A_KEY = ("AccessKeyID", "AccessKeyLastUsed", "LastActivity")
OF_ONE_FACT = {"MFADevices": ("MFAEnabled",), "PasswordLastChanged": ("PasswordAge",), "AccessKeyDescription": ("Tags", "AccessKeyID"),
               **{name: OF_A_KEY for name in ("AccessKey2ID", "AccessKey2Age", "AccessKey2LastUsed", "InactiveKeys",
                                              "AccessKeyLastUsedService", "AccessKeyLastUsedRegion")}}


def plain_name(name):
    """A user's name without the mark that keeps spreadsheets from running it."""
    return name[1:] if name[:1] == "'" and name[1:2] in "=+-@\t\r" else name


class Oracle:
    """may_lack(account, user): the user may have gone; keyless: their keys may have."""

    def __init__(self, dump, plan, start):
        self.plan, self.start = plan, start
        self.accounts = {each["id"]: each for each in dump["accounts"]}
        self.users = {(account["id"], user["name"]): self.variants(dump, account, user)
                      for account in dump["accounts"] for user in listed(account)}

    def variants(self, dump, account, user):
        """The rows that are right: by which source a password's age is told, and whether keys were there still."""
        made = []
        for held in {False} if self.plan.strategy == "per-user" else {bulk_rows.held_by_report(account, user), False}:
            for keys in (True, False) if (account["id"], user["name"]) in self.plan.keyless else (True,):
                row = bulk_rows._row(dump, account, user, True, held, True)
                row.keys = row.keys if keys else []
                made.append(row)
        return made

    def csv_cells(self, key):
        """{column: the texts that are right}."""
        found = {}
        for row in self.users[key]:
            cells = bulk_rows.Cells(row, self.start, {})
            made = cells.extended()
            expected.guard(made)
            for name, value in made.items():
                found.setdefault(name, set()).add(expected._cell(value))
        return found

    def objects(self, key):
        """{field: the values that are right}."""
        found = {}
        for row in self.users[key]:
            made = expected._object(row, self.start, {})
            made.update(password_last_changed_at=expected._plain(row.changed), permissions_boundary=row.boundary,
                        attached_policies=sorted(row.policies))
            for name, value in made.items():
                found.setdefault(name, []).append(value)
        return found

    def needs_no_word(self, key, name):
        """Unknown although the account is complete: the strategy has no source, or the report does not hold the user."""
        if name in ("AccountName", "account_name"):
            return self.plan.by_list
        if name in ("PasswordLastChanged", "password_last_changed_at") and not all(getattr(row, "held", False) for row in self.users[key]):
            return True
        return name in NO_SOURCE and self.plan.strategy == "per-user"

    def wrong_cell(self, key, name, cell, right, partial):
        """Words, or None. 'partial': {account: columns that the result says are unknown}."""
        told = partial.get(key[0])
        if name == "InactiveKeys" and '"LastUsed":"unknown"' in cell:
            bare = lambda text: re.sub(r'"LastUsed":("[^"]*"|null)', "", text)
            if bare(cell) not in {bare(each) for each in right}:
                return f"{key} {name}: {cell}, not {sorted(right)}"
            return None if told is not None else f"{key} {name}: a use is unknown, and the account is not partial"
        if cell in right:
            return None
        if cell != "unknown":
            return f"{key} {name}: '{cell}', not one of {sorted(right)}"
        if self.needs_no_word(key, name):
            return None
        if told is None:
            return f"{key} {name}: unknown, and the account is not partial"
        return None if {name, *OF_ONE_FACT.get(name, ())} & told else f"{key} {name}: unknown, and the result says only {sorted(told)}"

    def wrong_csv(self, data, partial):
        rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
        wrong, seen = [], []
        for row in rows:
            key = row["AccountID"], plain_name(row["UserName"])
            seen.append(key)
            if key not in self.users:
                wrong.append(f"{key}: no such user")
                continue
            right = self.csv_cells(key)
            for name in set(row) - OF_THE_RUN:
                wrong.append(self.wrong_cell(key, name, row[name], right[name], partial))
        return seen, [each for each in wrong if each]

    def wrong_objects(self, found, partial):
        wrong, seen = [], []
        for each in found:
            key = each["account_id"], each["user_name"]
            seen.append(key)
            if key not in self.users:
                wrong.append(f"{key}: no such user")
                continue
            right = self.objects(key)
            for name in set(each) & set(right) - OF_THE_RUN:
                wrong.append(self.wrong_field(key, name, each, right[name], partial))
        return seen, [each for each in wrong if each]

    def wrong_field(self, key, name, each, right, partial):
        value, unknown = each[name], each["unknown"]
        part = [said for said in unknown if said.startswith(f"{name}.")] if name == "access_keys" else []
        if part:
            gaps = {said.split(".")[1] for said in part} | ({"description"} if "tags" in unknown else set())
            bare = lambda keys: [{member: what for member, what in item.items() if member not in gaps} for item in keys or []]
            if bare(value) not in [bare(item) for item in right]:
                return f"{key} {name}: {value}, not {right}"
        elif name in unknown:
            if value is not None:
                return f"{key} {name}: {value}, and said to be unknown"
        elif name == "access_keys" and "tags" in unknown:  # a key's description is a tag of its user
            bare = lambda keys: [{**item, "description": None} for item in keys]
            if value not in [bare(item) for item in right]:
                return f"{key} {name}: {value}, not {right}"
        elif value not in right:
            return f"{key} {name}: {value}, not one of {right}"
        if (part or name in unknown) and key[0] not in partial and not self.needs_no_word(key, name):
            return f"{key} {name}: unknown, and the account is not partial"
        return None


def objects_of(path):
    """The last run of a database, as the objects of JSON Lines as far as columns of 'user' go, with keys, tags and groups."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        ask = lambda sql, *values: [dict(row) for row in database.execute(sql, values)]
        run = ask("SELECT * FROM run ORDER BY number DESC LIMIT 1")[0]["run_id"]
        made = []
        for row in ask("SELECT * FROM user WHERE run_id = ?", run):
            row["unknown"] = json.loads(row["unknown"] or "[]")
            for name in ("mfa_enabled", "console_access"):
                row[name] = None if row[name] is None else bool(row[name])
            which = (run, row["account_id"], row["user_id"])
            for table, name, columns in (("tag", "tags", "key, value"), ("access_key", "access_keys", "*"),
                                         ("group_membership", "groups", "group_name")):
                rows = ask(f"SELECT {columns} FROM {table} WHERE run_id = ? AND account_id = ? AND user_id = ?", *which)
                row[name] = None if name in row["unknown"] else rows
            if row["tags"]:
                row["tags"].sort(key=lambda tag: tag["key"])
            row["groups"] = row["groups"] and sorted(each["group_name"] for each in row["groups"])
            members = ("id", "status", "created_at", "age_days", "last_used_at", "last_used_service", "last_used_region", "description")
            if row["access_keys"] is not None:
                row["access_keys"] = sorted(({member: each[member] for member in members} for each in row["access_keys"]),
                                            key=lambda each: (each["created_at"], each["id"]))
            made.append({name: value for name, value in row.items() if name not in ("permissions_boundary", "attached_policies")
                         or name in row["unknown"] or name == "permissions_boundary"})
        ok = ask("PRAGMA integrity_check")
        return made, ask("SELECT count(*) AS n FROM run")[0]["n"], ok == [{"integrity_check": "ok"}]
