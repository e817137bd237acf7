# SPDX-License-Identifier: MIT
"""A stack in moto, whole: moto's CloudFormation makes what it knows, the services' own APIs make the rest.

What has no name gets one as from CloudFormation: stack, logical id, and letters that no other has.
"""

import json
import secrets

from cloudformation import Stack
from moto_server import OWN_ACCOUNT, REGION

KEPT = ("Retain", "RetainExceptOnCreate")


def attributes(kind, physical):
    """The attributes of a resource that moto made, from its physical id."""
    name = physical.rsplit("/", 1)[-1]
    arn = {"AWS::IAM::Role": f"arn:aws:iam::{OWN_ACCOUNT}:role/{name}",
           "AWS::SQS::Queue": f"arn:aws:sqs:{REGION}:{OWN_ACCOUNT}:{name}",
           "AWS::Lambda::Function": f"arn:aws:lambda:{REGION}:{OWN_ACCOUNT}:function:{name}",
           "AWS::Logs::LogGroup": f"arn:aws:logs:{REGION}:{OWN_ACCOUNT}:log-group:{physical}:*",
           "AWS::StepFunctions::StateMachine": physical,
           "AWS::Events::Rule": f"arn:aws:events:{REGION}:{OWN_ACCOUNT}:rule/{name}"}.get(kind)
    return {"Arn": arn, "Name": physical.rsplit(":", 1)[-1]}


class Rest:
    """The types that moto's CloudFormation lacks: each is made from its properties, and gives what removes it."""

    def __init__(self, moto):
        self.moto = moto
        self.makers = {"AWS::Scheduler::Schedule": self.schedule, "AWS::S3::BucketPolicy": self.bucket_policy,
                       "AWS::CloudWatch::Alarm": self.alarm, "AWS::Logs::MetricFilter": self.metric_filter,
                       "AWS::Lambda::EventInvokeConfig": self.invoke_config, "AWS::SNS::TopicPolicy": self.topic_policy}

    def make(self, kind, name, properties):
        return self.makers[kind](name, properties)

    def schedule(self, name, properties):
        scheduler = self.moto.client("scheduler")
        name = properties.pop("Name", name)[:64]
        scheduler.create_schedule(Name=name, **properties)
        return name, lambda: scheduler.delete_schedule(Name=name)

    def bucket_policy(self, _, properties):
        s3 = self.moto.client("s3")
        bucket = properties["Bucket"]
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(properties["PolicyDocument"]))
        return bucket, lambda: s3.delete_bucket_policy(Bucket=bucket)

    def topic_policy(self, _, properties):
        sns = self.moto.client("sns")
        topic, = properties["Topics"]
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(properties["PolicyDocument"]))
        return topic, lambda: None

    def alarm(self, name, properties):
        cloudwatch = self.moto.client("cloudwatch")
        # a parameter of a nested stack is text
        counts = {key: int(properties[key]) for key in ("EvaluationPeriods", "DatapointsToAlarm") if key in properties}
        cloudwatch.put_metric_alarm(AlarmName=name, **{**properties, **counts})
        return name, lambda: cloudwatch.delete_alarms(AlarmNames=[name])

    def metric_filter(self, name, properties):
        logs = self.moto.client("logs")
        given = {key[0].lower() + key[1:]: value for key, value in properties.items()}
        given["metricTransformations"] = [{key[0].lower() + key[1:]: value for key, value in each.items()}
                                          for each in given["metricTransformations"]]
        logs.put_metric_filter(filterName=name, **given)
        return name, lambda: logs.delete_metric_filter(logGroupName=given["logGroupName"], filterName=name)

    def invoke_config(self, name, properties):
        functions = self.moto.client("lambda")
        given = {key: value for key, value in properties.items() if key != "Qualifier"}
        functions.put_function_event_invoke_config(**given)
        return name, lambda: functions.delete_function_event_invoke_config(FunctionName=given["FunctionName"])


class Deployment:
    def __init__(self, moto, name, template, parameters):
        self.moto, self.name, self.template, self.removers = moto, name, template, []
        self.cloud = moto.client("cloudformation")
        rest = Rest(moto)
        known = json.loads(json.dumps(template))
        for logical_id, item in template["Resources"].items():
            if item["Type"] in rest.makers:
                del known["Resources"][logical_id]
            elif item.get("DeletionPolicy") in KEPT:
                # moto knows the older word alone; they differ only if the creation fails
                known["Resources"][logical_id]["DeletionPolicy"] = "Retain"
        self.cloud.create_stack(StackName=name, TemplateBody=json.dumps(known), Capabilities=["CAPABILITY_NAMED_IAM"],
                                Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()])
        try:
            self.read(parameters)
            self.make_rest(rest)
        except Exception:
            self.delete()
            raise

    def read(self, parameters):
        stack, = self.cloud.describe_stacks(StackName=self.name)["Stacks"]
        if stack["StackStatus"] != "CREATE_COMPLETE":
            raise AssertionError(f"{self.name}: {stack['StackStatus']}")
        self.outputs = {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])}
        resources = self.cloud.list_stack_resources(StackName=self.name)["StackResourceSummaries"]
        # moto lists what a condition leaves out, with no id
        self.made = {item["LogicalResourceId"]: item["PhysicalResourceId"] for item in resources if item["PhysicalResourceId"]}
        self.stack = Stack(self.name, self.template, parameters, OWN_ACCOUNT, REGION,
                           {item["LogicalResourceId"]: (item["PhysicalResourceId"],
                                                        attributes(item["ResourceType"], item["PhysicalResourceId"]))
                            for item in resources})

    def make_rest(self, rest):
        for logical_id, item in self.template["Resources"].items():
            if item["Type"] in rest.makers and self.stack.exists(logical_id):
                name = f"{self.name}-{logical_id}-{secrets.token_hex(6)}"
                physical, remove = rest.make(item["Type"], name, self.stack.resolve(item["Properties"]))
                self.made[logical_id] = physical
                if item.get("DeletionPolicy") not in KEPT:
                    self.removers.append(remove)

    def delete(self):
        while self.removers:
            self.removers.pop()()
        self.cloud.delete_stack(StackName=self.name)
