"""Reads template.yaml as CloudFormation does: loops unrolled, and intrinsic functions resolved for given parameters.

Nested stacks are part of it: their resources stand beside the parent's, each under a logical ID of its own.
"""

import functools
import pathlib
import re

import yaml

PSEUDO = {
    "AWS::AccountId": "111122223333",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::StackName": "studio",
    "AWS::URLSuffix": "amazonaws.com",
}
NO_VALUE = object()
NESTED = "AWS::CloudFormation::Stack"


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms."""


def _short_form(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)
# A date stays a string: "2012-10-17" is quoted here, and may not be elsewhere.
_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))


@functools.cache
def _text(path):
    return path.read_text(encoding="utf-8")


class Template:
    """One stack and its nested ones, as the given parameters make them."""

    def __init__(self, path, parameters=None, name=PSEUDO["AWS::StackName"]):
        self.path = pathlib.Path(path)
        self.body = yaml.load(_text(self.path), _Loader)
        self.pseudo = {**PSEUDO, "AWS::StackName": name}
        self.parameters = {}
        for name, declared in self.body["Parameters"].items():
            value = str((parameters or {}).get(name, declared.get("Default", f"<{name}>")))
            self.parameters[name] = value.split(",") if declared["Type"] == "CommaDelimitedList" else value
        unknown = set(parameters or {}) - set(self.parameters)
        if unknown:
            raise KeyError(f"no such parameters: {sorted(unknown)}")
        self.body["Resources"] = self._unroll(self.body["Resources"])
        self._nested = {}

    def nested(self, stack):
        """The nested stack of a logical ID."""
        if stack not in self._nested:
            properties = self.resolve(self.body["Resources"][stack]["Properties"])
            path = self.path.parent / properties["TemplateURL"]
            made = Template(path, properties["Parameters"], f"{self.pseudo['AWS::StackName']}-{stack}-1A2B3C4D5E6F")
            missing = [name for name in made.body["Parameters"] if name not in properties["Parameters"]]
            if missing:
                raise KeyError(f"{stack} is not given {missing}")
            self._nested[stack] = made
        return self._nested[stack]

    def _all_nested(self):
        return [self.nested(name) for name, body in self.body["Resources"].items() if body["Type"] == NESTED and self._comes_to_be(body)]

    @property
    def resources(self):
        """Every resource that is declared, also in the nested stacks that come to be."""
        found = dict(self.body["Resources"])
        for nested in self._all_nested():
            twice = set(found) & set(nested.resources)
            if twice:
                raise KeyError(f"two resources are called {sorted(twice)}")
            found |= nested.resources
        return found

    def output(self, name):
        """The value of an output, which must exist."""
        declared = self.body["Outputs"][name]
        if not self._comes_to_be(declared):
            raise KeyError(f"{self.path.name} has no output {name} with {self.parameters}")
        return self.resolve(declared["Value"])

    def _comes_to_be(self, body):
        return "Condition" not in body or self.holds(body["Condition"])

    def _unroll(self, resources):
        unrolled = {}
        for name, body in resources.items():
            if not name.startswith("Fn::ForEach::"):
                unrolled[name] = body
                continue
            variable, items, bodies = body
            for item in self.resolve(items) if isinstance(items, dict) else items:
                for key, inner in bodies.items():
                    key = key.replace(f"&{{{variable}}}", re.sub(r"[^A-Za-z0-9]", "", item))
                    unrolled[key.replace(f"${{{variable}}}", item)] = _put(inner, variable, item)
        return unrolled

    def holds(self, condition):
        """Whether a named condition, or a condition's expression, is true."""
        if isinstance(condition, str):
            return self.holds(self.body["Conditions"][condition])
        ((function, argument),) = condition.items()
        if function == "Condition":
            return self.holds(argument)
        if function == "Fn::Equals":
            left, right = (self.resolve(side) for side in argument)
            return str(left) == str(right)
        if function == "Fn::Not":
            return not self.holds(argument[0])
        return {"Fn::And": all, "Fn::Or": any}[function](self.holds(part) for part in argument)

    def resource(self, name):
        """A resource's properties with everything resolved, or `None` where its condition does not hold."""
        if name not in self.body["Resources"]:
            found = [nested for nested in self._all_nested() if name in nested.resources]
            return found[0].resource(name) if found else None
        body = self.body["Resources"][name]
        return self.resolve(body["Properties"]) if self._comes_to_be(body) else None

    def deployed(self):
        """The template as these parameters make it: everything resolved, and only the resources that come to be."""
        there = {name: self.resolve(body) for name, body in self.body["Resources"].items() if self._comes_to_be(body)}
        for nested in self._all_nested():
            there |= nested.deployed()["Resources"]
        return {"Globals": self.body.get("Globals", {}), "Resources": there}

    def resolve(self, node):
        """Resolves intrinsic functions. What is only known after deployment is `<LogicalId>` or `<LogicalId.Attribute>`."""
        if isinstance(node, list):
            return [value for value in map(self.resolve, node) if value is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((function, argument),) = node.items()
            if function == "Ref":
                if argument == "AWS::NoValue":
                    return NO_VALUE
                return self.pseudo.get(argument, self.parameters.get(argument, f"<{argument}>"))
            if function == "Fn::GetAtt":
                return self._attribute(*(self.resolve(part) for part in argument))
            if function == "Fn::FindInMap":
                name, first, second = (self.resolve(part) for part in argument)
                return self.body["Mappings"][name][first][second]
            if function == "Fn::If":
                return self.resolve(argument[1] if self.holds(argument[0]) else argument[2])
            if function == "Fn::Join":
                return argument[0].join(self.resolve(argument[1]))
            if function == "Fn::Split":
                return self.resolve(argument[1]).split(argument[0])
            if function == "Fn::Sub":
                text, extra = (argument, {}) if isinstance(argument, str) else argument
                extra = {name: self.resolve(value) for name, value in extra.items()}
                text = re.sub(r"\$\{([^!}]+)\}", lambda m: self._named(m[1], extra), text)
                return text.replace("${!", "${")
            if function.startswith("Fn::"):
                return f"<{function}>"
        resolved = {key: self.resolve(value) for key, value in node.items()}
        return {key: value for key, value in resolved.items() if value is not NO_VALUE}

    def _attribute(self, resource, attribute):
        body = self.body["Resources"].get(resource)
        if body is None:
            # Of a nested stack, which a policy's own tests name.
            return next(nested._attribute(resource, attribute) for nested in self._all_nested() if resource in nested.resources)
        if body["Type"] == NESTED:
            return self.nested(resource).output(attribute.removeprefix("Outputs."))
        if body["Type"] == "AWS::IAM::Role" and attribute == "Arn":
            return f"arn:aws:iam::{PSEUDO['AWS::AccountId']}:role{body['Properties']['Path']}{resource}"
        return f"<{resource}.{attribute}>"

    def _named(self, name, extra):
        stack, _, attribute = name.partition(".")
        if self.body["Resources"].get(stack, {}).get("Type") == NESTED:
            return self._attribute(stack, attribute)
        return str(extra.get(name, self.pseudo.get(name, self.parameters.get(name, f"<{name}>"))))


def _put(node, variable, item):
    """A copy of a loop's body for one item."""
    if node == {"Ref": variable}:
        return item
    if isinstance(node, dict):
        return {_put(key, variable, item): _put(value, variable, item) for key, value in node.items()}
    if isinstance(node, list):
        return [_put(value, variable, item) for value in node]
    return node.replace(f"${{{variable}}}", item) if isinstance(node, str) else node
