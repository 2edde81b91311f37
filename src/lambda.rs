//! The router on AWS Lambda, behind API Gateway.
//!
//! ```text
//! event ─► Event ─► Request ─► router ─► Answer
//! ```
//!
//! The request is made of the event's own path, method and query. No header has a say in where it leads.

mod answer;
mod event;
mod fields;
mod path;
mod unknown_event;
mod uri;

use axum::Router;
use lambda_http::lambda_runtime::{self, Error, LambdaEvent, service_fn};
use serde_json::Value;
use tower_service::Service as _;

use crate::http;
pub use answer::GatewayAnswer;
use event::GatewayEvent;
pub use unknown_event::UnknownEvent;

/// Serves events until the environment ends.
///
/// # Errors
/// Where the Lambda runtime API fails.
pub async fn run(router: Router) -> Result<(), Error> {
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| handle(router.clone(), event.payload))).await
}

/// Answers one event of API Gateway: a REST API's, or an HTTP API's in either payload format. A request that is malformed
/// is answered with 400.
///
/// # Errors
/// [`UnknownEvent`]: another kind of event, whose answer would have a form that is not known. The invocation fails, and
/// the next one is served.
pub async fn handle(mut router: Router, event: Value) -> Result<GatewayAnswer, UnknownEvent> {
    let event = GatewayEvent::try_from(event)?;
    let format = event.format();
    let response = match event.into_request() {
        Ok(request) => match router.call(request).await {
            Ok(response) => response,
        },
        Err(malformed) => http::malformed(&malformed),
    };
    Ok(GatewayAnswer::new(format, response).await)
}
