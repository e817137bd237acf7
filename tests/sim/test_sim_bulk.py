"""The bulk sources against the simulator: the same census as per-user, from a fraction of the calls.

Each oddity and each state of the credential report, each source denied, and what it all costs.
"""

import collections
import json
import pathlib
import re
import time
import unittest

import census
import worlds
from account_facts import listed
from bulk_rows import bulk_rows, csv_bytes, days, held_by_report, table
from expected import STANDARD, UNKNOWN, moment
from simulator import CALLER_KEY, CALLER_SECRET, REGION, ROLE
from test_sim_census import BUCKET, SimCensus

# almost all that these tests do is wait: they are run several at once
PARALLEL = 4
AGES = ("CreationAgeInDays", "PasswordAge", "ActiveKeyAge")
BULK_CALLS = ["GetAccountAuthorizationDetails", "GenerateCredentialReport", "GetCredentialReport", "ListUsers",
              "ListAccountAliases", "GetLoginProfile", "ListMFADevices", "ListAccessKeys", "GetAccessKeyLastUsed",
              "ListSigningCertificates"]
PER_USER_ONLY = ["ListUserTags", "ListGroupsForUser"]


def account_id(number):
    return f"{200000000000 + number:012d}"


def users_of_each_kind(number):
    """Whose facts come from the report, from the lists, or from neither."""
    key = lambda which, *more, **options: worlds.key(number * 100 + which, *more, **options)
    of = f"arn:aws:iam::{account_id(number)}"
    password = {"created": "2021-01-01T00:00:00Z", "last_changed": "2023-03-03T03:03:03Z"}
    return [
        {"name": "young", "created": "2024-05-05T00:00:00Z", "created_after_report": True, "groups": ["staff"],
         "mfa": [f"{of}:mfa/young"], "keys": [key(1, "2024-05-06T00:00:00Z", used="2024-05-07T00:00:00Z")],
         "certificates": [{"id": f"CERTIFICATEYOUNG{number:08d}", "uploaded": "2024-05-06T00:00:00Z"}]},
        {"name": "all", "path": "/a/b/", "created": "2020-01-01T00:00:00Z", "groups": ["staff", "Admins"],
         "tags": worlds.tags({"team": "core"}), "password": password, "password_last_used": "2024-01-01T00:00:01Z",
         "mfa": [f"{of}:mfa/all", {"serial": "GAHT00000001", "virtual": False}],
         "keys": [key(2, "2022-01-01T00:00:00Z", used="2023-01-01T00:00:00Z", service="ec2", region="ap-south-1"),
                  key(3, "2021-01-01T00:00:00Z", "Inactive", used="2022-01-01T00:00:00Z")],
         "certificates": [{"id": f"CERTIFICATEALL0{number:09d}", "uploaded": "2021-02-02T00:00:00Z"}],
         "permissions_boundary": f"{of}:policy/boundary", "attached_policies": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]},
        {"name": "none", "created": "2020-01-01T00:00:00Z"},
        {"name": "password-gone", "password_last_used": "2022-12-31T23:59:59Z"},
        {"name": "same-second", "keys": [key(5, "2022-02-02T02:02:02Z"),
                                         key(4, "2022-02-02T02:02:02Z", "Inactive", used="2023-01-01T00:00:00Z")]},
        {"name": "three-keys", "keys": [
            key(6, "2020-01-01T00:00:00Z"), key(7, "2021-01-01T00:00:00Z", used="2024-04-04T00:00:00Z"),
            key(8, "2022-01-01T00:00:00Z", used="2024-05-05T00:00:00Z", service="iam", region="us-east-1")]},
    ]


def kinds(count, **changes):
    """Accounts with a user of each kind."""
    return {"management_account_id": account_id(0), "accounts": [
        {"id": account_id(number), "name": f"Account {number}", "alias": f"alias-{number}",
         "users": users_of_each_kind(number), **changes} for number in range(count)]}


