//! The number of a process, in its first record.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use parts::wire::{self, Answer, Call};
use serde_json::{Value, json};
use studio_acs_aws::TableRules;
use studio_acs_log::Log;
use tokio::time::Instant;
use tracing::Level;
use tracing::instrument::WithSubscriber as _;

use super::rig::{Mint, Paper, Put, Stream, now, reason_of, rules, start};
use crate::{AuditLog, AuditRules, ProcessCounter, SinkKind};

/// A table whose counter is as this says before the update, and what it heard.
fn counter(before: Answer) -> (ProcessCounter, Arc<Mutex<Vec<Call>>>) {
    let calls: Arc<Mutex<Vec<Call>>> = Arc::default();
    let heard = Arc::clone(&calls);
    let sdk = wire::sdk(move |call| {
        heard.lock().expect("calls").push(call);
        std::future::ready(before.clone())
    });
    let table = TableRules { table: "rates".to_owned(), timeout: Duration::from_secs(3) };
    (ProcessCounter::in_table(&sdk, table, "window"), calls)
}

fn item(content: Value) -> Answer {
    Answer::Content(json!({"Attributes": content}))
}

#[tokio::test(start_paused = true)]
async fn the_first_record_has_the_number_or_why_there_is_none() {
    let (chain, series) = ("a".repeat(32), "b".repeat(32));
    let known = |number: Value| json!({"window": {"S": "audit#processes"}, "chain": {"S": chain}, "series": {"S": series}, "number": number});
    let not_ours = json!({"unnumbered": "a counter that is not ours to read"});
    for (answer, expected) in [
        (Answer::Content(json!({})), None),
        (item(json!({})), None),
        (item(known(json!({"N": "1"}))), Some(json!({"series_uid": series, "number": 2, "previous_chain_uid": chain}))),
        (
            item(known(json!({"N": "41"}))),
            Some(json!({"series_uid": series, "number": 42, "previous_chain_uid": chain})),
        ),
        (item(known(json!({"N": "18446744073709551615"}))), Some(not_ours.clone())),
        (item(known(json!({"N": "-1"}))), Some(not_ours.clone())),
        (item(known(json!({"S": "1"}))), Some(not_ours.clone())),
        (item(json!({"number": {"N": "1"}, "chain": {"S": chain}})), Some(not_ours.clone())),
        (item(json!({"number": {"N": "1"}, "series": {"S": series}})), Some(not_ours)),
        (Answer::Fault("AccessDeniedException", json!({})), Some(json!({"unnumbered": "AccessDeniedException"}))),
    ] {
        let paper = Paper::default();
        let log = Log::to(paper.clone());
        let (counter, calls) = counter(answer.clone());
        let sdk = Stream::new([]).sdk();
        let audit_log = AuditLog::start(AuditRules::log_alone(), &sdk, None, log.clone(), now).expect("an audit log");
        let numbering = audit_log.numbered(&counter, now()).with_subscriber(log.subscriber(Level::INFO));
        let audit_log = numbering.await;
        let is_numbered = expected.as_ref().is_none_or(|expected| expected.get("unnumbered").is_none());
        assert_eq!(paper.records().len(), usize::from(is_numbered), "a number is on record at once: {answer:?}");
        audit_log.record_intent(Mint::default(), "c-1", now()).await.map(drop).expect("on record");
        let records = paper.records();
        let own = records[0]["app"]["uid"].clone();
        let expected = expected.unwrap_or_else(|| json!({"series_uid": own, "number": 1}));
        let mut process = records[0]["unmapped"]["process"].clone();
        if let Some(why) = process.get("unnumbered").and_then(Value::as_str).map(str::to_owned) {
            process["unnumbered"] = reason_of(&why).into();
        }
        assert_eq!(process, expected, "{answer:?}");
        assert!(records[1..].iter().all(|record| record["unmapped"].get("process").is_none()), "{answer:?}");
        let message = "the process has no number: without its records nothing tells that it ran";
        let told = expected.get("unnumbered").map(|why| vec!["WARN".into(), message.into(), why.clone()]);
        let mut events = paper.events(&["reason"]);
        for event in &mut events {
            event[2] = reason_of(event[2].as_str().expect("a reason")).to_owned().into();
        }
        assert_eq!(events, Vec::from_iter(told), "{answer:?}");
        let calls = calls.lock().expect("calls");
        let expected = json!({
            "TableName": "rates",
            "Key": {"window": {"S": "audit#processes"}},
            "UpdateExpression": "SET #chain = :chain, #series = if_not_exists(#series, :chain) ADD #number :one",
            "ExpressionAttributeNames": {"#chain": "chain", "#series": "series", "#number": "number"},
            "ExpressionAttributeValues": {":chain": {"S": own}, ":one": {"N": "1"}},
            "ReturnValues": "ALL_OLD",
        });
        assert_eq!(calls[..], [Call { operation: "UpdateItem".to_owned(), content: expected }], "{answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_waits_for_sinks_for_a_second_at_most_or_for_their_own_limit() {
    for (timeout, put, expected) in [
        (4000, Put::Taken, 0),
        (4000, Put::TakenAfter(Duration::from_millis(700)), 700),
        (4000, Put::Hangs, 1000),
        (300, Put::Hangs, 300),
    ] {
        let stream = Stream::new([put.clone()]);
        let rules = AuditRules { timeout: Duration::from_millis(timeout), ..rules(&[SinkKind::Firehose]) };
        let audit_log = start(rules, &stream.sdk(), &Paper::default());
        let begun = Instant::now();
        let _audit_log = audit_log.numbered(&counter(Answer::Content(json!({}))).0, now()).await;
        assert_eq!(begun.elapsed(), Duration::from_millis(expected), "{put:?}");
        assert_eq!(stream.heard()[0].1.len(), 1, "{put:?}");
    }
}
