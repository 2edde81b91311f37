#!/usr/bin/env bash
# A signed assertion with an attribute whose value is the empty string.
#
# Guess:    SAML Core 2.7.3.1.1 tells an empty value and a null one (xsi:nil) apart, so a service provider gets "".
# Seen:     node-saml leaves the attribute out where the value stands alone, as if the identity provider had not sent it,
#           and makes it undefined (null in JSON) where it stands beside another value. pysaml2 reads "", and writes the
#           element back as xsi:nil, which it was not.
# Versions: @node-saml/node-saml 5.1.0 with xml-crypto, which it brings (npm); pysaml2 7.5.5 (PyPI).
# Concerns: service providers that demand an attribute, or count values: identity providers send empty ones for a field of
#           the directory that nobody filled in.
# Here:     crates/saml tells a missing attribute (`attribute_missing`) from an empty value (`attribute_invalid`).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund --prefix . @node-saml/node-saml@5.1.0 > /dev/null
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check pysaml2==7.5.5
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -subj /CN=test -days 2 2> /dev/null

cat > ask.cjs <<'JAVASCRIPT'
const { readFileSync } = require("node:fs");
const { SAML } = require("@node-saml/node-saml");
const { SignedXml } = require("xml-crypto");

const key = readFileSync("key.pem", "utf8");
const certificate = readFileSync("certificate.pem", "utf8");
const at = (seconds) => new Date(Date.now() + seconds * 1000).toISOString();
const IDP = "https://idp.example.com", SP = "https://sp.example.com", ACS = `${SP}/acs`;

const response = (values) => `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" \
xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r" Version="2.0" IssueInstant="${at(0)}" Destination="${ACS}">\
<saml:Issuer>${IDP}</saml:Issuer>\
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>\
<saml:Assertion ID="_a" Version="2.0" IssueInstant="${at(0)}"><saml:Issuer>${IDP}</saml:Issuer>\
<saml:Subject><saml:NameID>ana</saml:NameID>\
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">\
<saml:SubjectConfirmationData Recipient="${ACS}" NotOnOrAfter="${at(300)}"/></saml:SubjectConfirmation></saml:Subject>\
<saml:Conditions NotBefore="${at(-60)}" NotOnOrAfter="${at(300)}"><saml:AudienceRestriction>\
<saml:Audience>${SP}</saml:Audience></saml:AudienceRestriction></saml:Conditions>\
<saml:AuthnStatement AuthnInstant="${at(0)}"><saml:AuthnContext><saml:AuthnContextClassRef>\
urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>\
<saml:AttributeStatement><saml:Attribute Name="department">${values}</saml:Attribute></saml:AttributeStatement>\
</saml:Assertion></samlp:Response>`;

function sign(xml) {
  const exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
  const assertion = "//*[local-name(.)='Assertion']";
  const signer = new SignedXml({
    privateKey: key,
    signatureAlgorithm: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    canonicalizationAlgorithm: exclusive,
  });
  signer.addReference({
    xpath: assertion,
    transforms: ["http://www.w3.org/2000/09/xmldsig#enveloped-signature", exclusive],
    digestAlgorithm: "http://www.w3.org/2001/04/xmlenc#sha256",
  });
  signer.computeSignature(xml, { location: { reference: `${assertion}/*[local-name(.)='Issuer']`, action: "after" } });
  return signer.getSignedXml();
}

const provider = new SAML({
  callbackUrl: ACS,
  issuer: SP,
  audience: SP,
  idpCert: certificate,
  wantAuthnResponseSigned: false,
  validateInResponseTo: "never",
});
const empty = "<saml:AttributeValue/>", full = "<saml:AttributeValue>a</saml:AttributeValue>";
(async () => {
  for (const values of [full, full + full, empty, full + empty]) {
    const { profile } = await provider.validatePostResponseAsync({
      SAMLResponse: Buffer.from(sign(response(values))).toString("base64"),
    });
    console.log(`node-saml ${JSON.stringify(profile.attributes)}`);
  }
})();
JAVASCRIPT
cat > ask.py <<'PYTHON'
from saml2 import saml

NAMES = 'xmlns="urn:oasis:names:tc:SAML:2.0:assertion"'
value = saml.attribute_value_from_string(f"<AttributeValue {NAMES}/>")
print("pysaml2", repr(value.text), "xsi:nil" if "nil=" in value.to_string().decode() else "no xsi:nil")
PYTHON

found=$(node ask.cjs && python/bin/python ask.py)
expected=$'node-saml {"department":"a"}
node-saml {"department":["a","a"]}
node-saml {}
node-saml {"department":["a",null]}
pysaml2 \'\' xsi:nil'
if [ "$found" != "$expected" ]; then
  echo "the behaviour has changed:"
  diff <(echo "$expected") <(echo "$found") || true
  exit 1
fi
echo "as stated:"
echo "$found"
