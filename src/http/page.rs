//! The answers: a redirect to Studio, or a calm page.

mod requests;

use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde_json::json;
use studio_acs_refusal::instant;
use time::UtcDateTime;

use super::correlation::CorrelationId;
use super::refusal::{Notice, Refusal};
use super::template::{Slot, csp_hash, fill};
use crate::broker::{Outcome, PresignedUrl};
use studio_acs_ledger::Entitlement;

const STYLE: &str = include_str!("pages/style.css");
const REFUSAL: &str = include_str!("pages/refusal.html");
const HANDOFF: &str = include_str!("pages/handoff.html");
const CONFIRM: &str = include_str!("pages/confirm.html");
const CHOOSE: &str = include_str!("pages/choose.html");
const CHOICE: &str = include_str!("pages/choice.html");
const TICKET: &str = include_str!("pages/ticket.html");
const PENDING: &str = include_str!("pages/pending.html");
const WAIT: &str = include_str!("pages/wait.html");
const REVIEW: &str = include_str!("pages/review.html");

/// API Gateway takes about 10 kB of headers in all, a private REST API perhaps 8,000 bytes; a longer URL goes into a page.
const LONGEST_LOCATION: usize = 7_000;

/// Makes answers. Prepared once.
#[derive(Debug)]
pub struct Pages {
    /// Nothing runs, nothing loads, nothing frames; the one style is known by its hash; forms go to ourselves, and on to
    /// Studio.
    csp: HeaderValue,
    show_codes: bool,
}

/// Where the form of a page of ours leads in the end: browsers hold redirects to `form-action` too.
const STUDIO: &str = "https://*.sagemaker.aws";

impl Pages {
    /// Pages that lead to Studio, or to its stand-in at this origin, and show no refusal's code.
    pub fn new(studio_origin: Option<&str>) -> Self {
        let csp = format!(
            "default-src 'none'; style-src {}; base-uri 'none'; form-action 'self' {}; frame-ancestors 'none'",
            csp_hash(STYLE),
            studio_origin.unwrap_or(STUDIO),
        );
        let csp = HeaderValue::from_str(&csp).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        Self { csp, show_codes: false }
    }

    /// The same pages, which show a refusal's code.
    pub fn show_codes(&mut self) {
        self.show_codes = true;
    }

    /// Whether they do.
    pub fn shows_codes(&self) -> bool {
        self.show_codes
    }

    /// The page for the outcome of an attempt that was not refused.
    pub fn outcome(
        &self,
        opened: &Outcome,
        frame: &Frame<'_>,
        request: &HeaderMap,
        id: &CorrelationId,
    ) -> Response<Body> {
        let Frame { base, csrf_token, last_choice, .. } = *frame;
        let (action, json) = (format!("{base}continue"), wants_json(request));
        let page = match opened {
            Outcome::Studio(url) => return self.to_studio(url),
            _ if json => return step_json(opened, csrf_token, id),
            Outcome::Confirm => fill(CONFIRM, &framed(frame, id, &[("action", Slot::Text(&action))])),
            Outcome::Choose(several) => {
                let choices = choices(several, last_choice);
                fill(CHOOSE, &framed(frame, id, &[("action", Slot::Text(&action)), ("choices", Slot::Html(&choices))]))
            }
            Outcome::NeedsTicket(entitlement, reason) => {
                let slots = [
                    ("action", Slot::Text(&action)),
                    ("message", Slot::Text(reason)),
                    ("title", Slot::Text(entitlement.title())),
                ];
                fill(TICKET, &framed(frame, id, &slots))
            }
            Outcome::NeedsApproval(pending, reason) => {
                let (until, readable) = (instant::format(pending.until), readable(pending.until));
                let slots = [
                    ("message", Slot::Text(reason)),
                    ("until", Slot::Text(&until)),
                    ("readable", Slot::Text(&readable)),
                ];
                fill(PENDING, &framed(frame, id, &slots))
            }
            Outcome::Provisioning(entitlement) => {
                let action = format!("{action}?csrf_token={csrf_token}");
                let slots = [
                    ("action", Slot::Text(&action)),
                    ("title", Slot::Text(entitlement.title())),
                    ("profile", Slot::Text(entitlement.profile().as_str())),
                ];
                fill(WAIT, &framed(frame, id, &slots))
            }
            Outcome::Review(requests) => {
                let (action, listed) = (format!("{base}review"), requests::html(requests));
                let message = if requests.is_empty() {
                    "Nothing waits for you."
                } else {
                    "Nobody decides on a request of their own."
                };
                let slots = [
                    ("action", Slot::Text(&action)),
                    ("message", Slot::Text(message)),
                    ("requests", Slot::Html(&listed)),
                ];
                fill(REVIEW, &framed(frame, id, &slots))
            }
        };
        self.html(StatusCode::OK, page)
    }

    /// Sends the browser on to Studio: 302, or a page where the URL is too long for a gateway's headers.
    pub fn to_studio(&self, url: &PresignedUrl) -> Response<Body> {
        self.redirect(url).unwrap_or_else(|| {
            let slots = [("style", Slot::Html(STYLE)), ("url", Slot::Text(url.reveal()))];
            self.html(StatusCode::OK, fill(HANDOFF, &slots))
        })
    }

