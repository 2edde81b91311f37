#!/usr/bin/env bash
# An identity provider on pysaml2 whose signing algorithm is set once, beside its key and its certificate.
#
# Guess:    `signing_algorithm` is one of the general settings (config.COMMON_ARGS), as `key_file` is, so it holds for the identity
#           provider, or is refused there.
# Seen:     the general setting is read, kept, and looked at by nothing: responses stay RSA-SHA1, which is the default, without a
#           warning. Under "service", "idp" the same setting works. `Config.getattr` asks for the service's own only.
# Version:  pysaml2 7.5.5 (PyPI), with xmlsec1.
# Concerns: identity providers that were moved to SHA-256 by their configuration and were not; service providers that refuse
#           SHA-1 say so, others go on.
# Here:     crates/saml refuses SHA-1 with `algorithm_forbidden`: docs/idp/pysaml2.md has the place of the setting.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check pysaml2==7.5.5
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out certificate.pem -subj /CN=test -days 2 2> /dev/null

cat > ask.py <<'PYTHON'
import re
import shutil

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, server
from saml2.config import COMMON_ARGS, IdPConfig
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

IDP, SP = "https://idp.example.com", "https://sp.example.com"
ALGORITHMS = {"signing_algorithm": SIG_RSA_SHA256, "digest_algorithm": DIGEST_SHA256}
open("sp.xml", "w").write(
    f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{SP}"><SPSSODescriptor '
    'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><AssertionConsumerService index="0" '
    f'Binding="{BINDING_HTTP_POST}" Location="{SP}/acs"/></SPSSODescriptor></EntityDescriptor>'
)


def algorithm(general, special):
    config = IdPConfig().load(
        {
            "entityid": IDP,
            "key_file": "key.pem",
            "cert_file": "certificate.pem",
            "metadata": {"local": ["sp.xml"]},
            "xmlsec_binary": shutil.which("xmlsec1"),
            "service": {
                "idp": {
                    "endpoints": {"single_sign_on_service": [(f"{IDP}/sso", BINDING_HTTP_REDIRECT)]},
                    "sign_assertion": True,
                    **special,
                }
            },
            **general,
        }
    )
    response = server.Server(config=config).create_authn_response(
        {"uid": ["ana"]},
        in_response_to=None,
        destination=f"{SP}/acs",
        sp_entity_id=SP,
        name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text="ana"),
        authn={"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"},
    )
    return re.search(r'SignatureMethod Algorithm="([^"]*)"', str(response))[1].split("#")[1]


print("a general setting", set(ALGORITHMS) <= set(COMMON_ARGS))
print("none", algorithm({}, {}))
print("general", algorithm(ALGORITHMS, {}))
print("of the service", algorithm({}, ALGORITHMS))
PYTHON

found=$(python/bin/python -W ignore ask.py 2> /dev/null)
expected='a general setting True
none rsa-sha1
general rsa-sha1
of the service rsa-sha256'
if [ "$found" != "$expected" ]; then
  echo "the behaviour has changed:"
  diff <(echo "$expected") <(echo "$found") || true
  exit 1
fi
echo "as stated:"
echo "$found"
