//! The one writer: every line in one order. A line is written by whoever brings it, where nothing waits and the output
//! takes it at once; else it is queued, and a thread writes it.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use studio_acs_refusal::{Alarm, LogMessage};
use tokio::sync::watch;
use tracing::Level;

use crate::line;
use crate::output::Output;

/// The first line after nothing took the log's lines.
pub const BLOCKED: LogMessage = LogMessage {
    text: "the log was blocked, and is written again",
    fields: &["lines_left_out", "reason"],
    alarm: Some(Alarm::AuditFailed),
};

/// How many bytes of the program's own lines wait at most. One more is left out, and counted.
const MOST_LINES: usize = 1 << 20;
/// How many bytes of records wait at most.
const MOST_RECORDS: usize = 8 << 20;
/// How many may wait where another intent is begun: the rest is for the outcomes of those that are under way.
const MOST_INTENTS: usize = 4 << 20;
/// How much one `write(2)` is given.
const BATCH: usize = 64 << 10;

/// The lines that the output has taken.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    /// Every record below this number is written.
    pub end: u64,
    /// How many lines that had to wait are written.
    drained: u64,
    /// Why the last write failed, until one succeeds.
    pub failing: Option<Unwritten>,
}

/// A write that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwritten {
    /// Why.
    pub reason: Arc<str>,
    /// No record below this number is written, unless [`Taken::end`] says so.
    pub end: u64,
}

pub(crate) struct Lines {
    output: Box<dyn Output>,
    queue: Mutex<Queue>,
    work: Condvar,
    taken: watch::Sender<Taken>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Line>,
    /// How much of the first line is written.
    written: usize,
    /// How many bytes of lines and of records wait.
    lines: usize,
    records: usize,
    /// How many lines ever waited.
    queued: u64,
    /// Since when the output has taken nothing of what waits.
    since: Option<Instant>,
    /// Why the last write failed, since the queue was last empty.
    failed: Option<String>,
    left_out: u64,
    has_thread: bool,
    is_to_be_tried: bool,
    has_ended: bool,
}

#[derive(Debug)]
struct Line {
    text: Vec<u8>,
    record: Option<u64>,
}

impl Lines {
    pub(crate) fn on(output: Box<dyn Output>) -> Arc<Self> {
        let (queue, work, taken) = (Mutex::default(), Condvar::new(), watch::Sender::default());
        Arc::new(Self { output, queue, work, taken })
    }

    pub(crate) fn taken(&self) -> watch::Receiver<Taken> {
        self.taken.subscribe()
    }

    /// Writes a line with its end, or queues it; `false` if the queue has no room.
    pub(crate) fn push(self: &Arc<Self>, text: &[u8], record: Option<u64>) -> bool {
        let mut queue = self.queue();
        let mut written = 0;
        if queue.waiting.is_empty() {
            written = self.output.write_at_once(text);
            if written >= text.len() {
                self.has_taken(record, 0);
                return true;
            }
        }
        if written == 0 && !queue.fits(text.len(), record.is_some()) {
            queue.left_out = queue.left_out.saturating_add(1);
            return false;
        }
        queue.append(Line { text: text.to_vec(), record }, written);
        self.have_tried(queue);
        true
    }

    /// Whether an intent may be begun.
    pub(crate) fn has_room(&self) -> bool {
        self.queue().records < MOST_INTENTS
    }

    /// Whether records fill less than this part of the room of intents.
    pub(crate) fn has_spare_room(&self, parts: usize) -> bool {
        self.queue().records < MOST_INTENTS.checked_div(parts).unwrap_or_default()
    }

    /// Whether something waits that the last write failed on, or for longer than this.
    pub(crate) fn has_waited(&self, limit: Duration) -> bool {
        let queue = self.queue();
        let since = queue.since.filter(|_| !queue.waiting.is_empty());
        since.is_some_and(|since| queue.failed.is_some() || since.elapsed() >= limit)
    }

    /// Has what waits tried again.
    pub(crate) fn try_again(self: &Arc<Self>) {
        let queue = self.queue();
        if !queue.waiting.is_empty() {
            self.have_tried(queue);
        }
    }

    /// Waits until the output has taken what waits now, or failed.
    pub(crate) async fn drained(&self) {
        let (waits, queued) = {
            let queue = self.queue();
            (!queue.waiting.is_empty(), queue.queued)
        };
        if waits {
            let _ = self.taken().wait_for(|taken| taken.failing.is_some() || taken.drained >= queued).await;
        }
    }

