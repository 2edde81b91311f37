//! The service over HTTP: statuses, headers, pages, and what becomes of the mint's answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use studio_acs::trust::TrustError;
use studio_acs::{Clock, StartError};
use studio_acs_aws::SourceError;
use studio_acs_refusal::instant;
use studio_acs_standins::idp::{Claim, DevIdp, PASSWORD};
use studio_acs_standins::sagemaker::{Behaviour, Profiles};
use support::{Answer, FORM, StandIns, TestDir, form, post, send};
use time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const AT: &str = "2026-11-21T12:00:00Z";
const ACS_URL: &str = "https://acs.example/saml";
const AUDIENCE: &str = "https://acs.example/";
const DOMAIN: &str = "d-abc123";

/// An identity provider whose metadata is a file, and stand-ins whose profiles show every behaviour.
struct Rig {
    idp: DevIdp,
    metadata: TestDir,
    stand_ins: StandIns,
}

impl Rig {
    async fn start() -> Self {
        let idp = DevIdp::new("https://idp.example/assertion/1").expect("an identity provider");
        let metadata = TestDir::with("metadata.xml", &idp.metadata());
        let profiles = [
            ("alice", Behaviour::Mint),
            ("long", Behaviour::MintLong),
            ("foreign", Behaviour::MintForeign),
            ("throttled", Behaviour::Throttle),
            ("denied", Behaviour::Deny),
            ("failing", Behaviour::Fail),
            ("hanging", Behaviour::Hang),
        ];
        let profiles = profiles.into_iter().fold(Profiles::default(), |all, (user, how)| all.with(DOMAIN, user, how));
        Self { idp, metadata, stand_ins: StandIns::start(profiles).await }
    }

