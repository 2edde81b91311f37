//! Edits of the envelope, which no signature covers where only the assertion is signed: they refuse, and never admit.

#![allow(missing_docs, clippy::expect_used)]

use fixtures::manifest;
use studio_acs_refusal::instant;
use studio_acs_saml::{Rejection, ServiceProvider, TrustedIdps, UnverifiedResponse, VerifiedAssertion, Verifier};

const HOST: &str = "https://abc123.execute-api.eu-central-1.amazonaws.com/";
const SECOND: &str = "https://second.example/saml";

/// The result for the response whose assertion is signed, after one edit.
fn edited(from: &str, to: &str) -> Result<VerifiedAssertion, Rejection> {
    let read = |file| String::from_utf8(manifest::read(file)).expect("UTF-8");
    let now = instant::parse("2026-01-15T10:00:30Z").expect("a time");
    let idps = TrustedIdps::from_metadata(&read("metadata/identity-center.xml"), now).expect("metadata");
    let text = read("responses/signed-assertion.xml");
    assert!(text.contains(from), "{from}");
    let response = UnverifiedResponse::from_xml(text.replacen(from, to, 1).into_bytes()).expect("UTF-8");
    let verifier = Verifier::new(idps, ServiceProvider::new(HOST, vec![format!("{HOST}prod/saml"), SECOND.to_owned()]));
    verifier.verify(response, None, now, &mut ())
}

#[test]
fn an_edit_of_the_envelope_admits_nothing() {
    for (from, to, code) in [
        ("", "", "accepted"),
        // One status, and no other beside it, with or without a code.
        ("</saml2p:Status>", "</saml2p:Status><saml2p:Status/>", "status_not_success"),
        ("<saml2p:Status>", "<saml2p:Status/><saml2p:Status>", "status_not_success"),
    ] {
        let found = edited(from, to).map_or_else(|rejection| rejection.code(), |_| "accepted");
        assert_eq!(found, code, "{from} → {to}");
    }
}

/// An operator compares the two by eye.
#[test]
fn a_message_for_another_url_is_told_with_ours() {
    let rejection = edited(&format!("Destination=\"{HOST}prod/saml\""), "Destination=\"https://other.example/\"");
    let rejection = rejection.expect_err("another's");
    assert_eq!(rejection.code(), "destination_mismatch");
    assert_eq!(rejection.expected(), format!("{HOST}prod/saml or {SECOND}"));
    assert_eq!(rejection.found(), "https://other.example/");
    let second = edited(&format!("Destination=\"{HOST}prod/saml\""), &format!("Destination=\"{SECOND}\""));
    assert!(second.is_ok(), "the envelope may name any URL of ours: {second:?}");
}
