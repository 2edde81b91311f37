//! Four eyes: how a second person sees what was asked for, and decides.

use time::UtcDateTime;

use super::audit::{ApprovalStep, StepKind};
use super::{Approvals, Broker, BrokerError, Circumstances, Pending, claimant};
use crate::identity::Identity;
use crate::ledger::LedgerError;

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
    ) -> Result<Vec<Pending>, BrokerError> {
        let (pending, in_force) = tokio::join!(self.approvals.pending(now), self.in_force(approver, now));
        in_force?;
        let mut pending = pending?;
        pending.retain(|request| {
            !Approvals::is_own(request, approver.user())
                && self.access.may_approve(approver, &request.who, &request.opens, way, now).is_ok()
        });
        Ok(pending)
    }

    /// Approves or denies the request of this id, on record before it is done.
    ///
    /// # Errors
    /// [`BrokerError`].
    pub async fn review(
        &self,
        approver: &Identity,
        id: &str,
        approve: bool,
        way: &Circumstances,
        attempt: &str,
        now: UtcDateTime,
    ) -> Result<Pending, BrokerError> {
        let (request, in_force) = tokio::join!(self.approvals.find(id, now), self.in_force(approver, now));
        in_force?;
        let request = request?;
        self.access.may_approve(approver, &request.who, &request.opens, way, now)?;
        let step = ApprovalStep {
            who: approver,
            kind: if approve { StepKind::Approve } else { StepKind::Deny },
            requested_by: &request.who,
            entry: &request.entry,
            change: request.ticket.as_deref(),
        };
        self.recorder.note(&step, attempt, now).await?;
        if approve {
            self.approvals.approve(id, approver.user(), now).await?;
        } else {
            self.approvals.deny(id, approver.user(), now).await?;
        }
        Ok(request)
    }

    /// Who may open nothing may still decide on what others open; who was revoked may not.
    async fn in_force(&self, approver: &Identity, now: UtcDateTime) -> Result<(), BrokerError> {
        match self.ledger.entitlements(&claimant(approver), now).await {
            Ok(_) | Err(LedgerError::UnknownUser) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}
