//! Where the issuer's keys are kept.

use std::fmt;

use aws_config::SdkConfig;
use studio_acs_jwt::{AllowedAlgorithms, KEY_SET_LIMIT, KeySetDocument, KeySetError};

use super::discovery::Discovery;
use super::error::KeysError;
use studio_acs_aws::PATIENCE;
use studio_acs_aws::https::Client;
use studio_acs_aws::{Source, SourceError, document};

/// The place of a key set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A file, a parameter or a secret: in networks without a way to the issuer.
    Kept(Source),
    /// The issuer's `jwks_uri`.
    Url(String),
    /// The place that the issuer's configuration names.
    Discovery(Discovery),
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
            Self::Discovery(discovery) => f.write_str(discovery.place()),
        }
    }
}

/// Reads the key set of one place, for tokens of these algorithms.
#[derive(Debug)]
pub(super) struct KeyReader {
    place: KeyPlace,
    algorithms: AllowedAlgorithms,
}

/// A place with the connections to it.
#[derive(Debug)]
enum KeyPlace {
    Kept(Source, Box<SdkConfig>),
    Url(String, Client),
    Discovery(Discovery, Client),
}

impl KeyReader {
    pub(super) fn new(source: KeySource, algorithms: AllowedAlgorithms, sdk: &SdkConfig) -> Result<Self, KeysError> {
        let client = |place: &str| {
            let unreadable = |reason| KeysError::Unreadable { place: place.to_owned(), reason };
            Client::new(PATIENCE).map_err(unreadable)
        };
        let place = match source {
            KeySource::Kept(source) => KeyPlace::Kept(source, Box::new(sdk.clone())),
            KeySource::Url(url) => {
                let client = client(&url)?;
                KeyPlace::Url(url, client)
            }
            KeySource::Discovery(discovery) => {
                let client = client(discovery.place())?;
                KeyPlace::Discovery(discovery, client)
            }
        };
        Ok(Self { place, algorithms })
    }

    pub(super) fn is_file(&self) -> bool {
        matches!(self.place, KeyPlace::Kept(Source::Path(_), _))
    }

    /// Reads it now, and takes no longer than [`PATIENCE`], the issuer's configuration included.
    pub(super) async fn read(&self) -> Result<KeySetDocument, KeysError> {
        let text = tokio::time::timeout(PATIENCE, self.text()).await;
        let text = text.unwrap_or_else(|_| Err(self.unreadable("no answer in time".to_owned())))?;
        KeySetDocument::read(&text, &self.algorithms).map_err(|error| self.unusable(error))
    }

    /// The same, where no other key set would serve: then it has to be good as a whole.
    pub(super) async fn whole(&self) -> Result<KeySetDocument, KeysError> {
        self.read().await?.whole().map_err(|error| self.unusable(error))
    }

    async fn text(&self) -> Result<String, KeysError> {
        match &self.place {
            KeyPlace::Kept(source, sdk) => source.document(sdk).await.map_err(|error| match error {
                SourceError::Absent { place, reason } => KeysError::Absent { place, reason },
                // The place is said once.
                SourceError::Unreadable { reason, .. } => self.unreadable(reason),
                SourceError::NotText { kind, .. } => self.unusable(KeySetError::AnotherFile(kind)),
            }),
            KeyPlace::Url(url, client) => from_url(url, client).await,
            KeyPlace::Discovery(discovery, client) => from_url(&discovery.jwks_uri(client).await?, client).await,
        }
    }

    fn unreadable(&self, reason: String) -> KeysError {
        KeysError::Unreadable { place: self.place(), reason }
    }

    fn unusable(&self, error: KeySetError) -> KeysError {
        KeysError::Unusable { place: self.place(), error }
    }

    fn place(&self) -> String {
        match &self.place {
            KeyPlace::Kept(source, _) => source.to_string(),
            KeyPlace::Url(url, _) => url.clone(),
            KeyPlace::Discovery(discovery, _) => discovery.place().to_owned(),
        }
    }
}

async fn from_url(url: &str, client: &Client) -> Result<String, KeysError> {
    let answer = client.get(url, KEY_SET_LIMIT).await.map_err(|error| KeysError::of_https(url, error))?;
    let unusable = |kind| KeysError::Unusable { place: url.to_owned(), error: KeySetError::AnotherFile(kind) };
    document(answer).map_err(unusable)
}
