//! A sign-in that goes on: the same browser brings back its resume token, and what it was asked for.

use axum::body::Body;
use axum::http::{Method, Request};
use studio_acs_refusal::printable;

use super::confirm;
use crate::http::error::Refusal;
use crate::http::pages::{FORM_LIMIT, Form, FormError};
use crate::http::state::{LogFields, RequestState, open_in_browser};
use crate::service::Service;
use studio_acs_broker::{Outcome, Progress, REVIEW};
use studio_acs_identity::{ResumeError, ResumeToken};

/// `POST …/continue`: what was confirmed, chosen or typed, with the resume token. `GET …/continue`: is the user profile
/// there?
pub(in crate::http) async fn resume(
    service: &Service,
    request: Request<Body>,
    state: &mut RequestState,
    log: &mut LogFields,
) -> Result<Outcome, Refusal> {
    let (form, resume_token) = received(service, request, (&[Method::GET, Method::POST], "GET or POST"), state).await?;
    log.is_of(resume_token.identity());
    let Some(confirmed) = resume_token.confirmed() else {
        return confirm::answer(service, &resume_token, form.and_then(|form| form.confirms), state, log).await;
    };
    let mut sign_in_request = resume_token.sign_in_request().clone();
    let Some(form) = form else {
        return match service.broker.progress(confirmed.identity(), &sign_in_request, state.now).await? {
            Progress::Pending(entitlement) => {
                state.waits(&resume_token);
                Ok(Outcome::Provisioning(entitlement))
            }
            Progress::Ready => {
                open_in_browser(service, confirmed, sign_in_request, Some(resume_token.since()), state, log).await
            }
        };
    };
    log.has_chosen = form.entry.is_some();
    sign_in_request.entry = form.entry.or(sign_in_request.entry);
    sign_in_request.ticket_number = form.ticket_number.or(sign_in_request.ticket_number);
    open_in_browser(service, confirmed, sign_in_request, Some(resume_token.since()), state, log).await
}

/// `GET …/continue` with `progress`: how far the user profile is that is being made. Nothing is opened, and no resume token is
/// claimed or taken away: whatever the answer, the page that asked can go on.
pub(in crate::http) async fn progress(
    service: &Service,
    request: Request<Body>,
    state: &mut RequestState,
    log: &mut LogFields,
) -> Result<Progress, Refusal> {
    let (_, resume_token) = received(service, request, (&[Method::GET], "GET"), state).await?;
    log.is_of(resume_token.identity());
    let confirmed = resume_token.confirmed().ok_or(ResumeError::AnotherPage)?;
    Ok(service.broker.progress(confirmed.identity(), resume_token.sign_in_request(), state.now).await?)
}

/// Whether `request` is the waiting page's question.
pub(in crate::http) fn asks_progress(request: &Request<Body>) -> bool {
    let query = request.uri().query().unwrap_or_default();
    request.method() == Method::GET && Form::read(query.as_bytes()).is_ok_and(|form| form.asks_progress.is_some())
}

/// `POST …/review`: decides on a request for approval, for the holder of a review's resume token.
pub(in crate::http) async fn review(
    service: &Service,
    request: Request<Body>,
    state: &mut RequestState,
    log: &mut LogFields,
) -> Result<Outcome, Refusal> {
    let (form, resume_token) = received(service, request, (&[Method::POST], "POST"), state).await?;
    log.is_of(resume_token.identity());
    let confirmed = resume_token.confirmed().filter(|_| resume_token.sign_in_request().link.as_deref() == Some(REVIEW));
    let confirmed = confirmed.ok_or(ResumeError::AnotherPage)?;
    let sign_in_request = resume_token.sign_in_request().clone();
    let Some((id, approve)) = form.and_then(|form| form.decision) else {
        // The approver looks again.
        return open_in_browser(service, confirmed, sign_in_request, Some(resume_token.since()), state, log).await;
    };
    let opened = service
        .broker
        .review(confirmed.identity(), &state.context(&sign_in_request), &id, approve, state.id.as_str(), state.now)
        .await?;
    state.goes_on(service, confirmed, &sign_in_request, Some(resume_token.since()))?;
    Ok(opened)
}

async fn received(
    service: &Service,
    request: Request<Body>,
    methods: (&[Method], &'static str),
    state: &mut RequestState,
) -> Result<(Option<Form>, ResumeToken), Refusal> {
    let (head, body) = request.into_parts();
    let (allowed, expected) = methods;
    if !allowed.contains(&head.method) {
        return Err(FormError::Method { expected, found: printable(head.method.as_str()) }.into());
    }
    let query = Form::read(head.uri.query().unwrap_or_default().as_bytes())?;
    let form = if head.method == Method::POST {
        Form::check_content_type(&head.headers)?;
        // One as small as this never gives way.
        let body = service.bodies.read(body, FORM_LIMIT, service.request_timeout).await;
        let body = body.map_err(|_| FormError::Size { limit: FORM_LIMIT })?;
        Some(Form::read(service.bodies.decode(body).await.bytes())?)
    } else {
        None
    };
    state.now = service.clock.now();
    let resume_token = service.resume_tokens.read(service.cookies.read_resume_token(&head.headers), state.now)?;
    resume_token.check_csrf(form.as_ref().unwrap_or(&query).csrf_token.as_deref())?;
    Ok((form, resume_token))
}
