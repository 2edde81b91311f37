//! The limits of refusals: some have a record of their own, and all others are counted, so that no sender fills a sink.
//!
//! A verified user has an allowance of records, which users of one hash share. Each kind of a stranger's refusal has one record,
//! and one more with a count every minute. A code has a bounded number of kinds, and a source of one code too, so that the noise
//! of one hides no other; beyond them refusals of the code are counted together.

use std::collections::BTreeMap;
use std::time::Duration;

use studio_acs_log::{Rate, UserAllowances};
use time::UtcDateTime;

use crate::refused_sign_in::{RefusalKind, RefusedSignIn};

/// How many refusals of one user have a record of their own.
const OF_A_USER: Rate = Rate { burst: 10, every: Duration::from_secs(6) };
/// How many kinds of one code are told apart in one interval, and how many of these of one source: of verified users, and of
/// strangers.
const MOST_KINDS: usize = 16;
const MOST_OF_A_SOURCE: usize = 4;
/// How many kinds of all codes are, and how many each code has whatever the others do.
const MOST_TOGETHER: usize = 128;
const OF_EACH_CODE: usize = 2;
/// How long is counted before the counts are told.
const INTERVAL: time::Duration = time::Duration::MINUTE;

/// Decides by the refusals before.
#[derive(Debug)]
pub(crate) struct Refusals {
    users: UserAllowances,
    of_users: Counts,
    of_strangers: Counts,
    /// The time of the first refusal of the interval; `None` before one.
    since: Option<UtcDateTime>,
}

/// Refusals of one kind that have no record of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RefusalCount {
    pub(crate) kind: RefusalKind,
    pub(crate) count: u64,
    /// The time of the interval's first refusal.
    pub(crate) since: UtcDateTime,
}

/// The counts of each code, of which the program has a bounded number.
#[derive(Debug, Default)]
struct Counts(BTreeMap<&'static str, CodeCounts>);

/// The counts of a bounded number of kinds, and of all others together.
#[derive(Debug, Default)]
struct CodeCounts {
    kinds: BTreeMap<RefusalKind, u64>,
    others: Option<(RefusalKind, u64)>,
}

impl Refusals {
    pub(crate) fn new() -> Self {
        let (of_users, of_strangers) = <(Counts, Counts)>::default();
        Self { users: UserAllowances::new(OF_A_USER), of_users, of_strangers, since: None }
    }

    /// Whether the refusal gets a record of its own, where there `is_room` for one; it is counted otherwise.
    pub(crate) fn admits(&mut self, refused: &RefusedSignIn<'_>, is_room: bool, now: UtcDateTime) -> bool {
        self.since.get_or_insert(now);
        match refused.person {
            Some(person) => {
                let is_admitted = is_room && self.users.take(person.name(), since_1970(now));
                if !is_admitted {
                    self.of_users.count(refused.kind());
                }
                is_admitted
            }
            None => self.of_strangers.is_first(refused.kind(), is_room),
        }
    }

    /// The counts, if they are due.
    pub(crate) fn due(&mut self, now: UtcDateTime, at_end: bool) -> Vec<RefusalCount> {
        match self.since {
            // A clock that was set back ends the interval, too.
            Some(since) if at_end || now < since || now >= since.saturating_add(INTERVAL) => {
                self.since = None;
                let counts = [&mut self.of_users, &mut self.of_strangers].map(std::mem::take);
                let codes = counts.into_iter().flat_map(|counts| counts.0.into_values());
                let kinds = codes.flat_map(|code| code.kinds.into_iter().chain(code.others));
                let counted = kinds.filter(|(_, count)| *count > 0);
                counted.map(|(kind, count)| RefusalCount { kind, count, since }).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl Counts {
    /// Whether it is the first of its kind, which has a record; it is counted otherwise.
    fn is_first(&mut self, kind: RefusalKind, is_room: bool) -> bool {
        let is_new = self.0.get(kind.code).is_none_or(|code| !code.kinds.contains_key(&kind));
        if is_room && is_new && self.has_place(&kind) {
            self.0.entry(kind.code).or_default().kinds.insert(kind, 0);
            return true;
        }
        self.count(kind);
        false
    }

    fn count(&mut self, kind: RefusalKind) {
        let has_place = self.has_place(&kind);
        let CodeCounts { kinds, others } = self.0.entry(kind.code).or_default();
        let count = match has_place || kinds.contains_key(&kind) {
            true => kinds.entry(kind).or_default(),
            false => &mut others.get_or_insert_with(|| (kind.of_any_sender(), 0)).1,
        };
        *count = count.saturating_add(1);
    }

    /// Whether a new kind is told apart.
    fn has_place(&self, kind: &RefusalKind) -> bool {
        let Some(CodeCounts { kinds, .. }) = self.0.get(kind.code) else { return true };
        let together = self.0.values().map(|code| code.kinds.len()).fold(0, usize::saturating_add);
        let is_of_source = |other: &&RefusalKind| other.source_ip.is_some() && other.source_ip == kind.source_ip;
        kinds.len() < MOST_KINDS
            && kinds.keys().filter(is_of_source).count() < MOST_OF_A_SOURCE
            && (together < MOST_TOGETHER || kinds.len() < OF_EACH_CODE)
    }
}

/// The time as allowances take it.
fn since_1970(now: UtcDateTime) -> Duration {
    Duration::from_secs(u64::try_from(now.unix_timestamp()).unwrap_or_default())
}

#[cfg(test)]
mod tests;