    fn settings(&self, more: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        let settings = [("metadata", self.metadata.path()), ("audience", AUDIENCE), ("acs-url", ACS_URL)];
        let given = settings.iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name)).chain(more);
        given.map(|(name, value)| (*name, (*value).to_owned())).collect()
    }

    fn response(&self, user: &str) -> Vec<u8> {
        self.response_for(user, Duration::hours(12))
    }

    fn response_for(&self, user: &str, session: Duration) -> Vec<u8> {
        let claim = Claim {
            user: user.to_owned(),
            domain: DOMAIN.to_owned(),
            audience: AUDIENCE.to_owned(),
            acs_url: ACS_URL.to_owned(),
            issued: instant::parse(AT).expect("a time"),
            session,
            groups: Vec::new(),
            attributes: Vec::new(),
            authenticated: instant::parse(AT).expect("a time"),
            method: PASSWORD.to_owned(),
        };
        self.idp.respond(&claim).expect("a response").into_bytes()
    }

    async fn sign_in(&self, user: &str, more: &[(&'static str, &str)]) -> (Answer, serde_json::Value) {
        let service = self.stand_ins.service(&self.settings(more), AT).await;
        let (answer, log) = support::logged(post(&service, "/saml", form(&self.response(user)))).await;
        let lines: Vec<_> = log.lines().filter(|line| line.contains("\"sign-in\"")).collect();
        assert_eq!(lines.len(), 1, "one event an attempt: {log}");
        (answer, serde_json::from_str(lines[0]).expect("JSON"))
    }
}

#[tokio::test]
async fn a_sign_in_ends_in_studio_as_the_signed_user() {
    let rig = Rig::start().await;
    let (answer, log) = rig.sign_in("alice", &[]).await;
    assert_eq!(answer.status, StatusCode::FOUND);
    assert_eq!(answer.body, "");
    let studio = rig.stand_ins.follow(answer.header("location")).await;
    assert!(
        studio.body.contains(">alice<") && studio.body.contains(">30 seconds<") && studio.body.contains(">60 minutes<")
    );
    assert_eq!(rig.stand_ins.follow(answer.header("location")).await.status, StatusCode::FORBIDDEN, "once");

    assert_eq!(log["outcome"], "accepted");
    assert_eq!(log["issuer"], "https://idp.example/assertion/1");
    assert_eq!((&log["user"], &log["domain"]), (&"alice".into(), &DOMAIN.into()));
    assert!(log["assertion_id"].as_str().is_some_and(|id| id.starts_with('_')));
    assert_eq!(log["correlation_id"], answer.header("x-correlation-id"));
}

#[tokio::test]
async fn profile_names_are_not_case_sensitive() {
    let rig = Rig::start().await;
    assert_eq!(rig.sign_in("Alice", &[]).await.0.status, StatusCode::FOUND);
}

#[tokio::test]
async fn each_failure_of_the_mint_has_its_status_code_and_page() {
    let rig = Rig::start().await;
    for (user, status, code, words) in [
        ("nobody", StatusCode::NOT_FOUND, "profile_not_found", "no Studio profile"),
        ("throttled", StatusCode::TOO_MANY_REQUESTS, "mint_throttled", "Studio is busy"),
        ("denied", StatusCode::FORBIDDEN, "mint_denied", "may not be opened"),
        ("failing", StatusCode::BAD_GATEWAY, "mint_failed", "could not be opened"),
        ("hanging", StatusCode::GATEWAY_TIMEOUT, "mint_timeout", "taking too long"),
        ("foreign", StatusCode::BAD_GATEWAY, "url_forbidden", "could not be opened"),
    ] {
        let more: &[_] = if user == "hanging" { &[("mint-timeout", "1")] } else { &[] };
        let (answer, log) = rig.sign_in(user, more).await;
        assert_eq!((answer.status, &log["code"]), (status, &code.into()), "{user}: {log}");
        assert!(answer.body.contains(words), "{user}: {}", answer.body);
        assert!(!answer.body.contains(code), "{user}: the page tells the code");
        assert_eq!(log["user"], user);
    }
    // No process listens at the discard port.
    let mut rig = rig;
    rig.stand_ins.endpoint = "http://127.0.0.1:9".to_owned();
    let (answer, log) = rig.sign_in("alice", &[]).await;
    assert_eq!((answer.status, &log["code"]), (StatusCode::BAD_GATEWAY, &"mint_unreachable".into()));
}

#[tokio::test]
async fn a_url_too_long_for_a_header_goes_into_a_page() {
    let rig = Rig::start().await;
    let (answer, log) = rig.sign_in("long", &[]).await;
    assert_eq!((answer.status, &log["outcome"]), (StatusCode::OK, &"accepted".into()));
    assert!(
        answer.body.contains("http-equiv=\"refresh\" content=\"0;url=http://127.0.0.1:1/auth?token="),
        "{}",
        answer.body
    );
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
    assert!(answer.headers.iter().all(|(_, value)| value.len() < 7_000));
}

#[tokio::test]
async fn a_session_never_outlives_the_identity_providers() {
    let rig = Rig::start().await;
    // The identity provider's session has twelve hours.
    let (answer, _) = rig.sign_in("alice", &[("session-seconds", "43200")]).await;
    let studio = rig.stand_ins.follow(answer.header("location")).await;
    assert!(studio.body.contains(">720 minutes<"), "{}", studio.body);

    for (left, minutes) in [(Duration::hours(2), "120"), (Duration::minutes(30), "30")] {
        let service = rig.stand_ins.service(&rig.settings(&[("session-seconds", "43200")]), AT).await;
        let answer = post(&service, "/saml", form(&rig.response_for("alice", left))).await;
        let studio = rig.stand_ins.follow(answer.header("location")).await;
        assert!(studio.body.contains(&format!(">{minutes} minutes<")), "{}", studio.body);
    }
    let service = rig.stand_ins.service(&rig.settings(&[]), AT).await;
    let before = rig.stand_ins.sagemaker.mints();
    let too_short = rig.response_for("alice", Duration::seconds(1799));
    let (answer, log) = support::logged(post(&service, "/saml", form(&too_short))).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(log.contains("session_too_short") && answer.body.contains("about to end"), "{log}");
    assert_eq!(rig.stand_ins.sagemaker.mints(), before);
}

/// The client is gone while SageMaker is asked: the attempt is on record all the same.
#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_is_logged_though_the_client_hangs_up() {
    let rig = Rig::start().await;
    let service = rig.stand_ins.service(&rig.settings(&[("mint-timeout", "1")]), AT).await;
    let lines = support::Lines::default();
    let asked = async {
        while rig.stand_ins.sagemaker.callers().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        answer = lines.of(post(&service, "/saml", form(&rig.response("hanging")))) => panic!("it hangs: {answer:?}"),
        () = asked => {}
    }
    let logged = async {
        while !lines.read().contains("\"code\":\"mint_timeout\"") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), logged).await.expect("the attempt is logged");
}

