# SPDX-License-Identifier: MIT
"""What is newer than the credential report, what the report does not show, and what changes while it is read.

Each strategy on the same small worlds: which cells are known, and what was called for them.
"""

import collections
import datetime
import json
import unittest

import worlds
from bulk_rows import bulk_rows, table
from expected import UNKNOWN, moment
from simulator import NOW
from test_sim_bulk import BulkCase

A, B = "100000000001", "100000000002"
STRATEGIES = ("auto", "bulk", "per-user")


def ago(**spent):
    """A time of the worlds, which are read at once."""
    return (moment(NOW) - datetime.timedelta(**spent)).strftime("%Y-%m-%dT%H:%M:%SZ")


def password(**more):
    return {"created": "2021-01-01T00:00:00Z", "last_changed": "2023-03-03T03:03:03Z", **more}


class NewerCase(BulkCase):
    def world(self, *users, **account):
        return {"accounts": [{"id": A, "alias": "alias-1", "users": list(users), **account},
                             {"id": B, "alias": "alias-2", "users": [{"name": "beside", "password": password()}]}]}

    def read(self, world, strategy, *arguments, code=0, scenario=None, env=None):
        """(document, {user: cells}) of the first account, and the calls made: {(action, user): how many}."""
        log = self.home / f"calls{len(self.runs)}"
        sim = self.simulator("--report-ms", 10, "--log", log, world=world, scenario=scenario)
        self.assertTrue(sim.dump)  # while it can be asked
        document, data = self.census(sim, "--columns", "extended", "--log-format", "json", "--log-level", "info", *arguments,
                                     strategy=strategy, code=code, env=env or {})
        sim.stop()  # the log is whole at the end
        calls = [json.loads(line) for line in log.read_text().splitlines()]
        self.calls = collections.Counter((call["action"], call["user"]) for call in calls if call["account"] == A)
        self.sim = sim
        self.data = data
        return document, {name: cells for (account, name), cells in table(data).items() if account == A}

    def assert_whole(self, document):
        self.assertEqual(document["successful_accounts"], [A, B])


class Keys(NewerCase):
    def test_a_key_made_since_the_report(self):
        """'auto' lists everybody's keys; 'bulk' those of users for whom the report shows one."""
        world = self.world(
            {"name": "none"},
            {"name": "first", "keys": [worlds.key(1, ago(minutes=2), used=ago(minutes=1)) | {"created_after_report": True}]},
            {"name": "second", "keys": [worlds.key(2, "2020-01-01T00:00:00Z", used="2021-01-01T00:00:00Z"),
                                        worlds.key(3, ago(minutes=2)) | {"created_after_report": True}]},
            {"name": "renewed", "keys": [worlds.key(4, "2020-01-01T00:00:00Z") | {"deleted_after_report": True},
                                         worlds.key(5, ago(minutes=2)) | {"created_after_report": True}]})
        for strategy in STRATEGIES:
            with self.subTest(strategy=strategy):
                document, rows = self.read(world, strategy)
                self.assert_whole(document)
                self.assertEqual(rows["first"]["AccessKeyID"], "" if strategy == "bulk" else worlds.key(1, "")["id"])
                self.assertEqual(rows["first"]["AccessKeyLastUsed"], "" if strategy == "bulk" else ago(minutes=1))
                self.assertEqual(rows["second"]["AccessKey2ID"], worlds.key(3, "")["id"])
                self.assertEqual((rows["renewed"]["AccessKeyID"], rows["renewed"]["AccessKey2ID"]),
                                 (worlds.key(5, "")["id"], ""))
                listed = {user for action, user in self.calls if action == "ListAccessKeys"}
                self.assertEqual(listed, {"second", "renewed"} if strategy == "bulk" else {"none", "first", "second", "renewed"})

    def test_keys_deleted_while_they_are_read(self):
        """Between their list and the question for their use: left out, and the account is whole."""
        user = {"name": "ann", "keys": [worlds.key(1, "2020-01-01T00:00:00Z"), worlds.key(2, "2021-01-01T00:00:00Z", "Inactive")]}
        same_second = {"name": "bob", "keys": [worlds.key(3, "2020-01-01T00:00:00Z"), worlds.key(4, "2020-01-01T00:00:00Z")]}
        changes = [{"change": "delete_keys", "accounts": [A], "users": ["bob"], "after": "ListAccessKeys"}]
        for strategy in STRATEGIES:
            with self.subTest(strategy=strategy):
                document, rows = self.read(self.world(user, same_second), strategy, scenario={"changes": changes})
                self.assert_whole(document)
                self.assertEqual((rows["bob"]["AccessKeyID"], rows["bob"]["LastActivity"], rows["bob"]["Unknown"]), ("", "", "[]")
                                 if strategy != "per-user" else ("", "", rows["ann"]["Unknown"]))
                self.assertEqual(rows["ann"]["AccessKeyID"], worlds.key(1, "")["id"])
                self.assertEqual(document["users_gone"], 0)

    def test_one_of_two_keys_deleted(self):
        keys = [worlds.key(1, "2020-01-01T00:00:00Z", used="2021-01-01T00:00:00Z"), worlds.key(2, "2020-01-01T00:00:00Z")]
        changes = [{"change": "delete_keys", "keys": [keys[0]["id"]], "after": "ListAccessKeys"}]
        for strategy in STRATEGIES:
            document, rows = self.read(self.world({"name": "ann", "keys": keys}), strategy, scenario={"changes": changes})
            self.assert_whole(document)
            self.assertEqual((rows["ann"]["AccessKeyID"], rows["ann"]["AccessKey2ID"], rows["ann"]["LastActivity"]),
                             (keys[1]["id"], "", ""))


