//! The token API through HTTP: an API client with its users' tokens, and the same broker behind it.

mod approvals;
mod aws;
mod broker;
mod discovery;
mod document;
mod http;
mod issuers;
mod keys;
mod tokens;

use axum::body::Body;
use axum::http::Request;
use axum::http::request::Builder;
use serde_json::{Value, json};
use support::browser::RunningService;
use support::issuer::{CLIENT, ISSUER, Issuer, key_set};
use support::world::{Book, NOON, World, attempts, entry, last, lines, logons, on_record};
use support::{Answer, TestDir};

/// An API client, the service whose token API it calls, and everything around them.
struct ApiClient {
    world: World,
    book: Book,
    issuer: Issuer,
    /// Where the issuer's keys are.
    _keys: TestDir,
    service: RunningService,
}

impl ApiClient {
    /// SageMaker has these profiles; the ledger says this; and these settings are added.
    async fn open(profiles: &[&str], ledger: &str, more: &[(&'static str, &str)]) -> Self {
        Self::open_in(World::without_aws(profiles).await, ledger, more).await
    }

    async fn open_in(world: World, ledger: &str, more: &[(&'static str, &str)]) -> Self {
        let (book, issuer) = (Book::of(ledger), Issuer::new("one"));
        let keys = TestDir::with("keys.json", &key_set(&[&issuer]));
        let path = format!("{}/keys.json", keys.path());
        let settings = settings(ISSUER, &path, CLIENT);
        let ours = settings.iter().map(|(name, value)| (*name, value.as_str()));
        let ledger = book.path();
        let ours: Vec<_> = ours.chain([("ledger", ledger.as_str())]).chain(more.iter().copied()).collect();
        let service = world.service(&ours, NOON).await;
        Self { world, book, issuer, _keys: keys, service }
    }

    /// An ID token of this user, issued now.
    fn token(&self, user: &str) -> String {
        self.issuer.token(user, self.service.now())
    }

    /// The answer to a call for this user, and the logged outcome.
    async fn ask(&self, user: &str, body: Value) -> (u16, Value, String) {
        let answer = self.service.send(post(&self.token(user), &body)).await;
        (answer.status.as_u16(), told_by(&answer), last(&self.service.log()))
    }
}

/// The settings of a token API.
fn settings(issuer: &str, jwks: &str, audience: &str) -> [(&'static str, String); 4] {
    let names = ("names", "shared".to_owned());
    [
        names,
        ("token-issuer", issuer.to_owned()),
        ("token-jwks", jwks.to_owned()),
        ("token-audience", audience.to_owned()),
    ]
}

fn bearer(builder: Builder, token: &str) -> Builder {
    builder.header("authorization", format!("Bearer {token}"))
}

/// A backend's call for the user of this token.
fn post(token: &str, body: &Value) -> Request<Body> {
    let builder = bearer(Request::post("/studio-url"), token).header("content-type", "application/json");
    builder.body(Body::from(body.to_string())).expect("a request")
}

/// A proxy's call for the user of this token.
fn get(token: &str, profile: &str) -> Request<Body> {
    bearer(Request::get(format!("/studio/{profile}")), token).body(Body::empty()).expect("a request")
}

/// The body of an answer: a refusal is a problem document.
fn told_by(answer: &Answer) -> Value {
    let said: Value = serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("JSON: {answer:?}"));
    let problem = answer.status.is_client_error() || answer.status.is_server_error();
    let media_type = if problem { "application/problem+json" } else { "application/json" };
    assert_eq!(answer.header("content-type"), media_type, "{answer:?}");
    if problem {
        assert_eq!(said["status"], answer.status.as_u16(), "{said}");
        for member in ["title", "detail", "advice", "code"] {
            assert!(said[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {said}");
        }
    }
    if answer.status != 200 {
        assert_eq!(said["correlation_id"], answer.header("x-correlation-id"), "{said}");
    }
    said
}

/// Where a URL that was minted leads.
fn url(said: &Value) -> &str {
    said["url"].as_str().unwrap_or_else(|| panic!("a URL: {said}"))
}

fn nothing() -> Value {
    json!({})
}
