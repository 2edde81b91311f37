//! The issuer's keys: a JSON Web Key Set (RFC 7517) → [`KeySet`].

use std::fmt;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use serde_json::Value;

use crate::json;

/// The most bytes of a key set, and the most keys in it. Entra ID's, with its certificates, has about 20 kB.
pub const KEY_SET_LIMIT: usize = 262_144;
const MOST_KEYS: usize = 100;

/// The least public exponent of RSA keys, 2^16 + 1: FIPS 186-5 A.1.1, NIST SP 800-56B 6.2, BSI TR-02102-1.
const EXPONENT: u32 = 65_537;
/// RSA moduli in bytes: 2,048 to 8,192 bits.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1_024;
/// Prefix of the two coordinates of a point (SEC 1 2.3.3).
const UNCOMPRESSED: u8 = 4;

/// How tokens may be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

impl Algorithm {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }

    /// The name, as tokens have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }
}

/// The issuer's keys that tokens can be signed by, each with an ID and an algorithm of its own. By default none.
#[derive(Clone, Default)]
pub struct KeySet {
    keys: Vec<Key>,
}

/// A key set as it was read: the keys that tokens can be verified by, and the faults of others.
///
/// A fault of one key says nothing of the others. So a reader that has read the set before believes each readable part,
/// above all about a key that is gone; one that reads it for the first time wants [`whole`](Self::whole) sets.
#[derive(Debug, Clone)]
pub struct KeySetDocument {
    keys: KeySet,
    faults: Vec<KeySetError>,
    listed: usize,
}

#[derive(Clone)]
struct Key {
    id: String,
    algorithm: Algorithm,
    key: DecodingKey,
}

/// Why a key set, or a key of it, is not one that tokens can be verified by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeySetError {
    /// More than any issuer's keys take.
    #[error("expected at most {KEY_SET_LIMIT} bytes and {MOST_KEYS} keys, found more")]
    TooLarge,
    /// Not a JSON object with `keys`.
    #[error("expected a JSON object with a list of keys: {0}")]
    Malformed(String),
    /// A key that only the issuer should have.
    #[error("expected public keys, found the private or shared key {0:?}: whoever has read it can sign; replace it")]
    Private(String),
    /// Two keys with one ID: a `kid` would be ambiguous.
    #[error("expected one key for each ID, found {0:?} twice")]
    SameId(String),
    /// RSA with a small public exponent: a signature by it is forged with less effort where a verifier is lax.
    #[error("RSA with the public exponent {exponent} as the key {id:?}, and 65537 is the least (FIPS 186-5 A.1.1)")]
    Exponent {
        /// The key's ID.
        id: String,
        /// The exponent.
        exponent: u32,
    },
    /// Nothing to verify by.
    #[error("expected a signing key of RS256 (2048 to 8192 bits) or ES256 with an ID, found none among {0}")]
    NoKey(usize),
}

impl KeySetError {
    /// Whether the other keys may be used by a service that starts: a key that is left out, no mistake.
    pub fn is_weakness(&self) -> bool {
        matches!(self, Self::Exponent { .. })
    }
}

impl KeySetDocument {
    /// Parses a key set. Keys for other purposes and algorithms are left out, and are no fault.
    ///
    /// # Errors
    /// [`KeySetError::TooLarge`] and [`KeySetError::Malformed`]: the content of such a set is unknown.
    pub fn read(text: &str) -> Result<Self, KeySetError> {
        if text.len() > KEY_SET_LIMIT {
            return Err(KeySetError::TooLarge);
        }
        let mut set = json::object(text.as_bytes()).map_err(KeySetError::Malformed)?;
        let Some(Value::Array(members)) = set.remove("keys") else {
            return Err(KeySetError::Malformed("there is no such list".to_owned()));
        };
        if members.len() > MOST_KEYS {
            return Err(KeySetError::TooLarge);
        }
        let listed = members.len();
        let (mut keys, mut faults): (Vec<Key>, _) = (Vec::new(), Vec::new());
        for key in members.into_iter().map(Key::of) {
            match key {
                Ok(Some(key)) if keys.iter().any(|other| other.id == key.id) => {
                    faults.push(KeySetError::SameId(key.id))
                }
                Ok(Some(key)) => keys.push(key),
                Ok(None) => {}
                Err(fault) => faults.push(fault),
            }
        }
        // A shared ID is ambiguous: neither key is kept.
        keys.retain(|key| !faults.iter().any(|fault| matches!(fault, KeySetError::SameId(id) if *id == key.id)));
        Ok(Self { keys: KeySet { keys }, faults, listed })
    }

