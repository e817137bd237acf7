# SPDX-License-Identifier: MIT
"""Denials by each kind of policy, in the words of AWS's pages, as boto3 reads them."""

import itertools
import json
import subprocess
import tempfile
import unittest

from botocore.exceptions import ClientError

import simulator
from sim_case import SimCase

WORDS = {"identity": ("an identity-based policy", "identity-based policy"), "resource": ("a resource-based policy", "resource-based policy"),
         "trust": ("the role trust policy", "role trust policy"), "session": ("a session policy", "session policy"),
         "permissions_boundary": ("a permissions boundary", "permissions boundary"),
         "scp": ("a service control policy", "service control policy"), "rcp": ("a resource control policy", "resource control policy"),
         "vpc_endpoint": ("a VPC endpoint policy", "VPC endpoint policy")}
ARN = "arn:aws:organizations::111111111111:policy/o-simulated01/service_control_policy/p-12345678"
LINK = r"\. Go to https://\S+/authorization-details/([0-9a-z]+) for complete details, or call the " \
       r"GetRequestAuthorizationDetails API with the following authorization id: \1$"
CASES = list(itertools.product([*WORDS, "untold"], (False, True), (None, ARN), (False, True)))


def account(number, **more):
    return {"id": f"{100000000000 + number}", "users": [{"name": "ann", "created": "2020-01-01"}], **more}


class Denials(SimCase):
    world = {"accounts": [account(0)] + [
        account(number + 1, denials=[{"actions": ["iam:ListUsers"], "policy": policy, "explicit": explicit, "arn": arn, "link": link}])
        for number, (policy, explicit, arn, link) in enumerate(CASES)] + [
        account(900, denials=[{"actions": ["sts:AssumeRole"], "policy": "trust"}])]}

    def refusal(self, call, *arguments, **named):
        with self.assertRaises(ClientError) as caught:
            call(*arguments, **named)
        self.assertIn(caught.exception.response["Error"]["Code"], ("AccessDenied", "AccessDeniedException"))
        return caught.exception.response["Error"]["Message"]

    def test_words(self):
        ids = set()
        for number, (policy, explicit, arn, link) in enumerate(CASES):
            account_id = f"{100000000001 + number}"
            message = self.refusal(self.sim.inside(account_id).list_users)
            begin = (f"User: arn:aws:sts::{account_id}:assumed-role/{simulator.ROLE}/test is not authorized to perform: "
                     f"iam:ListUsers on resource: arn:aws:iam::{account_id}:user/")
            self.assertTrue(message.startswith(begin), message)
            rest = message[len(begin):]
            if link:
                self.assertRegex(rest, LINK)
                ids.add(rest.rsplit(" ", 1)[1])
                rest = rest[:rest.index(". Go to ")]
            if policy == "untold":
                self.assertEqual(rest, " with an explicit deny" if explicit else "")
            elif explicit:
                self.assertEqual(rest, f" with an explicit deny in {WORDS[policy][0]}" + (f": {arn}" if arn else ""))
            else:
                self.assertEqual(rest, f" because no {WORDS[policy][1]} allows the iam:ListUsers action")
        self.assertEqual(len(ids), len(CASES) / 2)

    def test_only_what_is_denied(self):
        self.sim.inside("100000000001").list_account_aliases()
        self.sim.inside("100000000000").list_users()

    def test_the_role_of_the_account(self):
        message = self.refusal(self.sim.assume, "100000000900")
        self.assertTrue(message.endswith(f"sts:AssumeRole on resource: arn:aws:iam::100000000900:role/{simulator.ROLE} because no role "
                                         "trust policy allows the sts:AssumeRole action"), message)

    def test_the_dump_can_be_read_again(self):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(self.sim.dump, file)
            file.flush()
            again = subprocess.run([simulator.binary(), "--now", simulator.NOW, "--world", file.name, "--dump-world"],
                                   capture_output=True, timeout=60, check=True)
        self.assertEqual(json.loads(again.stdout), self.sim.dump)


class Callers(SimCase):
    world = {"accounts": [account(0, denials=[
        {"actions": ["organizations:ListAccounts"], "policy": "scp", "explicit": True},
        {"actions": ["s3:PutObject"], "policy": "resource", "permission": "kms:GenerateDataKey", "resource": "arn:aws:kms:us-east-1:1:key/k"}])]}

    def test_callers_account(self):
        with self.assertRaises(ClientError) as caught:
            self.sim.client("organizations").list_accounts()
        self.assertIn("with an explicit deny in a service control policy", str(caught.exception))
        with self.assertRaises(ClientError) as caught:
            self.sim.client("s3").put_object(Bucket="a-bucket", Key="k", Body=b"x")
        self.assertIn("kms:GenerateDataKey on resource: arn:aws:kms:us-east-1:1:key/k because no resource-based policy",
                      caught.exception.response["Error"]["Message"])


class Wrong(unittest.TestCase):
    def test_wrong_denials(self):
        for denial, words in (({"actions": ["iam:ListUsers"], "policy": "scq"}, "is not a kind of policy"),
                              ({"actions": ["iam:Nothing"], "policy": "scp"}, "matches no action"),
                              ({"actions": ["iam:*"], "policy": "scp", "why": 1}, "why")):
            with self.assertRaises(AssertionError) as caught:
                simulator.Simulator(world={"accounts": [account(0, denials=[denial])]}).start()
            self.assertIn(words, str(caught.exception))
