//! The audit log: nothing is done that is not on record, unless the operator accepts that.

use std::sync::Arc;
use std::time::Duration;

use parts::identities::of_an_assertion;
use serde_json::{Value, json};
use studio_acs_identity::Protocol;
use tokio::time::Instant;
use tracing::Level;
use tracing::instrument::WithSubscriber as _;

use super::{AuditLog, CONTINUED_UNRECORDED, MINTED_UNRECORDED, STRANGERS, USERS};
use crate::chain::Record;
use crate::event::Event;
use crate::tests::rig::{Mint, Mood, Paper, Put, Stream, now, reason_of, request, rules, start};
use crate::{AuditError, AuditRules, Ending, Person, Recorded, RefusedSignIn, Secret, SinkKind, SinkRules};
use studio_acs_log::Log;

const SECOND: Duration = Duration::from_secs(1);

/// An intent, with the time that it took.
async fn begin(audit_log: &AuditLog) -> (Result<(), AuditError>, Duration) {
    let begun = Instant::now();
    let recorded = audit_log.record_intent(Mint::default(), "c-1", now()).await;
    let outcome = recorded.map(|(recorded, _)| {
        Recorded::into_inner(recorded);
    });
    (outcome, begun.elapsed())
}

/// The statuses of the records, and the sinks that missed them.
fn statuses(records: &[Value]) -> Vec<(String, Value)> {
    let status = |record: &Value| record["status"].as_str().expect("a status").to_owned();
    records.iter().map(|record| (status(record), record["unmapped"]["missed_sinks"].clone())).collect()
}

fn texts(expected: &[(&str, Value)]) -> Vec<(String, Value)> {
    expected.iter().map(|(status, missed)| ((*status).to_owned(), missed.clone())).collect()
}

