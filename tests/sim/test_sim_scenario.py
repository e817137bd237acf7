# SPDX-License-Identifier: MIT
"""What a scenario makes of the simulator: an organization that changes while it is read, and times of faults."""

import datetime
import email.utils
import json
import re
import socket
import time
import unittest

import raw
import worlds
from sim_case import SimCase, pages
from simulator import ROOT, Simulator

ACCOUNT = "100000000001"
USER_CALLS = ("list_user_tags", "list_access_keys", "get_login_profile", "list_signing_certificates", "list_mfa_devices",
              "list_groups_for_user")
GONE = "^The user with name {} cannot be found.$"


def names(iam):
    return [user["UserName"] for user in iam.list_users(MaxItems=1000)["Users"]]


class Changing(SimCase):
    world = worlds.plain(2, 4)

    def setUp(self):
        self.sim.reset()
        self.iam = self.sim.inside(ACCOUNT)

    def key_of(self, number):
        return self.world["accounts"][0]["users"][number]["keys"][0]["id"]

    def assert_key_denied(self, key_id):
        self.assert_refused(403, "AccessDenied", f"perform: iam:GetAccessKeyLastUsed on resource: access key {key_id}$",
                            self.iam.get_access_key_last_used, AccessKeyId=key_id)


class DeletedKeys(Changing):
    scenario = {"changes": [{"change": "delete_keys", "users": ["user001"], "after": "ListAccessKeys"},
                            {"change": "delete_keys", "keys": ["AKIAWORLD00000000002"], "after": "ListAccessKeys", "calls": 2},
                            {"change": "create_keys", "users": ["user003"], "after": "ListUsers"}]}

    def test_between_the_list_and_the_use(self):
        key_id = self.key_of(1)
        self.iam.get_access_key_last_used(AccessKeyId=key_id)
        self.assertEqual([key["AccessKeyId"] for key in self.iam.list_access_keys(UserName="user001")["AccessKeyMetadata"]],
                         [key_id])
        self.assert_key_denied(key_id)
        self.assertEqual(self.iam.list_access_keys(UserName="user001")["AccessKeyMetadata"], [])
        # of that user alone, in all else there
        self.iam.get_access_key_last_used(AccessKeyId=self.key_of(0))
        self.iam.list_user_tags(UserName="user001")

    def test_after_so_many_calls(self):
        for _ in range(2):
            self.assertEqual(len(self.iam.list_access_keys(UserName="user002")["AccessKeyMetadata"]), 1)
        self.assertEqual(len(self.iam.list_access_keys(UserName="user002")["AccessKeyMetadata"]), 0)

    def test_keys_that_are_made(self):
        self.assertEqual(self.iam.list_access_keys(UserName="user003")["AccessKeyMetadata"], [])
        self.assert_key_denied(self.key_of(3))
        self.iam.list_users()
        self.assertEqual(len(self.iam.list_access_keys(UserName="user003")["AccessKeyMetadata"]), 1)
        self.iam.get_access_key_last_used(AccessKeyId=self.key_of(3))

    def test_all_is_back_after_a_reset(self):
        self.iam.list_access_keys(UserName="user001")
        self.sim.reset()
        self.assertEqual(len(self.iam.list_access_keys(UserName="user001")["AccessKeyMetadata"]), 1)


class DeletedUsers(Changing):
    scenario = {"changes": [
        {"change": "delete_user", "users": ["user001"], "accounts": [ACCOUNT],
         "after": ["ListUsers", "GetAccountAuthorizationDetails"]},
        {"change": "create_user", "users": ["user002"], "after": "ListAccountAliases"}]}

    def test_once_they_were_listed(self):
        self.iam.list_user_tags(UserName="user001")
        self.assertIn("user001", names(self.iam))
        for call in USER_CALLS:
            self.assert_refused(404, "NoSuchEntity", GONE.format("user001"), getattr(self.iam, call), UserName="user001")
        self.assert_key_denied(self.key_of(1))
        self.assertNotIn("user001", names(self.iam))
        self.assertNotIn("user001", [user["UserName"] for user in pages(self.iam, "GetAccountAuthorizationDetails", page_size=1)])
        self.assertFalse([each for each in pages(self.iam, "ListVirtualMFADevices") if "user001" in each["SerialNumber"]])

    def test_in_that_account_alone(self):
        other = self.sim.inside("100000000002")
        names(other)
        self.assertIn("user001", names(other))

    def test_while_the_list_is_read(self):
        """The first page is the trigger, the user stood on the second."""
        first = self.iam.list_users(MaxItems=1)
        rest = self.iam.list_users(Marker=first["Marker"])
        self.assertEqual([user["UserName"] for user in rest["Users"]], ["user003"])

    def test_users_that_are_made(self):
        self.assertNotIn("user002", names(self.iam))
        self.assert_refused(404, "NoSuchEntity", GONE.format("user002"), self.iam.list_user_tags, UserName="user002")
        self.iam.list_account_aliases()
        self.assertIn("user002", names(self.iam))
        self.iam.list_user_tags(UserName="user002")


