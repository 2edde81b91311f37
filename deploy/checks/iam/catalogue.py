"""Which actions AWS has, and which resources each of them is asked about: the data that cfn-lint comes with.

A deny of an action that does not exist, or of one that is never asked about such a resource, stops nothing.
"""

import json
import pathlib
import re

import cfnlint

_SERVICES = json.loads((pathlib.Path(cfnlint.__file__).parent / "data/AdditionalSpecs/Policies.json").read_text(encoding="utf-8"))
_ANY = "[^:]*"


def shapes(action):
    """The shapes of the resources that an action is asked about, as regular expressions; none where it knows none.

    Raises `KeyError` for an action that AWS does not have.
    """
    service, name = action.lower().split(":")
    kinds = _SERVICES[service]["Actions"][name].get("Resources", [])
    return [re.sub(r"\$\{\w+\}", _ANY, shape) for kind in kinds for shape in _SERVICES[service]["Resources"][kind.lower()]["ARNFormats"]]


def is_asked(action, resource):
    """Whether AWS asks for this action on such a resource."""
    found = shapes(action)
    return any(re.fullmatch(shape, resource) for shape in found) if found else resource == "*"


def actions(pattern):
    """The actions that an element of a policy names, which may have wildcards."""
    service, name = pattern.lower().split(":")
    expression = re.escape(name).replace(r"\*", ".*")
    return [f"{service}:{action}" for action in _SERVICES[service]["Actions"] if re.fullmatch(expression, action)]


def calls(patterns, resource, but=()):
    """The actions that AWS asks for on such a resource, of those that patterns name and `but` does not; an action without
    wildcards is itself."""
    exempt = {action for pattern in but for action in actions(pattern)}
    every = dict.fromkeys(name for pattern in patterns for name in (actions(pattern) if "*" in pattern else [pattern]))
    return [name for name in every if name not in exempt and ("*" not in "".join(patterns) or is_asked(name, resource))]


def in_vain(statement):
    """The elements of a statement that concern nothing: an action that does not exist, or that none of its resources has."""
    resources = _list(statement.get("Resource", "*"))
    found = []
    for pattern in _list(statement.get("Action", statement.get("NotAction"))):
        every = actions(pattern)
        if not any("*" in resources or any(_may_meet(shape, resource) for shape in shapes(action) for resource in resources) for action in every):
            found.append(pattern)
    return found


def _may_meet(shape, resource):
    """Whether a pattern of a policy and a shape may name the same resource: by service and by how the last part begins."""
    shape, resource = shape.replace(_ANY, "*").split(":", 5), resource.split(":", 5)
    kind, name = shape[5].split(".*")[0], resource[5].split("*")[0]
    return shape[2] == resource[2] and (name.startswith(kind) or kind.startswith(name))


def _list(value):
    return value if isinstance(value, list) else [value]
