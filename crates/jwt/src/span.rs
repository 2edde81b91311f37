//! How far a time is from now, in words: seconds look like a clock, hours like a time zone.

use studio_acs_refusal::instant;
use time::UtcDateTime;

/// Returns the time, and how long before or after `now` it is.
pub(crate) fn told(time: UtcDateTime, now: UtcDateTime) -> String {
    let difference = now.unix_timestamp().saturating_sub(time.unix_timestamp());
    let (span, side) = (difference.unsigned_abs(), if difference < 0 { "later" } else { "earlier" });
    // The greatest unit that it has twice.
    let units: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let (length, unit) = units.into_iter().find(|(length, _)| span >= length.saturating_mul(2)).unwrap_or((1, "s"));
    let count = span.checked_div(length).unwrap_or_default();
    format!("{}, {count} {unit} {side}", instant::format(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_its_greatest_unit() {
        let now = UtcDateTime::from_unix_timestamp(1_768_471_230).expect("a time");
        for (seconds, words) in [
            (0, "2026-01-15T10:00:30Z, 0 s earlier"),
            (-1, "2026-01-15T10:00:29Z, 1 s earlier"),
            (-119, "119 s earlier"),
            (-120, "2 min earlier"),
            (90, "90 s later"),
            (7_199, "119 min later"),
            (7_200, "2 h later"),
            (-172_800, "2 d earlier"),
            (i64::from(i32::MAX), " d later"),
        ] {
            let time = UtcDateTime::from_unix_timestamp(now.unix_timestamp() + seconds).expect("a time");
            assert!(told(time, now).contains(words), "{}", told(time, now));
        }
    }
}
