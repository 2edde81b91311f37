#!/usr/bin/env python3
"""Holds template.yaml to the rules of *.guard, by cfn-guard, and the rules to their examples.

The good example of a rule is the template as each of deployments.yaml makes it. The bad ones are in breaks.yaml: one
edit each, of "all_is_made" or of the one named under `of`, after which that rule must fail and no other may. A rule without either fails the check.
"""

import copy
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import yaml

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parents[2]
sys.path.insert(0, str(HERE.parent))

from template import Template  # noqa: E402


def ask(document, name):
    """Runs cfn-guard on a document: the names of the rules that fail, pass, and do not apply."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / f"{name}.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        command = ["cfn-guard", "validate", "--structured", "--output-format", "json", "--show-summary", "none"]
        command += ["--data", str(path), "--rules", *map(str, sorted(HERE.glob("*.guard")))]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "Error" in done.stderr or not done.stdout.strip():
        sys.exit(f"cfn-guard: {done.stderr or 'it said nothing'}")
    (report,) = json.loads(done.stdout)
    return {rule["Rule"]["name"] for rule in report["not_compliant"]}, set(report["compliant"]), set(report["not_applicable"])


def edited(document, change):
    """A copy of the document with one edit of breaks.yaml; a path that is not there is an error."""
    document = copy.deepcopy(document)
    path, value = next(iter(change["set"].items())) if "set" in change else (change["drop"], None)
    *way, last = path.split("/")
    at = document
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at[step]
    last = int(last) if isinstance(at, list) else last
    if "drop" in change:
        del at[last]
    else:
        at[last] = value
    return document


def main():
    rules = {name for file in HERE.glob("*.guard") for name in re.findall(r"^rule (\w+)", file.read_text(encoding="utf-8"), re.M)}
    deployments = yaml.safe_load((HERE / "deployments.yaml").read_text(encoding="utf-8"))
    breaks = yaml.safe_load((HERE / "breaks.yaml").read_text(encoding="utf-8"))
    wrong, passed, documents = [], set(), {}
    for name, parameters in deployments.items():
        documents[name] = Template(ROOT / "template.yaml", parameters).deployed()
        failing, passing, silent = ask(documents[name], name)
        passed |= passing
        wrong += [f"{name}: {rule} fails" for rule in sorted(failing)]
        wrong += [f"{name}: {rule} was not asked" for rule in sorted(rules - failing - passing - silent)]
    wrong += [f"{rule} passes nowhere" for rule in sorted(rules - passed)]

    for change in breaks:
        failing, _, _ = ask(edited(documents[change.get("of", "all_is_made")], change), "broken")
        expected = {change["rule"], *change.get("also", [])}
        if failing != expected:
            wrong.append(f"{change['rule']}, {change['why']}: fails {sorted(failing)}, and not {sorted(expected)}")
    wrong += [f"{rule} has no bad example" for rule in sorted(rules - {change["rule"] for change in breaks})]

    print(f"{len(rules)} rules, {len(documents)} deployments, {len(breaks)} bad examples, {len(wrong)} wrong")
    for line in wrong:
        print(f"  {line}")
    sys.exit(bool(wrong) or len(rules) < 40 or len(breaks) < len(rules))


if __name__ == "__main__":
    main()
