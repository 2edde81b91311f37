//! Confirmation through HTTP: a page names the user, and nothing is opened before a click in the same browser.

use super::{ASSERTIONS, Book, NOON, World, entry, in_groups, last, on_record};
use support::TestDir;
use support::browser::{Browser, Page, RunningService};

const KEY: &str = "a key of thirty-two characters or more";
const YES: &[(&str, &str)] = &[("confirm", "yes")];
const NO: &[(&str, &str)] = &[("decline", "yes")];

async fn world() -> World {
    World::without_aws(&["alice", "bob", "mallory"]).await
}

async fn service(world: &World, rule: &str) -> RunningService {
    world.service(&[("confirm", rule)], NOON).await
}

/// A page that names this user and waits; nothing is opened.
fn asks(page: &Page, user: &str) -> bool {
    let names = format!("as <b id=\"user\">{user}</b>");
    page.status == 200 && page.body.contains("<h1>Is this you?</h1>") && page.body.contains(&names)
}

fn refused(code: &str) -> (u16, String) {
    (403, code.to_owned())
}

fn opened() -> (u16, String) {
    (302, "accepted".to_owned())
}

/// The result of submitting our page's form.
async fn submit(service: &RunningService, browser: &mut Browser, fields: &[(&str, &str)]) -> (u16, String) {
    let page = browser.submit("continue", fields).await;
    (page.status, last(&service.log()))
}

/// The result of this user's sign-in.
async fn sign_in(world: &World, service: &RunningService, browser: &mut Browser, user: &str) -> Page {
    browser.sign_in(&world.form(service, user)).await
}

#[tokio::test]
async fn nothing_is_opened_or_recorded_before_the_user_confirms() {
    let world = world().await;
    let service = service(&world, "always").await;
    let mut victim = Browser::of_service(&service);
    let form = world.form(&service, "mallory");
    let page = victim.sign_in(&form).await;
    assert!(asks(&page, "mallory") && page.body.contains("<dd>https://idp.example/assertion/1</dd>"), "{page:?}");
    assert!(page.body.contains("action=\"saml/continue\""), "{page:?}");
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"), "{page:?}");
    let log = service.log();
    assert_eq!((last(&log), on_record(&log), world.mints()), ("confirm".to_owned(), Vec::new(), 0), "{log}");
    // The response is claimed by its post: no other browser can bring it again, and this one cannot either.
    for browser in [&mut Browser::of_service(&service), &mut victim.clone()] {
        assert_eq!(browser.sign_in(&form).await.status, 403);
        assert_eq!(last(&service.log()), "replayed");
    }
    assert_eq!(submit(&service, &mut victim.clone(), YES).await, opened());
    assert_eq!(submit(&service, &mut victim, YES).await, refused("replayed"));
    assert_eq!(world.mints(), 1);
}

#[tokio::test]
async fn a_user_who_declines_ends_the_sign_in_for_good() {
    let world = world().await;
    let service = service(&world, "always").await;
    let mut victim = Browser::of_service(&service);
    sign_in(&world, &service, &mut victim, "mallory").await;
    let token = victim.resume_token().expect("a resume token").to_owned();
    let page = victim.submit("continue", NO).await;
    assert!(page.status == 200 && page.body.contains("You are not signed in"), "{page:?}");
    assert_eq!((&*last(&service.log()), victim.resume_token()), ("sign_in_declined", None));
    assert!(service.log().contains("\"outcome\":\"refused\"") && service.log().contains("\"user\":\"mallory\""));
    victim.put_resume_token(&token);
    assert_eq!(submit(&service, &mut victim, YES).await, refused("replayed"));
    assert_eq!((victim.confirmed(), world.mints()), (None, 0));
}

