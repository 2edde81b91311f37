//! Values that are kept elsewhere and read again while the service runs: by the first request after an interval, and
//! not by a timer. Between invocations a Lambda function does not run, and a timer would be late or early.

use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use time::UtcDateTime;
use tokio::sync::Mutex;

/// How long a request waits for what is read again. The last good value serves if it takes longer.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// How long after a failure it is read again, where that is sooner than the interval. Also how far the clocks of
/// requests that wait for each other may differ.
const RETRY: Duration = Duration::from_secs(60);

/// The same, while no value may be used and no user is let in: longer than [`PATIENCE`], or requests would do nothing but
/// wait for an answer that does not come.
const RETRY_WITHOUT: Duration = Duration::from_secs(10);

/// How long after a look a value that lacks what a request needs is not read again: else callers that ask for invented
/// things would cause a look each.
const COOL_DOWN: Duration = Duration::from_secs(30);

/// How often something is read again, and how long the last good value serves where it cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefreshRules {
    /// How often; `None` for never.
    pub every: Option<Duration>,
    /// How long after the source last confirmed it the value serves; `None` for always.
    pub max_age: Option<Duration>,
}

impl RefreshRules {
    /// For what is read once.
    pub const NEVER: Self = Self { every: None, max_age: None };

    /// From when on a value may not be used that was confirmed at `from`; `None` for never. A value serves for an
    /// interval at least: no request looks before.
    pub fn deadline(&self, from: UtcDateTime) -> Option<UtcDateTime> {
        Some(later(from, self.max_age?.max(self.every?)))
    }
}

/// The result of a look.
#[derive(Debug)]
pub enum Look<T> {
    /// The source has this value.
    Read(T),
    /// The source has the value that is known.
    Unchanged,
    /// This value is in force from now on, and, for this reason, it may not be all that the source has.
    Part(T, String),
    /// It is not known what the source has, for this reason.
    Failed(String),
    /// The source answers that it has no value any more.
    Gone(String),
}

/// No value may be used: the last good one is older than the maximum age, or none was ever read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a value within its maximum age, found none: {0}")]
pub struct TooOld(String);

impl TooOld {
    /// One without a reason, for lists of refusals.
    pub fn example() -> Self {
        Self(String::new())
    }
}

/// A value, and when it is read again.
#[derive(Debug)]
pub struct Refreshed<T> {
    rules: RefreshRules,
    known: RwLock<Known<T>>,
    /// Held by the request that looks. Others wait for its result, unless the value that is known still serves them.
    turn: Mutex<()>,
}

/// The last good value, when its source was looked at last, and what came of it.
#[derive(Debug)]
struct Known<T> {
    value: Arc<T>,
    /// When the source was looked at; `None` if it was not yet.
    tried: Option<UtcDateTime>,
    /// For how long after that no request looks again that finds what it needs; `None` for ever.
    good_for: Option<Duration>,
    /// When the source last confirmed the value; `None` while no value may be used.
    confirmed: Option<UtcDateTime>,
    /// Why it does not any more; `None` while it does.
    failure: Option<String>,
}

impl<T> Refreshed<T> {
    /// This value, as it was read at `now`.
    pub fn new(value: T, rules: RefreshRules, now: UtcDateTime) -> Self {
        let known = Known { tried: Some(now), good_for: rules.every, confirmed: Some(now), ..Known::nothing(value) };
        Self::of(rules, known)
    }

    /// A value that is read by the first request. Nothing of `placeholder` is used until then.
    pub fn unread(placeholder: T, rules: RefreshRules) -> Self {
        Self::of(rules, Known::nothing(placeholder))
    }

    fn of(rules: RefreshRules, known: Known<T>) -> Self {
        Self { rules, known: RwLock::new(known), turn: Mutex::default() }
    }

    /// The value as of now. The first request after the interval has it read again by `look`, which is given the last
    /// good value, and those that come meanwhile wait: after a quiet night that one may be old. It serves where the look
    /// fails, until it is too old.
    ///
    /// # Errors
    /// [`TooOld`].
    pub async fn get<F>(&self, now: UtcDateTime, look: impl FnOnce(Arc<T>) -> F) -> Result<Arc<T>, TooOld>
    where
        F: Future<Output = Look<T>>,
    {
        self.get_for(now, |_| true, look).await
    }

    /// The same for a request that needs something of the value: one that lacks it is read again before its time, though
    /// not within thirty seconds of the last look. Requests whose need is met do not wait for that.
    ///
    /// # Errors
    /// [`TooOld`]. A value that lacks it still is returned.
    pub async fn get_for<F>(
        &self,
        now: UtcDateTime,
        meets_need: impl Fn(&T) -> bool,
        look: impl FnOnce(Arc<T>) -> F,
    ) -> Result<Arc<T>, TooOld>
    where
        F: Future<Output = Look<T>>,
    {
        if let Some(settled) = self.settled(&meets_need, now) {
            return settled;
        }
        let _turn = self.turn.lock().await;
        if let Some(settled) = self.settled(&meets_need, now) {
            return settled;
        }
        // A request that ends before the answer comes leaves the next one to look: nothing is noted until then.
        let look = look(self.latest()).await;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.note(look, &self.rules, now);
        // A value that was confirmed just now serves this request, however short its age may be.
        if known.failure.is_none() { Ok(Arc::clone(&known.value)) } else { known.usable(&self.rules, now) }
    }

