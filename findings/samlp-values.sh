#!/usr/bin/env bash
# Attributes of a user record that are no plain text, written by samlp and read by pysaml2.
#
# Guess:    an identity provider leaves out an attribute of a user without a value, writes a whole number as a whole number, and
#           a text as it stands; line breaks are part of it (SAML Core 2.7.3.1 takes any XML type).
# Seen:     samlp writes null as the text "null", of xs:anyType, and an empty list not at all. Every number is xs:double, so
#           pysaml2 reads the employee number 1234567 as "1234567.0". Line breaks are cut out and the words beside them joined,
#           since the whole assertion is un-indented before it is signed; a value of blanks only becomes empty.
# Versions: samlp 8.0.0 (npm); pysaml2 7.5.5 (PyPI), with xmlsec1.
# Concerns: service providers that count, compare or forbid by such values: a user without a team is in the team "null", and a
#           numeric ID matches at one service provider and not at the other.
# Here:     crates/saml reads values as text, whatever their xsi:type says. The ledger's group "null" would match.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund --prefix . samlp@8.0.0 > /dev/null
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check pysaml2==7.5.5
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -subj /CN=test -days 2 2> /dev/null

cat > ask.cjs <<'JAVASCRIPT'
const { readFileSync, writeFileSync } = require("node:fs");
const samlp = require("samlp");

const IDP = "https://idp.example.com", SP = "https://sp.example.com", ACS = `${SP}/acs`;
const certificate = readFileSync("certificate.pem", "utf8");
const options = {
  issuer: IDP,
  cert: certificate,
  key: readFileSync("key.pem"),
  audience: SP,
  destination: ACS,
  recipient: ACS,
  signatureAlgorithm: "rsa-sha256",
  digestAlgorithm: "sha256",
};
const user = {
  id: "ana",
  displayName: "Ana",
  name: { givenName: "Ana", familyName: "Example" },
  emails: [{ value: "ana@example.com" }],
  team: null,
  teams: [],
  number: 1234567,
  address: "Main Street 1\nTown",
  blanks: "  ",
};
samlp.getSamlResponse(options, user, (error, response) => {
  if (error) throw error;
  const values = /passportjs\.com\/(\w+)"[^>]*><saml:AttributeValue xsi:type="([^"]*)"(?:\/>|>([^<]*)<)/g;
  for (const [, name, type, value] of response.matchAll(values)) console.log("samlp", name, type, JSON.stringify(value ?? ""));
  writeFileSync("response", Buffer.from(response).toString("base64"));
});
writeFileSync(
  "idp.xml",
  `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${IDP}"><IDPSSODescriptor \
protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing"><KeyInfo \
xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>${certificate.replace(/-----[^-]*-----|\s/g, "")}\
</X509Certificate></X509Data></KeyInfo></KeyDescriptor><SingleSignOnService Location="${IDP}/sso" \
Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"/></IDPSSODescriptor></EntityDescriptor>`,
);
JAVASCRIPT
cat > ask.py <<'PYTHON'
import shutil

from saml2 import BINDING_HTTP_POST
from saml2.client import Saml2Client
from saml2.config import SPConfig

SP = "https://sp.example.com"
service = {
    "endpoints": {"assertion_consumer_service": [(f"{SP}/acs", BINDING_HTTP_POST)]},
    "allow_unsolicited": True,
    "want_response_signed": False,
    "want_assertions_signed": True,
}
config = SPConfig().load(
    {
        "entityid": SP,
        "service": {"sp": service},
        "metadata": {"local": ["idp.xml"]},
        "xmlsec_binary": shutil.which("xmlsec1"),
        "allow_unknown_attributes": True,
    }
)
response = Saml2Client(config).parse_authn_request_response(open("response").read(), BINDING_HTTP_POST)
for name in ("team", "teams", "number", "address", "blanks"):
    print("pysaml2", name, response.ava.get(f"http://schemas.passportjs.com/{name}"))
PYTHON

found=$(node ask.cjs 2> /dev/null && python/bin/python -W ignore ask.py 2> /dev/null)
expected='samlp team xs:anyType "null"
samlp number xs:double "1234567"
samlp address xs:string "Main Street 1Town"
samlp blanks xs:string ""
pysaml2 team ['"'null'"']
pysaml2 teams None
pysaml2 number ['"'1234567.0'"']
pysaml2 address ['"'Main Street 1Town'"']
pysaml2 blanks ['"''"']'
if [ "$found" != "$expected" ]; then
  echo "the behaviour has changed:"
  diff <(echo "$expected") <(echo "$found") || true
  exit 1
fi
echo "as stated:"
echo "$found"
