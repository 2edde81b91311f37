#!/usr/bin/env python3
"""Holds the template to the program: settings, codes and messages that it names must be there, what it gives calls must fit
into the gateway's time, the API's deployments must be named after the API, and nothing drops the log's lines on the way."""

import fnmatch
import hashlib
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "policies"))

from template import Template  # noqa: E402  the reader that the policies' tests use

MADE_OF = ("AWS::ApiGateway::RestApi", "AWS::ApiGateway::Resource", "AWS::ApiGateway::Authorizer", "AWS::ApiGateway::Method")
TOKEN_API = {"Ledger": "table", "TokenIssuer": "https://idp.example", "TokenJwksParameterName": "/studio-acs/jwks", "TokenAudience": "api-client"}


def settings(template, wrong):
    known = set()
    for name in re.findall(r'^    [A-Z_]+ = "([a-z-]+)"', (ROOT / "src/config/setting.rs").read_text(encoding="utf-8"), re.M):
        known.add("STUDIO_ACS_" + name.upper().replace("-", "_"))
    named = set(template.deployed()["Resources"]["Function"]["Properties"]["Environment"]["Variables"])
    wrong += [f"{name} is no setting: the function would not start" for name in sorted(named - known)]
    return len(named)


def codes_and_messages(template, wrong):
    # The codes of `fn code`; those of the protocols stand in the README's table, to which tests/readme.rs holds it.
    files = [path for top in ("src", "crates/policy/src") for path in sorted((ROOT / top).rglob("*.rs"))]
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    table = set(re.findall(r"`([a-z]+(?:_[a-z]+)*)`(?=[, |])", (ROOT / "README.md").read_text(encoding="utf-8"), re.M))
    table |= set(re.findall(r'=> "([a-z]+(?:_[a-z]+)+)"', source))
    count = 0
    for body in template.deployed()["Resources"].values():
        if body["Type"] != "AWS::Logs::MetricFilter":
            continue
        pattern = body["Properties"]["FilterPattern"]
        values = {change["MetricValue"] for change in body["Properties"]["MetricTransformations"]}
        if '$.message = "sign-in"' in pattern and values != {"$.count"}:
            wrong.append(f"{pattern} counts lines: a line may stand for many refusals, as `count` says")
        for code in re.findall(r'\$\.code = "([^"]+)"', pattern):
            count += 1
            if not fnmatch.filter(table, code):
                wrong.append(f"{code} is a code that nothing writes")
        for message in re.findall(r'\$\.message = "([^"*]+)', pattern):
            count += 1
            if f'"{message}' not in source:
                wrong.append(f"{message!r} is a message that nothing writes")
    return count


def time(parameters, wrong):
    """The slowest sign-in that comes to an end, by what each of its calls may take; see `Config::read`'s `drain`."""
    template = Template(ROOT / "template.yaml", {"DomainIds": "d-one", **parameters})
    function = template.deployed()["Resources"]["Function"]["Properties"]
    given = function["Environment"]["Variables"]
    request, table, mint, audit = (int(given[f"STUDIO_ACS_{name}_TIMEOUT"]) for name in ("REQUEST", "TABLE", "MINT", "AUDIT"))
    current = (ROOT / "src/refreshed.rs").read_text(encoding="utf-8")
    patience = int(re.search(r"const PATIENCE: Duration = Duration::from_secs\((\d+)\);", current)[1])
    # Metadata that is read again, or, for the token API, the issuer's keys, with the same patience; the access policy
    # side by side with it; replay protection and the
    # ledger, side by side; an approval; two counters; the mint; the record before it and after it. A profile that is made
    # comes with another call, on record in the same way.
    made = 2 if given["STUDIO_ACS_PROVISION"] == "on" else 1
    worst = request + patience + 4 * table + made * (mint + 2 * audit)
    methods = [body for body in template.deployed()["Resources"].values() if body["Type"] == "AWS::ApiGateway::Method"]
    gateway = min(body["Properties"]["Integration"]["TimeoutInMillis"] for body in methods) // 1000
    limit = min(gateway, template.body["Globals"]["Function"]["Timeout"])
    if worst > limit:
        wrong.append(f"{parameters}: a sign-in may take {worst} s, and the gateway waits for {limit} s")
    return worst


def deployment(template, wrong):
    resources = template.body["Resources"]
    made = {name: body["Properties"] for name, body in resources.items() if body["Type"] in MADE_OF}
    digest = hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()[:8]
    # One without the token API and one with it: a parameter chooses, and the name covers both.
    expected = {f"Deployment{digest}", f"TokenApiDeployment{digest}"}
    names = {name for name, body in resources.items() if body["Type"] == "AWS::ApiGateway::Deployment"}
    if names != expected:
        wrong.append(f"the API has changed: {sorted(names)} must be {sorted(expected)}, or the stage would serve the old one")
    for parameters in ({}, TOKEN_API):
        deployed = Template(ROOT / "template.yaml", {"DomainIds": "d-one", **parameters}).deployed()["Resources"]
        (name,) = (name for name, body in deployed.items() if body["Type"] == "AWS::ApiGateway::Deployment")
        if deployed["Stage"]["Properties"]["DeploymentId"] != f"<{name}>":
            wrong.append(f"{parameters}: the stage does not serve {name}")
        methods = {name for name, body in deployed.items() if body["Type"] == "AWS::ApiGateway::Method"}
        if methods != set(deployed[name]["DependsOn"]):
            wrong.append(f"{name} is not taken after {sorted(methods ^ set(deployed[name]['DependsOn']))}")


def log(wrong):
    """Nothing between standard output and what keeps the log drops lines on its own."""
    unit = dict(line.split("=", 1) for line in (ROOT / "deploy/studio-acs.service").read_text(encoding="utf-8").splitlines() if re.match("Log", line))
    # systemd takes a zero for "as journald.conf says" (https://github.com/systemd/systemd/issues/22034).
    if unit.get("LogRateLimitIntervalSec") != "1s" or int(unit.get("LogRateLimitBurst", 0)) < 1_000_000:
        wrong.append(f"{unit}: the journal would drop records beyond its own rate")
    task = json.loads((ROOT / "deploy/ecs-task-definition.json").read_text(encoding="utf-8"))
    for container in task["containerDefinitions"]:
        if container["logConfiguration"]["options"].get("mode") != "blocking":
            wrong.append(f"{container['name']}: the log driver's default mode drops lines when its buffer is full")


def main():
    everything = {**TOKEN_API, "DomainIds": "d-one", "AuditFirehose": "stream", "AuditWebhook": "https://siem.example/"}
    template, wrong = Template(ROOT / "template.yaml", everything), []
    named, written = settings(template, wrong), codes_and_messages(template, wrong)
    slowest = [time(parameters, wrong) for parameters in ({}, {**TOKEN_API, "Provision": "on", "ExecutionRoleArns": "r"})]
    deployment(template, wrong)
    log(wrong)
    print(f"{named} settings, {written} codes and messages, sign-ins within {max(slowest)} s, {len(wrong)} wrong")
    for line in wrong:
        print(f"  {line}")
    sys.exit(bool(wrong) or named < 20 or written < 15)


if __name__ == "__main__":
    main()
