//! Allowances: events that may follow one another, at a rate.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::time::Duration;

/// So many events at once, and one more in every `every`.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// How many at once.
    pub burst: u32,
    /// After how long there is one more.
    pub every: Duration,
}

/// The generic cell rate algorithm: the time until which the allowance is spent.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Allowance(Duration);

impl Allowance {
    /// Takes one event out of the allowance, if it has one left at `now`.
    pub(crate) fn take(&mut self, rate: Rate, now: Duration) -> bool {
        let next = self.0.max(now).saturating_add(rate.every);
        let has_left = next.saturating_sub(now) <= rate.every.saturating_mul(rate.burst);
        if has_left {
            self.0 = next;
        }
        has_left
    }
}

/// How many allowances users share by their hash: memory that does not grow with names.
const SLOTS: usize = 1024;

/// An allowance of the same rate for each user, in a memory of fixed size: some users share one.
#[derive(Debug)]
pub struct UserAllowances {
    rate: Rate,
    slots: Vec<Allowance>,
    hasher: RandomState,
}

impl UserAllowances {
    /// Allowances of this rate, all of them unspent.
    pub fn new(rate: Rate) -> Self {
        Self { rate, slots: vec![Allowance::default(); SLOTS], hasher: RandomState::new() }
    }

    /// Takes one event out of this user's allowance, if it has one left at `now`, which is since any fixed instant.
    pub fn take(&mut self, user: &str, now: Duration) -> bool {
        let slots = u64::try_from(SLOTS).unwrap_or(u64::MAX);
        let slot = self.hasher.hash_one(user).checked_rem(slots).and_then(|slot| usize::try_from(slot).ok());
        let allowance = slot.and_then(|slot| self.slots.get_mut(slot));
        allowance.is_some_and(|allowance| allowance.take(self.rate, now))
    }
}