    /// The last good value, without a look at its source.
    pub fn latest(&self) -> Arc<T> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner).value)
    }

    /// Whether the last good value may be used at `now`.
    pub fn is_usable(&self, now: UtcDateTime) -> bool {
        self.known.read().unwrap_or_else(PoisonError::into_inner).usable(&self.rules, now).is_ok()
    }

    /// The answer for a request at `now`, unless it has to look first.
    fn settled(&self, meets_need: &impl Fn(&T) -> bool, now: UtcDateTime) -> Option<Result<Arc<T>, TooOld>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let usable = known.usable(&self.rules, now);
        let at_most = |longest: Duration| Some(known.good_for.map_or(longest, |good_for| good_for.min(longest)));
        let wait = match &usable {
            Err(_) => at_most(RETRY_WITHOUT),
            Ok(value) if meets_need(value) => known.good_for,
            Ok(_) => at_most(COOL_DOWN),
        };
        (!known.is_due(wait, now)).then_some(usable)
    }
}

impl<T> Known<T> {
    fn nothing(placeholder: T) -> Self {
        let failure = Some("it was not read yet".to_owned());
        Self { value: Arc::new(placeholder), tried: None, good_for: None, confirmed: None, failure }
    }

    /// Whether it is time to look again, `wait` after the last look; also where the clock was set back, by more than the
    /// clocks of waiting requests may differ.
    fn is_due(&self, wait: Option<Duration>, now: UtcDateTime) -> bool {
        let Some(tried) = self.tried else { return true };
        wait.is_some_and(|wait| now >= later(tried, wait) || tried > later(now, RETRY))
    }

    fn usable(&self, rules: &RefreshRules, now: UtcDateTime) -> Result<Arc<T>, TooOld> {
        let is_usable =
            self.confirmed.is_some_and(|confirmed| rules.deadline(confirmed).is_none_or(|deadline| now < deadline));
        if is_usable { Ok(Arc::clone(&self.value)) } else { Err(TooOld(self.failure.clone().unwrap_or_default())) }
    }

    fn note(&mut self, look: Look<T>, rules: &RefreshRules, now: UtcDateTime) {
        let (value, confirmed, failure) = match look {
            Look::Read(value) => (Some(value), Some(now), None),
            Look::Unchanged => (None, Some(now), None),
            // By how much a clock was set back is unknown.
            Look::Part(value, failure) => (Some(value), self.confirmed.map(|at| at.min(now)), Some(failure)),
            Look::Failed(failure) => (None, self.confirmed.map(|at| at.min(now)), Some(failure)),
            Look::Gone(failure) => (None, None, Some(failure)),
        };
        if let Some(value) = value {
            self.value = Arc::new(value);
        }
        self.tried = Some(now);
        self.confirmed = confirmed;
        self.good_for = match failure {
            Some(_) => Some(rules.every.map_or(RETRY, |every| every.min(RETRY))),
            None => rules.every,
        };
        self.failure = failure;
    }
}

