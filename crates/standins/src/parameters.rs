//! A stand-in for Parameter Store: where the demo's service finds its ledger, its policy and its key, as in production.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{Request, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::page::with_type;

const TARGET: &str = "AmazonSSM.GetParameter";

/// Texts by their names.
#[derive(Debug)]
pub struct Parameters(pub Vec<(&'static str, String)>);

#[derive(Debug, Deserialize)]
struct Call {
    #[serde(rename = "Name")]
    name: String,
}

impl Parameters {
    /// One endpoint for these parameters and for what `others` answers.
    pub fn router(self, others: Router) -> Router {
        Router::new().fallback(answer).with_state((Arc::new(self), others))
    }
}

async fn answer(
    State((parameters, others)): State<(Arc<Parameters>, Router)>,
    request: Request<Body>,
) -> Response<Body> {
    if request.headers().get("x-amz-target").is_none_or(|target| target != TARGET) {
        let Ok(answer) = others.oneshot(request).await;
        return answer;
    }
    let body = to_bytes(request.into_body(), 65_536).await.unwrap_or_default();
    let named = |call: Call| parameters.0.iter().find(|(name, _)| *name == call.name);
    match serde_json::from_slice(&body).ok().and_then(named) {
        Some((name, value)) => {
            let parameter = json!({"Name": name, "Type": "SecureString", "Value": value, "Version": 1});
            reply(StatusCode::OK, &json!({"Parameter": parameter}))
        }
        None => reply(StatusCode::BAD_REQUEST, &json!({"__type": "ParameterNotFound"})),
    }
}

fn reply(status: StatusCode, body: &Value) -> Response<Body> {
    with_type(status, "application/x-amz-json-1.1", body.to_string())
}