/// The resume token is in a cookie for our own pages, and the page knows which token it belongs to.
#[tokio::test]
async fn a_click_counts_in_the_browser_that_was_asked_and_on_its_page() {
    let world = world().await;
    let service = service(&world, "always").await;
    let mut alice = Browser::of_service(&service);
    sign_in(&world, &service, &mut alice, "alice").await;
    assert!(alice.cookies.values().all(|(_, strict)| *strict), "SameSite=Strict");
    let mut stranger = Browser::of_service(&service);
    stranger.page.clone_from(&alice.page);
    assert_eq!(submit(&service, &mut stranger, YES).await, refused("resume_missing"));
    let mut bob = Browser::of_service(&service);
    sign_in(&world, &service, &mut bob, "bob").await;
    bob.page.clone_from(&alice.page);
    assert_eq!(submit(&service, &mut bob, YES).await, refused("resume_another_page"));
    let mut unknown = alice.clone();
    unknown.page.clear();
    for fields in [YES, NO] {
        assert_eq!(submit(&service, &mut unknown.clone(), fields).await, refused("resume_another_page"));
    }
    let token = alice.resume_token().expect("a resume token").to_owned();
    alice.put_resume_token(&format!("x{token}"));
    assert_eq!(submit(&service, &mut alice, YES).await, refused("resume_invalid"));
    alice.put_resume_token(&token);
    assert_eq!(submit(&service, &mut alice, YES).await, opened());
    assert_eq!(world.mints(), 1);
}

/// A resume token that was issued for the question leads nowhere but to its answer.
#[tokio::test]
async fn no_other_form_and_no_other_page_stands_for_the_click() {
    let world = World::without_aws(&["alice-a", "alice-b"]).await;
    let of = |id: &str| entry(id, "alice", &format!("profile = \"{id}\""));
    let book = Book::of(&(of("alice-a") + &of("alice-b")));
    let settings = [("ledger", &*book.path()), ("confirm", "always"), ("provision", "on")];
    let service = world.service(&settings, NOON).await;
    let mut alice = Browser::of_service(&service);
    assert!(asks(&sign_in(&world, &service, &mut alice, "alice").await, "alice"));
    let token = alice.resume_token().expect("a resume token").to_owned();
    for fields in [&[][..], &[("entry", "alice-a")], &[("ticket_number", "CHG0012345")], &[("approve", "x")]] {
        let page = alice.submit("continue", fields).await;
        assert!(asks(&page, "alice"), "{fields:?}: {page:?}");
        assert_eq!((&*last(&service.log()), alice.resume_token()), ("confirm", Some(&*token)), "{fields:?}");
    }
    assert!(asks(&alice.look_again().await, "alice"));
    assert_eq!(world.mints(), 0);
    // Then comes what else the sign-in asks for.
    let page = alice.submit("continue", YES).await;
    assert!(page.status == 200 && page.body.contains("Choose a Studio profile"), "{page:?}");
    assert_eq!(submit(&service, &mut alice, &[("entry", "alice-b")]).await, opened());
    assert_eq!(world.mints(), 1);
}

#[tokio::test]
async fn the_approvals_page_waits_for_the_click_too() {
    let world = World::without_aws(&["erin"]).await;
    let book = Book::of(&(entry("own", "erin", "") + &entry("theirs", "frank", "")));
    let settings = [("ledger", &*book.path()), ("confirm", "always"), ("policy", "shipped:default,shipped:four-eyes")];
    let service = world.service(&settings, NOON).await;
    let mut frank = Browser::of_service(&service);
    let claim = in_groups(world.sign_ins.claim("frank", service.now()), &["approvers"]);
    assert!(asks(&frank.sign_in(&world.form_of(&claim, "approvals")).await, "frank"));
    let mut at_once = frank.clone();
    assert_eq!(at_once.submit("review", &[("approve", "x")]).await.status, 403);
    assert_eq!(last(&service.log()), "resume_another_page");
    let page = frank.submit("continue", YES).await;
    assert!(page.status == 200 && page.body.contains("Requests for approval"), "{page:?}");
}

