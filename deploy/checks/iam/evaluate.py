"""Decides requests as IAM does, for the operators that our policies use; an operator it does not know is an error.

The order is IAM's within one account: an explicit deny in any policy; then every boundary (service control policy,
endpoint policy) must allow; then the identity's policies or the resource's must. A role's trust policy must allow by
itself, and does so without the identity's policies where it names the caller, as ours do.
"""

import functools
import ipaddress
import re

BOUNDARIES = ("scp", "endpoint")


class Unresolved(Exception):
    """A policy variable whose key the request does not have."""


def decide(request, policies):
    """Returns "allow" or "deny", the statement that decides or why there is none, and the boundaries' statements passed.

    `policies` maps a kind (identity, resource, scp, endpoint, trust) to documents.
    """
    if not bound_by_scp(request):
        policies = {kind: documents for kind, documents in policies.items() if kind != "scp"}
    matching = {
        kind: [statement for document in documents for statement in _list(document["Statement"]) if matches(statement, request)]
        for kind, documents in policies.items()
    }
    for kind, statements in matching.items():
        for statement in statements:
            if statement["Effect"] == "Deny":
                return "deny", statement.get("Sid", kind), set()
    for kind in BOUNDARIES:
        if kind in policies and not matching[kind]:
            return "deny", f"no {kind} policy allows it", set()
    passed = {statement.get("Sid") for kind in BOUNDARIES for statement in matching.get(kind, ())}
    for kind in ("trust",) if "trust" in policies else ("identity", "resource"):
        for statement in matching.get(kind, ()):
            return "allow", statement.get("Sid", kind), passed
    return "deny", "nothing allows it", set()


def bound_by_scp(request):
    """Whether service control policies hold for who asks: neither for a service, nor for a role that is linked to one,
    nor for whoever is of the organization's management account."""
    principal = request["principal"]
    if principal.endswith(".amazonaws.com") or ":role/aws-service-role/" in principal:
        return False
    return "management" not in request or request["management"] not in principal.split(":")


def matches(statement, request):
    """Whether a statement applies to a request."""
    try:
        return (
            _element(statement, "Action", request["action"], request, str.lower)
            and _element(statement, "Resource", request["resource"], request, str)
            and _principal(statement, request)
            and all(_operator(name, keys, request) for name, keys in statement.get("Condition", {}).items())
        )
    except Unresolved:
        # IAM does not apply a statement that it cannot resolve: an allow gives nothing, and a deny stops nothing.
        return False


def _element(statement, name, value, request, case):
    if "Not" + name in statement:
        return not any(_like(_fill(p, request), value, case) for p in _list(statement["Not" + name]))
    # A trust policy names no resource: it is the role's own.
    return any(_like(_fill(p, request), value, case) for p in _list(statement.get(name, "*")))


def _principal(statement, request):
    who = statement.get("Principal")
    if who is None or who == "*":
        return True
    named = [p for kind in ("AWS", "Service") for p in _list(who.get(kind, []))]
    return "*" in named or request["principal"] in named


def _operator(name, keys, request):
    quantifier, _, operator = name.rpartition(":")
    if_exists = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    context = {key.lower(): value for key, value in request["context"].items()}
    for key, wanted in keys.items():
        present = key.lower() in context
        if operator == "Null":
            if present == (str(_list(wanted)[0]).lower() == "true"):
                return False
            continue
        if not present:
            # A key that is absent fits IfExists, a negation, and "for all values"; it fits nothing else. "For any value"
            # asks for a value that fits: without one a negation does not hold either.
            if if_exists or quantifier == "ForAllValues" or ("Not" in operator and quantifier != "ForAnyValue"):
                continue
            return False
        values = [str(value) for value in _list(context[key.lower()])]
        patterns = [_fill(str(pattern), request) for pattern in _list(wanted)]
        fits = [_fits(operator, value, patterns) for value in values]
        # Without a quantifier a key has one value.
        if not (any(fits) if quantifier == "ForAnyValue" else all(fits)):
            return False
    return True


def _fits(operator, value, patterns):
    positive = operator.replace("Not", "")
    tests = {
        "StringEquals": lambda p: p == value,
        "StringLike": lambda p: _like(p, value, str),
        "ArnEquals": lambda p: _arn_like(p, value),
        "ArnLike": lambda p: _arn_like(p, value),
        "Bool": lambda p: p.lower() == value.lower(),
        "IpAddress": lambda p: ipaddress.ip_address(value) in ipaddress.ip_network(p),
    }
    found = any(tests[positive](pattern) for pattern in patterns)
    return found != ("Not" in operator)


def _arn_like(pattern, value):
    """Colon by colon: a `*` does not reach into the next part, the last apart."""
    patterns, values = pattern.split(":", 5), value.split(":", 5)
    return len(patterns) == len(values) and all(_like(p, v, str) for p, v in zip(patterns, values))


def _like(pattern, value, case):
    return _compiled(case(pattern)).fullmatch(case(value)) is not None


@functools.cache
def _compiled(pattern):
    return re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern), re.DOTALL)


def _fill(text, request):
    if "${" not in text:
        return text
    context = {key.lower(): value for key, value in request["context"].items()}

    def value(match):
        key = match[1].strip().lower()
        if key not in context:
            raise Unresolved(key)
        # A value is no pattern. None of ours has these characters; IAM would take them as they are.
        if re.search(r"[*?]", str(context[key])):
            raise ValueError(f"{key} has a wildcard")
        return str(context[key])

    return re.sub(r"\$\{([^}]+)\}", value, text)


def _list(value):
    return value if isinstance(value, list) else [value]
