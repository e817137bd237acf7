# SPDX-License-Identifier: MIT
"""The census of the program against the simulator, well and with each fault: outcome and every cell."""

import itertools
import json
import pathlib
import re
import unittest

import census
import expected
import worlds
from account_facts import arn_of, listed
from cases import Case
from expected import UNKNOWN, KeyFact, Row, moment
from simulator import CALLER_KEY, CALLER_SECRET, REGION, ROLE, Simulator

# almost all that these tests do is wait: they are run several at once
PARALLEL = 5
ATTEMPTS = 6
BUCKET = "census-bucket"
ANY_REPORT = "52560000"  # minutes: the worlds' reports are of fixed days
MIB = 1024 * 1024
FACT_OF = {"ListUserTags": "Tags", "ListGroupsForUser": "Groups", "ListMFADevices": "MFAEnabled",
           "ListSigningCertificates": "SigningCerts"}
PER_USER_CALLS = ["ListUsers", "ListUserTags", "ListGroupsForUser", "GetLoginProfile", "ListMFADevices", "ListAccessKeys",
                  "GetAccessKeyLastUsed", "ListSigningCertificates", "ListAccountAliases"]


def rows_of(world, account_ids, named=True, unknown=None, bulk=False):
    """The oracle's rows of a dumped world. unknown(account, user): names of Row's facts that are not known;
    bulk: a password counts from its last change, which only the credential report has."""
    rows = []
    for account in world["accounts"]:
        if account["id"] not in account_ids:
            continue
        for user in listed(account):
            row = Row(account["id"], user["name"], user["id"], arn_of(account, user, world["partition"]), user["path"],
                      user["created"])
            row.alias = account["alias"]
            row.account_name = account["name"] if named else UNKNOWN
            row.tags = [(tag["key"], tag["value"]) for tag in user["tags"]]
            row.groups = list(user["groups"])
            row.mfa = [device["serial"] for device in user["mfa"]]
            told = "last_changed" if bulk and not user["created_after_report"] else "created"
            row.password = moment(user["password"] and user["password"][told])
            row.signed_in = moment(user["password_last_used"])
            row.certs = [(each["id"], each["status"], moment(each["uploaded"])) for each in user["certificates"]]
            row.keys = [KeyFact(key["id"], key["status"], key["created"], key["last_used"],
                                *((key["last_used_service"], key["last_used_region"]) if key["last_used"] else (None, None)))
                        for key in user["keys"]]
            for fact in unknown(account, user) if unknown else ():
                setattr(row, fact, UNKNOWN)
            rows.append(row)
    return rows


class SimCensus(Case):
    """A census of one simulator. Strategy per-user unless a test asks for another."""

    def simulator(self, *arguments, **documents):
        sim = Simulator(*arguments, **documents).start()
        self.addCleanup(sim.stop)
        return sim

    def run_on(self, sim, *arguments, code=0, strategy="per-user", **options):
        env = {"AWS_ENDPOINT_URL": sim.url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": CALLER_KEY,
               "AWS_SECRET_ACCESS_KEY": CALLER_SECRET, "ROLE_NAME": ROLE, "MAX_REPORT_AGE": ANY_REPORT}
        run = self.collect("--strategy", strategy, *arguments, env={**env, **options.pop("env", {})}, **options)
        self.assert_code(run, code)
        return run

    def census(self, sim, *arguments, code=0, **options):
        """Collects the organization into out.csv: (document, bytes)."""
        target = self.work / "out.csv"
        target.unlink(missing_ok=True)
        run = self.run_on(sim, "--output", target, "--json", *arguments, code=code, **options)
        return self.document(run), target.read_bytes() if target.exists() else None

    def secrets_now(self):
        return {CALLER_SECRET}

    def assert_csv(self, sim, document, data, account_ids=None, columns="standard", **options):
        ids = [account["id"] for account in sim.active()] if account_ids is None else account_ids
        rows = rows_of(sim.dump, ids, **options)
        self.assert_bytes(data, expected.csv_bytes(rows, self.start_of(document), columns, seen=data))
        self.assertEqual(document["rows"], len(rows))

    def assert_whole(self, sim, document, data):
        """Everything was read, and nothing of what went wrong shows."""
        self.assert_csv(sim, document, data)
        self.assertEqual(document["successful_accounts"], [account["id"] for account in sim.active()])

    def only_partial(self, document):
        self.assertEqual(document["failed_accounts"], [])
        partial, = document["partial_accounts"]
        return partial

    def only_failed(self, document):
        self.assertEqual(document["partial_accounts"], [])
        failed, = document["failed_accounts"]
        self.assertTrue(failed["message"])
        return failed


