# SPDX-License-Identifier: MIT
"""Against moto: administrators, groups' policies, SSH keys, the password policy, as an IAM that others wrote tells them."""

import csv
import io
import json

from moto_server import needs_moto
from test_moto import VARIED, MotoCase

LOCAL = f"arn:aws:iam::{VARIED}:policy/"
MAYBE = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def document(action, **more):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*", **more}]})


@needs_moto
class Facts(MotoCase):
    @classmethod
    def seed(cls):
        iam = cls.moto.inside(VARIED)
        for user in ("ann", "bob", "cleo", "dan", "eve", "fay"):
            iam.create_user(UserName=user)
        for name, text in (("all", document("*")), ("perhaps", document("*", Condition=MAYBE)), ("was", document("*"))):
            iam.create_policy(PolicyName=name, PolicyDocument=text)
        iam.create_policy_version(PolicyArn=LOCAL + "was", PolicyDocument=document("s3:Get*"), SetAsDefault=True)
        for group in ("ops", "readers"):
            iam.create_group(GroupName=group)
        iam.attach_group_policy(GroupName="ops", PolicyArn=LOCAL + "all")
        iam.put_group_policy(GroupName="readers", PolicyName="less", PolicyDocument=document("s3:Get*"))
        for group, user in (("ops", "ann"), ("readers", "ann"), ("readers", "bob")):
            iam.add_user_to_group(GroupName=group, UserName=user)
        iam.put_user_policy(UserName="cleo", PolicyName="mine", PolicyDocument=document(["s3:*", "*"]))
        iam.attach_user_policy(UserName="dan", PolicyArn=LOCAL + "perhaps")
        iam.attach_user_policy(UserName="eve", PolicyArn=LOCAL + "was")
        cls.ssh_key = iam.upload_ssh_public_key(UserName="fay", SSHPublicKeyBody="ssh-rsa AAAA fay")["SSHPublicKey"]
        iam.update_account_password_policy(MinimumPasswordLength=10, PasswordReusePrevention=5)

    def users(self, *arguments):
        """The users by name. moto does not know ListServiceSpecificCredentials, so that the account is partial."""
        run = self.collect("--accounts", VARIED, "--format", "jsonl", "--columns", "full", "--output", "-", *arguments)
        self.assert_code(run, 3)
        return {user["user_name"]: user for user in map(json.loads, run.out.decode().splitlines())}

    def test_administrators(self):
        for strategy in ("auto", "bulk"):
            users = self.users("--strategy", strategy)
            self.assertEqual({name: (user["is_admin"], user["admin_via"]) for name, user in users.items()},
                             {"ann": (True, ["group:ops"]), "bob": (False, []), "cleo": (True, ["mine"]),
                              "dan": (False, ["maybe:" + LOCAL + "perhaps"]), "eve": (False, []), "fay": (False, [])})
            self.assertEqual([each["policy"] for each in users["ann"]["group_policies"]], [LOCAL + "all", "less"])
            self.assertEqual(users["cleo"]["inline_policies"], ["mine"])

    def test_per_user_has_no_source(self):
        for user in self.users("--strategy", "per-user").values():
            self.assertIsNone(user["is_admin"])
            self.assertLessEqual({"is_admin", "admin_via", "group_policies", "inline_policies"}, set(user["unknown"]))

    def test_ssh_keys(self):
        without, read = self.users(), self.users("--ssh-keys")
        self.assertIn("ssh_public_keys", without["fay"]["unknown"])
        self.assertEqual([key["id"] for key in read["fay"]["ssh_public_keys"]], [self.ssh_key["SSHPublicKeyId"]])
        self.assertEqual(read["ann"]["ssh_public_keys"], [])

    def test_password_policy(self):
        run = self.collect("--accounts", VARIED, "--output", "out.csv", "--accounts-file", "accounts.csv")
        self.assert_code(run, 3)
        row, = csv.DictReader(io.StringIO((self.work / "accounts.csv").read_text()))
        policy = json.loads(row["PasswordPolicy"])
        self.assertEqual((policy["MinimumPasswordLength"], policy["PasswordReusePrevention"]), (10, 5))
        self.assertEqual((row["RootMFA"], row["RootMFAKind"]), ("false", "none"))
