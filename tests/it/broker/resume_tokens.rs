//! Resume tokens through HTTP: for one browser, once, not for long, and only ours.

use studio_acs::Clock;
use studio_acs_standins::idp::{Claim, DevIdp};

use super::{ASSERTIONS, Book, NOON, World, entry, last};
use support::TestDir;
use support::browser::{Browser, RunningService};
use support::process::Server;

const KEY: &str = "a key of thirty-two characters or more";

fn book() -> Book {
    let of = |user: &str| {
        entry(&format!("{user}-a"), user, &format!("profile = \"{user}-a\""))
            + &entry(&format!("{user}-b"), user, &format!("profile = \"{user}-b\""))
    };
    Book::of(&(of("alice") + &of("bob")))
}

async fn world() -> World {
    World::without_aws(&["alice-a", "alice-b", "bob-a", "bob-b"]).await
}

/// The browser of a user who has signed in and has to choose.
async fn choosing(world: &World, service: &RunningService, user: &str) -> Browser {
    let mut browser = Browser::of_service(service);
    assert_eq!(browser.sign_in(&world.form(service, user)).await.status, 200);
    browser
}

/// The result of a choice.
async fn choose(service: &RunningService, browser: &mut Browser, entry: &str) -> (u16, String) {
    let page = browser.submit("continue", &[("entry", entry)]).await;
    (page.status, last(&service.log()))
}

fn refused(code: &str) -> (u16, String) {
    (403, code.to_owned())
}

#[tokio::test]
async fn a_resume_token_is_of_one_browser_and_one_person() {
    let (world, book) = (world().await, book());
    let service = world.service(&[("ledger", &book.path())], NOON).await;
    let mut alice = choosing(&world, &service, "alice").await;
    let mut stranger = Browser::of_service(&service);
    assert_eq!(choose(&service, &mut stranger, "alice-a").await, refused("resume_missing"));
    let mut bob = choosing(&world, &service, "bob").await;
    assert_eq!(choose(&service, &mut bob, "alice-a").await, refused("entry_unknown"));
    // A page of another site brings no resume token: the cookie is for our own pages.
    let token = alice.resume_token().expect("a resume token").to_owned();
    let mut elsewhere = alice.clone();
    elsewhere.cookies.values_mut().for_each(|(_, strict)| *strict = false);
    assert!(alice.cookies.values().all(|(_, strict)| *strict), "SameSite=Strict");
    // Two of one name: either could be ours.
    let mut two = alice.clone();
    let second = format!("{token}; __Host-studio-acs-resume={token}");
    two.put_resume_token(&second);
    assert_eq!(choose(&service, &mut two, "alice-a").await, refused("resume_missing"));
    assert_eq!(choose(&service, &mut alice, "alice-a").await, (302, "accepted".to_owned()));
    assert_eq!(world.mints(), 1);
}

#[tokio::test]
async fn a_resume_token_is_used_once_by_whatever_choice() {
    let (world, book) = (world().await, book());
    let service = world.service(&[("ledger", &book.path())], NOON).await;
    let mut alice = choosing(&world, &service, "alice").await;
    let token = alice.resume_token().expect("a resume token").to_owned();
    assert_eq!(choose(&service, &mut alice, "alice-a").await, (302, "accepted".to_owned()));
    for entry in ["alice-a", "alice-b"] {
        alice.put_resume_token(&token);
        assert_eq!(choose(&service, &mut alice, entry).await, refused("replayed"));
    }
    // At once: one of them is let in.
    let alice = choosing(&world, &service, "alice").await;
    let mut posts = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let mut browser = alice.clone();
        posts.spawn(async move { browser.submit("continue", &[("entry", "alice-a")]).await.status });
    }
    let statuses = posts.join_all().await;
    let of = |status| statuses.iter().filter(|found| **found == status).count();
    assert_eq!((of(302), of(403), world.mints()), (1, 19, 2), "{statuses:?}");
}