class Well(SimCensus):
    def test_a_computed_organization(self):
        sim = self.simulator("--accounts", 40, "--users", 12, "--seed", 5)
        self.assertLess(len(sim.active()), 40)
        for columns in ("standard", "extended"):
            document, data = self.census(sim, "--columns", columns)
            self.assert_csv(sim, document, data, columns=columns)
            self.assertEqual((document["retries"], document["throttled"]), (0, 0))
            self.assertEqual(document["successful_accounts"], [account["id"] for account in sim.active()])
        self.assertEqual(sim.counters()["bad_signatures"], 0)

    def test_json_lines(self):
        sim = self.simulator("--accounts", 15, "--users", 8, "--seed", 6)
        document, data = self.census(sim, "--format", "jsonl")
        rows = rows_of(sim.dump, [account["id"] for account in sim.active()])
        self.assert_bytes(data, expected.jsonl_bytes(rows, self.start_of(document), seen=data))

    def test_a_world_file_with_users_of_every_kind(self):
        sim = self.simulator(world=worlds.organization())
        document, data = self.census(sim, "--columns", "extended")
        self.assert_csv(sim, document, data, columns="extended")

    def test_units(self):
        sim = self.simulator("--accounts", 60, "--users", 2, "--seed", 9)
        unit = next(each["id"] for each in sim.dump["organizational_units"]
                    if any(account["parent"] == each["id"] for account in sim.active()))
        below = {unit}
        for each in sim.dump["organizational_units"]:
            if each["parent"] in below:
                below.add(each["id"])
        document, data = self.census(sim, "--ou", unit)
        self.assert_csv(sim, document, data, [account["id"] for account in sim.active() if account["parent"] in below])

    def test_into_s3(self):
        sim = self.simulator("--accounts", 10, "--users", 10, "--seed", 3)
        run = self.run_on(sim, "--s3-bucket", BUCKET, "--s3-prefix", "a b/ü+", "--json")
        document = self.document(run)
        key, beside = [each["Key"] for each in sim.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]]
        self.assertEqual(beside, f"{key.removesuffix('.csv')}.result.json")
        self.assertTrue(key.startswith(f"a b/ü+IAM_USER_TAGS_{sim.dump['organization_id']}_combined_"), key)
        self.assertEqual(document["output"], f"s3://{BUCKET}/{key}")
        self.assert_csv(sim, document, sim.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read())
        self.assert_nothing_left()

    def test_in_parts_into_s3(self):
        sim = self.simulator(world=large_world())
        document = self.document(self.run_on(sim, "--s3-bucket", BUCKET, "--json"))
        got = sim.client("s3").get_object(Bucket=BUCKET, Key=document["output"].removeprefix(f"s3://{BUCKET}/"))
        self.assertRegex(got["ETag"], r'-[2-9]"$')
        self.assert_csv(sim, document, got["Body"].read())

    def test_the_same_bytes_at_any_concurrency(self):
        sim = self.simulator("--accounts", 20, "--users", 10, "--seed", 5)
        _, few = self.census(sim, "--max-connections", "2")
        _, many = self.census(sim, "--max-connections", "128")
        self.assertEqual(few, many)


class Accounts(SimCensus):
    """What a role may not do, and accounts that cannot be read."""

    def test_the_original_role(self):
        world = worlds.organization()
        world["accounts"][1]["role"] = {"allowed_actions": worlds.ORIGINAL_ROLE}
        sim = self.simulator(world=world)
        document, data = self.census(sim, code=3)
        lost = lambda account, user: ("groups", "alias") if account["id"] == worlds.A else ()
        self.assert_csv(sim, document, data, unknown=lost)
        partial = self.only_partial(document)
        self.assertEqual((partial["account_id"], sorted(partial["unknown"])), (worlds.A, ["AccountAlias", "Groups"]))
        errors = {error["operation"]: error for error in partial["errors"]}
        self.assertEqual(sorted(errors), ["ListAccountAliases", "ListGroupsForUser"])
        self.assertEqual({error["code"] for error in errors.values()}, {"AccessDenied"})
        self.assertRegex(errors["ListAccountAliases"]["message"], "not authorized to perform: iam:ListAccountAliases")

    def test_each_action_that_is_denied(self):
        facts = {"ListUserTags": "tags", "ListGroupsForUser": "groups", "GetLoginProfile": "password", "ListMFADevices": "mfa",
                 "ListAccessKeys": "keys", "ListSigningCertificates": "certs", "ListAccountAliases": "alias"}
        world = worlds.plain(len(facts), 3)
        lost = {account["id"]: (action, fact) for account, (action, fact) in zip(world["accounts"], facts.items())}
        for account in world["accounts"]:
            denied = lost[account["id"]][0]
            account["role"] = {"allowed_actions": [f"iam:{call}" for call in PER_USER_CALLS if call != denied]}
        sim = self.simulator(world=world)
        document, data = self.census(sim, code=3)
        self.assert_csv(sim, document, data, unknown=lambda account, user: [lost[account["id"]][1]])
        self.assertEqual({each["account_id"]: [error["operation"] for error in each["errors"]]
                          for each in document["partial_accounts"]}, {key: [value[0]] for key, value in lost.items()})

    def test_users_that_may_not_be_listed(self):
        world = worlds.organization()
        world["accounts"][1]["role"] = {"allowed_actions": ["iam:ListUserTags"]}
        sim = self.simulator(world=world)
        document, data = self.census(sim, code=3)
        failed = self.only_failed(document)
        self.assertEqual((failed["account_id"], failed["stage"], failed["code"]), (worlds.A, "ListUsers", "AccessDenied"))
        self.assert_csv(sim, document, data, [worlds.B, worlds.D])

    def test_a_suspended_account_is_read_where_it_is_asked_for_and_fails(self):
        sim = self.simulator(world=worlds.organization())
        document, data = self.census(sim, "--accounts", f"{worlds.C},{worlds.B}", code=3)
        failed = self.only_failed(document)
        self.assertEqual((failed["account_id"], failed["stage"], failed["code"]), (worlds.C, "AssumeRole", "AccessDenied"))
        self.assert_csv(sim, document, data, [worlds.B])

    def test_roles_that_are_not_there(self):
        world = worlds.organization()
        world["accounts"][1]["role"] = {"name": "Another"}
        world["accounts"][3]["role"] = {"external_id": "demanded"}
        sim = self.simulator(world=world)
        document, data = self.census(sim, code=3)
        self.assertEqual([(each["account_id"], each["stage"], each["code"]) for each in document["failed_accounts"]],
                         [(id, "AssumeRole", "AccessDenied") for id in (worlds.A, worlds.D)])
        self.assert_csv(sim, document, data, [worlds.B])

    def test_no_account_at_all(self):
        rule = {"actions": ["AssumeRole"], "fault": "access_denied"}
        sim = self.simulator(world=worlds.plain(3, 2), scenario={"rules": [rule]})
        run = self.run_on(sim, "--accounts", "100000000002,100000000003", "--output", "out.csv", code=1)
        self.assert_says(run, "AccessDenied", "100000000003")
        self.assert_nothing_left()

    def test_the_organization_may_not_be_listed(self):
        sim = self.simulator(world=worlds.plain(3, 2), scenario={"rules": [
            {"actions": ["organizations:*"], "fault": "access_denied"}]})
        run = self.collect("--output", "out.csv", env=self.environment_of(sim))
        self.assertIn(run.code, (1, 2), str(run))
        self.assert_says(run, "AccessDenied")
        self.assert_nothing_left()
        document, data = self.census(sim, "--accounts", "100000000001")
        self.assert_csv(sim, document, data, ["100000000001"], named=False)

    def environment_of(self, sim):
        return {"AWS_ENDPOINT_URL": sim.url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": CALLER_KEY,
                "AWS_SECRET_ACCESS_KEY": CALLER_SECRET, "ROLE_NAME": ROLE}


