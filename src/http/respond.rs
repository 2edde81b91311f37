//! A [`SignIn`], or a [`Refused`] one → the answer. The line of an attempt is logged here, a refusal is recorded here,
//! cookies are set here, and all three nowhere else.

use axum::body::Body;
use axum::http::header::{ALLOW, SET_COOKIE};
use axum::http::{HeaderValue, Response, StatusCode};
use studio_acs_audit::RefusedSignIn;
use studio_acs_broker::{EntryFields, Outcome, Progress};
use studio_acs_identity::{CsrfToken, Issued};
use studio_acs_refusal::{BrokenRule, LogMessage, counted, printable};

use super::api::response;
use super::cause::cause;
use super::error::Refusal;
use super::log_fields::LogFields;
use super::pages::{Frame, with_type};
use super::refused::Refused;
use super::request_state::RequestState;
use super::sign_in::{Next, Resume, SignIn};
use crate::service::Service;

/// Answers a user's browser: a page of ours, or the way to Studio. The address takes the methods `allowed`.
pub(super) async fn browser(
    service: &Service,
    state: &RequestState,
    allowed: &'static str,
    sign_in: Result<SignIn, Box<Refused>>,
) -> Response<Body> {
    let RequestState { id, headers, base, .. } = state;
    let no_resume_token = || service.cookies.read_resume_token(headers).and_then(|_| service.cookies.no_resume_token());
    let SignIn { outcome, log, next } = match sign_in {
        Ok(sign_in) => sign_in,
        Err(refused) => {
            refuse(service, state, &refused).await;
            let mut page = service.pages.refusal(&refused.refusal, headers, id);
            set_cookies(&mut page, [no_resume_token()]);
            if page.status() == StatusCode::METHOD_NOT_ALLOWED {
                page.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
            }
            return page;
        }
    };
    write_line(service, state, &log, Ok(&outcome));
    let Next { resume, last_choice, confirmed } = next;
    let (resume_token, csrf_token) = match resume {
        Resume::Ended => (no_resume_token(), None),
        Resume::Waits(csrf_token) => (None, Some(csrf_token)),
        Resume::GoesOn(Issued { token, csrf_token }) => (service.cookies.resume_token(&token), Some(csrf_token)),
    };
    let last_choice = last_choice.and_then(|entry| service.cookies.last_choice(&entry));
    let confirmed = confirmed.and_then(|(signed, seconds)| service.cookies.confirmed(&signed, seconds));
    let frame = Frame {
        base,
        issuer: &log.issuer,
        user: &log.user,
        csrf_token: csrf_token.as_ref().map_or("", CsrfToken::as_str),
        last_choice: service.cookies.read_last_choice(headers),
    };
    let mut page = service.pages.outcome(&outcome, &frame, headers, id);
    set_cookies(&mut page, [resume_token, last_choice, confirmed]);
    page
}

/// Answers the waiting page's script, which asks for nothing but the status: 202 while the user profile is being made, 200
/// once it can be opened, or a refusal's. It sets no cookie: whatever the answer, the page that asked can go on.
pub(super) fn waiting_page(
    service: &Service,
    state: &RequestState,
    progress: Result<(Progress, LogFields), Box<Refused>>,
) -> Response<Body> {
    let status = match progress {
        Ok((Progress::Pending(entitlement), log)) => {
            write_line(service, state, &log, Ok(&Outcome::Provisioning(entitlement)));
            StatusCode::ACCEPTED
        }
        // The page that the browser opens then has the line.
        Ok((Progress::Ready, _)) => StatusCode::OK,
        // The page that the browser opens then is refused, too, and has the record.
        Err(refused) => {
            write_line(service, state, &refused.log, Err(&refused.refusal));
            refused.refusal.answer().0
        }
    };
    with_type(status, "text/plain", String::new())
}

/// Answers an API client, which keeps no cookies. `redirects` where the answer is to send its receiver on.
pub(super) async fn api_client(
    service: &Service,
    state: &RequestState,
    redirects: bool,
    sign_in: Result<SignIn, Box<Refused>>,
) -> Response<Body> {
    match sign_in {
        Ok(SignIn { outcome, log, .. }) => {
            write_line(service, state, &log, Ok(&outcome));
            response::outcome(service, &outcome, redirects, state.now, &state.id)
        }
        Err(refused) => {
            refuse(service, state, &refused).await;
            response::refused(service, &refused.refusal, &state.id)
        }
    }
}

