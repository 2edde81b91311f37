"""Runs each rule of deploy/detections over planted records, by pySigma, which makes SQL of the rules.

detections.py RECORDS.json    a map of names to lists of records, as crates/audit/src/tests/records.json

Fails where a rule does not find exactly the records that are planted for it.
"""

import copy
import json
import pathlib
import sqlite3
import sys

from sigma.backends.sqlite import sqliteBackend
from sigma.collection import SigmaCollection

RULES = pathlib.Path(__file__).parents[2] / "deploy/detections"
# The rule's file, and the kinds of records of which it finds one each.
EXPECTED = {
    "minted-without-a-record": ["a mint that a sink missed"],
    "outcome-unknown": ["a mint elsewhere", "an approval"],
    "refused-by-aws": ["a mint with the least"],
}


def planted(path):
    """Returns pairs of a kind and a record: all of the file's, and a mint that a sink missed."""
    with open(path, encoding="utf-8") as file:
        kinds = json.load(file)
    pairs = [(kind, record) for kind, records in kinds.items() for record in records]
    done = next(record for _, record in pairs if record["type_uid"] == 600301 and record["status"] == "Success")
    missed = {**copy.deepcopy(done), "severity_id": 4, "unmapped": {"missed_sinks": ["webhook"]}}
    return [*pairs, ("a mint that a sink missed", missed)]


def main(path):
    pairs = planted(path)
    columns = sorted({name for _, record in pairs for name, value in record.items() if not isinstance(value, (dict, list))})
    store = sqlite3.connect(":memory:")
    store.execute(f"create table records (kind, {', '.join(columns)})")
    for kind, record in pairs:
        row = [kind, *(record.get(name) for name in columns)]
        store.execute(f"insert into records values ({', '.join('?' * len(row))})", row)
    faults, backend = [], sqliteBackend()
    rules = {file.stem: file for file in sorted(RULES.glob("*.yml"))}
    if set(rules) != set(EXPECTED):
        faults.append(f"the rules are {sorted(rules)}, and records are planted for {sorted(EXPECTED)}")
    for name, expected in EXPECTED.items():
        backend.table = "records"
        (query,) = backend.convert(SigmaCollection.from_yaml(rules[name].read_text(encoding="utf-8")))
        condition = query.split(" WHERE ", 1)[1]
        found = [kind for (kind,) in store.execute(f"select kind from records where {condition} order by kind")]
        if found != expected:
            faults.append(f"{name} finds {found}, and {expected} are planted")
    print("\n".join([*faults, f"{len(rules)} rules over {len(pairs)} records, {len(faults)} wrong"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
