//! The token API: a token in, a session out.

pub(super) mod open;
mod request_error;
pub(super) mod response;

pub use request_error::RequestError;

/// The document of the token API.
pub const OPENAPI: &str = include_str!("openapi.json");
