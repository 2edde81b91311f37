//! Logs: one JSON object a line on standard output, which CloudWatch Logs takes as it is.

use tracing::{Level, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts logging to standard output. A second call changes nothing.
pub fn start(level: Level) {
    // An error here means that logging has been started.
    let _ = subscriber(level, std::io::stdout).try_init();
}

/// What is logged: our own events down to `level`, which is at least `info`, so that every attempt is on record, and
/// those of other crates down to `info` alone: below it the Lambda runtime writes whole events, and the AWS SDK whole
/// answers.
pub fn subscriber<W>(level: Level, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let level = level.max(Level::INFO);
    let wanted = filter_fn(move |event| {
        *event.level() <= if event.target().starts_with("studio_acs") { level } else { Level::INFO }
    });
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(writer);
    tracing_subscriber::registry().with(wanted).with(lines)
}
