//! studio-acs: a SAML Assertion Consumer Service that turns a verified sign-in into an Amazon SageMaker Studio session.
//!
//! ```text
//! form ─► UnverifiedResponse ─► VerifiedAssertion ─┬► Identity ─► Grant ─► Recorded ─► PresignedUrl ─► 302
//! token ─► UnverifiedToken ─► VerifiedToken ───────┘
//! ```
//!
//! [`http`] shows the way on one screen (`http/acs.rs`, and `http/api.rs` for tokens). Credentials are verified by the
//! crates [`studio_acs_saml`] and [`studio_acs_jwt`], under the trust of [`trust`] and [`token`]; the user in
//! SageMaker's terms is [`identity`]; their session comes from [`broker`]. [`service`] prepares all of it once from
//! [`config`].

pub mod broker;
pub mod config;
#[cfg(feature = "cli")]
pub mod demo;
pub mod http;
#[cfg(feature = "lambda")]
pub mod lambda;
pub mod origin;
pub mod policy;
#[cfg(feature = "cli")]
pub mod report;
#[cfg(feature = "second-opinion")]
pub mod second_opinion;
pub mod server;
pub mod service;
pub mod sp_metadata;
pub mod token;
pub mod trust;

pub use config::Config;
pub use service::{Clock, Service, StartError};
