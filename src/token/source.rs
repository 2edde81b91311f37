//! Where the issuer's keys are kept.

use std::fmt;

use aws_config::SdkConfig;
use studio_acs_jwt::{KEY_SET_LIMIT, KeySetDocument, KeySetError};

use super::error::KeysError;
use studio_acs_aws::PATIENCE;
use studio_acs_aws::https::Client;
use studio_acs_aws::{Source, SourceError};

/// The place of a key set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A file, a parameter or a secret: in networks without a way to the issuer.
    Kept(Source),
    /// The issuer's `jwks_uri`.
    Url(String),
}

impl KeySource {
    /// Whether AWS has to be asked.
    pub fn is_at_aws(&self) -> bool {
        matches!(self, Self::Kept(source) if source.is_remote())
    }
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kept(source) => source.fmt(f),
            Self::Url(url) => f.write_str(url),
        }
    }
}

/// Reads the key set of one place, with the connections it keeps.
#[derive(Debug)]
pub(super) enum KeyReader {
    Kept(Source, Box<SdkConfig>),
    Url(String, Client),
}

impl KeyReader {
    pub(super) fn new(source: KeySource, sdk: &SdkConfig) -> Result<Self, KeysError> {
        Ok(match source {
            KeySource::Kept(source) => Self::Kept(source, Box::new(sdk.clone())),
            KeySource::Url(url) => match Client::new(PATIENCE) {
                Ok(client) => Self::Url(url, client),
                Err(reason) => return Err(KeysError::Unreadable { place: url, reason }),
            },
        })
    }

    pub(super) fn is_file(&self) -> bool {
        matches!(self, Self::Kept(Source::Path(_), _))
    }

    /// Reads it now, and takes no longer than [`PATIENCE`].
    pub(super) async fn read(&self) -> Result<KeySetDocument, KeysError> {
        let text = tokio::time::timeout(PATIENCE, self.text()).await;
        let text = text.unwrap_or_else(|_| Err(self.unreadable("no answer in time".to_owned())))?;
        KeySetDocument::read(&text).map_err(|error| self.unusable(error))
    }

    /// The same, where no other key set would serve: then it has to be good as a whole.
    pub(super) async fn whole(&self) -> Result<KeySetDocument, KeysError> {
        self.read().await?.whole().map_err(|error| self.unusable(error))
    }

    async fn text(&self) -> Result<String, KeysError> {
        match self {
            Self::Kept(source, sdk) => source.text(sdk).await.map_err(|error| match error {
                SourceError::Absent { place, reason } => KeysError::Absent { place, reason },
                // The place is said once.
                SourceError::Unreadable { reason, .. } => self.unreadable(reason),
            }),
            Self::Url(url, client) => {
                let answer = client.get(url, KEY_SET_LIMIT).await.map_err(|reason| self.unreadable(reason))?;
                String::from_utf8(answer).map_err(|_| self.unreadable("an answer that is not UTF-8".to_owned()))
            }
        }
    }

    fn unreadable(&self, reason: String) -> KeysError {
        KeysError::Unreadable { place: self.place(), reason }
    }

    fn unusable(&self, error: KeySetError) -> KeysError {
        KeysError::Unusable { place: self.place(), error }
    }

    fn place(&self) -> String {
        match self {
            Self::Kept(source, _) => source.to_string(),
            Self::Url(url, _) => url.clone(),
        }
    }
}
