# SPDX-License-Identifier: MIT
"""What a census finds and reports: facts, unknown facts, account outcomes, exit codes."""

import json
import re
import unittest

import expected
import faults
from answers_iam import BULK_ACTIONS
from cases import ScriptedCase
from people import varied_users
from world import Key

A, B, C = "111111111111", "222222222222", "333333333333"


class Succeeded(ScriptedCase):
    def setUp(self):
        super().setUp()
        self.world.page_size = 2
        for account_id in (C, A, B):
            account = self.world.account(account_id, alias=None if account_id == B else f"alias-{account_id[0]}")
            varied_users(account)

    def test_standard_columns(self):
        document, data, _ = self.census()
        self.assert_csv(document, data, [A, B, C])
        self.assertEqual(document["successful_accounts"], [A, B, C])
        self.assertEqual((document["partial_accounts"], document["failed_accounts"]), ([], []))
        self.assertEqual(document["message"], "Processing completed successfully. Successfully processed accounts: 3. "
                         "Partially processed accounts: 0. Failed to process accounts: 0.")
        self.assertEqual((document["retries"], document["throttled"], document["oldest_report_at"]), (0, 0, None))
        self.assertTrue(document["output"].endswith("out.csv"), document["output"])
        self.assertIsInstance(document["duration_ms"], int)
        self.assertTrue(document["run_id"])
        asked = sum(call.service in ("iam", "sts") for call in self.server.calls)
        self.assertLessEqual(abs(document["api_calls"] - asked), 3)

    def test_extended_columns(self):
        document, data, _ = self.census("--columns", "extended")
        self.assert_csv(document, data, [A, B, C], "extended")

    def test_json_lines(self):
        document, data, _ = self.census("--format", "jsonl")
        rows = expected.from_world(self.world, [A, B, C])
        self.assert_bytes(data, expected.jsonl_bytes(rows, self.start_of(document), seen=data))

    def test_csv_raw_keeps_formula_like_names(self):
        document, data, _ = self.census("--csv-raw")
        rows = expected.from_world(self.world, [A, B, C])
        self.assert_bytes(data, expected.csv_bytes(rows, self.start_of(document), raw=True))
        self.assertNotIn(b"'=1+1", data)

    def test_two_runs_and_any_concurrency_give_the_same_bytes(self):
        _, first, _ = self.census("--max-connections", "1", accounts=f"{C},{B},{A}")
        (self.work / "out.csv").unlink()
        _, second, _ = self.census("--max-connections", "32", accounts=f"{A},{B},{C}")
        self.assertEqual(first, second)

    def test_csv_on_stdout_alone(self):
        before = self.now()
        run = self.collect("--accounts", f"{A},{B}", "--output", "-")
        self.assert_code(run, 0)
        rows = expected.from_world(self.world, [A, B])
        if run.out != expected.csv_bytes(rows, before):
            self.assert_bytes(run.out, expected.csv_bytes(rows, self.now()), run)
        self.assert_nothing_left()

    def test_default_file_name_and_summary_for_people(self):
        run = self.collect("--accounts", A, "--organization-id", "o-givenbyhand")
        self.assert_code(run, 0)
        name, data = self.only_file()
        match = re.fullmatch(r"IAM_USER_TAGS_o-givenbyhand_combined_(\d{4}-\d\d-\d\d)_(\d\d-\d\d-\d\d)\.csv", name)
        self.assertTrue(match, name)
        start = expected.moment(f"{match[1]}T{match[2].replace('-', ':')}Z")
        self.assertLess(abs((self.now() - start).total_seconds()), 60)
        self.assert_bytes(data, expected.csv_bytes(expected.from_world(self.world, [A]), start), run)
        self.assertIn(b"1", run.out)
        self.assertNotEqual(run.out[:1], b"{")
        self.assertEqual(self.server.count("DescribeOrganization"), 0)

    def test_every_list_asks_for_the_largest_page(self):
        self.census()
        lists = [call for call in self.server.calls if call.service == "iam" and call.action.startswith("List")]
        self.assertEqual({call.params.get("MaxItems") for call in lists}, {"1000"})

    def test_users_with_two_active_keys_are_counted_in_a_warning(self):
        run = self.collect("--accounts", f"{A},{B}", "--output", "out.csv")
        lines = [line for line in run.err.splitlines() if "active" in line.lower()]
        # two such users in each account
        self.assertTrue(any(re.search(r"\b4\b", line) for line in lines), str(run))

    def test_rows_that_show_every_key_need_no_such_warning(self):
        for arguments in (["--columns", "extended"], ["--format", "jsonl"]):
            with self.subTest(arguments=arguments):
                run = self.collect("--accounts", f"{A},{B}", "--output", "out", *arguments)
                self.assertEqual((run.code, run.err), (0, ""), str(run))
                self.assertNotIn(b"second active key", run.out)

    def test_no_warning_without_second_active_keys(self):
        self.world.accounts[A].users = [user for user in self.world.accounts[A].users if not user.name.startswith("two")]
        run = self.collect("--accounts", A, "--output", "out.csv")
        self.assertEqual((run.code, run.err), (0, ""), str(run))


