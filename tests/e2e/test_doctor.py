# SPDX-License-Identifier: MIT
"""'doctor' against the simulator: every action by every kind of denial, fixes that are applied, and what is missing or wrong."""

import collections
import itertools
import json
import os
import random
import re

import moto_server
import simulator_world as worlds
from findings_case import FindingsCase
from moto_server import needs_moto
from test_moto import MotoCase

FULL = ["--columns", "full", "--findings", "findings.jsonl", "--ssh-keys", "--output", "out.csv"]
SCP = "arn:aws:organizations::100000000000:policy/o-simulated01/service_control_policy/p-12345678"

# What the contract says of an account in which just this is denied (all columns and findings are wanted).
VERDICTS = {
    "sts:AssumeRole": "blocked",
    "iam:ListUsers": "partial",  # sign-ins of users whose password is gone
    "iam:GetAccountAuthorizationDetails": "partial",
    "iam:GenerateCredentialReport": "partial",
    "iam:GetCredentialReport": "partial",
    "iam:ListAccountAliases": "partial",
    "iam:GetAccountSummary": "ready",  # the report has the same of the root user
    "iam:GetAccountPasswordPolicy": "partial",
    "iam:ListVirtualMFADevices": "partial",
    "iam:ListServiceSpecificCredentials": "partial",
    "iam:ListAccessKeys": "partial",
    "iam:ListMFADevices": "partial",
    "iam:ListSigningCertificates": "partial",
    "iam:ListSSHPublicKeys": "partial",
    "iam:GetLoginProfile": "ready",  # these two only fill gaps of the report
    "iam:GetAccessKeyLastUsed": "ready",
    "iam:ListUserTags": "partial",  # asked only if the call for the whole account is denied
    "iam:ListGroupsForUser": "partial",
}
LATER = {"iam:ListUserTags", "iam:ListGroupsForUser"}
# How the JSON names a kind of policy of the world.
TYPES = {"trust": "resource", "untold": "unknown"}
KINDS = ["identity", "resource", "session", "permissions_boundary", "scp", "rcp", "vpc_endpoint", "untold"]
FORMS = [(False, None, False), (False, None, True), (True, None, False), (True, SCP, True)]
# What mends a denial of a call inside an account.
FIXES = {("identity", False): "permissions", ("scp", False): "allowance", ("rcp", False): "allowance",
         ("permissions_boundary", False): "allowance", ("scp", True): "exception", ("rcp", True): "exception",
         ("permissions_boundary", True): "exception", ("identity", True): "exception",
         ("session", False): "session_policy", ("session", True): "session_policy",
         ("vpc_endpoint", False): "vpc_endpoint", ("vpc_endpoint", True): "vpc_endpoint",
         ("resource", False): "resource_policy", ("resource", True): "exception",
         ("untold", False): "unknown_policy", ("untold", True): "unknown_policy"}


class DoctorCase(FindingsCase):
    def doctor(self, sim, *arguments, code=0, as_json=True, **options):
        run = self.run_program("doctor", "--role-name", worlds.ROLE, *(["--json"] if as_json else []), *arguments,
                               env={"AWS_ENDPOINT_URL": sim.url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": worlds.KEY,
                                    "AWS_SECRET_ACCESS_KEY": worlds.SECRET}, timeout=120, **options)
        self.assert_code(run, code)
        return json.loads(run.out) if as_json and run.out else run

    def results(self, account):
        return {each["action"]: each for each in account["actions"]}


