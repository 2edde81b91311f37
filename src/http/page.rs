//! The answers: a redirect to Studio, or a calm page.

use axum::body::Body;
use axum::http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};

use super::correlation::CorrelationId;
use super::refusal::{Notice, Refusal};
use super::template::{Slot, csp_hash, fill};
use crate::broker::PresignedUrl;

const STYLE: &str = include_str!("pages/style.css");
const REFUSAL: &str = include_str!("pages/refusal.html");
const HANDOFF: &str = include_str!("pages/handoff.html");

/// API Gateway takes about 10 kB of headers in all, a private REST API perhaps 8,000 bytes; a longer URL goes into a page.
const LONGEST_LOCATION: usize = 7_000;

/// Makes answers. Prepared once.
#[derive(Debug)]
pub struct Pages {
    /// Nothing runs, nothing loads, nothing frames; the one style is known by its hash.
    csp: HeaderValue,
    show_codes: bool,
}

impl Pages {
    /// Pages that show a refusal's code, or, as production must, do not.
    pub fn new(show_codes: bool) -> Self {
        let csp = format!(
            "default-src 'none'; style-src {}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            csp_hash(STYLE)
        );
        let csp = HeaderValue::from_str(&csp).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        Self { csp, show_codes }
    }

    /// Sends the browser on to Studio: 302, or a page where the URL is too long for a gateway's headers.
    pub fn to_studio(&self, url: &PresignedUrl) -> Response<Body> {
        let location = HeaderValue::from_str(url.reveal()).ok().filter(|value| value.len() <= LONGEST_LOCATION);
        let Some(mut location) = location else {
            let slots = [("style", Slot::Html(STYLE)), ("url", Slot::Text(url.reveal()))];
            return self.html(StatusCode::OK, fill(HANDOFF, &slots));
        };
        location.set_sensitive(true);
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::FOUND;
        response.headers_mut().insert(LOCATION, location);
        response
    }

    /// Tells of a refusal, in JSON where the client asks for it.
    pub fn refusal(&self, refusal: &Refusal, request: &HeaderMap, id: &CorrelationId) -> Response<Body> {
        let code = self.show_codes.then(|| refusal.code());
        self.notice(refusal.status(), refusal.notice(), code, request, id)
    }

    /// Tells that there is nothing at this address.
    pub fn not_found(&self, request: &HeaderMap, id: &CorrelationId) -> Response<Body> {
        let notice = Notice {
            title: "There is nothing here",
            message: "This address is not part of the sign-in service.",
            advice: "Open your access portal and choose the Studio application.",
        };
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
            let mut body = serde_json::json!({"title": title, "message": message, "advice": advice, "correlation_id": id.as_str()});
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
            ("message", Slot::Text(message)),
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

fn wants_json(request: &HeaderMap) -> bool {
    let accept = request.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept
        .split(',')
        .any(|range| range.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json"))
}
