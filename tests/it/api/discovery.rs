//! Keys at the place that the issuer's own configuration names, and tokens that name no key.

use serde_json::{Value, json};

use super::{Book, NOON, World, entry, last, nothing, post, settings};
use support::browser::RunningService;
use support::issuer::{CLIENT, Issuer, KeyServer, claims, key_set, with};

struct Desk {
    _world: World,
    _book: Book,
    issuer: Issuer,
    server: KeyServer,
    service: RunningService,
    /// The issuer's name: the server's origin.
    name: String,
}

impl Desk {
    /// A service that reads keys at `jwks` of a server that answers every path alike.
    async fn open(jwks: impl Fn(&str) -> String) -> Self {
        let (issuer, server) = (Issuer::new("one"), KeyServer::start("{}"));
        let name = server.url.trim_end_matches("/keys").to_owned();
        let (world, book) = (World::without_aws(&["alice"]).await, Book::of(&entry("own", "alice", "")));
        let (settings, ledger) = (settings(&name, &jwks(&name), CLIENT), book.path());
        let ours = settings.iter().map(|(name, value)| (*name, value.as_str()));
        let ours: Vec<_> = ours.chain([("ledger", ledger.as_str()), ("rate-per-user", "1000")]).collect();
        let service = world.service(&ours, NOON).await;
        Self { _world: world, _book: book, issuer, server, service, name }
    }

    /// A configuration and a key set at once.
    fn answers(&self, configuration: Value, keys: &[Value]) {
        let mut answer = configuration;
        answer["keys"] = json!(keys);
        self.server.has(&answer.to_string());
    }

    fn configuration(&self) -> Value {
        json!({"issuer": self.name, "jwks_uri": self.server.url, "scopes_supported": ["openid"]})
    }

    fn claims(&self) -> Value {
        with(claims("alice", self.service.now()), "iss", json!(self.name))
    }

