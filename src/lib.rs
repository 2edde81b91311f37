//! studio-acs: a SAML Assertion Consumer Service that turns a verified sign-in into an Amazon SageMaker Studio session.
//!
//! ```text
//! form ─► UnverifiedResponse ─► VerifiedAssertion ─┬► Identity ─► Grant ─► Recorded ─► PresignedUrl ─► 302
//! token ─► UnverifiedToken ─► VerifiedToken ───────┘
//! ```
//!
//! This crate is the service. [`http`] shows both protocols on one screen each (`http/saml/acs.rs`, `http/api/open.rs`), whose verifiers are the
//! crates [`studio_acs_saml`] and [`studio_acs_jwt`]; [`trust`] and [`token`] hold their keys. An
//! [`Identity`](studio_acs_identity::Identity) goes to the [`Broker`](studio_acs_broker::Broker). [`service`] prepares all of it once
//! from [`config`].

pub mod config;
#[cfg(feature = "cli")]
pub mod demo;
pub mod http;
#[cfg(feature = "lambda")]
pub mod lambda;
pub mod origin;
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
