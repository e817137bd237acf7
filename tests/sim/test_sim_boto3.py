# SPDX-License-Identifier: MIT
"""Every operation of the simulator through boto3: what its parsers and paginators see is the world."""

import datetime
import itertools
import re
import unittest

from botocore.exceptions import ClientError

import account_facts
import raw
import worlds
from account_facts import OF_ACCOUNT, OF_USER
from sim_case import METHODS, SimCase, pages, read_account
from simulator import CALLER_KEY, ROLE, Simulator


class Computed(SimCase):
    """A computed world, of all sizes up to some hundred users."""

    arguments = ("--accounts", 12, "--users", 12, "--seed", 7)

    def test_every_account(self):
        seen = 0
        for account in self.sim.active():
            if len(account["users"]) > 60:
                continue
            with self.subTest(account=account["id"]):
                facts = read_account(self.sim.inside(account["id"]))
                account_facts.assert_same(self, facts, account_facts.wanted(account))
                seen += len(facts["ListUsers"])
        self.assertGreater(seen, 50)

    def test_a_large_account_page_by_page(self):
        account = max(self.sim.active(), key=lambda each: len(each["users"]))
        self.assertGreater(len(account["users"]), 100)
        iam = self.sim.inside(account["id"])
        wanted = account_facts.wanted(account)
        for operation, size in itertools.product(OF_ACCOUNT, (7, 100)):
            seen = account_facts.checked(self, {operation: pages(iam, operation, page_size=size)})
            self.assertEqual(seen[operation], wanted[operation], (operation, size))

    def test_a_page_is_100_unless_asked_otherwise(self):
        account = max(self.sim.active(), key=lambda each: len(each["users"]))
        iam = self.sim.inside(account["id"])
        self.assertEqual(len(iam.list_users()["Users"]), 100)
        self.assertTrue(iam.list_users()["IsTruncated"])
        self.assertFalse(iam.list_users(MaxItems=1000)["IsTruncated"])

    def test_path_prefix(self):
        account = max(self.sim.active(), key=lambda each: len(each["users"]))
        iam = self.sim.inside(account["id"])
        paths = {user["path"] for user in account["users"]} - {"/"}
        self.assertTrue(paths)
        for path in paths:
            names = [user["UserName"] for user in pages(iam, "ListUsers", page_size=5, PathPrefix=path)]
            self.assertEqual(names, [user["name"] for user in account_facts.listed(account) if user["path"].startswith(path)])

    def test_filter_of_the_details(self):
        iam = self.sim.inside(self.sim.active()[0]["id"])
        self.assertTrue(pages(iam, "GetAccountAuthorizationDetails", Filter=["User"]))
        self.assertEqual(pages(iam, "GetAccountAuthorizationDetails", Filter=["Role", "Group"]), [])

    def test_unassigned_devices(self):
        spare = 0
        for account in self.sim.active():
            iam = self.sim.inside(account["id"])
            spare += len(pages(iam, "ListVirtualMFADevices", AssignmentStatus="Unassigned"))
            assigned = pages(iam, "ListVirtualMFADevices", AssignmentStatus="Assigned", page_size=3)
            self.assertTrue(all("User" in device for device in assigned))
        self.assertGreater(spare, 0)


