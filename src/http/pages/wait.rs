//! The page that waits while a user profile is being made.
//!
//! The one page with a script. A refresh every few seconds would take the page away from whoever reads it slowly or by ear
//! (WCAG 2.2.1, 2.2.4). A request that the server holds would need no script, but would keep one of the function's
//! concurrent executions for each user who waits. So the script asks how far the profile is, and leaves the page once there
//! is news; the page's policy knows the script by its hash. Without scripts, the link does the same by hand.

use super::{Frame, Page};
use studio_acs_html::template;
use studio_acs_ledger::Entitlement;

/// Asks every three seconds.
pub(super) const SCRIPT: &str = include_str!("wait.js");

template! {
    struct Wait<'a> = include_str!("wait.html"); {
        title: &'a str,
        profile: &'a str,
        action: &'a str,
    }
}

/// Returns the page.
pub(super) fn page(entitlement: &Entitlement, frame: &Frame<'_>) -> Page<'static> {
    let action = format!("{}?csrf_token={}", frame.action(), frame.csrf_token);
    let wait = Wait { title: entitlement.title(), profile: entitlement.profile().as_str(), action: &action };
    Page::new("Your Studio profile is being made", wait.html()).with_fact("Signed in as", frame.user).running(SCRIPT)
}
