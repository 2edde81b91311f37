#!/usr/bin/env bash
# Attribute values with an xsi:type, in every spelling that XML Schema has for one value.
#
# Guess:    pysaml2 7.5.5 reads a value of xs:boolean in each of its four spellings (XML Schema 2, 3.2.2.1: true, false, 1, 0).
# Seen:     it reads "true" and "false", and refuses "1" and "0" with a ValueError, and the whole statement with them. Of
#           xs:integer it reads " 7 " as 7, as the schema has white space collapse, and of xs:double it writes INF back as
#           "inf", which the schema does not have.
# Version:  pysaml2 7.5.5 (PyPI).
# Concerns: service providers on pysaml2 whose identity provider sends typed attributes: a user whose flag is written as 1
#           cannot sign in, and the message names a type and not the attribute.
# Here:     crates/saml reads values as text, whatever their xsi:type says.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check pysaml2==7.5.5

cat > ask.py <<'PYTHON'
from saml2 import saml

STATEMENT = (
    '<AttributeStatement xmlns="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Attribute Name="flag">'
    '<AttributeValue xsi:type="xs:{}">{}</AttributeValue></Attribute></AttributeStatement>'
)
for kind, text in (
    ("boolean", "true"),
    ("boolean", "false"),
    ("boolean", "1"),
    ("boolean", "0"),
    ("integer", "7"),
    ("integer", " 7 "),
    ("double", "INF"),
):
    try:
        statement = saml.attribute_statement_from_string(STATEMENT.format(kind, text))
        said = repr(statement.attribute[0].attribute_value[0].text)
    except ValueError as error:
        said = f"ValueError: {error}"
    print(f"xs:{kind} {text!r} {said}")
PYTHON

found=$(python/bin/python ask.py)
expected="xs:boolean 'true' 'true'
xs:boolean 'false' 'false'
xs:boolean '1' ValueError: Type and value do not match: boolean:<class 'str'>:1
xs:boolean '0' ValueError: Type and value do not match: boolean:<class 'str'>:0
xs:integer '7' '7'
xs:integer ' 7 ' '7'
xs:double 'INF' 'inf'"
if [ "$found" != "$expected" ]; then
  echo "the behaviour has changed:"
  diff <(echo "$expected") <(echo "$found") || true
  exit 1
fi
echo "as stated:"
echo "$found"
