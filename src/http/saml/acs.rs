//! The Assertion Consumer Service: the whole way of one sign-in.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, ORIGIN};
use axum::http::{HeaderValue, Method, Request};
use studio_acs_saml::{BODY_LIMIT, Check, FORM, UnverifiedResponse};

use super::claimed_issuer::ClaimedIssuer;
use super::confirm;
use super::open::{BrowserRequest, open};
use crate::http::bodies::{BodyError, Received};
use crate::http::error::Refusal;
use crate::http::log_fields::LogFields;
use crate::http::refused::{OrRefuse as _, Refused};
use crate::http::request_state::RequestState;
use crate::http::sign_in::SignIn;
use crate::service::Service;
use studio_acs_identity::{Identity, Protocol, SignInRequest};

/// Form in, session out. Each line takes what the line before it made; nothing else makes it. A refusal takes along the
/// facts that are verified by then.
pub(in crate::http) async fn sign_in(
    service: &Service,
    state: &RequestState,
    form: Result<Received, Refusal>,
) -> Result<SignIn, Box<Refused>> {
    let log = LogFields::at(Protocol::Saml);
    let form = form.or_refuse(&log)?;
    // The policies are read again meanwhile, where it is time.
    let (trust, _) = tokio::join!(service.trust.get(state.now), service.broker.group_use(state.now));
    // Until the response is verified, it takes some of the memory for unverified ones.
    let form = service.bodies.decode(form).await;
    let response = UnverifiedResponse::from_form(Some(FORM), form.bytes()).or_refuse(&log)?;
    let sign_in_request =
        SignInRequest { link: response.unverified_relay_state().map(str::to_owned), ..SignInRequest::default() };
    #[cfg(feature = "second-opinion")]
    let xml = response.unverified_text().to_owned();
    let mut claimed_issuer = ClaimedIssuer::default();
    let verified = trust.verifier.verify(response, None, state.now, &mut claimed_issuer);
    let assertion =
        verified.or_refuse(&log).map_err(|refused| refused.claimed_by(claimed_issuer.0.unwrap_or_default()))?;
    drop(form);
    let log = log.with_credential(assertion.issuer(), assertion.id());
    let identity = Identity::of(&assertion, &service.identity, &mut ()).or_refuse(&log)?;
    let log = log.with_identity(&identity);
    #[cfg(feature = "second-opinion")]
    trust.second_opinion.confirm(xml, &identity, &service.identity).await.or_refuse(&log.clone().without_person())?;
    match service.confirmation.judge(&identity, service.cookies.read_confirmed(&state.headers), state.now) {
        Some(confirmed) => {
            let request = BrowserRequest { confirmed, sign_in_request, since: None, has_chosen: false };
            open(service, state, request, log).await
        }
        None => confirm::ask(service, state, &identity, &sign_in_request, log).await,
    }
}

/// Bindings 3.5: reads the form of a POST, no further and no longer than the limits, and only from pages that may post it.
pub(in crate::http) async fn receive(service: &Service, request: Request<Body>) -> Result<Received, Refusal> {
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
