# SPDX-License-Identifier: MIT
"""deploy/: every CloudFormation template is linted, deployed into moto as far as moto goes, and held against 'iam-census policy'."""

import importlib.util
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import state_machine
from alarm import Alarm
from census import ROOT
from cloudformation import Stack
from deployment import Deployment
from moto_server import OWN_ACCOUNT, REGION
from templates import (CHILD, DEPLOY, EXTERNAL_ID, FUNCTION_ROLE, HAS_SAM, KEY, MACHINE, NO_SAM, ORGANIZATION, SAM,
                       SSH_KEYS, TEMPLATES, TemplateCase, load, translate)

HAS_LINT = importlib.util.find_spec("cfnlint") is not None


def lint(path):
    return subprocess.run([sys.executable, "-c", "from cfnlint.runner import main; main()", str(path)], capture_output=True, text=True, timeout=120,
                          env={**os.environ, "HOME": tempfile.gettempdir()})


@unittest.skipUnless(HAS_LINT, "cfn-lint is not here")
class Lint(unittest.TestCase):
    def test_no_finding(self):
        self.assertEqual(len(TEMPLATES), 3)
        for path in TEMPLATES:
            with self.subTest(template=path.name):
                done = lint(path)
                self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_no_rule_is_ignored(self):
        for path in TEMPLATES:
            self.assertNotRegex(path.read_text(), r"cfn-lint|ignore_checks|cfn_nag")
        for name in (".cfnlintrc", ".cfnlintrc.yaml", ".cfnlintrc.yml"):
            self.assertFalse((ROOT / name).exists(), name)

    def test_a_mistake_is_found(self):
        with tempfile.TemporaryDirectory() as folder:
            wrong = pathlib.Path(folder) / "wrong.yaml"
            wrong.write_text(SAM.read_text().replace("PublicAccessBlockConfiguration", "PublicAccessBlok"))
            self.assertIn("PublicAccessBlok", lint(wrong).stdout)

# parameters, and what the event of the schedule has by them
JUDGED = (({}, {}), ({"Findings": "ocsf"}, {"findings": True, "findings_format": "ocsf"}),
          ({"Findings": "jsonl", "SuppressKey": "audit/accepted.csv"},
           {"findings": True, "findings_format": "jsonl", "suppress_key": "audit/accepted.csv"}))
OWN_EVENT = {"ScheduleInput": '{"columns": "full", "findings": true}'}


