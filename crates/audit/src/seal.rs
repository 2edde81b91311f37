//! The seal of a record: an HMAC over its fingerprint. An attacker who can rewrite every record cannot seal them again
//! without the key.

use std::fmt;

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use studio_acs_refusal::hex;

/// The shortest key: as many bytes as SHA-256 has.
const SHORTEST: usize = 32;
/// The HMAC's inputs begin with different labels, so that the name of a key is the seal of no record.
const OF_A_RECORD: &str = "studio-acs audit seal of a record\0";
const OF_THE_KEY: &str = "studio-acs audit name of a seal key\0";
const ALGORITHM: &str = "HMAC-SHA-256";

/// A key that seals records, or verifies their seals. `Debug` shows only its public name.
#[derive(Clone)]
pub struct SealKey {
    key: hmac::Key,
    name: String,
}

impl SealKey {
    /// Why a text is no key.
    pub const TOO_SHORT: &str = "it has less than 32 characters";

    /// Takes the text without the space around it; `None` if it has less than 32 bytes.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() < SHORTEST {
            return None;
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes());
        let name = tag(&key, OF_THE_KEY, "").chars().take(8).collect();
        Some(Self { key, name })
    }

    /// Returns the key's public name, eight hexadecimal digits, which every seal tells.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the seal of the record with this fingerprint.
    pub(crate) fn seal(&self, fingerprint: &str) -> Value {
        json!({"algorithm": ALGORITHM, "key_uid": self.name, "value": tag(&self.key, OF_A_RECORD, fingerprint)})
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealKey").field("name", &self.name).finish_non_exhaustive()
    }
}

fn tag(key: &hmac::Key, label: &str, text: &str) -> String {
    let mut context = hmac::Context::with_key(key);
    context.update(label.as_bytes());
    context.update(text.as_bytes());
    hex(context.sign().as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_32_bytes_or_more_and_shows_only_its_name() {
        assert!(SealKey::new(&format!(" {}\n", "k".repeat(31))).is_none());
        let key = SealKey::new(&format!(" {}\n", "k".repeat(32))).expect("a key");
        assert_eq!(key.name().len(), 8);
        assert_eq!(format!("{key:?}"), format!("SealKey {{ name: \"{}\", .. }}", key.name()));
        let other = SealKey::new(&"l".repeat(32)).expect("a key");
        assert_ne!(key.name(), other.name());
        assert_ne!(key.seal("00"), other.seal("00"));
        assert_ne!(key.seal("00"), key.seal("01"));
    }

    /// The same in Python: `hmac.new(b"k" * 32, b"studio-acs audit seal of a record\0" + b"00", "sha256").hexdigest()`.
    #[test]
    fn a_seal_is_what_others_compute() {
        let seal = SealKey::new(&"k".repeat(32)).expect("a key").seal("00");
        assert_eq!(seal["value"], "999be589a1ff19e55b2d3e5bb90750e3a945fbe64e4f7081633e13cd0ce5b325");
        assert_eq!(seal["key_uid"], "5b7e227c");
    }
}
