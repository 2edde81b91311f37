//! The page with the requests for approval, as an approver is shown them.

use super::{Frame, Page};
use studio_acs_broker::{ApprovalTerms, EarlierDenial, Review};
use studio_acs_html::{Html, template};
use studio_acs_refusal::instant;

template! {
    struct Requests<'a> = include_str!("review.html"); {
        action: &'a str,
        csrf_token: &'a str,
        requests: Html,
    }
}

template! {
    struct Request<'a> = include_str!("request.html"); {
        who: &'a str,
        title: &'a str,
        facts: Html,
        id: &'a str,
    }
}

template! {
    struct Nothing<'a> = include_str!("again.html"); {
        action: &'a str,
        csrf_token: &'a str,
    }
}

template! {
    struct Fact<'a> = "<dt>{{name}}</dt>\n<dd>{{fact}}</dd>\n"; {
        name: &'a str,
        fact: &'a str,
    }
}

/// Returns the page with these requests, each with its two buttons.
pub(super) fn page(requests: &[Review], frame: &Frame<'_>) -> Page<'static> {
    let (action, csrf_token) = (format!("{}review", frame.base), frame.csrf_token);
    let body = if requests.is_empty() {
        Nothing { action: &action, csrf_token }.html()
    } else {
        Requests { action: &action, csrf_token, requests: requests.iter().map(request).collect() }.html()
    };
    Page::new("Requests for approval", body).with_fact("Signed in as", frame.user)
}

fn request(Review { id, who, terms, denials }: &Review) -> Html {
    let facts = denials.iter().map(denial).chain([facts(terms)]).collect();
    Request { who, title: &terms.profile.title, facts, id }.html()
}

/// A denial that holds for this user and entry.
fn denial(EarlierDenial { by, at, until }: &EarlierDenial) -> Html {
    let (at, until) = (instant::format(*at), instant::format(*until));
    let fact = format!("by {by} at {at}: nothing of this entry can be approved until {until}");
    Fact { name: "Denied already", fact: &fact }.html()
}

/// The terms of an approval, for a person to read: where it leads, for what, and how long.
fn facts(terms: &ApprovalTerms) -> Html {
    let (profile, provision) = (&terms.profile, terms.provision.as_ref());
    let place = format!("{} in {}", profile.profile, profile.domain);
    let most = format!("{} minutes", terms.session_seconds / 60);
    let facts = [
        // Whose name the user's is, where several issuers give names.
        ("Issuer", profile.issuer.as_deref()),
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
    list.map(|(name, fact)| Fact { name, fact }.html()).collect()
}
