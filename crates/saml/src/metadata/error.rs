//! The reason why metadata, or a part of it, cannot be trusted.

use time::UtcDateTime;

use crate::certificate::KeyError;
use crate::rejection::Rejection;
use studio_acs_refusal::{FileKind, instant, printable};

/// The reason why metadata, or a part of it, cannot be trusted. The service does not start with such metadata, except for
/// [keys that are left out](Self::is_left_out_key).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetadataError {
    /// Another file than an XML document.
    #[error("it is {0} and no SAML metadata")]
    AnotherFile(FileKind),
    /// Not XML as we take it.
    #[error("{0}")]
    Xml(#[from] Rejection),
    /// Another document.
    #[error("the root is `{root}` {}, not an EntityDescriptor or EntitiesDescriptor of SAML metadata", of(namespace))]
    NotMetadata {
        /// The name of its root.
        root: String,
        /// The namespace of its root; empty if it has none.
        namespace: String,
    },
    /// An `EntityDescriptor` without `entityID`.
    #[error("an EntityDescriptor has no entityID")]
    NoEntityId,
    /// One document says two things of one identity provider.
    #[error("identity provider `{0}` stands twice in one document")]
    DuplicateEntity(String),
    /// `validUntil` cannot be read (Metadata 2.3.1, 2.3.2).
    #[error("validUntil `{found}` of {about} is not a UTC time")]
    MalformedValidUntil {
        /// Whose.
        about: String,
        /// Its text.
        found: String,
    },
    /// `validUntil` is over (Metadata 2.3.1, 2.3.2).
    #[error(
        "the metadata of identity provider `{entity_id}` was valid until {}: download it again",
        instant::format(*at)
    )]
    Expired {
        /// Whose.
        entity_id: String,
        /// Until when it was valid.
        at: UtcDateTime,
    },
    /// No entity with an `IDPSSODescriptor` for SAML 2.0.
    #[error("there is no identity provider (IDPSSODescriptor for SAML 2.0) in the metadata")]
    NoIdp,
    /// The only entity is a service provider, by its entity ID.
    #[error("`{0}` is a service provider (SPSSODescriptor): there is no identity provider in the metadata")]
    ServiceProvider(String),
    /// The only identity provider does not speak SAML 2.0.
    #[error("identity provider `{entity_id}` does not speak SAML 2.0 (protocolSupportEnumeration is {protocols})")]
    OtherProtocol {
        /// Its entity ID.
        entity_id: String,
        /// The protocols that it speaks.
        protocols: String,
    },
    /// An identity provider whose responses no key could verify.
    #[error(
        "identity provider `{entity_id}` has no signing certificate (KeyDescriptor for signing with an X509Certificate){}",
        reasons(left_out)
    )]
    NoSigningKey {
        /// Whose.
        entity_id: String,
        /// The certificates that are left out, each by name and with the reason.
        left_out: Vec<(String, KeyError)>,
    },
    /// One `X509Data` with certificates of two keys, neither of which issued the other (XML Signature 4.4.4).
    #[error(
        "identity provider `{entity_id}` has two certificates of different keys in one X509Data (KeyInfo), and neither issued the other: {one}; {other}"
    )]
    Ambiguous {
        /// Whose.
        entity_id: String,
        /// One certificate, by name and fingerprint.
        one: String,
        /// Another one.
        other: String,
    },
    /// A certificate that holds no usable key.
    #[error("a signing certificate of identity provider `{entity_id}` ({certificate}): {error}")]
    Key {
        /// Whose.
        entity_id: String,
        /// Which: by name and fingerprint, or by its place.
        certificate: String,
        /// Why.
        error: KeyError,
    },
}

impl MetadataError {
    /// Whether it is a key that is left out: the rest of the metadata may be trusted by a service that starts.
    pub fn is_left_out_key(&self) -> bool {
        matches!(self, Self::Key { .. })
    }
}

fn of(namespace: &str) -> String {
    if namespace.is_empty() { "without a namespace".to_owned() } else { format!("of `{}`", printable(namespace)) }
}

fn reasons(left_out: &[(String, KeyError)]) -> String {
    let reasons: Vec<_> = left_out.iter().map(|(certificate, error)| format!("{certificate}: {error}")).collect();
    if reasons.is_empty() { String::new() } else { format!(" that can be used: {}", reasons.join("; ")) }
}
