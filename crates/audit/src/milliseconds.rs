//! Instants as OCSF writes them.

use time::UtcDateTime;

/// Returns milliseconds since 1970.
pub(crate) fn milliseconds(time: UtcDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}
