//! A log, a stream and an operation of the tests' own.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use aws_config::SdkConfig;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parts::wire::{self, Answer, Call};
use serde_json::{Value, json};
use studio_acs_identity::Identity;
use studio_acs_log::{Log, Output};
use time::UtcDateTime;
use tokio::time::Instant;

use crate::{
    ApprovalFacts, ApprovalStep, AuditLog, AuditRules, Facts, Operation, Person, Recordable, SinkKind, SinkRules,
    StepKind,
};

/// 2026-01-15T10:00:30.123Z
pub(crate) fn now() -> UtcDateTime {
    UtcDateTime::from_unix_timestamp_nanos(1_768_471_230_123_456_789).expect("a time")
}

/// Standard output, as far as a log knows.
#[derive(Clone, Default)]
pub(crate) struct Paper(Arc<(Mutex<(Mood, String)>, Condvar)>);

/// How standard output is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Mood {
    /// It takes all at once.
    #[default]
    Takes,
    /// It fails.
    Full,
    /// It takes nothing, and does not fail.
    Unread,
}

impl Paper {
    pub(crate) fn is_now(&self, mood: Mood) {
        self.0.0.lock().expect("a mood").0 = mood;
        self.0.1.notify_all();
    }

    pub(crate) fn text(&self) -> String {
        self.0.0.lock().expect("a text").1.clone()
    }

    /// The records.
    pub(crate) fn records(&self) -> Vec<Value> {
        self.lines().into_iter().filter(|line| line["class_uid"].is_u64()).collect()
    }

    /// The messages of the program's own events, with these fields.
    pub(crate) fn events(&self, fields: &[&str]) -> Vec<Vec<Value>> {
        let own = self.lines().into_iter().filter(|line| line["target"].is_string());
        own.map(|line| [&["level", "message"], fields].concat().iter().map(|field| line[*field].clone()).collect())
            .collect()
    }

    fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }
}

impl Output for Paper {
    fn write_at_once(&self, bytes: &[u8]) -> usize {
        let mut state = self.0.0.lock().expect("a mood");
        if state.0 == Mood::Takes {
            state.1.push_str(std::str::from_utf8(bytes).expect("UTF-8"));
            return bytes.len();
        }
        0
    }

    fn write(&self, bytes: &[u8]) -> std::io::Result<usize> {
        let (state, changed) = &*self.0;
        let mut state =
            changed.wait_while(state.lock().expect("a mood"), |state| state.0 == Mood::Unread).expect("a mood");
        if state.0 == Mood::Full {
            return Err(std::io::Error::other("the disk is full"));
        }
        state.1.push_str(std::str::from_utf8(bytes).expect("UTF-8"));
        Ok(bytes.len())
    }
}

/// A Firehose stream.
#[derive(Clone)]
pub(crate) struct Stream(Arc<Mutex<Puts>>);

struct Puts {
    /// The results of the next calls; after them all succeed.
    script: VecDeque<Put>,
    begun: Instant,
    heard: Vec<(Duration, Vec<String>)>,
}

/// The result of a put.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Put {
    Taken,
    /// All but the records at these places.
    TakenWithout(Vec<usize>),
    TakenAfter(Duration),
    Refused(&'static str),
    Broken,
    Hangs,
    /// Success, with this content.
    Said(Value),
}

impl Stream {
    pub(crate) fn new(script: impl IntoIterator<Item = Put>) -> Self {
        let script = script.into_iter().collect();
        Self(Arc::new(Mutex::new(Puts { script, begun: Instant::now(), heard: Vec::new() })))
    }

    pub(crate) fn then(&self, script: impl IntoIterator<Item = Put>) {
        self.0.lock().expect("a script").script = script.into_iter().collect();
    }

    pub(crate) fn sdk(&self) -> SdkConfig {
        let stream = self.clone();
        wire::sdk(move |call| stream.clone().answer(call))
    }

    /// When each put came, since the start, and the records of it.
    pub(crate) fn heard(&self) -> Vec<(Duration, Vec<String>)> {
        self.0.lock().expect("puts").heard.clone()
    }

    /// The milliseconds at which each put came.
    pub(crate) fn times(&self) -> Vec<u128> {
        self.heard().iter().map(|(at, _)| at.as_millis()).collect()
    }