    async fn code(&self, token: &str) -> String {
        self.service.send(post(token, &nothing())).await;
        last(&self.service.log())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_read_where_the_issuers_own_configuration_says() {
    let desk = Desk::open(|_| "discovery".to_owned()).await;
    desk.answers(desk.configuration(), &[desk.issuer.jwk()]);
    let token = desk.issuer.sign(&desk.claims());
    assert_eq!((desk.code(&token).await, desk.server.fetches()), ("accepted".to_owned(), 2), "{}", desk.service.log());
    assert_eq!((desk.code(&token).await, desk.server.fetches()), ("accepted".to_owned(), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_of_another_issuer_or_of_keys_in_the_clear_leads_to_no_keys() {
    for (change, words) in [
        (json!({"issuer": "http://127.0.0.1:1"}), "expected the issuer"),
        (json!({"issuer": "https://idp.example"}), "expected the issuer"),
        (json!({"jwks_uri": "http://idp.example/keys"}), "expected a jwks_uri of https"),
        (json!({"jwks_uri": "http://user:word@127.0.0.1:1/keys"}), "expected a jwks_uri of https"),
        (json!({"jwks_uri": "file:///etc/passwd"}), "expected a jwks_uri of https"),
        (json!({"jwks_uri": null}), "a JSON object with issuer and jwks_uri"),
        (json!({"issuer": null}), "a JSON object with issuer and jwks_uri"),
        (json!({"jwks_uri": "http://127.0.0.1:1/keys"}), "no connection"),
        (json!({"access_token_issuer": "https://idp.example", "issuer": "https://idp.example"}), "expected the issuer"),
    ] {
        let desk = Desk::open(|_| "discovery".to_owned()).await;
        let mut configuration = desk.configuration();
        for (member, value) in change.as_object().expect("members") {
            configuration[member] = value.clone();
        }
        desk.answers(configuration, &[desk.issuer.jwk()]);
        assert_eq!(desk.code(&desk.issuer.sign(&desk.claims())).await, "token_keys_unavailable", "{change}");
        assert!(desk.service.log().contains(words), "{change}: {}", desk.service.log());
    }
}

/// As with keys: no redirect is followed, and no answer is read without end.
#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_has_the_bounds_of_keys() {
    let desk = Desk::open(|_| "discovery".to_owned()).await;
    let token = || desk.issuer.sign(&desk.claims());
    desk.server.redirects("http://127.0.0.1:1/");
    assert_eq!(desk.code(&token()).await, "token_keys_unavailable");
    assert!(desk.service.log().contains("status 302"), "{}", desk.service.log());
    let mut large = desk.configuration();
    large["filler"] = "x".repeat(70_000).into();
    desk.answers(large, &[desk.issuer.jwk()]);
    desk.service.wait(10);
    assert_eq!(desk.code(&token()).await, "token_keys_unavailable");
    assert!(desk.service.log().contains("an answer that does not end"), "{}", desk.service.log());
    desk.server.has(r#"{"issuer":"a","issuer":"b","jwks_uri":"https://idp.example/keys"}"#);
    desk.service.wait(10);
    assert_eq!(desk.code(&token()).await, "token_keys_unavailable");
    assert!(desk.service.log().contains("duplicate field"), "{}", desk.service.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_of_a_configuration_is_told_from_one_of_keys() {
    for place in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/keys"] {
        let desk = Desk::open(|name| format!("{name}{place}")).await;
        desk.answers(desk.configuration(), &[desk.issuer.jwk()]);
        let fetches = if place == "/keys" { 1 } else { 2 };
        let token = desk.issuer.sign(&desk.claims());
        assert_eq!((desk.code(&token).await, desk.server.fetches()), ("accepted".to_owned(), fetches), "{place}");
    }
}

/// A removed key opens nothing, and a configuration that cannot be read takes nothing back.
#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_fails_leaves_the_last_keys_and_one_that_works_removes_a_key() {
    let desk = Desk::open(|_| "discovery".to_owned()).await;
    let newer = Issuer::new("two");
    desk.answers(desk.configuration(), &[desk.issuer.jwk()]);
    assert_eq!(desk.code(&desk.issuer.sign(&desk.claims())).await, "accepted");
    desk.server.answers(404, b"");
    desk.service.wait(3_600);
    assert_eq!(desk.code(&desk.issuer.sign(&desk.claims())).await, "accepted", "the last good keys stay");
    assert_eq!(desk.server.fetches(), 4, "both addresses of the configuration were asked");
    desk.answers(desk.configuration(), &[newer.jwk()]);
    desk.service.wait(3_600);
    assert_eq!(desk.code(&desk.issuer.sign(&desk.claims())).await, "token_key_unknown");
    assert_eq!(desk.code(&newer.sign(&desk.claims())).await, "accepted");
}

/// The name of a newer key would have it read again; a token without a name has its signature for that.
#[tokio::test(flavor = "multi_thread")]
async fn a_newer_key_without_a_name_is_read_with_the_first_token_that_it_signs() {
    let desk = Desk::open(|name| format!("{name}/keys")).await;
    let newer = Issuer::new("two");
    let unnamed = |issuer: &Issuer| with(issuer.jwk(), "kid", Value::Null);
    let token = |issuer: &Issuer| issuer.sign_under(&json!({"alg": "RS256", "typ": "JWT"}), &desk.claims());
    desk.server.has(&json!({"keys": [unnamed(&desk.issuer)]}).to_string());
    assert_eq!((desk.code(&token(&desk.issuer)).await, desk.server.fetches()), ("accepted".to_owned(), 1));
    desk.server.has(&json!({"keys": [unnamed(&newer)]}).to_string());
    let invalid = || "token_signature_invalid".to_owned();
    assert_eq!((desk.code(&token(&newer)).await, desk.server.fetches()), (invalid(), 1), "not at once");
    desk.service.wait(30);
    assert_eq!((desk.code(&token(&newer)).await, desk.server.fetches()), ("accepted".to_owned(), 2));
    assert_eq!((desk.code(&token(&desk.issuer)).await, desk.server.fetches()), (invalid(), 2), "not again and again");
    // A key of a name is as good where it is the only one.
    desk.server.has(&key_set(&[&desk.issuer]));
    desk.service.wait(30);
    assert_eq!(desk.code(&token(&desk.issuer)).await, "accepted");
    desk.server.has(&key_set(&[&desk.issuer, &newer]));
    desk.service.wait(3_600);
    assert_eq!(desk.code(&token(&newer)).await, "token_key_unknown", "either may be meant");
}

/// Algorithms that are not allowed cost no look at the keys.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_for_keys_for_an_algorithm_that_is_not_allowed() {
    let desk = Desk::open(|name| format!("{name}/keys")).await;
    let token = desk.issuer.sign_under(&json!({"alg": "PS256", "kid": "one"}), &desk.claims());
    assert_eq!((desk.code(&token).await, desk.server.fetches()), ("token_algorithm_forbidden".to_owned(), 0));
}
