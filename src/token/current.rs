//! Keys that are read again while the service runs, so that an issuer may change them at any time.

use std::sync::{Arc, PoisonError, RwLock};

use aws_config::SdkConfig;
use studio_acs_jwt::{KeySet, KeySetDocument};
use time::UtcDateTime;
use tokio::sync::Mutex;

use super::error::KeysError;
use super::messages::{KEY_FAULT, KEYS_UNREADABLE};
use super::source::{KeySource, Reader};
use studio_acs_aws::RefreshRules;

/// How long after they were asked for they are not asked for again, whoever names a key that is not there: else senders of
/// invented names would have us ask for each.
const COOL_DOWN: time::Duration = time::Duration::seconds(30);

/// The same, while no keys are known and no user is let in: longer than it takes to find out that no answer comes
/// ([`PATIENCE`](studio_acs_aws::PATIENCE)), or requests would do nothing but wait for it.
const COOL_DOWN_WITHOUT: time::Duration = time::Duration::seconds(10);

/// The keys of the moment.
#[derive(Debug)]
pub(super) struct CurrentKeys {
    reader: Reader,
    rules: RefreshRules,
    known: RwLock<Known>,
    /// Held by the request that reads them again; the others wait for its result.
    turn: Mutex<()>,
}

/// The last good keys, and when they were read.
#[derive(Debug, Clone, Default)]
struct Known {
    /// The keys, and when they were read.
    last: Option<(Arc<KeySet>, UtcDateTime)>,
    asked_at: Option<UtcDateTime>,
}

impl CurrentKeys {
    /// The keys of `source`, read again by these rules.
    ///
    /// # Errors
    /// [`KeysError`], of a file.
    pub(super) async fn of(
        source: KeySource,
        sdk: &SdkConfig,
        rules: RefreshRules,
        now: UtcDateTime,
    ) -> Result<Self, KeysError> {
        let reader = Reader::new(source, sdk)?;
        let known = if reader.is_file() {
            let keys = reader.whole().await?;
            tell_of_faults(&keys);
            Known { last: Some((Arc::new(keys.into_keys()), now)), asked_at: Some(now) }
        } else {
            Known::default()
        };
        Ok(Self { reader, rules, known: RwLock::new(known), turn: Mutex::default() })
    }

    /// The keys, as of now, to judge a token by that names this key. They are read again where they are as old as the
    /// interval, and where that key is not among them; but not more often than every thirty seconds (ten, while none
    /// are known). A readable set is believed, whatever is wrong with some of its keys. Where none can be read the last
    /// good keys stay, until they are too old.
    ///
    /// # Errors
    /// [`KeysError`], where no keys may be used.
    pub(super) async fn for_key(&self, id: &str, now: UtcDateTime) -> Result<Arc<KeySet>, KeysError> {
        if let Some(keys) = self.known().serve(id, &self.rules, now) {
            return Ok(keys);
        }
        // Reading may take a while; a key that was good before is good until then.
        let turn = self.turn.try_lock();
        if turn.is_err()
            && let Some(keys) = self.known().usable(&self.rules, now).filter(|keys| keys.has(id))
        {
            return Ok(keys);
        }
        let _turn = match turn {
            Ok(turn) => turn,
            Err(_) => self.turn.lock().await,
        };
        let known = self.known();
        if let Some(keys) = known.serve(id, &self.rules, now) {
            return Ok(keys);
        }
        let usable = known.usable(&self.rules, now);
        if known.is_cooling_down(usable.is_some(), now) {
            return usable.ok_or(KeysError::CoolingDown);
        }
        let read = if usable.is_some() { self.reader.read().await } else { self.reader.whole().await };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.asked_at = Some(now);
        match read {
            Ok(document) => {
                tell_of_faults(&document);
                let keys = Arc::new(document.into_keys());
                let ids: Vec<_> = keys.ids().map(|(id, _)| id).collect();
                tracing::info!(?ids, "the issuer's keys were read");
                known.last = Some((Arc::clone(&keys), now));
                Ok(keys)
            }
            Err(error) => {
                tracing::error!(%error, "{KEYS_UNREADABLE}");
                known.last = match known.last.take() {
                    // The place answered: no keys exist.
                    Some(_) if matches!(error, KeysError::Absent { .. }) => None,
                    // By how much a clock was set back is unknown.
                    last => last.map(|(keys, read_at)| (keys, read_at.min(now))),
                };
                known.usable(&self.rules, now).ok_or(error)
            }
        }
    }

    fn known(&self) -> Known {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Known {
    /// The keys, where they are young enough and the named one is among them.
    fn serve(&self, id: &str, rules: &RefreshRules, now: UtcDateTime) -> Option<Arc<KeySet>> {
        let good_for = rules.every.map_or(time::Duration::MAX, |every| every.try_into().unwrap_or(time::Duration::MAX));
        let (keys, read_at) = self.last.clone()?;
        (is_within(read_at, good_for, now) && keys.has(id)).then_some(keys)
    }

    /// The keys, unless they are too old.
    fn usable(&self, rules: &RefreshRules, now: UtcDateTime) -> Option<Arc<KeySet>> {
        let (keys, read_at) = self.last.clone()?;
        rules.deadline(read_at).is_none_or(|deadline| now < deadline).then_some(keys)
    }

    fn is_cooling_down(&self, has_keys: bool, now: UtcDateTime) -> bool {
        let cool_down = if has_keys { COOL_DOWN } else { COOL_DOWN_WITHOUT };
        self.asked_at.is_some_and(|asked| is_within(asked, cool_down, now))
    }
}

/// Tells of keys that are left out.
fn tell_of_faults(document: &KeySetDocument) {
    for fault in document.faults() {
        if fault.is_weakness() {
            tracing::warn!(weakness = %fault, "a key of the issuer's is left out: it is too weak");
        } else {
            tracing::error!(error = %fault, "{KEY_FAULT}");
        }
    }
}

/// Whether `now` is less than `span` after `from`. Not where the clock was set back since, by more than the clocks of
/// waiting requests may differ.
fn is_within(from: UtcDateTime, span: time::Duration, now: UtcDateTime) -> bool {
    now < from.saturating_add(span) && from <= now.saturating_add(COOL_DOWN)
}
