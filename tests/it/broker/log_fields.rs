//! The facts in the line of a refused attempt: those that were verified before the refusal, and no others.

use serde_json::Value;
use studio_acs_standins::sagemaker::{Behaviour, Profiles};

use super::{Book, NOON, World, attempts, entry};
use support::browser::{Browser, RunningService};
use support::form;
use support::process::DOMAIN;

const IDP: &str = "https://idp.example/assertion/1";

/// The facts of the last attempt: code, issuer, whether an id is known, user, entry, profile, domain, policies.
fn facts(service: &RunningService) -> [String; 8] {
    let attempt = attempts(&service.log()).pop().expect("an attempt");
    assert_eq!(attempt["outcome"], "refused", "{attempt}");
    ["code", "issuer", "assertion_id", "user", "entry", "profile", "domain", "policies"].map(|name| {
        let value = attempt[name].as_str().unwrap_or_else(|| panic!("{name}: {attempt}"));
        if name == "assertion_id" && !value.is_empty() { "an id".to_owned() } else { value.to_owned() }
    })
}

#[tokio::test]
async fn a_refusal_logs_the_facts_that_were_verified_before_it_and_no_others() {
    let world = World::of(Profiles::default().with(DOMAIN, "bob", Behaviour::Deny)).await;
    let ledger = entry("own", "bob", "") + &entry("prod", "alice", "team = \"fraud\"");
    let book = Book::of(&(ledger + "[[team]]\nname = \"fraud\"\nover_budget = true\n"));
    let policy = "shipped:default,shipped:team-budget";
    let service = world.service(&[("ledger", &book.path()), ("policy", policy)], NOON).await;

    Browser::of_service(&service).sign_in(&form(b"<Response/>")).await;
    assert_eq!(facts(&service)[1..], [const { "" }; 7], "nothing is verified");
    world.sign_in(&service, " ").await;
    assert_eq!(facts(&service), ["attribute_invalid", IDP, "an id", "", "", "", "", ""], "the assertion is");
    world.sign_in(&service, "carol").await;
    assert_eq!(facts(&service), ["unknown_user", IDP, "an id", "carol", "", "", "", ""], "and the identity");
    world.sign_in(&service, "alice").await;
    let denied = ["policy_denied", IDP, "an id", "alice", "prod", "alice", DOMAIN, "team-budget"];
    assert_eq!(facts(&service), denied, "and the entry is selected, and policies deny it");
    world.sign_in(&service, "bob").await;
    let unminted = ["mint_denied", IDP, "an id", "bob", "own", "bob", DOMAIN, "entry-for-person"];
    assert_eq!(facts(&service), unminted, "or permit it");

    // Without a ledger the assertion itself names the profile, which is known before the broker is asked.
    let service = world.service(&[], NOON).await;
    let response = world.form(&service, "bob");
    Browser::of_service(&service).sign_in(&response).await;
    Browser::of_service(&service).sign_in(&response).await;
    assert_eq!(facts(&service), ["replayed", IDP, "an id", "bob", "", "bob", DOMAIN, ""]);
}

#[tokio::test]
async fn a_refusal_of_a_sign_in_that_goes_on_logs_whose_it_is() {
    let world = World::without_aws(&["alice"]).await;
    let book = Book::of(&(entry("one", "alice", "") + &entry("two", "alice", "")));
    let service = world.service(&[("ledger", &book.path()), ("confirm", "always")], NOON).await;
    let hers = |code| [code, IDP, "an id", "alice"];

    let mut browser = Browser::of_service(&service);
    browser.sign_in(&world.form(&service, "alice")).await;
    let mut other = browser.clone();
    browser.submit("continue", &[("decline", "yes")]).await;
    assert_eq!(facts(&service)[..4], hers("sign_in_declined"));
    other.submit("continue", &[("confirm", "yes")]).await;
    assert_eq!(facts(&service)[..4], hers("replayed"));

    let mut browser = Browser::of_service(&service);
    browser.sign_in(&world.form(&service, "alice")).await;
    browser.submit("review", &[]).await;
    assert_eq!(facts(&service)[..4], hers("resume_another_page"), "the question's resume token");
    browser.submit("continue", &[("confirm", "yes")]).await;
    assert_eq!(facts(&service)[..4], ["resume_missing", "", "", ""], "no resume token is left, so no user is known");

    let attempt: Value = attempts(&service.log()).pop().expect("an attempt");
    assert_eq!(attempt["protocol"], "saml");
}
