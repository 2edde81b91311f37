//! The records of decisions and of mints: each intent has its outcome, whoever else decides, revokes or does not answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::StatusCode;
use serde_json::Value;
use studio_acs_standins::sagemaker::{Behaviour, Profiles};
use tokio::io::AsyncReadExt as _;
use tokio::sync::watch;

use super::approvals::{Desk, TITLE, opens, waits};
use super::{Book, LEDGER, NOON, World, entry, last, lines, on_record};
use support::TestDir;
use support::browser::{Browser, RunningService};
use support::fault::{Fault, store};
use support::process::{DOMAIN, NOWHERE};

const MINT: &str = "CreatePresignedDomainUrl";

/// A sink that takes records while it is open, and keeps their sender waiting otherwise.
struct Gate {
    key: TestDir,
    url: String,
    open: watch::Sender<bool>,
}

impl Gate {
    async fn start() -> Self {
        let (open, is_open) = watch::channel(true);
        let answer = move || {
            let mut is_open = is_open.clone();
            async move {
                is_open.wait_for(|open| *open).await.expect("a gate");
                StatusCode::OK
            }
        };
        let listener = studio_acs::server::bind(([127, 0, 0, 1], 0).into()).expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        Self { key: TestDir::with("key", "a key of thirty-two characters or more"), url, open }
    }

