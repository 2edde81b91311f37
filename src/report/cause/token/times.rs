//! Causes of a token that is over, or from the future.

use studio_acs_jwt::{Check, Rejection};

use crate::report::cause::{Cause, causes};

causes! {
    JUST_EXPIRED = "token_just_expired", ["token_expired"],
        "the token expired a moment ago: the portal sent one that it had kept to the last second, or the clocks differ",
        "let the portal renew a token a minute before its exp; if it was new, set the clocks right, or raise STUDIO_ACS_SKEW (at most 300)";
    LIFETIME_FOR_TIME = "token_exp_is_a_lifetime", ["token_expired"],
        "exp is in the year 1970: the issuer wrote how long the token lasts, and not until when",
        "let the issuer write exp as seconds since 1970";
    EXPIRED = "token_over", ["token_expired"],
        "the token has expired",
        "let the portal get a new token by its refresh token; for a capture, --at the time of capture";
    CLOCK = "token_clock_ahead", ["token_not_yet_valid"],
        "the token is from the future by a little: the issuer's clock is ahead of ours, or ours is behind",
        "set the clocks right, or raise STUDIO_ACS_SKEW (at most 300); for a capture, --at the time of capture";
    TIME_ZONE = "token_local_time", ["token_not_yet_valid"],
        "the token is from the future by about whole hours: a program took local time for UTC",
        "let the issuer write times in UTC, and look at the time zone of its clock and of ours";
    EARLY = "token_early", ["token_not_yet_valid"],
        "the token is from the future, by our clock",
        "set the clocks right; if the token is valid later on purpose (nbf), use it then; for a capture, --at the time of capture";
    OLD = "token_old", ["token_expired"],
        "the token is older than STUDIO_ACS_TOKEN_MAX_AGE, and has not expired: its issuer's tokens live longer, as those of Entra ID (up to 90 min) and django-oauth-toolkit (10 h)",
        "raise STUDIO_ACS_TOKEN_MAX_AGE to the seconds that tokens live, or let the issuer make them shorter; for a capture, --at the time of capture";
}

/// Returns the cause of a refusal of these rules.
pub(super) fn cause(rejection: &Rejection) -> &'static Cause {
    let found = rejection.found();
    let (_, span) = found.rsplit_once(", ").unwrap_or_default();
    match rejection.check() {
        Check::NotExpired if found.starts_with("1970-") => &LIFETIME_FOR_TIME,
        Check::NotExpired if span.contains(" s ") => &JUST_EXPIRED,
        Check::NotExpired => &EXPIRED,
        Check::Age => &OLD,
        _ if span.contains(" s ") || (span.contains(" min ") && !is_of_a_zone(span)) => &CLOCK,
        _ if span.contains(" min ") || span.contains(" h ") => &TIME_ZONE,
        _ => &EARLY,
    }
}

/// Whether a span of minutes is one by which zones differ: half an hour at least, less what a message takes.
fn is_of_a_zone(span: &str) -> bool {
    span.split_once(' ').and_then(|(count, _)| count.parse::<u32>().ok()).is_some_and(|minutes| minutes >= 25)
}
