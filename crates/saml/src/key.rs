//! Signing keys and the algorithms they may be used with. A key is parsed once, when metadata is read.

use std::fmt;

use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};
use aws_lc_rs::signature as lc;
use aws_lc_rs::signature::{ParsedPublicKey, VerificationAlgorithm};
use time::UtcDateTime;
use x509_cert::der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::der::{Decode as _, Encode as _, Reader as _, SliceReader};

use crate::certificate::{Certificate, KeyError};

/// The least public exponent of RSA keys that are taken, 2^16 + 1: FIPS 186-5 A.1.1, NIST SP 800-56B 6.2, BSI
/// TR-02102-1.
const RSA_EXPONENT: u32 = 65_537;

/// The sizes of RSA keys that are taken.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// A SHA-2 hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// The digest algorithm of XML Encryption 5.8 and RFC 9231 2.1 that `uri` names; SHA-1 and MD5 are unknown here.
    pub(crate) fn from_digest_method(uri: &str) -> Option<Self> {
        match uri {
            "http://www.w3.org/2001/04/xmlenc#sha256" => Some(Self::Sha256),
            "http://www.w3.org/2001/04/xmldsig-more#sha384" => Some(Self::Sha384),
            "http://www.w3.org/2001/04/xmlenc#sha512" => Some(Self::Sha512),
            _ => None,
        }
    }

    pub(crate) fn digest(self, bytes: &[u8]) -> digest::Digest {
        let algorithm = match self {
            Self::Sha256 => &SHA256,
            Self::Sha384 => &SHA384,
            Self::Sha512 => &SHA512,
        };
        digest::digest(algorithm, bytes)
    }
}

/// The kind of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyType {
    /// RSA with PKCS #1 v1.5 padding, 2048 to 8192 bits.
    Rsa,
    /// ECDSA on P-256, P-384 or P-521.
    Ecdsa,
}

/// A signature algorithm that may be accepted: RSA or ECDSA, with SHA-2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SignatureAlgorithm {
    key_type: KeyType,
    hash: Hash,
}

impl SignatureAlgorithm {
    /// The algorithm of RFC 9231 2.3 that `uri` names. HMAC, SHA-1, MD5 and all else are unknown here.
    pub(crate) fn from_signature_method(uri: &str) -> Option<Self> {
        let (key_type, hash) = match uri.strip_prefix("http://www.w3.org/2001/04/xmldsig-more#")? {
            "rsa-sha256" => (KeyType::Rsa, Hash::Sha256),
            "rsa-sha384" => (KeyType::Rsa, Hash::Sha384),
            "rsa-sha512" => (KeyType::Rsa, Hash::Sha512),
            "ecdsa-sha256" => (KeyType::Ecdsa, Hash::Sha256),
            "ecdsa-sha384" => (KeyType::Ecdsa, Hash::Sha384),
            "ecdsa-sha512" => (KeyType::Ecdsa, Hash::Sha512),
            _ => return None,
        };
        Some(Self { key_type, hash })
    }

    /// The short name, such as `rsa-sha256`.
    pub(crate) fn name(self) -> &'static str {
        match (self.key_type, self.hash) {
            (KeyType::Rsa, Hash::Sha256) => "rsa-sha256",
            (KeyType::Rsa, Hash::Sha384) => "rsa-sha384",
            (KeyType::Rsa, Hash::Sha512) => "rsa-sha512",
            (KeyType::Ecdsa, Hash::Sha256) => "ecdsa-sha256",
            (KeyType::Ecdsa, Hash::Sha384) => "ecdsa-sha384",
            (KeyType::Ecdsa, Hash::Sha512) => "ecdsa-sha512",
        }
    }
}

/// The SHA-256 of a public key: the name by which a key of the metadata is known again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyId(pub [u8; 32]);

impl KeyId {
    /// The name of a certificate's key, whether or not it may sign.
    pub(crate) fn of_certificate(certificate: &Certificate) -> Option<Self> {
        certificate.public_key().subject_public_key.as_bytes().map(Self::of)
    }

    fn of(public_key: &[u8]) -> Self {
        let mut id = [0; 32];
        id.iter_mut().zip(digest::digest(&digest::SHA256, public_key).as_ref()).for_each(|(to, from)| *to = *from);
        Self(id)
    }
}

