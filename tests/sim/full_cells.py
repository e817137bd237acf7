# SPDX-License-Identifier: MIT
"""The oracle of the full columns and of the accounts file: cells of a dumped world, computed from the contract alone.

All is read in bulk by a role that may do everything, with the report's facts.
"""

import datetime
import json

from account_facts import listed
from expected import UNKNOWN, moment

FULL = ["AccountOU", "Kind", "MFADeviceKinds", "PasswordNextRotation", "InlinePolicies", "GroupPolicies", "IsAdmin",
        "AdminVia", "ServiceCredentials", "SSHPublicKeys", "LastUsed", "LastUsedBy"]
FULL_FIELDS = ["account_ou", "kind", "mfa_device_kinds", "password_next_rotation_at", "inline_policies", "group_policies",
               "is_admin", "admin_via", "service_credentials", "ssh_public_keys", "last_used_at", "last_used_by"]
ACCOUNTS = ["AccountID", "AccountName", "AccountAlias", "AccountOU", "State", "Outcome", "Stage", "Code", "Users",
            "UsersWithPassword", "UsersWithoutMFA", "ActiveKeys", "ServiceCredentials", "RootPassword", "RootMFA",
            "RootMFAKind", "RootAccessKeys", "RootCertificates", "RootLastUsed", "RootLastUsedBy", "PasswordPolicy",
            "ReportAt", "Unknown"]
OF_THE_PLAN = {"AccountID", "AccountName", "AccountOU", "State", "Outcome", "Stage", "Code", "ReportAt"}
ADMINISTRATORS = {"AdministratorAccess", "IAMFullAccess"}


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def path_of(world, account):
    """'o-.../r-.../ou-.../ou-.../ACCOUNT/', as Organizations writes it."""
    parents = {each["id"]: each["parent"] for each in world["organizational_units"]}
    path, at = [], account["parent"]
    while at in parents:
        path.insert(0, at)
        at = parents[at]
    return "/".join([world["organization_id"], world["root_id"], *path, account["id"]]) + "/"


def kind(user):
    if user["password"]:
        return "human"
    active = [each for held in ("keys", "service_credentials", "certificates") for each in user[held]
              if each["status"] == "Active"]
    return "machine" if active else "none"


def device_kind(serial):
    return ("virtual" if ":mfa/" in serial else "passkey" if ":u2f/" in serial else "sms" if ":sms-mfa/" in serial
            else "token")


def many(value):
    return value if isinstance(value, list) else [value]


def grant(document):
    """'all', 'maybe' or 'less'."""
    found = "less"
    for statement in many(json.loads(document)["Statement"]):
        every = "NotAction" in statement or {"*", "*:*"} & set(many(statement.get("Action", [])))
        if statement["Effect"] != "Allow" or not every or "*" not in many(statement.get("Resource", [])):
            continue
        if "NotAction" in statement or "Condition" in statement:
            found = "maybe" if found == "less" else found
        else:
            found = "all"
    return found


class Privileges:
    def __init__(self, world, account):
        self.prefix = f"arn:{world['partition']}:iam::"
        self.documents = {
            f"{self.prefix}{account['id']}:policy{each['path']}{each['name']}":
                next(version["document"] for version in each["versions"] if version["id"] == each["default_version"])
            for each in account["policies"]}
        self.groups = {each["name"]: each for each in account["groups"]}

    def managed(self, arn):
        if arn.startswith(f"{self.prefix}aws:policy/"):
            return "all" if arn.removeprefix(f"{self.prefix}aws:policy/") in ADMINISTRATORS else "less"
        return grant(self.documents[arn]) if arn in self.documents else UNKNOWN

    def of(self, holder):
        """[(name, grant)] of what is attached to it or in it."""
        return ([(arn, self.managed(arn)) for arn in holder["attached_policies"]] +
                [(each["name"], grant(each["document"])) for each in holder["inline_policies"]])

    def admin(self, user):
        """(is one, by what); UNKNOWN if a policy that decides is not there."""
        ways, seen = [], []
        for name, granted in self.of(user):
            seen.append(granted)
            ways += [name] if granted == "all" else [f"maybe:{name}"] if granted == "maybe" else []
        for name in user["groups"]:
            group = [each for _, each in self.of(self.groups[name])] if name in self.groups else [UNKNOWN]
            seen += group
            ways += ([f"group:{name}"] if "all" in group else [f"maybe:group:{name}"] if "maybe" in group else [])
        if "all" not in seen and UNKNOWN in seen:
            return UNKNOWN, UNKNOWN
        return "all" in seen, sorted(ways)

    def by_groups(self, user):
        if not set(user["groups"]) <= self.groups.keys():
            return UNKNOWN
        return sorted([{"Group": name, "Policy": policy} for name in user["groups"]
                       for policy, _ in self.of(self.groups[name])], key=lambda each: (each["Group"], each["Policy"]))


