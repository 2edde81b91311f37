//! The policy's decision; and, where it wants a second user, whether one has approved.

use studio_acs_policy::Need;
use time::UtcDateTime;

use super::approval::{ApprovalTerms, Standing};
use super::audit::{ApprovalStep, StepKind};
use super::authorize::{Authorized, Authorizer, Denied, RequestContext};
use super::destination::Destination;
use super::replay::FirstUse;
use super::{Broker, BrokerError, Outcome, Pending, alert};
use studio_acs_identity::Identity;
use studio_acs_ledger::Entitlement;

/// The facts that one request is judged by.
pub(super) struct Judged<'a> {
    /// The policy of its moment.
    pub(super) authorizer: &'a Authorizer,
    pub(super) context: &'a RequestContext,
    /// The attempt's correlation id.
    pub(super) correlation_id: &'a str,
    pub(super) now: UtcDateTime,
}

impl Broker {
    /// Asks the policy, and for an approval where nothing else is missing.
    pub(super) async fn authorize(
        &self,
        first_use: FirstUse,
        entitlement: Entitlement,
        destination: Destination,
        judged: Judged<'_>,
    ) -> Result<Result<Authorized, Outcome>, BrokerError> {
        let Judged { authorizer, context, correlation_id, now } = judged;
        let asked = authorizer.authorize(first_use, entitlement, destination, context, None, now);
        let Denied { error, first_use, entitlement, destination } = match asked {
            Ok(authorized) => return Ok(Ok(authorized)),
            Err(denied) => *denied,
        };
        match error.needs() {
            None => Err(error.into()),
            Some(Need::Ticket) => Ok(Err(Outcome::NeedsTicket(Box::new(entitlement), error.reason()))),
            Some(Need::Approval) => {
                let who = first_use.identity();
                let terms = authorizer.terms(who, &entitlement, &destination, context);
                let pending = match self.approvals.standing(&terms, now).await? {
                    Standing::Approved(approved) => {
                        let asked =
                            authorizer.authorize(first_use, entitlement, destination, context, Some(approved), now);
                        return asked.map(Ok).map_err(|denied| denied.error.into());
                    }
                    Standing::Pending(pending) => pending,
                    Standing::Unasked => self.ask(who, terms, correlation_id, now).await?,
                };
                Ok(Err(Outcome::NeedsApproval(Box::new(pending), error.reason())))
            }
        }
    }

    /// Asks for approval: counted as a URL is, since an approver reads each one, and on record first.
    async fn ask(
        &self,
        who: &Identity,
        terms: ApprovalTerms,
        correlation_id: &str,
        now: UtcDateTime,
    ) -> Result<Pending, BrokerError> {
        let counted = self.rates.count(who.user(), now).await;
        let count = counted.inspect_err(|error| alert(error.alert(), who, correlation_id))?;
        alert(count.alert(), who, correlation_id);
        let step = ApprovalStep { who, kind: StepKind::Request, requested_by: who.user(), terms: &terms };
        self.audit_log.record_step(&step, correlation_id, now).await?;
        Ok(self.approvals.request(who.user(), terms, now).await?)
    }
}
