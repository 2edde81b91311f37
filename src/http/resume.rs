//! A sign-in that goes on: the same browser brings back its resume token, and what it was asked for.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request};
use studio_acs_refusal::is_plain;
use studio_acs_saml::{Check, UnverifiedResponse};

use super::confirm;
use super::refusal::Refusal;
use super::state::{LogFields, RequestState, open_in_browser};
use crate::broker::{Outcome, Progress, REVIEW};
use crate::service::Service;
use studio_acs_identity::{ResumeError, ResumeToken};

/// The most bytes of a form that goes on: an entry's name, and a number.
const FORM_LIMIT: usize = 4_096;
/// The most characters of a field.
const LONGEST_FIELD: usize = 64;
/// The most characters of a request's id: two SHA-256 digests.
const LONGEST_ID: usize = 128;

/// `POST …/continue`: what was confirmed, chosen or typed, with the resume token. `GET …/continue`: is the user profile
/// there?
pub(super) async fn resume(
    service: &Service,
    request: Request<Body>,
    state: &mut RequestState,
    log: &mut LogFields,
) -> Result<Outcome, Refusal> {
    let (form, resume_token) = received(service, request, &[Method::GET, Method::POST], state).await?;
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

/// `POST …/review`: decides on a request for approval, for the holder of a review's resume token.
pub(super) async fn review(
    service: &Service,
    request: Request<Body>,
    state: &mut RequestState,
    log: &mut LogFields,
) -> Result<Outcome, Refusal> {
    let (form, resume_token) = received(service, request, &[Method::POST], state).await?;
    log.is_of(resume_token.identity());
    let confirmed = resume_token.confirmed().filter(|_| resume_token.sign_in_request().link.as_deref() == Some(REVIEW));
    let confirmed = confirmed.ok_or(ResumeError::AnotherPage)?;
    let form = form.unwrap_or_default();
    let (Some(id), Some(approve)) = (form.request, form.approve) else {
        return Err(Check::FormFields.reject("a request, and a decision", "a form without them").into());
    };
    let sign_in_request = resume_token.sign_in_request().clone();
    let opened = service
        .broker
        .review(confirmed.identity(), &state.context(&sign_in_request), &id, approve, state.id.as_str(), state.now)
        .await?;
    state.goes_on(service, confirmed, &sign_in_request, Some(resume_token.since()))?;
    Ok(opened)
}

/// The form of a page of ours.
#[derive(Debug, Default)]
struct Form {
    csrf_token: Option<String>,
    confirms: Option<bool>,
    entry: Option<String>,
    ticket_number: Option<String>,
    request: Option<String>,
    approve: Option<bool>,
}

async fn received(
    service: &Service,
    request: Request<Body>,
    methods: &[Method],
    state: &mut RequestState,
) -> Result<(Option<Form>, ResumeToken), Refusal> {
    let (head, body) = request.into_parts();
    let query = Form::read(head.uri.query().unwrap_or_default().as_bytes())?;
    if !methods.contains(&head.method) {
        return Err(Check::Method.reject("GET or POST of a page of ours", &head.method).into());
    }
    let form = if head.method == Method::POST {
        let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        UnverifiedResponse::check_content_type(content_type)?;
        // One as small as this never gives way.
        let body = service.bodies.read(body, FORM_LIMIT, service.request_timeout).await.map_err(|_| {
            Check::BodySize.reject(format!("at most {FORM_LIMIT} bytes"), "more, or a body that broke off")
        })?;
        Some(Form::read(service.bodies.decode(body).await.bytes())?)
    } else {
        None
    };
    state.now = service.clock.now();
    let resume_token = service.resume_tokens.read(service.cookies.read_resume_token(&head.headers), state.now)?;
    resume_token.check_csrf(form.as_ref().unwrap_or(&query).csrf_token.as_deref())?;
    Ok((form, resume_token))
}

impl Form {
    fn read(body: &[u8]) -> Result<Self, Refusal> {
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            let text = |longest: usize| -> Result<Option<String>, Refusal> {
                let value = value.trim();
                if value.chars().count() > longest || !value.chars().all(is_plain) {
                    let expected = format!("at most {longest} characters of plain text");
                    return Err(Check::FormFields.reject(expected, "another value").into());
                }
                Ok((!value.is_empty()).then(|| value.to_owned()))
            };
            match &*name {
                "csrf_token" => form.csrf_token = text(LONGEST_FIELD)?,
                "confirm" => form.confirms = Some(true),
                "decline" => form.confirms = Some(false),
                "entry" => form.entry = text(LONGEST_FIELD)?,
                "ticket_number" => form.ticket_number = text(LONGEST_FIELD)?,
                "approve" => (form.request, form.approve) = (text(LONGEST_ID)?, Some(true)),
                "deny" => (form.request, form.approve) = (text(LONGEST_ID)?, Some(false)),
                _ => {}
            }
        }
        Ok(form)
    }
}
