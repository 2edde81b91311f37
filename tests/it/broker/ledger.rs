//! The ledger through HTTP: no profile, one or several, and an entry removed while the service runs.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{Book, LEDGER, NOON, World, attempts, entry, last, text};
use support::browser::Browser;
use support::process::DOMAIN;

/// The entries that a page offers, in its order.
fn offered(page: &str) -> Vec<String> {
    let ids = page.split("name=\"entry\" value=\"").skip(1);
    ids.map(|rest| rest.split('"').next().expect("an id").to_owned()).collect()
}

fn two() -> String {
    entry("risk", "alice", "profile = \"alice-risk\"\ntitle = \"Risk & fraud\"")
        + &entry("research", "alice", "profile = \"alice-research\"")
        + &entry("bobs", "bob", "")
}

#[tokio::test]
async fn of_several_profiles_one_is_chosen_and_the_last_choice_comes_first_and_decides_nothing() {
    let world = World::without_aws(&["alice-risk", "alice-research"]).await;
    let book = Book::of(&two());
    let service = world.service(&[("ledger", &book.path())], NOON).await;
    let mut browser = Browser::of_service(&service);
    let page = browser.sign_in(&world.form(&service, "alice")).await;
    assert_eq!((page.status, &*last(&service.log())), (200, "choose"));
    assert_eq!(offered(&page.body), ["risk", "research"]);
    assert!(page.body.contains("Risk &amp; fraud") && page.body.contains("alice-research in d-abc123"));
    assert!(page.body.contains("value=\"risk\" autofocus"), "{}", page.body);
    assert_eq!(world.mints(), 0);

    let page = browser.submit("continue", &[("entry", "research")]).await;
    assert_eq!((page.status, browser.resume_token()), (302, None));
    let studio = world.stand_ins.follow(page.header("location")).await;
    assert!(studio.body.contains(">alice-research<"), "{studio:?}");
    let attempt = attempts(&service.log()).pop().expect("an attempt");
    assert_eq!((&attempt["entry"], &attempt["profile"]), (&"research".into(), &"alice-research".into()));

    let page = browser.sign_in(&world.form(&service, "alice")).await;
    assert_eq!((page.status, offered(&page.body)), (200, vec!["research".to_owned(), "risk".to_owned()]));
    assert!(page.body.contains("value=\"research\" autofocus"), "{}", page.body);
    // A form without a choice, and a cookie that names what is not theirs, or nothing at all.
    let page = browser.submit("continue", &[]).await;
    assert_eq!(offered(&page.body).len(), 2);
    for remembered in ["bobs", "<script>", "research; x"] {
        browser.cookies.insert("__Host-studio-acs-last".to_owned(), (remembered.to_owned(), false));
        let page = browser.sign_in(&world.form(&service, "alice")).await;
        assert_eq!(page.status, 200);
        assert!(offered(&page.body).iter().all(|id| id != "bobs") && !page.body.contains("<script>"), "{page:?}");
    }
    assert_eq!(world.mints(), 1);
}

