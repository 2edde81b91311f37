//! Four eyes: how an approver sees requests, and decides.

use time::UtcDateTime;

use crate::approval::{ApprovalError, Approvals, Pending, Waiting};
use crate::authorize::RequestContext;
use crate::broker::Broker;
use crate::error::BrokerError;
use crate::not_opened::NotOpened;
use crate::outcome::{Outcome, Review};
use studio_acs_audit::{ApprovalStep, Ending, StepKind};
use studio_acs_identity::Identity;
use studio_acs_ledger::LedgerError;
use studio_acs_ledger::Principal;

/// How many requests are shown at most, and how many of one user.
const SHOWN: usize = 100;
const OF_ONE: usize = 10;
/// The most requests that the policy is asked about for one page.
const ASKED: usize = 2_000;

/// An approver's decision on one request.
#[derive(Debug, Clone, Copy)]
pub struct ReviewDecision<'a> {
    /// The id of the request.
    pub id: &'a str,
    /// Whether it is approved; it is denied otherwise.
    pub approve: bool,
}

impl Broker {
    /// The requests that `approver` may decide on by the policy; never their own.
    ///
    /// # Errors
    /// [`BrokerError`]; an approver whose access was revoked decides nothing.
    pub async fn to_review(
        &self,
        approver: &Identity,
        context: &RequestContext,
        now: UtcDateTime,
    ) -> Result<Vec<Review>, BrokerError> {
        let authorizer = self.authorizer.get(now).await?;
        authorizer.check_groups(approver)?;
        let (pending, in_force) = tokio::join!(self.approvals.pending(now), self.in_force(approver, context, now));
        in_force?;
        let user = approver.user_id(context.names);
        let may_decide = |Waiting { request, .. }: &Waiting| {
            !Approvals::is_own(request, &user) && authorizer.may_approve(approver, &request.terms, context, now).is_ok()
        };
        let mut shown: Vec<_> = fairly(pending?).take(ASKED).filter(may_decide).take(SHOWN).collect();
        shown.sort_by(|Waiting { request: a, .. }, Waiting { request: b, .. }| {
            (a.asked_at, &a.id).cmp(&(b.asked_at, &b.id))
        });
        let review = |Waiting { request: Pending { id, who, terms, .. }, denials }| Review { id, who, terms, denials };
        Ok(shown.into_iter().map(review).collect())
    }

    /// Approves or denies the request of this id, on record before it is done, and its ending afterwards; returns the
    /// requests that wait then. The identity, a resume token's, is claimed.
    ///
    /// # Errors
    /// [`NotOpened`].
    pub async fn review(
        &self,
        approver: &Identity,
        context: &RequestContext,
        decision: ReviewDecision<'_>,
        correlation_id: &str,
        now: UtcDateTime,
        clock: impl Fn() -> UtcDateTime,
    ) -> Result<Outcome, NotOpened> {
        let ReviewDecision { id, approve } = decision;
        // No store is needed to see that it is their own.
        let user = approver.user_id(context.names);
        Approvals::check_decision(id, &user)?;
        let authorizer = self.authorizer.get(now).await?;
        self.replay_guard.claim(approver, correlation_id, now).await?;
        let (request, in_force) = tokio::join!(self.approvals.find(id, now), self.in_force(approver, context, now));
        in_force?;
        let request = request?;
        authorizer.may_approve(approver, &request.terms, context, now)?;
        let step = ApprovalStep {
            who: approver,
            kind: if approve { StepKind::Approve } else { StepKind::Deny },
            requested_by: &request.who,
            entry: &request.terms.profile.entry,
            ticket_number: request.terms.ticket_number.as_deref(),
            approval: request.terms.facts(),
        };
        let open = self.audit_log.record_step(&step, correlation_id, now).await?;
        let decided = if approve {
            self.approvals.approve(id, &user, now).await.map(drop)
        } else {
            self.approvals.deny(id, &user, now).await
        };
        let ending = decided.as_ref().map_or_else(ApprovalError::ending, |()| Ending::Done);
        self.audit_log.record_outcome(open, ending, clock()).await;
        decided.map_err(NotOpened::on_record)?;
        // It is decided; that the others cannot be listed does not change it. The list may be some moments behind.
        let mut others = self.to_review(approver, context, now).await.unwrap_or_default();
        others.retain(|review| review.id != id);
        Ok(Outcome::Review(others))
    }

    /// A user without any profile may still decide on others' requests; a revoked one may not.
    async fn in_force(
        &self,
        approver: &Identity,
        context: &RequestContext,
        now: UtcDateTime,
    ) -> Result<(), BrokerError> {
        match self.ledger.entitlements(&Principal::of(approver, context.names), now).await {
            // In more groups than a table is asked for, nothing was asked: not even whether they are revoked.
            Ok(_) | Err(LedgerError::UnknownUser { .. } | LedgerError::IssuerUnnamed { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The first of each user, then the second of each, and so on: whoever asks for much does not hide what others ask for.
fn fairly<T>(users: Vec<Vec<T>>) -> impl Iterator<Item = T> {
    let mut users: Vec<_> = users.into_iter().map(Vec::into_iter).collect();
    (0..OF_ONE).flat_map(move |_| users.iter_mut().filter_map(Iterator::next).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;
    use crate::approval::ApprovalRules;
    use crate::approval::tests::terms_for;
    use studio_acs_identity::UserId;

    /// The pending requests after these users have asked for so many approvals, one after the other.
    async fn pending(users: &[(String, usize)]) -> Vec<Vec<Pending>> {
        let approvals = Approvals::in_memory(100_000, ApprovalRules { per_user: 20, ..ApprovalRules::default() });
        let mut now = UtcDateTime::UNIX_EPOCH;
        for (user, most) in users {
            for number in 0..*most {
                now = now.saturating_add(Duration::SECOND);
                approvals
                    .request(&UserId::new(None, user), terms_for(user, "prod", Some(&format!("CHG-{number}"))), now)
                    .await
                    .unwrap();
            }
        }
        let users = approvals.pending(now).await.unwrap();
        users.into_iter().map(|waiting| waiting.into_iter().map(|waiting| waiting.request).collect()).collect()
    }

    #[tokio::test]
    async fn attack_users_who_ask_for_much_together_do_not_hide_who_asks_once() {
        let mut users: Vec<_> = (0..60).map(|number| (format!("mallory-{number}"), 20)).collect();
        users.push(("alice".to_owned(), 1));
        let shown: Vec<_> = fairly(pending(&users).await).take(SHOWN).collect();
        assert_eq!(shown.len(), SHOWN);
        assert!(shown.iter().any(|request| request.who == "alice"), "the first of each user comes first");
        let most = users.iter().map(|(user, _)| shown.iter().filter(|request| request.who == *user).count()).max();
        assert_eq!(most, Some(2));
    }

    #[tokio::test]
    async fn one_user_is_shown_ten_times_at_most_and_first_what_has_waited_longest() {
        let users = [("mallory".to_owned(), 20), ("alice".to_owned(), 2)];
        let shown: Vec<_> = fairly(pending(&users).await).collect();
        let whose: Vec<_> = shown.iter().map(|request| &*request.who).collect();
        assert_eq!(whose[..5], ["mallory", "alice", "mallory", "alice", "mallory"]);
        assert_eq!(shown.len(), 10 + 2);
        assert!(shown[0].asked_at < shown[2].asked_at && shown[2].asked_at < shown[4].asked_at);
    }
}