class DeletedShare(SimCase):
    arguments = ("--accounts", 3, "--users-exact", 200, "--all-active", "--seed", 3)
    scenario = {"changes": [{"change": "delete_user", "probability": 0.25, "after": "ListUsers"}]}

    def test_the_same_quarter_every_time(self):
        seen = []
        for _ in range(2):
            self.sim.reset()
            left = []
            for account in self.sim.active():
                iam = self.sim.inside(account["id"])
                names(iam)
                left.append(names(iam))
            seen.append(left)
        self.assertEqual(seen[0], seen[1])
        share = sum(map(len, seen[0])) / 600
        self.assertTrue(0.65 < share < 0.85, share)


class Late(SimCase):
    """A listed user that IAM does not know yet, and knows a moment later."""

    world = worlds.plain(1, 4)
    scenario = {"rules": [
        {"fault": "vanish", "users": ["user000"], "actions": ["iam:List*", "GetLoginProfile"], "scope": "action", "first": 2},
        {"fault": "vanish", "users": ["user001"], "for_ms": 600},
        {"fault": "vanish", "users": ["user002"], "first": 1, "actions": "ListUserTags"}]}

    def setUp(self):
        self.sim.reset()
        self.iam = self.sim.inside(ACCOUNT)

    def refused(self, call, name):
        self.assert_refused(404, "NoSuchEntity", GONE.format(name), getattr(self.iam, call), UserName=name)

    def test_the_first_calls_of_each_action(self):
        for call in USER_CALLS:
            self.refused(call, "user000")
            self.refused(call, "user000")
            getattr(self.iam, call)(UserName="user000")

    def test_for_a_while(self):
        for call in USER_CALLS[:2]:
            self.refused(call, "user001")
        time.sleep(0.7)
        for call in USER_CALLS:
            getattr(self.iam, call)(UserName="user001")

    def test_the_first_call_about_a_user(self):
        self.refused("list_user_tags", "user002")
        self.iam.list_user_tags(UserName="user002")


class Times(SimCase):
    """Rules that hold for a part of the run: a limit that changes while it is met."""

    world = worlds.plain(1, 1)
    scenario = {"rules": [{"actions": "ListUsers", "rate": 0.001, "burst": 2, "until_ms": 700},
                          {"actions": "ListUsers", "fault": "unavailable", "from_ms": 700, "until_ms": 1400},
                          {"actions": "ListAccountAliases", "fault": "throttle", "from_ms": 3600000}]}

    def outcome(self, action="ListUsers"):
        answer = raw.query("iam", action).by(self.session).send(self.sim.url)
        return answer.error[0] or "ok"

    def test_one_after_the_other(self):
        self.session = self.sim.assume(ACCOUNT)
        self.sim.reset()
        begin = time.monotonic()
        seen = [self.outcome() for _ in range(3)]
        if time.monotonic() - begin < 0.7:
            self.assertEqual(seen, ["ok", "ok", "Throttling"])
        time.sleep(max(0, begin + 0.75 - time.monotonic()))
        if (during := self.outcome()) != "ServiceUnavailable":
            self.assertGreater(time.monotonic() - begin, 1.4, during)
        time.sleep(max(0, begin + 1.5 - time.monotonic()))
        self.assertEqual([self.outcome() for _ in range(3)], ["ok"] * 3)
        self.assertEqual(self.outcome("ListAccountAliases"), "ok")


