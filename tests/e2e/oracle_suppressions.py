# SPDX-License-Identifier: MIT
"""The oracle of suppressions: which line of the file covers a finding that fails."""

import csv
import datetime
import io
import re

from oracle import UNKNOWN


def globbed(pattern, text):
    """A glob of '*' and '?' over the whole name, case-sensitive."""
    made = "".join(".*" if each == "*" else "." if each == "?" else re.escape(each) for each in pattern)
    return re.fullmatch(made, text, re.DOTALL) is not None


class Line:
    def __init__(self, fields, number):
        self.number, self.fields, self.used = number, fields, False

    def covers(self, made, now):
        given = {name: text for name, text in self.fields.items() if text}
        day = datetime.datetime.fromtimestamp(now, datetime.timezone.utc).date()
        if "expires" in given and datetime.date.fromisoformat(given["expires"]) < day:
            return False
        return (globbed(given.get("rule", "*"), made.rule.name) and globbed(given.get("account", "*"), made.account.account_id)
                and self._user(given.get("user"), made) and self._tag(given.get("tag"), made))

    @staticmethod
    def _user(pattern, made):
        if pattern is None:
            return True
        if made.user is None:
            return False
        return any(globbed(pattern, text) for text in (made.user.user_name, made.user.arn, made.resource_id))

    @staticmethod
    def _tag(wanted, made):
        if wanted is None:
            return True
        if made.user is None or made.user.tag_values is UNKNOWN:
            return False
        key, _, value = wanted.partition("=")
        return made.user.tag_values.get(key) == value

    def shown(self):
        """As it stands in the finding."""
        return {name: self.fields[name] or None for name in ("reason", "expires", "ticket")}


def lines_of(text):
    return [Line(fields, number) for number, fields in enumerate(csv.DictReader(io.StringIO(text, newline="")), 2)]


def suppress(judgements, text, now):
    """Turns the fails that a line covers into 'suppressed', with the first line that does."""
    lines = lines_of(text)
    for made in judgements:
        if made.status == "fail":
            for line in lines:
                if line.covers(made, now):
                    made.status, made.suppression, line.used = "suppressed", line.shown(), True
                    break
    return lines
