//! The optimised `serve` within the memory that is shipped for it, while clients who are not signed in try to fill it.
//! Not among the default tests: it wants `STUDIO_ACS_BINARY`, the path of the program (`scripts/memory` builds it, and
//! runs this).

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::string_slice)]

use std::sync::Arc;
use std::time::Duration;

use studio_acs_standins::sagemaker::{Behaviour, Profiles};
use support::limited::Limited;
use support::process::{DOMAIN, SignIns, head};
use support::{FORM, StandIns, form};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// The container's limit and the unit's, in MiB: docs/deploy-servers.md, deploy/studio-acs.service.
const CONTAINER: u64 = 256;
const UNIT: u64 = 512;
/// Far beyond any time-out: a test that waits this long has found a hang.
const HANG: Duration = Duration::from_secs(120);
/// How many seconds a form may take, as shipped.
const PATIENCE: &str = "10";
/// As many as may be: the number of chunks that come in time depends on the machine.
const LONGEST_PATIENCE: &str = "60";
/// Just under the limit of a form.
const LARGE: usize = (1 << 20) - 1;

/// The bytes that one hostile client sends, and then holds.
type Load = Arc<Vec<u8>>;

/// Sends `load` over as many connections at once, while people sign in one after the other. Returns the log.
async fn survives(clients: usize, load: impl Fn(&SignIns) -> Vec<u8>, limit: u64, patience: &str) -> String {
    let profiles = Profiles::default().with(DOMAIN, "alice", Behaviour::Mint);
    let (sign_ins, stand_ins) = (SignIns::new(), StandIns::start(profiles).await);
    let limited = Limited::start(&sign_ins, &stand_ins, limit, &["--request-timeout", patience]);
    let load: Load = Arc::new(load(&sign_ins));
    let mut hostile = JoinSet::new();
    for _ in 0..clients {
        let (address, load) = (limited.server.address.clone(), Arc::clone(&load));
        hostile.spawn(async move {
            let Ok(mut stream) = TcpStream::connect(address).await else { return };
            let (mut reads, mut writes) = stream.split();
            // A refused client is told while it still sends, or its connection is reset.
            let mut answer = Vec::new();
            let _ = tokio::join!(writes.write_all(&load), reads.read_to_end(&mut answer));
        });
    }
    let attacked = tokio::spawn(hostile.join_all());
    let (mut let_in, mut over) = (0, false);
    let honest = async {
        // Once more after it is over.
        while !std::mem::replace(&mut over, attacked.is_finished()) {
            assert_eq!(limited.server.post(&sign_ins.form("alice")).await.status, 302, "after {let_in} others");
            let_in += 1;
        }
    };
    tokio::time::timeout(HANG, honest).await.expect("no hang");
    println!("{clients} clients: {} MiB of {limit}, {let_in} let in meanwhile", limited.check());
    assert_eq!(stand_ins.sagemaker.mints(), let_in);
    limited.server.log()
}

/// A form of which the last byte does not come.
fn unfinished(_: &SignIns) -> Vec<u8> {
    let body = vec![b'a'; LARGE - 1];
    [head("/saml", FORM, LARGE).as_bytes(), &body].concat()
}

/// A form with a response that was changed after it was signed: to find out takes as much memory as a response may. Its
/// tree has almost as many elements as there may be, and each of them has a namespace that its canonical form repeats.
fn hostile(sign_ins: &SignIns) -> Vec<u8> {
    let response = sign_ins.response("alice");
    let end = response.rfind("Assertion>").and_then(|at| response[..at].rfind("</")).expect("an assertion");
    let elements = format!("<w xmlns:p='urn:{}'>{}</w>", "a".repeat(236), "<p:e/>".repeat(14_500));
    let mut body = form([&response[..end], &elements, &response[end..]].concat().as_bytes());
    body.extend_from_slice(b"&x=");
    body.resize(LARGE, b'a');
    [head("/saml", FORM, body.len()).as_bytes(), &body].concat()
}

/// The same number of bytes, one a chunk.
fn chunked(_: &SignIns) -> Vec<u8> {
    let head = format!("POST /saml HTTP/1.1\r\nhost: a\r\ncontent-type: {FORM}\r\ntransfer-encoding: chunked\r\n\r\n");
    [head.as_bytes(), &b"1\r\na\r\n".repeat(LARGE), b"0\r\n\r\n"].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_unfinished_forms_fit_the_container() {
    survives(500, unfinished, CONTAINER, PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_unfinished_forms_fit_the_unit() {
    survives(500, unfinished, UNIT, PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_hostile_responses_fit_the_container() {
    assert!(survives(500, hostile, CONTAINER, PATIENCE).await.contains("digest_mismatch"));
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_hostile_responses_fit_the_unit() {
    assert!(survives(500, hostile, UNIT, PATIENCE).await.contains("digest_mismatch"));
}

#[tokio::test(flavor = "multi_thread")]
async fn twelve_forms_in_chunks_of_a_byte_fit_the_container() {
    survives(12, chunked, CONTAINER, LONGEST_PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_forms_in_chunks_of_a_byte_fit_the_container() {
    survives(500, chunked, CONTAINER, LONGEST_PATIENCE).await;
}
