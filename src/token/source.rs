//! Where the issuer's keys are kept.

use std::fmt;

use aws_config::SdkConfig;
use studio_acs_jwt::{KEY_SET_LIMIT, KeySet};

use super::KeysError;
use crate::https::Client;
use crate::trust::{PATIENCE, Source, TrustError};

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
pub(super) enum Reader {
    Kept(Source, Box<SdkConfig>),
    Url(String, Client),
}

impl Reader {
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
    pub(super) async fn read(&self) -> Result<KeySet, KeysError> {
        let text = tokio::time::timeout(PATIENCE, self.text()).await;
        let text = text.unwrap_or_else(|_| Err("no answer in time".to_owned()));
        let text = text.map_err(|reason| KeysError::Unreadable { place: self.place(), reason })?;
        KeySet::parse(&text).map_err(|error| KeysError::Unusable { place: self.place(), error })
    }

    async fn text(&self) -> Result<String, String> {
        match self {
            Self::Kept(source, sdk) => source.text(sdk).await.map_err(|error| match error {
                // The place is said once.
                TrustError::Unreadable { reason, .. } => reason,
                error => error.to_string(),
            }),
            Self::Url(url, client) => {
                let answer = client.get(url, KEY_SET_LIMIT).await?;
                String::from_utf8(answer).map_err(|_| "an answer that is not UTF-8".to_owned())
            }
        }
    }

    fn place(&self) -> String {
        match self {
            Self::Kept(source, _) => source.to_string(),
            Self::Url(url, _) => url.clone(),
        }
    }
}
