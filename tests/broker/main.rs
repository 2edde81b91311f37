//! The broker through HTTP: identity, ledger, policy, rates, records and mint, with the real SDK.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod down;
mod many;

use aws_sdk_dynamodb::Client;
use serde_json::Value;
use studio_acs::demo::sagemaker::{Behaviour, Profiles};
use support::browser::Service;
use support::moto::{Lost, Moto, Way};
use support::process::{DOMAIN, Server, SignIns};
use support::{StandIns, TestDir};

/// A Thursday in the middle of a minute, and of a day.
const NOON: &str = "2026-11-19T12:00:30Z";
/// The tables.
const LEDGER: &str = "ledger";
const RATES: &str = "rates";
const ASSERTIONS: &str = "assertions";
const STREAM: &str = "records";

/// Everything around a service.
struct World {
    sign_ins: SignIns,
    stand_ins: StandIns,
    moto: Moto,
    /// To moto, and to the stand-in SageMaker.
    way: Way,
}

impl World {
    /// SageMaker has these users' profiles.
    async fn with(users: &[&str]) -> Self {
        let profiles = users.iter().fold(Profiles::default(), |all, user| all.with(DOMAIN, user, Behaviour::Mint));
        let (sign_ins, stand_ins) = (SignIns::new(), StandIns::start(profiles).await);
        let moto = Moto::start().with_ledger_table(LEDGER).await.with_rates_table(RATES).await;
        let moto = moto.with_assertions_table(ASSERTIONS).await.with_stream(STREAM).await;
        let way = Way::to(&moto.endpoint, Some(&stand_ins.endpoint), Lost::Nothing);
        Self { sign_ins, stand_ins, moto, way }
    }

    /// The service in this process, whose clock stands at `at`.
    async fn service(&self, settings: &[(&'static str, &str)], at: &str) -> Service {
        let more = settings.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let settings: Vec<_> = self.sign_ins.settings().into_iter().chain(more).collect();
        Service::start(&settings, &self.way.endpoint, at).await
    }

    /// A process.
    fn server(&self, flags: &[&str]) -> Server {
        let way = self.way.endpoint.as_str();
        let aws = ["SAGEMAKER", "DYNAMODB", "STS", "SSM", "FIREHOSE"].map(|service| (service, way));
        self.sign_ins.server(&aws, flags)
    }

    fn mints(&self) -> usize {
        self.stand_ins.sagemaker.mints()
    }

    fn tables(&self) -> Client {
        Client::new(&self.moto.sdk())
    }
}

/// A ledger in a file.
struct Book(TestDir);

impl Book {
    fn of(text: &str) -> Self {
        Self(TestDir::with("ledger.toml", text))
    }

    fn path(&self) -> String {
        format!("{}/ledger.toml", self.0.path())
    }

    fn write(&self, text: &str) {
        std::fs::write(self.path(), text).expect("a file");
    }
}

/// An entry of a ledger's text, with more lines.
fn entry(id: &str, user: &str, more: &str) -> String {
    format!("[[entry]]\nid = \"{id}\"\nuser = \"{user}\"\ndomain = \"{DOMAIN}\"\n{more}\n")
}

/// The lines of a log that are JSON and have `field`.
fn lines(log: &str, field: &str) -> Vec<Value> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line.get(field).is_some()).collect()
}

/// The attempts: one event for each.
fn attempts(log: &str) -> Vec<Value> {
    lines(log, "outcome")
}

/// The outcome of the last attempt: its code, its step, or that it was accepted.
fn last(log: &str) -> String {
    let attempts = attempts(log);
    let last = attempts.last().expect("an attempt");
    let word = ["code", "step", "outcome"].iter().find_map(|name| last[name].as_str());
    word.expect("an outcome").to_owned()
}

/// What is on record: each operation, and how it stands.
fn on_record(log: &str) -> Vec<(String, String)> {
    let records = lines(log, "class_uid").into_iter().filter(|record| record["class_uid"] == 6003);
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    records.map(|record| (text(&record["api"]["operation"]), text(&record["status"]))).collect()
}