class FromFile(SimCase):
    """A world file: awkward tags, three keys, three certificates, hardware MFA devices."""

    world = worlds.organization()

    def test_every_account_with_pages_of_one_and_of_many(self):
        for account, size in itertools.product(self.sim.active(), (1, 1000)):
            with self.subTest(account=account["id"], page=size):
                facts = read_account(self.sim.inside(account["id"]), size)
                account_facts.assert_same(self, facts, account_facts.wanted(account))

    def test_what_the_file_says_and_nothing_else(self):
        """Not through the dump: the file itself."""
        given = next(each for each in self.world["accounts"] if each["id"] == worlds.A)
        facts = account_facts.plain(read_account(self.sim.inside(worlds.A)))
        users = {user["name"]: user for user in given["users"] if not user.get("deleted_after_report")}
        self.assertEqual({user["UserName"] for user in facts["ListUsers"]}, set(users))
        for name, user in users.items():
            self.assertEqual([(tag["Key"], tag["Value"]) for tag in facts["ListUserTags"][name]],
                             [(tag["key"], tag["value"]) for tag in user.get("tags", [])])
            self.assertEqual([(key["AccessKeyId"], key["Status"], key["CreateDate"]) for key in facts["ListAccessKeys"][name]],
                             [(key["id"], key["status"], key["created"]) for key in user.get("keys", [])])
            self.assertEqual([group["GroupName"] for group in facts["ListGroupsForUser"][name]], user.get("groups", []))
            profile = facts["GetLoginProfile"][name]
            self.assertEqual(profile and profile["CreateDate"], user.get("password", {}).get("created"))
            self.assertEqual([each["CertificateId"] for each in facts["ListSigningCertificates"][name]],
                             [each["id"] for each in user.get("certificates", [])])

    def test_users_that_are_not_there(self):
        iam = self.sim.inside(worlds.A)
        for method in [*(METHODS[each] for each in OF_USER), "get_login_profile"]:
            for name in ("nobody-of-this-name", "just-gone"):
                self.assert_refused(404, "NoSuchEntity", f"^The user with name {name} cannot be found.$",
                                    getattr(iam, method), UserName=name)
        self.assert_refused(404, "NoSuchEntity", "^Login Profile for User Zebra cannot be found.$",
                            iam.get_login_profile, UserName="Zebra")

    def test_keys_that_are_not_there(self):
        """IAM authorizes the call on the key's user: an unknown key and one of another account are both denied."""
        theirs = self.sim.account(worlds.A)["users"][1]["keys"][0]["id"]
        for account, key_id in ((worlds.A, "AKIANOSUCHKEY0000000"), (worlds.A, CALLER_KEY), (worlds.B, theirs)):
            self.assert_refused(403, "AccessDenied", f"^User: arn:aws:sts::{account}:assumed-role/CensusRole/test is not "
                                f"authorized to perform: iam:GetAccessKeyLastUsed on resource: access key {key_id}$",
                                self.sim.inside(account).get_access_key_last_used, AccessKeyId=key_id)

    def test_wrong_parameters(self):
        iam = self.sim.inside(worlds.A)
        refused = lambda **arguments: self.assert_refused(400, "ValidationError", ".", **arguments)
        refused(call=self.sim.inside(worlds.A, parameter_validation=False).list_users, MaxItems=1001)
        refused(call=self.sim.inside(worlds.A, parameter_validation=False).list_users, MaxItems=0)
        refused(call=iam.list_users, Marker="bm8gc3VjaCBtYXJrZXI=")
        refused(call=iam.list_user_tags, UserName="no/such")
        long_name = "x" * 129
        self.assert_refused(400, "ValidationError", f"^1 validation error detected: Value '{long_name}' at 'userName' failed to "
                            "satisfy constraint: Member must have length less than or equal to 128$", iam.list_user_tags,
                            UserName=long_name)
        marker = iam.list_users(MaxItems=1)["Marker"]
        refused(call=iam.list_account_aliases, Marker=marker)
        refused(call=self.sim.inside(worlds.B).list_users, Marker=marker)


