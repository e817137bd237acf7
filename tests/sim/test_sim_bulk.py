# SPDX-License-Identifier: MIT
"""The bulk sources against the simulator: the same census as per-user, from a fraction of the calls.

Each oddity and each state of the credential report, each source denied, and what it all costs.
"""

import collections
import csv
import io
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
from test_sim_census import ANY_REPORT, BUCKET, SimCensus

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


def first_edition_world():
    """Nothing in it that the contract's second edition changes; every date is fixed."""
    world = oddities()
    world["now"] = "2026-01-31T00:00:00Z"
    return world


def without_ages(data):
    """A CSV in which ages, which grow by the day, are a word."""
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    ages = [rows[0].index(name) for name in AGES]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(rows[0])
    writer.writerows([["age" if place in ages and cell else cell for place, cell in enumerate(row)] for row in rows[1:]])
    return out.getvalue().encode()


class BulkCase(SimCensus):
    def assert_rows(self, document, data, rows, columns="standard"):
        self.assert_bytes(data, csv_bytes(rows, self.start_of(document), columns, seen=data))
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
        event = {"s3_bucket_name": BUCKET, "role_name": ROLE, "columns": "extended", "max_report_age": int(ANY_REPORT), **event}
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
        # a day may end for some user between two runs: ages are compared with the oracle's, above
        plain = lambda cells: {name: cells[name] for name in STANDARD if name not in AGES}
        for key, cells in seen["per-user"].items():
            self.assertEqual(plain(seen["bulk"][key]), plain(cells))
            self.assertEqual(plain(seen["auto"][key]), plain(cells))
        self.assertEqual({len(rows) for rows in seen.values()}, {len(seen["bulk"])})
        self.assertEqual(sim.counters()["bad_signatures"], 0)
        return seen

    def test_generated_worlds(self):
        for seed, forms in ((3, "today"), (17, "mixed"), (42, "older")):
            self.assert_agree(self.simulator("--accounts", 14, "--users", 10, "--seed", seed, "--report-ms", 30,
                                             scenario={"report_forms": forms}))

    def test_oddities_by_hand(self):
        seen = self.assert_agree(self.simulator("--report-ms", 10, world=oddities()))
        again = seen["bulk"][worlds.A, "again"]
        self.assertEqual((again["CreationDateTime"], again["ConsoleAccess"], again["MFAEnabled"], again["ConsoleLastSignIn"]),
                         ("2024-01-01T00:00:00Z", "false", "false", ""))
        self.assertNotIn((worlds.A, "ghost,comma"), seen["bulk"])

    def test_the_bytes_of_the_first_edition(self):
        """What the program of the contract's first edition wrote of a world in which nothing has changed since."""
        sim = self.simulator("--report-ms", 10, world=first_edition_world())
        wanted = (census.ROOT / "tests/vectors/first_edition.csv").read_bytes()
        for strategy in ("bulk", "auto", "per-user"):
            _, data = self.census(sim, strategy=strategy)
            self.assert_bytes(without_ages(data), wanted)
            sim.reset()

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
            self.assertGreaterEqual(cells[account_id(number), "young"]["DataAsOf"], document["started_at"])
        sim.stop()
        denied = {"accounts": [account_id(1)], "actions": ["GetCredentialReport"], "fault": "access_denied"}
        sim = self.simulator("--report-ms", 10, world=world, scenario={"rules": [denied]})
        document, _ = self.census(sim, strategy="auto")
        self.assertEqual(document["oldest_report_at"], times[2])


class Denied(BulkCase):
    """One account for each action that its role may not use: which other source has the facts, and what is lost."""

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
        if action == "ListAccessKeys" and (strategy == "auto" or row.keys or not row.held):
            row.keys = UNKNOWN
        elif action == "ListSigningCertificates" and (row.certs or not row.held or row.name == "three-keys"):
            row.certs = UNKNOWN
        elif action == "ListMFADevices" and not row.held:
            row.mfa = row.devices = UNKNOWN
        elif action == "ListMFADevices" and row.mfa:
            row.devices = UNKNOWN
        elif action == "ListUsers" and (not row.held or row.password is None):
            row.signed_in = UNKNOWN  # the report's N/A says nothing about sign-ins with a password that is gone
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
            "GetLoginProfile": ["ConsoleAccess", "PasswordAge"],
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
        # a warning names what a report can't know, because it changes what the facts mean
        said = {line["account_id"]: line for line in self.log() if "credential report can't be used" in line["event"]}
        self.assertEqual({key: line["operation"] for key, line in said.items()},
                         {account_id(actions.index(each) + 1): each
                          for each in ("GenerateCredentialReport", "GetCredentialReport")})

    def test_auto_with_the_standard_columns(self):
        """If another source has the same facts, the account is complete."""
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
        # one refusal each, and then no further call
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


