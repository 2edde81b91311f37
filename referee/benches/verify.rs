//! From a posted response to verified facts: our verifier, samael with libxmlsec1, and bergshamra, beside the floor
//! that no verifier of the same bytes can go below. All in one run and interleaved, so that a busy machine slows all
//! alike.

#![allow(missing_docs)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fixtures::manifest;
use samael::crypto::{Crypto, CryptoProvider as _};
use studio_acs_referee::{CertificateDer, SecondOpinion, Verified, bergshamra, signing_certificates};
use studio_acs_refusal::instant;
use studio_acs_saml::xmldsig::{Document, Element, Limits, Method, canonicalize};
use studio_acs_saml::{ServiceProvider, TrustedIdps, UnverifiedResponse, Verifier};

const ROUNDS: usize = 400;
/// Verifications per measurement: some milliseconds for the slowest, tenths of one for the fastest.
const BATCH: u32 = 10;

const DS: &str = "http://www.w3.org/2000/09/xmldsig#";

fn main() {
    // Cargo hands `--bench`; `cargo test --benches` hands nothing, and one round shows that all still run.
    let rounds = if std::env::args().any(|argument| argument == "--bench") { ROUNDS } else { 1 };
    println!("{:<24}{:<44}{:>10}{:>8}", "response", "contestant", "median µs", "ratio");
    for name in ["accept/signed-assertion", "accept/signed-response", "accept/identity-center"] {
        let row = manifest::rows("library").into_iter().find(|row| row.name == name).expect("the vector");
        let contestants = contestants(&row);
        let medians = medians(rounds, &contestants);
        for ((contestant, _), median) in contestants.iter().zip(&medians) {
            let vector = name.strip_prefix("accept/").unwrap_or(name);
            println!("{vector:<24}{contestant:<44}{median:>10.1}{:>8.2}", median / medians[0]);
        }
    }
}

type Contestant = (&'static str, Box<dyn Fn() -> bool>);

fn contestants(row: &manifest::Row) -> Vec<Contestant> {
    let xml = String::from_utf8(manifest::read(row.file.as_deref().expect("a file"))).expect("UTF-8");
    let metadata = String::from_utf8(manifest::read(&row.metadata)).expect("UTF-8");
    let value = STANDARD.encode(&xml);
    let mut contestants: Vec<Contestant> = vec![
        ("floor: base64, SHA-256, RSA (aws-lc-rs)", floor(&xml, value.clone())),
        ("studio-acs-saml: form to VerifiedAssertion", ours(row, &metadata, &value)),
        ("samael: parse_base64_response", theirs(row, &metadata, value.clone())),
        ("second opinion: base64, signed_assertion", second_opinion(&metadata, value.clone())),
        ("bergshamra: base64, verify_all", bergshamras(&metadata, value.clone())),
    ];
    // It looks at the first signature only: a fair question where it is the only one.
    if row.signed.as_ref().is_some_and(|signed| signed.len() == 1) {
        contestants.push(("samael: base64, verify_signed_xml alone", libxmlsec1(&metadata, value)));
    }
    contestants
}

/// The work of any reader: base64, one SHA-256 of each signed element, one RSA verification of each `SignedInfo`. Keys,
/// signatures and canonical bytes are prepared beforehand.
fn floor(xml: &str, value: String) -> Box<dyn Fn() -> bool> {
    let key = pem(&manifest::read("keys/rsa-2048.pub.pem"));
    let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &key).expect("an RSA key");
    let document = Document::parse(xml, Limits::RESPONSE).expect("XML");
    let root = document.root().expect("a root");
    let signed: Vec<_> = std::iter::once(root)
        .chain(root.descendants())
        .filter_map(|parent| parent.named(DS, "Signature").next().map(|signature| (parent, signature)))
        .map(|(parent, signature)| {
            let element = |name| signature.descendants().find(|part| part.is(DS, name)).expect(name);
            let decoded = |name| STANDARD.decode(&*Element::text(&element(name)).expect("text")).expect("base64");
            let method = Method::default();
            let covered = canonicalize(parent, &method, Some(signature)).expect("C14N");
            let signed_info = canonicalize(element("SignedInfo"), &method, None).expect("C14N");
            (covered, decoded("DigestValue"), signed_info, decoded("SignatureValue"))
        })
        .collect();
    assert!(!signed.is_empty());
    Box::new(move || {
        black_box(STANDARD.decode(&value)).is_ok()
            && signed.iter().all(|(covered, digest_value, signed_info, signature)| {
                digest(&SHA256, covered).as_ref() == digest_value && key.verify_sig(signed_info, signature).is_ok()
            })
    })
}

