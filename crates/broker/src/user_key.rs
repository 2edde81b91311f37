//! Whom a name stands for, as the stores know them.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use studio_acs_identity::folded;
use studio_acs_refusal::hex;

/// How many digits a SHA-256 digest has.
const DIGEST: usize = 64;

/// A user's name, hashed: the same however its letters are cased, and not to be read off a store.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct UserKey(String);

impl UserKey {
    pub(crate) fn of(user: &str) -> Self {
        Self(hex(digest(&SHA256, folded(user).as_bytes()).as_ref()))
    }

    /// The key that is written so.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        is_hex_digest(text).then(|| Self(text.to_owned()))
    }
}

/// Whether `text` is a SHA-256 digest as [`hex`] writes it.
pub(crate) fn is_hex_digest(text: &str) -> bool {
    text.len() == DIGEST && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl fmt::Display for UserKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for UserKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
