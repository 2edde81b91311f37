//! Whom we trust: IdP metadata → [`Trust`].

mod current;
mod document;
mod error;
pub mod messages;

use studio_acs_refusal::instant;
use studio_acs_saml::{KeyId, Lapse, ServiceProvider, TrustedIdp, TrustedIdps, Verifier};
use time::{Duration, UtcDateTime};

#[cfg(feature = "second-opinion")]
use crate::second_opinion::SecondOpinion;
use aws_config::SdkConfig;
pub use current::CurrentTrust;
use document::{Document, Documents};
pub use error::{TrustError, TrustFault};
#[cfg(feature = "second-opinion")]
use messages::SECOND_OPINION_STAYS;
use messages::{CERTIFICATE_ENDS, CERTIFICATE_LEFT_OUT, METADATA_ENDS, METADATA_EXPIRED, METADATA_FAULT};
use studio_acs_aws::{RefreshRules, Source, SourceError, readable};

/// How long before a signing certificate or metadata ends a warning is given, as Identity Center's console does for
/// certificates.
const WARNING: Duration = Duration::days(90);

/// Whether what ends at `end` has ended at `now`, or ends soon.
pub(crate) fn ends_soon(end: UtcDateTime, now: UtcDateTime) -> bool {
    end <= now.saturating_add(WARNING)
}

/// The whole days from `now` to `end`; negative if it has ended.
pub(crate) fn days_left(end: UtcDateTime, now: UtcDateTime) -> i64 {
    Duration::seconds(end.unix_timestamp().saturating_sub(now.unix_timestamp())).whole_days()
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
    faults: Vec<TrustFault>,
    /// Until when the documents themselves say that an identity provider's last key counts, where they say so.
    valid_until: Vec<(String, UtcDateTime)>,
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
            valid_until: valid_until(&documents),
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
            valid_until: valid_until(&documents),
        }
    }

    /// Whether a response of this issuer by this key could be accepted at `now`.
    pub fn trusts(&self, issuer: &str, key: KeyId, now: UtcDateTime) -> bool {
        self.verifier.idps().find(issuer).is_some_and(|idp| idp.trusts(key, now))
    }

    /// The certificates without a usable key, which are left out.
    pub fn left_out(&self) -> impl Iterator<Item = &TrustFault> {
        self.faults.iter().filter(|fault| fault.error.is_left_out_key())
    }

    /// Until when metadata itself says that it counts (`validUntil`), for each identity provider that it says so of.
    pub fn valid_until(&self) -> impl Iterator<Item = (&str, UtcDateTime)> {
        self.valid_until.iter().map(|(entity_id, until)| (&**entity_id, *until))
    }

    /// Warns of metadata and certificates that end soon, and of certificates that are left out.
    pub fn warn(&self, now: UtcDateTime) {
        for reason in self.left_out() {
            tracing::warn!(%reason, "{CERTIFICATE_LEFT_OUT}");
        }
        for (issuer, until) in self.valid_until().filter(|(_, until)| ends_soon(*until, now)) {
            let days = days_left(until, now);
            tracing::warn!(issuer, valid_until = instant::format(until), days, "{METADATA_ENDS}");
        }
        for idp in self.verifier.idps().iter() {
            for key in idp.keys().filter(|key| ends_soon(key.not_after(), now)) {
                tracing::warn!(issuer = idp.entity_id(), not_after = %key.not_after(), "{CERTIFICATE_ENDS}");
            }
        }
    }

    /// Logs each part that is left out by mistake, and identity providers whose users are not let in any more.
    fn tell_of_faults(&self, now: UtcDateTime) {
        for error in self.faults.iter().filter(|fault| !fault.error.is_left_out_key()) {
            tracing::error!(%error, "{METADATA_FAULT}");
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

fn valid_until(documents: &[&Document]) -> Vec<(String, UtcDateTime)> {
    let idps = idps(documents, &RefreshRules::NEVER);
    let until = |idp: &TrustedIdp| Some((idp.entity_id().to_owned(), idp.lapse()?.at()));
    idps.iter().filter_map(until).collect()
}

fn faults(documents: &[&Document]) -> Vec<TrustFault> {
    documents.iter().flat_map(|document| document.faults()).collect()
}
