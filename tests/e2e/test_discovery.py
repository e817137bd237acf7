# SPDX-License-Identifier: MIT
"""Which accounts are read: lists, files, stdin, the organization, its units, exclusions."""

import json
import unittest

import expected
import faults
from cases import FILE_NAME, ScriptedCase
from scripted import ScriptedAws
from world import World

IDS = [f"{digit}" * 12 for digit in range(1, 9)]


class Discovery(ScriptedCase):
    def setUp(self):
        super().setUp()
        self.server.empty_pages = True
        self.world.page_size = 2

    def populate(self, ids=IDS, **where):
        for account_id in ids:
            self.world.account(account_id, name=f'=Name, "{account_id[0]}"', **where).user("ann")

    def discover(self, *arguments, code=0):
        run = self.collect("--output", "out.csv", "--json", *arguments)
        self.assert_code(run, code)
        return self.document(run), run

    def test_all_active_accounts_of_the_organization(self):
        states = [("ACTIVE", "ACTIVE"), ("SUSPENDED", "SUSPENDED"), ("PENDING_CLOSURE", "PENDING_CLOSURE"),
                  ("CLOSED", "ACTIVE"), ("ACTIVE", "SUSPENDED"), (None, "ACTIVE"), (None, "SUSPENDED"), ("ACTIVE", None)]
        for account_id, (state, status) in zip(IDS, states):
            self.world.account(account_id, state=state, status=status).user("ann")
        document, _ = self.discover()
        wanted = [account_id for account_id, pair in zip(IDS, states)
                  if pair in (("ACTIVE", "ACTIVE"), ("ACTIVE", "SUSPENDED"), (None, "ACTIVE"), ("ACTIVE", None))]
        self.assertEqual(document["successful_accounts"], wanted)
        self.assertEqual({call.account for call in self.server.of("ListUsers")}, set(wanted))
        skipped = [{"account_id": account_id, "state": state or status} for account_id, (state, status) in zip(IDS, states)
                   if account_id not in wanted]
        self.assertEqual(document["skipped_accounts"], skipped)

    def test_every_account_is_accounted_for_exactly_once(self):
        """Successful, partial, failed, skipped or excluded."""
        states = ["ACTIVE", "SUSPENDED", "ACTIVE", "PENDING_CLOSURE", "ACTIVE", "ACTIVE", "SUSPENDED", "ACTIVE"]
        for account_id, state in zip(IDS, states):
            self.world.account(account_id, state=state).user("ann")
        self.world.accounts[IDS[2]].denied = {"ListUserTags"}
        self.world.accounts[IDS[4]].role_error = ("AccessDenied", "no such role")
        excluded = [IDS[5], IDS[6]]
        document, run = self.discover("--exclude", ",".join(excluded), code=3)
        told = (document["successful_accounts"] + [each["account_id"] for name in ("partial", "failed", "skipped")
                                                   for each in document[f"{name}_accounts"]] + excluded)
        self.assertEqual(sorted(told), IDS)
        self.assertEqual(document["skipped_accounts"], [{"account_id": IDS[1], "state": "SUSPENDED"},
                                                        {"account_id": IDS[3], "state": "PENDING_CLOSURE"}])
        people = self.collect("--output", "out.csv")
        self.assert_code(people, 3)
        self.assertIn(b"\n3 accounts left out, not ACTIVE (--json has each)\n", people.out)

    def test_a_next_token_that_cannot_be_read_is_an_error(self):
        """The first page alone must not pass for the organization."""
        self.populate()
        for token in (5, {}, [], True):
            listed = json.dumps({"Accounts": [{"Id": IDS[0], "State": "ACTIVE"}], "NextToken": token})
            self.server.fault(faults.body(listed, "application/x-amz-json-1.1"), times=1, action="ListAccounts")
            run = self.collect("--output", "out.csv")
            self.assert_code(run, 1)
            self.assert_says(run, "NextToken", "ListAccounts")
            self.assert_nothing_left()

    def test_an_account_whose_id_cannot_be_read_is_an_error(self):
        self.populate()
        for wrong in ("12", "1111111111111", "11111111111a", 111111111111):
            listed = json.dumps({"Accounts": [{"Id": IDS[0], "State": "ACTIVE"}, {"Id": wrong, "State": "SUSPENDED"}]})
            self.server.fault(faults.body(listed, "application/x-amz-json-1.1"), times=1, action="ListAccounts")
            run = self.collect("--output", "out.csv")
            self.assert_code(run, 1)
            self.assert_says(run, "ListAccounts", "Id" if wrong == 111111111111 else f"'{wrong}'")
            self.assert_nothing_left()

    def test_names_of_accounts_and_of_the_organization(self):
        self.populate(IDS[:3])
        run = self.collect("--columns", "extended", "--json")
        self.assert_code(run, 0)
        name, data = self.only_file()
        self.assertEqual(FILE_NAME.match(name).groups(), (self.world.organization_id, "csv"))
        document = self.document(run)
        rows = expected.from_world(self.world, IDS[:3], names_known=True)
        self.assert_bytes(data, expected.csv_bytes(rows, self.start_of(document), "extended", seen=data))

    def test_json_lines_know_the_names(self):
        self.populate(IDS[:3])
        run = self.collect("--format", "jsonl", "--json")
        self.assert_code(run, 0)
        name, data = self.only_file()
        self.assertEqual(FILE_NAME.match(name).groups(), (self.world.organization_id, "jsonl"))
        rows = expected.from_world(self.world, IDS[:3], names_known=True)
        self.assert_bytes(data, expected.jsonl_bytes(rows, self.start_of(self.document(run)), seen=data))

    def test_units_are_read_with_what_is_below_them(self):
        self.world.unit("ou-cens-top00001")
        self.world.unit("ou-cens-mid00001", "ou-cens-top00001")
        self.world.unit("ou-cens-low00001", "ou-cens-mid00001")
        self.world.unit("ou-cens-other001")
        parents = [None, "ou-cens-top00001", "ou-cens-mid00001", "ou-cens-low00001", "ou-cens-other001", None]
        for account_id, parent in zip(IDS, parents):
            self.world.account(account_id, parent=parent).user("ann")
        self.world.account(IDS[6], parent="ou-cens-low00001", state="SUSPENDED", status="SUSPENDED").user("ann")
        document, _ = self.discover("--ou", "ou-cens-top00001")
        self.assertEqual(document["successful_accounts"], IDS[1:4])
        document, _ = self.discover("--ou", "ou-cens-mid00001", "--ou", "ou-cens-other001")
        self.assertEqual(document["successful_accounts"], IDS[2:5])
        document, _ = self.discover("--ou", "ou-cens-top00001", "--exclude", f"{IDS[1]},{IDS[3]}")
        self.assertEqual(document["successful_accounts"], [IDS[2]])

    def test_an_unknown_unit_is_an_error_that_names_it(self):
        self.populate(IDS[:2])
        run = self.collect("--output", "out.csv", "--ou", "ou-cens-nosuch01")
        self.assertIn(run.code, (1, 2), str(run))
        self.assert_says(run, "ou-cens-nosuch01", "the organization has no such organizational unit or root (--ou)")
        self.assert_nothing_left()

    def test_exclusions(self):
        self.populate()
        document, _ = self.discover("--exclude", f"{IDS[0]},{IDS[5]}")
        self.assertEqual(document["successful_accounts"], IDS[1:5] + IDS[6:])
        (self.work / "leave-out").write_text(f"# never\n{IDS[1]}  # this\n")
        document, _ = self.discover("--exclude", "@leave-out", "--accounts", ",".join(IDS[:3]))
        self.assertEqual(document["successful_accounts"], [IDS[0], IDS[2]])

    def test_a_throttled_organization_is_asked_again(self):
        self.populate()
        self.world.page_size = 20
        self.server.fault(faults.throttle("TooManyRequestsException"), times=2, action="ListAccounts")
        self.server.fault(faults.reset_inside(), times=1, action="ListAccounts")
        document, _ = self.discover()
        self.assertEqual(document["successful_accounts"], IDS)

    def test_an_organization_that_denies(self):
        self.populate(IDS[:2])
        self.world.organization_denied = True
        run = self.collect("--output", "out.csv")
        self.assertIn(run.code, (1, 2), str(run))
        self.assert_says(run, "organization", "permission")
        self.assert_nothing_left()
        self.assertEqual(self.server.count("AssumeRole"), 0)

    def test_the_organization_id_is_needed_for_the_file_name_alone(self):
        self.populate(IDS[:2])
        self.world.organization_denied = True
        run = self.collect("--accounts", IDS[1])
        self.assert_configuration_error(run, "organization")
        self.assertEqual(self.server.count("AssumeRole"), 0)
        self.assert_code(self.collect("--accounts", IDS[1], "--output", "out.csv"), 0)
        (self.work / "out.csv").unlink()
        self.assert_code(self.collect("--accounts", IDS[1], env={"ORGANIZATION_ID": "o-environment"}), 0)
        self.assertIn("IAM_USER_TAGS_o-environment_combined_", self.only_file()[0])

    def test_an_id_of_the_organization_that_is_none(self):
        """It goes into the name of a file and of an object."""
        self.populate(IDS[:2])
        self.world.organization_id = "../../../x/o-1"
        run = self.collect("--accounts", IDS[1])
        self.assert_code(run, 1)
        self.assert_says(run, "DescribeOrganization", "'../../../x/o-1'")
        self.assert_nothing_left()
        for given in ("123", "../../../x/o-1", "o-short"):
            for how in ({"env": {"ORGANIZATION_ID": given}}, {"flags": ("--organization-id", given)}):
                run = self.collect("--accounts", IDS[1], *how.get("flags", ()), env=how.get("env"))
                self.assert_configuration_error(run, f"'{given}'", "organization id")
        self.assertEqual(self.server.count("AssumeRole"), 0)

    def test_the_id_of_the_organization_is_asked_for(self):
        self.populate(IDS[:2])
        self.assert_code(self.collect("--accounts", IDS[1]), 0)
        self.assertIn(f"IAM_USER_TAGS_{self.world.organization_id}_combined_", self.only_file()[0])
        self.assertEqual(self.server.count("ListAccounts"), 0)


