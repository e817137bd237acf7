"""deploy/: every template is linted, deployed into moto as far as moto goes, and held against 'iam-census policy'."""

import ast
import importlib.util
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

import state_machine
import terraform
from cases import Case
from census import ROOT
from moto_server import CALLER_KEY, CALLER_SECRET, OWN_ACCOUNT, REGION, MotoServer
from state_machine import FunctionError

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
METRICS = {"AccountsFailed", "AccountsPartial", "AccountsSucceeded", "Users", "ApiCalls", "Throttled", "DurationMs"}
HAS_LINT = importlib.util.find_spec("cfnlint") is not None
HAS_SAM = importlib.util.find_spec("samtranslator") is not None
NO_SAM = "aws-sam-translator is not here (it comes with cfn-lint)"


def lint(path):
    return subprocess.run([sys.executable, "-m", "cfnlint", str(path)], capture_output=True, text=True, timeout=120,
                          env={**os.environ, "HOME": tempfile.gettempdir()})


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


class TemplateCase(Case):
    """One moto a class."""

    @classmethod
    def setUpClass(cls):
        cls.moto = MotoServer().start()
        cls.addClassCleanup(cls.moto.stop)
        s3 = cls.moto.client("s3")
        s3.create_bucket(Bucket=CODE[0], CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket=CODE[0], Key=CODE[1], Body=zipped())
        s3.put_object(Bucket=CODE[0], Key="machine.asl.json", Body=json.dumps(state_machine.definition()).encode())

    def policy(self, *arguments):
        run = self.run_program("policy", *arguments)
        self.assert_code(run, 0)
        return json.loads(run.out)

    def deploy(self, name, template, client=None, **parameters):
        """Makes a stack; returns {logical id: physical id} and the outputs."""
        cloud = client or self.moto.client("cloudformation")
        cloud.create_stack(StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"],
                           Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()])
        self.addCleanup(cloud.delete_stack, StackName=name)
        stack, = cloud.describe_stacks(StackName=name)["Stacks"]
        self.assertEqual(stack["StackStatus"], "CREATE_COMPLETE")
        made = {item["LogicalResourceId"]: item["PhysicalResourceId"]
                for item in cloud.list_stack_resources(StackName=name)["StackResourceSummaries"]}
        return made, {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}

    def role_policies(self, role, iam=None):
        iam = iam or self.moto.client("iam")
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        self.assertEqual(iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"], [])
        return {name: settled(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]) for name in names}

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

    def child_policy(self, permissions, columns):
        """The actions that a role with these permissions is to have."""
        if permissions == "original":
            return ORIGINAL
        policy = self.policy("--for", "child", "--strategy", permissions, "--columns", columns)
        actions = set(policy["Statement"][0]["Action"])
        if permissions != "per-user" and "iam:GetAccountAuthorizationDetails" not in actions:
            self.skipTest("this build has no bulk sources: nothing to hold the list against")
        return actions


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
            self.assertNotEqual(lint(wrong).returncode, 0)