class Unknown(ScriptedCase):
    def test_the_original_role(self):
        """It may not list groups and aliases: everything else is known, and these two are 'unknown'."""
        account = self.world.account(A, alias="seen-by-nobody")
        count = varied_users(account)
        account.denied = {"ListGroupsForUser", "ListAccountAliases"}
        self.world.caller.account = B
        document, data, _ = self.census(code=3)
        self.assert_csv(document, data, [A], unknown={A: {"groups", "alias"}})
        self.assertEqual(document["successful_accounts"], [])
        partial, = document["partial_accounts"]
        self.assertEqual((partial["account_id"], sorted(partial["unknown"])), (A, ["AccountAlias", "Groups"]))
        errors = {error["operation"]: error for error in partial["errors"]}
        self.assertEqual(sorted(errors), ["ListAccountAliases", "ListGroupsForUser"])
        for error in errors.values():
            self.assertEqual(error["code"], "AccessDenied")
            self.assertIn("not authorized", error["message"])
        self.assertEqual(errors["ListAccountAliases"]["count"], 1)
        self.assertTrue(1 <= errors["ListGroupsForUser"]["count"] <= count, errors)
        self.assertIn("Partially processed accounts: 1.", document["message"])

    def test_calls_that_were_replaced_are_no_reason(self):
        """The original role under 'auto': the bulk calls are denied, and others were made in their place."""
        account = self.world.account(A, alias="seen-by-nobody")
        varied_users(account)
        account.denied = {"ListGroupsForUser", "ListAccountAliases"}
        self.world.caller.account = B
        document, data, _ = self.census("--strategy", "auto", code=3)
        self.assert_csv(document, data, [A], unknown={A: {"groups", "alias"}})
        partial, = document["partial_accounts"]
        self.assertEqual(sorted(error["operation"] for error in partial["errors"]), ["ListAccountAliases", "ListGroupsForUser"])
        # and no other source follows for what only they know
        document, data, _ = self.census("--strategy", "auto", "--columns", "extended", code=3)
        partial, = document["partial_accounts"]
        operations = {error["operation"] for error in partial["errors"]}
        self.assertTrue({"GetAccountAuthorizationDetails", "ListAccountAliases", "ListGroupsForUser"} <= operations, operations)
        self.assertIn("PermissionsBoundary", partial["unknown"])
        run = self.collect("--accounts", A, "--strategy", "auto", "--output", "out.csv")
        self.assert_code(run, 3)
        self.assertIn(f"  1 with AccountAlias, Groups unknown since ListAccountAliases: AccessDenied, ListGroupsForUser: "
                      f"AccessDenied ({A})\n", run.out.decode())
        self.assertRegex(run.err, rf" WARN  account partial account_id={A} users=\d+ "
                                  r'cause="ListAccountAliases AccessDenied, ListGroupsForUser AccessDenied"')

    def test_auto_reads_per_user_where_the_role_has_no_more(self):
        """The bulk sources are denied: they are tried at most once, and do not count as a failure."""
        varied_users(self.world.account(A, alias="name"))
        document, data, _ = self.census("--strategy", "auto")
        self.assert_csv(document, data, [A])
        self.assertEqual(document["successful_accounts"], [A])
        for action in BULK_ACTIONS:
            self.assertLessEqual(self.server.count(action), 1, action)

    def world_of_denials(self):
        lost = {"ListUserTags": "tags", "ListGroupsForUser": "groups", "GetLoginProfile": "password",
                "ListMFADevices": "mfa", "ListAccessKeys": "keys", "GetAccessKeyLastUsed": "used",
                "ListSigningCertificates": "certs", "ListAccountAliases": "alias"}
        unknown = {}
        for number, (action, fact) in enumerate(lost.items()):
            account_id = f"{number:012d}"
            account = self.world.account(account_id, alias=f"alias{number}")
            account.denied = {action}
            unknown[account_id] = {fact}
            account.user("full", tags={"AKIA0": "d"}, groups=["g"], password="2020-01-01T00:00:00Z", mfa=["m"],
                         keys=[Key(f"AKIA{number:016d}", "2020-01-01T00:00:00Z", used="2021-01-01T00:00:00Z"),
                               Key(f"AKIB{number:016d}", "2020-01-01T00:00:00Z", used="2021-01-01T00:00:00Z")])
        return unknown

    def test_each_fact_that_is_denied_is_the_word_unknown(self):
        unknown = self.world_of_denials()
        document, data, _ = self.census("--columns", "extended", code=3)
        self.assert_csv(document, data, list(unknown), "extended", unknown=unknown)
        self.assertEqual([each["account_id"] for each in document["partial_accounts"]], sorted(unknown))

    def test_unknown_in_json_lines_is_null_and_listed(self):
        unknown = self.world_of_denials()
        document, data, _ = self.census("--format", "jsonl", code=3)
        rows = expected.from_world(self.world, list(unknown), unknown)
        for line, wanted in zip(data.splitlines(), expected.jsonl_bytes(rows, self.start_of(document), seen=data).splitlines()):
            seen, wanted = json.loads(line), json.loads(wanted)
            if "used" in unknown[seen["account_id"]]:
                # the contract does not say by which names the unknown field of one key is listed
                self.assertIn("last_activity_at", seen["unknown"])
                self.assertEqual([key["last_used_at"] for key in seen["access_keys"]], [None, None])
                continue
            self.assertEqual(seen, wanted)

    def test_a_fact_of_one_user_that_fails_for_good(self):
        account = self.world.account(A)
        for name in ("ann", "bob", "cid"):
            account.user(name, tags={"team": name})
        self.server.fault(faults.error(500, "InternalFailure"), action="ListUserTags", user="bob")
        document, data, _ = self.census(code=3, timeout=120)
        rows = expected.from_world(self.world, [A])
        rows[1].tags = expected.UNKNOWN
        self.assert_bytes(data, expected.csv_bytes(rows, self.start_of(document)))
        partial, = document["partial_accounts"]
        self.assertEqual(partial["unknown"], ["Tags"])
        error, = partial["errors"]
        self.assertEqual((error["operation"], error["count"]), ("ListUserTags", 1))
        self.assertEqual(self.server.count("ListUserTags", user="bob"), 6)
        self.assertEqual(document["retries"], 5)

    def test_a_malformed_answer_is_an_error_of_that_call(self):
        account = self.world.account(A, alias="name")
        for name in ("ann", "bob", "cid", "dan", "eve"):
            account.user(name, groups=["g1", "g2"], tags={"a": "b"}, mfa=["m"], password="2020-01-01T00:00:00Z")
        self.server.fault(faults.truncated(), action="ListGroupsForUser", user="ann")
        self.server.fault(faults.body("<html><body>captive portal</body></html>"), action="ListMFADevices", user="bob")
        self.server.fault(faults.body("no xml at all", "text/plain"), action="ListUserTags", user="cid")
        self.server.fault(faults.body(""), action="GetLoginProfile", user="dan")
        self.server.fault(faults.body("<ListRolesResponse><ListRolesResult/></ListRolesResponse>", "text/xml"),
                          action="ListAccessKeys", user="eve")
        document, data, _ = self.census(code=3, timeout=120)
        rows = expected.from_world(self.world, [A])
        rows[0].groups = rows[1].mfa = rows[2].tags = rows[3].password = rows[4].keys = expected.UNKNOWN
        self.assert_bytes(data, expected.csv_bytes(rows, self.start_of(document)))


