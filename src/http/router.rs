//! The routes, and how one attempt is run to its end.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue, Request, Response, StatusCode, Uri};
use axum::middleware::{Next, from_fn};
use axum::routing::{any, get};
use serde_json::json;
use studio_acs_refusal::{Alarm, LogMessage, printable};
use tower_service::Service as _;
use tracing::instrument::WithSubscriber as _;

use super::about::{healthz, metadata, openapi, readyz};
use super::api::ApiRequest;
use super::correlation::CorrelationId;
use super::request_state::RequestHead;
use super::saml::{acs, resume, review};
use super::under_way::UnderWay;
use super::{api, pages, respond};
use crate::service::Service;

const CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");

/// The error of an attempt that did not come to its end.
pub const BROKE_OFF: LogMessage = LogMessage {
    text: "an attempt broke off: a defect of ours",
    fields: &["correlation_id"],
    alarm: Some(Alarm::BrokeOff),
};

/// How long an answer waits for its line in the log.
const LAST_LINE: Duration = Duration::from_secs(1);

/// Another URI of the same request, to try if nothing is served at the first one.
#[derive(Debug, Clone)]
pub struct Alternative(pub Uri);

/// The routes: the ACS at its path; under it, the pages of a sign-in that goes on, and our metadata; the token API, if
/// it is configured; `/healthz` and `/readyz`; and a page for all else. All of them are also served under each base path of
/// the ACS URLs.
pub fn router(service: Arc<Service>) -> Router {
    let acs = service.acs_path.clone();
    let api_routes = match service.token_api {
        Some(_) => Router::new()
            .route("/studio-url", any(studio_url))
            .route("/studio/{profile}", any(studio))
            .route("/openapi.json", any(openapi)),
        None => Router::new(),
    };
    let api_routes = match &service.acs_path_with_slash {
        Some(with_slash) => api_routes.route(with_slash, any(sign_in)),
        None => api_routes,
    };
    let routes = api_routes
        .route(&acs, any(sign_in))
        .route(&format!("{acs}/continue"), any(resume))
        .route(&format!("{acs}/review"), any(review))
        .route(&format!("{acs}/metadata"), get(metadata))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz));
    let under_base_paths = service.base_paths.iter().fold(routes.clone(), |all, base| all.nest(base, routes.clone()));
    let served = under_base_paths.fallback(not_found).layer(from_fn(common_headers)).with_state(service);
    let again = served.clone();
    served.fallback(move |request| at_alternative(again.clone(), request))
}

/// Nothing is served at the first address of a request.
async fn at_alternative(mut routes: Router, mut request: Request<Body>) -> Response<Body> {
    if let Some(Alternative(uri)) = request.extensions_mut().remove() {
        *request.uri_mut() = uri;
    }
    let Ok(response) = routes.call(request).await;
    response
}

/// A user's browser brings a SAML response.
async fn sign_in(State(service): State<Arc<Service>>, request: Request<Body>) -> Response<Body> {
    let last = service.acs_path.rsplit('/').next().unwrap_or_default();
    let base = if request.uri().path().ends_with('/') { String::new() } else { format!("{last}/") };
    run_to_end(service, request, base, |service, head, request| async move {
        let form = acs::receive(&service, request).await;
        let state = head.arrived_at(service.clock.now());
        respond::browser(&service, &state, "POST", acs::sign_in(&service, &state, form).await).await
    })
    .await
}

/// A user's browser comes back from a page of ours; or the waiting page's script asks how far the user profile is.
async fn resume(State(service): State<Arc<Service>>, request: Request<Body>) -> Response<Body> {
    let asks_progress = resume::asks_progress(&request);
    run_to_end(service, request, String::new(), move |service, head, request| async move {
        let request = resume::receive(&service, request).await;
        let state = head.arrived_at(service.clock.now());
        if asks_progress {
            return respond::waiting_page(&service, &state, resume::progress(&service, &state, request).await);
        }
        respond::browser(&service, &state, "GET, POST", resume::resume(&service, &state, request).await).await
    })
    .await
}

/// An approver decides, or looks again.
async fn review(State(service): State<Arc<Service>>, request: Request<Body>) -> Response<Body> {
    run_to_end(service, request, String::new(), |service, head, request| async move {
        let request = review::receive(&service, request).await;
        let state = head.arrived_at(service.clock.now());
        respond::browser(&service, &state, "POST", review::review(&service, &state, request).await).await
    })
    .await
}

/// An API client asks on behalf of a user, and is told the URL.
async fn studio_url(State(service): State<Arc<Service>>, request: Request<Body>) -> Response<Body> {
    open(service, request, None).await
}

/// The same by a path of its own, which names the profile and leads on to Studio.
async fn studio(
    State(service): State<Arc<Service>>,
    profile: Result<Path<String>, PathRejection>,
    request: Request<Body>,
) -> Response<Body> {
    // No profile has a name that is not UTF-8.
    let profile = profile.map(|Path(profile)| profile).unwrap_or_default();
    open(service, request, Some(profile)).await
}

async fn open(service: Arc<Service>, request: Request<Body>, profile: Option<String>) -> Response<Body> {
    run_to_end(service, request, String::new(), |service, head, request| async move {
        let Some(token_api) = &service.token_api else { return service.pages.not_found(request.headers(), &head.id) };
        let redirects = profile.is_some();
        let request = ApiRequest::receive(&service, profile, request).await;
        let state = head.arrived_at(service.clock.now());
        respond::api_client(&service, &state, redirects, api::open(&service, token_api, &state, request).await).await
    })
    .await
}

/// Runs one attempt to its end: receives, then judges, then answers.
async fn run_to_end<F: Future<Output = Response<Body>> + Send + 'static>(
    service: Arc<Service>,
    mut request: Request<Body>,
    base: String,
    run: impl FnOnce(Arc<Service>, RequestHead, Request<Body>) -> F,
) -> Response<Body> {
    let id = request.extensions_mut().remove::<CorrelationId>().unwrap_or_default();
    let (under_way, reference) = (request.extensions_mut().remove::<UnderWay>(), id.clone());
    let head = RequestHead::of(&request, id, base);
    let (lines, attempt) = (service.log.clone(), run(service, head, request));
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
        tracing::error!(correlation_id = %reference, "{BROKE_OFF}");
        pages::with_type(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", String::new())
    })
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
    // Without its query, which may hold anything.
    let path = printable(request.uri().path());
    tracing::info!(correlation_id = %id, code = "not_found", path, "there is nothing at this address");
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
