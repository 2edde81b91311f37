//! Four eyes: what one person asks for, another one approves before it is opened.

mod memory;
mod record;
mod table;

use aws_config::SdkConfig;
use studio_acs_saml::instant;
use time::{Duration, UtcDateTime};

use super::user_key::UserKey;
use crate::table::TableRules;
use memory::Memory;
use record::Record;
pub use record::{Approved, Pending};
use table::Table;

/// How long requests and approvals last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApprovalRules {
    /// How long a request may wait to be decided on; a denied one cannot be made again before that is over.
    pub request_lasts: Duration,
    /// How long after the approval it may be used.
    pub approval_lasts: Duration,
}

impl Default for ApprovalRules {
    fn default() -> Self {
        Self { request_lasts: Duration::hours(8), approval_lasts: Duration::HOUR }
    }
}

/// Requests, and what became of them.
///
/// A person has one request for an entry of the ledger at a time. It is pending until another person approves or denies
/// it, once; it is over when its time is, and then may be made again.
#[derive(Debug)]
pub struct Approvals {
    rules: ApprovalRules,
    store: Store,
}

/// How it stands with what somebody wants to open.
#[derive(Debug)]
pub(super) enum Standing {
    /// Nobody was asked, or that is over.
    Unasked,
    /// Somebody was asked, and has not decided.
    Pending(Pending),
    /// Somebody has agreed.
    Approved(Approved),
}

/// Where they are kept. The rules are in [`Record`]; a store only finds one, and replaces one that is still the same.
#[derive(Debug)]
enum Store {
    /// In this process, for this process alone.
    Memory(Memory),
    /// On DynamoDB, for every process that is given the same table.
    Table(Table),
}

impl Approvals {
    /// Requests of this process, at most `capacity` at a time. They end with the process.
    pub fn in_memory(capacity: usize, rules: ApprovalRules) -> Self {
        Self { rules, store: Store::Memory(Memory::new(capacity)) }
    }

    /// Requests that processes share, in the ledger's table.
    pub fn in_table(sdk: &SdkConfig, table: TableRules, rules: ApprovalRules) -> Self {
        Self { rules, store: Store::Table(Table::new(sdk, table)) }
    }

    /// Asks, for `who`, to open `entry` of the ledger. `opens` says to the approver what that is, and `ticket` what for.
    /// Who has asked already gets the request that is pending, as it was.
    ///
    /// # Errors
    /// `approval_decided` where it has been and is not over; `approval_text_invalid`; `approval_store_unavailable`.
    pub async fn request(
        &self,
        who: &str,
        entry: &str,
        opens: &str,
        ticket: Option<&str>,
        now: UtcDateTime,
    ) -> Result<Pending, ApprovalError> {
        let asked = Record::ask(who, entry, opens, ticket, now, &self.rules)?;
        let held = self.store.find(asked.id()).await?;
        match held {
            Some(held) if !held.is_over(now) => held,
            over => self.store.replace(over.as_ref(), asked, now).await?,
        }
        .pending()
    }

    /// How it stands with what `who` wants to open.
    ///
    /// # Errors
    /// `approval_decided` where it was denied and that is not over; `approval_store_unavailable`.
    pub(super) async fn standing(&self, who: &str, entry: &str, now: UtcDateTime) -> Result<Standing, ApprovalError> {
        let held = self.store.find(&record::id(who, entry)).await?;
        let Some(held) = held.filter(|held| !held.is_over(now)) else { return Ok(Standing::Unasked) };
        match held.approved(now) {
            Some(approved) => Ok(Standing::Approved(approved)),
            None => held.pending().map(Standing::Pending),
        }
    }

    /// What waits for somebody to decide, the oldest first.
    ///
    /// # Errors
    /// `approval_store_unavailable`.
    pub async fn pending(&self, now: UtcDateTime) -> Result<Vec<Pending>, ApprovalError> {
        let held = match &self.store {
            Store::Memory(memory) => memory.all().map_err(str::to_owned),
            Store::Table(table) => table.pending(now).await,
        };
        let held = held.map_err(ApprovalError::Unavailable)?;
        let mut pending: Vec<_> =
            held.iter().filter(|held| !held.is_over(now)).filter_map(|held| held.pending().ok()).collect();
        pending.sort_by(|a, b| (a.asked_at, &a.id).cmp(&(b.asked_at, &b.id)));
        Ok(pending)
    }

    /// The request of this id, while it is pending.
    ///
    /// # Errors
    /// `approval_unknown`, `approval_decided`, `approval_expired`; `approval_store_unavailable`.
    pub async fn find(&self, id: &str, now: UtcDateTime) -> Result<Pending, ApprovalError> {
        let held = if record::is_id(id) { self.store.find(id).await? } else { None };
        let held = held.ok_or(ApprovalError::Unknown)?;
        let pending = held.pending()?;
        if held.is_over(now) { Err(ApprovalError::Expired { at: pending.until }) } else { Ok(pending) }
    }

