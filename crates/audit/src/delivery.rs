//! One sink's queue and its consumer: the log's own writer, or a task.
//!
//! A task's records go out in batches, one batch at a time, so that their order stays and a slow sink is not a queue of
//! single calls. Records that a sink did not take are kept, and tried again before the next ones.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tracing::instrument::WithSubscriber as _;

use crate::chain::Record;
use crate::sink::Destination;
use crate::sink_kind::SinkKind;
use crate::undelivered::Undelivered;
use studio_acs_log::{Log, Taken};
use studio_acs_refusal::{Alarm, LogMessage};

/// The error of a sink that does not take records, required or not.
pub const SINK_FAILS: LogMessage = LogMessage {
    text: "the audit sink does not take records: they are kept for it",
    fields: &["reason", "required", "sink"],
    alarm: Some(Alarm::AuditFailed),
};

/// How many records wait for one sink at most: some minutes of sign-ins, in some megabytes.
const BACKLOG: usize = 10_000;
/// How many go out in one call. Firehose takes 500, Datadog 1000.
const BATCH: usize = 200;
/// The pause after a failure. It doubles while nothing new comes.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A sink, with the records that wait for it.
#[derive(Debug)]
pub(crate) struct Delivery {
    kind: SinkKind,
    required: bool,
    context: Way,
}

#[derive(Debug)]
enum Way {
    Log(Log, watch::Receiver<Taken>),
    Task(mpsc::Sender<Record>, watch::Receiver<State>),
}

#[derive(Debug, Default)]
struct State {
    /// Every record below this number that was queued is delivered.
    end: u64,
    /// Why the last call failed, until one succeeds.
    failing: Option<Arc<str>>,
}

impl Delivery {
    /// The log, which is written at once where that can be.
    pub(crate) fn log(log: Log, required: bool) -> Self {
        let taken = log.taken();
        Self { kind: SinkKind::Log, required, context: Way::Log(log, taken) }
    }

    /// Starts the task. It ends when this is dropped.
    pub(crate) fn start(destination: Destination, kind: SinkKind, required: bool, timeout: Duration) -> Self {
        let (queue, records) = mpsc::channel(BACKLOG);
        let (state, states) = watch::channel(State::default());
        // A call that hangs leaves time for another one.
        let patience = timeout.checked_div(2).unwrap_or(timeout);
        let worker = Worker { destination, kind, required, patience, records, state };
        tokio::spawn(worker.run().with_current_subscriber());
        Self { kind, required, context: Way::Task(queue, states) }
    }

    pub(crate) fn kind(&self) -> SinkKind {
        self.kind
    }

    pub(crate) fn is_required(&self) -> bool {
        self.required
    }

    /// Whether it takes nothing as things are.
    pub(crate) fn is_failing(&self) -> bool {
        match &self.context {
            Way::Log(log, _) => log.is_blocked(),
            Way::Task(_, state) => state.borrow().failing.is_some(),
        }
    }

    /// Why no confirmation came.
    pub(crate) fn reason(&self) -> String {
        match &self.context {
            Way::Log(_, taken) => match &taken.borrow().failing {
                Some(unwritten) => unwritten.reason.to_string(),
                None => "nothing took it in time".to_owned(),
            },
            Way::Task(_, state) => state.borrow().failing.as_deref().unwrap_or("no answer in time").to_owned(),
        }
    }

    /// Whether the queue has room for an intent and for the records that follow from it. A task says so only when it is
    /// given the record.
    pub(crate) fn has_room(&self) -> bool {
        match &self.context {
            Way::Log(log, _) => log.has_room(),
            Way::Task(..) => true,
        }
    }

    /// Whether less than one of so many `parts` of the queue is filled: records that no operation waits for leave the rest to
    /// those that one does.
    pub(crate) fn has_spare_room(&self, parts: usize) -> bool {
        match &self.context {
            Way::Log(log, _) => log.has_spare_room(parts),
            Way::Task(queue, _) => {
                BACKLOG.saturating_sub(queue.capacity()) < BACKLOG.checked_div(parts).unwrap_or_default()
            }
        }
    }

