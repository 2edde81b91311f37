//! One key of an issuer's key set: a JSON Web Key (RFC 7517 4) → [`Key`], or the reason why it is left out.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::signature::{ParsedPublicKey, RsaPublicKeyComponents};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use studio_acs_refusal::printable;

use crate::algorithm::{Algorithm, AllowedAlgorithms};
use crate::edwards;
use crate::key_fault::KeyFault;

/// The least public exponent of RSA keys, 2^16 + 1: FIPS 186-5 A.1.1, NIST SP 800-56B 6.2, BSI TR-02102-1.
const EXPONENT: u32 = 65_537;
/// RSA moduli in bytes: 2,048 to 8,192 bits.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1_024;
/// Prefix of the two coordinates of a point (SEC 1 2.3.3).
const UNCOMPRESSED: u8 = 4;
/// The most characters of a member that a message repeats.
const SHOWN: usize = 64;

/// The secret members of keys (RFC 7518 6.2.2, 6.3.2, 6.4.1; RFC 8037 2), of any type of key.
const SECRETS: [&str; 2] = ["d", "k"];
/// Those of RSA from which the rest can be computed.
const RSA_SECRETS: [&str; 6] = ["p", "q", "dp", "dq", "qi", "oth"];

/// A public key by which tokens can be verified. Made only here.
#[derive(Clone)]
pub(crate) struct Key {
    id: Option<String>,
    verifiers: Vec<(Algorithm, ParsedPublicKey)>,
    /// The numbers of the key, to tell whether two are one.
    numbers: Vec<u8>,
}

/// A key's type and curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rsa,
    /// A curve, with the bytes of a coordinate.
    Ec(Algorithm, usize),
    Ed25519,
}

impl Key {
    /// Reads a key of a set.
    ///
    /// # Errors
    /// The reason why no token can be verified by it.
    pub(crate) fn read(listed: &Value, allowed: &AllowedAlgorithms) -> Result<Self, KeyFault> {
        let members = Members(listed.as_object().ok_or(KeyFault::NotObject)?);
        members.assert_public()?;
        let kind = members.kind()?;
        members.assert_for_signatures()?;
        let algorithms = members.algorithms(kind, allowed)?;
        let bytes = members.public_bytes(kind)?;
        let mut verifiers = Vec::new();
        for algorithm in algorithms {
            // Every key that is listed can verify: parsing checks that an RSA exponent is odd and above one, and that a
            // point is on its curve.
            let key = ParsedPublicKey::new(algorithm.verification(), &bytes).map_err(|_| KeyFault::Invalid)?;
            verifiers.push((algorithm, key));
        }
        let id = members.text("kid")?.filter(|id| !id.is_empty()).map(str::to_owned);
        Ok(Self { id, verifiers, numbers: bytes })
    }

    /// Its ID, as far as a message repeats it; `None` without one that is a text.
    pub(crate) fn shown_id(listed: &Value) -> Option<String> {
        let id = listed.get("kid")?.as_str()?;
        Some(id.chars().take(SHOWN).collect()).filter(|id: &String| !id.is_empty())
    }

    pub(crate) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The algorithms that tokens by it may have: those of its type, its own `alg` and the operator.
    pub(crate) fn algorithms(&self) -> Vec<Algorithm> {
        self.verifiers.iter().map(|(algorithm, _)| *algorithm).collect()
    }

    /// The key as one of this algorithm; `None` if it is of others only.
    pub(crate) fn verifier(&self, algorithm: Algorithm) -> Option<&ParsedPublicKey> {
        self.verifiers.iter().find(|(own, _)| *own == algorithm).map(|(_, key)| key)
    }

    /// Whether both are one key, whatever their names.
    pub(crate) fn is_same_key(&self, other: &Self) -> bool {
        self.numbers == other.numbers
    }

    /// Whether a token could mean either.
    pub(crate) fn shares_algorithm(&self, other: &Self) -> bool {
        self.verifiers.iter().any(|(algorithm, _)| other.verifier(*algorithm).is_some())
    }

    /// Whether the other one can verify each token that this one can.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        self.verifiers.iter().all(|(algorithm, _)| other.verifier(*algorithm).is_some())
    }
}

/// The members of a key. `null` is no member: serializers write it for what a key does not have.
struct Members<'v>(&'v Map<String, Value>);

