//! Reasons to refuse a token: one [`Check`] per rule, its stable code, and the expected and found values.

use std::borrow::Cow;
use std::fmt::{self, Display};

/// How many characters of a sender's text a [`Rejection`] may carry.
const FOUND_LIMIT: usize = 200;

/// A rule that was broken. Holds nothing secret: names, URLs, times and identifiers, cut to a bounded length and
/// escaped; never the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    check: Check,
    expected: String,
    found: String,
}

impl Rejection {
    /// The rule that was broken.
    pub fn check(&self) -> Check {
        self.check
    }

    /// The stable code of the rule, such as `token_audience_mismatch`.
    pub fn code(&self) -> &'static str {
        self.check.code()
    }

    /// The rule's requirement, with the configured value where one is set.
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// The value found instead: bounded, printable, and written by the sender.
    pub fn found(&self) -> &str {
        &self.found
    }
}

impl Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.check.rule(), self.expected, self.found)
    }
}

impl std::error::Error for Rejection {}

/// Hears of each check that passed, in order, with the value that was found. The server listens with [`unheard`].
pub type Trace<'a> = &'a mut dyn FnMut(Check, &dyn Display);

/// Listens to nothing.
pub fn unheard(_: Check, _: &dyn Display) {}

macro_rules! checks {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal, $stage:ident, $rule:literal;)+) => {
        /// The rules of token verification, in the order they are asked. Several rules may share a code.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Check { $($(#[doc = $doc])+ $name),+ }

        impl Check {
            /// Every check, in the order they are asked.
            pub const ALL: &[Check] = &[$(Check::$name),+];

            /// The stable code that a breach is reported under.
            pub fn code(self) -> &'static str {
                match self { $(Check::$name => $code),+ }
            }

            /// The part of the way that the check belongs to.
            pub fn stage(self) -> Stage {
                match self { $(Check::$name => Stage::$stage),+ }
            }

            /// The rule in a few words.
            pub fn rule(self) -> &'static str {
                match self { $(Check::$name => $rule),+ }
            }
        }
    };
}