class Vanished(ScriptedCase):
    def test_a_user_deleted_meanwhile_has_no_row_and_is_no_failure(self):
        account = self.world.account(A, alias="name")
        account.user("stays", keys=[Key("AKIA000000000000ONE1", "2020-01-01T00:00:00Z")])
        for action in ("ListUserTags", "ListGroupsForUser", "ListMFADevices", "ListAccessKeys",
                       "ListSigningCertificates", "*"):
            gone = account.user(f"gone-{action.strip('*')}", keys=[Key(f"AKIA{action:A>16}", "2020-01-01T00:00:00Z")])
            gone.vanished = {action}
        document, data, run = self.census("--log-level", "info")
        self.assert_csv(document, data, [A])
        self.assertEqual((document["rows"], document["successful_accounts"]), (1, [A]))
        self.assert_says(run, "gone-ListMFADevices")

        self.assertEqual(document["users_gone"], 6)

    def test_a_user_whom_every_call_but_one_still_knows(self):
        """GetLoginProfile's NoSuchEntity, too, may be about the user: its message shows that."""
        account = self.world.account(A)
        account.user("stays")
        account.user("gone").vanished = {"GetLoginProfile"}
        document, data, run = self.census("--log-level", "info")
        account.users.pop()
        self.assert_csv(document, data, [A])
        self.assertEqual((document["rows"], document["users_gone"], document["successful_accounts"]), (1, 1, [A]))
        self.assert_says(run, "deleted meanwhile")
        self.assertEqual(self.server.count("GetLoginProfile", user="gone"), 2)
        self.assertEqual(self.server.count("GetLoginProfile", user="stays"), 1)

    def test_a_user_whom_iam_does_not_know_yet_is_asked_about_once_more(self):
        """IAM is eventually consistent: a new user may be listed before every call knows of it."""
        account = self.world.account(A)
        account.user("old", password="2020-01-01T00:00:00Z")
        account.user("young", tags={"team": "core"}, groups=["g"], mfa=["m"], password="2021-01-01T00:00:00Z",
                     keys=[Key("AKIA000000000000ONE1", "2020-01-01T00:00:00Z", used="2021-01-01T00:00:00Z")])
        late = faults.error(404, "NoSuchEntity", "The user with name young cannot be found.")
        calls = ("ListUserTags", "ListGroupsForUser", "GetLoginProfile", "ListMFADevices", "ListAccessKeys",
                 "ListSigningCertificates")
        for action in calls:
            self.server.fault(late, times=1, action=action, user="young")
        document, data, _ = self.census()
        self.assert_csv(document, data, [A])
        self.assertEqual((document["rows"], document["users_gone"]), (2, 0))
        self.assertGreaterEqual(document["duration_ms"], 2000)
        for action in calls:
            self.assertEqual(self.server.count(action, user="young"), 2, action)
            self.assertEqual(self.server.count(action, user="old"), 1, action)

    def test_a_vanished_user_beside_denied_facts_has_no_row(self):
        account = self.world.account(A)
        account.user("stays")
        account.user("gone").vanished = {"ListMFADevices"}
        account.denied = {"ListUserTags"}
        document, data, _ = self.census(code=3)
        self.assert_csv(document, data, [A], unknown={A: {"tags"}})

    def test_a_key_deleted_meanwhile_is_left_out(self):
        account = self.world.account(A)
        user = account.user("ann", keys=[
            Key("AKIA000000000000ONE1", "2020-01-01T00:00:00Z", used="2021-01-01T00:00:00Z"), Key("AKIA000000000000TWO2", "2021-01-01T00:00:00Z")])
        user.keys[0].vanished = True
        document, data, _ = self.census("--columns", "extended")
        self.assert_csv(document, data, [A], "extended")
        self.assertIn(b"AKIA000000000000TWO2", data)
        self.assertNotIn(b"AKIA000000000000ONE1", data)
        self.assertEqual((document["successful_accounts"], self.server.count("ListAccessKeys")), ([A], 2))

    def test_a_key_that_is_gone_in_the_words_of_the_reference(self):
        """NoSuchEntity, as the API Reference has it."""
        user = self.world.account(A).user("ann", keys=[Key("AKIA000000000000ONE1", "2020-01-01T00:00:00Z")])
        user.keys[0].vanished = True
        self.server.fault(faults.error(404, "NoSuchEntity", "The Access Key with id X cannot be found."),
                          action="GetAccessKeyLastUsed")
        document, data, _ = self.census("--columns", "extended")
        self.assert_csv(document, data, [A], "extended")
        self.assertEqual(document["users_gone"], 0)

    def test_a_key_that_is_still_there_is_of_unknown_use(self):
        """Its use is refused in the words for one that is gone, but it is listed."""
        account = self.world.account(A)
        account.user("ann", keys=[Key("AKIA000000000000ONE1", "2020-01-01T00:00:00Z", used="2021-01-01T00:00:00Z"),
                                  Key("AKIA000000000000TWO2", "2021-01-01T00:00:00Z", status="Inactive")])
        account.denied = {"GetAccessKeyLastUsed"}
        document, data, _ = self.census(code=3)
        self.assert_csv(document, data, [A], unknown={A: {"used"}})
        error, = document["partial_accounts"][0]["errors"]
        self.assertEqual((error["operation"], error["code"], error["count"]), ("GetAccessKeyLastUsed", "AccessDenied", 2))

    def test_a_key_whose_user_is_gone_when_it_is_looked_for(self):
        account = self.world.account(A)
        account.user("stays")
        user = account.user("ann", keys=[Key("AKIA000000000000ONE1", "2020-01-01T00:00:00Z")])
        user.keys[0].vanished = True
        self.server.fault(faults.error(404, "NoSuchEntity", "The user with name ann cannot be found."), skip=1,
                          action="ListAccessKeys", user="ann")
        document, data, _ = self.census()
        account.users.remove(user)
        self.assert_csv(document, data, [A])
        self.assertEqual(document["users_gone"], 1)

    def test_of_two_users_of_one_name_the_later_one_is_kept(self):
        """Deleted and made again between two pages of the list."""
        self.world.page_size = 2
        account = self.world.account(A)
        for created in ("2020-01-01T00:00:00Z", "2024-01-01T00:00:00Z", "2022-01-01T00:00:00Z"):
            account.user("ann", created=created)
            account.user(f"beside-{created[:4]}")
        document, data, _ = self.census()
        account.users = [user for user in account.users if user.name != "ann" or user.created.startswith("2024")]
        self.assert_csv(document, data, [A])
        self.assertEqual((document["rows"], document["users_gone"]), (4, 0))

    def test_two_users_of_one_name_who_are_gone_are_one(self):
        self.world.page_size = 1
        account = self.world.account(A)
        for created in ("2020-01-01T00:00:00Z", "2024-01-01T00:00:00Z"):
            account.user("ann", created=created).vanished = {"*"}
            account.user(f"beside-{created[:4]}")
        # the first of them is asked about before the second is known
        self.server.fault(faults.slow(2), action="ListUsers", skip=2, times=1)
        document, _, _ = self.census()
        self.assertEqual((document["rows"], document["users_gone"]), (2, 1))

    def test_no_login_profile_is_no_console_password(self):
        self.world.account(A).user("ann", signed_in="2023-01-01T00:00:00Z")
        _, data, _ = self.census()
        cells = dict(zip(expected.STANDARD, data.decode().splitlines()[1].split(",")))
        self.assertEqual((cells["ConsoleAccess"], cells["PasswordAge"], cells["ConsoleLastSignIn"]),
                         ("false", "", "2023-01-01T00:00:00Z"))


