//! The service about itself: its health, its metadata, and the document of its token API. None of it is a sign-in.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Method, Request, Response, StatusCode};

use super::api::{OPENAPI, RequestError, response};
use super::correlation::CorrelationId;
use super::pages::with_type;
use crate::service::Service;

/// Whether the process is up: its keys are parsed and its clients made. It asks nothing of AWS, so it says nothing of
/// AWS. It also says whether the log is written.
pub(super) async fn healthz(State(service): State<Arc<Service>>) -> Response<Body> {
    health(&service, true)
}

/// Whether sign-ins should be sent here. Not while they would all be refused, because the log does not take their records.
pub(super) async fn readyz(State(service): State<Arc<Service>>) -> Response<Body> {
    health(&service, service.broker.audit_log.is_ready())
}

fn health(service: &Service, is_ok: bool) -> Response<Body> {
    service.broker.audit_log.summarise(service.clock.now());
    let log = if service.log.probe() { "blocked" } else { "ok" };
    let (code, status) = if is_ok { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "unavailable") };
    with_type(code, "application/json", format!(r#"{{"status":"{status}","log":"{log}"}}"#))
}

/// Our own SAML metadata.
pub(super) async fn metadata(State(service): State<Arc<Service>>) -> Response<Body> {
    with_type(StatusCode::OK, "application/samlmetadata+xml", service.sp_metadata.clone())
}

/// The document of the token API.
pub(super) async fn openapi(State(service): State<Arc<Service>>, mut request: Request<Body>) -> Response<Body> {
    if request.method() == Method::GET {
        return with_type(StatusCode::OK, "application/json", OPENAPI.to_owned());
    }
    let id = request.extensions_mut().remove::<CorrelationId>().unwrap_or_default();
    response::refused(&service, &RequestError::Method { wanted: Method::GET }.into(), &id)
}