class Accounts(SimCase):
    """What Organizations returns about accounts, by requests of our own: boto3 leaves out what it does not know."""

    STATES = ("ACTIVE", "PENDING_ACTIVATION", "SUSPENDED", "PENDING_CLOSURE", "CLOSED")
    world = {"organization_id": "o-worldfile01", "root_id": "r-wld1", "management_account_id": "000000000001",
             "organizational_units": [{"id": "ou-wld1-aaaaaaaa", "name": "Top", "parent": "r-wld1"},
                                      {"id": "ou-wld1-bbbbbbbb", "name": "Low", "parent": "ou-wld1-aaaaaaaa"}],
             "accounts": [{"id": f"{number:012d}", "state": state, "parent": parent, "users": []} for number, (state, parent) in
                          enumerate(zip(STATES, ("r-wld1", "ou-wld1-aaaaaaaa", "ou-wld1-bbbbbbbb", "r-wld1", "r-wld1")), 1)]}

    def accounts(self, sim):
        found, token = [], {}
        while True:
            page = json.loads(raw.organizations("ListAccounts", **token).send(sim.url).body)
            found += page["Accounts"]
            if "NextToken" not in page:
                return found
            token = {"NextToken": page["NextToken"]}

    def test_paths(self):
        """The format is that of AWS's own answers, and of the pattern in botocore's model."""
        paths = [each["Paths"] for each in self.accounts(self.sim)]
        under = ("", "ou-wld1-aaaaaaaa/", "ou-wld1-aaaaaaaa/ou-wld1-bbbbbbbb/", "", "")
        self.assertEqual(paths, [[f"o-worldfile01/r-wld1/{units}{number:012d}/"] for number, units in enumerate(under, 1)])
        for path, in paths:
            self.assertRegex(path, r"^(o-[a-z0-9]{10,32}\/r-[0-9a-z]{4,32}(\/ou\-[0-9a-z]{4,32}-[a-z0-9]{8,32})*(\/\d{12})*)\/")

    def test_states_in_one_member_or_the_other_or_both(self):
        old = ["ACTIVE", "ACTIVE", "SUSPENDED", "PENDING_CLOSURE", "SUSPENDED"]
        for fields, status, state in ((None, old, self.STATES), ("both", old, self.STATES), ("State", None, self.STATES),
                                      ("Status", old, None)):
            scenario = {"account_fields": fields} if fields else {}
            with self.subTest(fields=fields), Simulator(world=self.world, scenario=scenario) as sim:
                seen = self.accounts(sim)
                for name, wanted in (("Status", status), ("State", state)):
                    self.assertEqual([each.get(name) for each in seen], list(wanted or [None] * 5))

    def test_roles_of_those_that_are_not_active(self):
        for account in self.world["accounts"]:
            arn = f"arn:aws:iam::{account['id']}:role/CensusRole"
            answer = raw.query("sts", "AssumeRole", RoleArn=arn, RoleSessionName="test").send(self.sim.url)
            self.assertEqual(answer.error[0], None if account["state"] == "ACTIVE" else "AccessDenied")


class Rewritten(SimCase):
    """Good answers with something else in them."""

    world = worlds.plain(3, 2)
    scenario = {"empty_pages": False, "rules": [
        {"actions": "ListAccounts", "fault": "rewrite", "set": {"NextToken": 5, "Accounts": [{"Id": "12"}, {}, {"Id": None}]},
         "first": 1, "scope": "rule"},
        {"actions": "ListAccounts", "fault": "rewrite", "set": {"NextToken": {}}, "first": 1, "scope": "rule"},
        {"actions": "DescribeOrganization", "fault": "rewrite", "set": {"Organization": {"Id": "../../../x/o-1"}}},
        {"actions": "ListUsers", "fault": "rewrite", "replace": {"<UserName>user001</UserName>": "<UserName>a/b</UserName>",
                                                                 "user000": "&quot;"}}]}

    def setUp(self):
        self.sim.reset()

    def test_json(self):
        answers = [json.loads(raw.organizations("ListAccounts").send(self.sim.url).body) for _ in range(3)]
        self.assertEqual([answer.get("NextToken") for answer in answers], [5, {}, None])
        ids = [[each["Id"] for each in answer["Accounts"]] for answer in answers]
        self.assertEqual(ids, [["12", "100000000002", None], ids[2], [f"10000000000{n}" for n in (1, 2, 3)]])
        # the rest of the member is as it was
        self.assertEqual(answers[0]["Accounts"][0]["Name"], answers[2]["Accounts"][0]["Name"])
        described = json.loads(raw.organizations("DescribeOrganization").send(self.sim.url).body)["Organization"]
        self.assertEqual((described["Id"], described["FeatureSet"]), ("../../../x/o-1", "ALL"))
        self.assertEqual(self.sim.counters()["actions"]["organizations:ListAccounts"]["outcomes"], {"fault:rewrite": 2, "ok": 1})

    def test_texts(self):
        users = self.sim.inside(ACCOUNT).list_users()["Users"]
        self.assertEqual([user["UserName"] for user in users], ['"', "a/b"])
        self.assertEqual(users[1]["Arn"], f"arn:aws:iam::{ACCOUNT}:user/user001")


