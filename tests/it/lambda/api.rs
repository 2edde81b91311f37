//! The token API by way of API Gateway.

use axum::Router;
use serde_json::{Value, json};
use studio_acs_refusal::instant;
use studio_acs_standins::sagemaker::{Behaviour, Profiles};

use super::handle;
use support::gateway::{Gateway, Kind};
use support::issuer::{CLIENT, ISSUER, Issuer, key_set};
use support::process::{DOMAIN, SignIns};
use support::world::{Book, NOON, entry};
use support::{Answer, StandIns, TestDir};

/// The service's answer to a request with these values of `Authorization`.
async fn ask(router: &Router, kind: Kind, method: &str, path: &str, tokens: &[&str], body: &Value) -> Answer {
    let bearers: Vec<_> = tokens.iter().map(|token| format!("Bearer {token}")).collect();
    let mut headers = vec![("Content-Type", "application/json")];
    headers.extend(bearers.iter().map(|bearer| ("Authorization", bearer.as_str())));
    let body = if body.is_null() { String::new() } else { body.to_string() };
    handle(router, Gateway::from(kind).event(method, path, &headers, body.as_bytes())).await
}

#[tokio::test]
async fn an_api_client_asks_through_every_gateway() {
    let stand_ins = StandIns::start(Profiles::default().with(DOMAIN, "alice", Behaviour::Mint)).await;
    let (sign_ins, issuer, book) = (SignIns::new(), Issuer::new("one"), Book::of(&entry("own", "alice", "")));
    let keys = TestDir::with("keys.json", &key_set(&[&issuer]));
    let ours = [
        ("names", "shared".to_owned()),
        ("token-issuer", ISSUER.to_owned()),
        ("token-jwks", format!("{}/keys.json", keys.path())),
        ("token-audience", CLIENT.to_owned()),
        ("ledger", book.path()),
        ("rate-per-user", "1000".to_owned()),
    ];
    let settings: Vec<_> = sign_ins.settings().into_iter().chain(ours).collect();
    let router = stand_ins.service(&settings, NOON).await;
    let token = issuer.token("alice", instant::parse(NOON).expect("a time"));
    let other = Issuer::new("one").token("alice", instant::parse(NOON).expect("a time"));
    let rows = [
        ("POST", "/studio-url", vec![&*token], json!({"profile": "alice"}), 200),
        ("GET", "/studio/alice", vec![&*token], Value::Null, 302),
        ("GET", "/studio/alice?profile=bob", vec![&*token], Value::Null, 302),
        ("GET", "/studio/bob", vec![&*token], Value::Null, 403),
        ("GET", "/openapi.json", vec![], Value::Null, 200),
        ("POST", "/studio-url", vec![&*other], json!({}), 401),
        // As on a server, two headers are ambiguous.
        ("POST", "/studio-url", vec![&*token, &*other], json!({}), 401),
        ("POST", "/studio-url", vec![&*other, &*token], json!({}), 401),
        ("POST", "/studio-url", vec![&*token, &*token], json!({}), 401),
        ("POST", "/studio-url", vec![], json!({}), 401),
        ("GET", "/studio-url", vec![&*token], Value::Null, 405),
    ];
    for kind in Kind::ALL {
        for (method, path, tokens, body, status) in &rows {
            let answer = ask(&router, kind, method, path, tokens, body).await;
            assert_eq!(answer.status, *status, "{kind:?}: {method} {path} with {}: {}", tokens.len(), answer.body);
            assert_eq!(answer.header("cache-control"), "no-store", "{method} {path}");
        }
    }
    assert_eq!(stand_ins.sagemaker.mints(), 3 * Kind::ALL.len());
}
