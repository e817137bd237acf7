# SPDX-License-Identifier: MIT
"""World files for the simulator: small, and with what a computed world does not hold."""

from people import AWKWARD_TAGS

A, B, C, D = "111111111111", "222222222222", "333333333333", "444444444444"
ORIGINAL_ROLE = ["iam:ListUsers", "iam:ListUserTags", "iam:ListAccessKeys", "iam:GetAccessKeyLastUsed",
                 "iam:GetLoginProfile", "iam:ListSigningCertificates", "iam:ListMFADevices", "sts:GetCallerIdentity"]


def tags(pairs):
    return [{"key": key, "value": value} for key, value in pairs.items()]


def key(number, created, status="Active", used=None, service="s3", region="eu-west-1"):
    made = {"id": f"AKIAWORLD{number:011d}", "created": created, "status": status}
    if used:
        made.update(last_used=used, last_used_service=service, last_used_region=region)
    return made


def varied_users(first_key=0):
    """A user of every kind, not in the order of their names."""
    number = iter(range(first_key, first_key + 100))
    return [
        {"name": "zoe", "path": "/division/team-a/", "id": "AIDAWORLDZOE00000001", "created": "2020-01-02T03:04:05Z",
         "groups": ["ops", "Admins", "a+b"], "tags": tags(AWKWARD_TAGS),
         "password": {"created": "2021-05-06T07:08:09Z", "last_changed": "2023-01-01T00:00:00Z"},
         "password_last_used": "2024-03-01T00:00:01Z",
         "mfa": ["arn:aws:iam::111111111111:mfa/zoe", {"serial": "GAHT12345678", "enabled": "2021-06-07T08:09:10Z"}],
         "permissions_boundary": "arn:aws:iam::111111111111:policy/boundary",
         "attached_policies": ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::111111111111:policy/own"]},
        {"name": "two-active", "keys": [key(next(number), "2022-02-02T02:02:02Z", used="2024-01-01T00:00:00Z"),
                                        key(next(number), "2023-03-03T03:03:03Z", used="2024-06-01T12:00:00Z")]},
        {"name": "same-second", "keys": [key(next(number), "2022-02-02T02:02:02Z"),
                                         key(next(number), "2022-02-02T02:02:02Z", used="2023-01-01T00:00:00Z")]},
        {"name": "inactive-older", "keys": [
            key(next(number), "2019-01-01T00:00:00Z", "Inactive", used="2024-08-08T08:08:08Z", service="iam"),
            key(next(number), "2020-01-01T00:00:00Z", used="2021-01-01T00:00:00Z")]},
        {"name": "three-keys", "keys": [key(next(number), f"202{each}-01-01T00:00:00Z") for each in range(3)]},
        {"name": "password-gone", "password_last_used": "2022-12-31T23:59:59Z"},
        {"name": "never-signed-in", "password": {"created": "2018-01-01T00:00:00Z"}},
        {"name": "certs", "certificates": [
            {"id": "ZZZCERTIFICATE0000000001", "status": "Inactive", "uploaded": "2020-05-05T05:05:05Z"},
            {"id": "AAACERTIFICATE0000000001", "uploaded": "2021-05-05T05:05:05Z"},
            {"id": "MMMCERTIFICATE0000000001", "uploaded": "2021-06-05T05:05:05Z"}]},
        {"name": "tagged50", "tags": tags({f"key{each:02d}": f"value {each}" for each in range(49, -1, -1)})},
        {"name": "Zebra", "created": "2016-02-29T12:00:00Z"},
        {"name": "just-made", "created_after_report": True},
        {"name": "just-gone", "deleted_after_report": True},
        *({"name": name} for name in ("=1+1", "+plus", "-minus", "@at", "a=b,c.d@e-f_g+h")),
    ]


def organization(**changes):
    """Four accounts: of every kind of user, of a few, a suspended one, an empty one without an alias."""
    world = {
        "organization_id": "o-worldfile01", "root_id": "r-wld1", "management_account_id": B,
        "organizational_units": [{"id": "ou-wld1-top", "name": "Top", "parent": "r-wld1"},
                                 {"id": "ou-wld1-low", "name": 'Low "日本"', "parent": "ou-wld1-top"}],
        "accounts": [
            {"id": C, "name": "Suspended", "state": "SUSPENDED", "users": [{"name": "nobody"}]},
            {"id": A, "name": 'Team, "日本" <&>', "alias": "the-alias", "parent": "ou-wld1-low", "root_mfa": True,
             "joined": "2019-01-01T00:00:00Z", "users": varied_users()},
            {"id": B, "name": "Management", "alias": "management", "users": [
                {"name": "ann", "created": "2020-01-01T00:00:00Z", "tags": tags({"team": "core"})}]},
            {"id": D, "name": "Empty", "parent": "ou-wld1-top", "users": []},
        ]}
    world.update(changes)
    return world


def plain(accounts, users, first=100000000001):
    """Accounts with a few plain users each: one key, one tag, one group."""
    number = iter(range(1000000))
    return {"accounts": [{"id": f"{first + index:012d}", "alias": f"alias-{index}", "users": [
        {"name": f"user{each:03d}", "created": "2020-01-01T00:00:00Z", "groups": ["staff"],
         "tags": tags({"number": str(each)}), "mfa": [f"arn:aws:iam::{first + index:012d}:mfa/user{each:03d}"],
         "password": {"created": "2021-01-01T00:00:00Z"},
         "certificates": [{"id": f"CERTIFICATE{index:06d}{each:07d}", "uploaded": "2021-02-02T00:00:00Z"}],
         "keys": [key(next(number), "2022-01-01T00:00:00Z", used="2023-01-01T00:00:00Z")]}
        for each in range(users)]} for index in range(accounts)]}