impl<'v> Members<'v> {
    fn get(&self, name: &str) -> Option<&'v Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn text(&self, name: &'static str) -> Result<Option<&'v str>, KeyFault> {
        self.get(name).map(|value| value.as_str().ok_or(KeyFault::NotText(name))).transpose()
    }

    fn assert_public(&self) -> Result<(), KeyFault> {
        let is_rsa = self.get("kty").is_some_and(|kind| kind == "RSA");
        let secrets = SECRETS.iter().chain(RSA_SECRETS.iter().filter(|_| is_rsa));
        // An empty list says that there are no other primes.
        let is_there = |name: &&str| self.get(name).is_some_and(|value| value.as_array().is_none_or(|l| !l.is_empty()));
        if secrets.into_iter().any(is_there) { Err(KeyFault::Private) } else { Ok(()) }
    }

    fn kind(&self) -> Result<Kind, KeyFault> {
        let curve = || self.text("crv")?.ok_or(KeyFault::Missing("crv"));
        match self.text("kty")?.ok_or(KeyFault::Missing("kty"))? {
            "RSA" => Ok(Kind::Rsa),
            "EC" => match curve()? {
                "P-256" => Ok(Kind::Ec(Algorithm::Es256, 32)),
                "P-384" => Ok(Kind::Ec(Algorithm::Es384, 48)),
                "P-521" => Ok(Kind::Ec(Algorithm::Es512, 66)),
                other => Err(KeyFault::Curve(shown(other))),
            },
            "OKP" => match curve()? {
                "Ed25519" => Ok(Kind::Ed25519),
                other => Err(KeyFault::Curve(shown(other))),
            },
            other => Err(KeyFault::Type(shown(other))),
        }
    }

    /// RFC 7517 4.2, 4.3: a key of another use signs no tokens. No list of operations is one that says nothing, as .NET's
    /// serializer writes it.
    fn assert_for_signatures(&self) -> Result<(), KeyFault> {
        if let Some(other) = self.text("use")?.filter(|purpose| *purpose != "sig") {
            return Err(KeyFault::Use(shown(other)));
        }
        match self.get("key_ops") {
            None => Ok(()),
            Some(Value::Array(operations)) if operations.is_empty() => Ok(()),
            Some(Value::Array(operations)) if operations.iter().any(|operation| operation == "verify") => Ok(()),
            Some(Value::Array(operations)) => {
                let named: Vec<_> = operations.iter().filter_map(Value::as_str).collect();
                Err(KeyFault::Operations(shown(&named.join(", "))))
            }
            Some(_) => Err(KeyFault::NotText("key_ops")),
        }
    }

    /// RFC 8725 3.1: the key's type and its `alg`, if it has one (Entra ID's have none), decide.
    fn algorithms(&self, kind: Kind, allowed: &AllowedAlgorithms) -> Result<Vec<Algorithm>, KeyFault> {
        let of_kind = match kind {
            Kind::Rsa => {
                Algorithm::ALL.iter().take_while(|algorithm| **algorithm < Algorithm::Es256).copied().collect()
            }
            Kind::Ec(algorithm, _) => vec![algorithm],
            Kind::Ed25519 => vec![Algorithm::EdDsa],
        };
        let own = match self.text("alg")? {
            None => of_kind,
            Some(name) => {
                let own = Algorithm::parse(name).filter(|algorithm| of_kind.contains(algorithm));
                vec![own.ok_or_else(|| KeyFault::Algorithm(shown(name)))?]
            }
        };
        let names = || own.iter().map(|algorithm| algorithm.as_str()).collect::<Vec<_>>().join(" or ");
        let taken: Vec<_> = own.iter().copied().filter(|algorithm| allowed.allows(*algorithm)).collect();
        if taken.is_empty() { Err(KeyFault::NotAllowed(names())) } else { Ok(taken) }
    }

    /// The key as the cryptographic library reads it.
    fn public_bytes(&self, kind: Kind) -> Result<Vec<u8>, KeyFault> {
        match kind {
            Kind::Rsa => {
                let (n, e) = (self.number("n")?, self.number("e")?);
                if n.first() == Some(&0) {
                    return Err(KeyFault::LeadingZero);
                }
                if !MODULUS.contains(&n.len()) {
                    return Err(KeyFault::Bits(n.len().saturating_mul(8)));
                }
                let exponent =
                    e.iter().try_fold(0_u32, |value, byte| value.checked_mul(256)?.checked_add(u32::from(*byte)));
                let der = RsaPublicKeyComponents { n, e }.as_der().map_err(|_| KeyFault::Invalid)?;
                match exponent.filter(|exponent| *exponent < EXPONENT) {
                    Some(exponent) => Err(KeyFault::Exponent(exponent)),
                    None => Ok(der.as_ref().to_vec()),
                }
            }
            Kind::Ec(_, length) => {
                let (x, y) = (self.coordinate("x", length)?, self.coordinate("y", length)?);
                Ok([vec![UNCOMPRESSED], x, y].concat())
            }
            Kind::Ed25519 => {
                let point = self.coordinate("x", edwards::LENGTH)?;
                if edwards::is_sound(&point) { Ok(point) } else { Err(KeyFault::SmallOrder) }
            }
        }
    }

    fn coordinate(&self, name: &'static str, length: usize) -> Result<Vec<u8>, KeyFault> {
        let bytes = self.number(name)?;
        let found = bytes.len();
        if found == length { Ok(bytes) } else { Err(KeyFault::Length { member: name, expected: length, found }) }
    }

    /// RFC 7518 2: base64url without padding.
    fn number(&self, name: &'static str) -> Result<Vec<u8>, KeyFault> {
        let Some(text) = self.text(name)? else {
            return Err(if self.get("x5c").is_some() { KeyFault::CertificateOnly } else { KeyFault::Missing(name) });
        };
        URL_SAFE_NO_PAD.decode(text).map_err(|_| {
            if URL_SAFE.decode(text).is_ok() {
                KeyFault::Padding(name)
            } else if STANDARD.decode(text).is_ok() {
                KeyFault::Alphabet(name)
            } else {
                KeyFault::Base64(name)
            }
        })
    }
}

fn shown(text: &str) -> String {
    printable(&text.chars().take(SHOWN).collect::<String>())
}
