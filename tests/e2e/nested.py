# SPDX-License-Identifier: MIT
"""A stack of stacks in moto: each nested template is deployed as a stack of its own, in the order of the outer template, and
StackSets are made by their own API, which moto's CloudFormation lacks."""

import secrets

from cloudformation import Stack
from deployment import Deployment
from moto_server import OWN_ACCOUNT, REGION


class Nested:
    """open_template(url): the template that a TemplateURL means. 'inner': {logical id: Deployment}."""

    def __init__(self, moto, name, template, parameters, open_template):
        self.moto, self.name, self.open_template = moto, name, open_template
        self.stack = Stack(name, template, parameters, OWN_ACCOUNT, REGION)
        self.inner, self.sets = {}, {}
        for logical_id, item in template["Resources"].items():
            if self.stack.exists(logical_id):
                made = {"AWS::CloudFormation::Stack": self.make_stack,
                        "AWS::CloudFormation::StackSet": self.make_set}[item["Type"]]
                self.stack.made[logical_id] = made(logical_id, self.stack.resolve(item["Properties"]))
        self.outputs = {key: self.stack.resolve(item["Value"]) for key, item in template["Outputs"].items()
                        if "Condition" not in item or self.stack.condition(item["Condition"])}

    def make_stack(self, logical_id, properties):
        template = self.open_template(properties["TemplateURL"])
        given = {key: str(value) for key, value in properties["Parameters"].items()}
        refused = Stack(logical_id, template, given, OWN_ACCOUNT, REGION).refusals()
        if refused:
            raise AssertionError(f"{logical_id}: {refused}")
        made = Deployment(self.moto, f"{self.name}-{logical_id}-{secrets.token_hex(4)}", template, given)
        self.inner[logical_id] = made
        return made.name, {f"Outputs.{key}": value for key, value in made.outputs.items()}

    def make_set(self, logical_id, properties):
        """As CloudFormation does: the StackSet, and instances of it for each group."""
        cloud, name = self.moto.client("cloudformation"), properties["StackSetName"]
        self.sets[logical_id] = properties
        created = {key: value for key, value in properties.items() if key not in ("StackInstancesGroup", "OperationPreferences")}
        cloud.create_stack_set(**{**created, "Parameters": [{**item, "ParameterValue": str(item["ParameterValue"])}
                                                            for item in properties["Parameters"]]})
        for group in properties["StackInstancesGroup"]:
            cloud.create_stack_instances(StackSetName=name, CallAs=properties["CallAs"], OperationPreferences=properties["OperationPreferences"],
                                         **group)
        return f"{name}:11111111-2222-3333-4444-555555555555", {}

    def delete(self):
        for item in self.sets.values():
            self.moto.client("cloudformation").delete_stack_set(StackSetName=item["StackSetName"])
        for made in reversed(self.inner.values()):
            made.delete()
