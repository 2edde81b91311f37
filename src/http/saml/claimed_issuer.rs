//! The issuer that a response names, for the record of a rejected one.

use std::fmt::Display;

use studio_acs_refusal::{Trace, printable};
use studio_acs_saml::Check;

/// Listens to a verification. `None` until the rules before the issuer hold.
#[derive(Debug, Default)]
pub(super) struct ClaimedIssuer(pub(super) Option<String>);

impl Trace<Check> for ClaimedIssuer {
    fn passed(&mut self, check: Check, found: &dyn Display) {
        if check == Check::SameIssuer {
            self.0 = Some(printable(&found.to_string()));
        }
    }
}
