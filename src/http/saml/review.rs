//! The review of requests for approval, by the holder of a review's resume token.

use axum::body::Body;
use axum::http::{Method, Request};
use studio_acs_broker::{REVIEW, ReviewDecision};
use studio_acs_identity::{Protocol, ResumeError};

use super::open::{BrowserRequest, open};
use super::page_request::PageRequest;
use crate::http::error::Refusal;
use crate::http::log_fields::LogFields;
use crate::http::refused::{OrRefuse as _, Refused};
use crate::http::request_state::RequestState;
use crate::http::sign_in::{Resume, SignIn};
use crate::service::Service;

/// `POST …/review`: decides on a request for approval.
pub(in crate::http) async fn review(
    service: &Service,
    state: &RequestState,
    request: Result<PageRequest, Refusal>,
) -> Result<SignIn, Box<Refused>> {
    let log = LogFields::at(Protocol::Saml);
    let request = request.or_refuse(&log)?;
    let resume_token = request.resume_token(service, state).await.or_refuse(&log)?;
    let log = log.with_identity(resume_token.identity());
    let sign_in_request = resume_token.sign_in_request();
    let confirmed = resume_token.confirmed().filter(|_| sign_in_request.link.as_deref() == Some(REVIEW));
    let confirmed = confirmed.ok_or(ResumeError::AnotherPage).or_refuse(&log)?;
    let Some((id, approve)) = request.form.and_then(|form| form.decision) else {
        // The approver looks again.
        return open(service, state, BrowserRequest::of(&resume_token, confirmed), log).await;
    };
    let context = state.context(service, confirmed.identity(), sign_in_request);
    let (decision, clock) = (ReviewDecision { id: &id, approve }, || service.clock.now());
    let reviewed =
        service.broker.review(confirmed.identity(), &context, decision, state.id.as_str(), state.now, clock).await;
    let outcome = reviewed.or_refuse(&log)?;
    let (since, used) = (Some(resume_token.since()), service.broker.group_use(state.now).await);
    let issued = service.resume_tokens.issue(confirmed, sign_in_request, since, used, state.now);
    let next = Resume::GoesOn(issued.or_refuse(&log)?).into();
    Ok(SignIn { outcome, log, next })
}

/// Reads the request of a review's page.
pub(in crate::http) async fn receive(service: &Service, request: Request<Body>) -> Result<PageRequest, Refusal> {
    PageRequest::receive(service, request, &[Method::POST], "POST").await
}
