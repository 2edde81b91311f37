//! Cost of hostile responses: linear in their size, and little beside parsing as much plain XML.

#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use std::fmt::Write as _;
use std::hint::black_box;

use fixtures::stopwatch::{Contestant, compare};
use studio_acs_refusal::instant;
use studio_acs_saml::{ServiceProvider, TrustedIdps, UnverifiedResponse, Verifier};

const KIB: usize = 1024;
/// The envelope in which every hostile body stands, so that it comes as far as it can.
const HEAD: &str = r##"<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="r" Version="2.0" IssueInstant="2026-01-15T10:00:00Z"><saml:Issuer>https://portal.sso.eu-central-1.amazonaws.com/saml/assertion/MTIzNDU2Nzg5MDEyX2lucy0wMTIzNDU2Nzg5YWJjZGVm</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status><saml:Assertion ID="a" Version="2.0" IssueInstant="2026-01-15T10:00:00Z"><saml:Issuer>https://portal.sso.eu-central-1.amazonaws.com/saml/assertion/MTIzNDU2Nzg5MDEyX2lucy0wMTIzNDU2Nzg5YWJjZGVm</saml:Issuer><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><ds:Reference URI="#a"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"><ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="n0 n1 n2 n3 n4 n5 n6 n7 n8 n9 n10 n11 n12 n13 n14 n15 n16 n17 n18 n19 n20"/></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference></ds:SignedInfo><ds:SignatureValue>AAAA</ds:SignatureValue></ds:Signature>"##;
const TAIL: &str = "</saml:Assertion></samlp:Response>";

/// A name, and the message of about so many bytes.
type Family = (&'static str, fn(usize) -> String);

fn main() {
    let verifier = verifier();
    let plain = within(KIB * KIB, |_| "<item>ordinary text</item>".to_owned());
    let families: [Family; 13] = [
        ("text", |size| envelope(&"x".repeat(size))),
        ("references", |size| envelope(&"&amp;".repeat(size / 5))),
        ("carriage returns", |size| envelope(&"\r".repeat(size))),
        ("comments", |size| within(size, |_| "<!---->".to_owned())),
        ("one long attribute", |size| envelope(&format!("<e a=\"{}\"/>", "\t".repeat(size)))),
        ("wide", |size| within(size, |_| "<e/>".to_owned())),
        ("deep", |size| envelope(&"<e>".repeat(size / 3))),
        ("attributes of one element", |size| {
            let attributes = (0..size / 12).fold(String::new(), |mut all, n| {
                let _ = write!(all, " a{n}=\"1\"");
                all
            });
            envelope(&format!("<e{attributes}/>"))
        }),
        ("attributes of many elements", |size| {
            let attributes: String = (0..60).map(|n| format!(" a{n}=\"\"")).collect();
            within(size, |_| format!("<e{attributes}/>"))
        }),
        ("namespaces", |size| {
            let scope: String = (0..28).map(|n| format!(" xmlns:n{n}=\"urn:{n}\"")).collect();
            let inner = within(size, |n| format!("<n20:e xmlns:n{}=\"urn:x{n}\" n19:a=\"\" n18:a=\"\"/>", n % 28));
            inner
                .replacen("</ds:Signature>", &format!("</ds:Signature><e{scope}>"), 1)
                .replace(TAIL, &format!("</e>{TAIL}"))
        }),
        ("a namespace name on every sibling", |size| {
            let name = "\"".repeat(40);
            let inner = within(size, |_| "<p:e/>".to_owned());
            let open = format!("</ds:Signature><e xmlns:p='urn:{name}'>");
            inner.replacen("</ds:Signature>", &open, 1).replace(TAIL, &format!("</e>{TAIL}"))
        }),
        ("one long namespace name", |size| envelope(&format!("<e xmlns:p='urn:{}'><p:e/></e>", "x".repeat(size)))),
        ("identifiers", |size| within(size, |n| format!("<e ID=\"i{n}\"/>"))),
    ];
    let mut worst: f64 = 0.0;
    let mut steepest: f64 = 0.0;
    for (name, make) in families {
        let sizes = [64 * KIB, 256 * KIB, KIB * KIB];
        let bodies: Vec<_> = sizes.iter().map(|size| make(size - 4 * KIB)).collect();
        let code = refuse(&verifier, &bodies[2]);
        let mut contestants = vec![Contestant::new("1 MiB of plain XML, by roxmltree", || {
            black_box(roxmltree::Document::parse(&plain).expect("XML"));
        })];
        for (size, body) in sizes.iter().zip(&bodies) {
            let verifier = &verifier;
            contestants.push(Contestant::new(format!("{} KiB", size / KIB), move || {
                black_box(refuse(verifier, body));
            }));
        }
        let medians = compare(&format!("{name}: {code}"), &mut contestants);
        worst = medians[1..].iter().fold(worst, |worst, time| worst.max(time / medians[0]));
        steepest = steepest.max(medians[3] / medians[2]);
    }
    println!("\nworst: {worst:.2} × 1 MiB of plain XML; steepest: {steepest:.2} × the time for 4 × the size");
}

fn envelope(inner: &str) -> String {
    format!("{HEAD}{inner}{TAIL}")
}

/// The envelope around as many pieces as fit in `size`.
fn within(size: usize, piece: impl Fn(usize) -> String) -> String {
    let mut inner = String::new();
    for n in 0.. {
        let piece = piece(n);
        if inner.len() + piece.len() > size {
            break;
        }
        inner.push_str(&piece);
    }
    envelope(&inner)
}

fn refuse(verifier: &Verifier, xml: &str) -> &'static str {
    let response = UnverifiedResponse::from_xml(xml.as_bytes().to_vec()).expect("UTF-8");
    verifier.verify(response, None, now(), &mut ()).expect_err("refused").code()
}

fn now() -> time::UtcDateTime {
    instant::parse("2026-01-15T10:00:30Z").expect("a time")
}

fn verifier() -> Verifier {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/metadata/identity-center.xml");
    let metadata = std::fs::read_to_string(path).expect("metadata");
    let idps = TrustedIdps::from_metadata(&metadata, now()).expect("metadata");
    Verifier::new(idps, ServiceProvider::new("us", vec!["https://us.example/saml".to_owned()]))
}
