//! The test keys by the IDs that the key sets give them: another judge of tokens' signatures, and a signer.

use std::collections::BTreeMap;
use std::fs;
use std::sync::LazyLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use fixtures::{manifest, tokens};

const NAMES: [&str; 6] = ["rsa-2048", "rsa-2048-next", "other-idp", "rsa-3072", "rsa-4096", "ec-p256"];

/// A test key that signs tokens.
pub(crate) struct Key {
    pub(crate) algorithm: &'static str,
    public: ParsedPublicKey,
    private: Private,
}

enum Private {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair),
}

/// By `kid`, empty for none; several may have one. The keys come from their files; a key set only says which has which
/// name.
pub(crate) static KEYS: LazyLock<BTreeMap<String, Vec<Key>>> = LazyLock::new(|| {
    let files: std::collections::BTreeSet<_> = tokens::rows().into_iter().map(|row| row.keys).collect();
    let sets = files.iter().map(|file| serde_json::from_str::<Value>(&tokens::read(file)).expect("JSON"));
    let listed = sets.flat_map(|set| set["keys"].as_array().cloned().expect("keys"));
    let mut keys = BTreeMap::<String, Vec<Key>>::new();
    for (name, key) in listed.filter_map(|jwk| Some((jwk["kid"].as_str().unwrap_or("").to_owned(), key_of(&jwk)?))) {
        keys.entry(name).or_default().push(key);
    }
    keys
});

fn key_of(jwk: &Value) -> Option<Key> {
    let number = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap_or_default()).expect("base64url");
    let numbers = [number("n"), number("x"), number("y")].concat();
    let is_it = |der: &[u8]| !numbers.is_empty() && der.windows(numbers.len()).any(|window| window == numbers);
    let purpose = (jwk["use"].as_str(), jwk["alg"].as_str());
    let signs = matches!(purpose, (Some("sig"), None | Some("RS256" | "ES256")));
    NAMES.into_iter().find(|name| signs && is_it(&pem(&format!("keys/{name}.pub.pem")))).map(Key::read)
}

impl Key {
    fn read(name: &str) -> Self {
        let (public, private) = (pem(&format!("keys/{name}.pub.pem")), pem(&format!("keys/{name}.key.pem")));
        if name.starts_with("ec") {
            let public = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public).expect("a key");
            let private = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &private).expect("a key");
            return Self { algorithm: "ES256", public, private: Private::Ecdsa(private) };
        }
        let public = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public).expect("a key");
        let private = RsaKeyPair::from_pkcs8(&private).expect("a key");
        Self { algorithm: "RS256", public, private: Private::Rsa(private) }
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.public.verify_sig(message, signature).is_ok()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.private {
            Private::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).expect("a signature");
                signature
            }
            Private::Ecdsa(key) => key.sign(&random, message).expect("a signature").as_ref().to_vec(),
        }
    }
}

fn pem(file: &str) -> Vec<u8> {
    let text = fs::read_to_string(manifest::path(file)).expect("a key");
    let body = text.lines().filter(|line| !line.starts_with("-----"));
    STANDARD.decode(body.collect::<String>()).expect("PEM")
}