/// Two tabs, or another's response that was posted in between: the one cookie is the last sign-in's.
#[tokio::test]
async fn a_page_of_another_sign_in_goes_on_with_none() {
    let (world, book) = (world().await, book());
    let service = world.service(&[("ledger", &book.path())], NOON).await;
    let mut alice = choosing(&world, &service, "alice").await;
    let first = alice.page.clone();
    alice.sign_in(&world.form(&service, "alice")).await;
    let second = std::mem::replace(&mut alice.page, first);
    let token = alice.resume_token().expect("a resume token").to_owned();
    for page in ["", "x", &alice.page.clone()] {
        page.clone_into(&mut alice.page);
        alice.put_resume_token(&token);
        assert_eq!(choose(&service, &mut alice, "alice-a").await, refused("resume_another_page"));
        alice.put_resume_token(&token);
        assert_eq!(alice.submit("review", &[("approve", "x")]).await.status, 403);
    }
    alice.put_resume_token(&token);
    alice.page = second;
    assert_eq!(alice.submit("review", &[("approve", "x")]).await.status, 403, "no token of a review");
    alice.put_resume_token(&token);
    assert_eq!(choose(&service, &mut alice, "alice-a").await, (302, "accepted".to_owned()));
    assert_eq!(world.mints(), 1);
}

#[tokio::test]
async fn a_resume_token_ends_and_so_does_what_goes_on_from_it() {
    let (world, book) = (world().await, book());
    let service = world.service(&[("ledger", &book.path()), ("resume-seconds", "300")], NOON).await;
    let mut alice = choosing(&world, &service, "alice").await;
    let mut late = choosing(&world, &service, "alice").await;
    service.wait(200);
    let page = alice.submit("continue", &[]).await;
    assert!(page.status == 200 && alice.resume_token().is_some(), "asked once more: {page:?}");
    service.wait(99);
    let mut in_time = choosing(&world, &service, "alice").await;
    assert_eq!(choose(&service, &mut in_time, "alice-a").await, (302, "accepted".to_owned()));
    service.wait(1);
    for browser in [&mut alice, &mut late] {
        assert_eq!(choose(&service, browser, "alice-a").await, refused("resume_expired"));
        assert_eq!(browser.resume_token(), None, "it is taken away");
    }
    assert_eq!(world.mints(), 1);
}

/// The folder of an identity provider's metadata, as the service's settings name it.
fn metadata(world: &World) -> String {
    let settings = world.sign_ins.settings();
    let (_, folder) = settings.iter().find(|(name, _)| *name == "metadata").expect("a setting");
    std::fs::read_to_string(format!("{folder}/metadata.xml")).expect("a file")
}

#[tokio::test]
async fn attack_a_resume_token_does_not_outlive_the_trust_in_its_identity_provider() {
    let (world, book) = (world().await, book());
    let theirs = metadata(&world);
    let expires = theirs.replacen(" entityID", " validUntil=\"2026-11-19T12:02:30Z\" entityID", 1);
    assert_ne!(expires, theirs);
    let idp = |issuer: &str| DevIdp::new(issuer).expect("an identity provider").metadata();
    let issuer = theirs.split("entityID=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an entity ID");
    // As after a rotation: the same identity provider, by another key.
    let rotated = idp(issuer);
    for (how, before, after) in [
        ("removed", &theirs, &idp("https://another.example")),
        ("its key removed", &theirs, &rotated),
        ("expired", &expires, &expires),
    ] {
        let file = TestDir::with("idp.xml", before);
        let file = format!("{}/idp.xml", file.path());
        let settings = [("ledger", &*book.path()), ("metadata", &file), ("metadata-refresh", "60")];
        let service = world.service(&settings, NOON).await;
        let mut alice = choosing(&world, &service, "alice").await;
        let mut in_time = choosing(&world, &service, "alice").await;
        std::fs::write(&file, after).expect("a file");
        service.wait(if how == "expired" { 119 } else { 59 });
        assert_eq!(choose(&service, &mut in_time, "alice-a").await, (302, "accepted".to_owned()), "{how}");
        service.wait(1);
        let mints = world.mints();
        assert_eq!(choose(&service, &mut alice, "alice-b").await, refused("resume_issuer_untrusted"), "{how}");
        assert_eq!((alice.resume_token(), world.mints()), (None, mints), "{how}");
    }
    // A key beside it ends nothing.
    let start = rotated.find("<md:KeyDescriptor").expect("a key");
    let end = rotated.find("</md:KeyDescriptor>").expect("an end") + "</md:KeyDescriptor>".len();
    let both = theirs.replacen("<md:KeyDescriptor", &format!("{}<md:KeyDescriptor", &rotated[start..end]), 1);
    let file = TestDir::with("idp.xml", &theirs);
    let file = format!("{}/idp.xml", file.path());
    let settings = [("ledger", &*book.path()), ("metadata", &file), ("metadata-refresh", "60")];
    let service = world.service(&settings, NOON).await;
    let mut alice = choosing(&world, &service, "alice").await;
    std::fs::write(&file, both).expect("a file");
    service.wait(60);
    assert_eq!(choose(&service, &mut alice, "alice-b").await, (302, "accepted".to_owned()));
}