/// A sender who holds the body back is judged as of its end, when the memory may have forgotten what was used.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_held_back_does_not_turn_back_the_clock() {
    let rig = Rig::start().await;
    let start = instant::parse(AT).expect("a time");
    let passed = Arc::new(AtomicI64::new(0));
    let clock = Clock::new({
        let passed = Arc::clone(&passed);
        move || start.saturating_add(Duration::seconds(passed.load(Ordering::SeqCst)))
    });
    let service = rig.stand_ins.try_service(&rig.settings(&[]), clock).await.expect("the service starts");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, service).await });

    let body = form(&rig.response("alice"));
    let head = format!(
        "POST /saml HTTP/1.1\r\nHost: acs\r\nContent-Type: {FORM}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let (first, last) = body.split_at(100);
    let mut sender = tokio::net::TcpStream::connect(address).await.expect("a connection");
    sender.write_all(&[head.as_bytes(), first].concat()).await.expect("written");
    // Only once the service reads the body is it held back; another request shows that it runs.
    let mut other = tokio::net::TcpStream::connect(address).await.expect("a connection");
    other.write_all(b"GET /healthz HTTP/1.1\r\nHost: acs\r\nConnection: close\r\n\r\n").await.expect("written");
    other.read_to_end(&mut Vec::new()).await.expect("an answer");

    passed.store(3600, Ordering::SeqCst);
    sender.write_all(last).await.expect("written");
    let mut answer = String::new();
    sender.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert_eq!(rig.stand_ins.sagemaker.mints(), 0);
}

#[tokio::test]
async fn a_response_is_taken_only_from_pages_of_the_list() {
    let rig = Rig::start().await;
    let portal = "https://d-1234567890.awsapps.com";
    let listed = |list: &str| rig.settings(&[("allowed-origins", list)]);
    let form = form(&rig.response("alice"));
    let post = async |list: &str, origins: &[&str], body: &[u8]| {
        let service = rig.stand_ins.service(&listed(list), AT).await;
        let builder = Request::post("/saml").header("content-type", FORM);
        let builder = origins.iter().fold(builder, |builder, origin| builder.header("origin", *origin));
        let request = builder.body(Body::from(body.to_vec())).expect("a request");
        let (answer, log) = support::logged(send(&service, request)).await;
        let line = log.lines().find(|line| line.contains("\"sign-in\"")).expect("an attempt").to_owned();
        (answer, serde_json::from_str::<serde_json::Value>(&line).expect("JSON"))
    };
    for (list, origins) in [
        ("", &["https://attacker.example"][..]),
        ("", &[]),
        (portal, &[portal]),
        ("https://idp.example, https://d-1234567890.awsapps.com", &[portal]),
        ("https://d-1234567890.awsapps.com,null", &["null"]),
        ("https://d-1234567890.awsapps.com,absent", &[]),
    ] {
        let (answer, log) = post(list, origins, &form).await;
        assert_eq!((answer.status, &log["outcome"]), (StatusCode::FOUND, &"accepted".into()), "{list} {origins:?}");
    }
    for (origins, found) in [
        (&["https://attacker.example"][..], "found https://attacker.example"),
        (&["null"], "found null"),
        (&[], "found no Origin header"),
        (&[portal, portal], "found several"),
        (&["https://d-1234567890.awsapps.com.attacker.example"], "awsapps.com.attacker.example"),
    ] {
        // Whatever the body is: it is not read.
        for body in [&form[..], b"SAMLResponse=nonsense"] {
            let (answer, log) = post(portal, origins, body).await;
            assert_eq!((answer.status, &log["code"]), (StatusCode::FORBIDDEN, &"origin_not_allowed".into()), "{log}");
            assert!(log["reason"].as_str().is_some_and(|reason| reason.contains(found)), "{log}");
            assert!(answer.body.contains("We could not sign you in") && !answer.body.contains("attacker"));
        }
    }
    assert_eq!(rig.stand_ins.sagemaker.mints(), 6);
}

