//! Metadata that is taken, and metadata that stops the start.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::panic, clippy::unwrap_used)]

use studio_acs_refusal::instant;
use studio_acs_saml::{
    KeyError, KeyType, Lapse, MetadataDocument, MetadataError, ServiceProvider, TrustedIdps, UnverifiedResponse,
    Verifier,
};
use time::{Duration, UtcDateTime};

fn fixture(name: &str) -> String {
    let path = format!("{}/../../fixtures/metadata/{name}.xml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn now() -> UtcDateTime {
    instant::parse("2026-01-15T10:00:30Z").expect("a time")
}

fn read(text: &str) -> Result<TrustedIdps, MetadataError> {
    TrustedIdps::from_metadata(text, now())
}

/// Entity ID and keys of each identity provider, for those who count.
fn keys(idps: &TrustedIdps) -> Vec<usize> {
    idps.iter().map(|idp| idp.keys().len()).collect()
}

#[test]
fn identity_centers_metadata_and_its_relatives() {
    for (name, expected) in [
        ("identity-center", vec![1]),
        ("empty-name-id-format", vec![1]),
        ("cached", vec![1]),
        ("key-without-use", vec![1]),
        ("rotation", vec![2]),
        ("encryption-key", vec![1]),
        ("expired-certificate", vec![1]),
        ("rsa-and-ec", vec![2]),
    ] {
        let idps = read(&fixture(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(keys(&idps), expected, "{name}");
    }
    assert!(read(&fixture("nested")).expect("metadata").iter().count() > 1, "several entities in one file");
}

#[test]
fn key_types_sizes_and_end_dates_are_read() {
    for (name, key_type, bits) in [
        ("identity-center", KeyType::Rsa, 2048),
        ("rsa-3072", KeyType::Rsa, 3072),
        ("ec-p256", KeyType::Ecdsa, 256),
        ("ec-p384", KeyType::Ecdsa, 384),
        ("ec-p521", KeyType::Ecdsa, 521),
    ] {
        let idps = read(&fixture(name)).expect("metadata");
        let key = idps.iter().flat_map(|idp| idp.keys()).next().expect("a key");
        assert_eq!((key.key_type(), key.bits(), key.certificate_is_sha1()), (key_type, bits, false), "{name}");
    }
    let idps = read(&fixture("expired-certificate")).expect("metadata");
    let key = idps.iter().flat_map(|idp| idp.keys()).next().expect("a key");
    assert!(key.not_after() < now() && key.key_type() == KeyType::Rsa);
}

#[test]
fn the_same_entity_in_two_documents_has_the_keys_of_both() {
    let (first, second) = (fixture("identity-center"), fixture("rotation"));
    let read = |text: &str| read(text).expect("metadata");
    let idps = read(&first).and(read(&second)).and(read(&first));
    assert_eq!(keys(&idps), [2], "each key once");
}

#[test]
fn what_cannot_be_trusted_is_an_error() {
    let good = fixture("identity-center");
    let error = |text: &str| read(text).expect_err("an error");
    assert!(matches!(error("<r"), MetadataError::Xml(rejection) if rejection.code() == "malformed_xml"));
    assert!(matches!(error("<!DOCTYPE r><r/>"), MetadataError::Xml(rejection) if rejection.code() == "dtd_forbidden"));
    assert!(matches!(error("<r/>"), MetadataError::NotMetadata { .. }));
    assert!(error("<r/>").to_string().contains("`r` without a namespace"));
    assert!(error("<r xmlns='urn:x'/>").to_string().contains("`r` of `urn:x`"));
    assert!(matches!(error(&good.replace("IDPSSODescriptor", "SPSSODescriptor")), MetadataError::ServiceProvider(_)));
    let saml1 = good.replace("SAML:2.0:protocol", "SAML:1.1:protocol");
    assert!(matches!(error(&saml1), MetadataError::OtherProtocol { .. }));
    assert!(matches!(error(&good.replace("IDPSSODescriptor", "PDPDescriptor")), MetadataError::NoIdp));
    assert!(matches!(error(&good.replace("entityID=", "entity=")), MetadataError::NoEntityId));
    assert!(matches!(
        error(&good.replace("use=\"signing\"", "use=\"encryption\"")),
        MetadataError::NoSigningKey { .. }
    ));
    assert!(matches!(error(&good.replace("X509Certificate", "KeyName")), MetadataError::NoSigningKey { .. }));
    let left_out = |text: &str| match error(text) {
        error @ MetadataError::NoSigningKey { .. } => error.to_string(),
        other => panic!("{other}"),
    };
    assert!(left_out(&fixture("rsa-1024")).contains("found RSA of 1024 bits"));
    let broken = good.replace("X509Certificate>MII", "X509Certificate>MIA");
    assert!(left_out(&broken).contains("cannot be read"));
    let capitals = good.replace("use=\"signing\"", "use=\"Signing\"");
    assert!(left_out(&capitals).contains("its use is `Signing`"));
    let commented = good.replace("X509Certificate>MII", "X509Certificate><!-- -->MII");
    assert!(left_out(&commented).contains("a comment stands in the element"));
    let entity = good.split_once("?>").map_or(good.as_str(), |(_, entity)| entity);
    let group = "<EntitiesDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata'>";
    let twice = format!("{group}{entity}{entity}</EntitiesDescriptor>");
    assert!(matches!(error(&twice), MetadataError::DuplicateEntity(_)));
    let hidden = format!("{group}<Extensions>{entity}</Extensions></EntitiesDescriptor>");
    assert!(matches!(error(&hidden), MetadataError::NoIdp), "an entity in an extension is none");
    let until = |time: &str| good.replace("entityID=", &format!("validUntil=\"{time}\" entityID="));
    assert!(read(&until("2026-01-15T10:00:31Z")).is_ok());
    assert!(matches!(error(&until("2026-01-15T10:00:30Z")), MetadataError::Expired { .. }));
    assert!(matches!(error(&until("tomorrow")), MetadataError::MalformedValidUntil { .. }));
    assert!(matches!(
        error("<EntitiesDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata'/>"),
        MetadataError::NoIdp
    ));
}

#[test]
fn rsa_with_a_small_exponent_is_left_out_and_named() {
    let document = MetadataDocument::read(&fixture("small-exponents-beside")).expect("metadata");
    assert_eq!(keys(document.idps()), [1], "the one that is left");
    let named = |fault: &MetadataError| match fault {
        MetadataError::Key { error: KeyError::Exponent(exponent), certificate, .. } => {
            (*exponent, certificate.rsplit_once(' ').expect("a fingerprint").1.to_owned())
        }
        other => panic!("{other}"),
    };
    let faults: Vec<_> = document.faults().iter().map(named).collect();
    let expected = [(3, openssl_fingerprint("rsa-2048-e3")), (257, openssl_fingerprint("rsa-2048-e257"))];
    assert_eq!(faults, expected);
    assert!(document.faults().iter().all(|fault| fault.is_left_out_key() && fault.to_string().contains("portal.sso.")));
    document.whole(now()).expect("a weak key beside a good one stops nobody");

    let error = read(&fixture("small-exponent")).expect_err("no key is left");
    assert!(matches!(error, MetadataError::NoSigningKey { .. }), "{error}");
}

/// The fingerprint that operators compare it with.
fn openssl_fingerprint(key: &str) -> String {
    let file = format!("{}/../../fixtures/keys/{key}.crt.pem", env!("CARGO_MANIFEST_DIR"));
    let arguments = ["x509", "-noout", "-fingerprint", "-sha256", "-in", &file];
    let output = std::process::Command::new("openssl").args(arguments).output().expect("openssl");
    let text = String::from_utf8(output.stdout).expect("text");
    text.trim().rsplit_once('=').expect("a fingerprint").1.to_owned()
}

#[test]
fn what_is_wrong_with_one_entity_says_nothing_of_another() {
    let entity = |name: &str| fixture(name).split_once("?>").map(|(_, entity)| entity.to_owned()).expect("a document");
    let (good, other) =
        (entity("identity-center"), entity("identity-center").replace("assertion/", "assertion/another/"));
    let document = |entities: &[&str]| {
        let group = "<EntitiesDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata'>";
        MetadataDocument::read(&format!("{group}{}</EntitiesDescriptor>", entities.concat())).expect("metadata")
    };
    let issuer =
        |document: &MetadataDocument| document.idps().iter().map(|idp| idp.entity_id().to_owned()).collect::<Vec<_>>();
    let expected = issuer(&document(&[&good]));
    for (wrong, is_wrong) in [
        (other.replace("X509Certificate>MII", "X509Certificate>MIA"), "cannot be read"),
        (other.replace("entityID=", "validUntil=\"soon\" entityID="), "is not a UTC time"),
        (other.replace("<md:IDPSSODescriptor ", "<md:IDPSSODescriptor validUntil=\"soon\" "), "is not a UTC time"),
        (other.replace("entityID=", "entity="), "no entityID"),
        (other.replace("use=\"signing\"", "use=\"encryption\""), "no signing certificate"),
        (format!("{other}{other}"), "stands twice"),
        (format!("<EntitiesDescriptor validUntil=\"soon\">{other}</EntitiesDescriptor>"), "is not a UTC time"),
    ] {
        for entities in [[&*good, &*wrong], [&*wrong, &*good]] {
            let document = document(&entities);
            assert_eq!(issuer(&document), expected, "{wrong}");
            let faults: Vec<_> = document.faults().iter().map(ToString::to_string).collect();
            assert!(faults[0].contains(is_wrong), "{faults:?}");
            assert!(document.whole(now()).is_err(), "at a start all of it has to be good");
        }
    }
}

/// The result of verifying Identity Center's response at `at`.
fn verified(idps: TrustedIdps, at: UtcDateTime) -> String {
    let path = format!("{}/../../fixtures/responses/identity-center.xml", env!("CARGO_MANIFEST_DIR"));
    let response = UnverifiedResponse::from_xml(std::fs::read(path).expect("a file")).expect("UTF-8");
    let host = "https://abc123.execute-api.eu-central-1.amazonaws.com/";
    let us = ServiceProvider::new(host, vec![format!("{host}prod/saml")]);
    let mut passed = Vec::new();
    match Verifier::new(idps, us).verify(response, None, at, &mut passed) {
        Ok(_) => format!("accepted after {}", passed.len()),
        Err(rejection) => format!("{}: {rejection}", rejection.code()),
    }
}

#[test]
fn keys_verify_until_the_metadata_is_valid_no_more_and_until_it_was_not_read_for_too_long() {
    let good = fixture("identity-center");
    let later = |seconds| now() + Duration::seconds(seconds);
    let until = |element: &str, seconds| {
        let attribute = format!("{element} validUntil=\"{}\" ", instant::format(later(seconds)));
        MetadataDocument::read(&good.replacen(&format!("{element} "), &attribute, 1)).expect("metadata").into_idps()
    };
    let plain = || read(&good).expect("metadata");
    for idps in [until("<md:EntityDescriptor", 10), until("<md:IDPSSODescriptor", 10)] {
        assert!(verified(idps.clone(), later(9)).starts_with("accepted"));
        assert!(verified(idps.clone(), later(10)).starts_with("metadata_expired: the issuer's metadata is valid"));
        assert_eq!(idps.iter().next().expect("an idp").lapse(), Some(Lapse::ValidUntil(later(10))));
        // The earlier of two ends counts, and the longer-lived of two statements of one key.
        assert!(verified(idps.clone().confirmed_until(later(5)), later(5)).starts_with("metadata_unconfirmed"));
        assert!(verified(idps.clone().confirmed_until(later(20)), later(10)).starts_with("metadata_expired"));
        assert!(verified(idps.clone().and(plain()), later(10)).starts_with("accepted"));
        assert!(verified(plain().and(idps.clone()), later(10)).starts_with("accepted"));
        let short = until("<md:EntityDescriptor", 5);
        assert!(verified(short.clone().and(idps.clone()), later(9)).starts_with("accepted"));
        assert!(verified(idps.and(short), later(10)).starts_with("metadata_expired"));
    }
    let unconfirmed = plain().confirmed_until(later(10));
    assert!(verified(unconfirmed.clone(), later(9)).starts_with("accepted"));
    assert!(verified(unconfirmed, later(10)).starts_with("metadata_unconfirmed"));

    // Only the keys whose statement has ended verify nothing: the other key of the same provider does not help them.
    let next = MetadataDocument::read(&fixture("rotation")).expect("metadata").into_idps();
    let ended = until("<md:EntityDescriptor", 5);
    assert!(verified(ended.clone().and(next), later(5)).starts_with("accepted"), "it stands in both");
    let other = MetadataDocument::read(&fixture("rsa-3072")).expect("metadata").into_idps();
    assert!(verified(ended.clone().and(other.clone()), later(4)).starts_with("accepted"));
    assert!(verified(ended.and(other), later(5)).starts_with("signature_invalid"));
    assert!(verified(TrustedIdps::default(), now()).contains("the metadata, which has none"));
}
