//! Several certificates in one `KeyInfo`, certificates that are left out, and texts that are no certificate.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::panic, clippy::unwrap_used)]

use studio_acs_refusal::{FileKind, instant};
use studio_acs_saml::{CertificateText, KeyError, MetadataDocument, MetadataError};
use time::UtcDateTime;

const ISSUER: &str = "https://portal.sso.eu-central-1.amazonaws.com/";

fn fixture(name: &str) -> String {
    let path = format!("{}/../../fixtures/metadata/{name}.xml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn now() -> UtcDateTime {
    instant::parse("2026-01-15T10:00:30Z").expect("a time")
}

fn document(name: &str) -> MetadataDocument {
    MetadataDocument::read(&fixture(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The keys of all identity providers of a document.
fn keys(name: &str) -> Vec<[u8; 32]> {
    document(name).idps().iter().flat_map(|idp| idp.keys().map(|key| key.id().0).collect::<Vec<_>>()).collect()
}

#[test]
fn the_key_is_that_of_the_end_of_the_chain_in_any_order() {
    let expected = keys("identity-center");
    for name in [
        "leaf-first",
        "leaf-last",
        "leaf-last-without-ids",
        "one-name",
        "three-mixed",
        "split",
        "three-split",
        "crossed",
        "gap",
        "rekeyed",
        "same-twice",
        "renewed",
        "self-signed-ca",
        "key-value-beside",
        // Signed by an algorithm that is not known here, so that identifiers tell, and names where there are none.
        "ids-before-names",
        "names-alone",
        // The names are one, so that only the signature tells.
        "signed-sha1-rsa-1024",
        "signed-sha256-rsa-1024",
        "signed-sha512-rsa-1024",
        "signed-sha384-authority",
        "signed-sha256-ec-p256",
        "signed-sha384-ec-p256",
        "signed-sha512-ec-p256",
        "signed-sha384-ec-p384",
        "signed-sha512-ec-p521",
    ] {
        let name = format!("chain/{name}");
        assert_eq!(keys(&name), expected, "{name}");
        assert_eq!(document(&name).faults(), [], "{name}");
    }
}

#[test]
fn an_authority_never_signs_in_place_of_a_certificate_that_is_left_out() {
    let error = document("chain/unsupported-leaf").whole(now()).expect_err("no key is left").to_string();
    assert!(error.contains("found Ed25519") && error.contains("CN=idp.example.com"), "{error}");
    assert_eq!(keys("chain/unsupported-leaf-beside"), keys("identity-center"));
    // One that cannot be read may be the end of the chain.
    let leaf = fixture("chain/leaf-last");
    let (_, last) = leaf.rsplit_once("<ds:X509Certificate>").expect("a certificate");
    let unreadable = leaf.replace(last, &last.replacen("MII", "MIA", 1));
    let document = MetadataDocument::read(&unreadable).expect("metadata");
    assert_eq!(document.idps().iter().count(), 0, "the authority's key is not taken");
    let faults: Vec<_> = document.faults().iter().map(ToString::to_string).collect();
    assert!(faults[0].contains("(number 2): the certificate cannot be read"), "{faults:?}");
    assert!(faults[1].contains("Example Root CA") && faults[1].contains("may be that one's issuer"), "{faults:?}");
    // An end that says it is no authority's needs no doubt.
    assert_eq!(keys("left-out/end-beside-unreadable"), keys("identity-center"));
    // Others do: an authority's certificate of X.509 v1 looks like the provider's own.
    for name in ["intermediate", "unclear", "certifying", "self-signed"] {
        let name = format!("left-out/{name}-beside-unreadable");
        let document = self::document(&name);
        assert_eq!(keys(&name), keys("identity-center"), "{name}");
        let is_beside = |fault: &MetadataError| matches!(fault, MetadataError::Key { error: KeyError::Beside, .. });
        assert!(document.faults().iter().any(is_beside), "{name}: {:?}", document.faults());
    }
}

#[test]
fn two_keys_with_an_x509_data_each_are_two_keys() {
    for name in ["two-keys-split", "two-keys-split-with-an-authority"] {
        let name = format!("chain/{name}");
        assert_eq!(keys(&name), keys("rotation"), "{name}");
        assert_eq!(document(&name).faults(), [], "{name}");
        document(&name).whole(now()).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    // Two chains, all in pieces: what issued another is no key.
    let text = fixture("chain/split").replace("</ds:KeyInfo>", &{
        let next = fixture("chain/three-split");
        let (_, next) = next.split_once("<ds:X509Data>").expect("certificates");
        format!("<ds:X509Data>{}", next.split_once("</md:KeyDescriptor>").expect("an end").0)
    });
    let document = MetadataDocument::read(&text).expect("metadata");
    assert_eq!(document.idps().iter().flat_map(|idp| idp.keys()).count(), 1, "{:?}", document.faults());
}

#[test]
fn two_keys_in_one_x509_data_are_named_and_none_is_taken() {
    for (name, names) in [
        ("two-keys", ["CN=amazonaws.com,", "CN=amazonaws.com,"]),
        ("two-keys-named", ["CN=idp.example.com`", "CN=amazonaws.com,"]),
        // The one that `openssl req -x509` makes says that it is an authority's, and has nothing to do with the other.
        ("self-signed-ca-and-tls", ["CN=idp.example.com`", "CN=www.example.com`"]),
        ("gap-unnamed", ["CN=Example Root CA`", "CN=idp.example.com`"]),
        // It has the issuer's name, did not sign the other, and does not say that it is an authority's.
        ("named-as-no-authority", ["CN=Example Root CA`", "CN=idp.example.com`"]),
        // A key that makes no such signature made none, whatever its certificate is named.
        ("of-another-type", ["CN=Example Root CA`", "CN=idp.example.com`"]),
        ("circle", ["CN=Example Issuing CA`", "CN=Example Root CA`"]),
        ("circle-split", ["CN=Example Issuing CA`", "CN=Example Root CA`"]),
    ] {
        let document = document(&format!("chain/{name}"));
        assert_eq!(document.idps().iter().count(), 0, "{name}");
        let [MetadataError::Ambiguous { entity_id, one, other }] = document.faults() else {
            panic!("{name}: {:?}", document.faults());
        };
        assert!(entity_id.starts_with(ISSUER), "{name}");
        assert!(one.contains(names[0]) && other.contains(names[1]), "{name}: {one}; {other}");
        assert!(one != other && one.contains("fingerprint") && other.contains("fingerprint"), "{name}: {one}; {other}");
        assert!(document.whole(now()).is_err(), "{name}: an operator has to say which");
    }
}

#[test]
fn a_certificate_that_cannot_be_used_is_left_out_and_named() {
    for (name, words) in [
        ("rsa-1024", "found RSA of 1024 bits"),
        ("ed25519", "found Ed25519"),
        ("p224", "found ECDSA on P-224"),
        ("dsa", "found DSA"),
        ("broken", "cannot be read"),
        ("pem", "remove the lines BEGIN CERTIFICATE"),
    ] {
        let document = document(&format!("left-out/{name}"));
        assert_eq!(document.idps().iter().flat_map(|idp| idp.keys()).count(), 1, "{name}");
        let [fault] = document.faults() else { panic!("{name}: {:?}", document.faults()) };
        assert!(fault.is_left_out_key(), "{name}");
        let fault = fault.to_string();
        assert!(fault.contains(words) && fault.contains(ISSUER), "{name}: {fault}");
        document.whole(now()).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let error = document("left-out/all").whole(now()).expect_err("no key is left");
    assert!(matches!(error, MetadataError::NoSigningKey { .. }), "{error}");
    for words in ["RSA of 1024 bits", "Ed25519", "cannot be read"] {
        assert!(error.to_string().contains(words), "{words}: {error}");
    }
}

#[test]
fn a_renewed_certificate_counts_until_the_last_one_ends() {
    let ends =
        |name: &str| document(name).idps().iter().next().expect("an idp").keys().next().expect("a key").not_after();
    for name in ["renewed", "renewed-in-two", "renewed-in-two-last-first"] {
        assert_eq!(ends(&format!("chain/{name}")), ends("chain/leaf-first"), "{name}");
    }
    let expired = fixture("expired-certificate");
    let (before, after) = expired.split_once("<md:KeyDescriptor").expect("a key");
    let (descriptor, rest) = after.split_once("</md:KeyDescriptor>").expect("a key");
    let twice = format!(
        "{before}<md:KeyDescriptor{descriptor}</md:KeyDescriptor><md:KeyDescriptor{descriptor}</md:KeyDescriptor>{rest}"
    );
    let document = MetadataDocument::read(&twice).expect("metadata");
    assert_eq!(document.idps().iter().flat_map(|idp| idp.keys()).count(), 1, "one key twice is one");
}

#[test]
fn a_text_that_is_no_certificate_is_named() {
    use CertificateText::*;
    for (name, expected) in [
        ("pem", Pem),
        ("pem-chain", Several),
        ("pem-with-openssl-lines", Preamble("subject=C = US, O = Amazon, CN = amazona".to_owned())),
        ("pem-with-bag-attributes", Preamble("Bag Attributes".to_owned())),
        ("pem-public-key", PemOf("PUBLIC KEY".to_owned())),
        ("pem-private-key", PemOf("PRIVATE KEY".to_owned())),
        ("pem-pkcs7", PemOf("PKCS7".to_owned())),
        ("pem-escaped", Escaped),
        ("chain", Several),
        ("chain-without-padding-between", Several),
        ("openssl-lines", Preamble("subject=C = US, O = Amazon, CN = amazona".to_owned())),
        ("lines-without-equals-signs", Preamble("Serial Number: 01:02".to_owned())),
        ("subject-of-openssl-1.0", Preamble("subject=/O=Amazon".to_owned())),
        ("odd-character-beside-cn", Character('\u{2013}')),
        ("base64url-cut", Character('-')),
        ("no-break-space", Character('\u{A0}')),
        ("zero-width-space", Character('\u{200B}')),
        ("typographic-dash", Character('\u{2013}')),
        ("comment", Comment),
        ("element", Element),
        ("empty", Empty),
        ("base64url", Base64Url),
        ("base64-of-pem", Base64OfPem),
        ("public-key", Der("a public key")),
        ("base64-twice", Base64Twice),
        ("base64-twice-in-lines", Base64Twice),
        ("hex", Hex),
        ("hex-in-capitals", Hex),
        ("fingerprint", Fingerprint),
        ("fingerprint-of-sha256", Fingerprint),
        ("private-key", PrivateKey),
        ("private-key-pkcs1", PrivateKey),
        ("private-key-sec1", PrivateKey),
        ("pkcs12", Der("a PKCS #12 file (.p12, .pfx)")),
    ] {
        let document = document(&format!("certificate-text/{name}"));
        let found: Vec<_> = document.faults().iter().filter(|fault| fault.is_left_out_key()).collect();
        let [MetadataError::Key { error: KeyError::Text(found), .. }] = *found else { panic!("{name}: {found:?}") };
        assert_eq!(*found, expected, "{name}");
        let said = found.to_string();
        assert!(!said.to_lowercase().contains("symbol"), "{name}: {said}");
        assert_eq!(said.contains("make a new key"), name.contains("private-key"), "{name}: {said}");
        assert_eq!(said.contains("a no-break space"), name == "no-break-space", "{name}: {said}");
        assert!(document.whole(now()).is_err(), "{name}");
    }
    for name in ["cut", "cut-to-a-multiple-of-four", "other-der", "other-hex", "placeholder"] {
        let error = document(&format!("certificate-text/{name}")).whole(now()).expect_err("an error").to_string();
        assert!(error.contains("no base64") || error.contains("cannot be read"), "{name}: {error}");
    }
    let secret = fixture("certificate-text/pem-private-key");
    let error = MetadataDocument::read(&secret).expect("metadata").whole(now()).expect_err("an error").to_string();
    assert!(error.contains("make a new key") && !error.contains("AAAA"), "{error}");
}

#[test]
fn a_file_that_is_something_else_is_named() {
    use FileKind::*;
    for (text, expected) in [
        ("", Empty),
        (" \n\t", Empty),
        ("\u{FEFF}", Empty),
        ("<!DOCTYPE html>\n<html><body>Sign in</body></html>", Html),
        ("\u{FEFF}<!doctype HTML PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\">", Html),
        ("<html lang=\"en\">", Html),
        ("{\"issuer\": \"https://idp.example.com\"}", Json),
        ("[]", Json),
        ("-----BEGIN CERTIFICATE-----\nMII", Pem("CERTIFICATE".to_owned())),
        ("Bag Attributes\n-----BEGIN CERTIFICATE-----\nMII", Pem("CERTIFICATE".to_owned())),
        ("MIICzTCCAbWgAwIBAgIDBRAAMA0GCSqGSIb3DQEBCwUAMCkx", Base64OfDer),
        ("PD94bWwgdmVyc2lvbj0iMS4wIj8+", Base64OfXml),
        ("https://portal.sso.eu-central-1.amazonaws.com/saml/metadata/MTIz", Url),
    ] {
        let error = MetadataDocument::read(text).expect_err("an error");
        assert_eq!(error, MetadataError::AnotherFile(expected), "{text}");
    }
    let good = fixture("identity-center");
    assert!(MetadataDocument::read(&format!("\u{FEFF}{good}")).is_ok(), "a byte order mark is none");
}

#[test]
fn a_message_about_metadata_names_the_entity() {
    let good = fixture("identity-center");
    for (from, to, words) in [
        ("entityID=", "validUntil=\"soon\" entityID=", "`soon` of entity `https://portal.sso."),
        ("<md:IDPSSODescriptor ", "<md:IDPSSODescriptor validUntil=\"2027\" ", "`2027` of identity provider `https://"),
        ("entityID=", "validUntil=\"2026-01-15T10:00:30Z\" entityID=", "identity provider `https://portal.sso."),
        ("use=\"signing\"", "use=\"encryption\"", "identity provider `https://portal.sso."),
        ("SAML:2.0:protocol", "SAML:1.1:protocol", "identity provider `https://portal.sso."),
        ("IDPSSODescriptor", "SPSSODescriptor", "`https://portal.sso."),
    ] {
        let error = MetadataDocument::read(&good.replace(from, to)).and_then(|read| read.whole(now()));
        let error = error.expect_err("an error").to_string();
        assert!(error.contains(words), "{to}: {error}");
    }
    let group =
        "<EntitiesDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata' Name='urn:federation' validUntil='x'/>";
    let error = MetadataDocument::read(group).and_then(|read| read.whole(now())).expect_err("an error").to_string();
    assert!(error.contains("the group `urn:federation`"), "{error}");
}
