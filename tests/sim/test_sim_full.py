# SPDX-License-Identifier: MIT
"""The full columns, the accounts file and the result document, against the simulator's worlds."""

import csv
import io
import json

import expected
from account_facts import listed
from full_cells import ACCOUNTS, FULL, FULL_FIELDS, account_cells, cell, compact, field, full_values
from test_sim_census import BUCKET, SimCensus
from worlds import A, B, C, organization, tags

PARALLEL = 4


def rows_of_csv(data):
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def by_user(rows, account="AccountID", user="UserName"):
    return {(row[account], row[user].removeprefix("'")): row for row in rows}


def everything():
    """Users of each kind, each way to be an administrator, and each kind of further credential."""
    policy = lambda **statement: json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})
    every = policy(Action="*", Resource="*")
    own = f"arn:aws:iam::{A}:policy/"
    credential = lambda number, service, **more: {"id": f"ACCAWORLD{number:011d}", "service": f"{service}.amazonaws.com",
                                                 "created": "2024-01-01T00:00:00Z", **more}
    users = [
        {"name": "by-aws", "attached_policies": ["arn:aws:iam::aws:policy/IAMFullAccess"],
         "password": {"created": "2021-01-01T00:00:00Z", "last_changed": "2023-01-01T00:00:00Z"},
         "password_last_used": "2024-03-01T00:00:01Z",
         "mfa": [f"arn:aws:iam::{A}:mfa/a", f"arn:aws:iam::{A}:u2f/user/a/key", f"arn:aws:iam::{A}:sms-mfa/a", "GAHT1"]},
        {"name": "by-own", "attached_policies": [f"{own}all"], "service_credentials": [
            credential(2, "bedrock", expires="2025-01-01T00:00:00Z"), credential(1, "codecommit", status="Inactive")]},
        {"name": "by-inline", "inline_policies": [{"name": 'all, of "it"', "document": every}],
         "ssh_keys": [{"id": "APKAWORLD00000000002", "uploaded": "2021-01-01T00:00:00Z", "status": "Inactive"},
                      {"id": "APKAWORLD00000000001", "uploaded": "2022-01-01T00:00:00Z"}]},
        {"name": "by-group", "groups": ["Admins", "plain"], "keys": [
            {"id": "AKIAWORLD00000000001", "created": "2020-01-01T00:00:00Z", "last_used": "2024-01-01T00:00:00Z",
             "last_used_service": "s3", "last_used_region": "eu-west-1"},
            {"id": "AKIAWORLD00000000002", "created": "2021-01-01T00:00:00Z", "status": "Inactive",
             "last_used": "2024-02-01T00:00:00Z", "last_used_service": "s3", "last_used_region": "eu-west-1"}]},
        {"name": "maybe", "groups": ["maybes"], "attached_policies": [f"{own}guarded"]},
        {"name": "not-told", "attached_policies": [f"{own}nowhere"]},
        {"name": "nobody"},
        {"name": "machine", "certificates": [{"id": "CERTIFICATE000000000001", "uploaded": "2021-01-01T00:00:00Z"}]},
    ]
    groups = [{"name": "Admins", "attached_policies": ["arn:aws:iam::aws:policy/AdministratorAccess", f"{own}less"],
               "inline_policies": [{"name": "extra", "document": policy(Action="s3:*", Resource="*")}]},
              {"name": "plain"},
              {"name": "maybes", "inline_policies": [{"name": "not", "document": policy(NotAction="iam:*", Resource="*")}]}]
    versions = lambda document: [{"id": "v1", "document": document}]
    policies = [{"name": "all", "versions": versions(every)}, {"name": "less", "versions": versions(policy(Action="s3:Get*", Resource="*"))},
                {"name": "guarded", "versions": versions(policy(Action="*", Resource="*", Condition={"Bool": {"a": "true"}}))}]
    root = {"password": {"created": "2019-01-01T00:00:00Z"}, "password_last_used": "2024-01-01T00:00:00Z",
            "keys": [{"id": "AKIAWORLDROOT0000001", "created": "2020-01-01T00:00:00Z", "last_used": "2024-05-01T00:00:00Z",
                      "last_used_service": "s3", "last_used_region": "eu-west-1"}],
            "mfa": [{"serial": "GAHTROOT", "virtual": False}]}
    return organization(accounts=[
        {"id": A, "name": "=All", "alias": "all", "parent": "ou-wld1-low", "users": users, "groups": groups, "policies": policies,
         "root": root, "password_policy": {"minimum_length": 10, "max_age_days": 90, "reuse_prevention": 5}},
        {"id": B, "name": "Management", "users": [{"name": "ann", "tags": tags({"team": "core"})}]},
        {"id": C, "name": "Gone", "state": "SUSPENDED", "parent": "ou-wld1-top", "users": [{"name": "nobody"}]}])


