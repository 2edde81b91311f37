//! Four eyes: one asks, another one approves, and all of it is on record.

use super::support::TestDir;
use super::support::browser::{Browser, Service};
use super::support::process::Server;
use super::{ASSERTIONS, Book, LEDGER, NOON, World, entry, last, lines, on_record};

struct Desk {
    world: World,
    book: Book,
    service: Service,
}

const TITLE: &str = "title = \"Fraud, production\"\nproduction = true";

impl Desk {
    async fn open() -> Self {
        let world = World::without_aws(&["alice", "frank"]).await;
        let book = Book::of(&entry("prod", "alice", TITLE));
        let settings = [
            ("ledger", &*book.path()),
            ("policy", "shipped:default,shipped:four-eyes"),
            ("approval-waits", "28800"),
            ("approval-lasts", "3600"),
        ];
        let service = world.service(&settings, NOON).await;
        Self { world, book, service }
    }

    async fn alice(&self) -> (u16, String) {
        let page = self.world.sign_in(&self.service, "alice").await;
        (page.status, last(&self.service.log()))
    }

    /// The browser of somebody who comes to decide, and the requests that their page shows.
    async fn reviewer(&self, user: &str, groups: &[&str]) -> (Browser, Vec<String>) {
        let claim = super::in_groups(self.world.sign_ins.claim(user, self.service.now()), groups);
        let mut browser = Browser::of_service(&self.service);
        let page = browser.sign_in(&self.world.form_of(&claim, "approvals")).await;
        assert_eq!(page.status, 200, "{page:?}");
        assert!(page.body.contains("action=\"saml/review\""), "{}", page.body);
        let ids = page.body.split("name=\"approve\" value=\"").skip(1);
        (browser, ids.map(|rest| rest.split('"').next().expect("an id").to_owned()).collect())
    }

    async fn approver(&self, user: &str) -> (Browser, Vec<String>) {
        self.reviewer(user, &["approvers"]).await
    }

    /// Bob approves what waits.
    async fn approve(&self) {
        let (mut bob, ids) = self.approver("bob").await;
        let page = bob.submit("review", &[("approve", &ids[0])]).await;
        assert!(page.status == 200 && page.body.contains("Nothing waits for you."), "{page:?}");
    }
}

fn waits() -> (u16, String) {
    (200, "needs_approval".to_owned())
}

fn opens() -> (u16, String) {
    (302, "accepted".to_owned())
}

#[tokio::test]
async fn what_alice_asks_for_bob_approves_and_all_of_it_is_on_record() {
    let desk = Desk::open().await;
    let mut alice = Browser::of_service(&desk.service);
    let page = alice.sign_in(&desk.world.form(&desk.service, "alice")).await;
    assert!(page.body.contains("Approval is asked for") && page.body.contains("Production needs the approval"));
    assert!(page.body.contains("2026-11-19T20:00:30"), "until when: {}", page.body);
    assert_eq!((page.status, alice.ticket()), (200, None), "there is nothing to come back with");

    let (mut bob, ids) = desk.approver("bob").await;
    assert_eq!(ids.len(), 1);
    let page = bob.submit("review", &[("approve", &ids[0])]).await;
    assert!(page.status == 200 && page.body.contains("Nothing waits for you."), "{page:?}");
    assert_eq!(desk.world.mints(), 0);
    assert_eq!(desk.alice().await, opens());

    let log = desk.service.log();
    let steps = on_record(&log);
    let steps: Vec<_> = steps.iter().map(|(call, status)| (call.as_str(), status.as_str())).collect();
    let mint = "CreatePresignedDomainUrl";
    assert_eq!(
        steps,
        [("RequestApproval", "Intent"), ("Approve", "Intent"), (mint, "Intent"), (mint, "Success")],
        "{log}"
    );
    let records: Vec<_> = lines(&log, "class_uid").into_iter().filter(|record| record["class_uid"] == 6003).collect();
    let users: Vec<_> = records.iter().map(|record| record["actor"]["user"]["name"].as_str().unwrap()).collect();
    assert_eq!(users, ["alice", "bob", "alice", "alice"]);
    let data = |place: usize| &records[place]["api"]["request"]["data"];
    assert_eq!((&data(1)["requested_by"], &data(2)["approved_by"]), (&"alice".into(), &"bob".into()));
    assert_eq!(records[1]["resources"][0]["uid"], "prod");
}

#[tokio::test]
async fn nobody_approves_their_own_request_nor_without_being_an_approver() {
    let desk = Desk::open().await;
    assert_eq!(desk.alice().await, waits());
    let (_, ids) = desk.approver("bob").await;
    for (user, groups) in [("alice", &["approvers"][..]), ("ALICE", &["approvers"][..]), ("mallory", &["staff"][..])] {
        let (mut browser, shown) = desk.reviewer(user, groups).await;
        assert!(shown.is_empty(), "{user} is shown nothing");
        let page = browser.submit("review", &[("approve", &ids[0])]).await;
        assert_eq!((page.status, &*last(&desk.service.log())), (403, "policy_denied"), "{user}");
    }
    // The ticket of a review is used once, and an id that nobody has is none.
    let (mut bob, _) = desk.approver("bob").await;
    let ticket = bob.ticket().expect("a ticket").to_owned();
    assert_eq!(bob.submit("review", &[("approve", &"0".repeat(32))]).await.status, 409);
    assert_eq!(last(&desk.service.log()), "approval_unknown");
    bob.put_ticket(&ticket);
    assert_eq!(bob.submit("review", &[("approve", &ids[0])]).await.status, 403);
    assert_eq!(last(&desk.service.log()), "replayed");
    let nobody = Browser::of_service(&desk.service).submit("review", &[("approve", &ids[0])]).await;
    assert_eq!((nobody.status, &*last(&desk.service.log())), (403, "ticket_missing"));
    assert_eq!((desk.alice().await, desk.world.mints()), (waits(), 0));
}

