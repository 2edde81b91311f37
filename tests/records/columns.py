"""Compares each kind of record with the columns of docs/audit.md: each member has a column of its type, and each column a member.

columns.py RECORDS.json    a map of names to lists of records, as crates/audit/src/tests/records.json
"""

import json
import pathlib
import re
import sys

PAGE = pathlib.Path(__file__).parents[2] / "docs/audit.md"
# Columns of text, for members whose own members differ from record to record.
FREE = ("api.request.data", "unmapped")


def parsed(text):
    """The type of this text in Hive's form, and the rest: a name, or a dictionary of members, or a list of one type."""
    if text.startswith("struct<"):
        text, members = text[len("struct<"):], {}
        while not text.startswith(">"):
            name, text = text.lstrip(", ").split(":", 1)
            members[name.strip("`")], text = parsed(text)
        return members, text[1:]
    if text.startswith("array<"):
        inner, text = parsed(text[len("array<"):])
        return [inner], text[1:]
    word = re.match(r"[a-z]+", text)[0]
    return word, text[len(word):]


def columns():
    """The columns of the page's table."""
    statement = re.search(r"```sql\n(create external table .*?)```", PAGE.read_text(encoding="utf-8"), re.S)[1]
    body = statement.split("(", 1)[1].split("\n)", 1)[0]
    lines = (line.strip().rstrip(",") for line in body.splitlines() if line.strip())
    return {name.strip("`"): parsed(of)[0] for name, of in (line.split(" ", 1) for line in lines)}


def compare(place, value, of, used):
    """Yields the faults of a value, and adds the places of columns to `used`."""
    used.add(place)
    if of is None:
        yield f"{place} has no column"
    elif isinstance(value, dict) and isinstance(of, dict):
        for name, member in value.items():
            yield from compare(f"{place}.{name}" if place else name, member, of.get(name), used)
    elif isinstance(value, list) and isinstance(of, list):
        for item in value:
            yield from compare(place + "[]", item, of[0], used)
    elif place in FREE:
        if of != "string":
            yield f"{place} is of {of}, and its members differ from record to record"
    elif {str: "string", int: "bigint"}.get(type(value)) != of:
        yield f"{place} is {value!r}, and its column is of {of}"


def places(of, place=""):
    if isinstance(of, dict):
        for name, inner in of.items():
            yield from places(inner, f"{place}.{name}" if place else name)
    elif isinstance(of, list):
        yield from places(of[0], place + "[]")
    else:
        yield place


def main(path):
    table, used, count, faults = columns(), set(), 0, []
    with open(path, encoding="utf-8") as file:
        for kind, records in json.load(file).items():
            for record in records:
                count += 1
                # The file leaves the chain's own members out, which are as free as the others.
                faults += [f"{kind}: {fault}" for fault in compare("", record, table, used)]
    faults += [f"no record has {place}" for place in places(table) if place not in used]
    print("\n".join([*faults, f"{count} records, {len(table)} columns, {len(faults)} wrong"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