#[tokio::test]
async fn an_entry_that_is_not_theirs_opens_nothing() {
    let world = World::without_aws(&["alice-risk", "bob"]).await;
    let book = Book::of(&two());
    let service = world.service(&[("ledger", &book.path())], NOON).await;
    for wrong in ["bobs", "RISK", "nothing", "../risk", "risk; Domain=example", "risk, risk"] {
        let mut browser = Browser::of_service(&service);
        browser.sign_in(&world.form(&service, "alice")).await;
        let page = browser.submit("continue", &[("entry", wrong)]).await;
        assert_eq!((page.status, &*last(&service.log())), (403, "entry_unknown"), "{wrong}");
        assert!(!page.headers.iter().any(|(_, value)| value.contains("studio-acs-last")), "not remembered: {page:?}");
        assert_eq!(browser.resume_token(), None);
    }
    // Nor is a form with the resume token of an approver, for whom the ledger was not asked.
    let mut reviewer = Browser::of_service(&service);
    reviewer.sign_in(&world.form_of(&world.sign_ins.claim("alice", service.now()), "approvals")).await;
    let page = reviewer.submit("continue", &[("entry", "risk; Domain=example")]).await;
    assert!(!page.headers.iter().any(|(_, value)| value.contains("studio-acs-last")), "not remembered: {page:?}");
    // An entry removed between the page and the choice.
    let mut browser = Browser::of_service(&service);
    browser.sign_in(&world.form(&service, "alice")).await;
    book.write(&two().replacen("title", "revoked = \"left the team\"\ntitle", 1));
    service.wait(30);
    assert_eq!(browser.submit("continue", &[("entry", "risk")]).await.status, 403);
    assert_eq!((last(&service.log()), world.mints()), ("entry_unknown".to_owned(), 0));
    // The only entry is not chosen.
    let page = world.sign_in(&service, "bob").await;
    assert_eq!((page.status, page.header("set-cookie")), (302, ""), "{page:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_unknown_or_revoked_is_refused_as_soon_as_the_table_says_so() {
    let world = World::with(&["alice", "bob"]).await;
    for user in ["alice", "bob"] {
        world.put(&format!("user#{user}"), "own", &[("domain", text(DOMAIN))]).await;
    }
    let ledger = format!("dynamodb:{LEDGER}");
    let service = world.service(&[("ledger", &ledger), ("ledger-refresh", "30")], NOON).await;
    let came = async |user: &str| (world.sign_in(&service, user).await.status, last(&service.log()));
    let refused = |code: &str| (403, code.to_owned());
    let accepted = (302, "accepted".to_owned());
    assert_eq!(came("mallory").await, refused("unknown_user"));
    assert_eq!(came("Alice").await, accepted);
    world.put("user#alice", "#revoked", &[("why", text("left the company"))]).await;
    service.wait(29);
    assert_eq!(came("alice").await, accepted, "not yet asked again");
    service.wait(1);
    assert_eq!(came("alice").await, refused("access_revoked"));
    assert_eq!(came("ALICE").await, refused("access_revoked"));
    assert_eq!(came("bob").await, accepted);
    let page = world.sign_in(&service, "alice").await;
    assert!(!page.body.contains("left the company") && page.body.contains("Studio is not set up for you"), "{page:?}");

    world.put("user#bob", "#revoked", &[("why", AttributeValue::Null(true))]).await;
    service.wait(30);
    assert_eq!(came("bob").await, (503, "ledger_malformed".to_owned()), "it might mean a revocation");
    let delete = world.tables().delete_item().table_name(LEDGER).key("subject", text("user#alice"));
    delete.key("entry", text("#revoked")).send().await.expect("a deletion");
    service.wait(30);
    assert_eq!((came("alice").await, world.mints()), (accepted, 4));
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_a_revoked_approver_comes_in_more_groups_than_a_table_is_asked_for() {
    let world = World::with(&["alice"]).await;
    world.put("user#bob", "#revoked", &[("why", text("left"))]).await;
    let ledger = format!("dynamodb:{LEDGER}");
    let settings = [("ledger", &*ledger), ("policy", "shipped:default,shipped:four-eyes")];
    let service = world.service(&settings, NOON).await;
    let many: Vec<_> = (0..251).map(|number| format!("g{number:03}")).chain(["approvers".to_owned()]).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    for (user, groups, status, code) in [
        ("carol", &["approvers"][..], 200, "review"),
        ("bob", &["approvers"], 403, "access_revoked"),
        ("bob", &many, 403, "too_many_groups"),
    ] {
        let claim = super::in_groups(world.sign_ins.claim(user, service.now()), groups);
        let page = Browser::of_service(&service).sign_in(&world.form_of(&claim, "approvals")).await;
        assert_eq!((page.status, last(&service.log())), (status, code.to_owned()), "{user}");
    }
}