class Passing(SimCensus):
    """Faults that pass when a call is made again: nothing of them may show."""

    def assert_passes(self, *rules, arguments=(), world=None, retried=True, options=(), **scenario):
        sim = self.simulator(*arguments, world=world or worlds.plain(4, 5), scenario={"rules": list(rules), **scenario})
        document, data = self.census(sim, *options)
        self.assert_whole(sim, document, data)
        if retried:
            self.assertGreater(document["retries"], 0)
        return sim, document

    def outcomes(self, sim):
        """How many calls ended how."""
        made = {}
        for action in sim.counters()["actions"].values():
            for outcome, count in action["outcomes"].items():
                made[outcome] = made.get(outcome, 0) + count
        return made

    def test_throttled_twice(self):
        """An account and action each; what the program counts is what the simulator counted."""
        sim, document = self.assert_passes({"actions": ["iam:*"], "fault": "throttle", "first": 2, "scope": "action"})
        self.assertEqual(document["throttled"], self.outcomes(sim)["Throttling"])
        self.assertEqual(document["throttled"], 4 * len(PER_USER_CALLS) * 2)

    def test_throttled_by_chance(self):
        sim, document = self.assert_passes({"actions": ["iam:*", "sts:*"], "fault": "throttle", "probability": 0.1})
        self.assertEqual(document["throttled"], self.outcomes(sim)["Throttling"])

    def test_other_words_for_throttling(self):
        for code in ("RequestLimitExceeded", "TooManyRequestsException"):
            self.assert_passes({"actions": ["ListUserTags"], "fault": "throttle", "first": 1, "scope": "action",
                                "status": 400, "code": code})

    def test_a_rate_for_each_account_and_action(self):
        """Token buckets, of 30 a second and 5 at once: 20 users in an account want 20 of each call."""
        sim, document = self.assert_passes(arguments=("--rate", 30, "--burst", 5), world=worlds.plain(2, 20))
        self.assertEqual(document["throttled"], self.outcomes(sim)["Throttling"])

    def test_a_rate_of_one_account(self):
        rule = {"accounts": ["100000000001"], "actions": ["iam:*"], "rate": 20, "burst": 3}
        sim, document = self.assert_passes(rule, world=worlds.plain(3, 10))
        self.assertGreater(document["throttled"], 0)

    def refused_share(self, sim, action):
        outcomes = sim.counters()["actions"][f"iam:{action}"]["outcomes"]
        return outcomes.get("Throttling", 0) / sum(outcomes.values())

    def test_throttled_at_random_far_below_any_limit(self):
        """Slower would be refused as much, so it must not become slow: it is through within the minute that a run may
        take here, and in fact within a second or two of what back-off needs."""
        rule = {"actions": ["ListAccessKeys"], "fault": "throttle", "probability": 0.1}
        sim, document = self.assert_passes(rule, world=worlds.plain(1, 300))
        self.assertEqual(document["throttled"], self.outcomes(sim)["Throttling"])
        self.assertGreater(self.refused_share(sim, "ListAccessKeys"), 0.03)

    def test_a_limit_is_found(self):
        """Of the calls that a bucket is too small for, few are made: most are served at their first attempt."""
        rule = {"actions": ["iam:*"], "rate": 40, "burst": 10}
        sim, document = self.assert_passes(rule, world=worlds.plain(1, 400))
        self.assertEqual(document["throttled"], self.outcomes(sim)["Throttling"])
        self.assertLess(self.refused_share(sim, "ListUserTags"), 0.25)

    def test_organizations_throttled(self):
        self.assert_passes({"actions": ["organizations:*"], "fault": "throttle", "first": 1, "scope": "action"})

    def test_sts_throttled(self):
        self.assert_passes({"actions": ["AssumeRole"], "fault": "throttle", "first": 1})

    def test_server_errors(self):
        for fault in ("internal_error", "unavailable"):
            sim, document = self.assert_passes({"fault": fault, "probability": 0.2}, max_consecutive=3)
            self.assertEqual(document["throttled"], 0)

    def test_any_5xx(self):
        self.assert_passes({"actions": ["iam:*"], "fault": "error", "status": 504, "code": "GatewayTimeout", "every": 4})

    def test_retry_after(self):
        sim, document = self.assert_passes({"actions": ["ListMFADevices"], "users": ["user001"], "fault": "unavailable",
                                            "first": 1, "retry_after_s": 2})
        self.assertGreaterEqual(document["duration_ms"], 2000)

    def test_connections_reset_before_an_answer(self):
        sim, _ = self.assert_passes({"fault": "reset_before", "probability": 0.15}, max_consecutive=3, retried=False)
        self.assertGreater(self.outcomes(sim)["fault:reset_before"], 10)

    def test_connections_reset_inside_an_answer(self):
        sim, document = self.assert_passes({"fault": "reset_inside", "probability": 0.2}, max_consecutive=3)
        self.assertGreater(self.outcomes(sim)["fault:reset_inside"], 10)

    def test_answers_cut_or_foreign_now_and_then(self):
        for fault in ("truncated", "foreign"):
            self.assert_passes({"actions": ["iam:*"], "fault": fault, "every": 4, "scope": "action"}, max_consecutive=2)

    def test_latency_with_a_tail(self):
        sim, document = self.assert_passes({"latency_ms": {"median": 20, "p99": 400}}, retried=False)
        self.assertGreater(document["duration_ms"], 100)

    def test_a_late_answer_is_asked_for_again(self):
        rule = {"actions": ["ListUserTags"], "users": ["user002"], "latency_ms": 60000, "accounts": ["100000000001"]}
        sim = self.simulator(world=worlds.plain(2, 4), scenario={"rules": [rule]})
        document, data = self.census(sim, "--read-timeout", "1", code=3)
        self.assert_csv(sim, document, data, unknown=lambda account, user: (
            ["tags"] if (account["id"], user["name"]) == ("100000000001", "user002") else []))
        error, = self.only_partial(document)["errors"]
        self.assertEqual((error["operation"], error["code"], error["count"]), ("ListUserTags", "Timeout", 1))

    def test_a_slow_drip(self):
        rule = {"actions": ["ListUsers", "ListUserTags"], "fault": "drip", "bytes_per_s": 1500}
        sim, document = self.assert_passes(rule, world=worlds.plain(2, 5), retried=False)
        self.assertGreaterEqual(document["duration_ms"], 500)

    def test_a_session_that_expires(self):
        rule = {"actions": ["ListUserTags"], "users": ["user003"], "fault": "expired_token", "first": 1}
        sim, document = self.assert_passes(rule)
        self.assertTrue(4 < sim.calls("sts:AssumeRole") <= 4 + 3 * 4, sim.calls("sts:AssumeRole"))

    def test_sessions_of_three_seconds(self):
        sim, document = self.assert_passes({"actions": ["iam:*"], "latency_ms": 150}, session_s=3, world=worlds.plain(1, 20),
                                           retried=False, options=("--max-connections", "4"))
        self.assertGreater(document["duration_ms"], 3000)
        self.assertGreater(sim.calls("sts:AssumeRole"), 1)

    def test_a_clock_that_is_wrong(self):
        for seconds in (-7200, 3600):
            sim, _ = self.assert_passes(world=worlds.plain(12, 5), clock_skew_s=seconds, retried=False)
            self.assertGreater(sum(count for name, count in self.outcomes(sim).items() if "Signature" in name), 0)

    def test_a_clock_that_is_wrong_for_accounts_that_are_listed(self):
        """All roles at once, before any answer has shown AWS's time."""
        world = worlds.plain(12, 2)
        sim = self.simulator(world=world, scenario={"clock_skew_s": 3600})
        ids = [account["id"] for account in world["accounts"]]
        document, data = self.census(sim, "--accounts", ",".join(ids))
        self.assert_csv(sim, document, data, named=False)

    def test_users_that_vanish(self):
        rule = {"fault": "vanish", "users": ["user001", "user004"], "accounts": ["100000000002"],
                "actions": ["ListUserTags", "ListGroupsForUser", "GetLoginProfile", "ListMFADevices", "ListAccessKeys",
                            "ListSigningCertificates"]}
        sim = self.simulator(world=worlds.plain(3, 6), scenario={"rules": [rule]})
        document, data = self.census(sim)
        rows = [row for row in rows_of(sim.dump, [account["id"] for account in sim.active()])
                if (row.account_id, row.name) not in {("100000000002", "user001"), ("100000000002", "user004")}]
        self.assert_bytes(data, expected.csv_bytes(rows, self.start_of(document)))
        self.assertEqual((document["rows"], len(document["successful_accounts"])), (16, 3))

    def test_a_user_that_vanishes_in_the_middle(self):
        """Each call but one still knows the user."""
        for action in ("ListUserTags", "ListGroupsForUser", "ListMFADevices", "ListAccessKeys", "ListSigningCertificates"):
            sim = self.simulator(world=worlds.plain(1, 4), scenario={"rules": [
                {"fault": "vanish", "users": ["user002"], "actions": [action]}]})
            document, data = self.census(sim)
            rows = [row for row in rows_of(sim.dump, ["100000000001"]) if row.name != "user002"]
            self.assert_bytes(data, expected.csv_bytes(rows, self.start_of(document)))

    def test_keys_that_vanish(self):
        sim = self.simulator(world=worlds.organization(), scenario={"changes": [
            {"change": "delete_keys", "users": ["two-active"], "after": "ListAccessKeys"}]})
        document, data = self.census(sim)
        rows = rows_of(sim.dump, [account["id"] for account in sim.active()])
        next(row for row in rows if row.name == "two-active").keys = []
        self.assert_bytes(data, expected.csv_bytes(rows, self.start_of(document)))

    def test_all_of_it_together(self):
        """The same bytes as without a single fault."""
        rules = [{"latency_ms": {"median": 2, "p99": 60}},
                 {"fault": "throttle", "probability": 0.05},
                 {"fault": "internal_error", "probability": 0.04}, {"fault": "unavailable", "probability": 0.04},
                 {"fault": "reset_before", "probability": 0.04}, {"fault": "reset_inside", "probability": 0.04},
                 # a refusal that is cut (GetLoginProfile's NoSuchEntity) is not made again: a 4xx is for good
                 {"fault": "truncated", "probability": 0.03, "actions": ["iam:List*"]},
                 {"fault": "foreign", "probability": 0.03, "actions": ["iam:List*"]},
                 {"fault": "drip", "probability": 0.01, "bytes_per_s": 5000},
                 {"fault": "expired_token", "probability": 0.01, "actions": ["iam:*"]},
                 {"actions": ["iam:*"], "rate": 80, "burst": 30}]
        arguments = ("--accounts", 20, "--users", 5, "--seed", 8)
        well = self.simulator(*arguments)
        _, wanted = self.census(well)
        sim = self.simulator(*arguments, scenario={"rules": rules, "max_consecutive": 3, "seed": 4})
        document, data = self.census(sim, timeout=120)
        self.assert_whole(sim, document, data)
        self.assert_bytes(data, wanted)
        outcomes = self.outcomes(sim)
        for outcome in ("Throttling", "InternalFailure", "ServiceUnavailable", "ExpiredToken", "fault:reset_before",
                        "fault:reset_inside", "fault:truncated", "fault:foreign", "fault:drip"):
            self.assertGreater(outcomes.get(outcome, 0), 0, outcome)
        self.assertGreater(document["retries"], 50)


