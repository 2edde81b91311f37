//! The form of an event's line: JSON that begins with its time, under the name that records have, too.

use std::fmt;

use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{Format, Json, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::line;

/// Writes `time` (milliseconds since 1970, as OCSF's records have it) and `timestamp` (RFC 3339) before the event's own
/// fields, all of them at the top.
pub(crate) struct LineFormat(Format<Json, ()>);

impl LineFormat {
    pub(crate) fn new() -> Self {
        Self(tracing_subscriber::fmt::format().json().flatten_event(true).without_time())
    }
}

impl<S, N> FormatEvent<S, N> for LineFormat
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut fields = String::new();
        self.0.format_event(context, Writer::new(&mut fields), event)?;
        let (time, timestamp) = line::now();
        let fields = fields.strip_prefix('{').ok_or(fmt::Error)?;
        write!(writer, "{{\"time\":{time},\"timestamp\":\"{timestamp}\",{fields}")
    }
}
