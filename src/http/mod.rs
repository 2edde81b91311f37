//! HTTP: one router for the server and for Lambda.

mod acs;
mod bodies;
mod confirm;
mod cookie;
pub mod correlation;
pub mod page;
pub mod peer;
mod portal;
mod problem;
pub mod refusal;
pub mod request_error;
mod resume;
pub mod template;
mod visit;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::{ALLOW, CACHE_CONTROL, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::routing::{any, get};
use serde_json::json;
use studio_acs_policy::Door;
use studio_acs_saml::Check;
use tracing::instrument::WithSubscriber as _;

use crate::app::App;
pub use bodies::Bodies;
pub use cookie::Cookies;
use correlation::CorrelationId;
use request_error::RequestError;
use visit::{Attempt, Visitor};

const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// Whatever a home of the router keeps until a request has come to its end, which may be after its client has left.
#[derive(Clone)]
pub struct UnderWay {
    _kept: Arc<dyn Send + Sync>,
}

impl UnderWay {
    /// Keeps `kept`.
    pub fn new(kept: impl Send + Sync + 'static) -> Self {
        Self { _kept: Arc::new(kept) }
    }
}

/// How long an answer waits for its line in the log.
const LAST_LINE: Duration = Duration::from_secs(1);

/// The document of the API for portals.
const OPENAPI: &str = include_str!("openapi.json");

/// The routes: the ACS at its path; under it, what a sign-in goes on with, and our metadata; the API for portals, if its door
/// is open; `/healthz` and `/readyz`; and a page for all else.
pub fn router(app: Arc<App>) -> Router {
    let acs = app.acs_path.clone();
    let portals = match app.token_door {
        Some(_) => Router::new()
            .route("/studio-url", any(studio_url))
            .route("/studio/{profile}", any(studio))
            .route("/openapi.json", any(openapi)),
        None => Router::new(),
    };
    portals
        .route(&acs, any(consume))
        .route(&format!("{acs}/continue"), any(resume))
        .route(&format!("{acs}/review"), any(review))
        .route(&format!("{acs}/metadata"), get(metadata))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .fallback(not_found)
        .layer(from_fn(common_headers))
        .with_state(app)
}

async fn consume(State(app): State<Arc<App>>, request: Request<Body>) -> Response<Body> {
    let last = app.acs_path.rsplit('/').next().unwrap_or_default();
    let base = format!("{last}/");
    attempt(app, request, base, |app, request, visitor| browser(app, request, Step::SignIn, visitor)).await
}

async fn resume(State(app): State<Arc<App>>, request: Request<Body>) -> Response<Body> {
    attempt(app, request, String::new(), |app, request, visitor| browser(app, request, Step::Resume, visitor)).await
}

async fn review(State(app): State<Arc<App>>, request: Request<Body>) -> Response<Body> {
    attempt(app, request, String::new(), |app, request, visitor| browser(app, request, Step::Review, visitor)).await
}

async fn studio_url(State(app): State<Arc<App>>, request: Request<Body>) -> Response<Body> {
    attempt(app, request, String::new(), |app, request, visitor| program(app, request, None, visitor)).await
}

async fn studio(
    State(app): State<Arc<App>>,
    profile: Result<Path<String>, PathRejection>,
    request: Request<Body>,
) -> Response<Body> {
    // Nobody's profile is called what is no UTF-8.
    let profile = profile.map(|Path(profile)| profile).unwrap_or_default();
    attempt(app, request, String::new(), |app, request, visitor| program(app, request, Some(profile), visitor)).await
}

/// Runs one attempt to its end.
async fn attempt<F: Future<Output = Response<Body>> + Send + 'static>(
    app: Arc<App>,
    mut request: Request<Body>,
    base: String,
    run: impl FnOnce(Arc<App>, Request<Body>, Visitor) -> F,
) -> Response<Body> {
    let id = request.extensions_mut().remove::<CorrelationId>().unwrap_or_default();
    let (under_way, reference) = (request.extensions_mut().remove::<UnderWay>(), id.clone());
    let visitor = Visitor::of(&request, id, base, app.clock.now());
    let (log, running) = (app.log.clone(), run(app, request, visitor));
    // A task of its own comes to its end, and to the log, though the client hangs up: what was used up is on record.
    let attempt = async move {
        let answer = running.await;
        // A Lambda process is frozen after its answer.
        log.flush(LAST_LINE).await;
        drop(under_way);
        answer
    };
    let answer = tokio::spawn(attempt.with_current_subscriber()).await;
    answer.unwrap_or_else(|_| {
        tracing::error!(correlation_id = %reference, "an attempt broke off: a defect of ours");
        page::with_type(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", String::new())
    })
}

/// What a person's browser is at.
#[derive(Debug, Clone, Copy)]
enum Step {
    SignIn,
    Resume,
    Review,
}

/// A person's browser, at the ACS or at a page of ours.
async fn browser(app: Arc<App>, request: Request<Body>, step: Step, mut visitor: Visitor) -> Response<Body> {
    let mut attempt = Attempt::at(Door::Saml);
    let outcome = match step {
        Step::SignIn => acs::sign_in(&app, request, &mut visitor, &mut attempt).await,
        Step::Resume => resume::resume(&app, request, &mut visitor, &mut attempt).await,
        Step::Review => resume::review(&app, request, &mut visitor, &mut attempt).await,
    };
    let wrong_method = matches!(&outcome, Err(refusal) if refusal.code() == Check::Method.code());
    let mut answer = visit::answer(&app, outcome, visitor, &attempt);
    if wrong_method {
        let allowed = if matches!(step, Step::Resume) { "GET, POST" } else { "POST" };
        answer.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    }
    answer
}

/// A portal, on behalf of a person. A path of its own names the profile, and leads on to Studio.
async fn program(
    app: Arc<App>,
    request: Request<Body>,
    profile: Option<String>,
    mut visitor: Visitor,
) -> Response<Body> {
    let Some(door) = &app.token_door else { return app.pages.not_found(request.headers(), &visitor.id) };
    let (mut attempt, redirects) = (Attempt::at(Door::Jwt), profile.is_some());
    let outcome = portal::open(&app, door, profile, request, &mut visitor, &mut attempt).await;
    attempt.log(outcome.as_ref(), &visitor.id);
    problem::answer(&app, &outcome, redirects, visitor.now, &visitor.id)
}

async fn openapi(State(app): State<Arc<App>>, mut request: Request<Body>) -> Response<Body> {
    if request.method() == Method::GET {
        return page::with_type(StatusCode::OK, "application/json", OPENAPI.to_owned());
    }
    let id = request.extensions_mut().remove::<CorrelationId>().unwrap_or_default();
    let refusal = RequestError::Method { wanted: Method::GET }.into();
    problem::answer(&app, &Err(refusal), false, app.clock.now(), &id)
}

async fn metadata(State(app): State<Arc<App>>) -> Response<Body> {
    page::with_type(StatusCode::OK, "application/samlmetadata+xml", app.sp_metadata.clone())
}

/// Whether the process is up: its keys are parsed and its clients made. It asks nothing of AWS, so it says nothing of AWS. Of
/// the log it says whether anything takes it.
async fn healthz(State(app): State<Arc<App>>) -> Response<Body> {
    health(&app, true)
}

/// Whether sign-ins should be sent here. Not while they would all be refused, because the log does not take their records.
async fn readyz(State(app): State<Arc<App>>) -> Response<Body> {
    health(&app, app.broker.recorder.is_ready())
}

fn health(app: &App, is_ok: bool) -> Response<Body> {
    let log = if app.log.probe() { "blocked" } else { "ok" };
    let (code, status) = if is_ok { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "unavailable") };
    page::with_type(code, "application/json", format!(r#"{{"status":"{status}","log":"{log}"}}"#))
}

/// The answer to what a home of the router cannot make a request of, for this reason, which only the log is told.
pub fn malformed(reason: &dyn fmt::Display) -> Response<Body> {
    let id = CorrelationId::new();
    tracing::warn!(correlation_id = %id, code = "malformed_request", %reason, "not an HTTP request");
    let body = json!({"title": "This is not an HTTP request", "correlation_id": id.as_str()}).to_string();
    let mut response = page::with_type(StatusCode::BAD_REQUEST, "application/json", body);
    add_common_headers(&mut response, &id);
    response
}

async fn not_found(State(app): State<Arc<App>>, mut request: Request<Body>) -> Response<Body> {
    let id = request.extensions_mut().remove::<CorrelationId>().unwrap_or_default();
    tracing::info!(correlation_id = %id, code = "not_found", "there is nothing at this address");
    app.log.flush(LAST_LINE).await;
    app.pages.not_found(request.headers(), &id)
}

/// What every answer carries: nothing is kept by caches, nothing is told to the next site, and a reference for the log.
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
