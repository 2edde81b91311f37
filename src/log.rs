//! Logs: one JSON object a line on standard output, which CloudWatch Logs takes as it is.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::fmt::format::{Format, Json, JsonFields, Writer};
use tracing_subscriber::fmt::time::SystemTime;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::broker::audit::LOG_TARGET;

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
    let json = tracing_subscriber::fmt::format().json().flatten_event(true);
    let lines =
        tracing_subscriber::fmt::layer().event_format(Lines(json)).fmt_fields(JsonFields::new()).with_writer(writer);
    tracing_subscriber::registry().with(wanted).with(lines)
}

/// Events as JSON; records as the lines they are, so that their fingerprints are of what stands in the log.
struct Lines(Format<Json, SystemTime>);

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        if event.metadata().target() != LOG_TARGET {
            return self.0.format_event(context, writer, event);
        }
        let mut line = Record(String::new());
        event.record(&mut line);
        writeln!(writer, "{}", line.0)
    }
}

struct Record(String);

impl Visit for Record {
    fn record_str(&mut self, _: &Field, value: &str) {
        value.clone_into(&mut self.0);
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}
