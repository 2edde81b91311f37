//! Refusals that any sender can cause, one after the other: counted exactly, and not written one by one.

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use super::Rig;
use support::process::{exchange, post};
use support::world::lines;

/// The number of lines of each code, and the number of events that they stand for.
fn told(log: &str) -> BTreeMap<String, (u64, u64)> {
    let mut told: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for line in lines(log, "code") {
        let (lines, events) = told.entry(line["code"].as_str().expect("a code").to_owned()).or_default();
        *lines += 1;
        *events += line["count"].as_u64().unwrap_or(1);
    }
    told
}

/// The statuses of so many posts of a body, some at a time.
async fn flood(address: &str, body: &[u8], posts: usize) -> Vec<u16> {
    let mut posting = JoinSet::new();
    for _ in 0..8 {
        let (address, body) = (address.to_owned(), body.to_vec());
        posting.spawn(async move {
            let mut statuses = Vec::new();
            for _ in 0..posts / 8 {
                statuses.push(post(&address, &body).await.expect("an answer").status);
            }
            statuses
        });
    }
    posting.join_all().await.concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_flood_is_counted_exactly_in_a_bounded_number_of_lines() {
    let rig = Rig::start().await;
    let server = rig.server(&[]);
    assert_eq!(flood(&server.address, b"nonsense", 2_000).await, [400; 2_000]);
    assert_eq!(flood(&server.address, b"SAMLResponse=%%%", 1_000).await, [400; 1_000]);
    for _ in 0..1_000 {
        let head = "GET /elsewhere HTTP/1.1\r\nhost: acs.example\r\nconnection: close\r\n\r\n";
        assert_eq!(exchange(&server.address, head, b"").await.expect("an answer").status, 404);
    }
    // Meanwhile one user signs in, and one known user is refused: both have their lines.
    assert_eq!(rig.sign_in(&server, "alice").await, 302);
    assert_eq!(rig.sign_in(&server, "bob").await, 403);
    let log = server.end();
    let told = told(&log);
    let events = |code: &str| told.get(code).map_or(0, |(_, events)| *events);
    let codes: Vec<_> = told.keys().map(String::as_str).collect();
    assert_eq!(events("not_found"), 1_000, "{codes:?}");
    assert_eq!(events("malformed_request") + events("malformed_base64"), 3_000, "{told:?}");
    let written: u64 = told.values().map(|(lines, _)| lines).sum();
    assert!(written < 1_000, "{written} lines: {told:?}");
    assert!(log.contains("\"outcome\":\"accepted\""), "{log}");
    assert!(log.contains("\"code\":\"mint_denied\""), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_persons_flood_hides_nobody_elses_refusal() {
    let rig = Rig::start().await;
    let server = rig.server(&[]);
    let form = rig.sign_ins.form("alice");
    assert_eq!(server.post(&form).await.status, 302);
    assert_eq!(flood(&server.address, &form, 800).await, [403; 800]);
    assert_eq!(rig.sign_in(&server, "bob").await, 403);
    let log = server.end();
    let told = told(&log);
    let (lines, events) = told["replayed"];
    assert_eq!(events, 800, "{told:?}");
    assert!((30..400).contains(&lines), "{told:?}");
    assert!(log.contains("\"code\":\"mint_denied\""), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_asks_for_urls_again_and_again_is_told_of_however_fast_they_are() {
    let rig = Rig::start().await;
    let server = rig.server(&["--rate-per-user", "10", "--rate-alert", "50"]);
    for number in 0..60 {
        let status = rig.sign_in(&server, "alice").await;
        assert_eq!(status, if number < 10 { 302 } else { 429 }, "{number}");
    }
    let log = server.end();
    let alerts: Vec<_> = lines(&log, "user")
        .into_iter()
        .filter(|line| line["message"] == "one user asks for URLs again and again")
        .collect();
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!(alerts[0]["user"], "alice");
}
