//! Causes of an issuer's keys that no token can be verified by: the file or the answer that stands in place of the key set.

use studio_acs_jwt::{KeySetError, OtherJson};
use studio_acs_refusal::FileKind;

use crate::report::cause::{Cause, causes};
use crate::token::KeysError;

causes! {
    EMPTY = "keys_empty", ["token_keys_unavailable"],
        "the file or the answer that should hold the key set is empty",
        "put the issuer's key set there again, the answer of its jwks_uri: a download or a copy failed";
    PAGE = "keys_are_a_page", ["token_keys_unavailable"],
        "an HTML page stands in place of the key set: the address leads to a login page, a portal or a proxy's error",
        "write the issuer's jwks_uri in STUDIO_ACS_TOKEN_JWKS, or keep its answer there, which begins with a brace";
    PEM = "keys_in_pem", ["token_keys_unavailable"],
        "a certificate or a public key stands in place of the key set, which is JSON",
        "put the issuer's key set (JWKS) there, the answer of its jwks_uri: certificates and PEM are not read";
    PRIVATE = "keys_with_a_private_key", ["token_keys_unavailable"],
        "a private key or a secret stands in place of public keys: whoever has read it can sign tokens for anybody",
        "remove it from there, let the issuer make new keys, and put only the public ones there, the answer of its jwks_uri";
    UTF16 = "keys_in_utf16", ["token_keys_unavailable"],
        "the key set is in UTF-16: an editor or a shell stored it so, as > does in Windows PowerShell",
        "store the file as UTF-8, or download it again by curl -o or Invoke-WebRequest -OutFile";
    PACKED = "keys_packed", ["token_keys_unavailable"],
        "a packed file, a document, or bytes of another encoding stand in place of the key set",
        "unpack it, and store the key set as it was downloaded: JSON in UTF-8";
    ADDRESS = "keys_are_an_address", ["token_keys_unavailable"],
        "the place holds the address of the key set and not the key set",
        "write that address in STUDIO_ACS_TOKEN_JWKS itself, or keep the answer of that address there";
    HEADERS = "keys_with_headers", ["token_keys_unavailable"],
        "the headers of an HTTP answer were stored with the key set",
        "download it again without them: curl without -i";
    OTHER_FILE = "keys_of_another_kind", ["token_keys_unavailable"],
        "a text of another kind than JSON stands in place of the key set, such as XML, base64, a token or an error",
        "put the issuer's key set there, the answer of its jwks_uri, which is JSON";
    EMPTY_OBJECT = "keys_absent", ["token_keys_unavailable"],
        "the JSON is an object without members",
        "put the issuer's key set there, the answer of its jwks_uri: it has the member keys";
    CONFIGURATION = "keys_are_the_configuration", ["token_keys_unavailable"],
        "the issuer's configuration (openid-configuration) stands in place of its key set",
        "put the answer of the member jwks_uri there; or write the URL of the configuration in STUDIO_ACS_TOKEN_JWKS, which is read, too";
    ONE_KEY = "keys_without_a_set", ["token_keys_unavailable"],
        "one key or a list of keys stands there without the set around it",
        "write the object around it: {\"keys\": [the key]}";
    NEAR_NAME = "keys_under_another_name", ["token_keys_unavailable"],
        "the object has its list of keys under another name than keys, in small letters",
        "put the issuer's key set there as it was downloaded, the answer of its jwks_uri; or name the list keys";
    CERTIFICATES = "keys_are_certificates", ["token_keys_unavailable"],
        "certificates by key ID stand in place of the key set, as Google and Firebase publish them for their own libraries",
        "take the issuer's JSON Web Keys: for Google https://www.googleapis.com/oauth2/v3/certs, for Firebase https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com";
    ERROR = "keys_are_an_error", ["token_keys_unavailable"],
        "a server's error stands in place of the key set: a wrong address, realm or tenant, or a gateway",
        "look into the file or the answer for the server's words, and compare STUDIO_ACS_TOKEN_JWKS with the member jwks_uri of the issuer's openid-configuration";
    TOKENS = "keys_are_tokens", ["token_keys_unavailable"],
        "the answer of a token endpoint stands in place of the key set",
        "put the answer of the issuer's jwks_uri there, and see that the tokens in the file go no further";
    REALM = "keys_are_the_realm", ["token_keys_unavailable"],
        "Keycloak's page of the realm stands in place of the key set",
        "take the key set of the realm: its address ends with /protocol/openid-connect/certs";
    OTHER_JSON = "keys_are_other_json", ["token_keys_unavailable"],
        "the JSON has no list of keys",
        "put the issuer's key set there as it was downloaded, the answer of its jwks_uri: an object with the list keys";
    DAMAGED = "keys_damaged", ["token_keys_unavailable"],
        "the JSON was cut or edited, or has a member twice",
        "download the key set again, and leave it as it is";
    LARGE = "keys_too_many", ["token_keys_unavailable"],
        "the key set is larger than the limits",
        "keep only the issuer's signing keys of today there";
    NO_KEYS = "keys_none", ["token_keys_unavailable"],
        "the key set is empty: the issuer has no keys yet or has taken them back, or the address is another realm's or tenant's",
        "create a signing key at the issuer, and compare STUDIO_ACS_TOKEN_JWKS with the member jwks_uri of the issuer's openid-configuration";
    NONE = "keys_unusable", ["token_keys_unavailable"],
        "no key of the set can verify tokens, for the reason that the line has for each",
        "let the issuer publish a key that the line finds nothing wrong with; if it signs by another algorithm, add that to STUDIO_ACS_TOKEN_ALGORITHMS";
    ANOTHER_ISSUER = "keys_of_another_issuer", ["token_keys_unavailable"],
        "the configuration that was read names another issuer than STUDIO_ACS_TOKEN_ISSUER",
        "make STUDIO_ACS_TOKEN_ISSUER and the member issuer of that document the same, to the last character; for AD FS write the URL of its keys";
    NO_CONFIGURATION = "keys_without_a_configuration", ["token_keys_unavailable"],
        "the document is no issuer's configuration, or its keys may not be read where it says",
        "write the URL of the issuer's keys in STUDIO_ACS_TOKEN_JWKS, of https";
    MOVED = "keys_behind_a_redirect", ["token_keys_unavailable"],
        "the address answers with a redirect, which is not followed: to a login page, or to the place where the keys are now",
        "write the issuer's jwks_uri itself in STUDIO_ACS_TOKEN_JWKS; if it leads to a login page, let the proxy or the portal let this address through";
    CLOSED = "keys_behind_a_sign_in", ["token_keys_unavailable"],
        "the host asks for credentials, or does not let this network or client in",
        "let the proxy or the gateway in front of the issuer let this address through without a sign-in: keys are public; or keep them in a parameter, as docs/api.md says";
    NOT_FOUND = "keys_not_found", ["token_keys_unavailable"],
        "nothing is at the address: another realm, tenant or path, or a host that serves something else",
        "compare the address with the member jwks_uri of the issuer's openid-configuration; for an issuer without that document write the URL of its keys";
    BUSY = "keys_host_fails", ["token_keys_unavailable"],
        "the issuer's host or its proxy answers with an error of its own, or that it is asked too often",
        "ask the issuer's operator, and wait: keys that were read before stay in force meanwhile; or keep them in a parameter, as docs/api.md says";
}

