//! The identity providers that metadata names, and until when each of their keys may verify.

use std::collections::BTreeMap;
use std::fmt;

use time::UtcDateTime;

use crate::key::{KeyId, SigningKey};
use studio_acs_refusal::instant;

/// The identity providers that may send assertions, by entity ID. Each has a key.
#[derive(Debug, Clone, Default)]
pub struct TrustedIdps {
    by_entity_id: BTreeMap<String, TrustedIdp>,
}

/// One identity provider: its entity ID, which is the issuer of its assertions, and its signing keys.
#[derive(Debug, Clone)]
pub struct TrustedIdp {
    entity_id: String,
    keys: Vec<TrustedKey>,
}

/// A key, and what ends its use.
#[derive(Debug, Clone)]
struct TrustedKey {
    key: SigningKey,
    lapse: Option<Lapse>,
}

/// The cause that ends the use of a key. The instant itself is outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lapse {
    /// The metadata's own `validUntil` (Metadata 2.3.1, 2.3.2, 2.4.1).
    ValidUntil(UtcDateTime),
    /// The metadata could not be read again since; see [`TrustedIdps::confirmed_until`].
    ConfirmedUntil(UtcDateTime),
}

impl Lapse {
    /// When.
    pub fn at(self) -> UtcDateTime {
        match self {
            Self::ValidUntil(at) | Self::ConfirmedUntil(at) => at,
        }
    }

    /// The earlier of two; `None` is never.
    pub(crate) fn earlier(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        match (one, other) {
            (Some(one), Some(other)) => Some(if other.at() < one.at() { other } else { one }),
            (one, other) => one.or(other),
        }
    }

    /// The later of two; `None` is never.
    fn later(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let (one, other) = (one?, other?);
        Some(if other.at() > one.at() { other } else { one })
    }
}

impl fmt::Display for Lapse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let until = instant::format(self.at());
        match self {
            Self::ValidUntil(_) => write!(f, "metadata that was valid until {until}"),
            Self::ConfirmedUntil(_) => {
                write!(f, "metadata that could not be read again, and could be used until {until}")
            }
        }
    }
}

impl TrustedIdps {
    /// These and others. An identity provider that is in both has the keys of both. A key that is in both may verify
    /// for as long as one of the two says.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        for idp in others.by_entity_id.into_values() {
            for TrustedKey { key, lapse } in idp.keys {
                self.add(&idp.entity_id, key, lapse);
            }
        }
        self
    }

    /// The same, for a reader that last saw this metadata at its source a while ago: from `deadline` on none of its
    /// keys verifies anything.
    #[must_use]
    pub fn confirmed_until(mut self, deadline: UtcDateTime) -> Self {
        for key in self.by_entity_id.values_mut().flat_map(|idp| &mut idp.keys) {
            key.lapse = Lapse::earlier(key.lapse, Some(Lapse::ConfirmedUntil(deadline)));
        }
        self
    }

    /// The identity provider of this issuer, compared as exact strings.
    pub fn find(&self, issuer: &str) -> Option<&TrustedIdp> {
        self.by_entity_id.get(issuer)
    }

    /// All of them, by entity ID.
    pub fn iter(&self) -> impl Iterator<Item = &TrustedIdp> {
        self.by_entity_id.values()
    }

    pub(crate) fn add(&mut self, entity_id: &str, key: SigningKey, lapse: Option<Lapse>) {
        let new = || TrustedIdp { entity_id: entity_id.to_owned(), keys: Vec::new() };
        let idp = self.by_entity_id.entry(entity_id.to_owned()).or_insert_with(new);
        match idp.keys.iter_mut().find(|known| known.key == key) {
            Some(known) => {
                known.lapse = Lapse::later(known.lapse, lapse);
                // A renewed certificate of the same key: the last one to end counts.
                if known.key.not_after() < key.not_after() {
                    known.key = key;
                }
            }
            None => idp.keys.push(TrustedKey { key, lapse }),
        }
    }
}

impl TrustedIdp {
    /// The entity ID: the `Issuer` of its responses.
    pub fn entity_id(&self) -> &str {
        &self.entity_id
    }

    /// The keys that the metadata gives it; at least one.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &SigningKey> {
        self.keys.iter().map(|key| &key.key)
    }

    /// The cause that ends the use of its last key; `None` for never.
    pub fn lapse(&self) -> Option<Lapse> {
        let mut lapses = self.keys.iter().map(|key| key.lapse);
        let first = lapses.next().flatten();
        lapses.fold(first, Lapse::later)
    }

    /// Whether the key of this name may verify at `now`.
    pub fn trusts(&self, key: KeyId, now: UtcDateTime) -> bool {
        self.usable(now).is_ok_and(|keys| keys.iter().any(|usable| usable.id() == key))
    }

    /// The keys that may verify at `now`.
    ///
    /// # Errors
    /// The cause that ended the use of the last one.
    pub(crate) fn usable(&self, now: UtcDateTime) -> Result<UsableKeys<'_>, Lapse> {
        match self.lapse() {
            Some(lapse) if lapse.at() <= now => Err(lapse),
            _ => Ok(UsableKeys { idp: self, now }),
        }
    }
}

/// The keys of one identity provider that may verify at one instant; at least one. Made only by [`TrustedIdp::usable`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct UsableKeys<'t> {
    idp: &'t TrustedIdp,
    now: UtcDateTime,
}

impl<'t> UsableKeys<'t> {
    /// Whose they are.
    pub(crate) fn entity_id(self) -> &'t str {
        &self.idp.entity_id
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = &'t SigningKey> {
        let is_usable = move |key: &&TrustedKey| key.lapse.is_none_or(|lapse| self.now < lapse.at());
        self.idp.keys.iter().filter(is_usable).map(|key| &key.key)
    }
}
