//! The key that a `KeyInfo` names by its certificates (XML Signature 4.4.4).

use crate::certificate::{Certificate, KeyError};
use crate::issued::issued;
use crate::key::SigningKey;
use crate::names::DS;
use crate::xml::Element;

/// A key descriptor's key, and the certificates that hold none.
#[derive(Debug, Default)]
pub(crate) struct KeyInfo {
    /// The key that signs; `None` if no certificate holds one that may.
    pub(crate) key: Option<SigningKey>,
    /// The certificates that are left out, by name, and why.
    pub(crate) left_out: Vec<(String, KeyError)>,
    /// Two certificates of different keys, neither of which issued the other: which of them signs is unknown.
    pub(crate) ambiguous: Option<(String, String)>,
}

impl KeyInfo {
    /// Reads a `KeyInfo`. All of its certificates are about one key: they hold it, or are of the chain that ends in it, in
    /// no particular order. So the key is that of the certificate that issued none of the others, and never an authority's
    /// because its certificate stands first.
    pub(crate) fn read(info: Element<'_>) -> Self {
        let elements = info.named(DS, "X509Data").flat_map(|data| data.named(DS, "X509Certificate"));
        let mut reading = Self::default();
        let mut certificates = Vec::new();
        for (at, element) in elements.enumerate() {
            match Certificate::read(element) {
                Ok(certificate) => certificates.push(certificate),
                Err(error) => reading.left_out.push((format!("number {}", at.saturating_add(1)), error)),
            }
        }
        if !reading.left_out.is_empty() {
            // One that cannot be read may be the one that signs, and these its issuers.
            let (ends, others) = certificates.into_iter().partition(is_certainly_an_end);
            certificates = ends;
            reading.left_out.extend(others.iter().map(|other: &Certificate| (other.name(), KeyError::Beside)));
        }
        match end_of_chain(&certificates) {
            Ok(None) => {}
            Ok(Some(end)) => match SigningKey::of(end) {
                Ok(key) => reading.key = Some(key),
                Err(error) => reading.left_out.push((end.name(), error)),
            },
            Err((one, other)) => reading.ambiguous = Some((one.name(), other.name())),
        }
        reading
    }
}

/// Returns the certificate that issued none of the others. Certificates of one key are one; the last of them to end
/// counts. `None` if there are no certificates.
///
/// # Errors
/// Two certificates that could both be it.
fn end_of_chain(certificates: &[Certificate]) -> Result<Option<&Certificate>, (&Certificate, &Certificate)> {
    let issues_another = |one: &Certificate| certificates.iter().any(|other| issued(one, other));
    let mut ends: Vec<&Certificate> = certificates.iter().filter(|one| !issues_another(one)).collect();
    if ends.is_empty() {
        // Each issued another, which no chain does.
        ends = certificates.iter().collect();
    }
    // A chain with a gap: of a certificate that an authority issued, and authorities, the first is meant.
    if ends.iter().any(|one| is_certainly_an_end(one)) {
        ends.retain(|one| !one.is_authority());
    }
    let Some(first) = ends.first() else { return Ok(None) };
    match ends.iter().find(|other| !other.has_key_of(first)) {
        Some(other) => Err((first, other)),
        None => Ok(ends.into_iter().max_by_key(|one| one.not_after().ok())),
    }
}

/// Whether another key issued it, and it is no authority's.
fn is_certainly_an_end(certificate: &Certificate) -> bool {
    !certificate.is_self_issued() && !certificate.is_authority()
}