class Full(SimCensus):
    def assert_full(self, sim, data, ssh_keys=False):
        rows = rows_of_csv(data)
        self.assertEqual(list(rows[0]), expected.EXTENDED[:-1] + FULL + ["Unknown"])
        found = by_user(rows)
        for account in sim.active():
            for user in listed(account):
                values = full_values(sim.dump, account, user, ssh_keys)
                row = found[account["id"], user["name"]]
                self.assertEqual({name: row[name] for name in FULL}, {name: cell(values[name]) for name in FULL}, user)
                lost = [name for name in row if name != "Unknown" and row[name] == "unknown"]
                self.assertEqual(row["Unknown"], compact(lost))

    def both(self, **options):
        return self.simulator(world=everything(), **options), self.simulator("--accounts", 25, "--users", 12, "--seed", 5)

    def test_columns(self):
        for sim in self.both():
            document, data = self.census(sim, "--columns", "full", strategy="auto")
            self.assert_full(sim, data)
            self.assertEqual(document["partial_accounts"], [])
            # what came before stays as it was
            _, extended = self.census(sim, "--columns", "extended", strategy="auto")
            left = [{name: cell for name, cell in row.items() if name not in (*FULL, "Unknown")} for row in rows_of_csv(data)]
            self.assertEqual(left, [{name: cell for name, cell in row.items() if name != "Unknown"} for row in rows_of_csv(extended)])

    def test_ssh_keys_are_read_only_if_asked_for(self):
        sim = self.simulator(world=everything())
        self.census(sim, "--columns", "full", strategy="auto")
        self.assertNotIn("iam:ListSSHPublicKeys", sim.counters()["actions"])
        _, data = self.census(sim, "--columns", "full", "--ssh-keys", strategy="auto")
        self.assert_full(sim, data, ssh_keys=True)
        self.assertEqual(sim.counters()["actions"]["iam:ListSSHPublicKeys"]["calls"], len(rows_of_csv(data)))
        # no column shows them
        sim.reset()
        self.census(sim, "--ssh-keys", strategy="auto")
        self.assertNotIn("iam:ListSSHPublicKeys", sim.counters()["actions"])

    def test_json_lines(self):
        for sim in self.both():
            _, data = self.census(sim, "--format", "jsonl", "--columns", "full", "--ssh-keys", strategy="auto")
            _, before = self.census(sim, "--format", "jsonl", strategy="auto")
            objects = [json.loads(line) for line in data.splitlines()]
            older = [json.loads(line) for line in before.splitlines()]
            self.assertEqual(list(objects[0]), [name for name in older[0] if name != "unknown"] + FULL_FIELDS + ["unknown"])
            found = by_user(objects, "account_id", "user_name")
            for account in sim.active():
                for user in listed(account):
                    values = full_values(sim.dump, account, user, True)
                    each = found[account["id"], user["name"]]
                    self.assertEqual([each[name] for name in FULL_FIELDS], [field(values[name]) for name in FULL], user)
                    lost = [name for name, column in zip(FULL_FIELDS, FULL) if values[column] is expected.UNKNOWN]
                    self.assertEqual([name for name in each["unknown"] if name in FULL_FIELDS], lost)

    def test_the_original_strategy(self):
        """What calls about single users can't show is unknown, and no account is partial for that."""
        sim = self.simulator(world=everything())
        document, data = self.census(sim, "--columns", "full")
        self.assertEqual(document["partial_accounts"], [])
        for row in rows_of_csv(data):
            self.assertEqual({row[name] for name in ("InlinePolicies", "GroupPolicies", "IsAdmin", "AdminVia")}, {"unknown"})
            self.assertNotEqual(row["Kind"], "unknown")


