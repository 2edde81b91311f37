//! Metadata that is taken, and metadata that stops the start.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use studio_acs_saml::{KeyError, KeyType, MetadataError, TrustedIdps, instant};
use time::UtcDateTime;

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
    assert!(matches!(error("<r/>"), MetadataError::NotMetadata(_)));
    assert!(matches!(error(&good.replace("IDPSSODescriptor", "SPSSODescriptor")), MetadataError::NoIdp));
    assert!(matches!(error(&good.replace("SAML:2.0:protocol", "SAML:1.1:protocol")), MetadataError::NoIdp));
    assert!(matches!(error(&good.replace("entityID=", "entity=")), MetadataError::NoEntityId));
    assert!(matches!(error(&good.replace("use=\"signing\"", "use=\"encryption\"")), MetadataError::NoSigningKey(_)));
    assert!(matches!(error(&good.replace("X509Certificate", "KeyName")), MetadataError::NoSigningKey(_)));
    assert!(matches!(error(&fixture("rsa-1024")), MetadataError::Key { error: KeyError::Key(_), .. }));
    let broken = good.replace("X509Certificate>MII", "X509Certificate>MIA");
    assert!(matches!(error(&broken), MetadataError::Key { error: KeyError::Certificate(_), .. }));
    let commented = good.replace("X509Certificate>MII", "X509Certificate><!-- -->MII");
    assert!(matches!(error(&commented), MetadataError::Key { error: KeyError::Certificate(_), .. }));
    let entity = good.split_once("?>").map_or(good.as_str(), |(_, entity)| entity);
    let group = "<EntitiesDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata'>";
    let twice = format!("{group}{entity}{entity}</EntitiesDescriptor>");
    assert!(matches!(error(&twice), MetadataError::DuplicateEntity(_)));
    let hidden = format!("{group}<Extensions>{entity}</Extensions></EntitiesDescriptor>");
    assert!(matches!(error(&hidden), MetadataError::NoIdp), "an entity in an extension is none");
    let until = |time: &str| good.replace("entityID=", &format!("validUntil=\"{time}\" entityID="));
    assert!(read(&until("2026-01-15T10:00:31Z")).is_ok());
    assert!(matches!(error(&until("2026-01-15T10:00:30Z")), MetadataError::Expired(_)));
    assert!(matches!(error(&until("tomorrow")), MetadataError::MalformedValidUntil(_)));
    assert!(matches!(
        error("<EntitiesDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata'/>"),
        MetadataError::NoIdp
    ));
}
