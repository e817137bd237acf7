"""What a scenario makes of the simulator: an organization that changes while it is read, and times of faults."""

import time

import raw
import worlds
from test_sim_boto3 import SimCase, pages

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


if __name__ == "__main__":
    import unittest
    unittest.main()
