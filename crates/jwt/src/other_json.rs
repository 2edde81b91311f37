//! JSON that stands where a key set should.

use std::fmt;

use serde_json::{Map, Value};

/// JSON that is no key set, by its members.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OtherJson {
    /// An object without members.
    Empty,
    /// The issuer's configuration (OpenID Connect Discovery 1.0 3).
    Configuration,
    /// One public key.
    OneKey,
    /// One private or shared key, or a service account's file with one.
    PrivateKey,
    /// A list of keys without the object around it.
    KeysOnly,
    /// Key IDs, each with a certificate in PEM, as Google publishes its keys beside the key set.
    Certificates,
    /// The answer of a server that failed.
    ErrorAnswer,
    /// The answer of a token endpoint.
    Tokens,
    /// Keycloak's page of a realm.
    Realm,
    /// `keys` of another type than a list.
    NoList,
    /// A list of keys under another name, such as `Keys`.
    NearName,
    /// Another object, or no object.
    Other,
}

impl OtherJson {
    /// The kind of JSON that is no object with a list `keys`.
    pub(crate) fn of(json: &Value) -> Self {
        match json {
            Value::Array(items) if items.iter().filter_map(Value::as_object).any(is_private) => Self::PrivateKey,
            Value::Array(items) if items.first().is_some_and(|first| first.get("kty").is_some()) => Self::KeysOnly,
            Value::Object(members) => Self::of_members(members),
            _ => Self::Other,
        }
    }

    fn of_members(members: &Map<String, Value>) -> Self {
        let has = |name: &str| members.contains_key(name);
        let is_pem = |value: &Value| value.as_str().is_some_and(|text| text.contains("-----BEGIN CERTIFICATE-----"));
        if members.is_empty() {
            Self::Empty
        } else if is_private(members) {
            Self::PrivateKey
        } else if has("jwks_uri") {
            Self::Configuration
        } else if has("kty") {
            Self::OneKey
        } else if has("keys") {
            Self::NoList
        } else if members.values().all(is_pem) {
            Self::Certificates
        } else if has("access_token") || has("id_token") {
            Self::Tokens
        } else if has("realm") && has("public_key") {
            Self::Realm
        } else if members.keys().any(|name| is_near_keys(name)) {
            Self::NearName
        } else if is_failure(members) {
            Self::ErrorAnswer
        } else {
            Self::Other
        }
    }
}

/// Whether an object holds a private or shared key, or a secret.
fn is_private(members: &Map<String, Value>) -> bool {
    let has = |name: &str| members.contains_key(name);
    (has("kty") && (has("d") || has("k"))) || has("private_key") || has("client_secret")
}

/// Whether a member's name looks like a misspelling of `keys`, or like another program's name for them.
fn is_near_keys(name: &str) -> bool {
    let known = ["key", "keys", "jwk", "jwks", "publickeys", "certs"];
    known.contains(&&*name.to_lowercase().replace(['_', '-'], ""))
}

/// Whether servers say by these members that they failed. Their words are not shown: a mistaken file may hold anything.
fn is_failure(members: &Map<String, Value>) -> bool {
    let names = ["error", "errors", "errorCode", "message", "Message", "detail", "title"];
    names.into_iter().any(|name| members.contains_key(name))
}

/// A noun phrase.
impl fmt::Display for OtherJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "an object without members",
            Self::Configuration => "the issuer's configuration, whose member jwks_uri says where the keys are",
            Self::OneKey => "one key without a set around it",
            Self::PrivateKey => "a private key or a secret: whoever has read it can use it; replace it",
            Self::KeysOnly => "a list of keys without the object around it",
            Self::Certificates => "certificates by key ID, and no JSON Web Keys",
            Self::ErrorAnswer => "the answer of a server that failed",
            Self::Tokens => "the answer of a token endpoint",
            Self::Realm => "Keycloak's page of a realm, which has one public key and not the key set",
            Self::NoList => "an object whose member keys is no list",
            Self::NearName => "an object with a list of keys under another name, where `keys` in small letters is read",
            Self::Other => "JSON of another kind, without a list keys",
        })
    }
}