    /// Ends the thread.
    pub(crate) fn end(&self) {
        self.queue().has_ended = true;
        self.work.notify_one();
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn have_tried(self: &Arc<Self>, mut queue: MutexGuard<'_, Queue>) {
        queue.is_to_be_tried = true;
        if !queue.has_thread {
            let lines = Arc::clone(self);
            let thread = std::thread::Builder::new().name("log".to_owned()).spawn(move || lines.drain());
            match thread {
                Ok(_) => queue.has_thread = true,
                Err(error) => self.has_failed(&mut queue, &error),
            }
        }
        drop(queue);
        self.work.notify_one();
    }

    /// The thread: writes what waits, and stops after a failure until it is told to try again.
    fn drain(&self) {
        let mut batch = Vec::new();
        let mut queue = self.queue();
        loop {
            while !queue.is_to_be_tried && !queue.has_ended {
                queue = self.work.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
            if queue.has_ended {
                return;
            }
            queue.is_to_be_tried = false;
            while queue.batch(&mut batch) {
                drop(queue);
                let outcome = self.output.write(&batch);
                queue = self.queue();
                match outcome {
                    Ok(written) => {
                        let (record, lines) = queue.advance(written);
                        self.has_taken(record, lines);
                    }
                    Err(error) => {
                        self.has_failed(&mut queue, &error);
                        break;
                    }
                }
            }
        }
    }

    /// Lines that waited, or a record, are written. Told under the queue's lock, so that it is told in order.
    fn has_taken(&self, record: Option<u64>, lines: u64) {
        if record.is_none() && lines == 0 {
            return;
        }
        self.taken.send_modify(|taken| {
            taken.end = record.unwrap_or(taken.end);
            taken.drained = taken.drained.saturating_add(lines);
            taken.failing = None;
        });
    }

    /// A line that waits was not written, and so none behind it.
    fn has_failed(&self, queue: &mut Queue, error: &io::Error) {
        let reason = error.to_string();
        let end = queue.waiting.iter().rev().find_map(|line| line.record).unwrap_or_default();
        self.taken.send_modify(|taken| taken.failing = Some(Unwritten { reason: reason.as_str().into(), end }));
        queue.failed = Some(reason);
    }
}

impl Queue {
    fn fits(&self, length: usize, is_record: bool) -> bool {
        let (waits, most) = if is_record { (self.records, MOST_RECORDS) } else { (self.lines, MOST_LINES) };
        waits.saturating_add(length) <= most
    }

    fn append(&mut self, line: Line, written: usize) {
        if self.waiting.is_empty() {
            self.written = written;
            self.since = Some(Instant::now());
        }
        *self.weight(&line) = self.weight(&line).saturating_add(line.text.len());
        self.queued = self.queued.saturating_add(1);
        self.waiting.push_back(line);
    }

    fn weight(&mut self, line: &Line) -> &mut usize {
        if line.record.is_some() { &mut self.records } else { &mut self.lines }
    }

    /// Fills `batch` with the next lines, if any wait. Once none do, a note says how many were lost.
    fn batch(&mut self, batch: &mut Vec<u8>) -> bool {
        if self.waiting.is_empty() {
            self.since = None;
            let (failed, left_out) = (self.failed.take(), std::mem::take(&mut self.left_out));
            if failed.is_some() || left_out > 0 {
                let reason = failed.unwrap_or_else(|| "nothing took it".to_owned());
                let fields = [("lines_left_out", left_out.into()), ("reason", reason.into())];
                let note = line::own(Level::ERROR, BLOCKED.text, fields);
                self.append(Line { text: note, record: None }, 0);
            }
        }
        batch.clear();
        let mut skipped = self.written;
        for line in &self.waiting {
            batch.extend(line.text.iter().skip(std::mem::take(&mut skipped)));
            if batch.len() >= BATCH {
                break;
            }
        }
        !batch.is_empty()
    }

    /// So many bytes of what waits are written: up to which record, and how many lines.
    fn advance(&mut self, mut written: usize) -> (Option<u64>, u64) {
        let (mut record, mut lines) = (None, 0_u64);
        while let Some(line) = self.waiting.front() {
            let left = line.text.len().saturating_sub(self.written);
            if written < left {
                self.written = self.written.saturating_add(written);
                break;
            }
            written = written.saturating_sub(left);
            self.written = 0;
            if let Some(line) = self.waiting.pop_front() {
                *self.weight(&line) = self.weight(&line).saturating_sub(line.text.len());
                record = line.record.or(record);
                lines = lines.saturating_add(1);
            }
        }
        self.since = Some(Instant::now());
        (record, lines)
    }
}

#[cfg(test)]
mod tests;
