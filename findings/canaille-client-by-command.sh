#!/usr/bin/env bash
# An ID token for a client that `canaille create client` made, with nothing said of its audience and its algorithm.
#
# Guess:    `aud` is the client's ID (OpenID Connect Core 2: it "MUST contain the OAuth 2.0 client_id of the Relying Party"), and
#           the algorithm RS256 (Dynamic Client Registration 2: "The default, if omitted, is RS256", as canaille's own
#           documentation of the setting says).
# Seen:     `aud` is the empty array, and the algorithm RS512, the strongest of the key. A client that an administrator adds in
#           the web form gets both as guessed: the form sets them, and the command does not.
# Version:  canaille 0.3.6 (PyPI).
# Concerns: deployments that make their clients by a script. Each library of a relying party refuses such a token, by its
#           algorithm or by its audience, whichever it asks first.
# Here:     crates/jwt refuses it with `token_algorithm_forbidden`, and with RS512 allowed with `token_audience_mismatch`:
#           docs/issuer/canaille.md.
set -euo pipefail
folder=$(mktemp -d)
server=
trap '[[ -z $server ]] || kill "$server"; rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check 'canaille[front,oidc,server,sqlite]==0.3.6'
export PATH=$folder/python/bin:$PATH CANAILLE_CONFIG=$folder/canaille.toml
touch canaille.toml
port=$(python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
key=$(canaille jwk create rsa 2> /dev/null | python -c '
import json, sys
print(", ".join(f"{name} = {json.dumps(value)}" for name, value in json.load(sys.stdin).items()))')
cat > canaille.toml << TOML
SECRET_KEY = "a test"
[CANAILLE]
DATABASE = "sql"
[CANAILLE_SQL]
DATABASE_URI = "sqlite:///$folder/canaille.sqlite"
[CANAILLE_OIDC]
ACTIVE_JWKS = [{ $key }]
TOML
{
  canaille install
  canaille create user --user-name ana --family-name Ana --password "a long password"
  canaille create client --client-id portal --client-secret secret --client-name portal --grant-types authorization_code \
    --response-types code --redirect-uris https://portal.example/cb --scope openid --token-endpoint-auth-method client_secret_basic
} > log 2>&1
canaille run --bind "127.0.0.1:$port" >> log 2>&1 &
server=$!

cat > ask.py <<'PYTHON'
import base64
import json
import re
import sys
import time
import urllib.parse

import httpx

HERE, CALLBACK = f"http://127.0.0.1:{sys.argv[1]}", "https://portal.example/cb"
request = {"response_type": "code", "client_id": "portal", "redirect_uri": CALLBACK, "scope": "openid", "nonce": "n", "state": "s"}
filled = {"login": "ana", "password": "a long password", "answer": "accept"}
browser = httpx.Client(base_url=HERE, trust_env=False, timeout=30)
for _ in range(300):
    try:
        page = browser.get("/oauth/authorize", params=request)
        break
    except httpx.TransportError:
        time.sleep(0.1)
for _ in range(12):
    place = page.headers.get("location", "")
    if place.startswith(CALLBACK):
        break
    if place:
        page = browser.get(place)
        continue
    form = dict(re.findall(r'<(?:input|button)[^>]*name="(\w+)"[^>]*value="([^"]*)"', page.text))
    names = set(re.findall(r'name="(\w+)"', page.text))
    page = browser.post(str(page.url), data={**form, **{name: value for name, value in filled.items() if name in names}})
code = urllib.parse.parse_qs(urllib.parse.urlsplit(place).query)["code"][0]
grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
token = httpx.post(f"{HERE}/oauth/token", data=grant, auth=("portal", "secret"), trust_env=False).json()["id_token"]
header, claims = (json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in token.split(".")[:2])
print("alg", header["alg"])
print("aud", claims["aud"])
PYTHON

found=$(python ask.py "$port")
expected='alg RS512
aud []'
if [ "$found" != "$expected" ]; then
  echo "the behaviour has changed:"
  diff <(echo "$expected") <(echo "$found") || true
  exit 1
fi
echo "as stated:"
echo "$found"
