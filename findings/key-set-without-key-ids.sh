#!/usr/bin/env bash
# A token without a `kid`, and a key set whose keys have none, as LemonLDAP::NG writes them by default.
#
# Guess:    a `kid` is optional in both (RFC 7515 4.1.4, RFC 7517 4.5), so a library takes the one key of a set of one. OpenID
#           Connect Core 10.1 asks for a `kid` only where there are several keys; with several, a library tries each or asks.
# Seen:     with one key, PyJWT's client says that the set "did not contain any signing keys": it leaves out keys without a
#           `kid`. All others take the token. With two keys, jwcrypto and python-jose try each; jose hands the choice to
#           its caller; jwks-rsa and joserfc refuse; Authlib's own jose tries the first key only, so the order in which the
#           issuer lists its keys decides.
# Versions: PyJWT 2.15.1, joserfc 1.8.0, Authlib 1.9.10, jwcrypto 1.6.1, python-jose 3.5.0 (PyPI); jose 6.2.18, jwks-rsa 4.1.0
#           (npm).
# Concerns: APIs behind LemonLDAP::NG, AD FS 2016 and issuers of one's own. It works until the first rotation, when the set has
#           two keys for a day.
# Here:     crates/jwt takes a token without a `kid` where exactly one key of the set fits its algorithm, and refuses two.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check \
  PyJWT==2.15.1 joserfc==1.8.0 Authlib==1.9.10 jwcrypto==1.6.1 python-jose==3.5.0
npm install --silent --no-audit --no-fund --prefix . jose@6.2.18 jwks-rsa@4.1.0 > /dev/null

cat > make.py <<'PYTHON'
import json
from joserfc import jwt
from joserfc.jwk import RSAKey

mine, other = (RSAKey.generate_key(2048, {"use": "sig"}) for _ in range(2))
open("token", "w").write(jwt.encode({"alg": "RS256"}, {"sub": "ana"}, mine))
sets = {"one": [mine], "first": [mine, other], "second": [other, mine]}
for name, keys in sets.items():
    json.dump({"keys": [key.as_dict(private=False) for key in keys]}, open(f"{name}.json", "w"))
PYTHON
cat > ask.py <<'PYTHON'
import functools
import http.server
import json
import threading
import warnings

import jwt as pyjwt
from authlib.jose import JsonWebKey, JsonWebToken
from joserfc import jwk, jwt
from jose import jwt as python_jose
from jwcrypto import jwk as jwcrypto_jwk, jwt as jwcrypto_jwt

warnings.simplefilter("ignore")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
threading.Thread(target=server.serve_forever, daemon=True).start()
TOKEN = open("token").read()


def pyjwt_client(name):
    client = pyjwt.PyJWKClient(f"http://127.0.0.1:{server.server_port}/{name}.json")
    pyjwt.decode(TOKEN, client.get_signing_key_from_jwt(TOKEN).key, ["RS256"])


def load(name):
    return json.load(open(f"{name}.json"))


LIBRARIES = {
    "PyJWT": pyjwt_client,
    "joserfc": lambda name: jwt.decode(TOKEN, jwk.KeySet.import_key_set(load(name)), algorithms=["RS256"]),
    "Authlib": lambda name: JsonWebToken(["RS256"]).decode(TOKEN, JsonWebKey.import_key_set(load(name))),
    "jwcrypto": lambda name: jwcrypto_jwt.JWT(jwt=TOKEN, key=jwcrypto_jwk.JWKSet.from_json(json.dumps(load(name)))),
    "python-jose": lambda name: python_jose.decode(TOKEN, load(name), algorithms=["RS256"]),
}
for name in ("one", "first", "second"):
    for library, verify in LIBRARIES.items():
        try:
            verify(name)
            said = "valid"
        except Exception as error:
            said = type(error).__name__
        print(f"{name} {library} {said}")
PYTHON
cat > ask.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createLocalJWKSet, jwtVerify } from "jose";
import jwksClient from "jwks-rsa";

const server = createServer((request, response) => response.end(readFileSync(`.${request.url}`)));
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const token = readFileSync("token", "utf8");
for (const name of ["one", "first", "second"]) {
  const libraries = {
    jose: () => jwtVerify(token, createLocalJWKSet(JSON.parse(readFileSync(`${name}.json`, "utf8")))),
    "jwks-rsa": () => jwksClient({ jwksUri: `http://127.0.0.1:${server.address().port}/${name}.json` }).getSigningKey(undefined),
  };
  for (const [library, verify] of Object.entries(libraries)) {
    console.log(`${name} ${library} ${await verify().then(() => "valid", (error) => error.code ?? error.name)}`);
  }
}
server.close();
JAVASCRIPT

found=$(python/bin/python make.py && python/bin/python -W ignore ask.py 2> /dev/null && node ask.mjs)
expected='one PyJWT PyJWKClientError
one joserfc valid
one Authlib valid
one jwcrypto valid
one python-jose valid
first PyJWT PyJWKClientError
first joserfc InvalidKeyIdError
first Authlib valid
first jwcrypto valid
first python-jose valid
second PyJWT PyJWKClientError
second joserfc InvalidKeyIdError
second Authlib BadSignatureError
second jwcrypto valid
second python-jose valid
one jose valid
one jwks-rsa valid
first jose ERR_JWKS_MULTIPLE_MATCHING_KEYS
first jwks-rsa SigningKeyNotFoundError
second jose ERR_JWKS_MULTIPLE_MATCHING_KEYS
second jwks-rsa SigningKeyNotFoundError'
if [ "$found" != "$expected" ]; then
  echo "the behaviour has changed:"
  diff <(echo "$expected") <(echo "$found") || true
  exit 1
fi
echo "as stated:"
echo "$found"
