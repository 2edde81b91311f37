//! The audit log: an operation is on record before it is done, and its outcome afterwards.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_config::SdkConfig;
use time::UtcDateTime;
use tokio::time::Instant;

use crate::chain::Chain;
use crate::delivery::Delivery;
use crate::ending::Ending;
use crate::error::AuditError;
use crate::event::{Event, EventPlace};
use crate::facts::Facts;
use crate::process_counter::ProcessCounter;
use crate::recorded::{Operation, Recordable, Recorded};
use crate::refusals::Refusals;
use crate::refused_sign_in::RefusedSignIn;
use crate::sink::{AuditRules, AuditStartError};
use crate::sink_kind::{self, SinkKind};
use crate::step::{ApprovalStep, StepRecord};
use studio_acs_identity::RoleArn;
use studio_acs_log::{ALERT_TARGET, Log};
use studio_acs_refusal::{Alarm, LogMessage};

/// An intent whose outcome is still to be recorded, by [`AuditLog::record_outcome`].
#[derive(Debug)]
#[must_use = "an intent without an outcome is a riddle to whoever reads the record"]
pub struct OpenIntent {
    subject: Subject,
    missed: Vec<SinkKind>,
}

/// The subject of an intent.
#[derive(Debug)]
enum Subject {
    /// A call of AWS.
    Call(Box<Facts>, Operation),
    /// A step of a request for approval.
    Step(StepRecord),
}

impl Subject {
    fn outcome(&self, place: &EventPlace, ending: Ending, missed: &[SinkKind], now: UtcDateTime) -> Event {
        match self {
            Self::Call(facts, operation) => Event::outcome(facts, operation, place, ending, missed, now),
            Self::Step(step) => step.outcome(ending, missed, now),
        }
    }

    fn correlation(&self) -> &str {
        match self {
            Self::Call(facts, _) => &facts.correlation,
            Self::Step(step) => &step.correlation,
        }
    }

    fn user(&self) -> &str {
        match self {
            Self::Call(facts, _) => facts.person.name(),
            Self::Step(step) => &step.user,
        }
    }
}

/// The alert of a mint that a required sink did not confirm.
pub const MINTED_UNRECORDED: LogMessage = LogMessage {
    text: "minting without a record at every required sink, as configured",
    fields: &["code", "correlation_id", "reason", "user"],
    alarm: Some(Alarm::AuditFailed),
};

/// The alert of an approval's step that a required sink did not confirm.
pub const CONTINUED_UNRECORDED: LogMessage = LogMessage {
    text: "going on without a record at every required sink, as configured",
    fields: &["code", "correlation_id", "reason", "user"],
    alarm: Some(Alarm::AuditFailed),
};

/// The alert of an outcome that is on no record.
pub const OUTCOME_UNRECORDED: LogMessage = LogMessage {
    text: "the outcome could not be recorded",
    fields: &["correlation_id", "user"],
    alarm: Some(Alarm::AuditFailed),
};

/// The error of a process that ends with records that a sink has not taken.
pub const RECORDS_LOST: LogMessage = LogMessage {
    text: "the process ends with records that this audit sink did not take",
    fields: &["sink"],
    alarm: Some(Alarm::AuditFailed),
};

/// The alert of refusals, or counts of them, that are on no record.
pub const REFUSALS_UNRECORDED: LogMessage =
    LogMessage { text: "refusals could not be recorded", fields: &[], alarm: Some(Alarm::AuditFailed) };

/// The part of a sink's queue that refusals of verified users may fill, and that those of strangers may.
const USERS: usize = 2;
const STRANGERS: usize = 4;

/// How long a start waits at most until the sinks have the first record. A Lambda process is frozen after its start, and
/// may never go on.
const STARTED: Duration = Duration::from_secs(1);

/// Writes the records: one chain for the process, to the log and to every sink, in one order.
pub struct AuditLog {
    chain: Mutex<Chain>,
    refusals: Mutex<Refusals>,
    /// The log first.
    deliveries: Vec<Delivery>,
    rules: AuditRules,
    place: EventPlace,
}

/// The end of a write.
struct Written {
    end: u64,
    /// Whose queue was full.
    full: Vec<SinkKind>,
}

