//! A second opinion on signed responses: samael 0.0.22 with libxmlsec1 and libxml2, which share no code with
//! `studio-acs-saml`. Trust is read by a third parser, so that nothing here leans on what is judged.

#![forbid(unsafe_code)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use roxmltree::{Document, Node};
use samael::crypto::{CertificateDer, Crypto, CryptoProvider as _, ReduceMode};

const SAML: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";

/// What libxmlsec1 verifies of a document under the certificates that it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verified {
    /// Nothing.
    Nothing,
    /// The first signature in document order, and not every other.
    FirstSignature,
    /// Every signature in the document, of which there is at least one.
    EverySignature,
}

/// What libxmlsec1 verifies of `xml` under `certificates`. `KeyInfo` gives no keys.
///
/// samael's lowest function, `verify_signed_xml`, looks at the first signature alone. The one its service provider
/// stands on, `reduce_xml_to_signed`, looks at every one; it also refuses IDs that are repeated or no names.
pub fn verify(xml: &str, certificates: &[CertificateDer]) -> Verified {
    let first = certificates.iter().any(|key| Crypto::verify_signed_xml(xml, key, Some("ID")).is_ok());
    // All certificates together, then each alone: among several, one with a key of another type than the signature's
    // is an error that ends samael's search.
    let every = std::iter::once(certificates)
        .chain(certificates.chunks(1))
        .any(|some| Crypto::reduce_xml_to_signed(xml, some, ReduceMode::PreDigest).is_ok());
    match (first, every) {
        (_, true) => Verified::EverySignature,
        (true, false) => Verified::FirstSignature,
        (false, false) => Verified::Nothing,
    }
}

/// The issuer of the first assertion directly in a response.
pub fn issuer(xml: &str) -> Option<String> {
    let document = Document::parse(xml).ok()?;
    let assertion = children(document.root_element(), SAML, "Assertion").next()?;
    children(assertion, SAML, "Issuer").next()?.text().map(str::to_owned)
}

/// The certificates that may sign for `issuer`: those of its identity provider roles but for encryption, the first of
/// each `X509Data`.
pub fn signing_certificates(metadata: &str, issuer: &str) -> Vec<CertificateDer> {
    let metadata = Document::parse(metadata).expect("metadata is XML");
    let entities = metadata.descendants().filter(|node| node.has_tag_name((METADATA, "EntityDescriptor")));
    entities
        .filter(|entity| entity.attribute("entityID") == Some(issuer))
        .flat_map(|entity| children(entity, METADATA, "IDPSSODescriptor"))
        .flat_map(|role| children(role, METADATA, "KeyDescriptor"))
        .filter(|key| key.attribute("use") != Some("encryption"))
        .flat_map(|key| children(key, DS, "KeyInfo"))
        .flat_map(|info| children(info, DS, "X509Data"))
        .filter_map(|data| children(data, DS, "X509Certificate").next())
        .map(|certificate| {
            let text: String = certificate.text().unwrap_or_default().split_ascii_whitespace().collect();
            STANDARD.decode(text).expect("certificates are base64").into()
        })
        .collect()
}

fn children<'d>(
    parent: Node<'d, 'd>,
    namespace: &'static str,
    local: &'static str,
) -> impl Iterator<Item = Node<'d, 'd>> {
    parent.children().filter(move |node| node.has_tag_name((namespace, local)))
}
