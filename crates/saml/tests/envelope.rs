//! Edits of the envelope, which no signature covers where only the assertion is signed: they refuse, and never admit.

#![allow(missing_docs, clippy::expect_used)]

use fixtures::manifest;
use studio_acs_refusal::instant;
use studio_acs_saml::{ServiceProvider, TrustedIdps, UnverifiedResponse, Verifier};

const HOST: &str = "https://abc123.execute-api.eu-central-1.amazonaws.com/";

/// The code for the response whose assertion is signed, after one edit.
fn edited(from: &str, to: &str) -> &'static str {
    let read = |file| String::from_utf8(manifest::read(file)).expect("UTF-8");
    let now = instant::parse("2026-01-15T10:00:30Z").expect("a time");
    let idps = TrustedIdps::from_metadata(&read("metadata/identity-center.xml"), now).expect("metadata");
    let text = read("responses/signed-assertion.xml");
    assert!(text.contains(from), "{from}");
    let response = UnverifiedResponse::from_xml(text.replacen(from, to, 1).into_bytes()).expect("UTF-8");
    let verifier = Verifier::new(idps, ServiceProvider::new(HOST, vec![format!("{HOST}prod/saml")]));
    verifier.verify(response, None, now, &mut ()).map_or_else(|rejection| rejection.code(), |_| "accepted")
}

#[test]
fn an_edit_of_the_envelope_admits_nothing() {
    for (from, to, code) in [
        ("", "", "accepted"),
        // One status, and no other beside it, with or without a code.
        ("</saml2p:Status>", "</saml2p:Status><saml2p:Status/>", "status_not_success"),
        ("<saml2p:Status>", "<saml2p:Status/><saml2p:Status>", "status_not_success"),
    ] {
        assert_eq!(edited(from, to), code, "{from} → {to}");
    }
}
