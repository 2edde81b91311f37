#!/usr/bin/env python3
"""Asks every case of cases/*.yaml what IAM would decide, and compares: the decision, and the statement that makes it.

Every statement of the policies under test must decide at least one case, so that none stands there untested. Service
control policies are held to more: each of their words must decide a case, each action must exist and be asked about the
resources that it stands with, and whatever the template makes of the broker must be out of an administrator's reach.
"""

import functools
import itertools
import json
import pathlib
import sys

import yaml

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[2]
sys.path += [str(HERE.parent), str(ROOT / "deploy/scp")]

import catalogue  # noqa: E402
import reach  # noqa: E402
import render  # noqa: E402
import words  # noqa: E402
from evaluate import decide  # noqa: E402
from template import PSEUDO, Template  # noqa: E402

ACCOUNT = PSEUDO["AWS::AccountId"]
MANAGEMENT = "999900001111"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Sid": "Everything", "Effect": "Allow", "Action": "*", "Resource": "*"}]}

PIPELINE = "arn:aws:iam::555566667777:role/ci/pipeline"
RENDERED_FOR = [
    f"--deployer-principal={PIPELINE}",
    f"--deployer-principal=arn:aws:iam::{ACCOUNT}:role/release",
    f"--ledger-editor-principal=arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_Ledger_0123456789abcdef",
    f"--identity-provider=arn:aws:iam::{ACCOUNT}:oidc-provider/git.corp.example",
    "--artifact-bucket=studio-artifacts",
    "--account=777788889999",
    "--out=unused",
    "stack.json",
]


def scps():
    """The service control policies, as they are rendered for the stack of cases/stack.json."""
    return {name: json.loads(text) for name, text in render.render(STACKS, render.parsed(RENDERED_FOR)).items()}


STACKS = render.described(HERE / "cases/stack.json")
SCPS = scps()


class World:
    """The template with one set of parameters."""

    def __init__(self, parameters):
        self.template = Template(ROOT / "template.yaml", parameters)

    def document(self, reference):
        """`scp/studio.json`, or `Api.Policy`: a property of a resource in the template."""
        if reference.startswith("scp/"):
            return SCPS[reference.removeprefix("scp/")]
        name, attribute = reference.split(".")
        return self.template.resource(name)[attribute]

    def policies_of(self, role):
        """The policies of a role in the template, inline and attached."""
        found = [policy["PolicyDocument"] for policy in self.template.resource(role).get("Policies", [])]
        for name, body in self.template.resources.items():
            if body["Type"] in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
                properties = self.template.resource(name)
                if properties and f"<{role}>" in properties["Roles"]:
                    found.append(properties["PolicyDocument"])
        return found

    def asked(self, case):
        """The request of a case, and the policies that hold for it."""
        who, context = case.get("as", "anonymous"), dict(case.get("context", {}))
        policies = {kind: [self.document(name) for name in names] for kind, names in case.get("policies", {}).items()}
        if who in self.template.resources:
            principal = context["aws:PrincipalArn"] = self.template.resolve({"Fn::GetAtt": [who, "Arn"]})
            policies["identity"] = self.policies_of(who)
        elif who != "anonymous":
            # A principal with every permission: only a boundary can stop it.
            principal, policies["identity"], context["aws:PrincipalArn"] = who, [EVERYTHING], who
        else:
            principal = who
        if who != "anonymous":
            context.setdefault("aws:PrincipalAccount", ACCOUNT)
        if "scp" in policies:
            policies["scp"].append(EVERYTHING)
        request = {"principal": principal, "action": case["action"], "resource": case["resource"], "context": context, "management": MANAGEMENT}
        return request, policies


@functools.cache
def world(parameters):
    """The template with these parameters, as they stand in JSON: many cases share them."""
    return World(json.loads(parameters))


def listed(value):
    return value if isinstance(value, list) else [value]


