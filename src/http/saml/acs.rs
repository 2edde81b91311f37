//! The Assertion Consumer Service: the whole way of one sign-in.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, ORIGIN};
use axum::http::{HeaderValue, Method, Request};
use studio_acs_saml::{BODY_LIMIT, Check, FORM, UnverifiedResponse};

use super::confirm;
use crate::http::bodies::{BodyError, Received};
use crate::http::error::Refusal;
use crate::http::state::{LogFields, RequestState, open_in_browser};
use crate::service::Service;
use studio_acs_broker::Outcome;
use studio_acs_identity::{Identity, SignInRequest};

/// Form in, session out. Each line takes what the line before it made; nothing else makes it.
pub(in crate::http) async fn sign_in(
    service: &Service,
    form: Request<Body>,
    state: &mut RequestState,
    log: &mut LogFields,
) -> Result<Outcome, Refusal> {
    let form = receive(service, form).await?;
    // After the body, which a sender may hold back: it is judged as of its arrival.
    state.now = service.clock.now();
    let (trust, reads_groups) =
        tokio::join!(service.trust.get(state.now), service.broker.authorizer.reads_groups(state.now));
    // Until the response is verified, it takes some of the memory for unverified ones.
    let form = service.bodies.decode(form).await;
    let response = UnverifiedResponse::from_form(Some(FORM), form.bytes())?;
    let sign_in_request =
        SignInRequest { link: response.unverified_relay_state().map(str::to_owned), ..SignInRequest::default() };
    #[cfg(feature = "second-opinion")]
    let xml = response.unverified_text().to_owned();
    let assertion = trust.verifier.verify(response, None, state.now, &mut ())?;
    drop(form);
    log.is_by(assertion.issuer(), assertion.id());
    let identity = Identity::of(&assertion, &service.identity, reads_groups, &mut ())?;
    log.is_of(&identity);
    #[cfg(feature = "second-opinion")]
    trust.second_opinion.confirm(xml, &identity, &service.identity).await?;
    match service.confirmation.judge(&identity, service.cookies.read_confirmed(&state.headers), state.now) {
        Some(confirmed) => open_in_browser(service, confirmed, sign_in_request, None, state, log).await,
        None => confirm::ask(service, &identity, &sign_in_request, state).await,
    }
}

/// Bindings 3.5: reads the form of a POST, no further and no longer than the limits, and only from pages that may post it.
async fn receive(service: &Service, request: Request<Body>) -> Result<Received, Refusal> {
    if request.method() != Method::POST {
        return Err(Check::Method.reject("POST", request.method()).into());
    }
    let (head, body) = request.into_parts();
    service.allowed_origins.check(head.headers.get_all(ORIGIN).iter().map(HeaderValue::as_bytes))?;
    // A type that is not text, or two types, is none that we know.
    let mut types = head.headers.get_all(CONTENT_TYPE).iter();
    let content_type = types.next().map(|value| value.to_str().unwrap_or_default()).filter(|_| types.next().is_none());
    UnverifiedResponse::check_content_type(content_type)?;
    service.bodies.read(body, BODY_LIMIT, service.request_timeout).await.map_err(|error| match error {
        BodyError::GaveWay => Refusal::GaveWay,
        BodyError::Size => {
            let expected = format!("at most {BODY_LIMIT} bytes within {} s", service.request_timeout.as_secs());
            Check::BodySize.reject(expected, "more, or a body that broke off").into()
        }
    })
}
