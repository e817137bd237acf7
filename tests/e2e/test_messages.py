# SPDX-License-Identifier: MIT
"""The message at the end of a census: the rule of deploy/sam on the bucket's events, in moto, its topic and its text."""

import json
import re
import unittest

from cloudformation import Stack
from moto_server import OWN_ACCOUNT, REGION
from templates import EXTERNAL_ID, HAS_SAM, NO_SAM, SAM, TemplateCase, translate
from test_moto import environment_for

GIVEN = {"ExternalId": EXTERNAL_ID, "S3Prefix": "reports/iam/"}
NAME = "reports/iam/IAM_USER_TAGS_o-0123456789_combined_2026-01-31_05-00-00"
RESULTS = [f"{NAME}.result.json", "reports/iam/payments/IAM_USER_TAGS_o-0123456789_combined_2026-01-31_06-00-00.result.json"]
OTHERS = [f"{NAME}.csv", f"{NAME}.jsonl", f"{NAME}.accounts.csv", f"{NAME}.findings.jsonl", f"{NAME}.findings.ocsf.jsonl",
          f"{NAME}.sqlite", "reports/iam/work/0123456789abcdef/result.json", "reports/iam/work/0123456789abcdef/batches.json",
          "another/IAM_USER_TAGS_x.result.json"]


def filled(transformer, event):
    """The message that EventBridge makes of an event (EventBridge User Guide, "Input transformation")."""
    text = transformer["InputTemplate"]
    for name, path in transformer["InputPathsMap"].items():
        value = event
        for step in path.removeprefix("$.").split("."):
            value = value[step]
        text = text.replace(f"<{name}>", value)
    return json.loads(text)


