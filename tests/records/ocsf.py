"""Judges each kind of record by OCSF's own schema, with the profiles that the record declares.

ocsf.py FILE.json    a map of names to lists of records, as crates/audit/src/tests/records.json
ocsf.py -            lines of JSON, of which those without `class_uid` are skipped: the service's log

Fails on an error, and where a record that declares no profile passes: a judge that finds nothing looks at nothing.
"""

import json
import sys

import jsonschema
import ocsf_json_schema

# OCSF's names of the classes that we write.
CLASSES = {3002: "authentication", 6002: "application_lifecycle", 6003: "api_activity"}


def judge(schemas, record):
    """Returns the errors of one record."""
    version, profiles = record["metadata"]["version"], record["metadata"].get("profiles", [])
    key = (version, record["class_uid"], *profiles)
    if key not in schemas:
        whole = ocsf_json_schema.OcsfJsonSchemaEmbedded(ocsf_json_schema.get_ocsf_schema(version))
        of_class = whole.get_class_schema(CLASSES[record["class_uid"]], profiles)
        schemas[key] = jsonschema.Draft202012Validator(of_class)
    errors = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in schemas[key].iter_errors(record)]
    if record["type_uid"] != record["class_uid"] * 100 + record["activity_id"]:
        errors.append("type_uid: is not class_uid * 100 + activity_id")
    return errors


def read(source):
    """Returns pairs of a name and a record."""
    if source != "-":
        with open(source, encoding="utf-8") as file:
            return [(name, record) for name, records in json.load(file).items() for record in records]
    lines = (json.loads(line) for line in sys.stdin if line.startswith("{"))
    return [(f"record {number}", record) for number, record in enumerate(lines) if "class_uid" in record]


def main(source):
    schemas, records = {}, read(source)
    faults = [f"{name}: {error}" for name, record in records for error in judge(schemas, record)]
    for name, record in records:
        without = {**record, "metadata": {**record["metadata"], "profiles": []}}
        if not judge(schemas, without):
            faults.append(f"{name}: the judge takes members of a profile that is not declared")
    types = sorted({record["type_uid"] for _, record in records})
    print("\n".join([*faults, f"{len(records)} records of the types {types}, {len(faults)} errors"]))
    return 1 if faults or not records else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
