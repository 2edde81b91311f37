//! The page that lets a user choose one of several entries.

use super::{Frame, Page};
use studio_acs_html::{Html, template};
use studio_acs_ledger::Entitlement;

template! {
    struct Choose<'a> = include_str!("choose.html"); {
        action: &'a str,
        csrf_token: &'a str,
        choices: Html,
    }
}

template! {
    struct Choice<'a> = include_str!("choice.html"); {
        id: &'a str,
        title: &'a str,
        place: &'a str,
        first: Html,
    }
}

/// Returns the page with these entries, the one that was chosen last at the head.
pub(super) fn page(several: &[Entitlement], frame: &Frame<'_>) -> Page<'static> {
    let choose =
        Choose { action: &frame.action(), csrf_token: frame.csrf_token, choices: choices(several, frame.last_choice) };
    Page::new("Choose a Studio profile", choose.html()).with_fact("Signed in as", frame.user)
}

fn choices(several: &[Entitlement], last_choice: Option<&str>) -> Html {
    let is_last = |entitlement: &&Entitlement| Some(entitlement.id()) == last_choice;
    let last = several.iter().filter(is_last);
    let others = several.iter().filter(|entitlement| !is_last(entitlement));
    let list = last.chain(others).enumerate().map(|(at, entitlement)| {
        let place = format!("{} in {}", entitlement.profile(), entitlement.domain());
        let first = Html::constant(if at == 0 { " autofocus" } else { "" });
        Choice { id: entitlement.id(), title: entitlement.title(), place: &place, first }.html()
    });
    list.collect()
}
