# SPDX-License-Identifier: MIT
"""The main operations of the simulator through the AWS CLI: what it prints is the world."""

import concurrent.futures
import json
import os
import shutil
import subprocess
import unittest

import account_facts
import worlds
from account_facts import OF_ACCOUNT, OF_USER
from simulator import CALLER, REGION, Simulator

COMMANDS = {"ListUsers": "list-users", "ListAccountAliases": "list-account-aliases",
            "ListVirtualMFADevices": "list-virtual-mfa-devices",
            "GetAccountAuthorizationDetails": "get-account-authorization-details", "ListUserTags": "list-user-tags",
            "ListAccessKeys": "list-access-keys", "ListMFADevices": "list-mfa-devices",
            "ListSigningCertificates": "list-signing-certificates", "ListGroupsForUser": "list-groups-for-user"}
# of each list that a user has: one user whose list is not empty
USERS = {"ListUserTags": "zoe", "ListAccessKeys": "three-keys", "ListMFADevices": "zoe",
         "ListSigningCertificates": "certs", "ListGroupsForUser": "zoe"}


class Refused(Exception):
    def __init__(self, code, said):
        super().__init__(said)
        self.code = code


def version_of(program):
    """The major version that an 'aws' reports: '1', '2'."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60).stdout
    return said.removeprefix("aws-cli/").split(".")[0]


def programs():
    """The AWS CLIs of this machine by major version: that of the PATH, and Debian's."""
    found = [path for path in (shutil.which("aws"), "/usr/bin/aws") if path and os.access(path, os.X_OK)]
    return {version_of(path): path for path in reversed(found)}


