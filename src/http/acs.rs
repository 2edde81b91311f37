//! The Assertion Consumer Service: the whole way of one sign-in.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request};
use studio_acs_saml::{BODY_LIMIT, Check, UnverifiedResponse};

use super::refusal::Refusal;
use super::visit::{Attempt, Visitor, visit};
use crate::app::App;
use crate::broker::Opened;
use crate::identity::{Identity, Wish};

/// Form in, session out. Each line takes what the line before it made; nothing else makes it.
pub(super) async fn sign_in(
    app: &App,
    form: Request<Body>,
    visitor: &mut Visitor,
    attempt: &mut Attempt,
) -> Result<Opened, Refusal> {
    let response = receive(form, app.request_timeout).await?;
    // After the body, which a sender may hold back: it is judged as of when it is there.
    visitor.now = app.clock.now();
    let wish = Wish { link: response.unverified_relay_state().map(str::to_owned), ..Wish::default() };
    #[cfg(feature = "second-opinion")]
    let xml = response.unverified_text().to_owned();
    let trust = app.trust.get(visitor.now).await;
    let assertion = trust.verifier.verify(response, None, visitor.now, &mut ())?;
    attempt.is_by(assertion.issuer(), assertion.id());
    let identity = Identity::of(&assertion, &app.identity, &mut ())?;
    attempt.is_of(&identity);
    #[cfg(feature = "second-opinion")]
    trust.second_opinion.confirm(xml, &identity, &app.identity).await?;
    visit(app, &identity, wish, None, visitor, attempt).await
}

/// Bindings 3.5: reads the form of a POST, no further and no longer than the limits.
async fn receive(request: Request<Body>, limit: Duration) -> Result<UnverifiedResponse, Refusal> {
    if request.method() != Method::POST {
        return Err(Check::Method.reject("POST", request.method()).into());
    }
    let (head, body) = request.into_parts();
    // A type that is not text, or two types, is none that we know.
    let mut types = head.headers.get_all(CONTENT_TYPE).iter();
    let content_type = types.next().map(|value| value.to_str().unwrap_or_default()).filter(|_| types.next().is_none());
    UnverifiedResponse::check_content_type(content_type)?;
    let body = tokio::time::timeout(limit, to_bytes(body, BODY_LIMIT)).await;
    let Ok(Ok(body)) = body else {
        let expected = format!("at most {BODY_LIMIT} bytes within {} s", limit.as_secs());
        return Err(Check::BodySize.reject(expected, "more, or a body that broke off").into());
    };
    Ok(UnverifiedResponse::from_form(content_type, &body)?)
}