def asks(case):
    """Yields the principal, action and resource of each request: a case may list several of each. `lambda:*` is every call
    that AWS knows for the resource, except those that `but` names."""
    for resource in listed(case["resource"]):
        actions = catalogue.calls(listed(case["action"]), resource, case.get("but", ()))
        if not actions:
            raise ValueError(f"{case['case']}: there is no such call on {resource}")
        yield from itertools.product(listed(case.get("as", "anonymous")), actions, [resource])


def requested(table):
    """Each request of a table's cases: the case with its principal, action and resource, the request, and the policies."""
    for case in table["cases"]:
        case = {**table.get("common", {}), **case}
        made = world(json.dumps({**table.get("parameters", {}), **case.get("parameters", {})}))
        for who, action, resource in asks(case):
            one = {**case, "as": who, "action": action, "resource": resource, "expanded": "*" in "".join(listed(case["action"]))}
            yield one, made, *made.asked(one)


def check(path):
    """Asks the cases of one file; returns how many decisions there were, and what is wrong."""
    table = yaml.safe_load(path.read_text(encoding="utf-8"))
    wrong, decided, requests = [], set(), []
    for case, _, request, policies in requested(table):
        requests.append((request, policies.get("scp", [])))
        *found, passed = decide(request, policies)
        decided |= passed | {found[1]}
        if found != [case["expect"], case["by"]]:
            wrong.append(f"{case['case']}: {case['as']}: {case['action']} on {case['resource']}: {found}, and not {[case['expect'], case['by']]}")
    made = world(json.dumps(table.get("parameters", {})))
    for reference in table["tests"]:
        documents = [made.document(reference)] if "." in reference else made.policies_of(reference)
        names = {statement["Sid"] for document in documents for statement in document["Statement"]}
        wrong += [f"{reference}: no case is decided by {name}" for name in sorted(names - decided)]
        if reference.startswith("scp/"):
            wrong += closely(reference, documents[0], requests)
    return len(requests), wrong


def closely(reference, document, requests):
    """Finds faults of a service control policy other than wrong decisions."""
    wrong = words.idle(reference, document, requests)
    for statement in document["Statement"]:
        wrong += [f"{reference}: {statement['Sid']}: {word} concerns nothing" for word in catalogue.in_vain(statement)]
    for action, resource in sorted({(request["action"], request["resource"]) for request, _ in requests}):
        try:
            if not catalogue.is_asked(action, resource):
                wrong.append(f"AWS does not ask for {action} on {resource}")
        except KeyError:
            wrong.append(f"AWS has no action {action}")
    return wrong


def out_of_reach():
    """Asks, for an administrator, a change of everything that the template makes; returns how many there were, and what is
    wrong: what may be changed, and outputs that render.py asks for and the template does not have."""
    wrong, count = [], 0
    ((_, given),) = STACKS
    for parameters in ({"CustomDomainName": "studio.corp.example"}, {"MetadataParameterName": "/studio-acs/idp"}):
        made = world(json.dumps({"CreateStudioDomain": "yes", "ManageApiGatewayAccount": "yes", **parameters}))
        missing = {*render.OUTPUTS, *render.OPTIONAL_OUTPUTS} - set(made.template.body["Outputs"])
        wrong += [f"the template has no output {name}" for name in sorted(missing)]
        for name, action, resource in reach.changes(made.template, given):
            case = {"as": f"arn:aws:iam::{ACCOUNT}:role/Admin", "action": action, "resource": resource, "policies": {"scp": [f"scp/{name}" for name in SCPS]}}
            count += 1
            if decide(*made.asked(case))[0] != "deny":
                wrong.append(f"an administrator may do {action} on {resource}: {name} is not protected")
    return count, wrong


def main():
    files = sorted((HERE / "cases").glob("*.yaml"))
    total, failed = 0, False
    for name, (count, wrong) in [("what the template makes", out_of_reach()), *((path.name, check(path)) for path in files)]:
        total += count
        print(f"{name}: {count} decisions, {len(wrong)} wrong")
        for line in wrong:
            print(f"  {line}")
        failed |= bool(wrong)
    if not files or total < 100:
        sys.exit(f"only {total} decisions were asked for")
    sys.exit(failed)


if __name__ == "__main__":
    main()
