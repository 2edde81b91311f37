//! One attempt, whichever door it came through: what the broker is asked, what is logged, what the browser gets.

use axum::body::Body;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, Request, Response};
use studio_acs_policy::Door;
use time::UtcDateTime;

use super::correlation::CorrelationId;
use super::peer::Peer;
use super::refusal::Refusal;
use crate::app::App;
use crate::broker::{Circumstances, Opened, Trail, Visit};
use crate::identity::{Identity, Ticket, Wish};

/// Who comes, from where, and since when.
#[derive(Debug)]
pub(super) struct Visitor {
    pub(super) id: CorrelationId,
    pub(super) headers: HeaderMap,
    pub(super) peer: Peer,
    pub(super) door: Door,
    /// The time that the attempt is judged as of.
    pub(super) now: UtcDateTime,
    /// How a page of ours names the others: what stands before `continue`.
    pub(super) base: String,
    /// Who may come back with a ticket, what they asked for so far, and until when.
    pending: Option<(Identity, Wish, Option<UtcDateTime>)>,
}

impl Visitor {
    /// Who sends `request`.
    pub(super) fn of(request: &Request<Body>, id: CorrelationId, door: Door, base: String, now: UtcDateTime) -> Self {
        let peer = request.extensions().get::<Peer>().copied().unwrap_or_default();
        Self { id, headers: request.headers().clone(), peer, door, now, base, pending: None }
    }

    /// The way of this request, for the policy.
    pub(super) fn circumstances(&self, wish: &Wish) -> Circumstances {
        Circumstances {
            door: self.door,
            source_ip: self.peer.address,
            vpc_endpoint: None,
            urls_this_minute: None,
            change: wish.change.clone(),
        }
    }

    /// The next request may go on where this one ends: not longer than the ticket that it came with.
    pub(super) fn goes_on(&mut self, ticket: &Ticket, wish: Wish) {
        self.pending = Some((ticket.identity().clone(), wish, Some(ticket.ends())));
    }
}

/// Asks the broker on behalf of `identity`. What they come back with ends when `ends` does, if they have come back already.
pub(super) async fn visit(
    app: &App,
    identity: &Identity,
    mut wish: Wish,
    ends: Option<UtcDateTime>,
    visitor: &mut Visitor,
    attempt: &mut Attempt,
) -> Result<Opened, Refusal> {
    let asked = Visit {
        identity,
        wish: &wish,
        circumstances: visitor.circumstances(&wish),
        attempt: visitor.id.as_str(),
        now: visitor.now,
    };
    let opened = app.broker.open(asked, || app.clock.now(), &mut attempt.trail).await?;
    if let Opened::NeedsChange(entitlement, _) | Opened::Provisioning(entitlement) = &opened {
        wish.entry = Some(entitlement.id().to_owned());
    }
    visitor.pending = Some((identity.clone(), wish, ends));
    Ok(opened)
}

/// Logs the attempt once, and answers it.
pub(super) fn answer(
    app: &App,
    outcome: Result<Opened, Refusal>,
    mut visitor: Visitor,
    attempt: &Attempt,
) -> Response<Body> {
    let outcome = outcome.and_then(|opened| {
        let ticket = match (&opened, visitor.pending.take()) {
            (Opened::Studio(_) | Opened::NeedsApproval(..), _) | (_, None) => None,
            (_, Some((identity, wish, ends))) => Some(app.tickets.issue(&identity, &wish, ends, visitor.now)?),
        };
        Ok((opened, ticket))
    });
    attempt.log(&outcome, &visitor.id);
    let last_choice = app.cookies.read_last_choice(&visitor.headers);
    let (mut response, ticket) = match &outcome {
        Ok((opened, ticket)) => {
            (app.pages.opened(opened, &visitor.base, last_choice, &visitor.headers, &visitor.id), ticket.as_deref())
        }
        Err(refusal) => (app.pages.refusal(refusal, &visitor.headers, &visitor.id), None),
    };
    let came = app.cookies.read_ticket(&visitor.headers).is_some();
    let ticket = match ticket {
        Some(ticket) => app.cookies.ticket(ticket),
        None => came.then(|| app.cookies.no_ticket()).flatten(),
    };
    // An entry that the ledger has for them, and not whatever text a form brings.
    let chosen = attempt.chosen.as_deref().filter(|entry| *entry == attempt.trail.entry);
    let chosen = chosen.and_then(|entry| app.cookies.last_choice(entry));
    for cookie in [ticket, chosen].into_iter().flatten() {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// What is known of an attempt, for the log: the facts after they are verified, never before.
#[derive(Default)]
pub(super) struct Attempt {
    issuer: String,
    assertion_id: String,
    user: String,
    /// Which of several entries was chosen.
    pub(super) chosen: Option<String>,
    trail: Trail,
}

impl Attempt {
    /// Which assertion it is by, once that is verified.
    pub(super) fn is_by(&mut self, issuer: &str, assertion_id: &str) {
        issuer.clone_into(&mut self.issuer);
        assertion_id.clone_into(&mut self.assertion_id);
    }

    /// Whose it is, once that is verified.
    pub(super) fn is_of(&mut self, identity: &Identity) {
        self.is_by(identity.issuer(), identity.source_id());
        identity.user().clone_into(&mut self.user);
        if let Some((profile, domain)) = identity.named() {
            self.trail.profile = profile.to_string();
            self.trail.domain = domain.to_string();
        }
    }

    fn log(&self, outcome: &Result<(Opened, Option<String>), Refusal>, id: &CorrelationId) {
        let Self { issuer, assertion_id, user, trail: Trail { entry, profile, domain, policies }, .. } = self;
        let policies = policies.join(",");
        match outcome {
            Ok((Opened::Studio(_), _)) => {
                tracing::info!(correlation_id = %id, outcome = "accepted", issuer, assertion_id, user, entry, profile, domain, policies, "sign-in");
            }
            Ok((opened, _)) => {
                let step = opened.step();
                tracing::info!(correlation_id = %id, outcome = "continues", step, issuer, assertion_id, user, entry, profile, domain, policies, "sign-in");
            }
            Err(refusal) => {
                let code = refusal.code();
                tracing::warn!(correlation_id = %id, outcome = "refused", code, reason = %refusal, issuer, assertion_id, user, entry, profile, domain, policies, "sign-in");
            }
        }
    }
}