class Passwords(NewerCase):
    UNDATED = [{"name": "undated", "password": password(report_last_changed="N/A")}, {"name": "dated", "password": password()},
               {"name": "none"}]

    def test_a_password_without_a_date(self):
        """The report shows it, and GetLoginProfile when it was made."""
        world = self.world(*self.UNDATED)
        for strategy in STRATEGIES:
            with self.subTest(strategy=strategy):
                document, rows = self.read(world, strategy)
                self.assert_whole(document)
                cells = rows["undated"]
                age = (moment(document["started_at"]) - moment("2021-01-01T00:00:00Z")).days
                self.assertEqual((cells["ConsoleAccess"], cells["PasswordAge"], cells["PasswordLastChanged"]),
                                 ("true", str(age), "unknown"))
                asked = {user for action, user in self.calls if action == "GetLoginProfile"}
                self.assertEqual(asked, {"undated", "dated", "none"} if strategy == "per-user" else {"undated"})
                # both of this account, and the one beside, are read by GetLoginProfile alone per user
                self.assertEqual(document["users_with_password_age_from_creation"], 3 if strategy == "per-user" else 1)
                self.assertEqual((rows["none"]["ConsoleAccess"], rows["none"]["PasswordAge"]), ("false", ""))

    def test_a_date_that_may_not_be_asked_for(self):
        """That there is a password is known all the same."""
        rule = {"actions": ["GetLoginProfile"], "accounts": [A], "fault": "access_denied"}
        for strategy in ("auto", "bulk"):
            document, rows = self.read(self.world(*self.UNDATED), strategy, code=3, scenario={"rules": [rule]})
            cells = rows["undated"]
            self.assertEqual((cells["ConsoleAccess"], cells["PasswordAge"]), ("true", "unknown"))
            partial = self.only_partial(document)
            self.assertEqual((partial["account_id"], partial["unknown"]), (A, ["PasswordAge"]))
            self.assertEqual(json.loads(cells["Unknown"]), ["PasswordAge", "PasswordLastChanged"])

    def test_the_later_sign_in_is_shown(self):
        """Of the report and of ListUsers, if both were read."""
        newer = {"name": "newer", "password": password(report_last_used="2024-01-01T00:00:00Z"),
                 "password_last_used": "2024-02-02T00:00:00Z"}
        older = {"name": "older", "password": password(report_last_used="2024-03-03T00:00:00Z"),
                 "password_last_used": "2024-02-02T00:00:00Z"}
        gone = {"name": "gone", "password_last_used": "2022-02-02T00:00:00Z"}
        for strategy in ("auto", "bulk"):
            document, rows = self.read(self.world(newer, older, gone), strategy)
            self.assert_whole(document)
            self.assertEqual({name: cells["ConsoleLastSignIn"] for name, cells in rows.items()},
                             {"newer": "2024-02-02T00:00:00Z", "older": "2024-03-03T00:00:00Z", "gone": "2022-02-02T00:00:00Z"})
            self.assertEqual(self.calls["ListUsers", None], 1)
            # if every user has a password, the report is enough
            document, rows = self.read(self.world(newer, older), strategy)
            self.assertEqual(rows["newer"]["ConsoleLastSignIn"], "2024-01-01T00:00:00Z")
            self.assertEqual(self.calls["ListUsers", None], 0)

    def test_the_later_sign_in_where_the_users_came_from_list_users(self):
        """'auto' without the details: ListUsers is read before the report is matched."""
        rule = {"actions": ["GetAccountAuthorizationDetails"], "fault": "access_denied"}
        document, rows = self.read(self.world(
            {"name": "newer", "password": password(report_last_used="2024-01-01T00:00:00Z"),
             "password_last_used": "2024-02-02T00:00:00Z"},
            {"name": "older", "password": password(report_last_used="2024-03-03T00:00:00Z"),
             "password_last_used": "2024-02-02T00:00:00Z"}), "auto", code=3, scenario={"rules": [rule]})
        self.assertEqual((rows["newer"]["ConsoleLastSignIn"], rows["older"]["ConsoleLastSignIn"]),
                         ("2024-02-02T00:00:00Z", "2024-03-03T00:00:00Z"))

    def test_a_sign_in_that_can_not_be_read(self):
        """A time that AWS writes in some other way is not 'never': that user is read per user."""
        user = {"name": "odd", "password": password(report_last_used="2024-02-02 00:00"), "password_last_used": "2024-02-02T00:00:00Z"}
        for strategy in ("auto", "bulk"):
            document, rows = self.read(self.world(user, {"name": "has", "password": password()}), strategy)
            self.assert_whole(document)
            self.assertEqual((rows["odd"]["ConsoleLastSignIn"], rows["odd"]["PasswordLastChanged"]), ("2024-02-02T00:00:00Z", "unknown"))
            self.assertEqual({user for action, user in self.calls if action == "GetLoginProfile"}, {"odd"})

    def test_sign_ins_that_may_not_be_listed(self):
        """The report's N/A says nothing about them, whatever the strategy."""
        rule = {"actions": ["ListUsers"], "accounts": [A], "fault": "access_denied"}
        world = self.world({"name": "gone", "password_last_used": "2022-02-02T00:00:00Z"}, {"name": "has", "password": password()})
        for strategy in ("auto", "bulk"):
            document, rows = self.read(world, strategy, code=3, scenario={"rules": [rule]})
            self.assertEqual((rows["gone"]["ConsoleLastSignIn"], rows["has"]["ConsoleLastSignIn"]), ("unknown", ""))
            self.assertEqual(self.only_partial(document)["unknown"], ["ConsoleLastSignIn"])