@unittest.skipUnless(HAS_SAM, NO_SAM)
class Sam(TemplateCase):
    GIVEN = {"ExternalId": EXTERNAL_ID, "RoleName": "audit/IamCensus", "S3Prefix": "reports/iam/"}

    def function_policy(self, bucket, *arguments):
        return self.policy("--for", "function", "--role-name", "audit/IamCensus", "--s3-bucket", bucket,
                           "--s3-prefix", "reports/iam/", *arguments)

    def test_the_role_has_what_policy_prints(self):
        for given, flags in (({}, []),
                             ({"AskOrganizations": "false"}, ["--no-organizations"]),
                             ({"FanOut": "true"}, ["--fan-out"]),
                             ({"KmsKeyArn": KEY}, ["--sse-kms-key-id", KEY]),
                             ({"AskOrganizations": "false", "FanOut": "true", "KmsKeyArn": KEY},
                              ["--no-organizations", "--fan-out", "--sse-kms-key-id", KEY])):
            with self.subTest(given=given):
                stack = "census-" + str(len(given)) + "".join(sorted(given))
                made, outputs = self.deploy(stack, translate(SAM), **self.GIVEN, **given)
                policies = self.role_policies(made["FunctionRole"])
                self.assertEqual(policies.pop("census"), self.function_policy(made["Bucket"], *flags))
                self.assertEqual(set(policies), {"logs", "failed-invocations"})
                self.assertEqual(outputs["FunctionRoleArn"], f"arn:aws:iam::{OWN_ACCOUNT}:role/{made['FunctionRole']}")

    def test_the_rest_of_the_role_is_its_log_and_its_queue(self):
        made, _ = self.deploy("rest", translate(SAM), **self.GIVEN)
        policies = self.role_policies(made["FunctionRole"])
        log, = policies["logs"]["Statement"]
        queue, = policies["failed-invocations"]["Statement"]
        self.assertEqual(set(log["Action"]), {"logs:CreateLogStream", "logs:PutLogEvents"})
        self.assertTrue(log["Resource"].startswith(f"arn:aws:logs:{REGION}:{OWN_ACCOUNT}:log-group:/aws/lambda/rest"))
        self.assertEqual(queue["Action"], ["sqs:SendMessage"])
        self.assertTrue(queue["Resource"].startswith(f"arn:aws:sqs:{REGION}:{OWN_ACCOUNT}:rest-FailedInvocations"))
        trust, = self.moto.client("iam").get_role(RoleName=made["FunctionRole"])["Role"]["AssumeRolePolicyDocument"]["Statement"]
        self.assertEqual((trust["Principal"], trust["Action"]), ({"Service": "lambda.amazonaws.com"}, "sts:AssumeRole"))

    def test_the_function(self):
        made, outputs = self.deploy("function", translate(SAM), **self.GIVEN, OrganizationId=ORGANIZATION)
        function = self.moto.client("lambda").get_function_configuration(FunctionName=made["Function"])
        self.assertEqual((function["Runtime"], function["Handler"], function["Timeout"]), ("provided.al2023", "bootstrap", 900))
        variables = function["Environment"]["Variables"]
        self.assertEqual(variables["S3_BUCKET_NAME"], outputs["BucketName"])
        self.assertEqual((variables["ROLE_NAME"], variables["EXTERNAL_ID"]), ("audit/IamCensus", EXTERNAL_ID))
        self.assertEqual((variables["ORGANIZATION_ID"], variables["S3_PREFIX"]), (ORGANIZATION, "reports/iam/"))
        self.assertEqual(variables["EXPECTED_BUCKET_OWNER"], OWN_ACCOUNT)
        group, = self.moto.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/function")["logGroups"]
        self.assertEqual(group["retentionInDays"], 90)

    def test_the_program_takes_every_variable(self):
        """Each variable of the template is one that the program reads: a wrong value in it is an error."""
        variables = set(load(SAM)["Resources"]["Function"]["Properties"]["Environment"]["Variables"])
        source = (ROOT / "src/app/settings.c").read_text()
        for name in variables:
            self.assertIn(f'"{name}"', source, f"the program knows no {name}")

    def test_the_bucket(self):
        bucket = translate(SAM)["Resources"]["Bucket"]
        self.assertEqual((bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]), ("Retain", "Retain"))
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

    def test_tls_only(self):
        """moto's CloudFormation knows no bucket policy: the template's goes into its S3 and is read back."""
        made, _ = self.deploy("tls", translate(SAM), **self.GIVEN)
        properties = translate(SAM)["Resources"]["BucketPolicy"]["Properties"]
        self.assertEqual(properties["Bucket"], {"Ref": "Bucket"})
        document = properties["PolicyDocument"]
        for statement in document["Statement"]:
            statement["Resource"] = [resource["Fn::Sub"].replace("${AWS::Partition}", "aws").replace("${Bucket}", made["Bucket"])
                                     for resource in statement["Resource"]]
        s3 = self.moto.client("s3")
        s3.put_bucket_policy(Bucket=made["Bucket"], Policy=json.dumps(document))
        self.addCleanup(s3.delete_bucket_policy, Bucket=made["Bucket"])
        self.assert_tls_only(json.loads(s3.get_bucket_policy(Bucket=made["Bucket"])["Policy"]), made["Bucket"])

    def test_alarms(self):
        resources = translate(SAM)["Resources"]
        resources.update({f"Machine{name}": item for name, item in translate(MACHINE)["Resources"].items()})
        alarms = {name: item["Properties"] for name, item in resources.items() if item["Type"] == "AWS::CloudWatch::Alarm"}
        ours = {name: item for name, item in alarms.items() if item["Namespace"] == "iam-census"}
        self.assertEqual({item["MetricName"] for item in ours.values()}, {"AccountsFailed", "AccountsPartial", "AccountsSucceeded"})
        for name, alarm in ours.items():
            self.assertIn(alarm["MetricName"], METRICS)
            # the one dimension of the metrics that a run writes
            self.assertEqual([dimension["Name"] for dimension in alarm["Dimensions"]], ["FunctionName"], name)
        for name, alarm in alarms.items():
            silent = alarm["MetricName"] == "AccountsSucceeded"
            self.assertEqual(alarm["TreatMissingData"], "breaching" if silent else "notBreaching", name)
            self.assertIn("AlarmActions", alarm, name)
        self.assertEqual(alarms["FunctionErrorsAlarm"]["Namespace"], "AWS/Lambda")

    def test_the_log_has_what_the_filter_looks_for(self):
        pattern = load(SAM)["Resources"]["RunsFailedFilter"]["Properties"]["FilterPattern"]
        source = "".join(path.read_text() for path in sorted((ROOT / "src").rglob("*.c")))
        for event in ("run failed", "function can't start", "event loop failed"):
            self.assertIn(f'($.event = "{event}")', pattern)
            self.assertIn(f'log_event(LOG_ERROR, "{event}"', source)

    def test_events_and_failures(self):
        resources = translate(SAM)["Resources"]
        invoke = resources["FunctionEventInvokeConfig"]["Properties"]
        self.assertEqual(invoke["MaximumRetryAttempts"], 1)
        self.assertEqual(invoke["DestinationConfig"]["OnFailure"]["Destination"],
                         {"Fn::GetAtt": ["FailedInvocations", "Arn"]})
        schedule = resources["FunctionSchedule"]["Properties"]
        self.assertEqual(json.loads(schedule["Target"]["Input"]), {})
        self.assertEqual(schedule["ScheduleExpressionTimezone"], "UTC")