impl AuditLog {
    /// An audit log with a chain of its own, to this log and to the sinks. It delivers in tasks of the current runtime.
    /// `now` tells the time of a signature; `role` is the one that mints, whose account the user profiles are in.
    ///
    /// # Errors
    /// Where a sink's client cannot be set up, or the system has no randomness to name the chain by.
    ///
    /// # Panics
    /// Outside a Tokio runtime, if a sink is set.
    pub fn start(
        rules: AuditRules,
        sdk: &SdkConfig,
        role: Option<&RoleArn>,
        log: Log,
        now: impl Fn() -> UtcDateTime + Clone + Send + Sync + 'static,
    ) -> Result<Self, AuditStartError> {
        let chain = Chain::new(rules.seal_key.clone()).ok_or(AuditStartError::Randomness)?;
        let place = EventPlace::new(sdk, role, chain.id());
        let mut deliveries = vec![Delivery::log(log, rules.is_log_required())];
        for sink in &rules.sinks {
            let required = rules.required.contains(&sink.kind());
            let destination = sink.connect(sdk, rules.timeout, now.clone())?;
            deliveries.push(Delivery::start(destination, sink.kind(), required, rules.timeout));
        }
        Ok(Self { chain: Mutex::new(chain), refusals: Mutex::new(Refusals::new()), deliveries, rules, place })
    }

    /// The same audit log with a number of this counter's in its first record, which is written at once and given to the
    /// sinks: a number without a record would look like a process whose records were taken away. Where the counter cannot
    /// be reached, the first record says so when it is written. For the start of a process.
    pub async fn numbered(mut self, counter: &ProcessCounter, now: UtcDateTime) -> Self {
        let taken = counter.take(self.place.instance()).await;
        self.place = self.place.numbered(taken.as_ref().map_err(String::as_str));
        if let Err(reason) = taken {
            tracing::warn!(reason, "the process has no number: without its records nothing tells that it ran");
            return self;
        }
        if let Ok(written) = self.write([], now) {
            let deadline = self.deadline_within(STARTED);
            for delivery in &self.deliveries {
                delivery.reached(written.end, deadline).await;
            }
        }
        self
    }

    /// Records that this is about to be done, by the attempt of this correlation id, and waits until every
    /// required sink has confirmed it.
    ///
    /// # Errors
    /// [`AuditError`], unless the operator allows sign-ins without a record: then it is logged, and stands in the
    /// outcome.
    pub async fn record_intent<T: Recordable>(
        &self,
        value: T,
        correlation_id: &str,
        now: UtcDateTime,
    ) -> Result<(Recorded<T>, OpenIntent), AuditError> {
        let (facts, operation) = (value.facts(correlation_id), T::OPERATION);
        let intent = Event::intent(&facts, &operation, &self.place, now);
        let logon = operation.begins.then(|| Event::logon(&facts, &self.place, now));
        let subject = Subject::Call(Box::new(facts), operation);
        let open = self.begin(logon.into_iter().chain([intent]), subject, &MINTED_UNRECORDED, now).await?;
        Ok((Recorded::new(value), open))
    }

    /// Records a step of a request for approval that is about to be taken, and waits as for an intent.
    ///
    /// # Errors
    /// [`AuditError`], as [`record_intent`](Self::record_intent).
    pub async fn record_step(
        &self,
        step: &ApprovalStep<'_>,
        correlation_id: &str,
        now: UtcDateTime,
    ) -> Result<OpenIntent, AuditError> {
        let step = StepRecord::of(step, correlation_id, &self.place);
        self.begin([step.intent(now)], Subject::Step(step), &CONTINUED_UNRECORDED, now).await
    }

    /// Records the ending of the intent, and waits for the sinks, so that a process that is frozen or ends after its
    /// answer leaves nothing behind. A sink that fails gets the record later, while the process lives; the log says so.
    pub async fn record_outcome(&self, open: OpenIntent, ending: Ending, now: UtcDateTime) {
        let OpenIntent { subject, missed } = open;
        let (correlation_id, user) = (subject.correlation(), subject.user());
        let Ok(written) = self.write([subject.outcome(&self.place, ending, &missed, now)], now) else {
            return tracing::error!(target: ALERT_TARGET, correlation_id, user, "{OUTCOME_UNRECORDED}");
        };
        self.wait(&written).await;
        let late = self.missed(&written);
        if !late.is_empty() {
            let sinks = sink_kind::list(&late);
            tracing::warn!(target: ALERT_TARGET, correlation_id, user, sinks, "the record is not yet at every audit sink");
        }
        self.summarise(now);
    }

