# SPDX-License-Identifier: MIT
"""Root user, password policy, policies, service-specific credentials, SSH keys: through boto3, against the world."""

import itertools
import unittest

import account_facts
import further_facts
import worlds
from botocore.exceptions import ClientError
from sim_case import SimCase
from simulator import ROLE, Simulator

KINDS = ["User", "Group", "Role", "LocalManagedPolicy", "AWSManagedPolicy"]
LISTS = {"User": "UserDetailList", "Group": "GroupDetailList", "Role": "RoleDetailList"}
# IAM's documentation: all keys of summaryKeyType
ALL_KEYS = {*further_facts.NO_QUOTA, *further_facts.QUOTAS}


def details(iam, size, kinds=None):
    """({kind: what was listed}, items on each page) of all pages."""
    found = {kind: [] for kind in KINDS}
    sizes = []
    marker = {}
    while True:
        page = iam.get_account_authorization_details(MaxItems=size, **({"Filter": kinds} if kinds else {}), **marker)
        for kind, name in LISTS.items():
            found[kind] += page[name]
        for policy in page["Policies"]:
            found["AWSManagedPolicy" if ":iam::aws:" in policy["Arn"] else "LocalManagedPolicy"].append(policy)
        sizes.append(sum(len(page[name]) for name in (*LISTS.values(), "Policies")))
        if not page["IsTruncated"]:
            assert "Marker" not in page
            return account_facts.plain(found), sizes
        marker = {"Marker": page["Marker"]}


def all_credentials(iam, **arguments):
    """(all items, items on each page); boto3 has no paginator for this operation."""
    found, sizes, marker = [], [], {}
    while True:
        page = iam.list_service_specific_credentials(**arguments, **marker)
        found += page["ServiceSpecificCredentials"]
        sizes.append(len(page["ServiceSpecificCredentials"]))
        if not page.get("IsTruncated"):
            return account_facts.plain(found), sizes
        marker = {"Marker": page["Marker"]}


def ssh_keys(iam, name, size):
    return account_facts.plain([each for page in iam.get_paginator("list_ssh_public_keys").paginate(
        UserName=name, PaginationConfig={"PageSize": size}) for each in page["SSHPublicKeys"]])


def knows_all_users(iam):
    """boto3 has the newer form of ListServiceSpecificCredentials since 2025; Debian's is older."""
    return "AllUsers" in iam.meta.service_model.operation_model("ListServiceSpecificCredentials").input_shape.members


class Accounts(SimCase):
    """What holds for every account of a world."""

    def check_account(self, account, sizes):
        iam = self.sim.inside(account["id"])
        users = account_facts.listed(account)
        self.assertEqual(iam.get_account_summary()["SummaryMap"], further_facts.summary(account))
        self.check_password_policy(iam, account)
        for size in sizes:
            self.check_details(iam, account, size)
        if knows_all_users(iam):
            self.check_credentials(iam, users, sizes)
        for user in users[:40]:
            self.assertEqual(ssh_keys(iam, user["name"], sizes[0]), further_facts.ssh_keys(user))

    def check_credentials(self, iam, users, sizes):
        wanted = [each for user in users for each in further_facts.service_credentials(user)]
        # without MaxItems all of them at once, however many
        self.assertEqual(all_credentials(iam, AllUsers=True), (wanted, [len(wanted)]))
        for size in sizes:
            seen, counts = all_credentials(iam, AllUsers=True, MaxItems=size)
            self.assertEqual(seen, wanted)
            self.assertTrue(all(each == size for each in counts[:-1]) and counts[-1] <= size, counts)
        for service in {each["ServiceName"] for each in wanted}:
            seen, _ = all_credentials(iam, AllUsers=True, MaxItems=sizes[0], ServiceName=service)
            self.assertEqual(seen, [each for each in wanted if each["ServiceName"] == service])
        for user in users[:40]:
            self.assertEqual(all_credentials(iam, UserName=user["name"])[0], further_facts.service_credentials(user))

    def check_password_policy(self, iam, account):
        wanted = further_facts.password_policy(account)
        if wanted is None:
            self.assert_refused(404, "NoSuchEntity", f"^The Password Policy with domain name {account['id']} cannot be found.$",
                                iam.get_account_password_policy)
        else:
            self.assertEqual(iam.get_account_password_policy()["PasswordPolicy"], wanted)

    def check_details(self, iam, account, size):
        seen, sizes = details(iam, size)
        self.assertTrue(all(each == size for each in sizes[:-1]) and sizes[-1] <= size, sizes)
        wanted = account_facts.wanted(account)["GetAccountAuthorizationDetails"]
        self.assertEqual(account_facts.checked(self, {"GetAccountAuthorizationDetails": seen["User"]}),
                         {"GetAccountAuthorizationDetails": wanted})
        for group in seen["Group"]:
            self.assertRegex(group.pop("GroupId"), "^AGPA[A-Z0-9]{17}$")
        self.assertEqual(seen["Group"], further_facts.groups(account))
        self.assertEqual(seen["Role"], further_facts.roles(account))
        self.assertEqual(seen["LocalManagedPolicy"], further_facts.local_policies(account))
        self.assertEqual([(each["Arn"], each["AttachmentCount"], each["PermissionsBoundaryUsageCount"])
                          for each in seen["AWSManagedPolicy"]], further_facts.aws_policies(account))
        for kinds in itertools.chain(([kind] for kind in KINDS), (["Group", "LocalManagedPolicy"], ["User", "AWSManagedPolicy"])):
            some, _ = details(iam, size, kinds)
            for group in some["Group"]:
                group.pop("GroupId")
            self.assertEqual(some, {kind: seen[kind] if kind in kinds else [] for kind in KINDS}, kinds)


class Computed(Accounts):
    arguments = ("--accounts", 14, "--users", 12, "--seed", 7)

    def test_every_account(self):
        for account in self.sim.active():
            if len(account["users"]) <= 60:
                with self.subTest(account=account["id"]):
                    self.check_account(account, (7, 1000))

    def test_a_large_account(self):
        account = max(self.sim.active(), key=lambda each: len(each["users"]))
        self.assertGreater(len(account["users"]), 100)
        self.check_account(account, (100,))


if __name__ == "__main__":
    unittest.main()
