# SPDX-License-Identifier: MIT
"""The oracle: the CSV and the JSON Lines that the contract demands, computed without the program.

Facts are collected from moto with boto3, or from a scripted World, into plain `Row`s; rendering
knows only the rows and the moment the run started. Strategy per-user.
"""

import csv
import datetime
import io
import json

UNKNOWN = object()
# how long a census of a test may take
LONGEST = datetime.timedelta(minutes=15)
STANDARD = ["AccountID", "AccountAlias", "UserName", "Tags", "CreationDateTime", "CreationAgeInDays", "Path", "Groups",
            "MFAEnabled", "LastActivity", "PasswordAge", "ConsoleLastSignIn", "AccessKeyID", "ActiveKeyAge",
            "AccessKeyLastUsed", "ARN", "ConsoleAccess", "SigningCerts"]
EXTENDED = STANDARD + ["UserId", "AccountName", "AccessKey2ID", "AccessKey2Age", "AccessKey2LastUsed", "InactiveKeys",
                       "AccessKeyLastUsedService", "AccessKeyLastUsedRegion", "AccessKeyDescription", "MFADevices",
                       "PasswordLastChanged", "PermissionsBoundary", "AttachedPolicies", "DataAsOf", "Unknown"]


def moment(text):
    """The UTC second of a date as it goes over the wire; None stays None. Nothing in the output is
    finer than a second, and keys of one second are ordered by their ids."""
    if text is None or text is UNKNOWN:
        return text
    parsed = datetime.datetime.fromisoformat(text) if isinstance(text, str) else text
    return parsed.astimezone(datetime.timezone.utc).replace(microsecond=0)


class KeyFact:
    def __init__(self, key_id, status, created, used, service, region):
        self.id = key_id
        self.status = status
        self.created = moment(created)
        self.used = moment(used)
        self.service = service
        self.region = region


class Row:
    """All facts of one user. Any may be UNKNOWN but the name, id, ARN, path and creation date."""

    def __init__(self, account_id, name, user_id, arn, path, created):
        self.account_id, self.name, self.user_id, self.arn, self.path = account_id, name, user_id, arn, path
        self.created = moment(created)
        self.alias = None
        self.account_name = UNKNOWN
        self.tags = []
        self.groups = []
        self.mfa = []
        self.password = None
        self.signed_in = None
        self.keys = []
        self.certs = []
        self.as_of = None  # the credential report's time; None: the moment its account began to be read


def from_world(world, account_ids, unknown=None, names_known=False):
    """Rows of the scripted world. unknown: {account id: facts that cannot be read}, of 'alias',
    'tags', 'groups', 'mfa', 'password', 'keys', 'used', 'certs'; names_known: whether the
    accounts came from Organizations."""
    rows = []
    for account_id in account_ids:
        account = world.accounts[account_id]
        lost = (unknown or {}).get(account_id, set())
        for user in account.users:
            if user.vanished:
                continue
            row = Row(account_id, user.name, user.id, user.arn, user.path, user.created)
            row.alias = UNKNOWN if "alias" in lost else account.alias
            row.account_name = account.name if names_known else UNKNOWN
            row.tags = UNKNOWN if "tags" in lost else user.tags
            row.groups = UNKNOWN if "groups" in lost else user.groups
            row.mfa = UNKNOWN if "mfa" in lost else user.mfa
            row.password = UNKNOWN if "password" in lost else moment(user.password)
            row.signed_in = moment(user.signed_in)
            row.certs = UNKNOWN if "certs" in lost else [(c.id, c.status, moment(c.uploaded)) for c in user.certs]
            row.keys = UNKNOWN if "keys" in lost else [
                KeyFact(k.id, k.status, k.created, *([UNKNOWN] * 3 if "used" in lost else [k.used, k.service, k.region]))
                for k in user.keys if not k.vanished]
            rows.append(row)
    return rows


def from_moto(session_for, account_ids, names=None):
    """Rows of moto's accounts; session_for(account id) gives a boto3 session inside it."""
    rows = []
    for account_id in account_ids:
        iam = session_for(account_id)
        aliases = iam.list_account_aliases()["AccountAliases"]
        for page in iam.get_paginator("list_users").paginate():
            for user in page["Users"]:
                row = Row(account_id, user["UserName"], user["UserId"], user["Arn"], user["Path"], user["CreateDate"])
                row.alias = aliases[0] if aliases else None
                row.account_name = (names or {}).get(account_id, UNKNOWN)
                row.signed_in = moment(user.get("PasswordLastUsed"))
                _fill_from_moto(iam, row)
                rows.append(row)
    return rows


