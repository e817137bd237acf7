"""Every operation of the simulator through boto3: what its parsers and paginators see is the world."""

import csv
import datetime
import hashlib
import io
import itertools
import re
import time
import unittest

import boto3.s3.transfer
from botocore.exceptions import ClientError

import account_facts
import raw
import report_facts
import worlds
from account_facts import OF_ACCOUNT, OF_USER
from simulator import CALLER_KEY, ROLE, Simulator

METHODS = {"ListUserTags": "list_user_tags", "ListAccessKeys": "list_access_keys", "ListMFADevices": "list_mfa_devices",
           "ListSigningCertificates": "list_signing_certificates", "ListGroupsForUser": "list_groups_for_user",
           "ListUsers": "list_users", "ListAccountAliases": "list_account_aliases",
           "ListVirtualMFADevices": "list_virtual_mfa_devices",
           "GetAccountAuthorizationDetails": "get_account_authorization_details"}
MIB = 1024 * 1024


def pages(client, operation, **arguments):
    """All items of a list through the paginator, with pages of the size asked for at most."""
    size = arguments.pop("page_size", 1000)
    paginator = client.get_paginator(METHODS[operation])
    found = []
    for page in paginator.paginate(PaginationConfig={"PageSize": size}, **arguments):
        items = page[{**OF_USER, **OF_ACCOUNT}[operation]]
        assert len(items) <= size, (operation, len(items))
        found += items
    return found


def read_account(iam, page_size=1000):
    """All facts of an account."""
    facts = {operation: pages(iam, operation, page_size=page_size) for operation in OF_ACCOUNT}
    names = [user["UserName"] for user in facts["ListUsers"]]
    for operation in OF_USER:
        facts[operation] = {name: pages(iam, operation, page_size=page_size, UserName=name) for name in names}
    facts["GetLoginProfile"] = {name: login_profile(iam, name) for name in names}
    facts["GetAccessKeyLastUsed"] = {}
    for key in itertools.chain(*facts["ListAccessKeys"].values()):
        answer = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
        answer.pop("ResponseMetadata")
        facts["GetAccessKeyLastUsed"][key["AccessKeyId"]] = answer
    return facts


def login_profile(iam, name):
    try:
        return iam.get_login_profile(UserName=name)["LoginProfile"]
    except iam.exceptions.NoSuchEntityException:
        return None


