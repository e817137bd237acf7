# SPDX-License-Identifier: MIT
"""What the tests of deploy/ share: templates as data, stacks in moto, and what must hold of roles and buckets."""

import ast
import importlib.util
import io
import json
import logging
import os
import zipfile

import state_machine
from alarm import DAY, HOUR, Alarm
from cases import Case
from census import ROOT
from deployment import Deployment
from moto_server import OWN_ACCOUNT, REGION, MotoServer, needs_moto

DEPLOY = ROOT / "deploy"
TEMPLATES = sorted(DEPLOY.glob("*/*.yaml"))
SAM = DEPLOY / "sam/template.yaml"
CHILD = DEPLOY / "stackset/child-role.yaml"
MACHINE = DEPLOY / "stepfunctions/template.yaml"
CODE = ("code-bucket", "iam-census.zip")
KEY = f"arn:aws:kms:{REGION}:{OWN_ACCOUNT}:key/12345678-1234-1234-1234-123456789012"
FUNCTION_ROLE = f"arn:aws:iam::{OWN_ACCOUNT}:role/iam-census-function"
EXTERNAL_ID = "external-id-of-the-tests"
ORGANIZATION = "o-0123456789"
# what the original Python function's role has, by its own documentation
ORIGINAL = {"iam:ListUsers", "iam:ListUserTags", "iam:ListAccessKeys", "iam:GetAccessKeyLastUsed", "iam:GetLoginProfile",
            "iam:ListSigningCertificates", "iam:ListMFADevices"}
# what "findings" has beside "auto", and what the option about SSH keys adds
FINDINGS = {"iam:GetAccountSummary", "iam:GetAccountPasswordPolicy", "iam:ListVirtualMFADevices", "iam:ListServiceSpecificCredentials"}
SSH_KEYS = {"iam:ListSSHPublicKeys"}
HAS_SAM = importlib.util.find_spec("samtranslator") is not None
NO_SAM = "aws-sam-translator is not here"


def load(path):
    """A template as data, its short functions (!Ref) made long."""
    from samtranslator.yaml_helper import yaml_parse
    # yaml_parse keeps no anchors apart: JSON does
    return json.loads(json.dumps(yaml_parse(path.read_text())))


def translate(path, **parameters):
    """What CloudFormation makes of a SAM template, as 'aws cloudformation package' uploads it."""
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator
    os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    template = load(path)
    if path == SAM:
        template["Resources"]["Function"]["Properties"]["CodeUri"] = "s3://" + "/".join(CODE)
    else:
        template["Resources"]["StateMachine"]["Properties"]["DefinitionUri"] = f"s3://{CODE[0]}/machine.asl.json"
    values = {name: parameter.get("Default", "given") for name, parameter in template["Parameters"].items()}
    return Translator({}, Parser()).translate(template, {**values, **parameters})


def settled(document):
    """moto keeps a role's policy as the text of a Python dict, with None for AWS::NoValue."""
    if isinstance(document, str):
        document = ast.literal_eval(document)
    document["Statement"] = [statement for statement in document["Statement"] if statement is not None]
    return document


def zipped():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("bootstrap", "#!/bin/false\n")
    return data.getvalue()


