#!/usr/bin/env python3
"""Asks a second judge, @cloud-copilot/iam-simulate, every case that check.py asks evaluate.py; both must agree.

It also refuses actions that AWS does not have, resources that an action is never asked about, and context keys that an
action does not have. Where check.py takes every action of a wildcard, its catalogue may name more than AWS asks for: there
a resource that does not fit is no fault. divergences.yaml lists all other differences with their reasons; an entry that
covers another number of requests than it says fails, so that none of them outlives its reason.
"""

import fnmatch
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

import yaml

import check
from evaluate import bound_by_scp, decide

HERE = pathlib.Path(__file__).parent
JUDGE = pathlib.Path(os.environ.get("JUDGE", check.ROOT / "target/judge"))
ACCOUNT = check.ACCOUNT
# A private API's policies leave out the front of their ARNs, which AWS fills in.
API = f"arn:aws:execute-api:eu-central-1:{ACCOUNT}:a1b2c3d4e5/"


def arns(made):
    """The ARN of each resource of the template that stands as a placeholder in a policy."""
    found = {}
    for name, body in made.template.resources.items():
        digest = hashlib.sha256(name.encode()).hexdigest()
        kinds = {
            "AWS::DynamoDB::Table": (".Arn", f"dynamodb:eu-central-1:{ACCOUNT}:table/{name}"),
            "AWS::KMS::Key": (".Arn", f"kms:eu-central-1:{ACCOUNT}:key/{digest[:8]}-{digest[8:12]}-4000-8000-{digest[12:24]}"),
            "AWS::Logs::LogGroup": (".Arn", f"logs:eu-central-1:{ACCOUNT}:log-group:/studio-acs/studio/{name}:*"),
            "AWS::SecretsManager::Secret": ("", f"secretsmanager:eu-central-1:{ACCOUNT}:secret:studio-acs/studio/{name}-a1B2c3"),
        }
        if body["Type"] in kinds:
            attribute, arn = kinds[body["Type"]]
            found[f"<{name}{attribute}>"] = f"arn:aws:{arn}"
    return found


def put(node, names):
    """A copy with ARNs for placeholders; a name that has none, such as an endpoint's, loses its brackets."""
    if isinstance(node, dict):
        return {put(key, names): put(value, names) for key, value in node.items()}
    if isinstance(node, list):
        return [put(value, names) for value in node]
    if not isinstance(node, str):
        return node
    node = re.sub(r"<\w+(\.\w+)?>", lambda match: names.get(match[0], match[0][1:-1].replace(".", "-").lower()), node)
    return API + node.removeprefix("execute-api:/") if node.startswith("execute-api:/") else node