class SimCase(unittest.TestCase):
    """One simulator for all tests of a class."""

    maxDiff = 4000
    arguments = ()
    world = None
    scenario = None

    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(*cls.arguments, world=cls.world, scenario=cls.scenario).start()
        cls.addClassCleanup(cls.sim.stop)

    def assert_refused(self, status, code, message, call, **arguments):
        """The call fails with just this status and code, and with words that match."""
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        answer = caught.exception.response
        seen = (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"])
        self.assertEqual(seen, (status, code), answer)
        self.assertRegex(answer["Error"].get("Message", ""), message)
        return answer


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
        """IAM authorizes the call on the key's user: a key of nobody and one of another account are both denied."""
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


class Report(SimCase):
    """The credential report: its states and what it holds."""

    arguments = ("--accounts", 12, "--users", 12, "--seed", 7, "--report-ms", 250)

    def setUp(self):
        self.sim.reset()

    def states(self, iam):
        """Generates to the end; returns the states seen, with runs of one as one. Counts refusals."""
        seen = []
        self.refusals = 0
        for _ in range(400):
            state = iam.generate_credential_report()["State"]
            if not seen or seen[-1] != state:
                seen.append(state)
            if state == "COMPLETE":
                return seen
            try:
                iam.get_credential_report()
                # it became ready between the two calls
                self.assertEqual(iam.generate_credential_report()["State"], "COMPLETE")
            except iam.exceptions.CredentialReportNotReadyException as error:
                self.assertEqual(error.response["ResponseMetadata"]["HTTPStatusCode"], 404)
                self.assertEqual((error.response["Error"]["Code"], error.response["Error"].get("Message")),
                                 ("ReportInProgress", None))
                self.refusals += 1
            time.sleep(0.01)
        self.fail(f"never complete: {seen}")

    def test_states(self):
        fresh = existing = 0
        for account in self.sim.active():
            iam = self.sim.inside(account["id"])
            try:
                iam.get_credential_report()
                self.assertEqual(self.states(iam), ["COMPLETE"])
                existing += 1
            except iam.exceptions.CredentialReportNotPresentException as error:
                self.assertEqual((error.response["Error"]["Code"], error.response["Error"].get("Message")),
                                 ("ReportNotPresent", None))
                self.assertEqual(error.response["ResponseMetadata"]["HTTPStatusCode"], 410)
                self.assertEqual(self.states(iam), ["STARTED", "INPROGRESS", "COMPLETE"])
                self.assertGreater(self.refusals, 0)
                fresh += 1
        self.assertGreater(min(fresh, existing), 1)

    def text(self, sim, account_id):
        iam = sim.inside(account_id)
        self.states(iam)
        return iam.get_credential_report()

    def test_content(self):
        infos = 0
        for account in self.sim.active():
            with self.subTest(account=account["id"]):
                answer = self.text(self.sim, account["id"])
                self.assertEqual(answer["ReportFormat"], "text/csv")
                self.assertEqual(account_facts.plain(answer["GeneratedTime"]), account["report_generated"])
                text = answer["Content"].decode()
                self.assertEqual(report_facts.compare(self, account, text), report_facts.TODAY)
                infos += report_facts.INFO in text
        self.assertLess(infos, len(self.sim.active()))

    def test_older_and_mixed_forms(self):
        for forms, least, most in (("older", 1, 1), ("mixed", 4, 12)):
            with Simulator(*self.arguments, scenario={"report_forms": forms}) as sim:
                seen = {report_facts.compare(self, account, self.text(sim, account["id"])["Content"].decode())
                        for account in sim.active()}
                self.assertTrue(least <= len(seen) <= most, (forms, seen))
            if forms == "older":
                times, upper, _, line_end, root = seen.pop()
                self.assertEqual((times, upper, line_end, root), ("+00:00", True, True, True))

    def test_to_the_letter(self):
        """Two users of the fixture that AWS's own report was kept in: see sim/report_csv.h."""
        user = lambda name, created, **more: {"name": name, "path": "/credential-report/", "created": created, **more}
        key = lambda letter, created, status: {"id": f"AKIA{letter * 16}", "created": created, "status": status}
        # of the two keys of b, made in one second, the later one has the lower id
        users = [user("z-bare", "2026-09-11T13:14:43Z"),
                 user("b-keys", "2026-09-11T13:14:49Z", keys=[key("B", "2026-09-11T13:14:50Z", "Inactive"),
                                                              key("A", "2026-09-11T13:14:50Z", "Active")]),
                 user("G-certs", "2026-09-11T13:15:08Z", certificates=[
                     {"id": "B" * 24, "uploaded": "2026-09-11T13:15:09Z"},
                     {"id": "A" * 24, "uploaded": "2026-09-11T13:15:10Z", "status": "Inactive"}]),
                 user("c-reset", "2026-09-11T13:14:46Z", password={"created": "2026-09-11T13:14:47Z"})]
        account = {"id": "123456789012", "joined": "2020-01-02T03:04:05Z", "root_mfa": True, "users": users}
        none, nobody = "false,N/A,N/A,N/A,N/A", "false,N/A,N/A,N/A"
        lines = [",".join(report_facts.COLUMNS),
                 f"<root_account>,arn:aws:iam::123456789012:root,2020-01-02T03:04:05Z,true,no_information,2020-01-02T03:04:05Z,"
                 f"not_supported,true,{none},{none},false,N/A,false,N/A",
                 *(f"{name},arn:aws:iam::123456789012:user/credential-report/{name},2026-09-11T{time}Z,{rest}" for name, time, rest in (
                     ("b-keys", "13:14:49", f"{nobody},false,true,2026-09-11T13:14:50Z,N/A,N/A,N/A,"
                      "false,2026-09-11T13:14:50Z,N/A,N/A,N/A,false,N/A,false,N/A"),
                     ("c-reset", "13:14:46", f"true,no_information,2026-09-11T13:14:47Z,N/A,false,{none},{none},false,N/A,false,N/A"),
                     ("G-certs", "13:15:08", f"{nobody},false,{none},{none},false,2026-09-11T13:15:10Z,true,2026-09-11T13:15:09Z"),
                     ("z-bare", "13:14:43", f"{nobody},false,{none},{none},false,N/A,false,N/A")))]
        with Simulator("--report-ms", 1, world={"accounts": [account]}) as sim:
            text = self.text(sim, "123456789012")["Content"].decode()
        self.assertEqual(text.split("\n"), lines)

    def test_content_of_a_file_world(self):
        with Simulator("--report-ms", 1, world=worlds.organization()) as sim:
            text = self.text(sim, worlds.A)["Content"].decode()
            report_facts.compare(self, sim.account(worlds.A), text)
        names = [row["user"] for row in csv.DictReader(io.StringIO(text))]
        self.assertIn("just-gone", names)
        self.assertNotIn("just-made", names)
        self.assertIn("additional access key", text)
        self.assertIn("additional certificate", text)

    def test_what_the_report_cannot_know_or_does_not_tell(self):
        """Passwords without a date, keys younger than the report or gone since, words of AWS that are new."""
        key = lambda number, **more: {**worlds.key(number, "2023-01-01T00:00:00Z"), **more}
        users = [{"name": "none", "password": {"created": "2022-01-01T00:00:00Z", "report_last_changed": "N/A"}},
                 {"name": "unsupported", "password": {"created": "2022-01-01T00:00:00Z", "report_last_changed": "not_supported"}},
                 {"name": "young", "keys": [key(1), key(2, created_after_report=True)]},
                 {"name": "gone", "keys": [key(3, deleted_after_report=True)]},
                 {"name": "expired", "keys": [key(4, status="Expired")],
                  "certificates": [{"id": "C" * 24, "status": "Expired", "uploaded": None}]}]
        account = {"id": worlds.A, "max_password_age_days": 90, "users": users}
        with Simulator("--report-ms", 1, world={"accounts": [account]}) as sim:
            text = self.text(sim, worlds.A)["Content"].decode()
            report_facts.compare(self, sim.account(worlds.A), text)
            facts = read_account(sim.inside(worlds.A))
            account_facts.assert_same(self, facts, account_facts.wanted(sim.account(worlds.A)))
            self.assertEqual(sorted(facts["GetAccessKeyLastUsed"]), [f"AKIAWORLD{n:011d}" for n in (1, 2, 4)])
            self.assertEqual(facts["ListAccessKeys"]["expired"][0]["Status"], "Expired")
            self.assertNotIn("UploadDate", facts["ListSigningCertificates"]["expired"][0])
            self.assert_refused(403, "AccessDenied", "access key", sim.inside(worlds.A).get_access_key_last_used,
                                AccessKeyId="AKIAWORLD00000000003")
        rows = {row["user"]: row for row in csv.DictReader(io.StringIO(text))}
        self.assertEqual([rows[name]["password_last_changed"] for name in ("none", "unsupported")], ["N/A", "not_supported"])
        self.assertEqual((rows["young"]["access_key_2_last_rotated"], rows["gone"]["access_key_1_last_rotated"]),
                         ("N/A", "2023-01-01T00:00:00Z"))


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


class S3(SimCase):
    scenario = {"buckets": {"far": {"region": "ap-south-1"}, "none": {"missing": True}, "shut": {"denied": True},
                            "theirs": {"owner": "999999999999"}}}

    def setUp(self):
        self.s3 = self.sim.client("s3")

    def test_put_get_head_list_delete(self):
        body = bytes(range(256)) * 1000
        key = "a b/ü+%/=&?/x.csv"
        put = self.s3.put_object(Bucket="bucket", Key=key, Body=body, ContentType="text/csv", Metadata={"run": "1"})
        self.assertEqual(put["ETag"], f'"{hashlib.md5(body).hexdigest()}"')
        self.assertEqual(put["ServerSideEncryption"], "AES256")
        got = self.s3.get_object(Bucket="bucket", Key=key)
        self.assertEqual(got["Body"].read(), body)
        self.assertEqual((got["ContentLength"], got["ContentType"], got["ETag"]), (len(body), "text/csv", put["ETag"]))
        head = self.s3.head_object(Bucket="bucket", Key=key)
        self.assertEqual((head["ContentLength"], head["ETag"]), (len(body), put["ETag"]))
        part = self.s3.get_object(Bucket="bucket", Key=key, Range="bytes=10-19")
        self.assertEqual((part["Body"].read(), part["ContentRange"]), (body[10:20], f"bytes 10-19/{len(body)}"))
        listed = self.s3.list_objects_v2(Bucket="bucket", Prefix="a b/ü")["Contents"]
        self.assertEqual([(each["Key"], each["Size"], each["ETag"]) for each in listed], [(key, len(body), put["ETag"])])
        self.s3.delete_object(Bucket="bucket", Key=key)
        self.assert_refused(404, "NoSuchKey", ".", self.s3.get_object, Bucket="bucket", Key=key)
        self.assert_refused(404, "404", ".", self.s3.head_object, Bucket="bucket", Key=key)

    def test_an_empty_object(self):
        self.s3.put_object(Bucket="bucket", Key="empty", Body=b"")
        self.assertEqual(self.s3.get_object(Bucket="bucket", Key="empty")["Body"].read(), b"")

    def test_encryption_as_asked(self):
        seen = self.s3.put_object(Bucket="bucket", Key="kms", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId="a-key")
        self.assertEqual((seen["ServerSideEncryption"], seen["SSEKMSKeyId"]), ("aws:kms", "a-key"))
        head = self.s3.head_object(Bucket="bucket", Key="kms")
        self.assertEqual((head["ServerSideEncryption"], head["SSEKMSKeyId"]), ("aws:kms", "a-key"))

    def test_checksums(self):
        for algorithm in ("CRC32", "SHA1", "SHA256"):
            self.s3.put_object(Bucket="bucket", Key=algorithm, Body=b"some bytes" * 50, ChecksumAlgorithm=algorithm)
            self.assertEqual(self.s3.get_object(Bucket="bucket", Key=algorithm, ChecksumMode="ENABLED")["Body"].read(),
                             b"some bytes" * 50)
        wrong = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        self.assert_refused(400, "BadDigest", ".", self.s3.put_object, Bucket="bucket", Key="wrong", Body=b"x",
                            ChecksumSHA256=wrong)
        self.assert_refused(404, "NoSuchKey", ".", self.s3.get_object, Bucket="bucket", Key="wrong")

    def upload(self, key, bodies):
        made = self.s3.create_multipart_upload(Bucket="bucket", Key=key)
        name = {"Bucket": "bucket", "Key": key, "UploadId": made["UploadId"]}
        parts = [{"PartNumber": number, "ETag": self.s3.upload_part(**name, PartNumber=number, Body=body)["ETag"]}
                 for number, body in enumerate(bodies, 1)]
        return name, parts

    def test_multipart(self):
        bodies = [b"a" * 5 * MIB, b"b" * 5 * MIB, b"c" * 10]
        name, parts = self.upload("parts", bodies)
        listed = [part for page in self.s3.get_paginator("list_parts").paginate(**name, PaginationConfig={"PageSize": 2})
                  for part in page["Parts"]]
        self.assertEqual([(part["PartNumber"], part["Size"]) for part in listed], [(1, 5 * MIB), (2, 5 * MIB), (3, 10)])
        uploads = [each for page in self.s3.get_paginator("list_multipart_uploads").paginate(Bucket="bucket")
                   for each in page.get("Uploads", [])]
        self.assertEqual([each["UploadId"] for each in uploads], [name["UploadId"]])
        self.assert_refused(404, "NoSuchKey", ".", self.s3.get_object, Bucket="bucket", Key="parts")
        done = self.s3.complete_multipart_upload(**name, MultipartUpload={"Parts": parts})
        digest = hashlib.md5(b"".join(hashlib.md5(body).digest() for body in bodies)).hexdigest()
        self.assertEqual(done["ETag"], f'"{digest}-3"')
        self.assertEqual(self.s3.get_object(Bucket="bucket", Key="parts")["Body"].read(), b"".join(bodies))
        self.assertNotIn("Uploads", self.s3.list_multipart_uploads(Bucket="bucket"))

    def test_multipart_gone_wrong(self):
        complete = self.s3.complete_multipart_upload
        name, parts = self.upload("wrong-parts", [b"a" * 10, b"b" * 10])
        self.assert_refused(400, "EntityTooSmall", ".", complete, **name, MultipartUpload={"Parts": parts})
        self.assert_refused(400, "InvalidPartOrder", ".", complete, **name, MultipartUpload={"Parts": parts[::-1]})
        forged = [{"PartNumber": 1, "ETag": '"00000000000000000000000000000000"'}]
        self.assert_refused(400, "InvalidPart", ".", complete, **name, MultipartUpload={"Parts": forged})
        self.s3.abort_multipart_upload(**name)
        for call, more in ((complete, {"MultipartUpload": {"Parts": parts}}), (self.s3.abort_multipart_upload, {}),
                           (self.s3.list_parts, {})):
            self.assert_refused(404, "NoSuchUpload", ".", call, **name, **more)

    def test_the_transfer_manager(self):
        body = b"0123456789abcdef" * (MIB // 2)
        config = boto3.s3.transfer.TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
        self.s3.upload_fileobj(io.BytesIO(body), "bucket", "transfer", Config=config)
        self.assertTrue(self.s3.head_object(Bucket="bucket", Key="transfer")["ETag"].endswith('-2"'))
        back = io.BytesIO()
        self.s3.download_fileobj("bucket", "transfer", back, Config=config)
        self.assertEqual(back.getvalue(), body)

    def test_listing(self):
        names = [f"list/{folder}/{number:03d}" for folder in ("a", "b", "ü &") for number in range(25)]
        for name in names:
            self.s3.put_object(Bucket="listing", Key=name, Body=b"")
        paginator = self.s3.get_paginator("list_objects_v2")
        for size in (1, 7, 1000):
            seen = [each["Key"] for page in paginator.paginate(Bucket="listing", PaginationConfig={"PageSize": size})
                    for each in page["Contents"]]
            self.assertEqual(seen, sorted(names, key=str.encode), size)
            prefixes = [each["Prefix"] for page in paginator.paginate(
                Bucket="listing", Prefix="list/", Delimiter="/", PaginationConfig={"PageSize": size})
                for each in page.get("CommonPrefixes", [])]
            self.assertEqual(prefixes, ["list/a/", "list/b/", "list/ü &/"], size)
        self.assertEqual(self.s3.list_objects_v2(Bucket="listing", StartAfter="list/b/024")["KeyCount"], 25)
        self.assertEqual(self.s3.list_objects_v2(Bucket="empty-bucket")["KeyCount"], 0)

    def test_buckets_of_the_scenario(self):
        put = lambda bucket, **more: dict(call=self.s3.put_object, Bucket=bucket, Key="k", Body=b"", **more)
        self.assert_refused(404, "NoSuchBucket", "The specified bucket does not exist", **put("none"))
        self.assert_refused(403, "AccessDenied", ".", **put("shut"))
        self.assert_refused(403, "AccessDenied", ".", **put("theirs", ExpectedBucketOwner="111111111111"))
        self.s3.put_object(Bucket="theirs", Key="k", Body=b"", ExpectedBucketOwner="999999999999")
        # botocore follows the redirect by itself, once it is told the region
        self.s3.put_object(Bucket="far", Key="k", Body=b"moved")
        self.assertEqual(self.sim.client("s3", region="ap-south-1").get_object(Bucket="far", Key="k")["Body"].read(), b"moved")
        self.assertEqual(self.s3.head_bucket(Bucket="bucket")["ResponseMetadata"]["HTTPStatusCode"], 200)
        self.assertEqual(self.s3.get_bucket_location(Bucket="bucket")["LocationConstraint"], None)

    def test_an_assumed_role_may_do_what_the_world_says(self):
        for account in self.sim.active()[:3]:
            s3 = self.sim.client("s3", self.sim.assume(account["id"]))
            if "s3:PutObject" in account["role"]["allowed_actions"]:
                s3.put_object(Bucket="bucket", Key="by-role", Body=b"")
            else:
                self.assert_refused(403, "AccessDenied", "is not authorized to perform: s3:PutObject on resource: "
                                    '"arn:aws:s3:::bucket/by-role"', s3.put_object, Bucket="bucket", Key="by-role", Body=b"")


class S3Regions(SimCase):
    """Where a bucket lies, on every answer that tells it at AWS: by requests of our own, for boto3 follows."""

    CHINA = "cn-north-1"
    scenario = {"buckets": {
        "far301": {"region": "eu-central-1"}, "far307": {"region": "eu-central-1", "wrong_region": 307},
        "far400": {"region": "eu-central-1", "wrong_region": 400},
        "optin": {"region": "ap-east-1", "wrong_region": "illegal_location"},
        "from-optin": {"region": "us-east-1", "wrong_region": "illegal_location"},
        "silent301": {"region": "eu-central-1", "hint": False},
        "silent400": {"region": "eu-central-1", "wrong_region": 400, "hint": False},
        "china": {"region": CHINA}, "shut": {"denied": True}, "none": {"missing": True}}}

    def send(self, method, path, region="us-east-1", query=(), body=b""):
        request = raw.s3(method, path, query, body)
        request.region = region
        answer = request.send(self.sim.url)
        return answer, answer.headers.get("x-amz-bucket-region")

    def fields(self, answer):
        return {element.tag: element.text for element in raw.ElementTree.fromstring(answer.body).iter()}

    def test_redirects(self):
        for bucket, status, code in (("far301", 301, "PermanentRedirect"), ("far307", 307, "TemporaryRedirect")):
            for method in ("PUT", "GET", "DELETE"):
                answer, region = self.send(method, f"/{bucket}/a/key")
                self.assertEqual((answer.status, region), (status, "eu-central-1"), answer)
                fields = self.fields(answer)
                self.assertEqual((fields["Code"], fields["Endpoint"], fields["Bucket"]),
                                 (code, f"{bucket}.s3.eu-central-1.amazonaws.com", bucket))
                self.assertEqual(answer.headers.get("location"), f"https://{bucket}.s3.eu-central-1.amazonaws.com/a/key"
                                 if status == 307 else None)
            answer, region = self.send("PUT", f"/{bucket}/a/key", "eu-central-1")
            self.assertEqual((answer.status, region), (200, None))

    def test_a_region_that_is_wrong_in_the_signature(self):
        answer, region = self.send("PUT", "/far400/key")
        self.assertEqual((answer.status, region, *answer.error), (
            400, "eu-central-1", "AuthorizationHeaderMalformed",
            "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-central-1'"))
        self.assertEqual(self.fields(answer)["Region"], "eu-central-1")

    def test_opt_in_regions(self):
        words = "The {} location constraint is incompatible for the region specific endpoint this request was sent to."
        for bucket, signed, told, name in (("optin", "us-east-1", "ap-east-1", "ap-east-1"),
                                           ("from-optin", "af-south-1", "us-east-1", "unspecified")):
            answer, region = self.send("PUT", f"/{bucket}/key", signed)
            self.assertEqual((answer.status, region, *answer.error),
                             (400, told, "IllegalLocationConstraintException", words.format(name)))

    def test_another_partition(self):
        answer, region = self.send("PUT", "/china/key")
        self.assertEqual((answer.status, region, self.fields(answer)["Endpoint"]),
                         (301, self.CHINA, f"china.s3.{self.CHINA}.amazonaws.com.cn"))

    def test_head_bucket(self):
        for bucket, status, told in (("far301", 301, "eu-central-1"), ("far307", 307, "eu-central-1"),
                                     ("far400", 400, "eu-central-1"), ("optin", 400, "ap-east-1"),
                                     ("silent301", 301, "eu-central-1"), ("silent400", 400, "eu-central-1"),
                                     ("any-bucket", 200, "us-east-1"), ("shut", 403, "us-east-1"), ("none", 404, None)):
            answer, region = self.send("HEAD", f"/{bucket}")
            self.assertEqual((answer.status, region, answer.body), (status, told, b""), bucket)

    def test_who_says_nothing_but_to_head_bucket(self):
        for bucket, status in (("silent301", 301), ("silent400", 400)):
            answer, region = self.send("PUT", f"/{bucket}/key")
            self.assertEqual((answer.status, region), (status, None))
            self.assertNotIn(b"eu-central-1", answer.body)

    def test_lists_and_objects(self):
        self.assertEqual(self.send("GET", "/far301", "eu-central-1", [("list-type", "2")])[1], "eu-central-1")
        self.assertEqual(self.send("GET", "/any-bucket", query=[("list-type", "2")])[1], "us-east-1")
        self.assertEqual(self.send("PUT", "/any-bucket/key")[1], None)
        self.assertEqual(self.send("GET", "/any-bucket/key")[1], None)

    def test_boto3_finds_its_way(self):
        for bucket in ("far301", "far307", "far400", "silent301"):
            # a client of its own, for botocore remembers where a bucket is
            s3 = self.sim.client("s3")
            s3.put_object(Bucket=bucket, Key="followed", Body=b"moved")
            self.assertEqual(s3.head_object(Bucket=bucket, Key="followed")["ContentLength"], 5)
            headers = s3.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
            self.assertEqual(headers["x-amz-bucket-region"], "eu-central-1")


class S3Completions(SimCase):
    """CompleteMultipartUpload made again, and what is lost on the way."""

    scenario = {"buckets": {"forgets": {"forgets_completed": True}}}

    def setUp(self):
        self.s3 = self.sim.client("s3")

    def completed(self, bucket, key="key"):
        """Completes an upload of one of two parts; returns what names it, the list of parts, the other part, the answer."""
        name = {"Bucket": bucket, "Key": key, "UploadId": self.s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]}
        parts = [{"PartNumber": number, "ETag": self.s3.upload_part(**name, PartNumber=number, Body=b"part %d" % number)["ETag"]}
                 for number in (1, 2)]
        listed = {"MultipartUpload": {"Parts": parts[:1]}}
        return name, listed, {"MultipartUpload": {"Parts": parts[1:]}}, self.s3.complete_multipart_upload(**name, **listed)

    def plain(self, answer):
        return {name: answer[name] for name in ("Bucket", "Key", "ETag", "ServerSideEncryption")}

    def assert_unknown(self, call, **arguments):
        answer = self.assert_refused(404, "NoSuchUpload", "^The specified upload does not exist.", call, **arguments)
        self.assertEqual(answer["Error"]["UploadId"], arguments["UploadId"])

    def test_the_same_again(self):
        name, listed, _, first = self.completed("bucket")
        self.assertTrue(first["ETag"].endswith('-1"'))
        for _ in range(2):
            self.assertEqual(self.plain(self.s3.complete_multipart_upload(**name, **listed)), self.plain(first))

    def test_not_quite_the_same(self):
        name, listed, other, _ = self.completed("bucket")
        complete = self.s3.complete_multipart_upload
        wrong = {"MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": '"00000000000000000000000000000000"'}]}}
        for parts in (other, wrong):
            self.assert_unknown(complete, **name, **parts)
        self.assert_refused(400, "MalformedXML", ".", complete, **name, MultipartUpload={"Parts": []})
        self.assert_unknown(self.s3.list_parts, **name)
        self.s3.abort_multipart_upload(**name)
        self.assertEqual(self.s3.get_object(Bucket="bucket", Key="key")["Body"].read(), b"part 1")
        complete(**name, **listed)
        self.s3.put_object(Bucket="bucket", Key="key", Body=b"written over")
        self.assert_unknown(complete, **name, **listed)

    def test_what_is_forgotten(self):
        name, listed, _, first = self.completed("forgets")
        self.assert_unknown(self.s3.complete_multipart_upload, **name, **listed)
        self.assert_unknown(self.s3.abort_multipart_upload, **name)
        head = self.s3.head_object(Bucket="forgets", Key="key")
        self.assertEqual((head["ContentLength"], head["ETag"]), (6, first["ETag"]))

    def test_an_answer_that_is_lost(self):
        rule = {"actions": "CompleteMultipartUpload", "fault": "reset_after", "first": 1}
        for bucket, code in (("bucket", None), ("forgets", "NoSuchUpload")):
            with Simulator(world=worlds.plain(1, 1), scenario={**self.scenario, "rules": [rule]}) as sim:
                self.s3 = sim.client("s3", retries={"max_attempts": 2, "mode": "standard"})
                try:
                    self.completed(bucket)
                    self.assertIsNone(code)
                except ClientError as error:
                    self.assertEqual(error.response["Error"]["Code"], code)
                self.assertEqual(self.s3.head_object(Bucket=bucket, Key="key")["ContentLength"], 6)
                outcomes = sim.counters()["actions"]["s3:CompleteMultipartUpload"]["outcomes"]
                self.assertEqual(outcomes, {"fault:reset_after": 1, code or "ok": 1})


