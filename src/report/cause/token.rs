//! The causes of a refused token.

mod bearer;
mod claims;
mod header;
mod identity;
mod issuer;
mod key;
mod key_set;
mod times;

use studio_acs_jwt::{Check, Rejection, Stage, TokenRules};

use super::Cause;
pub use key_set::keys_cause;

/// The facts beside a rejection that tell its causes apart, as far as the caller has them.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokenContext<'a> {
    /// The rules of the issuer that judged it.
    pub rules: Option<&'a TokenRules>,
}

/// Returns the cause of a refused token.
pub fn token_cause(rejection: &Rejection, _: &TokenContext<'_>) -> &'static Cause {
    match rejection.check() {
        Check::Issuer => issuer::cause(rejection),
        Check::ClaimsShape if rejection.expected().ends_with("a text that names the user") => {
            identity::cause(rejection)
        }
        Check::NotExpired | Check::NotBefore | Check::Issued | Check::Age => times::cause(rejection),
        check => match check.stage() {
            Stage::Bearer => bearer::cause(rejection),
            Stage::Header => header::cause(rejection),
            Stage::Signature => key::cause(rejection),
            Stage::Claims => claims::cause(rejection),
            Stage::Identity => identity::cause(rejection),
        },
    }
}

/// Every cause, in the order of the stages.
pub(super) fn all() -> Vec<&'static Cause> {
    [bearer::ALL, header::ALL, key::ALL, key_set::ALL, issuer::ALL, claims::ALL, times::ALL, identity::ALL].concat()
}