@unittest.skipUnless(HAS_SAM, NO_SAM)
class Sam(TemplateCase):
    GIVEN = {"ExternalId": EXTERNAL_ID, "RoleName": "audit/IamCensus", "S3Prefix": "reports/iam/"}

    def function_policy(self, bucket, *arguments):
        return self.policy("--for", "function", "--role-name", "audit/IamCensus", "--s3-bucket", bucket,
                           "--s3-prefix", "reports/iam/", *arguments)

    def test_the_role_has_what_policy_prints(self):
        named, id_flag = {"OrganizationId": ORGANIZATION}, ["--organization-id", ORGANIZATION]
        for given, flags in (({}, []),
                             (named, id_flag),
                             ({"AskOrganizations": "false", **named}, ["--no-organizations", *id_flag]),
                             ({"FanOut": "true"}, ["--fan-out"]),
                             ({"KmsKeyArn": KEY}, ["--sse-kms-key-id", KEY]),
                             ({"AskOrganizations": "false", "FanOut": "true", "KmsKeyArn": KEY, **named},
                              ["--no-organizations", "--fan-out", "--sse-kms-key-id", KEY, *id_flag])):
            with self.subTest(given=given):
                stack = "census-" + str(len(given)) + "".join(sorted(given))
                made, outputs = self.deploy(stack, translate(SAM), **self.GIVEN, **given)
                policies = self.role_policies(made["FunctionRole"])
                self.assertEqual(policies.pop("census"), self.function_policy(made["Bucket"], *flags))
                self.assertEqual(set(policies), {"logs", "failed-invocations"})
                self.assertEqual(outputs["FunctionRoleArn"], f"arn:aws:iam::{OWN_ACCOUNT}:role/{made['FunctionRole']}")

    def test_roles_of_the_organization_only(self):
        for stack, given, organization in (("own", {}, "${aws:PrincipalOrgID}"),
                                           ("named", {"OrganizationId": ORGANIZATION}, ORGANIZATION)):
            made, _ = self.deploy(stack, translate(SAM), **self.GIVEN, **given)
            assume, *_ = self.role_policies(made["FunctionRole"])["census"]["Statement"]
            self.assertEqual(assume["Action"], ["sts:AssumeRole"])
            self.assertEqual(assume["Condition"], {"StringEquals": {"aws:ResourceOrgID": organization}})

    def test_the_rest_of_the_role_is_its_log_and_its_queue(self):
        made, _ = self.deploy("rest", translate(SAM), **self.GIVEN)
        policies = self.role_policies(made["FunctionRole"])
        log, = policies["logs"]["Statement"]
        queue, = policies["failed-invocations"]["Statement"]
        self.assertEqual(set(log["Action"]), {"logs:CreateLogStream", "logs:PutLogEvents"})
        # AWS's own attribute ends in ":*", moto's does not
        self.assertEqual(log["Resource"].removesuffix(":*"), f"arn:aws:logs:{REGION}:{OWN_ACCOUNT}:log-group:{made['LogGroup']}")
        self.assertEqual(queue["Action"], ["sqs:SendMessage"])
        self.assertTrue(queue["Resource"].startswith(f"arn:aws:sqs:{REGION}:{OWN_ACCOUNT}:rest-FailedInvocations"))
        trust, = self.moto.client("iam").get_role(RoleName=made["FunctionRole"])["Role"]["AssumeRolePolicyDocument"]["Statement"]
        self.assertEqual((trust["Principal"], trust["Action"]), ({"Service": "lambda.amazonaws.com"}, "sts:AssumeRole"))

    def test_suppressions_may_be_read_if_there_are_some(self):
        made, _ = self.deploy("suppressions", translate(SAM), **self.GIVEN, Findings="csv", SuppressKey="audit/accepted.csv")
        statement, = self.role_policies(made["FunctionRole"])["suppressions"]["Statement"]
        self.assertEqual((statement["Effect"], statement["Action"], statement["Resource"]),
                         ("Allow", ["s3:GetObject"], f"arn:aws:s3:::{made['Bucket']}/audit/accepted.csv"))

    def test_the_function(self):
        made, outputs = self.deploy("function", translate(SAM), **self.GIVEN, OrganizationId=ORGANIZATION)
        function = self.moto.client("lambda").get_function_configuration(FunctionName=made["Function"])
        self.assertEqual((function["Runtime"], function["Handler"], function["Timeout"]), ("provided.al2023", "bootstrap", 900))
        variables = function["Environment"]["Variables"]
        self.assertEqual(variables["S3_BUCKET_NAME"], outputs["BucketName"])
        self.assertEqual((variables["ROLE_NAME"], variables["EXTERNAL_ID"]), ("audit/IamCensus", EXTERNAL_ID))
        self.assertEqual((variables["ORGANIZATION_ID"], variables["S3_PREFIX"]), (ORGANIZATION, "reports/iam/"))
        self.assertEqual(variables["EXPECTED_BUCKET_OWNER"], OWN_ACCOUNT)
        self.assertEqual((variables["SSH_KEYS"], variables["ACCOUNTS_FILE"]), ("false", "false"))
        group, = self.log_groups(outputs["LogGroupName"])
        self.assertEqual(group["retentionInDays"], 90)
        self.assertNotIn("kmsKeyId", group)

    def test_the_program_takes_every_variable(self):
        """Each variable of the template is in the program's table of settings."""
        variables = set(load(SAM)["Resources"]["Function"]["Properties"]["Environment"]["Variables"])
        source = (ROOT / "src/app/settings.c").read_text()
        for name in variables:
            self.assertIn(f'"{name}"', source, f"the program knows no {name}")

    CHOICES = {"--strategy": "Strategy", "--columns": "Columns", "--format": "OutputFormat", "--log-level": "LogLevel", "--sse": "Sse"}

    def test_the_program_takes_every_choice(self):
        parameters = load(SAM)["Parameters"]
        for flag, name in self.CHOICES.items():
            run = self.run_program("collect", "--role-name", "x", flag, "bogus")
            allowed = set(re.search(r"allowed are ([\w:, -]+)", run.err)[1].split(", "))
            self.assertEqual(set(parameters[name]["AllowedValues"]) - {""}, allowed, flag)

    def test_numbers_that_the_program_takes(self):
        parameter = load(SAM)["Parameters"]["MaxReportAge"]
        for number, code in ((parameter["MinValue"] - 1, False), (parameter["MaxValue"] + 1, False),
                             (parameter["MinValue"], True), (parameter["MaxValue"], True), (parameter["Default"], True)):
            run = self.run_program("collect", "--role-name", "x", "--max-report-age", number, "--accounts", "bogus")
            self.assertEqual("--max-report-age" not in run.err, code, run)

    def test_the_bucket(self):
        bucket = translate(SAM)["Resources"]["Bucket"]
        self.assertEqual((bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]), ("RetainExceptOnCreate", "Retain"))
        block = bucket["Properties"]["PublicAccessBlockConfiguration"]
        self.assertEqual(block, dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls",
                                               "RestrictPublicBuckets"), True))
        self.assertEqual(bucket["Properties"]["OwnershipControls"]["Rules"], [{"ObjectOwnership": "BucketOwnerEnforced"}])
        self.assertEqual(bucket["Properties"]["VersioningConfiguration"], {"Status": "Enabled"})
        rules = {rule["Id"]: rule for rule in bucket["Properties"]["LifecycleConfiguration"]["Rules"]}
        self.assertEqual(rules["results"]["AbortIncompleteMultipartUpload"], {"DaysAfterInitiation": 1})
        self.assertEqual(rules["batches"]["ExpirationInDays"], 7)
        for key, wanted in (("", "AES256"), (KEY, "aws:kms")):
            given = {"KmsKeyArn": key} if key else {}
            made, _ = self.deploy(f"bucket-{wanted[:3]}".lower(), translate(SAM), **self.GIVEN, **given)
            seen = self.moto.client("s3").get_bucket_encryption(Bucket=made["Bucket"])
            rule = seen["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"]
            self.assertEqual((rule["SSEAlgorithm"], rule.get("KMSMasterKeyID")), (wanted, key or None))

    def test_a_bucket_of_ones_own(self):
        s3 = self.moto.client("s3")
        s3.create_bucket(Bucket="my-own-bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
        made, outputs = self.deploy("own-bucket", translate(SAM), **self.GIVEN, ExistingBucket="my-own-bucket",
                                    ExistingBucketOwner="222222222222", FanOut="true")
        self.assertFalse({"Bucket", "BucketPolicy"} & set(made))
        self.assertEqual(outputs["BucketName"], "my-own-bucket")
        self.assertEqual(self.role_policies(made["FunctionRole"])["census"], self.function_policy("my-own-bucket", "--fan-out"))
        function = self.moto.client("lambda").get_function_configuration(FunctionName=made["Function"])
        variables = function["Environment"]["Variables"]
        self.assertEqual((variables["S3_BUCKET_NAME"], variables["EXPECTED_BUCKET_OWNER"]), ("my-own-bucket", "222222222222"))

    def test_keys_of_log_and_concurrency(self):
        for given, property_name, wanted in (
                ({}, "KmsKeyId", None), ({"LogKmsKeyArn": KEY}, "KmsKeyId", KEY),
                ({}, "ReservedConcurrentExecutions", None), ({"ReservedConcurrency": "-1"}, "ReservedConcurrentExecutions", None),
                ({"ReservedConcurrency": "1"}, "ReservedConcurrentExecutions", "1"),
                ({"ReservedConcurrency": "0"}, "ReservedConcurrentExecutions", "0")):
            with self.subTest(given=given):
                stack = Stack("s", translate(SAM), given, OWN_ACCOUNT, REGION,
                              {name: (name, {"Arn": name}) for name in ("FunctionRole", "LogGroup", "Bucket")})
                kind = "AWS::Logs::LogGroup" if property_name == "KmsKeyId" else "AWS::Lambda::Function"
                item, = stack.of_type(kind).values()
                self.assertEqual(item.get(property_name), wanted)

    def test_rules(self):
        """What can't work together is refused before anything is made."""
        for given, refused in (({}, False), ({"AskOrganizations": "false"}, True),
                               ({"AskOrganizations": "false", "OrganizationId": ORGANIZATION}, False),
                               ({"ExistingBucketOwner": OWN_ACCOUNT}, True),
                               ({"OutputFormat": "sqlite"}, False), ({"OutputFormat": "sqlite", "FanOut": "true"}, True),
                               ({"Sse": "AES256"}, False), ({"Sse": "AES256", "KmsKeyArn": KEY}, True),
                               ({"Sse": "aws:kms:dsse", "KmsKeyArn": KEY}, False),
                               ({"ExistingBucketOwner": OWN_ACCOUNT, "ExistingBucket": "my-own-bucket"}, False),
                               ({"ExistingBucketOwner": OWN_ACCOUNT, "ExistingBucket": "my-own-bucket", "ResultMessages": "chat"}, True),
                               ({"ExistingBucket": "my-own-bucket", "ResultMessages": "chat"}, False),
                               ({"ResultMail": "you@example.com"}, True),
                               ({"ResultMail": "you@example.com", "ResultMessages": "text"}, False),
                               (OWN_EVENT, False), ({**OWN_EVENT, "Findings": "csv"}, True), ({**OWN_EVENT, "SuppressKey": "s.csv"}, False),
                               ({"SuppressKey": "s.csv"}, True), ({"SuppressKey": "s.csv", "Findings": "csv"}, False)):
            with self.subTest(given=given):
                self.assertEqual(Stack("s", load(SAM), {**self.GIVEN, **given}, OWN_ACCOUNT, REGION).refusals() != [], refused)

    def test_the_schedule(self):
        made, _ = self.deploy("schedule", translate(SAM), **self.GIVEN)
        self.assert_schedule(made["FunctionSchedule"], made["ScheduleRole"], made["FailedInvocations"],
                             "lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{OWN_ACCOUNT}:function:{made['Function']}")

    def test_tls_only(self):
        made, _ = self.deploy("tls", translate(SAM), **self.GIVEN)
        policy = self.moto.client("s3").get_bucket_policy(Bucket=made["Bucket"])["Policy"]
        self.assert_tls_only(json.loads(policy), made["Bucket"])

    def alarms(self):
        """{name: properties} of the alarms of both stacks, with all those that are optional."""
        found = {}
        every = {"FunctionName": "the-function", "AlarmOnFindings": "high", "AlarmOnUnknownFindings": "true"}
        for prefix, path in (("", SAM), ("Machine", MACHINE)):
            stack = Stack("s", translate(path), every, OWN_ACCOUNT, REGION,
                          {"Function": ("the-function", {}), "StateMachine": ("machine", {})})
            found.update({prefix + name: item for name, item in stack.of_type("AWS::CloudWatch::Alarm").items()})
        return found

    FINDINGS = ("FindingsCritical", "FindingsHigh", "FindingsUnknown")

    def test_alarms_of_findings_are_optional(self):
        template = translate(SAM)
        for on_findings, on_unknown, wanted in (("no", "false", ()), ("critical", "false", self.FINDINGS[:1]),
                                                ("high", "false", self.FINDINGS[:2]), ("no", "true", self.FINDINGS[2:])):
            given = {"AlarmOnFindings": on_findings, "AlarmOnUnknownFindings": on_unknown}
            stack = Stack("s", template, given, OWN_ACCOUNT, REGION, {"Function": ("f", {})})
            found = {item.get("MetricName") for item in stack.of_type("AWS::CloudWatch::Alarm").values()}
            self.assertEqual(found & set(self.FINDINGS), set(wanted), given)

    def test_alarms(self):
        alarms = self.alarms()
        silent = {name: alarms.pop(name) for name in ("NoCensusAlarm", "MachineNoCensusAlarm")}
        ours = {name: item for name, item in alarms.items() if item["Namespace"] == "iam-census"}
        self.assertEqual({item["MetricName"] for item in ours.values()}, {"AccountsFailed", "AccountsPartial", *self.FINDINGS})
        for name, alarm in alarms.items():
            self.assertEqual(alarm["TreatMissingData"], "notBreaching", name)
        for name, alarm in {**alarms, **silent}.items():
            self.assertIn("AlarmActions", alarm, name)
        self.assertEqual(alarms["FunctionErrorsAlarm"]["Namespace"], "AWS/Lambda")

    def test_a_second_function_counts_on_its_own(self):
        """Of two stacks in one account the alarms of one must not see the other's runs."""
        for name, alarm in self.alarms().items():
            if alarm.get("Namespace", "iam-census") == "iam-census":
                self.assertEqual(Alarm(alarm).dimensions() if "Metrics" in alarm else
                                 {item["Name"]: item["Value"] for item in alarm.get("Dimensions", [])},
                                 {"FunctionName": "the-function"}, name)

    def test_a_missing_run_is_told_within_a_day(self):
        for name in ("NoCensusAlarm", "MachineNoCensusAlarm"):
            with self.subTest(alarm=name):
                self.assert_tells_of_a_missing_run(self.alarms()[name])

    def test_every_number_of_hours_is_allowed(self):
        for path in (SAM, MACHINE):
            parameter = load(path)["Parameters"]["HoursWithoutCensus"]
            self.assertEqual((parameter["MinValue"], parameter["MaxValue"], parameter["Default"]), (0, 168, 26))
            for hours in (0, 1, 24, 25, 168):
                stack = Stack("s", translate(path), {"HoursWithoutCensus": str(hours), "FunctionName": "f"}, OWN_ACCOUNT, REGION,
                              {"Function": ("f", {}), "StateMachine": ("m", {})})
                found = stack.of_type("AWS::CloudWatch::Alarm")
                self.assertEqual("NoCensusAlarm" in found, hours > 0)
                if hours:
                    Alarm(found["NoCensusAlarm"])

    def test_the_metrics_of_the_alarms_are_written(self):
        source = (ROOT / "src/app/metrics.c").read_text()
        alarms = self.alarms()
        metrics = {alarm["Metrics"][1]["MetricStat"]["Metric"]["MetricName"] if "Metrics" in alarm else alarm["MetricName"]
                   for alarm in alarms.values() if alarm.get("Namespace", "iam-census") == "iam-census"}
        self.assertEqual(metrics, {"AccountsSucceeded", "AccountsPartial", "AccountsFailed", *self.FINDINGS})
        for metric in metrics:
            self.assertIn(f'{{"{metric}", "', source)
        self.assertIn('VIEW_LITERAL("iam-census")', source)

    def test_the_log_has_what_the_filter_looks_for(self):
        pattern = load(SAM)["Resources"]["RunsFailedFilter"]["Properties"]["FilterPattern"]
        source = "".join(path.read_text() for path in sorted((ROOT / "src").rglob("*.c")))
        logged = set(re.findall(r'log_event\(LOG_ERROR, "([^"]+)"', source))
        wanted = re.findall(r'\(\$\.event = "([^"]+)"\)', pattern)
        self.assertEqual(wanted, ["run failed", "event loop failed"])
        self.assertLessEqual(set(wanted), logged)
        self.assertIn(pattern.strip().replace('"', '\\"'), (DEPLOY / "terraform/function/alarms.tf").read_text())

    def test_events_and_failures(self):
        resources = translate(SAM)["Resources"]
        invoke = resources["FunctionEventInvokeConfig"]["Properties"]
        self.assertEqual(invoke["MaximumRetryAttempts"], 1)
        self.assertEqual(invoke["DestinationConfig"]["OnFailure"]["Destination"],
                         {"Fn::GetAtt": ["FailedInvocations", "Arn"]})
        schedule = resources["FunctionSchedule"]["Properties"]
        for given, event in JUDGED:
            stack = Stack("s", load(SAM), given, OWN_ACCOUNT, REGION)
            self.assertEqual(json.loads(stack.resolve(schedule["Target"]["Input"])), event)
        stack = Stack("s", load(SAM), OWN_EVENT, OWN_ACCOUNT, REGION)
        self.assertEqual(stack.resolve(schedule["Target"]["Input"]), OWN_EVENT["ScheduleInput"])
        self.assertEqual(schedule["ScheduleExpressionTimezone"], "UTC")


@unittest.skipUnless(HAS_SAM, NO_SAM)
class ChildRole(TemplateCase):
    GIVEN = {"FunctionRoleArn": FUNCTION_ROLE, "ExternalId": EXTERNAL_ID, "OrganizationId": ORGANIZATION}

    def test_permissions(self):
        for permissions in load(CHILD)["Parameters"]["Permissions"]["AllowedValues"]:
            with self.subTest(permissions=permissions):
                wanted = self.child_policy(permissions)
                made, _ = self.deploy(f"child-{permissions}", load(CHILD), **self.GIVEN, Permissions=permissions,
                                      RoleName=f"with-{permissions}")
                policies = self.role_policies(made["Role"])
                self.assertEqual(set(policies), {"census"})
                statement, = policies["census"]["Statement"]
                self.assertEqual((statement["Effect"], statement["Resource"]), ("Allow", "*"))
                self.assertEqual(len(statement["Action"]), len(set(statement["Action"])))
                self.assertEqual(set(statement["Action"]), wanted)

    def test_ssh_public_keys_are_an_option(self):
        made, _ = self.deploy("child-ssh", load(CHILD), **self.GIVEN, Permissions="bulk", SshPublicKeys="true", RoleName="with-ssh")
        census, keys = self.role_policies(made["Role"])["census"]["Statement"]
        self.assertEqual(set(census["Action"]), self.child_policy("bulk"))
        self.assertEqual((keys["Effect"], set(keys["Action"]), keys["Resource"]), ("Allow", SSH_KEYS, "*"))

    def test_the_original_list_is_part_of_per_user(self):
        lists = load(CHILD)["Mappings"]["Actions"]
        self.assertEqual(set(lists["per-user"]["List"]) - set(lists["original"]["List"]),
                         {"iam:ListGroupsForUser", "iam:ListAccountAliases"})

    def test_trust(self):
        made, outputs = self.deploy("trust", load(CHILD), **self.GIVEN)
        role = self.moto.client("iam").get_role(RoleName=made["Role"])["Role"]
        self.assertEqual((role["RoleName"], outputs["RoleArn"]), ("IamCensus", role["Arn"]))
        self.assert_trusts_only(role["AssumeRolePolicyDocument"], FUNCTION_ROLE)

    def test_as_a_stack_set(self):
        accounts = ["222222222222", "333333333333"]
        cloud = self.moto.client("cloudformation")
        cloud.create_stack_set(StackSetName="census", TemplateBody=json.dumps(load(CHILD)), Capabilities=["CAPABILITY_NAMED_IAM"],
                               Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in self.GIVEN.items()])
        cloud.create_stack_instances(StackSetName="census", Accounts=accounts, Regions=[REGION])
        for account in accounts:
            role = self.moto.inside(account).get_role(RoleName="IamCensus")["Role"]
            self.assertEqual(role["Arn"], f"arn:aws:iam::{account}:role/IamCensus")
            self.assert_trusts_only(role["AssumeRolePolicyDocument"], FUNCTION_ROLE)


