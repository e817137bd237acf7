# SPDX-License-Identifier: MIT
"""deploy/organization.yaml: one stack of the templates that can be deployed one by one, and the script that deploys it."""

import importlib.util
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import census
import newcomer
from cloudformation import Stack
from lambda_function import Function
from moto_server import CALLER_KEY, CALLER_SECRET, OWN_ACCOUNT, REGION
from nested import Nested
from newcomer import Answer
from templates import (CHILD, DEPLOY, EXTERNAL_ID, HAS_SAM, KEY, MACHINE, NO_SAM, ORGANIZATION, SAM, SSH_KEYS, TemplateCase, load,
                       translate, zipped)

sys.path.append(str(census.ROOT / "tests" / "sim"))
import simulator  # noqa: E402

WHOLE = DEPLOY / "organization.yaml"
SCRIPT = DEPLOY / "organization"
ROOT_ID = "r-ab12"
UNITS = "ou-ab12-cdefghij,ou-ab12-klmnopqr"
MEMBER = "111111111111"
GIVEN = {"OrganizationId": ORGANIZATION, "RootId": ROOT_ID, "ExternalId": EXTERNAL_ID}
WORLD = {"organization_id": ORGANIZATION, "management_account_id": OWN_ACCOUNT,
         "accounts": [{"id": OWN_ACCOUNT, "users": [{"name": "root-admin"}]}, {"id": MEMBER, "users": [{"name": "ann"}, {"name": "bob"}]}]}
TEMPLATES = {"Function": SAM, "ManagementRole": CHILD, "Batches": MACHINE}
# what the outer template decides itself, and what it describes in its own way
NOT_PASSED = {"Function": {"AskOrganizations"}, "ManagementRole": set(), "Batches": set()}
OWN_WORDS = {"OrganizationId", "OrganizationalUnitIds", "ExternalId", "RoleName", "Permissions"}
CLI = newcomer.aws_cli()


def open_template(url):
    path = DEPLOY / url
    return load(path) if path == CHILD else translate(path)