class Lasting(SimCensus):
    """Faults that do not pass: what is unknown is said to be, and what has failed, too."""

    A, B = "100000000001", "100000000002"

    def assert_unknown(self, fault, code, action="ListUserTags", fact="tags", attempts=ATTEMPTS, rule=None):
        """One call of one user fails for good: one cell is unknown."""
        rule = {"actions": [action], "accounts": [self.A], "users": ["user001"], "fault": fault, **(rule or {})}
        sim = self.simulator(world=worlds.plain(2, 4), scenario={"rules": [rule]})
        document, data = self.census(sim, code=3)
        self.assert_csv(sim, document, data, unknown=lambda account, user: (
            [fact] if (account["id"], user["name"]) == (self.A, "user001") else []))
        partial = self.only_partial(document)
        self.assertEqual(partial["account_id"], self.A)
        error, = partial["errors"]
        self.assertEqual((error["operation"], error["code"], error["count"]), (action, code, 1))
        if attempts:
            self.assertEqual(sim.calls(f"iam:{action}"), 2 * 4 - 1 + attempts)
        return document

    def assert_failed(self, stage, codes, *rules):
        """The second account fails, and has no row; the others are whole."""
        rules = [{"accounts": [self.B], **rule} for rule in rules]
        sim = self.simulator(world=worlds.plain(3, 4), scenario={"rules": rules})
        others = [account["id"] for account in sim.active() if account["id"] != self.B]
        document, data = self.census(sim, code=3)
        failed = self.only_failed(document)
        self.assertEqual((failed["account_id"], failed["stage"]), (self.B, stage))
        self.assertIn(failed["code"], codes)
        self.assert_csv(sim, document, data, others)
        self.assertEqual(document["successful_accounts"], others)
        return sim

    def test_throttled_for_ever(self):
        document = self.assert_unknown("throttle", "Throttling")
        self.assertEqual((document["throttled"], document["retries"]), (ATTEMPTS, ATTEMPTS - 1))

    def test_500_for_ever(self):
        document = self.assert_unknown("internal_error", "InternalFailure", "ListGroupsForUser", "groups")
        self.assertEqual((document["throttled"], document["retries"]), (0, ATTEMPTS - 1))

    def test_503_for_ever(self):
        self.assert_unknown("unavailable", "ServiceUnavailable", "ListMFADevices", "mfa")

    def test_refused(self):
        self.assert_unknown("error", "ValidationError", attempts=1, rule={"status": 400, "code": "ValidationError"})

    def assert_unknown_with(self, fault, codes, **more):
        """As assert_unknown, with a code of the program's own words."""
        rule = {"actions": ["ListSigningCertificates"], "accounts": [self.A], "users": ["user001"], "fault": fault, **more}
        sim = self.simulator(world=worlds.plain(2, 4), scenario={"rules": [rule]})
        document, data = self.census(sim, code=3)
        self.assert_csv(sim, document, data, unknown=lambda account, user: (
            ["certs"] if (account["id"], user["name"]) == (self.A, "user001") else []))
        error, = self.only_partial(document)["errors"]
        self.assertEqual(error["operation"], "ListSigningCertificates")
        self.assertIn(error["code"], codes)

    def test_reset_before_for_ever(self):
        self.assert_unknown_with("reset_before", {"NetworkError"})

    def test_reset_inside_for_ever(self):
        self.assert_unknown_with("reset_inside", {"NetworkError"})

    def test_truncated_xml_for_ever(self):
        self.assert_unknown_with("truncated", {"MalformedResponse"})

    def test_a_refusal_that_is_cut_is_no_fact(self):
        """GetLoginProfile's NoSuchEntity, cut in the middle: unknown, and not 'no password'."""
        sim = self.simulator(world=worlds.organization(), scenario={"rules": [
            {"actions": ["GetLoginProfile"], "accounts": [worlds.A], "users": ["Zebra"], "fault": "truncated"}]})
        document, data = self.census(sim, code=3)
        self.assert_csv(sim, document, data, unknown=lambda account, user: ["password"] if user["name"] == "Zebra" else [])
        self.assertEqual(sorted(self.only_partial(document)["unknown"]), ["ConsoleAccess", "PasswordAge"])

    def test_a_foreign_page_for_ever(self):
        self.assert_unknown_with("foreign", {"MalformedResponse"})

    def test_an_error_with_status_200(self):
        self.assert_unknown_with("error_in_200", {"MalformedResponse", "InternalFailure"})

    def test_an_oversized_answer(self):
        """A body beyond all bounds is given up, and costs no memory that grows with it."""
        self.assert_unknown_with("oversized", {"ResponseTooLarge"}, bytes=400 * MIB)

    def test_oversized_memory(self):
        rule = {"actions": ["ListUsers"], "accounts": [self.A], "fault": "oversized", "bytes": 400 * MIB}
        sim = self.simulator(world=worlds.plain(2, 3), scenario={"rules": [rule]})
        env = {"AWS_ENDPOINT_URL": sim.url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": CALLER_KEY,
               "AWS_SECRET_ACCESS_KEY": CALLER_SECRET, "ROLE_NAME": ROLE}
        arguments = ["collect", "--strategy", "per-user", "--output", "out.csv", "--json"]
        with census.Started(arguments, census.environment(self.home, **env), self.work) as started:
            most = 0
            while started.process.poll() is None:
                most = max(most, resident_kib(started.process.pid))
            run = started.finish(60)
        self.runs.append(run)
        self.assert_code(run, 3)
        failed = self.only_failed(self.document(run))
        self.assertEqual((failed["stage"], failed["code"]), ("ListUsers", "ResponseTooLarge"))
        self.assertTrue(0 < most < 150 * 1024, most)

    def test_endless_pages(self):
        for same in (True, False):
            rule = {"actions": ["ListUserTags"], "accounts": [self.A], "users": ["user001"], "fault": "endless_paging",
                    "same_marker": same}
            sim = self.simulator(world=worlds.plain(2, 3), scenario={"rules": [rule]})
            document, data = self.census(sim, code=3)
            self.assert_csv(sim, document, data, unknown=lambda account, user: (
                ["tags"] if (account["id"], user["name"]) == (self.A, "user001") else []))
            self.assertEqual([error["operation"] for error in self.only_partial(document)["errors"]], ["ListUserTags"])
            self.assertLess(sim.calls("iam:ListUserTags"), 2000)

    def test_endless_pages_of_users(self):
        for same in (True, False):
            sim = self.assert_failed("ListUsers", {"MalformedResponse", "ResponseTooLarge"},
                                     {"actions": ["ListUsers"], "fault": "endless_paging", "same_marker": same})
            self.assertLess(sim.calls("iam:ListUsers"), 2000)

    def test_endless_pages_of_accounts(self):
        sim = self.simulator(world=worlds.plain(2, 1), scenario={"rules": [
            {"actions": ["ListAccounts"], "fault": "endless_paging"}]})
        run = self.run_on(sim, "--output", "out.csv", code=1)
        self.assert_nothing_left()
        self.assert_says(run, "ListAccounts")

    def test_users_that_cannot_be_listed(self):
        self.assert_failed("ListUsers", {"InternalFailure"}, {"actions": ["ListUsers"], "fault": "internal_error"})

    def test_roles_that_cannot_be_assumed(self):
        sim = self.assert_failed("AssumeRole", {"Throttling"}, {"actions": ["AssumeRole"], "fault": "throttle"})
        self.assertEqual(sim.calls("sts:AssumeRole"), 2 + ATTEMPTS)

    def test_the_callers_own_account_needs_no_role(self):
        rule = {"actions": ["AssumeRole"], "accounts": [self.A], "fault": "access_denied"}
        sim = self.simulator(world=worlds.plain(2, 3), scenario={"rules": [rule]})
        document, data = self.census(sim)
        self.assert_csv(sim, document, data)

    def test_a_role_that_is_denied(self):
        rule = {"actions": ["AssumeRole"], "accounts": [self.B], "fault": "access_denied"}
        sim = self.simulator(world=worlds.plain(3, 4), scenario={"rules": [rule]})
        document, data = self.census(sim, code=3)
        failed = self.only_failed(document)
        self.assertEqual((failed["account_id"], failed["stage"], failed["code"]), (self.B, "AssumeRole", "AccessDenied"))
        self.assertEqual(sim.calls("sts:AssumeRole"), 3)
        self.assert_csv(sim, document, data, [self.A, "100000000003"])

    def test_sessions_that_always_expire(self):
        sim = self.assert_failed("ListUsers", {"ExpiredToken"}, {"actions": ["ListUsers"], "fault": "expired_token"})
        self.assertLessEqual(sim.calls("sts:AssumeRole"), 20)

    def test_the_organization_does_not_answer(self):
        sim = self.simulator(world=worlds.plain(2, 1), scenario={"rules": [
            {"actions": ["organizations:*"], "fault": "internal_error"}]})
        run = self.collect("--output", "out.csv", env=Accounts.environment_of(self, sim))
        self.assertIn(run.code, (1, 2), str(run))
        self.assert_says(run, "ServiceException")
        self.assert_nothing_left()


