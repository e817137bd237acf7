# SPDX-License-Identifier: MIT
"""The oracle of the bulk sources: rows of a dumped world as the details and the credential report show them.

Beyond expected.Row a row knows: `changed`, the password's last change; `boundary` and `policies`; `devices`,
the serial numbers where they are not what MFAEnabled comes from; `as_of`, the report's time, None for the run's.
"""

import csv
import datetime
import io

import expected
from account_facts import arn_of, listed
from expected import EXTENDED, STANDARD, UNKNOWN, KeyFact, Row, moment

SAME = object()


def held_by_report(account, user):
    """One who was made again under the same name is not the one of the report."""
    return not user["created_after_report"]


def bulk_rows(world, account_ids, details=True, report=True, named=True):
    """The rows of these accounts, of users that are there. details, report: whether these could be used."""
    return [_row(world, account, user, details, report and held_by_report(account, user), named)
            for account in world["accounts"] if account["id"] in account_ids for user in listed(account)]


def _row(world, account, user, details, held, named):
    row = Row(account["id"], user["name"], user["id"], arn_of(account, user, world["partition"]), user["path"],
              user["created"])
    row.held = held
    row.alias = account["alias"]
    row.account_name = account["name"] if named else UNKNOWN
    row.tags = [(tag["key"], tag["value"]) for tag in user["tags"]]
    row.groups = list(user["groups"])
    row.mfa = [device["serial"] for device in user["mfa"]]
    row.devices = SAME
    password = user["password"]
    row.password = moment(password and password["last_changed" if held else "created"])
    row.changed = None if password is None else moment(password["last_changed"]) if held else UNKNOWN
    row.signed_in = moment(user["password_last_used"])
    row.certs = [(each["id"], each["status"], moment(each["uploaded"])) for each in user["certificates"]]
    row.keys = [KeyFact(key["id"], key["status"], key["created"], key["last_used"],
                        *((key["last_used_service"], key["last_used_region"]) if key["last_used"] else (None, None)))
                for key in user["keys"]]
    row.boundary = user["permissions_boundary"] if details else UNKNOWN
    row.policies = list(user["attached_policies"]) if details else UNKNOWN
    row.as_of = moment(account["report_generated"]) if held else None
    return row


class Cells(expected._Cells):
    def extended(self):
        row = self.row
        cells = super().extended()
        del cells["Unknown"]
        cells.update(PasswordLastChanged=row.changed, PermissionsBoundary=row.boundary,
                     AttachedPolicies=self._list(row.policies, sorted))
        if row.devices is not SAME:
            cells["MFADevices"] = self._list(row.devices, sorted)
        cells["Unknown"] = expected._json([name for name in EXTENDED[:-1] if cells[name] is UNKNOWN])
        return cells

    def _inactive(self):
        """A key's use that is unknown is so inside the list."""
        if self.row.keys is UNKNOWN:
            return UNKNOWN
        use = lambda key: "unknown" if key.used is UNKNOWN else key.used and expected._stamp(key.used)
        return expected._json([{"AccessKeyId": key.id, "CreateDate": expected._stamp(key.created), "LastUsed": use(key)}
                               for key in expected._keys_in_order(self.row.keys) if key.status != "Active"])


def csv_bytes(rows, start, columns="standard", seen=None):
    """The whole CSV, as expected.csv_bytes makes it of what per-user reads."""
    names = EXTENDED if columns == "extended" else STANDARD
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    writer.writerow(names)
    moments = expected.read_moments(seen, start)
    for row in expected._ordered(rows):
        cells = getattr(Cells(row, start, moments), columns)()
        expected.guard(cells)
        writer.writerow([expected._cell(cells[name]) for name in names])
    return out.getvalue().encode()


def table(data):
    """A CSV as {(account, user): {column: cell}}."""
    rows = csv.DictReader(io.StringIO(data.decode(), newline=""))
    return {(row["AccountID"], row["UserName"]): row for row in rows}


def days(start, when):
    return (start - when) // datetime.timedelta(days=1)
