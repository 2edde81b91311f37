//! The issuer's keys by URL: read once, read again when they must be, and never more often; and what comes of a URL
//! that does not answer as it should.

use std::time::Duration;

use serde_json::json;

use super::{Book, NOON, World, entry, last, nothing, post, settings, told_by};
use studio_acs::Clock;
use studio_acs_refusal::instant;
use studio_acs_standins::sagemaker::Profiles;
use support::browser::RunningService;
use support::issuer::{CLIENT, ISSUER, Issuer, KeyServer, key_set};
use support::process::NOWHERE;
use support::{StandIns, TestDir};

struct Desk {
    world: World,
    _book: Book,
    old: Issuer,
    new: Issuer,
    keys: KeyServer,
    service: RunningService,
}

impl Desk {
    /// The issuer has only the old key.
    async fn open(more: &[(&'static str, &str)]) -> Self {
        let (old, new) = (Issuer::new("old"), Issuer::new("new"));
        let keys = KeyServer::start(&key_set(&[&old]));
        let (world, book) = (World::without_aws(&["alice"]).await, Book::of(&entry("own", "alice", "")));
        let service = start(&world, &book, &keys.url, more).await;
        Self { world, _book: book, old, new, keys, service }
    }

    /// The status and code for a token of this key.
    async fn by(&self, issuer: &Issuer) -> (u16, String) {
        let token = issuer.token("alice", self.service.now());
        let answer = self.service.send(post(&token, &nothing())).await;
        told_by(&answer);
        (answer.status.as_u16(), last(&self.service.log()))
    }

    async fn saml(&self) -> u16 {
        self.world.sign_in(&self.service, "alice").await.status
    }
}

async fn start(world: &World, book: &Book, jwks: &str, more: &[(&'static str, &str)]) -> RunningService {
    let (settings, ledger) = (settings(ISSUER, jwks, CLIENT), book.path());
    let ours = settings.iter().map(|(name, value)| (*name, value.as_str()));
    let ours = ours.chain([("ledger", ledger.as_str()), ("rate-per-user", "1000")]).chain(more.iter().copied());
    world.service(&ours.collect::<Vec<_>>(), NOON).await
}

fn opens() -> (u16, String) {
    (200, "accepted".to_owned())
}

fn unknown() -> (u16, String) {
    (401, "token_key_unknown".to_owned())
}

fn unavailable() -> (u16, String) {
    (503, "token_keys_unavailable".to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_read_with_the_first_token_and_again_after_their_time() {
    let desk = Desk::open(&[("token-jwks-refresh", "600")]).await;
    assert_eq!((desk.saml().await, desk.keys.fetches()), (302, 0), "nobody asks for keys before a token comes");
    let answer = desk.service.send(post("x", &nothing())).await;
    assert_eq!((answer.status.as_u16(), desk.keys.fetches()), (401, 0), "nor for what is no token");
    for _ in 0..3 {
        assert_eq!((desk.by(&desk.old).await, desk.keys.fetches()), (opens(), 1));
    }
    desk.service.wait(599);
    assert_eq!((desk.by(&desk.old).await, desk.keys.fetches()), (opens(), 1));
    desk.service.wait(1);
    assert_eq!((desk.by(&desk.old).await, desk.keys.fetches()), (opens(), 2));
    // A key that the issuer has taken back is none any more.
    desk.keys.has(&key_set(&[&desk.new]));
    desk.service.wait(600);
    assert_eq!((desk.by(&desk.old).await, desk.keys.fetches()), (unknown(), 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_known_is_asked_for_once_and_then_not_for_a_while() {
    let desk = Desk::open(&[]).await;
    assert_eq!((desk.by(&desk.old).await, desk.keys.fetches()), (opens(), 1));
    desk.service.wait(30);
    for _ in 0..20 {
        assert_eq!((desk.by(&desk.new).await, desk.keys.fetches()), (unknown(), 2));
    }
    desk.service.wait(29);
    assert_eq!((desk.by(&desk.new).await, desk.keys.fetches()), (unknown(), 2));
    assert_eq!((desk.by(&desk.old).await, desk.keys.fetches()), (opens(), 2));
    desk.service.wait(1);
    assert_eq!((desk.by(&desk.new).await, desk.keys.fetches()), (unknown(), 3));
    // The issuer rotates: the new key signs, and the service does not restart.
    desk.keys.has(&key_set(&[&desk.old, &desk.new]));
    desk.service.wait(30);
    assert_eq!((desk.by(&desk.new).await, desk.keys.fetches()), (opens(), 4));
    assert_eq!((desk.by(&desk.old).await, desk.keys.fetches()), (opens(), 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_tokens_at_once_of_a_key_that_is_not_known_one_asks() {
    let desk = Desk::open(&[]).await;
    assert_eq!(desk.by(&desk.old).await, opens());
    desk.service.wait(30);
    let token = desk.new.token("alice", desk.service.now());
    let mut posts = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (service, request) = (desk.service.clone(), post(&token, &nothing()));
        posts.spawn(async move { service.send(request).await.status.as_u16() });
    }
    assert_eq!((posts.join_all().await, desk.keys.fetches()), (vec![401; 20], 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_an_invented_key_keeps_nobody_waiting_whose_key_is_known() {
    let desk = Desk::open(&[]).await;
    assert_eq!(desk.by(&desk.old).await, opens());
    let released = desk.keys.waits();
    desk.service.wait(30);
    let (service, request) = (desk.service.clone(), post(&desk.new.token("mallory", desk.service.now()), &nothing()));
    let first = tokio::spawn(async move { service.send(request).await.status.as_u16() });
    let asked = async {
        while desk.keys.fetches() < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), asked).await.expect("the issuer is asked");
    assert_eq!(desk.by(&desk.old).await, opens());
    assert!(!first.is_finished(), "who asks waits");
    released.notify_one();
    assert_eq!((first.await.expect("no panic"), desk.keys.fetches()), (401, 2));
}

/// After a quiet night the keys that are known may be old, and one of them may have been taken back.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_taken_back_opens_nothing_while_the_keys_are_read_again() {
    let desk = Desk::open(&[("token-jwks-refresh", "60")]).await;
    assert_eq!(desk.by(&desk.old).await, opens());
    desk.keys.has(&key_set(&[&desk.new]));
    desk.service.wait(60);
    let token = desk.old.token("alice", desk.service.now());
    let mut posts = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (service, request) = (desk.service.clone(), post(&token, &nothing()));
        posts.spawn(async move { service.send(request).await.status.as_u16() });
    }
    assert_eq!((posts.join_all().await, desk.keys.fetches()), (vec![401; 20], 2));
}

/// Else every request would wait for it, one after the other.
#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_hangs_before_there_are_keys_is_left_alone_for_a_while() {
    let desk = Desk::open(&[]).await;
    let none = (503, "token_keys_unavailable".to_owned());
    let released = desk.keys.waits();
    assert_eq!((desk.by(&desk.old).await, desk.keys.fetches()), (none.clone(), 1));
    desk.service.wait(9);
    assert_eq!((desk.by(&desk.old).await, desk.keys.fetches()), (none, 1), "longer than the wait for an answer");
    released.notify_one();
    desk.service.wait(1);
    assert_eq!((desk.by(&desk.old).await, desk.keys.fetches()), (opens(), 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_good_keys_stay_while_the_url_answers_nonsense() {
    let desk = Desk::open(&[("token-jwks-refresh", "60")]).await;
    assert_eq!(desk.by(&desk.old).await, opens());
    let large = format!("{{\"keys\": [], \"filler\": \"{}\"}}", "x".repeat(300_000));
    let nonsense: [(u16, &[u8]); 7] = [
        (500, b""),
        (404, b"not here"),
        (204, b""),
        (200, b""),
        (200, b"<html>"),
        (200, b"\xff\xfe"),
        (200, large.as_bytes()),
    ];
    let mut fetches = desk.keys.fetches();
    for (status, body) in nonsense {
        desk.keys.answers(status, body);
        desk.service.wait(60);
        assert_eq!(desk.by(&desk.old).await, opens(), "{status}: {}", desk.service.log());
        assert!(desk.keys.fetches() > fetches, "{status}: it was asked");
        fetches = desk.keys.fetches();
        // Nor is one asked again and again that does not answer.
        assert_eq!((desk.by(&desk.old).await, desk.keys.fetches()), (opens(), fetches), "{status}");
        assert_eq!(desk.by(&desk.new).await, unknown(), "{status}");
        assert_eq!(desk.keys.fetches(), fetches, "{status}");
    }
    desk.keys.has(&key_set(&[&desk.old, &desk.new]));
    desk.service.wait(60);
    assert_eq!(desk.by(&desk.new).await, opens());
    let log = desk.service.log();
    assert!(log.contains("the issuer's keys cannot be read"), "it is said: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_taken_out_is_none_any_more_whatever_is_wrong_with_others() {
    for (how, others) in [
        ("a private key", json!([{"kty": "oct", "kid": "other", "k": "c2VjcmV0"}])),
        ("two of one name", json!([Issuer::new("other").jwk(), Issuer::new("other").jwk()])),
        ("what is no key", json!([null, {"kty": "RSA"}])),
        ("no other", json!([])),
    ] {
        let desk = Desk::open(&[("token-jwks-refresh", "60")]).await;
        assert_eq!(desk.by(&desk.old).await, opens());
        let mut keys = others.as_array().expect("a list").clone();
        keys.push(desk.new.jwk());
        desk.keys.has(&json!({"keys": keys}).to_string());
        desk.service.wait(60);
        assert_eq!((desk.by(&desk.old).await, desk.by(&desk.new).await), (unknown(), opens()), "{how}");
        assert!(!desk.service.log().contains("c2VjcmV0"), "{how}");
    }
    let desk = Desk::open(&[("token-jwks-refresh", "60")]).await;
    assert_eq!(desk.by(&desk.old).await, opens());
    desk.keys.has("{\"keys\": []}");
    desk.service.wait(60);
    assert_eq!(desk.by(&desk.old).await, unknown(), "an issuer may take all of them out");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_could_not_be_read_again_for_the_maximum_age_open_nothing() {
    let settings = [("token-jwks-refresh", "60"), ("token-jwks-max-age", "600")];
    let (desk, unbound) = (Desk::open(&settings).await, Desk::open(&[settings[0], ("token-jwks-max-age", "0")]).await);
    for desk in [&desk, &unbound] {
        assert_eq!(desk.by(&desk.old).await, opens());
        desk.keys.answers(500, b"");
        desk.service.wait(599);
        assert_eq!(desk.by(&desk.old).await, opens());
        desk.service.wait(1);
    }
    assert_eq!((desk.by(&desk.old).await, unbound.by(&unbound.old).await), (unavailable(), opens()));
    let fetches = desk.keys.fetches();
    desk.service.wait(10);
    assert_eq!((desk.by(&desk.old).await, desk.keys.fetches()), (unavailable(), fetches + 1), "asked for again soon");
    assert_eq!(desk.saml().await, 302, "SAML sign-in is not concerned");
    let private = json!({"kty": "oct", "kid": "other", "k": "c2VjcmV0"});
    desk.keys.has(&json!({"keys": [desk.old.jwk(), private]}).to_string());
    desk.service.wait(10);
    assert_eq!(desk.by(&desk.old).await, unavailable(), "no other set serves: it has to be good as a whole");
    desk.keys.has(&key_set(&[&desk.old]));
    desk.service.wait(10);
    assert_eq!(desk.by(&desk.old).await, opens());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_keys_that_was_removed_opens_nothing() {
    let (world, book) = (World::without_aws(&["alice"]).await, Book::of(&entry("own", "alice", "")));
    let (issuer, dir) = (Issuer::new("one"), TestDir::with("README", ""));
    let file = format!("{}/keys.json", dir.path());
    std::fs::write(&file, key_set(&[&issuer])).expect("a file");
    let service = start(&world, &book, &file, &[("token-jwks-refresh", "60")]).await;
    let by = async || {
        let answer = service.send(post(&issuer.token("alice", service.now()), &nothing())).await;
        (answer.status.as_u16(), last(&service.log()))
    };
    assert_eq!(by().await, opens());
    std::fs::remove_file(&file).expect("a file");
    service.wait(60);
    assert_eq!(by().await, unavailable());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_keys_nobody_is_let_in_by_a_token_and_everybody_by_saml() {
    let large = format!("{{\"keys\": [], \"filler\": \"{}\"}}", "x".repeat(300_000));
    for (status, body) in [(500, ""), (200, "nonsense"), (200, "{\"keys\": []}"), (200, large.as_str())] {
        let desk = Desk::open(&[]).await;
        desk.keys.answers(status, body.as_bytes());
        assert_eq!((desk.by(&desk.old).await, desk.keys.fetches()), (unavailable(), 1), "{status}");
        assert_eq!((desk.by(&desk.old).await, desk.keys.fetches()), (unavailable(), 1), "{status}: not at once again");
        assert_eq!((desk.saml().await, desk.world.mints()), (302, 1), "{status}");
        desk.keys.has(&key_set(&[&desk.old]));
        // A shorter wait than with keys at hand: no user is let in meanwhile.
        desk.service.wait(9);
        assert_eq!((desk.by(&desk.old).await, desk.keys.fetches()), (unavailable(), 1), "{status}");
        desk.service.wait(1);
        assert_eq!((desk.by(&desk.old).await, desk.keys.fetches()), (opens(), 2), "{status}: after a while");
    }
    let (world, book, issuer) =
        (World::without_aws(&["alice"]).await, Book::of(&entry("own", "alice", "")), Issuer::new("one"));
    let service = start(&world, &book, &format!("{NOWHERE}/keys"), &[]).await;
    let answer = service.send(post(&issuer.token("alice", service.now()), &nothing())).await;
    assert_eq!((answer.status.as_u16(), &told_by(&answer)["code"]), (503, &"token_keys_unavailable".into()));
    assert_eq!((world.sign_in(&service, "alice").await.status, world.mints()), (302, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed() {
    let desk = Desk::open(&[]).await;
    let elsewhere = KeyServer::start(&key_set(&[&desk.old]));
    desk.keys.redirects(&elsewhere.url);
    assert_eq!(desk.by(&desk.old).await, unavailable());
    assert_eq!((desk.keys.fetches(), elsewhere.fetches()), (1, 0));
}

#[tokio::test]
async fn a_path_that_is_bad_stops_the_start() {
    let (book, stand_ins) = (Book::of(&entry("own", "alice", "")), StandIns::start(Profiles::default()).await);
    let sign_ins = support::process::SignIns::new();
    let start = async |jwks: &str| {
        let ours = settings(ISSUER, jwks, CLIENT).into_iter().chain([("ledger", book.path())]);
        let settings: Vec<_> = sign_ins.settings().into_iter().chain(ours).collect();
        let at = instant::parse(NOON).expect("a time");
        stand_ins.try_service(&settings, Clock::new(move || at)).await.map(drop).map_err(|error| error.to_string())
    };
    let of = |text: &str| {
        let dir = TestDir::with("keys.json", text);
        (format!("{}/keys.json", dir.path()), dir)
    };
    let good = of(&key_set(&[&Issuer::new("one")]));
    start(&good.0).await.expect("it starts");
    for text in
        ["", "nonsense", "{\"keys\": []}", "{\"keys\": [{\"kty\": \"oct\", \"kid\": \"a\", \"k\": \"c2VjcmV0\"}]}"]
    {
        let (path, _dir) = of(text);
        let error = start(&path).await.expect_err(text);
        assert!(error.contains("STUDIO_ACS_TOKEN_JWKS") && error.contains(&path), "{error}");
        assert!(!error.contains("c2VjcmV0"), "{error}");
    }
    for wrong in ["/nowhere/keys.json", "http://idp.example/keys", "ftp://idp.example/keys"] {
        let error = start(wrong).await.expect_err(wrong);
        assert!(error.contains("STUDIO_ACS_TOKEN_JWKS"), "{error}");
    }
}
