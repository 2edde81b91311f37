//! The policy's decision; and, where it wants a second user, whether one has approved.

use studio_acs_policy::Need;
use time::UtcDateTime;

use crate::alert::alert;
use crate::approval::{ApprovalError, ApprovalTerms, Approved, Pending, Standing};
use crate::authorize::{Denied, RequestContext};
use crate::broker::Broker;
use crate::decision::{Decision, DecisionContext};
use crate::destination::Destination;
use crate::not_opened::NotOpened;
use crate::outcome::Outcome;
use crate::replay::FirstUse;
use studio_acs_audit::{ApprovalStep, Ending, StepKind};
use studio_acs_identity::Identity;
use studio_acs_ledger::{Entitlement, LedgerError};

impl Broker {
    /// Asks the policy, and for an approval where nothing else is missing.
    pub(crate) async fn authorize(
        &self,
        first_use: FirstUse,
        entitlement: Entitlement,
        destination: Destination,
        judged: DecisionContext<'_>,
        clock: &impl Fn() -> UtcDateTime,
    ) -> Result<Decision, NotOpened> {
        let DecisionContext { authorizer, context, correlation_id, now } = judged;
        let asked = authorizer.authorize(first_use, entitlement, destination, context, None, now);
        let Denied { error, first_use, entitlement, destination } = match asked {
            Ok(authorized) => return Ok(Decision::Authorized(authorized)),
            Err(denied) => *denied,
        };
        match error.needs() {
            None => Err(error.into()),
            Some(Need::Ticket) => Ok(Decision::Missing(Outcome::NeedsTicket(Box::new(entitlement), error.reason()))),
            Some(Need::Approval) => {
                let who = first_use.identity();
                // A ticket number that no policy asked for would make another request of the same one.
                let ticket_number = context.ticket_number.clone().filter(|_| error.counts_ticket());
                let context = &RequestContext { ticket_number, ..context.clone() };
                let terms = authorizer.terms(who, &entitlement, &destination, context);
                let pending = match self.approvals.standing(&terms, now).await? {
                    Standing::Approved(approved) if !self.is_void(&approved, who, correlation_id, now).await? => {
                        let asked =
                            authorizer.authorize(first_use, entitlement, destination, context, Some(approved), now);
                        return asked.map(Decision::Authorized).map_err(|denied| denied.error.into());
                    }
                    Standing::Approved(void) => self.ask(who, terms, Some(&void), judged, clock).await?,
                    Standing::Pending(pending) => pending,
                    Standing::Unasked => self.ask(who, terms, None, judged, clock).await?,
                };
                Ok(Decision::Missing(Outcome::NeedsApproval(Box::new(pending), error.reason())))
            }
        }
    }

    /// Whether an approval does not count any more, since its approver was revoked meanwhile.
    async fn is_void(
        &self,
        approved: &Approved,
        who: &Identity,
        correlation_id: &str,
        now: UtcDateTime,
    ) -> Result<bool, LedgerError> {
        let revoked = self.ledger.revocation(&approved.approver(), now).await?;
        if let Some(why) = &revoked {
            let (user, approver) = (who.user(), approved.by());
            tracing::warn!(correlation_id, user, approver, why, "the approval does not count: its approver is revoked");
        }
        Ok(revoked.is_some())
    }

    /// Asks for approval, in place of a void one: counted as a URL is, since an approver reads each one, and on record
    /// first.
    async fn ask(
        &self,
        who: &Identity,
        terms: ApprovalTerms,
        void: Option<&Approved>,
        judged: DecisionContext<'_>,
        clock: &impl Fn() -> UtcDateTime,
    ) -> Result<Pending, NotOpened> {
        let DecisionContext { context, correlation_id, now, .. } = judged;
        let user = who.user_id(context.names);
        let counted = self.rates.count(&user, now).await;
        let count = counted.inspect_err(|error| alert(error.alert(), who, correlation_id))?;
        alert(count.alert(), who, correlation_id);
        let step = ApprovalStep {
            who,
            kind: StepKind::Request,
            requested_by: who.user(),
            entry: &terms.profile.entry,
            ticket_number: terms.ticket_number.as_deref(),
            approval: terms.facts(),
        };
        let open = self.audit_log.record_step(&step, correlation_id, now).await?;
        let asked = self.approvals.request_instead(&user, terms, void, now).await;
        let ending = asked.as_ref().map_or_else(ApprovalError::ending, |_| Ending::Done);
        self.audit_log.record_outcome(open, ending, clock()).await;
        asked.map_err(NotOpened::on_record)
    }
}
