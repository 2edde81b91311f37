"""Token issuers: each function starts one, signs a user in at it, and returns the tokens that the application gets."""

import json
import re

import install
from browser import Browser, code_flow, fill_with
from place import AUDIENCE, CLIENT, REDIRECT, SECRET, token

SERVERS = install.HERE / "servers"


def oidc_provider(place):
    scope = "studio-open"
    server = ["node", "oidc-provider.mjs", place.port, CLIENT, SECRET, REDIRECT, AUDIENCE, scope]
    place.start(server, cwd=install.npm(), ready="/jwks")
    known = {"login": "alice", "password": "any"}
    said, given = code_flow(place.url, CLIENT, SECRET, REDIRECT, "openid", known)
    _, scoped = code_flow(place.url, CLIENT, SECRET, REDIRECT, f"openid {scope}", known, resource=AUDIENCE)
    _, bare = code_flow(place.url, CLIENT, SECRET, REDIRECT, "openid", known, resource=AUDIENCE)
    _, once = code_flow(place.url, CLIENT, SECRET, REDIRECT, f"openid {scope}", known, resource=AUDIENCE, is_repeated=False)
    return {
        "ID token": token(given["id_token"], said, CLIENT),
        "access token": token(given["access_token"], said, CLIENT),
        "access token for a resource, with a scope": token(scoped["access_token"], said, AUDIENCE),
        "access token for a resource, without one": token(bare["access_token"], said, AUDIENCE),
        "access token for a resource that is asked for once": token(once["access_token"], said, AUDIENCE),
    }


def oauth2_mock_server(place):
    place.start(["node", "oauth2-mock-server.mjs", place.port], cwd=install.npm(), ready="/jwks")
    said, given = code_flow(place.url, CLIENT, SECRET, REDIRECT, "openid", {})
    return {
        "ID token": token(given["id_token"], said, CLIENT),
        "access token": token(given["access_token"], said, CLIENT),
    }


def django_oauth_toolkit(place):
    """Its defaults, and then a validator that names the user and their groups. Both have one key."""
    server = [install.python(), SERVERS / "django_server.py", place.port, place.key, CLIENT, SECRET, REDIRECT]
    known = {"username": "alice", "password": "secret", "allow": "Authorize"}
    captures = {}
    for claims, name in (("default", "ID token"), ("own", "ID token with claims of its own")):
        place.stop()
        place.start([*server, claims], ready="/o/.well-known/openid-configuration")
        said, given = code_flow(f"{place.url}/o", CLIENT, SECRET, REDIRECT, "openid", known)
        captures[name] = token(given["id_token"], said, CLIENT)
        captures["access token"] = token(given["access_token"], said, CLIENT)
    return captures


def authlib(place):
    """Its defaults, and then access tokens for our audience that live an hour."""
    server = [install.python(), SERVERS / "authlib_server.py", place.port, place.key, CLIENT, SECRET, REDIRECT, AUDIENCE]
    # Authlib refuses to issue over http unless it is told that this is a test.
    environment, known = {"AUTHLIB_INSECURE_TRANSPORT": "1"}, {"username": "alice"}
    place.start([*server, "default"], environment, ready="/jwks")
    said, given = code_flow(place.url, CLIENT, SECRET, REDIRECT, "openid profile", known)
    place.stop()
    place.start([*server, "hour"], environment, ready="/jwks")
    _, ours = code_flow(place.url, CLIENT, SECRET, REDIRECT, "openid studio-open", known)
    return {
        "ID token": token(given["id_token"], said, CLIENT),
        "access token": token(given["access_token"], said, CLIENT),
        "access token for our audience": token(ours["access_token"], said, AUDIENCE),
    }


