//! The memory of one process.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;

use time::UtcDateTime;

use super::claim::{Digest, Unclaimed};
use crate::user_key::UserKey;

/// A bounded memory, of which one user may hold no more than is left free: so one user fills a half of it at most, `n`
/// users together leave the `n + 1`st part, and whoever holds little is refused last. It forgets only what has expired;
/// when it is full of live assertions it refuses. It ends with the process: what has to survive a restart, or to be
/// known to a second process, belongs in a [table](super::table).
#[derive(Debug)]
pub(crate) struct Memory {
    capacity: usize,
    seen: Mutex<UsedAssertion>,
}

#[derive(Debug, Default)]
struct UsedAssertion {
    /// Up to when it has forgotten.
    forgotten: Option<UtcDateTime>,
    until: HashMap<Digest, (UtcDateTime, UserKey)>,
    by_time: BTreeSet<(UtcDateTime, Digest)>,
    /// How many of them each user holds.
    held: HashMap<UserKey, usize>,
}

impl Memory {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, seen: Mutex::default() }
    }

    /// Whether `key` is new; if so it is remembered until `until`, as one of `user`'s.
    pub(crate) fn claim(
        &self,
        key: Digest,
        user: UserKey,
        until: UtcDateTime,
        now: UtcDateTime,
    ) -> Result<bool, Unclaimed> {
        let unknown = |_| Unclaimed::Unavailable("the memory was left in an unknown state".to_owned());
        let mut seen = self.seen.lock().map_err(unknown)?;
        seen.forget(now);
        seen.forgotten = seen.forgotten.max(Some(now));
        if Some(until) <= seen.forgotten {
            return Err(Unclaimed::Unavailable("what was used so long ago is forgotten".to_owned()));
        }
        if seen.until.contains_key(&key) {
            return Ok(false);
        }
        let free = self.capacity.saturating_sub(seen.until.len());
        if free == 0 {
            return Err(Unclaimed::Unavailable("the memory is full of assertions that are still valid".to_owned()));
        }
        let held = seen.held.get(&user).copied().unwrap_or_default();
        if held >= free {
            return Err(Unclaimed::Share { held, free });
        }
        seen.by_time.insert((until, key));
        seen.held.insert(user.clone(), held.saturating_add(1));
        seen.until.insert(key, (until, user));
        Ok(true)
    }
}

impl UsedAssertion {
    /// Forgets what has expired.
    fn forget(&mut self, now: UtcDateTime) {
        while let Some(&(expired, key)) = self.by_time.first().filter(|(until, _)| *until <= now) {
            self.by_time.remove(&(expired, key));
            let Some((_, user)) = self.until.remove(&key) else { continue };
            match self.held.get_mut(&user) {
                Some(held) if *held > 1 => *held = held.saturating_sub(1),
                _ => drop(self.held.remove(&user)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use studio_acs_identity::UserId;

    fn at(second: i64) -> UtcDateTime {
        UtcDateTime::from_unix_timestamp(second).unwrap()
    }

    fn key(number: u16) -> Digest {
        let mut key = [0; 32];
        key[..2].copy_from_slice(&number.to_be_bytes());
        key
    }

    impl Memory {
        fn used(&self, number: u16, user: &str, until: i64, now: i64) -> Result<bool, Unclaimed> {
            self.claim(key(number), UserKey::of(&UserId::new(None, user)), at(until), at(now))
        }
    }

    #[test]
    fn an_assertion_is_new_once_until_it_has_expired() {
        let memory = Memory::new(2);
        assert_eq!(memory.used(1, "alice", 10, 0), Ok(true));
        assert_eq!(memory.used(1, "alice", 10, 9), Ok(false));
        assert_eq!(memory.used(1, "alice", 20, 10), Ok(true));
    }

    #[test]
    fn who_comes_with_an_earlier_time_finds_nothing_forgotten() {
        let memory = Memory::new(2);
        assert_eq!(memory.used(1, "alice", 10, 0), Ok(true));
        assert_eq!(memory.used(2, "bob", 30, 20), Ok(true));
        assert!(memory.used(1, "alice", 10, 5).is_err());
    }

    #[test]
    fn a_full_memory_refuses_and_forgets_no_live_assertion() {
        let memory = Memory::new(2);
        assert_eq!(memory.used(1, "alice", 10, 0), Ok(true));
        assert_eq!(memory.used(2, "bob", 20, 0), Ok(true));
        assert!(matches!(memory.used(3, "carol", 30, 0), Err(Unclaimed::Unavailable(_))));
        assert_eq!(memory.used(1, "alice", 10, 0), Ok(false));
        assert_eq!(memory.used(3, "carol", 30, 10), Ok(true));
    }

    #[test]
    fn attack_one_user_who_fills_the_memory_leaves_half_of_it_to_the_others() {
        let memory = Memory::new(1000);
        let taken = (0..5000).filter(|number| memory.used(*number, "mallory", 100, 0) == Ok(true)).count();
        assert_eq!(taken, 500);
        assert_eq!(memory.used(5000, "Mallory", 100, 0), Err(Unclaimed::Share { held: 500, free: 500 }));
        assert_eq!(memory.used(0, "mallory", 100, 0), Ok(false), "nothing of theirs is forgotten");
        let others = (6000..6400).filter(|n| memory.used(*n, &format!("user-{n}"), 100, 0) == Ok(true)).count();
        assert_eq!(others, 400);
        assert_eq!(memory.used(5000, "mallory", 200, 100), Ok(true), "once theirs have expired");
    }

    #[test]
    fn attack_nine_users_together_leave_room_for_others() {
        let memory = Memory::new(1000);
        for number in 0..9000 {
            let _ = memory.used(number, &format!("mallory-{}", number % 9), 100, 0);
        }
        let others = (9000..9090).filter(|n| memory.used(*n, &format!("user-{n}"), 100, 0) == Ok(true)).count();
        assert_eq!(others, 90);
    }

    #[test]
    fn what_has_expired_is_no_part_of_a_share() {
        let memory = Memory::new(4);
        for time in 0..50 {
            let number = u16::try_from(time).unwrap();
            assert_eq!(memory.used(number, "alice", time + 1, time), Ok(true), "{time}");
        }
        let seen = memory.seen.lock().unwrap();
        assert_eq!((seen.until.len(), seen.held.len()), (1, 1));
    }
}
