# SPDX-License-Identifier: MIT
"""'iam-census policy': exactly the permissions that a census uses, held against the calls of real runs."""

import json
import re
import unittest

from cases import Case, ScriptedCase
from census import ROOT
from people import varied_users

A, B = "111111111111", "222222222222"
BUCKET = "census-bucket"
KEY = "arn:aws:kms:eu-west-1:111111111111:key/12345678-1234-1234-1234-123456789012"
PER_USER = ["iam:GetAccessKeyLastUsed", "iam:GetLoginProfile", "iam:ListAccessKeys", "iam:ListAccountAliases",
            "iam:ListGroupsForUser", "iam:ListMFADevices", "iam:ListSigningCertificates", "iam:ListUserTags",
            "iam:ListUsers"]
ORGANIZATIONS = ["organizations:DescribeOrganization", "organizations:ListAccounts",
                 "organizations:ListAccountsForParent", "organizations:ListOrganizationalUnitsForParent"]
# S3 asks for PutObject at every step of an upload but the one that gives it up.
S3_PERMISSIONS = {"PutObject": "PutObject", "CreateMultipartUpload": "PutObject", "UploadPart": "PutObject",
                  "CompleteMultipartUpload": "PutObject", "AbortMultipartUpload": "AbortMultipartUpload"}


def actions(policy):
    return sorted(action for statement in policy["Statement"] for action in statement["Action"])


class PolicyCase(Case):
    def policy(self, *arguments):
        run = self.run_program("policy", *arguments)
        self.assert_code(run, 0)
        self.assertEqual(run.err, "")
        policy = json.loads(run.out)
        self.assertEqual(run.out.decode(), json.dumps(policy, indent=2, ensure_ascii=False) + "\n")
        self.assertEqual(policy["Version"], "2012-10-17")
        self.assertEqual({statement["Effect"] for statement in policy["Statement"]}, {"Allow"})
        every = actions(policy)
        self.assertEqual(len(every), len(set(every)), "an action stands twice")
        return policy

    def child(self, *arguments):
        policy = self.policy("--for", "child", *arguments)
        self.assertEqual(len(policy["Statement"]), 1)
        self.assertEqual(policy["Statement"][0]["Resource"], "*")
        return actions(policy)

    def function(self, *arguments):
        policy = self.policy("--for", "function", "--role-name", "census", *arguments)
        return {statement.pop("Sid"): (sorted(statement["Action"]), statement["Resource"])
                for statement in policy["Statement"]}


