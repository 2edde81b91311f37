#!/usr/bin/env bash
# A sign-in that begins at the identity provider, written by samlify, and read by three service providers.
#
# Guess:    samlify leaves InResponseTo out where there was no request (SAML Profiles 4.1.5: an unsolicited response "MUST NOT
#           contain an InResponseTo attribute").
# Seen:     it writes InResponseTo="" twice, whether the request is given as null, {} or not at all. The empty text is no
#           xs:NCName. node-saml and samlify take the response, and node-saml hands "" on as the ID of the request. pysaml2
#           validates the schema before the signature, and calls the outcome "Signature verification failed. Invalid document
#           format."
# Versions: samlify 2.13.1, @node-saml/node-saml 5.1.0 (npm); pysaml2 7.5.5 (PyPI), with xmlsec1.
# Concerns: identity providers on samlify whose users start at a page of tiles. The message of pysaml2 sends its reader to the
#           certificates.
# Here:     crates/saml refuses it with `in_response_to`, and says that it is empty: docs/idp/samlify.md has the template.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund --prefix . samlify@2.13.1 @node-saml/node-saml@5.1.0 > /dev/null
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check pysaml2==7.5.5
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -subj /CN=test -days 2 2> /dev/null

cat > ask.cjs <<'JAVASCRIPT'
const { readFileSync, writeFileSync } = require("node:fs");
const { SAML } = require("@node-saml/node-saml");
const samlify = require("samlify");

const IDP = "https://idp.example.com", SP = "https://sp.example.com", ACS = `${SP}/acs`;
const Binding = samlify.Constants.namespace.binding.post;
samlify.setSchemaValidator({ validate: async () => "not asked" });
const idp = samlify.IdentityProvider({
  entityID: IDP,
  privateKey: readFileSync("key.pem"),
  signingCert: readFileSync("certificate.pem"),
  singleSignOnService: [{ Binding, Location: `${IDP}/sso` }],
});
const sp = samlify.ServiceProvider({
  entityID: SP,
  wantMessageSigned: true,
  assertionConsumerService: [{ Binding, Location: ACS }],
});
const nodeSaml = new SAML({
  callbackUrl: ACS,
  issuer: SP,
  audience: SP,
  idpCert: readFileSync("certificate.pem", "utf8"),
  wantAssertionsSigned: false,
  validateInResponseTo: "ifPresent",
});
(async () => {
  writeFileSync("idp.xml", idp.getMetadata());
  let SAMLResponse;
  for (const request of [null, {}, undefined]) {
    ({ context: SAMLResponse } = await idp.createLoginResponse(sp, request, "post", { email: "ana@example.com" }));
    const text = Buffer.from(SAMLResponse, "base64").toString();
    console.log(`written ${JSON.stringify(request)}`, ...text.match(/InResponseTo="[^"]*"/g));
  }
  writeFileSync("response", SAMLResponse);
  const read = await sp.parseLoginResponse(idp, "post", { body: { SAMLResponse } });
  console.log("samlify", read.extract.nameID);
  const { profile } = await nodeSaml.validatePostResponseAsync({ SAMLResponse });
  console.log("node-saml", profile.nameID, JSON.stringify(profile.inResponseTo));
})();
JAVASCRIPT
cat > ask.py <<'PYTHON'
import logging
import shutil

from saml2 import BINDING_HTTP_POST
from saml2.client import Saml2Client
from saml2.config import SPConfig

logging.disable(logging.CRITICAL)
SP = "https://sp.example.com"
service = {
    "endpoints": {"assertion_consumer_service": [(f"{SP}/acs", BINDING_HTTP_POST)]},
    "allow_unsolicited": True,
    "want_response_signed": True,
    "want_assertions_signed": False,
}
config = SPConfig().load(
    {"entityid": SP, "service": {"sp": service}, "metadata": {"local": ["idp.xml"]}, "xmlsec_binary": shutil.which("xmlsec1")}
)
try:
    response = Saml2Client(config).parse_authn_request_response(open("response").read(), BINDING_HTTP_POST)
    print("pysaml2", response.name_id.text)
except Exception as error:
    print("pysaml2", type(error).__name__, error.args[0]["message"], "InResponseTo" in error.args[0]["reason"])
PYTHON

found=$(node ask.cjs 2> /dev/null | grep -v '^Construct' && python/bin/python -W ignore ask.py 2> /dev/null)
expected='written null InResponseTo="" InResponseTo=""
written {} InResponseTo="" InResponseTo=""
written undefined InResponseTo="" InResponseTo=""
samlify ana@example.com
node-saml ana@example.com ""
pysaml2 SignatureError Signature verification failed. Invalid document format. True'
if [ "$found" != "$expected" ]; then
  echo "the behaviour has changed:"
  diff <(echo "$expected") <(echo "$found") || true
  exit 1
fi
echo "as stated:"
echo "$found"