@unittest.skipUnless(HAS_SAM, NO_SAM)
class ChildRole(TemplateCase):
    GIVEN = {"FunctionRoleArn": FUNCTION_ROLE, "ExternalId": EXTERNAL_ID, "OrganizationId": ORGANIZATION}

    def test_permissions(self):
        for permissions in ("auto", "bulk", "per-user", "original"):
            for columns in ("standard", "extended"):
                with self.subTest(permissions=permissions, columns=columns):
                    wanted = self.child_policy(permissions, columns)
                    made, _ = self.deploy(f"child-{permissions}-{columns}", load(CHILD), **self.GIVEN,
                                          Permissions=permissions, Columns=columns, RoleName=f"{permissions}-{columns}")
                    policies = self.role_policies(made["Role"])
                    self.assertEqual(set(policies), {"census"})
                    statement, = policies["census"]["Statement"]
                    self.assertEqual((statement["Effect"], statement["Resource"]), ("Allow", "*"))
                    self.assertEqual(len(statement["Action"]), len(set(statement["Action"])))
                    self.assertEqual(set(statement["Action"]), wanted)

    def test_every_role_is_a_superset_where_it_must_be(self):
        lists = load(CHILD)["Mappings"]["Actions"]
        for columns in ("standard", "extended"):
            self.assertEqual(set(lists["auto"][columns]), set(lists["bulk"][columns]) | set(lists["per-user"][columns]))
            self.assertLess(set(lists["original"][columns]), set(lists["per-user"][columns]))

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