/// Our whole verification, from the bytes of the form.
fn ours(row: &manifest::Row, metadata: &str, value: &str) -> Box<dyn Fn() -> bool> {
    let at = instant::parse(&row.at).expect("a time");
    let idps = TrustedIdps::from_metadata(metadata, at).expect("metadata");
    let verifier = Verifier::new(idps, ServiceProvider::new(row.audience.as_str(), vec![row.acs_url.clone()]));
    let form: String = form_urlencoded::Serializer::new(String::new()).append_pair("SAMLResponse", value).finish();
    Box::new(move || {
        UnverifiedResponse::from_form(Some("application/x-www-form-urlencoded"), form.as_bytes())
            .and_then(|response| verifier.verify(response, None, at, &mut ()))
            .is_ok()
    })
}

/// The whole way of samael's service provider, from the form's value. It reads the machine's clock: a century of
/// clock skew and delay lets it take a captured response at any time, at no cost to speed.
fn theirs(row: &manifest::Row, metadata: &str, value: String) -> Box<dyn Fn() -> bool> {
    let century = chrono::Duration::days(36_525);
    let service_provider = samael::service_provider::ServiceProvider {
        entity_id: Some(row.audience.clone()),
        acs_url: Some(row.acs_url.clone()),
        idp_metadata: metadata.parse().expect("metadata"),
        allow_idp_initiated: true,
        max_issue_delay: century,
        max_clock_skew: century,
        ..Default::default()
    };
    Box::new(move || service_provider.parse_base64_response(&value, None).is_ok())
}

/// A service's cost for libxmlsec1's opinion beside ours, from the text on.
fn second_opinion(metadata: &str, value: String) -> Box<dyn Fn() -> bool> {
    let second = SecondOpinion::new([metadata]).expect("metadata");
    Box::new(move || decoded(&value).is_some_and(|xml| second.signed_assertion(&xml).is_ok()))
}

/// bergshamra's signatures, with the key read again each time as its interface has it. It reads no assertion.
fn bergshamras(metadata: &str, value: String) -> Box<dyn Fn() -> bool> {
    let certificate = certificate(metadata);
    Box::new(move || {
        let every = |xml: String| bergshamra::verify(&xml, std::slice::from_ref(&certificate));
        decoded(&value).map(every) == Some(Verified::EverySignature)
    })
}

fn decoded(value: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(value).ok()?).ok()
}

/// The one signing certificate of the metadata's identity provider.
fn certificate(metadata: &str) -> CertificateDer {
    let document = roxmltree::Document::parse(metadata).expect("XML");
    let issuer = document.root_element().attribute("entityID").expect("an entity ID");
    let [certificate] = signing_certificates(metadata, issuer).expect("certificates").try_into().expect("one");
    certificate
}

/// libxmlsec1 with no more of samael around it than needed: no reading of the assertion.
fn libxmlsec1(metadata: &str, value: String) -> Box<dyn Fn() -> bool> {
    let certificate = certificate(metadata);
    Box::new(move || {
        STANDARD.decode(&value).is_ok_and(|xml| Crypto::verify_signed_xml(xml, &certificate, Some("ID")).is_ok())
    })
}

/// The median time of one verification in µs, of each contestant.
fn medians(rounds: usize, contestants: &[Contestant]) -> Vec<f64> {
    let mut times = vec![Vec::with_capacity(rounds); contestants.len()];
    for round in 0..rounds {
        // Each round begins with another, so that none always follows the same.
        for turn in 0..contestants.len() {
            let index = (round + turn) % contestants.len();
            let (name, verify) = &contestants[index];
            // Caches are the contestant's own when its time begins.
            assert!(verify(), "{name}");
            let start = Instant::now();
            for _ in 0..BATCH {
                assert!(black_box(verify()), "{name}");
            }
            times[index].push(start.elapsed() / BATCH);
        }
    }
    times.into_iter().map(median).collect()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}

/// The DER in a PEM file.
fn pem(text: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(text).expect("PEM is ASCII");
    let base64: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(base64).expect("PEM holds base64")
}