class Old(NewerCase):
    """--max-report-age: an older report is not used, and its facts are read per user."""

    def users(self):
        return [{"name": "ann", "password": password(), "password_last_used": "2024-01-01T00:00:00Z",
                 "mfa": ["GAHT00000001"], "keys": [worlds.key(1, "2020-01-01T00:00:00Z", used="2021-01-01T00:00:00Z")],
                 "certificates": [{"id": "CERTIFICATE0000000000001", "uploaded": "2021-02-02T00:00:00Z"}]},
                {"name": "bob"}]

    def old_world(self):
        world = self.world(*self.users(), report_generated=ago(hours=6))
        world["accounts"][1]["report_generated"] = ago(hours=2)
        return world

    def warnings(self):
        return [line for line in self.log() if "too old" in line["event"]]

    def assert_read_per_user(self, document, rows):
        self.assert_whole(document)
        dump = bulk_rows(self.sim.dump, [A], report=False)
        age = (moment(document["started_at"]) - moment("2021-01-01T00:00:00Z")).days
        self.assertEqual((rows["ann"]["PasswordAge"], rows["ann"]["PasswordLastChanged"]), (str(age), "unknown"))
        self.assertEqual((rows["ann"]["MFAEnabled"], rows["ann"]["MFADevices"], rows["ann"]["AccessKeyLastUsed"]),
                         ("true", '["GAHT00000001"]', "2021-01-01T00:00:00Z"))
        self.assertEqual(rows["ann"]["ConsoleLastSignIn"], "2024-01-01T00:00:00Z")
        self.assertEqual(rows["bob"]["ConsoleAccess"], "false")
        for cells in rows.values():
            self.assertGreaterEqual(cells["DataAsOf"], document["started_at"])
        self.assertEqual(len(dump), len(rows))
        for action in ("GetLoginProfile", "ListMFADevices", "ListAccessKeys", "ListSigningCertificates"):
            self.assertEqual({user for called, user in self.calls if called == action}, {"ann", "bob"}, action)
        self.assertEqual(self.calls["GetAccountAuthorizationDetails", None], 1)
        self.assertEqual(self.calls["ListUserTags", "ann"], 0)

    def test_one_that_is_too_old(self):
        for strategy in ("auto", "bulk"):
            with self.subTest(strategy=strategy):
                document, rows = self.read(self.old_world(), strategy, env={"MAX_REPORT_AGE": None})
                self.assert_read_per_user(document, rows)
                warning, = self.warnings()
                self.assertEqual((warning["level"], warning["account_id"], warning["generated_at"]),
                                 ("warn", A, ago(hours=6)))
                self.assertAlmostEqual(warning["age_minutes"], 360, delta=10)
                # the other account's is used
                self.assertEqual(document["oldest_report_at"], ago(hours=2))
                self.assertEqual(table(self.data)[B, "beside"]["DataAsOf"], ago(hours=2))
                self.assertEqual(document["users_with_password_age_from_creation"], 1)

    def test_one_that_is_young_enough(self):
        for strategy in ("auto", "bulk"):
            document, rows = self.read(self.old_world(), strategy, "--max-report-age", "400", env={"MAX_REPORT_AGE": "1"})
            self.assert_whole(document)
            self.assertEqual((document["oldest_report_at"], self.warnings()), (ago(hours=6), []))
            self.assertEqual((rows["ann"]["DataAsOf"], rows["ann"]["PasswordLastChanged"]),
                             (ago(hours=6), "2023-03-03T03:03:03Z"))

    def test_none_at_all(self):
        for strategy in ("auto", "bulk"):
            document, rows = self.read(self.old_world(), strategy, "--max-report-age", "0")
            self.assert_read_per_user(document, rows)
            self.assertIsNone(document["oldest_report_at"])
            self.assertFalse([action for action, _ in self.calls if "CredentialReport" in action])
            self.assertEqual(self.warnings(), [])

    def test_a_lambda_event(self):
        sim = self.simulator("--report-ms", 10, world=self.old_world())
        document, _ = self.invoke(sim, strategy="bulk", max_report_age=60)
        self.assertIsNone(document["oldest_report_at"])
        sim.reset()
        (self.home / "bootstrap").unlink()
        document, _ = self.invoke(sim, strategy="bulk", max_report_age=400)
        self.assertEqual(document["oldest_report_at"], ago(hours=6))

    def test_its_age_is_told(self):
        """In the log, and to people."""
        self.read(self.old_world(), "auto", "--max-report-age", "400")
        line, = [line for line in self.log() if line["event"] == "oldest credential report used"]
        self.assertEqual(line["generated_at"], ago(hours=6))
        self.assertAlmostEqual(line["age_minutes"], 360, delta=10)
        sim = self.simulator("--report-ms", 10, world=self.old_world())
        run = self.run_on(sim, "--output", "out.csv", "--max-report-age", "400", strategy="auto")
        self.assertRegex(run.out.decode(), rf"oldest credential report used: {ago(hours=6)}, 6 h \d min before the start\n")

    def test_rows_are_as_old_as_their_oldest_fact(self):
        """A report that is made while the account is read is newer than the list of its users."""
        young = {"name": "young", "created": ago(minutes=3), "created_after_report": True}
        world = self.world({"name": "ann", "password": password()}, young,
                           report_generated=(moment(NOW) + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"))
        document, rows = self.read(world, "bulk")
        until = moment(document["started_at"]) + datetime.timedelta(milliseconds=document["duration_ms"] + 1000)
        for name in ("ann", "young"):
            self.assertGreaterEqual(rows[name]["DataAsOf"], document["started_at"])
            self.assertLessEqual(moment(rows[name]["DataAsOf"]), until)


class Gone(NewerCase):
    def test_a_user_deleted_while_the_account_is_read(self):
        gone = {"name": "gone", "created_after_report": True, "keys": [worlds.key(1, "2020-01-01T00:00:00Z")]}
        changes = [{"change": "delete_user", "accounts": [A], "users": ["gone"],
                    "after": ["ListUsers", "GetAccountAuthorizationDetails"]}]
        for strategy in STRATEGIES:
            with self.subTest(strategy=strategy):
                document, rows = self.read(self.world({"name": "stays", "password": password()}, gone), strategy,
                                           scenario={"changes": changes})
                self.assert_whole(document)
                self.assertEqual((list(rows), document["users_gone"], document["rows"]), (["stays"], 1, 2))
                told, = [line for line in self.log() if line["event"] == "user was deleted meanwhile"]
                self.assertEqual((told["account_id"], told["user"]), (A, "gone"))
                # each once more, unless another call of that user has found out meanwhile
                counts = [count for (action, user), count in self.calls.items() if user == "gone"]
                self.assertEqual((max(counts), min(counts) in (1, 2)), (2, True))

    def test_a_user_deleted_between_two_lists(self):
        """Before ListUsers is read for the sign-ins: 'bulk' would have nothing else to call about this user."""
        users = [{"name": name, "password_last_used": "2022-02-02T00:00:00Z"} for name in ("stays", "gone")]
        changes = [{"change": "delete_user", "accounts": [A], "users": ["gone"], "after": "GetAccountAuthorizationDetails"}]
        for strategy in ("auto", "bulk"):
            document, rows = self.read(self.world(*users), strategy, scenario={"changes": changes})
            self.assert_whole(document)
            self.assertEqual({name: cells["ConsoleLastSignIn"] for name, cells in rows.items()}, {"stays": "2022-02-02T00:00:00Z"})
            self.assertEqual((document["users_gone"], self.calls["ListAccessKeys", "gone"]), (1, 2))
            self.assertEqual(self.calls["ListAccessKeys", "stays"], 0 if strategy == "bulk" else 1)

    def test_a_user_whom_only_one_list_holds(self):
        """What the other source should have shown is not 'never'."""
        users = [{"name": name, "password_last_used": "2022-02-02T00:00:00Z"} for name in ("stays", "late")]
        rule = {"actions": ["ListUsers"], "accounts": [A], "fault": "rewrite", "replace": {"<UserName>late": "<UserName>other"}}
        for strategy in ("auto", "bulk"):
            document, rows = self.read(self.world(*users), strategy, scenario={"rules": [rule]})
            self.assert_whole(document)
            self.assertEqual({name: (cells["ConsoleLastSignIn"], cells["Unknown"]) for name, cells in rows.items()},
                             {"stays": ("2022-02-02T00:00:00Z", "[]"), "late": ("unknown", '["ConsoleLastSignIn"]')})

    def test_a_name_that_was_somebody_elses(self):
        """Of two users of one name the later one is kept, without the sign-ins of the other."""
        users = [{"name": "ann", "created": "2020-01-01T00:00:00Z", "password_last_used": "2022-02-02T00:00:00Z"},
                 {"name": "anm", "created": "2024-01-01T00:00:00Z"}]
        rule = {"actions": ["ListUsers", "GetAccountAuthorizationDetails"], "accounts": [A], "fault": "rewrite",
                "replace": {"<UserName>anm": "<UserName>ann"}}
        for strategy in STRATEGIES:
            document, rows = self.read(self.world(*users), strategy, scenario={"rules": [rule]})
            self.assert_whole(document)
            self.assertEqual({name: (cells["CreationDateTime"], cells["ConsoleLastSignIn"]) for name, cells in rows.items()},
                             {"ann": ("2024-01-01T00:00:00Z", "")})

    def test_a_user_whom_iam_does_not_know_yet(self):
        """The first of each call about the user."""
        late = {"name": "late", "created_after_report": True, "password": password(), "groups": ["g"], "mfa": ["GAHT00000001"],
                "tags": worlds.tags({"team": "core"}), "keys": [worlds.key(1, "2020-01-01T00:00:00Z", used="2021-01-01T00:00:00Z")],
                "certificates": [{"id": "CERTIFICATE0000000000001", "uploaded": "2021-02-02T00:00:00Z"}]}
        rule = {"fault": "vanish", "users": ["late"], "first": 1, "scope": "action", "actions": ["iam:List*", "GetLoginProfile"]}
        for strategy in STRATEGIES:
            with self.subTest(strategy=strategy):
                document, _ = self.read(self.world(late), strategy, scenario={"rules": [rule]})
                self.assert_whole(document)
                self.assertEqual((document["users_gone"], document["rows"]), (0, 2))
                details = strategy != "per-user"
                self.assert_rows(document, self.data, bulk_rows(self.sim.dump, [A, B], details=details, report=details), "extended")


if __name__ == "__main__":
    unittest.main()