    /// Records that a sign-in was refused, or counts it where its sender has caused many, and waits as for an outcome. A
    /// refusal that the record of an outcome tells has no second one.
    pub async fn record_refusal(&self, refused: &RefusedSignIn<'_>, now: UtcDateTime) {
        let counted = self.counted(now, false);
        let parts = if refused.person.is_some() { USERS } else { STRANGERS };
        let is_admitted = self.refusals().admits(refused, self.has_spare_room(parts), now);
        let event = is_admitted.then(|| Event::refused(refused, &self.place, now));
        let Some(written) = self.write_refusals(event.into_iter().chain(counted).collect(), now) else { return };
        if is_admitted {
            self.wait(&written).await;
        }
    }

    /// Writes the counts of refusals that are due, and waits for no sink. A probe of a load balancer calls this, so that they
    /// are told without a sign-in.
    pub fn summarise(&self, now: UtcDateTime) {
        self.write_refusals(self.counted(now, false), now);
    }

    /// The counts of refusals that are due. They are kept while a required sink has fallen behind.
    fn counted(&self, now: UtcDateTime, at_end: bool) -> Vec<Event> {
        let is_time = at_end || self.has_spare_room(USERS);
        let due = if is_time { self.refusals().due(now, at_end) } else { Vec::new() };
        due.iter().map(|counted| Event::refused_often(counted, &self.place, now)).collect()
    }

    /// Writes refusals and counts of them, if there are any.
    fn write_refusals(&self, events: Vec<Event>, now: UtcDateTime) -> Option<Written> {
        if events.is_empty() {
            return None;
        }
        let written = self.append(events, now, |delivery| delivery.has_spare_room(USERS));
        if written.is_err() {
            tracing::error!(target: ALERT_TARGET, "{REFUSALS_UNRECORDED}");
        }
        written.ok()
    }

    fn refusals(&self) -> MutexGuard<'_, Refusals> {
        // It only counts: a panic leaves nothing half done.
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the sinks have what was written, except a best-effort one that fails or was not given all of it.
    async fn wait(&self, written: &Written) {
        let deadline = self.deadline();
        let has_all = |delivery: &Delivery| !delivery.is_failing() && !written.full.contains(&delivery.kind());
        for delivery in self.deliveries.iter().filter(|delivery| delivery.is_required() || has_all(delivery)) {
            delivery.reached(written.end, deadline).await;
        }
    }

    /// Writes the records of an intent, and waits until every required sink has confirmed them; where the operator
    /// allows it, goes on without, with this alert.
    async fn begin(
        &self,
        events: impl IntoIterator<Item = Event>,
        subject: Subject,
        unrecorded: &LogMessage,
        now: UtcDateTime,
    ) -> Result<OpenIntent, AuditError> {
        self.has_room()?;
        let written = self.write(events, now)?;
        let Some(error) = self.unconfirmed(&written).await else {
            return Ok(OpenIntent { subject, missed: Vec::new() });
        };
        let missed = self.missed(&written);
        if self.rules.allow_unrecorded {
            let (correlation_id, user, code) = (subject.correlation(), subject.user(), error.code());
            tracing::error!(target: ALERT_TARGET, correlation_id, user, code, reason = %error, "{unrecorded}");
            return Ok(OpenIntent { subject, missed });
        }
        let ending = Ending::NotDone { code: error.code(), reason: error.to_string() };
        // It follows the intent once the sink is back, so this need not wait.
        let _ = self.write([subject.outcome(&self.place, ending, &missed, now)], now);
        Err(error)
    }

