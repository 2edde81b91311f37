//! Hostile tokens at the token API: each is refused under its exact code, and nothing comes of it.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use axum::body::Body;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderValue, Request};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use studio_acs::Clock;
use studio_acs_refusal::instant;

use super::{ApiClient, Book, NOON, World, attempts, entry, last, lines, logons, nothing, post, settings, told_by};
use crate::alarms;
use fixtures::manifest;
use support::browser::RunningService;
use support::cognito::Pool;
use support::issuer::{claims, encoded, part, with};
use support::moto::Moto;

/// The status, and the code that the client is shown.
fn shown(code: &str) -> (u16, &str) {
    match code {
        "token_missing" => (401, code),
        "groups_incomplete" | "token_claim_invalid" | "token_email_unverified" | "token_scope_missing" => (403, code),
        _ => (401, "invalid_token"),
    }
}

/// Nothing was opened or counted, and the only records are those of rejections.
fn assert_untouched(world: &World, service: &RunningService) {
    assert_eq!((world.mints(), world.stand_ins.sagemaker.callers().len()), (0, 0));
    let log = service.log();
    let mut records = lines(&log, "class_uid");
    records.retain(|record| record["class_uid"] != 6002);
    assert!(records.iter().all(|record| record["user"]["name"] == "Unknown"), "{records:?}");
}

/// One service for all rows with the same settings.
struct TokenApi {
    world: World,
    service: RunningService,
    _book: Book,
}

/// The settings of a row, as the service is given them.
fn told(row: &Value) -> Vec<(&'static str, String)> {
    let (said, text) = (&row["settings"], |value: &Value| value.as_str().expect("a text").to_owned());
    let audience: Vec<_> = said["audience"].as_array().expect("audiences").iter().map(text).collect();
    let keys = manifest::path(&format!("tokens/{}", text(&row["keys"]))).to_str().expect("a path").to_owned();
    let mut told = settings(&text(&said["issuer"]), &keys, &audience.join(",")).to_vec();
    told.push(("token-use", text(&row["use"])));
    for (name, member) in [
        ("token-scope", "scope"),
        ("token-user-claim", "user_claim"),
        ("token-group-claim", "group_claim"),
        ("token-max-age", "max_age"),
        ("skew", "skew"),
        ("token-algorithms", "algorithms"),
    ] {
        match &said[member] {
            Value::Null => {}
            Value::Array(names) => told.push((name, names.iter().map(text).collect::<Vec<_>>().join(","))),
            Value::String(text) => told.push((name, text.clone())),
            other => told.push((name, other.to_string())),
        }
    }
    told
}