    /// Whether the queue had room for the record.
    pub(crate) fn enqueue(&self, record: Record) -> bool {
        match &self.context {
            Way::Log(log, _) => log.record(record.sequence.saturating_add(1), &record.text),
            Way::Task(queue, _) => queue.try_send(record).is_ok(),
        }
    }

    /// Whether every record below `end` that was queued is delivered.
    pub(crate) fn has(&self, end: u64) -> bool {
        match &self.context {
            Way::Log(_, taken) => taken.borrow().end >= end,
            Way::Task(_, state) => state.borrow().end >= end,
        }
    }

    /// Waits until it is, at most until the deadline. A write that failed is not waited for: the next record tries it
    /// again.
    pub(crate) async fn reached(&self, end: u64, deadline: Instant) -> bool {
        if self.has(end) {
            return true;
        }
        let waited = async {
            match &self.context {
                Way::Log(_, taken) => {
                    let has_failed = |taken: &Taken| taken.failing.as_ref().is_some_and(|failed| failed.end >= end);
                    taken.clone().wait_for(|taken| taken.end >= end || has_failed(taken)).await.is_ok()
                }
                Way::Task(_, state) => state.clone().wait_for(|state| state.end >= end).await.is_ok(),
            }
        };
        matches!(tokio::time::timeout_at(deadline, waited).await, Ok(true)) && self.has(end)
    }
}

struct Worker {
    destination: Destination,
    kind: SinkKind,
    required: bool,
    patience: Duration,
    records: mpsc::Receiver<Record>,
    state: watch::Sender<State>,
}

impl Worker {
    async fn run(mut self) {
        let (mut batch, mut pause, mut end) = (Vec::<Record>::new(), FIRST_PAUSE, 0);
        loop {
            if batch.is_empty() && self.records.recv_many(&mut batch, BATCH).await == 0 {
                return;
            }
            while batch.len() < BATCH
                && let Ok(record) = self.records.try_recv()
            {
                batch.push(record);
            }
            // The rest of a batch may end before the part that was taken of it.
            end = batch.last().map_or(0, |record| record.sequence.saturating_add(1)).max(end);
            let delivered = tokio::time::timeout(self.patience, self.destination.deliver(&batch)).await;
            match delivered.unwrap_or_else(|_| Err(Undelivered::all("no answer in time"))) {
                Ok(()) => {
                    self.succeeded(end);
                    batch.clear();
                    pause = FIRST_PAUSE;
                }
                Err(Undelivered { reason, left }) => {
                    self.failed(&reason);
                    let mut left = left.unwrap_or_default().into_iter();
                    batch.retain(|_| left.next().unwrap_or(true));
                    tokio::time::sleep(FIRST_PAUSE).await;
                    // A sign-in that waits for a new record must know at once whether the sink is back.
                    if batch.len() < BATCH {
                        tokio::select! {
                            () = tokio::time::sleep(pause) => pause = pause.saturating_mul(2).min(LONGEST_PAUSE),
                            record = self.records.recv() => match record {
                                Some(record) => batch.push(record),
                                None => return,
                            },
                        }
                    } else {
                        tokio::time::sleep(FIRST_PAUSE).await;
                    }
                }
            }
        }
    }

    fn succeeded(&self, end: u64) {
        let mut was_failing = false;
        self.state.send_modify(|state| {
            was_failing = state.failing.take().is_some();
            state.end = end;
        });
        if was_failing {
            tracing::info!(sink = self.kind.as_str(), "the audit sink takes records again");
        }
    }

    fn failed(&self, reason: &str) {
        let mut was_failing = false;
        self.state.send_modify(|state| was_failing = state.failing.replace(reason.into()).is_some());
        if !was_failing {
            let (sink, required) = (self.kind.as_str(), self.required);
            tracing::error!(sink, required, reason, "{SINK_FAILS}");
        }
    }
}

#[cfg(test)]
mod tests;
