//! HTTP: one router for the server and for Lambda.

mod about;
mod api;
mod bodies;
mod cause;
#[cfg(feature = "cli")]
pub mod codes;
mod cookie;
pub mod correlation;
pub mod error;
mod log_fields;
pub mod notice;
pub mod pages;
pub mod peer;
mod refused;
mod request_state;
mod respond;
mod router;
mod saml;
mod sign_in;
mod under_way;

pub use api::{OPENAPI, RequestError};
pub use bodies::Bodies;
pub use cookie::Cookies;
pub use respond::{OUTCOMES, SIGN_IN};
pub use router::{Alternative, BROKE_OFF, malformed, router};
pub use under_way::UnderWay;
