//! The requests for approval, as an approver is shown them.

use crate::broker::{ApprovalTerms, Review};
use crate::http::template::{Slot, fill};

const REQUEST: &str = include_str!("../pages/request.html");
const FACT: &str = "<dt>{{name}}</dt>\n<dd>{{fact}}</dd>\n";

/// The list of requests, each with its two buttons.
pub(super) fn html(requests: &[Review]) -> String {
    let list = requests.iter().map(|request| {
        let (profile, facts) = (&request.terms.profile, facts_html(&request.terms));
        let slots = [
            ("id", Slot::Text(&request.id)),
            ("who", Slot::Text(&request.who)),
            ("title", Slot::Text(&profile.title)),
            ("facts", Slot::Html(&facts)),
        ];
        fill(REQUEST, &slots)
    });
    list.collect()
}

/// The terms of an approval, for an approver to read: where it leads, its purpose, and how long.
fn facts_html(terms: &ApprovalTerms) -> String {
    let (profile, provision) = (&terms.profile, terms.provision.as_ref());
    let place = format!("{} in {}", profile.profile, profile.domain);
    let most = format!("{} minutes", terms.session_seconds / 60);
    let facts = [
        ("Ticket", terms.ticket_number.as_deref()),
        ("Profile", Some(&*place)),
        ("Account", profile.account.as_deref()),
        ("Region", profile.region.as_deref()),
        ("Role", terms.role.as_deref()),
        ("Execution role of a new profile", provision.map(|provision| &*provision.execution_role)),
        ("Deep link", terms.deep_link.as_deref()),
        ("Space", terms.space.as_deref()),
        ("Page", terms.landing.as_deref()),
        ("At most", Some(&*most)),
        ("Ledger entry", Some(&*profile.entry)),
    ];
    let list = facts.into_iter().filter_map(|(name, fact)| Some((name, fact?)));
    list.map(|(name, fact)| fill(FACT, &[("name", Slot::Text(name)), ("fact", Slot::Text(fact))])).collect()
}