@needs_moto
class TemplateCase(Case):
    """One moto a class."""

    @classmethod
    def setUpClass(cls):
        cls.moto = MotoServer().start()
        cls.addClassCleanup(cls.moto.stop)
        cls.moto.client("s3").create_bucket(Bucket=CODE[0], CreateBucketConfiguration={"LocationConstraint": REGION})
        cls.put_code()

    @classmethod
    def put_code(cls):
        s3 = cls.moto.client("s3")
        s3.put_object(Bucket=CODE[0], Key=CODE[1], Body=zipped())
        s3.put_object(Bucket=CODE[0], Key="machine.asl.json", Body=json.dumps(state_machine.definition()).encode())

    def policy(self, *arguments):
        run = self.run_program("policy", *arguments)
        self.assert_code(run, 0)
        return json.loads(run.out)

    def deploy(self, name, template, **parameters):
        """Makes a stack; returns {logical id: physical id} and the outputs."""
        made = Deployment(self.moto, name, template, parameters)
        self.addCleanup(made.delete)
        return made.made, made.outputs

    def role_policies(self, role, iam=None):
        iam = iam or self.moto.client("iam")
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        self.assertEqual(iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"], [])
        return {name: settled(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]) for name in names}

    def log_groups(self, name):
        return [group for group in self.moto.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
                if group["logGroupName"] == name]

    def assert_schedule(self, name, role, queue_url, action, target):
        """The schedule calls its target by a role of its own, and puts what it can't hand over into the queue."""
        found = self.moto.client("scheduler").get_schedule(Name=name)
        queue = f"arn:aws:sqs:{REGION}:{OWN_ACCOUNT}:{queue_url.rsplit('/', 1)[-1]}"
        self.assertEqual((found["Target"]["Arn"], found["Target"]["RoleArn"]), (target, f"arn:aws:iam::{OWN_ACCOUNT}:role/{role}"))
        self.assertEqual(found["Target"]["DeadLetterConfig"], {"Arn": queue})
        self.assertGreater(found["Target"]["RetryPolicy"]["MaximumRetryAttempts"], 0)
        trust, = self.moto.client("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]["Statement"]
        self.assertEqual((trust["Effect"], trust["Action"], trust["Principal"]),
                         ("Allow", "sts:AssumeRole", {"Service": "scheduler.amazonaws.com"}))
        self.assertEqual(trust["Condition"], {"StringEquals": {"aws:SourceAccount": OWN_ACCOUNT}})
        policies = self.role_policies(role)
        allowed = {(*([item["Action"]] if isinstance(item["Action"], str) else item["Action"]), item["Resource"])
                   for policy in policies.values() for item in policy["Statement"]}
        self.assertEqual(allowed, {(action, target), ("sqs:SendMessage", queue)})

    def assert_trusts_only(self, document, role, external_id=EXTERNAL_ID, organization=ORGANIZATION):
        statement, = document["Statement"]
        self.assertEqual(statement["Effect"], "Allow")
        self.assertEqual(statement["Action"], "sts:AssumeRole")
        self.assertEqual(statement["Principal"], {"AWS": role})
        self.assertEqual(statement["Condition"], {"StringEquals": {"sts:ExternalId": external_id,
                                                                   "aws:PrincipalOrgID": organization}})

    def assert_tls_only(self, document, bucket):
        statement, = document["Statement"]
        arn = f"arn:aws:s3:::{bucket}"
        self.assertEqual(statement["Effect"], "Deny")
        self.assertIn(statement["Principal"], ("*", {"AWS": "*"}))
        self.assertEqual(statement["Action"], "s3:*")
        self.assertEqual(sorted(statement["Resource"]), [arn, arn + "/*"])
        self.assertEqual(statement["Condition"], {"Bool": {"aws:SecureTransport": "false"}})

    def assert_tells_of_a_missing_run(self, properties):
        """An alarm over a census that runs each day at five, and ends when it ends; from the tenth day on it does not."""
        alarm = Alarm(properties)
        morning = [day * DAY + 5 * HOUR for day in range(10)]
        late = [200, 90, 3700, 15, 900, 3 * HOUR // 2, 30, 2400, 61, 300]  # seconds from the start to the end of a run
        runs = [begin + seconds for begin, seconds in zip(morning, late)]
        self.assertEqual(alarm.state([], morning[0] - HOUR), "ALARM", "before the first run")
        well = alarm.first("OK", runs, morning[0], morning[1])
        self.assertIsNotNone(well)
        self.assertIsNone(alarm.first("ALARM", runs, well, morning[-1]), "a false alarm")
        missed = morning[-1] + DAY
        told = alarm.first("ALARM", runs, morning[-1], missed + 3 * DAY)
        self.assertIsNotNone(told, "it never tells")
        self.assertGreater(told, missed)
        self.assertLessEqual(told - missed, 4 * HOUR)
        again = missed + 2 * DAY
        self.assertLessEqual(alarm.first("OK", runs + [again], told, again + DAY) - again, HOUR)

    def child_policy(self, permissions):
        """The actions that a role with these permissions is to have; the columns make no difference."""
        if permissions == "original":
            return ORIGINAL
        if permissions == "findings":
            facts = ["--for", "child", "--columns", "full", "--accounts-file", "true"]
            found = set(self.policy(*facts)["Statement"][0]["Action"])
            self.assertEqual(found, self.child_policy("auto") | FINDINGS)
            self.assertEqual(set(self.policy(*facts, "--ssh-keys")["Statement"][0]["Action"]), found | SSH_KEYS)
            return found
        found = {columns: set(self.policy("--for", "child", "--strategy", permissions, "--columns", columns)
                              ["Statement"][0]["Action"]) for columns in ("standard", "extended")}
        self.assertEqual(found["standard"], found["extended"], "the templates need a parameter for the columns")
        return found["standard"]
