//! Metadata documents as they were read last, each with what came of it.

use studio_acs_aws::{SourceError, Text};
use studio_acs_saml::{MetadataDocument, TrustedIdps};
use time::UtcDateTime;

use super::error::{TrustError, TrustFault};
use super::messages::{METADATA_GONE, METADATA_UNREADABLE};
use studio_acs_aws::RefreshRules;

/// A document that can be read.
#[derive(Debug, Clone)]
pub(super) struct Document {
    pub(super) place: String,
    pub(super) text: String,
    contents: MetadataDocument,
    /// When it was last read at its place.
    confirmed: UtcDateTime,
}

/// The documents of one source.
#[derive(Debug, Clone, Default)]
pub(super) struct Documents(pub(super) Vec<Document>);

/// The result of reading them again.
#[derive(Debug)]
pub(super) struct ReadAgain {
    pub(super) documents: Documents,
    /// Whether a text is another one.
    pub(super) changed: bool,
    /// Documents that cannot be read, or whose content is unknown.
    pub(super) failures: Vec<String>,
}

impl Documents {
    /// The documents of these texts, which are good as a whole at `now`.
    pub(super) fn whole(
        texts: impl IntoIterator<Item = (String, String)>,
        now: UtcDateTime,
    ) -> Result<Self, TrustError> {
        let documents = texts.into_iter().map(|(place, text)| {
            let contents = MetadataDocument::read(&text).and_then(|contents| contents.whole(now));
            match contents {
                Ok(contents) => Ok(Document { place, text, contents, confirmed: now }),
                Err(error) => Err(TrustError::Untrusted { place, error }),
            }
        });
        documents.collect::<Result<_, _>>().map(Self)
    }

    /// The documents after these, of the texts that are at their source now. Each readable one is believed, whatever is
    /// wrong with the rest: identity providers gone from it are trusted no more. An unreadable one stays as it was.
    pub(super) fn after(&self, read: Result<Vec<Text>, SourceError>, now: UtcDateTime) -> ReadAgain {
        let texts = match read {
            Ok(texts) => texts,
            // The source answered: nothing exists.
            Err(SourceError::Absent { place, reason }) => {
                tracing::error!(error = format!("{place}: {reason}"), "{METADATA_GONE}");
                let failures = vec![format!("{place}: {reason}")];
                return ReadAgain { documents: Self::default(), changed: !self.0.is_empty(), failures };
            }
            Err(error) => {
                tracing::error!(%error, "{METADATA_UNREADABLE}");
                let documents = Self(self.0.iter().cloned().map(|document| document.unconfirmed(now)).collect());
                return ReadAgain { documents, changed: false, failures: vec![error.to_string()] };
            }
        };
        let mut again = ReadAgain { documents: Self::default(), changed: false, failures: Vec::new() };
        for (place, text) in texts {
            let before = self.0.iter().find(|document| document.place == place);
            let read = text.map_err(|error| error.to_string()).and_then(|text| match before {
                Some(before) if before.text == text => Ok(Document { confirmed: now, ..before.clone() }),
                _ => match MetadataDocument::read(&text) {
                    Ok(contents) => Ok(Document { place: place.clone(), text, contents, confirmed: now }),
                    Err(error) => Err(error.to_string()),
                },
            });
            match read {
                Ok(document) => again.documents.0.push(document),
                Err(error) => {
                    let error = format!("{place}: {error}");
                    tracing::error!(error, "{METADATA_UNREADABLE}");
                    again.failures.push(error);
                    again.documents.0.extend(before.cloned().map(|document| document.unconfirmed(now)));
                }
            }
        }
        let (before, after) = (self.texts(), again.documents.texts());
        again.changed = before != after;
        again
    }

    fn texts(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|document| (&*document.place, &*document.text)).collect()
    }
}

impl Document {
    /// Confirmed at `now` at the latest: by how much a clock was set back is unknown.
    fn unconfirmed(self, now: UtcDateTime) -> Self {
        Self { confirmed: self.confirmed.min(now), ..self }
    }

    /// Whom it names, for as long as `rules` allow.
    pub(super) fn idps(&self, rules: &RefreshRules) -> TrustedIdps {
        let idps = self.contents.idps().clone();
        match rules.deadline(self.confirmed) {
            Some(deadline) => idps.confirmed_until(deadline),
            None => idps,
        }
    }

    /// The parts that cannot be trusted and are left out.
    pub(super) fn faults(&self) -> impl Iterator<Item = TrustFault> {
        self.contents.faults().iter().map(|error| TrustFault { place: self.place.clone(), error: error.clone() })
    }
}
