//! How many URLs a minute: for one user, and for all together.

mod counter;
mod memory;
mod table;

use aws_config::SdkConfig;
use time::UtcDateTime;

use crate::user_key::UserKey;
use counter::{Counter, Minute};
use memory::Memory;
use studio_acs_aws::TableRules;
use studio_acs_identity::UserId;
use studio_acs_refusal::broken_rules;
pub use table::KEY;
use table::Table;

/// How many URLs a minute there may be. A minute is one of the clock, from its second 0 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateRules {
    /// For one user.
    pub per_user: u32,
    /// For all users together.
    pub global: u32,
    /// The attempt of one user within one minute, refused ones included, that raises an alert; 0 for never.
    pub alert_at: u32,
}

impl Default for RateRules {
    fn default() -> Self {
        Self { per_user: 10, global: 600, alert_at: 50 }
    }
}

/// Counts URLs, minute by minute.
#[derive(Debug)]
pub struct Rates {
    rules: RateRules,
    store: Store,
}

/// One more URL within the limits. Made only by [`Rates::count`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    user: u32,
    global: u32,
    alert: bool,
}

impl Count {
    /// How many attempts the user has made in this minute, this one included.
    pub fn user(&self) -> u32 {
        self.user
    }

    /// How many attempts of all users were within the users' own limits in this minute, this one included.
    pub fn global(&self) -> u32 {
        self.global
    }

    /// Whether to alert about this user now; [`RateRules::alert_at`].
    pub fn alert(&self) -> bool {
        self.alert
    }
}

/// Where the counters are kept.
#[derive(Debug)]
enum Store {
    /// In this process, only for this process.
    Memory(Memory),
    /// On DynamoDB, for every process that is given the same table.
    Table(Table),
}

impl Rates {
    /// Counters of this process. It counts for a bounded number of users a minute, and refuses those beyond.
    pub fn in_memory(rules: RateRules) -> Self {
        Self { rules, store: Store::Memory(Memory::default()) }
    }

    /// Counters that processes share, in a table.
    pub fn in_table(sdk: &SdkConfig, table: TableRules, rules: RateRules) -> Self {
        Self { rules, store: Store::Table(Table::new(sdk, table)) }
    }

    /// Counts one more URL for `user`, whose name is the same in any case. Every call counts, refused ones too, so that
    /// hammering shows.
    ///
    /// The user's counter comes first, and only a user within its limit is counted in the global one: a user over their
    /// own limit does not use up the global one. Asking for both at once would save some milliseconds of a sign-in, and
    /// let one user's flood through to the global counter.
    ///
    /// It may take as long as two calls of the store.
    ///
    /// # Errors
    /// [`RateError`]; a store that cannot tell refuses too.
    pub async fn count(&self, user: &UserId, now: UtcDateTime) -> Result<Count, RateError> {
        let (rules, minute, seconds_left) = (&self.rules, Minute::of(now), seconds_left(now));
        let user = self.store.add(&Counter::User(UserKey::of(user)), minute).await.map_err(RateError::Unavailable)?;
        // The store gives each number to one call.
        let alert = user == rules.alert_at;
        if user > rules.per_user {
            return Err(RateError::User { limit: rules.per_user, found: user, seconds_left, alert });
        }
        let global = self.store.add(&Counter::Everybody, minute).await.map_err(RateError::Unavailable)?;
        if global > rules.global {
            return Err(RateError::Global { limit: rules.global, found: global, seconds_left, alert });
        }
        Ok(Count { user, global, alert })
    }

    /// How many attempts of `user` were counted in this minute so far. Counts nothing.
    ///
    /// # Errors
    /// [`RateError::Unavailable`].
    pub async fn peek(&self, user: &UserId, now: UtcDateTime) -> Result<u32, RateError> {
        let user = Counter::User(UserKey::of(user));
        self.store.read(&user, Minute::of(now)).await.map_err(RateError::Unavailable)
    }
}

impl Store {
    /// Adds one; what the counter says then.
    async fn add(&self, counter: &Counter, minute: Minute) -> Result<u32, String> {
        match self {
            Self::Memory(memory) => memory.add(counter, minute).map_err(str::to_owned),
            Self::Table(table) => table.add(counter, minute).await,
        }
    }

    async fn read(&self, counter: &Counter, minute: Minute) -> Result<u32, String> {
        match self {
            Self::Memory(memory) => memory.read(counter, minute).map_err(str::to_owned),
            Self::Table(table) => table.read(counter, minute).await,
        }
    }
}

/// How long the minute still lasts, in seconds, 1 to 60.
fn seconds_left(now: UtcDateTime) -> u32 {
    60_u32.saturating_sub(now.second().into())
}

/// Why no URL is given for now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// All users together have had what they may have in this minute.
    #[error("at most {limit} URLs a minute for all, and this is number {found}; more in {seconds_left} s")]
    Global {
        /// How many there may be.
        limit: u32,
        /// Which one this is.
        found: u32,
        /// How long the minute still lasts.
        seconds_left: u32,
        /// As in [`Count::alert`].
        alert: bool,
    },
    /// The counters cannot be asked, or cannot be read.
    #[error("the counters cannot be asked: {0}")]
    Unavailable(String),
    /// The user has had what one may have in this minute.
    #[error("at most {limit} URLs a minute for one user, and this is number {found}; more in {seconds_left} s")]
    User {
        /// How many there may be.
        limit: u32,
        /// Which one this is.
        found: u32,
        /// How long the minute still lasts.
        seconds_left: u32,
        /// As in [`Count::alert`].
        alert: bool,
    },
}

broken_rules!(RateError {
    Self::User { .. }, Self::User { limit: 0, found: 0, seconds_left: 0, alert: false } => "rate", "rate_limited_user", "the user is within their limit a minute, requests for approval counted";
    Self::Global { .. }, Self::Global { limit: 0, found: 0, seconds_left: 0, alert: false } => "rate", "rate_limited_global", "all users together are within their limit a minute";
    Self::Unavailable(_), Self::Unavailable(String::new()) => "rate", "rate_store_unavailable", "the counters are readable";
});

impl RateError {
    /// As [`Count::alert`].
    pub fn alert(&self) -> bool {
        match self {
            Self::Global { alert, .. } | Self::User { alert, .. } => *alert,
            Self::Unavailable(_) => false,
        }
    }
}

#[cfg(test)]
mod tests;
