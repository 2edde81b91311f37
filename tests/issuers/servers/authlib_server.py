"""PyPI Authlib as a Flask application, as its documentation builds a provider: authorization codes with PKCE, ID tokens, and
access tokens of RFC 9068. Users, clients and codes live in memory. All that the documentation leaves to the application is
written as its examples write it: the key set, `iss`, and the user's claims."""

import sys
import time
from pathlib import Path

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from authlib.oidc.core import OpenIDCode, UserInfo
from flask import Flask, jsonify, request
from joserfc.jwk import KeySet, RSAKey

port, key, client_id, secret, redirect, AUDIENCE, hour = sys.argv[1:]
LIFE = {"expires_generator": lambda client, grant_type: 3600} if hour == "hour" else {}
ISSUER = f"http://127.0.0.1:{port}"
KEYS = KeySet([RSAKey.import_key(Path(key).read_text(), {"use": "sig"})])
KEYS.keys[0].ensure_kid()


class User:
    id, groups = "alice", ["scientists", "staff"]

    def get_user_id(self):
        return self.id


class Client(ClientMixin):
    def get_client_id(self):
        return client_id

    def get_default_redirect_uri(self):
        return redirect

    def get_allowed_scope(self, scope):
        return scope

    def check_redirect_uri(self, uri):
        return uri == redirect

    def check_client_secret(self, given):
        return given == secret

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "client_secret_basic"

    def check_response_type(self, response_type):
        return response_type == "code"

    def check_grant_type(self, grant_type):
        return grant_type == "authorization_code"


class Code:
    def __init__(self, payload, code):
        self.code, self.auth_time, self.data = code, int(time.time()), dict(payload.data)
        self.code_challenge = payload.data.get("code_challenge")
        self.code_challenge_method = payload.data.get("code_challenge_method")

    def get_redirect_uri(self):
        return self.data.get("redirect_uri")

    def get_scope(self):
        return self.data.get("scope")

    def get_nonce(self):
        return self.data.get("nonce")

    def get_auth_time(self):
        return self.auth_time

    def get_acr(self):
        return None

    def get_amr(self):
        return None


CODES = {}


class CodeGrant(grants.AuthorizationCodeGrant):
    def save_authorization_code(self, code, request):
        CODES[code] = Code(request.payload, code)

    def query_authorization_code(self, code, client):
        return CODES.get(code)

    def delete_authorization_code(self, authorization_code):
        CODES.pop(authorization_code.code, None)

    def authenticate_user(self, authorization_code):
        return User()


class IdTokens(OpenIDCode):
    def exists_nonce(self, nonce, request):
        return False

    def resolve_client_private_key(self, client):
        return KEYS

    def get_client_claims(self, client):
        return {"iss": ISSUER, "aud": [client.get_client_id()]}

    def generate_user_info(self, user, scope):
        return UserInfo(sub=user.id, groups=user.groups)


class AccessTokens(JWTBearerTokenGenerator):
    """Its defaults, and for the scope studio-open the audience and the groups of its page of ours."""

    def get_jwks(self):
        return KEYS

    def get_audiences(self, client, user, scope):
        return AUDIENCE if "studio-open" in scope else super().get_audiences(client, user, scope)

    def get_extra_claims(self, client, grant_type, user, scope):
        return {"groups": user.groups} if "studio-open" in scope else {}


application = Flask(__name__)
server = AuthorizationServer(application, query_client=lambda _: Client(), save_token=lambda *_: None)
server.register_grant(CodeGrant, [IdTokens(), CodeChallenge()])
server.register_token_generator("default", AccessTokens(issuer=ISSUER, **LIFE))


@application.get("/authorize")
def ask():
    return '<form method="post"><input name="username"></form>'


@application.post("/authorize")
def answer():
    grant = server.get_consent_grant(end_user=User())
    return server.create_authorization_response(grant_user=User(), grant=grant)


@application.post("/token")
def token():
    return server.create_token_response()


@application.get("/jwks")
def jwks():
    return jsonify(KEYS.as_dict(private=False))


@application.get("/.well-known/openid-configuration")
def discovery():
    return jsonify(
        issuer=ISSUER,
        authorization_endpoint=f"{ISSUER}/authorize",
        token_endpoint=f"{ISSUER}/token",
        jwks_uri=f"{ISSUER}/jwks",
    )


application.run("127.0.0.1", int(port))
