//! User profiles that are missing: made as the ledger says, on record before they are, and opened once.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use serde_json::Value;
use studio_acs_standins::sagemaker::{Making, Profiles};

use super::{Book, World, entry, last, on_record};
use support::TestDir;
use support::browser::Browser;
use support::process::{DOMAIN, Server};

const EXECUTION: &str = "arn:aws:iam::111122223333:role/studio-notebooks";

fn how() -> String {
    format!(
        "title = \"Fraud models\"\n[entry.provision]\nexecution_role = \"{EXECUTION}\"\nsecurity_groups = [\"sg-0123456789abcdef0\"]\n[entry.provision.tags]\nTeam = \"fraud\"\n"
    )
}

/// SageMaker has no profile, and this becomes of those that are made.
async fn world(making: Making) -> World {
    World::of(Profiles::default().making(making)).await
}

fn serve(world: &World, book: &Book, more: &[&str]) -> Server {
    world.server(&[&["--ledger", &*book.path(), "--provision", "on", "--ledger-refresh", "0"][..], more].concat())
}

fn steps(log: &str) -> Vec<String> {
    on_record(log).into_iter().map(|(call, status)| format!("{call} {status}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_profile_is_made_as_the_ledger_says_and_opened_when_it_is_there() {
    let (world, book) = (world(Making::Ready(2)).await, Book::of(&entry("own", "erin", &how())));
    let server = serve(&world, &book, &[]);
    let mut erin = Browser::of_process(&server);
    let page = erin.sign_in(&world.sign_ins.form("erin")).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.body.contains("href=\"saml/continue?csrf_token=") && page.body.contains("Fraud models"), "{page:?}");
    let created = world.stand_ins.sagemaker.created();
    assert_eq!(created.len(), 1);
    let made = &created[0];
    assert_eq!((&*made.domain, &*made.profile, made.execution_role.as_deref()), (DOMAIN, "erin", Some(EXECUTION)));
    assert_eq!(made.security_groups, ["sg-0123456789abcdef0"]);
    assert_eq!(made.tags, [("Team".to_owned(), "fraud".to_owned())].into());

    for _ in 0..2 {
        let page = erin.look_again().await;
        assert!(page.status == 200 && page.body.contains("href=\"continue?csrf_token="), "{page:?}");
        assert_eq!(world.mints(), 0);
    }
    let page = erin.look_again().await;
    assert_eq!((page.status, erin.resume_token(), world.mints()), (302, None, 1), "{page:?}");
    assert!(world.stand_ins.follow(page.header("location")).await.body.contains(">erin<"));
    assert_eq!(erin.look_again().await.status, 403);
    let (mint, make) = ("CreatePresignedDomainUrl", "CreateUserProfile");
    let expected =
        [(mint, "Intent"), (mint, "Failure"), (make, "Intent"), (make, "Success"), (mint, "Intent"), (mint, "Success")];
    let log = server.end();
    assert_eq!(steps(&log), expected.map(|(call, status)| format!("{call} {status}")), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_waiting_page_asks_how_far_it_is_and_uses_nothing_up() {
    let (world, book) = (world(Making::Ready(2)).await, Book::of(&entry("own", "erin", &how())));
    let server = serve(&world, &book, &[]);
    let mut erin = Browser::of_process(&server);
    let page = erin.sign_in(&world.sign_ins.form("erin")).await;
    let csp = page.header("content-security-policy");
    assert!(csp.contains("script-src 'sha256-") && csp.contains("connect-src 'self'"), "{csp}");
    assert!(!page.body.contains("http-equiv"), "no refresh takes the page away: {}", page.body);
    let token = erin.resume_token().map(str::to_owned);
    for status in [202, 202, 200, 200] {
        let answer = erin.ask_progress().await;
        assert_eq!((answer.status, &*answer.body, answer.header("set-cookie")), (status, "", ""), "{answer:?}");
    }
    assert_eq!((erin.resume_token().map(str::to_owned), world.mints()), (token, 0));
    // Another page's question is refused, and the browser can go on.
    let mut other = erin.clone();
    other.page = "x".repeat(32);
    let answer = other.ask_progress().await;
    assert_eq!((answer.status, &*answer.body, answer.header("set-cookie")), (403, "", ""), "{answer:?}");
    assert_eq!((erin.look_again().await.status, world.mints()), (302, 1));
    assert_eq!(erin.ask_progress().await.status, 403);
    let log = server.end();
    assert_eq!(last(&log), "resume_missing");
    assert_eq!(log.matches("\"code\":\"resume_another_page\"").count(), 1, "{log}");
    assert_eq!(log.matches("\"step\":\"provisioning\"").count(), 3, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_that_look_at_once_one_is_let_in() {
    let (world, book) = (world(Making::Ready(0)).await, Book::of(&entry("own", "erin", &how())));
    let server = serve(&world, &book, &[]);
    let mut erin = Browser::of_process(&server);
    assert_eq!(erin.sign_in(&world.sign_ins.form("erin")).await.status, 200);
    let mut looks = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let mut browser = erin.clone();
        looks.spawn(async move { browser.look_again().await.status });
    }
    let statuses = looks.join_all().await;
    let of = |status| statuses.iter().filter(|found| **found == status).count();
    assert_eq!((of(302), of(403), world.mints()), (1, 9, 1), "{statuses:?}");
    assert_eq!(server.end().matches("\"code\":\"replayed\"").count(), 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_is_off_or_the_ledger_does_not_say_how_nothing_is_made() {
    let world = world(Making::Ready(0)).await;
    let (with, without) = (Book::of(&entry("own", "erin", &how())), Book::of(&entry("own", "erin", "")));
    for (book, flags) in [(&with, &["--provision", "off"][..]), (&without, &["--provision", "on"]), (&with, &[])] {
        let server = world.server(&[&["--ledger", &*book.path()][..], flags].concat());
        let mut erin = Browser::of_process(&server);
        let page = erin.sign_in(&world.sign_ins.form("erin")).await;
        assert!(page.status == 404 && page.body.contains("There is no Studio profile for you yet"), "{page:?}");
        assert_eq!(erin.resume_token(), None);
        assert_eq!(erin.look_again().await.status, 403);
        let log = server.end();
        assert!(log.contains("\"code\":\"profile_not_found\"") && last(&log) == "resume_missing", "{log}");
    }
    assert_eq!((world.stand_ins.sagemaker.created().len(), world.mints()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_fails_ends_the_wait() {
    let (world, book) = (world(Making::Fails(1)).await, Book::of(&entry("own", "erin", &how())));
    let server = serve(&world, &book, &[]);
    let mut erin = Browser::of_process(&server);
    assert_eq!(erin.sign_in(&world.sign_ins.form("erin")).await.status, 200);
    assert_eq!(erin.look_again().await.status, 200);
    assert_eq!(erin.ask_progress().await.status, 502, "and the page that says so can be opened");
    let page = erin.look_again().await;
    assert!(page.status == 502 && page.body.contains("Your Studio profile could not be made"), "{page:?}");
    assert_eq!((erin.resume_token(), world.mints()), (None, 0));
    assert_eq!(last(&server.end()), "provision_failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_revoked_while_they_wait_is_not_let_in() {
    let (world, book) = (world(Making::Ready(1)).await, Book::of(&entry("own", "erin", &how())));
    let server = serve(&world, &book, &[]);
    let mut erin = Browser::of_process(&server);
    assert_eq!(erin.sign_in(&world.sign_ins.form("erin")).await.status, 200);
    assert_eq!(erin.look_again().await.status, 200);
    book.write(&(entry("own", "erin", &how()) + "[[revoked]]\nuser = \"erin\"\nwhy = \"left\"\n"));
    assert_eq!((erin.look_again().await.status, world.mints()), (403, 0));
    assert_eq!(last(&server.end()), "access_revoked");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_that_makes_a_profile_can_make_that_one_with_that_role_alone() {
    let world = World::with(&[]).await;
    let book = Book::of(&entry("own", "erin", &how()));
    let role = "arn:aws:iam::111122223333:role/studio-acs-mint";
    let server = serve(&world, &book, &["--mint-role", role, "--mint-timeout", "8"]);
    let page = Browser::of_process(&server).sign_in(&world.sign_ins.form("erin")).await;
    assert_eq!(page.status, 200, "{}", server.end());
    let calls = world.way.calls();
    let sessions: Vec<Value> = calls
        .iter()
        .filter(|call| call.contains("Action=AssumeRole"))
        .map(|call| {
            let policy = form_urlencoded::parse(call.as_bytes()).find(|(name, _)| name == "Policy");
            serde_json::from_str(&policy.expect("a session policy").1).expect("JSON")
        })
        .collect();
    let arn = format!("arn:aws:sagemaker:eu-central-1:111122223333:user-profile/{DOMAIN}/erin");
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions[0]["Statement"][0]["Action"], "sagemaker:CreatePresignedDomainUrl");
    let statements = &sessions[1]["Statement"];
    assert_eq!(statements[0]["Resource"], serde_json::json!([arn]));
    assert_eq!((&statements[1]["Action"], &statements[1]["Resource"]), (&"iam:PassRole".into(), &EXECUTION.into()));
    assert_eq!(statements.as_array().map(Vec::len), Some(2));
}

/// A sink that confirms what it is sent, or nothing of what says that a profile is made; and how many profiles there
/// were when it was told that one was about to be.
async fn sink(world: &World, confirms: bool) -> (String, Arc<Mutex<Vec<usize>>>) {
    let (told, sagemaker) = (Arc::new(Mutex::new(Vec::new())), Arc::clone(&world.stand_ins.sagemaker));
    let state = Arc::clone(&told);
    let answer = move |request: Request<Body>| {
        let (state, made) = (Arc::clone(&state), sagemaker.created().len());
        async move {
            let body = to_bytes(request.into_body(), usize::MAX).await.expect("a body");
            let body = String::from_utf8(body.to_vec()).expect("UTF-8");
            let intent = |line: &&str| line.contains("\"CreateUserProfile\"") && line.contains("\"status\":\"Intent\"");
            let told = body.lines().filter(intent).count();
            state.lock().expect("no panic").extend(std::iter::repeat_n(made, told));
            if confirms || told == 0 { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR }
        }
    };
    let listener = studio_acs::server::bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    (endpoint, told)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_on_record_before_it_is_made_or_is_not_made() {
    let key = TestDir::with("key", "a key of thirty-two characters or more");
    let key = format!("{}/key", key.path());
    for (confirms, status, made) in [(true, 200, 1), (false, 503, 0)] {
        let (world, book) = (world(Making::Ready(1)).await, Book::of(&entry("own", "erin", &how())));
        let (hook, told) = sink(&world, confirms).await;
        let audit = ["--audit-webhook", &hook, "--audit-webhook-secret", &key, "--audit-timeout", "2"];
        let server = serve(&world, &book, &audit);
        let page = Browser::of_process(&server).sign_in(&world.sign_ins.form("erin")).await;
        assert_eq!((page.status, world.stand_ins.sagemaker.created().len()), (status, made), "{page:?}");
        let told = told.lock().expect("no panic").clone();
        assert!(!told.is_empty() && told.iter().all(|made| *made == 0), "{told:?}");
    }
}
