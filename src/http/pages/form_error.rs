//! Why a form of our own pages was refused.

use axum::http::StatusCode;

/// Why a form of our own pages was refused: one variant for each check, with what was expected and what was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// The address takes another method.
    #[error("expected {expected} from a page of ours, found {found}")]
    Method {
        /// The methods that the address takes.
        expected: &'static str,
        /// The request's method, printable.
        found: String,
    },
    /// The body is no URL-encoded form.
    #[error("expected a URL-encoded form from a page of ours, found {found}")]
    ContentType {
        /// The media type of the body, printable; or how many there are.
        found: String,
    },
    /// The body is too large, broke off, or did not come in time.
    #[error("expected a form of at most {limit} bytes in time, found more, or a body that broke off")]
    Size {
        /// The most bytes that a form may have.
        limit: usize,
    },
    /// The form answers the same question twice.
    #[error("expected the field {field} once, found it again")]
    Repeated {
        /// The field's name.
        field: &'static str,
    },
    /// A value is longer than its field.
    #[error("expected at most {limit} characters in the field {field}, found {found}")]
    TooLong {
        /// The field's name.
        field: &'static str,
        /// The most characters that it may have.
        limit: usize,
        /// The number of characters that it has.
        found: usize,
    },
    /// A value has characters that nobody sees as they are.
    #[error("expected plain text in the field {field}, found a control or formatting character")]
    NotPlain {
        /// The field's name.
        field: &'static str,
    },
    /// A decision on no request.
    #[error("expected the id of a request in the field {field}, found none")]
    NoRequest {
        /// The field's name.
        field: &'static str,
    },
}

impl FormError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Method { .. } => "form_method_not_allowed",
            Self::ContentType { .. } => "form_unsupported_media_type",
            Self::Size { .. } => "form_too_large",
            Self::Repeated { .. } | Self::TooLong { .. } | Self::NotPlain { .. } | Self::NoRequest { .. } => {
                "form_invalid"
            }
        }
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::ContentType { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Size { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Repeated { .. } | Self::TooLong { .. } | Self::NotPlain { .. } | Self::NoRequest { .. } => {
                StatusCode::BAD_REQUEST
            }
        }
    }
}