#[tokio::test]
async fn what_we_did_not_sign_is_no_resume_token() {
    let (world, book) = (world().await, book());
    let service = world.service(&[("ledger", &book.path())], NOON).await;
    let foreign = world.service(&[("ledger", &book.path())], NOON).await;
    let token = choosing(&world, &service, "alice").await.resume_token().expect("a resume token").to_owned();
    let theirs = choosing(&world, &foreign, "alice").await.resume_token().expect("a resume token").to_owned();
    let (body, tag) = token.split_once('.').expect("a tag");
    let (_, other_tag) = theirs.split_once('.').expect("a tag");
    let altered = format!("{}{body}.{tag}", "e");
    for forged in
        [theirs.clone(), altered, format!("{body}.{other_tag}"), body.to_owned(), format!("{body}."), "x".repeat(5000)]
    {
        let mut browser = Browser::of_service(&service);
        browser.put_resume_token(&forged);
        assert_eq!(choose(&service, &mut browser, "alice-a").await, refused("resume_invalid"), "{forged}");
        assert_eq!(browser.look_again().await.status, 403);
        assert_eq!(browser.resume_token(), None);
    }
    assert!(!service.log().contains(body) && !service.log().contains(tag), "no token is in the log");
    assert_eq!(world.mints(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_table_a_resume_token_does_not_outlive_the_process_that_knows_whether_it_was_used() {
    let (world, book, key) = (world().await, book(), TestDir::with("key", KEY));
    let (path, key) = (book.path(), format!("{}/key", key.path()));
    let start = || {
        let flags = ["--ledger", &path, "--resume-key", &key, "--skew", "300", "--replay-after-restart", "refuse"];
        world.server(&flags)
    };
    let before = start();
    let mut alice = Browser::of_process(&before);
    // As fresh as the skew lets it be, so that it is after the start.
    let now = Clock::system().now();
    let claim = Claim { issued: now + time::Duration::seconds(300), ..world.sign_ins.claim("alice", now) };
    assert_eq!(alice.sign_in(&world.form_of(&claim, "")).await.status, 200);
    before.kill();
    let after = start();
    assert_eq!(alice.moved_to(&after).submit("continue", &[("entry", "alice-b")]).await.status, 503);
    assert_eq!(last(&after.end()), "restart_grace");
    assert_eq!(world.mints(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_with_one_key_take_each_others_resume_tokens_once_and_others_take_none() {
    let world = World::with(&["alice-a", "alice-b"]).await;
    let (book, key, another) = (book(), TestDir::with("key", KEY), TestDir::with("key", &KEY.replace('a', "b")));
    let start = |key: &TestDir| {
        let (path, key) = (book.path(), format!("{}/key", key.path()));
        world.server(&["--ledger", &path, "--resume-key", &key, "--replay-table", ASSERTIONS])
    };
    let (here, there, foreign) = (start(&key), start(&key), start(&another));
    let mut alice = Browser::of_process(&here);
    assert_eq!(alice.sign_in(&world.sign_ins.form("alice")).await.status, 200);
    let choice = [("entry", "alice-b")];
    assert_eq!(alice.moved_to(&foreign).submit("continue", &choice).await.status, 403);
    let page = alice.moved_to(&there).submit("continue", &choice).await;
    assert_eq!(page.status, 302);
    assert_eq!(alice.submit("continue", &choice).await.status, 403);
    assert_eq!(last(&here.end()), "replayed");
    assert_eq!([there, foreign].map(Server::end).map(|log| last(&log)), ["accepted", "resume_invalid"]);
    assert_eq!(world.mints(), 1);
}
