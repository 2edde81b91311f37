//! The identity provider's own refusal, and bytes that are no response, as a refusal shows them.

#![allow(missing_docs, clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use studio_acs_refusal::{instant, is_plain};
use studio_acs_saml::{Check, Rejection, ServiceProvider, TrustedIdps, UnverifiedResponse, Verifier};

fn refused(name: &str) -> Rejection {
    let path = format!("{}/../../fixtures/refused/status_not_success/{name}.xml", env!("CARGO_MANIFEST_DIR"));
    let xml = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let verifier =
        Verifier::new(TrustedIdps::default(), ServiceProvider::new("us", vec!["https://us.example".to_owned()]));
    let now = instant::parse("2026-01-15T10:00:30Z").expect("a time");
    let response = UnverifiedResponse::from_xml(xml).expect("UTF-8");
    let rejection = verifier.verify(response, None, now, &mut ()).expect_err("a refusal");
    assert_eq!(rejection.check(), Check::Status, "{name}");
    rejection
}

#[test]
fn codes_and_message_of_the_identity_provider_are_shown() {
    for (name, found) in [
        ("responder", "Responder"),
        ("requester", "Requester, RequestDenied"),
        ("no-value", "an empty code"),
        ("idp/denied", "Responder, RequestDenied"),
        (
            "idp/denied-with-message",
            "Responder, RequestDenied; message: \"Person 5150 is not assigned to this application.\"",
        ),
        ("idp/message-in-an-attribute", "Responder; message: \"Please verify your address.\""),
        (
            "idp/message-over-lines",
            "Responder, AuthnFailed; message: \"AADSTS50105: The signed in user is not assigned to a role for the application.\"; StatusDetail is present",
        ),
        ("idp/own-code", "Responder, urn:example:status:password-expired"),
        ("idp/RequestVersionTooHigh", "VersionMismatch, RequestVersionTooHigh"),
    ] {
        assert_eq!(refused(name).found(), found, "{name}");
    }
}

#[test]
fn a_message_is_bounded_and_escaped_and_cannot_end_its_quotation() {
    let found = refused("idp/message-long").found().to_owned();
    assert!(found.starts_with("Responder; message: \"'; RequestDenied \\u{202e}xxx"), "{found}");
    assert!(found.ends_with("…\"") && found.chars().count() < 600, "{}", found.len());
    assert!(found.chars().all(is_plain) && found.matches('"').count() == 2, "{found}");
}

#[test]
fn bytes_that_are_no_response_are_named() {
    let base64 = |value: &str| UnverifiedResponse::from_base64(value.as_bytes()).map(drop).expect_err("no base64");
    for (value, found) in [
        ("PD94_-8=", "base64 for URLs"),
        ("eyJhbGciOiJub25lIn0.e30.", "a JSON Web Token"),
        ("PHNhbWxwOlJlc3BvbnNl%2B", "base64 in percent-encoding"),
        ("<samlp:Response/>", "XML, not base64 of it"),
        ("PHNh bWx wO", "base64 with spaces"),
        ("PHNhbWxwOlJlc3...", "a value that was cut"),
        ("UEhOaGJXeHdPbEpsYzNCdmJuTmw=", "base64 of base64"),
        ("PHNh*WxwOlJlc3", "no base64: "),
        ("PD94_8=", "base64 for URLs"),
        ("PHNh-x_!", "no base64: "),
        ("&lt;samlp:Response/&gt;", "XML with escaped signs"),
        ("%3Csamlp%3AResponse%2F%3E", "XML with escaped signs"),
        ("{\"SAMLResponse\":\"PHNh\"}", "JSON, not base64 of XML"),
        ("-----BEGIN CERTIFICATE-----", "a PEM file"),
        ("-----BEGIN PRIVATE KEY-----", "a PEM file"),
        ("PHNhb", "no base64: "),
        ("U0FNTFJlc3BvbnNlPVBITmg=", "base64 of a form"),
        ("UmVsYXlTdGF0ZT0mU0FNTFJlc3BvbnNlPVBITmg=", "base64 of a form"),
    ] {
        let rejection = base64(value);
        assert!(rejection.found().starts_with(found), "{value}: {rejection}");
        assert_eq!(rejection.code(), "malformed_base64");
    }
    for (bytes, found) in [
        (&b"\xff\xfe<\0"[..], "UTF-16"),
        (b"\xfe\xff\0<", "UTF-16"),
        (b"PK\x03\x04\xff", "a ZIP archive"),
        (b"\x1f\x8b\x08\xff", "a gzip file"),
        (b"%PDF-1.7\xff", "a PDF file"),
        (b"\x30\x82\x02\xcd", "DER, such as a certificate"),
        (b"<a>\xe4</a>", "XML in another encoding"),
        (b"\x7d\x52\xcb\xff", "compressed bytes (DEFLATE)"),
        // Types of blocks that no compressor writes first: none, and the reserved one.
        (b"\xf8\x52\xcb\xff", "invalid utf-8"),
        (b"\xfe\x52\xcb\xff", "invalid utf-8"),
    ] {
        let rejection = UnverifiedResponse::from_xml(bytes.to_vec()).map(drop).expect_err("no UTF-8");
        assert!(rejection.found().starts_with(found), "{rejection}");
    }
}

