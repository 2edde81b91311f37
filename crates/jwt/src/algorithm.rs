//! The signature algorithms of tokens (RFC 7518 3.1, RFC 8037 3.1, RFC 9864 2), and those that an operator allows.

use std::fmt;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384,
    RSA_PSS_2048_8192_SHA512, VerificationAlgorithm,
};

/// How tokens may be signed: by a private key whose public half the issuer publishes. HMAC and `none` have no variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256, for the hash and for MGF1, and a salt of the same length.
    Ps256,
    /// The same with SHA-384.
    Ps384,
    /// The same with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 10] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
    ];

    /// Returns the algorithm of this name, which is compared as it is; `None` for any other, HMAC and `none` among them.
    pub fn parse(name: &str) -> Option<Self> {
        // RFC 9864 2.2: the name that says which curve.
        let name = if name == "Ed25519" { "EdDSA" } else { name };
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == name)
    }

    /// The name, as tokens have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
        }
    }

    pub(crate) fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            Self::Rs384 => &RSA_PKCS1_2048_8192_SHA384,
            Self::Rs512 => &RSA_PKCS1_2048_8192_SHA512,
            Self::Ps256 => &RSA_PSS_2048_8192_SHA256,
            Self::Ps384 => &RSA_PSS_2048_8192_SHA384,
            Self::Ps512 => &RSA_PSS_2048_8192_SHA512,
            Self::Es256 => &ECDSA_P256_SHA256_FIXED,
            Self::Es384 => &ECDSA_P384_SHA384_FIXED,
            Self::Es512 => &ECDSA_P521_SHA512_FIXED,
            Self::EdDsa => &ED25519,
        }
    }
}

/// The algorithms that an operator allows (RFC 8725 3.1), each once. By default RS256 and ES256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedAlgorithms(Vec<Algorithm>);

impl AllowedAlgorithms {
    /// These; `None` if there are none.
    pub fn new(algorithms: impl IntoIterator<Item = Algorithm>) -> Option<Self> {
        let mut allowed = Vec::new();
        for algorithm in algorithms {
            if !allowed.contains(&algorithm) {
                allowed.push(algorithm);
            }
        }
        (!allowed.is_empty()).then_some(Self(allowed))
    }

    /// Whether tokens may be signed by it.
    pub fn allows(&self, algorithm: Algorithm) -> bool {
        self.0.contains(&algorithm)
    }
}

impl Default for AllowedAlgorithms {
    fn default() -> Self {
        Self(vec![Algorithm::Rs256, Algorithm::Es256])
    }
}

/// `RS256 or ES256`.
impl fmt::Display for AllowedAlgorithms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.0.iter().map(|algorithm| algorithm.as_str()).collect();
        f.write_str(&names.join(" or "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_compared_as_it_is_and_shared_secrets_have_none() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::parse(algorithm.as_str()), Some(algorithm));
            assert_eq!(Algorithm::parse(&algorithm.as_str().to_lowercase()), None);
        }
        assert_eq!(Algorithm::parse("Ed25519"), Some(Algorithm::EdDsa));
        for name in ["", "none", "None", "HS256", "HS384", "HS512", "ES256K", "Ed448", "RS1", "RS256 ", "ML-DSA-44"] {
            assert_eq!(Algorithm::parse(name), None, "{name}");
        }
    }

    #[test]
    fn at_least_one_is_allowed_and_each_once() {
        assert_eq!(AllowedAlgorithms::new([]), None);
        let twice = AllowedAlgorithms::new([Algorithm::Ps256, Algorithm::EdDsa, Algorithm::Ps256]).expect("two");
        assert_eq!(twice.to_string(), "PS256 or EdDSA");
        assert!(twice.allows(Algorithm::EdDsa) && !twice.allows(Algorithm::Rs256));
        assert_eq!(AllowedAlgorithms::default().to_string(), "RS256 or ES256");
    }
}
