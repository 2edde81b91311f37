//! Whom a name stands for, as the stores know them.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use studio_acs_identity::{UserId, folded};
use studio_acs_refusal::hex;

/// How many digits a SHA-256 digest has.
const DIGEST: usize = 64;

/// A user's name, with its issuer unless names are shared, hashed: the same however the name's letters are cased, and not to
/// be read off a store.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct UserKey(String);

impl UserKey {
    pub(crate) fn of(user: &UserId) -> Self {
        let name = folded(user.name());
        let hashed = match user.issuer() {
            None => digest(&SHA256, name.as_bytes()),
            // No name has a NUL, and the issuer's length says where it ends: no name is another issuer's user.
            Some(issuer) => digest(&SHA256, format!("\0{}:{issuer}{name}", issuer.len()).as_bytes()),
        };
        Self(hex(hashed.as_ref()))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn key(issuer: Option<&str>, name: &str) -> UserKey {
        UserKey::of(&UserId::new(issuer, name))
    }

    #[test]
    fn attack_no_name_makes_the_key_of_another_issuers_user() {
        let anna = key(Some("https://one"), "anna");
        assert_eq!(anna, key(Some("https://one"), "ANNA"));
        for (issuer, name) in [
            (None, "anna"),
            (None, "\0" /* which no verified name has */),
            (None, "11:https://oneanna"),
            (None, "https://one#anna"),
            (Some("https://one/"), "anna"),
            (Some("https://on"), "eanna"),
            (Some("HTTPS://ONE"), "anna"),
            (Some("https://two"), "anna"),
            (Some(""), "11:https://oneanna"),
        ] {
            assert_ne!(anna, key(issuer, name), "{issuer:?} {name}");
        }
    }

    #[test]
    fn a_shared_name_has_the_key_that_it_always_had() {
        let hashed = hex(digest(&SHA256, b"anna").as_ref());
        assert_eq!(key(None, "Anna").to_string(), hashed);
    }
}