#[tokio::test]
async fn of_two_approvers_the_second_is_told_that_it_is_decided() {
    let desk = Desk::open().await;
    assert_eq!(desk.alice().await, waits());
    let ((mut bob, ids), (mut carol, same)) = (desk.approver("bob").await, desk.approver("carol").await);
    assert_eq!(ids, same);
    assert_eq!(bob.submit("review", &[("approve", &ids[0])]).await.status, 200);
    let page = carol.submit("review", &[("deny", &ids[0])]).await;
    assert!(page.status == 409 && page.body.contains("This cannot be decided any more"), "{page:?}");
    assert_eq!(last(&desk.service.log()), "approval_decided");
    assert_eq!(desk.alice().await, opens(), "the first decision holds");
}

#[tokio::test]
async fn what_is_denied_stays_closed() {
    let desk = Desk::open().await;
    assert_eq!(desk.alice().await, waits());
    let (mut bob, ids) = desk.approver("bob").await;
    assert_eq!(bob.submit("review", &[("deny", &ids[0])]).await.status, 200);
    assert_eq!((desk.alice().await, desk.world.mints()), ((409, "approval_decided".to_owned()), 0));
    assert!(on_record(&desk.service.log()).contains(&("Deny".to_owned(), "Intent".to_owned())));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_is_asked_for_is_approved_at_another_and_opened_at_a_third() {
    let world = World::with(&["alice"]).await;
    let book = Book::of(&entry("prod", "alice", TITLE));
    let (path, policy) = (book.path(), "shipped:default,shipped:four-eyes");
    let flags = ["--ledger", &path, "--policy", policy, "--approval-table", LEDGER];
    // The one who approves comes back to another process than the one that showed the request.
    let key = TestDir::with("key", "a key of thirty-two characters or more");
    let key = format!("{}/key", key.path());
    let flags = [&flags[..], &["--ticket-key", &key, "--replay-table", ASSERTIONS]].concat();
    let servers = [(); 4].map(|()| world.server(&flags));
    let alice = world.sign_ins.form("alice");
    assert_eq!(Browser::of_process(&servers[0]).sign_in(&alice).await.status, 200);
    let claim = world.sign_ins.claim("bob", studio_acs::Clock::system().now());
    let form = world.form_of(&super::in_groups(claim, &["approvers"]), "approvals");
    let mut bob = Browser::of_process(&servers[1]);
    let page = bob.sign_in(&form).await;
    let id = page.body.split("name=\"approve\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let id = id.unwrap_or_else(|| panic!("a request: {page:?}"));
    assert_eq!(bob.moved_to(&servers[2]).submit("review", &[("approve", id)]).await.status, 200);
    assert_eq!(bob.submit("review", &[("deny", id)]).await.status, 403, "the ticket is used up");
    assert_eq!(Browser::of_process(&servers[3]).sign_in(&world.sign_ins.form("alice")).await.status, 302);
    let logs = servers.map(Server::end);
    assert_eq!(logs.each_ref().map(|log| last(log)), ["needs_approval", "replayed", "review", "accepted"]);
    assert!(logs[3].contains("\"approved_by\":\"bob\""), "{}", logs[3]);
    assert_eq!(world.mints(), 1);
}

#[tokio::test]
async fn an_approval_ends_and_so_does_a_request() {
    let desk = Desk::open().await;
    assert_eq!(desk.alice().await, waits());
    let (mut late, ids) = desk.approver("bob").await;
    late.submit("review", &[("approve", &ids[0])]).await;
    desk.service.wait(3599);
    assert_eq!(desk.alice().await, opens());
    desk.service.wait(1);
    assert_eq!(desk.alice().await, waits(), "asked for again");
    desk.service.wait(28_799 - 100);
    let (mut bob, ids) = desk.approver("bob").await;
    desk.service.wait(101);
    assert_eq!(bob.submit("review", &[("approve", &ids[0])]).await.status, 409);
    assert_eq!((last(&desk.service.log()), desk.world.mints()), ("approval_expired".to_owned(), 1));
}

#[tokio::test]
async fn an_approval_does_not_hold_for_an_entry_that_was_changed_since() {
    let desk = Desk::open().await;
    assert_eq!(desk.alice().await, waits());
    desk.approve().await;
    desk.book.write(&entry("prod", "alice", &format!("{TITLE}\nprofile = \"frank\"")));
    desk.service.wait(30);
    assert_eq!((desk.alice().await, desk.world.mints()), (waits(), 0), "another profile was not what bob saw");
    desk.book.write(&entry("prod", "alice", TITLE));
    desk.service.wait(30);
    assert_eq!(desk.alice().await, opens(), "the entry that bob saw");
}

#[tokio::test]
async fn an_approver_whose_access_was_revoked_decides_nothing() {
    let desk = Desk::open().await;
    assert_eq!(desk.alice().await, waits());
    let (mut bob, ids) = desk.approver("bob").await;
    let revoked = entry("prod", "alice", TITLE) + "[[revoked]]\nuser = \"Bob\"\nwhy = \"left\"\n";
    desk.book.write(&revoked);
    desk.service.wait(30);
    assert_eq!(bob.submit("review", &[("approve", &ids[0])]).await.status, 403);
    assert_eq!((last(&desk.service.log()), desk.alice().await), ("access_revoked".to_owned(), waits()));
}