class Partitions(ScriptedCase):
    """ARNs and signing regions follow from the region; the server refuses what is signed for another."""

    def test_all_partitions(self):
        regions = {"aws": "ap-southeast-2", "aws-cn": "cn-northwest-1", "aws-us-gov": "us-gov-east-1",
                   "aws-iso": "us-iso-west-1", "aws-iso-b": "us-isob-east-1", "aws-iso-e": "eu-isoe-west-1",
                   "aws-iso-f": "us-isof-east-1", "aws-eusc": "eusc-de-east-1"}
        for partition, region in regions.items():
            with self.subTest(partition=partition):
                world = World(partition)
                world.account(IDS[0]).user("ann", path="/team/")
                world.account(IDS[1]).user("bob")
                world.bucket("bucket", region)
                with ScriptedAws(world, region) as server:
                    run = self.collect("--s3-bucket", "bucket", env={"AWS_REGION": region, "AWS_ENDPOINT_URL": server.url})
                    self.assert_code(run, 0)
                    self.assertEqual(server.violations, [])
                    self.assertEqual(sorted(call.params["RoleArn"] for call in server.of("AssumeRole")),
                                     [f"arn:{partition}:iam::{account}:role/CensusRole" for account in IDS[:2]])
                stored, _ = world.buckets["bucket"].objects.values()  # the other is its result document
                self.assertIn(f"arn:{partition}:iam::{IDS[0]}:user/team/ann".encode(), stored.body)


