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
pub struct Look<T> {
    /// The value from now on, if it is another one.
    pub value: Option<T>,
    /// Why it is not known whether this is all that is in force.
    pub failure: Option<String>,
}

/// The last good value is older than the maximum age.
#[derive(Debug, thiserror::Error)]
#[error("what was read is too old, and {0}")]
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
    value: RwLock<Arc<T>>,
    schedule: Mutex<Schedule>,
}

/// When it was looked at last, and what came of it.
#[derive(Debug)]
struct Schedule {
    tried: UtcDateTime,
    /// For how long after that no request looks again.
    good_for: Duration,
    /// When the source last confirmed the value.
    confirmed: UtcDateTime,
    /// Why it does not any more.
    failure: String,
}

impl<T> Refreshed<T> {
    /// This value, as it was read at `now`.
    pub fn new(value: T, rules: RefreshRules, now: UtcDateTime) -> Self {
        let good_for = rules.every.unwrap_or_default();
        let schedule = Schedule { tried: now, good_for, confirmed: now, failure: String::new() };
        Self { rules, value: RwLock::new(Arc::new(value)), schedule: Mutex::new(schedule) }
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
        let Some(every) = self.rules.every else { return Ok(self.latest()) };
        let mut schedule = self.schedule.lock().await;
        if schedule.is_due(now) {
            // A request that ends before the answer comes leaves the next one to look: nothing is noted until then.
            let Look { value, failure } = look(self.latest()).await;
            if let Some(value) = value {
                *self.value.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(value);
            }
            match failure {
                None => {
                    schedule.succeeded(every, now);
                    return Ok(self.latest());
                }
                Some(failure) => schedule.failed(failure, every.min(RETRY), now),
            }
        }
        self.unless_too_old(&schedule, now)
    }

    /// The last good value, without a look at its source.
    pub fn latest(&self) -> Arc<T> {
        Arc::clone(&self.value.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn unless_too_old(&self, schedule: &Schedule, now: UtcDateTime) -> Result<Arc<T>, TooOld> {
        match self.rules.deadline(schedule.confirmed) {
            Some(deadline) if deadline <= now => Err(TooOld(schedule.failure.clone())),
            _ => Ok(self.latest()),
        }
    }
}

impl Schedule {
    /// Whether it is time to look again; also where the clock was set back, by more than the clocks of waiting requests
    /// may differ.
    fn is_due(&self, now: UtcDateTime) -> bool {
        now >= later(self.tried, self.good_for) || self.tried > later(now, RETRY)
    }

    fn failed(&mut self, failure: String, retry: Duration, now: UtcDateTime) {
        self.tried = now;
        self.good_for = retry;
        // By how much a clock was set back is unknown.
        self.confirmed = self.confirmed.min(now);
        self.failure = failure;
    }

    fn succeeded(&mut self, every: Duration, now: UtcDateTime) {
        self.tried = now;
        self.good_for = every;
        self.confirmed = now;
        self.failure.clear();
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
            std::future::ready(Look { value, failure: fails.then(|| "it is broken".to_owned()) })
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
}
