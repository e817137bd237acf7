# SPDX-License-Identifier: MIT
"""What IAM's operations must answer about an account of a dumped world, in the words of the API.

Facts are {operation: what it lists}, of what is about one user {operation: {user name: ...}}, of
keys {operation: {key id: ...}}. `wanted` computes them from the world; `checked` takes those that a
client parsed, checks and leaves out what the world does not say, and makes all times alike.
"""

import datetime
import json
import re
import urllib.parse

MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.0+)?(Z|\+00:00)$")
OF_USER = {"ListUserTags": "Tags", "ListAccessKeys": "AccessKeyMetadata", "ListMFADevices": "MFADevices",
           "ListSigningCertificates": "Certificates", "ListGroupsForUser": "Groups"}
OF_ACCOUNT = {"ListUsers": "Users", "ListAccountAliases": "AccountAliases", "ListVirtualMFADevices": "VirtualMFADevices",
              "GetAccountAuthorizationDetails": "UserDetailList"}
# a computed world's accounts with a root device also have one that is assigned to nobody
NEVER_ASSIGNED = ":mfa/never-assigned"


def status_of(state):
    """The member that Account had before State, and that clients from before 2025 know alone."""
    return {"CLOSED": "SUSPENDED", "PENDING_ACTIVATION": "ACTIVE"}.get(state, state)


def states(seen, accounts):
    """(what a client saw of the accounts' states, what it should have seen), by what this client knows."""
    if all("State" in each for each in seen):
        return [each["State"] for each in seen], [each["state"] for each in accounts]
    return [each["Status"] for each in seen], [status_of(each["state"]) for each in accounts]


def plain(value):
    """The same value with every time as 2024-01-31T09:30:00Z."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).isoformat().replace("+00:00", "Z")
    if isinstance(value, str) and MOMENT.match(value):
        return value[:19] + "Z"
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value


def listed(account):
    """The users that the API knows, in its order, with those of their keys that it knows."""
    return [{**user, "keys": [key for key in user["keys"] if not key.get("deleted_after_report")]}
            for user in account["users"] if not user["deleted_after_report"]]


def arn_of(account, user, partition):
    return f"arn:{partition}:iam::{account['id']}:user{user['path']}{user['name']}"


def _user(account, user, partition, with_sign_in=True):
    made = {"Path": user["path"], "UserName": user["name"], "UserId": user["id"],
            "Arn": arn_of(account, user, partition), "CreateDate": user["created"]}
    if with_sign_in and user["password_last_used"]:
        made["PasswordLastUsed"] = user["password_last_used"]
    return made


def _tags(user):
    return [{"Key": tag["key"], "Value": tag["value"]} for tag in user["tags"]]


def attached(holder):
    """What is attached to a user, group or role."""
    return [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in holder["attached_policies"]]


def document_of(text):
    """A document as botocore gives it: parsed if it is JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def inline(holder):
    return [{"PolicyName": each["name"], "PolicyDocument": document_of(each["document"])} for each in holder["inline_policies"]]


def _group(account, name, partition):
    group = next(each for each in account["groups"] if each["name"] == name)
    return {"Path": group["path"], "GroupName": name, "Arn": f"arn:{partition}:iam::{account['id']}:group{group['path']}{name}",
            "CreateDate": group["created"]}


def _detail(account, user, partition):
    made = {**_user(account, user, partition, False), "GroupList": user["groups"], "Tags": _tags(user),
            "AttachedManagedPolicies": attached(user)}
    if user["inline_policies"]:
        made["UserPolicyList"] = inline(user)
    if user["permissions_boundary"]:
        made["PermissionsBoundary"] = {"PermissionsBoundaryType": "Policy",
                                       "PermissionsBoundaryArn": user["permissions_boundary"]}
    return made


