//! One attempt, by either protocol: the broker's question, the log's fields, the browser's next step.

use axum::body::Body;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, Request, Response};
use studio_acs_identity::Protocol;
use time::UtcDateTime;

use super::correlation::CorrelationId;
use super::error::Refusal;
use super::pages::Frame;
use super::peer::Peer;
use crate::service::Service;
use studio_acs_broker::{EntryFields, OpenRequest, Outcome, RequestContext};
use studio_acs_identity::{Confirmed, CsrfToken, Identity, Issued, ResumeError, ResumeToken, SignInRequest, Since};
use studio_acs_refusal::LogMessage;

/// The sender of a request, with origin and start.
pub(super) struct RequestState {
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

/// Whether the browser may come back, and with which resume token.
#[derive(Default)]
enum Next {
    /// With none.
    #[default]
    Ended,
    /// With the one that it has, of this page: it was looked at and not claimed.
    Waits(CsrfToken),
    /// With a new one.
    GoesOn(Issued),
}

impl RequestState {
    /// The state of `request`.
    pub(super) fn of(request: &Request<Body>, id: CorrelationId, base: String, now: UtcDateTime) -> Self {
        let peer = request.extensions().get::<Peer>().cloned().unwrap_or_default();
        Self { id, headers: request.headers().clone(), peer, now, base, remembered: None, next: Next::Ended }
    }

    /// The way of this request, for the policy.
    pub(super) fn context(&self, sign_in_request: &SignInRequest) -> RequestContext {
        RequestContext {
            source_ip: self.peer.address,
            vpc_endpoint: self.peer.vpc_endpoint.clone(),
            vpc: self.peer.vpc.clone(),
            urls_this_minute: None,
            ticket_number: sign_in_request.ticket_number.clone(),
        }
    }

    /// The next request may go on where this one ends, whose resume token is claimed, and not longer than that one.
    pub(super) fn goes_on(
        &mut self,
        service: &Service,
        confirmed: Confirmed<'_>,
        sign_in_request: &SignInRequest,
        since: Option<Since>,
    ) -> Result<(), ResumeError> {
        self.next = Next::GoesOn(service.resume_tokens.issue(confirmed, sign_in_request, since, self.now)?);
        Ok(())
    }

    /// The next request may say whether the sign-in of `identity` is its user's.
    pub(super) fn is_asked(
        &mut self,
        service: &Service,
        identity: &Identity,
        sign_in_request: &SignInRequest,
    ) -> Result<(), ResumeError> {
        self.next = Next::GoesOn(service.resume_tokens.issue_unconfirmed(identity, sign_in_request, self.now)?);
        Ok(())
    }

