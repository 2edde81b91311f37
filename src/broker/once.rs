//! Once only (Profiles 4.1.4.5): [`Identity`] → [`Grant`], one time for each assertion.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

use studio_acs_saml::{Check, Rejection};
use time::{Duration, UtcDateTime};

use crate::identity::{DomainId, Identity, UserProfileName};

/// A right to one session for one person, from an assertion that was not used before. Made only by [`OnceOnly::redeem`].
#[derive(Debug)]
pub struct Grant {
    identity: Identity,
}

impl Grant {
    /// The user profile to open.
    pub fn user(&self) -> &UserProfileName {
        self.identity.user()
    }

    /// The Studio domain to open.
    pub fn domain(&self) -> &DomainId {
        self.identity.domain()
    }

    /// When the session at the identity provider ends, if it says so.
    pub fn session_not_on_or_after(&self) -> Option<UtcDateTime> {
        self.identity.session_not_on_or_after()
    }
}

/// Remembers which assertions were used, at least until they could no longer be accepted.
#[derive(Debug)]
pub struct OnceOnly {
    /// How long past its end an assertion may still be accepted.
    skew: Duration,
    store: Store,
}

/// Where the memory is kept.
#[derive(Debug)]
enum Store {
    /// For one process. A store that several processes share is another variant.
    Memory(Memory),
}

impl OnceOnly {
    /// A memory of this process, for at most `capacity` assertions at a time.
    pub fn in_memory(capacity: usize, skew: Duration) -> Self {
        Self { skew, store: Store::Memory(Memory { capacity, seen: Mutex::default() }) }
    }

    /// Uses the assertion up.
    ///
    /// # Errors
    /// `replayed`; `replay_store_unavailable` where the store cannot tell, which refuses too.
    pub async fn redeem(&self, identity: Identity, now: UtcDateTime) -> Result<Grant, Rejection> {
        let until = identity.not_on_or_after().saturating_add(self.skew);
        let claimed = match &self.store {
            Store::Memory(memory) => memory.claim(identity.once_key(), until, now),
        };
        match claimed {
            Ok(true) => Ok(Grant { identity }),
            Ok(false) => Err(Check::Once.reject("an assertion that was not used before", identity.assertion().id())),
            Err(reason) => Err(Check::OnceStore.reject("a store that answers", reason)),
        }
    }
}

type Key = [u8; 32];

/// A bounded memory. It forgets only what has expired; when it is full of live assertions it refuses.
#[derive(Debug)]
struct Memory {
    capacity: usize,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    /// Up to when it has forgotten.
    forgotten: Option<UtcDateTime>,
    until: HashMap<Key, UtcDateTime>,
    by_time: BTreeSet<(UtcDateTime, Key)>,
}

impl Memory {
    /// Whether `key` is new; if so it is remembered until `until`.
    fn claim(&self, key: Key, until: UtcDateTime, now: UtcDateTime) -> Result<bool, &'static str> {
        let mut seen = self.seen.lock().map_err(|_| "the memory was left in an unknown state")?;
        while let Some(&(expired, key)) = seen.by_time.first().filter(|(until, _)| *until <= now) {
            seen.by_time.remove(&(expired, key));
            seen.until.remove(&key);
        }
        seen.forgotten = seen.forgotten.max(Some(now));
        if Some(until) <= seen.forgotten {
            return Err("what was used so long ago is forgotten");
        }
        if seen.until.contains_key(&key) {
            return Ok(false);
        }
        if seen.until.len() >= self.capacity {
            return Err("the memory is full of assertions that are still valid");
        }
        seen.until.insert(key, until);
        seen.by_time.insert((until, key));
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> UtcDateTime {
        UtcDateTime::from_unix_timestamp(second).unwrap()
    }

    #[test]
    fn an_assertion_is_new_once_until_it_has_expired() {
        let memory = Memory { capacity: 2, seen: Mutex::default() };
        assert_eq!(memory.claim([1; 32], at(10), at(0)), Ok(true));
        assert_eq!(memory.claim([1; 32], at(10), at(9)), Ok(false));
        assert_eq!(memory.claim([1; 32], at(20), at(10)), Ok(true));
    }

    #[test]
    fn who_comes_with_an_earlier_time_finds_nothing_forgotten() {
        let memory = Memory { capacity: 2, seen: Mutex::default() };
        assert_eq!(memory.claim([1; 32], at(10), at(0)), Ok(true));
        assert_eq!(memory.claim([2; 32], at(30), at(20)), Ok(true));
        assert!(memory.claim([1; 32], at(10), at(5)).is_err());
    }

    #[test]
    fn a_full_memory_refuses_and_forgets_no_live_assertion() {
        let memory = Memory { capacity: 2, seen: Mutex::default() };
        assert_eq!(memory.claim([1; 32], at(10), at(0)), Ok(true));
        assert_eq!(memory.claim([2; 32], at(20), at(0)), Ok(true));
        assert!(memory.claim([3; 32], at(30), at(0)).is_err());
        assert_eq!(memory.claim([1; 32], at(10), at(0)), Ok(false));
        assert_eq!(memory.claim([3; 32], at(30), at(10)), Ok(true));
    }
}
