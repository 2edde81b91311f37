//! The token API: a token in, a session out.

mod api_request;
mod open;
mod request_error;
pub(super) mod response;

pub(super) use api_request::ApiRequest;
pub(super) use open::open;
pub use request_error::RequestError;

/// The document of the token API.
pub const OPENAPI: &str = include_str!("openapi.json");
