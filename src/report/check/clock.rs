//! Our clock: plausible by itself, or compared with AWS's.

use studio_acs_refusal::instant;
use time::{Duration, UtcDateTime};

use super::finding::Finding;
use super::item::Item;

/// The time of writing, before which this cannot run: 2025-01-01, in seconds since 1970.
const WRITTEN: i64 = 1_735_689_600;
/// The `Date` of an answer has whole seconds.
const RESOLUTION: Duration = Duration::SECOND;

const FIX: &str =
    "set the clock, by NTP: chrony or systemd-timesyncd; the Amazon Time Sync Service is at 169.254.169.123";

/// Judges the clock without any call.
pub(super) fn plausible(now: UtcDateTime) -> Finding {
    let found = instant::format(now);
    if !is_plausible(now) {
        return Finding::error(Item::Clock, format!("{found} is before this program was written"), FIX);
    }
    Finding::skipped(Item::Clock, format!("{found}, compared with nobody's"), "--online compares it with AWS's")
}

/// Whether the time is not before this program was written.
pub(super) fn is_plausible(now: UtcDateTime) -> bool {
    now.unix_timestamp() >= WRITTEN
}

/// Judges a comparison: `ahead` is our clock less AWS's.
pub(super) fn compared(ahead: Option<Duration>, skew: Duration) -> Finding {
    let Some(ahead) = ahead else {
        return Finding::skipped(Item::Clock, "no answer of AWS's said the time", "see what AWS is not asked below");
    };
    let apart = ahead.abs().saturating_sub(RESOLUTION).max(Duration::ZERO);
    let direction = if ahead.is_negative() { "behind" } else { "ahead of" };
    let found =
        format!("{} s {direction} AWS's; the skew allowed is {} s", apart.whole_seconds(), skew.whole_seconds());
    if apart > skew {
        Finding::error(Item::Clock, found, FIX)
    } else if apart > skew.checked_div(2).unwrap_or(skew) {
        Finding::warning(Item::Clock, found, FIX)
    } else {
        Finding::ok(Item::Clock, found)
    }
}
