//! The requests of one process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use time::UtcDateTime;

use super::MOST_USERS;
use super::user_requests::UserRequests;
use crate::broker::user_key::UserKey;

/// A bounded memory. It forgets only what is over; when it is full it takes no more requests.
#[derive(Debug)]
pub(super) struct Memory {
    capacity: usize,
    held: Mutex<HashMap<UserKey, UserRequests>>,
}

impl Memory {
    /// For at most `capacity` requests of all users.
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, held: Mutex::default() }
    }

    pub(super) fn find(&self, user: &UserKey) -> Result<UserRequests, &'static str> {
        Ok(self.held()?.get(user).cloned().unwrap_or_else(|| UserRequests::none(user.clone())))
    }

    /// The users who have pending requests, at most [`MOST_USERS`]; whose last one ends first comes first.
    pub(super) fn pending(&self, now: UtcDateTime) -> Result<Vec<UserRequests>, &'static str> {
        let held = self.held()?;
        let mut users: Vec<_> = held
            .values()
            .filter_map(|requests| Some((requests.pending_until().filter(|until| *until > now)?, requests)))
            .collect();
        users.sort_by(|(one, a), (other, b)| (one, a.user()).cmp(&(other, b.user())));
        Ok(users.into_iter().take(MOST_USERS).map(|(_, requests)| requests.clone()).collect())
    }

    /// Puts `new` in the place of `old`, if `old` is still stored; otherwise returns the stored one.
    pub(super) fn replace(
        &self,
        old: &UserRequests,
        new: &UserRequests,
        now: UtcDateTime,
    ) -> Result<Option<UserRequests>, &'static str> {
        let mut held = self.held()?;
        let found = held.get(new.user()).cloned().unwrap_or_else(|| UserRequests::none(new.user().clone()));
        if found.version() != old.version() {
            return Ok(Some(found));
        }
        let more = new.records().len().saturating_sub(found.records().len());
        if more > 0 && count(&held).saturating_add(more) > self.capacity {
            held.retain(|_, requests| requests.until().is_some_and(|until| until > now));
            if count(&held).saturating_add(more) > self.capacity {
                return Err("the memory is full of requests that are not over");
            }
        }
        held.insert(new.user().clone(), new.clone());
        Ok(None)
    }

    fn held(&self) -> Result<MutexGuard<'_, HashMap<UserKey, UserRequests>>, &'static str> {
        self.held.lock().map_err(|_| "the memory was left in an unknown state")
    }
}

/// The number of requests.
fn count(held: &HashMap<UserKey, UserRequests>) -> usize {
    held.values().map(|requests| requests.records().len()).sum()
}
