//! Whom to trust, read by roxmltree.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::Document;

use crate::{CertificateDer, DS, SAML, children};

const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";

/// Why metadata cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// Not XML, or with a document type.
    #[error("the metadata is not XML without a document type: {0}")]
    Xml(String),
    /// A certificate of the issuer is not base64.
    #[error("a certificate in the metadata is not base64: {0}")]
    Certificate(String),
}

/// The certificates that may sign for `issuer`: those of its identity provider roles but for encryption, every one that is
/// base64. The end of a chain is the first verifier's question: it takes no authority's key. None where the metadata
/// does not name the issuer.
///
/// # Errors
/// Metadata that is not XML; no certificate of this issuer that is base64.
pub fn signing_certificates(metadata: &str, issuer: &str) -> Result<Vec<CertificateDer>, TrustError> {
    let metadata = Document::parse(metadata).map_err(|error| TrustError::Xml(error.to_string()))?;
    let entities = metadata.descendants().filter(|node| node.has_tag_name((METADATA, "EntityDescriptor")));
    let (mut certificates, mut fault) = (Vec::new(), None);
    for certificate in entities
        .filter(|entity| entity.attribute("entityID") == Some(issuer))
        .flat_map(|entity| children(entity, METADATA, "IDPSSODescriptor"))
        .flat_map(|role| children(role, METADATA, "KeyDescriptor"))
        .filter(|key| key.attribute("use") != Some("encryption"))
        .flat_map(|key| children(key, DS, "KeyInfo"))
        .flat_map(|info| children(info, DS, "X509Data"))
        .flat_map(|data| children(data, DS, "X509Certificate"))
    {
        let text: String = certificate.text().unwrap_or_default().split_ascii_whitespace().collect();
        match STANDARD.decode(text) {
            Ok(der) => certificates.push(der.into()),
            Err(error) => fault = Some(TrustError::Certificate(error.to_string())),
        }
    }
    fault.filter(|_| certificates.is_empty()).map_or(Ok(certificates), Err)
}

/// The entity IDs in the metadata.
pub(crate) fn entity_ids(metadata: &str) -> Result<BTreeSet<String>, TrustError> {
    let metadata = Document::parse(metadata).map_err(|error| TrustError::Xml(error.to_string()))?;
    let entities = metadata.descendants().filter(|node| node.has_tag_name((METADATA, "EntityDescriptor")));
    Ok(entities.filter_map(|entity| entity.attribute("entityID")).map(str::to_owned).collect())
}

/// The issuer of the first assertion directly in a response. Unverified: it only says whose keys to try.
pub fn issuer(xml: &str) -> Option<String> {
    let document = Document::parse(xml).ok()?;
    let assertion = children(document.root_element(), SAML, "Assertion").next()?;
    children(assertion, SAML, "Issuer").next()?.text().map(str::to_owned)
}