class Failed(ScriptedCase):
    def setUp(self):
        super().setUp()
        for account_id in (A, B, C):
            account = self.world.account(account_id)
            for name in ("ann", "bob", "cid"):
                account.user(name)

    def assert_failed(self, document, account_id, stage, code=None):
        failed = {each["account_id"]: each for each in document["failed_accounts"]}
        self.assertIn(account_id, failed)
        self.assertEqual(failed[account_id]["stage"], stage)
        if code:
            self.assertEqual(failed[account_id]["code"], code)
        self.assertTrue(failed[account_id]["message"])

    def test_a_denied_role_fails_that_account_alone(self):
        self.world.accounts[B].role_error = ("AccessDenied", "is not authorized to perform: sts:AssumeRole")
        document, data, run = self.census(code=3)
        self.assert_csv(document, data, [A, C])
        self.assert_failed(document, B, "AssumeRole", "AccessDenied")
        self.assertEqual(document["successful_accounts"], [A, C])
        self.assertEqual(document["message"], "Processing completed successfully. Successfully processed accounts: 2. "
                         "Partially processed accounts: 0. Failed to process accounts: 1.")
        self.assert_says(run, B)
        self.assertEqual(self.server.count("AssumeRole"), 3)

    def test_users_not_listed_to_the_end_leave_no_row(self):
        self.world.page_size = 1
        self.server.fault(faults.denied(), action="ListUsers", account=A, skip=1)
        self.server.fault(faults.error(500, "InternalFailure"), action="ListUsers", account=B, skip=2)
        document, data, _ = self.census(code=3, timeout=120)
        self.assert_csv(document, data, [C])
        self.assert_failed(document, A, "ListUsers", "AccessDenied")
        self.assert_failed(document, B, "ListUsers")
        self.assertEqual(self.server.count("ListUsers", account=A), 2)
        self.assertEqual(self.server.count("ListUsers", account=B), 2 + 6)

    def test_no_account_at_all(self):
        for account in self.world.accounts.values():
            account.role_error = ("AccessDenied", "no")
        run = self.collect("--accounts", f"{B},{C}", "--output", "out.csv")
        self.assert_code(run, 1)
        self.assert_says(run, "AccessDenied", B, C)
        self.assert_nothing_left()

    def test_an_older_file_survives_a_run_that_fails(self):
        (self.work / "out.csv").write_text("older")
        self.world.accounts[B].role_error = ("AccessDenied", "no")
        run = self.collect("--accounts", B, "--output", "out.csv")
        self.assert_code(run, 1)
        self.assertEqual(self.only_file(), ("out.csv", b"older"))

    def test_own_account_is_read_with_the_callers_credentials(self):
        for account_id in (A, B):
            self.world.accounts[account_id].role_error = ("AccessDenied", "no such role")
        document, data, _ = self.census(code=3)
        self.assert_csv(document, data, [A, C])
        self.assert_failed(document, B, "AssumeRole")
        signers = {call.credential.access_key for call in self.server.of("ListUsers", account=A)}
        self.assertEqual(signers, {self.world.caller.access_key})

    def test_own_account_that_fails_by_either_way_tells_both(self):
        self.world.accounts[A].role_error = ("AccessDenied", "no such role")
        self.server.fault(faults.error(403, "OptInRequired", "not for you"), action="ListUsers", account=A)
        document, data, run = self.census(code=3)
        self.assert_csv(document, data, [B, C])
        self.assert_failed(document, A, "ListUsers", "OptInRequired")
        message = document["failed_accounts"][0]["message"]
        for word in ("not for you", "role could not be assumed", "AccessDenied", "no such role"):
            self.assertIn(word, message)
        self.assert_says(run, "not for you", "no such role")

    def test_own_account_is_read_through_the_role_where_it_can_be(self):
        self.census(accounts=A)
        self.assertNotIn(self.world.caller, [call.credential for call in self.server.of("ListUsers")])

    def test_an_empty_account_succeeds_without_rows(self):
        self.world.accounts[A].users = []
        document, data, _ = self.census(accounts=A)
        self.assertEqual((document["rows"], document["successful_accounts"]), (0, [A]))
        self.assertEqual(data, ",".join(expected.STANDARD).encode() + b"\r\n")


