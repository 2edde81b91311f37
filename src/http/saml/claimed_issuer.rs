//! The issuer that an unverified response names, for the count of rejected ones.

use std::fmt::Display;

use studio_acs_refusal::Trace;
use studio_acs_saml::{Check, Rejection};

/// Listens to a verification. The issuer is a known one, or the one that the rejection found.
#[derive(Debug, Default)]
pub(super) struct ClaimedIssuer(String);

impl ClaimedIssuer {
    /// The issuer of the response that was rejected so; empty where the rules before its issuer did.
    pub(super) fn of(self, rejection: &Rejection) -> String {
        if rejection.check() == Check::KnownIssuer { rejection.found().to_owned() } else { self.0 }
    }
}

impl Trace<Check> for ClaimedIssuer {
    fn passed(&mut self, check: Check, found: &dyn Display) {
        if check == Check::KnownIssuer {
            self.0 = found.to_string();
        }
    }
}
