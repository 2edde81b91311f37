#!/usr/bin/env bash
# Two user pools of Amazon Cognito as moto stands in for them, and the keys that each publishes.
#
# Guess:    each pool signs with keys of its own, as Cognito's do, so a token of one pool does not verify under the key set
#           of the other, and a test against moto shows it.
# Seen:     one key pair, whose kid is "dummy", ships with the package and serves every pool: the two key sets are equal, and
#           the token of one verifies under the keys of the other.
# Version:  moto 5.2.5 with PyJWT 2.15.1 (PyPI).
# Concerns: tests that take moto for Cognito: that a token of another pool is refused, or that new keys are asked for, shows
#           nothing of signatures there. What refuses the token is its issuer.
# Here:     crates/jwt compares `iss` too (`issuer/other-pool`); signatures and new keys are tried with fixtures/tokens
#           and a key server of the tests' own, and not with moto alone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check 'moto[cognitoidp,server]==5.2.5' PyJWT==2.15.1

cat > ask.py <<'PYTHON'
import json, urllib.request

import boto3
import jwt
from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
cognito = boto3.client(
    "cognito-idp",
    endpoint_url=f"http://{host}:{port}",
    region_name="eu-central-1",
    aws_access_key_id="test",
    aws_secret_access_key="test",
)
PASSWORD = "Not-a-password-1"


def pool(name):
    """A pool's keys, and the ID token of a user of it."""
    pool = cognito.create_user_pool(PoolName=name)["UserPool"]["Id"]
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    client = cognito.create_user_pool_client(UserPoolId=pool, ClientName="client", ExplicitAuthFlows=flows)
    client = client["UserPoolClient"]["ClientId"]
    cognito.admin_create_user(UserPoolId=pool, Username="ana", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username="ana", Password=PASSWORD, Permanent=True)
    answer = cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=client,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ana", "PASSWORD": PASSWORD},
    )
    with urllib.request.urlopen(f"http://{host}:{port}/{pool}/.well-known/jwks.json") as keys:
        return json.load(keys), answer["AuthenticationResult"]["IdToken"]


(one, token), (other, _) = pool("one"), pool("other")
print("kids", [key["kid"] for key in one["keys"]])
print("key sets", "equal" if one == other else "different")
key = jwt.PyJWKSet.from_dict(other)[jwt.get_unverified_header(token)["kid"]]
claims = jwt.decode(token, key, algorithms=["RS256"], options={"verify_aud": False, "verify_iat": False})
print("token of one under the keys of the other: verifies" if claims else "")
server.stop()
PYTHON

found=$(python/bin/python -W ignore ask.py 2> errors) || { cat errors; exit 1; }
expected="kids ['dummy']
key sets equal
token of one under the keys of the other: verifies"
if [ "$found" != "$expected" ]; then
  echo "the behaviour has changed:"
  diff <(echo "$expected") <(echo "$found") || true
  exit 1
fi
echo "as stated:"
echo "$found"
