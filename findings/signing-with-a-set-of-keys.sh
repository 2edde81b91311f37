#!/usr/bin/env bash
# A token issuer whose key set has two keys, one in use and one that is published before it is used.
#
# Guess:    a library that signs with a key set uses its first key, or asks for one. OpenID Connect Core 10.1.1 has the issuer
#           publish keys, and sign with a new one when it chooses to.
# Seen:     joserfc signs each token with a random key of the set that fits the algorithm, and names it in the header. Authlib's
#           ID tokens and its access tokens of RFC 9068 do the same with the key set that its documentation returns. A key is
#           in use from the moment in which it is announced, and an old key is, for as long as it stays in the set.
# Versions: joserfc 1.8.0, Authlib 1.9.10 (PyPI).
# Concerns: rotation at issuers on these libraries. A relying party that read the keys a minute ago refuses every second token,
#           and an API that keeps a copy of them does so until the copy is written again.
# Here:     crates/jwt reads the keys again for an unknown `kid`, at most once in 30 seconds. A parameter needs the new key
#           before the issuer has it: docs/issuer/authlib.md.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check joserfc==1.8.0 Authlib==1.9.10

cat > ask.py <<'PYTHON'
import base64
import json
from types import SimpleNamespace

from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from authlib.oidc.core import OpenIDCode
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

KEYS = KeySet([RSAKey.generate_key(2048, {"kid": name, "use": "sig"}) for name in ("in use", "announced")])
CLIENT = SimpleNamespace(get_client_id=lambda: "client")
USER = SimpleNamespace(get_user_id=lambda: "ana")


class IdTokens(OpenIDCode):
    def resolve_client_private_key(self, client):
        return KEYS

    def get_client_claims(self, client):
        return {"iss": "https://issuer.example", "aud": ["client"]}

    def generate_user_info(self, user, scope):
        return {"sub": "ana"}


class AccessTokens(JWTBearerTokenGenerator):
    def get_jwks(self):
        return KEYS


def kid(token):
    part = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["kid"]


request = SimpleNamespace(client=CLIENT, user=USER, authorization_code=None)
issue = {
    "joserfc": lambda: jwt.encode({"alg": "RS256"}, {"sub": "ana"}, KEYS),
    "authlib ID token": lambda: IdTokens().encode_id_token({"scope": "openid"}, request),
    "authlib access token": lambda: AccessTokens("https://issuer.example").access_token_generator(
        CLIENT, "authorization_code", USER, "openid"
    ),
}
# A hundred tokens have one key by chance once in 2^99 runs.
for name, token in issue.items():
    print(name, sorted({kid(token()) for _ in range(100)}))
PYTHON

found=$(python/bin/python -W ignore ask.py)
expected="joserfc ['announced', 'in use']
authlib ID token ['announced', 'in use']
authlib access token ['announced', 'in use']"
if [ "$found" != "$expected" ]; then
  echo "the behaviour has changed:"
  diff <(echo "$expected") <(echo "$found") || true
  exit 1
fi
echo "as stated:"
echo "$found"