@unittest.skipUnless(HAS_SAM, NO_SAM)
class Template(unittest.TestCase):
    """The template itself, with no AWS."""

    def setUp(self):
        self.template = load(WHOLE)
        self.parameters = self.template["Parameters"]

    def inner(self):
        """[(name, template, what it is given)] of the nested stacks and of the StackSet."""
        resources = self.template["Resources"]
        found = [(name, load(path), resources[name]["Properties"]["Parameters"]) for name, path in TEMPLATES.items()]
        given = {item["ParameterKey"]: item["ParameterValue"] for item in resources["MemberRoles"]["Properties"]["Parameters"]}
        return [*found, ("MemberRoles", load(CHILD), given)]

    def test_every_setting_is_passed_on(self):
        for name, template, given in self.inner():
            self.assertEqual(set(template["Parameters"]) - set(given), NOT_PASSED.get(name, set()), name)
            for key, value in given.items():
                wanted = {"Fn::If": ["WithFanOut", "DISABLED", {"Ref": key}]} if (name, key) == ("Function", "ScheduleState") else {"Ref": key}
                if "Fn::GetAtt" not in value:
                    self.assertEqual(value, wanted, name)
        for name in ("ManagementRole", "MemberRoles", "Batches"):
            given = next(item[2] for item in self.inner() if item[0] == name)
            outputs = {key: value["Fn::GetAtt"] for key, value in given.items() if "Fn::GetAtt" in value}
            self.assertEqual(outputs, {key: ["Function", f"Outputs.{key}"] for key in outputs})
            self.assertLessEqual(set(outputs), set(load(SAM)["Outputs"]))

    def test_settings_are_those_of_the_templates(self):
        for name, path in (("Function", SAM), ("Batches", MACHINE)):
            theirs = load(path)["Parameters"]
            for key in set(theirs) & set(self.parameters) - OWN_WORDS:
                mine, their = dict(self.parameters[key]), dict(theirs[key])
                if name == "Batches":  # it describes some of them as the function's
                    mine.pop("Description", None)
                    their.pop("Description", None)
                self.assertEqual(mine, their, f"{name}: {key}")
        child = load(CHILD)["Parameters"]
        for key in ("RoleName", "Permissions"):
            for what in ("Type", "AllowedValues", "AllowedPattern"):
                self.assertEqual(self.parameters[key].get(what), child[key].get(what), key)
        for key in ("ExternalId", "OrganizationId"):
            self.assertEqual({**self.parameters[key], "Description": ""}, {**child[key], "Description": ""})

    def test_the_stack_set_has_the_template_of_the_role(self):
        self.assertEqual(self.template["Resources"]["MemberRoles"]["Properties"]["TemplateBody"], CHILD.read_text())

    def test_rules(self):
        theirs = load(SAM)["Rules"]
        del theirs["OrganizationIsNamed"]
        mine = dict(self.template["Rules"])
        del mine["FactsMayBeRead"]
        self.assertEqual(mine, theirs)
        for given, refused in (({}, False), ({"Columns": "full"}, False), ({"Permissions": "auto"}, False),
                               ({"Permissions": "auto", "Columns": "full"}, True), ({"Permissions": "bulk", "Findings": "csv"}, True),
                               ({"Permissions": "auto", "OutputFormat": "sqlite"}, True), ({"OutputFormat": "sqlite"}, False),
                               ({"OutputFormat": "sqlite", "FanOut": "true"}, True),
                               ({"Permissions": "auto", "AccountsFile": "true"}, True)):
            with self.subTest(given=given):
                stack = Stack("s", self.template, {**GIVEN, **given}, OWN_ACCOUNT, REGION)
                self.assertEqual(stack.refusals() != [], refused)

    def test_patterns(self):
        for name, good, bad in (("RootId", [ROOT_ID], ["", "ou-ab12-cdefghij", "r-AB"]),
                                ("OrganizationalUnitIds", ["", UNITS, UNITS.split(",")[0]], [ROOT_ID, UNITS + ",", UNITS.replace(",", ", ")])):
            pattern = self.parameters[name]["AllowedPattern"]
            self.assertEqual([bool(re.search(pattern, item)) for item in good + bad], [True] * len(good) + [False] * len(bad))

    def stack_set(self, **given):
        stack = Stack("s", self.template, {**GIVEN, **given}, OWN_ACCOUNT, REGION,
                      {"Function": ("f", {"Outputs.FunctionRoleArn": "the-role"})})
        found, = stack.of_type("AWS::CloudFormation::StackSet").values()
        return found

    def test_whom_the_stack_set_reaches(self):
        for units, wanted in (("", [ROOT_ID]), (UNITS, UNITS.split(","))):
            found = self.stack_set(OrganizationalUnitIds=units)
            self.assertEqual(found["StackInstancesGroup"], [{"Regions": [REGION], "DeploymentTargets": {"OrganizationalUnitIds": wanted}}])
            self.assertEqual((found["PermissionModel"], found["AutoDeployment"]),
                             ("SERVICE_MANAGED", {"Enabled": True, "RetainStacksOnAccountRemoval": False}))
        for call_as in ("SELF", "DELEGATED_ADMIN"):
            self.assertEqual(self.stack_set(CallAs=call_as)["CallAs"], call_as)

    def test_small_enough_to_be_given_as_text(self):
        self.assertLess(WHOLE.stat().st_size, 51200)

    @unittest.skipUnless(importlib.util.find_spec("cfnlint"), "cfn-lint is not here")
    def test_lint(self):
        """It says of each nested template that it lies here and must be packaged, which the script does, and nothing else."""
        done = subprocess.run([sys.executable, "-c", "from cfnlint.runner import main; main()", str(WHOLE)], capture_output=True, text=True,
                              timeout=120, env={**os.environ, "HOME": tempfile.gettempdir()})
        found = re.findall(r"^([EWI]\d{4}) (.*)$", done.stdout, re.M)
        self.assertEqual(found, [("W3002", "This code may only work with 'package' cli command")] * len(TEMPLATES), done.stdout + done.stderr)


