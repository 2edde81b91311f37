//! The page that says until when an approver may decide.

use studio_acs_refusal::instant;
use time::UtcDateTime;

use super::Page;
use studio_acs_broker::Pending;
use studio_acs_html::template;

template! {
    struct Waiting<'a> = include_str!("pending.html"); {
        message: &'a str,
        until: &'a str,
        readable: &'a str,
    }
}

/// Returns the page, with what the policy says.
pub(super) fn page(pending: &Pending, message: &str) -> Page<'static> {
    let (until, readable) = (instant::format(pending.until), readable(pending.until));
    Page::new("Approval is asked for", Waiting { message, until: &until, readable: &readable }.html())
}

/// A time as people read it, in UTC: the user's time zone is unknown.
fn readable(at: UtcDateTime) -> String {
    format!("{:02}:{:02} UTC on {} {} {}", at.hour(), at.minute(), at.day(), at.month(), at.year())
}
