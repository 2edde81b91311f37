//! The server under load and with clients and a SageMaker that misbehave.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use studio_acs_standins::sagemaker::{Behaviour, Profiles};
use support::process::{DOMAIN, Server, SignIns, head, post};
use support::{FORM, StandIns};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// Far beyond any time-out: a test that waits this long has found a hang.
const HANG: Duration = Duration::from_secs(30);

struct Rig {
    sign_ins: SignIns,
    stand_ins: StandIns,
}

impl Rig {
    async fn start() -> Self {
        let profiles = Profiles::default()
            .with(DOMAIN, "alice", Behaviour::Mint)
            .with(DOMAIN, "hanging", Behaviour::Hang)
            .with(DOMAIN, "failing", Behaviour::Fail);
        Self { sign_ins: SignIns::new(), stand_ins: StandIns::start(profiles).await }
    }

    fn server(&self, more: &[&str]) -> Server {
        self.sign_ins.server(&[("SAGEMAKER", &self.stand_ins.endpoint)], more)
    }
}

/// Posts all of `forms`, `at_a_time`, and counts the statuses; `0` where no answer came.
async fn flood(
    address: &str,
    forms: Vec<(&'static str, Vec<u8>)>,
    at_a_time: usize,
) -> BTreeMap<(&'static str, u16), usize> {
    let (room, mut posts) = (Arc::new(Semaphore::new(at_a_time)), JoinSet::new());
    for (kind, form) in forms {
        let (room, address) = (Arc::clone(&room), address.to_owned());
        posts.spawn(async move {
            let _room = room.acquire_owned().await.expect("it stays open");
            (kind, post(&address, &form).await.map_or(0, |reply| reply.status))
        });
    }
    let mut counts = BTreeMap::new();
    for answer in posts.join_all().await {
        *counts.entry(answer).or_insert(0) += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn among_hostile_posts_every_valid_one_is_let_in() {
    let rig = Rig::start().await;
    let server = rig.server(&[]);
    let mut forms = Vec::new();
    for number in 0..2000 {
        let form = rig.sign_ins.form("alice");
        match number % 10 {
            0 => forms
                .push(("edited", support::form(rig.sign_ins.response("alice").replace("alice", "admin").as_bytes()))),
            1 => forms.push(("cut", form[..form.len() / 2].to_vec())),
            2 => forms.push(("large", [&form[..], &vec![b' '; 1 << 20]].concat())),
            3 => forms.push(("no form", b"\x00\xff\x00\xff".to_vec())),
            _ => {}
        }
        forms.push(("valid", form));
    }
    let counts = flood(&server.address, forms, 64).await;
    assert_eq!(counts[&("valid", 302)], 2000, "{counts:?}");
    for (kind, status) in [("edited", 403), ("cut", 400), ("no form", 400)] {
        assert_eq!(counts[&(kind, status)], 200, "{counts:?}");
    }
    // A client that sends too much may find the connection closed before the answer could be read.
    let large = [0, 413].map(|status| counts.get(&("large", status)).copied().unwrap_or_default());
    assert_eq!(large.iter().sum::<usize>(), 200, "{counts:?}");
    assert_eq!(rig.stand_ins.sagemaker.mints(), 2000);
    println!("{} MiB resident after {counts:?}", server.resident());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_answered_when_the_server_is_killed_stays_answered() {
    let rig = Rig::start().await;
    let server = rig.server(&[]);
    let forms = (0..300).map(|_| ("valid", rig.sign_ins.form("alice"))).collect();
    let address = server.address.clone();
    let posts = tokio::spawn(async move { flood(&address, forms, 16).await });
    while rig.stand_ins.sagemaker.mints() < 50 {
        tokio::task::yield_now().await;
    }
    let log = server.kill();
    let counts = posts.await.expect("no panic");
    let let_in = counts.get(&("valid", 302)).copied().unwrap_or_default();
    // An attempt is on record before its answer is sent.
    let logged = log.matches("\"outcome\":\"accepted\"").count();
    assert!(let_in <= logged && logged <= rig.stand_ins.sagemaker.mints(), "{counts:?}, {logged} logged");
    assert!(counts.keys().all(|(_, status)| [0, 302].contains(status)), "{counts:?}");

    let server = rig.server(&[]);
    assert_eq!(server.post(&rig.sign_ins.form("alice")).await.status, 302);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sagemaker_that_hangs_fails_or_resets_holds_up_nobody_else() {
    let rig = Rig::start().await;
    // Three attempts, with pauses of up to a second and two, take less.
    let server = rig.server(&["--mint-timeout", "8"]);
    let mut forms = Vec::new();
    for _ in 0..100 {
        forms.extend(["hanging", "failing", "alice"].map(|user| (user, rig.sign_ins.form(user))));
    }
    let counts = tokio::time::timeout(HANG, flood(&server.address, forms, 300)).await.expect("no hang");
    let expected = [(("alice", 302), 100), (("failing", 502), 100), (("hanging", 504), 100)];
    assert_eq!(counts, BTreeMap::from(expected));

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let resetting = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        loop {
            // Unread bytes make the kernel answer with a reset.
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let _ = stream.read(&mut [0; 16]).await;
        }
    });
    let server = rig.sign_ins.server(&[("SAGEMAKER", &resetting)], &["--mint-timeout", "2"]);
    let answer = tokio::time::timeout(HANG, server.post(&rig.sign_ins.form("alice"))).await.expect("no hang");
    assert!([502, 504].contains(&answer.status), "{answer:?}");
}

/// A client that has sent this much of a request, and now a byte now and then, or nothing.
async fn slow(address: &str, sent: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(sent).await.expect("the kernel takes it");
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_send_slowly_or_nothing_stop_nobody() {
    let rig = Rig::start().await;
    let server = rig.server(&["--max-connections", "64"]);
    let form = rig.sign_ins.form("alice");
    let whole = [head("/saml", FORM, form.len()).as_bytes(), &form].concat();
    let without_end = &whole[..whole.len() - 1];
    let beginnings = [&b""[..], b"POST /saml HT", &whole[..head("/saml", FORM, form.len()).len()], without_end];
    let mut held = Vec::new();
    for number in 0..256 {
        held.push(slow(&server.address, beginnings[number % beginnings.len()]).await);
        if number % 16 == 0 {
            let valid = rig.sign_ins.form("alice");
            let answer = tokio::time::timeout(HANG, server.post(&valid)).await.expect("no hang");
            assert_eq!(answer.status, 302, "behind {number} slow clients");
        }
    }
    let counts = flood(&server.address, (0..200).map(|_| ("valid", rig.sign_ins.form("alice"))).collect(), 32).await;
    assert_eq!(counts, BTreeMap::from([(("valid", 302), 200)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_idle_connections_stop_nobody() {
    let rig = Rig::start().await;
    let server = rig.server(&[]);
    let mut held = Vec::with_capacity(10_000);
    for number in 1..=10_000 {
        let stream = TcpStream::connect(&server.address).await;
        held.push(stream.unwrap_or_else(|error| panic!("{error} at {number}; `ulimit -n` has to be above 10,100")));
    }
    let forms = (0..100).map(|_| ("valid", rig.sign_ins.form("alice"))).collect();
    let counts = tokio::time::timeout(HANG, flood(&server.address, forms, 8)).await.expect("no hang");
    assert_eq!(counts, BTreeMap::from([(("valid", 302), 100)]));
    println!("{} MiB resident after 10,000 idle connections", server.resident());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_keeps_us_waiting_is_left() {
    let rig = Rig::start().await;
    let server = rig.server(&["--idle-timeout", "1", "--request-timeout", "1"]);
    let mut idle = slow(&server.address, b"POST /saml HT").await;
    let mut slow_body = slow(&server.address, head("/saml", FORM, 1000).as_bytes()).await;
    let (mut nothing, mut answer) = (Vec::new(), Vec::new());
    tokio::time::timeout(HANG, idle.read_to_end(&mut nothing)).await.expect("no hang").expect("an end");
    assert!(nothing.is_empty() || nothing.starts_with(b"HTTP/1.1 408"), "{nothing:?}");
    tokio::time::timeout(HANG, slow_body.read_to_end(&mut answer)).await.expect("no hang").expect("an end");
    assert!(answer.starts_with(b"HTTP/1.1 413"), "{:?}", String::from_utf8_lossy(&answer));
    assert!(server.end().contains("\"code\":\"too_large\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_ask_all_the_time_stop_nobody() {
    let rig = Rig::start().await;
    let server = rig.server(&["--max-connections", "16"]);
    let mut clients = JoinSet::new();
    for _ in 0..32 {
        let address = server.address.clone();
        clients.spawn(async move {
            loop {
                let Ok(mut stream) = TcpStream::connect(&address).await else { continue };
                let mut answer = [0; 4096];
                // On the one connection, for as long as it is left open.
                while stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.is_ok() {
                    if !matches!(stream.read(&mut answer).await, Ok(1..)) {
                        break;
                    }
                }
            }
        });
    }
    for number in 0..20 {
        let form = rig.sign_ins.form("alice");
        let answer = tokio::time::timeout(HANG, server.post(&form)).await.expect("no hang");
        assert_eq!(answer.status, 302, "{number}");
    }
    clients.abort_all();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_whose_client_has_left_ends_and_is_logged_before_the_process_does() {
    let rig = Rig::start().await;
    let server = rig.server(&["--mint-timeout", "2"]);
    let form = rig.sign_ins.form("hanging");
    let mut stream = slow(&server.address, &[head("/saml", FORM, form.len()).as_bytes(), &form].concat()).await;
    while rig.stand_ins.sagemaker.callers().is_empty() {
        tokio::task::yield_now().await;
    }
    stream.shutdown().await.expect("a connection");
    drop(stream);
    assert!(server.end().contains("\"code\":\"mint_timeout\""), "it is on record");
}
