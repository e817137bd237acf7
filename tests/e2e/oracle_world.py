# SPDX-License-Identifier: MIT
"""The facts of a simulated world, straight from the world as the simulator dumps it: what a census must have found.

They have the same form as those that oracle_rows.py reads from a database, so that the two can be compared, and judged.
"""

import json

from oracle import Facts
from oracle_rows import seconds

ADMINISTRATORS = ("AdministratorAccess", "IAMFullAccess")
EVERYTHING = ("*", "*:*")


def _list(value):
    return value if isinstance(value, list) else [value]


def grants_everything(document):
    """A statement that allows every action on every resource, without a condition."""
    try:
        statements = _list(json.loads(document)["Statement"])
    except (ValueError, KeyError, TypeError):
        return False
    return any(each.get("Effect") == "Allow" and not each.get("Condition") and "Action" in each and "Resource" in each
               and any(action in EVERYTHING for action in _list(each["Action"])) and "*" in _list(each["Resource"])
               for each in statements)


def _is_admin(world, account, user):
    holders = [user, *(group for group in account["groups"] if group["name"] in user["groups"])]
    own = {f"arn:{world['partition']}:iam::{account['id']}:policy{each['path']}{each['name']}": each
           for each in account["policies"]}
    return any(_holder_is_admin(holder, own) for holder in holders)


def _holder_is_admin(holder, own):
    for arn in holder["attached_policies"]:
        if arn.split(":")[4:] in [["aws", f"policy/{name}"] for name in ADMINISTRATORS]:
            return True
        if arn in own:
            policy = own[arn]
            documents = [each["document"] for each in policy["versions"] if each["id"] == policy["default_version"]]
            if any(map(grants_everything, documents)):
                return True
    return any(grants_everything(each["document"]) for each in holder["inline_policies"])


def _key(key):
    return Facts(id=key["id"], status=key["status"], created_at=seconds(key["created"]),
                 last_used_at=seconds(key["last_used"]))


def _user(world, account, user):
    password = user["password"]
    return Facts(
        user_id=user["id"], user_name=user["name"], one=None, data_as_of=None, lost=set(),
        arn=f"arn:{world['partition']}:iam::{account['id']}:user{user['path']}{user['name']}",
        created_at=seconds(user["created"]), console_access=password is not None, mfa_enabled=bool(user["mfa"]),
        console_last_sign_in_at=seconds(user["password_last_used"]),
        password_last_changed_at=password and seconds(password["last_changed"]), is_admin=_is_admin(world, account, user),
        permissions_boundary=user["permissions_boundary"], attached_policies=sorted(user["attached_policies"]),
        inline_policies=sorted(each["name"] for each in user["inline_policies"]),
        tag_values={tag["key"]: tag["value"] for tag in user["tags"]}, tags={tag["key"] for tag in user["tags"]},
        access_keys=sorted(map(_key, user["keys"]), key=lambda key: key.id),
        service_credentials=sorted((Facts(id=each["id"], service=each["service"], status=each["status"], hidden_use=None,
                                          created_at=seconds(each["created"]), expires_at=seconds(each["expires"]))
                                    for each in user["service_credentials"]), key=lambda each: each.id),
        signing_certificates=sorted((Facts(id=each["id"], status=each["status"], hidden_use=None,
                                           uploaded_at=seconds(each["uploaded"]))
                                     for each in user["certificates"]), key=lambda each: each.id))


def _policy(policy):
    if policy is None:
        return {"length": 8, "reuse": None}
    return {"length": policy["minimum_length"], "reuse": policy["reuse_prevention"] or None}


def facts_of(world):
    """[account with its users] of a dump; accounts that are not ACTIVE are left out."""
    accounts = []
    for account in world["accounts"]:
        if account["state"] != "ACTIVE":
            continue
        root = account["root"]
        kind = "none" if not root["mfa"] else "virtual" if any(each["virtual"] for each in root["mfa"]) else "hardware"
        uses = [root["password_last_used"], *(key["last_used"] for key in root["keys"])]
        accounts.append(Facts(
            account_id=account["id"], account_name=account["name"], account_ou=None, data_as_of=None, one=None, partition=world["partition"],
            is_management=account["id"] == world["management_account_id"], root_password=root["password"] is not None,
            root_mfa=bool(root["mfa"]), root_mfa_kind=kind, root_access_keys=bool(root["keys"]),
            root_certificates=bool(root["certificates"]),
            root_last_used=max((seconds(use) for use in uses if use), default=None),
            password_policy=_policy(account["password_policy"]), outcome="succeeded", state="ACTIVE",
            users=[_user(world, account, user) for user in account["users"] if not user["deleted_after_report"]]))
    return accounts


OF_ACCOUNT = ("root_password", "root_mfa", "root_mfa_kind", "root_access_keys", "root_certificates", "root_last_used",
              "password_policy", "is_management")
OF_USER = ("user_name", "arn", "created_at", "console_access", "mfa_enabled", "is_admin", "console_last_sign_in_at",
           "password_last_changed_at", "permissions_boundary", "attached_policies", "inline_policies", "tag_values",
           "access_keys", "service_credentials", "signing_certificates")