#[tokio::test]
async fn a_deep_link_is_kept_while_the_user_is_asked() {
    let world = World::without_aws(&["alice"]).await;
    let book =
        Book::of(&(entry("own", "alice", "") + "[links.jupyter]\nlanding = \"app:JupyterLab:\"\nspace = \"shared\"\n"));
    let service = world.service(&[("ledger", &book.path()), ("confirm", "always")], NOON).await;
    let mut alice = Browser::of_service(&service);
    let claim = world.sign_ins.claim("alice", service.now());
    assert!(asks(&alice.sign_in(&world.form_of(&claim, "jupyter")).await, "alice"));
    assert_eq!(submit(&service, &mut alice, YES).await, opened());
    assert_eq!(world.asked().pop().expect("a mint")["SpaceName"], "shared");
}

#[tokio::test]
async fn a_question_ends_with_its_resume_token() {
    let world = world().await;
    let service = world.service(&[("confirm", "always"), ("resume-seconds", "300")], NOON).await;
    let mut late = Browser::of_service(&service);
    sign_in(&world, &service, &mut late, "alice").await;
    let mut in_time = late.clone();
    service.wait(299);
    assert_eq!(submit(&service, &mut in_time, YES).await, opened());
    let mut late = Browser::of_service(&service);
    sign_in(&world, &service, &mut late, "alice").await;
    service.wait(300);
    assert_eq!(submit(&service, &mut late, YES).await, refused("resume_expired"));
    assert_eq!((late.resume_token(), world.mints()), (None, 1));
}

#[tokio::test]
async fn a_browser_is_asked_once_for_the_person_who_confirmed_there_last() {
    let world = world().await;
    let service = service(&world, "new-browser").await;
    let mut browser = Browser::of_service(&service);
    assert!(asks(&sign_in(&world, &service, &mut browser, "alice").await, "alice"));
    assert_eq!(browser.confirmed(), None, "nobody has said anything");
    let page = browser.submit("continue", YES).await;
    let cookies = page.headers.iter().filter(|(name, value)| name == "set-cookie" && value.contains("confirmed="));
    let cookies: Vec<_> = cookies.map(|(_, value)| value.split_once(';').expect("attributes").1).collect();
    assert_eq!(cookies, [" Path=/; Secure; HttpOnly; SameSite=None; Max-Age=2592000"]);
    assert!(!browser.confirmed().expect("a cookie").contains("alice"));
    assert_eq!(sign_in(&world, &service, &mut browser, "alice").await.status, 302, "she is known here");

    // The attacker's response in her browser, and hers in another one.
    let mut elsewhere = Browser::of_service(&service);
    assert!(asks(&sign_in(&world, &service, &mut elsewhere, "alice").await, "alice"));
    let before = world.mints();
    assert!(asks(&sign_in(&world, &service, &mut browser, "mallory").await, "mallory"));
    assert_eq!(world.mints(), before);
    // Declining changes nothing; a user who confirms takes the last one's place.
    browser.submit("continue", NO).await;
    assert_eq!(sign_in(&world, &service, &mut browser, "alice").await.status, 302);
    assert!(asks(&sign_in(&world, &service, &mut browser, "bob").await, "bob"));
    assert_eq!(submit(&service, &mut browser, YES).await, opened());
    assert!(asks(&sign_in(&world, &service, &mut browser, "alice").await, "alice"));
    assert_eq!(sign_in(&world, &service, &mut browser, "bob").await.status, 302);
    // Thirty days after the click.
    service.wait(30 * 86_400 - 1);
    assert_eq!(sign_in(&world, &service, &mut browser, "bob").await.status, 302);
    service.wait(1);
    assert!(asks(&sign_in(&world, &service, &mut browser, "bob").await, "bob"));
}

