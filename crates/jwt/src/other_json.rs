//! JSON that stands where a key set should.

use std::fmt;

use serde_json::{Map, Value};
use studio_acs_refusal::printable_within;

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
    /// The answer of a server that failed, by its words.
    ErrorAnswer(String),
    /// The answer of a token endpoint.
    Tokens,
    /// Keycloak's page of a realm.
    Realm,
    /// `keys` of another type than a list.
    NoList,
    /// A list of keys under another name, such as `Keys`.
    NearName(String),
    /// Another object, or no object.
    Other,
}

/// The most characters of a server's words that are shown.
const WORDS: usize = 80;

impl OtherJson {
    /// The kind of JSON that is no object with a list `keys`.
    pub(crate) fn of(json: &Value) -> Self {
        match json {
            Value::Array(items) if items.first().is_some_and(|first| first.get("kty").is_some()) => Self::KeysOnly,
            Value::Object(members) => Self::of_members(members),
            _ => Self::Other,
        }
    }

    fn of_members(members: &Map<String, Value>) -> Self {
        let has = |name: &str| members.contains_key(name);
        let is_pem = |value: &Value| value.as_str().is_some_and(|text| text.contains("-----BEGIN CERTIFICATE-----"));
        let is_private = (has("kty") && (has("d") || has("k"))) || has("private_key") || has("client_secret");
        if members.is_empty() {
            Self::Empty
        } else if is_private {
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
        } else if let Some(near) = members.keys().find(|name| is_near_keys(name)) {
            Self::NearName(printable_within(near, WORDS))
        } else {
            words_of_failure(members).map_or(Self::Other, Self::ErrorAnswer)
        }
    }
}

/// Whether a member's name looks like a misspelling of `keys`, or like another program's name for them.
fn is_near_keys(name: &str) -> bool {
    let known = ["key", "keys", "jwk", "jwks", "publickeys", "certs"];
    known.contains(&&*name.to_lowercase().replace(['_', '-'], ""))
}

/// The words by which servers say that they failed.
fn words_of_failure(members: &Map<String, Value>) -> Option<String> {
    let names =
        ["error_description", "errorSummary", "message", "Message", "error", "errors", "errorCode", "detail", "title"];
    let value = names.into_iter().find_map(|name| members.get(name))?;
    let words = value.as_str().or_else(|| value.get("message").and_then(Value::as_str)).unwrap_or("no words");
    Some(printable_within(words, WORDS))
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
            Self::ErrorAnswer(words) => return write!(f, "the answer of a server that failed (\"{words}\")"),
            Self::Tokens => "the answer of a token endpoint",
            Self::Realm => "Keycloak's page of a realm, which has one public key and not the key set",
            Self::NoList => "an object whose member keys is no list",
            Self::NearName(name) => return write!(f, "an object with the member {name:?}, where `keys` is read"),
            Self::Other => "JSON of another kind, without a list keys",
        })
    }
}
