//! Faults of a request to the token API, whoever sends it.

use std::fmt;

use axum::http::Method;

use studio_acs_refusal::broken_rules;

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
}

broken_rules!(RequestError {
    Self::Method { .. }, Self::Method { wanted: Method::POST } => "method", "method_not_allowed", "the method is the path's own";
    Self::ContentType, Self::ContentType => "request", "unsupported_media_type", "the body is JSON";
    Self::Size, Self::Size => "request", "too_large", "the body is within the size limit, and all of it comes in time";
    Self::Malformed(_), Self::Malformed(String::new()) => "request", "malformed_request", "the body is as `/openapi.json` says";
});

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
