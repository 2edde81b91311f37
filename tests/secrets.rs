//! The real server with logging at its loudest: neither the response nor the presigned URL is in its output.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::string_slice, clippy::unwrap_used)]

mod support;

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use studio_acs::Clock;
use studio_acs::demo::idp::{Claim, DevIdp};
use studio_acs::demo::sagemaker::{Behaviour, Profiles};
use support::{FORM, StandIns, TestDir};
use time::Duration;

const ACS_URL: &str = "http://127.0.0.1:8080/saml";

#[tokio::test(flavor = "multi_thread")]
async fn the_loudest_log_tells_no_secret() {
    let idp = DevIdp::new("https://idp.example/assertion/1").expect("an identity provider");
    let metadata = TestDir::with("metadata.xml", &idp.metadata());
    let stand_ins = StandIns::start(Profiles::default().with("d-abc123", "alice", Behaviour::Mint)).await;
    let mut server = Command::new(env!("CARGO_BIN_EXE_studio-acs"))
        .args(["serve", "--listen", "127.0.0.1:0", "--audience", "us", "--acs-url", ACS_URL, "--log", "trace"])
        .args(["--metadata", metadata.path(), "--studio-origin", support::STUDIO_ORIGIN])
        .env_clear()
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_ACCESS_KEY_ID", "AKIATEST")
        .env("AWS_SECRET_ACCESS_KEY", "secretaccesskey")
        .env("AWS_ENDPOINT_URL_SAGEMAKER", &stand_ins.endpoint)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs");
    let mut output = BufReader::new(server.stdout.take().expect("standard output"));
    let mut log = String::new();
    let address = loop {
        let start = log.len();
        assert!(output.read_line(&mut log).expect("a line") > 0, "it serves: {log}");
        if let Some((_, rest)) = log[start..].split_once("\"address\":\"") {
            break rest.split('"').next().expect("an address").to_owned();
        }
    };

    // Somebody has to read on, or the server waits for room in the pipe.
    let rest = std::thread::spawn(move || {
        let mut rest = String::new();
        output.read_to_string(&mut rest).expect("the rest of the log");
        rest
    });

    let claim = Claim {
        user: "alice".to_owned(),
        domain: "d-abc123".to_owned(),
        audience: "us".to_owned(),
        acs_url: ACS_URL.to_owned(),
        issued: Clock::system().now(),
        session: Duration::hours(12),
    };
    let xml = idp.respond(&claim).expect("a response");
    let form = String::from_utf8(support::form(xml.as_bytes())).expect("a form");
    let post = move |form: String| {
        let agent: ureq::Agent =
            ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false).build().into();
        let request = agent.post(format!("http://{address}/saml")).header("content-type", FORM);
        request.send(form).expect("an answer")
    };
    let (first, second) =
        tokio::task::spawn_blocking(move || (post(form.clone()), post(form))).await.expect("no panic");
    assert_eq!((first.status().as_u16(), second.status().as_u16()), (302, 403));
    let url = first.headers()["location"].to_str().expect("a URL").to_owned();

    assert!(Command::new("kill").arg(server.id().to_string()).status().expect("kill").success());
    log.push_str(&rest.join().expect("no panic"));
    server.stderr.take().expect("standard error").read_to_string(&mut log).expect("the errors");
    server.wait().expect("an end");

    assert!(log.contains("\"code\":\"replayed\""), "both attempts are logged: {log}");
    let (_, token) = url.split_once("token=").expect("a token");
    let base64 = STANDARD.encode(&xml);
    for (name, secret) in [
        ("the token", &token[..32]),
        ("the response", &xml[xml.len() / 2..][..60]),
        ("its base64", &base64[base64.len() / 2..][..60]),
        ("the secret key", "secretaccesskey"),
    ] {
        assert!(!log.contains(secret), "{name} is in the log");
    }
}
