//! API Gateway's events through the Lambda handler, as the Lambda runtime hands them over.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::unwrap_used)]

mod support;

use axum::body::to_bytes;
use lambda_http::Service as _;
use serde_json::{Value, json};
use studio_acs::demo::sagemaker::{Behaviour, Profiles};
use studio_acs::lambda;
use studio_acs_saml::instant;
use support::issuer::{CLIENT, ISSUER, Issuer, key_set};
use support::process::{DOMAIN, SignIns};
use support::world::{Book, NOON, entry};
use support::{Answer, StandIns, TestDir, manifest, settings};

/// The row whose response the events carry.
fn row() -> manifest::Row {
    manifest::rows("http").into_iter().find(|row| row.name == "accept/identity-center").expect("the row")
}

async fn handle(event: &str) -> (Answer, StandIns) {
    let row = row();
    let (domain, user) = (row.domain.clone().expect("a domain"), row.user.clone().expect("a user"));
    let stand_ins = StandIns::start(Profiles::default().with(&domain, &user, Behaviour::Mint)).await;
    let mut handler = lambda::handler(stand_ins.service(&settings(&row), &row.at).await);
    let request = lambda_http::request::from_reader(manifest::read(event).as_slice()).expect("an event");
    let (head, body) = handler.call(request).await.expect("a router does not fail").into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    let body = String::from_utf8(body.to_vec()).expect("UTF-8");
    (Answer { status: head.status, headers: head.headers, body }, stand_ins)
}

#[tokio::test]
async fn sign_ins_by_rest_and_http_apis_plain_and_base64() {
    for event in ["rest-plain", "rest-base64", "http-v2-plain", "http-v2-base64"] {
        let (answer, stand_ins) = handle(&format!("events/{event}.json")).await;
        assert_eq!(answer.status, 302, "{event}: {}", answer.body);
        let studio = stand_ins.follow(answer.header("location")).await;
        assert!(studio.body.contains(&format!(">{}<", row().user.unwrap())), "{event}");
    }
}

#[tokio::test]
async fn the_other_routes() {
    let (answer, _) = handle("events/rest-get-healthz.json").await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, r#"{"status":"ok"}"#));
}

#[tokio::test]
async fn refusals_mint_nothing() {
    for (event, status) in [("rest-malformed-base64", 400), ("rest-wrong-audience", 403)] {
        let (answer, stand_ins) = handle(&format!("events/{event}.json")).await;
        assert_eq!(answer.status, status, "{event}");
        assert!(answer.body.contains("We could not sign you in"), "{event}");
        assert_eq!(stand_ins.sagemaker.mints(), 0, "{event}");
    }
}

/// The event that a REST API makes of a portal's request, with these values of `Authorization`.
fn portals_event(method: &str, path: &str, tokens: &[&str], body: &Value) -> String {
    let event = manifest::read("events/rest-get-healthz.json");
    let mut event: Value = serde_json::from_slice(&event).expect("JSON");
    let bearers: Vec<_> = tokens.iter().map(|token| format!("Bearer {token}")).collect();
    event["path"] = path.into();
    event["httpMethod"] = method.into();
    for (single, several) in [("Authorization", json!(bearers)), ("Content-Type", json!(["application/json"]))] {
        // Of several, the event's simple form has the last.
        if let Some(last) = several.as_array().and_then(|values| values.last().cloned()) {
            event["headers"][single] = last;
            event["multiValueHeaders"][single] = several;
        }
    }
    event["body"] = if body.is_null() { Value::Null } else { body.to_string().into() };
    event.to_string()
}

#[tokio::test]
async fn a_portal_asks_through_a_rest_api() {
    let stand_ins = StandIns::start(Profiles::default().with(DOMAIN, "alice", Behaviour::Mint)).await;
    let (sign_ins, issuer, book) = (SignIns::new(), Issuer::new("one"), Book::of(&entry("own", "alice", "")));
    let keys = TestDir::with("keys.json", &key_set(&[&issuer]));
    let ours = [
        ("token-issuer", ISSUER.to_owned()),
        ("token-jwks", format!("{}/keys.json", keys.path())),
        ("token-audience", CLIENT.to_owned()),
        ("ledger", book.path()),
    ];
    let settings: Vec<_> = sign_ins.settings().into_iter().chain(ours).collect();
    let mut handler = lambda::handler(stand_ins.service(&settings, NOON).await);
    let token = issuer.token("alice", instant::parse(NOON).expect("a time"));
    let other = Issuer::new("one").token("alice", instant::parse(NOON).expect("a time"));
    let rows = [
        ("POST", "/studio-url", vec![&*token], json!({"profile": "alice"}), 200),
        ("GET", "/studio/alice", vec![&*token], Value::Null, 302),
        ("GET", "/studio/bob", vec![&*token], Value::Null, 403),
        ("GET", "/openapi.json", vec![], Value::Null, 200),
        ("POST", "/studio-url", vec![&*other], json!({}), 401),
        // Of several headers of one name, what comes out of the event is the last, and it alone is judged.
        ("POST", "/studio-url", vec![&*token, &*other], json!({}), 401),
        ("POST", "/studio-url", vec![&*other, &*token], json!({}), 200),
        ("POST", "/studio-url", vec![], json!({}), 401),
        ("GET", "/studio-url", vec![&*token], Value::Null, 405),
    ];
    for (method, path, tokens, body, status) in rows {
        let event = portals_event(method, path, &tokens, &body);
        let request = lambda_http::request::from_reader(event.as_bytes()).expect("an event");
        let (head, body) = handler.call(request).await.expect("a router does not fail").into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        assert_eq!(head.status, status, "{method} {path} with {}: {body:?}", tokens.len());
        assert_eq!(head.headers["cache-control"], "no-store", "{method} {path}");
    }
    assert_eq!(stand_ins.sagemaker.mints(), 3);
}
