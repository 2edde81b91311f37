//! One attempt, whichever door it came through: what the broker is asked, what is logged, what the browser gets.

use axum::body::Body;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, Request, Response};
use studio_acs_policy::Door;
use time::UtcDateTime;

use super::correlation::CorrelationId;
use super::page::Frame;
use super::peer::Peer;
use super::refusal::Refusal;
use crate::app::App;
use crate::broker::{Circumstances, Opened, Trail, Visit};
use crate::identity::{Confirmed, Identity, Issued, PageKey, Since, Ticket, TicketError, Wish};

/// Who comes, from where, and since when.
pub(super) struct Visitor {
    pub(super) id: CorrelationId,
    pub(super) headers: HeaderMap,
    pub(super) peer: Peer,
    /// The time that the attempt is judged as of.
    pub(super) now: UtcDateTime,
    /// How a page of ours names the others: what stands before `continue`.
    pub(super) base: String,
    /// The proof that the user confirmed in this browser, and for how many seconds it keeps it.
    pub(super) remembered: Option<(String, i64)>,
    next: Next,
}

/// Whether the browser may come back, and with which ticket.
#[derive(Default)]
enum Next {
    /// With none.
    #[default]
    Ended,
    /// With the one that it has, of this page: it was looked at and not used up.
    Waits(PageKey),
    /// With a new one.
    GoesOn(Issued),
}

impl Visitor {
    /// Who sends `request`.
    pub(super) fn of(request: &Request<Body>, id: CorrelationId, base: String, now: UtcDateTime) -> Self {
        let peer = request.extensions().get::<Peer>().cloned().unwrap_or_default();
        Self { id, headers: request.headers().clone(), peer, now, base, remembered: None, next: Next::Ended }
    }

    /// The way of this request, for the policy.
    pub(super) fn circumstances(&self, wish: &Wish) -> Circumstances {
        Circumstances {
            source_ip: self.peer.address,
            vpc_endpoint: self.peer.vpc_endpoint.clone(),
            vpc: self.peer.vpc.clone(),
            urls_this_minute: None,
            change: wish.change.clone(),
        }
    }

    /// The next request may go on where this one ends, whose ticket is used up, and not longer than that one.
    pub(super) fn goes_on(
        &mut self,
        app: &App,
        confirmed: Confirmed<'_>,
        wish: &Wish,
        since: Option<Since>,
    ) -> Result<(), TicketError> {
        self.next = Next::GoesOn(app.tickets.issue(confirmed, wish, since, self.now)?);
        Ok(())
    }

    /// The next request may say whether the sign-in of `identity` is its user's.
    pub(super) fn is_asked(&mut self, app: &App, identity: &Identity, wish: &Wish) -> Result<(), TicketError> {
        self.next = Next::GoesOn(app.tickets.issue_unconfirmed(identity, wish, self.now)?);
        Ok(())
    }

    /// The next request comes with the same ticket.
    pub(super) fn waits(&mut self, ticket: &Ticket) {
        self.next = Next::Waits(ticket.page().clone());
    }
}

/// Asks the broker on behalf of who is `confirmed`.
pub(super) async fn open(
    app: &App,
    confirmed: Confirmed<'_>,
    wish: &Wish,
    visitor: &Visitor,
    attempt: &mut Attempt,
) -> Result<Opened, Refusal> {
    let asked = Visit {
        identity: confirmed.identity(),
        wish,
        circumstances: visitor.circumstances(wish),
        attempt: visitor.id.as_str(),
        now: visitor.now,
    };
    Ok(app.broker.open(asked, || app.clock.now(), &mut attempt.trail).await?)
}

