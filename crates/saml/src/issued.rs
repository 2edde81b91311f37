//! Whether the key of one certificate signed another: for telling which of several certificates ends a chain.

use aws_lc_rs::signature as lc;
use aws_lc_rs::signature::{UnparsedPublicKey, VerificationAlgorithm};
use x509_cert::der::asn1::ObjectIdentifier;

use crate::certificate::Certificate;
use crate::key::{KeyType, algorithms};

/// Returns whether the key of `issuer` signed `certificate`. The signature decides: two certificates of a chain may have one
/// name and no key identifiers. Where its algorithm is unknown here, names and identifiers do. A certificate of the same key
/// is not issued but renewed.
pub(crate) fn issued(issuer: &Certificate, certificate: &Certificate) -> bool {
    !issuer.has_key_of(certificate)
        && signed(issuer, certificate).unwrap_or_else(|| issuer.is_named_as_issuer_of(certificate))
}

/// `None` if the algorithm is none of these. Old and weak ones are among them, since nothing is trusted for it.
fn signed(issuer: &Certificate, certificate: &Certificate) -> Option<bool> {
    let (algorithm, signature) = certificate.signature()?;
    let (key_type, hash) = match algorithm.to_string().as_str() {
        "1.2.840.113549.1.1.5" => (KeyType::Rsa, 1),
        "1.2.840.113549.1.1.11" => (KeyType::Rsa, 256),
        "1.2.840.113549.1.1.12" => (KeyType::Rsa, 384),
        "1.2.840.113549.1.1.13" => (KeyType::Rsa, 512),
        "1.2.840.10045.4.3.2" => (KeyType::Ecdsa, 256),
        "1.2.840.10045.4.3.3" => (KeyType::Ecdsa, 384),
        "1.2.840.10045.4.3.4" => (KeyType::Ecdsa, 512),
        _ => return None,
    };
    let info = issuer.public_key();
    let curve = info.algorithm.parameters.as_ref().and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
    // A key of another type, or on a curve that is not known, signed nothing of the kind.
    let Some((of_issuer, _, [sha256, sha384, sha512])) = algorithms(info.algorithm.oid, curve) else {
        return if key_type == KeyType::Rsa { Some(false) } else { None };
    };
    if of_issuer != key_type {
        return Some(false);
    }
    let algorithm: &dyn VerificationAlgorithm = match (key_type, hash) {
        (KeyType::Rsa, 1) => &lc::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (KeyType::Rsa, 256) => &lc::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        (KeyType::Rsa, 512) => &lc::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        (_, 256) => sha256,
        (_, 384) => sha384,
        _ => sha512,
    };
    let key = UnparsedPublicKey::new(algorithm, info.subject_public_key.as_bytes()?);
    Some(key.verify(certificate.signed_part()?, signature).is_ok())
}
