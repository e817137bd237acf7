# SPDX-License-Identifier: MIT
"""Against moto, an AWS API that was written elsewhere: the census byte for byte as boto3 sees the accounts."""

import json
import unittest

import expected
from cases import FILE_NAME, Case
from moto_server import CALLER_KEY, CALLER_SECRET, OWN_ACCOUNT, REGION, ROLE, MotoServer, needs_moto
from seed import seed_many, seed_varied

VARIED, SECOND, MANY, EMPTY = "222222222222", "333333333333", "444444444444", "555555555555"
MANY_USERS = 230
# all but the large one, for moto answers no more than some 150 calls a second
FEW = [OWN_ACCOUNT, VARIED, SECOND, EMPTY]
BUCKET = "census-bucket"


def environment_for(moto):
    return {"AWS_ENDPOINT_URL": moto.url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": CALLER_KEY,
            "AWS_SECRET_ACCESS_KEY": CALLER_SECRET, "ROLE_NAME": ROLE, "STRATEGY": "per-user"}


@needs_moto
class MotoCase(Case):
    """One moto for all tests of a class, seeded once: reading changes nothing."""

    @classmethod
    def setUpClass(cls):
        cls.moto = MotoServer().start()
        cls.addClassCleanup(cls.moto.stop)
        cls.seed()

    @classmethod
    def seed(cls):
        pass

    def environment(self):
        return environment_for(self.moto)

    def secrets_now(self):
        return {CALLER_SECRET}


class Census(MotoCase):
    @classmethod
    def seed(cls):
        seed_varied(cls.moto, VARIED, "the-alias")
        seed_varied(cls.moto, SECOND)
        seed_many(cls.moto, MANY, MANY_USERS)
        cls.moto.inside(EMPTY).create_account_alias(AccountAlias="nobody-here")
        seed_many(cls.moto, OWN_ACCOUNT, 5)
        cls.ids = [OWN_ACCOUNT, VARIED, SECOND, MANY, EMPTY]
        cls.rows = expected.from_moto(cls.moto.inside, cls.ids)
        cls.moto.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})

    def read(self, *arguments, ids=None):
        run = self.collect("--accounts", ",".join(ids or self.ids), "--json", *arguments)
        self.assert_code(run, 0)
        document = self.document(run)
        self.assertEqual(document["successful_accounts"], sorted(ids or self.ids))
        return document

    def rows_of(self, ids):
        return [row for row in self.rows if row.account_id in ids]

    def test_seed_holds_what_the_comparison_is_to_see(self):
        """The other tests would pass on an empty world."""
        self.assertGreater(len(self.rows), 260)
        zoe = next(row for row in self.rows if row.name == "zoe")
        self.assertEqual((len(zoe.groups), len(zoe.mfa), zoe.password is None), (3, 1, False))
        self.assertTrue(any(len(row.certs) == 2 for row in self.rows))
        self.assertTrue(any(len(row.tags) == 50 for row in self.rows))
        self.assertTrue(any(key.used for row in self.rows for key in row.keys))
        self.assertTrue(any("\n" in value and row.name == "awkward" for row in self.rows for _, value in row.tags))
        self.assertTrue(any(key.status == "Inactive" for row in self.rows for key in row.keys))

    def test_standard(self):
        document = self.read("--output", "out.csv")
        self.assert_bytes(self.only_file()[1], expected.csv_bytes(self.rows, self.start_of(document)))
        self.assertEqual((document["rows"], document["retries"]), (len(self.rows), 0))

    def test_extended(self):
        document = self.read("--output", "out.csv", "--columns", "extended", ids=FEW)
        data = self.only_file()[1]
        self.assert_bytes(data, expected.csv_bytes(self.rows_of(FEW), self.start_of(document), "extended", seen=data))

    def test_json_lines(self):
        document = self.read("--output", "out.jsonl", "--format", "jsonl", ids=FEW)
        data = self.only_file()[1]
        self.assert_bytes(data, expected.jsonl_bytes(self.rows_of(FEW), self.start_of(document), seen=data))

    def test_stdout(self):
        before = self.now()
        run = self.collect("--accounts", f"{SECOND},{VARIED}", "--output", "-")
        self.assert_code(run, 0)
        rows = self.rows_of((VARIED, SECOND))
        if run.out != expected.csv_bytes(rows, before):
            self.assert_bytes(run.out, expected.csv_bytes(rows, self.now()), run)
        self.assert_nothing_left()

    def test_object_in_s3(self):
        s3 = self.moto.client("s3")
        ids = [VARIED, SECOND]
        for columns in ("standard", "extended"):
            document = self.read("--s3-bucket", BUCKET, "--s3-prefix", f"a b/{columns}/ü+", "--organization-id", "o-minealoneid",
                                 "--columns", columns, ids=ids)
            keys = [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET, Prefix=f"a b/{columns}/")["Contents"]]
            key, beside = keys
            self.assertEqual(beside, f"{key.removesuffix('.csv')}.result.json")
            self.assertEqual(json.loads(s3.get_object(Bucket=BUCKET, Key=beside)["Body"].read()), document)
            self.assertTrue(FILE_NAME.match(key.removeprefix(f"a b/{columns}/ü+")), key)
            self.assertEqual(document["output"], f"s3://{BUCKET}/{key}")
            body = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
            rows = self.rows_of(ids)
            self.assert_bytes(body, expected.csv_bytes(rows, self.start_of(document), columns, seen=body))
        self.assert_nothing_left()

    def test_two_runs_are_the_same_bytes(self):
        self.read("--output", "first.csv", "--max-connections", "64", ids=FEW)
        self.read("--output", "second.csv", "--max-connections", "3", ids=FEW[::-1])
        self.assert_bytes((self.work / "first.csv").read_bytes(), (self.work / "second.csv").read_bytes())

    def test_a_bucket_that_is_missing(self):
        run = self.collect("--accounts", VARIED, "--s3-bucket", "no-such-bucket", "--organization-id", "o-minealoneid")
        self.assert_code(run, 1)
        self.assert_says(run, "no-such-bucket", "not exist")
        self.assert_nothing_left()


