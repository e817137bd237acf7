# SPDX-License-Identifier: MIT
"""The bulk sources against moto: what boto3 sees, by each strategy, and in what moto's credential report differs.

What moto's report says that AWS's would not, and what follows:

- its time is always the same day of 2015, and it is never old: it is made of the users as they are when it is fetched;
- `password_last_changed` is the day on which the user was made, so PasswordAge counts from there;
- `cert_N_last_rotated` is always N/A: an active certificate shows by `cert_N_active` alone, and a user whose only
  certificates are inactive seems to have none;
- `access_key_N_last_used_region` and `_service` are always not_supported: they seem never to have been used anywhere;
- it has no line for the root user, no `additional_credentials_info`, and no state between STARTED and COMPLETE;
- it puts no cell in quotes: a name with a comma makes a line of too many cells, and that user is read by himself;
- users have no permissions boundary.
"""

import csv
import io
import json
import unittest

import expected
from expected import EXTENDED, STANDARD, UNKNOWN
from moto_server import OWN_ACCOUNT, REGION
from seed import certificate, seed_many, seed_varied
from test_moto import MotoCase

VARIED, SECOND, MANY, EMPTY = "222222222222", "333333333333", "444444444444", "555555555555"
MANY_USERS = 120
REPORT_AT = "2015-02-02T20:02:02Z"
ANY_REPORT = "52560000"  # minutes: however old it is
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}]}
# whose source is the report or the details
OF_THE_REPORT = {"PasswordLastChanged", "AccessKeyLastUsedService", "AccessKeyLastUsedRegion", "PermissionsBoundary",
                 "AttachedPolicies", "DataAsOf", "Unknown"}


def table(data):
    rows = csv.DictReader(io.StringIO(data.decode(), newline=""))
    return {(row["AccountID"], row["UserName"]): row for row in rows}


class BulkCase(MotoCase):
    def environment(self):
        return {**super().environment(), "MAX_REPORT_AGE": ANY_REPORT}


class Bulk(BulkCase):
    @classmethod
    def seed(cls):
        seed_varied(cls.moto, VARIED, "the-alias")
        seed_varied(cls.moto, SECOND)
        seed_many(cls.moto, MANY, MANY_USERS)
        cls.moto.inside(EMPTY).create_account_alias(AccountAlias="nobody-here")
        seed_many(cls.moto, OWN_ACCOUNT, 5)
        cls.seed_policies(cls.moto.inside(SECOND))
        cls.ids = [OWN_ACCOUNT, VARIED, SECOND, MANY, EMPTY]
        cls.rows = expected.from_moto(cls.moto.inside, cls.ids)

    @classmethod
    def seed_policies(cls, iam):
        """What only the details show."""
        for name in ("second", "first"):
            made = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(POLICY))["Policy"]["Arn"]
            iam.attach_user_policy(UserName="zoe", PolicyArn=made)
        iam.put_user_policy(UserName="zoe", PolicyName="inline", PolicyDocument=json.dumps(POLICY))
        iam.create_user(UserName="closed-signer")
        made = iam.upload_signing_certificate(UserName="closed-signer", CertificateBody=certificate())["Certificate"]
        iam.update_signing_certificate(UserName="closed-signer", CertificateId=made["CertificateId"], Status="Inactive")

    def read(self, strategy, *arguments, ids=None):
        """(document, bytes of the file)"""
        target = self.work / "out.csv"
        run = self.collect("--accounts", ",".join(ids or self.ids), "--json", "--output", target, "--strategy", strategy,
                           *arguments)
        self.assert_code(run, 0)
        document = self.document(run)
        self.assertEqual(document["successful_accounts"], sorted(ids or self.ids))
        self.assertEqual(document["retries"], 0)
        return document, target.read_bytes()

    def rows_of(self, ids):
        return [row for row in self.rows if row.account_id in ids]

    def assert_standard(self, strategy, document, data):
        """Every cell is what boto3 sees, but the certificates that moto's report hides."""
        wanted = expected.csv_bytes(self.rows, self.start_of(document))
        if strategy == "per-user":
            self.assert_bytes(data, wanted)
            return
        seen, wanted = table(data), table(wanted)
        hidden = wanted[SECOND, "closed-signer"]
        self.assertIn("Inactive", hidden["SigningCerts"])
        hidden["SigningCerts"] = "[]"
        self.assertEqual(list(seen), list(wanted))
        for key, cells in wanted.items():
            self.assertEqual(seen[key], cells)

    def test_the_seed_holds_what_the_comparison_is_to_see(self):
        self.assertGreater(len(self.rows), 140)
        self.assertTrue(any(row.password for row in self.rows))
        self.assertTrue(any(row.mfa for row in self.rows))
        self.assertTrue(any(len(row.certs) == 2 for row in self.rows))
        self.assertTrue(any(key.used for row in self.rows for key in row.keys))
        self.assertTrue(any(len(row.keys) == 2 for row in self.rows))
        self.assertTrue(any(key.status == "Inactive" for row in self.rows for key in row.keys))
        self.assertTrue(any("," in row.name for row in self.rows))

    def test_standard_columns_of_each_strategy(self):
        made = {}
        for strategy in ("per-user", "bulk", "auto"):
            document, data = self.read(strategy)
            self.assert_standard(strategy, document, data)
            made[strategy] = (document["api_calls"], table(data))
            self.assertEqual(document["oldest_report_at"], None if strategy == "per-user" else REPORT_AT)
        per_user, bulk, auto = (made[name][1] for name in ("per-user", "bulk", "auto"))
        self.assertEqual(bulk, auto)
        for key, cells in per_user.items():
            differs = {name for name in STANDARD if cells[name] != bulk[key][name]}
            self.assertEqual(differs, {"SigningCerts"} if key == (SECOND, "closed-signer") else set(), key)
        self.assertLess(made["bulk"][0] * 5, made["per-user"][0])
        # a key made since the report is never missing: auto lists those of users for whom it shows none, too
        without = sum(not row.keys for row in self.rows if "," not in row.name)
        self.assertGreater(without, 5)
        self.assertEqual(made["auto"][0], made["bulk"][0] + without)

    def test_extended_columns(self):
        ids = [OWN_ACCOUNT, VARIED, SECOND, EMPTY]
        document, data = self.read("per-user", "--columns", "extended", ids=ids)
        self.assert_bytes(data, expected.csv_bytes(self.rows_of(ids), self.start_of(document), "extended", seen=data))
        per_user = table(data)
        for strategy in ("bulk", "auto"):
            document, data = self.read(strategy, "--columns", "extended", ids=ids)
            bulk = table(data)
            moments = expected.read_moments(data, self.start_of(document))
            self.assertEqual(list(bulk), list(per_user))
            for row in self.rows_of(ids):
                key = (row.account_id, ("'" if row.name[0] in "=+-@" else "") + row.name)
                for name in set(EXTENDED) - OF_THE_REPORT - {"SigningCerts"}:
                    self.assertEqual(bulk[key][name], per_user[key][name], (key, name))
                cells = {name: bulk[key][name] for name in OF_THE_REPORT}
                moment = moments.get(row.account_id)
                self.assertEqual(cells, self.report_cells(row, moment and expected._stamp(moment)), key)

    def report_cells(self, row, moment):
        """The cells whose source is moto's report or the details. moment: when the account began to be read."""
        of = f"arn:aws:iam::{row.account_id}:policy/"
        has_policies = (row.account_id, row.name) == (SECOND, "zoe")
        return {"PasswordLastChanged": row.created.strftime("%Y-%m-%dT%H:%M:%SZ") if row.password else "",
                # of two keys of one second the API is asked, and moto then answers where they were used
                "AccessKeyLastUsedService": "", "AccessKeyLastUsedRegion": "",
                "PermissionsBoundary": "",
                "AttachedPolicies": json.dumps([of + "first", of + "second"], separators=(",", ":")) if has_policies else "[]",
                "DataAsOf": moment if "," in row.name else REPORT_AT,
                "Unknown": '["AccountName"]' if row.account_name is UNKNOWN else "[]"}

    def test_no_source_is_given_up(self):
        """moto refuses nothing."""
        for strategy in ("bulk", "auto"):
            run = self.collect("--accounts", VARIED, "--output", "-", "--strategy", strategy, "--log-level", "info")
            self.assert_code(run, 0)
            self.assert_says(run, "account read")
            self.assertNotIn("can't be used", run.err)


