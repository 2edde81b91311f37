//! A JWT library that others use judges the same signatures by the same keys: for each algorithm that it has, the outcome
//! is the manifest's.

#![allow(missing_docs, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fixtures::tokens::{self, ACCEPTED, Row};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

#[test]
fn a_library_that_others_use_verifies_the_same_signatures() {
    let rows = tokens::rows();
    let judged = rows.iter().filter(|row| [ACCEPTED, "token_signature_invalid"].contains(&&*row.code));
    let verdicts: Vec<_> = judged.filter_map(|row| Some((row, verdict(row)?))).collect();
    let wrong: Vec<_> =
        verdicts.iter().filter(|(row, is_good)| *is_good != (row.code == ACCEPTED)).map(|(row, _)| &row.name).collect();
    assert_eq!(wrong, Vec::<&String>::new());
    let algorithms: BTreeSet<_> =
        verdicts.iter().filter_map(|(row, _)| header(row)["alg"].as_str().map(str::to_owned)).collect();
    let known = ["ES256", "ES384", "EdDSA", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"];
    assert_eq!(algorithms.iter().map(String::as_str).collect::<Vec<_>>(), known);
    assert!(verdicts.len() >= 150, "{} tokens", verdicts.len());
}

/// Whether the key that the token names verifies it; `None` where it names none, or one that the library does not have.
fn verdict(row: &Row) -> Option<bool> {
    let set: Value = serde_json::from_str(&tokens::read(&row.keys)).expect("JSON");
    let (header, token) = (header(row), row.authorization.first()?.split(' ').nth(1)?);
    let mut named =
        set["keys"].as_array()?.iter().filter(|key| key["kid"] == header["kid"] && header["kid"].is_string());
    let (Some(key), None) = (named.next(), named.next()) else { return None };
    let algorithm: Algorithm = header["alg"].as_str()?.parse().ok()?;
    let key: Jwk = serde_json::from_value(key.clone()).ok()?;
    let (signed, signature) = token.rsplit_once('.')?;
    let key = DecodingKey::from_jwk(&key).ok()?;
    Some(jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &key, algorithm).unwrap_or(false))
}

fn header(row: &Row) -> Value {
    let token = row.authorization.first().and_then(|value| value.split(' ').nth(1)).unwrap_or_default();
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap_or_default()).unwrap_or_default();
    serde_json::from_slice(&header).unwrap_or_default()
}
