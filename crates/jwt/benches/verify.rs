//! Cost of verification beside the lowest possible cost, measured in the same run with the contestants in turn.
//!
//! The floor is base64url decoding and the signature's verification (SHA-256 of what was signed in it), with the key
//! parsed beforehand. Tokens made to be slow run beside the largest genuine one.

#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use std::hint::black_box;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fixtures::stopwatch::{Contestant, compare};
use fixtures::tokens::{self, Row};
use studio_acs_jwt::{Algorithm, AllowedAlgorithms, KeySet, TokenRules, TokenUse, UnverifiedToken, Verifier};
use time::format_description::well_known::Rfc3339;
use time::{Duration, UtcDateTime};

fn main() {
    let rows = tokens::rows();
    let row = |name: &str| rows.iter().find(|row| row.name == name).expect("the row");
    for name in ["honest/cognito-id", "honest/es256-id", "edge/8192-bytes"] {
        genuine(row(name));
    }
    slow(
        row("edge/8192-bytes"),
        &[
            row("size/8193-bytes"),
            row("size/8000-dots"),
            row("kid/5000-characters"),
            row("json/header-deep"),
            row("json/deep-arrays"),
            row("json/deep-objects"),
            row("edge/1000-groups"),
            row("algorithm/none-with-signature"),
            row("signature/last-bit"),
        ],
    );
    let text = tokens::read("cognito.json");
    compare(
        &format!("a key set ({} bytes)", text.len()),
        &mut [
            Contestant::new("JSON, by serde_json", || {
                black_box(serde_json::from_str::<serde_json::Value>(black_box(&text)).expect("JSON"));
            }),
            Contestant::new("KeySet::parse", || {
                black_box(KeySet::parse(black_box(&text), &AllowedAlgorithms::default()).expect("a key set"));
            }),
        ],
    );
}

fn genuine(row: &Row) {
    let keys = keys_of(row);
    let verifier = verifier(row);
    let token = row.authorization[0].strip_prefix("Bearer ").expect("a token");
    let parts: Vec<_> = token.split('.').collect();
    let (signed, _) = token.rsplit_once('.').expect("a signature");
    let (key, now) = (key(row, parts[0]), now(row));
    compare(
        &format!("{} ({} bytes)", row.name, token.len()),
        &mut [
            Contestant::new("floor", || {
                for part in &parts {
                    black_box(URL_SAFE_NO_PAD.decode(black_box(part)).expect("base64url"));
                }
                let signature = URL_SAFE_NO_PAD.decode(parts[2]).expect("base64url");
                key.verify_sig(signed.as_bytes(), &signature).expect("the signature");
            }),
            Contestant::new("header to VerifiedToken", || {
                judge(&verifier, &keys, now, row).expect("accepted");
            }),
            Contestant::new("  of which before the signature", || {
                black_box(read(row).expect("a token"));
            }),
            Contestant::new("  of which SHA-256", || {
                black_box(digest(&SHA256, black_box(signed.as_bytes())));
            }),
        ],
    );
}

/// Each beside a genuine token of the greatest size.
fn slow(genuine: &Row, rows: &[&Row]) {
    let keys: Vec<_> = rows.iter().map(|row| keys_of(row)).collect();
    let verifiers: Vec<_> = rows.iter().map(|row| verifier(row)).collect();
    let (genuine_keys, genuine_verifier) = (keys_of(genuine), verifier(genuine));
    let genuine_now = now(genuine);
    let mut contestants = vec![Contestant::new(genuine.name.as_str(), || {
        judge(&genuine_verifier, &genuine_keys, genuine_now, genuine).expect("accepted");
    })];
    for ((row, keys), verifier) in rows.iter().zip(&keys).zip(&verifiers) {
        let now = now(row);
        let code = judge(verifier, keys, now, row).err().unwrap_or("accepted");
        assert_eq!(code, row.code, "{}", row.name);
        contestants.push(Contestant::new(row.name.as_str(), move || {
            let _ = black_box(judge(verifier, keys, now, row));
        }));
    }
    let medians = compare("slow tokens", &mut contestants);
    let worst = medians[1..].iter().fold(0.0_f64, |worst, time| worst.max(time / medians[0]));
    println!("\nworst: {worst:.2} × the largest genuine token");
}

fn read(row: &Row) -> Result<UnverifiedToken, &'static str> {
    UnverifiedToken::from_authorization(row.authorization.iter().map(String::as_bytes))
        .map_err(|rejection| rejection.code())
}

fn judge(verifier: &Verifier, keys: &KeySet, now: UtcDateTime, row: &Row) -> Result<(), &'static str> {
    let verified = verifier.verify(&read(row)?, keys, now, &mut ());
    verified.map(|token| drop(black_box(token))).map_err(|rejection| rejection.code())
}

fn keys_of(row: &Row) -> KeySet {
    KeySet::parse(&tokens::read(&row.keys), &allowed(&row.settings.algorithms)).expect("a key set")
}

fn now(row: &Row) -> UtcDateTime {
    UtcDateTime::parse(&row.now, &Rfc3339).expect("a time")
}

fn verifier(row: &Row) -> Verifier {
    let settings = &row.settings;
    Verifier::new(TokenRules {
        issuer: settings.issuer.clone(),
        audiences: settings.audience.clone(),
        token_use: TokenUse::ALL.into_iter().find(|kind| kind.as_str() == row.token_use).expect("a kind"),
        algorithms: allowed(&row.settings.algorithms),
        scope: Some(settings.scope.clone()).filter(|scope| !scope.is_empty()),
        skew: Duration::seconds(settings.skew),
        max_age: Duration::seconds(settings.max_age),
    })
}

/// The key that the header names, parsed without the crate.
fn key(row: &Row, header: &str) -> ParsedPublicKey {
    let decode = |text: &serde_json::Value| URL_SAFE_NO_PAD.decode(text.as_str().expect("a text")).expect("base64url");
    let header: serde_json::Value = serde_json::from_slice(&decode(&header.into())).expect("JSON");
    let set: serde_json::Value = serde_json::from_str(&tokens::read(&row.keys)).expect("JSON");
    let jwk = set["keys"].as_array().expect("keys").iter().find(|jwk| jwk["kid"] == header["kid"]).expect("the key");
    if jwk["kty"] == "EC" {
        let point = [vec![4], decode(&jwk["x"]), decode(&jwk["y"])].concat();
        return ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).expect("a key");
    }
    let der = RsaPublicKeyComponents { n: decode(&jwk["n"]), e: decode(&jwk["e"]) }.as_der().expect("a key");
    ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der.as_ref()).expect("a key")
}

/// The algorithms of these names; none for the default.
fn allowed(names: &[String]) -> AllowedAlgorithms {
    let algorithms = names.iter().map(|name| Algorithm::parse(name).expect("an algorithm"));
    AllowedAlgorithms::new(algorithms).unwrap_or_default()
}
