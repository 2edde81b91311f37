//! The router on AWS Lambda, behind API Gateway.

use axum::Router;
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use lambda_http::request::RequestContext;
use lambda_http::tower::ServiceBuilder;
use lambda_http::{Error, Request, RequestExt as _, Service};

use crate::http::peer::Peer;

/// The handler of API Gateway's REST and HTTP API events: the router, with the stage taken off the path.
pub fn handler(
    router: Router,
) -> impl Service<Request, Response = axum::response::Response, Error = std::convert::Infallible, Future: Send> + Clone + Send
{
    ServiceBuilder::new().map_request(with_peer).map_request(without_stage).service(router)
}

/// Serves events until the environment ends.
///
/// # Errors
/// Where the Lambda runtime API fails.
pub async fn run(router: Router) -> Result<(), Error> {
    lambda_http::run(handler(router)).await
}

/// The client's address as the gateway saw it.
fn with_peer(mut request: Request) -> Request {
    let address = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => context.identity.source_ip.clone(),
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone(),
        _ => None,
    };
    let peer = Peer { address: address.and_then(|address| address.parse().ok()) };
    request.extensions_mut().insert(peer);
    request
}

/// `/prod/saml` is `/saml` to us: the stage is a matter of the gateway's, and an operator's custom domain has none.
fn without_stage(mut request: Request) -> Request {
    let stage = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV1(context)) => context.stage.clone(),
        Some(RequestContext::ApiGatewayV2(context)) => context.stage.clone(),
        _ => None,
    };
    let path = stage.and_then(|stage| {
        let rest = request.uri().path().strip_prefix('/')?.strip_prefix(stage.as_str())?;
        if rest.is_empty() || rest.starts_with('/') { rest.parse::<PathAndQuery>().ok() } else { None }
    });
    if let Some(path) = path {
        let mut parts = request.uri().clone().into_parts();
        parts.path_and_query = Some(path);
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
    }
    request
}
