//! Why a form of our own pages was refused.

use axum::http::StatusCode;
use studio_acs_refusal::broken_rules;

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

broken_rules!(FormError {
    Self::Method { .. }, Self::Method { expected: "", found: String::new() } => "page form", "form_method_not_allowed", "the method is one of the page's address";
    Self::ContentType { .. }, Self::ContentType { found: String::new() } => "page form", "form_unsupported_media_type", "the body is a URL-encoded form";
    Self::Size { .. }, Self::Size { limit: 0 } => "page form", "form_too_large", "the form is within the size limit, and all of it comes in time";
    Self::Repeated { .. }, Self::Repeated { field: "" } => "page form", "form_invalid", "each field is present at most once";
    Self::TooLong { .. }, Self::TooLong { field: "", limit: 0, found: 0 } => "page form", "form_invalid", "each field is within its length";
    Self::NotPlain { .. }, Self::NotPlain { field: "" } => "page form", "form_invalid", "each field is plain text";
    Self::NoRequest { .. }, Self::NoRequest { field: "" } => "page form", "form_invalid", "a decision names a request";
});

impl FormError {
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
