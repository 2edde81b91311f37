//! Four eyes: how a second person sees what was asked for, and decides.

use std::collections::HashMap;

use time::UtcDateTime;

use super::access::{AccessError, asked_for};
use super::audit::{ApprovalStep, StepKind};
use super::user_key::UserKey;
use super::{Approvals, Broker, BrokerError, Circumstances, Opened, Pending, claimant};
use crate::identity::Identity;
use crate::ledger::LedgerError;

/// How many requests are shown at most, and how many of one person.
const SHOWN: usize = 100;
const OF_ONE: usize = 10;

/// A request, as who decides on it sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// What it is decided on by.
    pub id: String,
    /// Who asks.
    pub who: String,
    /// What they ask to open.
    pub title: String,
    /// The user profile.
    pub profile: String,
    /// The Studio domain.
    pub domain: String,
    /// What for.
    pub change: Option<String>,
}

impl Review {
    fn of(request: Pending) -> Option<Self> {
        let asked = asked_for(&request.opens)?;
        Some(Self {
            id: request.id,
            who: request.who,
            title: asked.title,
            profile: asked.profile,
            domain: asked.domain,
            change: request.ticket,
        })
    }
}

impl Broker {
    /// What waits for a decision that `approver` may take by the policy; never what they asked for themselves.
    ///
    /// # Errors
    /// [`BrokerError`]; one whose access was revoked decides nothing.
    pub async fn to_review(
        &self,
        approver: &Identity,
        way: &Circumstances,
        now: UtcDateTime,
    ) -> Result<Vec<Review>, BrokerError> {
        let (pending, in_force) = tokio::join!(self.approvals.pending(now), self.in_force(approver, now));
        in_force?;
        let mut pending = pending?;
        pending.retain(|request| {
            !Approvals::is_own(request, approver.user())
                && self.access.may_approve(approver, &request.who, &request.opens, way, now).is_ok()
        });
        // Whoever asks for much does not hide what others ask for.
        let mut theirs = HashMap::new();
        pending.retain(|request| {
            let count: &mut usize = theirs.entry(UserKey::of(&request.who)).or_default();
            *count = count.saturating_add(1);
            *count <= OF_ONE
        });
        Ok(pending.into_iter().filter_map(Review::of).take(SHOWN).collect())
    }

    /// Approves or denies the request of this id, on record before it is done; what waits then. The identity, a ticket's,
    /// is used up.
    ///
    /// # Errors
    /// [`BrokerError`].
    pub async fn review(
        &self,
        approver: &Identity,
        way: &Circumstances,
        id: &str,
        approve: bool,
        attempt: &str,
        now: UtcDateTime,
    ) -> Result<Opened, BrokerError> {
        self.once_only.redeem(approver, attempt, now).await?;
        let (request, in_force) = tokio::join!(self.approvals.find(id, now), self.in_force(approver, now));
        in_force?;
        let request = request?;
        self.access.may_approve(approver, &request.who, &request.opens, way, now)?;
        let asked = asked_for(&request.opens).ok_or(AccessError::Unreadable)?;
        let step = ApprovalStep {
            who: approver,
            kind: if approve { StepKind::Approve } else { StepKind::Deny },
            requested_by: &request.who,
            entry: &asked.entry,
            change: request.ticket.as_deref(),
        };
        self.recorder.note(&step, attempt, now).await?;
        if approve {
            self.approvals.approve(id, approver.user(), now).await?;
        } else {
            self.approvals.deny(id, approver.user(), now).await?;
        }
        // It is decided; that the others cannot be listed does not change it.
        Ok(Opened::Review(self.to_review(approver, way, now).await.unwrap_or_default()))
    }

    /// Who may open nothing may still decide on what others open; who was revoked may not.
    async fn in_force(&self, approver: &Identity, now: UtcDateTime) -> Result<(), BrokerError> {
        match self.ledger.entitlements(&claimant(approver), now).await {
            Ok(_) | Err(LedgerError::UnknownUser) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