class States(BulkCase):
    """What GenerateCredentialReport and GetCredentialReport may say."""

    def error(self, action, status, code, **more):
        return {"actions": [action], "fault": "error", "status": status, "code": code, "message": f"{code}, says AWS.", **more}

    def passes(self, *rules, arguments=(), strategies=("bulk", "auto")):
        """Every report is used in the end."""
        for strategy in strategies:
            sim = self.simulator(*(arguments or ("--report-ms", 10)), world=kinds(5), scenario={"rules": list(rules)})
            document, data = self.census(sim, "--columns", "extended", strategy=strategy)
            self.assert_rows(document, data, self.rows(sim), "extended")
            self.assertEqual(document["partial_accounts"], [])
        return sim, document

    def outcomes(self, sim, action):
        return sim.counters()["actions"][f"iam:{action}"]["outcomes"]

    def test_that_take_their_time(self):
        """STARTED, then ReportInProgress until it is there; those that exist are fetched at once."""
        sim, document = self.passes(arguments=("--report-ms", 900))
        seen = self.outcomes(sim, "GetCredentialReport")
        self.assertEqual(seen["ok"], 5)
        self.assertGreater(seen["ReportInProgress"], 0)
        self.assertLess(seen["ReportInProgress"], 5 * 4)
        self.assertEqual(self.outcomes(sim, "GenerateCredentialReport"), {"ok": 5})
        self.assertEqual((document["retries"], document["throttled"]), (0, 0))

    def test_that_somebody_else_asked_for(self):
        """INPROGRESS is as good as STARTED."""
        for strategy in ("bulk", "auto"):
            sim = self.simulator("--report-ms", 700, world=kinds(5))
            for number in range(5):
                sim.inside(account_id(number)).generate_credential_report()
            document, data = self.census(sim, strategy=strategy)
            self.assert_rows(document, data, self.rows(sim))
            self.assertEqual(sim.calls("iam:GenerateCredentialReport"), 10)

    def test_that_are_in_progress_a_few_times(self):
        sim, _ = self.passes(self.error("GetCredentialReport", 404, "ReportInProgress", first=3, scope="account"))
        self.assertEqual(self.outcomes(sim, "GetCredentialReport"), {"ReportInProgress": 15, "ok": 5})
        self.assertEqual(sim.calls("iam:GenerateCredentialReport"), 5)

    def test_that_are_gone_are_asked_for_again(self):
        for status, code in ((404, "ReportNotPresent"), (410, "ReportNotPresent"), (410, "ReportExpired")):
            sim, _ = self.passes(self.error("GetCredentialReport", status, code, first=2, scope="account"), strategies=("bulk",))
            self.assertEqual(self.outcomes(sim, "GetCredentialReport"), {code: 10, "ok": 5})
            self.assertEqual(sim.calls("iam:GenerateCredentialReport"), 5 * 3)

    def test_at_capacity(self):
        sim, document = self.passes({"actions": ["GenerateCredentialReport"], "accounts": [account_id(2)],
                                     "fault": "limit_exceeded", "first": 1, "scope": "account"}, strategies=("auto",))
        self.assertGreaterEqual(document["duration_ms"], 1900)
        self.assertEqual(self.outcomes(sim, "GenerateCredentialReport"), {"LimitExceeded": 1, "ok": 5})

    # what stays so: the rule, and the operation and code by which the program gives it up
    FOR_EVER = [
        ({"actions": ["iam:*CredentialReport"], "fault": "report_stuck"}, "GetCredentialReport", "Timeout"),
        ({"actions": ["GenerateCredentialReport"], "fault": "limit_exceeded"}, "GenerateCredentialReport", "Timeout"),
        ({"actions": ["GetCredentialReport"], "fault": "error", "status": 410, "code": "ReportExpired"},
         "GetCredentialReport", "Timeout"),
        ({"actions": ["GetCredentialReport"], "fault": "error", "status": 404, "code": "ReportNotPresent"},
         "GetCredentialReport", "Timeout"),
        ({"actions": ["GetCredentialReport"], "fault": "error", "status": 404, "code": "ReportInProgress"},
         "GetCredentialReport", "Timeout"),
        ({"actions": ["GetCredentialReport"], "fault": "error", "status": 400, "code": "ValidationError"},
         "GetCredentialReport", "ValidationError"),
        ({"actions": ["GenerateCredentialReport"], "fault": "internal_error"}, "GenerateCredentialReport", "InternalFailure"),
        ({"actions": ["GetCredentialReport"], "fault": "truncated", "max_consecutive": 99}, "GetCredentialReport", None),
        ({"actions": ["GetCredentialReport"], "fault": "foreign"}, "GetCredentialReport", None),
        ({"actions": ["GenerateCredentialReport"], "fault": "foreign"}, "GenerateCredentialReport", None),
    ]

    def for_ever(self, strategy):
        """One account for each, all of them read by one invocation with little time."""
        log = self.home / "calls"
        rules = []
        for number, (rule, _, _) in enumerate(self.FOR_EVER):
            rules.append({"accounts": [account_id(number + 1)],
                          **{key: value for key, value in rule.items() if key != "max_consecutive"}})
        sim = self.simulator("--report-ms", 10, "--deadline-ms", 16000, "--log", log, world=kinds(len(rules) + 1),
                             scenario={"rules": rules})
        self.assertTrue(sim.dump)  # while it can be asked
        document, data = self.invoke(sim, strategy=strategy)
        sim.stop()
        self.assertEqual(document["failed_accounts"], [])
        self.assertTrue(3000 < document["duration_ms"] < 13000, document["duration_ms"])
        self.assertIsNotNone(document["oldest_report_at"])
        said = {line["account_id"]: line for line in self.log() if "credential report can't be used" in line["event"]}
        calls = collections.Counter(call["account"] for call in map(json.loads, log.read_text().splitlines())
                                    if "CredentialReport" in call["action"])
        self.assertEqual(sorted(said), [account_id(number + 1) for number in range(len(rules))])
        for number, (rule, operation, code) in enumerate(self.FOR_EVER):
            with self.subTest(rule=rule):
                line = said[account_id(number + 1)]
                # if two calls take turns, time may run out at either
                self.assertIn(line["operation"], {operation, "GenerateCredentialReport"} if code == "Timeout" else {operation})
                self.assertIn(line["code"], {code} if code else {"MalformedResponse"})
                # waiting must not mean a storm of calls
                self.assertLess(calls[account_id(number + 1)], 25)
        return sim, document, data, said

    def test_for_ever_with_auto(self):
        """All facts of those accounts come from the calls about each user."""
        sim, document, data, said = self.for_ever("auto")
        rows = self.rows(sim, [account_id(0)]) + self.rows(sim, list(said), report=False)
        self.assert_rows(document, data, rows, "extended")
        self.assertTrue(all("one by one" in line["event"] for line in said.values()))
        self.assertEqual([(each["account_id"], each["unknown"]) for each in document["partial_accounts"]],
                         [(key, ["PasswordLastChanged"]) for key in sorted(said)])

    def test_for_ever_with_bulk(self):
        """What only the report knows is unknown, and the reason is reported."""
        sim, document, data, said = self.for_ever("bulk")
        rows = self.rows(sim, [account_id(0)])
        lost = self.rows(sim, list(said), report=False)
        for row in lost:
            row.password = row.changed = row.signed_in = row.mfa = row.devices = UNKNOWN
            for key in row.keys:
                key.used = key.service = key.region = UNKNOWN
        self.assert_rows(document, data, rows + lost, "extended")
        told = {each["account_id"]: each["errors"] for each in document["partial_accounts"]}
        self.assertEqual({key: [(error["operation"], error["code"], error["count"]) for error in errors]
                          for key, errors in told.items()},
                         {key: [(line["operation"], line["code"], 1)] for key, line in said.items()})

    def test_a_report_of_thousands(self):
        """One line a user: no call but those about the account, and those about keys."""
        users = [{"name": f"user{number:04d}", "created": "2020-01-01T00:00:00Z",
                  "password": {"created": "2021-01-01T00:00:00Z", "last_changed": "2022-01-01T00:00:00Z"}}
                 for number in range(5000)]
        sim = self.simulator("--report-ms", 10, world={"accounts": [{"id": account_id(0), "users": users}]})
        document, data = self.census(sim, strategy="bulk")
        self.assert_rows(document, data, self.rows(sim))
        self.assertLess(document["api_calls"], 20)


