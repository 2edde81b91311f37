//! Causes of times that do not fit.

use ::time::Duration;
use studio_acs_refusal::instant;
use studio_acs_saml::{Check, Rejection};

use super::SamlContext;
use crate::report::cause::{Cause, causes};

causes! {
    ZONE = "time_zone", ["expired", "not_yet_valid"],
        "the times differ by whole hours: one of the two clocks is set to local time, or a capture is as old",
        "set both clocks to UTC by NTP; the identity provider must write UTC, and not its local time with a Z; for a capture, --at the time of capture";
    LATELY = "expired_lately", ["expired"],
        "the response ended some minutes ago: the user waited on a page, or a clock is wrong",
        "let the user sign in again; if it happens to many, set the clocks right by NTP; for a capture, --at the time of capture";
    OLD = "capture_old", ["expired"],
        "the response ended long ago: it is a capture, a bookmark, or was sent again by a browser that was reopened",
        "use a fresh response; for a capture, --at the time of capture";
    AGE = "older_than_max_age", ["expired"],
        "the response is valid by its own times, and older than STUDIO_ACS_MAX_AGE",
        "use a fresh response (for a capture, --at the time of capture); if users need longer at the portal, raise STUDIO_ACS_MAX_AGE";
    NO_END = "confirmation_without_end", ["expired"],
        "the bearer confirmation does not say when it ends, as SAML 2.0 demands",
        "let the identity provider set NotOnOrAfter on SubjectConfirmationData";
    SESSION_OVER = "idp_session_over", ["expired"],
        "the session at the identity provider had ended (SessionNotOnOrAfter)",
        "let the user sign in to the portal again; for a capture, --at the time of capture";
    MINUTES = "clock_skew", ["not_yet_valid"],
        "the response is some seconds or minutes ahead of our clock",
        "set both clocks right by NTP, or raise STUDIO_ACS_SKEW (at most 300)";
    EARLY = "time_far_ahead", ["not_yet_valid"],
        "the response is far ahead of our clock: the clock is wrong, or --at is before the capture",
        "set the clocks right by NTP; for a capture, --at the time of capture";
    OFFSET = "time_with_offset", ["malformed_assertion"],
        "a time has an offset such as +00:00, where SAML 2.0 has Z",
        "let the identity provider write times in UTC with a Z";
    LOCAL = "time_without_zone", ["malformed_assertion"],
        "a time has no zone",
        "let the identity provider write times in UTC with a Z";
    MALFORMED = "time_malformed", ["malformed_assertion"],
        "a time is not written as SAML 2.0 has it, such as 2026-01-15T10:00:00Z",
        "let the identity provider write times in UTC with a Z";
}

/// Returns the cause of a time that is over, not yet there, or cannot be read.
pub(super) fn cause(rejection: &Rejection, context: &SamlContext<'_>) -> &'static Cause {
    let Some(found) = instant::parse(rejection.found()) else { return of_text(rejection) };
    if rejection.check() == Check::SessionNotOnOrAfter {
        return &SESSION_OVER;
    }
    let away = context.now.map(|now| Duration::seconds(now.unix_timestamp().saturating_sub(found.unix_timestamp())));
    let is_over = matches!(rejection.code(), "expired");
    match (is_over, away) {
        (_, Some(away)) if is_whole_hours(away) && rejection.check() != Check::Age => &ZONE,
        (true, Some(away)) if rejection.check() == Check::Age && away <= Duration::hours(24) => &AGE,
        (true, Some(away)) if away <= Duration::minutes(30) => &LATELY,
        (true, _) => &OLD,
        (false, Some(away)) if away >= Duration::minutes(-30) => &MINUTES,
        (false, _) => &EARLY,
    }
}

/// Whether the difference is that of a time zone: whole or half hours, less the minutes by which the bound is after or before
/// the sign-in.
fn is_whole_hours(away: Duration) -> bool {
    let seconds = away.whole_seconds().unsigned_abs();
    let (half_hours, rest) = (seconds / 1800, seconds % 1800);
    let nearest = if rest >= 1440 { half_hours.saturating_add(1) } else { half_hours };
    (2..=28).contains(&nearest) && (rest <= 60 || rest >= 1440)
}

fn of_text(rejection: &Rejection) -> &'static Cause {
    let found = rejection.found();
    let time = found.split_once('T').map_or("", |(_, time)| time);
    if rejection.check() == Check::ConfirmationNotOnOrAfter {
        &NO_END
    } else if time.contains(['+', '-']) {
        &OFFSET
    } else if !time.is_empty() && time.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.')) {
        &LOCAL
    } else {
        &MALFORMED
    }
}