@unittest.skipUnless(HAS_SAM, NO_SAM)
class Again(TemplateCase):
    """More than one stack in an account and region, and one after the other under the same name."""

    STACKS = {SAM: {"ExternalId": EXTERNAL_ID}, MACHINE: {"FunctionName": "iam-census", "BucketName": "results-bucket"},
              CHILD: {"FunctionRoleArn": FUNCTION_ROLE, "ExternalId": EXTERNAL_ID, "OrganizationId": ORGANIZATION}}
    # A name that the deployer gives, since the function must know it.
    GIVEN_NAMES = {("child-role.yaml", "RoleName")}
    NAMES = {"AWS::IAM::Role": "RoleName", "AWS::Logs::LogGroup": "LogGroupName", "AWS::SQS::Queue": "QueueName",
             "AWS::S3::Bucket": "BucketName", "AWS::CloudWatch::Alarm": "AlarmName", "AWS::Scheduler::Schedule": "Name",
             "AWS::Lambda::Function": "FunctionName", "AWS::StepFunctions::StateMachine": "StateMachineName",
             "AWS::Logs::MetricFilter": "FilterName", "AWS::SNS::Topic": "TopicName", "AWS::Events::Rule": "Name"}
    NAMELESS = {"AWS::S3::BucketPolicy", "AWS::Lambda::EventInvokeConfig", "AWS::IAM::Policy", "AWS::SNS::TopicPolicy"}

    def template(self, path):
        return load(path) if path == CHILD else translate(path)

    def make(self, path, name, **more):
        made = Deployment(self.moto, name, self.template(path), {**self.STACKS[path], **more})
        self.addCleanup(made.delete)
        return made

    def test_no_name_that_a_second_stack_would_need(self):
        for path in TEMPLATES:
            for logical_id, item in self.template(path)["Resources"].items():
                kind = item["Type"]
                self.assertIn(kind, self.NAMES.keys() | self.NAMELESS, "is there a name among its properties?")
                name = item["Properties"].get(self.NAMES.get(kind))
                if name is not None and (path.name, self.NAMES[kind]) not in self.GIVEN_NAMES:
                    self.assertIn("AWS::StackId", json.dumps(name), logical_id)

    def test_two_stacks(self):
        for path in (SAM, MACHINE):
            with self.subTest(template=path):
                one, two = self.make(path, f"one-{path.parent.name}"), self.make(path, f"two-{path.parent.name}")
                self.assertEqual(one.made.keys(), two.made.keys())
                self.assertEqual(set(one.made.values()) & set(two.made.values()), set())
        one, two = self.make(CHILD, "one-role"), self.make(CHILD, "two-role", RoleName="AnotherCensus")
        self.assertNotEqual(one.outputs["RoleArn"], two.outputs["RoleArn"])

    def test_a_stack_again(self):
        for path in (SAM, MACHINE, CHILD):
            with self.subTest(template=path):
                first = self.make(path, f"again-{path.parent.name}")
                first.delete()
                second = self.make(path, f"again-{path.parent.name}")
                self.assertEqual(first.made.keys(), second.made.keys())

    def test_a_name_that_is_taken_is_found(self):
        """That moto and these tests see what AWS would refuse."""
        for logical_id, property_name, name in (("FunctionSchedule", "Name", "taken"), ("LogGroup", "LogGroupName", "/taken")):
            template = translate(SAM)
            template["Resources"][logical_id]["Properties"][property_name] = name
            self.addCleanup(Deployment(self.moto, f"first-{logical_id}", template, self.STACKS[SAM]).delete)
            with self.assertRaisesRegex(Exception, "(?i)already exist"):
                Deployment(self.moto, f"second-{logical_id}", template, self.STACKS[SAM])

    def test_what_outlives_the_stack(self):
        stack = self.make(SAM, "left")
        machine = self.make(MACHINE, "left-batches")
        s3 = self.moto.client("s3")
        bucket = stack.made["Bucket"]
        stack.delete()
        machine.delete()
        self.assertIn(bucket, [item["Name"] for item in s3.list_buckets()["Buckets"]])
        self.assert_tls_only(json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]), bucket)
        for group in (stack.made["LogGroup"], machine.made["LogGroup"]):
            self.assertEqual(len(self.log_groups(group)), 1)
        roles = {role["RoleName"] for role in self.moto.client("iam").list_roles()["Roles"]}
        for role in (stack.made["FunctionRole"], stack.made["ScheduleRole"], machine.made["StateMachineRole"]):
            self.assertNotIn(role, roles)
        schedules = {item["Name"] for item in self.moto.client("scheduler").list_schedules()["Schedules"]}
        self.assertFalse({stack.made["FunctionSchedule"], machine.made["StateMachineSchedule"]} & schedules)

    def test_the_same_outlives_a_replacement_and_not_a_failed_creation(self):
        kept = {(path.parent.name, name): (item.get("DeletionPolicy"), item.get("UpdateReplacePolicy"))
                for path in TEMPLATES for name, item in self.template(path)["Resources"].items()
                if item.get("DeletionPolicy", "Delete") != "Delete" or item.get("UpdateReplacePolicy", "Delete") != "Delete"}
        self.assertEqual(kept, dict.fromkeys((("sam", "Bucket"), ("sam", "BucketPolicy"), ("sam", "LogGroup"),
                                              ("stepfunctions", "LogGroup")), ("RetainExceptOnCreate", "Retain")))