#[tokio::test]
async fn a_cookie_that_is_not_ours_makes_nobody_known() {
    let world = world().await;
    let (service, other) = (service(&world, "new-browser").await, service(&world, "new-browser").await);
    let confirmed = async |service: &RunningService, user: &str| {
        let mut browser = Browser::of_service(service);
        sign_in(&world, service, &mut browser, user).await;
        browser.submit("continue", YES).await;
        browser.confirmed().expect("a cookie").to_owned()
    };
    let (alices, mallorys) = (confirmed(&service, "alice").await, confirmed(&service, "mallory").await);
    let foreign = confirmed(&other, "alice").await;
    let (ends, tag) = alices.split_once('.').expect("a tag");
    let later = format!("{}.{tag}", ends.parse::<i64>().expect("a time") + 86_400);
    let two = format!("{alices}; __Host-studio-acs-confirmed={mallorys}");
    for cookie in [mallorys, foreign, later, format!("{ends}.{tag}A"), ends.to_owned(), "x".repeat(4_000), two] {
        let mut browser = Browser::of_service(&service);
        browser.put_confirmed(&cookie);
        assert!(asks(&sign_in(&world, &service, &mut browser, "alice").await, "alice"), "{cookie}");
    }
    let mut browser = Browser::of_service(&service);
    browser.put_confirmed(&alices);
    assert_eq!(sign_in(&world, &service, &mut browser, "alice").await.status, 302);
    // With `always` nothing is remembered, and nothing that is remembered counts.
    let strict = self::service(&world, "always").await;
    let mut browser = Browser::of_service(&strict);
    sign_in(&world, &strict, &mut browser, "alice").await;
    assert_eq!(submit(&strict, &mut browser, YES).await, opened());
    assert_eq!(browser.confirmed(), None);
    assert!(!service.log().contains(&alices), "no such cookie is in the log");
}

/// A click that is refused is none: the next sign-in asks again.
#[tokio::test]
async fn a_user_whom_nothing_was_opened_for_is_not_known() {
    let world = world().await;
    let service = service(&world, "new-browser").await;
    let mut nobody = Browser::of_service(&service);
    sign_in(&world, &service, &mut nobody, "nobody").await;
    assert_eq!(nobody.submit("continue", YES).await.status, 404, "no such profile");
    assert_eq!(nobody.confirmed(), None);
    assert!(asks(&sign_in(&world, &service, &mut nobody, "nobody").await, "nobody"));
}

#[tokio::test]
async fn a_name_is_text_whatever_stands_in_it() {
    let world = World::without_aws(&[]).await;
    let book = Book::of(&entry("own", "alice", ""));
    let service = world.service(&[("ledger", &book.path()), ("confirm", "always")], NOON).await;
    let page = world.sign_in(&service, "eve\"><script>{{issuer}}").await;
    assert!(asks(&page, "eve&quot;&gt;&lt;script&gt;{{issuer}}"), "{page:?}");
}

/// The question is carried by a resume token, and the same holds for it.
#[tokio::test]
async fn a_user_who_does_not_fit_into_a_cookie_cannot_be_asked() {
    let world = world().await;
    let book = Book::of(&entry("own", "alice", ""));
    let service = world.service(&[("ledger", &book.path()), ("confirm", "always")], NOON).await;
    let groups: Vec<_> = (0..100).map(|number| format!("00000000-0000-0000-0000-{number:012}")).collect();
    let groups: Vec<_> = groups.iter().map(String::as_str).collect();
    let form = world.form_in(&service, "alice", &groups);
    let mut alice = Browser::of_service(&service);
    assert_eq!(alice.sign_in(&form).await.status, 500);
    assert_eq!((&*last(&service.log()), alice.resume_token(), world.mints()), ("resume_failed", None, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_with_one_key_and_one_table_ask_once_and_let_in_once() {
    let world = World::with(&["alice"]).await;
    let key = TestDir::with("key", KEY);
    let key = format!("{}/key", key.path());
    let start = || world.server(&["--confirm", "new-browser", "--resume-key", &key, "--replay-table", ASSERTIONS]);
    let (here, there) = (start(), start());
    let form = world.sign_ins.form("alice");
    let mut alice = Browser::of_process(&here);
    assert!(asks(&alice.sign_in(&form).await, "alice"));
    assert_eq!(Browser::of_process(&there).sign_in(&form).await.status, 403, "the response was claimed by its post");
    let mut alice = alice.moved_to(&there);
    assert_eq!(alice.submit("continue", YES).await.status, 302);
    assert_eq!(alice.moved_to(&here).sign_in(&world.sign_ins.form("alice")).await.status, 302, "she is known here too");
    assert_eq!(last(&there.end()), "accepted");
    assert_eq!(world.mints(), 2);
}
