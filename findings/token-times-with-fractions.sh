#!/usr/bin/env bash
# A token whose `iat` or `nbf` has a fraction of a second and lies a quarter of a second in the past.
#
# Guess:    RFC 7519 2 allows fractions in a NumericDate, so the token is valid at once.
# Seen:     the clocks of joserfc, Authlib, jose and jsonwebtoken are cut to whole seconds and the claim is not. The token
#           "was issued in the future", or is not active yet, until the next second begins; PyJWT cuts both, and fast-jwt
#           neither.
# Versions: PyJWT 2.15.1, joserfc 1.8.0, Authlib 1.9.10 (PyPI); jose 6.2.18, jsonwebtoken 9.0.3, fast-jwt 6.3.6 (npm).
# Concerns: issuers that write time.time() into a token, and programs that use it at once: it fails now and then, for less
#           than a second, on well-kept clocks. A skew of a second hides it.
# Here:     crates/jwt rounds fractions against the bearer, who has the skew of 60 seconds for it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check PyJWT==2.15.1 joserfc==1.8.0 Authlib==1.9.10
npm install --silent --no-audit --no-fund --prefix . jose@6.2.18 jsonwebtoken@9.0.3 fast-jwt@6.3.6 > /dev/null

cat > ask.py <<'PYTHON'
import time, warnings
from datetime import datetime as real
from unittest import mock

import jwt
import jwt.api_jwt

warnings.simplefilter("ignore")
SECRET = "a secret of a test, of thirty-two bytes and more"
BEGINNING, NOW = 1_800_000_000.5, 1_800_000_000.75
CLAIMS = {"iat": {"iat": BEGINNING}, "nbf": {"nbf": BEGINNING}}


class Clock(real):
    @classmethod
    def now(cls, tz=None):
        return real.fromtimestamp(NOW, tz)


def pyjwt(token):
    jwt.decode(token, SECRET, algorithms=["HS256"])


def joserfc(token):
    from joserfc import jwt as library
    from joserfc.jwk import OctKey

    decoded = library.decode(token, OctKey.import_key(SECRET), algorithms=["HS256"])
    library.JWTClaimsRegistry().validate(decoded.claims)


def authlib(token):
    from authlib.jose import JsonWebToken

    JsonWebToken(["HS256"]).decode(token, SECRET).validate()


for claim, claims in CLAIMS.items():
    token = jwt.encode({**claims, "exp": 1_800_000_600}, SECRET, "HS256")
    open(claim, "w").write(token)
    for library in (pyjwt, joserfc, authlib):
        with mock.patch("time.time", lambda: NOW), mock.patch.object(jwt.api_jwt, "datetime", Clock):
            try:
                library(token)
                said = "valid"
            except Exception as error:
                said = type(error).__name__
        print(f"{claim} {library.__name__} {said}")
PYTHON
cat > ask.mjs <<'JAVASCRIPT'
import { readFileSync } from "node:fs";
import { jwtVerify } from "jose";
import jsonwebtoken from "jsonwebtoken";
import { createVerifier } from "fast-jwt";

const secret = "a secret of a test, of thirty-two bytes and more";
const now = 1_800_000_000_750;
Date.now = () => now;
const libraries = {
  jose: async (token) => jwtVerify(token, new TextEncoder().encode(secret), { currentDate: new Date(now) }),
  jsonwebtoken: async (token) => jsonwebtoken.verify(token, secret),
  "fast-jwt": async (token) => createVerifier({ key: secret })(token),
};
for (const claim of ["iat", "nbf"]) {
  for (const [name, verify] of Object.entries(libraries)) {
    const said = await verify(readFileSync(claim, "utf8")).then(() => "valid", (error) => error.constructor.name);
    console.log(`${claim} ${name} ${said}`);
  }
}
JAVASCRIPT

found=$(python/bin/python -W ignore ask.py 2> /dev/null && node ask.mjs)
expected='iat pyjwt valid
iat joserfc InvalidClaimError
iat authlib InvalidTokenError
nbf pyjwt valid
nbf joserfc InvalidClaimError
nbf authlib InvalidTokenError
iat jose valid
iat jsonwebtoken valid
iat fast-jwt valid
nbf jose JWTClaimValidationFailed
nbf jsonwebtoken NotBeforeError
nbf fast-jwt valid'
if [ "$found" != "$expected" ]; then
  echo "the behaviour has changed:"
  diff <(echo "$expected") <(echo "$found") || true
  exit 1
fi
echo "as stated: $(echo "$found" | grep -c ' valid$') take the token, $(echo "$found" | grep -vc ' valid$') do not yet"