@unittest.skipUnless(HAS_SAM, NO_SAM)
class StateMachineStack(TemplateCase):
    GIVEN = {"FunctionName": "iam-census", "BucketName": "results-bucket", "S3Prefix": "reports/"}

    def test_the_role(self):
        made, _ = self.deploy("machine", translate(MACHINE), **self.GIVEN)
        statements = {item["Sid"]: item for item in self.role_policies(made["StateMachineRole"])["state-machine"]["Statement"]}
        self.assertEqual(statements["Invoke"]["Resource"], state_machine.FUNCTION)
        self.assertEqual(statements["ReadBatches"]["Resource"], "arn:aws:s3:::results-bucket/reports/work/*")
        self.assertEqual(statements["ReadBatches"]["Action"], ["s3:GetObject"])
        self.assertNotIn("DecryptBatches", statements)
        wide = [sid for sid, item in statements.items() if item["Resource"] == "*"]
        self.assertEqual(wide, ["DeliverLogs"])
        self.assertEqual(set(statements), {"Invoke", "ReadBatches", "DeliverLogs"})

    def test_map_runs(self):
        """A distributed map starts executions of its own machine, which has no name before it is there."""
        made, outputs = self.deploy("maps", translate(MACHINE), **self.GIVEN)
        statements = {item["Sid"]: item for item in self.role_policies(made["StateMachineRole"])["map-run"]["Statement"]}
        machine = outputs["StateMachineArn"]
        self.assertEqual(statements["StartMapRun"]["Resource"], machine)
        executions = machine.replace(":stateMachine:", ":execution:")
        self.assertEqual(statements["FollowMapRun"]["Resource"], [f"{executions}:*", f"{executions}/*"])

    def test_the_log(self):
        made, _ = self.deploy("log", translate(MACHINE), **self.GIVEN)
        group, = self.log_groups(made["LogGroup"])
        # else CloudWatch writes a policy for each group, and soon has no room for more
        self.assertRegex(group["logGroupName"], "^/aws/vendedlogs/states/log-.")
        self.assertEqual(group["retentionInDays"], 90)
        for given, key in (({}, None), ({"LogKmsKeyArn": KEY}, KEY)):
            item, = Stack("s", translate(MACHINE), given, OWN_ACCOUNT, REGION).of_type("AWS::Logs::LogGroup").values()
            self.assertEqual(item.get("KmsKeyId"), key)

    def test_the_schedule(self):
        made, _ = self.deploy("schedule", translate(MACHINE), **self.GIVEN)
        self.assert_schedule(made["StateMachineSchedule"], made["ScheduleRole"], made["FailedStarts"],
                             "states:StartExecution", made["StateMachine"])

    def test_the_schedule_gives_a_whole_input(self):
        target = translate(MACHINE)["Resources"]["StateMachineSchedule"]["Properties"]["Target"]
        for given, more in JUDGED:
            stack = Stack("s", translate(MACHINE), {"BatchSize": "100", "MaxConcurrency": "10", **given}, OWN_ACCOUNT, REGION)
            self.assertEqual(json.loads(stack.resolve(target["Input"])), {"batch_size": 100, "max_concurrency": 10, **more})
        self.assertEqual(Stack("s", load(MACHINE), OWN_EVENT, OWN_ACCOUNT, REGION).resolve(target["Input"]), OWN_EVENT["ScheduleInput"])
        self.assertTrue(Stack("s", load(MACHINE), {**OWN_EVENT, "Findings": "csv"}, OWN_ACCOUNT, REGION).refusals())

    def test_substitutions_are_those_of_the_definition(self):
        properties = translate(MACHINE)["Resources"]["StateMachine"]["Properties"]
        text = state_machine.DEFINITION.read_text()
        self.assertEqual(set(properties["DefinitionSubstitutions"]), set(re.findall(r"\$\{(\w+)\}", text)))


if __name__ == "__main__":
    unittest.main()
