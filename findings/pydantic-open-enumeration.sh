#!/usr/bin/env bash
# A model of an open enumeration, `anyOf: [{enum: …}, {type: string}]`, the form by which a document of OpenAPI says that more values
# may be added; and an answer with a value that the enumeration has.
#
# Guess:    the field is the member of the enumeration, which stands first, and a text only for an unknown value.
# Seen:     the field is a text for each value, known or not, read from JSON as well as from Python. A `match` on members of the
#           enumeration never matches. With `union_mode: left_to_right` it is the member. The same document through
#           openapi-python-client gives the member.
# Version:  datamodel-code-generator 0.89.0, pydantic 2.14.4; openapi-python-client 0.29.1 (PyPI).
# Concerns: clients that compare with the members. The generated enumeration is of `Enum`, not of `StrEnum`, so that `==` with a text
#           is false.
# Here:     docs/api.md says so where it names the generator.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check \
  datamodel-code-generator==0.89.0 pydantic==2.14.4 openapi-python-client==0.29.1
cat > document.json <<'JSON'
{
  "openapi": "3.1.0",
  "info": {"title": "orders", "version": "1"},
  "paths": {
    "/order": {
      "get": {
        "operationId": "readOrder",
        "responses": {
          "200": {"description": "It.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}
        }
      }
    }
  },
  "components": {
    "schemas": {
      "State": {"type": "string", "enum": ["open", "closed"]},
      "Order": {
        "type": "object",
        "required": ["state"],
        "properties": {"state": {"anyOf": [{"$ref": "#/components/schemas/State"}, {"type": "string"}]}}
      }
    }
  }
}
JSON
python/bin/datamodel-codegen --input document.json --input-file-type openapi --output-model-type pydantic_v2.BaseModel \
  --formatters builtin --output models.py 2> /dev/null
python/bin/openapi-python-client generate --path document.json --meta none --output-path client > log 2>&1

cat > ask.py <<'PYTHON'
from typing import Annotated

from pydantic import BaseModel, Field

import client.models
from models import Order, State


class Ordered(BaseModel):
    state: Annotated[State | str, Field(union_mode="left_to_right")]


print("from JSON:", type(Order.model_validate_json('{"state": "open"}').state).__name__)
print("from Python:", type(Order.model_validate({"state": "open"}).state).__name__)
print("equal to the member:", Order.model_validate({"state": "open"}).state == State.open)
print("left to right:", type(Ordered.model_validate_json('{"state": "open"}').state).__name__)
print("openapi-python-client:", type(client.models.Order.from_dict({"state": "open"}).state).__name__)
PYTHON
found=$(python/bin/python ask.py)
expected='from JSON: str
from Python: str
equal to the member: False
left to right: State
openapi-python-client: State'
if [ "$found" != "$expected" ]; then
  echo "the behaviour has changed:"
  diff <(echo "$expected") <(echo "$found") || true
  exit 1
fi
echo "as stated:"
echo "$found"
