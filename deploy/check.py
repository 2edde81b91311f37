#!/usr/bin/env python3
"""Holds the template to the program: settings, codes and messages that it names must be there, and the API's deployment
must be named after the API."""

import fnmatch
import hashlib
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "policies"))

from template import Template  # noqa: E402  the reader that the policies' tests use

MADE_OF = ("AWS::ApiGateway::RestApi", "AWS::ApiGateway::Resource", "AWS::ApiGateway::Method")


def settings(template, wrong):
    known = set()
    for name in re.findall(r'^    [A-Z_]+ = "([a-z-]+)"', (ROOT / "src/config/setting.rs").read_text(encoding="utf-8"), re.M):
        known.add("STUDIO_ACS_" + name.upper().replace("-", "_"))
    named = set(template.deployed()["Resources"]["Function"]["Properties"]["Environment"]["Variables"])
    wrong += [f"{name} is no setting: the function would not start" for name in sorted(named - known)]
    return len(named)


def codes_and_messages(template, wrong):
    # tests/readme.rs holds the README's codes to the program's.
    table = set(re.findall(r"`([a-z]+(?:_[a-z]+)*)`(?=[, |])", (ROOT / "README.md").read_text(encoding="utf-8"), re.M))
    source = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "src").rglob("*.rs")))
    count = 0
    for body in template.deployed()["Resources"].values():
        if body["Type"] != "AWS::Logs::MetricFilter":
            continue
        pattern = body["Properties"]["FilterPattern"]
        for code in re.findall(r'\$\.code = "([^"]+)"', pattern):
            count += 1
            if not fnmatch.filter(table, code):
                wrong.append(f"{code} is a code that nothing writes")
        for message in re.findall(r'\$\.message = "([^"*]+)', pattern):
            count += 1
            if f'"{message}' not in source:
                wrong.append(f"{message!r} is a message that nothing writes")
    return count


def deployment(template, wrong):
    resources = template.body["Resources"]
    made = {name: body["Properties"] for name, body in resources.items() if body["Type"] in MADE_OF}
    digest = hashlib.sha256(json.dumps(made, sort_keys=True).encode()).hexdigest()[:8]
    (name,) = (name for name, body in resources.items() if body["Type"] == "AWS::ApiGateway::Deployment")
    if name != f"Deployment{digest}":
        wrong.append(f"the API has changed: {name} must be Deployment{digest}, or the stage would serve the old one")


def main():
    template, wrong = Template(ROOT / "template.yaml", {"DomainIds": "d-one"}), []
    named, written = settings(template, wrong), codes_and_messages(template, wrong)
    deployment(template, wrong)
    print(f"{named} settings, {written} codes and messages, {len(wrong)} wrong")
    for line in wrong:
        print(f"  {line}")
    sys.exit(bool(wrong) or named < 8 or written < 10)


if __name__ == "__main__":
    main()
