"""SAML identity providers: each function starts one, signs a user in at it, and returns the responses that it posts."""

import hashlib
import shutil

import install
from browser import Browser, saml_response
from place import ACS, AUDIENCE, Capture

SERVERS = install.HERE / "servers"


def response(place, metadata, url, known):
    text, _ = saml_response(url, known)
    # One file for each, since the metadata may change with the settings.
    kept = place.write(f"metadata-{hashlib.sha256(metadata.encode()).hexdigest()}.xml", metadata)
    return Capture(text, False, {"metadata": kept, "audience": AUDIENCE, "acs-url": ACS})


def _paths(place, metadata, names):
    text = Browser().ask(place.url + metadata).text
    return {name: response(place, text, f"{place.url}/{name}", {}) for name in names}


def samlp(place):
    server = ["node", "samlp.cjs", place.port, place.key, place.certificate, AUDIENCE, ACS]
    place.start(server, cwd=install.npm())
    metadata = "/metadata/FederationMetadata/2007-06/FederationMetadata.xml"
    return _paths(place, metadata, ["default", "destination", "ours", "both"])


def samlify(place):
    server = ["node", "samlify.cjs", place.port, place.key, place.certificate, place.sp_metadata(), AUDIENCE, ACS]
    place.start(server, cwd=install.npm(), ready="/metadata")
    return _paths(place, "/metadata", ["default", "request", "own", "bare", "both"])


def pysaml2(place):
    xmlsec1 = shutil.which("xmlsec1")
    if not xmlsec1:
        raise install.Missing("xmlsec1 is not installed; pysaml2 signs with it")
    server = [install.python(), SERVERS / "pysaml2_server.py"]
    place.start([*server, place.port, place.key, place.certificate, place.sp_metadata(), AUDIENCE, ACS, xmlsec1], ready="/metadata")
    return _paths(place, "/metadata", ["default", "assertion", "general", "sha256", "both"])


def simplesamlphp(place):
    """Debian's package with its own configuration, one user, and our entity. PHP's server runs it as its settings of production do."""
    root = install.debian()
    shutil.copy(place.key, place.write("cert/server.pem", ""))
    shutil.copy(place.certificate, place.write("cert/server.crt", ""))
    for name in ("log", "data", "tmp", "sessions"):
        (place.folder / name).mkdir()
    packaged = (root / "etc/simplesamlphp/config.php").read_text()
    secrets = "require_once('/var/lib/simplesamlphp/secrets.inc.php');"
    if secrets not in packaged:
        raise RuntimeError("the package's configuration has changed")
    place.write("config/debian.php", packaged.replace(secrets, ""))
    shutil.copytree(root / "etc/simplesamlphp/attributemap", place.folder / "attributemap")
    place.write(
        "config/config.php",
        f"""<?php
require __DIR__ . '/debian.php';
$here = '{place.folder}';
$config = array_merge($config, [
    'baseurlpath' => '{place.url}/', 'certdir' => "$here/cert/", 'loggingdir' => "$here/log/", 'datadir' => "$here/data/",
    'tempdir' => "$here/tmp", 'attributenamemapdir' => "$here/attributemap/", 'session.phpsession.savepath' => "$here/sessions",
    'metadatadir' => "$here/metadata/", 'metadata.sources' => [['type' => 'flatfile', 'directory' => "$here/metadata/"]],
    'secretsalt' => bin2hex(random_bytes(16)), 'auth.adminpassword' => bin2hex(random_bytes(16)), 'timezone' => 'UTC',
    'session.cookie.secure' => false, 'logging.handler' => 'file', 'statistics.out' => [], 'admin.checkforupdates' => false,
    'enable.saml20-idp' => true, 'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
]);
""",
    )
    place.write(
        "config/authsources.php",
        """<?php
$config = ['admin' => ['core:AdminPassword'], 'example-userpass' => ['exampleauth:UserPass', 'alice:secret' => [
    'uid' => ['alice'], 'mail' => ['alice@corp.example'], 'eduPersonAffiliation' => ['scientists', 'staff'],
]]];
""",
    )
    place.write(
        "metadata/saml20-idp-hosted.php",
        """<?php
$metadata['urn:example:simplesamlphp'] = [
    'host' => '__DEFAULT__', 'privatekey' => 'server.pem', 'certificate' => 'server.crt', 'auth' => 'example-userpass',
];
""",
    )
    # The settings stand at our entity. A file that PHP reads again with each request.
    settings = {
        "default": "",
        "sha1": "'signature.algorithm' => 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',",
        "encrypted": f"'assertion.encryption' => true, 'certificate' => '{place.certificate}',",
        "names": "'authproc' => [50 => ['class' => 'core:AttributeMap', 'uid' => 'username', 'eduPersonAffiliation' => 'groups']],",
        "assertion": "'saml20.sign.response' => false,",
    }
    remote = "<?php\n$metadata['{}'] = ['AssertionConsumerService' => '{}', {}];\n"
    place.write("metadata/saml20-sp-remote.php", remote.format(AUDIENCE, ACS, ""))
    extensions = "ctype dom fileinfo iconv mbstring posix simplexml tokenizer xml xmlreader xmlwriter".split()
    php = [root / "usr/bin/php8.2", "-n", "-d", "display_errors=0", "-d", "output_buffering=4096"]
    php += ["-d", f"extension_dir={next((root / 'usr/lib/php').glob('20*'))}"]
    for extension in extensions:
        php += ["-d", f"extension={extension}"]
    environment = {**install.debian_libraries(), "SIMPLESAMLPHP_CONFIG_DIR": str(place.folder / "config")}
    place.start([*php, "-S", f"127.0.0.1:{place.port}", "-t", root / "usr/share/simplesamlphp/www"], environment)
    metadata = Browser().ask(f"{place.url}/saml2/idp/metadata.php").text
    sign_in = f"{place.url}/saml2/idp/SSOService.php?spentityid={AUDIENCE}"
    captures = {}
    for name, more in settings.items():
        place.write("metadata/saml20-sp-remote.php", remote.format(AUDIENCE, ACS, more))
        captures[name] = response(place, metadata, sign_in, {"username": "alice", "password": "secret"})
    return captures
