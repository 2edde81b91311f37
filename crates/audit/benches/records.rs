//! The three records of a sign-in, beside the hash of their text in the same run: no record costs less than its fingerprint.

#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::expect_used, clippy::print_stdout)]

use std::hint::black_box;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_lc_rs::digest::{SHA256, digest};
use fixtures::stopwatch::{Contestant, compare};
use parts::identities::of_an_assertion;
use studio_acs_audit::{AuditLog, AuditRules, Ending, Facts, Operation, Person, Recordable};
use studio_acs_log::{Log, Output};
use time::UtcDateTime;

/// A mint of a user with the facts that most have.
struct Mint(Person);

impl Recordable for Mint {
    const OPERATION: Operation = Operation {
        begins: true,
        call: "CreatePresignedDomainUrl",
        intent: "intent: a Studio session is about to be minted",
        done: "outcome: a Studio session was minted",
        not_done: "outcome: no Studio session was minted",
        unknown: "outcome: whether a Studio session was minted is unknown",
    };

    fn facts(&self, correlation_id: &str) -> Facts {
        Facts {
            correlation: correlation_id.to_owned(),
            person: self.0.clone(),
            entry: "alice-fraud".to_owned(),
            profile: "alice-fraud".to_owned(),
            domain: "d-abcdefghijkl".to_owned(),
            region: None,
            role: None,
            team: Some("fraud".to_owned()),
            session_seconds: 14_400,
            policies: vec!["permit-own".to_owned()],
            ticket_number: None,
            approved: None,
            source_ip: Some("192.0.2.7".to_owned()),
            api_client_ip: None,
            deep_link: None,
            space: None,
            landing: None,
        }
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let sdk =
        SdkConfig::builder().behavior_version(BehaviorVersion::latest()).region(Region::new("eu-central-1")).build();
    let now = || UtcDateTime::from_unix_timestamp(1_768_471_230).expect("a time");
    let taker = Taker::default();
    let rules = AuditRules { timeout: Duration::from_secs(60), ..AuditRules::log_alone() };
    let audit_log = {
        let _inside = runtime.enter();
        AuditLog::start(rules, &sdk, None, Log::to(taker.clone()), now).expect("an audit log")
    };
    let person = Person::of(&of_an_assertion());
    let record = || {
        let (recorded, open) = runtime
            .block_on(audit_log.record_intent(Mint(person.clone()), "2f9d2c41c1fb4f0e8a2f8d6f4a1b7c3e", now()))
            .expect("on record");
        runtime.block_on(audit_log.record_outcome(open, Ending::Done, now()));
        recorded
    };
    record();
    taker.0.lock().expect("a text").clear();
    record();
    let text = taker.0.lock().expect("a text").clone();
    compare(
        "one sign-in",
        &mut [
            Contestant::new("SHA-256 of its three records", || {
                text.split(|byte| *byte == b'\n').for_each(|line| {
                    black_box(digest(&SHA256, line));
                });
            }),
            Contestant::new("its three records", || {
                black_box(record());
            }),
        ],
    );
    println!("{} bytes", text.len());
}

/// Takes each record at once, as a pipe does that is read, and keeps the last ones.
#[derive(Clone, Default)]
struct Taker(Arc<Mutex<Vec<u8>>>);

impl Output for Taker {
    fn write_at_once(&self, bytes: &[u8]) -> usize {
        let mut text = self.0.lock().expect("a text");
        if text.len() > 1 << 14 {
            text.clear();
        }
        text.extend_from_slice(bytes);
        bytes.len()
    }

    fn write(&self, bytes: &[u8]) -> std::io::Result<usize> {
        Ok(bytes.len())
    }
}