def canaille(place):
    """A client of the web form, one of the command line, and one of the command line with all that the form sets, and groups."""
    command = [install.python().parent / "canaille"]
    environment = {"CANAILLE_CONFIG": str(place.folder / "canaille.toml")}
    place.write("canaille.toml", "")
    key = json.loads(place.run([*command, "jwk", "create", "rsa"], environment))
    inline = ", ".join(f"{name} = {json.dumps(value)}" for name, value in key.items())
    place.write(
        "canaille.toml",
        f'SECRET_KEY = "of this run"\n[CANAILLE]\nDATABASE = "sql"\n'
        f'[CANAILLE.ACL.DEFAULT]\nPERMISSIONS = ["edit_self", "use_oidc"]\n'
        f'[CANAILLE.ACL.ADMIN]\nFILTER = {{ groups = "admins" }}\nPERMISSIONS = ["manage_oidc"]\n'
        f'[CANAILLE_SQL]\nDATABASE_URI = "sqlite:///{place.folder}/canaille.sqlite"\n'
        f"[CANAILLE_OIDC]\nACTIVE_JWKS = [{{ {inline} }}]\n",
    )
    password = "a long password of this run"
    place.run([*command, "install"], environment)
    for user in ("alice", "root"):
        place.run([*command, "create", "user", "--user-name", user, "--password", password, "--family-name", user], environment)
    place.run([*command, "create", "group", "--display-name", "scientists", "--members", "alice"], environment)
    place.run([*command, "create", "group", "--display-name", "admins", "--members", "root"], environment)
    client = ["--client-secret", SECRET, "--client-name", "by command", "--redirect-uris", REDIRECT, "--response-types", "code"]
    client += ["--grant-types", "authorization_code", "--token-endpoint-auth-method", "client_secret_basic", "--scope", "openid"]
    place.run([*command, "create", "client", "--client-id", CLIENT, *client], environment)
    whole = ["--scope", "groups", "--id-token-signed-response-alg", "RS256"]
    place.run([*command, "create", "client", "--client-id", f"{CLIENT}-whole", *client, *whole], environment)
    place.run([*command, "set", "client", f"{CLIENT}-whole", "--audience", f"{CLIENT}-whole"], environment)
    place.start([*command, "run", "--bind", f"127.0.0.1:{place.port}"], environment, ready="/oauth/jwks.json")

    form_id, form_secret = _canaille_form(place, {"login": "root", "password": password})
    known = {"login": "alice", "password": password, "answer": "accept"}
    said, given = code_flow(place.url, form_id, form_secret, REDIRECT, "openid profile email", known)
    _, other = code_flow(place.url, CLIENT, SECRET, REDIRECT, "openid", known)
    _, whole = code_flow(place.url, f"{CLIENT}-whole", SECRET, REDIRECT, "openid groups", known)
    return {
        "ID token": token(given["id_token"], said, form_id),
        "access token": token(given["access_token"], said, form_id),
        "ID token of a client by command": token(other["id_token"], said, CLIENT),
        "ID token of a client by command, with groups": token(whole["id_token"], said, f"{CLIENT}-whole"),
    }


def _canaille_form(place, known):
    """The ID and the secret of a client that an administrator adds in the web form."""
    browser = Browser()
    page = place.url + "/admin/client/add"
    # The administrator signs in where the page sends them.
    browser.walk(place.url + "/login", lambda url, _: "/profile/" in url, fill_with(known))
    form = next(form for form in browser.ask(page).forms() if "client_name" in form.fields)
    filled = {**form.fields, "client_name": "portal", "contacts-0": "root@corp.example", "redirect_uris-0": REDIRECT}
    filled = {name: value for name, value in filled.items() if value and name != "client_uri"}
    made = browser.ask(page, form={**filled, "client_uri": "https://portal.corp.example"})
    shown = browser.ask(place.url + made.headers["Location"]) if made.status in (302, 303) else made
    fields = {name: re.search(f'value="([^"]+)"[^>]*id="client-{name}"', shown.text) for name in ("id", "secret")}
    if not all(fields.values()):
        raise RuntimeError(f"no client: {made.status} {re.sub('<[^>]*>', ' ', shown.text)[:1500]}")
    return fields["id"][1], fields["secret"][1]
