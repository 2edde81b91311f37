//! The reason why a certificate holds no key that may sign.

use super::text::CertificateText;

/// The reason why a certificate of metadata holds no key that may sign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Another text than the base64 of one certificate.
    #[error("{0}")]
    Text(CertificateText),
    /// Not an X.509 certificate in DER.
    #[error("the certificate cannot be read: {0}")]
    Certificate(String),
    /// Another algorithm, a curve we do not take, a weak or a broken key.
    #[error("the key is not RSA of 2048 to 8192 bits, nor ECDSA on P-256, P-384 or P-521 (found {0})")]
    Key(String),
    /// RSA with a small public exponent: a signature by it is forged with less effort where a verifier is lax.
    #[error("RSA with the public exponent {0}, and 65537 is the least (FIPS 186-5 A.1.1)")]
    Exponent(u32),
    /// The `use` of its key is neither `signing` nor `encryption`.
    #[error("its use is `{0}`, where metadata has signing or encryption, in lower case")]
    Use(String),
    /// It stands beside a certificate that cannot be read, and may be the one that issued it.
    #[error("a certificate beside it in one KeyInfo cannot be read, and it may be that one's issuer")]
    Beside,
}
