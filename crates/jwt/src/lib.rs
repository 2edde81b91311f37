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

mod claims;
mod json;
mod key_set;
mod rejection;
mod rules;
mod token;

pub use key_set::{Algorithm, KEY_SET_LIMIT, KeySet, KeySetDocument, KeySetError};
pub use rejection::{Check, Rejection, Stage};
pub use rules::{TokenRules, TokenUse, VerifiedToken};
pub use token::{TOKEN_LIMIT, UnverifiedToken};

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
        token.retrace(trace);
        self.rules.token_use.check_type(token.unverified_type(), trace)?;
        let claims = signed(token, keys, trace)?;
        self.rules.check(claims, token.signed_part(), now, trace)
    }
}

/// The claims, if the key that the token names has signed them.
fn signed(token: &UnverifiedToken, keys: &KeySet, trace: &mut dyn Trace<Check>) -> Result<Claims, Rejection> {
    let id = token.unverified_key_id();
    let (algorithm, key) = keys.find(id).ok_or_else(|| {
        let known: Vec<_> = keys.ids().map(|(id, _)| id).collect();
        Check::KnownKey.reject(known.join(" or "), id)
    })?;
    trace.passed(Check::KnownKey, &id);
    if token.unverified_algorithm() != algorithm {
        return Err(Check::KeyAlgorithm.reject(algorithm.as_str(), token.unverified_algorithm().as_str()));
    }
    trace.passed(Check::KeyAlgorithm, &algorithm.as_str());
    let by = match algorithm {
        Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
        Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
    };
    let verified = jsonwebtoken::crypto::verify(token.signature(), token.signed_part().as_bytes(), key, by);
    if !verified.is_ok_and(|verified| verified) {
        return Err(Check::Signature.reject("one by this key", "another"));
    }
    trace.passed(Check::Signature, &"yes");
    Claims::parse(token.unverified_claims())
}
