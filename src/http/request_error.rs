//! Faults of a request to the token API, whoever sends it.

use std::fmt;

use axum::http::Method;

/// The most bytes of a request's body.
pub(super) const BODY_LIMIT: usize = 4_096;

/// A fault of a request, whoever sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestError {
    /// Another method than the only one.
    Method {
        /// The only one.
        wanted: Method,
    },
    /// A body of another type.
    ContentType,
    /// A body that is too large, or does not come.
    Size,
    /// A body that is not as the API's document says.
    Malformed(String),
}

impl RequestError {
    /// Approvals are not decided by a token.
    pub fn in_a_browser() -> Self {
        Self::Malformed("approvals are decided on in a browser, by way of the access portal".to_owned())
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Method { .. } => "method_not_allowed",
            Self::ContentType => "unsupported_media_type",
            Self::Size => "too_large",
            Self::Malformed(_) => "malformed_request",
        }
    }
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method { wanted } => write!(f, "expected {wanted}, found another method"),
            Self::ContentType => f.write_str("expected application/json, found another type"),
            Self::Size => {
                write!(f, "expected at most {BODY_LIMIT} bytes in time, found more, or a body that broke off")
            }
            Self::Malformed(reason) => write!(f, "expected the JSON of /openapi.json: {reason}"),
        }
    }
}

impl std::error::Error for RequestError {}
