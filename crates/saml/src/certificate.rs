//! A certificate of metadata: its text, and its relation to the others beside it.

mod error;
mod text;

pub use error::KeyError;
pub use text::CertificateText;

use aws_lc_rs::digest::{SHA256, digest};
use time::UtcDateTime;
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::asn1::{AnyRef, ObjectIdentifier};
use x509_cert::der::{Decode as _, Header, Reader as _, SliceReader};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, BasicConstraints, KeyUsage, SubjectKeyIdentifier};
use x509_cert::spki::SubjectPublicKeyInfoOwned;
use x509_cert::time::Time;

use crate::xml::Element;
use studio_acs_refusal::printable;

/// sha1WithRSAEncryption (RFC 3279 2.2.1) and ecdsa-with-SHA1 (2.2.3).
const SHA1_SIGNATURES: [ObjectIdentifier; 2] =
    [ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.5"), ObjectIdentifier::new_unwrap("1.2.840.10045.4.1")];

/// A certificate that can be read. Nothing is trusted for its signature: metadata is the trust (SAML Metadata
/// Interoperability Profile 2.6.1). Signatures and names tell only which of several certificates issued another.
#[derive(Debug)]
pub(crate) struct Certificate {
    der: Vec<u8>,
    parsed: CertificateInner<Raw>,
}

impl Certificate {
    /// Reads an `X509Certificate`.
    pub(crate) fn read(element: Element<'_>) -> Result<Self, KeyError> {
        let der = text::der(element).map_err(KeyError::Text)?;
        match CertificateInner::<Raw>::from_der(&der) {
            Ok(parsed) => Ok(Self { der, parsed }),
            Err(error) => match text::not_a_certificate(&der) {
                Some(text) => Err(KeyError::Text(text)),
                None => Err(KeyError::Certificate(error.to_string())),
            },
        }
    }

    /// The subject, and the SHA-256 fingerprint as OpenSSL and consoles show it.
    pub(crate) fn name(&self) -> String {
        format!("`{}`, SHA-256 fingerprint {}", printable(&self.subject()), fingerprint(&self.der))
    }

    /// The key, as the certificate holds it.
    pub(crate) fn public_key(&self) -> &SubjectPublicKeyInfoOwned {
        self.parsed.tbs_certificate().subject_public_key_info()
    }

    /// Whether it was signed with SHA-1.
    pub(crate) fn is_sha1(&self) -> bool {
        SHA1_SIGNATURES.contains(&self.parsed.signature_algorithm().oid)
    }

    /// When it begins; the earliest time where that is out of range.
    pub(crate) fn not_before(&self) -> UtcDateTime {
        instant_of(self.parsed.tbs_certificate().validity().not_before).unwrap_or(UtcDateTime::MIN)
    }

    /// When it ends.
    pub(crate) fn not_after(&self) -> Result<UtcDateTime, KeyError> {
        let not_after = instant_of(self.parsed.tbs_certificate().validity().not_after);
        not_after.ok_or_else(|| KeyError::Certificate("its end date is out of range".to_owned()))
    }

    /// The bytes that its signature covers (RFC 5280 4.1.1.3); `None` if they cannot be found.
    pub(crate) fn signed_part(&self) -> Option<&[u8]> {
        let mut reader = SliceReader::new(&self.der).ok()?;
        Header::decode(&mut reader).ok()?;
        let start = usize::try_from(reader.position()).ok()?;
        AnyRef::decode(&mut reader).ok()?;
        self.der.get(start..usize::try_from(reader.position()).ok()?)
    }

    /// The algorithm and the value of its signature.
    pub(crate) fn signature(&self) -> Option<(ObjectIdentifier, &[u8])> {
        Some((self.parsed.signature_algorithm().oid, self.parsed.signature().as_bytes()?))
    }

    /// Whether this one's names and key identifiers say that its key signed `other`: the identifiers (RFC 5280 4.2.1.1,
    /// 4.2.1.2), and the names (4.1.2.4) where one of them has none. Names do not tell for a certificate that names itself
    /// as its issuer.
    pub(crate) fn is_named_as_issuer_of(&self, other: &Self) -> bool {
        match (self.subject_key_id(), other.authority_key_id()) {
            (Some(own), Some(authority)) => own == authority,
            _ => {
                let (ours, theirs) = (self.parsed.tbs_certificate(), other.parsed.tbs_certificate());
                ours.subject() == theirs.issuer() && !other.is_self_issued()
            }
        }
    }

    /// Whether this one's names and key identifiers place it above `other` in a chain: as the issuer, or as the issuer's
    /// issuer (authorityCertIssuer, RFC 5280 4.2.1.1).
    pub(crate) fn is_named_above(&self, other: &Self) -> bool {
        let is_own = |name: &GeneralName| matches!(name, GeneralName::DirectoryName(name) if name == self.parsed.tbs_certificate().subject());
        let issuers_issuer = || other.authority().and_then(|authority| authority.authority_cert_issuer);
        self.is_named_as_issuer_of(other)
            || !other.is_self_issued() && issuers_issuer().is_some_and(|names| names.iter().any(is_own))
    }

    /// Whether both have one key.
    pub(crate) fn has_key_of(&self, other: &Self) -> bool {
        self.public_key().subject_public_key == other.public_key().subject_public_key
    }

    /// Whether it is a certification authority's (RFC 5280 4.2.1.9).
    pub(crate) fn is_authority(&self) -> bool {
        let constraints = self.parsed.tbs_certificate().get_extension::<BasicConstraints>();
        constraints.is_ok_and(|found| found.is_some_and(|(_, constraints)| constraints.ca))
    }

    /// Whether it says that it is no certification authority's: basicConstraints without cA (RFC 5280 4.2.1.9), and no
    /// keyCertSign (4.2.1.3).
    pub(crate) fn is_no_authority(&self) -> bool {
        let certificate = self.parsed.tbs_certificate();
        let constraints = certificate.get_extension::<BasicConstraints>();
        let signs_none = |usage: Option<(bool, KeyUsage)>| usage.is_none_or(|(_, usage)| !usage.key_cert_sign());
        constraints.is_ok_and(|found| found.is_some_and(|(_, constraints)| !constraints.ca))
            && certificate.get_extension::<KeyUsage>().is_ok_and(signs_none)
    }

    /// Whether it names itself as its issuer.
    pub(crate) fn is_self_issued(&self) -> bool {
        let certificate = self.parsed.tbs_certificate();
        certificate.subject() == certificate.issuer()
    }

    fn subject(&self) -> String {
        self.parsed.tbs_certificate().subject().to_string()
    }

    fn subject_key_id(&self) -> Option<Vec<u8>> {
        let (_, id) = self.parsed.tbs_certificate().get_extension::<SubjectKeyIdentifier>().ok()??;
        Some(id.0.as_bytes().to_vec())
    }

    fn authority_key_id(&self) -> Option<Vec<u8>> {
        self.authority()?.key_identifier.map(|id| id.as_bytes().to_vec())
    }

    fn authority(&self) -> Option<AuthorityKeyIdentifier> {
        let (_, authority) = self.parsed.tbs_certificate().get_extension::<AuthorityKeyIdentifier>().ok()??;
        Some(authority)
    }
}

fn instant_of(time: Time) -> Option<UtcDateTime> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
    UtcDateTime::from_unix_timestamp(seconds).ok()
}

/// A certificate's SHA-256, as OpenSSL and consoles show it.
fn fingerprint(der: &[u8]) -> String {
    digest(&SHA256, der).as_ref().iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}
