//! libxmlsec1 beside a running service: the same facts, from many threads, and nothing from hostile documents.

use std::net::TcpListener;
use std::sync::Barrier;

use fixtures::manifest;
use studio_acs_referee::{Doubt, SecondOpinion, SignedFacts, TrustError, signing_certificates};
use studio_acs_refusal::instant;
use studio_acs_saml::{ServiceProvider, TrustedIdps, UnverifiedResponse, Verifier};
use time::Duration;

const SIGNED: &str = "accept/identity-center";

fn text(file: &str) -> String {
    String::from_utf8(manifest::read(file)).expect("UTF-8")
}

fn vector(name: &str) -> (manifest::Row, SecondOpinion, String) {
    let row = manifest::rows("library").into_iter().find(|row| row.name == name).expect(name);
    let second = SecondOpinion::new([&*text(&row.metadata)]).expect("metadata");
    let xml = text(row.file.as_deref().expect("a file"));
    (row, second, xml)
}

/// Whatever we accept has the same assertion ID, issuer, user and domain in the second opinion.
#[test]
fn the_facts_are_the_same_for_every_accepted_vector() {
    let mut compared = 0;
    for row in manifest::rows("library") {
        let Some(file) = row.file.as_deref().filter(|_| row.expect == manifest::Verdict::Accept) else { continue };
        let (metadata, at) = (text(&row.metadata), instant::parse(&row.at).expect("a time"));
        let mut us = ServiceProvider::new(row.audience.as_str(), vec![row.acs_url.clone()]);
        us.skew = row.skew.map_or(us.skew, |skew| Duration::seconds(skew.into()));
        us.max_age = row.max_age.map_or(us.max_age, |age| Duration::seconds(age.into()));
        let verifier = Verifier::new(TrustedIdps::from_metadata(&metadata, at).expect("metadata"), us);
        let response = UnverifiedResponse::from_xml(manifest::read(file)).expect("UTF-8");
        let ours = verifier
            .verify(response, row.in_response_to.as_deref(), at, &mut ())
            .unwrap_or_else(|error| panic!("{}: {error}", row.name));
        let theirs = SecondOpinion::new([&*metadata])
            .expect("metadata")
            .signed_assertion(&text(file))
            .unwrap_or_else(|doubt| panic!("{}: {doubt}", row.name));
        assert_eq!((ours.id(), ours.issuer()), (&*theirs.assertion_id, &*theirs.issuer), "{}", row.name);
        for name in [
            row.user_attribute.as_deref().unwrap_or("username"),
            row.domain_attribute.as_deref().unwrap_or("domain-id"),
        ] {
            assert_eq!(ours.attribute(name).ok(), theirs.only_value(name), "{}: {name}", row.name);
        }
        compared += 1;
    }
    assert!(compared > 150, "{compared}");
    println!("{compared} accepted vectors");
}

/// Eight threads start together, in a process that has not used the libraries before them if this test comes first.
#[test]
fn eight_threads_ask_at_once() {
    let (_, second, signed) = vector(SIGNED);
    let forged = signed.replace(".com", ".org");
    let barrier = Barrier::new(8);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                barrier.wait();
                for _ in 0..50 {
                    assert!(second.signed_assertion(&signed).is_ok());
                    assert!(second.signed_assertion(&forged).is_err());
                }
            });
        }
    });
}

/// A document with faults is refused, or says exactly what the sound one says; and nothing panics.
#[test]
fn faults_change_no_fact() {
    let (_, second, signed) = vector(SIGNED);
    let facts = second.signed_assertion(&signed).expect("signed");
    let mut random = fastrand::Rng::with_seed(1);
    let bytes = signed.as_bytes();
    let mut taken = 0;
    for _ in 0..1500 {
        let mut faulty = bytes.to_vec();
        for _ in 0..random.usize(1..4) {
            let at = random.usize(..faulty.len());
            match random.usize(..3) {
                0 => drop(faulty.drain(at..(at + random.usize(..20)).min(faulty.len()))),
                1 => faulty[at] = *random.choice(b"<>&\"'/ =a!-]").expect("a byte"),
                _ => {
                    let from = random.usize(..bytes.len());
                    let part = bytes[from..(from + random.usize(..200)).min(bytes.len())].to_vec();
                    faulty.splice(at..at, part);
                }
            }
        }
        if let Ok(found) =
            String::from_utf8(faulty).map_err(|_| Doubt::NotXml).and_then(|xml| second.signed_assertion(&xml))
        {
            assert_eq!(found, facts);
            taken += 1;
        }
    }
    println!("{taken} of 1500 faulty documents say what the sound one says");
}