checks! {
    /// RFC 6750 2.1: the token comes in the header.
    Present = "token_missing", Bearer, "there is an Authorization header of the scheme Bearer";
    /// Work is bounded before it is done.
    Size = "token_too_large", Bearer, "the token is within the size limit";
    /// RFC 7515 7.1: three parts; one header, so that no two readers can disagree.
    Compact = "token_malformed", Bearer, "one Authorization header holds one compact JWS";
    /// RFC 7515 4, RFC 8725 2.4: an object, each member once.
    HeaderShape = "token_malformed", Header, "the JOSE header is a JSON object with each member once";
    /// RFC 7515 4.1.2–4.1.6, 4.1.11, RFC 8725 3.10: a token brings no keys, and asks for nothing that must be
    /// understood.
    HeaderMembers = "token_header_forbidden", Header, "the header brings no key, no encryption and no extension";
    /// RFC 8725 3.1: an allow-list.
    Algorithm = "token_algorithm_forbidden", Header, "the algorithm is RS256 or ES256";
    /// RFC 7515 4.1.4: the header says which key.
    KeyId = "token_malformed", Header, "the header names its key";
    /// RFC 8725 3.11, RFC 9068 2.1: explicit typing, where the header has a type.
    Type = "token_type_mismatch", Header, "the header's type is one of the tokens that are taken";
    /// RFC 7517 4.5: one of the issuer's keys.
    KnownKey = "token_key_unknown", Signature, "the key is in the issuer's key set";
    /// RFC 8725 3.1: a key is used for one algorithm.
    KeyAlgorithm = "token_algorithm_forbidden", Signature, "the algorithm is that of the key";
    /// RFC 7515 5.2.
    Signature = "token_signature_invalid", Signature, "the signature verifies under the key";
    /// RFC 7519 4, RFC 8725 2.4: an object, each member once.
    ClaimsShape = "token_malformed", Claims, "the claims are a JSON object with each member once, of the right types";
    /// RFC 7519 4.1, OpenID Connect Core 2, RFC 9068 2.2: claims that a decision rests on are present.
    ClaimPresent = "token_claim_missing", Claims, "the claim is there";
    /// OpenID Connect Core 3.1.3.7, RFC 9068 4: character by character.
    Issuer = "token_issuer_mismatch", Claims, "the issuer is the configured one";
    /// RFC 8725 3.12: tokens of one kind are not taken for another.
    Use = "token_use_mismatch", Claims, "the token is of the kind that is taken";
    /// RFC 7519 4.1.3, OpenID Connect Core 3.1.3.7.
    Audience = "token_audience_mismatch", Claims, "the token is for us";
    /// RFC 6750 3.1, RFC 9068 4.
    Scope = "token_scope_missing", Claims, "the token has the scope that is asked for";
    /// RFC 7519 4.1.4: the bound is exclusive.
    NotExpired = "token_expired", Claims, "the token has not expired";
    /// RFC 7519 4.1.5.
    NotBefore = "token_not_yet_valid", Claims, "the token's validity has begun";
    /// RFC 7519 4.1.6: nothing is issued in the future.
    Issued = "token_not_yet_valid", Claims, "the token was not issued in the future";
    /// Ours: an issuer's own limit can be a day.
    Age = "token_expired", Claims, "the token is not older than the maximum age";
    /// Configuration: the claim that names the user.
    User = "token_claim_missing", Identity, "the claim that names the user is there";
    /// Ours: what is compared and shown can be.
    ClaimFormat = "token_claim_invalid", Identity, "the claim's values are plain text, and all of them are there";
    /// OpenID Connect Core 5.7: an unverified address names no user.
    EmailVerified = "token_email_unverified", Identity, "an email that names the user is verified";
    /// Configuration: a person whose groups are not known must not pass for a person without any.
    Groups = "token_claim_missing", Identity, "the claim that holds the groups is there, where it must be";
}

impl Check {
    /// The rejection for a breach of this rule.
    pub fn reject(self, expected: impl Into<Cow<'static, str>>, found: impl Display) -> Rejection {
        Rejection { check: self, expected: printable(&expected.into()), found: printable(&found.to_string()) }
    }
}

/// The stages of the way, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// RFC 6750.
    Bearer,
    /// The JOSE header, as it came.
    Header,
    /// Key and signature.
    Signature,
    /// The claims' own rules.
    Claims,
    /// The user whom it is about.
    Identity,
}

/// `text` on one line, bounded: what a sender wrote must not forge a line of a log or a terminal's colours.
fn printable(text: &str) -> String {
    let mut shown: String = text.chars().take(FOUND_LIMIT).flat_map(escaped).collect();
    if text.chars().nth(FOUND_LIMIT).is_some() {
        shown.push('…');
    }
    shown
}

/// As it is where people can see it. Quotation marks are left: what is shown is no Rust.
fn escaped(c: char) -> impl Iterator<Item = char> {
    let (plain, escaped) = if matches!(c, '"' | '\'') { (Some(c), None) } else { (None, Some(c.escape_debug())) };
    plain.into_iter().chain(escaped.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_sender_wrote_is_bounded_and_printable() {
        let rejection = Check::Issuer.reject("us", format!("a\nb\u{202E}\u{200B}\u{1b}[2J'{}", "x".repeat(500)));
        assert!(rejection.found().starts_with("a\\nb\\u{202e}\\u{200b}\\u{1b}[2J'xxx"), "{}", rejection.found());
        assert!(rejection.found().ends_with('…'));
        assert!(rejection.found().len() < 260);
    }

    #[test]
    fn checks_stand_in_the_order_of_their_stages() {
        assert!(Check::ALL.is_sorted_by_key(|check| check.stage()));
    }
}