    async fn answer(self, call: Call) -> Answer {
        assert_eq!((call.operation.as_str(), &call.content["DeliveryStreamName"]), ("PutRecordBatch", &"audit".into()));
        let data = |record: &Value| text(record["Data"].as_str().expect("a text"));
        let lines: Vec<_> = call.content["Records"].as_array().expect("records").iter().map(data).collect();
        let count = lines.len();
        let put = {
            let mut puts = self.0.lock().expect("puts");
            let at = puts.begun.elapsed();
            puts.heard.push((at, lines));
            puts.script.pop_front().unwrap_or(Put::Taken)
        };
        let without = match put {
            Put::Taken => Vec::new(),
            Put::TakenWithout(places) => places,
            Put::TakenAfter(time) => {
                tokio::time::sleep(time).await;
                Vec::new()
            }
            Put::Refused(code) => return Answer::Fault(code, json!({})),
            Put::Broken => return Answer::Broken,
            Put::Hangs => std::future::pending().await,
            Put::Said(content) => return Answer::Content(content),
        };
        assert!(without.iter().all(|place| *place < count), "{without:?} of {count}");
        let entry = |place| match without.contains(&place) {
            true => json!({"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."}),
            false => json!({"RecordId": place.to_string()}),
        };
        let entries: Vec<_> = (0..count).map(entry).collect();
        Answer::Content(json!({"FailedPutCount": without.len(), "RequestResponses": entries}))
    }
}

/// The record that Firehose gets in base64.
fn text(data: &str) -> String {
    String::from_utf8(STANDARD.decode(data).expect("base64")).expect("UTF-8")
}

/// A reason without its advice.
pub(crate) fn reason_of(text: &str) -> &str {
    text.split(" (").next().unwrap_or_default()
}

/// The stream as a sink.
pub(crate) fn to_stream() -> SinkRules {
    SinkRules::Firehose { stream: "audit".to_owned() }
}

/// The stream and the log, with these sinks required, and 4 seconds.
pub(crate) fn rules(required: &[SinkKind]) -> AuditRules {
    let timeout = Duration::from_secs(4);
    AuditRules { sinks: vec![to_stream()], required: required.to_vec(), timeout, ..AuditRules::log_alone() }
}

pub(crate) fn start(rules: AuditRules, sdk: &SdkConfig, paper: &Paper) -> AuditLog {
    AuditLog::start(rules, sdk, None, Log::to(paper.clone()), now).expect("an audit log")
}

/// A mint, as the broker describes it.
pub(crate) const MINT: Operation = Operation {
    begins: true,
    call: "CreatePresignedDomainUrl",
    intent: "a URL is about to be minted",
    done: "outcome: a URL was minted",
    not_done: "outcome: no URL was minted",
    unknown: "outcome: whether a URL was minted is unknown",
};

/// Something to be recorded: the user of an ID token, a profile, and nothing else; or what `more` adds.
#[derive(Default)]
pub(crate) struct Mint {
    pub(crate) more: Option<fn(Facts) -> Facts>,
}

impl Recordable for Mint {
    const OPERATION: Operation = MINT;

    fn facts(&self, correlation_id: &str) -> Facts {
        let facts = Facts {
            correlation: correlation_id.to_owned(),
            person: Person::of(&parts::identities::of_an_id_token()),
            entry: "fraud-lab".to_owned(),
            profile: "ana".to_owned(),
            domain: "d-a1b2c3d4e5f6".to_owned(),
            region: None,
            role: None,
            team: None,
            session_seconds: 1800,
            policies: Vec::new(),
            ticket_number: None,
            approved: None,
            source_ip: None,
            api_client_ip: None,
            deep_link: None,
            space: None,
            landing: None,
        };
        match self.more {
            Some(more) => more(facts),
            None => facts,
        }
    }
}

/// The terms of an approval.
pub(crate) fn terms() -> ApprovalFacts {
    ApprovalFacts { sha256: "ab".repeat(32), covers: json!({"entry": "fraud-lab", "minutes": 60}) }
}

/// A request for approval of this user's.
pub(crate) fn request(who: &Identity) -> ApprovalStep<'_> {
    let (kind, requested_by, entry) = (StepKind::Request, who.user(), "fraud-lab");
    ApprovalStep { who, kind, requested_by, entry, ticket_number: None, approval: terms() }
}