@unittest.skipIf(terraform.missing(), terraform.missing() or "")
class Terraform(TemplateCase):
    def terraform(self, module):
        folder = self.home / f"terraform-{module}"
        folder.mkdir()
        return terraform.Terraform(DEPLOY / "terraform" / module, folder)

    def apply(self, tool, **variables):
        return tool.apply(self.moto.url, REGION, CALLER_KEY, CALLER_SECRET, **variables)

    def test_modules_are_formatted_and_valid(self):
        for module in ("function", "child-role"):
            with self.subTest(module=module):
                self.terraform(module).validate()

    def test_a_wrong_value_is_refused(self):
        tool = self.terraform("child-role")
        with self.assertRaisesRegex(AssertionError, "Allowed are auto, bulk, per-user, original"):
            self.apply(tool, function_role_arn=FUNCTION_ROLE, external_id=EXTERNAL_ID, organization_id=ORGANIZATION,
                       permissions="all")

    def test_the_function_side(self):
        package = self.home / "census.zip"
        package.write_bytes(zipped())
        tool = self.terraform("function")
        outputs = self.apply(tool, name="tf-census", package=str(package), architecture="x86_64", role_name="audit/IamCensus",
                             external_id=EXTERNAL_ID, s3_prefix="reports/iam/", fan_out=True, kms_key_arn=KEY)
        bucket = outputs["bucket_name"]
        policies = self.role_policies("tf-census-function")
        self.assertEqual(policies["census"],
                         self.policy("--for", "function", "--role-name", "audit/IamCensus", "--s3-bucket", bucket,
                                     "--s3-prefix", "reports/iam/", "--fan-out", "--sse-kms-key-id", KEY))
        self.assertEqual(set(policies), {"census", "logs", "failed-invocations"})
        function = self.moto.client("lambda").get_function_configuration(FunctionName="tf-census")
        self.assertEqual((function["Runtime"], function["Timeout"], function["Architectures"]),
                         ("provided.al2023", 900, ["x86_64"]))
        sam = load(SAM)["Resources"]["Function"]["Properties"]["Environment"]["Variables"] if HAS_SAM else None
        if sam:
            self.assertEqual(set(function["Environment"]["Variables"]), set(sam))
        self.assert_bucket(bucket)
        self.assert_alarms("tf-census")
        self.assertTrue(tool.unchanged(), "a second plan finds something to do")

    def assert_bucket(self, bucket):
        s3 = self.moto.client("s3")
        block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        self.assertEqual(set(block.values()), {True})
        self.assertEqual(len(block), 4)
        self.assert_tls_only(json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]), bucket)
        rule = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
        self.assertEqual(rule["ApplyServerSideEncryptionByDefault"], {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY})
        self.assertEqual(s3.get_bucket_versioning(Bucket=bucket)["Status"], "Enabled")
        rules = {rule["ID"]: rule for rule in s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]}
        self.assertEqual(rules["results"]["Expiration"]["Days"], 400)
        self.assertEqual(rules["batches"]["Expiration"]["Days"], 7)
        self.assertEqual(s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"],
                         [{"ObjectOwnership": "BucketOwnerEnforced"}])

    def assert_alarms(self, name):
        alarms = self.moto.client("cloudwatch").describe_alarms(AlarmNamePrefix=name)["MetricAlarms"]
        self.assertEqual({alarm["MetricName"] for alarm in alarms},
                         {"RunsFailed", "Errors", "AccountsFailed", "AccountsPartial", "AccountsSucceeded"})
        for alarm in alarms:
            if alarm["Namespace"] == "iam-census":
                self.assertEqual(alarm["Dimensions"], [{"Name": "FunctionName", "Value": name}])
        filters = self.moto.client("logs").describe_metric_filters(logGroupName=f"/aws/lambda/{name}")["metricFilters"]
        self.assertIn('($.event = "run failed")', filters[0]["filterPattern"])

    def test_the_child_side(self):
        for permissions, columns in (("per-user", "standard"), ("original", "extended"), ("auto", "standard"),
                                     ("auto", "extended"), ("bulk", "standard"), ("bulk", "extended")):
            with self.subTest(permissions=permissions, columns=columns):
                wanted = self.child_policy(permissions, columns)
                name = f"tf-{permissions}-{columns}"
                folder = self.home / name
                folder.mkdir()
                tool = terraform.Terraform(DEPLOY / "terraform/child-role", folder)
                self.apply(tool, function_role_arn=FUNCTION_ROLE, external_id=EXTERNAL_ID, organization_id=ORGANIZATION,
                           role_name=name, permissions=permissions, columns=columns)
                role = self.moto.client("iam").get_role(RoleName=name)["Role"]
                self.assert_trusts_only(role["AssumeRolePolicyDocument"], FUNCTION_ROLE)
                statement, = self.role_policies(name)["census"]["Statement"]
                self.assertEqual((set(statement["Action"]), statement["Resource"]), (wanted, "*"))


class TerraformLists(unittest.TestCase):
    """Where there is no Terraform, the lists at least are the ones of the StackSet."""

    @unittest.skipUnless(HAS_SAM, NO_SAM)
    def test_no_action_that_the_stack_set_lacks(self):
        import re
        text = (DEPLOY / "terraform/child-role/main.tf").read_text()
        lists = load(CHILD)["Mappings"]["Actions"]
        self.assertEqual(set(re.findall(r'"(iam:\w+)"', text)), set(lists["auto"]["extended"]))


NO_NODE = state_machine.install()


