//! The demo's pages: the portal's and the stand-in Studio's.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::http::{HeaderValue, Response, StatusCode};

use studio_acs_html::{Slot, csp_hash, fill};

const STYLE: &str = include_str!("pages/style.css");

/// The page of this template in the demo's style.
pub fn answer(status: StatusCode, template: &str, slots: &[(&str, Slot<'_>)]) -> Response<Body> {
    with_policy(status, template, slots, "form-action 'none'")
}

/// The page that posts a form to one of `targets` (the last being where the answer leads), by this script.
pub fn form(template: &str, slots: &[(&str, Slot<'_>)], script: &str, targets: &[&str]) -> Response<Body> {
    let slots = [slots, &[("script", Slot::Html(script))]].concat();
    let policy = format!("form-action {}; script-src {}", targets.join(" "), csp_hash(script));
    with_policy(StatusCode::OK, template, &slots, &policy)
}

/// A few words, for requests without a tile.
pub fn plain(status: StatusCode, text: &str) -> Response<Body> {
    with_type(status, "text/plain; charset=utf-8", text.to_owned())
}

fn with_policy(status: StatusCode, template: &str, slots: &[(&str, Slot<'_>)], policy: &str) -> Response<Body> {
    let slots = [slots, &[("style", Slot::Html(STYLE))]].concat();
    let mut response = with_type(status, "text/html; charset=utf-8", fill(template, &slots));
    let csp =
        format!("default-src 'none'; style-src {}; base-uri 'none'; frame-ancestors 'none'; {policy}", csp_hash(STYLE));
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Ok(csp) = HeaderValue::from_str(&csp) {
        headers.insert(CONTENT_SECURITY_POLICY, csp);
    }
    response
}

/// An answer of this media type.
pub fn with_type(status: StatusCode, media_type: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}
