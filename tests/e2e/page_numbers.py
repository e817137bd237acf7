# SPDX-License-Identifier: MIT
"""The numbers that a page should show, counted from a database in Python; and the page taken apart."""

import base64
import collections
import datetime
import hashlib
import html.parser
import json
import re
import sqlite3
import zlib

KINDS = ["human", "machine", "none", "unknown"]
DEVICES = ["passkey", "token", "virtual", "sms"]


class Page(html.parser.HTMLParser):
    """The tables of a page's figures and sections: {id: [[cell, ...], ...]}, and the texts of elements with an id."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.texts, self.scripts, self.styles, self.tags = collections.defaultdict(list), {}, [], [], []
        self._within, self._cell, self._raw, self._row, self._dl = [], None, None, None, None
        self.feed(text)
        self.text = text

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.append((tag, given))
        if tag in ("figure", "section"):
            self._within.append(given.get("id"))
        if tag in ("td", "th"):
            self._cell = []
        if tag == "tr":
            self._row = []
        if tag in ("script", "style"):
            self._raw = (tag, given, [])
        if tag == "div" and given.get("class") == "number":
            self._dl = given["id"]
            self.texts[self._dl] = []

    def handle_endtag(self, tag):
        if tag in ("figure", "section"):
            self._within.pop()
        if tag in ("td", "th") and self._cell is not None:
            self._row.append("".join(self._cell))
            self._cell = None
        if tag == "tr":
            self.tables[self._within[-1]].append(self._row)
        if tag in ("script", "style") and self._raw:
            kind, given, text = self._raw
            (self.styles if kind == "style" else self.scripts).append((given, "".join(text)))
            self._raw = None
        if tag == "div":
            self._dl = None

    def handle_data(self, data):
        if self._raw:
            self._raw[2].append(data)
        if self._cell is not None:
            self._cell.append(data)
        if self._dl:
            self.texts[self._dl].append(data)

    def rows(self, name):
        """Of a figure: {label: [numbers]}."""
        return {row[0]: [int(cell) for cell in row[1:]] for row in self.tables[name][1:]}

    def data(self):
        (packed,) = [text for given, text in self.scripts if given.get("id") == "data"]
        return json.loads(zlib.decompress(base64.b64decode(packed, validate=True), -15))

    def policy(self):
        (policy,) = [given["content"] for tag, given in self.tags if given.get("http-equiv") == "Content-Security-Policy"]
        return policy

    def hashes(self):
        """The hashes that its own style and script have."""
        return [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
                for given, text in self.styles + self.scripts if "type" not in given]


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) if text else None


class Numbers:
    """Reads one run of a database, the last by default."""

    def __init__(self, path, run=None):
        self.db = sqlite3.connect(path)
        self.db.row_factory = sqlite3.Row
        order = "ORDER BY started_at DESC, number DESC LIMIT 1"
        self.run = self.db.execute("SELECT * FROM run WHERE run_id = ?", [run]).fetchone() if run else \
            self.db.execute(f"SELECT * FROM run {order}").fetchone()
        self.started = moment(self.run["started_at"])
        self.accounts = {each["account_id"]: each for each in self.rows("account")}
        self.users = self.rows("user")
        self.lists = {name: self.by_user(name) for name in
                      ("access_key", "service_credential", "signing_certificate", "ssh_public_key", "mfa_device")}

    def rows(self, table):
        return self.db.execute(f'SELECT * FROM "{table}" WHERE run_id = ?', [self.run["run_id"]]).fetchall()

    def by_user(self, table):
        found = collections.defaultdict(list)
        for row in self.rows(table):
            found[row["account_id"], row["user_id"]].append(row)
        return found

    def list_of(self, table, user):
        return self.lists[table][user["account_id"], user["user_id"]]

    def days(self, text):
        return max(0, (self.started - moment(text)).days)

    def unknown(self, user):
        return set(json.loads(user["unknown"])) | set(json.loads(self.accounts[user["account_id"]]["unknown"]))

    def admin(self, user):
        return "Unknown" if "is_admin" in self.unknown(user) else "Administrators" if user["is_admin"] else "Other people"

    def device(self, user):
        if "mfa_enabled" in self.unknown(user):
            return 5
        if not user["mfa_enabled"]:
            return 4
        kinds = [DEVICES.index(each["kind"]) for each in self.list_of("mfa_device", user)]
        return 5 if "mfa_devices" in self.unknown(user) or not kinds else min(kinds)

    def mfa(self):
        rows = {label: [0] * 6 for label in ("Administrators", "Other people", "Unknown")}
        for user in self.users:
            if user["kind"] == "human":
                rows[self.admin(user)][self.device(user)] += 1
        return rows

    def keys(self):
        ages = [(90, "up to 90 days"), (180, "91 to 180 days"), (365, "181 days to 1 year"), (730, "1 to 2 years"),
                (10 ** 9, "over 2 years")]
        rows = {label: [0] * 5 for _, label in ages}
        for key in (key for keys in self.lists["access_key"].values() for key in keys if key["status"] == "Active"):
            label = next(label for most, label in ages if self.days(key["created_at"]) <= most)
            if "last_used_at" in json.loads(key["unknown"]):
                use = 4
            elif not key["last_used_at"]:
                use = 3
            else:
                use = next(i for i, most in enumerate((30, 90, 10 ** 9)) if self.days(key["last_used_at"]) <= most)
            rows[label][use] += 1
        return rows

    def last_use(self):
        """(days since the latest use of each user, -1 never; None unknown)."""
        for user in self.users:
            unknown = self.unknown(user) & {"console_last_sign_in_at", "access_keys"} or any(
                "last_used_at" in json.loads(key["unknown"]) for key in self.list_of("access_key", user))
            uses = [each for each in [user["console_last_sign_in_at"], *(key["last_used_at"] for key in
                                                                         self.list_of("access_key", user))] if each]
            latest = min(self.days(each) for each in uses) if uses else -1
            yield latest if not unknown or 0 <= latest <= 7 else None

    def cumulative(self):
        uses = list(self.last_use())
        return {f"over {days} days": [sum(use is not None and use > days for use in uses), uses.count(-1), uses.count(None)]
                for days in (7, 30, 60, 90, 180, 365)}

    def credentials(self):
        def of(table, column):
            everything = [each for user in self.users if column not in self.unknown(user) for each in self.list_of(table, user)]
            active = sum(each["status"] == "Active" for each in everything)
            return [active, len(everything) - active, sum(column in self.unknown(user) for user in self.users)]
        known = [user for user in self.users if "console_access" not in self.unknown(user)]
        return {"Console passwords": [sum(bool(user["console_access"]) for user in known), 0, len(self.users) - len(known)],
                "Access keys": of("access_key", "access_keys"),
                "Service credentials": of("service_credential", "service_credentials"),
                "Signing certificates": of("signing_certificate", "signing_certificates"),
                "SSH public keys": of("ssh_public_key", "ssh_public_keys")}

    def roots(self):
        rows = {}
        read = [each for each in self.accounts.values() if each["outcome"] != "skipped"]
        for label, column, good in (("No password", "root_password", 0), ("MFA", "root_mfa", 1),
                                    ("No access key", "root_access_keys", 0), ("No signing certificate", "root_certificates", 0)):
            known = [each for each in read if each["outcome"] != "failed" and column not in json.loads(each["unknown"])]
            well = sum(bool(each[column]) == bool(good) for each in known)
            rows[label] = [well, len(known) - well, len(read) - len(known)]
        return rows

    def four(self):
        """{id: (number, unknown)}."""
        kinds = collections.Counter("unknown" if "kind" in self.unknown(user) else user["kind"] for user in self.users)
        people = [user for user in self.users if user["kind"] == "human"]
        # Somebody whose password is unknown may be a person, too.
        perhaps = [user for user in self.users if "kind" in self.unknown(user) and "console_access" in self.unknown(user)]
        active = [key for keys in self.lists["access_key"].values() for key in keys if key["status"] == "Active"]
        return {"n-users": (len(self.users), kinds["unknown"]),
                "n-mfa": (sum("mfa_enabled" not in self.unknown(user) and not user["mfa_enabled"] for user in people),
                          sum("mfa_enabled" in self.unknown(user) for user in people) +
                          sum("mfa_enabled" in self.unknown(user) or not user["mfa_enabled"] for user in perhaps)),
                "n-keys": (sum(self.days(key["created_at"]) > 90 for key in active),
                           sum("access_keys" in self.unknown(user) for user in self.users)),
                "n-admins": (sum(self.admin(user) == "Administrators" for user in self.users),
                             sum(self.admin(user) == "Unknown" for user in self.users))}


def four_of(page):
    """The same, as the page shows them."""
    found = {}
    for name, texts in page.texts.items():
        words = "".join(texts)
        number = next(text for text in texts[1:] if re.fullmatch(r"[0-9,]+", text))
        unknown = re.search(r"and ([0-9,]+) unknown", words)[1]
        found[name] = int(number.replace(",", "")), int(unknown.replace(",", ""))
    return found