class Cost(BulkCase):
    """Which calls are made, in which order, and how often."""

    def logged(self, *arguments, strategy="bulk", options=(), **documents):
        """A census of a simulator that logs: (simulator, document, calls in the order of their answers)."""
        log = self.home / f"calls{len(self.runs)}"
        sim = self.simulator("--log", log, *arguments, **documents)
        self.assertTrue(sim.dump)  # while it can be asked
        document, data = self.census(sim, *options, strategy=strategy)
        sim.stop()  # the log is whole at the end
        return sim, document, data, [json.loads(line) for line in log.read_text().splitlines()]

    def wanted_calls(self, sim, extended, strategy):
        """The calls about users that are needed, as (action, account, user)."""
        made = collections.Counter()
        for account in sim.active():
            for user in listed(account):
                held, keys, certificates = held_by_report(account, user), user["keys"], user["certificates"]
                more = len(keys) > 2 or len(certificates) > 2
                call = lambda action, count=1: made.update({(action, account["id"], user["name"]): count})
                if strategy == "auto" or keys or more or not held:
                    call("ListAccessKeys")
                if certificates or more or not held:
                    call("ListSigningCertificates")
                if not held or extended and user["mfa"]:
                    call("ListMFADevices")
                if not held:
                    call("GetLoginProfile")
                created = collections.Counter(key["created"] for key in keys)
                told = {key["created"] for key in keys[:2]} if held else set()
                unclear = sum(created[key["created"]] > 1 or key["created"] not in told for key in keys)
                if unclear:
                    call("GetAccessKeyLastUsed", unclear)
        return made

    def assert_calls(self, sim, document, calls, strategy, extended=False):
        about_users = collections.Counter((call["action"], call["account"], call["user"]) for call in calls if call["user"])
        self.assertEqual(about_users, self.wanted_calls(sim, extended, strategy))
        about_accounts = collections.Counter(call["action"] for call in calls if not call["user"])
        count = len(sim.active())
        pages = sum(max(1, -(-len(listed(account)) // 1000)) for account in sim.active())
        for action, wanted in (("AssumeRole", count), ("ListAccountAliases", count), ("GenerateCredentialReport", count),
                               ("GetAccountAuthorizationDetails", pages)):
            self.assertEqual(about_accounts[action], wanted, action)
        self.assertEqual(document["api_calls"], len(calls))
        self.assertEqual(document["retries"], 0)

    def test_just_what_is_needed(self):
        """No call for users who have nothing to ask for, and one for each that has."""
        for options, extended in (((), False), (("--columns", "extended"), True)):
            for given in ({"world": kinds(3)}, {"world": oddities()}, {"arguments": ("--accounts", 12, "--users", 10, "--seed", 8)}):
                for strategy in ("bulk", "auto"):
                    sim, document, _, calls = self.logged("--report-ms", 10, *given.get("arguments", ()), strategy=strategy,
                                                          options=options, world=given.get("world"))
                    self.assert_calls(sim, document, calls, strategy, extended)

    def test_sign_ins_are_listed_only_where_the_report_does_not_know(self):
        world = worlds.plain(3, 5)
        del world["accounts"][1]["users"][0]["password"]
        world["accounts"][2]["users"][0]["created_after_report"] = True
        for strategy in ("bulk", "auto"):
            _, _, _, calls = self.logged("--report-ms", 10, strategy=strategy, world=world)
            self.assertEqual(sorted(call["account"] for call in calls if call["action"] == "ListUsers"),
                             ["100000000002", "100000000003"])

    def test_all_reports_are_asked_for_first(self):
        """Then they are made while others are read. Only what is under way may still be so."""
        for connections in (3, 16):
            _, _, _, calls = self.logged("--accounts", 80, "--users", 3, "--all-active", "--report-ms", 200, "--latency-ms", 3,
                                         options=("--max-connections", connections))
            order = [call["action"] for call in calls]
            self.assertEqual(order.count("GenerateCredentialReport"), 80)
            for action in ("GetCredentialReport", "GetAccountAuthorizationDetails", "ListAccessKeys"):
                self.assertLessEqual(order[order.index(action):].count("GenerateCredentialReport"), connections, action)

    def test_a_throttled_account_does_not_hold_back_the_others(self):
        slow = account_id(3)
        world = worlds.plain(12, 40, first=int(account_id(0)))
        rules = [{"accounts": [slow], "actions": ["iam:*"], "rate": 12, "burst": 2}, {"latency_ms": {"median": 5, "p99": 20}}]
        sim, document, data, calls = self.logged("--report-ms", 10, world=world, scenario={"rules": rules})
        self.assert_rows(document, data, self.rows(sim))
        begin, end = calls[0]["time_us"], calls[-1]["time_us"]
        others = max(call["time_us"] for call in calls if call["account"] != slow)
        self.assertEqual({call["account"] for call in calls if call["time_us"] > others}, {slow})
        # 40 keys and 40 certificates, side by side: more than three seconds
        self.assertGreater(end - begin, 3000000)
        self.assertLess(others - begin, (end - begin) / 2)
        refused = sum(call["outcome"] == "Throttling" for call in calls)
        self.assertEqual(document["throttled"], refused)
        self.assertEqual({call["account"] for call in calls if call["outcome"] == "Throttling"} - {slow}, set())

    def test_all_faults_that_pass_together(self):
        """The cells are those of a run without a single fault, and no fact is read from elsewhere."""
        rules = [{"latency_ms": {"median": 2, "p99": 40}},
                 {"fault": "throttle", "probability": 0.06, "actions": ["iam:*", "sts:*"]},
                 {"fault": "internal_error", "probability": 0.05}, {"fault": "unavailable", "probability": 0.05},
                 {"fault": "reset_before", "probability": 0.05}, {"fault": "reset_inside", "probability": 0.05},
                 # a refusal that is cut is not made again, so not for calls that may be refused
                 {"fault": "truncated", "probability": 0.05, "actions": ["iam:List*", "GetAccountAuthorizationDetails"]},
                 {"fault": "foreign", "probability": 0.05, "actions": ["iam:List*", "GetAccountAuthorizationDetails"]},
                 {"fault": "drip", "probability": 0.02, "bytes_per_s": 8000},
                 {"fault": "expired_token", "probability": 0.02, "actions": ["iam:*"]},
                 {"fault": "limit_exceeded", "probability": 0.2, "actions": ["GenerateCredentialReport"]},
                 {"actions": ["iam:*"], "rate": 80, "burst": 20}]
        arguments = ("--accounts", 16, "--users", 8, "--seed", 8, "--report-ms", 100)
        sim, document, data, _ = self.logged(*arguments, options=("--columns", "extended"))
        self.assert_rows(document, data, self.rows(sim), "extended")
        for seed in (1, 2):
            sim, document, data, calls = self.logged(*arguments, options=("--columns", "extended"),
                                                     scenario={"rules": rules, "max_consecutive": 3, "seed": seed})
            self.assert_rows(document, data, self.rows(sim), "extended")
            self.assertEqual(document["successful_accounts"], [account["id"] for account in sim.active()])
            self.assertGreater(document["retries"], 30)
            self.assertEqual(document["throttled"], sum(call["outcome"] == "Throttling" for call in calls))
            self.assertNotIn("GetAccountAuthorizationDetails", {call["action"] for call in calls if call["outcome"] == "AccessDenied"})


class Scale(BulkCase):
    """Thousands of accounts."""

    USERS = 20

    def read(self, accounts, *arguments, **scenario):
        sim = self.simulator("--accounts", accounts, "--users-exact", self.USERS, "--all-active", "--keys-percent", 40,
                             "--report-ms", 200, *arguments, **scenario)
        env = {"AWS_ENDPOINT_URL": sim.url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": CALLER_KEY,
               "AWS_SECRET_ACCESS_KEY": CALLER_SECRET, "ROLE_NAME": ROLE, "MAX_REPORT_AGE": ANY_REPORT}
        command = ["collect", "--strategy", "bulk", "--max-connections", "64", "--output", "out.csv", "--json"]
        most = 0
        with census.Started(command, census.environment(self.home, **env), self.work) as started:
            while started.process.poll() is None:
                most = high_water_kib(started.process.pid) or most
                time.sleep(0.01)
            run = started.finish(100)
        self.runs.append(run)
        self.assert_code(run, 0)
        return sim, self.document(run), (self.work / "out.csv").read_bytes(), most

    def test_rows_in_order_and_flat_memory(self):
        rules = [{"latency_ms": {"median": 2, "p99": 50}}]
        _, _, _, few = self.read(200, scenario={"rules": rules})
        sim, document, data, many = self.read(2000, scenario={"rules": rules})
        self.assertEqual(len(document["successful_accounts"]), 2000)
        self.assert_rows(document, data, self.rows(sim))
        keys = list(table(data))
        self.assertEqual(len(keys), 2000 * self.USERS)
        self.assertEqual([account for account, _ in keys], sorted(account for account, _ in keys))
        if not sanitized():
            self.assertTrue(0 < few < 64 * 1024 and many < 64 * 1024, (few, many))
            # ten times the users; what is more is that of the 1,024 accounts that may be open at once
            self.assertLess(many, few + 16 * 1024)


class DryRun(BulkCase):
    """How many calls it would be, said before a user is read."""

    def shaped(self, accounts, users):
        """The shares that the estimate assumes: 60 % with a key, 2 % with a certificate, half with MFA."""
        world = worlds.plain(accounts, users, first=int(account_id(0)))
        for account in world["accounts"]:
            for number, user in enumerate(account["users"]):
                if number % 10 >= 6:
                    user["keys"] = []
                if number % 50 != 0:
                    user["certificates"] = []
                if number % 2:
                    user["mfa"] = []
                if number % 3 == 0:
                    del user["password"]
        return world

    def estimate(self, sim, *arguments, strategy):
        before = self.files()
        run = self.run_on(sim, "--dry-run", "--json", *arguments, strategy=strategy)
        self.assertEqual(self.files(), before)
        return json.loads(run.out)

    def test_close_to_what_a_run_needs(self):
        for accounts, users in ((12, 10), (8, 100), (2, 1000)):
            sim = self.simulator("--report-ms", 1, world=self.shaped(accounts, users))
            for strategy, columns in (("bulk", "standard"), ("auto", "extended"), ("per-user", "standard")):
                sim.reset()
                made = self.estimate(sim, "--columns", columns, strategy=strategy)
                counted = set(sim.counters()["actions"])
                self.assertEqual({name.partition(":")[0] for name in counted}, {"organizations"}, counted)
                self.assertEqual((made["accounts"], made["strategy"], made["connections"]), (accounts, strategy, 64))
                told = {each["users_per_account"]: each["api_calls"] for each in made["estimates"]}
                sim.reset()
                self.census(sim, "--columns", columns, strategy=strategy)
                calls = sum(each["calls"] for name, each in sim.counters()["actions"].items() if "organizations" not in name)
                self.assertAlmostEqual(told[users], calls, delta=calls / 10, msg=(strategy, columns, users))

    def test_time_follows_from_calls_and_connections(self):
        sim = self.simulator(world=self.shaped(3, 2))
        for connections in (1, 16, 256):
            made = self.estimate(sim, "--max-connections", connections, strategy="bulk")
            self.assertEqual(made["connections"], connections)
            for each in made["estimates"]:
                self.assertEqual(each["duration_ms"], each["api_calls"] * 50 // connections)

    def test_text(self):
        """For people: the same figures in a table."""
        sim = self.simulator(world=self.shaped(3, 2))
        for strategy in ("bulk", "auto", "per-user"):
            made = self.estimate(sim, strategy=strategy)
            run = self.run_on(sim, "--dry-run", strategy=strategy)
            text = run.out.decode()
            self.assertTrue(text.startswith(f"dry run: 3 accounts, strategy {strategy}, 64 connections; no role was assumed, no user was read\n"), text)
            rows = [tuple(map(int, found)) for found in re.findall(r"^ +(\d+) +(\d+) +(?:< )?[\d.]+ (?:s|min)$", text, re.MULTILINE)]
            self.assertEqual(rows, [(each["users_per_account"], each["api_calls"]) for each in made["estimates"]])
            self.assertIn("60 % of the users with access keys", text)
            self.assertEqual(run.err, "")

    def test_only_the_accounts_that_would_be_read(self):
        sim = self.simulator(world=kinds(6))
        ids = ",".join(account_id(number) for number in (1, 2, 4))
        made = self.estimate(sim, "--accounts", ids, "--exclude", account_id(2), strategy="bulk")
        self.assertEqual(made["accounts"], 2)
        self.assertEqual(sim.counters()["actions"], {})


def high_water_kib(pid):
    """The most memory that it ever had, 0 if it is gone."""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) if found else 0


def sanitized():
    """Whether the program was built with a sanitizer, which keeps what is freed."""
    return b"__asan_init" in pathlib.Path(census.binary()).read_bytes()


if __name__ == "__main__":
    unittest.main()
