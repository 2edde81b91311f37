//! An event of another kind.

use lambda_http::lambda_runtime::Diagnostic;

/// An event that is not API Gateway's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a request event of an API Gateway REST or HTTP API, found another kind of event")]
pub struct UnknownEvent;

impl From<UnknownEvent> for Diagnostic {
    fn from(error: UnknownEvent) -> Self {
        Self { error_type: "event_unknown".to_owned(), error_message: error.to_string() }
    }
}
