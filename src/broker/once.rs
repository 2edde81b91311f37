//! Once only (Profiles 4.1.4.5): [`Identity`] → [`Redeemed`], one time for each assertion. A token may come again until its
//! end (RFC 6750).

mod memory;
pub(crate) mod table;

use aws_config::SdkConfig;
use studio_acs_saml::{Check, Rejection};
use time::{Duration, UtcDateTime};

use memory::Memory;
use table::Table;

use crate::identity::{Identity, Once};
use crate::table::TableRules;

/// An identity that was not used before, used up for one attempt; or one that may be used again. Made only by
/// [`OnceOnly::redeem`].
#[derive(Debug)]
pub struct Redeemed {
    identity: Identity,
}

impl Redeemed {
    /// Who it is.
    pub fn identity(&self) -> &Identity {
        &self.identity
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
    /// In this process, for this process alone.
    Memory(Memory),
    /// On DynamoDB, for every process that is given the same table.
    Table(Table),
}

/// What an assertion is remembered by: issuer and ID, hashed.
type Key = [u8; 32];

impl OnceOnly {
    /// A memory of this process, for at most `capacity` assertions at a time.
    pub fn in_memory(capacity: usize, skew: Duration) -> Self {
        Self { skew, store: Store::Memory(Memory::new(capacity)) }
    }

    /// A memory that processes share, in a table.
    pub fn in_table(sdk: &SdkConfig, rules: TableRules, skew: Duration) -> Self {
        Self { skew, store: Store::Table(Table::new(sdk, rules)) }
    }

    /// Uses the identity up, if it can be used up, on behalf of the attempt of this correlation id.
    ///
    /// # Errors
    /// `replayed`; `replay_store_unavailable` where the store cannot tell, which refuses too.
    pub async fn redeem(&self, identity: &Identity, attempt: &str, now: UtcDateTime) -> Result<Redeemed, Rejection> {
        let Some(Once { key, until }) = identity.once() else { return Ok(Redeemed { identity: identity.clone() }) };
        let until = until.saturating_add(self.skew);
        let claimed = match &self.store {
            Store::Memory(memory) => memory.claim(key, until, now).map_err(str::to_owned),
            Store::Table(table) => table.claim(key, until, attempt, now).await,
        };
        match claimed {
            Ok(true) => Ok(Redeemed { identity: identity.clone() }),
            Ok(false) => Err(Check::Once.reject("an assertion that was not used before", identity.source_id())),
            Err(reason) => Err(Check::OnceStore.reject("a store that answers", reason)),
        }
    }
}