    /// The next request comes with the same resume token.
    pub(super) fn waits(&mut self, resume_token: &ResumeToken) {
        self.next = Next::Waits(resume_token.csrf_token().clone());
    }
}

/// Asks the broker on behalf of the `confirmed` user.
pub(super) async fn open(
    service: &Service,
    confirmed: Confirmed<'_>,
    sign_in_request: &SignInRequest,
    state: &RequestState,
    log: &mut LogFields,
) -> Result<Outcome, Refusal> {
    let asked = OpenRequest {
        identity: confirmed.identity(),
        sign_in_request,
        context: state.context(sign_in_request),
        correlation_id: state.id.as_str(),
        now: state.now,
    };
    let response = service.broker.open(asked, || service.clock.now()).await;
    if let Some(entry) = response.entry {
        log.entry_fields = entry;
    }
    Ok(response.outcome?)
}

/// The same for a user's browser, which may come back. If it has already, `since` says since when.
pub(super) async fn open_in_browser(
    service: &Service,
    confirmed: Confirmed<'_>,
    mut sign_in_request: SignInRequest,
    since: Option<Since>,
    state: &mut RequestState,
    log: &mut LogFields,
) -> Result<Outcome, Refusal> {
    let opened = open(service, confirmed, &sign_in_request, state, log).await?;
    if let Outcome::NeedsTicket(entitlement, _) | Outcome::Provisioning(entitlement) = &opened {
        sign_in_request.entry = Some(entitlement.id().to_owned());
        sign_in_request.waits = matches!(opened, Outcome::Provisioning(_));
    }
    if !matches!(opened, Outcome::Studio(_) | Outcome::NeedsApproval(..)) {
        state.goes_on(service, confirmed, &sign_in_request, since)?;
    }
    Ok(opened)
}

/// Logs the attempt once, and answers it.
pub(super) fn answer(
    service: &Service,
    outcome: Result<Outcome, Refusal>,
    state: RequestState,
    log: &LogFields,
) -> Response<Body> {
    let RequestState { id, headers, base, remembered, next, .. } = state;
    let no_resume_token =
        || service.cookies.read_resume_token(&headers).and_then(|_| service.cookies.no_resume_token());
    log.write(outcome.as_ref(), &id);
    let opened = match outcome {
        Ok(opened) => opened,
        Err(refusal) => return with_cookies(service.pages.refusal(&refusal, &headers, &id), [no_resume_token()]),
    };
    let (resume_token, csrf_token) = match next {
        Next::Ended => (no_resume_token(), None),
        Next::Waits(csrf_token) => (None, Some(csrf_token)),
        Next::GoesOn(Issued { token, csrf_token }) => (service.cookies.resume_token(&token), Some(csrf_token)),
    };
    let frame = Frame {
        base: &base,
        issuer: &log.issuer,
        user: &log.user,
        csrf_token: csrf_token.as_ref().map_or("", CsrfToken::as_str),
        last_choice: service.cookies.read_last_choice(&headers),
    };
    let response = service.pages.outcome(&opened, &frame, &headers, &id);
    let chosen = Some(log.entry_fields.entry.as_str()).filter(|entry| log.has_chosen && !entry.is_empty());
    let chosen = chosen.and_then(|entry| service.cookies.last_choice(entry));
    let confirmed = remembered.and_then(|(signed, seconds)| service.cookies.confirmed(&signed, seconds));
    with_cookies(response, [resume_token, chosen, confirmed])
}

fn with_cookies<const N: usize>(mut response: Response<Body>, cookies: [Option<HeaderValue>; N]) -> Response<Body> {
    for cookie in cookies.into_iter().flatten() {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// The message of the one line that each attempt has.
pub const SIGN_IN: LogMessage = LogMessage {
    text: "sign-in",
    fields: &[
        "assertion_id",
        "code",
        "correlation_id",
        "count",
        "domain",
        "entry",
        "issuer",
        "outcome",
        "policies",
        "profile",
        "protocol",
        "reason",
        "step",
        "user",
    ],
};

/// The values of `outcome`.
pub const OUTCOMES: [&str; 3] = [ACCEPTED, CONTINUES, REFUSED];
const ACCEPTED: &str = "accepted";
const CONTINUES: &str = "continues";
const REFUSED: &str = "refused";

/// The facts of an attempt, for the log: set after they are verified, never before.
pub(super) struct LogFields {
    /// The protocol of its credential.
    protocol: Protocol,
    issuer: String,
    assertion_id: String,
    user: String,
    /// Whether the entry was chosen among several, by this request.
    pub(super) has_chosen: bool,
    entry_fields: EntryFields,
}

impl LogFields {
    /// The fields of a sign-in by this protocol, of which nothing else is known.
    pub(super) fn at(protocol: Protocol) -> Self {
        let (issuer, assertion_id, user) = <(String, String, String)>::default();
        Self { protocol, issuer, assertion_id, user, has_chosen: false, entry_fields: EntryFields::default() }
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
            self.entry_fields.profile = profile.to_string();
            self.entry_fields.domain = domain.to_string();
        }
    }

    /// Writes the one line that an attempt has in the log. `count` is 1; a line for several has how many.
    pub(super) fn write(&self, outcome: Result<&Outcome, &Refusal>, id: &CorrelationId) {
        let protocol = self.protocol.as_str();
        let Self { issuer, assertion_id, user, entry_fields: EntryFields { entry, profile, domain, policies }, .. } =
            self;
        let policies = policies.join(",");
        match outcome {
            Ok(Outcome::Studio(_)) => {
                tracing::info!(correlation_id = %id, outcome = ACCEPTED, count = 1, protocol, issuer, assertion_id, user, entry, profile, domain, policies, "{SIGN_IN}");
            }
            Ok(opened) => {
                let step = opened.step();
                tracing::info!(correlation_id = %id, outcome = CONTINUES, count = 1, step, protocol, issuer, assertion_id, user, entry, profile, domain, policies, "{SIGN_IN}");
            }
            Err(refusal) => {
                let code = refusal.code();
                tracing::warn!(correlation_id = %id, outcome = REFUSED, count = 1, code, reason = %refusal, protocol, issuer, assertion_id, user, entry, profile, domain, policies, "{SIGN_IN}");
            }
        }
    }
}
