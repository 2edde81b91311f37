//! Refusals at a sink: those of verified users one by one, and those of strangers as counts.

use studio_acs_standins::idp::DevIdp;
use support::browser::{Browser, RunningService};
use support::form_with;
use support::world::{Book, NOON, World, entry, in_groups};

use super::*;

/// A service whose records go to a webhook.
struct Watched {
    world: World,
    sink: Sink,
    service: RunningService,
    _files: (TestDir, TestDir, Book),
}

const DAVE_STAYS_OUT: &str = "@id(\"not-dave\")\n@reason(\"Not now.\")\n\
    forbid (principal, action, resource) when { principal.name == \"dave\" };\n";

impl Watched {
    /// Alice may open a profile, bob's is denied by AWS, dave's by a policy, and erin's needs an approval. One URL a minute.
    async fn start(more: &[(&'static str, &str)]) -> Self {
        let profiles = Profiles::default().with(DOMAIN, "alice", Behaviour::Mint).with(DOMAIN, "bob", Behaviour::Deny);
        let world = World::of(profiles).await;
        let sink = Sink::start(Mood::Takes, &world.stand_ins);
        let (secret, policy) = (TestDir::with("secret", SECRET), TestDir::with("dave.cedar", DAVE_STAYS_OUT));
        let ledger = ["alice", "bob", "dave"].map(|user| entry(user, user, "")).concat();
        let book = Book::of(&(ledger + &entry("prod", "erin", "title = \"Production\"\nproduction = true")));
        let (secret_path, ledger) = (format!("{}/secret", secret.path()), book.path());
        let policies = format!("shipped:default,shipped:four-eyes,{}/dave.cedar", policy.path());
        let settings = [
            ("ledger", &*ledger),
            ("policy", &policies),
            ("rate-per-user", "1"),
            ("audit-webhook", &sink.url),
            ("audit-webhook-secret", &secret_path),
        ];
        let service = world.service(&[&settings[..], more].concat(), NOON).await;
        Self { world, sink, service, _files: (secret, policy, book) }
    }

    async fn sign_in(&self, user: &str) -> u16 {
        self.world.sign_in(&self.service, user).await.status
    }

    /// A form with a response of an identity provider that nobody trusts, which gives itself this name.
    fn forged(&self, issuer: &str) -> Vec<u8> {
        let idp = DevIdp::new(issuer).expect("an identity provider");
        let claim = self.world.sign_ins.claim("alice", self.service.now());
        form_with(idp.respond(&claim).expect("a response").as_bytes(), "")
    }

    /// The records at the sink that tell a failure: the user, the stage, the code, and how many of them they stand for.
    fn failures(&self) -> Vec<(String, String, String, u64)> {
        let records = self.sink.records();
        records.iter().for_each(assert_is_ocsf);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let failures = records.iter().filter(|record| record["status"] == "Failure");
        failures
            .map(|record| {
                let user =
                    if record["user"].is_null() { &record["actor"]["user"]["name"] } else { &record["user"]["name"] };
                let stage = &record["unmapped"]["refusal"]["stage"];
                (text(user), text(stage), text(&record["status_code"]), record["count"].as_u64().unwrap_or(1))
            })
            .collect()
    }

    /// How many rejected responses the records stand for, and how many records do.
    fn rejected(&self) -> (u64, usize) {
        let of_strangers: Vec<_> = self.failures().into_iter().filter(|(user, ..)| user == "Unknown").collect();
        (of_strangers.iter().map(|(.., count)| count).sum(), of_strangers.len())
    }
}

#[tokio::test]
async fn each_stage_that_refuses_a_verified_user_is_told_once_at_the_sink() {
    let watched = Watched::start(&[]).await;
    assert_eq!(watched.sign_in("carol").await, 403);
    assert_eq!(watched.sign_in("dave").await, 403);
    assert_eq!(watched.sign_in("alice").await, 302);
    assert_eq!(watched.sign_in("alice").await, 429);
    assert_eq!(watched.sign_in("bob").await, 403);
    // Erin asks, frank denies, and she signs in again.
    assert_eq!(watched.sign_in("erin").await, 200);
    let approver = in_groups(watched.world.sign_ins.claim("frank", watched.service.now()), &["approvers"]);
    let mut frank = Browser::of_service(&watched.service);
    let page = frank.sign_in(&watched.world.form_of(&approver, "approvals")).await;
    let id = page.body.split("name=\"deny\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an id");
    assert_eq!(frank.submit("review", &[("deny", id)]).await.status, 200);
    assert_eq!(watched.sign_in("erin").await, 409);

    let expected = [
        ("carol", "ledger", "unknown_user"),
        ("dave", "policy", "policy_denied"),
        ("alice", "rate", "rate_limited_user"),
        // The record of the mint's outcome, and no second one.
        ("bob", "", "mint_denied"),
        ("erin", "approval", "approval_decided"),
    ];
    let expected = expected.map(|(user, stage, code)| (user.to_owned(), stage.to_owned(), code.to_owned(), 1));
    assert_eq!(watched.failures(), expected);
    let records = watched.sink.records();
    let of_dave = records.iter().find(|record| record["status_code"] == "policy_denied").expect("dave's");
    let told =
        json!({"stage": "policy", "entry": "dave", "profile": "dave", "domain": DOMAIN, "policies": ["not-dave"]});
    assert_eq!(of_dave["unmapped"]["refusal"], told);
    assert_eq!(of_dave["session"]["issuer"], "https://idp.example/assertion/1");
    let log = watched.service.log();
    assert!(log.contains(of_dave["metadata"]["correlation_uid"].as_str().expect("an id")), "{log}");
    assert_eq!(verified(&watched.sink.text(), &[]).0, 0);
}

#[tokio::test]
async fn a_user_who_is_refused_again_and_again_has_ten_records_and_a_count() {
    let watched = Watched::start(&[]).await;
    for _ in 0..40 {
        assert_eq!(watched.sign_in("carol").await, 403);
    }
    assert_eq!(watched.failures().len(), 10);
    watched.service.wait(60);
    assert_eq!(watched.sign_in("dave").await, 403);
    let failures = watched.failures();
    let counted: u64 = failures.iter().filter(|(user, ..)| user == "carol").map(|(.., count)| count).sum();
    assert_eq!((failures.len(), counted), (12, 40), "{failures:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_forged_posts_are_counted_in_a_bounded_number_of_records_and_lose_no_honest_one() {
    let watched = Watched::start(&[("rate-per-user", "100")]).await;
    let mut forged: Vec<_> =
        (0..100).map(|number| watched.forged(&format!("https://forged.example/{number}"))).collect();
    // Our issuer's name, and another key.
    let pretended = watched.forged("https://idp.example/assertion/1");
    forged.extend(std::iter::repeat_n(pretended, 100));
    for round in 0..50 {
        for form in &forged {
            assert_eq!(Browser::of_service(&watched.service).sign_in(form).await.status, 403);
        }
        // Meanwhile people sign in, and are refused.
        let (user, status) = if round % 2 == 0 { ("alice", 302) } else { ("dave", 403) };
        assert_eq!(watched.sign_in(user).await, status, "{round}");
        watched.service.wait(if round % 25 == 24 { 60 } else { 1 });
    }
    assert_eq!(watched.sign_in("carol").await, 403);
    let (rejected, records) = watched.rejected();
    assert_eq!(rejected, 10_000);
    // In each of two minutes: of one code 16 kinds, a count of each, and one of the others; of the other code one kind and its count.
    assert_eq!(records, 2 * (16 + 16 + 1 + 2));
    let failures = watched.failures();
    let of = |name: &str| failures.iter().filter(|(user, ..)| user == name).map(|(.., count)| count).sum::<u64>();
    assert_eq!((of("dave"), of("carol")), (25, 1));
    let successes = watched
        .sink
        .records()
        .iter()
        .filter(|record| record["status"] == "Success" && record["class_uid"] == 6003)
        .count();
    assert_eq!(successes, 25);
    let claimed: BTreeSet<_> = watched
        .sink
        .records()
        .iter()
        .filter_map(|record| Some(record["unmapped"]["refusal"]["claimed_issuer"].as_str()?.to_owned()))
        .collect();
    // Each as it came, of the code that no known issuer has and of the one that only ours can.
    assert!(claimed.contains("https://idp.example/assertion/1") && claimed.contains("https://forged.example/0"));
    assert_eq!(claimed.len(), 16 + 1, "{claimed:?}");
}

/// A sink that hangs holds an answer for its deadline once, and then no more.
#[tokio::test]
async fn a_refusal_waits_for_no_sink_beyond_its_deadline() {
    let watched = Watched::start(&[("audit-timeout", "1")]).await;
    watched.sink.is_now(Mood::Hangs);
    for user in ["carol", "dave", "carol"] {
        let begun = Instant::now();
        assert_eq!(watched.sign_in(user).await, 403);
        assert!(begun.elapsed() < Duration::from_secs(2), "{user}: {:?}", begun.elapsed());
    }
    watched.sink.is_now(Mood::Takes);
    for _ in 0..500 {
        if watched.failures().len() == 3 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the sink gets them once it is back: {:?}", watched.failures());
}
