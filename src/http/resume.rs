//! A sign-in that goes on: the same browser brings back its ticket, and what it was asked for.

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request};
use studio_acs_saml::{Check, UnverifiedResponse, is_plain};

use super::confirm;
use super::refusal::Refusal;
use super::visit::{Attempt, Visitor, visit};
use crate::app::App;
use crate::broker::{Opened, Progress, REVIEW};
use crate::identity::{Ticket, TicketError};

/// The most bytes of a form that goes on: an entry's name, and a number.
const FORM_LIMIT: usize = 4_096;
/// The most characters of a field.
const LONGEST_FIELD: usize = 64;
/// The most characters of a request's id: two SHA-256 digests.
const LONGEST_ID: usize = 128;

/// `POST …/continue`: what was confirmed, chosen or typed, with the ticket. `GET …/continue`: is the user profile there?
pub(super) async fn resume(
    app: &App,
    request: Request<Body>,
    visitor: &mut Visitor,
    attempt: &mut Attempt,
) -> Result<Opened, Refusal> {
    let (form, ticket) = received(app, request, &[Method::GET, Method::POST], visitor).await?;
    attempt.is_of(ticket.identity());
    let Some(confirmed) = ticket.confirmed() else {
        return confirm::answer(app, &ticket, form.and_then(|form| form.confirms), visitor, attempt).await;
    };
    let mut wish = ticket.wish().clone();
    let Some(form) = form else {
        return match app.broker.progress(confirmed.identity(), &wish, visitor.now).await? {
            Progress::Pending(entitlement) => {
                visitor.waits(&ticket);
                Ok(Opened::Provisioning(entitlement))
            }
            Progress::Ready => visit(app, confirmed, wish, Some(ticket.since()), visitor, attempt).await,
        };
    };
    attempt.has_chosen = form.entry.is_some();
    wish.entry = form.entry.or(wish.entry);
    wish.change = form.change.or(wish.change);
    visit(app, confirmed, wish, Some(ticket.since()), visitor, attempt).await
}

/// `POST …/review`: a request for approval is decided on, by who has the ticket of a review.
pub(super) async fn review(
    app: &App,
    request: Request<Body>,
    visitor: &mut Visitor,
    attempt: &mut Attempt,
) -> Result<Opened, Refusal> {
    let (form, ticket) = received(app, request, &[Method::POST], visitor).await?;
    attempt.is_of(ticket.identity());
    let confirmed = ticket.confirmed().filter(|_| ticket.wish().link.as_deref() == Some(REVIEW));
    let confirmed = confirmed.ok_or(TicketError::AnotherPage)?;
    let form = form.unwrap_or_default();
    let (Some(id), Some(approve)) = (form.request, form.approve) else {
        return Err(Check::FormFields.reject("a request, and a decision", "a form without them").into());
    };
    let wish = ticket.wish().clone();
    let opened = app
        .broker
        .review(confirmed.identity(), &visitor.circumstances(&wish), &id, approve, visitor.id.as_str(), visitor.now)
        .await?;
    visitor.goes_on(app, confirmed, &wish, Some(ticket.since()))?;
    Ok(opened)
}

/// What a page of ours sends.
#[derive(Debug, Default)]
struct Form {
    page: Option<String>,
    confirms: Option<bool>,
    entry: Option<String>,
    change: Option<String>,
    request: Option<String>,
    approve: Option<bool>,
}

async fn received(
    app: &App,
    request: Request<Body>,
    methods: &[Method],
    visitor: &mut Visitor,
) -> Result<(Option<Form>, Ticket), Refusal> {
    let (head, body) = request.into_parts();
    let query = Form::read(head.uri.query().unwrap_or_default().as_bytes())?;
    if !methods.contains(&head.method) {
        return Err(Check::Method.reject("GET or POST of a page of ours", &head.method).into());
    }
    let form = if head.method == Method::POST {
        let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        UnverifiedResponse::check_content_type(content_type)?;
        // One as small as this never gives way.
        let body = app.bodies.read(body, FORM_LIMIT, app.request_timeout).await.map_err(|_| {
            Check::BodySize.reject(format!("at most {FORM_LIMIT} bytes"), "more, or a body that broke off")
        })?;
        Some(Form::read(app.bodies.decode(body).await.bytes())?)
    } else {
        None
    };
    visitor.now = app.clock.now();
    let ticket = app.tickets.read(app.cookies.read_ticket(&head.headers), visitor.now)?;
    ticket.check_page(form.as_ref().unwrap_or(&query).page.as_deref())?;
    Ok((form, ticket))
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
                "page" => form.page = text(LONGEST_FIELD)?,
                "confirm" => form.confirms = Some(true),
                "decline" => form.confirms = Some(false),
                "entry" => form.entry = text(LONGEST_FIELD)?,
                "change" => form.change = text(LONGEST_FIELD)?,
                "approve" => (form.request, form.approve) = (text(LONGEST_ID)?, Some(true)),
                "deny" => (form.request, form.approve) = (text(LONGEST_ID)?, Some(false)),
                _ => {}
            }
        }
        Ok(form)
    }
}
