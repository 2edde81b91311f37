//! Whether the policy permits it; and, where it wants a second person, whether one has agreed.

use studio_acs_policy::Need;
use time::UtcDateTime;

use super::access::{Access, Circumstances, Permitted, Unpermitted};
use super::approval::{ApprovalTerms, Standing};
use super::audit::{ApprovalStep, StepKind};
use super::destination::Destination;
use super::once::Redeemed;
use super::{Broker, BrokerError, Opened, Pending, alert};
use crate::identity::Identity;
use crate::ledger::Entitlement;

/// What one request is judged by.
pub(super) struct Judged<'a> {
    /// The policy of its moment.
    pub(super) access: &'a Access,
    pub(super) circumstances: &'a Circumstances,
    /// The attempt's correlation id.
    pub(super) attempt: &'a str,
    pub(super) now: UtcDateTime,
}

impl Broker {
    /// Asks the policy, and for an approval where nothing else is missing.
    pub(super) async fn permit(
        &self,
        redeemed: Redeemed,
        entitlement: Entitlement,
        destination: Destination,
        judged: Judged<'_>,
    ) -> Result<Result<Permitted, Opened>, BrokerError> {
        let Judged { access, circumstances, attempt, now } = judged;
        let asked = access.permit(redeemed, entitlement, destination, circumstances, None, now);
        let Unpermitted { error, redeemed, entitlement, destination } = match asked {
            Ok(permitted) => return Ok(Ok(permitted)),
            Err(unpermitted) => *unpermitted,
        };
        match error.needs() {
            None => Err(error.into()),
            Some(Need::Ticket) => Ok(Err(Opened::NeedsChange(Box::new(entitlement), error.reason()))),
            Some(Need::Approval) => {
                let who = redeemed.identity();
                let terms = access.terms(who, &entitlement, &destination, circumstances);
                let pending = match self.approvals.standing(&terms, now).await? {
                    Standing::Approved(approved) => {
                        let asked =
                            access.permit(redeemed, entitlement, destination, circumstances, Some(approved), now);
                        return asked.map(Ok).map_err(|unpermitted| unpermitted.error.into());
                    }
                    Standing::Pending(pending) => pending,
                    Standing::Unasked => self.ask(who, terms, attempt, now).await?,
                };
                Ok(Err(Opened::NeedsApproval(Box::new(pending), error.reason())))
            }
        }
    }

    /// Asks for approval: counted as a URL is, since each one is for a person to read, and on record first.
    async fn ask(
        &self,
        who: &Identity,
        terms: ApprovalTerms,
        attempt: &str,
        now: UtcDateTime,
    ) -> Result<Pending, BrokerError> {
        let counted = self.rates.count(who.user(), now).await;
        let count = counted.inspect_err(|error| alert(error.alert(), who, attempt))?;
        alert(count.alert(), who, attempt);
        let step = ApprovalStep { who, kind: StepKind::Request, requested_by: who.user(), terms: &terms };
        self.recorder.note(&step, attempt, now).await?;
        Ok(self.approvals.request(who.user(), terms, now).await?)
    }
}
