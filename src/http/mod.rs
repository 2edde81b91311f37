//! HTTP: one router for the server and for Lambda.

mod acs;
pub mod correlation;
pub mod page;
pub mod refusal;
pub mod template;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::routing::{any, get};

use tracing::instrument::WithSubscriber as _;

use crate::app::App;
use correlation::CorrelationId;

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

/// The routes: the ACS at its path, our metadata under it, `/healthz`, and a page for all else.
pub fn router(app: Arc<App>) -> Router {
    let acs = app.acs_path.clone();
    Router::new()
        .route(&acs, any(consume))
        .route(&format!("{acs}/metadata"), get(metadata))
        .route("/healthz", get(healthz))
        .fallback(not_found)
        .layer(from_fn(common_headers))
        .with_state(app)
}

async fn consume(State(app): State<Arc<App>>, mut request: Request<Body>) -> Response<Body> {
    let id = request.extensions_mut().remove::<CorrelationId>().unwrap_or_default();
    // A task of its own comes to its end, and to the log, though the client hangs up: what was used up is on record.
    let under_way = request.extensions_mut().remove::<UnderWay>();
    let attempt = async move {
        let answer = acs::answer(&app, request, &id).await;
        drop(under_way);
        answer
    };
    let answer = tokio::spawn(attempt.with_current_subscriber()).await;
    answer.unwrap_or_else(|_| page::with_type(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", String::new()))
}

async fn metadata(State(app): State<Arc<App>>) -> Response<Body> {
    page::with_type(StatusCode::OK, "application/samlmetadata+xml", app.sp_metadata.clone())
}

/// The process is up: its keys are parsed and its clients made. It asks nothing of AWS, so it says nothing of AWS.
async fn healthz() -> Response<Body> {
    page::with_type(StatusCode::OK, "application/json", r#"{"status":"ok"}"#.to_owned())
}

async fn not_found(State(app): State<Arc<App>>, mut request: Request<Body>) -> Response<Body> {
    let id = request.extensions_mut().remove::<CorrelationId>().unwrap_or_default();
    tracing::info!(correlation_id = %id, "there is nothing at this address");
    app.pages.not_found(request.headers(), &id)
}

/// What every answer carries: nothing is kept by caches, nothing is told to the next site, and a reference for the log.
async fn common_headers(mut request: Request<Body>, next: Next) -> Response<Body> {
    let id = CorrelationId::new();
    request.extensions_mut().insert(id.clone());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CORRELATION_ID, id.header());
    response
}
