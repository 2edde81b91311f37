//! Whom we trust: IdP metadata → [`Trust`].

mod current;
mod source;

use studio_acs_saml::{MetadataError, ServiceProvider, TrustedIdps, Verifier};
use time::{Duration, UtcDateTime};

#[cfg(feature = "second-opinion")]
use crate::second_opinion::SecondOpinion;
pub use current::CurrentTrust;
pub(crate) use current::PATIENCE;
pub use source::{Source, read};

/// How long before a signing certificate ends a warning is given, as Identity Center's console does.
pub(crate) const CERTIFICATE_WARNING: Duration = Duration::days(90);

/// Why there is nobody to trust. The service does not start then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// There is nothing to read.
    #[error("{place}: {reason}")]
    Unreadable {
        /// Where.
        place: String,
        /// Why.
        reason: String,
    },
    /// What there is cannot be trusted.
    #[error("{place}: {error}")]
    Untrusted {
        /// Where it came from.
        place: String,
        /// What is wrong with it.
        error: MetadataError,
    },
    /// The second verifier does not take what the first one took.
    #[error("for the second opinion: {0}")]
    SecondOpinion(String),
}

/// Metadata documents as text, each with the place that it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    documents: Vec<(String, String)>,
}

impl Metadata {
    /// One document that came from `place`.
    pub fn of(place: impl Into<String>, text: impl Into<String>) -> Self {
        Self { documents: vec![(place.into(), text.into())] }
    }

    /// The documents' texts.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.documents.iter().map(|(_, text)| text.as_str())
    }
}

/// Who may say who somebody is, with everything that asks them prepared.
#[derive(Debug)]
pub struct Trust {
    /// The SAML door.
    pub verifier: Verifier,
    /// Who has to agree with it.
    #[cfg(feature = "second-opinion")]
    pub second_opinion: SecondOpinion,
}

impl Trust {
    /// Trusts the identity providers of `metadata`, as it is at `now`, in what they say to `us`.
    ///
    /// # Errors
    /// [`TrustError`]: an identity provider without a usable signing key among others.
    pub fn new(metadata: &Metadata, us: ServiceProvider, now: UtcDateTime) -> Result<Self, TrustError> {
        let idps = metadata.documents.iter().map(|(place, text)| {
            let untrusted = |error| TrustError::Untrusted { place: place.clone(), error };
            TrustedIdps::from_metadata(text, now).map_err(untrusted)
        });
        let idps = idps.reduce(|all, more| Ok(all?.and(more?))).unwrap_or_else(|| {
            Err(TrustError::Unreadable { place: "metadata".to_owned(), reason: "there is none".to_owned() })
        })?;
        Ok(Self {
            verifier: Verifier::new(idps, us),
            #[cfg(feature = "second-opinion")]
            second_opinion: SecondOpinion::new(metadata)?,
        })
    }

    /// Warns of certificates that end soon.
    pub fn warn_of_expiry(&self, now: UtcDateTime) {
        for idp in self.verifier.idps().iter() {
            for key in idp.keys().iter().filter(|key| key.not_after() <= now.saturating_add(CERTIFICATE_WARNING)) {
                tracing::warn!(issuer = idp.entity_id(), not_after = %key.not_after(), "a signing certificate ends soon or has ended: rotate it");
            }
        }
    }
}