    /// The redirect to Studio; `None` where the URL is too long for a gateway's headers.
    pub fn redirect(&self, url: &PresignedUrl) -> Option<Response<Body>> {
        let location = HeaderValue::from_str(url.reveal()).ok();
        let mut location = location.filter(|value| value.len() <= LONGEST_LOCATION)?;
        location.set_sensitive(true);
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::FOUND;
        response.headers_mut().insert(LOCATION, location);
        Some(response)
    }

    /// Tells of a refusal, in JSON where the client asks for it.
    pub fn refusal(&self, refusal: &Refusal, request: &HeaderMap, id: &CorrelationId) -> Response<Body> {
        let code = self.show_codes.then(|| refusal.code());
        let (status, notice) = refusal.answer();
        self.notice(status, notice, code, request, id)
    }

    /// The page for an address where nothing exists.
    pub fn not_found(&self, request: &HeaderMap, id: &CorrelationId) -> Response<Body> {
        let notice = Notice::new(
            "There is nothing here",
            "This address is not part of the sign-in service.",
            "Open your access portal and choose the Studio application.",
        );
        self.notice(StatusCode::NOT_FOUND, notice, None, request, id)
    }

    fn notice(
        &self,
        status: StatusCode,
        Notice { title, message, advice }: Notice,
        code: Option<&str>,
        request: &HeaderMap,
        id: &CorrelationId,
    ) -> Response<Body> {
        if wants_json(request) {
            let mut body = json!({"title": title, "message": message, "advice": advice, "correlation_id": id.as_str()});
            if let (Some(code), Some(body)) = (code, body.as_object_mut()) {
                body.insert("code".to_owned(), code.into());
            }
            return with_type(status, "application/json", body.to_string());
        }
        let detail =
            code.map(|code| fill("<p class=\"detail\">Code <code>{{code}}</code></p>", &[("code", Slot::Text(code))]));
        let slots = [
            ("style", Slot::Html(STYLE)),
            ("title", Slot::Text(title)),
            ("message", Slot::Text(&message)),
            ("advice", Slot::Text(advice)),
            ("correlation_id", Slot::Text(id.as_str())),
            ("detail", Slot::Html(detail.as_deref().unwrap_or_default())),
        ];
        self.html(status, fill(REFUSAL, &slots))
    }

    fn html(&self, status: StatusCode, page: String) -> Response<Body> {
        let mut response = with_type(status, "text/html; charset=utf-8", page);
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, self.csp.clone());
        response
    }
}

/// An answer of this media type.
pub fn with_type(status: StatusCode, media_type: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// The common part of every page of a sign-in that goes on.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// The prefix of the other pages' names.
    pub base: &'a str,
    /// The source of the user's name: the identity provider's entity ID.
    pub issuer: &'a str,
    /// The user who is signed in.
    pub user: &'a str,
    /// The CSRF token of the page's form, which ties it to the resume token.
    pub csrf_token: &'a str,
    /// The entry that was chosen last, which comes first.
    pub last_choice: Option<&'a str>,
}

fn framed<'a>(frame: &Frame<'a>, id: &'a CorrelationId, more: &[(&'a str, Slot<'a>)]) -> Vec<(&'a str, Slot<'a>)> {
    let mut slots = vec![
        ("style", Slot::Html(STYLE)),
        ("correlation_id", Slot::Text(id.as_str())),
        ("issuer", Slot::Text(frame.issuer)),
        ("user", Slot::Text(frame.user)),
        ("csrf_token", Slot::Text(frame.csrf_token)),
    ];
    slots.extend_from_slice(more);
    slots
}

/// A time as people read it; whose zone it is, we cannot know.
fn readable(at: UtcDateTime) -> String {
    format!("{:02}:{:02} UTC on {} {} {}", at.hour(), at.minute(), at.day(), at.month(), at.year())
}

/// The entries to choose from, the one that was chosen last at the head.
fn choices(several: &[Entitlement], last_choice: Option<&str>) -> String {
    let is_last = |entitlement: &&Entitlement| Some(entitlement.id()) == last_choice;
    let last = several.iter().filter(is_last);
    let others = several.iter().filter(|entitlement| !is_last(entitlement));
    let list = last.chain(others).enumerate().map(|(at, entitlement)| {
        let place = format!("{} in {}", entitlement.profile(), entitlement.domain());
        let slots = [
            ("id", Slot::Text(entitlement.id())),
            ("title", Slot::Text(entitlement.title())),
            ("place", Slot::Text(&place)),
            ("first", Slot::Html(if at == 0 { " autofocus" } else { "" })),
        ];
        fill(CHOICE, &slots)
    });
    list.collect()
}

/// The step that a sign-in is at, for a client that shows no pages.
fn step_json(opened: &Outcome, csrf_token: &str, id: &CorrelationId) -> Response<Body> {
    let entries: Vec<_> = match opened {
        Outcome::Choose(several) => several.iter().map(|one| json!({"id": one.id(), "title": one.title()})).collect(),
        Outcome::NeedsTicket(one, _) | Outcome::Provisioning(one) => {
            vec![json!({"id": one.id(), "title": one.title()})]
        }
        _ => Vec::new(),
    };
    let body =
        json!({"step": opened.step(), "entries": entries, "csrf_token": csrf_token, "correlation_id": id.as_str()});
    with_type(StatusCode::OK, "application/json", body.to_string())
}

fn wants_json(request: &HeaderMap) -> bool {
    let accept = request.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept
        .split(',')
        .any(|range| range.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json"))
}
