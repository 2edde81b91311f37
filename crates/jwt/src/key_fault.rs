//! The reasons why a key of a set is left out.

use std::fmt;

/// Why no token can be verified by a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFault {
    /// Something else in the list.
    #[error("it is no JSON object")]
    NotObject,
    /// A key that only the issuer should have.
    #[error("it is a private or shared key, and whoever has read it can sign")]
    Private,
    /// A member that its type needs.
    #[error("it has no member {0}")]
    Missing(&'static str),
    /// A certificate in place of the key's numbers.
    #[error("it has only a certificate (x5c), which is not read, and no numbers of its own")]
    CertificateOnly,
    /// A member of another JSON type.
    #[error("its member {0} is of another JSON type")]
    NotText(&'static str),
    /// A number with `=` behind it.
    #[error("its member {0} has padding (=), which RFC 7518 2 does not have")]
    Padding(&'static str),
    /// A number in base64 with `+` and `/`.
    #[error("its member {0} is base64 with + and /, and not base64url")]
    Alphabet(&'static str),
    /// A number that is neither.
    #[error("its member {0} is not base64url")]
    Base64(&'static str),
    /// RFC 7518 6.3.1.1: the fewest bytes.
    #[error("its modulus n begins with a zero byte, which RFC 7518 6.3.1.1 forbids")]
    LeadingZero,
    /// RSA that is too short or too long.
    #[error("it is RSA of about {0} bits, and 2048 to 8192 are taken")]
    Bits(usize),
    /// RSA with a small public exponent: a signature by it is forged with less effort where a verifier is lax.
    #[error("it is RSA with the public exponent {0}, and 65537 is the least (FIPS 186-5 A.1.1)")]
    Exponent(u32),
    /// RFC 7518 6.2.1.2: the full length.
    #[error("its member {member} has {found} bytes, and its curve has {expected}")]
    Length {
        /// The coordinate.
        member: &'static str,
        /// The bytes of the curve.
        expected: usize,
        /// The bytes that it has.
        found: usize,
    },
    /// A point that is not on its curve, or numbers that make no key.
    #[error("its numbers make no valid key: a point is not on its curve, or an RSA number is even or out of range")]
    Invalid,
    /// A point by which anything could be signed.
    #[error("its point is of small order, or is not written canonically (RFC 8032 5.1.3)")]
    SmallOrder,
    /// Another key has its ID and an algorithm of its own.
    #[error("another key has the same ID and the same algorithm, so that neither is meant for certain")]
    SameId,
    /// RFC 7517 4.2.
    #[error("its use is {0}, and only sig is for signatures")]
    Use(String),
    /// RFC 7517 4.3.
    #[error("its key_ops do not have verify, and are {0}")]
    Operations(String),
    /// Another `kty`.
    #[error("its type (kty) is {0}, and RSA, EC and OKP are taken")]
    Type(String),
    /// Another `crv`.
    #[error("its curve (crv) is {0}, and P-256, P-384, P-521 and Ed25519 are taken")]
    Curve(String),
    /// An `alg` that is no signature by such a key.
    #[error("its alg is {0}, which is no signature by such a key that is taken")]
    Algorithm(String),
    /// An algorithm that the operator does not allow.
    #[error("it is for {0}, which the settings do not allow")]
    NotAllowed(String),
}

/// Letters and digits of other names for the types and curves that are taken.
const TYPES: [&str; 7] = ["rsa", "rsapublickey", "ec", "ecdsa", "okp", "eddsa", "ed25519"];
const CURVES: [&str; 9] =
    ["p256", "p384", "p521", "prime256v1", "secp256r1", "secp384r1", "secp521r1", "ed25519", "edwards25519"];
/// The beginnings of algorithms of encryption, and of signatures that are not taken
/// (<https://www.iana.org/assignments/jose/jose.xhtml>).
const OTHER_ALGORITHMS: [&str; 15] = [
    "A128", "A192", "A256", "ECDH-ES", "ES256K", "ESP", "ESB", "Ed448", "HPKE", "ML-DSA", "PBES2", "RS1", "RSA-OAEP",
    "RSA1_5", "dir",
];

fn letters(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl KeyFault {
    /// Whether the key may be in order, and only for something else: other uses, and algorithms that are not taken. A
    /// member that looks like a misspelling of one for signatures makes the key doubtful.
    pub fn is_for_other_purpose(&self) -> bool {
        match self {
            Self::NotAllowed(_) => true,
            Self::Use(purpose) => !letters(purpose).starts_with("sig") && !letters(purpose).starts_with("verif"),
            Self::Operations(operations) => {
                !letters(operations).contains("sign") && !letters(operations).contains("verif")
            }
            Self::Type(name) => !TYPES.contains(&&*letters(name)),
            Self::Curve(name) => !CURVES.contains(&&*letters(name)),
            Self::Algorithm(name) => OTHER_ALGORITHMS.iter().any(|start| name.starts_with(start)),
            _ => false,
        }
    }
}

/// A key of the set by which no token is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOutKey {
    /// Its ID, cut where it is long; `None` without one.
    pub id: Option<String>,
    /// Which of the list it is, from one.
    pub position: usize,
    /// Why it is left out.
    pub fault: KeyFault,
}

/// `"k1": its use is enc …`.
impl fmt::Display for LeftOutKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.id {
            Some(id) => write!(f, "{id:?}: {}", self.fault),
            None => write!(f, "number {} without an ID: {}", self.position, self.fault),
        }
    }
}