class AccountsFile(SimCensus):
    def assert_accounts(self, sim, data, failures=None):
        rows = rows_of_csv(data)
        self.assertEqual(list(rows[0]), ACCOUNTS)
        self.assertEqual([row["AccountID"] for row in rows], sorted(each["id"] for each in sim.dump["accounts"]))
        for row in rows:
            account = next(each for each in sim.dump["accounts"] if each["id"] == row["AccountID"])
            failure = (failures or {}).get(account["id"])
            outcome = "failed" if failure else "succeeded" if account["state"] == "ACTIVE" else "skipped"
            wanted = account_cells(sim.dump, account, outcome, failure or ("", ""))
            wanted["AccountName"] = f"'{account['name']}" if account["name"].startswith("=") else account["name"]
            if outcome == "succeeded":
                self.assert_policy(account, row["PasswordPolicy"])
            self.assertEqual({name: row[name] for name in wanted}, wanted)

    def assert_policy(self, account, text):
        given = account["password_policy"]
        if given is None:
            self.assertEqual(text, "default")
            return
        policy = json.loads(text)
        self.assertEqual(text, compact(policy))
        self.assertEqual((policy["MinimumPasswordLength"], policy.get("PasswordReusePrevention")),
                         (given["minimum_length"], given["reuse_prevention"] or None))

    def test_every_account_has_a_row(self):
        for sim in (self.simulator(world=everything()), self.simulator("--accounts", 40, "--users", 6, "--seed", 5)):
            for target in ("true", "somewhere else.csv"):
                document, _ = self.census(sim, "--accounts-file", target, strategy="auto")
                path = self.work / ("out.accounts.csv" if target == "true" else target)
                self.assert_accounts(sim, path.read_bytes())
                self.assertEqual(document["accounts_file"], str(path) if target == "true" else target)
                path.unlink()

    def test_failed_accounts(self):
        scenario = {"rules": [{"actions": ["ListUsers", "GetAccountAuthorizationDetails"], "accounts": [A], "fault": "access_denied"}]}
        sim = self.simulator(world=everything(), scenario=scenario)
        document, _ = self.census(sim, "--accounts-file", "true", strategy="auto", code=3)
        failed, = document["failed_accounts"]
        self.assert_accounts(sim, (self.work / "out.accounts.csv").read_bytes(), {A: (failed["stage"], failed["code"])})

    def test_nothing_read_writes_neither(self):
        scenario = {"rules": [{"actions": ["ListUsers", "GetAccountAuthorizationDetails"], "fault": "access_denied"}]}
        sim = self.simulator(world=everything(), scenario=scenario)
        self.census(sim, "--accounts-file", "true", strategy="auto", code=1)
        self.assertEqual(sorted(self.work.iterdir()), [])

    def test_into_s3(self):
        sim = self.simulator(world=everything())
        run = self.run_on(sim, "--s3-bucket", BUCKET, "--s3-prefix", "iam/", "--accounts-file", "true", "--json", strategy="auto")
        document = self.document(run)
        s3 = sim.client("s3")
        key = document["output"].removeprefix(f"s3://{BUCKET}/")
        name = key.removesuffix(".csv")
        stored = {each["Key"]: each["LastModified"] for each in s3.list_objects_v2(Bucket=BUCKET)["Contents"]}
        self.assertEqual(stored.keys(), {key, f"{name}.accounts.csv", f"{name}.result.json"})
        self.assertLessEqual(stored[f"{name}.accounts.csv"], stored[key])
        self.assertLessEqual(stored[key], stored[f"{name}.result.json"])
        body = lambda which: s3.get_object(Bucket=BUCKET, Key=which)["Body"].read()
        self.assert_accounts(sim, body(f"{name}.accounts.csv"))
        self.assertEqual(json.loads(body(f"{name}.result.json")), document)
        self.assertEqual(document["accounts_file"], f"s3://{BUCKET}/{name}.accounts.csv")
