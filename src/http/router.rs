//! The routes, and how one attempt is run to its end.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::{ALLOW, CACHE_CONTROL, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::routing::{any, get};
use serde_json::json;
use studio_acs_broker::{Outcome, Progress};
use studio_acs_identity::Protocol;
use tracing::instrument::WithSubscriber as _;

use super::about::{healthz, metadata, openapi, readyz};
use super::correlation::CorrelationId;
use super::saml::{acs, resume};
use super::state::{self, LogFields, RequestState};
use super::under_way::UnderWay;
use super::{api, pages};
use crate::service::Service;

const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// How long an answer waits for its line in the log.
const LAST_LINE: Duration = Duration::from_secs(1);

/// The routes: the ACS at its path; under it, the pages of a sign-in that goes on, and our metadata; the token API, if
/// it is configured; `/healthz` and `/readyz`; and a page for all else.
pub fn router(service: Arc<Service>) -> Router {
    let acs = service.acs_path.clone();
    let api_routes = match service.token_api {
        Some(_) => Router::new()
            .route("/studio-url", any(studio_url))
            .route("/studio/{profile}", any(studio))
            .route("/openapi.json", any(openapi)),
        None => Router::new(),
    };
    api_routes
        .route(&acs, any(consume))
        .route(&format!("{acs}/continue"), any(resume))
        .route(&format!("{acs}/review"), any(review))
        .route(&format!("{acs}/metadata"), get(metadata))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .fallback(not_found)
        .layer(from_fn(common_headers))
        .with_state(service)
}

async fn consume(State(service): State<Arc<Service>>, request: Request<Body>) -> Response<Body> {
    let last = service.acs_path.rsplit('/').next().unwrap_or_default();
    let base = format!("{last}/");
    run_to_end(service, request, base, |service, request, state| browser(service, request, Step::SignIn, state)).await
}

async fn resume(State(service): State<Arc<Service>>, request: Request<Body>) -> Response<Body> {
    if resume::asks_progress(&request) {
        return run_to_end(service, request, String::new(), progress).await;
    }
    run_to_end(service, request, String::new(), |service, request, state| {
        browser(service, request, Step::Resume, state)
    })
    .await
}

async fn review(State(service): State<Arc<Service>>, request: Request<Body>) -> Response<Body> {
    run_to_end(service, request, String::new(), |service, request, state| {
        browser(service, request, Step::Review, state)
    })
    .await
}

async fn studio_url(State(service): State<Arc<Service>>, request: Request<Body>) -> Response<Body> {
    run_to_end(service, request, String::new(), |service, request, state| program(service, request, None, state)).await
}

async fn studio(
    State(service): State<Arc<Service>>,
    profile: Result<Path<String>, PathRejection>,
    request: Request<Body>,
) -> Response<Body> {
    // No profile has a name that is not UTF-8.
    let profile = profile.map(|Path(profile)| profile).unwrap_or_default();
    run_to_end(service, request, String::new(), |service, request, state| {
        program(service, request, Some(profile), state)
    })
    .await
}