def oddities():
    """What the generated worlds do not hold."""
    world = worlds.organization()
    key = worlds.key
    world["accounts"][1]["users"] += [
        # deleted and made again since the report, with other facts
        {"name": "again", "created": "2019-01-01T00:00:00Z", "deleted_after_report": True,
         "password": {"created": "2019-01-01T00:00:00Z"}, "password_last_used": "2020-01-01T00:00:00Z",
         "mfa": ["arn:aws:iam::111111111111:mfa/old"], "keys": [key(901, "2019-01-01T00:00:00Z")]},
        {"name": "again", "created": "2024-01-01T00:00:00Z", "created_after_report": True,
         "keys": [key(902, "2024-01-02T00:00:00Z", used="2024-01-03T00:00:00Z")]},
        {"name": "young", "created_after_report": True, "groups": ["a,b"], "mfa": ["GAHT99999999"],
         "certificates": [{"id": "YYYCERTIFICATE0000000001", "uploaded": "2024-05-05T05:05:05Z"}],
         "keys": [key(903, "2024-01-02T00:00:00Z"), key(904, "2024-01-02T00:00:00Z", "Inactive")]},
        {"name": "ghost,comma", "deleted_after_report": True},
        {"name": "here,comma", "password": {"created": "2022-01-01T00:00:00Z", "last_changed": "2022-02-02T00:00:00Z"},
         "password_last_used": "2023-01-01T00:00:00Z"},
        {"name": "four-keys-two-seconds", "keys": [key(905 + each, f"202{each // 2}-01-01T00:00:00Z",
                                                       used=f"2024-01-0{each + 1}T00:00:00Z") for each in range(4)]},
        {"name": "only-inactive", "keys": [key(910, "2021-01-01T00:00:00Z", "Inactive", used="2022-01-01T00:00:00Z")]},
        {"name": "one-certificate", "certificates": [{"id": "BBBCERTIFICATE0000000001", "uploaded": "2021-05-05T05:05:05Z"}]},
    ]
    world["accounts"][1]["report_generated"] = "2026-01-30T20:00:00Z"
    return world