class Changing(BulkCase):
    """Reports that nobody has asked for yet, and users that come and go."""

    def users(self, account_id, strategy):
        run = self.collect("--accounts", account_id, "--output", "-", "--strategy", strategy)
        self.assert_code(run, 0)
        return {name: cells for (_, name), cells in table(run.out).items()}

    def test_a_report_that_nobody_asked_for_and_one_that_is_there(self):
        iam = seed_many(self.moto, "666666666666", 3)
        with self.assertRaises(iam.exceptions.CredentialReportNotPresentException):
            iam.get_credential_report()
        first = self.users("666666666666", "bulk")
        self.assertEqual(iam.generate_credential_report()["State"], "COMPLETE")
        self.assertEqual(self.users("666666666666", "bulk"), first)
        self.assertEqual(len(first), 3)

    def test_users_that_come_and_go_between_runs(self):
        iam = seed_many(self.moto, "777777777777", 4)
        gone = iam.list_users()["Users"][0]["UserName"]
        for strategy in ("bulk", "auto"):
            self.assertIn(gone, self.users("777777777777", strategy))
        for key in iam.list_access_keys(UserName=gone)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=gone, AccessKeyId=key["AccessKeyId"])
        iam.delete_user(UserName=gone)
        iam.create_user(UserName="new")
        iam.create_login_profile(UserName="new", Password="Never-Shown-1!")
        for strategy in ("bulk", "auto", "per-user"):
            seen = self.users("777777777777", strategy)
            self.assertNotIn(gone, seen)
            self.assertEqual((seen["new"]["ConsoleAccess"], seen["new"]["PasswordAge"]), ("true", "0"))

    def test_an_organization(self):
        """All of it by bulk, accounts found by Organizations, into S3."""
        organizations = self.moto.client("organizations")
        organizations.create_organization(FeatureSet="ALL")
        ids = []
        for number in range(6):
            made = organizations.create_account(Email=f"bulk{number}@example.org", AccountName=f"Bulk {number}")
            ids.append(made["CreateAccountStatus"]["AccountId"])
            seed_many(self.moto, ids[-1], number)
        s3 = self.moto.client("s3")
        s3.create_bucket(Bucket="bulk-bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
        names = {each["Id"]: each["Name"] for each in organizations.list_accounts()["Accounts"]}
        rows = expected.from_moto(self.moto.inside, sorted(names), names)
        run = self.collect("--s3-bucket", "bulk-bucket", "--json", "--strategy", "bulk")
        self.assert_code(run, 0)
        document = self.document(run)
        self.assertEqual(document["successful_accounts"], sorted(names))
        body = s3.get_object(Bucket="bulk-bucket", Key=document["output"].removeprefix("s3://bulk-bucket/"))["Body"].read()
        self.assert_bytes(body, expected.csv_bytes(rows, self.start_of(document)))


if __name__ == "__main__":
    unittest.main()