/// Runs one attempt to its end.
async fn run_to_end<F: Future<Output = Response<Body>> + Send + 'static>(
    service: Arc<Service>,
    mut request: Request<Body>,
    base: String,
    run: impl FnOnce(Arc<Service>, Request<Body>, RequestState) -> F,
) -> Response<Body> {
    let id = request.extensions_mut().remove::<CorrelationId>().unwrap_or_default();
    let (under_way, reference) = (request.extensions_mut().remove::<UnderWay>(), id.clone());
    let state = RequestState::of(&request, id, base, service.clock.now());
    let (lines, attempt) = (service.log.clone(), run(service, request, state));
    // A task of its own comes to its end, and to the log, though the client hangs up: each claim is on record.
    let running = async move {
        let answer = attempt.await;
        // A Lambda process is frozen after its answer.
        lines.flush(LAST_LINE).await;
        drop(under_way);
        answer
    };
    let answer = tokio::spawn(running.with_current_subscriber()).await;
    answer.unwrap_or_else(|_| {
        tracing::error!(correlation_id = %reference, "an attempt broke off: a defect of ours");
        pages::with_type(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", String::new())
    })
}

/// The step of a user's browser.
#[derive(Debug, Clone, Copy)]
enum Step {
    SignIn,
    Resume,
    Review,
}

/// A user's browser, at the ACS or at a page of ours.
async fn browser(service: Arc<Service>, request: Request<Body>, step: Step, mut state: RequestState) -> Response<Body> {
    let mut log = LogFields::at(Protocol::Saml);
    let outcome = match step {
        Step::SignIn => acs::sign_in(&service, request, &mut state, &mut log).await,
        Step::Resume => resume::resume(&service, request, &mut state, &mut log).await,
        Step::Review => resume::review(&service, request, &mut state, &mut log).await,
    };
    let mut answer = state::answer(&service, outcome, state, &log);
    if answer.status() == StatusCode::METHOD_NOT_ALLOWED {
        let allowed = if matches!(step, Step::Resume) { "GET, POST" } else { "POST" };
        answer.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    }
    answer
}

/// The waiting page's script, which asks for nothing but the status: 202 while the user profile is being made, 200 once it can
/// be opened, or a refusal's. The page that the browser opens then says what became of it.
async fn progress(service: Arc<Service>, request: Request<Body>, mut state: RequestState) -> Response<Body> {
    let mut log = LogFields::at(Protocol::Saml);
    let status = match resume::progress(&service, request, &mut state, &mut log).await {
        Ok(Progress::Pending(entitlement)) => {
            log.write(Ok(&Outcome::Provisioning(entitlement)), &state.id);
            StatusCode::ACCEPTED
        }
        Ok(Progress::Ready) => StatusCode::OK,
        Err(refusal) => {
            log.write(Err(&refusal), &state.id);
            refusal.answer().0
        }
    };
    pages::with_type(status, "text/plain", String::new())
}

/// An API client, on behalf of a user. A path of its own names the profile, and leads on to Studio.
async fn program(
    service: Arc<Service>,
    request: Request<Body>,
    profile: Option<String>,
    mut state: RequestState,
) -> Response<Body> {
    let Some(token_api) = &service.token_api else { return service.pages.not_found(request.headers(), &state.id) };
    let (mut log, redirects) = (LogFields::at(Protocol::Jwt), profile.is_some());
    let outcome = api::open::open(&service, token_api, profile, request, &mut state, &mut log).await;
    log.write(outcome.as_ref(), &state.id);
    api::response::answer(&service, &outcome, redirects, state.now, &state.id)
}

/// The answer to what a home of the router cannot make a request of, for this reason, which only the log is told.
pub fn malformed(reason: &dyn fmt::Display) -> Response<Body> {
    let id = CorrelationId::new();
    tracing::warn!(correlation_id = %id, code = "malformed_request", %reason, "not an HTTP request");
    let body = json!({"title": "This is not an HTTP request", "correlation_id": id.as_str()}).to_string();
    let mut response = pages::with_type(StatusCode::BAD_REQUEST, "application/json", body);
    add_common_headers(&mut response, &id);
    response
}

async fn not_found(State(service): State<Arc<Service>>, mut request: Request<Body>) -> Response<Body> {
    let id = request.extensions_mut().remove::<CorrelationId>().unwrap_or_default();
    tracing::info!(correlation_id = %id, code = "not_found", "there is nothing at this address");
    service.log.flush(LAST_LINE).await;
    service.pages.not_found(request.headers(), &id)
}

/// The headers of every answer: no cache keeps it, the next site learns nothing, and a reference for the log.
async fn common_headers(mut request: Request<Body>, next: Next) -> Response<Body> {
    let id = CorrelationId::new();
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).await;
    add_common_headers(&mut response, &id);
    response
}

fn add_common_headers(response: &mut Response<Body>, id: &CorrelationId) {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CORRELATION_ID, id.header());
}
