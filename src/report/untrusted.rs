//! `studio-acs verify` with metadata that no start would take: no response can be judged by it.

use std::fmt;

use serde_json::{Value, json};

use super::cause::{Cause, metadata_cause};
use super::check::Item;
use super::steps::{self, Broken};
use crate::trust::TrustError;

/// The verdict on any response, as long as the metadata is as it is: the service would not start.
#[derive(Debug)]
pub struct UntrustedReport {
    found: String,
    cause: &'static Cause,
}

impl UntrustedReport {
    const EXPECTED: &str = "metadata by which the service starts";

    /// The verdict by this error, for a service provider with this audience.
    pub fn of(error: &TrustError, audience: &str) -> Self {
        Self { found: error.to_string(), cause: metadata_cause(Some(error), audience) }
    }

    /// The verdict for programs. Its code is the id of the item of `check`.
    pub fn json(&self) -> Value {
        json!({
            "verdict": "reject",
            "error": {
                "code": Item::Metadata.id(),
                "message": Item::Metadata.what(),
                "expected": Self::EXPECTED,
                "found": self.found,
                "cause": self.cause.name,
                "fix": self.cause.fix,
            },
        })
    }
}

impl fmt::Display for UntrustedReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let broken = Broken {
            stage: Item::Metadata.subject().name(),
            rule: Item::Metadata.what(),
            expected: Self::EXPECTED,
            found: &self.found,
            not_reached: studio_acs_saml::Check::ALL.len(),
            code: Item::Metadata.id(),
            cause: self.cause,
        };
        steps::write(f, std::iter::empty(), Some(broken))
    }
}
