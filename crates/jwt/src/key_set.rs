//! The issuer's keys: a JSON Web Key Set (RFC 7517) → [`KeySet`].

use std::fmt;

use aws_lc_rs::signature::ParsedPublicKey;
use serde_json::Value;

use crate::algorithm::{Algorithm, AllowedAlgorithms};
use crate::json;
use crate::key::Key;
use crate::key_fault::{KeyFault, LeftOutKey};
use crate::other_json::OtherJson;
use crate::rejection::{Check, Rejection};
use crate::token::UnverifiedToken;
use studio_acs_refusal::{Compared, FileKind, compare};

/// The most bytes of a key set, and the most keys in it. Entra ID's, with its certificates, has about 20 kB.
pub const KEY_SET_LIMIT: usize = 262_144;
const MOST_KEYS: usize = 100;
/// How many left-out keys a message names.
const NAMED: usize = 6;

/// The issuer's keys that tokens can be signed by, and those that are left out. By default none.
#[derive(Clone, Default)]
pub struct KeySet {
    keys: Vec<Key>,
    left_out: Vec<LeftOutKey>,
}

/// A key set as it was read: the keys that tokens can be verified by, and those that are left out.
///
/// A fault of one key says nothing of the others. So a reader that has read the set before believes each readable part,
/// above all about a key that is gone; one that reads it for the first time wants [`whole`](Self::whole) sets.
#[derive(Debug, Clone)]
pub struct KeySetDocument {
    keys: KeySet,
    listed: usize,
}

/// Why a key set is not one that tokens can be verified by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeySetError {
    /// More than any issuer's keys take.
    #[error("expected at most {KEY_SET_LIMIT} bytes and {MOST_KEYS} keys, found more")]
    TooLarge,
    /// Another file than JSON.
    #[error("expected a key set, a JSON object with a list of keys: it is {0}")]
    AnotherFile(FileKind),
    /// JSON of another kind.
    #[error("expected a key set, a JSON object with a list of keys: it is {0}")]
    AnotherJson(OtherJson),
    /// JSON that is damaged, or has a member twice.
    #[error("expected a key set, a JSON object with a list of keys: the JSON is damaged ({0})")]
    Malformed(String),
    /// A key that only the issuer should have.
    #[error("expected public keys, found the private or shared key {0:?}: whoever has read it can sign; replace it")]
    Private(String),
    /// Nothing to verify by.
    #[error("expected a key that tokens can be verified by, found none among {listed}{left_out}")]
    NoKey {
        /// How many keys there are.
        listed: usize,
        /// Why the first of them are left out.
        left_out: String,
    },
}

impl KeySetDocument {
    /// Parses a key set, for tokens of these algorithms.
    ///
    /// # Errors
    /// [`KeySetError::TooLarge`], [`KeySetError::AnotherFile`], [`KeySetError::AnotherJson`] and
    /// [`KeySetError::Malformed`]: the content of such a set is unknown.
    pub fn read(text: &str, allowed: &AllowedAlgorithms) -> Result<Self, KeySetError> {
        if text.len() > KEY_SET_LIMIT {
            return Err(KeySetError::TooLarge);
        }
        match FileKind::of(text.as_bytes()) {
            FileKind::Json => {}
            other => return Err(KeySetError::AnotherFile(other)),
        }
        let listed = match json::value(text.as_bytes()).map_err(damage)? {
            Value::Object(mut set) if set.get("keys").is_some_and(Value::is_array) => set.remove("keys"),
            other => return Err(KeySetError::AnotherJson(OtherJson::of(&other))),
        };
        let Some(Value::Array(listed)) = listed else { return Err(KeySetError::AnotherJson(OtherJson::NoList)) };
        if listed.len() > MOST_KEYS {
            return Err(KeySetError::TooLarge);
        }
        let (mut keys, mut left_out): (Vec<(usize, Key)>, _) = (Vec::new(), Vec::new());
        for (position, jwk) in (1_usize..).zip(&listed) {
            match Key::read(jwk, allowed) {
                Ok(key) => keys.push((position, key)),
                Err(fault) => left_out.push(LeftOutKey { id: Key::shown_id(jwk), position, fault }),
            }
        }
        let keys = distinct(keys, &mut left_out);
        left_out.sort_by_key(|key| key.position);
        Ok(Self { keys: KeySet { keys, left_out }, listed: listed.len() })
    }

    /// Returns the same, if it has a key, and none that only the issuer should have.
    ///
    /// # Errors
    /// [`KeySetError::Private`]; [`KeySetError::NoKey`].
    pub fn whole(self) -> Result<Self, KeySetError> {
        if let Some(private) = self.left_out().iter().find(|key| key.fault == KeyFault::Private) {
            return Err(KeySetError::Private(private.id.clone().unwrap_or_default()));
        }
        if self.keys.keys.is_empty() {
            let mut named: Vec<_> = self.left_out().iter().take(NAMED).map(ToString::to_string).collect();
            if self.left_out().len() > NAMED {
                named.push("…".to_owned());
            }
            let left_out = if named.is_empty() { String::new() } else { format!(": {}", named.join("; ")) };
            return Err(KeySetError::NoKey { listed: self.listed, left_out });
        }
        Ok(self)
    }