class Sessions(ScriptedCase):
    def test_an_expired_session_is_renewed(self):
        account = self.world.account(A)
        for number in range(20):
            account.user(f"user{number:02d}", tags={"a": "b"})
        self.server.fault(faults.expire_session(), times=1, action="ListUserTags", user="user07")
        document, data, _ = self.census()
        self.assert_csv(document, data, [A])
        # calls under way with the old session may each notice, but not every one may assume the role anew
        self.assertTrue(2 <= self.server.count("AssumeRole") <= 4, self.server.count("AssumeRole"))

    def test_a_session_that_always_expires_ends(self):
        self.world.account(A).user("ann")
        self.world.account(B).user("ann")
        self.server.fault(faults.expire_session(), action="ListUsers", account=B)
        document, data, _ = self.census(code=3, timeout=120)
        self.assert_csv(document, data, [A])
        self.assertLessEqual(self.server.count("AssumeRole"), 20)

    def test_the_session_is_narrowed_to_reading(self):
        self.world.account(A).user("ann")
        self.census()
        policy = json.loads(self.server.of("AssumeRole")[0].params["Policy"])
        statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
        actions = [action for each in statements for action in
                   (each["Action"] if isinstance(each["Action"], list) else [each["Action"]])]
        self.assertEqual({each["Effect"] for each in statements}, {"Allow"})
        self.assertIn("iam:ListUsers", actions)
        for action in actions:
            self.assertRegex(action, r"^iam:(List|Get|Generate)[A-Za-z]+$")
        self.assertLessEqual(len(self.server.of("AssumeRole")[0].params["Policy"]), 2048)

    def test_the_narrowing_can_be_turned_off(self):
        self.world.account(A).user("ann")
        self.census("--no-session-policy")
        self.assertNotIn("Policy", self.server.of("AssumeRole")[0].params)

    def test_external_id(self):
        secret = "external/Id+NeverShown:77"
        self.secrets.add(secret)
        self.world.account(A).external_id = secret
        self.world.accounts[A].user("ann")
        self.world.caller.account = B
        self.census("--external-id", secret, "--log-level", "debug")
        (self.work / "out.csv").unlink()
        self.census(env={"EXTERNAL_ID": secret})
        run = self.collect("--accounts", A, "--output", "other.csv", "--log-level", "debug",
                           "--external-id", secret + "wrong")
        self.assert_code(run, 1)

    def test_a_role_with_a_path(self):
        self.server.roles = {"division/team/CensusRole"}
        self.world.account(A).user("ann")
        self.world.caller.account = B
        self.census("--role-name", "division/team/CensusRole")
        self.assertEqual(self.server.of("AssumeRole")[0].params["RoleArn"],
                         f"arn:aws:iam::{A}:role/division/team/CensusRole")


if __name__ == "__main__":
    unittest.main()
