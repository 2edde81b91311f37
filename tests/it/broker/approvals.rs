//! Four eyes: one asks, another one approves, and all of it is on record.

use super::{ASSERTIONS, Book, LEDGER, NOON, World, entry, last, lines, on_record};
use support::TestDir;
use support::browser::{Browser, RunningService};
use support::process::Server;

pub(super) struct Desk {
    pub(super) world: World,
    pub(super) book: Book,
    pub(super) service: RunningService,
}

pub(super) const TITLE: &str = "title = \"Fraud, production\"\nproduction = true";

impl Desk {
    pub(super) async fn open() -> Self {
        Self::of(World::without_aws(&["alice", "frank"]).await, &[]).await
    }

    /// The same in this world, with more settings.
    pub(super) async fn of(world: World, more: &[(&'static str, &str)]) -> Self {
        let book = Book::of(&entry("prod", "alice", TITLE));
        let path = book.path();
        let settings = [
            ("ledger", &*path),
            ("policy", "shipped:default,shipped:four-eyes"),
            ("approval-waits", "28800"),
            ("approval-lasts", "3600"),
        ];
        let service = world.service(&[&settings[..], more].concat(), NOON).await;
        Self { world, book, service }
    }

    pub(super) async fn alice(&self) -> (u16, String) {
        self.alice_to("").await
    }

    /// Alice signs in, and wants to go where the deep link leads.
    async fn alice_to(&self, link: &str) -> (u16, String) {
        let form = self.world.form_of(&self.world.sign_ins.claim("alice", self.service.now()), link);
        let page = Browser::of_service(&self.service).sign_in(&form).await;
        (page.status, last(&self.service.log()))
    }

    /// The ledger's entry changes.
    fn edit(&self, more: &str) {
        self.book.write(&entry("prod", "alice", more));
        self.service.wait(30);
    }

    /// The browser of a user who comes to decide, and the requests that their page shows.
    async fn reviewer(&self, user: &str, groups: &[&str]) -> (Browser, Vec<String>) {
        let claim = super::in_groups(self.world.sign_ins.claim(user, self.service.now()), groups);
        let mut browser = Browser::of_service(&self.service);
        let page = browser.sign_in(&self.world.form_of(&claim, "approvals")).await;
        assert_eq!(page.status, 200, "{page:?}");
        assert!(page.body.contains("action=\"saml/review\""), "{}", page.body);
        let ids = page.body.split("name=\"approve\" value=\"").skip(1);
        (browser, ids.map(|rest| rest.split('"').next().expect("an id").to_owned()).collect())
    }

    pub(super) async fn approver(&self, user: &str) -> (Browser, Vec<String>) {
        self.reviewer(user, &["approvers"]).await
    }

    /// Bob approves what waits.
    pub(super) async fn approve(&self) {
        let (mut bob, ids) = self.approver("bob").await;
        let page = bob.submit("review", &[("approve", &ids[0])]).await;
        assert!(page.status == 200 && page.body.contains("Nothing waits for you."), "{page:?}");
    }
}

pub(super) fn waits() -> (u16, String) {
    (200, "needs_approval".to_owned())
}

pub(super) fn opens() -> (u16, String) {
    (302, "accepted".to_owned())
}

#[tokio::test]
async fn what_alice_asks_for_bob_approves_and_all_of_it_is_on_record() {
    let desk = Desk::open().await;
    let mut alice = Browser::of_service(&desk.service);
    let page = alice.sign_in(&desk.world.form(&desk.service, "alice")).await;
    assert!(page.body.contains("Approval is asked for") && page.body.contains("Production needs the approval"));
    assert!(page.body.contains("2026-11-19T20:00:30"), "until when: {}", page.body);
    assert_eq!((page.status, alice.resume_token()), (200, None), "there is nothing to come back with");

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
        [
            ("RequestApproval", "Intent"),
            ("RequestApproval", "Success"),
            ("Approve", "Intent"),
            ("Approve", "Success"),
            (mint, "Intent"),
            (mint, "Success")
        ],
        "{log}"
    );
    let records: Vec<_> = lines(&log, "class_uid").into_iter().filter(|record| record["class_uid"] == 6003).collect();
    let users: Vec<_> = records.iter().map(|record| record["actor"]["user"]["name"].as_str().unwrap()).collect();
    assert_eq!(users, ["alice", "alice", "bob", "bob", "alice", "alice"]);
    let data = |place: usize| &records[place]["api"]["request"]["data"];
    assert_eq!((&data(2)["requested_by"], &data(4)["approved_by"]), (&"alice".into(), &"bob".into()));
    assert_eq!(records[2]["resources"][0]["uid"], "prod");
}

#[tokio::test]
async fn nobody_approves_their_own_request_nor_without_being_an_approver() {
    let desk = Desk::open().await;
    assert_eq!(desk.alice().await, waits());
    let (_, ids) = desk.approver("bob").await;
    for (user, groups, status, code) in [
        ("alice", &["approvers"][..], 409, "approval_own"),
        ("ALICE", &["approvers"][..], 409, "approval_own"),
        ("mallory", &["staff"][..], 403, "policy_denied"),
    ] {
        let (mut browser, shown) = desk.reviewer(user, groups).await;
        assert!(shown.is_empty(), "{user} is shown nothing");
        let page = browser.submit("review", &[("approve", &ids[0])]).await;
        assert_eq!((page.status, &*last(&desk.service.log())), (status, code), "{user}");
    }
    // The resume token of a review is used once, and an id that was never issued is none.
    let (mut bob, _) = desk.approver("bob").await;
    let token = bob.resume_token().expect("a resume token").to_owned();
    assert_eq!(bob.submit("review", &[("approve", &"0".repeat(128))]).await.status, 409);
    assert_eq!(last(&desk.service.log()), "approval_unknown");
    bob.put_resume_token(&token);
    assert_eq!(bob.submit("review", &[("approve", &ids[0])]).await.status, 403);
    assert_eq!(last(&desk.service.log()), "replayed");
    let nobody = Browser::of_service(&desk.service).submit("review", &[("approve", &ids[0])]).await;
    assert_eq!((nobody.status, &*last(&desk.service.log())), (403, "resume_missing"));
    assert_eq!((desk.alice().await, desk.world.mints()), (waits(), 0));
}

#[tokio::test]
async fn an_approver_who_finds_nothing_can_look_again() {
    let desk = Desk::open().await;
    let (mut bob, ids) = desk.approver("bob").await;
    assert!(ids.is_empty());
    let page = bob.submit("review", &[]).await;
    assert!(page.status == 200 && page.body.contains("Nothing waits for you."), "{page:?}");
    assert_eq!(desk.alice().await, waits());
    let page = bob.submit("review", &[]).await;
    assert_eq!((page.status, page.body.matches("name=\"approve\"").count()), (200, 1), "{page:?}");
    assert!(page.body.contains("action=\"review\""), "{page:?}");
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
    let flags = [&flags[..], &["--resume-key", &key, "--replay-table", ASSERTIONS]].concat();
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
    assert_eq!(bob.submit("review", &[("deny", id)]).await.status, 403, "the resume token is claimed");
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

const LINKS: &str = "[entry.links.dashboard]\nlanding = \"studio::dashboard\"\n[entry.links.shell]\nlanding = \"app:JupyterLab:terminals/1\"\nspace = \"shared\"\n";

#[tokio::test]
async fn attack_what_was_approved_for_one_deep_link_opens_no_other() {
    let desk = Desk::open().await;
    desk.edit(&format!("{TITLE}\n{LINKS}"));
    assert_eq!(desk.alice_to("dashboard").await, waits());
    desk.approve().await;
    for link in ["shell", ""] {
        assert_eq!((desk.alice_to(link).await, desk.world.mints()), (waits(), 0), "{link:?}");
    }
    assert_eq!(desk.alice_to("dashboard").await, opens(), "where bob saw that it leads");
    assert_eq!(desk.world.asked()[0]["LandingUri"], "studio::dashboard");
    // An alias that leads elsewhere now is not what bob saw.
    desk.edit(&format!("{TITLE}\n{}", LINKS.replace("studio::dashboard", "studio::other")));
    assert_eq!((desk.alice_to("dashboard").await, desk.world.mints()), (waits(), 1));
}

#[tokio::test]
async fn approvers_see_that_another_request_of_the_same_entry_was_denied_and_cannot_approve_it() {
    let desk = Desk::open().await;
    desk.edit(&format!("{TITLE}\n{LINKS}"));
    for link in ["dashboard", "shell"] {
        assert_eq!(desk.alice_to(link).await, waits());
        desk.service.wait(1);
    }
    let (mut bob, ids) = desk.approver("bob").await;
    let page = bob.submit("review", &[("deny", &ids[0])]).await;
    let told = "<dt>Denied already</dt>\n<dd>by bob at 2026-11-19T12:01:02Z: nothing of this entry can be approved until 2026-11-19T20:01:02Z</dd>";
    assert!(page.status == 200 && page.body.matches(told).count() == 1, "{page:?}");
    let claim = super::in_groups(desk.world.sign_ins.claim("carol", desk.service.now()), &["approvers"]);
    let mut carol = Browser::of_service(&desk.service);
    let page = carol.sign_in(&desk.world.form_of(&claim, "approvals")).await;
    assert!(page.body.contains(told) && page.body.contains("<dd>shell</dd>"), "{page:?}");
    assert_eq!(carol.submit("review", &[("approve", &ids[1])]).await.status, 409);
    assert_eq!((last(&desk.service.log()), desk.world.mints()), ("approval_decided".to_owned(), 0));
    let (mut carol, _) = desk.approver("carol").await;
    assert_eq!(carol.submit("review", &[("deny", &ids[1])]).await.status, 200);
}

#[tokio::test]
async fn attack_an_approval_does_not_follow_an_entry_that_leads_elsewhere_now() {
    let desk = Desk::open().await;
    let role = "execution_role = \"arn:aws:iam::111122223333:role/notebooks\"";
    let space =
        "landing = \"JupyterLab\"\nspace = \"fraud\"\nsession_seconds = 3000\nvalid_until = \"2026-12-01T00:00:00Z\"";
    let whole = format!("{TITLE}\n{space}\n[entry.provision]\n{role}\n");
    desk.edit(&whole);
    assert_eq!(desk.alice().await, waits());
    desk.approve().await;
    for (from, to) in [
        ("landing = \"JupyterLab\"", "landing = \"studio::\""),
        ("landing = \"JupyterLab\"", ""),
        ("space = \"fraud\"", "space = \"risk\""),
        ("space = \"fraud\"", ""),
        ("session_seconds = 3000", "session_seconds = 3001"),
        ("2026-12-01", "2026-12-02"),
        ("role/notebooks", "role/admin"),
        ("[entry.provision]", "[entry.tags]\nStage = \"prod\"\n[entry.provision]"),
    ] {
        assert!(whole.contains(from), "{from}");
        desk.edit(&whole.replace(from, to));
        assert_eq!((desk.alice().await, desk.world.mints()), (waits(), 0), "{from} -> {to}");
    }
    desk.edit(&whole);
    assert_eq!(desk.alice().await, opens(), "as bob saw it");
}

#[tokio::test]
async fn the_approver_sees_all_that_is_opened_and_no_markup_of_anybodys() {
    let desk = Desk::open().await;
    let more = "account = \"111122223333\"\nrole = \"arn:aws:iam::111122223333:role/mint\"\nsession_seconds = 2400";
    desk.edit(&format!("title = \"<b>Fraud & risk</b>\"\nproduction = true\n{more}\n{LINKS}"));
    assert_eq!(desk.alice_to("shell").await, waits());
    let claim = super::in_groups(desk.world.sign_ins.claim("bob", desk.service.now()), &["approvers"]);
    let page = Browser::of_service(&desk.service).sign_in(&desk.world.form_of(&claim, "approvals")).await.body;
    for (name, fact) in [
        ("Deep link", "shell"),
        ("Space", "shared"),
        ("Page", "app:JupyterLab:terminals/1"),
        ("At most", "40 minutes"),
        ("Role", "arn:aws:iam::111122223333:role/mint"),
        ("Account", "111122223333"),
        ("Ledger entry", "prod"),
    ] {
        assert!(page.contains(&format!("<dt>{name}</dt>\n<dd>{fact}</dd>")), "{name}: {page}");
    }
    assert!(page.contains("&lt;b&gt;Fraud &amp; risk&lt;/b&gt;") && !page.contains("<b>Fraud"), "{page}");
}

#[tokio::test]
async fn the_records_of_request_decision_and_session_say_what_was_approved() {
    let desk = Desk::open().await;
    desk.edit(&format!("{TITLE}\nsession_seconds = 2400\n{LINKS}"));
    assert_eq!(desk.alice_to("shell").await, waits());
    let (mut bob, ids) = desk.approver("bob").await;
    assert_eq!(bob.submit("review", &[("approve", &ids[0])]).await.status, 200);
    assert_eq!(desk.alice_to("shell").await, opens());
    let records: Vec<_> =
        lines(&desk.service.log(), "class_uid").into_iter().filter(|record| record["class_uid"] == 6003).collect();
    let operations: Vec<_> = records.iter().map(|record| record["api"]["operation"].as_str().unwrap()).collect();
    let steps = ["RequestApproval", "Approve", "CreatePresignedDomainUrl"];
    assert_eq!(operations, steps.map(|step| [step, step]).concat());
    for record in &records {
        let approval = &record["api"]["request"]["data"]["approval"];
        assert_eq!(approval["sha256"].as_str(), ids[0].get(64..), "all 256 bits: {record}");
        let covers = &approval["covers"];
        assert_eq!((&covers["user"], &covers["profile"]["entry"]), (&"alice".into(), &"prod".into()));
        assert_eq!((&covers["deep_link"], &covers["space"]), (&"shell".into(), &"shared".into()));
        let place = (&covers["landing"], &covers["session_seconds"]);
        assert_eq!(place, (&"app:JupyterLab:terminals/1".into(), &2400.into()));
    }
    let intent = &records[4]["api"]["request"]["data"];
    assert_eq!((&intent["approved_by"], &intent["deep_link"]), (&"bob".into(), &"shell".into()));
}

#[tokio::test]
async fn attack_a_user_who_asks_for_much_gets_a_calm_page_and_hides_nobodys_requests() {
    let world = World::without_aws(&["alice", "frank", "mallory"]).await;
    let links: String = (0..20).map(|n| format!("[entry.links.l{n}]\nlanding = \"studio::{n}\"\n")).collect();
    let book = Book::of(&(entry("prod", "alice", TITLE) + &entry("mine", "mallory", &format!("{TITLE}\n{links}"))));
    let settings = [
        ("ledger", &*book.path()),
        ("policy", "shipped:default,shipped:four-eyes"),
        ("rate-per-user", "1000"),
        ("approval-per-user", "3"),
    ];
    let service = world.service(&settings, NOON).await;
    let desk = Desk { world, book, service };
    let mut answers = Vec::new();
    for number in 0..20 {
        let form = desk.world.form_of(&desk.world.sign_ins.claim("Mallory", desk.service.now()), &format!("l{number}"));
        let page = Browser::of_service(&desk.service).sign_in(&form).await;
        answers.push((page.status, last(&desk.service.log())));
        if number == 19 {
            assert!(page.body.contains("Too many requests for approval"), "{}", page.body);
        }
    }
    let too_many = (429, "approval_too_many".to_owned());
    assert_eq!((&answers[..3], &answers[3..]), (&vec![waits(); 3][..], &vec![too_many; 17][..]));
    let asked = |log: &str| on_record(log).iter().filter(|(operation, _)| operation == "RequestApproval").count();
    assert_eq!(asked(&desk.service.log()), 2 * 3, "what is refused is not put on record one by one");
    assert_eq!(desk.alice().await, waits());
    let (_, ids) = desk.approver("bob").await;
    assert_eq!(ids.len(), 4, "alice's among them");
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
