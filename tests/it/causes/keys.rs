//! Causes of an issuer's keys that no token can be verified by: the file that stands in place of the key set.

use fixtures::manifest;
use studio_acs::report::cause::keys_cause;
use studio_acs::token::KeysError;
use studio_acs::{Config, StartError, service};
use studio_acs_jwt::KeySetError;
use support::TestDir;

use super::assert_cause;

/// The bytes of the file that stands where the key set should.
enum Content {
    /// These bytes.
    Bytes(&'static [u8]),
    /// A file of fixtures.
    File(&'static str),
    /// These characters in UTF-16, with a mark.
    Utf16(&'static str),
}
use Content::{Bytes, File, Utf16};

const ROWS: &[(&str, Content)] = &[
    ("keys_empty", Bytes(b"")),
    ("keys_empty", Bytes(b"\xef\xbb\xbf\r\n")),
    ("keys_are_a_page", Bytes(b"<!DOCTYPE html>\n<html><head><title>Sign in to your account</title></head></html>")),
    ("keys_are_a_page", Bytes(b"<html>\r\n<head><title>502 Bad Gateway</title></head></html>")),
    ("keys_in_pem", File("keys/rsa-2048.crt.pem")),
    ("keys_in_pem", File("keys/rsa-2048.pub.pem")),
    ("keys_in_pem", Bytes(b"\x30\x82\x02\xcd\x30\x82\x01\xb5\xa0")),
    ("keys_in_pem", Bytes(b"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA")),
    ("keys_with_a_private_key", File("keys/rsa-2048.key.pem")),
    ("keys_with_a_private_key", Bytes(b"{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"d\":\"AQAB\"}")),
    ("keys_with_a_private_key", Bytes(b"{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"d\":\"AQAB\"}]}")),
    (
        "keys_with_a_private_key",
        Bytes(b"{\"type\":\"service_account\",\"private_key\":\"x\",\"private_key_id\":\"y\"}"),
    ),
    ("keys_with_a_private_key", Bytes(b"{\"keys\":[{\"kty\":\"oct\",\"k\":\"AQAB\"}]}")),
    ("keys_in_utf16", Utf16("{\"keys\":[]}")),
    ("keys_in_utf16", Bytes(b"{\0\"\0k\0")),
    ("keys_packed", Bytes(b"PK\x03\x04\x14\x00\xff")),
    ("keys_packed", Bytes(b"\x1f\x8b\x08\x00\xff")),
    ("keys_packed", Bytes(b"{\"keys\":[],\"name\":\"M\xfcller\"}")),
    ("keys_are_an_address", Bytes(b"https://idp.example.com/keys\n")),
    ("keys_with_headers", Bytes(b"HTTP/2 200\r\ncontent-type: application/json\r\n\r\n{\"keys\":[]}")),
    ("keys_of_another_kind", Bytes(b"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>")),
    ("keys_of_another_kind", File("metadata/identity-center.xml")),
    ("keys_of_another_kind", Bytes(b"eyJhbGciOiJSUzI1NiJ9.eyJrZXlzIjpbXX0.AAAA")),
    ("keys_of_another_kind", Bytes(b"Unauthorized")),
    ("keys_of_another_kind", Bytes(b"// the keys of production\n{\"keys\":[]}")),
    ("keys_absent", Bytes(b"{}")),
    ("keys_are_the_configuration", Bytes(b"{\"issuer\":\"https://a\",\"jwks_uri\":\"https://a/keys\"}")),
    ("keys_without_a_set", Bytes(b"{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"AQAB\",\"e\":\"AQAB\"}")),
    ("keys_without_a_set", Bytes(b"[{\"kty\":\"RSA\",\"kid\":\"a\"}]")),
    ("keys_under_another_name", Bytes(b"{\"Keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}")),
    ("keys_under_another_name", Bytes(b"{\"jwks\":{\"keys\":[]}}")),
    ("keys_none", Bytes(b"\xef\xbb\xbf{\"keys\":[]}")),
    ("keys_are_certificates", Bytes(b"{\"a1\":\"-----BEGIN CERTIFICATE-----\\nMIIC\\n-----END CERTIFICATE-----\\n\"}")),
    ("keys_are_an_error", Bytes(b"{\"error\":\"invalid_tenant\",\"error_description\":\"AADSTS90002: not found\"}")),
    ("keys_are_an_error", Bytes(b"{\"error\":\"Realm does not exist\"}")),
    ("keys_are_an_error", Bytes(b"{\"message\":\"Forbidden\"}")),
    ("keys_are_an_error", Bytes(b"{\"timestamp\":\"2026-01-15\",\"status\":404,\"error\":\"Not Found\"}")),
    ("keys_are_tokens", Bytes(b"{\"access_token\":\"x\",\"token_type\":\"Bearer\",\"expires_in\":300}")),
    ("keys_are_the_realm", Bytes(b"{\"realm\":\"corp\",\"public_key\":\"MIIB\",\"tokens-not-before\":0}")),
    ("keys_are_other_json", Bytes(b"{\"keys\":null}")),
    ("keys_are_other_json", Bytes(b"{\"keys\":{\"a\":{\"kty\":\"RSA\"}}}")),
    ("keys_are_other_json", Bytes(b"{\"name\":\"studio-acs\",\"version\":\"1\"}")),
    ("keys_are_other_json", Bytes(b"[]")),
    ("keys_damaged", Bytes(b"{\"keys\":[{\"kty\":\"RSA\",")),
    ("keys_damaged", Bytes(b"{\"keys\":[],\"keys\":[]}")),
    ("keys_damaged", Bytes(b"{'keys': []}")),
    ("keys_none", Bytes(b"{\"keys\":[]}")),
    ("keys_unusable", Bytes(b"{\"keys\":[{\"kty\":\"RSA\",\"use\":\"enc\"}]}")),
];

/// Those that a file does not show.
const ELSEWHERE: &[&str] = &["keys_too_many", "keys_of_another_issuer", "keys_without_a_configuration"];

pub(super) fn tried() -> impl Iterator<Item = &'static str> {
    ROWS.iter()
        .map(|(cause, _)| *cause)
        .chain(ELSEWHERE.iter().copied())
        .chain(STATUSES.iter().map(|(_, cause)| *cause))
}

async fn error(keys: &str) -> KeysError {
    let settings = [
        ("metadata", "unused"),
        ("audience", "urn:studio"),
        ("acs-url", "https://studio.corp.example/saml"),
        ("ledger", "unused"),
        ("names", "shared"),
        ("token-issuer", "https://issuer.example"),
        ("token-jwks", keys),
        ("token-audience", "portal"),
    ];
    let find = |name: &str| settings.iter().find(|(other, _)| *other == name);
    let config = Config::read(|setting| find(setting.name).map(|(_, value)| (*value).to_owned())).expect("settings");
    match service::token_keys(&config, &config.token_issuers[0]).await {
        Err(StartError::TokenKeys(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_file_leads_to_its_cause() {
    let mut wrong = Vec::new();
    for (name, content) in ROWS {
        let bytes = match content {
            Bytes(bytes) => bytes.to_vec(),
            File(file) => manifest::read(file),
            Utf16(text) => "\u{FEFF}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
        };
        let directory = TestDir::with("jwks.json", "");
        let file = format!("{}/jwks.json", directory.path());
        std::fs::write(&file, &bytes).expect("a file");
        let error = error(&file).await;
        let said = error.to_string();
        assert!(!said.contains("expected value at line 1") && !said.contains("EOF while parsing a value"), "{said}");
        let shown = said.replace(&file, "");
        let secret = String::from_utf8_lossy(&bytes);
        let secret = secret.lines().filter(|line| line.len() == 64);
        assert!(secret.clone().all(|line| !shown.contains(line)), "a line of the file is shown: {shown}");
        wrong.extend(assert_cause(name, keys_cause(&error), "token_keys_unavailable", &said).err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn causes_that_no_file_shows() {
    let (place, found) = (String::new, String::new());
    for (name, error) in [
        ("keys_too_many", KeysError::Unusable { place: place(), error: KeySetError::TooLarge }),
        ("keys_of_another_issuer", KeysError::AnotherIssuer { place: place(), expected: place(), found: place() }),
        ("keys_without_a_configuration", KeysError::NoConfiguration { place: place(), reason: place() }),
        ("keys_without_a_configuration", KeysError::KeysInTheClear { place: place(), found }),
    ] {
        assert_cause(name, keys_cause(&error), "token_keys_unavailable", name).expect("its cause");
    }
    assert_eq!(keys_cause(&KeysError::Unreadable { place: place(), reason: place() }), None);
}

/// Statuses of a key set's host.
const STATUSES: &[(u16, &str)] = &[
    (301, "keys_behind_a_redirect"),
    (302, "keys_behind_a_redirect"),
    (308, "keys_behind_a_redirect"),
    (401, "keys_behind_a_sign_in"),
    (403, "keys_behind_a_sign_in"),
    (407, "keys_behind_a_sign_in"),
    (404, "keys_not_found"),
    (410, "keys_not_found"),
    (429, "keys_host_fails"),
    (500, "keys_host_fails"),
    (503, "keys_host_fails"),
    (599, "keys_host_fails"),
];

/// The network's fix helps only where no answer came.
#[test]
fn each_status_of_a_key_sets_host_leads_to_its_cause() {
    for (status, name) in STATUSES {
        let status = *status;
        let error = KeysError::Answered { place: "https://idp.example/keys".to_owned(), status };
        assert_eq!(error.to_string(), format!("https://idp.example/keys: status {status}"));
        assert_cause(name, keys_cause(&error), "token_keys_unavailable", name).expect("its cause");
    }
    assert_eq!(keys_cause(&KeysError::Answered { place: String::new(), status: 418 }), None);
}
