#!/usr/bin/env python3
"""Holds the deployment to the program's contract, contract.json, which `studio-acs contract` prints.

A test of the program compares the file with the program's output, so that no check here needs a build. Its members:

- `settings`: `name`, `variable`, `default` (null where the setting is required), `range`, `example` and `meaning`, and
  `min` and `max` where the range is one of numbers.
- `codes`: a row for each rule, in the order of evaluation: `code`, `status` (the HTTP status of the answer), `protocols`
  (`saml`, `jwt`), `rule` and `alarm` (the one that counts it, or null). Several rules may share a code.
- `log_messages`: the messages that alarms and dashboards may read: `message` in full, `fields`, the names of the
  fields that a line of it can have, and `alarm`. The message `sign-in` also has `outcomes`.
- `check_items`: `id`, `subject` and `what` of each line that `studio-acs check` can print.
- `worst_case_seconds`: the steps of the slowest sign-in that still ends. Each takes `times` (with provisioning
  `times_with_provision`) the value of `setting`, or of `seconds` where no setting decides.
"""

import fnmatch
import hashlib
import json
import pathlib
import re
import sys

from template import Template

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[1]

CONTRACT = json.loads((HERE / "contract.json").read_text(encoding="utf-8"))
SETTINGS = {setting["variable"]: setting for setting in CONTRACT["settings"]}
MADE_OF = ("AWS::ApiGateway::RestApi", "AWS::ApiGateway::Resource", "AWS::ApiGateway::Authorizer", "AWS::ApiGateway::Method")
TOKEN_API = {"Ledger": "table", "TokenIssuer": "https://idp.example", "TokenJwksParameterName": "/studio-acs/jwks", "TokenAudience": "api-client"}


def shape(wrong):
    """Each row of the contract has its members, so that a check that reads one cannot silently find nothing."""
    members = {
        "settings": {"name", "variable", "default", "range", "example", "meaning"},
        "codes": {"code", "status", "protocols", "rule", "alarm"},
        "log_messages": {"message", "fields", "alarm"},
        "check_items": {"id", "subject", "what"},
        "worst_case_seconds": {"step", "times", "times_with_provision"},
    }
    for name, expected in members.items():
        rows = CONTRACT[name]
        wrong += [f"contract.json: {name}: {sorted(expected - set(row))} missing in {row}" for row in rows if expected - set(row)]
        if not rows:
            wrong.append(f"contract.json: {name} is empty")
    for setting in SETTINGS.values():
        if setting["variable"] != "STUDIO_ACS_" + setting["name"].upper().replace("-", "_"):
            wrong.append(f"contract.json: {setting['variable']} is not the variable of {setting['name']}")


def settings(template, wrong):
    """Each variable that a deployment sets is a setting, and a parameter that becomes one stays within its range."""
    variables = template.body["Resources"]["Function"]["Properties"]["Environment"]["Variables"]
    places = dict.fromkeys(variables, "the template")
    task = json.loads((ROOT / "deploy/ecs-task-definition.json").read_text(encoding="utf-8"))
    places |= {one["name"]: "the ECS task" for container in task["containerDefinitions"] for one in container["environment"] if one["name"].startswith("STUDIO_ACS_")}
    unit = (ROOT / "deploy/studio-acs.service").read_text(encoding="utf-8")
    places |= dict.fromkeys(re.findall(r"^\s*Environment=.*?(STUDIO_ACS_[A-Z_]+)=", unit, re.M), "the unit")
    wrong += [f"{place}: {name} is no setting: the program would not start" for name, place in sorted(places.items()) if name not in SETTINGS]
    for variable, value in variables.items():
        if isinstance(value, dict) and "Fn::If" in value:
            value = value["Fn::If"][1]
        if isinstance(value, dict) and value.get("Ref") in template.body["Parameters"] and variable in SETTINGS:
            within(variable, SETTINGS[variable], value["Ref"], template.body["Parameters"][value["Ref"]], wrong)
    return len(places)


def within(variable, setting, name, parameter, wrong):
    """Whether a parameter's values are all values of the setting that it becomes."""
    if "min" in setting:
        low, high = parameter.get("MinValue"), parameter.get("MaxValue")
        if low is None or high is None or not setting["min"] <= low <= high <= setting["max"]:
            wrong.append(f"{name} is {low} to {high}, and {variable} {setting['range']}")
    words = set(re.findall(r"[a-z-]+", setting["range"]))
    foreign = [value for value in parameter.get("AllowedValues", []) if value not in words]
    if foreign:
        wrong.append(f"{name} allows {foreign}, and {variable} is {setting['range']}")


