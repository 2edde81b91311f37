//! Four eyes: another user approves a request before it opens anything.

mod memory;
mod record;
pub(crate) mod table;
mod terms;
mod user_requests;

use aws_config::SdkConfig;
use studio_acs_refusal::instant;
use time::{Duration, UtcDateTime};

use super::user_key::UserKey;
use memory::Memory;
pub use record::{Approved, Pending};
use record::{Record, parse_id};
use studio_acs_aws::TableRules;
use studio_acs_refusal::broken_rules;
use table::Table;
pub use terms::{ApprovalTerms, Fingerprint, ProvisionTerms};
use user_requests::UserRequests;

/// How many users' requests are read at most for one look at what is pending.
pub(super) const MOST_USERS: usize = 500;
/// How often a change is tried again that another process's change was faster than.
const TRIES: usize = 10;

/// How long requests and approvals last, and how many there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApprovalRules {
    /// How long a request may wait to be decided on; a denied one cannot be made again before that is over.
    pub request_lasts: Duration,
    /// How long after the approval it may be used.
    pub approval_lasts: Duration,
    /// How many requests one user may have that are not over, pending or decided.
    pub per_user: usize,
}

impl Default for ApprovalRules {
    fn default() -> Self {
        Self { request_lasts: Duration::hours(8), approval_lasts: Duration::HOUR, per_user: 10 }
    }
}

/// Requests, and the decisions on them.
///
/// A user has one request of the same terms at a time, and a bounded number of requests in all. One is pending until
/// another user approves or denies it, once; it is over when its time is, and then may be made again.
#[derive(Debug)]
pub struct Approvals {
    rules: ApprovalRules,
    store: Store,
}

/// The state of a user's request.
#[derive(Debug)]
pub(super) enum Standing {
    /// No request exists, or it is over.
    Unasked,
    /// A request exists, and no approver has decided.
    Pending(Pending),
    /// An approver has agreed.
    Approved(Approved),
}

/// Where they are kept. The rules are in [`Record`] and [`UserRequests`]; a store only finds those of one user, and
/// replaces them if they are still the same.
#[derive(Debug)]
enum Store {
    /// In this process, only for this process.
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

    /// Asks, for `who`, for an approval of these terms. A user who has asked already gets the pending request, as it
    /// was.
    ///
    /// # Errors
    /// `approval_decided` where it has been and is not over; `approval_too_many`; `approval_text_invalid`;
    /// `approval_store_unavailable`.
    pub async fn request(&self, who: &str, terms: ApprovalTerms, now: UtcDateTime) -> Result<Pending, ApprovalError> {
        let asked = Record::ask(who, terms, now, &self.rules)?;
        let mut held = self.store.find(&UserKey::of(who)).await?;
        for _ in 0..TRIES {
            if let Some(live) = held.live(asked.fingerprint(), now) {
                return live.pending();
            }
            let with = held.with(asked.clone(), self.rules.per_user, now)?;
            match self.store.replace(&held, &with, now).await? {
                None => return asked.pending(),
                Some(changed) => held = changed,
            }
        }
        Err(keeps_changing())
    }

    /// The state of a sign-in of these terms.
    ///
    /// # Errors
    /// `approval_decided` where it was denied and that is not over; `approval_too_many` where no request exists, and
    /// the user may not ask; `approval_store_unavailable`.
    pub(super) async fn standing(&self, terms: &ApprovalTerms, now: UtcDateTime) -> Result<Standing, ApprovalError> {
        let held = self.store.find(&UserKey::of(&terms.user)).await?;
        let Some(live) = held.live(terms.fingerprint(), now) else {
            return held.room(self.rules.per_user, now).map(|()| Standing::Unasked);
        };
        match live.approved(now) {
            Some(approved) => Ok(Standing::Approved(approved)),
            None => live.pending().map(Standing::Pending),
        }
    }

    /// The requests that wait for a decision, user by user, each one's oldest first; at most 500 users, those whose
    /// requests end first.
    ///
    /// # Errors
    /// `approval_store_unavailable`.
    pub async fn pending(&self, now: UtcDateTime) -> Result<Vec<Vec<Pending>>, ApprovalError> {
        let held = match &self.store {
            Store::Memory(memory) => memory.pending(now).map_err(str::to_owned),
            Store::Table(table) => table.pending(now).await,
        };
        let held = held.map_err(ApprovalError::Unavailable)?;
        Ok(held.iter().map(|requests| requests.pending(now)).filter(|pending| !pending.is_empty()).collect())
    }

    /// The request of this id, while it is pending.
    ///
    /// # Errors
    /// `approval_unknown`, `approval_decided`, `approval_expired`; `approval_store_unavailable`.
    pub async fn find(&self, id: &str, now: UtcDateTime) -> Result<Pending, ApprovalError> {
        let (user, fingerprint) = parse_id(id).ok_or(ApprovalError::Unknown)?;
        let held = self.store.find(&user).await?;
        let record = held.find(fingerprint).ok_or(ApprovalError::Unknown)?;
        let pending = record.pending()?;
        if record.is_over(now) { Err(ApprovalError::Expired { at: pending.until }) } else { Ok(pending) }
    }

