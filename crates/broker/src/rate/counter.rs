//! The counters of URLs.

use time::UtcDateTime;

use crate::user_key::UserKey;

/// A counter's subject.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Counter {
    Everybody,
    User(UserKey),
}

/// A minute of the clock: minutes since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Minute(pub(crate) i64);

impl Minute {
    pub(crate) fn of(now: UtcDateTime) -> Self {
        Self(now.unix_timestamp().div_euclid(60))
    }
}
