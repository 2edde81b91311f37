//! The certificates that a message brings along. They prove nothing: keys come from metadata only. Reports compare them with
//! the metadata, to tell a rotated certificate from a damaged signature.

use crate::certificate::Certificate;
use crate::key::KeyId;
use crate::names::DS;
use crate::xml::{Document, Limits};

/// The keys of the certificates in an unverified message; none if it cannot be read. Nothing may be trusted by them.
pub fn unverified_signers(message: &str) -> Vec<KeyId> {
    let Ok(document) = Document::parse(message, Limits::RESPONSE) else { return Vec::new() };
    let Some(root) = document.root() else { return Vec::new() };
    let elements = root.descendants().filter(|element| element.is(DS, "X509Certificate"));
    let certificates = elements.filter_map(|element| Certificate::read(element).ok());
    certificates.filter_map(|certificate| KeyId::of_certificate(&certificate)).collect()
}
