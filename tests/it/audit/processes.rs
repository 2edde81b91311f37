//! Whole processes: each has a number, and one that is missing is noticed.

use std::process::Command;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use studio_acs::Clock;
use studio_acs_audit::verify::{VerifyRules, verify};
use studio_acs_audit::{AuditLog, AuditRules, ProcessCounter, Secret, SinkRules};
use studio_acs_broker::TableRules;
use studio_acs_broker::tables::RATE_KEY;
use support::moto::{Lost, Moto, Way};
use support::process::{Server, program};
use support::{Lines, TestDir};

use super::{Mood, Rig, SECRET, Sink, records_of, verified};

const TABLE: &str = "rates";

/// Processes that share a table, behind a way that notes their calls.
struct Fleet {
    rig: Rig,
    moto: Moto,
    way: Way,
}

impl Fleet {
    async fn start(lost: Lost) -> Self {
        let moto = Moto::start().with_rates_table(TABLE).await;
        let way = moto.way(lost);
        Self { rig: Rig::start().await, moto, way }
    }

    fn server(&self, more: &[&str]) -> Server {
        let aws = [("SAGEMAKER", self.rig.stand_ins.endpoint.as_str()), ("DYNAMODB", &self.way.endpoint)];
        self.rig.sign_ins.server(&aws, &[&["--rate-table", TABLE, "--table-timeout", "25"], more].concat())
    }

    /// The records of a process that lives for one sign-in, as on Lambda.
    async fn short_life(&self, more: &[&str]) -> String {
        let server = self.server(more);
        assert_eq!(self.rig.sign_in(&server, "alice").await, 302);
        records_of(&server.end())
    }
}

/// The number of a process, by its first record.
fn numbering(records: &str) -> Value {
    let first: Value = serde_json::from_str(records.lines().next().expect("a record")).expect("JSON");
    first["unmapped"]["process"].clone()
}

