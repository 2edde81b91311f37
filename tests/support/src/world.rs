//! Everything around a service: an identity provider, SageMaker's stand-in, a ledger, and what is read out of a log.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::Value;
use studio_acs_standins::idp::Claim;
use studio_acs_standins::sagemaker::{Behaviour, Profiles};

use super::browser::{Browser, Page, RunningService};
use super::moto::{Lost, Moto, Way};
use super::process::{DOMAIN, NOWHERE, Server, SignIns};
use super::{StandIns, TestDir, form_with};

/// A Thursday in the middle of a minute, and of a day.
pub const NOON: &str = "2026-11-19T12:00:30Z";
/// The tables.
pub const LEDGER: &str = "ledger";
pub const RATES: &str = "rates";
pub const ASSERTIONS: &str = "assertions";
pub const STREAM: &str = "records";

/// Everything around a service.
pub struct World {
    pub sign_ins: SignIns,
    pub stand_ins: StandIns,
    /// The tables and the rest of AWS, where a test needs them.
    moto: Option<Moto>,
    /// To moto, and to the stand-in SageMaker.
    pub way: Way,
}

impl World {
    /// SageMaker has these users' profiles.
    pub async fn with(users: &[&str]) -> Self {
        let (sign_ins, stand_ins) = (SignIns::new(), StandIns::start(profiles(users)).await);
        let moto = Moto::start().with_ledger_table(LEDGER).await.with_rates_table(RATES).await;
        let moto = moto.with_assertions_table(ASSERTIONS).await.with_stream(STREAM).await;
        let way = Way::to(&moto.endpoint, Some(&stand_ins.endpoint), Lost::Nothing);
        Self { sign_ins, stand_ins, moto: Some(moto), way }
    }

    /// The same, without any AWS but SageMaker.
    pub async fn without_aws(users: &[&str]) -> Self {
        Self::of(profiles(users)).await
    }

    pub async fn of(profiles: Profiles) -> Self {
        let (sign_ins, stand_ins) = (SignIns::new(), StandIns::start(profiles).await);
        let way = Way::to(NOWHERE, Some(&stand_ins.endpoint), Lost::Nothing);
        Self { sign_ins, stand_ins, moto: None, way }
    }

    /// The form by which this user signs in at the service, as of its time.
    pub fn form(&self, service: &RunningService, user: &str) -> Vec<u8> {
        self.form_of(&self.sign_ins.claim(user, service.now()), "")
    }

    /// The same for a member of these groups.
    pub fn form_in(&self, service: &RunningService, user: &str, groups: &[&str]) -> Vec<u8> {
        self.form_of(&in_groups(self.sign_ins.claim(user, service.now()), groups), "")
    }

    pub fn form_of(&self, claim: &Claim, relay_state: &str) -> Vec<u8> {
        form_with(self.sign_ins.respond(claim).as_bytes(), relay_state)
    }

    /// Signs in from a browser of its own.
    pub async fn sign_in(&self, service: &RunningService, user: &str) -> Page {
        Browser::of_service(service).sign_in(&self.form(service, user)).await
    }

    /// What SageMaker was asked for, call by call.
    pub fn asked(&self) -> Vec<Value> {
        let calls = self.way.calls().into_iter().filter_map(|call| serde_json::from_str::<Value>(&call).ok());
        calls.filter(|call| call.get("SessionExpirationDurationInSeconds").is_some()).collect()
    }

    /// The service in this process, whose clock stands at `at`.
    pub async fn service(&self, settings: &[(&'static str, &str)], at: &str) -> RunningService {
        let more = settings.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let settings: Vec<_> = self.sign_ins.settings().into_iter().chain(more).collect();
        RunningService::start(&settings, &self.way.endpoint, at).await
    }

    /// A process.
    pub fn server(&self, flags: &[&str]) -> Server {
        let way = self.way.endpoint.as_str();
        let aws = ["SAGEMAKER", "DYNAMODB", "STS", "SSM", "FIREHOSE"].map(|service| (service, way));
        self.sign_ins.server(&aws, flags)
    }

    pub fn mints(&self) -> usize {
        self.stand_ins.sagemaker.mints()
    }

    pub fn moto(&self) -> &Moto {
        self.moto.as_ref().expect("moto")
    }

    pub fn tables(&self) -> Client {
        Client::new(&self.moto().sdk())
    }

    /// Puts an item into the ledger's table, as an operator with a console would.
    pub async fn put(&self, subject: &str, entry: &str, attributes: &[(&str, AttributeValue)]) {
        let mut put = self.tables().put_item().table_name(LEDGER).item("subject", text(subject));
        put = put.item("entry", text(entry));
        for (name, value) in attributes {
            put = put.item(*name, value.clone());
        }
        put.send().await.expect("a put");
    }
}

pub fn profiles(users: &[&str]) -> Profiles {
    users.iter().fold(Profiles::default(), |all, user| all.with(DOMAIN, user, Behaviour::Mint))
}

pub fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub fn in_groups(claim: Claim, groups: &[&str]) -> Claim {
    Claim { groups: groups.iter().map(|&group| group.to_owned()).collect(), ..claim }
}

/// A ledger in a file.
pub struct Book(TestDir);

impl Book {
    pub fn of(text: &str) -> Self {
        Self(TestDir::with("ledger.toml", text))
    }

    pub fn path(&self) -> String {
        format!("{}/ledger.toml", self.0.path())
    }

    pub fn write(&self, text: &str) {
        std::fs::write(self.path(), text).expect("a file");
    }
}

/// An entry of a ledger's text, with more lines.
pub fn entry(id: &str, user: &str, more: &str) -> String {
    format!("[[entry]]\nid = \"{id}\"\nuser = \"{user}\"\ndomain = \"{DOMAIN}\"\n{more}\n")
}

/// The lines of a log that are JSON and have `field`.
pub fn lines(log: &str, field: &str) -> Vec<Value> {
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line.get(field).is_some()).collect()
}

/// The attempts: one event for each.
pub fn attempts(log: &str) -> Vec<Value> {
    lines(log, "outcome")
}

/// The outcome of the last attempt: its code, its step, or that it was accepted.
pub fn last(log: &str) -> String {
    let attempts = attempts(log);
    let last = attempts.last().expect("an attempt");
    let word = ["code", "step", "outcome"].iter().find_map(|name| last[name].as_str());
    word.expect("an outcome").to_owned()
}

/// The records of users who came, verified.
pub fn logons(log: &str) -> Vec<Value> {
    let records = lines(log, "auth_protocol").into_iter();
    records.filter(|record| record["class_uid"] == 3002 && record["status"] == "Success").collect()
}

/// The audit records: each operation, and its status.
pub fn on_record(log: &str) -> Vec<(String, String)> {
    let records = lines(log, "class_uid").into_iter().filter(|record| record["class_uid"] == 6003);
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    records.map(|record| (text(&record["api"]["operation"]), text(&record["status"]))).collect()
}