class BulkCase(SimCensus):
    def assert_rows(self, document, data, rows, columns="standard"):
        self.assert_bytes(data, csv_bytes(rows, self.start_of(document), columns))
        self.assertEqual(document["rows"], len(rows))

    def rows(self, sim, ids=None, **options):
        return bulk_rows(sim.dump, [each["id"] for each in sim.active()] if ids is None else ids, **options)

    def log(self):
        """What the last run said: the fields of each line."""
        return [json.loads(line) for line in self.runs[-1].err.splitlines() if line.startswith("{")]

    def invoke(self, sim, timeout=60, **event):
        """One event to the program as a Lambda function: (document, bytes of the object)."""
        env = {"AWS_ENDPOINT_URL": sim.url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": CALLER_KEY,
               "AWS_SECRET_ACCESS_KEY": CALLER_SECRET, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{sim.port}"}
        bootstrap = self.home / "bootstrap"
        bootstrap.symlink_to(census.binary())
        event = {"s3_bucket_name": BUCKET, "role_name": ROLE, "columns": "extended", **event}
        with census.Started([], census.environment(self.home, **env), self.work, program=str(bootstrap)) as started:
            answer = json.loads(sim.control("invoke", "POST", json.dumps(event).encode(), timeout=timeout))
            started.terminate()
            self.runs.append(started.finish(10))
        self.assertEqual(answer["statusCode"], 200, answer)
        document = json.loads(answer["body"])
        key = document["output"].removeprefix(f"s3://{BUCKET}/")
        return document, sim.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()


class Agreement(BulkCase):
    """The three strategies on the same world."""

    def assert_agree(self, sim):
        seen = {}
        for strategy in ("bulk", "auto", "per-user"):
            document, data = self.census(sim, strategy=strategy)
            self.assertEqual(document["successful_accounts"], [each["id"] for each in sim.active()])
            self.assertEqual(document["oldest_report_at"] is None, strategy == "per-user")
            seen[strategy] = table(data)
            if strategy == "per-user":
                self.assert_csv(sim, document, data)
            else:
                self.assert_rows(document, data, self.rows(sim))
        # a day may end for somebody between two runs: ages are compared with the oracle's, above
        plain = lambda cells: {name: cells[name] for name in STANDARD if name not in AGES}
        for key, cells in seen["per-user"].items():
            self.assertEqual(plain(seen["bulk"][key]), plain(cells))
            self.assertEqual(plain(seen["auto"][key]), plain(cells))
        self.assertEqual({len(rows) for rows in seen.values()}, {len(seen["bulk"])})
        self.assertEqual(sim.counters()["bad_signatures"], 0)
        return seen

    def test_generated_worlds(self):
        for seed in (3, 17, 42):
            self.assert_agree(self.simulator("--accounts", 14, "--users", 10, "--seed", seed, "--report-ms", 30))

    def test_oddities_by_hand(self):
        seen = self.assert_agree(self.simulator("--report-ms", 10, world=oddities()))
        again = seen["bulk"][worlds.A, "again"]
        self.assertEqual((again["CreationDateTime"], again["ConsoleAccess"], again["MFAEnabled"], again["ConsoleLastSignIn"]),
                         ("2024-01-01T00:00:00Z", "false", "false", ""))
        self.assertNotIn((worlds.A, "ghost,comma"), seen["bulk"])

    def test_a_user_of_each_kind(self):
        self.assert_agree(self.simulator("--report-ms", 10, world=kinds(4)))

    def test_password_age_is_the_one_difference(self):
        """Bulk counts from the last change, per-user from the day that the password was first made."""
        world = kinds(2)
        sim = self.simulator("--report-ms", 10, world=world)
        for strategy, date in (("bulk", "2023-03-03T03:03:03Z"), ("auto", "2023-03-03T03:03:03Z"),
                               ("per-user", "2021-01-01T00:00:00Z")):
            document, data = self.census(sim, strategy=strategy)
            self.assertEqual(table(data)[account_id(1), "all"]["PasswordAge"],
                             str(days(self.start_of(document), moment(date))))

    def test_extended(self):
        for sim in (self.simulator("--accounts", 14, "--users", 10, "--seed", 5, "--report-ms", 30),
                    self.simulator("--report-ms", 10, world=oddities()), self.simulator("--report-ms", 10, world=kinds(2))):
            _, data = self.census(sim, "--columns", "extended")
            per_user = table(data)
            for strategy in ("bulk", "auto"):
                document, data = self.census(sim, "--columns", "extended", strategy=strategy)
                self.assert_rows(document, data, self.rows(sim), "extended")
                for key, cells in table(data).items():
                    for name in ("MFADevices", "InactiveKeys", "AccessKey2ID", "AccessKey2LastUsed", "UserId",
                                 "AccessKeyLastUsedService", "AccessKeyLastUsedRegion", "AccessKeyDescription", "AccountName"):
                        self.assertEqual(cells[name], per_user[key][name], (key, name))

    def test_json_lines(self):
        """Objects, against the cells of the CSV."""
        sim = self.simulator("--report-ms", 10, world=kinds(2))
        _, lines = self.census(sim, "--format", "jsonl", strategy="bulk")
        made = {(each["account_id"], each["user_name"]): each for each in map(json.loads, lines.splitlines())}
        rows = self.rows(sim)
        self.assertEqual(len(made), len(rows))
        stamp = lambda at: at and at.strftime("%Y-%m-%dT%H:%M:%SZ")
        for row in rows:
            seen = made[row.account_id, row.name]
            self.assertEqual(seen["mfa_devices"], sorted(row.mfa))
            self.assertEqual(seen["permissions_boundary"], row.boundary)
            self.assertEqual(seen["attached_policies"], sorted(row.policies))
            self.assertEqual(seen["password_last_changed_at"], None if row.changed is UNKNOWN else stamp(row.changed))
            self.assertEqual("password_last_changed_at" in seen["unknown"], row.changed is UNKNOWN)
            self.assertEqual({key["id"]: key["last_used_at"] for key in seen["access_keys"]},
                             {key.id: stamp(key.used) for key in row.keys})
            if row.held:
                self.assertEqual(seen["data_as_of"], stamp(row.as_of))

    def test_reports_of_several_ages(self):
        """The oldest of those that were used; each row says how old its facts are."""
        world = kinds(3)
        times = ["2026-01-30T22:00:00Z", "2026-01-30T20:15:00Z", "2026-01-30T21:00:00Z"]
        for account, at in zip(world["accounts"], times):
            account["report_generated"] = at
        sim = self.simulator("--report-ms", 10, world=world)
        document, data = self.census(sim, "--columns", "extended", strategy="bulk")
        self.assertEqual(document["oldest_report_at"], times[1])
        cells = table(data)
        for number, at in enumerate(times):
            self.assertEqual(cells[account_id(number), "all"]["DataAsOf"], at)
            self.assertEqual(cells[account_id(number), "young"]["DataAsOf"], document["started_at"])
        sim.stop()
        denied = {"accounts": [account_id(1)], "actions": ["GetCredentialReport"], "fault": "access_denied"}
        sim = self.simulator("--report-ms", 10, world=world, scenario={"rules": [denied]})
        document, _ = self.census(sim, strategy="auto")
        self.assertEqual(document["oldest_report_at"], times[2])


class Denied(BulkCase):
    """One account for each action that its role may not use: what else tells the facts, and what is lost."""

    def denied_world(self):
        actions = BULK_CALLS + PER_USER_ONLY
        world = kinds(len(actions) + 1)
        rules = [{"accounts": [account_id(number + 1)], "actions": [action], "fault": "access_denied"}
                 for number, action in enumerate(actions)]
        return self.simulator("--report-ms", 10, world=world, scenario={"rules": rules}), actions

    def lose(self, action, row, strategy):
        """What is not known of a user without this action."""
        asked = lambda user_keys: [key for key in user_keys if not row.held or row.name == "same-second"
                                   or key.created == moment("2022-01-01T00:00:00Z") and row.name == "three-keys"]
        if action == "ListAccessKeys" and (row.keys or not row.held):
            row.keys = UNKNOWN
        elif action == "ListSigningCertificates" and (row.certs or not row.held or row.name == "three-keys"):
            row.certs = UNKNOWN
        elif action == "ListMFADevices" and not row.held:
            row.mfa = row.devices = UNKNOWN
        elif action == "ListMFADevices" and (row.mfa or row.name == "three-keys"):
            row.devices = UNKNOWN
        elif action == "ListUsers" and (not row.held or strategy == "auto" and row.password is None):
            row.signed_in = UNKNOWN
        elif action == "ListUsers" and row.password is None:
            row.signed_in = None  # the report says N/A for who has no password, and bulk takes its word
        elif action == "ListAccountAliases":
            row.alias = UNKNOWN
        elif action == "GetLoginProfile" and not row.held:
            row.password = row.changed = UNKNOWN
        elif action == "GetAccessKeyLastUsed":
            for key in asked(row.keys):
                key.used = key.service = key.region = UNKNOWN

    def rows_denied(self, sim, actions, strategy):
        rows = bulk_rows(sim.dump, [account_id(0)])
        for number, action in enumerate(actions):
            no_report = action in ("GenerateCredentialReport", "GetCredentialReport")
            no_details = action == "GetAccountAuthorizationDetails"
            if strategy == "bulk" and no_details:
                continue
            made = bulk_rows(sim.dump, [account_id(number + 1)], details=not no_details, report=not no_report)
            for row in made:
                if strategy == "bulk" and no_report:
                    row.password = row.changed = row.signed_in = row.mfa = row.devices = UNKNOWN
                    for key in row.keys:
                        key.used = key.service = key.region = UNKNOWN
                else:
                    self.lose(action, row, strategy)
            rows += made
        return rows

    REPORT_FACTS = ["AccessKeyLastUsed", "ConsoleAccess", "ConsoleLastSignIn", "LastActivity", "MFADevices", "MFAEnabled",
                    "PasswordAge", "PasswordLastChanged"]
    LOST = {"GetAccountAuthorizationDetails": ["AttachedPolicies", "PermissionsBoundary"],
            "GenerateCredentialReport": ["PasswordLastChanged"], "GetCredentialReport": ["PasswordLastChanged"],
            "ListUsers": ["ConsoleLastSignIn"], "ListAccountAliases": ["AccountAlias"],
            "GetLoginProfile": ["ConsoleAccess", "PasswordAge", "PasswordLastChanged"],
            "ListMFADevices": ["MFADevices", "MFAEnabled"],
            "ListAccessKeys": ["AccessKeyID", "AccessKeyLastUsed", "ActiveKeyAge", "LastActivity"],
            "GetAccessKeyLastUsed": ["AccessKeyLastUsed", "LastActivity"], "ListSigningCertificates": ["SigningCerts"]}

    def assert_told(self, document, actions, strategy):
        """Each account's outcome, what it lacks, and the call to blame."""
        partial = {each["account_id"]: each for each in document["partial_accounts"]}
        for number, action in enumerate(actions):
            if action in PER_USER_ONLY or strategy == "bulk" and action == "GetAccountAuthorizationDetails":
                self.assertNotIn(account_id(number + 1), partial)
                continue
            with self.subTest(action=action):
                told = partial[account_id(number + 1)]
                lost = self.REPORT_FACTS if strategy == "bulk" and "Report" in action else self.LOST[action]
                self.assertEqual(sorted(told["unknown"]), lost)
                self.assertEqual({(error["operation"], error["code"]) for error in told["errors"]}, {(action, "AccessDenied")})

    def test_auto(self):
        sim, actions = self.denied_world()
        document, data = self.census(sim, "--columns", "extended", "--log-format", "json", strategy="auto", code=3)
        self.assert_rows(document, data, self.rows_denied(sim, actions, "auto"), "extended")
        self.assert_told(document, actions, "auto")
        self.assertEqual(document["failed_accounts"], [])
        self.assertEqual(document["successful_accounts"], [account_id(0), *(account_id(actions.index(each) + 1)
                                                                            for each in PER_USER_ONLY)])
        # what a report can't tell is said aloud, for it changes what the facts mean
        said = {line["account_id"]: line for line in self.log() if "credential report can't be used" in line["event"]}
        self.assertEqual({key: line["operation"] for key, line in said.items()},
                         {account_id(actions.index(each) + 1): each
                          for each in ("GenerateCredentialReport", "GetCredentialReport")})

    def test_auto_with_the_standard_columns(self):
        """Where another source tells the same, the account is whole."""
        sim, actions = self.denied_world()
        document, _ = self.census(sim, strategy="auto", code=3)
        whole = {"GetAccountAuthorizationDetails", "GenerateCredentialReport", "GetCredentialReport", *PER_USER_ONLY}
        self.assertEqual(document["successful_accounts"],
                         [account_id(number) for number, action in enumerate(["", *actions]) if action in whole | {""}])

    def test_bulk(self):
        sim, actions = self.denied_world()
        document, data = self.census(sim, "--columns", "extended", "--log-format", "json", strategy="bulk", code=3)
        self.assert_rows(document, data, self.rows_denied(sim, actions, "bulk"), "extended")
        failed, = document["failed_accounts"]
        self.assertEqual((failed["account_id"], failed["stage"], failed["code"]),
                         (account_id(actions.index("GetAccountAuthorizationDetails") + 1), "GetAccountAuthorizationDetails",
                          "AccessDenied"))
        self.assert_told(document, actions, "bulk")
        said = {line["operation"] for line in self.log() if "credential report can't be used" in line["event"]}
        self.assertEqual(said, {"GenerateCredentialReport", "GetCredentialReport"})

    def test_only_what_per_user_needs(self):
        """The role of the original requirement has none of the bulk sources."""
        world = kinds(3)
        world["accounts"][1]["role"] = {"allowed_actions": worlds.ORIGINAL_ROLE}
        sim = self.simulator("--report-ms", 10, world=world)
        document, data = self.census(sim, strategy="auto", code=3)
        rows = self.rows(sim, [account_id(0), account_id(2)])
        lost = self.rows(sim, [account_id(1)], details=False, report=False)
        for row in lost:
            row.groups = row.alias = UNKNOWN
        self.assert_rows(document, data, rows + lost)
        partial = self.only_partial(document)
        self.assertEqual((partial["account_id"], sorted(partial["unknown"])), (account_id(1), ["AccountAlias", "Groups"]))
        # one refusal each, and then nobody asks again
        denied = collections.Counter(name for name, each in sim.counters()["actions"].items()
                                     for _ in range(each["outcomes"].get("AccessDenied", 0)))
        self.assertEqual({name: count for name, count in denied.items() if "Groups" not in name},
                         {f"iam:{name}": 1 for name in ("GetAccountAuthorizationDetails", "GenerateCredentialReport",
                                                        "ListAccountAliases")})

    def test_details_that_break_off(self):
        """Half a list of users is none: they are listed again, by the other call."""
        world = {"accounts": [{"id": account_id(0), "alias": "large", "users": [
            {"name": f"user{number:04d}", "created": "2020-01-01T00:00:00Z", "password": {"created": "2021-01-01T00:00:00Z"}}
            for number in range(1500)]}]}
        rule = {"actions": ["GetAccountAuthorizationDetails"], "fault": "error", "code": "InternalFailureForGood", "every": 2,
                "scope": "action"}
        sim = self.simulator("--report-ms", 10, world=world, scenario={"rules": [rule]})
        document, data = self.census(sim, "--log-level", "info", strategy="auto")
        self.assertGreaterEqual(sim.calls("iam:GetAccountAuthorizationDetails"), 2)
        self.assertIn("ListUsers", self.runs[-1].err)
        self.assert_rows(document, data, self.rows(sim))
        document, _ = self.census(sim, strategy="bulk", code=1)
        self.assertEqual(document["failed_accounts"][0]["stage"], "GetAccountAuthorizationDetails")


if __name__ == "__main__":
    unittest.main()
