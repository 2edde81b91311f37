#!/usr/bin/env bash
# A key set in which one key is of a newer kind, in front of the RSA key that a token names.
#
# Guess:    RFC 7517 5 has keys that are not understood ignored, so every library finds the RSA key.
# Seen:     PyJWT, jwcrypto and jose do. Authlib refuses the whole set for a key type that it does not know, joserfc for
#           a curve that it does not know, each with a bare KeyError; python-jose does not look at `kid`, takes the
#           first key, and says that its type is wrong.
# Versions: PyJWT 2.15.1, jwcrypto 1.6.1, joserfc 1.8.0, Authlib 1.9.10, python-jose 3.5.0 (PyPI), jose 6.2.18 (npm).
# Concerns: whoever verifies tokens with a key set that an issuer publishes: on the day on which the issuer adds a
#           post-quantum key (kty AKP) or another curve, nobody signs in any more.
# Here:     crates/jwt leaves such keys out (`beside/another-type` in fixtures/tokens/keysets.json).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check \
  PyJWT==2.15.1 cryptography==50.0.2 jwcrypto==1.6.1 joserfc==1.8.0 Authlib==1.9.10 python-jose==3.5.0
npm install --silent --no-audit --no-fund --prefix . jose@6.2.18 > /dev/null

cat > ask.py <<'PYTHON'
import json, time, warnings

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

warnings.simplefilter("ignore")
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
public = {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), "kid": "rsa", "alg": "RS256", "use": "sig"}
public.pop("key_ops", None)
token = jwt.encode({"exp": int(time.time()) + 600}, key, "RS256", headers={"kid": "rsa"})
sets = {
    "type": {"keys": [{"kty": "AKP", "alg": "ML-DSA-44", "kid": "new", "pub": "AAAA"}, public]},
    "curve": {"keys": [{"kty": "EC", "crv": "P-999", "kid": "new", "x": "AAAA", "y": "AAAA"}, public]},
}
json.dump({"token": token, "sets": sets}, open("asked.json", "w"))


def pyjwt(keys):
    return jwt.decode(token, jwt.PyJWKSet.from_dict(keys)["rsa"], algorithms=["RS256"])


def jwcrypto(keys):
    from jwcrypto import jwk, jwt as library

    return library.JWT(jwt=token, key=jwk.JWKSet.from_json(json.dumps(keys)), algs=["RS256"])


def joserfc(keys):
    from joserfc import jwt as library
    from joserfc.jwk import KeySet

    return library.decode(token, KeySet.import_key_set(keys), algorithms=["RS256"])


def authlib(keys):
    from authlib.jose import JsonWebKey, JsonWebToken

    return JsonWebToken(["RS256"]).decode(token, JsonWebKey.import_key_set(keys))


def python_jose(keys):
    from jose import jwt as library

    return library.decode(token, keys, algorithms=["RS256"])


for what, keys in sets.items():
    for library in (pyjwt, jwcrypto, joserfc, authlib, python_jose):
        try:
            library(keys)
            said = "verifies"
        except Exception as error:
            said = type(error).__name__
        print(f"{what} {library.__name__} {said}")
PYTHON
cat > ask.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { createLocalJWKSet, jwtVerify } from "jose";

const { token, sets } = JSON.parse(readFileSync("asked.json"));
for (const [what, keys] of Object.entries(sets)) {
  const said = await jwtVerify(token, createLocalJWKSet(keys)).then(() => "verifies", (error) => error.code);
  console.log(`${what} jose ${said}`);
}
JAVASCRIPT

found=$(python/bin/python -W ignore ask.py 2> /dev/null && node ask.mjs)
expected='type pyjwt verifies
type jwcrypto verifies
type joserfc verifies
type authlib KeyError
type python_jose JWKError
curve pyjwt verifies
curve jwcrypto verifies
curve joserfc KeyError
curve authlib verifies
curve python_jose JWKError
type jose verifies
curve jose verifies'
if [ "$found" != "$expected" ]; then
  echo "the behaviour has changed:"
  diff <(echo "$expected") <(echo "$found") || true
  exit 1
fi
echo "as stated: $(echo "$found" | grep -c verifies) verify, $(echo "$found" | grep -vc verifies) do not"