/// This long after `from`.
pub fn later(from: UtcDateTime, by: Duration) -> UtcDateTime {
    from.saturating_add(by.try_into().unwrap_or(time::Duration::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> UtcDateTime {
        UtcDateTime::UNIX_EPOCH.saturating_add(time::Duration::seconds(seconds.saturating_add(1_000_000)))
    }

    fn refreshed(every: u64, max_age: Option<u64>) -> Refreshed<u32> {
        let rules = RefreshRules { every: Some(Duration::from_secs(every)), max_age: max_age.map(Duration::from_secs) };
        Refreshed::new(1, rules, at(0))
    }

    /// The value, and whether a request looked.
    async fn get(it: &Refreshed<u32>, now: i64, value: Option<u32>, fails: bool) -> (Option<u32>, bool) {
        let mut looked = false;
        let found = it.get(at(now), |_| {
            looked = true;
            let failure = || "it is broken".to_owned();
            std::future::ready(match (value, fails) {
                (Some(value), false) => Look::Read(value),
                (None, false) => Look::Unchanged,
                (Some(value), true) => Look::Part(value, failure()),
                (None, true) => Look::Failed(failure()),
            })
        });
        let found = found.await.ok().map(|value| *value);
        (found, looked)
    }

    #[tokio::test]
    async fn the_first_one_after_the_interval_looks() {
        let it = refreshed(300, Some(600));
        assert_eq!(get(&it, 299, Some(2), false).await, (Some(1), false));
        assert_eq!(get(&it, 300, Some(2), false).await, (Some(2), true));
        assert_eq!(get(&it, 599, Some(3), false).await, (Some(2), false));
        assert_eq!(get(&it, 600, None, false).await, (Some(2), true), "the same");
    }

    #[tokio::test]
    async fn the_last_good_value_serves_until_it_is_too_old() {
        let it = refreshed(300, Some(600));
        assert_eq!(get(&it, 300, None, false).await, (Some(1), true));
        assert_eq!(get(&it, 600, None, true).await, (Some(1), true));
        assert_eq!(get(&it, 659, None, true).await, (Some(1), false), "not at once again");
        assert_eq!(get(&it, 660, None, true).await, (Some(1), true));
        assert_eq!(get(&it, 719, None, true).await, (Some(1), false));
        assert_eq!(get(&it, 899, None, true).await, (Some(1), true));
        assert_eq!(get(&it, 900, None, true).await, (None, false), "600 s after it was confirmed, to the second");
        assert_eq!(get(&it, 959, Some(2), false).await, (Some(2), true));
    }

    #[tokio::test]
    async fn a_part_that_is_new_is_in_force_though_another_part_failed() {
        let it = refreshed(300, Some(600));
        assert_eq!(get(&it, 300, Some(2), true).await, (Some(2), true));
        assert_eq!(get(&it, 360, None, true).await, (Some(2), true), "and it is soon looked at again");
    }

    #[tokio::test]
    async fn without_a_bound_or_an_interval_a_value_stays() {
        let it = refreshed(300, None);
        assert_eq!(get(&it, 100_000_000, None, true).await, (Some(1), true));
        let it = Refreshed::new(1, RefreshRules { every: None, max_age: Some(Duration::from_secs(1)) }, at(0));
        assert_eq!(get(&it, 100_000_000, Some(2), false).await, (Some(1), false));
        let it = refreshed(0, Some(0));
        assert_eq!(get(&it, 0, Some(2), false).await, (Some(2), true), "each one looks");
        assert_eq!(get(&it, 0, Some(3), true).await, (None, true), "and nothing serves that is not confirmed");
    }

    #[tokio::test]
    async fn a_clock_that_was_set_back_does_not_make_a_value_last() {
        let it = refreshed(300, Some(600));
        assert_eq!(get(&it, -59, Some(2), false).await, (Some(1), false), "one that waited for another");
        assert_eq!(get(&it, -1_000, None, true).await, (Some(1), true));
        assert_eq!(get(&it, -401, None, true).await, (Some(1), true));
        assert_eq!(get(&it, -400, None, true).await, (None, false));
    }

    #[tokio::test]
    async fn whoever_goes_before_the_answer_leaves_it_to_the_next() {
        let it = refreshed(300, Some(600));
        let unfinished = tokio::time::timeout(Duration::ZERO, it.get(at(300), |_| std::future::pending())).await;
        assert!(unfinished.is_err());
        assert_eq!(get(&it, 300, Some(2), false).await, (Some(2), true));
    }

    #[tokio::test]
    async fn a_value_that_was_not_read_yet_is_not_used_and_soon_asked_for_again() {
        let rules = RefreshRules { every: Some(Duration::from_secs(300)), max_age: None };
        let it = Refreshed::unread(0, rules);
        assert_eq!(get(&it, 0, None, true).await, (None, true));
        assert_eq!(get(&it, 9, Some(2), false).await, (None, false), "longer than the wait for an answer");
        assert_eq!(get(&it, 10, Some(2), false).await, (Some(2), true));
        assert_eq!(get(&it, 20, None, true).await, (Some(2), false));
        let gone = it.get(at(310), |_| std::future::ready(Look::Gone("nothing is there".to_owned()))).await;
        assert_eq!(gone, Err(TooOld("nothing is there".to_owned())), "though no maximum age is set");
        assert_eq!(get(&it, 320, Some(3), false).await, (Some(3), true));
    }

    #[tokio::test]
    async fn a_look_that_fails_without_a_word_confirms_nothing() {
        let it = refreshed(300, Some(600));
        let failed = it.get(at(900), |_| std::future::ready(Look::Failed(String::new()))).await;
        assert_eq!(failed, Err(TooOld(String::new())));
        let gone = refreshed(300, None).get(at(300), |_| std::future::ready(Look::Gone(String::new()))).await;
        assert_eq!(gone, Err(TooOld(String::new())));
    }

    #[tokio::test]
    async fn a_need_that_is_not_met_has_it_read_again_and_keeps_no_other_waiting() {
        let it = refreshed(300, None);
        let need = async |now, needed, found| {
            let mut looked = false;
            let value = it.get_for(
                at(now),
                |value| *value == needed,
                |_| {
                    looked = true;
                    std::future::ready(Look::Read(found))
                },
            );
            (value.await.ok().map(|value| *value), looked)
        };
        assert_eq!(need(29, 2, 2).await, (Some(1), false), "not at once after the last look");
        assert_eq!(need(30, 2, 1).await, (Some(1), true));
        assert_eq!(need(59, 2, 2).await, (Some(1), false), "for whatever request");
        assert_eq!(need(60, 2, 2).await, (Some(2), true));
        let mut slow = Box::pin(it.get_for(at(90), |_| false, |_| std::future::pending()));
        let waits = tokio::time::timeout(Duration::ZERO, &mut slow).await;
        assert!(waits.is_err(), "the request that looks waits");
        assert_eq!(need(90, 2, 3).await, (Some(2), false), "one whose need is met does not");
    }
}
