#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the expected output of the users that tests/unit/test_writer.c builds.

    python3 tests/vectors/make_output.py

The cells stand here as the contract demands them; only quoting and escaping is done, by Python's
own csv and json modules. Run it again after a change of the contract.
"""

import csv
import io
import json
import pathlib

COLUMNS = ["AccountID", "AccountAlias", "UserName", "Tags", "CreationDateTime", "CreationAgeInDays", "Path", "Groups",
           "MFAEnabled", "LastActivity", "PasswordAge", "ConsoleLastSignIn", "AccessKeyID", "ActiveKeyAge",
           "AccessKeyLastUsed", "ARN", "ConsoleAccess", "SigningCerts", "UserId", "AccountName", "AccessKey2ID",
           "AccessKey2Age", "AccessKey2LastUsed", "InactiveKeys", "AccessKeyLastUsedService",
           "AccessKeyLastUsedRegion", "AccessKeyDescription", "MFADevices", "PasswordLastChanged",
           "PermissionsBoundary", "AttachedPolicies", "DataAsOf", "Unknown"]
STANDARD = 18
NOTE = 'say "hi", \u00fc\u2603\n\r\t\b\f\\\x01'


def as_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


FULL = {
    "AccountID": "111111111111", "AccountAlias": "core,team", "UserName": "alice",
    "Tags": as_json([{"Key": "AKIA1", "Value": "deploys"}, {"Key": "empty", "Value": ""}, {"Key": "note", "Value": NOTE}]),
    "CreationDateTime": "2024-01-31T09:30:00Z", "CreationAgeInDays": "122", "Path": "/division/",
    "Groups": as_json(["admins", "devs"]), "MFAEnabled": "true", "LastActivity": "2024-05-31T23:59:59Z",
    "PasswordAge": "30", "ConsoleLastSignIn": "2024-05-20T08:00:00Z", "AccessKeyID": "AKIA1", "ActiveKeyAge": "91",
    "AccessKeyLastUsed": "2024-05-30T00:00:00Z", "ARN": "arn:aws:iam::111111111111:user/division/alice",
    "ConsoleAccess": "true",
    "SigningCerts": as_json([{"CertificateId": "CERT1", "Status": "Active", "UploadDate": "2020-02-29T00:00:00Z"},
                             {"CertificateId": "CERT2", "Status": "Inactive", "UploadDate": "2021-03-01T00:00:00Z"}]),
    "UserId": "AIDAALICE", "AccountName": 'Core "A"', "AccessKey2ID": "AKIA2", "AccessKey2Age": "91",
    "AccessKey2LastUsed": "",
    "InactiveKeys": as_json([{"AccessKeyId": "AKIA0", "CreateDate": "2024-02-01T00:00:00Z",
                              "LastUsed": "2024-05-31T23:59:59Z"}]),
    "AccessKeyLastUsedService": "s3", "AccessKeyLastUsedRegion": "eu-central-1", "AccessKeyDescription": "deploys",
    "MFADevices": as_json(["GAHT12345678", "arn:aws:iam::111111111111:mfa/alice"]),
    "PasswordLastChanged": "2024-05-02T11:59:59Z",
    "PermissionsBoundary": "arn:aws:iam::111111111111:policy/boundary",
    "AttachedPolicies": as_json(["arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/B"]),
    "DataAsOf": "2024-06-01T10:00:00Z", "Unknown": "[]",
}
FULL_OBJECT = {
    "account_id": "111111111111", "account_alias": "core,team", "account_name": 'Core "A"', "user_name": "alice",
    "user_id": "AIDAALICE", "arn": "arn:aws:iam::111111111111:user/division/alice", "path": "/division/",
    "created_at": "2024-01-31T09:30:00Z", "age_days": 122,
    "tags": [{"key": "AKIA1", "value": "deploys"}, {"key": "empty", "value": ""}, {"key": "note", "value": NOTE}],
    "groups": ["admins", "devs"], "mfa_enabled": True,
    "mfa_devices": ["GAHT12345678", "arn:aws:iam::111111111111:mfa/alice"], "console_access": True,
    "password_age_days": 30, "password_last_changed_at": "2024-05-02T11:59:59Z",
    "console_last_sign_in_at": "2024-05-20T08:00:00Z", "last_activity_at": "2024-05-31T23:59:59Z",
    "access_keys": [
        {"id": "AKIA0", "status": "Inactive", "created_at": "2024-02-01T00:00:00Z", "age_days": 121,
         "last_used_at": "2024-05-31T23:59:59Z", "last_used_service": "iam", "last_used_region": "us-east-1",
         "description": None},
        {"id": "AKIA1", "status": "Active", "created_at": "2024-03-02T00:00:00Z", "age_days": 91,
         "last_used_at": "2024-05-30T00:00:00Z", "last_used_service": "s3", "last_used_region": "eu-central-1",
         "description": "deploys"},
        {"id": "AKIA2", "status": "Active", "created_at": "2024-03-02T00:00:00Z", "age_days": 91,
         "last_used_at": None, "last_used_service": None, "last_used_region": None, "description": None}],
    "signing_certificates": [{"id": "CERT1", "status": "Active", "uploaded_at": "2020-02-29T00:00:00Z"},
                             {"id": "CERT2", "status": "Inactive", "uploaded_at": "2021-03-01T00:00:00Z"}],
    "permissions_boundary": "arn:aws:iam::111111111111:policy/boundary",
    "attached_policies": ["arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/B"],
    "data_as_of": "2024-06-01T10:00:00Z", "unknown": [],
}

EMPTY = dict.fromkeys(COLUMNS, "")
EMPTY.update({
    "AccountID": "111111111111", "AccountAlias": "core,team", "UserName": "'=bob", "Tags": "[]",
    "CreationDateTime": "2024-06-01T12:00:00Z", "CreationAgeInDays": "0", "Path": "/", "Groups": "[]",
    "MFAEnabled": "false", "ARN": "arn:aws:iam::111111111111:user/=bob", "ConsoleAccess": "false",
    "SigningCerts": "[]", "UserId": "AIDABOB", "AccountName": 'Core "A"', "InactiveKeys": "[]", "MFADevices": "[]",
    "AttachedPolicies": "[]", "DataAsOf": "2024-06-01T12:00:00Z", "Unknown": "[]",
})
EMPTY_OBJECT = dict.fromkeys(FULL_OBJECT)
EMPTY_OBJECT.update({
    "account_id": "111111111111", "account_alias": "core,team", "account_name": 'Core "A"', "user_name": "=bob",
    "user_id": "AIDABOB", "arn": "arn:aws:iam::111111111111:user/=bob", "path": "/",
    "created_at": "2024-06-01T12:00:00Z", "age_days": 0, "tags": [], "groups": [], "mfa_enabled": False,
    "mfa_devices": [], "console_access": False, "access_keys": [], "signing_certificates": [],
    "attached_policies": [], "data_as_of": "2024-06-01T12:00:00Z", "unknown": [],
})

KNOWN_ALWAYS = {"AccountID": "222222222222", "UserName": "carol", "CreationDateTime": "2024-06-01T11:59:59Z",
                "CreationAgeInDays": "0", "Path": "/", "ARN": "arn:aws:iam::222222222222:user/carol",
                "UserId": "AIDACAROL", "DataAsOf": "2024-06-01T12:00:00Z"}
LOST = dict.fromkeys(COLUMNS, "unknown")
LOST.update(KNOWN_ALWAYS)
LOST["Unknown"] = as_json([name for name in COLUMNS[:-1] if name not in KNOWN_ALWAYS])
LOST_OBJECT = dict.fromkeys(FULL_OBJECT)
LOST_OBJECT.update({
    "account_id": "222222222222", "user_name": "carol", "user_id": "AIDACAROL",
    "arn": "arn:aws:iam::222222222222:user/carol", "path": "/", "created_at": "2024-06-01T11:59:59Z", "age_days": 0,
    "data_as_of": "2024-06-01T12:00:00Z",
    "unknown": ["account_alias", "account_name", "tags", "groups", "mfa_enabled", "mfa_devices", "console_access",
                "password_age_days", "password_last_changed_at", "console_last_sign_in_at", "last_activity_at",
                "access_keys", "signing_certificates", "permissions_boundary", "attached_policies"],
})


def csv_bytes(columns):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for cells in (FULL, EMPTY, LOST):
        writer.writerow([cells[name] for name in columns])
    return out.getvalue().encode()


def write(name, content):
    (pathlib.Path(__file__).parent / name).write_bytes(content)


write("output_standard.csv", csv_bytes(COLUMNS[:STANDARD]))
write("output_extended.csv", csv_bytes(COLUMNS))
write("output.jsonl", b"".join(as_json(each).encode() + b"\n" for each in (FULL_OBJECT, EMPTY_OBJECT, LOST_OBJECT)))