/// Returns the cause of keys that are unusable, or that a host does not give; `None` where no answer came.
pub fn keys_cause(error: &KeysError) -> Option<&'static Cause> {
    match error {
        KeysError::Unusable { error, .. } => Some(of_content(error)),
        KeysError::Answered { status, .. } => of_status(*status),
        KeysError::AnotherIssuer { .. } => Some(&ANOTHER_ISSUER),
        KeysError::NoConfiguration { .. } | KeysError::KeysInTheClear { .. } => Some(&NO_CONFIGURATION),
        _ => None,
    }
}

/// The cause of an answer with this status, another than one of success.
fn of_status(status: u16) -> Option<&'static Cause> {
    match status {
        300..=399 => Some(&MOVED),
        401 | 403 | 407 => Some(&CLOSED),
        404 | 410 => Some(&NOT_FOUND),
        429 | 500..=599 => Some(&BUSY),
        _ => None,
    }
}

fn of_content(error: &KeySetError) -> &'static Cause {
    match error {
        KeySetError::AnotherFile(kind) => of_file(kind),
        KeySetError::AnotherJson(json) => of_json(json),
        KeySetError::TooLarge => &LARGE,
        KeySetError::Private(_) => &PRIVATE,
        KeySetError::NoKey { listed: 0, .. } => &NO_KEYS,
        KeySetError::NoKey { .. } => &NONE,
        _ => &DAMAGED,
    }
}

fn of_file(kind: &FileKind) -> &'static Cause {
    match kind {
        FileKind::Empty => &EMPTY,
        FileKind::Html => &PAGE,
        FileKind::Pem(_) | FileKind::Der | FileKind::Base64OfDer => &PEM,
        FileKind::PrivateKey(_) => &PRIVATE,
        FileKind::Utf16 => &UTF16,
        FileKind::Zip | FileKind::Gzip | FileKind::Pdf | FileKind::NotUtf8 => &PACKED,
        FileKind::Url => &ADDRESS,
        FileKind::HttpAnswer => &HEADERS,
        _ => &OTHER_FILE,
    }
}

fn of_json(json: &OtherJson) -> &'static Cause {
    match json {
        OtherJson::Empty => &EMPTY_OBJECT,
        OtherJson::Configuration => &CONFIGURATION,
        OtherJson::OneKey | OtherJson::KeysOnly => &ONE_KEY,
        OtherJson::PrivateKey => &PRIVATE,
        OtherJson::NearName => &NEAR_NAME,
        OtherJson::Certificates => &CERTIFICATES,
        OtherJson::ErrorAnswer => &ERROR,
        OtherJson::Tokens => &TOKENS,
        OtherJson::Realm => &REALM,
        _ => &OTHER_JSON,
    }
}