def rotation(account, user):
    """When the report says that the password must be changed; a user whom it does not hold is not in it."""
    policy = account["password_policy"]
    if not user["password"]:
        return None
    if user["created_after_report"]:
        return UNKNOWN
    if not policy or not policy["max_age_days"]:
        return None
    return moment(user["password"]["last_changed"]) + datetime.timedelta(days=policy["max_age_days"])


def last_use(user):
    uses = [(moment(user["password_last_used"]), "console")] if user["password_last_used"] else []
    uses += [(moment(key["last_used"]), key["id"]) for key in user["keys"] if key["last_used"]]
    if not uses:
        return None, None
    latest = max(at for at, _ in uses)
    return next(each for each in uses if each[0] == latest)


def full_values(world, account, user, ssh_keys):
    """{column: value}; lists are those of the CSV."""
    privileges = Privileges(world, account)
    is_admin, via = privileges.admin(user)
    at, by = last_use(user)
    in_order = lambda items: sorted(items, key=lambda each: each["id"])
    return {
        "AccountOU": path_of(world, account), "Kind": kind(user),
        "MFADeviceKinds": [device_kind(serial) for serial in sorted(each["serial"] for each in user["mfa"])],
        "PasswordNextRotation": rotation(account, user),
        "InlinePolicies": sorted(each["name"] for each in user["inline_policies"]),
        "GroupPolicies": privileges.by_groups(user), "IsAdmin": is_admin, "AdminVia": via,
        "ServiceCredentials": [{"Id": each["id"], "Service": each["service"], "Status": each["status"],
                                "CreateDate": each["created"], "ExpirationDate": each["expires"]}
                               for each in in_order(user["service_credentials"])],
        "SSHPublicKeys": [{"SSHPublicKeyId": each["id"], "Status": each["status"], "UploadDate": each["uploaded"]}
                          for each in in_order(user["ssh_keys"])] if ssh_keys else UNKNOWN,
        "LastUsed": at, "LastUsedBy": by}


def cell(value):
    if value is UNKNOWN:
        return "unknown"
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return compact(value) if isinstance(value, list) else str(value)


JSON_NAMES = {"Id": "id", "Service": "service", "Status": "status", "CreateDate": "created_at", "ExpirationDate": "expires_at",
              "SSHPublicKeyId": "id", "UploadDate": "uploaded_at", "Group": "group", "Policy": "policy"}


def field(value):
    """The same value in JSON Lines."""
    if value is UNKNOWN:
        return None
    if isinstance(value, datetime.datetime):
        return cell(value)
    if isinstance(value, list):
        return [{JSON_NAMES[name]: each for name, each in item.items()} if isinstance(item, dict) else item for item in value]
    return value


def account_cells(world, account, outcome, failure=("", "")):
    """The row of the accounts file, but for the password policy."""
    cells = {"AccountID": account["id"], "AccountName": account["name"], "AccountOU": path_of(world, account),
             "State": account["state"], "Outcome": outcome, "Stage": failure[0], "Code": failure[1]}
    if outcome not in ("succeeded", "partial"):
        cells.update({name: "unknown" for name in ACCOUNTS if name not in OF_THE_PLAN and name != "Unknown"}, ReportAt="")
    else:
        users, root = listed(account), account["root"]
        uses = [(moment(root["password_last_used"]), "password")] if root["password_last_used"] else []
        # the report has the keys in the order of their ids
        for number, key in enumerate(sorted(root["keys"], key=lambda each: each["id"]), 1):
            uses += [(moment(key["last_used"]), f"access_key_{number}")] if key["last_used"] else []
        used = max(uses, key=lambda each: each[0], default=(None, None))
        has_password = [user for user in users if user["password"]]
        mfa = "none" if not root["mfa"] else "virtual" if any(each["virtual"] for each in root["mfa"]) else "hardware"
        cells.update({
            "AccountAlias": account["alias"] or "", "Users": str(len(users)), "UsersWithPassword": str(len(has_password)),
            "UsersWithoutMFA": str(sum(not user["mfa"] for user in has_password)),
            "ActiveKeys": str(sum(key["status"] == "Active" for user in users for key in user["keys"])),
            "ServiceCredentials": str(sum(len(user["service_credentials"]) for user in users)),
            "RootPassword": cell(bool(root["password"])), "RootMFA": cell(bool(root["mfa"])), "RootMFAKind": mfa,
            "RootAccessKeys": cell(bool(root["keys"])), "RootCertificates": cell(bool(root["certificates"])),
            "RootLastUsed": cell(used[0]), "RootLastUsedBy": used[1] or "", "ReportAt": account["report_generated"]})
    cells["Unknown"] = compact([name for name in ACCOUNTS if cells.get(name) == "unknown"])
    return cells