    /// Whether `who` asked for it themselves: what nobody decides on.
    pub fn is_own(request: &Pending, who: &str) -> bool {
        UserKey::of(&request.who) == UserKey::of(who)
    }

    /// Approves the request of this id. Of several who decide at once, one does.
    ///
    /// # Errors
    /// `approval_unknown`, `approval_decided`, `approval_expired`, `approval_own`; `approval_text_invalid`;
    /// `approval_store_unavailable`, where it may have been decided nevertheless.
    pub async fn approve(&self, id: &str, approver: &str, now: UtcDateTime) -> Result<Approved, ApprovalError> {
        let decided = self.decide(id, true, approver, now).await?;
        decided.approved(now).ok_or(ApprovalError::Expired { at: decided.until() })
    }

    /// Denies the request of this id.
    ///
    /// # Errors
    /// As [`approve`](Self::approve).
    pub async fn deny(&self, id: &str, approver: &str, now: UtcDateTime) -> Result<(), ApprovalError> {
        self.decide(id, false, approver, now).await.map(drop)
    }

    /// The approval for `who` to open `entry`, if there is one and it is not over.
    ///
    /// # Errors
    /// `approval_store_unavailable`.
    pub async fn approval_for(
        &self,
        who: &str,
        entry: &str,
        now: UtcDateTime,
    ) -> Result<Option<Approved>, ApprovalError> {
        let held = self.store.find(&record::id(who, entry)).await?;
        Ok(held.and_then(|held| held.approved(now)))
    }

    async fn decide(&self, id: &str, approve: bool, by: &str, now: UtcDateTime) -> Result<Record, ApprovalError> {
        let held = if record::is_id(id) { self.store.find(id).await? } else { None };
        let held = held.ok_or(ApprovalError::Unknown)?;
        let decided = held.decide(approve, by, now, &self.rules)?;
        let found = self.store.replace(Some(&held), decided.clone(), now).await?;
        if found == decided {
            return Ok(decided);
        }
        // Somebody else was faster.
        let changing = || ApprovalError::Unavailable("a request that keeps changing".to_owned());
        Err(found.decide(approve, by, now, &self.rules).err().unwrap_or_else(changing))
    }
}

impl Store {
    async fn find(&self, id: &str) -> Result<Option<Record>, ApprovalError> {
        let found = match self {
            Self::Memory(memory) => memory.find(id).map_err(str::to_owned),
            Self::Table(table) => table.find(id).await,
        };
        found.map_err(ApprovalError::Unavailable)
    }

    /// Puts `new` in the place of `old`, if that is still what is there; what is there then.
    async fn replace(&self, old: Option<&Record>, new: Record, now: UtcDateTime) -> Result<Record, ApprovalError> {
        let found = match self {
            Self::Memory(memory) => memory.replace(old, new, now).map_err(str::to_owned),
            Self::Table(table) => table.replace(old, new).await,
        };
        found.map_err(ApprovalError::Unavailable)
    }
}

/// Why nothing is approved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApprovalError {
    /// Somebody has decided already.
    #[error("{by} has {} this at {}", if *.approved { "approved" } else { "denied" }, instant::format(*.at))]
    Decided {
        /// Whether it was approved.
        approved: bool,
        /// By whom.
        by: String,
        /// When.
        at: UtcDateTime,
    },
    /// Nobody decided in time.
    #[error("this request waited until {}; it has to be made again", instant::format(*.at))]
    Expired {
        /// Until when it could be decided on.
        at: UtcDateTime,
    },
    /// Nobody approves their own request.
    #[error("this is the approver's own request; another person has to decide on it")]
    Own,
    /// A text that is not fit to be shown to an approver.
    #[error("{field}: expected {expected}, found {found}")]
    Text {
        /// Which one.
        field: &'static str,
        /// What it must be.
        expected: String,
        /// What it is instead.
        found: &'static str,
    },
    /// The requests cannot be asked for, or cannot be read.
    #[error("the approvals cannot be asked: {0}")]
    Unavailable(String),
    /// There is no such request.
    #[error("there is no request of this id")]
    Unknown,
}

impl ApprovalError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Decided { .. } => "approval_decided",
            Self::Expired { .. } => "approval_expired",
            Self::Own => "approval_own",
            Self::Text { .. } => "approval_text_invalid",
            Self::Unavailable(_) => "approval_store_unavailable",
            Self::Unknown => "approval_unknown",
        }
    }
}

#[cfg(test)]
mod tests;
