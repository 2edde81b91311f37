"""Reads template.yaml as CloudFormation does: loops unrolled, and intrinsic functions resolved for given parameters."""

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


class Template:
    def __init__(self, path, parameters=None):
        with open(path, encoding="utf-8") as file:
            self.body = yaml.load(file, _Loader)
        self.parameters = {}
        for name, declared in self.body["Parameters"].items():
            value = str((parameters or {}).get(name, declared.get("Default", f"<{name}>")))
            self.parameters[name] = value.split(",") if declared["Type"] == "CommaDelimitedList" else value
        unknown = set(parameters or {}) - set(self.parameters)
        if unknown:
            raise KeyError(f"no such parameters: {sorted(unknown)}")
        self.body["Resources"] = self._unroll(self.body["Resources"])

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
        body = self.body["Resources"][name]
        if "Condition" in body and not self.holds(body["Condition"]):
            return None
        return self.resolve(body["Properties"])

    def deployed(self):
        """The template as these parameters make it: everything resolved, and only the resources that come to be."""
        there = {
            name: self.resolve(body)
            for name, body in self.body["Resources"].items()
            if "Condition" not in body or self.holds(body["Condition"])
        }
        return {"Globals": self.body["Globals"], "Resources": there}

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
                return PSEUDO.get(argument, self.parameters.get(argument, f"<{argument}>"))
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
        body = self.body["Resources"][resource]
        if body["Type"] == "AWS::IAM::Role" and attribute == "Arn":
            return f"arn:aws:iam::{PSEUDO['AWS::AccountId']}:role{body['Properties']['Path']}{resource}"
        return f"<{resource}.{attribute}>"

    def _named(self, name, extra):
        return str(extra.get(name, PSEUDO.get(name, self.parameters.get(name, f"<{name}>"))))


def _put(node, variable, item):
    """A copy of a loop's body for one item."""
    if node == {"Ref": variable}:
        return item
    if isinstance(node, dict):
        return {_put(key, variable, item): _put(value, variable, item) for key, value in node.items()}
    if isinstance(node, list):
        return [_put(value, variable, item) for value in node]
    return node.replace(f"${{{variable}}}", item) if isinstance(node, str) else node
