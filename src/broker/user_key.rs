//! Whom a name stands for, as the stores know them.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use studio_acs_policy::folded;

/// A user's name, hashed: the same however its letters are cased, and not to be read off a store.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct UserKey(String);

impl UserKey {
    pub(super) fn of(user: &str) -> Self {
        Self(hex(digest(&SHA256, folded(user).as_bytes()).as_ref()))
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
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
