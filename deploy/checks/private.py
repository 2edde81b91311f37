#!/usr/bin/env python3
"""Holds the unit and the task definition to secrets by reference: a setting names the place of a secret, never its text.

In the unit, each place is a credential that systemd loads (active and commented lines alike). In the task, it is one that the
task's own role reads, and nothing puts a secret into the environment.
"""

import json
import pathlib
import re
import sys

import contract

DEPLOY = pathlib.Path(__file__).resolve().parents[1]
# The settings that hold a secret's place.
SECRETS = {name for name in contract.SETTINGS if re.search(r"_(KEY|SECRET|TOKEN|PASSWORD)$", name)}


def unit(text, wrong):
    """Each place is in the credentials directory, and a credential of that name is loaded from systemd's own store."""
    lines = [line.removeprefix("# ") for line in text.splitlines()]
    loaded = dict(re.findall(r"^LoadCredential(?:Encrypted)?=([\w-]+):(\S+)$", "\n".join(lines), flags=re.M))
    places = dict(re.findall(r"^Environment=(STUDIO_ACS_\w+)=(\S+)$", "\n".join(lines), flags=re.M))
    for name in sorted(SECRETS - set(places)):
        wrong.append(f"unit: {name} has no line")
    for name in sorted(SECRETS & set(places)):
        found = re.fullmatch(r"%d/([\w-]+)", places[name])
        if not found or found[1] not in loaded:
            wrong.append(f"unit: {name} is {places[name]}, which no LoadCredential= makes")
    for credential, place in sorted(loaded.items()):
        # A name without a slash is looked for in systemd's store, and its absence is the program's to report.
        if place != f"studio-acs.{credential}":
            wrong.append(f"unit: the credential {credential} is loaded from {place}, expected studio-acs.{credential}")
    if re.search(r"^SetCredential=", text, flags=re.M):
        wrong.append("unit: SetCredential= shows its text to every user")


def task(text, wrong):
    for container in json.loads(text)["containerDefinitions"]:
        if "secrets" in container or "environmentFiles" in container:
            wrong.append(f"task: {container['name']} has secrets or files in its environment")
        for variable in container.get("environment", []):
            if variable["name"] in SECRETS and not re.match(r"(secretsmanager|ssm):.", variable["value"]):
                wrong.append(f"task: {variable['name']} names no secret or parameter")


def main():
    wrong = []
    unit((DEPLOY / "studio-acs.service").read_text(encoding="utf-8"), wrong)
    task((DEPLOY / "ecs-task-definition.json").read_text(encoding="utf-8"), wrong)
    print("\n".join(wrong) or f"{len(SECRETS)} secrets reach the unit and the task by reference")
    return 1 if wrong or not SECRETS else 0


if __name__ == "__main__":
    sys.exit(main())
