//! `serve` answers what every home of the router must answer, and reads requests as any other reader on the way must.

use std::time::Duration;

use studio_acs_standins::sagemaker::{Behaviour, Profiles};
use support::cases::{Got, Sent, ask, stand_ins};
use support::process::{DOMAIN, SignIns};
use support::{FORM, StandIns};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Far beyond any time-out: a test that waits this long has found a hang.
const HANG: Duration = Duration::from_secs(30);
/// SECURITY.md has it.
const HEAD_LIMIT: usize = 16_384;
const MOST_FIELDS: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn the_server_answers_as_every_home_must() {
    let (sign_ins, stand_ins) = (SignIns::new(), stand_ins().await);
    let server = sign_ins.server(&[("SAGEMAKER", &stand_ins.endpoint)], &[]);
    let send = async |sent: Sent| {
        let address = format!("http://{}{}", server.address, sent.path);
        let request = axum::http::Request::builder().method(sent.method).uri(address);
        let request = request.header("content-type", sent.content_type).header("accept", sent.accept).body(sent.body);
        let answer = tokio::task::spawn_blocking(move || {
            let agent = ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false);
            let agent: ureq::Agent = agent.allow_non_standard_methods(true).build().into();
            let mut answer = agent.run(request.expect("a request")).expect("an answer");
            let header = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
                (name.to_string(), value.to_str().expect("text").to_owned())
            };
            let headers = answer.headers().iter().map(header).collect();
            Got { status: answer.status().as_u16(), headers, body: answer.body_mut().read_to_string().expect("text") }
        });
        answer.await.expect("no panic")
    };
    ask(&sign_ins, &stand_ins, send).await;
}

/// The answer to these bytes, until the server ends the connection.
async fn exchange(address: &str, pieces: &[&[u8]]) -> String {
    let talk = async {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.set_nodelay(true).expect("an option");
        for piece in pieces {
            // A refused client may find the connection closed before the rest is sent.
            let _ = stream.write_all(piece).await;
            tokio::task::yield_now().await;
        }
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    };
    tokio::time::timeout(HANG, talk).await.expect("the server ends the connection")
}

/// The statuses of the answers, one after the other.
fn statuses(answers: &str) -> Vec<u16> {
    let lines = answers.split("HTTP/1.1 ").skip(1);
    lines.map(|line| line.get(..3).expect("a status").parse().expect("a number")).collect()
}

/// A head that is the last one, with more fields.
fn last(fields: &str) -> String {
    format!("GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n{fields}\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_has_a_limit_to_the_byte_and_to_the_field() {
    let sign_ins = SignIns::new();
    let server = sign_ins.server(&[], &[]);
    let padded = |length: usize| {
        let empty = last("x: \r\n").len();
        last(&format!("x: {}\r\n", "a".repeat(length - empty)))
    };
    let with_fields = |count: usize| last(&"x: a\r\n".repeat(count - 2));
    for (head, status) in [
        (padded(HEAD_LIMIT), 200),
        (padded(HEAD_LIMIT + 1), 431),
        (with_fields(MOST_FIELDS), 200),
        (with_fields(MOST_FIELDS + 1), 431),
    ] {
        assert_eq!(statuses(&exchange(&server.address, &[head.as_bytes()]).await), [status], "{}", head.len());
        let halves = head.as_bytes().split_at(head.len() / 2);
        assert_eq!(statuses(&exchange(&server.address, &[halves.0, halves.1]).await), [status], "{}", head.len());
    }
    // One that never ends is not waited for.
    let endless = [last("").trim_end().as_bytes(), &[b'a'; HEAD_LIMIT]].concat();
    assert_eq!(statuses(&exchange(&server.address, &[&endless]).await), [431]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_ends_in_lf_alone_is_refused_wherever_it_stands() {
    let sign_ins = SignIns::new();
    let server = sign_ins.server(&[], &[]);
    let good = last("x: a\r\n");
    assert_eq!(statuses(&exchange(&server.address, &[good.as_bytes()]).await), [200]);
    let before = b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n";
    for (at, _) in good.match_indices("\r\n") {
        let bad = [&good[..at], &good[at + 1..]].concat();
        assert_eq!(statuses(&exchange(&server.address, &[bad.as_bytes()]).await), [400], "{bad:?}");
        let bytes: Vec<_> = bad.as_bytes().chunks(1).collect();
        assert_eq!(statuses(&exchange(&server.address, &bytes).await), [400], "{bad:?}, byte by byte");
        let second = [before, bad.as_bytes()].concat();
        assert_eq!(statuses(&exchange(&server.address, &[&second]).await), [200, 400], "{bad:?}, as the second one");
    }
    assert_eq!(statuses(&exchange(&server.address, &[b"\n", good.as_bytes()]).await), [400]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_names_one_host() {
    let sign_ins = SignIns::new();
    let server = sign_ins.server(&[], &[]);
    for (head, status) in [
        ("GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n", 200),
        ("GET /healthz HTTP/1.1\r\nhost: a\r\nhost: a\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nhost: a\r\nx: a\r\nHost: b\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\n\r\n", 400),
        ("GET /healthz HTTP/1.0\r\n\r\n", 200),
        ("GET /healthz HTTP/1.0\r\nhost: a\r\nhost: b\r\n\r\n", 400),
    ] {
        let answer = exchange(&server.address, &[head.as_bytes()]).await;
        let found: Vec<_> = statuses(&answer.replace("HTTP/1.0 ", "HTTP/1.1 "));
        assert_eq!(found, [status], "{head:?}");
    }
    // A refused request ends its connection: nothing after it is read.
    let second = "GET /healthz HTTP/1.1\r\n\r\n".to_owned() + &last("");
    assert_eq!(statuses(&exchange(&server.address, &[second.as_bytes()]).await), [400]);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_may_hold_what_heads_may_not() {
    let profiles = Profiles::default().with(DOMAIN, "alice", Behaviour::Mint);
    let (sign_ins, stand_ins) = (SignIns::new(), StandIns::start(profiles).await);
    let server = sign_ins.server(&[("SAGEMAKER", &stand_ins.endpoint)], &[]);
    // An unknown field.
    let form = || [&sign_ins.form("alice")[..], b"&x=\n\n\r\n\r\nGET / HTTP/1.1\n\n"].concat();
    let head = |fields: &str| format!("POST /saml HTTP/1.1\r\nhost: a\r\ncontent-type: {FORM}\r\n{fields}\r\n\r\n");
    for number in 0..20 {
        let (one, two) = (form(), form());
        let lengths = [one.len(), two.len()].map(|length| head(&format!("content-length: {length}")));
        let wire = [lengths[0].as_bytes(), &one, lengths[1].as_bytes(), &two, last("").as_bytes()].concat();
        let (first, second) = wire.split_at(wire.len() * number / 20);
        let answers = exchange(&server.address, &[first, second]).await;
        assert_eq!(statuses(&answers), [302, 302, 200], "cut after {}: {answers}", first.len());
    }
    // A chunked body, and nothing after it: where it ends, only one reader says.
    let chunks: Vec<_> = form()
        .chunks(100)
        .map(|chunk| [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat())
        .collect();
    let (head, second) = (head("transfer-encoding: chunked"), last(""));
    let wire = [head.as_bytes(), &chunks.concat(), b"0\r\n\r\n", second.as_bytes()].concat();
    assert_eq!(statuses(&exchange(&server.address, &[&wire]).await), [302]);
}