    /// Whether `who` asked for it themselves: no user decides on their own request.
    pub fn is_own(request: &Pending, who: &str) -> bool {
        UserKey::of(&request.who) == UserKey::of(who)
    }

    /// Approves the request of this id. If several approvers decide at once, one does.
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

    /// The approval of these terms, if one exists and is not over.
    ///
    /// # Errors
    /// `approval_store_unavailable`.
    pub async fn approval_for(
        &self,
        terms: &ApprovalTerms,
        now: UtcDateTime,
    ) -> Result<Option<Approved>, ApprovalError> {
        let held = self.store.find(&UserKey::of(&terms.user)).await?;
        Ok(held.live(terms.fingerprint(), now).and_then(|record| record.approved(now)))
    }

    async fn decide(&self, id: &str, approve: bool, by: &str, now: UtcDateTime) -> Result<Record, ApprovalError> {
        let (user, fingerprint) = parse_id(id).ok_or(ApprovalError::Unknown)?;
        let mut held = self.store.find(&user).await?;
        let mut tried = None;
        for _ in 0..TRIES {
            let record = held.find(fingerprint).ok_or(ApprovalError::Unknown)?;
            if tried.as_ref() == Some(record) {
                // A call whose answer was lost, and then another change of another request.
                return Ok(record.clone());
            }
            let decided = record.decide(approve, by, now, &self.rules)?;
            match self.store.replace(&held, &held.decided(&decided), now).await? {
                None => return Ok(decided),
                Some(changed) => (held, tried) = (changed, Some(decided)),
            }
        }
        Err(keeps_changing())
    }
}

impl Store {
    async fn find(&self, user: &UserKey) -> Result<UserRequests, ApprovalError> {
        let found = match self {
            Self::Memory(memory) => memory.find(user).map_err(str::to_owned),
            Self::Table(table) => table.find(user).await,
        };
        found.map_err(ApprovalError::Unavailable)
    }

    /// Puts `new` in the place of `old`, if `old` is still stored; otherwise returns the stored one.
    async fn replace(
        &self,
        old: &UserRequests,
        new: &UserRequests,
        now: UtcDateTime,
    ) -> Result<Option<UserRequests>, ApprovalError> {
        let found = match self {
            Self::Memory(memory) => memory.replace(old, new, now).map_err(str::to_owned),
            Self::Table(table) => table.replace(old, new).await,
        };
        found.map_err(ApprovalError::Unavailable)
    }
}

fn keeps_changing() -> ApprovalError {
    ApprovalError::Unavailable("requests that keep changing".to_owned())
}

/// Why nothing is approved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApprovalError {
    /// An approver has decided already.
    #[error("{by} has {} this at {}", if *.approved { "approved" } else { "denied" }, instant::format(*.at))]
    Decided {
        /// Whether it was approved.
        approved: bool,
        /// By whom.
        by: String,
        /// When.
        at: UtcDateTime,
    },
    /// No approver decided in time.
    #[error("this request waited until {}; it has to be made again", instant::format(*.at))]
    Expired {
        /// Until when it could be decided on.
        at: UtcDateTime,
    },
    /// No user approves their own request.
    #[error("this is the approver's own request; another person has to decide on it")]
    Own,
    /// A text that is not fit to be shown to an approver.
    #[error("{field}: expected {expected}, found {found}")]
    Text {
        /// Which one.
        field: &'static str,
        /// The expected text.
        expected: String,
        /// The found text.
        found: &'static str,
    },
    /// The user has asked for as many approvals as one may.
    #[error("at most {most} requests of one user at a time, pending or decided; the first is over at {}", instant::format(*.until))]
    TooMany {
        /// How many there may be.
        most: usize,
        /// When the first of them is over.
        until: UtcDateTime,
    },
    /// The requests cannot be asked for, or cannot be read.
    #[error("the approvals cannot be asked: {0}")]
    Unavailable(String),
    /// No such request exists.
    #[error("there is no request of this id")]
    Unknown,
}

broken_rules!(ApprovalError {
    Self::Unavailable(_), Self::Unavailable(String::new()) => "approval", "approval_store_unavailable", "the store of requests for approval is readable";
    Self::TooMany { .. }, Self::TooMany { most: 0, until: UtcDateTime::UNIX_EPOCH } => "approval", "approval_too_many", "the user has fewer open requests than one user may have";
    Self::Text { .. }, Self::Text { field: "", expected: String::new(), found: "" } => "approval", "approval_text_invalid", "the request's text can be shown to an approver";
    Self::Unknown, Self::Unknown => "approval", "approval_unknown", "the request exists";
    Self::Decided { .. }, Self::Decided { approved: false, by: String::new(), at: UtcDateTime::UNIX_EPOCH } => "approval", "approval_decided", "the request is not decided";
    Self::Expired { .. }, Self::Expired { at: UtcDateTime::UNIX_EPOCH } => "approval", "approval_expired", "the request has not expired";
    Self::Own, Self::Own => "approval", "approval_own", "the request is another user's";
});

#[cfg(test)]
pub(super) mod tests;
