//! `studio-acs contract`: the facts of the program that its deployment relies on, as JSON. `deploy/checks` reads them.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Command;
use serde_json::{Map, Value, json};
use studio_acs::config::{SETTINGS, Setting};
use studio_acs::http::codes::{Code, codes};
use studio_acs::report::check::Item;
use studio_acs::trust::messages as trust;
use studio_acs::{http, token};
use studio_acs_audit::{
    CONTINUED_UNRECORDED, MINTED_UNRECORDED, OUTCOME_UNRECORDED, RECORDS_LOST, REFUSALS_UNRECORDED, SINK_FAILS,
};
use studio_acs_aws::PATIENCE;
use studio_acs_broker::{ASKS_AGAIN, POLICY_FAILS, POLICY_UNREADABLE};
use studio_acs_ledger::LEDGER_UNREADABLE;
use studio_acs_refusal::{Alarm, LogMessage};

use super::Failure;

/// The messages of the log that alarms and dashboards may read.
const LOG_MESSAGES: &[LogMessage] = &[
    http::SIGN_IN,
    ASKS_AGAIN,
    studio_acs_log::BLOCKED,
    trust::CERTIFICATE_ENDS,
    trust::CERTIFICATE_LEFT_OUT,
    trust::METADATA_ENDS,
    trust::METADATA_GONE,
    trust::METADATA_UNREADABLE,
    trust::METADATA_FAULT,
    trust::METADATA_EXPIRED,
    trust::SECOND_OPINION_STAYS,
    token::KEYS_UNREADABLE,
    token::KEY_FAULT,
    POLICY_UNREADABLE,
    MINTED_UNRECORDED,
    CONTINUED_UNRECORDED,
    OUTCOME_UNRECORDED,
    RECORDS_LOST,
    REFUSALS_UNRECORDED,
    SINK_FAILS,
    LEDGER_UNREADABLE,
    POLICY_FAILS,
    http::BROKE_OFF,
];

/// A step of the slowest sign-in that still ends: how long it may take, and how often it comes, without and with a profile
/// that is made.
struct TimedStep {
    what: &'static str,
    limit: Limit,
    times: [u32; 2],
}

/// How long a step may take.
enum Limit {
    /// As long as this setting says.
    Setting(&'static str),
    /// So many seconds.
    Seconds(u64),
}

/// The steps in a row; of steps side by side, one counts. tests/it/reference.rs compares them with the time that `serve` leaves
/// to requests at its end.
const WORST_CASE: &[TimedStep] = &[
    TimedStep { what: "the client sends its form", limit: Limit::Setting("request-timeout"), times: [1, 1] },
    TimedStep {
        what: "metadata or the issuer's keys, beside the access policy, are read again",
        limit: Limit::Seconds(PATIENCE.as_secs()),
        times: [1, 1],
    },
    TimedStep {
        what: "replay protection beside the ledger, an approval, two counters",
        limit: Limit::Setting("table-timeout"),
        times: [4, 4],
    },
    TimedStep {
        what: "the mint, and before it with provisioning the call that creates the profile",
        limit: Limit::Setting("mint-timeout"),
        times: [1, 2],
    },
    TimedStep {
        what: "an audit record before and after each of these calls",
        limit: Limit::Setting("audit-timeout"),
        times: [2, 4],
    },
];

pub(crate) fn command() -> Command {
    Command::new("contract").about("Prints what the deployment's checks read of the program").hide(true)
}

/// Prints the contract.
pub(crate) fn run() -> Result<ExitCode, Failure> {
    std::io::stdout().write_all(contract().as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The contract: a member a list, and a line a row, so that a difference of two contracts is one of rows.
fn contract() -> String {
    let lists = [
        ("settings", SETTINGS.iter().map(setting).collect::<Vec<_>>()),
        ("codes", codes().iter().map(code).collect()),
        ("log_messages", LOG_MESSAGES.iter().map(log_message).collect()),
        ("check_items", Item::ALL.iter().map(|item| check_item(*item)).collect()),
        ("worst_case_seconds", WORST_CASE.iter().map(step).collect()),
    ];
    let mut text = String::new();
    for (name, rows) in lists {
        let rows: Vec<_> = rows.iter().map(|row| format!("    {row}")).collect();
        text.push_str(if text.is_empty() { "{\n" } else { ",\n" });
        text.push_str(&format!("  \"{name}\": [\n{}\n  ]", rows.join(",\n")));
    }
    text.push_str("\n}\n");
    text
}

fn setting(setting: &Setting) -> Value {
    let Setting { name, meaning, default, range, example, .. } = setting;
    let row = json!({
        "name": name, "variable": setting.variable(), "default": default, "range": range, "example": example, "meaning": meaning,
    });
    let bounds = bounds(range).into_iter().flat_map(|(min, max)| [("min", min), ("max", max)]);
    with(row, bounds.map(|(name, bound)| (name, bound.into())))
}

/// The least and the greatest value of a range of numbers, such as `1 to 25 seconds`.
fn bounds(range: &str) -> Option<(u32, u32)> {
    let (least, rest) = range.split_once(" to ")?;
    let most = rest.split([' ', ';']).next()?;
    Some((least.parse().ok()?, most.parse().ok()?))
}

fn code(code: &Code) -> Value {
    let protocols: Vec<_> = code.protocols.iter().map(|protocol| protocol.as_str()).collect();
    json!({
        "code": code.rule.code, "status": code.status, "protocols": protocols, "stage": code.rule.stage, "rule": code.rule.rule,
        "alarm": code.alarm.map(Alarm::as_str),
    })
}

fn log_message(message: &LogMessage) -> Value {
    let row = json!({"message": message.text, "fields": message.fields, "alarm": message.alarm.map(Alarm::as_str)});
    let outcomes = (*message == http::SIGN_IN).then(|| ("outcomes", json!(http::OUTCOMES)));
    with(row, outcomes)
}

fn check_item(item: Item) -> Value {
    json!({"id": item.id(), "subject": item.subject().name(), "what": item.what()})
}

fn step(step: &TimedStep) -> Value {
    let TimedStep { what, limit, times: [times, times_with_provision] } = step;
    let limit = match limit {
        Limit::Setting(name) => ("setting", Value::from(*name)),
        Limit::Seconds(seconds) => ("seconds", Value::from(*seconds)),
    };
    let row = with(json!({"step": what}), [limit]);
    with(row, [("times", (*times).into()), ("times_with_provision", (*times_with_provision).into())])
}

/// The row with more members after its own.
fn with(row: Value, more: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let own = if let Value::Object(members) = row { members } else { Map::new() };
    own.into_iter().chain(more.into_iter().map(|(name, value)| (name.to_owned(), value))).collect()
}