@unittest.skipIf(NO_NODE, NO_NODE or "")
class StateMachine(Case):
    """The definition in an interpreter that is not ours. The function is a stub with S3 in a dict."""

    BATCHES = 5
    PER_BATCH = 3

    def setUp(self):
        super().setUp()
        self.bucket = {}
        self.calls = []
        self.faults = {}
        self.machine = state_machine.definition()

    def accounts(self, batch):
        return [f"{batch:06d}{number:06d}" for number in range(self.PER_BATCH)]

    def invoke(self, event):
        self.calls.append(event)
        action = event["action"]
        number = event["batch"]["batch"] if action == "collect_batch" else 0
        faults = self.faults.get((action, number), [])
        fault = faults.pop(0) if faults else None
        if isinstance(fault, Exception):
            raise fault
        if fault:
            return {"statusCode": 500, "body": json.dumps({"message": fault})}
        return {"statusCode": 200, "body": json.dumps(getattr(self, action)(event))}

    def plan(self, event):
        items = [{"batch": n, "accounts_key": f"work/r1/{n}.accounts", "part_key": f"work/r1/{n}.part",
                  "result_key": f"work/r1/{n}.json"} for n in range(self.BATCHES)]
        self.bucket["work/r1/batches.json"] = items
        for item in items:
            self.bucket[item["accounts_key"]] = self.accounts(item["batch"])
        return {"run_id": "r1", "started_at": "2026-01-31T00:00:00Z", "organization_id": "o-mine",
                "batches_bucket": "b", "batches_key": "work/r1/batches.json", "batch_count": self.BATCHES}

    def collect_batch(self, event):
        self.assertEqual(event["run"]["run_id"], "r1")
        item = event["batch"]
        accounts = self.bucket[item["accounts_key"]]
        self.bucket[item["result_key"]] = {"successful_accounts": accounts}
        return {"batch": item["batch"], "rows": len(accounts), "failed": 0}

    def combine(self, event):
        successful, failed = [], []
        for item in self.bucket[event["run"]["batches_key"]]:
            result = self.bucket.get(item["result_key"])
            accounts = self.bucket[item["accounts_key"]]
            (successful if result else failed).extend(accounts)
        return {"successful_accounts": successful, "failed_accounts": failed}

    def read(self, bucket, key):
        self.assertEqual(bucket, "b")
        return self.bucket.get(key, {})

    def execute(self, given=None):
        given = given or {"role_name": "census", "batch_size": self.PER_BATCH}
        return state_machine.execute(self.machine, given, self.invoke, self.read, self.home)

    def events(self, action):
        return [event for event in self.calls if event["action"] == action]

    def every_account(self):
        return {account for n in range(self.BATCHES) for account in self.accounts(n)}

    def test_valid(self):
        for partition in ("aws", "aws-cn", "aws-us-gov"):
            code, text = state_machine.validate(state_machine.definition(partition), self.home)
            self.assertEqual(code, 0, text)

    def test_a_mistake_is_found(self):
        self.machine["States"]["Plan"]["Next"] = "Nowhere"
        code, text = state_machine.validate(self.machine, self.home)
        self.assertNotEqual(code, 0, text)

    def test_all_batches(self):
        outcome = self.execute()
        self.assertEqual(set(outcome["result"]["successful_accounts"]), self.every_account())
        self.assertEqual(outcome["result"]["failed_accounts"], [])
        self.assertEqual([len(self.events(a)) for a in ("plan", "collect_batch", "combine")], [1, self.BATCHES, 1])
        combine, = self.events("combine")
        self.assertEqual(combine["batches"], [{"batch": n, "rows": self.PER_BATCH, "failed": 0} for n in range(self.BATCHES)])

    def test_settings_go_to_every_action(self):
        self.execute({"role_name": "census", "strategy": "bulk", "batch_size": 3, "max_concurrency": 2})
        for event in self.calls:
            self.assertEqual((event["role_name"], event["strategy"], event["max_concurrency"]), ("census", "bulk", 2))
        self.assertEqual(set(self.events("plan")[0]) - {"role_name", "strategy", "batch_size", "max_concurrency"}, {"action"})

    def test_concurrency_has_a_default(self):
        self.execute()
        self.assertEqual(self.calls[0]["max_concurrency"], 10)

    def test_retried_batches_are_whole(self):
        self.faults = {("collect_batch", 1): [FunctionError("Lambda.TooManyRequestsException")] * 4,
                       ("collect_batch", 3): [FunctionError("Sandbox.Timedout"), FunctionError("Runtime.ExitError")],
                       ("plan", 0): [FunctionError("Lambda.ServiceException")],
                       ("combine", 0): [FunctionError("Lambda.Unknown")]}
        outcome = self.execute()
        self.assertEqual(set(outcome["result"]["successful_accounts"]), self.every_account())
        self.assertEqual(len(self.events("collect_batch")), self.BATCHES + 6)

    def test_a_lost_batch_is_no_silent_gap(self):
        self.faults = {("collect_batch", 1): [FunctionError("Sandbox.Timedout")] * 20,
                       ("collect_batch", 2): ["the output could not be written"],
                       ("collect_batch", 4): [FunctionError("Lambda.TooManyRequestsException")] * 20}
        outcome = self.execute()
        lost = set(self.accounts(1) + self.accounts(2) + self.accounts(4))
        self.assertEqual(set(outcome["result"]["failed_accounts"]), lost)
        self.assertEqual(set(outcome["result"]["successful_accounts"]), self.every_account() - lost)
        combine, = self.events("combine")
        self.assertEqual([(item["batch"], item.get("error")) for item in combine["batches"]],
                         [(0, None), (1, "Sandbox.Timedout"), (2, "BatchRefused"), (3, None),
                          (4, "Lambda.TooManyRequestsException")])

    def test_no_batch_at_all(self):
        """The list of batches can't be read: everything is failed, and still combined."""
        self.read = lambda bucket, key: {"message": "AccessDenied"}
        outcome = self.execute()
        self.assertEqual(set(outcome["result"]["failed_accounts"]), self.every_account())
        self.assertEqual(self.events("combine")[0]["batches"], [])

    def test_a_plan_that_fails_ends_it(self):
        self.faults = {("plan", 0): ["no role to assume"]}
        outcome = self.execute()
        self.assertEqual(outcome["name"], "PlanFailed")
        self.assertIn("no role to assume", outcome["cause"])
        self.assertEqual(len(self.calls), 1)

    def test_a_combine_that_fails_ends_it(self):
        self.faults = {("combine", 0): ["the output could not be written"]}
        outcome = self.execute()
        self.assertEqual(outcome["name"], "CombineFailed")
        self.assertNotIn("result", outcome)
        self.faults = {("combine", 0): [FunctionError("Sandbox.Timedout")] * 20}
        self.assertNotIn("result", self.execute())

    def test_the_map_is_distributed(self):
        state = self.machine["States"]["CollectBatches"]
        self.assertEqual(state["ItemProcessor"]["ProcessorConfig"], {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"})
        self.assertEqual(state["ToleratedFailurePercentage"], 100)
        self.assertEqual(state["ItemReader"]["Parameters"], {"Bucket.$": "$.run.batches_bucket", "Key.$": "$.run.batches_key"})


@unittest.skipUnless(HAS_SAM, NO_SAM)
class StateMachineStack(TemplateCase):
    GIVEN = {"FunctionName": "iam-census", "BucketName": "results-bucket", "S3Prefix": "reports/"}

    def test_the_role(self):
        made, _ = self.deploy("machine", translate(MACHINE), **self.GIVEN)
        statements = {item["Sid"]: item for item in self.role_policies(made["StateMachineRole"])["state-machine"]["Statement"]}
        self.assertEqual(statements["Invoke"]["Resource"], state_machine.FUNCTION)
        self.assertEqual(statements["ReadBatches"]["Resource"], "arn:aws:s3:::results-bucket/reports/work/*")
        self.assertEqual(statements["ReadBatches"]["Action"], ["s3:GetObject"])
        machine = f"arn:aws:states:{REGION}:{OWN_ACCOUNT}:stateMachine:machine"
        self.assertEqual(statements["StartMapRun"]["Resource"], machine)
        self.assertNotIn("DecryptBatches", statements)
        wide = [sid for sid, item in statements.items() if item["Resource"] == "*"]
        self.assertEqual(wide, ["DeliverLogs"])

    def test_the_schedule_gives_a_whole_input(self):
        target = translate(MACHINE)["Resources"]["StateMachineSchedule"]["Properties"]["Target"]
        text = target["Input"]["Fn::Sub"].replace("${BatchSize}", "100").replace("${MaxConcurrency}", "10")
        self.assertEqual(json.loads(text), {"batch_size": 100, "max_concurrency": 10})

    def test_substitutions_are_those_of_the_definition(self):
        import re
        properties = translate(MACHINE)["Resources"]["StateMachine"]["Properties"]
        text = state_machine.DEFINITION.read_text()
        self.assertEqual(set(properties["DefinitionSubstitutions"]), set(re.findall(r"\$\{(\w+)\}", text)))


if __name__ == "__main__":
    unittest.main()
