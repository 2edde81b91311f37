//! A ledger that is kept as one text, read again while the service runs.

use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use time::UtcDateTime;

use crate::error::{LedgerError, LedgerStartError};
use crate::index::Index;
use studio_acs_aws::Source;
use studio_acs_aws::{Look, PATIENCE, RefreshRules, Refreshed};
use studio_acs_refusal::{Alarm, LogMessage};

/// The error of a ledger that cannot be read again.
pub const LEDGER_UNREADABLE: LogMessage = LogMessage {
    text: "the ledger cannot be read again: the last good one stays for now",
    fields: &["error", "source"],
    alarm: Some(Alarm::MetadataFailed),
};

/// The text.
#[derive(Debug)]
pub(crate) struct Document {
    source: Source,
    sdk: SdkConfig,
    kept: Refreshed<KeptText>,
}

/// The text that was read last.
#[derive(Debug)]
struct KeptText {
    text: String,
    index: Arc<Index>,
}

impl Document {
    /// # Errors
    /// A text that cannot be read or is not valid.
    pub(crate) async fn start(
        source: Source,
        sdk: &SdkConfig,
        refresh: Duration,
        max_age: Duration,
        now: UtcDateTime,
    ) -> Result<Self, LedgerStartError> {
        let text = source.document(sdk).await?;
        let place = source.to_string();
        let index = Index::parse(&text).map_err(|error| LedgerStartError::Invalid { place, error })?;
        if index.entries().is_empty() {
            tracing::warn!(source = %source, "the ledger has no entry: no user can sign in");
        }
        let index = Arc::new(index);
        let rules = RefreshRules { every: Some(refresh), max_age: Some(max_age) };
        Ok(Self { source, sdk: sdk.clone(), kept: Refreshed::new(KeptText { text, index }, rules, now) })
    }

    /// Where it is.
    pub(crate) fn place(&self) -> String {
        self.source.to_string()
    }

    /// Where it is, the bytes that it would have with `more`, and how many can be kept there; `None` where it has room.
    pub(crate) fn overflow(&self, more: &str) -> Option<(String, usize, usize)> {
        let bytes = self.kept.latest().text.len().saturating_add(more.len());
        self.source.limit().filter(|limit| bytes > *limit).map(|limit| (self.place(), bytes, limit))
    }

    /// The text that is in force.
    pub(crate) fn in_force(&self) -> String {
        self.kept.latest().text.clone()
    }

    /// The ID of the first entry that names no issuer.
    pub(crate) fn unnamed(&self) -> Option<String> {
        self.kept.latest().index.unnamed().map(|entry| entry.id.clone())
    }

    /// The ledger as of now. Without a readable and valid text, the last good one serves, until it is too old for a
    /// revocation to be in it.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`].
    pub(crate) async fn index(&self, now: UtcDateTime) -> Result<Arc<Index>, LedgerError> {
        let kept = self.kept.get(now, |last| self.look(last)).await;
        let kept = kept.map_err(|error| LedgerError::Unavailable(error.to_string()))?;
        Ok(Arc::clone(&kept.index))
    }

    async fn look(&self, last: Arc<KeptText>) -> Look<KeptText> {
        match self.renewed(&last).await {
            Ok(value) => {
                if value.is_some() {
                    tracing::info!(source = %self.source, "the ledger has changed");
                }
                value.map_or(Look::Unchanged, Look::Read)
            }
            Err(error) => {
                tracing::error!(source = %self.source, %error, "{LEDGER_UNREADABLE}");
                Look::Failed(error.to_string())
            }
        }
    }

    /// The new text and what is in it, if it is another one.
    async fn renewed(&self, last: &KeptText) -> Result<Option<KeptText>, LedgerError> {
        let read = tokio::time::timeout(PATIENCE, read(&self.source, &self.sdk)).await;
        let text = read.unwrap_or_else(|_| Err(LedgerError::Unavailable("no answer in time".to_owned())))?;
        if text == last.text {
            return Ok(None);
        }
        let index = Arc::new(Index::parse(&text)?);
        Ok(Some(KeptText { text, index }))
    }
}

async fn read(source: &Source, sdk: &SdkConfig) -> Result<String, LedgerError> {
    source.document(sdk).await.map_err(|error| LedgerError::Unavailable(error.to_string()))
}
