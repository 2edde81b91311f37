//! `studio-acs verify` with metadata that no start would take: no response can be judged by it.

use std::fmt;

use serde_json::{Value, json};

use super::cause::metadata_cause;
use super::steps::{self, Broken};
use crate::trust::TrustError;

/// The verdict on any response, as long as the metadata is as it is: the service would not start.
#[derive(Debug)]
pub struct UntrustedReport {
    broken: Broken,
}

impl UntrustedReport {
    /// The verdict by this error, for a service provider with this audience.
    pub fn of(error: &TrustError, audience: &str) -> Self {
        Self { broken: Broken::of_metadata(error, metadata_cause(Some(error), audience)) }
    }

    /// The verdict for programs. Its code is the id of the item of `check`.
    pub fn json(&self) -> Value {
        json!({ "verdict": "reject", "error": self.broken.json() })
    }
}

impl fmt::Display for UntrustedReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        steps::write(f, std::iter::empty(), Some(&self.broken), &[])
    }
}
