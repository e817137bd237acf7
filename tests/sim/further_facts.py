# SPDX-License-Identifier: MIT
"""What the operations about root user, policies and further credentials must answer about a dumped account."""

from account_facts import attached, document_of, inline, listed

NO_QUOTA = ("Users", "Groups", "Roles", "Policies", "PolicyVersionsInUse", "MFADevices", "MFADevicesInUse", "AccountMFAEnabled",
            "AccountAccessKeysPresent", "AccountPasswordPresent", "AccountSigningCertificatesPresent")
# the quotas of IAM's documentation ("IAM and AWS STS quotas")
QUOTAS = {"UsersQuota": 5000, "GroupsQuota": 300, "ServerCertificates": 0, "ServerCertificatesQuota": 20,
          "UserPolicySizeQuota": 2048, "GroupPolicySizeQuota": 5120, "GroupsPerUserQuota": 10,
          "SigningCertificatesPerUserQuota": 2, "AccessKeysPerUserQuota": 2, "AttachedPoliciesPerGroupQuota": 10,
          "AttachedPoliciesPerRoleQuota": 10, "AttachedPoliciesPerUserQuota": 10, "PoliciesQuota": 1500,
          "PolicySizeQuota": 6144, "PolicyVersionsInUseQuota": 10000, "VersionsPerPolicyQuota": 5,
          "GlobalEndpointTokenVersion": 1, "AssumeRolePolicySizeQuota": 2048, "InstanceProfiles": 0,
          "InstanceProfilesQuota": 1000, "Providers": 0, "RolePolicySizeQuota": 10240, "RolesQuota": 1000}


def summary(account):
    root, users = account["root"], listed(account)
    used = len(root["mfa"]) + sum(len(user["mfa"]) for user in users)
    made = {"Users": len(users), "Groups": len(account["groups"]), "Roles": len(account["roles"]),
            "Policies": len(account["policies"]),
            "PolicyVersionsInUse": sum(len(policy["versions"]) for policy in account["policies"]),
            "MFADevices": used + len(account["spare_mfa"]), "MFADevicesInUse": used,
            "AccountMFAEnabled": int(bool(root["mfa"])), "AccountAccessKeysPresent": int(bool(root["keys"])),
            "AccountPasswordPresent": int(bool(root["password"])),
            "AccountSigningCertificatesPresent": int(bool(root["certificates"])), **QUOTAS}
    return {name: value for name, value in made.items() if name not in account["summary_lacks"]}


def password_policy(account):
    """None: none is set."""
    given = account["password_policy"]
    if given is None:
        return None
    made = {"MinimumPasswordLength": given["minimum_length"], "RequireSymbols": given["symbols"],
            "RequireNumbers": given["numbers"], "RequireUppercaseCharacters": given["uppercase"],
            "RequireLowercaseCharacters": given["lowercase"], "AllowUsersToChangePassword": given["change_allowed"],
            "ExpirePasswords": given["max_age_days"] > 0}
    for name, theirs in (("MaxPasswordAge", "max_age_days"), ("PasswordReusePrevention", "reuse_prevention")):
        if given[theirs]:
            made[name] = given[theirs]
    if "hard_expiry" in given:
        made["HardExpiry"] = given["hard_expiry"]
    return made


def service_credentials(user):
    made = [{"UserName": user["name"], "ServiceSpecificCredentialId": each["id"], "ServiceName": each["service"],
             "Status": each["status"], "CreateDate": each["created"], "ExpirationDate": each["expires"],
             "ServiceUserName": each["user_name"], "ServiceCredentialAlias": each["alias"]}
            for each in user["service_credentials"]]
    return [{name: value for name, value in each.items() if value is not None} for each in made]


def ssh_keys(user):
    return [{"UserName": user["name"], "SSHPublicKeyId": each["id"], "Status": each["status"], "UploadDate": each["uploaded"]}
            for each in user["ssh_keys"]]


def groups(account, partition="aws"):
    """GroupDetailList without ids."""
    return [{"Path": group["path"], "GroupName": group["name"], "CreateDate": group["created"],
             "Arn": f"arn:{partition}:iam::{account['id']}:group{group['path']}{group['name']}",
             "GroupPolicyList": inline(group), "AttachedManagedPolicies": attached(group)} for group in account["groups"]]


def roles(account, partition="aws"):
    return [{"Path": role["path"], "RoleName": role["name"], "RoleId": role["id"], "CreateDate": role["created"],
             "Arn": f"arn:{partition}:iam::{account['id']}:role{role['path']}{role['name']}",
             "AssumeRolePolicyDocument": document_of(role["trust"]), "InstanceProfileList": [], "Tags": [], "RoleLastUsed": {},
             "RolePolicyList": inline(role), "AttachedManagedPolicies": attached(role)} for role in account["roles"]]


def _uses(account):
    """(attached, as a boundary) by ARN. Those whom only the report has are nobody's."""
    made = {}
    for holder in (*listed(account), *account["groups"], *account["roles"]):
        for arn in holder["attached_policies"]:
            made.setdefault(arn, [0, 0])[0] += 1
        if holder.get("permissions_boundary"):
            made.setdefault(holder["permissions_boundary"], [0, 0])[1] += 1
    return made


def local_policies(account, partition="aws"):
    uses, made = _uses(account), []
    for policy in account["policies"]:
        arn = f"arn:{partition}:iam::{account['id']}:policy{policy['path']}{policy['name']}"
        attachments, boundaries = uses.get(arn, (0, 0))
        made.append({"PolicyName": policy["name"], "PolicyId": policy["id"], "Arn": arn, "Path": policy["path"],
                     "DefaultVersionId": policy["default_version"], "AttachmentCount": attachments,
                     "PermissionsBoundaryUsageCount": boundaries, "IsAttachable": True,
                     "CreateDate": policy["created"], "UpdateDate": policy["updated"],
                     **({"Description": policy["description"]} if policy["description"] else {}),
                     "PolicyVersionList": [{"VersionId": each["id"], "CreateDate": each["created"],
                                            "IsDefaultVersion": each["id"] == policy["default_version"],
                                            "Document": document_of(each["document"])} for each in policy["versions"]]})
    return made


def aws_policies(account, partition="aws"):
    """(ARN, attached, as a boundary) of the policies of AWS that are in use, ascending by ARN."""
    return [(arn, *uses) for arn, uses in sorted(_uses(account).items()) if arn.startswith(f"arn:{partition}:iam::aws:policy/")]
