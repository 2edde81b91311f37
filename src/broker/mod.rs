//! The broker: from an identity to a Studio URL. Knows nothing of SAML's wire format or of HTTP.

pub mod mint;
pub mod once;

pub use crate::table::TableRules;
pub use mint::{MintError, Minter, PresignedUrl};
pub use once::{Grant, OnceOnly};