    /// Returns the same, if its only faults are [weaknesses](KeySetError::is_weakness) and it has a key.
    ///
    /// # Errors
    /// The first fault; [`KeySetError::NoKey`].
    pub fn whole(self) -> Result<Self, KeySetError> {
        if let Some(fault) = self.faults.iter().find(|fault| !fault.is_weakness()) {
            return Err(fault.clone());
        }
        if self.keys.keys.is_empty() { Err(KeySetError::NoKey(self.listed)) } else { Ok(self) }
    }

    /// The keys that tokens can be verified by; none, perhaps.
    pub fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// [`keys`](Self::keys), by value.
    pub fn into_keys(self) -> KeySet {
        self.keys
    }

    /// The faults of keys that are left out.
    pub fn faults(&self) -> &[KeySetError] {
        &self.faults
    }
}

impl KeySet {
    /// Parses a key set that is to be good as a whole.
    ///
    /// # Errors
    /// As [`KeySetDocument::read`] and [`KeySetDocument::whole`].
    pub fn parse(text: &str) -> Result<Self, KeySetError> {
        Ok(KeySetDocument::read(text)?.whole()?.into_keys())
    }

    /// Whether the set has a key of this ID.
    pub fn has(&self, id: &str) -> bool {
        self.keys.iter().any(|key| key.id == id)
    }

    /// The keys' IDs and algorithms.
    pub fn ids(&self) -> impl Iterator<Item = (&str, Algorithm)> {
        self.keys.iter().map(|key| (&*key.id, key.algorithm))
    }

    pub(crate) fn find(&self, id: &str) -> Option<(Algorithm, &DecodingKey)> {
        self.keys.iter().find(|key| key.id == id).map(|key| (key.algorithm, &key.key))
    }
}

impl Key {
    /// The key, if tokens can be signed by it.
    ///
    /// # Errors
    /// A key that no issuer should publish or use.
    fn of(listed: Value) -> Result<Option<Self>, KeySetError> {
        let id = || listed.get("kid").and_then(Value::as_str).unwrap_or_default().chars().take(64).collect::<String>();
        // `d` is the private part of RSA and elliptic curves, `k` a shared secret (RFC 7518 6).
        if listed.get("d").is_some() || listed.get("k").is_some() {
            return Err(KeySetError::Private(id()));
        }
        let id = id();
        let Some((key, exponent)) = Self::parsed(listed) else { return Ok(None) };
        match exponent {
            Some(exponent) if exponent < EXPONENT => Err(KeySetError::Exponent { id, exponent }),
            _ => Ok(Some(key)),
        }
    }

    /// The key, and the public exponent of RSA unless it is large.
    fn parsed(listed: Value) -> Option<(Self, Option<u32>)> {
        let jwk: Jwk = serde_json::from_value(listed).ok()?;
        let common = &jwk.common;
        let signs = common.public_key_use.as_ref().is_none_or(|purpose| *purpose == PublicKeyUse::Signature)
            && common.key_operations.as_ref().is_none_or(|operations| operations.contains(&KeyOperations::Verify));
        let number = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
        // The JWT library looks at a key only when it verifies by it. Every key listed here can verify: parsing checks
        // that the exponent is odd and above one, and that the point is on the curve.
        let (algorithm, exponent, parsed) = match &jwk.algorithm {
            AlgorithmParameters::RSA(key) => {
                let (n, e) = (number(&key.n)?, number(&key.e)?);
                if !MODULUS.contains(&n.len()) {
                    return None;
                }
                let exponent =
                    e.iter().try_fold(0_u32, |value, byte| value.checked_mul(256)?.checked_add(u32::from(*byte)));
                let der = RsaPublicKeyComponents { n, e }.as_der().ok()?;
                (Algorithm::Rs256, exponent, ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der.as_ref()))
            }
            AlgorithmParameters::EllipticCurve(point) if point.curve == EllipticCurve::P256 => {
                let point = [vec![UNCOMPRESSED], number(&point.x)?, number(&point.y)?].concat();
                (Algorithm::Es256, None, ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point))
            }
            _ => return None,
        };
        let is_said = match (common.key_algorithm, algorithm) {
            // Entra ID does not say it.
            (None, _) => true,
            (Some(said), Algorithm::Rs256) => said == KeyAlgorithm::RS256,
            (Some(said), Algorithm::Es256) => said == KeyAlgorithm::ES256,
        };
        let key = DecodingKey::from_jwk(&jwk).ok()?;
        let id = jwk.common.key_id.filter(|id| !id.is_empty())?;
        (signs && is_said && parsed.is_ok()).then_some((Self { id, algorithm, key }, exponent))
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}