#[tokio::test(start_paused = true)]
async fn an_intent_waits_until_each_required_sink_has_confirmed_it() {
    for (required, waits) in [(vec![SinkKind::Firehose], true), (vec![], false), (vec![SinkKind::Log], false)] {
        let (stream, paper) = (Stream::new([Put::TakenAfter(SECOND)]), Paper::default());
        let audit_log = start(rules(&required), &stream.sdk(), &paper);
        let (outcome, time) = begin(&audit_log).await;
        assert_eq!((outcome, time), (Ok(()), if waits { SECOND } else { Duration::ZERO }), "{required:?}");
        let none = Value::Null;
        let expected = texts(&[("Success", none.clone()), ("Success", none.clone()), ("Intent", none)]);
        assert_eq!(statuses(&paper.records()), expected, "{required:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_required_sink_nothing_is_begun_and_the_reason_is_the_sinks() {
    let four = 4 * SECOND;
    for (script, reason) in [
        (vec![Put::Hangs; 2], "no answer in time"),
        (
            vec![Put::TakenAfter(2 * SECOND + Duration::from_millis(1)), Put::TakenAfter(2 * SECOND)],
            "no answer in time",
        ),
        (vec![Put::Broken; 20], "no connection"),
        (vec![Put::Refused("ResourceNotFoundException"); 20], "ResourceNotFoundException"),
        ([vec![Put::TakenWithout(vec![2])], vec![Put::TakenWithout(vec![0]); 20]].concat(), "1 records were not taken"),
    ] {
        let (stream, paper) = (Stream::new(script.clone()), Paper::default());
        let audit_log = start(rules(&[SinkKind::Firehose]), &stream.sdk(), &paper);
        let (outcome, time) = begin(&audit_log).await;
        let error = outcome.expect_err("nothing is begun");
        let AuditError::Unconfirmed { sink: SinkKind::Firehose, reason: found } = &error else { panic!("{error}") };
        assert_eq!((reason_of(found), time), (reason, four), "{script:?}");
        let records = paper.records();
        let missed = json!(["firehose"]);
        let expected =
            [("Success", Value::Null), ("Success", Value::Null), ("Intent", Value::Null), ("Failure", missed)];
        assert_eq!(statuses(&records), texts(&expected), "{script:?}");
        assert_eq!(records[3]["status_code"], "audit_unavailable");
        assert_eq!(records[3]["status_detail"], error.to_string());
        assert!(audit_log.is_ready(), "the log does not keep it from being recorded");
        // All of it comes to the sink once it is back.
        stream.then([]);
        audit_log.flush(1000 * SECOND, now()).await;
        let last = stream.heard().pop().expect("a put").1;
        assert!(paper.text().ends_with(last.last().expect("a record")), "{script:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_required_sink_that_fails_is_named_and_the_others_are_waited_for_beside_it() {
    let (stream, paper) = (Stream::new(vec![Put::Hangs; 2]), Paper::default());
    paper.is_now(Mood::Unread);
    let audit_log = start(rules(&[SinkKind::Log, SinkKind::Firehose]), &stream.sdk(), &paper);
    let (outcome, time) = begin(&audit_log).await;
    let reason = "nothing took it in time".to_owned();
    assert_eq!((outcome, time), (Err(AuditError::Unconfirmed { sink: SinkKind::Log, reason }), 4 * SECOND));
    paper.is_now(Mood::Takes);
}

#[tokio::test(start_paused = true)]
async fn what_is_allowed_without_a_record_goes_on_after_an_alert_and_is_marked() {
    let (stream, paper) = (Stream::new(vec![Put::Hangs; 9]), Paper::default());
    let rules = AuditRules { allow_unrecorded: true, ..rules(&[SinkKind::Firehose]) };
    let log = Log::to(paper.clone());
    let audit_log = AuditLog::start(rules, &stream.sdk(), None, log.clone(), now).expect("an audit log");
    async {
        let begun = Instant::now();
        let (_, open) = audit_log.record_intent(Mint::default(), "c-1", now()).await.expect("allowed");
        assert_eq!(begun.elapsed(), 4 * SECOND);
        audit_log.record_outcome(open, Ending::Done, now()).await;
        let identity = parts::identities::of_an_id_token();
        let open = audit_log.record_step(&request(&identity), "c-2", now()).await.expect("allowed");
        audit_log.record_outcome(open, Ending::Done, now()).await;
    }
    .with_subscriber(log.subscriber(Level::INFO))
    .await;
    let records = paper.records();
    let missed = json!(["firehose"]);
    let marked: Vec<_> =
        records.iter().map(|record| (&record["severity_id"], &record["unmapped"]["missed_sinks"])).collect();
    assert_eq!(marked[3..], [(&json!(4), &missed), (&json!(1), &Value::Null), (&json!(4), &missed)]);
    let (user, reason) =
        ("ana@example.com", "the audit sink firehose did not take the record of intent: no answer in time");
    let alert = |message: &str, id: &str| {
        vec![
            "ERROR".into(),
            message.into(),
            id.into(),
            user.into(),
            "audit_unavailable".into(),
            reason.into(),
            Value::Null,
        ]
    };
    let late = |id: &str| {
        let message = "the record is not yet at every audit sink";
        vec!["WARN".into(), message.into(), id.into(), user.into(), Value::Null, Value::Null, "firehose".into()]
    };
    let told = paper.events(&["correlation_id", "user", "code", "reason", "sinks"]);
    let told: Vec<_> = told.into_iter().filter(|event| !event[2].is_null()).collect();
    let expected =
        [alert(MINTED_UNRECORDED.text, "c-1"), late("c-1"), alert(CONTINUED_UNRECORDED.text, "c-2"), late("c-2")];
    assert_eq!(told, expected);
}

#[tokio::test(start_paused = true)]
async fn an_outcome_waits_for_sinks_unless_one_that_is_not_required_is_known_to_fail() {
    for (required, script, times) in [
        // In time.
        (vec![SinkKind::Firehose], vec![Put::Taken, Put::TakenAfter(SECOND), Put::TakenAfter(SECOND)], [1, 1]),
        (vec![], vec![Put::Taken, Put::TakenAfter(SECOND), Put::TakenAfter(SECOND)], [1, 1]),
        // A first failure is waited for; the second outcome knows of it.
        (vec![], [vec![Put::Taken], vec![Put::Hangs; 9]].concat(), [4, 0]),
        (vec![SinkKind::Firehose], [vec![Put::Taken], vec![Put::Hangs; 9]].concat(), [4, 4]),
    ] {
        let (stream, paper) = (Stream::new(script), Paper::default());
        let audit_log = start(rules(&required), &stream.sdk(), &paper);
        let (_, first) = audit_log.record_intent(Mint::default(), "c-1", now()).await.expect("on record");
        audit_log.flush(SECOND, now()).await;
        let second = super::OpenIntent {
            subject: super::Subject::Call(
                Box::new(crate::Recordable::facts(&Mint::default(), "c-2")),
                crate::tests::rig::MINT,
            ),
            missed: Vec::new(),
        };
        let mut found = Vec::new();
        for open in [first, second] {
            let begun = Instant::now();
            audit_log.record_outcome(open, Ending::Done, now()).await;
            found.push(begun.elapsed());
        }
        assert_eq!(found, times.map(|seconds| seconds * SECOND), "{required:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_outcome_that_every_sink_has_is_told_of_to_nobody() {
    let (stream, paper) = (Stream::new([]), Paper::default());
    let log = Log::to(paper.clone());
    let audit_log = AuditLog::start(rules(&[]), &stream.sdk(), None, log.clone(), now).expect("an audit log");
    async {
        let (_, open) = audit_log.record_intent(Mint::default(), "c-1", now()).await.expect("on record");
        audit_log.record_outcome(open, Ending::Done, now()).await;
        audit_log.flush(SECOND, now()).await;
    }
    .with_subscriber(log.subscriber(Level::INFO))
    .await;
    assert_eq!(paper.events(&[]), Vec::<Vec<Value>>::new());
    assert_eq!(paper.records().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_refuses_an_intent_and_what_follows_from_it_is_marked() {
    for allow_unrecorded in [false, true] {
        let (stream, paper) = (Stream::new(vec![Put::Hangs; 9]), Paper::default());
        let rules = AuditRules { allow_unrecorded, ..rules(&[SinkKind::Firehose]) };
        let audit_log = start(rules, &stream.sdk(), &paper);
        let filler = Record { sequence: 0, time: 0, text: "{}".into() };
        let room = (0..20_000).take_while(|_| audit_log.deliveries[1].enqueue(filler.clone())).count();
        assert_eq!(room, 10_000);
        let (outcome, time) = begin(&audit_log).await;
        let error = AuditError::Unconfirmed { sink: SinkKind::Firehose, reason: "its queue is full".to_owned() };
        assert_eq!((outcome, time), (if allow_unrecorded { Ok(()) } else { Err(error) }, Duration::ZERO));
        let last = statuses(&paper.records()).pop().expect("a record");
        let expected = if allow_unrecorded { ("Intent", Value::Null) } else { ("Failure", json!(["firehose"])) };
        assert_eq!(vec![last], texts(&[expected]));
    }
}

/// A refusal of a stranger, or of a verified user.
fn refused<'a>(person: Option<&'a Person>, issuer: &'a str) -> RefusedSignIn<'a> {
    RefusedSignIn {
        correlation: "c-9",
        stage: "signature",
        code: "signature_invalid",
        reason: "forged".to_owned(),
        protocol: Protocol::Saml,
        person,
        claimed_issuer: issuer,
        source_ip: None,
        entry: [""; 3],
        policies: &[],
    }
}

/// Strangers leave three quarters of a queue to others, and refusals of users half of it to mints.
#[tokio::test(start_paused = true)]
async fn refusals_leave_room_at_a_required_sink_and_are_not_queued_at_another_that_is_half_full() {
    let person = Person::of(&of_an_assertion());
    for (required, waiting, of_stranger, of_user, queued) in [
        (true, 2_498, true, true, true),
        (true, 2_500, false, true, true),
        (true, 5_000, false, false, false),
        (false, 4_000, true, true, true),
        (false, 5_000, true, true, false),
    ] {
        let (stream, paper) = (Stream::new(vec![Put::Hangs; 9]), Paper::default());
        let sinks = if required { vec![SinkKind::Firehose] } else { vec![SinkKind::Log] };
        let audit_log = start(rules(&sinks), &stream.sdk(), &paper);
        // Nothing has run yet that takes records out of the queue.
        let filler = Record { sequence: 0, time: 0, text: "{}".into() };
        for _ in 0..waiting {
            assert!(audit_log.deliveries[1].enqueue(filler.clone()));
        }
        let before = audit_log.deliveries[1].has_spare_room(2);
        assert_eq!(before, waiting < 5_000);
        let event = |refused| Event::refused(&refused, &audit_log.place, now());
        for (refusal, parts, is_admitted) in
            [(refused(None, "a"), STRANGERS, of_stranger), (refused(Some(&person), ""), USERS, of_user)]
        {
            let is_room = audit_log.has_spare_room(parts);
            assert_eq!(is_room, is_admitted, "{required} {waiting}");
            if is_room {
                let written = audit_log.write_refusals(vec![event(refusal)], now()).expect("written");
                assert_eq!(written.full.is_empty(), queued, "{required} {waiting}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_log_without_room_refuses_an_intent_before_it_is_written() {
    for (required, allow_unrecorded, refused) in
        [(vec![], false, true), (vec![], true, false), (vec![SinkKind::Firehose], false, false)]
    {
        let (stream, paper) = (Stream::new([]), Paper::default());
        paper.is_now(Mood::Unread);
        let rules = AuditRules { allow_unrecorded, ..rules(&required) };
        let audit_log = start(rules, &stream.sdk(), &paper);
        let text: Arc<str> = "x".repeat(5 << 20).into();
        assert!(audit_log.deliveries[0].enqueue(Record { sequence: 0, time: 0, text }));
        let (outcome, _) = begin(&audit_log).await;
        let behind = AuditError::Behind { sink: SinkKind::Log };
        assert_eq!(outcome, if refused { Err(behind) } else { Ok(()) }, "{required:?} {allow_unrecorded}");
        assert_eq!(audit_log.chain.lock().expect("a chain").end(), if refused { 0 } else { 3 });
        paper.is_now(Mood::Takes);
    }
}

/// On a running clock: the log writes in a thread, whose failure ends the wait.
#[tokio::test]
async fn a_log_that_fails_keeps_sign_ins_from_being_recorded_unless_it_need_not_have_them() {
    for (required, allow_unrecorded, ready) in [
        (vec![], false, false),
        (vec![], true, true),
        (vec![SinkKind::Firehose], false, true),
        (vec![SinkKind::Log, SinkKind::Firehose], false, false),
    ] {
        let (stream, paper) = (Stream::new([]), Paper::default());
        let rules = AuditRules { allow_unrecorded, timeout: 30 * SECOND, ..rules(&required) };
        let audit_log = start(rules, &stream.sdk(), &paper);
        assert!(audit_log.is_ready());
        paper.is_now(Mood::Full);
        let (outcome, _) = begin(&audit_log).await;
        let error = AuditError::Unconfirmed { sink: SinkKind::Log, reason: "the disk is full".to_owned() };
        assert_eq!(outcome, if ready { Ok(()) } else { Err(error) }, "{required:?} {allow_unrecorded}");
        if required != [SinkKind::Firehose] {
            assert_eq!(audit_log.is_ready(), ready, "{required:?} {allow_unrecorded}");
        }
        paper.is_now(Mood::Takes);
        let (outcome, _) = begin(&audit_log).await;
        assert_eq!((outcome, audit_log.is_ready()), (Ok(()), true), "{required:?} {allow_unrecorded}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_flush_waits_for_every_sink_and_not_for_longer_than_it_may() {
    for (script, time, told) in [
        (vec![Put::Taken], 0, vec![]),
        (vec![Put::TakenAfter(SECOND)], 1, vec![]),
        (vec![Put::Hangs; 9], 10, vec![json!("firehose")]),
    ] {
        let (stream, paper) = (Stream::new(script), Paper::default());
        let log = Log::to(paper.clone());
        let audit_log = AuditLog::start(rules(&[]), &stream.sdk(), None, log.clone(), now).expect("an audit log");
        begin(&audit_log).await.0.expect("on record");
        let begun = Instant::now();
        audit_log.flush(10 * SECOND, now()).with_subscriber(log.subscriber(Level::INFO)).await;
        assert_eq!(begun.elapsed(), time * SECOND);
        let events = paper.events(&["sink"]);
        let message = "the process ends with records that this audit sink did not take";
        let expected: Vec<_> = told.into_iter().map(|sink| vec!["ERROR".into(), message.into(), sink]).collect();
        assert_eq!(events, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn intents_at_one_time_are_in_one_order_in_the_log_and_in_the_sink() {
    let (stream, paper) = (Stream::new([Put::TakenAfter(SECOND)]), Paper::default());
    let audit_log = Arc::new(start(rules(&[SinkKind::Firehose]), &stream.sdk(), &paper));
    let mut intents = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let audit_log = Arc::clone(&audit_log);
        intents.spawn(async move { begin(&audit_log).await.0 });
    }
    assert_eq!(intents.join_all().await, vec![Ok(()); 20]);
    let sent: String = stream.heard().into_iter().flat_map(|(_, lines)| lines).collect();
    assert_eq!(sent, paper.text());
    let numbers: Vec<_> = paper.records().iter().map(|record| record["metadata"]["sequence"].clone()).collect();
    assert_eq!(numbers, (0..41).map(Value::from).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_chain_that_was_left_in_the_middle_of_a_record_is_not_continued() {
    let (stream, paper) = (Stream::new([]), Paper::default());
    let log = Log::to(paper.clone());
    let audit_log = AuditLog::start(rules(&[]), &stream.sdk(), None, log.clone(), now).expect("an audit log");
    let (_, open) = audit_log.record_intent(Mint::default(), "c-1", now()).await.expect("on record");
    let left = std::thread::scope(|scope| {
        scope
            .spawn(|| {
                let _held = audit_log.chain.lock();
                panic!("on purpose");
            })
            .join()
    });
    assert!(left.is_err());
    assert_eq!(begin(&audit_log).await.0, Err(AuditError::Chain));
    audit_log.record_outcome(open, Ending::Done, now()).with_subscriber(log.subscriber(Level::INFO)).await;
    audit_log.flush(SECOND, now()).await;
    let told = ["ERROR", "the outcome could not be recorded", "c-1", "ana@example.com"].map(Value::from);
    assert_eq!(paper.events(&["correlation_id", "user"]), [told.to_vec()]);
    assert_eq!(paper.records().len(), 3);
}

#[test]
fn the_log_is_required_where_no_other_sink_is() {
    use SinkKind::{Datadog, Firehose, Log};
    let datadog = SinkRules::Datadog { origin: String::new(), key: Secret::new("k").expect("a key") };
    let both = vec![datadog, crate::tests::rig::to_stream()];
    for (sinks, required, is_required) in [
        (vec![], vec![], true),
        (both.clone(), vec![], true),
        (both.clone(), vec![Log], true),
        (both.clone(), vec![Firehose], false),
        (both.clone(), vec![Datadog, Firehose], false),
        (both.clone(), vec![Datadog, Log], true),
        // Required, but not set.
        (both[..1].to_vec(), vec![Firehose], true),
    ] {
        let rules = AuditRules { sinks, required: required.clone(), ..AuditRules::log_alone() };
        assert_eq!(rules.is_log_required(), is_required, "{required:?}");
    }
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let secret = || Secret::new(" hush-hush \n").expect("a secret");
    let sinks = vec![
        SinkRules::Datadog { origin: "https://dd.example".to_owned(), key: secret() },
        SinkRules::Splunk { origin: "https://splunk.example".to_owned(), token: secret() },
        SinkRules::SumoLogic { url: secret() },
        SinkRules::Webhook { url: "https://hook.example/audit".to_owned(), secret: secret() },
    ];
    let kinds: Vec<_> = sinks.iter().map(|sink| (sink.kind().to_string(), sink.kind())).collect();
    let named = [
        ("datadog", SinkKind::Datadog),
        ("splunk", SinkKind::Splunk),
        ("sumo-logic", SinkKind::SumoLogic),
        ("webhook", SinkKind::Webhook),
    ];
    assert_eq!(kinds, named.map(|(name, kind)| (name.to_owned(), kind)));
    let seal_key = crate::SealKey::new(&"hush-hush".repeat(4));
    let audit_rules = AuditRules { sinks: sinks.clone(), seal_key, ..AuditRules::log_alone() };
    let audit_log = start(audit_rules, &Stream::new([]).sdk(), &Paper::default());
    let shown = format!("{audit_log:?}");
    assert!(shown.starts_with("AuditLog { rules: AuditRules"), "{shown}");
    assert!(shown.contains("https://hook.example/audit") && shown.contains("Secret(redacted)"), "{shown}");
    assert!(!shown.contains("hush"), "{shown}");
    assert_eq!(format!("{:?}", secret()), "Secret(redacted)");
    assert!(Secret::new(" \n").is_none());
}
