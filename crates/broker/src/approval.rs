//! Four eyes: another user approves a request before it opens anything.

mod error;
mod memory;
mod record;
mod rules;
mod table;
mod terms;
mod user_requests;

use aws_config::SdkConfig;
use time::UtcDateTime;

use crate::user_key::UserKey;
pub use error::ApprovalError;
use memory::Memory;
pub use record::{Approved, EarlierDenial, Pending, Waiting};
use record::{Record, check_approver, parse_id};
pub use rules::ApprovalRules;
use studio_acs_aws::TableRules;
use studio_acs_identity::UserId;
use table::Table;
pub use table::{PENDING, PENDING_UNTIL};
pub use terms::{ApprovalTerms, Fingerprint, ProvisionTerms};
use user_requests::UserRequests;

/// How often a change is tried again that another process's change was faster than.
const TRIES: usize = 10;

/// Requests, and the decisions on them.
///
/// A user has one request of the same terms at a time, and a bounded number of requests in all. One is pending until
/// another user approves or denies it, once; it is over when its time is, and then may be made again. A denial holds
/// for as long as a request may wait, from the decision on, against all that the user asks for with the same entry, and
/// against an approval of it.
#[derive(Debug)]
pub struct Approvals {
    rules: ApprovalRules,
    store: Store,
}

/// The state of a user's request.
#[derive(Debug)]
pub(crate) enum Standing {
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
    /// `approval_decided` where it has been and is not over, or a denial holds against it; `approval_too_many`; `approval_text_invalid`;
    /// `approval_store_unavailable`.
    pub async fn request(
        &self,
        who: &UserId,
        terms: ApprovalTerms,
        now: UtcDateTime,
    ) -> Result<Pending, ApprovalError> {
        self.request_instead(who, terms, None, now).await
    }

    /// The same, in place of `void`, an approval of these terms that does not count any more.
    ///
    /// # Errors
    /// As [`request`](Self::request).
    pub(crate) async fn request_instead(
        &self,
        who: &UserId,
        terms: ApprovalTerms,
        void: Option<&Approved>,
        now: UtcDateTime,
    ) -> Result<Pending, ApprovalError> {
        let asked = Record::ask(who, terms, now, &self.rules)?;
        let mut held = self.store.find(&UserKey::of(who)).await?;
        for _ in 0..TRIES {
            held.check_denials(&asked.request().terms, now)?;
            let is_void = |live: &&Record| void.is_some() && live.approved(now).as_ref() == void;
            if let Some(live) = held.live(asked.fingerprint(), now).filter(|live| !is_void(live)) {
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
    /// `approval_decided` where it, or another with the same entry, was denied and that is not over; `approval_too_many` where no request exists, and
    /// the user may not ask; `approval_store_unavailable`.
    pub(crate) async fn standing(&self, terms: &ApprovalTerms, now: UtcDateTime) -> Result<Standing, ApprovalError> {
        let held = self.store.find(&UserKey::of(&terms.user_id())).await?;
        held.check_denials(terms, now)?;
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
    pub async fn pending(&self, now: UtcDateTime) -> Result<Vec<Vec<Waiting>>, ApprovalError> {
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
    pub fn is_own(request: &Pending, who: &UserId) -> bool {
        request.terms.user_id().may_be(who)
    }

    /// Approves the request of this id. If several approvers decide at once, one does.
    ///
    /// # Errors
    /// `approval_unknown`, `approval_decided`, also where a denial holds against it, `approval_expired`, `approval_own`; `approval_text_invalid`;
    /// `approval_store_unavailable`, where it may have been decided nevertheless.
    pub async fn approve(&self, id: &str, approver: &UserId, now: UtcDateTime) -> Result<Approved, ApprovalError> {
        let decided = self.decide(id, true, approver, now).await?;
        decided.approved(now).ok_or(ApprovalError::Expired { at: decided.until() })
    }

    /// Denies the request of this id.
    ///
    /// # Errors
    /// As [`approve`](Self::approve).
    pub async fn deny(&self, id: &str, approver: &UserId, now: UtcDateTime) -> Result<(), ApprovalError> {
        self.decide(id, false, approver, now).await.map(drop)
    }

    /// The approval of these terms, if one exists, is not over, and no denial holds against it.
    ///
    /// # Errors
    /// `approval_store_unavailable`.
    pub async fn approval_for(
        &self,
        terms: &ApprovalTerms,
        now: UtcDateTime,
    ) -> Result<Option<Approved>, ApprovalError> {
        let held = self.store.find(&UserKey::of(&terms.user_id())).await?;
        if held.check_denials(terms, now).is_err() {
            return Ok(None);
        }
        Ok(held.live(terms.fingerprint(), now).and_then(|record| record.approved(now)))
    }

    /// Checks, without the store, that `by` may decide on the request of this id at all: it is another user's.
    ///
    /// # Errors
    /// `approval_unknown`, `approval_own`, `approval_text_invalid`.
    pub(crate) fn check_decision(id: &str, by: &UserId) -> Result<(), ApprovalError> {
        let (user, _) = parse_id(id).ok_or(ApprovalError::Unknown)?;
        if [by, &UserId::new(None, by.name())].map(UserKey::of).contains(&user) {
            return Err(ApprovalError::Own);
        }
        check_approver(by.name())
    }

    async fn decide(&self, id: &str, approve: bool, by: &UserId, now: UtcDateTime) -> Result<Record, ApprovalError> {
        Self::check_decision(id, by)?;
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
            if approve {
                held.check_denials(&record.request().terms, now)?;
            }
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

#[cfg(test)]
pub(crate) mod tests;