#[test]
fn what_would_leave_the_document_is_not_handed_on() {
    let (_, second, signed) = vector(SIGNED);
    let doubt = |from: &str, to: &str| {
        let xml = signed.replacen(from, to, 1);
        assert_ne!(xml, signed, "{from}");
        second.signed_assertion(&xml).err()
    };
    let uri = " URI=\"#";
    for place in ["file:///attacker/file\" x=\"", "http://127.0.0.1:9/\" x=\"", "\" x=\"", "#xpointer(/)\" x=\""] {
        assert_eq!(doubt(uri, &format!(" URI=\"{place}")), Some(Doubt::UnsafeSignature), "{place}");
    }
    let transform = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
    for other in ["http://www.w3.org/TR/1999/REC-xslt-19991116", "http://www.w3.org/TR/1999/REC-xpath-19991116"] {
        assert_eq!(doubt(transform, other), Some(Doubt::UnsafeSignature), "{other}");
    }
    let root = &signed[signed.find("<saml2p:Response").expect("a root")..];
    let with_doctype = format!("<!DOCTYPE r [<!ENTITY e SYSTEM 'file:///attacker/file'>]>{root}");
    assert_eq!(second.signed_assertion(&with_doctype).err(), Some(Doubt::NotXml));
    assert_eq!(second.signed_assertion(&signed[..signed.len() - 1]).err(), Some(Doubt::NotXml));
    assert_eq!(second.signed_assertion("").err(), Some(Doubt::NotXml));
    let other_encoding = format!("<?xml version='1.0' encoding='UTF-7'?>{root}");
    assert_eq!(
        second.signed_assertion(&other_encoding),
        second.signed_assertion(&signed),
        "the characters are the same"
    );
    assert_eq!(second.signed_assertion("<r/>").err(), Some(Doubt::UnknownIssuer));
}

/// Nothing is fetched that a reference names: the document is refused before a verifier sees it.
#[test]
fn a_reference_to_a_network_is_not_followed() {
    let (_, second, signed) = vector(SIGNED);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a setting");
    let url = format!(" URI=\"http://{}/\" x=\"", listener.local_addr().expect("an address"));
    let xml = signed.replacen(" URI=\"#", &url, 1);
    assert_eq!(second.signed_assertion(&xml).err(), Some(Doubt::UnsafeSignature));
    assert!(listener.accept().is_err(), "the second opinion connected");
}

#[test]
fn a_value_that_is_not_text_alone_is_no_value() {
    let facts = |values: Vec<Option<&str>>| SignedFacts {
        assertion_id: "a".to_owned(),
        issuer: "i".to_owned(),
        attributes: vec![
            ("user".to_owned(), values.into_iter().map(|value| value.map(str::to_owned)).collect()),
            ("twice".to_owned(), vec![Some("1".to_owned())]),
            ("twice".to_owned(), vec![Some("1".to_owned())]),
        ],
    };
    assert_eq!(facts(vec![Some("jane")]).only_value("user"), Some("jane"));
    assert_eq!(facts(vec![None]).only_value("user"), None);
    assert_eq!(facts(vec![]).only_value("user"), None);
    assert_eq!(facts(vec![Some("jane"), Some("jane")]).only_value("user"), None);
    assert_eq!(facts(vec![Some("jane")]).only_value("twice"), None);
    assert_eq!(facts(vec![Some("jane")]).only_value("absent"), None);
}

#[test]
fn metadata_that_cannot_be_read_is_an_error() {
    assert!(matches!(SecondOpinion::new(["<r>"]), Err(TrustError::Xml(_))));
    assert!(matches!(signing_certificates("", "issuer"), Err(TrustError::Xml(_))));
    let (row, ..) = vector(SIGNED);
    let metadata = text(&row.metadata).replace("X509Certificate>M", "X509Certificate>!");
    assert!(matches!(SecondOpinion::new([&*metadata]), Err(TrustError::Certificate(_))));
}
