//! All requests of one user: one item of a store, so that their number is bounded whoever writes at the same time.

use time::UtcDateTime;

use super::error::ApprovalError;
use super::record::{EarlierDenial, Pending, Record, Waiting};
use super::terms::{ApprovalTerms, Fingerprint};
use crate::user_key::UserKey;

/// The requests of one user that are not over, and what became of them. No two have the same terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UserRequests {
    user: UserKey,
    /// How often the item was written; 0 if it does not exist.
    version: u64,
    records: Vec<Record>,
}

impl UserRequests {
    /// Those of a user who has none.
    pub(crate) fn none(user: UserKey) -> Self {
        Self { user, version: 0, records: Vec::new() }
    }

    /// Those that a store holds, unless they contradict each other or are another user's.
    pub(crate) fn held(user: UserKey, version: u64, records: Vec<Record>) -> Option<Self> {
        let is_theirs = |record: &Record| UserKey::of(&record.request().terms.user_id()) == user;
        let is_first = |(at, record): (usize, &Record)| {
            !records.iter().take(at).any(|other| other.fingerprint() == record.fingerprint())
        };
        let whole = version > 0 && records.iter().all(is_theirs) && records.iter().enumerate().all(is_first);
        whole.then_some(Self { user, version, records })
    }

    pub(crate) fn user(&self) -> &UserKey {
        &self.user
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn records(&self) -> &[Record] {
        &self.records
    }

    /// The request of these terms, over or not.
    pub(crate) fn find(&self, fingerprint: &str) -> Option<&Record> {
        self.records.iter().find(|record| record.fingerprint().to_string() == fingerprint)
    }

    /// The request of these terms that is not over.
    pub(crate) fn live(&self, fingerprint: Fingerprint, now: UtcDateTime) -> Option<&Record> {
        self.records.iter().find(|record| record.fingerprint() == fingerprint && !record.is_over(now))
    }

    /// The denials that hold against these terms, the oldest first.
    pub(crate) fn denials_of(&self, terms: &ApprovalTerms, now: UtcDateTime) -> Vec<EarlierDenial> {
        let mut denials: Vec<_> = self.records.iter().filter_map(|record| record.denial_of(terms, now)).collect();
        denials.sort_by(|a, b| (a.at, &a.by).cmp(&(b.at, &b.by)));
        denials
    }

    /// Checks that no denial holds against these terms.
    ///
    /// # Errors
    /// `approval_decided`.
    pub(crate) fn check_denials(&self, terms: &ApprovalTerms, now: UtcDateTime) -> Result<(), ApprovalError> {
        self.denials_of(terms, now).into_iter().next().map_or(Ok(()), |denial| Err(denial.refusal()))
    }

    /// Whether one more request is allowed, where a user may have so many.
    ///
    /// # Errors
    /// `approval_too_many`.
    pub(crate) fn room(&self, most: usize, now: UtcDateTime) -> Result<(), ApprovalError> {
        let live = self.records.iter().filter(|record| !record.is_over(now));
        if live.clone().count() < most {
            return Ok(());
        }
        let until = live.map(Record::until).min().unwrap_or(now);
        Err(ApprovalError::TooMany { most, until })
    }

    /// These and a new request, without those that are over, and in place of one of the same terms.
    ///
    /// # Errors
    /// `approval_too_many`.
    pub(crate) fn with(&self, new: Record, most: usize, now: UtcDateTime) -> Result<Self, ApprovalError> {
        let stays = |record: &&Record| !record.is_over(now) && record.fingerprint() != new.fingerprint();
        let mut with = self.next(self.records.iter().filter(stays).cloned().collect());
        with.room(most, now)?;
        with.records.push(new);
        Ok(with)
    }

    /// These, with `decided` in the place of the request of its terms.
    pub(crate) fn decided(&self, decided: &Record) -> Self {
        let replaced = |record: &Record| {
            if record.fingerprint() == decided.fingerprint() { decided.clone() } else { record.clone() }
        };
        self.next(self.records.iter().map(replaced).collect())
    }

    fn next(&self, records: Vec<Record>) -> Self {
        Self { user: self.user.clone(), version: self.version.saturating_add(1), records }
    }

    /// The pending requests, the oldest first.
    pub(crate) fn pending(&self, now: UtcDateTime) -> Vec<Waiting> {
        let live = self.records.iter().filter(|record| !record.is_over(now));
        let mut pending: Vec<_> = live.filter_map(|record| record.pending().ok()).collect();
        pending.sort_by(|a, b| (a.asked_at, &a.id).cmp(&(b.asked_at, &b.id)));
        let waiting = |request: Pending| Waiting { denials: self.denials_of(&request.terms, now), request };
        pending.into_iter().map(waiting).collect()
    }

    /// Until when one of them may still be decided on; `None` where all are decided.
    pub(crate) fn pending_until(&self) -> Option<UtcDateTime> {
        self.records.iter().filter(|record| record.verdict().is_none()).map(Record::until).max()
    }

    /// When the last of them is over.
    pub(crate) fn until(&self) -> Option<UtcDateTime> {
        self.records.iter().map(Record::until).max()
    }
}
