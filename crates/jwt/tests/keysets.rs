//! Every key set of the manifest: the keys that tokens can be verified by, or why it is refused.

#![allow(missing_docs, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use fixtures::tokens::{self, KeySetRow};
use studio_acs_jwt::{Algorithm, AllowedAlgorithms, KeySet, KeySetDocument, KeySetError};

#[test]
fn every_key_set_has_its_outcome() {
    let rows = tokens::key_sets();
    let names: BTreeSet<_> = rows.iter().map(|row| &row.name).collect();
    assert_eq!(names.len(), rows.len(), "a name is used twice");
    assert!(rows.len() >= 90, "the manifest is whole");
    let codes: BTreeSet<_> = rows.iter().map(|row| &*row.code).collect();
    assert_eq!(codes, BTreeSet::from(["accepted", "malformed", "no_key", "private", "too_large"]));
    let wrong: Vec<_> = rows.iter().filter_map(differs).collect();
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn no_message_shows_a_private_key() {
    for row in tokens::key_sets().iter().filter(|row| row.code == "private") {
        let text = tokens::key_set(row);
        let error = KeySet::parse(&text, &AllowedAlgorithms::default()).expect_err("private");
        let said = format!("{error} {error:?}");
        for value in text.split('"').filter(|value| value.len() > 100) {
            assert!(!said.contains(value), "{}: {said}", row.name);
        }
    }
}

/// Each file of the field that stands where a key set should is named by its kind, and nothing of a secret in it is shown.
#[test]
fn a_file_that_is_no_key_set_is_named() {
    for (text, words) in [
        ("", "an empty file"),
        ("\u{FEFF}", "an empty file"),
        ("<!DOCTYPE html><title>Sign in</title>", "an HTML page"),
        ("<md:EntityDescriptor/>", "it is XML"),
        ("-----BEGIN CERTIFICATE-----\nMIIC", "a PEM file (CERTIFICATE)"),
        ("-----BEGIN PUBLIC KEY-----\nMIIC", "a PEM file (PUBLIC KEY)"),
        ("-----BEGIN PRIVATE KEY-----\nSECRET", "a private key (PRIVATE KEY)"),
        ("-----BEGIN CERTIFICATE-----\nMIIC\n-----BEGIN RSA PRIVATE KEY-----\nSECRET", "a private key (RSA"),
        ("MIICzTCCAbWgAwIBAgIDBRAAMA0G", "base64 of DER"),
        ("eyJhbGciOiJSUzI1NiJ9.e30.AA", "a JSON Web Token"),
        ("https://idp.example.com/keys", "an address (URL)"),
        ("HTTP/1.1 200 OK\r\n\r\n{\"keys\":[]}", "an HTTP answer with its headers"),
        ("Not Found", "another text"),
        ("{}", "an object without members"),
        ("[]", "JSON of another kind"),
        ("null", "another text"),
        ("[{\"kty\":\"RSA\"}]", "a list of keys without the object"),
        ("{\"kty\":\"RSA\",\"n\":\"AQAB\"}", "one key without a set"),
        ("[{\"kty\":\"RSA\"},{\"kty\":\"RSA\",\"d\":\"SECRET\"}]", "a private key or a secret"),
        ("{\"kty\":\"RSA\",\"d\":\"SECRET\"}", "a private key or a secret"),
        ("{\"kty\":\"oct\",\"k\":\"SECRET\"}", "a private key or a secret"),
        ("{\"type\":\"service_account\",\"private_key\":\"SECRET\"}", "a private key or a secret"),
        ("{\"issuer\":\"https://idp.example.com\",\"jwks_uri\":\"https://idp.example.com/keys\"}", "configuration"),
        (
            "{\"k1\":\"-----BEGIN CERTIFICATE-----\\nMIIC\",\"k2\":\"-----BEGIN CERTIFICATE-----\\nMIID\"}",
            "certificates by key ID",
        ),
        ("{\"error\":\"invalid_request\",\"error_description\":\"SECRET\"}", "a server that failed"),
        ("{\"errorCode\":\"E0000007\",\"errorSummary\":\"Not found: Resource not found\"}", "a server that failed"),
        ("{\"message\":\"Missing Authentication Token\"}", "a server that failed"),
        ("{\"error\":{\"code\":404,\"message\":\"Method not found.\"}}", "a server that failed"),
        ("{\"access_token\":\"SECRET\",\"token_type\":\"Bearer\"}", "the answer of a token endpoint"),
        ("{\"realm\":\"corp\",\"public_key\":\"MIIC\",\"token-service\":\"x\"}", "Keycloak's page of a realm"),
        ("{\"keys\":{\"k1\":{\"kty\":\"RSA\"}}}", "whose member keys is no list"),
        ("{\"realm\":\"corp\",\"enabled\":true}", "JSON of another kind"),
        ("{\"public_key\":\"MIIC\"}", "JSON of another kind"),
        ("{\"Keys\":[]}", "under another name"),
        ("{\"public_keys\":[]}", "under another name"),
        ("{\"id_token\":\"SECRET\"}", "the answer of a token endpoint"),
        ("{\"kty\":\"RSA\",\"d\":\"SECRET\"}", "a private key"),
        ("{\"kty\":\"oct\",\"k\":\"SECRET\"}", "a private key"),
        ("{\"private_key\":\"SECRET\"}", "a private key"),
        ("{\"client_secret\":\"SECRET\"}", "a private key"),
        ("{\"d\":1,\"k\":2}", "JSON of another kind"),
        ("[{\"kty\":\"EC\"},{\"kty\":\"RSA\",\"d\":\"SECRET\"}]", "a private key"),
        ("[{\"kty\":\"EC\"}]", "without the object around it"),
        ("[7]", "JSON of another kind"),
        ("{\"keys\":[{\"kty\":\"RSA\"", "damaged"),
    ] {
        let error = KeySetDocument::read(text, &AllowedAlgorithms::default()).expect_err(text);
        let said = format!("{error} {error:?}");
        assert!(error.to_string().contains(words) && !said.contains("SECRET"), "{text}: {said}");
    }
}

/// A reader that has keys already believes a set that it can read: above all, that a key is gone.
#[test]
fn what_is_wrong_with_one_key_says_nothing_of_another() {
    let documents = |code: &str| {
        let rows = tokens::key_sets();
        let rows = rows.into_iter().filter(|row| row.code == code).map(|row| tokens::key_set(&row));
        rows.map(|text| read(&text)).collect::<Vec<_>>()
    };
    for document in documents("private") {
        assert!(document.left_out().iter().any(|key| key.to_string().contains("whoever has read it can sign")));
        assert!(document.whole().is_err());
    }
    assert!(documents("private").iter().any(|document| document.keys().keys().count() == 1), "beside a good key");
    assert!(documents("no_key").iter().all(|document| document.keys().keys().count() == 0));
}

#[test]
fn a_set_without_a_key_says_why_each_is_left_out() {
    let set = r#"{"keys":[{"kty":"RSA","kid":"a","use":"enc"},{"kty":"EC","crv":"P-256K","kid":"b"},{"kty":"oct"},7]}"#;
    let error = KeySet::parse(set, &AllowedAlgorithms::default()).expect_err("no key").to_string();
    for words in ["none among 4", "\"a\": its use is enc", "\"b\": its curve (crv) is P-256K", "number 3", "is oct"] {
        assert!(error.contains(words), "{error}");
    }
}

fn read(text: &str) -> KeySetDocument {
    KeySetDocument::read(text, &AllowedAlgorithms::default()).expect("a key set")
}

fn differs(row: &KeySetRow) -> Option<String> {
    let algorithms = row.algorithms.iter().map(|name| Algorithm::parse(name).expect("an algorithm"));
    let allowed = AllowedAlgorithms::new(algorithms).unwrap_or_default();
    let outcome = KeySet::parse(&tokens::key_set(row), &allowed);
    let code = outcome.as_ref().err().map_or("accepted", code);
    let kids: Vec<_> = outcome.iter().flat_map(KeySet::keys).map(|(id, _)| id.map(str::to_owned)).collect();
    let left_out: Vec<_> = outcome.iter().flat_map(KeySet::left_out).map(ToString::to_string).collect();
    let is_told = code != "accepted"
        || (left_out.len() == row.left_out.len()
            && left_out.iter().zip(&row.left_out).all(|(said, words)| said.contains(words)));
    let differs = code != row.code || kids != row.kids || !is_told;
    differs.then(|| {
        format!(
            "{}: expected {} {:?} {:?}, got {code} {kids:?} {left_out:?} ({})",
            row.name, row.code, row.kids, row.left_out, row.why
        )
    })
}

fn code(error: &KeySetError) -> &'static str {
    match error {
        KeySetError::TooLarge => "too_large",
        KeySetError::AnotherFile(_) | KeySetError::AnotherJson(_) | KeySetError::Malformed(_) => "malformed",
        KeySetError::Private(_) => "private",
        KeySetError::NoKey { .. } => "no_key",
        other => panic!("{other}"),
    }
}
