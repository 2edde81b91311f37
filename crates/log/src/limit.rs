//! Which events are written, and which are only counted: a client that causes one after the other must not fill a disk
//! with them, nor push records out.
//!
//! Limited is every event of an attempt (it has a `correlation_id`), except alerts ([`ALERT_TARGET`]) and those of
//! sign-ins that were accepted: the rates bound them. A verified user's events are counted for that user; all others
//! come from strangers, whose events have one allowance in all and one for each code, so that one code does not hide
//! the others.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::{Event, Level};

use crate::allowance::{Allowance, Rate, UserAllowances};
use crate::line;

/// The target of events that operators wait for and that the rates of URLs bound: each is written, whatever else its user
/// causes.
pub const ALERT_TARGET: &str = "studio_acs::alert";

const OF_A_USER: Rate = Rate { burst: 30, every: Duration::from_secs(6) };
const OF_A_CODE: Rate = Rate { burst: 60, every: Duration::from_secs(3) };
const OF_STRANGERS: Rate = Rate { burst: 300, every: Duration::from_secs(1) };
/// How many codes have an allowance of their own. They are the program's, so this is never reached.
const MOST_CODES: usize = 256;
/// After how long what was counted is told.
const INTERVAL: Duration = Duration::from_secs(60);

/// Decides by what was written before.
#[derive(Debug)]
pub(crate) struct Limiter {
    strangers: Allowance,
    codes: BTreeMap<String, Allowance>,
    users: UserAllowances,
    counted: BTreeMap<Cause, u64>,
    /// The time of the first counted event; `None` if none is counted.
    since: Option<Duration>,
}

/// Why an event was caused, as events tell it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Cause {
    message: String,
    outcome: String,
    code: String,
    step: String,
}

/// Events of one cause that were not written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    cause: Cause,
    count: u64,
}

impl Limiter {
    pub(crate) fn new() -> Self {
        let (codes, counted) = (BTreeMap::new(), BTreeMap::new());
        let users = UserAllowances::new(OF_A_USER);
        Self { strangers: Allowance::default(), codes, users, counted, since: None }
    }

    /// Whether the event may be written; if not, it is counted. `now` is since the start.
    pub(crate) fn admits(&mut self, event: &Event<'_>, now: Duration) -> bool {
        if event.metadata().target() == ALERT_TARGET || event.metadata().fields().field("correlation_id").is_none() {
            return true;
        }
        let mut told = Told::default();
        event.record(&mut told);
        if told.cause.outcome == "accepted" || self.has_left(&told.cause.code, &told.user, now) {
            return true;
        }
        let mut message = Message(String::new());
        event.record(&mut message);
        self.count(Cause { message: message.0, ..told.cause }, now);
        false
    }

    /// The summaries of counted events, if they are due.
    pub(crate) fn due(&mut self, now: Duration, at_end: bool) -> Vec<Summary> {
        match self.since {
            Some(since) if at_end || now.saturating_sub(since) >= INTERVAL => {
                self.since = None;
                let counted = std::mem::take(&mut self.counted).into_iter();
                counted.map(|(cause, count)| Summary { cause, count }).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Takes one event out of the allowances that it is under.
    fn has_left(&mut self, code: &str, user: &str, now: Duration) -> bool {
        if !user.is_empty() {
            return self.users.take(user, now);
        }
        let has_key = self.codes.len() < MOST_CODES || self.codes.contains_key(code);
        let key = if has_key { code } else { "" };
        // A stranger's event beyond its own code's allowance takes nothing of the others'.
        self.codes.entry(key.to_owned()).or_default().take(OF_A_CODE, now) && self.strangers.take(OF_STRANGERS, now)
    }

    fn count(&mut self, cause: Cause, now: Duration) {
        self.since.get_or_insert(now);
        let count = self.counted.entry(cause).or_default();
        *count = count.saturating_add(1);
    }
}

impl Summary {
    /// The line that stands for the events: as theirs, with how many they were.
    pub(crate) fn line(&self) -> Vec<u8> {
        let Cause { message, outcome, code, step } = &self.cause;
        let told = |text: &String| Value::from(text.as_str());
        let fields = [
            ("outcome", told(outcome)),
            ("code", told(code)),
            ("step", told(step)),
            ("count", self.count.into()),
            ("reason", "so many more were counted, and not written one by one".into()),
        ];
        line::own(Level::WARN, message, fields)
    }
}

/// The fields of an event that name its cause and its user.
#[derive(Debug, Default)]
struct Told {
    cause: Cause,
    user: String,
}

impl Visit for Told {
    fn record_str(&mut self, field: &Field, value: &str) {
        let told = match field.name() {
            "code" => &mut self.cause.code,
            "outcome" => &mut self.cause.outcome,
            "step" => &mut self.cause.step,
            "user" => &mut self.user,
            _ => return,
        };
        value.clone_into(told);
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

#[cfg(test)]
mod tests;
