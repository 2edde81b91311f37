//! The answers of the token API: a URL, a need, or a problem (RFC 9457).

use axum::body::Body;
use axum::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use serde_json::{Map, Value, json};
use studio_acs_refusal::instant;
use time::{Duration, UtcDateTime};

use super::RequestError;
use crate::http::correlation::CorrelationId;
use crate::http::error::Refusal;
use crate::http::notice::Notice;
use crate::http::pages::with_type;
use crate::service::Service;
use crate::token::TokenError;
use studio_acs_broker::{Outcome, PresignedUrl};

/// The code of a request without a token.
const MISSING: &str = "token_missing";

/// After how many seconds a profile that is being made may be there: fewer times a minute than a user may ask.
const MADE: u32 = 10;
/// After how many seconds an approver may have decided, or a minute be over.
const MINUTE: u32 = 60;

const CHOOSE: Notice = Notice::new(
    "Which profile?",
    "The user has several profiles, and none or more than one was meant.",
    "Let the user choose one of the entries, and ask again for it.",
);
const TICKET: Notice = Notice::new("A ticket is needed", "", "Ask the user for its number, and ask again with it.");

/// The answer for an attempt that was not refused. `redirects` where the answer is to send its receiver on.
pub(in crate::http) fn outcome(
    service: &Service,
    outcome: &Outcome,
    redirects: bool,
    now: UtcDateTime,
    id: &CorrelationId,
) -> Response<Body> {
    match outcome {
        Outcome::Studio(url) => studio(service, url, redirects, now),
        Outcome::Choose(several) => {
            let entries: Vec<_> = several.iter().map(|one| {
                json!({"entry": one.id(), "title": one.title(), "profile": one.profile().as_str(), "domain": one.domain().as_str()})
            }).collect();
            let more = [("entries".to_owned(), entries.into())];
            problem(StatusCode::CONFLICT, &CHOOSE, "choose_entry", more, id)
        }
        Outcome::NeedsTicket(_, reason) => {
            let notice = Notice { message: reason.clone().into(), ..TICKET };
            problem(StatusCode::CONFLICT, &notice, "ticket_required", [], id)
        }
        Outcome::NeedsApproval(pending, reason) => {
            let until = instant::format(pending.until);
            let body =
                json!({"step": "needs_approval", "until": until, "detail": reason, "correlation_id": id.as_str()});
            retry_after(with_type(StatusCode::ACCEPTED, "application/json", body.to_string()), MINUTE)
        }
        Outcome::Provisioning(_) => {
            let body = json!({"step": "provisioning", "correlation_id": id.as_str()});
            retry_after(with_type(StatusCode::ACCEPTED, "application/json", body.to_string()), MADE)
        }
        Outcome::Confirm | Outcome::Review(_) => refused(service, &RequestError::in_a_browser().into(), id),
    }
}

fn studio(service: &Service, url: &PresignedUrl, redirects: bool, now: UtcDateTime) -> Response<Body> {
    if redirects && let Some(response) = service.pages.redirect(url) {
        return response;
    }
    // From before the mint: it holds a little longer.
    let expires =
        now.truncate_to_second().saturating_add(Duration::seconds(service.broker.minter.url_expires().into()));
    let body = json!({"url": url.reveal(), "expires_at": instant::format(expires)});
    with_type(StatusCode::OK, "application/json", body.to_string())
}

/// The answer for a refusal.
pub(in crate::http) fn refused(service: &Service, refusal: &Refusal, id: &CorrelationId) -> Response<Body> {
    let (status, notice) = refusal.answer();
    let is_unauthorized = status == StatusCode::UNAUTHORIZED;
    let code = match refusal.code() {
        // A client without a good token is not told what to try next.
        code if is_unauthorized && code != MISSING && !service.pages.shows_codes() => "invalid_token",
        code => code,
    };
    let response = problem(status, &notice, code, [], id);
    match refusal {
        Refusal::Request(RequestError::Method { wanted }) => with(response, ALLOW, wanted.as_str()),
        // RFC 6750 3.1.
        Refusal::Token(TokenError::Rejected(_)) if is_unauthorized && refusal.code() == MISSING => {
            with(response, WWW_AUTHENTICATE, "Bearer")
        }
        Refusal::Token(TokenError::Rejected(_)) if is_unauthorized => {
            with(response, WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#)
        }
        _ if status == StatusCode::TOO_MANY_REQUESTS => retry_after(response, MINUTE),
        _ => response,
    }
}

/// RFC 9457, without a `type`: the code says it.
fn problem(
    status: StatusCode,
    notice: &Notice,
    code: &str,
    more: impl IntoIterator<Item = (String, Value)>,
    id: &CorrelationId,
) -> Response<Body> {
    let members = [
        ("title", Value::from(notice.title)),
        ("status", status.as_u16().into()),
        ("detail", (&*notice.message).into()),
        ("advice", notice.advice.into()),
        ("code", code.into()),
        ("correlation_id", id.as_str().into()),
    ];
    let mut body: Map<String, Value> = members.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
    body.extend(more);
    with_type(status, "application/problem+json", Value::from(body).to_string())
}

fn retry_after(response: Response<Body>, seconds: u32) -> Response<Body> {
    with(response, RETRY_AFTER, &seconds.to_string())
}

fn with(mut response: Response<Body>, name: HeaderName, value: &str) -> Response<Body> {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
    response
}
