//! The requests of one process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};

use time::UtcDateTime;

use super::record::Record;

/// A bounded memory. It forgets only what is over; when it is full it takes no more requests.
#[derive(Debug)]
pub(super) struct Memory {
    capacity: usize,
    held: Mutex<HashMap<String, Record>>,
}

impl Memory {
    pub(super) fn new(capacity: usize) -> Self {
        Self { capacity, held: Mutex::default() }
    }

    pub(super) fn find(&self, id: &str) -> Result<Option<Record>, &'static str> {
        Ok(self.held()?.get(id).cloned())
    }

    pub(super) fn all(&self) -> Result<Vec<Record>, &'static str> {
        Ok(self.held()?.values().cloned().collect())
    }

    /// Puts `new` in the place of `old`, if that is still what is there; what is there then.
    pub(super) fn replace(&self, old: Option<&Record>, new: Record, now: UtcDateTime) -> Result<Record, &'static str> {
        let mut held = self.held()?;
        let found = held.get(new.id());
        if found != old {
            return found.cloned().ok_or("the request is no longer there");
        }
        if found.is_none() && held.len() >= self.capacity {
            held.retain(|_, record| !record.is_over(now));
            if held.len() >= self.capacity {
                return Err("the memory is full of requests that are not over");
            }
        }
        held.insert(new.id().to_owned(), new.clone());
        Ok(new)
    }

    fn held(&self) -> Result<MutexGuard<'_, HashMap<String, Record>>, &'static str> {
        self.held.lock().map_err(|_| "the memory was left in an unknown state")
    }
}
