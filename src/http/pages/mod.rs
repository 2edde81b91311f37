//! The answers: a redirect to Studio, or a calm page.

mod choose;
mod confirm;
mod footer;
mod form;
mod form_error;
mod handoff;
mod layout;
mod pending;
mod refusal;
mod review;
mod ticket;
mod wait;

use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, X_FRAME_OPTIONS};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde_json::json;

use super::correlation::CorrelationId;
use super::error::Refusal;
use super::notice::Notice;
use crate::config::OrganizationConfig;
use studio_acs_broker::{Outcome, PresignedUrl};
use studio_acs_html::csp_hash;

pub(in crate::http) use form::{FORM_LIMIT, Form};
pub use form_error::FormError;
use layout::{Layout, Page, STYLE};

/// API Gateway takes about 10 kB of headers in all, a private REST API perhaps 8,000 bytes; a longer URL goes into a page.
const LONGEST_LOCATION: usize = 7_000;

/// Makes answers. Prepared once.
#[derive(Debug)]
pub struct Pages {
    layout: Layout,
    /// Nothing runs, nothing loads, nothing frames; the one style is known by its hash; forms go to ourselves, and on to
    /// Studio.
    csp: HeaderValue,
    /// The same for the waiting page, whose script is known by its hash and asks ourselves.
    csp_with_script: HeaderValue,
    show_codes: bool,
}

/// Where the form of a page of ours leads in the end: browsers hold redirects to `form-action` too.
const STUDIO: &str = "https://*.sagemaker.aws";

impl Pages {
    /// Pages of this organisation that lead to Studio, or to its stand-in at this origin, and show no refusal's code.
    pub fn new(studio_origin: Option<&str>, organization: &OrganizationConfig) -> Self {
        let csp = format!(
            "default-src 'none'; style-src {}; base-uri 'none'; form-action 'self' {}; frame-ancestors 'none'",
            csp_hash(STYLE),
            studio_origin.unwrap_or(STUDIO),
        );
        let script = format!("{csp}; script-src {}; connect-src 'self'", csp_hash(wait::SCRIPT));
        let header = |csp: &str| HeaderValue::from_str(csp).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        let (csp, csp_with_script) = (header(&csp), header(&script));
        Self { layout: Layout::of(organization), csp, csp_with_script, show_codes: false }
    }

    /// The same pages, which show a refusal's code.
    pub fn show_codes(&mut self) {
        self.show_codes = true;
    }

    /// Whether they do.
    pub fn shows_codes(&self) -> bool {
        self.show_codes
    }

    /// Answers with the page of an attempt that was not refused.
    pub fn outcome(
        &self,
        opened: &Outcome,
        frame: &Frame<'_>,
        request: &HeaderMap,
        id: &CorrelationId,
    ) -> Response<Body> {
        let page = match opened {
            Outcome::Studio(url) => return self.to_studio(url, id),
            _ if wants_json(request) => return step_json(opened, frame.csrf_token, id),
            Outcome::Confirm => confirm::page(frame),
            Outcome::Choose(several) => choose::page(several, frame),
            Outcome::NeedsTicket(entitlement, message) => ticket::page(entitlement, message, frame),
            Outcome::NeedsApproval(pending, message) => pending::page(pending, message),
            Outcome::Provisioning(entitlement) => wait::page(entitlement, frame),
            Outcome::Review(requests) => review::page(requests, frame),
        };
        self.html(StatusCode::OK, page, id)
    }

    /// Sends the browser on to Studio: 302, or a page where the URL is too long for a gateway's headers.
    pub fn to_studio(&self, url: &PresignedUrl, id: &CorrelationId) -> Response<Body> {
        self.redirect(url).unwrap_or_else(|| self.html(StatusCode::OK, handoff::page(url), id))
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

    /// Tells that there is nothing at this address.
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
        notice: Notice,
        code: Option<&str>,
        request: &HeaderMap,
        id: &CorrelationId,
    ) -> Response<Body> {
        if wants_json(request) {
            let Notice { title, message, advice } = notice;
            let mut body = json!({"title": title, "message": message, "advice": advice, "correlation_id": id.as_str()});
            if let (Some(code), Some(body)) = (code, body.as_object_mut()) {
                body.insert("code".to_owned(), code.into());
            }
            return with_type(status, "application/json", body.to_string());
        }
        self.html(status, refusal::page(&notice, code), id)
    }

    fn html(&self, status: StatusCode, page: Page<'_>, id: &CorrelationId) -> Response<Body> {
        let csp = if page.runs_script() { &self.csp_with_script } else { &self.csp };
        let mut response = with_type(status, "text/html; charset=utf-8", self.layout.html(page, id));
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, csp.clone());
        // For browsers that know no `frame-ancestors`.
        response.headers_mut().insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
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

/// The values that are the same on every page of a sign-in that goes on.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// The part of a path before the names of the other pages.
    pub base: &'a str,
    /// The identity provider's entity ID.
    pub issuer: &'a str,
    /// The signed-in user.
    pub user: &'a str,
    /// The token by which the page's form is known to belong to the resume token.
    pub csrf_token: &'a str,
    /// The entry that was chosen last, which comes first.
    pub last_choice: Option<&'a str>,
}

impl Frame<'_> {
    /// Where the form of the page goes.
    fn action(&self) -> String {
        format!("{}continue", self.base)
    }
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
