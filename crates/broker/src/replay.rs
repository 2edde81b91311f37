//! Replay protection (Profiles 4.1.4.5): [`Identity`] → [`FirstUse`], one time for each assertion. A token may come
//! again until its end (RFC 6750).

mod claim;
mod error;
mod memory;
mod table;

use aws_config::SdkConfig;
use studio_acs_identity::Names;
use time::{Duration, UtcDateTime};

use claim::Unclaimed;
pub use error::{ReplayError, RestartGrace};
use memory::Memory;
pub use table::KEY;
use table::Table;

use crate::rules::Check;
use crate::user_key::UserKey;
use studio_acs_aws::TableRules;
use studio_acs_identity::{Identity, ReplayKey};

/// An identity that was not used before, claimed for one attempt; or one that may be used again. Made only by
/// [`ReplayGuard::claim`].
#[derive(Debug)]
pub struct FirstUse {
    identity: Identity,
}

impl FirstUse {
    /// The identity.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }
}

/// Remembers which assertions were used, at least until they could no longer be accepted.
#[derive(Debug)]
pub struct ReplayGuard {
    /// How long past its end an assertion may still be accepted.
    skew: Duration,
    store: Store,
}

/// Treatment, by a process without a table, of assertions that may have been used before it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterRestart {
    /// It refuses them: the memory of their use is lost.
    Refuse,
    /// It accepts them, so that each may be used once more after each restart.
    Accept,
}

/// Where the memory is kept.
#[derive(Debug)]
enum Store {
    /// In this process, only for this process; since when, if assertions issued before are refused.
    Memory(Memory, Option<UtcDateTime>),
    /// On DynamoDB, for every process that is given the same table.
    Table(Table),
}

impl ReplayGuard {
    /// A memory of this process, for at most `capacity` assertions at a time. With the start of the process in `since`,
    /// those are refused that may have been used before it.
    pub fn in_memory(capacity: usize, skew: Duration, since: Option<UtcDateTime>) -> Self {
        Self { skew, store: Store::Memory(Memory::new(capacity), since) }
    }

    /// A memory that processes share, in a table.
    pub fn in_table(sdk: &SdkConfig, rules: TableRules, skew: Duration) -> Self {
        Self { skew, store: Store::Table(Table::new(sdk, rules)) }
    }

    /// Claims the identity, if it can be claimed, on behalf of the attempt of this correlation id.
    ///
    /// # Errors
    /// `replayed`; `replay_store_unavailable` where the store cannot tell, which refuses too; `restart_grace`;
    /// `sign_in_too_many`.
    pub async fn claim(
        &self,
        identity: &Identity,
        correlation_id: &str,
        now: UtcDateTime,
    ) -> Result<FirstUse, ReplayError> {
        let Some(ReplayKey { key, issued, until }) = identity.replay_key() else {
            return Ok(FirstUse { identity: identity.clone() });
        };
        self.check_issued(issued)?;
        let until = until.saturating_add(self.skew);
        let claimed = match &self.store {
            Store::Memory(memory, _) => memory.claim(key, UserKey::of(&identity.user_id(Names::PerIssuer)), until, now),
            Store::Table(table) => table.claim(key, until, correlation_id, now).await.map_err(Unclaimed::Unavailable),
        };
        match claimed {
            Ok(true) => Ok(FirstUse { identity: identity.clone() }),
            Ok(false) => {
                Err(Check::Replay.reject("an assertion that was not used before", identity.source_id()).into())
            }
            Err(Unclaimed::Unavailable(reason)) => Err(ReplayError::Unavailable(reason)),
            Err(Unclaimed::Share { held, free }) => Err(ReplayError::TooMany { held, free }),
        }
    }

    /// The identity provider's clock may be ahead of ours by the skew: of what it issued later than that after the start,
    /// nothing can have been used before it.
    fn check_issued(&self, issued: Option<UtcDateTime>) -> Result<(), RestartGrace> {
        let (Store::Memory(_, Some(start)), Some(issued)) = (&self.store, issued) else { return Ok(()) };
        let after = start.saturating_add(self.skew);
        if issued > after { Ok(()) } else { Err(RestartGrace { after, issued }) }
    }
}
