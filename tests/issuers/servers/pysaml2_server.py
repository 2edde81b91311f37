"""PyPI pysaml2 as an identity provider that begins sign-ins itself: /default with its defaults, and further paths with the
settings that its page of ours names."""

import base64
import http.server
import sys
from pathlib import Path

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, config, server
from saml2.metadata import entity_descriptor
from saml2.saml import NAMEID_FORMAT_PERSISTENT, NameID
from saml2.xmldsig import DIGEST_SHA256, SIG_RSA_SHA256

port, key, cert, sp_metadata, audience, acs, xmlsec1 = sys.argv[1:]
ENTITY = "urn:example:pysaml2"
USER = {"uid": ["alice"], "mail": ["alice@corp.example"], "eduPersonAffiliation": ["scientists", "staff"]}
ALGORITHMS = {"signing_algorithm": SIG_RSA_SHA256, "digest_algorithm": DIGEST_SHA256}
SETTINGS = {
    "default": {},
    "assertion": {"sign_assertion": True},
    "general": {"sign_assertion": True},
    "sha256": {"sign_assertion": True, **ALGORITHMS},
    "both": {"sign_assertion": True, "sign_response": True, **ALGORITHMS},
}


def provider(name):
    settings = {
        "endpoints": {"single_sign_on_service": [(f"http://127.0.0.1:{port}/sso", BINDING_HTTP_REDIRECT)]},
        "policy": {"default": {"lifetime": {"minutes": 15}}},
        **SETTINGS[name],
    }
    return config.IdPConfig().load(
        {
            "entityid": ENTITY,
            "service": {"idp": settings},
            "key_file": key,
            "cert_file": cert,
            "metadata": {"local": [sp_metadata]},
            "xmlsec_binary": xmlsec1,
            **(ALGORITHMS if name == "general" else {}),
        }
    )


def response(name):
    idp = server.Server(config=provider(name))
    return str(
        idp.create_authn_response(
            USER,
            in_response_to=None,
            destination=acs,
            sp_entity_id=audience,
            name_id=NameID(format=NAMEID_FORMAT_PERSISTENT, text="alice"),
            authn={"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport", "authn_auth": ENTITY},
        )
    )


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        try:
            if self.path == "/metadata":
                text = str(entity_descriptor(provider("default")))
            else:
                value = base64.b64encode(response(self.path[1:]).encode()).decode()
                text = f'<form method="post" action="{acs}"><input type="hidden" name="SAMLResponse" value="{value}"></form>'
            self.send_response(200)
        except Exception as error:
            text = f"{type(error).__name__}: {error}"
            self.send_response(500)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