class Table(DoctorCase):
    def test_every_denial(self):
        cases = list(itertools.product(VERDICTS, KINDS + ["trust"], FORMS))
        cases = [case for case in cases if (case[1] == "trust") <= (case[0] == "sts:AssumeRole")]
        sim = self.simulate(world=worlds.world([worlds.denied(*case, more=LATER) for case in cases]))
        found = self.doctor(sim, *FULL, code=3)
        accounts = {account["account_id"]: account for account in found["accounts"]}
        fixes = collections.defaultdict(set)
        for fix in found["fixes"]:
            for account_id in fix["account_ids"]:
                fixes[account_id].add(fix["kind"])
        self.assertEqual(len(accounts), len(cases) + 1)
        ids = set()
        for number, (action, policy, (explicit, arn, link)) in enumerate(cases):
            account = accounts[worlds.account_id(number)]
            with self.subTest(action=action, policy=policy, explicit=explicit, link=link):
                seen = self.results(account)[action]
                self.assertEqual((seen["result"], seen["policy_type"], seen["explicit"]), ("denied", TYPES.get(policy, policy), explicit or (None if policy == "untold" else False)))
                self.assertEqual(seen["policy_arn"], arn if policy != "untold" else None)
                self.assertEqual(bool(seen["authorization_id"]), link)
                self.assertEqual(account["verdict"], VERDICTS[action])
                self.assertEqual(account["stage"], "AssumeRole" if action == "sts:AssumeRole" else None)
                self.assertEqual(bool(account["unknown"]), account["verdict"] == "partial")
                if action == "sts:AssumeRole":
                    self.assertTrue(fixes[account["account_id"]])
                else:
                    self.assertIn(FIXES[policy, explicit], fixes[account["account_id"]])
                ids.add(seen["authorization_id"])
        ready = accounts[worlds.MANAGEMENT]
        self.assertEqual((ready["verdict"], ready["unknown"]), ("ready", []))
        self.assertEqual({each["result"] for each in ready["actions"]} - {"not_tried"}, {"allowed"})
        self.assertEqual(len(ids), len(cases) // 2 + 1)
        self.assert_at_most_sixteen(sim, len(accounts))
        text = self.doctor(sim, *FULL, code=3, as_json=False).out.decode()
        for each in ids - {None}:
            self.assertNotIn(each, text)

    def assert_at_most_sixteen(self, sim, accounts):
        calls = sim.counters()["actions"]
        asked = sum(action["calls"] for name, action in calls.items() if name.startswith(("iam:", "sts:AssumeRole")))
        self.assertLessEqual(asked, 16 * accounts)

    def test_calls_of_one_account(self):
        """Even if all is wanted, and what is cheap is denied."""
        for denied in (None, "iam:GetAccountAuthorizationDetails"):
            accounts = [worlds.denied(denied, "scp", FORMS[0])] if denied else [{}]
            sim = self.simulate(world=worlds.world(accounts))
            self.doctor(sim, *FULL, "--accounts", worlds.account_id(0), code=3 if denied else 0)
            calls = sim.counters()["actions"]
            self.assertLessEqual(sum(each["calls"] for name, each in calls.items() if not name.endswith("GetCallerIdentity")), 16, calls)


class Fixes(DoctorCase):
    """Each printed fix is applied to the world, and then doctor finds nothing."""

    def fixes(self, found):
        if len(found["fixes"]) != 1:
            self.fail(json.dumps(found["fixes"], indent=1))
        return found["fixes"]

    def test_permissions(self):
        """What is not asked for lack of calls, or of a key that could be listed, is found by the next run."""
        allowed = ["iam:ListUsers", "iam:ListAccountAliases"]
        few = {"role": {"name": None, "external_id": None, "allowed_actions": allowed}}
        world = worlds.world([few, {}])
        for _ in range(3):
            found = self.doctor(self.simulate(world=world), *FULL, code=3)
            (fix,) = [each for each in found["fixes"] if each["kind"] == "permissions"]
            self.assertEqual(fix["account_ids"], [worlds.account_id(0)])
            statement = json.loads(fix["text"][fix["text"].index("{"):])
            self.assertEqual((statement["Effect"], statement["Resource"]), ("Allow", "*"))
            allowed += statement["Action"]
            if self.is_clean(world):
                return
        self.fail(f"three fixes do not mend it: {allowed}")

    def is_clean(self, world):
        sim = self.simulate(world=world)
        run = self.run_program("doctor", "--role-name", worlds.ROLE, "--json", *FULL, env={
            "AWS_ENDPOINT_URL": sim.url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": worlds.KEY, "AWS_SECRET_ACCESS_KEY": worlds.SECRET})
        return run.code == 0 and json.loads(run.out)["fixes"] == []

    def test_exception_of_a_service_control_policy(self):
        world = worlds.world([worlds.denied("iam:ListAccessKeys", "scp", (True, SCP, False)), {}])
        found = self.doctor(self.simulate(world=world), *FULL, code=3)
        (fix,) = self.fixes(found)
        self.assertEqual((fix["kind"], fix["account_ids"]), ("exception", [worlds.account_id(0)]))
        self.assertIn(SCP, fix["text"])
        self.assertIn("iam:ListAccessKeys", fix["text"])
        del world["accounts"][0]["denials"]
        self.assertEqual(self.doctor(self.simulate(world=world), *FULL)["fixes"], [])

    def test_stack_instances(self):
        world = worlds.world([worlds.denied("sts:AssumeRole", "untold", FORMS[0]), {}, {}])
        found = self.doctor(self.simulate(world=world), code=3)
        (fix,) = self.fixes(found)
        self.assertEqual((fix["kind"], fix["account_ids"]), ("stack_instances", [worlds.account_id(0)]))
        self.assertIn("aws cloudformation create-stack-instances", fix["text"])
        self.assertIn(worlds.account_id(0), fix["text"])
        del world["accounts"][0]["denials"]
        self.assertEqual(self.doctor(self.simulate(world=world))["fixes"], [])

    def test_role_that_exists_nowhere(self):
        world = worlds.world([worlds.denied("sts:AssumeRole", "untold", FORMS[0]) for _ in range(3)])
        found = self.doctor(self.simulate(world=world), "--accounts", ",".join(worlds.account_id(n) for n in range(3)),
                            "--output", "x.csv", code=1)
        self.assertEqual({each["verdict"] for each in found["accounts"]}, {"blocked"})
        self.assertIn("trust_policy", [each["kind"] for each in found["fixes"]])
        text = next(each["text"] for each in found["fixes"] if each["kind"] == "trust_policy")
        self.assertIn("sts:AssumeRole", text)


class Surroundings(DoctorCase):
    def test_output(self):
        sim = self.simulate(world=worlds.world([{}]))
        found = self.doctor(sim, "--s3-bucket", "a-bucket", "--s3-prefix", "iam/")
        self.assertEqual(found["output"], {"ok": True, "target": "s3://a-bucket/iam/", "error": None})
        calls = sim.counters()["actions"]
        self.assertEqual([calls[f"s3:{name}"]["calls"] for name in ("CreateMultipartUpload", "AbortMultipartUpload")], [1, 1])
        self.assertNotIn("s3:PutObject", calls)
        found = self.doctor(sim, "--output", "no/such/folder.csv", code=1)
        self.assertFalse(found["output"]["ok"])
        self.assertIn("no/such", found["output"]["error"])
        self.assertEqual(found["accounts"][0]["verdict"], "ready")
        (self.work / "kept.csv").write_text("kept")
        self.doctor(sim, "--output", "kept.csv")
        self.assertEqual((self.work / "kept.csv").read_text(), "kept")
        self.assertEqual(self.files(), ["kept.csv"])

    def test_database_that_is_none(self):
        """A census would not replace the file, but add a run to it."""
        (self.work / "kept.csv").write_text("kept")
        found = self.doctor(self.simulate(world=worlds.world([{}])), "--output", "kept.csv", "--format", "sqlite", code=1)
        self.assertIn("not an SQLite database", found["output"]["error"])
        self.assertEqual((self.work / "kept.csv").read_text(), "kept")
        self.assertEqual(self.files(), ["kept.csv"])

    def test_credentials_that_end(self):
        """In the middle: before the accounts, or before their roles."""
        for actions in ("organizations:*", "sts:AssumeRole"):
            rule = {"actions": [actions], "fault": "expired_token"}
            found = self.doctor(self.simulate(world=worlds.world([{}]), scenario={"rules": [rule]}), "--output", "x.csv", code=1)
            self.assertEqual([each["kind"] for each in found["fixes"]], ["credentials"])

    def test_key_of_the_output(self):
        key = "arn:aws:kms:us-east-1:100000000000:key/k"
        world = worlds.world([{}])
        world["accounts"][-1]["denials"] = [{"actions": ["s3:PutObject"], "policy": "resource", "permission": "kms:GenerateDataKey",
                                             "resource": key}]
        found = self.doctor(self.simulate(world=world), "--s3-bucket", "a-bucket", "--sse", "aws:kms", "--sse-kms-key-id", key, code=1)
        self.assertFalse(found["output"]["ok"])
        self.assertIn("key_policy", [each["kind"] for each in found["fixes"]])

    def test_without_organizations(self):
        world = worlds.world([{}])
        world["accounts"][-1]["denials"] = [{"actions": ["organizations:*"], "policy": "scp", "explicit": True}]
        sim = self.simulate(world=world)
        found = self.doctor(sim, code=1)
        self.assertEqual(found["accounts"], [])
        self.assertIn("organizations", [each["kind"] for each in found["fixes"]])
        found = self.doctor(sim, "--accounts", worlds.account_id(0), "--output", "x.csv")
        self.assertEqual([each["verdict"] for each in found["accounts"]], ["ready"])

    def test_unit_that_is_not_there(self):
        sim = self.simulate(world=worlds.world([{}]))
        every = f"{worlds.account_id(0)},{worlds.MANAGEMENT}"
        for arguments, words in ((["--ou", "ou-sim1-zzzzzzzz"], "no such organizational unit"), (["--exclude", every], "no account to read")):
            (fix,) = self.doctor(sim, *arguments, "--output", "x.csv", code=1)["fixes"]
            self.assertIn(words, fix["text"])
            self.assertNotIn("management account", fix["text"])

    def test_nobody_to_ask_about(self):
        world = worlds.world([{"users": []}, {"users": [{"name": "no-key", "created": "2020-01-01"}]}])
        found = self.doctor(self.simulate(world=world), *FULL)
        empty, keyless, _ = found["accounts"]
        self.assertEqual((empty["verdict"], empty["probe_user"]), ("ready", None))
        self.assertEqual(self.results(empty)["iam:GetLoginProfile"]["result"], "allowed")
        self.assertEqual((keyless["verdict"], keyless["probe_user"]), ("ready", "no-key"))
        for account in (empty, keyless):
            self.assertEqual(self.results(account)["iam:GetAccessKeyLastUsed"]["result"], "not_tried")

    def test_users_who_are_not_listed(self):
        """Then the call for the whole account shows the one to ask about, and a census would meet the same denial."""
        denied = [{"actions": ["iam:ListUsers", "iam:GetAccessKeyLastUsed", "iam:GetCredentialReport"], "policy": "identity"}]
        found = self.doctor(self.simulate(world=worlds.world([{"denials": denied}])), *FULL, code=3)
        account = found["accounts"][0]
        self.assertEqual(account["probe_user"], "ann")
        self.assertEqual(self.results(account)["iam:GetAccessKeyLastUsed"]["result"], "denied")
        self.assertIn("AccessKeyLastUsed", account["unknown"])

    def test_wrong_credentials(self):
        sim = self.simulate(world=worlds.world([{}]))
        run = self.run_program("doctor", "--role-name", worlds.ROLE, env={"AWS_ENDPOINT_URL": sim.url, "AWS_REGION": "us-east-1"})
        self.assert_code(run, 2)
        run = self.run_program("doctor", "--role-name", worlds.ROLE, env={
            "AWS_ENDPOINT_URL": sim.url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIANOBODYNOBODY0000",
            "AWS_SECRET_ACCESS_KEY": "x"})
        self.assertIn(run.code, (1, 2))
        self.assertEqual(run.out, b"")

    def test_same_bytes(self):
        sim = self.simulate(world=worlds.world([worlds.denied("iam:ListUsers", "scp", FORMS[3]), {}, worlds.denied(
            "sts:AssumeRole", "trust", FORMS[0])]))
        runs = [self.doctor(sim, *FULL, code=3, as_json=False).out for _ in range(2)]
        self.assertEqual(*runs)


class Promises(DoctorCase):
    """What doctor says of accounts that deny this and that by chance, and what a census then finds in them."""

    def accounts(self, dice, count):
        names = sorted(set(VERDICTS) - {"sts:AssumeRole"})
        for number in range(count):
            user = {**worlds.users(number)[0], "password": {"created": worlds.DATE}, "mfa": [f"arn:aws:iam::{worlds.account_id(number)}:mfa/ann"]}
            denied = ["sts:AssumeRole"] if dice.random() < 0.05 else dice.sample(names, dice.choice([0, 1, 2, 2, 3, 4, 6]))
            kind = dice.choice(["identity", "scp", "permissions_boundary"])
            yield {"users": [user], "denials": [{"actions": denied, "policy": kind}] if denied else []}

    def test_at_random(self):
        for seed, strategy in enumerate(("auto", "bulk", "per-user")):
            sim = self.simulate(world=worlds.world(list(self.accounts(random.Random(seed), 60))))
            options = ["--strategy", strategy, "--columns", "full", "--findings", "findings.jsonl", "--output", "out.csv"]
            promised = self.doctor(sim, *options, code=3)["accounts"]
            found = json.loads(self.collect_from(sim, *options, "--json", "--log-level", "error", code=3, timeout=120).out)
            failed = {each["account_id"]: each["stage"] for each in found["failed_accounts"]}
            unknown = {each["account_id"]: set(each["unknown"]) for each in found["partial_accounts"]}
            self.assertGreater(len(unknown), 20)
            for each in promised:
                with self.subTest(strategy=strategy, account=each["account_id"]):
                    self.assertEqual(each["stage"], failed.get(each["account_id"]))
                    if each["verdict"] != "blocked":
                        self.assertLessEqual(unknown.get(each["account_id"], set()), set(each["unknown"]))


@needs_moto
class Moto(MotoCase):
    @classmethod
    def seed(cls):
        cls.moto.inside("222222222222").create_user(UserName="ann")

    def test_ready(self):
        run = self.run_program("doctor", "--accounts", f"{moto_server.OWN_ACCOUNT},222222222222", "--output", "out.csv", "--json",
                               "--strategy", "auto")
        self.assert_code(run, 0)
        found = json.loads(run.out)
        self.assertEqual({each["verdict"] for each in found["accounts"]}, {"ready"}, run.out)
        self.assertEqual(os.listdir(self.work), [])
        self.assertTrue(re.match(r"arn:aws:", found["caller"]["arn"]))
