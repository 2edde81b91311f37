#!/usr/bin/env python3
"""Holds each container recipe to images by tag and digest, and the task definition to one by digest.

A tag names another image tomorrow; a digest names these bytes only. Whether a registry has the digest, the build says.
"""

import json
import pathlib
import re
import sys

DEPLOY = pathlib.Path(__file__).resolve().parents[1]
PINNED = re.compile(r"[\w.-]+(/[\w.-]+)+:[\w.-]+@sha256:[0-9a-f]{64}")


def recipe(name, text, wrong):
    """Each FROM names a stage, or an image by tag and digest; an ARG stands for its default."""
    arguments, stages, froms = {}, set(), 0
    for line in text.splitlines():
        words = line.split()
        if words[:1] == ["ARG"]:
            argument, _, default = words[1].partition("=")
            arguments[argument] = default
        if words[:1] != ["FROM"]:
            continue
        froms += 1
        image = re.sub(r"\$\{(\w+)\}", lambda found: arguments.get(found[1], ""), words[1])
        if image not in stages and not PINNED.fullmatch(image):
            wrong.append(f"{name}: {words[1]} is `{image}`, expected NAME:TAG@sha256:DIGEST")
        if words[2:3] == ["AS"]:
            stages.add(words[3])
    if not froms:
        wrong.append(f"{name}: it has no FROM")


def task(name, text, wrong):
    for container in json.loads(text)["containerDefinitions"]:
        if not re.fullmatch(r".+@sha256:[0-9a-f]{64}", container["image"]):
            wrong.append(f"{name}: {container['name']} is `{container['image']}`, expected an image by digest")


def main():
    wrong = []
    recipes = [path for path in sorted(DEPLOY.glob("Dockerfile*")) if path.suffix != ".dockerignore"]
    for path in recipes:
        recipe(path.name, path.read_text(encoding="utf-8"), wrong)
    task("ecs-task-definition.json", (DEPLOY / "ecs-task-definition.json").read_text(encoding="utf-8"), wrong)
    print("\n".join(wrong) or f"{len(recipes)} recipes and the task definition name their images by digest")
    return 1 if wrong or not recipes else 0


if __name__ == "__main__":
    sys.exit(main())