def _virtual_devices(account, partition):
    root = {"UserId": account["id"], "Arn": f"arn:{partition}:iam::{account['id']}:root", "CreateDate": account["joined"]}
    made = [{"SerialNumber": device["serial"], "User": root, "EnableDate": device["enabled"]}
            for device in account["root"]["mfa"] if device["virtual"]]
    for user in listed(account):
        made += [{"SerialNumber": device["serial"], "User": _user(account, user, partition),
                  "EnableDate": device["enabled"]} for device in user["mfa"] if device["virtual"]]
    return made


def _key_use(user, key):
    used = {"Region": "N/A", "ServiceName": "N/A"}
    if key["last_used"]:
        used = {"Region": key["last_used_region"] or "N/A", "ServiceName": key["last_used_service"] or "N/A",
                "LastUsedDate": key["last_used"]}
    return {"UserName": user["name"], "AccessKeyLastUsed": used}


def wanted(account, partition="aws"):
    users = listed(account)
    of = lambda make: {user["name"]: make(user) for user in users}
    return {
        "ListUsers": [_user(account, user, partition) for user in users],
        "ListAccountAliases": [account["alias"]] if account["alias"] else [],
        "ListVirtualMFADevices": _virtual_devices(account, partition),
        "GetAccountAuthorizationDetails": [_detail(account, user, partition) for user in users],
        "ListUserTags": of(_tags),
        "ListAccessKeys": of(lambda user: [{"UserName": user["name"], "AccessKeyId": key["id"], "Status": key["status"],
                                            "CreateDate": key["created"]} for key in user["keys"]]),
        "ListMFADevices": of(lambda user: [{"UserName": user["name"], "SerialNumber": each["serial"],
                                            "EnableDate": each["enabled"]} for each in user["mfa"]]),
        "ListSigningCertificates": of(lambda user: [
            {"UserName": user["name"], "CertificateId": each["id"], "Status": each["status"],
             **({"UploadDate": each["uploaded"]} if each["uploaded"] else {})} for each in user["certificates"]]),
        "ListGroupsForUser": of(lambda user: [
            _group(account, name, partition) for name in user["groups"]]),
        "GetLoginProfile": of(lambda user: user["password"] and {
            "UserName": user["name"], "CreateDate": user["password"]["created"],
            "PasswordResetRequired": user["password_last_used"] is None}),
        "GetAccessKeyLastUsed": {key["id"]: _key_use(user, key) for user in users for key in user["keys"]},
    }


def _take(test, item, name, pattern):
    test.assertRegex(str(item.pop(name)), pattern, item)


def checked(test, facts):
    """The facts that a client parsed, ready to be compared with the wanted ones."""
    facts = plain(facts)
    group_ids = {}
    for groups in facts.get("ListGroupsForUser", {}).values():
        for group in groups:
            test.assertEqual(group_ids.setdefault(group["GroupName"], group["GroupId"]), group["GroupId"])
            _take(test, group, "GroupId", r"^AGPA[A-Z2-7]{17}$")
    for certificates in facts.get("ListSigningCertificates", {}).values():
        for certificate in certificates:
            _take(test, certificate, "CertificateBody", r"^-----BEGIN CERTIFICATE-----\n[^-]+\n-----END CERTIFICATE-----$")
    for user in facts.get("GetAccountAuthorizationDetails", []):
        for policy in user.get("UserPolicyList", []):
            if isinstance(policy["PolicyDocument"], str):  # as the other SDKs leave it
                policy["PolicyDocument"] = document_of(urllib.parse.unquote(policy["PolicyDocument"]))
    if "ListVirtualMFADevices" in facts:
        facts["ListVirtualMFADevices"] = [each for each in facts["ListVirtualMFADevices"]
                                          if not each["SerialNumber"].endswith(NEVER_ASSIGNED)]
    return facts


def assert_same(test, seen, wanted_facts):
    """Compares operation by operation, so that a failure names one."""
    seen = checked(test, seen)
    test.assertEqual(sorted(seen), sorted(wanted_facts))
    for operation, facts in wanted_facts.items():
        test.assertEqual(seen[operation], facts, operation)
