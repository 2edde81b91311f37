//! The counters of one process.

use std::collections::HashMap;
use std::sync::Mutex;

use super::counter::{Counter, Minute};

/// The most counters: users within one minute.
const CAPACITY: usize = 65_536;

/// Counters of one minute, the latest that was asked for. A call with an earlier time is counted in it too: a clock
/// that was set back opens no minute again, and one that was ahead leaves its minute when the time has come. A full
/// memory refuses users who are not in it.
#[derive(Debug)]
pub(crate) struct Memory {
    capacity: usize,
    latest: Mutex<Option<Counters>>,
}

#[derive(Debug)]
struct Counters {
    minute: Minute,
    counts: HashMap<Counter, u32>,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(CAPACITY)
    }
}

impl Memory {
    fn new(capacity: usize) -> Self {
        Self { capacity, latest: Mutex::default() }
    }

    /// Adds one; what the counter says then.
    pub(crate) fn add(&self, counter: &Counter, minute: Minute) -> Result<u32, &'static str> {
        self.in_minute(minute, |counts| {
            if counts.len() >= self.capacity && !counts.contains_key(counter) {
                return Err("the memory is full of users of this minute");
            }
            let count = counts.entry(counter.clone()).or_default();
            *count = count.saturating_add(1);
            Ok(*count)
        })
    }

    pub(crate) fn read(&self, counter: &Counter, minute: Minute) -> Result<u32, &'static str> {
        self.in_minute(minute, |counts| Ok(counts.get(counter).copied().unwrap_or_default()))
    }

    fn in_minute<T>(
        &self,
        minute: Minute,
        work: impl FnOnce(&mut HashMap<Counter, u32>) -> Result<T, &'static str>,
    ) -> Result<T, &'static str> {
        let mut latest = self.latest.lock().map_err(|_| "the memory was left in an unknown state")?;
        if latest.as_ref().is_some_and(|counters| counters.minute < minute) {
            *latest = None;
        }
        work(&mut latest.get_or_insert_with(|| Counters { minute, counts: HashMap::new() }).counts)
    }
}

#[cfg(test)]
mod tests {
    use super::super::UserKey;
    use studio_acs_identity::UserId;

    use super::*;

    fn user(name: &str) -> Counter {
        Counter::User(UserKey::of(&UserId::new(None, name)))
    }

    #[test]
    fn a_full_memory_counts_on_and_refuses_who_is_not_in_it_until_the_minute_is_over() {
        let memory = Memory::new(2);
        assert_eq!(memory.add(&user("alice"), Minute(1)), Ok(1));
        assert_eq!(memory.add(&Counter::Everybody, Minute(1)), Ok(1));
        assert_eq!(memory.add(&user("bob"), Minute(1)), Err("the memory is full of users of this minute"));
        assert_eq!(memory.add(&user("alice"), Minute(1)), Ok(2));
        assert_eq!(memory.add(&user("bob"), Minute(2)), Ok(1));
    }

    #[test]
    fn a_past_minute_takes_no_room() {
        let memory = Memory::default();
        for minute in 0..100 {
            assert_eq!(memory.add(&user(&minute.to_string()), Minute(minute)), Ok(1));
        }
        assert_eq!(memory.latest.lock().unwrap().as_ref().unwrap().counts.len(), 1);
    }

    #[test]
    fn a_counter_stays_at_its_end() {
        let memory = Memory::default();
        assert_eq!(memory.add(&Counter::Everybody, Minute(1)), Ok(1));
        memory.latest.lock().unwrap().as_mut().unwrap().counts.insert(Counter::Everybody, u32::MAX);
        assert_eq!(memory.add(&Counter::Everybody, Minute(1)), Ok(u32::MAX));
    }
}