/// The same for a person's browser, which may come back. If it has already, `since` says since when.
pub(super) async fn visit(
    app: &App,
    confirmed: Confirmed<'_>,
    mut wish: Wish,
    since: Option<Since>,
    visitor: &mut Visitor,
    attempt: &mut Attempt,
) -> Result<Opened, Refusal> {
    let opened = open(app, confirmed, &wish, visitor, attempt).await?;
    if let Opened::NeedsChange(entitlement, _) | Opened::Provisioning(entitlement) = &opened {
        wish.entry = Some(entitlement.id().to_owned());
        wish.waits = matches!(opened, Opened::Provisioning(_));
    }
    if !matches!(opened, Opened::Studio(_) | Opened::NeedsApproval(..)) {
        visitor.goes_on(app, confirmed, &wish, since)?;
    }
    Ok(opened)
}

/// Logs the attempt once, and answers it.
pub(super) fn answer(
    app: &App,
    outcome: Result<Opened, Refusal>,
    visitor: Visitor,
    attempt: &Attempt,
) -> Response<Body> {
    let Visitor { id, headers, base, remembered, next, .. } = visitor;
    let no_ticket = || app.cookies.read_ticket(&headers).and_then(|_| app.cookies.no_ticket());
    attempt.log(outcome.as_ref(), &id);
    let opened = match outcome {
        Ok(opened) => opened,
        Err(refusal) => return with_cookies(app.pages.refusal(&refusal, &headers, &id), [no_ticket()]),
    };
    let (ticket, page) = match next {
        Next::Ended => (no_ticket(), None),
        Next::Waits(page) => (None, Some(page)),
        Next::GoesOn(Issued { ticket, page }) => (app.cookies.ticket(&ticket), Some(page)),
    };
    let frame = Frame {
        base: &base,
        issuer: &attempt.issuer,
        user: &attempt.user,
        page: page.as_ref().map_or("", PageKey::as_str),
        last_choice: app.cookies.read_last_choice(&headers),
    };
    let response = app.pages.opened(&opened, &frame, &headers, &id);
    let chosen = Some(attempt.trail.entry.as_str()).filter(|entry| attempt.has_chosen && !entry.is_empty());
    let chosen = chosen.and_then(|entry| app.cookies.last_choice(entry));
    let confirmed = remembered.and_then(|(signed, seconds)| app.cookies.confirmed(&signed, seconds));
    with_cookies(response, [ticket, chosen, confirmed])
}

fn with_cookies<const N: usize>(mut response: Response<Body>, cookies: [Option<HeaderValue>; N]) -> Response<Body> {
    for cookie in cookies.into_iter().flatten() {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// What is known of an attempt, for the log: the facts after they are verified, never before.
pub(super) struct Attempt {
    /// Which door it came to.
    door: Door,
    issuer: String,
    assertion_id: String,
    user: String,
    /// Whether the entry was chosen among several, by this request.
    pub(super) has_chosen: bool,
    trail: Trail,
}

impl Attempt {
    /// An attempt at this door, of which nothing else is known.
    pub(super) fn at(door: Door) -> Self {
        let (issuer, assertion_id, user) = <(String, String, String)>::default();
        Self { door, issuer, assertion_id, user, has_chosen: false, trail: Trail::default() }
    }

    /// Which assertion or token it is by, once that is verified.
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

    /// Writes the one line that an attempt has in the log. `count` is 1; a line for several has how many.
    pub(super) fn log(&self, outcome: Result<&Opened, &Refusal>, id: &CorrelationId) {
        let door = self.door.as_str();
        let Self { issuer, assertion_id, user, trail: Trail { entry, profile, domain, policies }, .. } = self;
        let policies = policies.join(",");
        match outcome {
            Ok(Opened::Studio(_)) => {
                tracing::info!(correlation_id = %id, outcome = "accepted", count = 1, door, issuer, assertion_id, user, entry, profile, domain, policies, "sign-in");
            }
            Ok(opened) => {
                let step = opened.step();
                tracing::info!(correlation_id = %id, outcome = "continues", count = 1, step, door, issuer, assertion_id, user, entry, profile, domain, policies, "sign-in");
            }
            Err(refusal) => {
                let code = refusal.code();
                tracing::warn!(correlation_id = %id, outcome = "refused", count = 1, code, reason = %refusal, door, issuer, assertion_id, user, entry, profile, domain, policies, "sign-in");
            }
        }
    }
}