def _fill_from_moto(iam, row):
    name = row.name
    row.tags = [(tag["Key"], tag["Value"]) for tag in iam.list_user_tags(UserName=name)["Tags"]]
    row.groups = [group["GroupName"] for group in iam.list_groups_for_user(UserName=name)["Groups"]]
    row.mfa = [device["SerialNumber"] for device in iam.list_mfa_devices(UserName=name)["MFADevices"]]
    try:
        row.password = moment(iam.get_login_profile(UserName=name)["LoginProfile"]["CreateDate"])
    except iam.exceptions.NoSuchEntityException:
        row.password = None
    row.certs = [(cert["CertificateId"], cert["Status"], moment(cert["UploadDate"]))
                 for cert in iam.list_signing_certificates(UserName=name)["Certificates"]]
    for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
        used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
        last = used.get("LastUsedDate")
        row.keys.append(KeyFact(key["AccessKeyId"], key["Status"], key["CreateDate"], last,
                                used["ServiceName"] if last else None, used["Region"] if last else None))


def _stamp(when):
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _days(start, when):
    return (start - when) // datetime.timedelta(days=1)


def _json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _ordered(rows):
    return sorted(rows, key=lambda row: (row.account_id, row.name.encode()))


def _keys_in_order(keys):
    return sorted(keys, key=lambda key: (key.created, key.id))


def _certs_in_order(certs):
    return sorted(certs, key=lambda cert: cert[0])


def _latest_use(keys):
    if keys is UNKNOWN or any(key.used is UNKNOWN for key in keys):
        return UNKNOWN
    return max((key.used for key in keys if key.used), default=None)


def read_moments(seen, start):
    """{account id: when its reading began}, which only the output shows: of rows that no report is about.
    Never before the run began."""
    text = (seen or b"").decode()
    if text.startswith("{"):
        told = [(each["account_id"], each["data_as_of"]) for each in map(json.loads, text.splitlines())]
    else:
        told = [(each["AccountID"], each.get("DataAsOf")) for each in csv.DictReader(io.StringIO(text, newline=""))]
    moments = {}
    for account_id, at in told:
        if at and moment(at) >= start:
            moments.setdefault(account_id, moment(at))
    for account_id, at in moments.items():
        if at > start + LONGEST:
            raise AssertionError(f"account {account_id} was read at {at}, long after the run began at {start}")
    return moments


class _Cells:
    """The cells of one row as values: None is none, UNKNOWN unknown, a datetime a time.
    moments: as read_moments gives them."""

    def __init__(self, row, start, moments=None):
        self.row, self.start = row, start
        self.as_of = row.as_of or (moments or {}).get(row.account_id, start)

    def standard(self):
        row = self.row
        first, _ = self._active()
        return {
            "AccountID": row.account_id, "AccountAlias": row.alias, "UserName": row.name,
            "Tags": self._list(row.tags, lambda tags: [{"Key": k, "Value": v} for k, v in sorted(tags)]),
            "CreationDateTime": row.created, "CreationAgeInDays": _days(self.start, row.created), "Path": row.path,
            "Groups": self._list(row.groups, sorted), "MFAEnabled": self._known(row.mfa, bool),
            "LastActivity": _latest_use(row.keys),
            "PasswordAge": self._known(row.password, lambda at: None if at is None else _days(self.start, at)),
            "ConsoleLastSignIn": row.signed_in, **self._of_key(first, "AccessKeyID", "ActiveKeyAge",
                                                               "AccessKeyLastUsed"),
            "ARN": row.arn, "ConsoleAccess": self._known(row.password, lambda at: at is not None),
            "SigningCerts": self._list(row.certs, lambda certs: [
                {"CertificateId": i, "Status": s, "UploadDate": _stamp(at) if at else ""} for i, s, at in _certs_in_order(certs)]),
        }

    def extended(self):
        row = self.row
        first, second = self._active()
        cells = self.standard()
        cells.update({
            "UserId": row.user_id, "AccountName": row.account_name,
            **self._of_key(second, "AccessKey2ID", "AccessKey2Age", "AccessKey2LastUsed"),
            "InactiveKeys": self._inactive(),
            "AccessKeyLastUsedService": self._known(first, lambda key: key and key.service),
            "AccessKeyLastUsedRegion": self._known(first, lambda key: key and key.region),
            "AccessKeyDescription": self._description(first),
            "MFADevices": self._list(row.mfa, sorted),
            "PasswordLastChanged": None if row.password is None else UNKNOWN,
            "PermissionsBoundary": UNKNOWN, "AttachedPolicies": UNKNOWN, "DataAsOf": self.as_of,
        })
        lost = [name for name in EXTENDED[:-1] if cells[name] is UNKNOWN]
        cells["Unknown"] = _json(lost)
        return cells

    def _active(self):
        if self.row.keys is UNKNOWN:
            return UNKNOWN, UNKNOWN
        active = [key for key in _keys_in_order(self.row.keys) if key.status == "Active"] + [None, None]
        return active[0], active[1]

    def _of_key(self, key, id_name, age_name, used_name):
        return {id_name: self._known(key, lambda k: k and k.id),
                age_name: self._known(key, lambda k: None if k is None else _days(self.start, k.created)),
                used_name: self._known(key, lambda k: k and k.used)}

    def _description(self, key):
        if key is None:
            return None
        if key is UNKNOWN or self.row.tags is UNKNOWN:
            return UNKNOWN
        return dict(self.row.tags).get(key.id)

    def _inactive(self):
        if self.row.keys is UNKNOWN:
            return UNKNOWN
        keys = [key for key in _keys_in_order(self.row.keys) if key.status != "Active"]
        if any(key.used is UNKNOWN for key in keys):
            return UNKNOWN
        return _json([{"AccessKeyId": key.id, "CreateDate": _stamp(key.created),
                       "LastUsed": key.used and _stamp(key.used)} for key in keys])

    @staticmethod
    def _known(value, compute):
        return UNKNOWN if value is UNKNOWN else compute(value)

    @staticmethod
    def _list(value, compute):
        return UNKNOWN if value is UNKNOWN else _json(compute(value))


