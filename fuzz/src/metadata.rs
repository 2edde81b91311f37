//! Metadata of identity providers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use studio_acs_saml::{KeyType, MetadataDocument};

use crate::verify::NOW;

const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
/// The DER of `rsaEncryption` and `id-ecPublicKey`.
const KEY_TYPES: [(KeyType, &[u8]); 2] = [
    (KeyType::Rsa, b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"),
    (KeyType::Ecdsa, b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01"),
];

/// Each identity provider is an entity of the document, and its keys are of an accepted kind and come from certificates
/// that stand there.
pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let contents = match MetadataDocument::read(text) {
        Ok(contents) => contents,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    assert!(contents.faults().iter().all(|fault| !fault.to_string().is_empty()));
    match contents.clone().whole(*NOW) {
        Ok(whole) => assert!(whole.idps().iter().next().is_some(), "metadata without identity provider"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    let idps = contents.into_idps();
    let document = roxmltree::Document::parse(text).expect("XML");
    for idp in idps.iter() {
        let is_entity = |node: &roxmltree::Node<'_, '_>| {
            node.has_tag_name((METADATA, "EntityDescriptor")) && node.attribute("entityID") == Some(idp.entity_id())
        };
        let entities: Vec<_> = document.descendants().filter(is_entity).collect();
        assert!(!entities.is_empty(), "{} is no entity", idp.entity_id());
        let certificates = entities.iter().flat_map(|entity| entity.descendants());
        let certificates = certificates.filter(|node| node.tag_name().name() == "X509Certificate");
        let certificates: Vec<_> = certificates.filter_map(|node| certificate(&node)).collect();
        assert!(idp.keys().len() > 0, "an identity provider without key");
        for (key_type, oid) in KEY_TYPES {
            let keys = idp.keys().filter(|key| key.key_type() == key_type).count();
            let may_hold = |der: &&Vec<u8>| der.windows(oid.len()).any(|window| window == oid);
            assert!(keys <= certificates.iter().filter(may_hold).count(), "a key from nowhere");
        }
        assert!(idps.find(idp.entity_id()).is_some());
    }
}

fn certificate(node: &roxmltree::Node<'_, '_>) -> Option<Vec<u8>> {
    let text: String = node.children().filter_map(|child| child.text()).collect();
    STANDARD.decode(text.split_ascii_whitespace().collect::<String>()).ok()
}
