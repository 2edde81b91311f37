#!/usr/bin/env python3
"""Asks every case of cases/*.yaml what IAM would decide, and compares: the decision, and the statement that makes it.

Every statement of the policies under test must decide at least one case, so that none stands there untested.
"""

import itertools
import json
import pathlib
import sys

import yaml

from evaluate import decide
from template import PSEUDO, Template

HERE = pathlib.Path(__file__).parent
ACCOUNT = PSEUDO["AWS::AccountId"]
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Sid": "Everything", "Effect": "Allow", "Action": "*", "Resource": "*"}]}


class World:
    """The template with one set of parameters."""

    def __init__(self, parameters):
        self.template = Template(HERE.parent / "template.yaml", parameters)

    def document(self, reference):
        """`scp-broker.json`, or `Api.Policy`: a property of a resource in the template."""
        if reference.endswith(".json"):
            return json.loads((HERE / reference).read_text(encoding="utf-8"))
        name, attribute = reference.split(".")
        return self.template.resource(name)[attribute]

    def policies_of(self, role):
        """What is attached to a role in the template, inline or not."""
        found = [policy["PolicyDocument"] for policy in self.template.resource(role).get("Policies", [])]
        for name, body in self.template.body["Resources"].items():
            if body["Type"] in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
                properties = self.template.resource(name)
                if properties and f"<{role}>" in properties["Roles"]:
                    found.append(properties["PolicyDocument"])
        return found

    def ask(self, case):
        who, context = case.get("as", "anonymous"), dict(case.get("context", {}))
        policies = {kind: [self.document(name) for name in names] for kind, names in case.get("policies", {}).items()}
        if who in self.template.body["Resources"]:
            principal = context["aws:PrincipalArn"] = self.template.resolve({"Fn::GetAtt": [who, "Arn"]})
            policies["identity"] = self.policies_of(who)
        elif who != "anonymous":
            # Somebody with every permission there is: only a boundary can stop them.
            principal, policies["identity"], context["aws:PrincipalArn"] = who, [EVERYTHING], who
        else:
            principal = who
        if who != "anonymous":
            context.setdefault("aws:PrincipalAccount", ACCOUNT)
        if "scp" in policies:
            policies["scp"].append(EVERYTHING)
        request = {"principal": principal, "action": case["action"], "resource": case["resource"], "context": context}
        return decide(request, policies)


def listed(value):
    return value if isinstance(value, list) else [value]


def check(path):
    """Asks the cases of one file; returns how many decisions there were, and what is wrong."""
    table = yaml.safe_load(path.read_text(encoding="utf-8"))
    wrong, decided, count = [], set(), 0
    for case in table["cases"]:
        case = {**table.get("common", {}), **case}
        world = World({**table.get("parameters", {}), **case.get("parameters", {})})
        for action, resource in itertools.product(listed(case["action"]), listed(case["resource"])):
            *found, passed = world.ask({**case, "action": action, "resource": resource})
            count += 1
            decided |= passed | {found[1]}
            if found != [case["expect"], case["by"]]:
                wrong.append(f"{case['case']}: {action} on {resource}: {found}, and not {[case['expect'], case['by']]}")
    world = World(table.get("parameters", {}))
    for reference in table["tests"]:
        documents = [world.document(reference)] if "." in reference else world.policies_of(reference)
        names = {statement["Sid"] for document in documents for statement in document["Statement"]}
        wrong += [f"{reference}: no case is decided by {name}" for name in sorted(names - decided)]
    return count, wrong


def main():
    files = sorted((HERE / "cases").glob("*.yaml"))
    total, failed = 0, False
    for path in files:
        count, wrong = check(path)
        total += count
        print(f"{path.name}: {count} decisions, {len(wrong)} wrong")
        for line in wrong:
            print(f"  {line}")
        failed |= bool(wrong)
    if not files or total < 100:
        sys.exit(f"only {total} decisions were asked for")
    sys.exit(failed)


if __name__ == "__main__":
    main()
