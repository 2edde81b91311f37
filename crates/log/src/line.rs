//! Lines that the log writes of itself, in the shape of the others.

use std::time;

use serde_json::{Map, Value};
use tracing::Level;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};

/// A line of JSON with its end.
pub(crate) fn ended(text: &str) -> Vec<u8> {
    let mut line = Vec::with_capacity(text.len().saturating_add(1));
    line.extend_from_slice(text.as_bytes());
    line.push(b'\n');
    line
}

/// Returns the time: in milliseconds since 1970, and as RFC 3339 has it.
pub(crate) fn now() -> (u64, String) {
    let since = time::SystemTime::now().duration_since(time::UNIX_EPOCH).unwrap_or_default();
    let mut timestamp = String::new();
    // A line without this text is better than none.
    let _ = SystemTime.format_time(&mut Writer::new(&mut timestamp));
    (u64::try_from(since.as_millis()).unwrap_or_default(), timestamp)
}

/// An event of the log's own.
pub(crate) fn own<const N: usize>(level: Level, message: &str, fields: [(&str, Value); N]) -> Vec<u8> {
    let (time, timestamp) = now();
    let first = [
        ("time", Value::from(time)),
        ("timestamp", timestamp.into()),
        ("level", level.as_str().into()),
        ("message", message.into()),
    ];
    let all = first.into_iter().chain(fields).chain([("target", "studio_acs::log".into())]);
    let event: Map<String, Value> = all.map(|(name, value)| (name.to_owned(), value)).collect();
    ended(&Value::Object(event).to_string())
}