class CliMixin:
    program = None
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator("--report-ms", 1, world=worlds.organization(),
                            scenario={"buckets": {"far": {"region": "eu-central-1"}}}).start()
        cls.addClassCleanup(cls.sim.stop)
        cls.inside = cls.sim.assume(worlds.A)

    def aws(self, *arguments, credentials=None, text=False):
        given = credentials or CALLER
        env = {"PATH": os.environ["PATH"], "HOME": str(self.sim.home),
               "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
               "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"], "AWS_MAX_ATTEMPTS": "1", "AWS_PAGER": "",
               "AWS_EC2_METADATA_DISABLED": "true", "PYTHONUTF8": "1",
               **({"AWS_SESSION_TOKEN": given["SessionToken"]} if "SessionToken" in given else {})}
        done = subprocess.run([self.program, "--endpoint-url", self.sim.url, *arguments, *([] if text else ["--output", "json"])], env=env, cwd=self.sim.home,
                              capture_output=True, timeout=60)
        if done.returncode != 0:
            raise Refused(done.returncode, done.stderr.decode(errors="replace"))
        out = done.stdout.decode()
        return out if text or not out.strip() else json.loads(out)

    def each(self, commands):
        """Runs the commands two at a time, for the CLI takes half a second to start."""
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            runs = {name: pool.submit(self.aws, *command, credentials=self.inside) for name, command in commands.items()}
            return {name: run.result() for name, run in runs.items()}

    def test_lists_of_an_account_through_the_cli_s_own_paging(self):
        wanted = account_facts.wanted(self.sim.account(worlds.A))
        answers = self.each({operation: ("iam", COMMANDS[operation], "--page-size", "5") for operation in OF_ACCOUNT})
        seen = account_facts.checked(self, {operation: answers[operation][OF_ACCOUNT[operation]] for operation in OF_ACCOUNT})
        for operation in OF_ACCOUNT:
            self.assertEqual(seen[operation], wanted[operation], operation)

    def test_lists_of_a_user(self):
        wanted = account_facts.wanted(self.sim.account(worlds.A))
        answers = self.each({operation: ("iam", COMMANDS[operation], "--user-name", user, "--page-size", "1")
                             for operation, user in USERS.items()})
        seen = account_facts.checked(self, {operation: {USERS[operation]: answers[operation][OF_USER[operation]]}
                                            for operation in USERS})
        for operation, user in USERS.items():
            self.assertTrue(wanted[operation][user], operation)
            self.assertEqual(seen[operation][user], wanted[operation][user], operation)

    def test_single_answers(self):
        wanted = account_facts.wanted(self.sim.account(worlds.A))
        key_id = self.sim.account(worlds.A)["users"][1]["keys"][0]["id"]
        answers = self.each({"profile": ("iam", "get-login-profile", "--user-name", "zoe"),
                             "use": ("iam", "get-access-key-last-used", "--access-key-id", key_id),
                             "identity": ("sts", "get-caller-identity"),
                             "generate": ("iam", "generate-credential-report")})
        self.assertEqual(account_facts.plain(answers["profile"]["LoginProfile"]), wanted["GetLoginProfile"]["zoe"])
        self.assertEqual(account_facts.plain(answers["use"]), wanted["GetAccessKeyLastUsed"][key_id])
        self.assertEqual(answers["identity"]["Account"], worlds.A)
        self.assertIn(answers["generate"]["State"], ("STARTED", "COMPLETE"))
        report = self.aws("iam", "get-credential-report", credentials=self.inside)
        self.assertEqual(account_facts.plain(report["GeneratedTime"]), self.sim.account(worlds.A)["report_generated"])

    def test_assume_role(self):
        made = self.aws("sts", "assume-role", "--role-arn", f"arn:aws:iam::{worlds.D}:role/Any", "--role-session-name", "cli")
        self.assertEqual(made["AssumedRoleUser"]["Arn"], f"arn:aws:sts::{worlds.D}:assumed-role/Any/cli")
        self.assertEqual(self.aws("iam", "list-users", credentials=made["Credentials"])["Users"], [])

    def test_organization(self):
        accounts = self.aws("organizations", "list-accounts", "--page-size", "1")["Accounts"]
        self.assertEqual([(each["Id"], each["Name"]) for each in accounts],
                         [(each["id"], each["name"]) for each in self.sim.dump["accounts"]])
        self.assertEqual(*account_facts.states(accounts, self.sim.dump["accounts"]))
        below = self.aws("organizations", "list-accounts-for-parent", "--parent-id", "ou-wld1-low")["Accounts"]
        self.assertEqual([each["Id"] for each in below], [worlds.A])
        self.assertEqual(self.aws("organizations", "describe-organization")["Organization"]["Id"], "o-worldfile01")

    def test_s3(self):
        body = os.urandom(1000000)
        (self.sim.home / "up.bin").write_bytes(body)
        self.aws("s3", "cp", "up.bin", "s3://cli/folder/a b+ü.bin", text=True)
        listing = self.aws("s3", "ls", "s3://cli/", "--recursive", text=True)
        self.assertRegex(listing, r" 1000000 folder/a b\+ü\.bin\n$")
        self.aws("s3", "cp", "s3://cli/folder/a b+ü.bin", "down.bin", text=True)
        self.assertEqual((self.sim.home / "down.bin").read_bytes(), body)

    def test_refusals(self):
        with self.assertRaises(Refused) as caught:
            self.aws("iam", "list-user-tags", "--user-name", "no-such-user", credentials=self.inside)
        self.assertIn("(NoSuchEntity)", str(caught.exception))
        self.assertIn("The user with name no-such-user cannot be found.", str(caught.exception))
        with self.assertRaises(Refused) as caught:
            self.aws("sts", "get-caller-identity", credentials={**CALLER, "SecretAccessKey": "wrong"})
        self.assertIn("(SignatureDoesNotMatch)", str(caught.exception))

    def test_refusals_that_repeat_what_was_sent(self):
        """As they do at AWS: see sim/authorization.c and sim/sts.c."""
        role = ("--role-arn", f"arn:aws:iam::{worlds.A}:role/Any", "--role-session-name", "cli", "--external-id", "acme ext id 42")
        swapped = {"AccessKeyId": "SE/CRET", "SecretAccessKey": "AKIA"}
        for arguments, credentials, code, words in (
                (("iam", "get-access-key-last-used", "--access-key-id", "AKIANOSUCHKEY0000000"), self.inside, "AccessDenied",
                 "iam:GetAccessKeyLastUsed on resource: access key AKIANOSUCHKEY0000000"),
                (("sts", "assume-role", *role), CALLER, "ValidationError", "Value 'acme ext id 42' at 'externalId' failed to satisfy"),
                (("sts", "get-caller-identity"), swapped, "IncompleteSignature", "got 'SE/CRET/")):
            with self.subTest(code=code), self.assertRaises(Refused) as caught:
                self.aws(*arguments, credentials=credentials)
            self.assertIn(f"({code})", str(caught.exception))
            self.assertIn(words, str(caught.exception))

    def test_a_bucket_elsewhere(self):
        """The CLI follows the redirect, and an upload in parts goes there whole."""
        (self.sim.home / "far.bin").write_bytes(bytes(9 << 20))
        self.aws("s3", "cp", "far.bin", "s3://far/far.bin", "--sse", "aws:kms", text=True)
        head = self.aws("s3api", "head-object", "--bucket", "far", "--key", "far.bin", "--region", "eu-central-1")
        self.assertEqual((head["ContentLength"], head["ServerSideEncryption"]), (9 << 20, "aws:kms"))
        self.assertRegex(head["ETag"], r'^"[0-9a-f]{32}-2"$')


# All tests, once for each version that is here.
PROGRAMS = programs()
for version, program in PROGRAMS.items():
    globals()[f"Version{version}"] = type(f"Version{version}", (CliMixin, unittest.TestCase), {"program": program})


class Here(unittest.TestCase):
    @unittest.skipUnless(PROGRAMS, "the AWS CLI is not installed")
    def test_there_is_one(self):
        self.assertLessEqual(set(PROGRAMS), {"1", "2"})


if __name__ == "__main__":
    unittest.main()