@unittest.skipUnless(HAS_SAM, NO_SAM)
class Messages(TemplateCase):
    def stack(self, **given):
        return Stack("s", translate(SAM), {**GIVEN, **given}, OWN_ACCOUNT, REGION,
                     {"Bucket": ("results-bucket", {}), "ResultTopic": ("topic", {})})

    def test_there_are_none_unless_asked_for(self):
        made, outputs = self.deploy("silent", translate(SAM), **GIVEN)
        self.assertFalse({"ResultRule", "ResultTopic", "ResultTopicPolicy"} & set(made))
        self.assertNotIn("ResultTopicArn", outputs)
        self.assertNotIn("NotificationConfiguration", self.stack().of_type("AWS::S3::Bucket")["Bucket"])

    def test_the_topic(self):
        made, outputs = self.deploy("told", translate(SAM), **GIVEN, ResultMessages="text", ResultMail="you@example.com")
        sns = self.moto.client("sns")
        topic = outputs["ResultTopicArn"]
        policy = json.loads(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])
        statement, = policy["Statement"]
        self.assertEqual((statement["Effect"], statement["Principal"], statement["Action"], statement["Resource"]),
                         ("Allow", {"Service": "events.amazonaws.com"}, "sns:Publish", topic))
        subscription, = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        self.assertEqual((subscription["Protocol"], subscription["Endpoint"]), ("email", "you@example.com"))
        target, = self.moto.client("events").list_targets_by_rule(Rule=made["ResultRule"].rsplit("/", 1)[-1])["Targets"]
        self.assertEqual(target["Arn"], topic)
        self.assertNotIn("RoleArn", target)

    def test_no_one_need_get_mail(self):
        _, outputs = self.deploy("no-mail", translate(SAM), **GIVEN, ResultMessages="chat")
        self.assertEqual(self.moto.client("sns").list_subscriptions_by_topic(TopicArn=outputs["ResultTopicArn"])["Subscriptions"], [])

    def test_the_function_may_do_no_more_for_it(self):
        policies = []
        for name, given in (("one-role", {}), ("two-role", {"ResultMessages": "chat", "ResultMail": "you@example.com"})):
            made, _ = self.deploy(name, translate(SAM), **GIVEN, **given)
            text = json.dumps(self.role_policies(made["FunctionRole"]))
            for logical_id in ("Bucket", "LogGroup", "FailedInvocations"):
                text = text.replace(made[logical_id].rsplit("/", 1)[-1], logical_id)
            policies.append(text)
        self.assertEqual(*policies)

    def test_the_result_of_each_census_and_nothing_else(self):
        """The pattern of the rule, over the events that S3 sends for these objects."""
        stack = self.stack(ResultMessages="text")
        self.assertEqual(stack.of_type("AWS::S3::Bucket")["Bucket"]["NotificationConfiguration"],
                         {"EventBridgeConfiguration": {"EventBridgeEnabled": True}})
        queue = self.listen(stack, "results-bucket", "other-bucket")
        s3 = self.moto.client("s3")
        for bucket in ("results-bucket", "other-bucket"):
            for key in RESULTS + OTHERS:
                s3.put_object(Bucket=bucket, Key=key, Body=b"{}")
        s3.delete_object(Bucket="results-bucket", Key=RESULTS[0])
        self.assertEqual(self.heard(queue), sorted(("results-bucket", key) for key in RESULTS))

    def listen(self, stack, *buckets):
        """Makes the buckets, and a queue in the topic's place: moto's EventBridge can't send to SNS."""
        rule, = stack.of_type("AWS::Events::Rule").values()
        name, = rule["EventPattern"]["detail"]["bucket"]["name"]
        events, sqs, s3 = (self.moto.client(service) for service in ("events", "sqs", "s3"))
        queue = sqs.create_queue(QueueName=f"of-{name}")["QueueUrl"]
        events.put_rule(Name=f"of-{name}", EventPattern=json.dumps(rule["EventPattern"]))
        events.put_targets(Rule=f"of-{name}", Targets=[{"Id": "queue", "Arn": f"arn:aws:sqs:{REGION}:{OWN_ACCOUNT}:of-{name}"}])
        for bucket in buckets:
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
            s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}})
        return queue

    def heard(self, queue):
        """Bucket and key of each event."""
        messages = self.moto.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        events = [json.loads(message["Body"])["detail"] for message in messages]
        return sorted((event["bucket"]["name"], event["object"]["key"]) for event in events)

    def test_one_message_a_census(self):
        """A real one, which writes everything that there is beside its output."""
        queue = self.listen(self.stack(ResultMessages="text", ExistingBucket="census-bucket"), "census-bucket")
        self.moto.inside("222222222222").create_user(UserName="jane")
        run = self.collect("--accounts", "222222222222", "--s3-bucket", "census-bucket", "--s3-prefix", "reports/iam/",
                           "--accounts-file", "true", "--organization-id", "o-0123456789", "--json", env=environment_for(self.moto))
        self.assertIn(run.code, (0, 3), run.err)
        keys = [item["Key"] for item in self.moto.client("s3").list_objects_v2(Bucket="census-bucket")["Contents"]]
        self.assertGreater(len(keys), 2)
        self.assertEqual(self.heard(queue), [("census-bucket", key) for key in keys if key.endswith(".result.json")])

    def test_a_bucket_of_ones_own(self):
        rule, = self.stack(ResultMessages="text", ExistingBucket="my-own-bucket").of_type("AWS::Events::Rule").values()
        self.assertEqual(rule["EventPattern"]["detail"]["bucket"]["name"], ["my-own-bucket"])

    EVENT = {"detail": {"bucket": {"name": "results-bucket"}, "object": {"key": RESULTS[0], "size": 2}}}

    def message(self, form):
        rule, = self.stack(ResultMessages=form).of_type("AWS::Events::Rule").values()
        target, = rule["Targets"]
        return filled(target["InputTransformer"], self.EVENT)

    def test_as_text(self):
        message = self.message("text")
        self.assertIsInstance(message, str)
        self.assertTrue(message.endswith(f" s3://results-bucket/{RESULTS[0]}"), message)

    def test_as_chat(self):
        """The form of "Custom notifications", Amazon Q Developer in chat applications Administrator Guide."""
        message = self.message("chat")
        self.assertEqual((message["version"], message["source"]), ("1.0", "custom"))
        self.assertEqual(set(message), {"version", "source", "content"})
        self.assertEqual(message["content"]["textType"], "client-markdown")
        self.assertLessEqual(len(message["content"]["title"]), 250)
        self.assertTrue(message["content"]["description"].endswith(f" s3://results-bucket/{RESULTS[0]}"))
        self.assertEqual(set(message["content"]), {"textType", "title", "description"})

    def test_no_name_that_would_break_the_message(self):
        """A prefix with a quote would end the template's string; none is allowed."""
        pattern = translate(SAM)["Parameters"]["S3Prefix"]["AllowedPattern"]
        for prefix in ('a"b/', "a*/", "a<key>/"):
            self.assertIsNone(re.match(pattern, prefix))


if __name__ == "__main__":
    unittest.main()