    /// The keys that tokens can be verified by; none, perhaps.
    pub fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// [`keys`](Self::keys), by value.
    pub fn into_keys(self) -> KeySet {
        self.keys
    }

    /// The keys that are left out, in the order of the set.
    pub fn left_out(&self) -> &[LeftOutKey] {
        &self.keys.left_out
    }
}

/// The damage of JSON, by the parser's words.
fn damage(error: String) -> KeySetError {
    KeySetError::Malformed(if error.starts_with("EOF") { "it ends too early: it was cut".to_owned() } else { error })
}

/// Keys of one ID are told apart by their algorithms (RFC 7517 4.5). Where a token could mean two, neither is kept; the
/// same key twice is one.
fn distinct(keys: Vec<(usize, Key)>, left_out: &mut Vec<LeftOutKey>) -> Vec<Key> {
    let is_ambiguous = |key: &Key| {
        keys.iter().any(|(_, other)| {
            key.id().is_some() && key.id() == other.id() && !key.is_same_key(other) && key.shares_algorithm(other)
        })
    };
    let (doubtful, sure): (Vec<_>, Vec<_>) = keys.iter().partition(|(_, key)| is_ambiguous(key));
    for (position, key) in doubtful {
        let id = key.id().map(str::to_owned);
        left_out.push(LeftOutKey { id, position: *position, fault: KeyFault::SameId });
    }
    let mut kept: Vec<Key> = Vec::new();
    for (_, key) in sure {
        let is_known =
            kept.iter().any(|known| known.id() == key.id() && known.is_same_key(key) && key.is_within(known));
        if !is_known {
            kept.push(key.clone());
        }
    }
    kept
}

impl KeySet {
    /// Parses a key set that is to be good as a whole, for tokens of these algorithms.
    ///
    /// # Errors
    /// As [`KeySetDocument::read`] and [`KeySetDocument::whole`].
    pub fn parse(text: &str, allowed: &AllowedAlgorithms) -> Result<Self, KeySetError> {
        Ok(KeySetDocument::read(text, allowed)?.whole()?.into_keys())
    }

    /// Whether the set has what a token needs: the key that it names; or, if it names none, the one key that fits, and
    /// whose signature it has. Else the issuer may have a newer key.
    pub fn serves(&self, token: &UnverifiedToken) -> bool {
        match token.unverified_key_id() {
            Some(id) => self.keys.iter().any(|key| key.id() == Some(id)),
            None => self.find(token).is_ok_and(|key| token.is_signed_by(key)),
        }
    }

    /// The keys' IDs and algorithms; `None` for a key without an ID.
    pub fn keys(&self) -> impl Iterator<Item = (Option<&str>, Vec<Algorithm>)> {
        self.keys.iter().map(|key| (key.id(), key.algorithms()))
    }

    /// The keys that are left out, in the order of the set.
    pub fn left_out(&self) -> &[LeftOutKey] {
        &self.left_out
    }

    /// The key of a token: the one that it names (RFC 7515 4.1.4), or, if it names none, the only one that fits its
    /// algorithm.
    pub(crate) fn find(&self, token: &UnverifiedToken) -> Result<&ParsedPublicKey, Rejection> {
        match token.unverified_key_id() {
            Some(id) => self.named(id, token.unverified_algorithm()),
            None => self.only(token.unverified_algorithm()),
        }
    }

    fn named(&self, id: &str, algorithm: Algorithm) -> Result<&ParsedPublicKey, Rejection> {
        let named = || self.keys.iter().filter(|key| key.id() == Some(id));
        if let Some(key) = named().find_map(|key| key.verifier(algorithm)) {
            return Ok(key);
        }
        let own: Vec<_> = named().flat_map(Key::algorithms).map(Algorithm::as_str).collect();
        if !own.is_empty() {
            return Err(Check::KeyAlgorithm.reject(own.join(" or "), algorithm.as_str()));
        }
        // Another key of the ID may be left out, too: the first says enough.
        let left_out = self.left_out.iter().find(|key| key.id.as_deref() == Some(id));
        let Compared { expected, found } = compare(&self.names(), &[id]);
        let found = left_out.map_or(found, |key| format!("a key that is left out, {key}"));
        Err(Check::KnownKey.reject(expected, found))
    }

    fn only(&self, algorithm: Algorithm) -> Result<&ParsedPublicKey, Rejection> {
        let mut fitting: Vec<(&Key, &ParsedPublicKey)> = Vec::new();
        for key in &self.keys {
            if let Some(verifier) = key.verifier(algorithm)
                && !fitting.iter().any(|(known, _)| known.is_same_key(key))
            {
                fitting.push((key, verifier));
            }
        }
        match &*fitting {
            [(_, verifier)] => Ok(verifier),
            several => {
                let found = format!("no key ID, and {} keys of {}", several.len(), algorithm.as_str());
                Err(Check::KnownKey.reject("a key ID (kid), or one key that fits the algorithm", found))
            }
        }
    }

    fn names(&self) -> Vec<&str> {
        let names: Vec<_> = self.keys.iter().map(|key| key.id().unwrap_or("one without an ID")).collect();
        if names.is_empty() { vec!["a key of the issuer"] } else { names }
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.keys()).finish()
    }
}