#[test]
fn a_form_with_another_message_is_named() {
    for (form, found) in [
        ("SAMLRequest=PHNhbWxwOkF1dGhuUmVxdWVzdCB4PSdhJy8%2B", "a SAMLRequest (AuthnRequest)"),
        ("SAMLRequest=PExvZ291dFJlcXVlc3QvPg%3D%3D", "a SAMLRequest (LogoutRequest)"),
        ("SAMLRequest=fZJNT8MwDIb", "a SAMLRequest"),
        ("SAMLRequest=PGEtYi8%2B", "a SAMLRequest"),
        ("RelayState=x&SAMLart=AAQAAMFbLinlXaCM", "an artifact (SAMLart)"),
        ("wa=wsignin1.0&wresult=%3Ct%3E", "a message of WS-Federation (wresult)"),
        ("samlresponse=PHNh", "SAMLResponse in another case"),
        ("state=x&code=y", "a code of OpenID Connect"),
    ] {
        let form_type = "application/x-www-form-urlencoded";
        let rejection = UnverifiedResponse::from_form(Some(form_type), form.as_bytes()).expect_err("no response");
        assert_eq!(rejection.code(), "malformed_request", "{form}");
        let ends = rejection.found().strip_suffix(found).is_some_and(|before| !before.ends_with('('));
        assert!(ends, "{form}: {}", rejection.found());
    }
}

/// A declaration is named where it does not stand first (XML 1.0 2.6, 2.8); other instructions are refused anywhere.
#[test]
fn a_declaration_behind_something_is_told_from_an_instruction() {
    let verifier =
        Verifier::new(TrustedIdps::default(), ServiceProvider::new("us", vec!["https://us.example".to_owned()]));
    let now = instant::parse("2026-01-15T10:00:30Z").expect("a time");
    for (xml, expected) in [
        (" <?xml version='1.0'?><r/>", "nothing before the XML declaration"),
        ("\n<?xml\tversion='1.0'?><r/>", "nothing before the XML declaration"),
        ("<?xml-stylesheet href='a'?><r/>", "an XML declaration, and no processing instruction"),
        ("<r><?php echo 1 ?></r>", "no processing instruction"),
    ] {
        let response = UnverifiedResponse::from_xml(xml.into()).expect("UTF-8");
        let rejection = verifier.verify(response, None, now, &mut ()).expect_err("no response");
        assert_eq!((rejection.code(), rejection.expected()), ("malformed_xml", expected), "{xml}");
    }
}
