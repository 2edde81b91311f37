//! JSON Web Tokens of studio-acs: from an `Authorization` header to a token that the configured issuer signed, for us,
//! now.
//!
//! ```text
//! Authorization ─► UnverifiedToken ─► (signed claims) ─► VerifiedToken
//!                    token             key_set, claims    rules
//! ```
//!
//! Each step is a function that takes the type on its left and is the only maker of the type on its right. Each refusal is
//! a [`Rejection`] with a stable code. The crate does no I/O, reads no clock and holds no global state. RFC 8725 (JSON Web
//! Token Best Current Practices) is its checklist.

#![forbid(unsafe_code)]

mod algorithm;
mod claim_path;
mod claims;
mod edwards;
mod form;
mod json;
mod key;
mod key_fault;
mod key_set;
mod numeric_date;
mod other_json;
mod rejection;
mod rules;
mod span;
mod token;
mod token_use;

pub use algorithm::{Algorithm, AllowedAlgorithms};
pub use claim_path::is_of_elsewhere;
pub use key_fault::{KeyFault, LeftOutKey};
pub use key_set::{KEY_SET_LIMIT, KeySet, KeySetDocument, KeySetError};
pub use other_json::OtherJson;
pub use rejection::{Check, Rejection, Stage};
pub use rules::{ClaimValue, TokenRules, VerifiedToken};
pub use token::{TOKEN_LIMIT, UnverifiedToken};
pub use token_use::TokenUse;

use studio_acs_refusal::Trace;
use time::UtcDateTime;

use claims::Claims;

/// Whose tokens are taken, and for whom: everything that is known before a token comes. Prepared once.
#[derive(Debug, Clone)]
pub struct Verifier {
    rules: TokenRules,
}

impl Verifier {
    /// A verifier by these rules.
    pub fn new(rules: TokenRules) -> Self {
        Self { rules }
    }

    /// Asks the rules of the header, which need no key.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check_header(&self, token: &UnverifiedToken, trace: &mut dyn Trace<Check>) -> Result<(), Rejection> {
        token.retrace(&self.rules.algorithms, trace)?;
        self.rules.token_use.check_type(token.unverified_type(), trace)
    }

    /// Verifies a token by the issuer's `keys` as it is at `now`. Each check that passes is told to `trace`.
    ///
    /// # Errors
    /// The first rule that is broken, in the order of [`Check`].
    pub fn verify(
        &self,
        token: &UnverifiedToken,
        keys: &KeySet,
        now: UtcDateTime,
        trace: &mut dyn Trace<Check>,
    ) -> Result<VerifiedToken, Rejection> {
        self.check_header(token, trace)?;
        let claims = signed(token, keys, trace)?;
        self.rules.check(claims, token, now, trace)
    }
}

/// The claims, if the key of the token has signed them.
fn signed(token: &UnverifiedToken, keys: &KeySet, trace: &mut dyn Trace<Check>) -> Result<Claims, Rejection> {
    let key = keys.find(token)?;
    trace.passed(Check::KnownKey, &token.unverified_key_id().unwrap_or("the only one that fits"));
    trace.passed(Check::KeyAlgorithm, &token.unverified_algorithm().as_str());
    if !token.is_signed_by(key) {
        let found = if token.is_signed_in_der() { "one in DER" } else { "another" };
        return Err(Check::Signature.reject("one by this key", found));
    }
    trace.passed(Check::Signature, &"yes");
    Claims::parse(token.unverified_claims())
}