class Sts(SimCase):
    world = worlds.organization(accounts=[
        *worlds.organization()["accounts"],
        {"id": "555555555555", "role": {"name": "path/Only", "external_id": "right"}, "users": []}])

    def test_caller(self):
        answer = self.sim.client("sts").get_caller_identity()
        self.assertEqual(answer["Account"], worlds.B)
        self.assertRegex(answer["Arn"], rf"^arn:aws:iam::{worlds.B}:user/.+$")
        self.assertRegex(answer["UserId"], r"^AIDA[A-Z2-7]{17}$")

    def test_role(self):
        for role in (ROLE, "division/team/Other"):
            answer = self.sim.client("sts").assume_role(RoleArn=f"arn:aws:iam::{worlds.A}:role/{role}",
                                                        RoleSessionName="the-session", DurationSeconds=900)
            made = answer["Credentials"]
            self.assertRegex(made["AccessKeyId"], r"^ASIA[A-Z2-7]{16}$")
            self.assertEqual(len(made["SecretAccessKey"]), 40)
            left = (made["Expiration"] - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
            self.assertTrue(890 < left <= 901, left)
            arn = f"arn:aws:sts::{worlds.A}:assumed-role/{role.rpartition('/')[2]}/the-session"
            self.assertEqual(answer["AssumedRoleUser"]["Arn"], arn)
            self.assertNotIn("PackedPolicySize", answer)
            seen = self.sim.client("sts", made).get_caller_identity()
            self.assertEqual((seen["Arn"], seen["Account"]), (arn, worlds.A))
            self.assertEqual(seen["UserId"], answer["AssumedRoleUser"]["AssumedRoleId"])
            self.assertRegex(seen["UserId"], r"^AROA[A-Z2-7]{17}:the-session$")

    def test_an_hour_unless_asked_otherwise(self):
        made = self.sim.assume(worlds.A)
        left = (made["Expiration"] - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
        self.assertTrue(3590 < left <= 3601, left)

    def test_roles_that_may_not_be_assumed(self):
        sts = self.sim.client("sts")
        words = r"^User: arn:aws:iam::222222222222:user/\S+ is not authorized to perform: sts:AssumeRole on resource: "
        for arn in (f"arn:aws:iam::{worlds.C}:role/{ROLE}", f"arn:aws:iam::999999999999:role/{ROLE}",
                    f"arn:aws:iam::555555555555:role/{ROLE}", "arn:aws:iam::555555555555:role/path/Only"):
            self.assert_refused(403, "AccessDenied", words + arn, sts.assume_role, RoleArn=arn, RoleSessionName="test")
        self.assert_refused(403, "AccessDenied", words, sts.assume_role, RoleArn="arn:aws:iam::555555555555:role/path/Only",
                            RoleSessionName="test", ExternalId="wrong")
        sts.assume_role(RoleArn="arn:aws:iam::555555555555:role/path/Only", RoleSessionName="test", ExternalId="right")

    def test_wrong_parameters(self):
        """The words are AWS's, and repeat what was sent: https://github.com/nubisproject/nubis-ci/issues/54 and others."""
        sts = self.sim.client("sts", parameter_validation=False)
        right = {"RoleArn": f"arn:aws:iam::{worlds.A}:role/{ROLE}", "RoleSessionName": "test"}
        text = r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+"
        must = "failed to satisfy constraint: Member must"
        for wrong, message in (
                ({"ExternalId": "acme ext id 42"}, f"1 validation error detected: Value 'acme ext id 42' at 'externalId' {must} "
                 r"satisfy regular expression pattern: [\w+=,.@:\/-]*"),
                ({"ExternalId": "x"}, "1 validation error detected: Value 'x' at 'externalId' "
                 f"{must} have length greater than or equal to 2"),
                ({"ExternalId": "x" * 1225}, f"1 validation error detected: Value '{'x' * 1225}' at 'externalId' {must} "
                 "have length less than or equal to 1224"),
                ({"RoleSessionName": "a b"}, f"1 validation error detected: Value 'a b' at 'roleSessionName' {must} "
                 r"satisfy regular expression pattern: [\w+=,.@-]*"),
                ({"RoleSessionName": "/" * 65}, f"2 validation errors detected: Value '{'/' * 65}' at 'roleSessionName' {must} "
                 rf"satisfy regular expression pattern: [\w+=,.@-]*; Value '{'/' * 65}' at 'roleSessionName' {must} "
                 "have length less than or equal to 64"),
                ({"RoleArn": "not-an-arn"}, f"1 validation error detected: Value 'not-an-arn' at 'roleArn' {must} "
                 "have length greater than or equal to 20"),
                ({"RoleArn": ""}, f"2 validation errors detected: Value '' at 'roleArn' {must} satisfy regular expression "
                 f"pattern: {text}; Value '' at 'roleArn' {must} have length greater than or equal to 20"),
                ({"RoleArn": "a" * 2049}, f"1 validation error detected: Value '{'a' * 2049}' at 'roleArn' {must} "
                 "have length less than or equal to 2048"),
                ({"RoleArn": "arn:aws:iam::1:role/x"}, "arn:aws:iam::1:role/x is invalid"),
                ({"Policy": "{\u20ac}"}, f"1 validation error detected: Value '{{\u20ac}}' at 'policy' {must} "
                 r"satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+"),
                ({"DurationSeconds": 899}, f"1 validation error detected: Value '899' at 'durationSeconds' {must} "
                 "have value greater than or equal to 900"),
                ({"DurationSeconds": 43201}, f"1 validation error detected: Value '43201' at 'durationSeconds' {must} "
                 "have value less than or equal to 43200")):
            self.assert_refused(400, "ValidationError", f"^{re.escape(message)}$", sts.assume_role, **{**right, **wrong})
        self.assert_refused(400, "MalformedPolicyDocument", ".", sts.assume_role, **right, Policy="{no policy")
        self.assert_refused(400, "PackedPolicyTooLarge", "^Packed policy consumes 1[0-9]{2}% of allotted space",
                            sts.assume_role, **right, Policy='{"Statement":[]}' + " " * 2048)

    def test_parameters_that_are_missing_or_no_numbers(self):
        null = "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must not be null"
        arn = f"arn:aws:iam::{worlds.A}:role/{ROLE}"
        for parameters, code, message in (
                ({"RoleSessionName": "test"}, "ValidationError", null.format("roleArn")),
                ({"RoleArn": arn}, "ValidationError", null.format("roleSessionName")),
                ({"RoleArn": arn, "RoleSessionName": "test", "DurationSeconds": ""}, "MalformedInput",
                 "missing value for decimal type"),
                *(({"RoleArn": arn, "RoleSessionName": "test", "DurationSeconds": wrong}, "MalformedInput", None)
                  for wrong in (" 900", "900.0", "9e2", "2147483648"))):
            answer = raw.query("sts", "AssumeRole", **parameters).send(self.sim.url)
            self.assertEqual((answer.status, *answer.error), (400, code, message))
        for right in ("+900", "0900"):
            answer = raw.query("sts", "AssumeRole", RoleArn=arn, RoleSessionName="test", DurationSeconds=right).send(self.sim.url)
            self.assertEqual(answer.status, 200, answer)

    def test_a_session_policy_narrows(self):
        policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:ListUser*"],"Resource":"*"}]}'
        iam = self.sim.client("iam", self.sim.assume(worlds.A, Policy=policy))
        iam.list_users()
        iam.list_user_tags(UserName="zoe")
        self.assert_refused(403, "AccessDenied", r"assumed-role/CensusRole/test is not authorized to perform: "
                            r"iam:ListMFADevices on resource: .* because no session policy allows the iam:ListMFADevices "
                            "action", iam.list_mfa_devices, UserName="zoe")

    def test_a_role_reads_its_own_account_alone(self):
        made = self.sim.assume(worlds.A)
        names = {user["UserName"] for user in self.sim.client("iam", made).list_users(MaxItems=1000)["Users"]}
        self.assertIn("zoe", names)
        self.assert_refused(400, "AccessDeniedException", ".", self.sim.client("organizations", made).list_accounts)


class Permissions(SimCase):
    world = worlds.organization(accounts=[{"id": worlds.A, "users": [{"name": "ann"}],
                                           "role": {"allowed_actions": worlds.ORIGINAL_ROLE}},
                                          {"id": worlds.B, "users": []}], organizational_units=[])

    def test_the_original_role(self):
        iam = self.sim.inside(worlds.A)
        allowed = {action.partition(":")[2] for action in worlds.ORIGINAL_ROLE}
        for operation, method in METHODS.items():
            arguments = {"UserName": "ann"} if operation in OF_USER else {}
            if operation in allowed:
                getattr(iam, method)(**arguments)
                continue
            words = (rf"^User: arn:aws:sts::{worlds.A}:assumed-role/CensusRole/test is not authorized to perform: "
                     rf"iam:{operation} on resource: .+ because no identity-based policy allows the iam:{operation} action$")
            self.assert_refused(403, "AccessDenied", words, getattr(iam, method), **arguments)

    def test_the_wording_names_the_user(self):
        answer = self.assert_refused(403, "AccessDenied", ".", self.sim.inside(worlds.A).list_groups_for_user, UserName="ann")
        self.assertIn("on resource: user ann because", answer["Error"]["Message"])


class Organizations(SimCase):
    arguments = ("--accounts", 130, "--users", 1, "--seed", 4)

    def setUp(self):
        self.client = self.sim.client("organizations")

    def all_of(self, method, key, size=20, **arguments):
        """Through the paginator; counts the pages without anything on them."""
        found = []
        self.empty = 0
        for page in self.client.get_paginator(method).paginate(PaginationConfig={"PageSize": size}, **arguments):
            found += page[key]
            self.empty += not page[key]
        return found

    def wanted(self, account):
        organization, management = self.sim.dump["organization_id"], self.sim.dump["management_account_id"]
        return {"Id": account["id"], "Name": account["name"], "Email": account["email"],
                "Arn": f"arn:aws:organizations::{management}:account/{organization}/{account['id']}"}

    def assert_accounts(self, seen, wanted):
        self.assertEqual([{name: each[name] for name in ("Id", "Name", "Email", "Arn")} for each in seen],
                         [self.wanted(account) for account in wanted])
        self.assertEqual(*account_facts.states(seen, wanted))
        for each, account in zip(seen, wanted):
            self.assertEqual(account_facts.plain(each["JoinedTimestamp"].replace(microsecond=0)), account["joined"])
            self.assertIn(each["JoinedMethod"], ("INVITED", "CREATED"))
            self.assertEqual(each["Status"], account_facts.status_of(account["state"]))

    def test_describe(self):
        seen = self.client.describe_organization()["Organization"]
        management = self.sim.dump["management_account_id"]
        self.assertEqual((seen["Id"], seen["MasterAccountId"], seen["FeatureSet"]),
                         (self.sim.dump["organization_id"], management, "ALL"))
        self.assertEqual(seen["Arn"], f"arn:aws:organizations::{management}:organization/{seen['Id']}")

    def test_roots(self):
        roots = self.all_of("list_roots", "Roots")
        self.assertEqual([root["Id"] for root in roots], [self.sim.dump["root_id"]])

    def test_all_accounts_with_empty_pages_between(self):
        for size in (20, 3, 1):
            self.assert_accounts(self.all_of("list_accounts", "Accounts", size), self.sim.dump["accounts"])
            self.assertGreater(self.empty, 0, size)

    def test_pages_are_20_at_most(self):
        self.assertEqual(len(next(page for page in self.client.get_paginator("list_accounts").paginate()
                                  if page["Accounts"])["Accounts"]), 20)
        client = self.sim.client("organizations", parameter_validation=False)
        for wrong in ({"MaxResults": 21}, {"MaxResults": 0}, {"NextToken": "made-up"}):
            self.assert_refused(400, "InvalidInputException", ".", client.list_accounts, **wrong)

    def test_the_tree(self):
        """Every account and every unit, each under its parent."""
        units = {self.sim.dump["root_id"], *(unit["id"] for unit in self.sim.dump["organizational_units"])}
        self.assertGreater(len(units), 3)
        for parent in units:
            seen = self.all_of("list_accounts_for_parent", "Accounts", ParentId=parent)
            self.assert_accounts(seen, [each for each in self.sim.dump["accounts"] if each["parent"] == parent])
            seen = self.all_of("list_organizational_units_for_parent", "OrganizationalUnits", 1, ParentId=parent)
            self.assertEqual([(unit["Id"], unit["Name"]) for unit in seen],
                             [(unit["id"], unit["name"]) for unit in self.sim.dump["organizational_units"]
                              if unit["parent"] == parent])
        self.assert_refused(400, "ParentNotFoundException", ".", self.client.list_accounts_for_parent,
                            ParentId="ou-aaaa-aaaaaaaa")

    def test_states(self):
        self.assertGreater(len({account["state"] for account in self.sim.dump["accounts"]}), 2)

    def test_a_file_world(self):
        with Simulator(world=worlds.organization()) as sim:
            client = sim.client("organizations")
            names = {each["Id"]: each["Name"] for page in client.get_paginator("list_accounts").paginate()
                     for each in page["Accounts"]}
            self.assertEqual(names[worlds.A], 'Team, "日本" <&>')
            units = [unit for page in client.get_paginator("list_organizational_units_for_parent").paginate(
                ParentId="ou-wld1-top") for unit in page["OrganizationalUnits"]]
            self.assertEqual([unit["Name"] for unit in units], ['Low "日本"'])


class Counters(SimCase):
    def test_calls_by_action_and_outcome(self):
        self.sim.reset()
        iam = self.sim.inside(self.sim.active()[0]["id"])
        for _ in range(3):
            iam.list_users()
        with self.assertRaises(ClientError):
            iam.list_mfa_devices(UserName="nobody-of-this-name")
        with self.assertRaises(ClientError):
            self.sim.client("sts", {"AccessKeyId": CALLER_KEY, "SecretAccessKey": "wrong"}).get_caller_identity()
        seen = self.sim.counters()
        actions = {name: each["outcomes"] for name, each in seen["actions"].items()}
        self.assertEqual(actions["iam:ListUsers"], {"ok": 3})
        self.assertEqual(actions["iam:ListMFADevices"], {"NoSuchEntity": 1})
        self.assertEqual(actions["sts:AssumeRole"], {"ok": 1})
        self.assertEqual((seen["bad_signatures"], seen["requests"], seen["in_flight"]), (1, 6, 0))
        self.assertGreater(seen["bytes_out"], 0)


if __name__ == "__main__":
    unittest.main()
