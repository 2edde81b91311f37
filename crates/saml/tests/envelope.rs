//! Edits of the envelope, which no signature covers where only the assertion is signed: they refuse, and never admit.

#![allow(missing_docs, clippy::expect_used)]

use fixtures::manifest;
use fixtures::manifest::Verdict;
use studio_acs_refusal::instant;
use studio_acs_saml::{Rejection, ServiceProvider, TrustedIdps, UnverifiedResponse, VerifiedAssertion, Verifier};

const HOST: &str = "https://abc123.execute-api.eu-central-1.amazonaws.com/";
const SECOND: &str = "https://second.example/saml";

/// The result for the response whose assertion is signed, after one edit.
fn edited(from: &str, to: &str) -> Result<VerifiedAssertion, Rejection> {
    let text = String::from_utf8(manifest::read("responses/signed-assertion.xml")).expect("UTF-8");
    assert!(text.contains(from), "{from}");
    verified(&text.replacen(from, to, 1))
}

fn verified(text: &str) -> Result<VerifiedAssertion, Rejection> {
    let now = instant::parse("2026-01-15T10:00:30Z").expect("a time");
    let metadata = String::from_utf8(manifest::read("metadata/identity-center.xml")).expect("UTF-8");
    let idps = TrustedIdps::from_metadata(&metadata, now).expect("metadata");
    let response = UnverifiedResponse::from_xml(text.as_bytes().to_vec()).expect("UTF-8");
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

/// A signature's third element is a KeyInfo (XML Signature 4.1).
#[test]
fn another_element_in_the_place_of_key_info_is_refused() {
    let text = String::from_utf8(manifest::read("responses/signed-assertion.xml")).expect("UTF-8");
    assert!(text.contains("<ds:KeyInfo") && verified(&text).is_ok());
    let rejection = verified(&text.replace("ds:KeyInfo", "ds:Manifest")).expect_err("a Manifest");
    assert_eq!(rejection.code(), "signature_malformed");
}

/// Where a URL is absent, ours are told.
#[test]
fn an_absent_url_is_told_with_ours() {
    let mut told = 0;
    for row in manifest::rows("library").into_iter().filter(|row| row.expect == Verdict::Reject) {
        let (Some(file), Some("recipient_mismatch" | "destination_mismatch")) = (&row.file, row.code.as_deref()) else {
            continue;
        };
        let read = |file: &str| String::from_utf8(manifest::read(file)).expect("UTF-8");
        let now = instant::parse(&row.at).expect("a time");
        let idps = TrustedIdps::from_metadata(&read(&row.metadata), now).expect("metadata");
        let us = ServiceProvider::new(row.audience.as_str(), vec![row.acs_url.clone(), SECOND.to_owned()]);
        let response = UnverifiedResponse::from_xml(manifest::read(file)).expect("UTF-8");
        let rejection = Verifier::new(idps, us).verify(response, None, now, &mut ()).expect_err("another URL");
        if rejection.found().starts_with("no ") {
            assert_eq!(rejection.expected(), format!("{} or {SECOND}", row.acs_url), "{}", row.name);
            told += 1;
        }
    }
    assert!(told > 2, "{told}");
}
