"""LemonLDAP::NG's portal, Debian's package with its own configuration and demonstration users: an issuer of tokens and a SAML
identity provider at once."""

import json
import subprocess

import install
from browser import Browser, code_flow
from place import AUDIENCE, CLIENT, REDIRECT, SECRET, token
from providers import response

USER = {"user": "dwho", "password": "dwho", "confirm": "1"}


def lemonldap_ng(place):
    """Both protocols by default, and then tokens with a key ID, groups, and as JWTs, and a SAML key
    without a certificate."""
    root = install.debian()
    for name in ("conf", "sessions/lock", "psessions/lock", "cache", "notifications"):
        (place.folder / name).mkdir(parents=True)
    # The portal loads its captcha even where no page has one, and the module draws with ImageMagick.
    place.write("perl/GD/SecurityImage.pm", "package GD::SecurityImage;\n1;\n")
    _configure(place, root)
    place.write(
        "lemonldap-ng.ini",
        f"""[all]
logLevel = warn
checkTime = 1
[configuration]
type = File
dirName = {place.folder}/conf
localStorage = Cache::FileCache
localStorageOptions = {{ 'namespace' => 'c', 'default_expires_in' => 1, 'cache_root' => '{place.folder}/cache', 'cache_depth' => 3 }}
[portal]
templateDir = {root}/usr/share/lemonldap-ng/portal/templates
languages = en
""",
    )
    libraries = install.debian_libraries()
    environment = {
        "LD_LIBRARY_PATH": libraries["LD_LIBRARY_PATH"],
        "PERL5LIB": f"{place.folder}/perl:{libraries['PERL5LIB']}",
        "LLNG_DEFAULTCONFFILE": str(place.folder / "lemonldap-ng.ini"),
    }
    portal = root / "usr/share/lemonldap-ng/portal/htdocs/index.psgi"
    plackup = ["perl", root / "usr/bin/plackup", "-s", "HTTP::Server::PSGI", "-E", "deployment"]
    server = [*plackup, "--host", "127.0.0.1", "--port", place.port, portal]
    place.start(server, environment, ready="/.well-known/openid-configuration")

    said, given = code_flow(place.url, CLIENT, SECRET, REDIRECT, "openid profile email", USER)
    metadata = Browser().ask(f"{place.url}/saml/metadata").text
    sign_in = f"{place.url}/saml/singleSignOn?IDPInitiated=1&spConfKey=studio"
    captures = {
        "ID token": token(given["id_token"], said, CLIENT),
        "access token": token(given["access_token"], said, CLIENT),
        "response": response(place, metadata, sign_in, USER),
    }
    place.stop()
    _configure(place, root, kid="first", is_second=True)
    place.start(server, environment, ready="/.well-known/openid-configuration")
    said, given = code_flow(place.url, CLIENT, SECRET, REDIRECT, "openid studio", USER)
    captures["ID token with a key ID"] = token(given["id_token"], said, CLIENT)
    metadata = Browser().ask(f"{place.url}/saml/metadata").text
    captures["response of a key without a certificate"] = response(place, metadata, sign_in, USER)
    captures["access token as a JWT"] = token(given["access_token"], said, CLIENT)
    return captures


def _configure(place, root, kid="", is_second=False):
    packaged = (root / "var/lib/lemonldap-ng/conf/lmConf-1.json").read_text()
    conf = json.loads(packaged.replace("/var/lib/lemonldap-ng", str(place.folder)))
    key, certificate = place.key.read_text(), place.certificate.read_text()
    public = subprocess.run(["openssl", "pkey", "-pubout"], input=key, text=True, capture_output=True, check=True).stdout
    relying = "oidcRPMetaDataOptions"
    conf.update(
        portal=f"{place.url}/",
        domain="127.0.0.1",
        locationRules={f"127.0.0.1:{place.port}": {"default": "accept"}},
        # Pages that send mail need further packages.
        registerDB="Null",
        portalDisplayResetPassword=0,
        portalDisplayCertificateResetByMail=0,
        issuerDBOpenIDConnectActivation=1,
        oidcServicePrivateKeySig=key,
        oidcServicePublicKeySig=public,
        oidcServiceKeyIdSig=kid,
        oidcServiceMetaDataIssuer=f"{place.url}/",
        oidcRPMetaDataExportedVars={"portal": {"email": "mail", "name": "cn", **({"groups": "groups"} if is_second else {})}},
        oidcRPMetaDataOptionsExtraClaims={"portal": {"studio": "groups"} if is_second else {}},
        oidcRPMetaDataOptions={
            "portal": {
                f"{relying}ClientID": CLIENT,
                f"{relying}ClientSecret": SECRET,
                f"{relying}RedirectUris": REDIRECT,
                f"{relying}IDTokenSignAlg": "RS256",
                f"{relying}IDTokenForceClaims": int(is_second),
                f"{relying}AccessTokenJWT": int(is_second),
                f"{relying}AccessTokenClaims": int(is_second),
                f"{relying}AccessTokenSignAlg": "RS256",
            }
        },
        issuerDBSAMLActivation=1,
        samlServicePrivateKeySig=key,
        samlServicePublicKeySig=public if is_second else certificate,
        samlSPMetaDataXML={"studio": {"samlSPMetaDataXML": place.sp_metadata().read_text()}},
        samlSPMetaDataExportedAttributes={"studio": {"uid": "1;username;;", "groups": "0;groups;;"}},
        samlSPMetaDataOptions={"studio": {"samlSPMetaDataOptionsEnableIDPInitiatedURL": 1}},
    )
    place.write("conf/lmConf-1.json", json.dumps(conf))
