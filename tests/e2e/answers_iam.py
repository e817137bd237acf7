# SPDX-License-Identifier: MIT
"""What STS and IAM answer, from the world. Each function takes (server, call) and returns a dict."""

import fnmatch
import json
import re

from wire import AwsError

ROLE_ARN = re.compile(r"^arn:([a-z-]+):iam::(\d{12}):role/(.+)$")
SESSION_NAME = re.compile(r"^[\w+=,.@-]{2,64}$")
EXPIRATION = "2099-01-01T00:00:00Z"
LARGEST_PAGE = 1000
# holds what must be escaped in a form
MARKER = "a+/=& %"


def denied(call, why="no identity-based policy allows it"):
    resource = f" on resource: access key {call.params.get('AccessKeyId')}" if call.action == "GetAccessKeyLastUsed" else ""
    return AwsError(403, "AccessDenied", f"User is not authorized to perform: {call.service}:{call.action}{resource}"
                    f" because {why}")


def assume_role(server, call):
    match = ROLE_ARN.match(call.params.get("RoleArn", ""))
    if not match:
        raise AwsError(400, "ValidationError", "RoleArn is invalid")
    if not SESSION_NAME.match(call.params.get("RoleSessionName", "")):
        raise AwsError(400, "ValidationError", "RoleSessionName is invalid")
    seconds = int(call.params.get("DurationSeconds", "3600"))
    if not 900 <= seconds <= 43200:
        raise AwsError(400, "ValidationError", "DurationSeconds is out of range")
    partition, account_id, role = match.groups()
    account = server.world.accounts.get(account_id)
    if partition != server.world.partition or account is None or role not in server.roles:
        raise denied(call)
    if account.role_error:
        raise AwsError(403, *account.role_error)
    if account.external_id != call.params.get("ExternalId"):
        raise denied(call, "the external id differs")
    return session_of(server, account_id, role, call.params.get("Policy"))


def session_of(server, account_id, role, policy):
    made = server.world.session(account_id, role, json.loads(policy) if policy else None)
    return {
        "Credentials": {"AccessKeyId": made.access_key, "SecretAccessKey": made.secret,
                        "SessionToken": made.token, "Expiration": EXPIRATION},
        "AssumedRoleUser": {"AssumedRoleId": "AROA:s",
                            "Arn": f"arn:aws:sts::{account_id}:assumed-role/{role}/s"},
    }


def assume_role_with_web_identity(server, call):
    if call.params.get("WebIdentityToken") != server.web_identity_token:
        raise AwsError(400, "InvalidIdentityToken", "the web identity token is not valid")
    match = ROLE_ARN.match(call.params.get("RoleArn", ""))
    if not match:
        raise AwsError(400, "ValidationError", "RoleArn is invalid")
    return session_of(server, match.group(2), match.group(3), None)


def get_caller_identity(server, call):
    account = call.credential.account
    return {"Arn": f"arn:aws:iam::{account}:user/caller", "UserId": "AIDACALLER", "Account": account}


def page(server, call, name, items):
    """One page of a list."""
    asked = int(call.params.get("MaxItems", "100"))
    if not 1 <= asked <= LARGEST_PAGE:
        raise AwsError(400, "ValidationError", "MaxItems is out of range")
    marker = call.params.get("Marker", f"{MARKER}0")
    if not re.fullmatch(re.escape(MARKER) + r"\d+", marker):
        raise AwsError(400, "ValidationError", f"Marker {marker!r} was never given")
    first = int(marker.removeprefix(MARKER))
    last = first + min(asked, server.world.page_size)
    more = last < len(items)
    return {"IsTruncated": more, name: items[first:last],
            "Marker": f"{MARKER}{last}" if more else None}


def user_of(server, call):
    account = server.world.accounts[call.account]
    user = account.find(call.params.get("UserName", ""))
    if user is None or call.action in user.vanished or "*" in user.vanished:
        raise AwsError(404, "NoSuchEntity",
                       f"The user with name {call.params.get('UserName')} cannot be found.")
    return user


def list_users(server, call):
    users = server.world.accounts[call.account].users
    return page(server, call, "Users", [
        {"Path": user.path, "UserName": user.name, "UserId": user.id, "Arn": user.arn,
         "CreateDate": user.created, "PasswordLastUsed": user.signed_in} for user in users])


def list_user_tags(server, call):
    user = user_of(server, call)
    return page(server, call, "Tags", [{"Key": key, "Value": value} for key, value in user.tags])