fn chain(records: &str) -> String {
    let first: Value = serde_json::from_str(records.lines().next().expect("a record")).expect("JSON");
    first["unmapped"]["attestation_list"][0]["chain_uid"].as_str().expect("a chain").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_whose_records_are_missing_is_noticed_and_named() {
    let fleet = Fleet::start(Lost::Nothing).await;
    let keys = TestDir::with("key", "a-key-of-seals-that-only-the-service-has");
    let key = format!("{}/key", keys.path());
    let mut lives = Vec::new();
    for _ in 0..4 {
        lives.push(fleet.short_life(&["--audit-seal-key", &key]).await);
    }
    let without = |missing: &[usize]| -> String {
        let kept = lives.iter().enumerate().filter(|(place, _)| !missing.contains(place));
        kept.map(|(_, records)| records.as_str()).collect()
    };
    let third = chain(&lives[2]);
    let seal_key = ["--seal-key", key.as_str()];
    for (missing, statements, status, told) in [
        (&[][..], &["processes=1-4", "mints=4"][..], 0, "processes 1 to 4, none of them missing"),
        (&[2], &[], 1, &*format!("process 3 of series {} is missing", chain(&lives[0]))),
        (&[2], &[], 1, &format!("the next process names chain {third}")),
        (&[1, 2], &[], 1, "each of the processes 2 to 3"),
        (&[3], &[], 0, "processes 1 to 3"),
        (&[3], &["processes=4"], 1, "expected 4, found 3"),
        (&[3], &["mints=4"], 1, "the minted URLs: expected 4, found 3"),
        (&[0], &["processes=1-4"], 1, "expected 1, found 2"),
        (&[], &[&format!("{third}=4")], 0, "whole"),
        (&[], &[&format!("{third}=5")], 1, "expected 5, found 4"),
        (&[], &["all=4"], 2, "`all=4` is not mints=N"),
    ] {
        let flags: Vec<_> = statements.iter().flat_map(|text| ["--expect", *text]).chain(seal_key).collect();
        let (found, text) = verified(&without(missing), &flags);
        assert!(found == status && text.contains(told), "{missing:?} {statements:?}: {found} {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_taken_once_and_on_record_before_anybody_signs_in() {
    let fleet = Fleet::start(Lost::Nothing).await;
    let sink = Sink::start(Mood::Takes, &fleet.rig.stand_ins);
    let secret = format!("{}/secret", fleet.rig.secret.path());
    let server = fleet.server(&["--audit-webhook", &sink.url, "--audit-webhook-secret", &secret]);
    // It serves, so its start is over.
    let started = sink.text();
    assert_eq!(started.lines().count(), 1, "{started}");
    assert_eq!(numbering(&started), serde_json::json!({"series_uid": chain(&started), "number": 1}));
    let calls = |name: &str| fleet.way.calls().iter().filter(|call| call.contains(name)).count();
    assert_eq!((calls("audit#processes"), fleet.way.calls().len()), (1, 1));
    for _ in 0..2 {
        assert_eq!(fleet.rig.sign_in(&server, "alice").await, 302);
    }
    // The counters of the user and of all.
    assert_eq!((calls("audit#processes"), fleet.way.calls().len()), (1, 1 + 2 * 2));
    let log = server.end();
    assert_eq!(records_of(&log), sink.text());
    assert_eq!(log.matches("series_uid").count(), 1, "only the first record tells the number");

    let client = aws_sdk_dynamodb::Client::new(&fleet.moto.sdk());
    let items = client.scan().table_name(TABLE).send().await.expect("items").items().to_vec();
    let counter = items.iter().find(|item| item["window"].as_s().is_ok_and(|key| key == "audit#processes"));
    assert!(!counter.expect("the counter").contains_key("expires_at"), "it must stay");
}

/// On one thread a sink hears of nothing that is not waited for. A Lambda process is frozen once its start is over.
#[tokio::test]
async fn a_start_waits_until_the_sinks_have_the_number() {
    let (rig, moto) = (Rig::start().await, Moto::start().with_rates_table(TABLE).await);
    let sink = Sink::start(Mood::Takes, &rig.stand_ins);
    let webhook = SinkRules::Webhook { url: sink.url.clone(), secret: Secret::new(SECRET).expect("a secret") };
    let rules = AuditRules { sinks: vec![webhook], ..AuditRules::log_alone() };
    let (sdk, clock) = (moto.sdk(), Clock::system());
    let (now, log) = (clock.now(), Lines::default().log());
    let audit_log = AuditLog::start(rules, &sdk, None, log, move || clock.now()).expect("an audit log");
    let table = TableRules { table: TABLE.to_owned(), timeout: Duration::from_secs(50) };
    let audit_log = audit_log.numbered(&ProcessCounter::in_table(&sdk, table, RATE_KEY), now).await;
    assert_eq!(numbering(&sink.text())["number"], 1);
    drop(audit_log);
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_start_at_once_have_numbers_of_their_own() {
    let fleet = Fleet::start(Lost::Nothing).await;
    let servers: Vec<_> = thread::scope(|scope| {
        let starting: Vec<_> = (0..4).map(|_| scope.spawn(|| fleet.server(&[]))).collect();
        starting.into_iter().map(|start| start.join().expect("no panic")).collect()
    });
    let records: Vec<_> = servers.into_iter().map(|server| records_of(&server.end())).collect();
    let mut numbers: Vec<_> = records.iter().map(|records| numbering(records)["number"].as_u64()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4].map(Some));
    let report = verify(records.concat().as_bytes(), &VerifyRules::default()).expect("whole");
    assert_eq!(report.series.values().copied().collect::<Vec<_>>(), [(1, 4)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_whose_answer_was_lost_looks_like_no_missing_process() {
    let fleet = Fleet::start(Lost::FirstAnswer).await;
    let first = fleet.short_life(&[]).await;
    let own = chain(&first);
    let numbered = serde_json::json!({"series_uid": own, "number": 2, "previous_chain_uid": own});
    assert_eq!(numbering(&first), numbered);
    let second = fleet.short_life(&[]).await;
    assert_eq!(numbering(&second)["number"], 3);
    let report = verify(format!("{first}{second}").as_bytes(), &VerifyRules::default()).expect("whole");
    assert_eq!(report.series.values().copied().collect::<Vec<_>>(), [(1, 3)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_fails_has_its_number_on_record() {
    let fleet = Fleet::start(Lost::Nothing).await;
    let policy = TestDir::with("policy.cedar", "permit(");
    let mut command = Command::new(program());
    command.args(["serve", "--listen", "127.0.0.1:0", "--rate-table", TABLE, "--table-timeout", "25"]).env_clear();
    command.args(["--policy", &format!("{}/policy.cedar", policy.path())]);
    command.envs(fleet.rig.sign_ins.environment(&[("DYNAMODB", &fleet.way.endpoint)]));
    let output = command.output().expect("the command runs");
    let text = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
    assert!(output.status.code() == Some(2) && text.contains("STUDIO_ACS_POLICY"), "{text}");
    assert_eq!(numbering(&records_of(&text))["number"], 1, "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_got_no_number_serves_and_says_so_on_record() {
    let moto = Moto::start();
    let fleet = Fleet { rig: Rig::start().await, way: moto.way(Lost::Nothing), moto };
    let server = fleet.server(&[]);
    fleet.moto.add_table(TABLE, &["window"], None).await;
    assert_eq!(fleet.rig.sign_in(&server, "alice").await, 302);
    let log = server.end();
    assert!(log.contains("the process has no number"), "{log}");
    let records = records_of(&log);
    let reason = numbering(&records)["unnumbered"].as_str().expect("a reason").to_owned();
    assert!(reason.contains("ResourceNotFound"), "{reason}");
    let (status, text) = verified(&records, &[]);
    assert!(status == 0 && text.contains("1 chains have no process number"), "{status} {text}");
    let (status, text) = verified(&records, &["--expect", "processes=1"]);
    assert!(status == 1 && text.contains("expected 1, found no number"), "{status} {text}");
}
