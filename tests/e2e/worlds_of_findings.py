# SPDX-License-Identifier: MIT
"""World files for what findings are about: root users, password policies, privileges, credentials."""

ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


# name of the document: (document, whether it makes an administrator)
DOCUMENTS = {
    "all": (document(ALLOW_ALL), True),
    "one-statement": ({"Version": "2012-10-17", "Statement": ALLOW_ALL}, True),
    "lists": (document({"Effect": "Allow", "Action": ["s3:Get*", "*"], "Resource": ["arn:aws:s3:::a", "*"]}), True),
    "star-star": (document({"Effect": "Allow", "Action": "*:*", "Resource": "*"}), True),
    "second": (document({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, ALLOW_ALL), True),
    "condition": (document({**ALLOW_ALL, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}), False),
    "not-action": (document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), False),
    "deny": (document({**ALLOW_ALL, "Effect": "Deny"}), False),
    "one-resource": (document({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::a"}), False),
    "one-service": (document({"Effect": "Allow", "Action": "iam:*", "Resource": "*"}), False),
    "empty": (document(), False),
}


def _users(account_id):
    """An administrator, or not, by each document: inline, customer-managed, and by way of a group."""
    for name, (text, _) in DOCUMENTS.items():
        yield {"name": f"inline-{name}", "inline_policies": [{"name": name, "document": text}]}
        yield {"name": f"managed-{name}", "attached_policies": [f"arn:aws:iam::{account_id}:policy/team/{name}"]}
        yield {"name": f"group-{name}", "groups": [f"g-inline-{name}"]}
        yield {"name": f"group-managed-{name}", "groups": [f"g-managed-{name}"]}
    yield {"name": "aws-admin", "attached_policies": [ADMINISTRATOR]}
    yield {"name": "aws-iam", "attached_policies": ["arn:aws:iam::aws:policy/IAMFullAccess"]}
    yield {"name": "aws-read", "attached_policies": [READ_ONLY]}
    yield {"name": "aws-admin-by-group", "groups": ["g-admin", "g-inline-deny"]}
    yield {"name": "own-of-that-name", "attached_policies": [f"arn:aws:iam::{account_id}:policy/AdministratorAccess"]}
    yield {"name": "older-version", "attached_policies": [f"arn:aws:iam::{account_id}:policy/versions"]}
    yield {"name": "nothing"}


def _privileges(account_id):
    groups = [{"name": "g-admin", "attached_policies": [ADMINISTRATOR]}]
    policies = [{"name": "AdministratorAccess", "document": document()},
                {"name": "versions", "default_version": "v1",
                 "versions": [{"id": "v2", "document": document(ALLOW_ALL)}, {"id": "v1", "document": document()}]}]
    for name, (text, _) in DOCUMENTS.items():
        policies.append({"name": name, "path": "/team/", "document": text})
        groups.append({"name": f"g-inline-{name}", "inline_policies": [{"name": "own", "document": text}]})
        groups.append({"name": f"g-managed-{name}", "attached_policies": [f"arn:aws:iam::{account_id}:policy/team/{name}"]})
    return {"id": account_id, "groups": groups, "policies": policies, "users": list(_users(account_id))}


def _virtual(account_id):
    return {"serial": f"arn:aws:iam::{account_id}:mfa/root-account-mfa-device", "enabled": "2024-01-01", "virtual": True}


def _roots():
    """Root users: with and without password, MFA of each kind, keys, certificates, uses."""
    key = {"id": "AKIAROOT000000000001", "created": "2020-01-01", "last_used": "2026-01-05T00:00:00Z"}
    password = {"created": "2020-01-01", "last_changed": "2021-01-01"}
    hardware = {"serial": "GAHT12345678", "enabled": "2024-01-01", "virtual": False}
    roots = ({}, {"password": password}, {"password": password, "mfa": "virtual"}, {"password": password, "mfa": [hardware]},
             {"keys": [key]}, {"password": password, "password_last_used": "2025-12-24T00:00:01Z", "keys": [key]},
             {"certificates": [{"id": "ROOTCERTIFICATE000000001", "status": "Active", "uploaded": "2020-01-01"}]})
    for number, root in enumerate(roots):
        account_id = f"{300000000000 + number}"
        root = dict(root)
        if root.get("mfa") == "virtual":
            root["mfa"] = [_virtual(account_id)]
        yield account_id, root


POLICIES = (None, {"minimum_length": 6}, {"minimum_length": 13, "reuse_prevention": 23},
            {"minimum_length": 14, "reuse_prevention": 24}, {"minimum_length": 128, "reuse_prevention": 1}, None, None)
SUMMARY = ("AccountPasswordPresent", "AccountMFAEnabled", "AccountAccessKeysPresent", "AccountSigningCertificatesPresent")


def roots(lacks=()):
    """Accounts by their root users and password policies; lacks: entries that the summary leaves out."""
    return {"accounts": [{"id": account_id, "root": root, "password_policy": policy, "summary_lacks": list(lacks),
                          "users": [{"name": "ann", "created": "2020-01-01"}]}
                         for (account_id, root), policy in zip(_roots(), POLICIES)]}


def _credential(number, service, **more):
    return {"id": f"ACCAWORLD{number:011d}", "service": service, "status": "Active", "created": "2024-01-01", **more}


def credentials(all_users=True):
    services = ("bedrock.amazonaws.com", "logs.amazonaws.com", "codecommit.amazonaws.com", "cassandra.amazonaws.com")
    users = [{"name": f"one-{number}", "created": "2023-01-01", "service_credentials": [_credential(number, service)]}
             for number, service in enumerate(services)]
    users += [{"name": "many", "created": "2023-01-01", "service_credentials": [
        _credential(10, services[0], expires="2030-01-01"), _credential(11, services[0], status="Inactive"),
        _credential(12, services[2], status="Expired", expires="2025-01-01"), _credential(13, services[2])]}]
    users += [{"name": "none", "created": "2023-01-01"}]
    return {"accounts": [{"id": "444444444444", "all_users_credentials": all_users, "users": users}]}


def privileges():
    return {"accounts": [_privileges("222222222222")]}
