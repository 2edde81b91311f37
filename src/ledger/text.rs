//! A ledger that is kept as one text, read again while the service runs.

use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use time::UtcDateTime;
use tokio::sync::Mutex;

use super::book::Book;
use super::error::LedgerError;
use super::form::LedgerText;
use crate::trust::{PATIENCE, Source};

/// How far apart the clocks of sign-ins may be that wait for each other.
const APART: time::Duration = time::Duration::MINUTE;

/// The text.
#[derive(Debug)]
pub(super) struct Text {
    source: Source,
    sdk: SdkConfig,
    /// How old what is read may be before it is read again.
    refresh: Duration,
    /// How old it may be where it cannot be read again.
    max_age: Duration,
    last: Mutex<Last>,
}

/// What was read last.
#[derive(Debug)]
struct Last {
    text: String,
    book: Arc<Book>,
    tried: UtcDateTime,
    /// When the source last said what is in force.
    good: UtcDateTime,
    /// Why it does not any more.
    failure: String,
}

impl Text {
    /// # Errors
    /// [`LedgerError::Unavailable`], [`LedgerError::Malformed`].
    pub(super) async fn start(
        source: Source,
        sdk: &SdkConfig,
        refresh: Duration,
        max_age: Duration,
        now: UtcDateTime,
    ) -> Result<Self, LedgerError> {
        let text = read(&source, sdk).await?;
        let book = Arc::new(Book::new(LedgerText::parse(&text)?)?);
        let last = Mutex::new(Last { text, book, tried: now, good: now, failure: String::new() });
        Ok(Self { source, sdk: sdk.clone(), refresh, max_age, last })
    }

    /// Where it is.
    pub(super) fn place(&self) -> String {
        self.source.to_string()
    }

    /// The text that is in force.
    pub(super) async fn in_force(&self) -> String {
        self.last.lock().await.text.clone()
    }

    /// The ledger as of now. The first sign-in after the interval reads the text again before it is judged, and those
    /// that come meanwhile wait for it; without a timer, as [`CurrentTrust`](crate::trust::CurrentTrust). Where there is
    /// nothing that can be read or meant, the last good text serves, until it is too old for a revocation to be in it.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`].
    pub(super) async fn book(&self, now: UtcDateTime) -> Result<Arc<Book>, LedgerError> {
        let mut last = self.last.lock().await;
        if is_over(last.tried, self.refresh, now) {
            last.tried = now;
            // Of a clock that was set back nobody knows how much.
            last.good = last.good.min(now);
            match self.renew(&last).await {
                Ok(None) => last.good = now,
                Ok(Some((text, book))) => {
                    tracing::info!(source = %self.source, "the ledger has changed");
                    *last = Last { text, book, tried: now, good: now, failure: String::new() };
                }
                Err(error) => {
                    tracing::error!(source = %self.source, %error, "the ledger cannot be read again: the last good one stays for now");
                    last.failure = error.to_string();
                }
            }
        }
        if is_over(last.good, self.max_age.max(self.refresh), now) {
            return Err(LedgerError::Unavailable(format!("what was read is too old, and {}", last.failure)));
        }
        Ok(Arc::clone(&last.book))
    }

    /// The new text and what is in it, if it is another one.
    async fn renew(&self, last: &Last) -> Result<Option<(String, Arc<Book>)>, LedgerError> {
        let read = tokio::time::timeout(PATIENCE, read(&self.source, &self.sdk)).await;
        let text = read.unwrap_or_else(|_| Err(LedgerError::Unavailable("no answer in time".to_owned())))?;
        if text == last.text {
            return Ok(None);
        }
        let book = Book::new(LedgerText::parse(&text)?)?;
        Ok(Some((text, Arc::new(book))))
    }
}

async fn read(source: &Source, sdk: &SdkConfig) -> Result<String, LedgerError> {
    source.text(sdk).await.map_err(|error| LedgerError::Unavailable(error.to_string()))
}

/// Whether what is of `from` is older than `by`, or of a time yet to come: then the clock was set back.
fn is_over(from: UtcDateTime, by: Duration, now: UtcDateTime) -> bool {
    let by = by.try_into().unwrap_or(time::Duration::MAX);
    now >= from.saturating_add(by) || from > now.saturating_add(APART)
}