def list_groups_for_user(server, call):
    user = user_of(server, call)
    return page(server, call, "Groups", [
        {"Path": "/", "GroupName": name, "GroupId": f"AGPA{number:017d}",
         "Arn": f"arn:aws:iam::{call.account}:group/{name}", "CreateDate": "2019-01-01T00:00:00Z"}
        for number, name in enumerate(user.groups)])


def get_login_profile(server, call):
    user = user_of(server, call)
    if user.password is None:
        raise AwsError(404, "NoSuchEntity", f"Login Profile for User {user.name} cannot be found.")
    return {"LoginProfile": {"UserName": user.name, "CreateDate": user.password,
                             "PasswordResetRequired": False}}


def list_mfa_devices(server, call):
    user = user_of(server, call)
    return page(server, call, "MFADevices", [
        {"UserName": user.name, "SerialNumber": serial, "EnableDate": "2021-01-01T00:00:00Z"}
        for serial in user.mfa])


def list_access_keys(server, call):
    user = user_of(server, call)
    first = server.count("ListAccessKeys", account=call.account, user=user.name) == 1
    return page(server, call, "AccessKeyMetadata", [
        {"UserName": user.name, "AccessKeyId": key.id, "Status": key.status,
         "CreateDate": key.created} for key in user.keys if first or not key.vanished])


def get_access_key_last_used(server, call):
    wanted = call.params.get("AccessKeyId")
    for user in server.world.accounts[call.account].users:
        for key in user.keys:
            if key.id == wanted and not key.vanished and "*" not in user.vanished:
                used = {"LastUsedDate": key.used, "ServiceName": key.service or "N/A",
                        "Region": key.region or "N/A"}
                return {"UserName": user.name, "AccessKeyLastUsed": used}
    # IAM does not distinguish a key that is gone from one of another account
    raise denied(call)


def list_signing_certificates(server, call):
    user = user_of(server, call)
    return page(server, call, "Certificates", [
        {"UserName": user.name, "CertificateId": cert.id, "CertificateBody": "-----BEGIN...",
         "Status": cert.status, "UploadDate": cert.uploaded} for cert in user.certs])


def list_account_aliases(server, call):
    alias = server.world.accounts[call.account].alias
    return page(server, call, "AccountAliases", [alias] if alias else [])


ACTIONS = {
    ("sts", "AssumeRole"): assume_role,
    ("sts", "AssumeRoleWithWebIdentity"): assume_role_with_web_identity,
    ("sts", "GetCallerIdentity"): get_caller_identity,
    ("iam", "ListUsers"): list_users,
    ("iam", "ListUserTags"): list_user_tags,
    ("iam", "ListGroupsForUser"): list_groups_for_user,
    ("iam", "GetLoginProfile"): get_login_profile,
    ("iam", "ListMFADevices"): list_mfa_devices,
    ("iam", "ListAccessKeys"): list_access_keys,
    ("iam", "GetAccessKeyLastUsed"): get_access_key_last_used,
    ("iam", "ListSigningCertificates"): list_signing_certificates,
    ("iam", "ListAccountAliases"): list_account_aliases,
}
# no role of the scripted world has the rights of the bulk sources
BULK_ACTIONS = {"GetAccountAuthorizationDetails", "GenerateCredentialReport", "GetCredentialReport",
                "ListVirtualMFADevices"}


def allowed_by_policy(policy, service, action):
    """Whether the session policy allows the action; None means that there is no policy."""
    if policy is None:
        return True
    wanted = f"{service}:{action}".lower()
    statements = policy["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        actions = statement["Action"]
        names = actions if isinstance(actions, list) else [actions]
        if statement["Effect"] == "Allow" and any(
                fnmatch.fnmatchcase(wanted, name.lower()) for name in names):
            return True
    return False


def answer(server, call):
    """The result of an STS or IAM call; raises AwsError."""
    function = ACTIONS.get((call.service, call.action))
    if call.action in BULK_ACTIONS:
        raise denied(call)
    if function is None:
        raise AwsError(400, "InvalidAction", f"{call.service} has no action {call.action} here")
    if call.service == "iam":
        if not allowed_by_policy(call.credential.policy, "iam", call.action):
            raise denied(call, "no session policy allows it")
        if call.credential.account not in server.world.accounts:
            raise denied(call)
        if call.credential.role and call.action in server.world.accounts[call.account].denied:
            raise denied(call)
    return function(server, call)
