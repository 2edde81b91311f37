//! Several issuers: each token is judged by the issuer that it names, by its keys, its audience, its claims and its use.

use serde_json::{Value, json};

use super::{Book, NOON, World, entry, last, lines, nothing, post, told_by};
use support::browser::RunningService;
use support::issuer::{CLIENT, ISSUER, Issuer, KeyServer, claims, encoded, key_set, with};
use support::{Answer, TestDir};

const OTHER: &str = "https://two.example/";

/// A service that trusts two issuers.
struct Two {
    world: World,
    service: RunningService,
    one: Issuer,
    two: Issuer,
    _kept: [TestDir; 2],
    _book: Book,
}

impl Two {
    /// The second issuer's keys are at this place, or else in a file.
    async fn start(place: Option<&str>) -> Self {
        let (world, one, two) = (World::without_aws(&["alice", "bob"]).await, Issuer::new("one"), Issuer::new("two"));
        let ledger = [entry("own", "alice", "profile = \"alice\""), entry("bobs", "b-2", "profile = \"bob\"")];
        let (book, keys) = (Book::of(&ledger.concat()), TestDir::with("one.json", &key_set(&[&one])));
        let of_two = format!("{}/two.json", keys.path());
        std::fs::write(&of_two, key_set(&[&two])).expect("a file");
        let text = format!(
            "[[token_api.issuer]]\nissuer = '{ISSUER}'\njwks = '{}/one.json'\naudience = '{CLIENT}'\n\
             [[token_api.issuer]]\nissuer = '{OTHER}'\njwks = '{}'\naudience = ['studio']\nuser_claim = 'oid'\n",
            keys.path(),
            place.unwrap_or(&of_two),
        );
        let file = TestDir::with("studio-acs.toml", &text);
        let (config, ledger) = (format!("{}/studio-acs.toml", file.path()), book.path());
        let service =
            world.service(&[("config", config.as_str()), ("ledger", ledger.as_str()), ("names", "shared")], NOON).await;
        Self { world, service, one, two, _kept: [keys, file], _book: book }
    }

    /// The second issuer's claims of this user.
    fn claims_of_two(&self, user: &str) -> Value {
        let claims = with(claims("anybody", self.service.now()), "oid", json!(user));
        with(with(claims, "iss", json!(OTHER)), "aud", json!("studio"))
    }

    async fn ask(&self, token: &str) -> (Answer, String) {
        let answer = self.service.send(post(token, &nothing())).await;
        (answer, last(&self.service.log()))
    }
}

#[tokio::test]
async fn each_issuer_names_its_users_by_its_own_claim() {
    let two = Two::start(None).await;
    let (answer, _) = two.ask(&two.one.token("alice", two.service.now())).await;
    assert_eq!(answer.status, 200, "{}", two.service.log());
    let (answer, _) = two.ask(&two.two.sign(&two.claims_of_two("b-2"))).await;
    assert_eq!(answer.status, 200, "{}", two.service.log());
    // The issuer stands beside the user in the audit log.
    let log = two.service.log();
    let records = lines(&log, "class_uid").into_iter().filter(|record| record["class_uid"] == 3002);
    let who: Vec<_> = records
        .map(|record| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (text(&record["user"]["name"]), text(&record["session"]["issuer"]))
        })
        .collect();
    assert_eq!(who, [("alice".to_owned(), ISSUER.to_owned()), ("b-2".to_owned(), OTHER.to_owned())]);
}

#[tokio::test]
async fn no_issuer_speaks_for_another() {
    let two = Two::start(None).await;
    let now = two.service.now();
    let header = |kid: &str| json!({"alg": "RS256", "typ": "JWT", "kid": kid});
    let of_two = two.claims_of_two("b-2");
    let unsigned = |payload: &str| format!("{}.{payload}.AAAA", encoded(&header("one")));
    for (token, code) in [
        // The first one's key, under the second one's name: with its own ID, and with that of a key of the second.
        (two.one.sign(&of_two), "token_key_unknown"),
        (two.one.sign_under(&header("two"), &of_two), "token_signature_invalid"),
        (two.two.sign(&claims("alice", now)), "token_key_unknown"),
        (two.two.sign_under(&header("one"), &claims("alice", now)), "token_signature_invalid"),
        // The audience and the claims of the other.
        (two.two.sign(&with(of_two.clone(), "aud", json!(CLIENT))), "token_audience_mismatch"),
        (two.one.sign(&with(claims("alice", now), "aud", json!("studio"))), "token_audience_mismatch"),
        (two.two.sign(&with(of_two.clone(), "oid", Value::Null)), "token_claim_missing"),
        // Issuers that are not exactly one of the two.
        (two.two.sign(&with(of_two.clone(), "iss", json!("https://two.example"))), "token_issuer_mismatch"),
        (two.two.sign(&with(of_two.clone(), "iss", json!("https://three.example"))), "token_issuer_mismatch"),
        (two.two.sign(&with(of_two.clone(), "iss", json!([ISSUER, OTHER]))), "token_malformed"),
        (two.two.sign(&with(of_two, "iss", Value::Null)), "token_claim_missing"),
        (unsigned("e30x"), "token_malformed"),
        (unsigned("eyJpc3MiOiJhIiwiaXNzIjoiYiJ9"), "token_malformed"),
    ] {
        let (answer, found) = two.ask(&token).await;
        assert_eq!(found, code, "{token}: {answer:?}");
        assert!([401, 403].contains(&answer.status.as_u16()), "{answer:?}");
        assert!(told_by(&answer)["code"].is_string());
    }
    assert_eq!(two.world.mints(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_without_keys_does_not_stop_the_other() {
    let server = KeyServer::start("");
    server.answers(500, b"");
    let two = Two::start(Some(&server.url)).await;
    let (answer, code) = two.ask(&two.two.sign(&two.claims_of_two("b-2"))).await;
    assert_eq!((answer.status.as_u16(), &*code), (503, "token_keys_unavailable"));
    let (answer, _) = two.ask(&two.one.token("alice", two.service.now())).await;
    assert_eq!(answer.status, 200, "{}", two.service.log());
    assert_eq!(server.fetches(), 1, "its keys are asked for by its own tokens");
}
