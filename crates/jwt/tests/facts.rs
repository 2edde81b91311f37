//! The facts of every accepted token, as they stand in its own JSON; and what is told of keys.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing)]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fixtures::tokens::{self, ACCEPTED, Row};
use serde_json::Value;
use studio_acs_jwt::{
    Algorithm, AllowedAlgorithms, KEY_SET_LIMIT, KeyFault, KeySet, KeySetDocument, LeftOutKey, TokenRules, TokenUse,
    UnverifiedToken, VerifiedToken, Verifier,
};
use studio_acs_refusal::instant;
use time::Duration;

#[test]
fn the_facts_are_those_of_the_token() {
    let (mut with_time, mut with_methods) = (0, 0);
    for row in accepted() {
        let (token, keys) = (token(&row), keys(&row));
        let verified = verified(&row, &token, &keys);
        let (header, claims) = read_independently(&row);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        assert_eq!(token.unverified_issuer().ok(), text(&claims["iss"]), "{}", row.name);
        let key_id = text(&header["kid"]).filter(|id| !id.is_empty());
        assert_eq!(token.unverified_key_id(), key_id.as_deref(), "{}", row.name);
        assert_eq!(verified.token_use().as_str(), row.token_use, "{}", row.name);
        // A time beyond every calendar says nothing.
        let seconds = claims["auth_time"].as_f64().map(f64::floor).filter(|seconds| seconds.abs() < 1e11);
        let at = verified.authenticated_at().map(|at| f64::from(i32::try_from(at.unix_timestamp()).expect("a time")));
        assert_eq!(at, seconds, "{}", row.name);
        let methods: Vec<_> = match &claims["amr"] {
            Value::Array(list) => list.iter().filter_map(text).collect(),
            one => text(one).into_iter().collect(),
        };
        assert_eq!(verified.authentication_methods(), methods, "{}", row.name);
        let claims = claims.as_object().expect("an object");
        for name in claims.keys() {
            assert!(verified.has(name), "{}: {name}", row.name);
        }
        let names = verified.claim_names();
        assert_eq!(names.len(), claims.len().min(40), "{}", row.name);
        assert!(names.iter().all(|name| claims.contains_key(*name)), "{}: {names:?}", row.name);
        let paths = verified.claim_paths();
        assert!(paths.iter().all(|path| verified.has(path)), "{}: {paths:?}", row.name);
        let plain = claims.iter().filter(|(name, value)| {
            (value.is_string() || value.is_array()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        for (name, _) in plain.take(20) {
            assert!(paths.contains(name), "{}: {name} is not among {paths:?}", row.name);
        }
        assert!(!verified.has("no_such_claim"), "{}", row.name);
        with_time += usize::from(at.is_some());
        with_methods += usize::from(!methods.is_empty());
    }
    assert!(with_time > 3 && with_methods > 3, "{with_time} with a time, {with_methods} with methods");
}

/// A token without an ID is known by what is signed, and by nothing that another encoding of its signature changes.
#[test]
fn a_token_without_an_id_is_named_by_its_signed_part() {
    let mut named = 0;
    for row in accepted() {
        let verified = verified(&row, &token(&row), &keys(&row));
        let (_, claims) = read_independently(&row);
        if claims.get("jti").is_none() {
            let (start, hash) = verified.id().split_once(':').expect("a colon");
            assert!(start == "sha256" && hash.len() == 32 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
            named += 1;
        }
    }
    assert!(named > 0, "no token without an ID");
}

/// The times of a token, to the second: the end itself is outside, the start inside, each with the skew.
#[test]
fn each_bound_is_where_the_standard_has_it() {
    let row = accepted().find(|row| {
        let (_, claims) = read_independently(row);
        claims["exp"].is_i64() && claims["iat"].is_i64() && claims.get("nbf").is_none()
    });
    let row = row.expect("a token with an end and a start");
    let (_, claims) = read_independently(&row);
    let instant = |name: &str, later: i64| {
        let seconds = claims[name].as_i64().expect("whole seconds").saturating_add(later);
        time::UtcDateTime::from_unix_timestamp(seconds).expect("a time")
    };
    let moment = Duration::nanoseconds(1);
    let (token, keys) = (token(&row), keys(&row));
    let code = |now, max_age: i64| {
        let rules = TokenRules { skew: Duration::seconds(5), max_age: Duration::seconds(max_age), ..rules(&row) };
        let verified = Verifier::new(rules).verify(&token, &keys, now, &mut ());
        verified.map_or_else(|rejection| rejection.code(), |_| ACCEPTED)
    };
    for (now, max_age, expected) in [
        (instant("exp", 5).saturating_sub(moment), 1_000_000, ACCEPTED),
        (instant("exp", 5), 1_000_000, "token_expired"),
        (instant("iat", -5), 10, ACCEPTED),
        (instant("iat", -5).saturating_sub(moment), 10, "token_not_yet_valid"),
        (instant("iat", 15), 10, ACCEPTED),
        (instant("iat", 15).saturating_add(moment), 10, "token_expired"),
    ] {
        assert_eq!(code(now, max_age), expected, "{now}");
    }
}

/// A key that stands twice may verify by more algorithms the second time.
#[test]
fn the_same_key_twice_serves_each_algorithm_that_either_names() {
    let read = |row: &Row| serde_json::from_str::<Value>(&tokens::read(&row.keys)).ok();
    let rsa = accepted().find_map(|row| {
        let set = read(&row)?;
        set["keys"].as_array()?.iter().find(|key| key["kty"] == "RSA" && key["kid"].is_string()).cloned()
    });
    let mut named = rsa.expect("an RSA key");
    named["alg"] = "RS256".into();
    let mut unnamed = named.clone();
    unnamed.as_object_mut().expect("an object").remove("alg");
    let allowed = AllowedAlgorithms::new([Algorithm::Rs256, Algorithm::Ps256]).expect("some");
    for (keys, expected) in [
        ([&named, &named], vec![vec![Algorithm::Rs256]]),
        ([&unnamed, &named], vec![vec![Algorithm::Rs256, Algorithm::Ps256]]),
        ([&named, &unnamed], vec![vec![Algorithm::Rs256], vec![Algorithm::Rs256, Algorithm::Ps256]]),
    ] {
        let set = KeySet::parse(&serde_json::json!({"keys": keys}).to_string(), &allowed).expect("a key set");
        let found: Vec<_> = set.keys().map(|(_, algorithms)| algorithms).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn a_key_set_serves_the_tokens_of_its_keys_and_no_others() {
    let rows: Vec<_> = accepted().collect();
    let named = rows.iter().find(|row| token(row).unverified_key_id().is_some()).expect("a token with a key ID");
    let (ours, id) = (token(named), token(named).unverified_key_id().expect("an ID").to_owned());
    let (mut served, mut unserved) = (0, 0);
    for row in &rows {
        let set = keys(row);
        assert!(set.serves(&token(row)), "{}", row.name);
        let has = set.keys().any(|(other, _)| other == Some(&*id));
        assert_eq!(set.serves(&ours), has, "{}", row.name);
        if has { served += 1 } else { unserved += 1 }
    }
    assert!(served > 0 && unserved > 0, "{served} served, {unserved} not");
}

/// An operator sees which keys there are, beside the one that the token names.
#[test]
fn an_unknown_key_is_shown_beside_the_keys_of_the_set() {
    let row = |name: &str| tokens::rows().into_iter().find(|row| row.name == name).expect(name);
    let told = |row: &Row, keys: &KeySet| {
        let now = instant::parse(&row.now).expect("a time");
        let rejection = Verifier::new(rules(row)).verify(&token(row), keys, now, &mut ()).expect_err(&row.name);
        assert_eq!(rejection.code(), "token_key_unknown", "{}", row.name);
        (rejection.expected().to_owned(), rejection.found().to_owned())
    };
    let unknown = row("kid/unknown");
    let set = keys(&unknown);
    let (expected, found) = told(&unknown, &set);
    let ids: Vec<_> = set.keys().filter_map(|(id, _)| id).collect();
    assert!(!ids.is_empty() && ids.iter().all(|id| expected.contains(id)), "{expected}");
    assert!(!found.contains("left out"), "{found}");

    let nameless = row("kid/named-where-the-key-has-none");
    let (expected, _) = told(&nameless, &keys(&nameless));
    assert!(expected.contains("one without an ID"), "{expected}");

    let weak = row("kid/of-a-weak-key");
    let set = keys(&weak);
    let (_, found) = told(&weak, &set);
    assert!(found.contains("left out"), "{found}");
    // Another key that is left out is none of this token's.
    let (_, found) = told(&unknown, &set);
    assert!(!set.left_out().is_empty() && !found.contains("left out"), "{found}");

    let none = KeySetDocument::read(r#"{"keys":[{"kty":"oct","kid":"a"}]}"#, &AllowedAlgorithms::default());
    let (expected, _) = told(&unknown, none.expect("a key set").keys());
    assert!(expected.contains("a key of the issuer"), "{expected}");
}

/// The message names what is absent, and shows what is there.
#[test]
fn a_refusal_says_what_it_found() {
    for (name, found) in
        [("algorithm/empty", "nothing"), ("algorithm/none-capital", "None"), ("audience/empty-array", "an empty list")]
    {
        let row = tokens::rows().into_iter().find(|row| row.name == name).expect(name);
        let now = instant::parse(&row.now).expect("a time");
        let outcome = UnverifiedToken::from_authorization(row.authorization.iter().map(String::as_bytes));
        let rejection = match outcome {
            Err(rejection) => rejection,
            Ok(token) => Verifier::new(rules(&row)).verify(&token, &keys(&row), now, &mut ()).expect_err(name),
        };
        assert!(rejection.found().starts_with(found), "{name}: {rejection}");
    }
}

/// An ECDSA signature in DER is told from any other one that is not by the key.
#[test]
fn a_signature_in_der_is_told() {
    let (mut in_der, mut others) = (0, 0);
    for row in tokens::rows().into_iter().filter(|row| row.code == "token_signature_invalid") {
        let now = instant::parse(&row.now).expect("a time");
        let rejection = Verifier::new(rules(&row)).verify(&token(&row), &keys(&row), now, &mut ());
        let is_der = row.name.ends_with("-der");
        let found = if is_der { "one in DER" } else { "another" };
        assert_eq!(rejection.expect_err(&row.name).found(), found, "{}", row.name);
        *if is_der { &mut in_der } else { &mut others } += 1;
    }
    assert!(in_der == 3 && others > 50, "{in_der} in DER, {others} others");
}

/// Rules of the service refuse these tokens after their verification, by what is told of them here.
#[test]
fn what_stands_elsewhere_or_is_not_verified_is_told() {
    let (mut elsewhere, mut unverified, mut verified_emails) = (0, 0, 0);
    for row in tokens::rows() {
        if ![ACCEPTED, "groups_incomplete", "token_email_unverified"].contains(&&*row.code) {
            continue;
        }
        let verified = verified(&row, &token(&row), &keys(&row));
        let is_elsewhere = verified.is_elsewhere(&row.settings.group_claim);
        assert_eq!(is_elsewhere, row.code == "groups_incomplete", "{}", row.name);
        elsewhere += usize::from(is_elsewhere);
        if row.settings.user_claim.ends_with("email") {
            let is_verified = verified.email_is_verified(&row.settings.user_claim);
            assert_eq!(is_verified, row.code != "token_email_unverified", "{}", row.name);
            *if is_verified { &mut verified_emails } else { &mut unverified } += 1;
        }
    }
    assert!(elsewhere > 5 && unverified > 2 && verified_emails > 5, "{elsewhere}, {unverified}, {verified_emails}");
}

/// Debug output tells which keys there are, and neither their numbers nor a token.
#[test]
fn debug_shows_ids_and_algorithms() {
    let row = accepted().find(|row| token(row).unverified_key_id().is_some()).expect("a token with a key ID");
    let (token, keys) = (token(&row), keys(&row));
    assert_eq!(format!("{token:?}"), "UnverifiedToken(redacted)");
    let shown = format!("{keys:?}");
    assert_eq!(shown, format!("{:?}", keys.keys().collect::<Vec<_>>()));
    assert!(shown.contains(token.unverified_key_id().expect("an ID")) && shown.len() < 400, "{shown}");
}

#[test]
fn an_algorithm_is_read_by_the_name_that_it_tells() {
    for algorithm in Algorithm::ALL {
        assert_eq!(Algorithm::parse(algorithm.as_str()), Some(algorithm));
    }
    assert_eq!(Algorithm::ALL.map(Algorithm::as_str)[..3], ["RS256", "RS384", "RS512"]);
    for other in ["", "none", "HS256", "rs256", "RS256 "] {
        assert_eq!(Algorithm::parse(other), None, "{other}");
    }
    let allowed = AllowedAlgorithms::new([Algorithm::Es256, Algorithm::Rs256, Algorithm::Es256]).expect("some");
    assert_eq!(allowed.to_string(), "ES256 or RS256");
    assert!(allowed.allows(Algorithm::Rs256) && !allowed.allows(Algorithm::Rs384));
}

/// Each bound of a key set may be reached and not passed.
#[test]
fn a_key_set_has_as_many_keys_and_bytes_as_it_may() {
    let row = accepted().find(|row| row.settings.algorithms.is_empty()).expect("a row with the default algorithms");
    let listed: Value = serde_json::from_str(&tokens::read(&row.keys)).expect("JSON");
    let set = |length: usize, member: &str| {
        let keys = (0..length).map(|number| {
            let mut key = listed["keys"][0].clone();
            key["kid"] = number.to_string().into();
            key["use"] = member.into();
            key
        });
        serde_json::json!({"keys": keys.collect::<Vec<_>>()}).to_string()
    };
    let read = |text: &str| {
        let parsed = KeySet::parse(text, &AllowedAlgorithms::default());
        parsed.map(|set| set.keys().count()).map_err(|error| error.to_string())
    };
    assert_eq!(read(&set(100, "sig")), Ok(100));
    let one = set(1, "sig");
    let padded = |length: usize| one.clone() + &" ".repeat(length - one.len());
    assert_eq!(read(&padded(KEY_SET_LIMIT)), Ok(1));
    let too_large = Err(format!("expected at most {KEY_SET_LIMIT} bytes and 100 keys, found more"));
    assert_eq!([read(&set(101, "sig")), read(&padded(KEY_SET_LIMIT + 1))], [too_large.clone(), too_large]);
    // A few of those that are left out are named.
    for (length, named) in [(1, 1), (6, 6), (7, 6), (100, 6)] {
        let error = read(&set(length, "enc")).expect_err("none is for signatures");
        assert_eq!(error.matches("its use is enc").count(), named, "{error}");
        assert_eq!(error.ends_with('…'), length > named, "{error}");
    }
}

/// A key for something else is no fault of the issuer; one of ours that cannot be used is told to the operator, and so is
/// one whose purpose is misspelt.
#[test]
fn a_key_for_another_purpose_is_no_fault() {
    let of = |fault: fn(String) -> KeyFault, name: &str| fault(name.to_owned());
    for (fault, is_for_other) in [
        (of(KeyFault::Use, "enc"), true),
        (of(KeyFault::Use, "tls"), true),
        (of(KeyFault::Use, "sign"), false),
        (of(KeyFault::Use, "SIG"), false),
        (of(KeyFault::Use, "signature"), false),
        (of(KeyFault::Use, "verify"), false),
        (of(KeyFault::Operations, "encrypt, wrapKey"), true),
        (of(KeyFault::Operations, "sign"), false),
        (of(KeyFault::Operations, "Verify"), false),
        (of(KeyFault::Type, "oct"), true),
        (of(KeyFault::Type, "AKP"), true),
        (of(KeyFault::Type, "rsa"), false),
        (of(KeyFault::Type, "Ec"), false),
        (of(KeyFault::Type, "ECDSA"), false),
        (of(KeyFault::Curve, "secp256k1"), true),
        (of(KeyFault::Curve, "X25519"), true),
        (of(KeyFault::Curve, "P256"), false),
        (of(KeyFault::Curve, "p-256"), false),
        (of(KeyFault::Curve, "prime256v1"), false),
        (of(KeyFault::Algorithm, "RSA-OAEP-256"), true),
        (of(KeyFault::Algorithm, "ECDH-ES+A128KW"), true),
        (of(KeyFault::Algorithm, "ES256K"), true),
        (of(KeyFault::Algorithm, "ES256"), false),
        (of(KeyFault::Algorithm, "HS256"), false),
        (of(KeyFault::Algorithm, "rs256"), false),
        (of(KeyFault::Algorithm, "RSA256"), false),
        (of(KeyFault::NotAllowed, "ES384"), true),
        (KeyFault::Private, false),
        (KeyFault::Missing("n"), false),
        (KeyFault::Exponent(3), false),
        (KeyFault::SameId, false),
        (KeyFault::Invalid, false),
    ] {
        assert_eq!(fault.is_for_other_purpose(), is_for_other, "{fault}");
        let named = |id: Option<&str>| LeftOutKey { id: id.map(str::to_owned), position: 2, fault: fault.clone() };
        assert_eq!(named(Some("k1")).to_string(), format!("\"k1\": {fault}"));
        assert_eq!(named(None).to_string(), format!("number 2 without an ID: {fault}"));
    }
}

fn accepted() -> impl Iterator<Item = Row> {
    tokens::rows().into_iter().filter(|row| row.code == ACCEPTED)
}

/// Header and claims, by another reader.
fn read_independently(row: &Row) -> (Value, Value) {
    let text = row.authorization[0].split_once(' ').expect("a scheme").1;
    let mut parts = text.split('.').map(|part| {
        let json = String::from_utf8(URL_SAFE_NO_PAD.decode(part).expect("base64url")).unwrap_or_default();
        // This reader refuses numbers that no double has, and half of a surrogate pair.
        let json = json.replace("e999", "e300").replace("E999", "E300").replace(&"9".repeat(400), "9");
        let json = json.replace(r#"\ud83d""#, r#"\u0000""#).replace(r#""\ude00"#, r#""\u0000"#);
        let json = json.replace(r"\udbff", r"\u0000");
        serde_json::from_str(&json).unwrap_or(Value::Null)
    });
    (parts.next().expect("a header"), parts.next().expect("claims"))
}

fn token(row: &Row) -> UnverifiedToken {
    UnverifiedToken::from_authorization(row.authorization.iter().map(String::as_bytes)).expect("a token")
}

fn keys(row: &Row) -> KeySet {
    KeySet::parse(&tokens::read(&row.keys), &allowed(&row.settings.algorithms)).expect("a key set")
}

fn verified(row: &Row, token: &UnverifiedToken, keys: &KeySet) -> VerifiedToken {
    let now = instant::parse(&row.now).expect("a time");
    Verifier::new(rules(row)).verify(token, keys, now, &mut ()).expect(&row.name)
}

fn rules(row: &Row) -> TokenRules {
    let settings = &row.settings;
    TokenRules {
        issuer: settings.issuer.clone(),
        audiences: settings.audience.clone(),
        token_use: TokenUse::ALL.into_iter().find(|kind| kind.as_str() == row.token_use).expect("a kind"),
        algorithms: allowed(&settings.algorithms),
        scope: Some(settings.scope.clone()).filter(|scope| !scope.is_empty()),
        skew: Duration::seconds(settings.skew),
        max_age: Duration::seconds(settings.max_age),
    }
}

/// The algorithms of these names; none for the default.
fn allowed(names: &[String]) -> AllowedAlgorithms {
    let algorithms = names.iter().map(|name| Algorithm::parse(name).expect("an algorithm"));
    AllowedAlgorithms::new(algorithms).unwrap_or_default()
}
