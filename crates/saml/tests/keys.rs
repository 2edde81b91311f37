//! Keys of metadata: the one encoding of their signatures, and what operators are told of them.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fixtures::manifest;
use studio_acs_refusal::instant;
use studio_acs_saml::{ServiceProvider, TrustedIdps, UnverifiedResponse, Verifier};
use time::UtcDateTime;

const HOST: &str = "https://abc123.execute-api.eu-central-1.amazonaws.com/";

fn now() -> UtcDateTime {
    instant::parse("2026-01-15T10:00:30Z").expect("a time")
}

fn text(file: &str) -> String {
    String::from_utf8(manifest::read(file)).expect("UTF-8")
}

/// The result of verifying a response under the keys of this metadata.
fn verified(response: String, metadata: &str) -> &'static str {
    let idps = TrustedIdps::from_metadata(&text(metadata), now()).expect("metadata");
    let response = UnverifiedResponse::from_xml(response.into_bytes()).expect("UTF-8");
    let verifier = Verifier::new(idps, ServiceProvider::new(HOST, vec![format!("{HOST}prod/saml")]));
    verifier.verify(response, None, now(), &mut ()).map_or_else(|rejection| rejection.code(), |_| "accepted")
}

/// `text` with the first base64 between these tags changed.
fn with_first(text: &str, start: &str, end: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) -> String {
    let (before, rest) = text.split_once(start).expect("the start tag");
    let (value, after) = rest.split_once(end).expect("the end tag");
    let value: String = value.split_ascii_whitespace().collect();
    format!("{before}{start}{}{end}{after}", STANDARD.encode(change(STANDARD.decode(value).expect("base64"))))
}

/// RFC 9231 2.3.6: r and s are as long as the order of the curve. A longer form of the same numbers would be a second
/// encoding of one signature.
#[test]
fn an_ecdsa_signature_has_one_encoding() {
    for curve in ["ec-p256", "ec-p384", "ec-p521"] {
        let (response, metadata) =
            (text(&format!("responses/algorithm/{curve}-sha256.xml")), format!("metadata/{curve}.xml"));
        // The response's, which covers the assertion's.
        let with_zeros = |zeros: usize| {
            with_first(&response, "<ds:SignatureValue>", "</ds:SignatureValue>", |value| {
                let (r, s) = value.split_at(value.len() / 2);
                [&vec![0; zeros], r, &vec![0; zeros], s].concat()
            })
        };
        assert_eq!(verified(with_zeros(0), &metadata), "accepted", "{curve}");
        assert_eq!(verified(with_zeros(1), &metadata), "signature_invalid", "{curve}");
    }
}

/// A certificate whose own signature says SHA-1 is told to operators, for RSA (RFC 3279 2.2.1) and ECDSA (2.2.3); its key
/// signs as before.
#[test]
fn a_certificate_that_was_signed_with_sha1_is_told() {
    for (name, sha256, sha1) in [
        // The last octets of sha256WithRSAEncryption and sha1WithRSAEncryption, of the same length.
        ("identity-center", &[0x01, 0x01, 0x0b][..], &[0x01, 0x01, 0x05][..]),
        ("ec-p256", &[0xce, 0x3d, 0x04, 0x03, 0x02][..], &[0xce, 0x3d, 0x04, 0x01][..]),
    ] {
        let metadata = text(&format!("metadata/{name}.xml"));
        let told = |metadata: &str| {
            let idps = TrustedIdps::from_metadata(metadata, now()).expect("metadata");
            idps.iter().flat_map(|idp| idp.keys()).map(|key| key.certificate_is_sha1()).collect::<Vec<_>>()
        };
        assert_eq!(told(&metadata), [false], "{name}");
        let old =
            with_first(&metadata, "<ds:X509Certificate>", "</ds:X509Certificate>", |der| with_oid(der, sha256, sha1));
        assert_eq!(told(&old), [true], "{name}");
    }
}

/// The certificate with the end of an object identifier replaced in both places, and every length around it.
fn with_oid(der: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    fn rewritten(der: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut rest = der;
        while !rest.is_empty() {
            let (length, header) = match rest[1] {
                long if long >= 0x80 => {
                    let bytes = usize::from(long & 0x7f);
                    (rest[2..2 + bytes].iter().fold(0, |length, byte| length * 256 + usize::from(*byte)), 2 + bytes)
                }
                short => (usize::from(short), 2),
            };
            let (tag, content) = (rest[0], &rest[header..header + length]);
            let content = match tag {
                // SEQUENCE and the explicit tags hold others; a key or a signature is left as it is.
                0x30 | 0xa0..=0xaf => rewritten(content, from, to),
                0x06 if content.ends_with(from) => [&content[..length - from.len()], to].concat(),
                _ => content.to_vec(),
            };
            out.push(tag);
            match u8::try_from(content.len()) {
                Ok(length @ ..0x80) => out.push(length),
                Ok(length) => out.extend([0x81, length]),
                Err(_) => {
                    out.extend([0x82].into_iter().chain(u16::try_from(content.len()).expect("short").to_be_bytes()))
                }
            }
            out.extend(content);
            rest = &rest[header + length..];
        }
        out
    }
    rewritten(&der, from, to)
}

/// Debug output of metadata tells which key is meant, and not its numbers.
#[test]
fn a_key_is_shown_by_its_type_and_end() {
    let idps = TrustedIdps::from_metadata(&text("metadata/ec-p256.xml"), now()).expect("metadata");
    let key = idps.iter().flat_map(|idp| idp.keys()).next().expect("a key");
    assert_eq!(format!("{key:?}"), format!("SigningKey(Ecdsa, until {})", key.not_after()));
    assert!(format!("{idps:?}").contains("SigningKey(Ecdsa, until "));
}