#[tokio::test]
async fn every_answer_carries_the_common_headers() {
    let rig = Rig::start().await;
    let service = rig.stand_ins.service(&rig.settings(&[]), AT).await;
    let mut ids = std::collections::BTreeSet::new();
    for (method, path, status) in [
        ("GET", "/healthz", StatusCode::OK),
        ("GET", "/readyz", StatusCode::OK),
        ("GET", "/saml/metadata", StatusCode::OK),
        ("GET", "/saml", StatusCode::METHOD_NOT_ALLOWED),
        ("PUT", "/saml", StatusCode::METHOD_NOT_ALLOWED),
        ("POST", "/saml", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("GET", "/", StatusCode::NOT_FOUND),
        ("GET", "/saml/..", StatusCode::NOT_FOUND),
    ] {
        let request =
            Request::builder().method(method).uri(path).header("x-correlation-id", "forged").body(Body::empty());
        let answer = send(&service, request.expect("a request")).await;
        assert_eq!(answer.status, status, "{method} {path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{method} {path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{method} {path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{method} {path}");
        let id = answer.header("x-correlation-id");
        assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        assert!(ids.insert(id.to_owned()), "a new id each time");
        if answer.header("content-type").starts_with("text/html") {
            let csp = answer.header("content-security-policy");
            assert!(
                csp.contains("default-src 'none'") && csp.contains("frame-ancestors 'none'") && !csp.contains("unsafe"),
                "{csp}"
            );
            assert!(answer.body.contains(id), "the page shows the reference");
        }
        if status == StatusCode::METHOD_NOT_ALLOWED {
            assert_eq!(answer.header("allow"), "POST");
        }
    }
}

#[tokio::test]
async fn refusals_are_json_for_those_who_ask() {
    let rig = Rig::start().await;
    let service = rig.stand_ins.service(&rig.settings(&[]), AT).await;
    let request =
        Request::post("/saml").header("content-type", FORM).header("accept", "text/plain, application/json;q=0.9");
    let answer = send(&service, request.body(Body::from("SAMLResponse=nonsense")).expect("a request")).await;
    assert_eq!((answer.status, answer.header("content-type")), (StatusCode::BAD_REQUEST, "application/json"));
    let body: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(body["correlation_id"], answer.header("x-correlation-id"));
    assert!(body.get("code").is_none() && !answer.body.contains("malformed"), "no details: {body}");
}

#[tokio::test]
async fn the_path_is_configurable_and_metadata_stands_under_it() {
    let rig = Rig::start().await;
    let service = rig.stand_ins.service(&rig.settings(&[("acs-path", "/auth/acs")]), AT).await;
    assert_eq!(post(&service, "/auth/acs", form(&rig.response("alice"))).await.status, StatusCode::FOUND);
    assert_eq!(post(&service, "/saml", form(&rig.response("alice"))).await.status, StatusCode::NOT_FOUND);
    let metadata = send(&service, Request::get("/auth/acs/metadata").body(Body::empty()).expect("a request")).await;
    assert!(metadata.body.contains(ACS_URL) && metadata.body.contains(AUDIENCE), "{}", metadata.body);
}

#[tokio::test]
async fn what_cannot_be_trusted_does_not_start() {
    let rig = Rig::start().await;
    let starts = async |more: &[(&'static str, &str)]| {
        let service = rig.stand_ins.try_service(&rig.settings(more), Clock::system()).await;
        service.map(|_| ()).expect_err(&format!("{more:?} starts"))
    };
    let weak = fixtures::manifest::path("metadata/rsa-1024.xml");
    let responses = fixtures::manifest::path("responses");
    assert!(matches!(
        starts(&[("metadata", "/nowhere")]).await,
        StartError::Trust(TrustError::Source(SourceError::Absent { .. }))
    ));
    assert!(matches!(
        starts(&[("metadata", weak.to_str().expect("UTF-8"))]).await,
        StartError::Trust(TrustError::Untrusted { .. })
    ));
    assert!(matches!(
        starts(&[("metadata", responses.to_str().expect("UTF-8"))]).await,
        StartError::Trust(TrustError::Untrusted { .. })
    ));
    assert!(matches!(starts(&[("acs-url", "http://acs.example/saml")]).await, StartError::InsecureAcsUrl(_)));
    assert!(matches!(starts(&[("audience", "")]).await, StartError::Config(_)));
}
