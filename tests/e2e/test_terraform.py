# SPDX-License-Identifier: MIT
"""deploy/terraform: validated, applied to moto, and held against 'iam-census policy'."""

import json
import re
import unittest

import terraform
from alarm import Alarm
from cloudformation import Stack
from moto_server import CALLER_KEY, CALLER_SECRET, OWN_ACCOUNT, REGION
from templates import (DEPLOY, EXTERNAL_ID, FUNCTION_ROLE, HAS_SAM, KEY, NO_SAM, ORGANIZATION, SAM, CHILD, SSH_KEYS, TemplateCase,
                       load, translate, zipped)


@unittest.skipIf(terraform.missing(), terraform.missing() or "")
class Terraform(TemplateCase):
    def terraform(self, module):
        folder = self.home / f"terraform-{module}"
        folder.mkdir()
        return terraform.Terraform(DEPLOY / "terraform" / module, folder)

    def apply(self, tool, **variables):
        return tool.apply(self.moto.url, REGION, CALLER_KEY, CALLER_SECRET, **variables)

    def test_modules_are_formatted_and_valid(self):
        for module in ("function", "child-role", "organization"):
            with self.subTest(module=module):
                self.terraform(module).validate()

    def test_a_wrong_value_is_refused(self):
        tool = self.terraform("child-role")
        with self.assertRaisesRegex(AssertionError, "Allowed are auto, findings, bulk, per-user, original"):
            self.apply(tool, function_role_arn=FUNCTION_ROLE, external_id=EXTERNAL_ID, organization_id=ORGANIZATION,
                       permissions="all")

    def test_what_can_not_work_together_is_refused(self):
        """Before anything is made, as by the rules of the SAM template."""
        package = self.home / "census.zip"
        package.write_bytes(zipped())
        with self.assertRaises(AssertionError) as refused:
            self.apply(self.terraform("function"), **self.FUNCTION, name="tf-wrong", package=str(package), ask_organizations=False, output_format="sqlite", fan_out=True,
                       existing_bucket_owner="222222222222", sse="AES256", suppress_key="s.csv", result_mail="you@example.com")
        self.assertRegex(str(refused.exception), "ask_organizations = false needs organization_id")
        self.assertRegex(str(refused.exception), "existing_bucket_owner is of an existing_bucket")
        self.assertRegex(str(refused.exception), "output_format = sqlite can't be combined with fan_out")
        self.assertRegex(str(refused.exception), "it takes no kms_key_arn")
        self.assertRegex(str(refused.exception), "suppress_key needs findings")
        self.assertRegex(str(refused.exception), "result_mail needs result_messages")
        self.assertNotIn("tf-wrong", [item["FunctionName"] for item in self.moto.client("lambda").list_functions()["Functions"]])

    FUNCTION = {"architecture": "x86_64", "role_name": "audit/IamCensus", "external_id": EXTERNAL_ID, "s3_prefix": "reports/iam/",
                "kms_key_arn": KEY}

    def function_policy(self, bucket, *arguments):
        return self.policy("--for", "function", "--role-name", "audit/IamCensus", "--s3-bucket", bucket,
                           "--s3-prefix", "reports/iam/", "--sse-kms-key-id", KEY, *arguments)

    @unittest.skipUnless(HAS_SAM, NO_SAM)
    def test_the_function_side(self):
        """Two functions in one account and region; then both are destroyed, and made again under the same names."""
        package = self.home / "census.zip"
        package.write_bytes(zipped())
        s3 = self.moto.client("s3")
        s3.create_bucket(Bucket="my-own-bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
        shared = {**self.FUNCTION, "package": str(package)}
        tool = self.terraform("function")
        outputs = self.apply(tool, each={
            "tf-census": {**shared, "name": "tf-census", "fan_out": True, "ask_organizations": True, "organization_id": "",
                          "existing_bucket": "", "existing_bucket_owner": "", "log_kms_key_arn": "", "reserved_concurrency": -1,
                          "findings": "jsonl", "suppress_key": "audit/accepted.csv", "alarm_on_findings": "high",
                          "alarm_on_unknown_findings": True, "result_messages": "chat", "result_mail": "you@example.com",
                          "schedule_input": ""},
            "tf-own": {**shared, "name": "tf-own", "fan_out": False, "ask_organizations": False, "organization_id": ORGANIZATION,
                       "existing_bucket": "my-own-bucket", "existing_bucket_owner": "222222222222", "log_kms_key_arn": KEY,
                       "reserved_concurrency": 1, "findings": "no", "suppress_key": "", "alarm_on_findings": "no",
                       "alarm_on_unknown_findings": False, "result_messages": "no", "result_mail": "",
                       "schedule_input": '{"columns": "full"}'}})
        bucket = outputs["tf-census"]["bucket_name"]
        self.assert_function("tf-census", bucket, OWN_ACCOUNT, self.function_policy(bucket, "--fan-out"), "suppressions")
        self.assert_bucket(bucket)
        self.assertEqual(outputs["tf-own"]["bucket_name"], "my-own-bucket")
        self.assert_function("tf-own", "my-own-bucket", "222222222222", self.function_policy(
            "my-own-bucket", "--no-organizations", "--organization-id", ORGANIZATION))
        self.assert_reserved({"tf-census": (None, None), "tf-own": (1, KEY)})
        self.assert_findings(bucket)
        self.assert_messages(bucket, outputs["tf-census"]["result_topic_arn"])
        self.assertEqual(outputs["tf-own"]["result_topic_arn"], "")
        self.assert_alarms("tf-census", "FindingsCritical", "FindingsHigh", "FindingsUnknown")
        self.assert_alarms("tf-own")
        for name in outputs:
            self.assert_schedule(name, f"{name}-schedule", f"/{name}-failed-invocations", "lambda:InvokeFunction",
                                 outputs[name]["function_arn"])
        # moto's Lambda keeps no LoggingConfig, and its S3 does not tell of events that it sends to EventBridge
        self.assertEqual(tool.changes(), {
            ('module.census["tf-census"].aws_s3_bucket_notification.results[0]', "eventbridge"),
            *((f'module.census["{name}"].aws_lambda_function.census', "logging_config") for name in outputs)})
        self.assert_made_again(tool, bucket)

    def assert_findings(self, bucket):
        target = self.moto.client("scheduler").get_schedule(Name="tf-census")["Target"]
        self.assertEqual(json.loads(target["Input"]), {"findings": True, "findings_format": "jsonl", "suppress_key": "audit/accepted.csv"})
        self.assertEqual(self.moto.client("scheduler").get_schedule(Name="tf-own")["Target"]["Input"], '{"columns": "full"}')
        statement, = self.role_policies("tf-census-function")["suppressions"]["Statement"]
        self.assertEqual((statement["Action"], statement["Resource"]), (["s3:GetObject"], f"arn:aws:s3:::{bucket}/audit/accepted.csv"))

    def assert_messages(self, bucket, topic):
        """The same pattern, message and topic policy as those of the SAM template."""
        stack = Stack("s", translate(SAM), {"ResultMessages": "chat", "S3Prefix": "reports/iam/"}, OWN_ACCOUNT, REGION,
                      {"Bucket": (bucket, {}), "ResultTopic": (topic, {})})
        wanted, = stack.of_type("AWS::Events::Rule").values()
        events, sns = self.moto.client("events"), self.moto.client("sns")
        self.assertEqual([rule["Name"] for rule in events.list_rules()["Rules"]], ["tf-census-result"])
        self.assertEqual(json.loads(events.describe_rule(Name="tf-census-result")["EventPattern"]), wanted["EventPattern"])
        target, = events.list_targets_by_rule(Rule="tf-census-result")["Targets"]
        for item in (target, *wanted["Targets"]):
            item["InputTransformer"]["InputTemplate"] = json.loads(item["InputTransformer"]["InputTemplate"])
        self.assertEqual([target], wanted["Targets"])
        policy, = stack.of_type("AWS::SNS::TopicPolicy").values()
        self.assertEqual(json.loads(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]), policy["PolicyDocument"])
        subscription, = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        self.assertEqual((subscription["Protocol"], subscription["Endpoint"]), ("email", "you@example.com"))

    def assert_function(self, name, bucket, owner, policy, *more):
        policies = self.role_policies(f"{name}-function")
        self.assertEqual(policies["census"], policy)
        self.assertEqual(set(policies), {"census", "logs", "failed-invocations", *more})
        function = self.moto.client("lambda").get_function_configuration(FunctionName=name)
        self.assertEqual((function["Runtime"], function["Timeout"], function["Architectures"]),
                         ("provided.al2023", 900, ["x86_64"]))
        variables = function["Environment"]["Variables"]
        self.assertEqual((variables["S3_BUCKET_NAME"], variables["EXPECTED_BUCKET_OWNER"]), (bucket, owner))
        if HAS_SAM:
            self.assertEqual(set(variables), set(load(SAM)["Resources"]["Function"]["Properties"]["Environment"]["Variables"]))

    def assert_reserved(self, wanted):
        functions = self.moto.client("lambda")
        for name, (concurrency, key) in wanted.items():
            self.assertEqual(functions.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions"), concurrency)
            group, = self.log_groups(f"/aws/lambda/{name}")
            self.assertEqual(group.get("kmsKeyId"), key)

    def assert_made_again(self, tool, bucket):
        """The bucket is not destroyed, nor is what protects it; the rest is, and can be made again."""
        self.assertIn("prevent_destroy", tool.destroy(code=1))
        self.assert_bucket(bucket)
        tool.forget(".aws_s3_bucket")
        tool.destroy()
        self.assert_bucket(bucket)
        self.assertEqual(self.moto.client("lambda").list_functions()["Functions"], [])
        again = tool.apply_again()
        self.assertNotEqual(again["tf-census"]["bucket_name"], bucket)
        self.assert_bucket(again["tf-census"]["bucket_name"])
        self.assertEqual(again["tf-own"]["bucket_name"], "my-own-bucket")

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

    def assert_alarms(self, name, *more):
        alarms = self.moto.client("cloudwatch").describe_alarms(AlarmNamePrefix=name)["MetricAlarms"]
        silent, = [alarm for alarm in alarms if alarm.get("Metrics")]
        self.assertEqual(silent["AlarmName"], f"{name}-no-census")
        self.assert_tells_of_a_missing_run(silent)
        self.assertEqual(Alarm(silent).dimensions(), {"FunctionName": name})
        others = [alarm for alarm in alarms if alarm is not silent]
        self.assertEqual({alarm["MetricName"] for alarm in others}, {"RunsFailed", "Errors", "AccountsFailed", "AccountsPartial", *more})
        for alarm in others:
            wanted = [] if alarm["MetricName"] == "RunsFailed" else [{"Name": "FunctionName", "Value": name}]
            self.assertEqual(alarm["Dimensions"], wanted)
        filters = self.moto.client("logs").describe_metric_filters(logGroupName=f"/aws/lambda/{name}")["metricFilters"]
        self.assertIn('($.event = "run failed")', filters[0]["filterPattern"])

    def unit_with_an_account(self):
        """The ids of the organization, of a unit, and of the account in it."""
        organizations = self.moto.client("organizations")
        made = organizations.create_organization(FeatureSet="ALL")["Organization"]
        root, = organizations.list_roots()["Roots"]
        unit = organizations.create_organizational_unit(ParentId=root["Id"], Name="unit")["OrganizationalUnit"]["Id"]
        account = organizations.create_account(AccountName="member", Email="member@example.com")["CreateAccountStatus"]["AccountId"]
        organizations.move_account(AccountId=account, SourceParentId=root["Id"], DestinationParentId=unit)
        return made["Id"], unit, account

    @unittest.skipUnless(HAS_SAM, NO_SAM)
    def test_the_organization(self):
        """Function, role here, and the role in a member account. A unit, because moto's StackSets don't leave out the management
        account."""
        organization, unit, account = self.unit_with_an_account()
        package = self.home / "census.zip"
        package.write_bytes(zipped())
        given = {"name": "tf-whole", "package": str(package), "external_id": EXTERNAL_ID, "role_name": "TfWholeCensus",
                 "organizational_unit_ids": [unit], "existing_bucket": "my-own-bucket", "columns": "full", "ssh_public_keys": True}
        tool = self.terraform("organization")
        with self.assertRaisesRegex(AssertionError, "columns = full, accounts_file"):
            self.apply(tool, **given, permissions="auto")
        outputs = self.apply(tool, **given)
        function_role = outputs["function_role_arn"]
        self.assertEqual(self.role_policies("tf-whole-function")["census"],
                         self.policy("--for", "function", "--role-name", "TfWholeCensus", "--s3-bucket", "my-own-bucket",
                                     "--s3-prefix", "iam-census/", "--organization-id", organization))
        for iam in (self.moto.client("iam"), self.moto.inside(account)):
            role = iam.get_role(RoleName="TfWholeCensus")["Role"]
            self.assert_trusts_only(role["AssumeRolePolicyDocument"], function_role, organization=organization)
            statements = self.role_policies("TfWholeCensus", iam)["census"]["Statement"]
            actions = {action for item in statements for action in item["Action"]}
            self.assertEqual(actions, self.child_policy("findings") | SSH_KEYS)
        self.assert_stack_set(outputs["stack_set_name"])
        variables = self.moto.client("lambda").get_function_configuration(FunctionName="tf-whole")["Environment"]["Variables"]
        self.assertEqual((variables["ORGANIZATION_ID"], variables["ORGANIZATIONAL_UNIT_IDS"], variables["OUTPUT_COLUMNS"],
                          variables["OUTPUT_FORMAT"]), (organization, unit, "full", "csv"))

    def assert_stack_set(self, name):
        found = self.moto.client("cloudformation").describe_stack_set(StackSetName=name)["StackSet"]
        self.assertEqual((found["PermissionModel"], found["TemplateBody"]), ("SERVICE_MANAGED", CHILD.read_text()))

    def test_the_child_side(self):
        roles = {}
        for permissions in ("auto", "findings", "bulk", "per-user", "original"):
            roles[f"tf-{permissions}"] = {"permissions": permissions, "ssh_public_keys": False}
        roles["tf-ssh"] = {"permissions": "bulk", "ssh_public_keys": True}
        shared = {"function_role_arn": FUNCTION_ROLE, "external_id": EXTERNAL_ID, "organization_id": ORGANIZATION}
        outputs = self.apply(self.terraform("child-role"),
                             each={name: {**shared, **role, "role_name": name} for name, role in roles.items()})
        for name, role in roles.items():
            with self.subTest(role=name):
                made = self.moto.client("iam").get_role(RoleName=name)["Role"]
                self.assertEqual(outputs[name]["role_arn"], made["Arn"])
                self.assert_trusts_only(made["AssumeRolePolicyDocument"], FUNCTION_ROLE)
                wanted = self.child_policy(role["permissions"]) | (SSH_KEYS if role["ssh_public_keys"] else set())
                statement, = self.role_policies(name)["census"]["Statement"]
                self.assertEqual((set(statement["Action"]), statement["Resource"]), (wanted, "*"))


class TerraformLists(unittest.TestCase):
    """Even if there is no Terraform here, the lists are checked to be those of the StackSet."""

    @unittest.skipUnless(HAS_SAM, NO_SAM)
    def test_no_action_that_the_stack_set_lacks(self):
        text = (DEPLOY / "terraform/child-role/main.tf").read_text()
        lists = load(CHILD)["Mappings"]["Actions"]
        self.assertEqual(set(re.findall(r'"(iam:\w+)"', text)), set(lists["findings"]["List"]) | SSH_KEYS)

    def test_every_variable_of_the_function_is_passed_on(self):
        """With no default of its own, so that the function's holds."""
        found = {}
        for module in ("function", "organization"):
            text = (DEPLOY / f"terraform/{module}/variables.tf").read_text()
            found[module] = {name: re.search(r"type\s+= (.*)", body)[1] for name, body in
                             re.findall(r'variable "(\w+)" \{\n(.*?)\n\}', text, re.S)}
        left_out = {"ask_organizations", "organization_id", "fan_out"}
        self.assertEqual(set(found["function"]) - set(found["organization"]), left_out)
        self.assertEqual(set(found["organization"]) - set(found["function"]), {"permissions"})
        self.assertEqual({name: kind for name, kind in found["organization"].items() if name != "permissions"},
                         {name: kind for name, kind in found["function"].items() if name not in left_out})
        main = (DEPLOY / "terraform/organization/main.tf").read_text()
        passed = set(re.findall(r"^  (\w+) += var\.\1$", main.split('module "function"')[1].split("\n}")[0], re.M))
        self.assertEqual(passed, set(found["function"]) - left_out)


if __name__ == "__main__":
    unittest.main()