/// A public key that an identity provider signs with, ready for each hash.
#[derive(Clone)]
pub struct SigningKey {
    id: KeyId,
    key_type: KeyType,
    public_key: Vec<u8>,
    /// How long an ECDSA signature is: r and s, each as long as the curve's order. RSA's length is checked by the
    /// library.
    ecdsa_length: usize,
    bits: usize,
    sha256: ParsedPublicKey,
    sha384: ParsedPublicKey,
    sha512: ParsedPublicKey,
    not_before: UtcDateTime,
    not_after: UtcDateTime,
    certificate_is_sha1: bool,
}

impl SigningKey {
    /// Takes the key out of a certificate. Only the key counts; the certificate's dates and signature algorithm are
    /// kept for warnings: metadata is the trust (SAML Metadata Interoperability Profile 2.6.1), and Identity Center's
    /// certificates have no extensions.
    pub(crate) fn of(certificate: &Certificate) -> Result<Self, KeyError> {
        let not_after = certificate.not_after()?;
        let info = certificate.public_key();
        let curve = info.algorithm.parameters.as_ref().and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
        let unusable = |reason: String| KeyError::Key(reason);
        let (key_type, ecdsa_length, [sha256, sha384, sha512]) = algorithms(info.algorithm.oid, curve)
            .ok_or_else(|| unusable(algorithm_name(curve.unwrap_or(info.algorithm.oid))))?;
        let public_key = info.subject_public_key.as_bytes().ok_or_else(|| unusable("odd bits".to_owned()))?;
        let rsa = if key_type == KeyType::Rsa { rsa_numbers(public_key) } else { None };
        let bits = match (key_type, ecdsa_length) {
            (KeyType::Rsa, _) => rsa.map(|(bits, _)| bits).unwrap_or_default(),
            // The one curve whose order does not fill its bytes.
            (KeyType::Ecdsa, 132) => 521,
            (KeyType::Ecdsa, length) => length.saturating_mul(4),
        };
        if key_type == KeyType::Rsa && !RSA_BITS.contains(&bits) {
            return Err(unusable(format!("RSA of {bits} bits")));
        }
        if let Some((_, Some(exponent))) = rsa.filter(|(_, exponent)| exponent.is_some_and(|e| e < RSA_EXPONENT)) {
            return Err(KeyError::Exponent(exponent));
        }
        let parse = |algorithm| {
            ParsedPublicKey::new(algorithm, public_key).map_err(|error| unusable(format!("a broken key: {error}")))
        };
        Ok(Self {
            id: KeyId::of(public_key),
            key_type,
            public_key: public_key.to_vec(),
            ecdsa_length,
            bits,
            sha256: parse(sha256)?,
            sha384: parse(sha384)?,
            sha512: parse(sha512)?,
            not_before: certificate.not_before(),
            not_after,
            certificate_is_sha1: certificate.is_sha1(),
        })
    }

    /// Whether the algorithm is for keys of this type.
    pub(crate) fn fits(&self, algorithm: SignatureAlgorithm) -> bool {
        self.key_type == algorithm.key_type
    }

    /// Whether `signature` is this key's over `message`. ECDSA signatures are r‖s (RFC 9231 2.3.6).
    pub(crate) fn verifies(&self, algorithm: SignatureAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        let key = match algorithm.hash {
            Hash::Sha256 => &self.sha256,
            Hash::Sha384 => &self.sha384,
            Hash::Sha512 => &self.sha512,
        };
        match (self.key_type, algorithm.key_type) {
            (KeyType::Rsa, KeyType::Rsa) => key.verify_sig(message, signature).is_ok(),
            (KeyType::Ecdsa, KeyType::Ecdsa) if signature.len() == self.ecdsa_length => {
                ecdsa_der(signature).is_some_and(|der| key.verify_sig(message, &der).is_ok())
            }
            _ => false,
        }
    }

    /// The name of the key.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The kind of key.
    pub fn key_type(&self) -> KeyType {
        self.key_type
    }

    /// The bits of an RSA key's modulus, or of an ECDSA key's curve.
    pub fn bits(&self) -> usize {
        self.bits
    }

    /// Whether its certificate was signed with SHA-1. This is for warnings: the certificate's signature is not
    /// verified.
    pub fn certificate_is_sha1(&self) -> bool {
        self.certificate_is_sha1
    }

