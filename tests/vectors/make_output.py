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
           "PermissionsBoundary", "AttachedPolicies", "DataAsOf"]
STANDARD = 18
EXTENDED = len(COLUMNS)
COLUMNS += ["AccountOU", "Kind", "MFADeviceKinds", "PasswordNextRotation", "InlinePolicies", "GroupPolicies", "IsAdmin",
            "AdminVia", "ServiceCredentials", "SSHPublicKeys", "LastUsed", "LastUsedBy"]
OBJECT_EXTENDED = 23
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
    "DataAsOf": "2024-06-01T10:00:00Z",
    "AccountOU": "o-1/r-1/ou-1", "Kind": "human", "MFADeviceKinds": as_json(["token", "virtual"]),
    "PasswordNextRotation": "2024-07-31T11:59:59Z", "InlinePolicies": as_json(['"quoted", b', "a"]),
    "GroupPolicies": as_json([{"Group": "admins", "Policy": "all, of it"},
                              {"Group": "devs", "Policy": "arn:aws:iam::aws:policy/AdministratorAccess"}]),
    "IsAdmin": "true", "AdminVia": as_json(["group:devs", "maybe:a"]),
    "ServiceCredentials": as_json([
        {"Id": "ACCA1", "Service": "codecommit.amazonaws.com", "Status": "Active", "CreateDate": "",
         "ExpirationDate": None},
        {"Id": "ACCA2", "Service": "bedrock.amazonaws.com", "Status": "Active", "CreateDate": "2024-05-01T00:00:00Z",
         "ExpirationDate": "2024-08-01T00:00:00Z"}]),
    "SSHPublicKeys": as_json([{"SSHPublicKeyId": "APKA1", "Status": "Active", "UploadDate": "2022-01-01T00:00:00Z"},
                              {"SSHPublicKeyId": "APKA2", "Status": "Inactive", "UploadDate": "2023-01-01T00:00:00Z"}]),
    "LastUsed": "2024-05-31T23:59:59Z", "LastUsedBy": "AKIA0",
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
    "data_as_of": "2024-06-01T10:00:00Z",
    "account_ou": "o-1/r-1/ou-1", "kind": "human", "mfa_device_kinds": ["token", "virtual"],
    "password_next_rotation_at": "2024-07-31T11:59:59Z", "inline_policies": ['"quoted", b', "a"],
    "group_policies": [{"group": "admins", "policy": "all, of it"},
                       {"group": "devs", "policy": "arn:aws:iam::aws:policy/AdministratorAccess"}],
    "is_admin": True, "admin_via": ["group:devs", "maybe:a"],
    "service_credentials": [
        {"id": "ACCA1", "service": "codecommit.amazonaws.com", "status": "Active", "created_at": None,
         "expires_at": None},
        {"id": "ACCA2", "service": "bedrock.amazonaws.com", "status": "Active", "created_at": "2024-05-01T00:00:00Z",
         "expires_at": "2024-08-01T00:00:00Z"}],
    "ssh_public_keys": [{"id": "APKA1", "status": "Active", "uploaded_at": "2022-01-01T00:00:00Z"},
                        {"id": "APKA2", "status": "Inactive", "uploaded_at": "2023-01-01T00:00:00Z"}],
    "last_used_at": "2024-05-31T23:59:59Z", "last_used_by": "AKIA0",
}

EMPTY = dict.fromkeys(COLUMNS, "")
EMPTY.update({
    "AccountID": "111111111111", "AccountAlias": "core,team", "UserName": "'=bob", "Tags": "[]",
    "CreationDateTime": "2024-06-01T12:00:00Z", "CreationAgeInDays": "0", "Path": "/", "Groups": "[]",
    "MFAEnabled": "false", "ARN": "arn:aws:iam::111111111111:user/=bob", "ConsoleAccess": "false",
    "SigningCerts": "[]", "UserId": "AIDABOB", "AccountName": 'Core "A"', "InactiveKeys": "[]", "MFADevices": "[]",
    "AttachedPolicies": "[]", "DataAsOf": "2024-06-01T12:00:00Z", "AccountOU": "o-1/r-1/ou-1", "Kind": "none",
    "MFADeviceKinds": "[]", "InlinePolicies": "[]", "GroupPolicies": "[]", "IsAdmin": "false", "AdminVia": "[]",
    "ServiceCredentials": "[]", "SSHPublicKeys": "[]",
})
EMPTY_OBJECT = dict.fromkeys(FULL_OBJECT)
EMPTY_OBJECT.update({
    "account_id": "111111111111", "account_alias": "core,team", "account_name": 'Core "A"', "user_name": "=bob",
    "user_id": "AIDABOB", "arn": "arn:aws:iam::111111111111:user/=bob", "path": "/",
    "created_at": "2024-06-01T12:00:00Z", "age_days": 0, "tags": [], "groups": [], "mfa_enabled": False,
    "mfa_devices": [], "console_access": False, "access_keys": [], "signing_certificates": [],
    "attached_policies": [], "data_as_of": "2024-06-01T12:00:00Z", "account_ou": "o-1/r-1/ou-1", "kind": "none",
    "mfa_device_kinds": [], "inline_policies": [], "group_policies": [], "is_admin": False, "admin_via": [],
    "service_credentials": [], "ssh_public_keys": [],
})

KNOWN_ALWAYS = {"AccountID": "222222222222", "UserName": "carol", "CreationDateTime": "2024-06-01T11:59:59Z",
                "CreationAgeInDays": "0", "Path": "/", "ARN": "arn:aws:iam::222222222222:user/carol",
                "UserId": "AIDACAROL", "DataAsOf": "2024-06-01T12:00:00Z"}
LOST = dict.fromkeys(COLUMNS, "unknown")
LOST.update(KNOWN_ALWAYS)
KNOWN_IN_OBJECT = {
    "account_id": "222222222222", "user_name": "carol", "user_id": "AIDACAROL",
    "arn": "arn:aws:iam::222222222222:user/carol", "path": "/", "created_at": "2024-06-01T11:59:59Z", "age_days": 0,
    "data_as_of": "2024-06-01T12:00:00Z",
}
LOST_OBJECT = dict.fromkeys(FULL_OBJECT)
LOST_OBJECT.update(KNOWN_IN_OBJECT)


def unknown(names, known):
    return [name for name in names if name not in known]


def csv_bytes(columns, has_unknown):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns + ["Unknown"] * has_unknown)
    for cells in (FULL, EMPTY, LOST):
        row = [cells[name] for name in columns]
        lost = unknown(columns, KNOWN_ALWAYS) if cells is LOST else []
        writer.writerow(row + [as_json(lost)] * has_unknown)
    return out.getvalue().encode()


def json_bytes(count):
    names = [name for name in FULL_OBJECT if name != "unknown"][:count]
    lines = []
    for fields in (FULL_OBJECT, EMPTY_OBJECT, LOST_OBJECT):
        one = {name: fields[name] for name in names}
        one["unknown"] = unknown(names, KNOWN_IN_OBJECT) if fields is LOST_OBJECT else []
        lines.append(as_json(one).encode() + b"\n")
    return b"".join(lines)


def write(name, content):
    (pathlib.Path(__file__).parent / name).write_bytes(content)


write("output_standard.csv", csv_bytes(COLUMNS[:STANDARD], False))
write("output_extended.csv", csv_bytes(COLUMNS[:EXTENDED], True))
write("output_full.csv", csv_bytes(COLUMNS, True))
write("output.jsonl", json_bytes(OBJECT_EXTENDED))
write("output_full.jsonl", json_bytes(None))