class Docket:
    """The simulations, with each policy once."""

    def __init__(self):
        self.policies, self.simulations = {}, []

    def policy(self, kind, document):
        text = json.dumps([kind, document], sort_keys=True)
        name = hashlib.sha256(text.encode()).hexdigest()[:16]
        self.policies[name] = {"kind": kind, "document": document}
        return name

    def add(self, case, made, request, policies):
        names = arns(made)
        policies, request = put(policies, names), put(request, names)
        principal, resource = request["principal"], request["resource"]
        service = principal.endswith(".amazonaws.com")
        owner = resource.split(":")[4] if resource.count(":") >= 5 and resource.split(":")[4] else ACCOUNT
        caller = principal.split(":")[4] if principal.startswith("arn:") else ACCOUNT
        held = [document for kind in ("resource", "trust") for document in policies.get(kind, ())]
        if not held and request["action"].startswith("kms:") and case["resource"] in ("<Key.Arn>", "<StudioKey.Arn>"):
            held = [put(made.document(case["resource"][1:-5] + ".KeyPolicy"), names)]
        if not held and case["as"] not in made.template.resources and case["as"] != "anonymous":
            # Every permission there is includes that of the resource's own policy.
            who = {"Service": principal} if service else {"AWS": f"arn:aws:iam::{caller}:root"}
            held = [{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": who, "Action": "*", "Resource": "*"}]}]
        trust = "trust" in policies
        (resource_policy,) = held or [None]
        self.simulations.append(
            {
                "request": {
                    "principal": None if principal == "anonymous" else principal,
                    "action": request["action"],
                    "resource": {"resource": resource, "accountId": owner},
                    "contextVariables": request["context"],
                },
                "identity": [] if principal == "anonymous" or service else [self.policy("identity", one) for one in policies.get("identity", ())],
                "scp": [self.policy("scp", one) for one in policies.get("scp", ())] if bound_by_scp(request) else [],
                "endpoint": [self.policy("endpoint", one) for one in policies.get("endpoint", ())],
                "resource": resource_policy and self.policy("trust" if trust else "resource", resource_policy),
            }
        )

    def judged(self):
        done = subprocess.run(
            ["node", str(HERE / "judge.mjs"), str(JUDGE.resolve())],
            input=json.dumps({"policies": self.policies, "simulations": self.simulations}),
            capture_output=True, text=True, check=False,
        )
        if done.returncode:
            sys.exit(f"judge.mjs: {done.stderr}")
        return json.loads(done.stdout)


def words(decision):
    """A decision of evaluate.py as the second judge says it."""
    outcome, by, _ = decision
    if outcome == "allow":
        return "Allowed"
    return "ImplicitlyDenied" if by.startswith(("nothing", "no ")) else "ExplicitlyDenied"


def differing():
    """How many requests were judged, how many never asked by AWS, and each difference: its request and the words of both."""
    docket, asked = Docket(), []
    for path in sorted((HERE / "cases").glob("*.yaml")):
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
        for case, made, request, policies in check.requested(table):
            docket.add(case, made, request, policies)
            asked.append(({**case, "file": path.name}, words(decide(request, policies))))
    found, never = [], 0
    for (case, ours), theirs in zip(asked, docket.judged(), strict=True):
        if case["expanded"] and theirs["refused"] == "no.resource.types":
            never += 1
        elif theirs["refused"]:
            found.append((case, f"refuses {theirs['refused']}"))
        if theirs["decision"] not in (ours, None):
            found.append((case, f"{theirs['decision']}, not {ours}"))
    return len(asked), never, found


def covers(entry, case, says):
    """Whether an entry of divergences.yaml is about a difference."""
    return (
        case["file"] in check.listed(entry["file"])
        and says == entry["says"]
        and any(fnmatch.fnmatchcase(case["action"].lower(), pattern.lower()) for pattern in check.listed(entry["action"]))
        and any(fnmatch.fnmatchcase(case["resource"], pattern) for pattern in check.listed(entry.get("resource", "*")))
    )


def main():
    entries = yaml.safe_load((HERE / "divergences.yaml").read_text(encoding="utf-8"))
    count, never, found = differing()
    wrong, covered = [], [0] * len(entries)
    for case, says in found:
        by = [number for number, entry in enumerate(entries) if covers(entry, case, says)]
        for number in by:
            covered[number] += 1
        if len(by) != 1:
            wrong.append(f"{case['file']}: {case['case']}: {case['as']}: {case['action']} on {case['resource']}: the second judge {says}; {len(by)} entries cover it")
    for entry, requests in zip(entries, covered, strict=True):
        if not entry["because"] or requests != entry["requests"]:
            wrong.append(f"divergences.yaml: {entry['says']}: {entry['action']}: covers {requests} requests, and not {entry['requests']}")
    print(f"{count} decisions, {never} of calls that AWS never asks for, {len(found)} known differences for {len(entries)} reasons, {len(wrong)} wrong")
    for line in wrong:
        print(f"  {line}")
    sys.exit(bool(wrong) or count < 12_000 or never > count // 5)


if __name__ == "__main__":
    main()
