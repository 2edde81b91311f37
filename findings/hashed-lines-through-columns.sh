#!/usr/bin/env bash
# Lines of JSON that carry a hash of their own canonical text (RFC 8785), such as audit records, through columns and back.
#
# Guess:    readers of JSON lines keep texts as texts, so that after a way through Parquet, without the nulls of absent
#           members, each line has its hash.
# Seen:     pyarrow and DuckDB make a time of a text in ISO 8601, and DuckDB a UUID of one, and by what all lines have: the
#           same line keeps its hash beside a line with another text in that member, and loses it beside none. An instant
#           loses its Z in pyarrow, and a date becomes an instant. Without such texts each line keeps its hash.
# Versions: pyarrow 26.0.1, duckdb 2.0.1 (PyPI).
# Concerns: whoever verifies records out of a data lake: the verdict on one record depends on the others in its file.
# Here:     docs/audit.md asks for the line itself beside the columns.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check pyarrow==26.0.1 duckdb==2.0.1

cat > ask.py <<'PYTHON'
import hashlib
import json

import duckdb
import pyarrow.json
import pyarrow.parquet


def canonical(record):
    return json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def hashed(record):
    return {**record, "hash": hashlib.sha256(canonical(record).encode()).hexdigest()}


def bare(value):
    """The value without the nulls that columns have for absent members."""
    if isinstance(value, dict):
        return {name: bare(one) for name, one in value.items() if one is not None}
    return [bare(one) for one in value] if isinstance(value, list) else value


def is_whole(record):
    record = bare(record)
    told = record.pop("hash")
    try:
        return hashed(record)["hash"] == told
    except TypeError:  # a time or a UUID, of which there is no JSON
        return False


def by_pyarrow():
    pyarrow.parquet.write_table(pyarrow.json.read_json("lines.json"), "pyarrow.parquet")
    return pyarrow.parquet.read_table("pyarrow.parquet").to_pylist()


def by_duckdb():
    duckdb.sql("copy (select * from read_json('lines.json')) to 'duckdb.parquet' (format parquet)")
    rows = duckdb.sql("select * from 'duckdb.parquet'")
    return [dict(zip(rows.columns, row)) for row in rows.fetchall()]


PLAIN = {"sequence": 1, "user": "ana", "policies": ["one", "two"]}
CASES = {
    "plain": [PLAIN, {"sequence": 2, "user": "ben"}],
    "an instant": [{**PLAIN, "until": "2026-12-31T00:00:00Z"}],
    "an instant beside another text": [{**PLAIN, "until": "2026-12-31T00:00:00Z"}, {**PLAIN, "until": "never"}],
    "a date": [{**PLAIN, "until": "2026-12-31"}],
    "a UUID": [{**PLAIN, "user": "93e7f4a8-3061-70d2-5f0f-7a1d0c2b9e64"}],
}
for case, records in CASES.items():
    with open("lines.json", "w", encoding="utf-8") as file:
        file.writelines(canonical(hashed(record)) + "\n" for record in records)
    found = [("whole" if is_whole(way()[0]) else "changed") for way in (by_pyarrow, by_duckdb)]
    print(f"{case}: pyarrow {found[0]}, duckdb {found[1]}")
PYTHON

python/bin/python ask.py | tee seen.txt
diff - seen.txt <<'SEEN'
plain: pyarrow whole, duckdb whole
an instant: pyarrow changed, duckdb changed
an instant beside another text: pyarrow whole, duckdb whole
a date: pyarrow changed, duckdb changed
a UUID: pyarrow whole, duckdb changed
SEEN