@unittest.skipUnless(HAS_SAM, NO_SAM)
class Deployed(TemplateCase):
    """The stack in moto."""

    def make(self, name, **given):
        made = Nested(self.moto, name, load(WHOLE), {**GIVEN, **given}, open_template)
        self.addCleanup(made.delete)
        return made

    def assert_role(self, iam, name, function_role, actions):
        role = iam.get_role(RoleName=name)["Role"]
        self.assert_trusts_only(role["AssumeRolePolicyDocument"], function_role)
        policies = self.role_policies(name, iam)
        self.assertEqual(set(policies), {"census"})
        statements = policies["census"]["Statement"]
        self.assertEqual({(item["Effect"], item["Resource"]) for item in statements}, {("Allow", "*")})
        self.assertEqual({action for item in statements for action in item["Action"]}, actions)

    def test_the_whole(self):
        made = self.make("whole", RoleName="WholeCensus", SshPublicKeys="true")
        self.assertEqual((set(made.inner), set(made.sets)), ({"Function", "ManagementRole"}, {"MemberRoles"}))
        function = made.inner["Function"]
        bucket, role = made.outputs["BucketName"], made.outputs["FunctionRoleArn"]
        self.assertEqual(self.role_policies(function.made["FunctionRole"])["census"],
                         self.policy("--for", "function", "--role-name", "WholeCensus", "--s3-bucket", bucket, "--s3-prefix", "iam-census/",
                                     "--organization-id", ORGANIZATION))
        actions = self.child_policy("findings") | SSH_KEYS
        self.assert_role(self.moto.client("iam"), "WholeCensus", role, actions)
        self.assert_tls_only(json.loads(self.moto.client("s3").get_bucket_policy(Bucket=bucket)["Policy"]), bucket)
        self.assert_schedule(function.made["FunctionSchedule"], function.made["ScheduleRole"], function.made["FailedInvocations"],
                             "lambda:InvokeFunction", made.outputs["FunctionArn"])
        self.assert_members(made.sets["MemberRoles"], role, actions)
        self.assertEqual(set(made.outputs), set(load(WHOLE)["Outputs"]) - {"ResultTopicArn", "StateMachineArn"})
        made.delete()
        self.assertIn(bucket, [item["Name"] for item in self.moto.client("s3").list_buckets()["Buckets"]])
        roles = {item["RoleName"] for item in self.moto.client("iam").list_roles()["Roles"]}
        self.assertFalse(roles & {"WholeCensus", function.made["FunctionRole"]})

    def assert_members(self, stack_set, function_role, actions):
        """What the StackSet gives a member account, deployed there."""
        cloud = self.moto.inside(MEMBER, "cloudformation")
        cloud.create_stack(StackName="member", TemplateBody=stack_set["TemplateBody"], Capabilities=stack_set["Capabilities"],
                           Parameters=[{**item, "ParameterValue": str(item["ParameterValue"])} for item in stack_set["Parameters"]])
        self.addCleanup(cloud.delete_stack, StackName="member")
        self.assert_role(self.moto.inside(MEMBER), "WholeCensus", function_role, actions)

    def test_from_a_delegated_administrator(self):
        """The StackSet reaches its account, too, so a role of the stack would be in the way."""
        made = self.make("delegated", CallAs="DELEGATED_ADMIN", RoleName="DelegatedCensus")
        self.assertEqual(set(made.inner), {"Function"})
        self.assertNotIn("DelegatedCensus", {item["RoleName"] for item in self.moto.client("iam").list_roles()["Roles"]})

    def test_batches(self):
        made = self.make("batches", FanOut="true", Findings="jsonl", ResultMessages="text", RoleName="BatchCensus", KmsKeyArn=KEY)
        self.assertIn("Batches", made.inner)
        self.assertEqual(set(made.outputs), set(load(WHOLE)["Outputs"]))
        scheduler = self.moto.client("scheduler")
        schedules = [scheduler.get_schedule(Name=made.inner[stack].made[name])
                     for stack, name in (("Function", "FunctionSchedule"), ("Batches", "StateMachineSchedule"))]
        self.assertEqual([item["State"] for item in schedules], ["DISABLED", "ENABLED"])
        self.assertEqual(json.loads(schedules[1]["Target"]["Input"]),
                         {"batch_size": 50, "max_concurrency": 10, "findings": True, "findings_format": "jsonl"})

    def test_permissions(self):
        for permissions in load(CHILD)["Parameters"]["Permissions"]["AllowedValues"]:
            made = self.make(f"with-{permissions}", Permissions=permissions, RoleName=f"Census-{permissions}")
            self.assert_role(self.moto.client("iam"), f"Census-{permissions}", made.outputs["FunctionRoleArn"], self.child_policy(permissions))

    def test_a_census(self):
        """The program as the function, with the environment of the stack, in an organization whose roles are the stack's."""
        self.moto.client("s3").create_bucket(Bucket="results-bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
        for output in ("csv", "sqlite"):
            with self.subTest(format=output):
                made = self.make(f"census-{output}", ExistingBucket="results-bucket", OutputFormat=output, Columns="full",
                                 RoleName=f"Census-{output}", AccountsFile="true")
                role = self.moto.client("iam").get_role(RoleName=f"Census-{output}")["Role"]
                policy, = self.role_policies(role["RoleName"])["census"]["Statement"]
                allowed = {"name": role["RoleName"], "external_id": EXTERNAL_ID, "allowed_actions": policy["Action"]}
                accounts = [{**account, "role": allowed} for account in WORLD["accounts"]]
                sim = simulator.Simulator(world={**WORLD, "accounts": accounts}).start()
                self.addCleanup(sim.stop)
                self.assert_reads(sim, made)

    def assert_reads(self, sim, made):
        name = made.outputs["FunctionName"]
        variables = self.moto.client("lambda").get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        function = Function(census.environment(
            self.home, AWS_ENDPOINT_URL=sim.url, AWS_REGION=simulator.REGION, AWS_ACCESS_KEY_ID=simulator.CALLER_KEY,
            AWS_SECRET_ACCESS_KEY=simulator.CALLER_SECRET, AWS_LAMBDA_FUNCTION_NAME=name, **variables), self.home)
        try:
            answer = function.invoke({"findings": True})
        finally:
            function.end()
        self.assertEqual(answer["statusCode"], 200, answer)
        result = json.loads(answer["body"])
        self.assertEqual((sorted(result["successful_accounts"]), result["partial_accounts"]), (sorted([OWN_ACCOUNT, MEMBER]), []), result)


@unittest.skipUnless(HAS_SAM, NO_SAM)
@unittest.skipUnless(CLI, "the AWS CLI is not here")
class Script(TemplateCase):
    """deploy/organization: organization and CloudFormation are answered by the test, S3 and the packaging are real (moto's)."""

    def setUp(self):
        super().setUp()
        self.calls, self.account, self.status, self.access = [], OWN_ACCOUNT, None, "ENABLED"
        (self.work / "deploy").mkdir()
        for item in DEPLOY.iterdir():
            target = self.work / "deploy" / item.name
            (target.write_bytes(item.read_bytes()), target.chmod(item.stat().st_mode)) if item.is_file() else target.symlink_to(item)
        (self.work / "dist").mkdir()
        (self.work / "dist/iam-census-lambda-arm64.zip").write_bytes(zipped())

    def run_script(self, *arguments):
        block = " ".join(["deploy/organization", *arguments]) + "\n"
        return newcomer.Newcomer(self.work, ("bin/aws",), self.answer).follow([f"export AWS_REGION={REGION}\n", block])

    def answer(self, _, arguments):
        self.calls.append(arguments)
        known = {"sts get-caller-identity": Answer(out=self.account + "\n"),
                 "organizations describe-organization": Answer(out=f"{ORGANIZATION}\t{OWN_ACCOUNT}\n"),
                 "organizations list-roots": Answer(out=ROOT_ID + "\n"),
                 "cloudformation describe-organizations-access": Answer(out=self.access + "\n"),
                 "cloudformation describe-stacks": Answer(out=f"{self.status}\tarm64\n") if self.status else Answer(255, err="no such stack\n"),
                 "cloudformation deploy": Answer()}
        found = known.get(" ".join(arguments[:2]))
        return found or self.cli(arguments)

    def cli(self, arguments):
        config = self.home / "config"
        config.write_text("[default]\ns3 =\n  addressing_style = path\n")
        env = {"PATH": os.environ["PATH"], "HOME": str(self.home), "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION,
               "AWS_ACCESS_KEY_ID": CALLER_KEY, "AWS_SECRET_ACCESS_KEY": CALLER_SECRET, "AWS_PAGER": "", "AWS_EC2_METADATA_DISABLED": "true",
               "PYTHONUTF8": "1", "AWS_ENDPOINT_URL": self.moto.url, "AWS_CONFIG_FILE": str(config)}
        return Answer.of(subprocess.run([*CLI, *arguments], env=env, cwd=self.work, text=True, stdin=subprocess.DEVNULL,
                                        capture_output=True, timeout=120))

    def deployed(self):
        """The options of 'aws cloudformation deploy', and the parameters."""
        call, = [item for item in self.calls if item[:2] == ["cloudformation", "deploy"]]
        at = call.index("--parameter-overrides")
        return call[2:at], dict(item.split("=", 1) for item in call[at + 1:])

    def test_a_new_stack(self):
        done = self.run_script("Findings=csv")
        self.assertEqual(done.returncode, 255, done.stderr)  # the stack is not really there, so its outputs can't be shown
        options, given = self.deployed()
        self.assertIn("CAPABILITY_NAMED_IAM", options)
        self.assertIn("CAPABILITY_AUTO_EXPAND", options)
        external_id = given.pop("ExternalId")
        self.assertRegex(external_id, "^[0-9a-f]{32}$")
        self.assertNotIn(external_id, done.stdout + done.stderr)
        self.assertEqual(given, {"OrganizationId": ORGANIZATION, "RootId": ROOT_ID, "CallAs": "SELF", "Findings": "csv"})
        self.assert_packaged()

    def assert_packaged(self):
        """Every template and the code lie in a private bucket, and nothing means a file of this machine any more."""
        bucket = f"iam-census-code-{OWN_ACCOUNT}-{REGION}"
        s3 = self.moto.client("s3")
        self.assertEqual(set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()), {True})
        packaged = load(pathlib.Path(self.work / "dist/organization.yaml"))
        found = {}
        for name, path in TEMPLATES.items():
            url = packaged["Resources"][name]["Properties"]["TemplateURL"]
            self.assertIn(f"/{bucket}/iam-census/", url)
            text = s3.get_object(Bucket=bucket, Key=url.split(f"/{bucket}/")[1])["Body"].read().decode()
            self.assertNotRegex(text, r"(CodeUri|DefinitionUri): (?!s3:|$)")
            found[name] = text
        self.assertIn(f"CodeUri: s3://{bucket}/", found["Function"])
        self.assertEqual(packaged["Resources"]["MemberRoles"]["Properties"]["TemplateBody"], CHILD.read_text())

    def test_an_update(self):
        self.status = "UPDATE_COMPLETE"
        done = self.run_script("LogLevel=warn")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("ExternalId", self.deployed()[1])
        done = self.run_script("--plan")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("--no-execute-changeset", self.calls[-1])

    def test_a_stack_that_was_only_planned(self):
        """CloudFormation has it, without parameters, so that it needs an external id still."""
        self.status = "REVIEW_IN_PROGRESS"
        done = self.run_script()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("ExternalId", self.deployed()[1])

    def test_a_stack_that_could_not_be_made(self):
        self.status = "ROLLBACK_COMPLETE"
        done = self.run_script()
        self.assertEqual(done.returncode, 2)
        self.assertIn("aws cloudformation delete-stack --stack-name iam-census", done.stderr)

    def test_a_delegated_administrator(self):
        self.account, self.status = "222222222222", "CREATE_COMPLETE"
        done = self.run_script("Findings=csv")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.deployed()[1]["CallAs"], "DELEGATED_ADMIN")
        self.assertIn(f"The management account ({OWN_ACCOUNT}) has no role yet", done.stdout)

    def test_what_is_missing_is_said(self):
        self.access = "DISABLED"
        for arguments, words in (((), "aws cloudformation activate-organizations-access"), (("Findings",), "'Findings' is not NAME=VALUE"),
                                 (("CallAs=SELF",), "CallAs is looked up")):
            done = self.run_script(*arguments)
            self.assertEqual(done.returncode, 2)
            self.assertIn(words, done.stderr)
        self.access = "ENABLED"
        done = self.run_script("Architecture=x86_64")
        self.assertEqual(done.returncode, 2)
        self.assertIn("scripts/package-lambda x86_64 makes it", done.stderr)
        self.assertFalse([item for item in self.calls if item[:2] == ["cloudformation", "deploy"]])


if __name__ == "__main__":
    unittest.main()