    /// When its certificate begins. This does not gate signatures; it is for warnings.
    pub fn not_before(&self) -> UtcDateTime {
        self.not_before
    }

    /// When its certificate ends. This does not gate signatures; it is for warnings.
    pub fn not_after(&self) -> UtcDateTime {
        self.not_after
    }
}

impl PartialEq for SigningKey {
    fn eq(&self, other: &Self) -> bool {
        self.public_key == other.public_key
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({:?}, until {})", self.key_type, self.not_after)
    }
}

/// The bits of an RSA key's modulus (RFC 8017 A.1.1), and its public exponent unless that is larger. The library parses
/// smaller keys and fails when they verify.
fn rsa_numbers(public_key: &[u8]) -> Option<(usize, Option<u32>)> {
    let mut key = SliceReader::new(public_key).ok()?;
    let numbers = key.sequence(|key| UintRef::decode(key).and_then(|modulus| Ok((modulus, UintRef::decode(key)?))));
    let (modulus, exponent) = numbers.ok()?;
    let (first, rest) = modulus.as_bytes().split_first()?;
    let top = usize::try_from(u8::BITS.checked_sub(first.leading_zeros())?).ok()?;
    let exponent = exponent.as_bytes();
    let small = exponent.iter().try_fold(0_u32, |value, byte| value.checked_mul(256)?.checked_add(u32::from(*byte)));
    Some((rest.len().checked_mul(8)?.checked_add(top)?, small))
}

type Algorithms = [&'static dyn VerificationAlgorithm; 3];

/// The verification algorithms for each hash, for the key algorithms of RFC 3279 2.3.1 and RFC 5480 2.1.1.
pub(crate) fn algorithms(
    oid: ObjectIdentifier,
    curve: Option<ObjectIdentifier>,
) -> Option<(KeyType, usize, Algorithms)> {
    const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
    const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
    const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
    const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
    const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");
    match (oid, curve) {
        (RSA, _) => Some((
            KeyType::Rsa,
            0,
            [&lc::RSA_PKCS1_2048_8192_SHA256, &lc::RSA_PKCS1_2048_8192_SHA384, &lc::RSA_PKCS1_2048_8192_SHA512],
        )),
        (EC, Some(P256)) => Some((
            KeyType::Ecdsa,
            64,
            [&lc::ECDSA_P256_SHA256_ASN1, &lc::ECDSA_P256_SHA384_ASN1, &lc::ECDSA_P256_SHA512_ASN1],
        )),
        (EC, Some(P384)) => Some((
            KeyType::Ecdsa,
            96,
            [&lc::ECDSA_P384_SHA256_ASN1, &lc::ECDSA_P384_SHA384_ASN1, &lc::ECDSA_P384_SHA512_ASN1],
        )),
        (EC, Some(P521)) => Some((
            KeyType::Ecdsa,
            132,
            [&lc::ECDSA_P521_SHA256_ASN1, &lc::ECDSA_P521_SHA384_ASN1, &lc::ECDSA_P521_SHA512_ASN1],
        )),
        _ => None,
    }
}

/// The name of an algorithm or a curve that is not taken; its identifier, if it is none of the known ones.
fn algorithm_name(oid: ObjectIdentifier) -> String {
    let name = match oid.to_string().as_str() {
        "1.2.840.10040.4.1" => "DSA",
        "1.2.840.113549.1.1.10" => "a key for RSASSA-PSS only",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        "1.2.840.10045.2.1" => "ECDSA without a named curve",
        "1.2.840.10045.3.1.1" => "ECDSA on P-192",
        "1.3.132.0.33" => "ECDSA on P-224",
        "1.3.132.0.10" => "ECDSA on secp256k1",
        "1.3.36.3.3.2.8.1.1.7" => "ECDSA on brainpoolP256r1",
        other => return other.to_owned(),
    };
    name.to_owned()
}

/// r‖s as the DER that the library reads.
fn ecdsa_der(signature: &[u8]) -> Option<Vec<u8>> {
    let (r, s) = signature.split_at_checked(signature.len() / 2)?;
    [UintRef::new(r).ok()?, UintRef::new(s).ok()?].to_der().ok()
}
