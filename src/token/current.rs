//! Keys that are read again while the service runs, so that an issuer may change them at any time.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use aws_config::SdkConfig;
use studio_acs_jwt::KeySet;
use time::UtcDateTime;
use tokio::sync::Mutex;

use super::source::Reader;
use super::{KeySource, KeysError};

/// How long after they were asked for they are not asked for again, whoever names a key that is not there: else senders of
/// invented names would have us ask for each.
const COOL_DOWN: time::Duration = time::Duration::seconds(30);

/// The same, while there are none and nobody is let in: longer than it takes to find out that there is no answer
/// ([`PATIENCE`](crate::trust::PATIENCE)), or requests would do nothing but wait for it.
const COOL_DOWN_WITHOUT: time::Duration = time::Duration::seconds(10);

/// The keys of the moment.
#[derive(Debug)]
pub(super) struct CurrentKeys {
    reader: Reader,
    every: Duration,
    known: RwLock<Known>,
    /// Held by who reads them again; the others wait for what comes of it.
    turn: Mutex<()>,
}

/// What was read last, and when.
#[derive(Debug, Clone, Default)]
struct Known {
    keys: Option<Arc<KeySet>>,
    read_at: Option<UtcDateTime>,
    asked_at: Option<UtcDateTime>,
}

impl CurrentKeys {
    /// The keys of `source`, read again `every` so often.
    ///
    /// # Errors
    /// [`KeysError`], of a file.
    pub(super) async fn of(
        source: KeySource,
        sdk: &SdkConfig,
        every: Duration,
        now: UtcDateTime,
    ) -> Result<Self, KeysError> {
        let reader = Reader::new(source, sdk)?;
        let known = if reader.is_file() {
            Known { keys: Some(Arc::new(reader.read().await?)), read_at: Some(now), asked_at: Some(now) }
        } else {
            Known::default()
        };
        Ok(Self { reader, every, known: RwLock::new(known), turn: Mutex::default() })
    }

    /// The keys, as of now, to judge a token by that names this key. They are read again where they are as old as the
    /// interval, and where that key is not among them; but not more often than every thirty seconds (ten, while there are
    /// none). The last good ones stay where there are no others.
    ///
    /// # Errors
    /// [`KeysError`], where there never were any.
    pub(super) async fn for_key(&self, id: &str, now: UtcDateTime) -> Result<Arc<KeySet>, KeysError> {
        if let Some(keys) = self.known().serve(id, self.every, now) {
            return Ok(keys);
        }
        // Who reads them may take a while; a key that was good before is good until then.
        let turn = self.turn.try_lock();
        if turn.is_err()
            && let Some(keys) = self.known().keys.filter(|keys| keys.has(id))
        {
            return Ok(keys);
        }
        let _turn = match turn {
            Ok(turn) => turn,
            Err(_) => self.turn.lock().await,
        };
        let known = self.known();
        if let Some(keys) = known.serve(id, self.every, now) {
            return Ok(keys);
        }
        if known.is_cooling_down(now) {
            return known.keys.ok_or(KeysError::CoolingDown);
        }
        let read = self.reader.read().await;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.asked_at = Some(now);
        match read {
            Ok(keys) => {
                let ids: Vec<_> = keys.ids().map(|(id, _)| id).collect();
                tracing::info!(?ids, "the issuer's keys were read");
                known.read_at = Some(now);
                Ok(Arc::clone(known.keys.insert(Arc::new(keys))))
            }
            Err(error) => {
                tracing::error!(%error, "the issuer's keys cannot be read: the last good ones stay, if there are any");
                known.keys.clone().ok_or(error)
            }
        }
    }

    fn known(&self) -> Known {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Known {
    /// The keys, where they are young enough and the one that is meant is among them.
    fn serve(&self, id: &str, every: Duration, now: UtcDateTime) -> Option<Arc<KeySet>> {
        let good_for = every.try_into().unwrap_or(time::Duration::MAX);
        let fresh = is_within(self.read_at?, good_for, now);
        self.keys.clone().filter(|keys| fresh && keys.has(id))
    }

    fn is_cooling_down(&self, now: UtcDateTime) -> bool {
        let cool_down = if self.keys.is_some() { COOL_DOWN } else { COOL_DOWN_WITHOUT };
        self.asked_at.is_some_and(|asked| is_within(asked, cool_down, now))
    }
}

/// Whether `now` is less than `span` after `from`. Not where the clock was set back since, by more than requests that wait
/// for each other are apart.
fn is_within(from: UtcDateTime, span: time::Duration, now: UtcDateTime) -> bool {
    now < from.saturating_add(span) && from <= now.saturating_add(COOL_DOWN)
}
