//! The Assertion Consumer Service: the whole way of one sign-in.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, ORIGIN};
use axum::http::{HeaderValue, Method, Request};
use studio_acs_saml::{BODY_LIMIT, Check, FORM, UnverifiedResponse};

use super::bodies::{BodyError, Received};
use super::confirm;
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
    let form = receive(app, form).await?;
    // After the body, which a sender may hold back: it is judged as of when it is there.
    visitor.now = app.clock.now();
    let (trust, reads_groups) = tokio::join!(app.trust.get(visitor.now), app.broker.access.reads_groups(visitor.now));
    // Until the response is verified, it takes some of the memory that there is for unverified ones.
    let form = app.bodies.decode(form).await;
    let response = UnverifiedResponse::from_form(Some(FORM), form.bytes())?;
    let wish = Wish { link: response.unverified_relay_state().map(str::to_owned), ..Wish::default() };
    #[cfg(feature = "second-opinion")]
    let xml = response.unverified_text().to_owned();
    let assertion = trust.verifier.verify(response, None, visitor.now, &mut ())?;
    drop(form);
    attempt.is_by(assertion.issuer(), assertion.id());
    let identity = Identity::of(&assertion, &app.identity, reads_groups, &mut ())?;
    attempt.is_of(&identity);
    #[cfg(feature = "second-opinion")]
    trust.second_opinion.confirm(xml, &identity, &app.identity).await?;
    match app.confirmation.judge(&identity, app.cookies.read_confirmed(&visitor.headers), visitor.now) {
        Some(confirmed) => visit(app, confirmed, wish, None, visitor, attempt).await,
        None => confirm::ask(app, &identity, &wish, visitor).await,
    }
}

/// Bindings 3.5: reads the form of a POST, no further and no longer than the limits, and only from pages that may post it.
async fn receive(app: &App, request: Request<Body>) -> Result<Received, Refusal> {
    if request.method() != Method::POST {
        return Err(Check::Method.reject("POST", request.method()).into());
    }
    let (head, body) = request.into_parts();
    app.allowed_origins.check(head.headers.get_all(ORIGIN).iter().map(HeaderValue::as_bytes))?;
    // A type that is not text, or two types, is none that we know.
    let mut types = head.headers.get_all(CONTENT_TYPE).iter();
    let content_type = types.next().map(|value| value.to_str().unwrap_or_default()).filter(|_| types.next().is_none());
    UnverifiedResponse::check_content_type(content_type)?;
    app.bodies.read(body, BODY_LIMIT, app.request_timeout).await.map_err(|error| match error {
        BodyError::GaveWay => Refusal::GaveWay,
        BodyError::Size => {
            let expected = format!("at most {BODY_LIMIT} bytes within {} s", app.request_timeout.as_secs());
            Check::BodySize.reject(expected, "more, or a body that broke off").into()
        }
    })
}
