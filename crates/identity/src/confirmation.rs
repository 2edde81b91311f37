//! Confirmation: whether the user says, in the browser that brought a response, that the sign-in is theirs.
//!
//! An unsolicited SAML response is not bound to a browser: an attacker can make another user's browser post a response
//! of the attacker's own (login CSRF). Only the user can tell, by the name that the response is about.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use time::{Duration, UtcDateTime};

use crate::confirmed::Confirmed;
use crate::identity::Identity;
use crate::resume_token::ResumeTokens;

/// How long a browser counts as the one in which a user has confirmed a sign-in.
const REMEMBERED: Duration = Duration::days(30);

/// When a user has to confirm a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfirmRule {
    /// Never.
    Never,
    /// In a browser in which the same user was not the last one to confirm a sign-in.
    NewBrowser,
    /// At each sign-in.
    Always,
}

impl FromStr for ConfirmRule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "never" => Ok(Self::Never),
            "new-browser" => Ok(Self::NewBrowser),
            "always" => Ok(Self::Always),
            _ => Err(format!("`{text}` is not never, new-browser or always")),
        }
    }
}

/// Judges whether a sign-in has to be confirmed, and signs what a browser remembers of it.
pub struct Confirmation {
    rule: ConfirmRule,
    key: hmac::Key,
}

impl Confirmation {
    /// Confirmations by this rule, under a key that is derived from the resume tokens' key and signs nothing else.
    pub fn new(rule: ConfirmRule, resume_tokens: &ResumeTokens) -> Self {
        Self { rule, key: resume_tokens.derived_key("confirmed in this browser") }
    }

    /// Returns the identity of a response as confirmed where the rule asks nothing, or where the browser brings the
    /// cookie that [`Confirmation::remember`] made for the same user; `None` where the user has to be asked.
    pub fn judge<'a>(
        &self,
        identity: &'a Identity,
        remembered: Option<&str>,
        now: UtcDateTime,
    ) -> Option<Confirmed<'a>> {
        let may_go_on = match self.rule {
            ConfirmRule::Never => true,
            ConfirmRule::NewBrowser => remembered.is_some_and(|cookie| self.knows(cookie, identity, now)),
            ConfirmRule::Always => false,
        };
        may_go_on.then_some(Confirmed(identity))
    }

    /// Makes the cookie's value by which this browser is known for this user, and for how many seconds. It contains no
    /// name, and a browser holds one: a second user who confirms there takes the first one's place. `None` where the
    /// rule reads no such cookie.
    pub fn remember(&self, confirmed: Confirmed<'_>, now: UtcDateTime) -> Option<(String, i64)> {
        if self.rule != ConfirmRule::NewBrowser {
            return None;
        }
        let ends = now.saturating_add(REMEMBERED).unix_timestamp();
        let tag = hmac::sign(&self.key, &message(ends, confirmed.identity()));
        Some((format!("{ends}.{}", URL_SAFE_NO_PAD.encode(tag)), REMEMBERED.whole_seconds()))
    }

    /// Whether we made `cookie` for this user, and its time is not over.
    fn knows(&self, cookie: &str, identity: &Identity, now: UtcDateTime) -> bool {
        let parts = cookie
            .split_once('.')
            .and_then(|(ends, tag)| Some((ends.parse::<i64>().ok()?, URL_SAFE_NO_PAD.decode(tag).ok()?)));
        parts.is_some_and(|(ends, tag)| {
            ends > now.unix_timestamp() && hmac::verify(&self.key, &message(ends, identity), &tag).is_ok()
        })
    }
}

/// The user and the end, so that no two pairs of them are the same bytes: neither XML nor a token's plain text has a
/// NUL.
fn message(ends: i64, identity: &Identity) -> Vec<u8> {
    format!("{ends}\0{}\0{}", identity.issuer(), identity.user()).into_bytes()
}

impl fmt::Debug for Confirmation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmation").field("rule", &self.rule).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
