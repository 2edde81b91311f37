//! Cost of verification beside the lowest possible cost, measured in the same run with the contestants in turn.
//!
//! The floor is base64 decoding, SHA-256 of what was signed, and the RSA verifications, with the key parsed beforehand.

#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use std::hint::black_box;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fixtures::manifest;
use fixtures::stopwatch::{Contestant, compare};
use studio_acs_refusal::instant;
use studio_acs_saml::xmldsig::{Document, Element, Limits, Method, canonicalize};
use studio_acs_saml::{ServiceProvider, TrustedIdps, UnverifiedResponse, Verifier};

const DS: &str = "http://www.w3.org/2000/09/xmldsig#";

fn main() {
    for (title, name) in [("one signature", "accept/signed-response"), ("two signatures", "accept/identity-center")] {
        let row = manifest::rows("library").into_iter().find(|row| row.name == name).expect("the row");
        let xml = String::from_utf8(manifest::read(row.file.as_ref().expect("a file"))).expect("UTF-8");
        let value = STANDARD.encode(&xml);
        let form = format!("SAMLResponse={}", value.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"));
        let metadata = String::from_utf8(manifest::read(&row.metadata)).expect("UTF-8");
        let at = instant::parse(&row.at).expect("a time");
        let idps = TrustedIdps::from_metadata(&metadata, at).expect("metadata");
        let verifier = Verifier::new(idps, ServiceProvider::new(row.audience.as_str(), vec![row.acs_url.clone()]));
        let key = key();
        let signed = signed_parts(&xml);

        compare(
            &format!("{title} ({} bytes of XML)", xml.len()),
            &mut [
                Contestant::new("floor", || {
                    black_box(STANDARD.decode(black_box(&value)).expect("base64"));
                    for part in &signed {
                        black_box(digest(&SHA256, &part.covered));
                        key.verify_sig(&part.signed_info, &part.signature).expect("the signature");
                    }
                }),
                Contestant::new("form body to VerifiedAssertion", || {
                    let response =
                        UnverifiedResponse::from_form(Some("application/x-www-form-urlencoded"), form.as_bytes());
                    black_box(verifier.verify(response.expect("a form"), None, at, &mut ()).expect("accepted"));
                }),
                Contestant::new("  of which the form", || {
                    let response =
                        UnverifiedResponse::from_form(Some("application/x-www-form-urlencoded"), form.as_bytes());
                    black_box(response.expect("a form"));
                }),
                Contestant::new("  of which parsing", || {
                    black_box(Document::parse(&xml, Limits::RESPONSE).expect("XML"));
                }),
                Contestant::new("parsing by roxmltree", || {
                    black_box(roxmltree::Document::parse(&xml).expect("XML"));
                }),
            ],
        );
    }
}

struct Part {
    covered: Vec<u8>,
    signed_info: Vec<u8>,
    signature: Vec<u8>,
}

/// The bytes that each signature covers and that the key signed, in canonical form.
fn signed_parts(xml: &str) -> Vec<Part> {
    let document = Document::parse(xml, Limits::RESPONSE).expect("XML");
    let root = document.root().expect("a root");
    let parent_of = |signature: Element<'_>| {
        std::iter::once(root)
            .chain(root.descendants())
            .find(|e| e.elements().any(|child| child == signature))
            .expect("a parent")
    };
    let part = |signature: Element<'_>| Part {
        covered: canonicalize(parent_of(signature), &Method::default(), Some(signature)).expect("C14N"),
        signed_info: canonicalize(signature.named(DS, "SignedInfo").next().expect("one"), &Method::default(), None)
            .expect("C14N"),
        signature: STANDARD
            .decode(signature.named(DS, "SignatureValue").next().expect("one").text().expect("text").replace('\n', ""))
            .expect("base64"),
    };
    root.descendants().filter(|element| element.is(DS, "Signature")).map(part).collect()
}

fn key() -> ParsedPublicKey {
    let pem = String::from_utf8(manifest::read("keys/rsa-2048.pub.pem")).expect("PEM");
    let der = STANDARD.decode(pem.lines().filter(|line| !line.starts_with('-')).collect::<String>()).expect("base64");
    ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der).expect("a key")
}