class Organization(MotoCase):
    @classmethod
    def seed(cls):
        organizations = cls.moto.client("organizations")
        cls.organization_id = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
        root = organizations.list_roots()["Roots"][0]["Id"]
        cls.names, cls.accounts = {OWN_ACCOUNT: "master"}, []
        for number in range(25):
            name = f'Team {number}, "日本"'
            made = organizations.create_account(Email=f"team{number}@example.org", AccountName=name)
            account_id = made["CreateAccountStatus"]["AccountId"]
            cls.accounts.append(account_id)
            cls.names[account_id] = name
            cls.moto.inside(account_id).create_user(UserName=f"user-of-{number}")
        cls.closed = cls.accounts.pop()
        organizations.close_account(AccountId=cls.closed)
        unit = lambda parent, name: organizations.create_organizational_unit(ParentId=parent, Name=name)[
            "OrganizationalUnit"]["Id"]
        cls.top = unit(root, "top")
        cls.low = unit(cls.top, "low")
        for account_id, parent in zip(cls.accounts, (cls.top, cls.low, cls.low)):
            organizations.move_account(AccountId=account_id, SourceParentId=root, DestinationParentId=parent)

    def rows_of(self, ids):
        return expected.from_moto(self.moto.inside, ids, self.names)

    def test_all_active_accounts(self):
        run = self.collect("--json", "--columns", "extended")
        self.assert_code(run, 0)
        document = self.document(run)
        ids = sorted([OWN_ACCOUNT, *self.accounts])
        self.assertEqual(document["successful_accounts"], ids)
        name, data = self.only_file()
        self.assertEqual(FILE_NAME.match(name).groups(), (self.organization_id, "csv"))
        self.assert_bytes(data, expected.csv_bytes(self.rows_of(ids), self.start_of(document), "extended", seen=data))

    def test_a_unit_and_what_is_below_it(self):
        for unit, ids in ((self.top, self.accounts[:3]), (self.low, self.accounts[1:3])):
            run = self.collect("--json", "--output", "out.csv", "--ou", unit)
            self.assert_code(run, 0)
            self.assertEqual(self.document(run)["successful_accounts"], sorted(ids))
            self.assert_bytes(self.only_file()[1], expected.csv_bytes(self.rows_of(ids), self.start_of(self.document(run))))


if __name__ == "__main__":
    unittest.main()
