//! Correlation ids: the reference that a user reads out and the log knows.

use std::fmt;

use aws_lc_rs::rand;
use axum::http::HeaderValue;
use studio_acs_refusal::hex;

/// 128 random bits in hexadecimal. Ours, never the client's.
#[derive(Debug, Clone)]
pub struct CorrelationId(String);

impl CorrelationId {
    /// A new one. Without randomness from the system it is empty: it identifies, it does not protect.
    pub fn new() -> Self {
        let mut bytes = [0_u8; 16];
        match rand::fill(&mut bytes) {
            Ok(()) => Self(hex(&bytes)),
            Err(_) => Self(String::new()),
        }
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as the value of a header.
    pub fn header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).unwrap_or(HeaderValue::from_static(""))
    }
}

impl Default for CorrelationId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for CorrelationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