#[tokio::test]
async fn every_token_of_the_fixtures_comes_to_what_its_row_says() {
    let rows: Value = serde_json::from_slice(&manifest::read("tokens/manifest.json")).expect("JSON");
    let rows = rows["rows"].as_array().expect("rows");
    let mut apis: BTreeMap<String, TokenApi> = BTreeMap::new();
    let (mut refused, mut opened, mut no_header) = (0, 0, 0);
    for row in rows {
        let (name, code) = (row["name"].as_str().expect("a name"), row["code"].as_str().expect("a code"));
        let values = row["authorization"].as_array().expect("values");
        let values = values.iter().map(|value| HeaderValue::from_bytes(value.as_str().expect("a text").as_bytes()));
        let Ok(values) = values.collect::<Result<Vec<_>, _>>() else {
            // Nothing that HTTP carries.
            no_header += 1;
            continue;
        };
        let told = told(row);
        // An accepted user has an entry.
        let user = row["user"].as_str().unwrap_or("somebody");
        let key = format!("{told:?} {user}");
        if !apis.contains_key(&key) {
            let (world, book) =
                (World::without_aws(&["alice"]).await, Book::of(&entry("own", user, "profile = \"alice\"")));
            let ledger = book.path();
            let ours = told.iter().map(|(name, value)| (*name, value.as_str())).chain([("ledger", ledger.as_str())]);
            let ours: Vec<_> = ours.chain([("rate-per-user", "1000")]).collect();
            let service = world.service(&ours, NOON).await;
            apis.insert(key.clone(), TokenApi { world, service, _book: book });
        }
        let TokenApi { world, service, .. } = &apis[&key];
        service.set(instant::parse(row["now"].as_str().expect("a time")).expect("a time"));
        let mut request =
            Request::post("/studio-url").header("content-type", "application/json").body(Body::from("{}"));
        let headers = request.as_mut().expect("a request").headers_mut();
        for value in values {
            headers.append(AUTHORIZATION, value);
        }
        let before = world.mints();
        let answer = service.send(request.expect("a request")).await;
        let said = told_by(&answer);
        if code == "accepted" {
            assert_eq!(
                (answer.status.as_u16(), world.mints()),
                (200, before + 1),
                "{name}: {said}: {}",
                last(&service.log())
            );
            let groups = row["groups"].as_array().map_or(0, Vec::len);
            assert_eq!(attempts(&service.log()).pop().expect("an attempt")["groups"], groups, "{name}");
            opened += 1;
            continue;
        }
        assert_eq!(last(&service.log()), code, "{name}: {said}");
        // Among missing claims, only the one that names the user is told.
        let attempt = attempts(&service.log()).pop().expect("an attempt");
        assert_eq!(alarms::counted(&attempt), alarms::of_code(code), "{name}: {attempt}");
        let reason = attempt["reason"].to_string();
        let of_the_user = reason.contains("the claim that names the user is there");
        let (status, public) = if of_the_user { (403, code) } else { shown(code) };
        assert_eq!((answer.status.as_u16(), &said["code"]), (status, &public.into()), "{name}");
        assert_eq!(world.mints(), before, "{name}");
        refused += 1;
    }
    assert!(
        refused >= 700 && opened >= 100 && no_header <= 5,
        "{refused} refused, {opened} opened, {no_header} no headers"
    );
    for TokenApi { world, service, .. } in apis.values() {
        assert_eq!(
            logons(&service.log()).len(),
            world.mints(),
            "who was refused is not on record as somebody who came"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_of_a_real_token_of_cognito_is_none() {
    let (moto, world) = (Moto::start(), World::without_aws(&["alice"]).await);
    let pool = Pool::new(&moto);
    let (alice, bob) = (pool.user("alice", &[]), pool.user("bob", &[]));
    let book = Book::of(&entry("own", &alice, "profile = \"alice\""));
    let (settings, ledger) = (settings(&pool.issuer(), &pool.jwks(), &pool.client), book.path());
    let ours = settings.iter().map(|(name, value)| (*name, value.as_str()));
    let ours: Vec<_> = ours.chain([("ledger", ledger.as_str()), ("rate-per-user", "1")]).collect();
    let service = world.service(&ours, &instant::format(Clock::system().now())).await;

    let good = pool.sign_in(&pool.client, "alice").id_token;
    let bobs = pool.sign_in(&pool.client, "bob").id_token;
    let (header, payload) = (part(&good, 0), part(&good, 1));
    let [head, body, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let [_, _, signature_of_bob] = bobs.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    let mut keys = ureq::get(pool.jwks()).call().expect("keys");
    let keys: Value = serde_json::from_str(&keys.body_mut().read_to_string().expect("text")).expect("JSON");
    let key = &keys["keys"][0];
    let modulus = URL_SAFE_NO_PAD.decode(key["n"].as_str().expect("a modulus")).expect("base64url");
    // The public key as the secret of a signature that any attacker can make (RFC 8725 2.1).
    let forged = |secret: &[u8]| {
        let signed = format!("{}.{}", encoded(&with(header.clone(), "alg", "HS256".into())), encoded(&payload));
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
    };
    let none = encoded(&with(header.clone(), "alg", "none".into()));
    let later = with(payload.clone(), "exp", (payload["exp"].as_i64().expect("a time") + 86_400).into());
    let brought = with(header.clone(), "jwk", key.clone());
    for (token, code) in [
        (
            format!("{head}.{}.{signature}", encoded(&with(payload.clone(), "sub", bob.into()))),
            "token_signature_invalid",
        ),
        (format!("{head}.{}.{signature}", encoded(&later)), "token_signature_invalid"),
        (format!("{head}.{body}.{signature_of_bob}"), "token_signature_invalid"),
        (format!("{}.{body}.{signature}", encoded(&brought)), "token_header_forbidden"),
        (
            format!("{}.{body}.{signature}", encoded(&with(header.clone(), "kid", "another".into()))),
            "token_key_unknown",
        ),
        (forged(key.to_string().as_bytes()), "token_algorithm_forbidden"),
        (forged(&modulus), "token_algorithm_forbidden"),
        (format!("{none}.{body}."), "token_malformed"),
        (format!("{none}.{body}.{signature}"), "token_algorithm_forbidden"),
        (pool.sign_in(&pool.client, "alice").access_token, "token_use_mismatch"),
        (format!("{head}.{body}"), "token_malformed"),
        (format!("{good} "), "token_malformed"),
        (format!("{good}{}", "x".repeat(8_192)), "token_too_large"),
    ] {
        let answer = service.send(post(&token, &nothing())).await;
        assert_eq!(last(&service.log()), code, "{token}");
        assert_eq!((answer.status.as_u16(), &told_by(&answer)["code"]), (401, &"invalid_token".into()), "{code}");
        let payload = token.split('.').nth(1).unwrap_or(&token);
        assert!(!service.log().contains(payload) && !answer.body.contains(payload), "it is not repeated");
    }
    // When its hour is over, and before it has begun.
    service.wait(-7200);
    service.send(post(&good, &nothing())).await;
    assert_eq!(last(&service.log()), "token_not_yet_valid");
    service.wait(7200 + 3600 + 300);
    service.send(post(&good, &nothing())).await;
    assert_eq!(last(&service.log()), "token_expired");
    assert_untouched(&world, &service);
    service.wait(-3900);
    // One URL in a minute: nothing was counted.
    assert_eq!(service.send(post(&good, &nothing())).await.status, 200, "{}", service.log());
    assert_eq!(service.send(post(&good, &nothing())).await.status, 429);
    assert_eq!(world.mints(), 1);
}

#[tokio::test]
async fn what_the_user_can_be_told_of_a_token_they_are_told() {
    let more = [("token-use", "access"), ("token-scope", "studio/open"), ("token-user-claim", "email")];
    let client = ApiClient::open(&["alice"], &entry("own", "alice@corp.example", "profile = \"alice\""), &more).await;
    let good = claims("alice", client.service.now());
    let good = with(with(good, "scope", "openid studio/open".into()), "email", "alice@corp.example".into());
    let good = with(good, "email_verified", true.into());
    for (claims, status, code) in [
        (good.clone(), 200, "accepted"),
        (with(good.clone(), "scope", "openid xstudio/open studio/open2".into()), 403, "token_scope_missing"),
        (with(good.clone(), "email", Value::Null), 403, "token_claim_missing"),
        (with(good.clone(), "email", "".into()), 403, "token_claim_invalid"),
        (with(good.clone(), "email", " alice@corp.example".into()), 403, "token_claim_invalid"),
        (with(good.clone(), "email", "alice\u{202e}@corp.example".into()), 403, "token_claim_invalid"),
        (with(good.clone(), "email", "a".repeat(257).into()), 403, "token_claim_invalid"),
        (with(good.clone(), "groups", json!(["a", ""])), 200, "accepted"),
        (with(good.clone(), "_claim_names", json!({"groups": "src1"})), 403, "groups_incomplete"),
        (with(good.clone(), "email_verified", false.into()), 403, "token_email_unverified"),
        (with(good.clone(), "email_verified", Value::Null), 403, "token_email_unverified"),
    ] {
        let answer = client.service.send(post(&client.issuer.sign(&claims), &nothing())).await;
        assert_eq!((answer.status.as_u16(), &*last(&client.service.log())), (status, code), "{claims}");
        if status != 200 {
            assert_eq!(told_by(&answer)["code"], code, "{claims}");
        }
    }
    // Any other missing claim is the token's own fault, and nothing that its user could be told.
    for name in ["exp", "iat", "iss", "aud"] {
        let answer =
            client.service.send(post(&client.issuer.sign(&with(good.clone(), name, Value::Null)), &nothing())).await;
        let found = (answer.status.as_u16(), told_by(&answer)["code"].clone(), last(&client.service.log()));
        assert_eq!(found, (401, "invalid_token".into(), "token_claim_missing".to_owned()), "{name}");
    }
    assert_eq!(client.world.mints(), 2);
}
