//! The page that asks for a ticket's number.

use super::{Frame, Page};
use studio_acs_html::template;
use studio_acs_ledger::Entitlement;

template! {
    struct Ticket<'a> = include_str!("ticket.html"); {
        message: &'a str,
        action: &'a str,
        csrf_token: &'a str,
        title: &'a str,
    }
}

/// Returns the page, with what the policy says.
pub(super) fn page(entitlement: &Entitlement, message: &str, frame: &Frame<'_>) -> Page<'static> {
    let ticket = Ticket { message, action: &frame.action(), csrf_token: frame.csrf_token, title: entitlement.title() };
    Page::new("What is it for?", ticket.html()).with_fact("Signed in as", frame.user)
}