class S3Encryption(SimCase):
    def setUp(self):
        self.s3 = self.sim.client("s3")

    def test_methods(self):
        """What was sent is kept, by PutObject and by an upload, and HeadObject tells it."""
        for method in ("AES256", "aws:kms", "aws:kms:dsse"):
            made = self.s3.create_multipart_upload(Bucket="bucket", Key="parts", ServerSideEncryption=method)
            name = {"Bucket": "bucket", "Key": "parts", "UploadId": made["UploadId"]}
            part = {"PartNumber": 1, "ETag": self.s3.upload_part(**name, PartNumber=1, Body=b"x")["ETag"]}
            self.s3.complete_multipart_upload(**name, MultipartUpload={"Parts": [part]})
            self.s3.put_object(Bucket="bucket", Key="whole", Body=b"x", ServerSideEncryption=method)
            for key in ("parts", "whole"):
                head = self.s3.head_object(Bucket="bucket", Key=key)
                self.assertEqual(head["ServerSideEncryption"], method)
                # without a key id it is the account's own key for S3
                self.assertRegex(head.get("SSEKMSKeyId", ""), r"^arn:aws:kms:us-east-1:\d{12}:key/[0-9a-f-]{36}$"
                                 if "kms" in method else "^$")

    def test_what_is_refused(self):
        s3 = self.sim.client("s3", parameter_validation=False)
        for make, more in ((s3.put_object, {"Body": b"x"}), (s3.create_multipart_upload, {})):
            self.assert_refused(400, "InvalidArgument", "^The encryption method specified is not supported$", make,
                                Bucket="bucket", Key="refused", ServerSideEncryption="aws:nothing", **more)
            self.assert_refused(400, "InvalidArgument", "requires HTTP header x-amz-server-side-encryption : aws:kms$", make,
                                Bucket="bucket", Key="refused", ServerSideEncryption="AES256", SSEKMSKeyId="a-key", **more)
        self.assert_refused(404, "404", ".", s3.head_object, Bucket="bucket", Key="refused")


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
