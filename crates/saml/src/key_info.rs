//! The keys that a `KeyInfo` names by its certificates (XML Signature 4.4.4).

use crate::certificate::{Certificate, KeyError};
use crate::issued::issued;
use crate::key::SigningKey;
use crate::names::DS;
use crate::xml::Element;

/// The keys of a key descriptor, and the certificates that hold none.
#[derive(Debug, Default)]
pub(crate) struct KeyInfo {
    /// The keys that sign: at most one of each `X509Data`.
    pub(crate) keys: Vec<SigningKey>,
    /// The certificates that are left out, by name, and why.
    pub(crate) left_out: Vec<(String, KeyError)>,
    /// Two certificates of different keys in one `X509Data`, neither of which issued the other: which of them signs is
    /// unknown.
    pub(crate) ambiguous: Vec<(String, String)>,
}

impl KeyInfo {
    /// Reads a `KeyInfo`. All certificates of one `X509Data` are about one key: they hold it, or are of the chain that ends
    /// in it, in no particular order. So the key is that of the certificate that issued no other, and never an authority's
    /// because its certificate stands first. Providers write a chain with an `X509Data` for each certificate, too, and so
    /// two keys of a rotation: what issued no other in the `KeyInfo` is a key.
    pub(crate) fn read(info: Element<'_>) -> Self {
        let mut reading = Self::default();
        let mut groups: Vec<Vec<Certificate>> = Vec::new();
        let mut number = 0_usize;
        for data in info.named(DS, "X509Data") {
            let mut certificates = Vec::new();
            for element in data.named(DS, "X509Certificate") {
                number = number.saturating_add(1);
                match Certificate::read(element) {
                    Ok(certificate) => certificates.push(certificate),
                    Err(error) => reading.left_out.push((format!("number {number}"), error)),
                }
            }
            groups.push(certificates);
        }
        if !reading.left_out.is_empty() {
            // One that cannot be read may be the one that signs, and these its issuers.
            for group in &mut groups {
                let (ends, others) = std::mem::take(group).into_iter().partition(is_certainly_no_issuer);
                *group = ends;
                reading.left_out.extend(others.iter().map(|other: &Certificate| (other.name(), KeyError::Beside)));
            }
        }
        for ends in ends_of_chains(&groups) {
            match one_key(&ends) {
                Ok(None) => {}
                Ok(Some(end)) => match SigningKey::of(end) {
                    Ok(key) => reading.keys.push(key),
                    Err(error) => reading.left_out.push((end.name(), error)),
                },
                Err((one, other)) => reading.ambiguous.push((one.name(), other.name())),
            }
        }
        reading
    }
}

/// Returns the certificates of each group that issued none of all.
fn ends_of_chains(groups: &[Vec<Certificate>]) -> Vec<Vec<&Certificate>> {
    let all = || groups.iter().flatten();
    let issues_another = |one: &Certificate| all().any(|other| issued(one, other) || says_it_issued(one, other));
    let mut ends: Vec<Vec<_>> =
        groups.iter().map(|group| group.iter().filter(|one| !issues_another(one)).collect()).collect();
    if ends.iter().all(Vec::is_empty) {
        // Each issued another, which no chain does: none of them is told from the others.
        ends = vec![all().collect()];
    }
    ends
}

/// Returns the certificate that is left of one `X509Data`. Certificates of one key are one; the last of them to end counts.
/// `None` if there are no certificates.
///
/// # Errors
/// Two certificates that could both be it.
fn one_key<'c>(ends: &[&'c Certificate]) -> Result<Option<&'c Certificate>, (&'c Certificate, &'c Certificate)> {
    let Some(first) = ends.first() else { return Ok(None) };
    match ends.iter().find(|other| !other.has_key_of(first)) {
        Some(other) => Err((first, other)),
        None => Ok(ends.iter().copied().max_by_key(|one| one.not_after().ok())),
    }
}

/// Whether `authority` is an authority's, and its name or identifier is that of the issuer of `other`: an authority that
/// has a new key by now, or one further up in a chain with a gap.
fn says_it_issued(authority: &Certificate, other: &Certificate) -> bool {
    authority.is_authority() && !authority.has_key_of(other) && authority.is_named_above(other)
}

/// Whether another key issued it, and it says itself that it issues nothing. Nothing is told by what it does not say: an
/// authority's certificate of X.509 v1 has no basicConstraints.
fn is_certainly_no_issuer(certificate: &Certificate) -> bool {
    !certificate.is_self_issued() && certificate.is_no_authority()
}