def codes_and_messages(template, wrong):
    """Each code, message and field that a metric filter or the dashboard reads is one that the program writes."""
    codes = {row["code"] for row in CONTRACT["codes"]}
    messages = {row["message"]: row for row in CONTRACT["log_messages"]}
    count = 0
    resources = template.deployed()["Resources"]
    for name, body in resources.items():
        if body["Type"] != "AWS::Logs::MetricFilter":
            continue
        pattern, transformations = body["Properties"]["FilterPattern"], body["Properties"]["MetricTransformations"]
        if '$.message = "sign-in"' in pattern and {change["MetricValue"] for change in transformations} != {"$.count"}:
            wrong.append(f"{pattern} counts lines: a line may stand for many refusals, as `count` says")
        if "$.status" in pattern:
            # The gateway's access log, whose format the template itself sets.
            continue
        for code in re.findall(r'\$\.code = "([^"]+)"', pattern):
            count += 1
            if not fnmatch.filter(codes, code):
                wrong.append(f"{name}: no refusal has the code {code}")
        read = []
        for message in re.findall(r'\$\.message = "([^"]+)"', pattern):
            count += 1
            found = fnmatch.filter(messages, message)
            read += [messages[one] for one in found]
            if not found:
                wrong.append(f"{name}: no line has the message {message!r}")
        outcomes = {outcome for row in messages.values() for outcome in row.get("outcomes", [])}
        wrong += [f"{name}: no sign-in has the outcome {outcome}" for outcome in re.findall(r'\$\.outcome = "([^"]+)"', pattern) if outcome not in outcomes]
        values = json.dumps([pattern, transformations])
        fields = set(re.findall(r"\$\.([a-z_]+)", values)) - {"message"}
        known = {field for row in (read or messages.values()) for field in row["fields"]}
        # `code = "audit_*" || message = …`: each alternative reads a line of its own.
        known |= {field for row in messages.values() for field in row["fields"]} if "||" in pattern else set()
        wrong += [f"{name}: no such line has the field {field}" for field in sorted(fields - known)]
    for text in re.findall(r"fields @timestamp, ([a-z_, ]+)", json.dumps([body for body in resources.values() if body["Type"] == "AWS::CloudWatch::Dashboard"])):
        count += 1
        wrong += [f"the dashboard reads {field}, which no sign-in has" for field in text.strip().split(", ") if field not in messages["sign-in"]["fields"]]
    return count


def alarms(template, wrong):
    """Each alarm counts the codes and the messages that the contract gives it, and no others."""
    resources = template.deployed()["Resources"].values()
    alarmed = {body["Properties"]["MetricName"] for body in resources if body["Type"] == "AWS::CloudWatch::Alarm"}
    counted = {}
    for body in resources:
        if body["Type"] == "AWS::Logs::MetricFilter":
            (metric,) = (change["MetricName"] for change in body["Properties"]["MetricTransformations"])
            counted.setdefault(metric, []).append(body["Properties"]["FilterPattern"])
    for member, name in (("codes", "code"), ("log_messages", "message")):
        rows = {row[name]: row["alarm"] for row in CONTRACT[member]}
        for alarm in sorted(alarmed & set(counted) | {alarm for alarm in rows.values() if alarm}):
            words = [word for pattern in counted.get(alarm, []) for word in re.findall(rf'\$\.{name} = "([^"]+)"', pattern)]
            found = {row for word in words for row in fnmatch.filter(rows, word)} - {"sign-in"}
            expected = {row for row, of in rows.items() if of == alarm}
            wrong += [f"{alarm} does not count {row!r}" for row in sorted(expected - found)]
            wrong += [f"{alarm} counts {row!r}, which is not its own" for row in sorted(found - expected)]
    # https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutMetricFilter.html
    wrong += [f"{metric}: a pattern of more than 1024 characters" for metric, patterns in counted.items() if max(map(len, patterns)) > 1024]


def time(parameters, wrong):
    """The slowest sign-in that still ends fits into the gateway's time."""
    template = Template(ROOT / "template.yaml", {"DomainIds": "d-one", **parameters})
    given = template.deployed()["Resources"]["Function"]["Properties"]["Environment"]["Variables"]
    times = "times_with_provision" if given["STUDIO_ACS_PROVISION"] == "on" else "times"
    worst = 0
    for step in CONTRACT["worst_case_seconds"]:
        if "setting" in step:
            (setting,) = (setting for setting in SETTINGS.values() if setting["name"] == step["setting"])
            seconds = int(given.get(setting["variable"], setting["default"]))
            if not setting["min"] <= seconds <= setting["max"]:
                wrong.append(f"{setting['variable']} is {seconds}, expected {setting['range']}")
        else:
            seconds = step["seconds"]
        worst += step[times] * seconds
    methods = [body for body in template.deployed()["Resources"].values() if body["Type"] == "AWS::ApiGateway::Method"]
    gateway = min(body["Properties"]["Integration"]["TimeoutInMillis"] for body in methods) // 1000
    limit = min(gateway, template.body["Globals"]["Function"]["Timeout"])
    if worst > limit:
        wrong.append(f"{parameters}: a sign-in may take {worst} s, and the gateway waits for {limit} s")
    return worst


def deployment(template, wrong):
    """The API's deployments are named after the API, so that a changed API has another one."""
    resources = template.body["Resources"]
    made = {name: body["Properties"] for name, body in resources.items() if body["Type"] in MADE_OF}
    digest = hashlib.sha256(json.dumps([template.body["Mappings"], made], sort_keys=True).encode()).hexdigest()[:8]
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
    """Nothing between standard output and the log's store drops lines on its own."""
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
    shape(wrong)
    named, written = settings(template, wrong), codes_and_messages(template, wrong)
    alarms(template, wrong)
    slowest = [time(parameters, wrong) for parameters in ({}, {**TOKEN_API, "Provision": "on", "ExecutionRoleArns": "r"})]
    deployment(template, wrong)
    log(wrong)
    print(f"{named} settings, {written} codes and messages, sign-ins within {max(slowest)} s, {len(wrong)} wrong")
    for line in wrong:
        print(f"  {line}")
    sys.exit(bool(wrong) or named < 40 or written < 40)


if __name__ == "__main__":
    main()