class Forms(SimCase):
    """Errors as services and gateways write them that do not keep to the protocol."""

    world = worlds.plain(1, 1)
    FORMS = {"__type": rb'^\{"__type":"com\.amazonaws\.%s#Odd","message":"in words"\}$',
             "Code": rb'^\{"Code":"Odd","Message":"in words"\}$', "code": rb'^\{"code":"Odd","message":"in words"\}$',
             "x-amzn-ErrorType": rb'^\{"message":"in words"\}$',
             "ErrorResponse": rb"^<ErrorResponse [^>]+><Error><Type>Sender</Type><Code>Odd</Code><Message>in words</Message></Error>",
             "Error": rb"<Error><Code>Odd</Code><Message>in words</Message><RequestId>",
             "Response": rb"<Response><Errors><Error><Code>Odd</Code><Message>in words</Message></Error></Errors><RequestID>",
             "element": rb"^<Odd>\s*<Message>in words</Message>\s*</Odd>\s*$"}

    def test_every_form_in_every_protocol(self):
        calls = {"iam": ("ListUsers", lambda: raw.query("iam", "ListUsers")),
                 "sts": ("GetCallerIdentity", lambda: raw.query("sts", "GetCallerIdentity")),
                 "organizations": ("ListRoots", lambda: raw.organizations("ListRoots")),
                 "s3": ("GetObject", lambda: raw.s3("GET", "/bucket/key"))}
        for form, pattern in self.FORMS.items():
            rule = {"fault": "error", "status": 418, "code": "Odd", "message": "in words", "form": form}
            with Simulator(world=self.world, scenario={"rules": [rule]}) as sim:
                for service, (_, make) in calls.items():
                    answer = make().send(sim.url)
                    self.assertEqual(answer.status, 418)
                    self.assertRegex(answer.body, pattern.replace(b"%s", service.encode()), (form, service))
                    self.assertEqual(answer.headers.get("x-amzn-errortype", "").partition(":")[0],
                                     "Odd" if form == "x-amzn-ErrorType" else "")

    def test_with_aws_s_own_codes(self):
        """A throttling gateway: the code is the service's, the form is not."""
        for form, wanted in (("Error", b"<Error><Code>Throttling</Code><Message>Rate exceeded</Message>"),
                             ("element", b"<Throttling>")):
            with Simulator(world=self.world, scenario={"rules": [{"fault": "throttle", "form": form}]}) as sim:
                answer = raw.query("iam", "ListUsers").send(sim.url)
                self.assertEqual(answer.status, 400)
                self.assertIn(wanted, answer.body)


