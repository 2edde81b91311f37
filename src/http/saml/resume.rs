//! A sign-in that goes on: the same browser brings back its resume token, and what it was asked for.

use axum::body::Body;
use axum::http::{Method, Request};
use studio_acs_broker::{Outcome, Progress};
use studio_acs_identity::{Protocol, ResumeError, SignInRequest};

use super::confirm;
use super::open::{BrowserRequest, open};
use super::page_request::PageRequest;
use crate::http::error::Refusal;
use crate::http::log_fields::LogFields;
use crate::http::pages::Form;
use crate::http::refused::{OrRefuse as _, Refused};
use crate::http::request_state::RequestState;
use crate::http::sign_in::{Resume, SignIn};
use crate::service::Service;

/// `POST …/continue`: the user's answer on a page, with the resume token. `GET …/continue`: whether the user profile
/// exists by now.
pub(in crate::http) async fn resume(
    service: &Service,
    state: &RequestState,
    request: Result<PageRequest, Refusal>,
) -> Result<SignIn, Box<Refused>> {
    let log = LogFields::at(Protocol::Saml);
    let request = request.or_refuse(&log)?;
    let resume_token = request.resume_token(service, state).await.or_refuse(&log)?;
    let log = log.with_identity(resume_token.identity());
    let Some(confirmed) = resume_token.confirmed() else {
        return confirm::answer(service, state, &resume_token, request.form.and_then(|form| form.confirms), log).await;
    };
    let before = BrowserRequest::of(&resume_token, confirmed);
    let Some(form) = request.form else {
        let (identity, names) = (confirmed.identity(), service.names_for(confirmed.identity().issuer()));
        let progress = service.broker.progress(identity, &before.sign_in_request, names, state.now).await;
        return match progress.or_refuse(&log)? {
            Progress::Pending(entitlement) => {
                let next = Resume::Waits(resume_token.csrf_token().clone()).into();
                Ok(SignIn { outcome: Outcome::Provisioning(entitlement), log, next })
            }
            Progress::Ready => open(service, state, before, log).await,
        };
    };
    let has_chosen = form.entry.is_some();
    let sign_in_request = SignInRequest {
        entry: form.entry.or(before.sign_in_request.entry),
        ticket_number: form.ticket_number.or(before.sign_in_request.ticket_number),
        ..before.sign_in_request
    };
    open(service, state, BrowserRequest { sign_in_request, has_chosen, ..before }, log).await
}

/// `GET …/continue` with `progress`: how far the user profile is that is being made. Nothing is opened, and no resume token is
/// claimed.
pub(in crate::http) async fn progress(
    service: &Service,
    state: &RequestState,
    request: Result<PageRequest, Refusal>,
) -> Result<(Progress, LogFields), Box<Refused>> {
    let log = LogFields::at(Protocol::Saml);
    let resume_token = request.or_refuse(&log)?.resume_token(service, state).await.or_refuse(&log)?;
    let log = log.with_identity(resume_token.identity());
    let confirmed = resume_token.confirmed().ok_or(ResumeError::AnotherPage).or_refuse(&log)?;
    let (identity, sign_in_request) = (confirmed.identity(), resume_token.sign_in_request());
    let progress =
        service.broker.progress(identity, sign_in_request, service.names_for(identity.issuer()), state.now).await;
    Ok((progress.or_refuse(&log)?, log))
}

/// Whether `request` is the waiting page's question.
pub(in crate::http) fn asks_progress(request: &Request<Body>) -> bool {
    let query = request.uri().query().unwrap_or_default();
    request.method() == Method::GET && Form::read(query.as_bytes()).is_ok_and(|form| form.asks_progress.is_some())
}

/// Reads the request of a page that a user answers, or of one that waits.
pub(in crate::http) async fn receive(service: &Service, request: Request<Body>) -> Result<PageRequest, Refusal> {
    PageRequest::receive(service, request, &[Method::GET, Method::POST], "GET or POST").await
}