    /// A desk in this world, whose records pass here before anything is done.
    async fn desk(&self, world: World, more: &[(&'static str, &str)]) -> Desk {
        let secret = format!("{}/key", self.key.path());
        let sink = [("audit-webhook", self.url.as_str()), ("audit-webhook-secret", &secret)];
        Desk::of(world, &[&sink[..], more].concat()).await
    }

    fn close(&self) {
        self.open.send_replace(false);
    }

    fn open(&self) {
        self.open.send_replace(true);
    }
}

/// Waits until these intents are in the log.
async fn intended(service: &RunningService, operations: &[&str]) {
    for _ in 0..500 {
        let records = on_record(&service.log());
        let is_there = |call: &&str| records.contains(&((*call).to_owned(), "Intent".to_owned()));
        if operations.iter().all(is_there) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{operations:?}: {}", service.log());
}

/// The records that end an operation: whose they are, their operation, status and code.
fn endings(log: &str) -> Vec<(String, String, String, String)> {
    let records = lines(log, "class_uid").into_iter().filter(|record| record["class_uid"] == 6003);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let ended = records.filter(|record| record["status"] != "Intent");
    ended
        .map(|record| {
            let user = text(&record["actor"]["user"]["name"]);
            (user, text(&record["api"]["operation"]), text(&record["status"]), text(&record["status_code"]))
        })
        .collect()
}

fn ending(user: &str, operation: &str, status: &str, code: &str) -> (String, String, String, String) {
    (user.to_owned(), operation.to_owned(), status.to_owned(), code.to_owned())
}

#[tokio::test]
async fn a_denial_has_an_outcome_and_a_decision_on_ones_own_request_has_no_record() {
    let desk = Desk::open().await;
    assert_eq!(desk.alice().await, waits());
    let asked = ending("alice", "RequestApproval", "Success", "");
    let (_, ids) = desk.approver("bob").await;
    for (page, name) in [("approve", "alice"), ("deny", "ALICE")] {
        let (mut alice, _) = desk.approver(name).await;
        let answer = alice.submit("review", &[(page, &ids[0])]).await;
        assert_eq!((answer.status, &*last(&desk.service.log())), (409, "approval_own"), "{name}");
    }
    assert_eq!(on_record(&desk.service.log()).len(), 2, "the request and its outcome");
    let (mut bob, _) = desk.approver("bob").await;
    assert_eq!(bob.submit("review", &[("deny", &ids[0])]).await.status, 200);
    assert_eq!(endings(&desk.service.log()), [asked, ending("bob", "Deny", "Success", "")]);
    let outcome = lines(&desk.service.log(), "class_uid").pop().expect("a record");
    assert_eq!((&outcome["status_id"], &outcome["activity_id"]), (&1.into(), &3.into()), "{outcome}");
    assert_eq!(outcome["api"]["request"]["data"]["approval"]["sha256"].as_str(), ids[0].get(64..), "{outcome}");
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_of_two_decisions_at_once_one_succeeds_on_record_and_the_other_fails() {
    let gate = Gate::start().await;
    let desk = gate.desk(World::without_aws(&["alice"]).await, &[]).await;
    assert_eq!(desk.alice().await, waits());
    let ((mut bob, ids), (mut carol, _)) = (desk.approver("bob").await, desk.approver("carol").await);
    // Both have found the request undecided before either decides.
    gate.close();
    let (one, other) = (ids[0].clone(), ids[0].clone());
    let approves = tokio::spawn(async move { bob.submit("review", &[("approve", &one)]).await.status });
    let denies = tokio::spawn(async move { carol.submit("review", &[("deny", &other)]).await.status });
    intended(&desk.service, &["Approve", "Deny"]).await;
    assert_eq!(desk.alice().await, waits(), "it is not decided yet");
    gate.open();
    let statuses = (approves.await.expect("no panic"), denies.await.expect("no panic"));
    let mut found = endings(&desk.service.log()).split_off(1);
    found.sort();
    if statuses == (200, 409) {
        let lost = ending("carol", "Deny", "Failure", "approval_decided");
        assert_eq!(found, [ending("bob", "Approve", "Success", ""), lost]);
        assert_eq!((desk.alice().await, desk.world.mints()), (opens(), 1));
    } else {
        assert_eq!(statuses, (409, 200));
        let lost = ending("bob", "Approve", "Failure", "approval_decided");
        assert_eq!(found, [lost, ending("carol", "Deny", "Success", "")]);
        assert_eq!((desk.alice().await, desk.world.mints()), ((409, "approval_decided".to_owned()), 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_a_user_who_comes_while_their_request_is_denied_opens_nothing() {
    let gate = Gate::start().await;
    let desk = gate.desk(World::without_aws(&["alice"]).await, &[]).await;
    assert_eq!(desk.alice().await, waits());
    let (mut bob, ids) = desk.approver("bob").await;
    gate.close();
    let denies = tokio::spawn(async move { bob.submit("review", &[("deny", &ids[0])]).await.status });
    intended(&desk.service, &["Deny"]).await;
    assert_eq!(desk.alice().await, waits());
    gate.open();
    assert_eq!(denies.await.expect("no panic"), 200);
    assert_eq!(desk.alice().await, (409, "approval_decided".to_owned()));
    let found = endings(&desk.service.log());
    assert_eq!(found, [ending("alice", "RequestApproval", "Success", ""), ending("bob", "Deny", "Success", "")]);
    assert_eq!(desk.world.mints(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_has_the_time_at_which_it_is_recorded() {
    let gate = Gate::start().await;
    let desk = gate.desk(World::without_aws(&["alice"]).await, &[]).await;
    assert_eq!(desk.alice().await, waits());
    let (mut bob, ids) = desk.approver("bob").await;
    gate.close();
    let denies = tokio::spawn(async move { bob.submit("review", &[("deny", &ids[0])]).await.status });
    intended(&desk.service, &["Deny"]).await;
    desk.service.wait(2);
    gate.open();
    assert_eq!(denies.await.expect("no panic"), 200);
    let records: Vec<_> = lines(&desk.service.log(), "class_uid")
        .into_iter()
        .filter(|record| record["api"]["operation"] == "Deny")
        .collect();
    let times: Vec<_> = records.iter().map(|record| record["time"].as_i64().expect("a time")).collect();
    assert_eq!((times.len(), times[1] - times[0]), (2, 2_000), "{records:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_the_store_does_not_confirm_is_unknown_on_record() {
    let gate = Gate::start().await;
    let settings = [("approval-table", LEDGER), ("table-timeout", "2")];
    let desk = gate.desk(World::with(&["alice"]).await, &settings).await;
    assert_eq!(desk.alice().await, waits());
    let (mut bob, ids) = desk.approver("bob").await;
    gate.close();
    let approves = tokio::spawn(async move { bob.submit("review", &[("approve", &ids[0])]).await.status });
    intended(&desk.service, &["Approve"]).await;
    desk.world.tables().delete_table().table_name(LEDGER).send().await.expect("a deletion");
    gate.open();
    assert_eq!(approves.await.expect("no panic"), 503);
    let unknown = ending("bob", "Approve", "Unknown", "approval_store_unavailable");
    assert_eq!(endings(&desk.service.log())[1..], [unknown]);
    let outcome = lines(&desk.service.log(), "class_uid").pop().expect("a record");
    assert_eq!((&outcome["status_id"], &outcome["severity_id"]), (&0.into(), &3.into()), "{outcome}");
}

#[tokio::test]
async fn attack_an_approval_ends_when_its_approver_is_revoked() {
    let desk = Desk::open().await;
    assert_eq!(desk.alice().await, waits());
    desk.approve().await;
    desk.book.write(&(entry("prod", "alice", TITLE) + "[[revoked]]\nuser = \"BOB\"\nwhy = \"left\"\n"));
    desk.service.wait(30);
    assert_eq!((desk.alice().await, desk.world.mints()), (waits(), 0), "asked for again");
    assert!(desk.service.log().contains("the approval does not count: its approver is revoked"));
    assert_eq!(desk.alice().await, waits(), "and not each time");
    let asked = endings(&desk.service.log()).into_iter().filter(|(_, operation, ..)| operation == "RequestApproval");
    assert_eq!(asked.count(), 2);
    let (mut carol, ids) = desk.approver("carol").await;
    assert_eq!(ids.len(), 1);
    assert_eq!(carol.submit("review", &[("approve", &ids[0])]).await.status, 200);
    assert_eq!(desk.alice().await, opens());
    let outcome = lines(&desk.service.log(), "class_uid").pop().expect("a record");
    assert_eq!(outcome["api"]["request"]["data"]["approved_by"], "carol", "{outcome}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mint_is_unknown_on_record_only_where_it_may_be_done() {
    let profiles = [
        ("slow", Behaviour::Hang),
        ("denied", Behaviour::Deny),
        ("failing", Behaviour::Fail),
        ("foreign", Behaviour::MintForeign),
    ];
    let profiles = profiles.into_iter().fold(Profiles::default(), |all, (user, how)| all.with(DOMAIN, user, how));
    let world = World::of(profiles).await;
    let sagemaker = world.stand_ins.endpoint.clone();
    let cut = "{\"AuthorizedUrl\": \"https://d-abc.studio.eu-central-1.sagemaker.aws/au";
    for (user, endpoint, status, code, status_id) in [
        ("slow", sagemaker.clone(), 504, "mint_timeout", 0),
        ("lost", store(Fault::Resets).await, 502, "mint_failed", 0),
        ("cut", store(Fault::Answers(200, cut)).await, 502, "mint_failed", 0),
        ("silent", store(Fault::Hangs).await, 504, "mint_timeout", 0),
        ("early", lost_then_denied().await, 403, "mint_denied", 0),
        ("foreign", sagemaker.clone(), 502, "url_forbidden", 0),
        // A failure of the server's, with an error code of AWS's.
        ("failing", sagemaker.clone(), 502, "mint_failed", 0),
        ("busy", store(Fault::Answers(429, "{\"__type\":\"ThrottlingException\"}")).await, 429, "mint_throttled", 0),
        ("refused", store(Fault::Answers(400, "{\"__type\":\"ThrottlingException\"}")).await, 429, "mint_throttled", 2),
        ("denied", sagemaker.clone(), 403, "mint_denied", 2),
        ("absent", sagemaker, 404, "profile_not_found", 2),
        ("unreachable", NOWHERE.to_owned(), 502, "mint_unreachable", 2),
    ] {
        // The SDK asks again after a while, where it may.
        let timeout = if code == "mint_timeout" { "1" } else { "8" }.to_owned();
        let settings: Vec<_> = world.sign_ins.settings().into_iter().chain([("mint-timeout", timeout)]).collect();
        let service = RunningService::start(&settings, &endpoint, NOON).await;
        assert_eq!((world.sign_in(&service, user).await.status, &*last(&service.log())), (status, code), "{user}");
        let status = if status_id == 0 { "Unknown" } else { "Failure" };
        assert_eq!(endings(&service.log()), [ending(user, MINT, status, code)], "{user}: {}", service.log());
        let outcome = lines(&service.log(), "class_uid").pop().expect("a record");
        assert_eq!(outcome["status_id"], status_id, "{user}: {outcome}");
    }
    assert_eq!(world.mints(), 1, "the URL that leads elsewhere");
}

/// A SageMaker that resets the first connection, and denies whatever is asked after it.
async fn lost_then_denied() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        let (mut first, _) = listener.accept().await.expect("a connection");
        let _ = first.read(&mut [0; 4096]).await;
        drop(first);
        let denied =
            Router::new().fallback(async || (StatusCode::BAD_REQUEST, r#"{"__type":"AccessDeniedException"}"#));
        axum::serve(listener, denied).await
    });
    endpoint
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_whose_making_is_not_answered_is_unknown_on_record() {
    let world = World::without_aws(&[]).await;
    let how = "[entry.provision]\nexecution_role = \"arn:aws:iam::111122223333:role/notebooks\"\n";
    let book = Book::of(&entry("own", "erin", how));
    let endpoint = mint_refused_then_silent().await;
    let settings = [("ledger", book.path()), ("mint-timeout", "1".to_owned()), ("provision", "on".to_owned())];
    let settings: Vec<_> = world.sign_ins.settings().into_iter().chain(settings).collect();
    let service = RunningService::start(&settings, &endpoint, NOON).await;
    let page = Browser::of_service(&service).sign_in(&world.form(&service, "erin")).await;
    assert_eq!((page.status, &*last(&service.log())), (504, "provision_failed"), "{page:?}");
    let absent = ending("erin", MINT, "Failure", "profile_not_found");
    assert_eq!(endings(&service.log()), [absent, ending("erin", "CreateUserProfile", "Unknown", "provision_failed")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_may_be_made_by_an_attempt_without_an_answer_is_unknown_on_record() {
    let world = World::without_aws(&[]).await;
    let how = "[entry.provision]\nexecution_role = \"arn:aws:iam::111122223333:role/notebooks\"\n";
    let book = Book::of(&entry("own", "erin", how));
    let endpoint = made_without_an_answer().await;
    let settings = [("ledger", book.path()), ("mint-timeout", "8".to_owned()), ("provision", "on".to_owned())];
    let settings: Vec<_> = world.sign_ins.settings().into_iter().chain(settings).collect();
    let service = RunningService::start(&settings, &endpoint, NOON).await;
    let page = Browser::of_service(&service).sign_in(&world.form(&service, "erin")).await;
    assert_eq!((page.status, &*last(&service.log())), (403, "provision_denied"), "{page:?}");
    let absent = ending("erin", MINT, "Failure", "profile_not_found");
    assert_eq!(endings(&service.log()), [absent, ending("erin", "CreateUserProfile", "Unknown", "provision_denied")]);
}

/// A SageMaker that breaks the connection off when a profile is to be made, says at the next attempt that it exists, and
/// describes none.
async fn made_without_an_answer() -> String {
    let asked = Arc::new(AtomicUsize::new(0));
    let answer = async move |request: axum::http::Request<axum::body::Body>| {
        let target = request.headers()["x-amz-target"].to_str().expect("a name").to_owned();
        let error = match target.as_str() {
            "SageMaker.CreatePresignedDomainUrl" => "ResourceNotFound",
            // Without a panic's message: the task of the connection ends, and the connection with it.
            "SageMaker.CreateUserProfile" if asked.fetch_add(1, Ordering::SeqCst) == 0 => {
                std::panic::resume_unwind(Box::new("the connection breaks off"))
            }
            "SageMaker.CreateUserProfile" => "ResourceInUse",
            _ => "AccessDeniedException",
        };
        (StatusCode::BAD_REQUEST, format!("{{\"__type\":\"{error}\"}}"))
    };
    serve(Router::new().fallback(answer))
}

/// A SageMaker that knows no profile, and does not answer when one is to be made.
async fn mint_refused_then_silent() -> String {
    let answer = async |request: axum::http::Request<axum::body::Body>| {
        if request.headers()["x-amz-target"] != "SageMaker.CreatePresignedDomainUrl" {
            std::future::pending::<()>().await;
        }
        (StatusCode::BAD_REQUEST, r#"{"__type":"ResourceNotFound"}"#)
    };
    serve(Router::new().fallback(answer))
}

/// An endpoint of this router.
fn serve(router: Router) -> String {
    let listener = studio_acs::server::bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    endpoint
}