class Child(PolicyCase):
    def test_per_user(self):
        self.assertEqual(self.child("--strategy", "per-user"), PER_USER)
        self.assertEqual(self.child("--strategy", "per-user", "--columns", "extended"), PER_USER)

    def test_auto_holds_both_strategies(self):
        for columns in ("standard", "extended"):
            auto = set(self.child("--columns", columns))
            self.assertEqual(auto, set(self.child("--columns", columns, "--strategy", "auto")))
            self.assertEqual(auto, set(self.child("--columns", columns, "--strategy", "bulk")) | set(PER_USER))

    def test_other_formats_need_what_the_extended_columns_need(self):
        for strategy in ("auto", "bulk", "per-user"):
            self.assertEqual(self.child("--strategy", strategy, "--format", "jsonl"),
                             self.child("--strategy", strategy, "--columns", "extended"))
            self.assertLessEqual(set(self.child("--strategy", strategy)),
                                 set(self.child("--strategy", strategy, "--format", "jsonl")))

    def test_findings_need_what_their_rules_need(self):
        account = {"iam:GetAccountSummary", "iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices",
                   "iam:ListServiceSpecificCredentials"}
        for strategy in ("auto", "bulk", "per-user"):
            plain = set(self.child("--strategy", strategy))
            every = set(self.child("--strategy", strategy, "--findings", "true"))
            self.assertEqual(every & account, account)
            self.assertLessEqual(every, set(self.child("--strategy", strategy, "--columns", "full", "--accounts-file", "true")))
            one = set(self.child("--strategy", strategy, "--findings", "true", "--rules", "password-policy-length"))
            self.assertEqual(one - plain, {"iam:GetAccountPasswordPolicy"})

    def test_nothing_but_reading(self):
        for strategy in ("auto", "bulk", "per-user"):
            for action in self.child("--strategy", strategy, "--columns", "extended"):
                self.assertRegex(action, r"^iam:(Get|List|GenerateCredentialReport)")

    def test_the_manual_has_the_same_lists(self):
        text = (ROOT / "docs/permissions.md").read_text()
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `iam:")]
        for column, strategy in enumerate(("auto", "bulk", "per-user"), 1):
            listed = [name for row in rows if row[column] == "x" for name in re.findall(r"iam:\w+", row[0])]
            self.assertEqual(sorted(listed), self.child("--strategy", strategy))

    def test_it_does_not_depend_on_the_callers_flags(self):
        self.assertEqual(self.child("--role-name", "x", "--s3-bucket", BUCKET, "--no-organizations"), self.child())


class Function(PolicyCase):
    def test_a_local_file(self):
        self.assertEqual(self.function(), {
            "AssumeCensusRole": (["sts:AssumeRole"], "arn:aws:iam::*:role/census"),
            "FindAccounts": (ORGANIZATIONS, "*")})

    def test_everything(self):
        self.assertEqual(
            self.function("--s3-bucket", BUCKET, "--s3-prefix", "a/", "--sse-kms-key-id", KEY, "--fan-out"), {
                "AssumeCensusRole": (["sts:AssumeRole"], "arn:aws:iam::*:role/census"),
                "FindAccounts": (ORGANIZATIONS, "*"),
                "WriteOutput": (["s3:AbortMultipartUpload", "s3:PutObject"], f"arn:aws:s3:::{BUCKET}/a/*"),
                "TakeBatches": (["s3:DeleteObject", "s3:GetObject"], f"arn:aws:s3:::{BUCKET}/a/work/*"),
                "SeeMissingBatches": (["s3:ListBucket"], f"arn:aws:s3:::{BUCKET}"),
                "EncryptOutput": (["kms:Decrypt", "kms:GenerateDataKey"], KEY)})

    def test_suppressions_in_the_bucket(self):
        statements = self.function("--s3-bucket", BUCKET, "--s3-prefix", "a/", "--findings", "true", "--suppress-key", "b/c.csv")
        self.assertEqual(statements["ReadSuppressions"], (["s3:GetObject"], f"arn:aws:s3:::{BUCKET}/b/c.csv"))
        self.assertNotIn("ReadSuppressions", self.function("--s3-bucket", BUCKET, "--findings", "true"))

    def test_an_encryption_without_a_key(self):
        """--sse is no short form of --sse-kms-key-id, and keys of S3's own need no permission."""
        for kind in ("AES256", "aws:kms", "aws:kms:dsse"):
            self.assertEqual(self.function("--s3-bucket", BUCKET, "--sse", kind), self.function("--s3-bucket", BUCKET))
        self.assertEqual(self.function("--s3-bucket", BUCKET, "--sse", "aws:kms", "--sse-kms-key-id", KEY)["EncryptOutput"],
                         (["kms:Decrypt", "kms:GenerateDataKey"], KEY))

    def test_the_least(self):
        self.assertEqual(self.function("--no-organizations", "--s3-bucket", BUCKET), {
            "AssumeCensusRole": (["sts:AssumeRole"], "arn:aws:iam::*:role/census"),
            "WriteOutput": (["s3:AbortMultipartUpload", "s3:PutObject"], f"arn:aws:s3:::{BUCKET}/*")})

    def test_a_path_and_a_partition(self):
        for partition in ("aws", "aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "aws-eusc"):
            statements = self.function("--role-name", "/audit/census", "--s3-bucket", BUCKET, "--partition", partition)
            self.assertEqual(statements["AssumeCensusRole"][1], f"arn:{partition}:iam::*:role/audit/census")
            self.assertEqual(statements["WriteOutput"][1], f"arn:{partition}:s3:::{BUCKET}/*")

    def condition(self, *arguments):
        """The condition under which a role may be assumed; no other statement has one."""
        assume, *others = self.policy("--for", "function", "--role-name", "census", *arguments)["Statement"]
        self.assertEqual(assume["Sid"], "AssumeCensusRole")
        for statement in others:
            self.assertNotIn("Condition", statement)
        return assume.get("Condition")

    def test_only_roles_of_the_organization(self):
        """The account in the ARN is a '*': what keeps the caller in its organization is the condition."""
        own = {"StringEquals": {"aws:ResourceOrgID": "${aws:PrincipalOrgID}"}}
        named = {"StringEquals": {"aws:ResourceOrgID": "o-0123456789"}}
        self.assertEqual(self.condition(), own)
        self.assertEqual(self.condition("--s3-bucket", BUCKET, "--fan-out", "--sse-kms-key-id", KEY), own)
        self.assertEqual(self.condition("--organization-id", "o-0123456789"), named)
        self.assertEqual(self.condition("--organization-id", "o-0123456789", "--no-organizations"), named)
        # nothing says that the accounts belong to an organization at all
        self.assertIsNone(self.condition("--no-organizations"))

    def test_the_environment_does_not_count(self):
        self.assertEqual(self.run_program("policy", "--for", "function", "--role-name", "census",
                                          env={"ORGANIZATION_ID": "o-9999999999"}).out,
                         self.run_program("policy", "--for", "function", "--role-name", "census").out)
        run = self.run_program("policy", "--for", "function", env={"ROLE_NAME": "census"})
        self.assert_configuration_error(run, "role")


class Wrong(PolicyCase):
    def test_usage(self):
        for arguments, words in (
                ([], ["--for child", "--for function"]),
                (["--for", "me"], ["--for", "'me'", "child, function"]),
                (["--for"], ["--for", "value"]),
                (["child"], ["'child' is not an option: did you mean '--for child'?"]),
                (["--caller"], ["unknown option '--caller': did you mean '--for function'?"]),
                (["--for", "child", "--bogus"], ["--bogus", "iam-census help --all policy"]),
                (["--for", "child", "-x"], ["-x", "iam-census help --all policy"]),
                (["--for", "child", "--fan-out=1"], ["--fan-out", "no value"]),
                (["--for", "child", "more"], ["more"]),
                (["--for", "child", "--strategy", "fast"], ["fast", "auto, bulk, per-user"]),
                (["--for", "child", "--columns", "all"], ["all", "standard, extended"]),
                (["--for", "function"], ["role"]),
                (["--for", "function", "--role-name", "arn:aws:iam::1:role/x"], ["ARN"]),
                (["--for", "function", "--role-name", "x", "--partition", "moon"], ["moon", "aws-eusc"]),
                (["--for", "function", "--role-name", "x", "--organization-id", "o-1"], ["--organization-id", "'o-1'", "o-0123456789"]),
                (["--for", "function", "--role-name", "x", "--organization-id", "O-0123456789"], ["O-0123456789"]),
                (["--for", "function", "--role-name", "x", "--organization-id", "o-" + 33 * "a"], ["--organization-id"]),
                (["--for", "function", "--role-name", "x", "--sse-kms-key-id", "alias/x"], ["alias/x", "ARN"])):
            with self.subTest(arguments=arguments):
                self.assert_configuration_error(self.run_program("policy", *arguments), *words)

    def test_help(self):
        run = self.run_program("help", "--all", "policy")
        self.assert_code(run, 0)
        for flag in ("--for", "--strategy", "--columns", "--format", "--role-name", "--s3-bucket", "--s3-prefix",
                     "--sse-kms-key-id", "--partition", "--organization-id", "--no-organizations", "--fan-out"):
            self.assertIn(flag, run.out.decode())


class AgainstRuns(ScriptedCase, PolicyCase):
    """What is printed is what is called: no call without its permission, no permission without a call."""

    def setUp(self):
        super().setUp()
        varied_users(self.world.account(A, alias="one"))
        self.world.account(B).user("ann")
        self.world.bucket(BUCKET)

    def called(self, service):
        return {call.action for call in self.server.calls if call.service == service}

    def test_the_child_role(self):
        run = self.collect("--output", "out.csv", "--strategy", "per-user")
        self.assert_code(run, 0)
        self.assertEqual(sorted(f"iam:{action}" for action in self.called("iam")),
                         self.child("--strategy", "per-user"))

    def test_the_caller(self):
        # asking the bucket takes a permission that is not needed: a refusal is not a failure
        self.world.buckets[BUCKET].head_denied = True
        for where in ([], ["--ou", self.world.root_id]):
            run = self.collect("--s3-bucket", BUCKET, *where)
            self.assert_code(run, 0)
        statements = self.function("--s3-bucket", BUCKET)
        self.assertEqual(sorted(f"organizations:{action}" for action in self.called("organizations")),
                         statements["FindAccounts"][0])
        self.assertLessEqual({f"s3:{S3_PERMISSIONS[action]}" for action in self.called("s3") - {"HeadBucket"}},
                             set(statements["WriteOutput"][0]))
        self.assertIn("AssumeRole", self.called("sts"))
        # GetCallerIdentity needs no permission.
        self.assertLessEqual(self.called("sts"), {"AssumeRole", "GetCallerIdentity"})


if __name__ == "__main__":
    unittest.main()
