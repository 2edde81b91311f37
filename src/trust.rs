//! Whom we trust: IdP metadata → [`Trust`].

use std::path::Path;

use studio_acs_saml::{MetadataError, ServiceProvider, TrustedIdps, Verifier};
use time::{Duration, UtcDateTime};

#[cfg(feature = "second-opinion")]
use crate::second_opinion::SecondOpinion;

/// How long before a signing certificate ends a warning is given, as Identity Center's console does.
const CERTIFICATE_WARNING: Duration = Duration::days(90);

/// Metadata documents as text, each with the place that it came from. There is at least one.
#[derive(Debug, Clone)]
pub struct Metadata {
    documents: Vec<(String, String)>,
}

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

impl Metadata {
    /// The file at `path`, or each `.xml` file of the directory there.
    ///
    /// # Errors
    /// [`TrustError::Unreadable`].
    pub fn read(path: &Path) -> Result<Self, TrustError> {
        let unreadable = |path: &Path, reason: &dyn std::fmt::Display| TrustError::Unreadable {
            place: path.display().to_string(),
            reason: reason.to_string(),
        };
        let mut files = vec![path.to_owned()];
        if path.is_dir() {
            let entries = std::fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
            files = entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
            files.retain(|file| file.extension().is_some_and(|extension| extension == "xml"));
            files.sort();
        }
        if files.is_empty() {
            let reason =
                "the directory holds no .xml file; download the IAM Identity Center SAML metadata file into it";
            return Err(unreadable(path, &reason));
        }
        let documents = files.into_iter().map(|file| match std::fs::read_to_string(&file) {
            Ok(text) => Ok((file.display().to_string(), text)),
            Err(error) => Err(unreadable(&file, &error)),
        });
        Ok(Self { documents: documents.collect::<Result<_, _>>()? })
    }

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