fn set_cookies<const N: usize>(answer: &mut Response<Body>, cookies: [Option<HeaderValue>; N]) {
    for cookie in cookies.into_iter().flatten() {
        answer.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// The message of the one line that each attempt has.
pub const SIGN_IN: LogMessage = LogMessage {
    text: "sign-in",
    fields: &[
        "assertion_id",
        "cause",
        "code",
        "correlation_id",
        "count",
        "domain",
        "entry",
        "groups",
        "groups_matched",
        "groups_unusable",
        "issuer",
        "outcome",
        "policies",
        "profile",
        "protocol",
        "reason",
        "step",
        "user",
    ],
    alarm: None,
};

/// The values of `outcome`.
pub const OUTCOMES: [&str; 3] = [ACCEPTED, CONTINUES, REFUSED];
const ACCEPTED: &str = "accepted";
const CONTINUES: &str = "continues";
const REFUSED: &str = "refused";

/// Writes the line of a refused attempt, and its record, unless the record of an outcome tells the refusal.
async fn refuse(service: &Service, state: &RequestState, refused: &Refused) {
    let Refused { refusal, log, claimed_issuer } = refused;
    write_line(service, state, log, Err(refusal));
    if refusal.is_on_record() {
        return;
    }
    let BrokenRule { stage, code, .. } = refusal.broken_rule();
    let EntryFields { entry, profile, domain, policies } = &log.entry;
    let refused = RefusedSignIn {
        correlation: state.id.as_str(),
        stage,
        code,
        reason: refusal.to_string(),
        protocol: log.protocol,
        person: log.person.as_ref(),
        claimed_issuer,
        source_ip: state.peer.address,
        entry: [entry, profile, domain],
        policies,
    };
    service.broker.audit_log.record_refusal(&refused, state.now).await;
}

/// Writes the one line that an attempt has in the log. `count` is 1; a line for several has how many.
fn write_line(service: &Service, state: &RequestState, log: &LogFields, outcome: Result<&Outcome, &Refusal>) {
    let id = &state.id;
    let LogFields { protocol, issuer, assertion_id, user, groups, groups_matched, entry, .. } = log;
    let EntryFields { entry, profile, domain, policies } = entry;
    let (protocol, policies) = (protocol.as_str(), policies.join(","));
    let (groups, groups_unusable) = groups.unzip();
    let groups_matched = matched_in_words(groups_matched);
    match outcome {
        Ok(Outcome::Studio(_)) => {
            tracing::info!(correlation_id = %id, outcome = ACCEPTED, count = 1, protocol, issuer, assertion_id, user, groups, groups_unusable, groups_matched, entry, profile, domain, policies, "{SIGN_IN}");
        }
        Ok(opened) => {
            let step = opened.step();
            tracing::info!(correlation_id = %id, outcome = CONTINUES, count = 1, step, protocol, issuer, assertion_id, user, groups, groups_unusable, groups_matched, entry, profile, domain, policies, "{SIGN_IN}");
        }
        Err(refusal) => {
            let code = refusal.code();
            let cause = cause(service, refusal, state.now).map_or(code, |cause| cause.name);
            tracing::warn!(correlation_id = %id, outcome = REFUSED, count = 1, code, cause, reason = %refusal, protocol, issuer, assertion_id, user, groups, groups_unusable, groups_matched, entry, profile, domain, policies, "{SIGN_IN}");
        }
    }
}

/// The most groups that a line names.
const MOST_GROUPS: usize = 10;

/// The groups that decided; a bounded number of them, each as it may be shown.
fn matched_in_words(groups: &[String]) -> String {
    let mut shown: Vec<_> = groups.iter().take(MOST_GROUPS).map(|name| printable(name)).collect();
    let rest = groups.len().saturating_sub(shown.len());
    if rest > 0 {
        shown.push(format!("and {}", counted(rest, "other")));
    }
    shown.join(",")
}
