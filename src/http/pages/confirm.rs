//! The page that asks whether a sign-in is its user's.

use super::{Frame, Page};
use studio_acs_html::template;

template! {
    struct Confirm<'a> = include_str!("confirm.html"); {
        user: &'a str,
        action: &'a str,
        csrf_token: &'a str,
    }
}

/// Returns the page.
pub(super) fn page(frame: &Frame<'_>) -> Page<'static> {
    let confirm = Confirm { user: frame.user, action: &frame.action(), csrf_token: frame.csrf_token };
    Page::new("Is this you?", confirm.html()).with_fact("Signed in by", frame.issuer)
}
