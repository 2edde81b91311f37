"""Finds the words of a service control policy that decide nothing: those without which every case comes out the same."""

import copy

from evaluate import matches


def idle(name, document, requests):
    """Finds words of a policy without which each request is decided as before.

    `requests` are pairs of a request and all policies that hold for it, of which `document` is one.
    """
    held = []
    for request, documents in requests:
        by = [id(s) for d in documents for s in d["Statement"] if s["Effect"] == "Deny" and matches(s, request)]
        held.append((request, by))
    return [
        f"{name}: {statement['Sid']}: no case needs {word}"
        for statement in document["Statement"]
        for word, without in _shorter(statement)
        if not any(matches(without, request) != (id(statement) in by) for request, by in held if set(by) <= {id(statement)})
    ]


def _shorter(statement):
    """Each statement that has one word less, with the word."""
    for element in ("Action", "NotAction", "Resource", "NotResource"):
        if isinstance(statement.get(element), list) and len(statement[element]) > 1:
            for word in statement[element]:
                yield word, {**statement, element: [other for other in statement[element] if other != word]}
    for operator, keys in statement.get("Condition", {}).items():
        for key, wanted in keys.items():
            # AWS does not say whether a `NotResource` holds whose variable cannot be filled in: this word makes it no matter.
            if operator == "Null" and f"${{{key}}}" in str(statement.get("NotResource")):
                continue
            without = copy.deepcopy(statement)
            del without["Condition"][operator][key]
            yield f"{operator} {key}", without
            if isinstance(wanted, list) and len(wanted) > 1:
                for word in wanted:
                    without = copy.deepcopy(statement)
                    without["Condition"][operator][key] = [other for other in wanted if other != word]
                    yield word, without
