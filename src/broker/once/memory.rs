//! The memory of one process.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

use time::UtcDateTime;

use super::Key;

/// A bounded memory. It forgets only what has expired; when it is full of live assertions it refuses. It ends with the
/// process: what has to survive a restart, or to be known to a second process, belongs in a [table](super::table).
#[derive(Debug)]
pub(super) struct Memory {
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
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, seen: Mutex::default() }
    }

    /// Whether `key` is new; if so it is remembered until `until`.
    pub(super) fn claim(&self, key: Key, until: UtcDateTime, now: UtcDateTime) -> Result<bool, &'static str> {
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
        let memory = Memory::new(2);
        assert_eq!(memory.claim([1; 32], at(10), at(0)), Ok(true));
        assert_eq!(memory.claim([1; 32], at(10), at(9)), Ok(false));
        assert_eq!(memory.claim([1; 32], at(20), at(10)), Ok(true));
    }

    #[test]
    fn who_comes_with_an_earlier_time_finds_nothing_forgotten() {
        let memory = Memory::new(2);
        assert_eq!(memory.claim([1; 32], at(10), at(0)), Ok(true));
        assert_eq!(memory.claim([2; 32], at(30), at(20)), Ok(true));
        assert!(memory.claim([1; 32], at(10), at(5)).is_err());
    }

    #[test]
    fn a_full_memory_refuses_and_forgets_no_live_assertion() {
        let memory = Memory::new(2);
        assert_eq!(memory.claim([1; 32], at(10), at(0)), Ok(true));
        assert_eq!(memory.claim([2; 32], at(20), at(0)), Ok(true));
        assert!(memory.claim([3; 32], at(30), at(0)).is_err());
        assert_eq!(memory.claim([1; 32], at(10), at(0)), Ok(false));
        assert_eq!(memory.claim([3; 32], at(30), at(10)), Ok(true));
    }
}