def resident_kib(pid):
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) if found else 0


def large_world():
    """Users whose tags fill more than one part of an upload."""
    value = "x" * 250
    return {"accounts": [{"id": "100000000001", "users": [
        {"name": f"user{number:04d}", "created": "2020-01-01T00:00:00Z",
         "tags": [{"key": f"key{each:02d}", "value": value} for each in range(50)]} for number in range(1000)]}]}


class Upload(SimCensus):
    """What goes wrong on the way into the bucket."""

    @classmethod
    def setUpClass(cls):
        cls.world = large_world()

    def upload(self, *rules, code=0, **scenario):
        sim = self.simulator(world=self.world, scenario={"rules": list(rules), **scenario})
        run = self.run_on(sim, "--s3-bucket", BUCKET, "--json", code=code)
        self.assert_nothing_left()
        self.assert_struck(sim, *rules)
        return sim, run

    def assert_struck(self, sim, *rules):
        """Each rule's actions had other outcomes than 'ok'."""
        actions = sim.counters()["actions"]
        for rule in rules:
            for action in rule["actions"]:
                self.assertTrue(set(actions[f"s3:{action}"]["outcomes"]) - {"ok"}, (action, actions))

    def assert_object(self, sim, run):
        document = self.document(run)
        got = sim.client("s3").get_object(Bucket=BUCKET, Key=document["output"].removeprefix(f"s3://{BUCKET}/"))
        self.assert_csv(sim, document, got["Body"].read())

    def assert_no_object(self, sim, run, *words):
        s3 = sim.client("s3")
        self.assertNotIn("Contents", s3.list_objects_v2(Bucket=BUCKET))
        self.assertNotIn("Uploads", s3.list_multipart_uploads(Bucket=BUCKET))
        self.assert_says(run, *words)

    def test_parts_that_fail_at_first(self):
        for fault in ("unavailable", "reset_before"):
            sim, run = self.upload({"actions": ["UploadPart"], "fault": fault, "first": 2})
            self.assert_object(sim, run)

    def test_parts_that_are_throttled_at_first(self):
        """S3 answers SlowDown, with 503."""
        sim, run = self.upload({"actions": ["UploadPart"], "fault": "throttle", "first": 1})
        self.assert_object(sim, run)
        self.assertGreater(self.document(run)["throttled"], 0)

    def test_the_beginning_and_the_end_fail_at_first(self):
        sim, run = self.upload({"actions": ["CreateMultipartUpload", "CompleteMultipartUpload"], "fault": "unavailable",
                                "first": 2})
        self.assert_object(sim, run)

    def test_an_error_in_the_answer_to_the_end(self):
        """CompleteMultipartUpload may say 200 and then fail."""
        sim, run = self.upload({"actions": ["CompleteMultipartUpload"], "fault": "error_in_200", "first": 2})
        self.assert_object(sim, run)

    def test_the_answer_to_the_end_is_lost(self):
        sim, run = self.upload({"actions": ["CompleteMultipartUpload"], "fault": "reset_inside", "first": 1})
        self.assert_object(sim, run)

    def test_the_answer_to_the_end_is_lost_for_good(self):
        """All was done, and the server knows nothing of it any more: the object is looked at."""
        for first in (1, 6):
            sim, run = self.upload({"actions": ["CompleteMultipartUpload"], "fault": "reset_after", "first": first},
                                   buckets={BUCKET: {"forgets_completed": True}})
            self.assert_object(sim, run)
            self.assertEqual((sim.calls("s3:HeadObject"), sim.calls("s3:AbortMultipartUpload")), (1, 0))

    def test_parts_that_fail_for_ever(self):
        sim, run = self.upload({"actions": ["UploadPart"], "fault": "internal_error"}, code=1)
        self.assert_no_object(sim, run, "InternalError")
        self.assertGreater(sim.calls("s3:AbortMultipartUpload"), 0)

    def test_an_end_that_fails_for_ever(self):
        sim, run = self.upload({"actions": ["CompleteMultipartUpload"], "fault": "error_in_200"}, code=1)
        self.assert_no_object(sim, run, "InternalError")

    def test_parts_that_are_denied(self):
        sim, run = self.upload({"actions": ["UploadPart"], "fault": "access_denied"}, code=1)
        self.assert_no_object(sim, run, "AccessDenied")

    def small(self, code, *arguments, **scenario):
        sim = self.simulator(world=worlds.plain(1, 2), scenario=scenario)
        return sim, self.run_on(sim, "--s3-bucket", BUCKET, "--json", *arguments, code=code)

    def test_an_object_that_is_put_in_one_fails_at_first(self):
        rule = {"actions": ["PutObject"], "fault": "unavailable", "first": 2}
        sim, run = self.small(0, rules=[rule])
        self.assert_struck(sim, rule)
        self.assert_object(sim, run)

    def test_buckets_that_are_not_there_or_not_ours(self):
        for bucket, word in (({"missing": True}, "NoSuchBucket"), ({"denied": True}, "AccessDenied")):
            _, run = self.small(1, buckets={BUCKET: bucket})
            self.assert_says(run, BUCKET, word)
        _, run = self.small(1, "--expected-bucket-owner", "100000000001", buckets={BUCKET: {"owner": "999999999999"}})
        self.assert_says(run, BUCKET, "does not belong to account 100000000001")
        self.small(0, "--expected-bucket-owner", "999999999999", buckets={BUCKET: {"owner": "999999999999"}})

    def test_a_bucket_of_another_region(self):
        for how, hint in itertools.product((301, 307, 400, "illegal_location"), (True, False)):
            bucket = {"region": "ap-south-1", "wrong_region": how, "hint": hint}
            sim = self.simulator(world=worlds.plain(1, 2), scenario={"buckets": {BUCKET: bucket}})
            run = self.run_on(sim, "--s3-bucket", BUCKET, "--json")
            document = self.document(run)
            s3 = sim.client("s3", region="ap-south-1")
            body = s3.get_object(Bucket=BUCKET, Key=document["output"].removeprefix(f"s3://{BUCKET}/"))["Body"].read()
            self.assert_csv(sim, document, body)

    def test_a_bucket_of_another_partition(self):
        for how in (301, 307, 400, "illegal_location"):
            sim, run = self.small(2, buckets={BUCKET: {"region": "cn-north-1", "wrong_region": how}})
            self.assert_says(run, BUCKET, "cn-north-1", "aws-cn")
            self.assertEqual((sim.calls("s3:HeadBucket"), sim.calls("sts:AssumeRole")), (1, 0))


