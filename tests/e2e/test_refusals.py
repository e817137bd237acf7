# SPDX-License-Identifier: MIT
"""Credentials of the caller that AWS refuses, and networks that fail: what is said, and that it ends there."""

import socket
import unittest

import faults
from cases import ScriptedCase

A = "222222222222"
MANY = [f"{number:012d}" for number in range(100000000001, 100000000041)]
ADVICE = ("--organization-id", "ORGANIZATION_ID", "--accounts", "--output")


class Refusals(ScriptedCase):
    def setUp(self):
        super().setUp()
        self.world.account(A).user("ann")

    def assert_refused(self, run, *words):
        """Reported once, with their source and the reason, and without advice that would not help."""
        self.assert_code(run, 1)
        self.assert_says(run, "the caller's credentials (from: environment) are refused", *words)
        for advice in ADVICE:
            self.assertNotIn(advice, run.err, str(run))
        self.assertEqual(self.files(), [])

    def refused(self, fault, action, *words):
        self.server.faults.clear()
        self.server.fault(fault, action=action)
        self.assert_refused(self.collect(), *words)

    def test_when_the_organization_is_asked(self):
        for code, words in (("ExpiredTokenException", ("refused: expired",)),
                            ("UnrecognizedClientException", ("does not know this access key",)),
                            ("InvalidSignatureException", ("InvalidSignatureException",)),
                            ("IncompleteSignatureException", ("IncompleteSignatureException",))):
            for action in ("DescribeOrganization", "ListAccounts"):
                with self.subTest(code=code, action=action):
                    self.refused(faults.error(400, code), action, *words)

    def test_a_network_that_fails(self):
        """Nor is advice given here: the next service would not be reached either."""
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        run = self.collect(env={"AWS_ENDPOINT_URL_ORGANIZATIONS": f"http://127.0.0.1:{port}"})
        self.assert_code(run, 1)
        self.assert_says(run, "could not be asked for the organization id", "connect")
        self.server.fault(faults.reset_before(), action="ListAccounts")
        listed = self.collect()
        self.assert_code(listed, 1)
        self.assert_says(listed, "accounts could not be listed")
        for advice in ADVICE:
            self.assertNotIn(advice, run.err + listed.err)

    def test_what_organizations_denies_may_be_given(self):
        self.server.fault(faults.error(400, "AccessDeniedException"), action="DescribeOrganization")
        run = self.collect()
        self.assert_code(run, 2)
        self.assert_says(run, "--organization-id")

    def test_one_refusal_ends_the_run(self):
        """Not one for each account."""
        for account_id in MANY:
            self.world.account(account_id).user("ann")
        for code, words in (("InvalidClientTokenId", ("does not know this access key", "InvalidClientTokenId")),
                            ("SignatureDoesNotMatch", ("SignatureDoesNotMatch",)),
                            ("ExpiredToken", ("refused: expired",))):
            with self.subTest(code=code):
                self.server.faults.clear()
                self.server.calls.clear()
                self.server.fault(faults.error(403, code), action="AssumeRole")
                run = self.collect("--accounts", ",".join(MANY), "--output", "out.csv", "--max-connections", "2")
                self.assert_refused(run, *words)
                self.assertLess(self.server.count("AssumeRole"), 10)
                self.assertNotIn("own account", run.err, str(run))

    def test_expired_in_the_middle(self):
        """What is complete is written; the rest fails with the reason, and no calls are made for it."""
        for account_id in MANY:
            self.world.account(account_id).user("ann")
        self.server.fault(faults.error(403, "ExpiredToken"), skip=10, action="AssumeRole")
        run = self.collect("--accounts", ",".join(MANY), "--output", "out.csv", "--json", "--max-connections", "1")
        self.assert_code(run, 3)
        document = self.document(run)
        failed = document["failed_accounts"]
        self.assertLess(self.server.count("AssumeRole"), 15)
        self.assertEqual(len(failed) + len(document["successful_accounts"]), len(MANY))
        self.assertGreaterEqual(len(failed), 30)
        self.assertEqual({each["stage"] for each in failed}, {"AssumeRole"})
        self.assertIn("the caller's credentials (from: environment) are refused: expired", failed[-1]["message"])
        self.assertEqual(failed[-1]["code"], "ExpiredToken")

    def test_the_region_that_was_assumed(self):
        """Keys of another partition are unknown keys in us-east-1."""
        key = {"AWS_ACCESS_KEY_ID": "AKIANOBODY0000000001", "AWS_SECRET_ACCESS_KEY": "x" * 40}
        run = self.collect("--accounts", A, "--output", "out.csv", env={"AWS_REGION": None, **key})
        self.assert_refused(run, "us-east-1 was assumed", "GovCloud", "AWS_REGION")
        run = self.collect("--accounts", A, "--output", "out.csv", env=key)
        self.assert_refused(run, "does not know this access key")
        self.assertNotIn("us-east-1", run.err)

    def test_the_source_is_named(self):
        folder = self.home / ".aws"
        folder.mkdir()
        caller = self.world.caller
        (folder / "credentials").write_text(f"[mine]\naws_access_key_id = {caller.access_key}\n"
                                            f"aws_secret_access_key = {caller.secret}\n")
        self.server.fault(faults.error(403, "ExpiredToken"), action="AssumeRole")
        run = self.collect("--accounts", A, "--output", "out.csv", "--profile", "mine",
                           env={"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None})
        self.assert_code(run, 1)
        self.assert_says(run, "(from: profile 'mine') are refused: expired")

    def test_keys_that_a_profile_assumes_its_role_with(self):
        folder = self.home / ".aws"
        folder.mkdir()
        (folder / "config").write_text(
            f"[profile lifted]\nrole_arn = arn:aws:iam::{A}:role/SourceRole\nsource_profile = base\n"
            "[profile base]\naws_access_key_id = AKIANOBODY0000000001\naws_secret_access_key = x\n")
        run = self.collect("--accounts", A, "--output", "out.csv", "--profile", "lifted", env={"AWS_REGION": None})
        self.assert_code(run, 1)
        self.assert_says(run, "the caller's credentials are refused: AWS does not know this access key",
                         "us-east-1 was assumed", "profile 'lifted'", "SourceRole")

    def test_expired_before_the_first_call(self):
        run = self.collect("--accounts", A, "--output", "out.csv", env={"AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"})
        self.assert_code(run, 2)
        self.assert_says(run, "from environment have expired already")
        self.assertEqual(self.server.calls, [])

    def test_a_new_session_is_not_known_everywhere_yet(self):
        self.server.fault(faults.error(403, "InvalidClientTokenId"), times=3, action="ListUsers")
        document, _, _ = self.census()
        self.assertEqual((document["successful_accounts"], document["retries"]), ([A], 3))


if __name__ == "__main__":
    unittest.main()