class Lists(ScriptedCase):
    def setUp(self):
        super().setUp()
        for account_id in IDS:
            self.world.account(account_id).user("ann")

    def read(self, *arguments, **options):
        run = self.collect("--output", "out.csv", "--json", *arguments, **options)
        self.assert_code(run, 0)
        return self.document(run)["successful_accounts"]

    def test_a_file_with_comments(self):
        (self.work / "ids").write_text(f"# all\n{IDS[2]}\n\n  {IDS[0]}  # the first\n#{IDS[4]}\n{IDS[1]}")
        self.assertEqual(self.read("--accounts", "@ids"), IDS[:3])

    def test_stdin(self):
        self.assertEqual(self.read("--accounts", "-", stdin=f"{IDS[3]}\n#x\n{IDS[2]} # y\n".encode()), IDS[2:4])

    def test_lists_as_programs_write_them(self):
        """What the AWS CLI prints, office programs save, web pages show and exports quote."""
        files = {"tabs": f"{IDS[0]}\t{IDS[1]}\t{IDS[2]}\n".encode(),
                 "windows": f"\ufeff{IDS[0]}\r\n{IDS[1]}\r\n{IDS[2]}\r\n".encode(),
                 "copied": f"{IDS[0]}\u00a0\n\u00a0{IDS[1]} \u202f{IDS[2]}".encode(),
                 "old mac": f"{IDS[0]}\r{IDS[1]}\r{IDS[2]}".encode(),
                 "export": f'"{IDS[0]}"\r\n"{IDS[1]}"\r\n\'{IDS[2]}\''.encode()}
        for name, data in files.items():
            with self.subTest(file=name):
                (self.work / name).write_bytes(data)
                self.assertEqual(self.read("--accounts", f"@{name}"), IDS[:3])
                self.assertEqual(self.read("--accounts", "-", stdin=data), IDS[:3])
                both = ",".join(IDS[:5])
                self.assertEqual(self.read("--accounts", both, "--exclude", f"@{name}"), IDS[3:5])
        self.assertEqual(self.read(env={"CHILD_ACCOUNT_IDS": f" {IDS[1]}\n\t{IDS[0]} "}), IDS[:2])
        self.assertEqual(self.read("--accounts", f"{IDS[1]} {IDS[0]}"), IDS[:2])

    def test_environment(self):
        variables = {"CHILD_ACCOUNT_IDS": f"{IDS[1]},{IDS[0]}", "EXCLUDE_ACCOUNT_IDS": IDS[0]}
        self.assertEqual(self.read(env=variables), [IDS[1]])

    def test_a_flag_comes_before_the_environment(self):
        variables = {"CHILD_ACCOUNT_IDS": IDS[1], "ROLE_NAME": "NoSuchRole"}
        seen = self.read("--accounts", IDS[0], "--role-name", "CensusRole", env=variables)
        self.assertEqual(seen, [IDS[0]])

    def test_the_same_account_twice_is_read_once_with_a_warning(self):
        run = self.collect("--accounts", f"{IDS[0]},{IDS[1]},{IDS[0]}", "--output", "out.csv", "--json")
        self.assert_code(run, 0)
        self.assert_says(run, IDS[0])
        self.assertNotIn(IDS[1], run.err)
        self.assertEqual(self.document(run)["successful_accounts"], IDS[:2])
        self.assertEqual((self.document(run)["rows"], self.server.count("ListUsers")), (2, 2))
        (self.home / "ids").write_text(f"{IDS[0]}\n{IDS[1]}\n{IDS[0]}\n")
        run = self.collect("--accounts", f"@{self.home}/ids", "--output", "out.csv", "--json")
        self.assert_code(run, 0)
        self.assert_says(run, IDS[0], f"{self.home}/ids:3")


if __name__ == "__main__":
    unittest.main()