    /// Whether the log does not keep sign-ins from being recorded: it is not required, it takes what is written, or the
    /// operator allows sign-ins without a record.
    pub fn is_ready(&self) -> bool {
        let keeps =
            |delivery: &Delivery| delivery.kind() == SinkKind::Log && delivery.is_required() && delivery.is_failing();
        self.rules.allow_unrecorded || !self.deliveries.iter().any(keeps)
    }

    /// Writes the counts of refusals, and waits until every sink has what was written, but not for longer than `limit`. For
    /// the end of a process.
    pub async fn flush(&self, limit: Duration, now: UtcDateTime) {
        self.write_refusals(self.counted(now, true), now);
        let Ok(end) = self.chain.lock().map(|chain| chain.end()) else { return };
        let deadline = Instant::now().checked_add(limit).unwrap_or_else(Instant::now);
        for delivery in &self.deliveries {
            if !delivery.reached(end, deadline).await {
                let sink = delivery.kind().as_str();
                tracing::error!(sink, "{RECORDS_LOST}");
            }
        }
    }

    /// Whether an intent and its outcome would find room at each required sink, so that no outcome is lost.
    fn has_room(&self) -> Result<(), AuditError> {
        let is_behind = |delivery: &&Delivery| delivery.is_required() && !delivery.has_room();
        match self.deliveries.iter().find(is_behind).map(Delivery::kind) {
            Some(sink) if !self.rules.allow_unrecorded => Err(AuditError::Behind { sink }),
            _ => Ok(()),
        }
    }

    /// Whether less than one of so many parts of each required sink's queue is filled.
    fn has_spare_room(&self, parts: usize) -> bool {
        self.deliveries.iter().all(|delivery| !delivery.is_required() || delivery.has_spare_room(parts))
    }

    /// Appends the events, to the log and to each sink's queue in the same order.
    fn write(&self, events: impl IntoIterator<Item = Event>, now: UtcDateTime) -> Result<Written, AuditError> {
        self.append(events, now, |_| true)
    }

    /// The same, to the sinks that may have them. The first record of the process is for all.
    fn append(
        &self,
        events: impl IntoIterator<Item = Event>,
        now: UtcDateTime,
        may_have: impl Fn(&Delivery) -> bool,
    ) -> Result<Written, AuditError> {
        let mut chain = self.chain.lock().map_err(|_| AuditError::Chain)?;
        let mut full = Vec::new();
        let first = (chain.end() == 0).then(|| Event::start(&self.place, now));
        for event in first.into_iter().chain(events) {
            let record = chain.append(event);
            for delivery in &self.deliveries {
                let is_taken = (record.sequence == 0 || may_have(delivery)) && delivery.enqueue(record.clone());
                if !is_taken && !full.contains(&delivery.kind()) {
                    full.push(delivery.kind());
                }
            }
        }
        Ok(Written { end: chain.end(), full })
    }

    /// Why a required sink has not confirmed what was written; `None` once all have.
    async fn unconfirmed(&self, written: &Written) -> Option<AuditError> {
        // The deliveries run side by side; to wait for one after the other takes as long as the slowest.
        let deadline = self.deadline();
        let mut first = None;
        for delivery in self.deliveries.iter().filter(|delivery| delivery.is_required()) {
            let sink = delivery.kind();
            if written.full.contains(&sink) {
                first.get_or_insert_with(|| AuditError::Unconfirmed { sink, reason: "its queue is full".to_owned() });
            } else if !delivery.reached(written.end, deadline).await {
                first.get_or_insert_with(|| AuditError::Unconfirmed { sink, reason: delivery.reason() });
            }
        }
        first
    }

    /// The sinks that have not confirmed what was written.
    fn missed(&self, written: &Written) -> Vec<SinkKind> {
        let behind = |delivery: &&Delivery| written.full.contains(&delivery.kind()) || !delivery.has(written.end);
        self.deliveries.iter().filter(behind).map(Delivery::kind).collect()
    }

    fn deadline(&self) -> Instant {
        self.deadline_within(self.rules.timeout)
    }

    /// The deadline of a sink, or an earlier one.
    fn deadline_within(&self, limit: Duration) -> Instant {
        Instant::now().checked_add(self.rules.timeout.min(limit)).unwrap_or_else(Instant::now)
    }
}

impl fmt::Debug for AuditLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditLog").field("rules", &self.rules).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