class Dates(SimCase):
    """A Date that is off: of one service, of one account, of the answer that complains alone; or all clocks."""

    world = worlds.plain(2, 1)
    A, B = "100000000001", "100000000002"
    YEAR = 365 * 86400
    scenario = {"rules": [
        {"actions": "sts:GetCallerIdentity", "date_skew_s": -YEAR},
        {"actions": "iam:List*", "accounts": [B], "date_skew_s": YEAR},
        {"actions": "ListAccountAliases", "accounts": [A], "fault": "clock_skew", "first": 1, "date_skew_s": 70 * YEAR}]}

    def off(self, request):
        """How many whole days the answer's Date is ahead, and the error's code."""
        answer = request.send(self.sim.url)
        seen = email.utils.parsedate_to_datetime(answer.headers["date"])
        ahead = (seen - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
        return round(ahead / 86400), answer.error[0]

    def test_each(self):
        of = {account: self.sim.assume(account) for account in (self.A, self.B)}
        self.assertEqual(self.off(raw.query("sts", "GetCallerIdentity")), (-365, None))
        self.assertEqual(self.off(raw.organizations("ListRoots")), (0, None))
        self.assertEqual(self.off(raw.query("iam", "ListUsers").by(of[self.A])), (0, None))
        self.assertEqual(self.off(raw.query("iam", "ListUsers").by(of[self.B])), (365, None))
        aliases = lambda: self.off(raw.query("iam", "ListAccountAliases").by(of[self.A]))
        self.assertEqual([aliases(), aliases()], [(70 * 365, "SignatureDoesNotMatch"), (0, None)])


class Throttled(SimCase):
    """Throttling without a limit, as from a neighbour in the account: a share of the calls, whatever their pace."""

    arguments = ("--accounts", 1, "--users-exact", 400, "--all-active")
    scenario = {"seed": 5, "rules": [{"actions": "ListUserTags", "fault": "throttle", "probability": 0.1},
                                     {"actions": "ListAccessKeys", "fault": "throttle", "probability": 0.01}]}

    def share(self, action, names):
        """Of first attempts, and of attempts again of those that were refused, until each has passed."""
        call = lambda name: raw.query("iam", action, UserName=name).by(self.session).send(self.sim.url).error[0]
        attempts = refused = 0
        for name in names:
            while True:
                attempts += 1
                error = call(name)
                if not error:
                    break
                self.assertEqual(error, "Throttling")
                refused += 1
        return attempts, refused

    def test_shares(self):
        account = self.sim.active()[0]
        names = [user["name"] for user in account["users"] if not user["deleted_after_report"]]
        self.session = self.sim.assume(account["id"])
        self.sim.reset()
        seen = {action: self.share(action, names) for action in ("ListUserTags", "ListAccessKeys", "ListMFADevices")}
        for action, low, high in (("ListUserTags", 0.06, 0.15), ("ListAccessKeys", 0.001, 0.03)):
            attempts, refused = seen[action]
            self.assertTrue(low < refused / attempts < high, seen)
        self.assertEqual(seen["ListMFADevices"], (400, 0))
        self.sim.reset()
        self.assertEqual(self.share("ListUserTags", names), seen["ListUserTags"])


class Silent(SimCase):
    """An answer that stops in the middle, and goes on when the client has given up, or while it still waits."""

    world = worlds.plain(1, 20)
    scenario = {"rules": [{"actions": "ListUsers", "fault": "stall", "first": 1, "stall_ms": 600},
                          {"actions": "ListAccountAliases", "fault": "stall"}]}

    def test_for_a_while(self):
        session = self.sim.assume(ACCOUNT)
        begin = time.monotonic()
        answer = raw.query("iam", "ListUsers").by(session).send(self.sim.url)
        self.assertGreaterEqual(time.monotonic() - begin, 0.6)
        self.assertEqual((answer.status, answer.body.count(b"<UserName>")), (200, 20))
        self.assertEqual(self.sim.counters()["actions"]["iam:ListUsers"]["outcomes"], {"fault:stall": 1})

    def test_for_longer_than_anybody_waits(self):
        """Half of it came; the simulator ends all the same."""
        request = raw.query("iam", "ListAccountAliases").by(self.sim.assume(ACCOUNT)).sign(f"127.0.0.1:{self.sim.port}")
        with socket.create_connection(("127.0.0.1", self.sim.port), 5) as connection:
            head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
            connection.sendall(f"POST / HTTP/1.1\r\n{head}Content-Length: {len(request.body)}\r\n\r\n".encode() + request.body)
            connection.settimeout(1)
            seen = b""
            with self.assertRaises(TimeoutError):
                while piece := connection.recv(65536):
                    seen += piece
        head, _, body = seen.partition(b"\r\n\r\n")
        length = int(re.search(rb"Content-Length: (\d+)", head)[1])
        self.assertEqual(len(body), length // 2)


class Hidden(SimCase):
    """An answer that takes an error's place is counted, not the error, of which the client learns nothing."""

    world = worlds.plain(1, 1)
    scenario = {"rules": [{"actions": "GetLoginProfile", "fault": "foreign", "first": 1},
                          {"actions": "ListAccessKeys", "fault": "truncated", "first": 1}]}

    def test_each(self):
        session = self.sim.assume(ACCOUNT)
        for action, fault, status in (("GetLoginProfile", "foreign", 200), ("ListAccessKeys", "truncated", 404)):
            ask = raw.query("iam", action, UserName="nobody").by(session)
            self.assertEqual([ask.send(self.sim.url).status for _ in range(2)], [status, 404])
            self.assertEqual(self.sim.counters()["actions"][f"iam:{action}"]["outcomes"], {f"fault:{fault}": 1, "NoSuchEntity": 1})


class Examples(unittest.TestCase):
    """The scenarios that lie beside the simulator can be read by it."""

    def test_each(self):
        paths = sorted((ROOT / "sim/scenarios").glob("*.json"))
        self.assertGreaterEqual(len(paths), 6)
        for path in paths:
            with self.subTest(path=path.name), Simulator("--accounts", 60, "--users", 1, "--scenario", path) as sim:
                sim.counters()


if __name__ == "__main__":
    unittest.main()
