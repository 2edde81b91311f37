//! Whom we trust: IdP metadata → [`Trust`].

mod current;
mod document;
mod error;
pub mod messages;

use studio_acs_saml::{KeyId, Lapse, ServiceProvider, TrustedIdps, Verifier};
use time::{Duration, UtcDateTime};

#[cfg(feature = "second-opinion")]
use crate::second_opinion::SecondOpinion;
use aws_config::SdkConfig;
pub use current::CurrentTrust;
use document::{Document, Documents};
pub use error::TrustError;
#[cfg(feature = "second-opinion")]
use messages::SECOND_OPINION_STAYS;
use messages::{CERTIFICATE_ENDS, METADATA_EXPIRED, METADATA_FAULT};
use studio_acs_aws::{RefreshRules, Source, SourceError, readable};

/// How long before a signing certificate ends a warning is given, as Identity Center's console does.
pub(crate) const CERTIFICATE_WARNING: Duration = Duration::days(90);

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

/// Reads all documents of `sources`, with this AWS configuration where they are kept at AWS.
///
/// # Errors
/// [`SourceError`], of the first one that cannot be read.
pub async fn read(sources: &[Source], sdk: &SdkConfig) -> Result<Metadata, SourceError> {
    let mut documents = Vec::new();
    for source in sources {
        documents.append(&mut readable(source.documents(sdk).await?)?);
    }
    Ok(Metadata { documents })
}

/// The identity providers that may identify users, with everything that asks them prepared.
#[derive(Debug)]
pub struct Trust {
    /// The verifier of SAML responses.
    pub verifier: Verifier,
    /// The verifier that has to agree with it.
    #[cfg(feature = "second-opinion")]
    pub second_opinion: SecondOpinion,
    faults: Vec<Fault>,
}

/// A part that is left out of the metadata.
#[derive(Debug, Clone)]
struct Fault {
    /// Whether it is a mistake; else it is a weak key.
    is_mistake: bool,
    /// Where it stands, and what it is.
    text: String,
}

impl Trust {
    /// Trusts the identity providers of `metadata`, as it is at `now`, in what they say to `us`.
    ///
    /// # Errors
    /// [`TrustError`]: an identity provider without a usable signing key among others.
    pub fn new(metadata: &Metadata, us: ServiceProvider, now: UtcDateTime) -> Result<Self, TrustError> {
        let documents = Documents::whole(metadata.documents.clone(), now)?;
        Self::of(&documents.0, us, &RefreshRules::NEVER)
    }

    /// The trust that these documents make.
    fn of<'d>(
        documents: impl IntoIterator<Item = &'d Document>,
        us: ServiceProvider,
        rules: &RefreshRules,
    ) -> Result<Self, TrustError> {
        let documents: Vec<_> = documents.into_iter().collect();
        if documents.is_empty() {
            let (place, reason) = ("metadata".to_owned(), "there is none".to_owned());
            return Err(SourceError::Absent { place, reason }.into());
        }
        Ok(Self {
            verifier: Verifier::new(idps(&documents, rules), us),
            #[cfg(feature = "second-opinion")]
            second_opinion: SecondOpinion::new(documents.iter().map(|document| &*document.text))
                .map_err(TrustError::SecondOpinion)?,
            faults: faults(&documents),
        })
    }

    /// The trust after this one, of the documents that exist then; none, perhaps.
    fn again<'d>(&self, documents: impl IntoIterator<Item = &'d Document>, rules: &RefreshRules) -> Self {
        let documents: Vec<_> = documents.into_iter().collect();
        Self {
            verifier: Verifier::new(idps(&documents, rules), self.verifier.service_provider().clone()),
            // Both have to agree, so that whom our own verifier trusts no more is not let in by this one.
            #[cfg(feature = "second-opinion")]
            second_opinion: SecondOpinion::new(documents.iter().map(|document| &*document.text)).unwrap_or_else(
                |error| {
                    tracing::error!(%error, "{SECOND_OPINION_STAYS}");
                    self.second_opinion.clone()
                },
            ),
            faults: faults(&documents),
        }
    }

    /// Whether a response of this issuer by this key could be accepted at `now`.
    pub fn trusts(&self, issuer: &str, key: KeyId, now: UtcDateTime) -> bool {
        self.verifier.idps().find(issuer).is_some_and(|idp| idp.trusts(key, now))
    }

    /// The keys that are left out, since a weak key is no mistake of the metadata's.
    pub fn weaknesses(&self) -> impl Iterator<Item = &str> {
        self.faults.iter().filter(|fault| !fault.is_mistake).map(|fault| &*fault.text)
    }

    /// Warns of certificates that end soon, and of keys that are left out.
    pub fn warn(&self, now: UtcDateTime) {
        for weakness in self.weaknesses() {
            tracing::warn!(weakness, "a signing key is left out: it is too weak");
        }
        for idp in self.verifier.idps().iter() {
            for key in idp.keys().filter(|key| key.not_after() <= now.saturating_add(CERTIFICATE_WARNING)) {
                tracing::warn!(issuer = idp.entity_id(), not_after = %key.not_after(), "{CERTIFICATE_ENDS}");
            }
        }
    }

    /// Logs each part that is left out by mistake, and identity providers whose users are not let in any more.
    fn tell_of_faults(&self, now: UtcDateTime) {
        for fault in self.faults.iter().filter(|fault| fault.is_mistake) {
            tracing::error!(error = fault.text, "{METADATA_FAULT}");
        }
        for idp in self.verifier.idps().iter() {
            if let Some(lapse @ Lapse::ValidUntil(until)) = idp.lapse()
                && until <= now
            {
                let (issuer, error) = (idp.entity_id(), lapse.to_string());
                tracing::error!(issuer, error, "{METADATA_EXPIRED}");
            }
        }
    }
}

fn idps(documents: &[&Document], rules: &RefreshRules) -> TrustedIdps {
    documents.iter().map(|document| document.idps(rules)).fold(TrustedIdps::default(), TrustedIdps::and)
}

fn faults(documents: &[&Document]) -> Vec<Fault> {
    let faults = documents.iter().flat_map(|document| document.faults());
    faults.map(|(is_mistake, text)| Fault { is_mistake, text }).collect()
}