def _cell(value):
    if value is UNKNOWN:
        return "unknown"
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return _stamp(value)
    return str(value)


GUARDED = ("UserName", "AccountName", "AccessKeyDescription")


def guard(cells):
    """What people choose freely must not run in a spreadsheet."""
    for name in GUARDED:
        text = cells.get(name)
        if isinstance(text, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r"):
            cells[name] = "'" + text


def csv_bytes(rows, start, columns="standard", raw=False, seen=None):
    """The whole CSV. start: the run's started_at as an aware datetime; raw: --csv-raw; seen: the output that it is
    compared with, which shows when each account was read."""
    names = EXTENDED if columns == "extended" else STANDARD
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
    writer.writerow(names)
    moments = read_moments(seen, start)
    for row in _ordered(rows):
        cells = getattr(_Cells(row, start, moments), columns)()
        if not raw:
            guard(cells)
        writer.writerow([_cell(cells[name]) for name in names])
    return out.getvalue().encode()


def jsonl_bytes(rows, start, seen=None):
    """The whole JSON Lines file; seen: as for csv_bytes."""
    moments = read_moments(seen, start)
    return b"".join(_json(_object(row, start, moments)).encode() + b"\n" for row in _ordered(rows))


def _object(row, start, moments):
    made = {
        "account_id": row.account_id, "account_alias": row.alias, "account_name": row.account_name,
        "user_name": row.name, "user_id": row.user_id, "arn": row.arn, "path": row.path, "created_at": row.created,
        "age_days": _days(start, row.created),
        "tags": _map(row.tags, lambda tags: [{"key": k, "value": v} for k, v in sorted(tags)]),
        "groups": _map(row.groups, sorted), "mfa_enabled": _map(row.mfa, bool), "mfa_devices": _map(row.mfa, sorted),
        "console_access": _map(row.password, lambda at: at is not None),
        "password_age_days": _map(row.password, lambda at: None if at is None else _days(start, at)),
        "password_last_changed_at": None if row.password is None else UNKNOWN,
        "console_last_sign_in_at": row.signed_in, "last_activity_at": _latest_use(row.keys),
        "access_keys": _map(row.keys, lambda keys: [_key_object(row, key, start) for key in _keys_in_order(keys)]),
        "signing_certificates": _map(row.certs, lambda certs: [
            {"id": i, "status": s, "uploaded_at": at} for i, s, at in _certs_in_order(certs)]),
        "permissions_boundary": UNKNOWN, "attached_policies": UNKNOWN,
        "data_as_of": row.as_of or moments.get(row.account_id, start),
    }
    made["unknown"] = [name for name, value in made.items() if value is UNKNOWN]
    return _plain(made)


def _key_object(row, key, start):
    return {"id": key.id, "status": key.status, "created_at": key.created, "age_days": _days(start, key.created),
            "last_used_at": key.used, "last_used_service": key.service, "last_used_region": key.region,
            "description": None if row.tags is UNKNOWN else dict(row.tags).get(key.id)}


def _map(value, compute):
    return UNKNOWN if value is UNKNOWN else compute(value)


def _plain(value):
    if value is UNKNOWN:
        return None
    if isinstance(value, datetime.datetime):
        return _stamp(value)
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value