class Bulk(SimCensus):
    """The bulk strategy and what can go wrong with credential reports."""

    @classmethod
    def setUpClass(cls):
        """Skipped as long as bulk reads as per-user does."""
        probe = cls("run_probe")
        probe.setUp()
        try:
            sim = Simulator(world=worlds.plain(1, 1)).start()
            try:
                probe.census(sim, strategy="bulk")
                if sim.calls("iam:GetAccountAuthorizationDetails") == 0:
                    raise unittest.SkipTest("the program's bulk strategy does not yet differ from per-user")
            finally:
                sim.stop()
        finally:
            probe.doCleanups()

    def run_probe(self):
        pass

    def assert_bulk(self, sim, strategy="bulk", accounts=None, seconds=60):
        """Every cell of the standard columns is known. accounts: those whose report could be used (all)."""
        document, data = self.census(sim, strategy=strategy, timeout=seconds)
        rows = []
        for account in sim.active():
            bulk = accounts is None or account["id"] in accounts
            rows += rows_of(sim.dump, [account["id"]], bulk=bulk)
        self.assert_bytes(data, expected.csv_bytes(rows, self.start_of(document)))
        self.assertEqual(document["successful_accounts"], [account["id"] for account in sim.active()])
        if accounts != []:
            self.assertIsNotNone(document["oldest_report_at"])
        return document

    def falls_back(self, *rules, fault_of="100000000001"):
        """One account's bulk sources fail: it is read per user, the other one is not."""
        rules = [{"accounts": [fault_of], **rule} for rule in rules]
        sim = self.simulator("--report-ms", 50, world=self.changed(2, 4), scenario={"rules": rules})
        self.assert_bulk(sim, "auto", ["100000000002"])
        return sim

    @staticmethod
    def changed(accounts, users):
        """A plain world whose passwords were changed: the two strategies differ in their ages."""
        world = worlds.plain(accounts, users)
        for account in world["accounts"]:
            for user in account["users"]:
                user["password"]["last_changed"] = "2024-01-01T00:00:00Z"
        return world

    def test_a_computed_organization(self):
        sim = self.simulator("--accounts", 20, "--users", 8, "--seed", 5, "--report-ms", 100)
        self.assert_bulk(sim)
        calls = sim.counters()["actions"]
        self.assertNotIn("iam:ListUserTags", calls)
        self.assertNotIn("iam:GetLoginProfile", {name for name, each in calls.items() if each["calls"] > 5})

    def test_auto_prefers_bulk(self):
        sim = self.simulator("--accounts", 12, "--users", 8, "--seed", 9, "--report-ms", 100)
        self.assert_bulk(sim, "auto")
        self.assertEqual(sim.calls("iam:ListUserTags"), 0)

    def test_a_world_file_with_users_of_every_kind(self):
        """Three keys, three certificates, a user that the report does not hold, one that only it holds."""
        self.assert_bulk(self.simulator("--report-ms", 50, world=worlds.organization()))

    def test_the_original_role_falls_back(self):
        world = self.changed(2, 4)
        world["accounts"][0]["role"] = {"allowed_actions": [f"iam:{call}" for call in PER_USER_CALLS]}
        self.assert_bulk(self.simulator("--report-ms", 50, world=world), "auto", ["100000000002"])

    def test_reports_at_capacity_for_a_while(self):
        sim = self.simulator("--report-ms", 50, world=self.changed(3, 4), scenario={"rules": [
            {"actions": ["GenerateCredentialReport"], "fault": "limit_exceeded", "first": 1}]})
        self.assert_bulk(sim)

    def test_reports_that_expired(self):
        sim = self.simulator("--report-ms", 50, world=self.changed(3, 4), scenario={"rules": [
            {"actions": ["GetCredentialReport"], "fault": "error", "status": 410, "code": "ReportExpired",
             "message": "The report has expired.", "first": 1}]})
        self.assert_bulk(sim)

    def test_sources_that_are_denied(self):
        for action in ("GenerateCredentialReport", "GetCredentialReport"):
            self.falls_back({"actions": [action], "fault": "access_denied"})

    def test_details_that_are_denied(self):
        sim = self.simulator("--report-ms", 50, world=worlds.plain(2, 4), scenario={"rules": [
            {"actions": ["GetAccountAuthorizationDetails"], "accounts": ["100000000001"], "fault": "access_denied"}]})
        self.assert_bulk(sim, "auto")
        self.assertEqual(sim.calls("iam:ListUserTags"), 4)

    def test_reports_that_are_malformed(self):
        for fault in ("truncated", "foreign"):
            self.falls_back({"actions": ["GetCredentialReport"], "fault": fault})

    def test_a_report_that_is_never_ready(self):
        """In half the time to the deadline the program gives up waiting, and reads per user."""
        sim = self.simulator("--report-ms", 50, "--deadline-ms", 12000, world=self.changed(2, 4), scenario={"rules": [
            {"actions": ["iam:*CredentialReport"], "accounts": ["100000000001"], "fault": "report_stuck"}]})
        event = {"strategy": "auto", "s3_bucket_name": BUCKET, "role_name": ROLE, "max_report_age": int(ANY_REPORT)}
        env = {"AWS_ENDPOINT_URL": sim.url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": CALLER_KEY,
               "AWS_SECRET_ACCESS_KEY": CALLER_SECRET, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{sim.port}"}
        bootstrap = self.home / "bootstrap"
        bootstrap.symlink_to(census.binary())
        with census.Started([], census.environment(self.home, **env), self.work, program=str(bootstrap)) as started:
            answer = json.loads(sim.control("invoke", "POST", json.dumps(event).encode(), timeout=30))
            started.terminate()
            self.runs.append(started.finish(10))
        self.assertEqual(answer["statusCode"], 200, answer)
        document = json.loads(answer["body"])
        self.assertEqual(document["successful_accounts"], ["100000000001", "100000000002"], answer)
        self.assertTrue(4000 < document["duration_ms"] < 12000, document)
        got = sim.client("s3").get_object(Bucket=BUCKET, Key=document["output"].removeprefix(f"s3://{BUCKET}/"))
        rows = rows_of(sim.dump, ["100000000001"]) + rows_of(sim.dump, ["100000000002"], bulk=True)
        self.assert_bytes(got["Body"].read(), expected.csv_bytes(rows, self.start_of(document)))

    def test_users_that_vanish(self):
        """They are in the details, and gone when their keys are asked for."""
        sim = self.simulator("--report-ms", 50, world=worlds.plain(1, 4), scenario={"rules": [
            {"fault": "vanish", "users": ["user002"], "actions": ["ListAccessKeys", "ListSigningCertificates"]}]})
        document, data = self.census(sim, strategy="bulk")
        rows = [row for row in rows_of(sim.dump, ["100000000001"]) if row.name != "user002"]
        self.assert_bytes(data, expected.csv_bytes(rows, self.start_of(document)))

    def test_all_of_it_together(self):
        rules = [{"fault": fault, "probability": 0.08} for fault in
                 ("throttle", "internal_error", "unavailable", "reset_before", "reset_inside")]
        sim = self.simulator("--accounts", 10, "--users", 5, "--seed", 5, "--report-ms", 50,
                             scenario={"max_consecutive": 2, "rules": rules})
        document = self.assert_bulk(sim)
        self.assertGreater(document["retries"], 10)


if __name__ == "__main__":
    unittest.main()
