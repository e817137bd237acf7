# SPDX-License-Identifier: MIT
"""The part of CloudFormation that moto leaves out: a template's functions and conditions, for resources that moto's
CloudFormation does not make, and the names that it gives to what has none."""

import re

NO_VALUE = object()


class Stack:
    """A template with its parameters. 'made' are the resources there are: {logical id: (Ref, {attribute: value})}."""

    def __init__(self, name, template, parameters, account, region, made=None):
        self.name, self.template, self.made = name, template, made or {}
        self.pseudo = {"AWS::StackName": name, "AWS::AccountId": account, "AWS::Region": region, "AWS::Partition": "aws",
                       "AWS::URLSuffix": "amazonaws.com", "AWS::NoValue": NO_VALUE,
                       "AWS::StackId": f"arn:aws:cloudformation:{region}:{account}:stack/{name}/11111111-2222-3333-4444-555555555555"}
        self.parameters = {key: parameters.get(key, item.get("Default")) for key, item in template["Parameters"].items()}

    def condition(self, name):
        return self.decide(self.template["Conditions"][name])

    def decide(self, value):
        (function, argument), = value.items()
        if function == "Condition":
            return self.condition(argument)
        if function == "Fn::Equals":
            left, right = (str(self.resolve(item)) for item in argument)
            return left == right
        return {"Fn::Not": lambda: not self.decide(argument[0]), "Fn::And": lambda: all(map(self.decide, argument)),
                "Fn::Or": lambda: any(map(self.decide, argument))}[function]()

    def resolve(self, value):
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (function, argument), = value.items()
            method = getattr(self, "fn_" + function.removeprefix("Fn::").lower(), None)
            if function == "Ref" or function.startswith("Fn::"):
                return method(argument)
        pairs = ((key, self.resolve(item)) for key, item in value.items())
        return {key: item for key, item in pairs if item is not NO_VALUE}

    def fn_ref(self, name):
        if name in self.pseudo:
            return self.pseudo[name]
        return self.parameters[name] if name in self.parameters else self.made[name][0]

    def fn_getatt(self, argument):
        name, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
        return self.made[name][1][attribute]

    def fn_if(self, argument):
        name, yes, no = argument
        return self.resolve(yes if self.condition(name) else no)

    def fn_sub(self, argument):
        text, values = argument if isinstance(argument, list) else (argument, {})

        def put(match):
            name = match[1]
            if name in values:
                return str(self.resolve(values[name]))
            return str(self.fn_getatt(name) if "." in name else self.fn_ref(name))

        return re.sub(r"\$\{([\w:.]+)\}", put, text)

    def fn_select(self, argument):
        return self.resolve(argument[1])[int(argument[0])]

    def fn_split(self, argument):
        return self.resolve(argument[1]).split(argument[0])

    def fn_join(self, argument):
        return argument[0].join(self.resolve(argument[1]))

    def refusals(self):
        """What the rules say against these parameters, before anything is made."""
        return [item["AssertDescription"] for rule in self.template.get("Rules", {}).values()
                if self.decide(rule["RuleCondition"]) for item in rule["Assertions"] if not self.decide(item["Assert"])]

    def exists(self, logical_id):
        condition = self.template["Resources"][logical_id].get("Condition")
        return condition is None or self.condition(condition)

    def of_type(self, kind):
        """{logical id: properties} of the resources of one type that the conditions admit."""
        return {name: self.resolve(item["Properties"]) for name, item in self.template["Resources"].items()
                if item["Type"] == kind and self.exists(name)}
