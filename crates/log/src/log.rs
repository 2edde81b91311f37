//! The [`Log`].

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tracing::{Level, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::format::LineFormat;
use crate::limit::Limiter;
use crate::line;
use crate::lines::{Lines, Taken};
use crate::output::{Output, StandardOutput};

/// How long a line may wait before the log counts as blocked.
const PATIENCE: Duration = Duration::from_secs(1);

/// The log. Clones write to the same one.
#[derive(Clone)]
pub struct Log(Arc<Inner>);

struct Inner {
    lines: Arc<Lines>,
    limiter: Arc<Mutex<Limiter>>,
    begun: Instant,
}

impl Log {
    /// A log on standard output.
    ///
    /// # Errors
    /// Where the system has no descriptor left.
    pub fn standard_output() -> io::Result<Self> {
        Ok(Self::to(StandardOutput::open()?))
    }

    /// A log on `output`.
    pub fn to(output: impl Output + 'static) -> Self {
        let (lines, limiter) = (Lines::on(Box::new(output)), Arc::new(Mutex::new(Limiter::new())));
        Self(Arc::new(Inner { lines, limiter, begun: Instant::now() }))
    }

    /// Makes this the log of the whole process. A second call in a process changes nothing.
    pub fn start(&self, level: Level) {
        // An error here means that logging has been started.
        let _ = self.subscriber(level).try_init();
    }

    /// A subscriber that logs the program's own events down to `level`, which is at least `info`, so that every attempt
    /// is logged, and those of other crates only down to `info`: below it the Lambda runtime writes whole events, and
    /// the AWS SDK whole answers. Events that any client can cause are limited (`limit.rs`).
    pub fn subscriber(&self, level: Level) -> impl Subscriber + Send + Sync + use<> {
        let level = level.max(Level::INFO);
        let wanted = filter_fn(move |event| {
            *event.level() <= if event.target().starts_with("studio_acs") { level } else { Level::INFO }
        });
        let lines = tracing_subscriber::fmt::layer()
            .event_format(LineFormat::new())
            .fmt_fields(JsonFields::new())
            .with_writer(self.clone());
        tracing_subscriber::registry().with(wanted).with(Limit(self.clone())).with(lines)
    }

    /// Writes a record, or lets it wait; `false` where too many wait already. It is confirmed once
    /// [`taken`](Self::taken) says that the log has reached `end`, which is higher for each record.
    pub fn record(&self, end: u64, text: &str) -> bool {
        self.0.lines.push(&line::ended(text), Some(end))
    }

    /// The lines taken so far.
    pub fn taken(&self) -> watch::Receiver<Taken> {
        self.0.lines.taken()
    }

    /// Whether the queue has room for a new record and for those that follow from it.
    pub fn has_room(&self) -> bool {
        self.0.lines.has_room()
    }

    /// Whether records fill less than one of so many `parts` of the room that intents have.
    pub fn has_spare_room(&self, parts: usize) -> bool {
        self.0.lines.has_spare_room(parts)
    }

    /// Whether lines wait that nothing takes: the last write failed, or it has waited for longer than a moment.
    pub fn is_blocked(&self) -> bool {
        self.0.lines.has_waited(PATIENCE)
    }

    /// The same, after what waits was set to be tried again, and a summary that is due was written. A probe of a load
    /// balancer calls this, so that a log recovers without a sign-in.
    pub fn probe(&self) -> bool {
        self.summarise(false);
        let is_blocked = self.is_blocked();
        self.0.lines.try_again();
        is_blocked
    }

    /// Waits until what was written so far is taken, but no longer than `limit`, and not at all while the log is blocked.
    pub async fn flush(&self, limit: Duration) {
        if !self.is_blocked() {
            let _ = tokio::time::timeout(limit, self.0.lines.drained()).await;
        }
    }

    /// Writes what was counted instead of written, and waits as [`flush`](Self::flush) does. For the end of a process.
    pub async fn finish(&self, limit: Duration) {
        self.summarise(true);
        self.flush(limit).await;
    }

    /// Whether the event may be written. A summary that is due is written first.
    fn admits(&self, event: &tracing::Event<'_>) -> bool {
        self.summarise(false);
        let mut limiter = self.0.limiter.lock().unwrap_or_else(PoisonError::into_inner);
        limiter.admits(event, self.0.begun.elapsed())
    }

    fn summarise(&self, at_end: bool) {
        let mut limiter = self.0.limiter.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = limiter.due(self.0.begun.elapsed(), at_end);
        drop(limiter);
        for summary in counted {
            self.0.lines.push(&summary.line(), None);
        }
    }
}

/// The limit as a layer: what it does not admit, no other layer sees.
struct Limit(Log);

impl<S: Subscriber> Layer<S> for Limit {
    fn event_enabled(&self, event: &tracing::Event<'_>, _: Context<'_, S>) -> bool {
        self.0.admits(event)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.lines.end();
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Event<'a>;

    fn make_writer(&'a self) -> Self::Writer {
        Event(&self.0.lines)
    }
}

/// Takes one event, which comes as one write.
pub struct Event<'a>(&'a Arc<Lines>);

impl Write for Event<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A line without room is counted.
        self.0.push(bytes, None);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Log")
    }
}
