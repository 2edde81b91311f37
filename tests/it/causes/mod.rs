//! Each cause has an input: what was found leads to the cause that a person would name, with its fix.
//!
//! A row is a cause's name and an input. To add a cause: declare it in its file of `src/report/cause`, and add a row here.

mod code;
mod keys;
mod metadata;
mod saml;
mod texts;
mod token;

use std::collections::BTreeSet;

use studio_acs::http::codes::codes;
use studio_acs::report::cause::{Cause, all};
use studio_acs::report::check::Item;

/// Asserts that a row leads to its cause, and that the cause explains the code.
fn assert_cause(name: &str, found: Option<&Cause>, code: &str, input: &str) -> Result<(), String> {
    match found {
        Some(cause) if cause.name != name => Err(format!("{input}: expected {name}, found {} for {code}", cause.name)),
        Some(cause) if !cause.codes.contains(&code) => Err(format!("{input}: {name} does not explain {code}")),
        Some(_) => Ok(()),
        None => Err(format!("{input}: expected {name}, found no cause for {code}")),
    }
}

#[test]
fn each_cause_is_reached() {
    let tried: BTreeSet<_> = saml::tried()
        .chain(token::tried())
        .chain(keys::tried())
        .chain(code::tried())
        .chain(metadata::tried())
        .chain(texts::tried())
        .collect();
    let causes: Vec<_> = all().into_iter().flat_map(|(_, causes)| causes).collect();
    let names: BTreeSet<_> = causes.iter().map(|cause| cause.name).collect();
    assert_eq!(names.len(), causes.len(), "names are unique");
    let untried: Vec<_> = names.difference(&tried).collect();
    assert!(untried.is_empty(), "no row leads to {untried:?}");
}

#[test]
fn each_code_has_a_cause_and_no_cause_has_another_code() {
    let codes: BTreeSet<_> = codes().into_iter().map(|code| code.rule.code).collect();
    let explained: BTreeSet<_> =
        all().into_iter().flat_map(|(_, causes)| causes).flat_map(|cause| cause.codes.iter().copied()).collect();
    let items = [Item::Metadata, Item::Ledger, Item::Policy].map(Item::id);
    let with_items: BTreeSet<_> = codes.into_iter().chain(items).collect();
    assert_eq!(with_items, explained);
}

/// One line each: `verify` prints them so, and the page has sentences.
#[test]
fn causes_are_written_as_the_reports_print_them() {
    for cause in all().into_iter().flat_map(|(_, causes)| causes) {
        let Cause { name, meaning, fix, .. } = cause;
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'), "{name}");
        for text in [meaning, fix] {
            assert!(!text.is_empty() && !text.ends_with('.') && !text.contains(['\n', '|']), "{name}: {text}");
            let first = text.split(' ').next().unwrap_or_default();
            assert!(!["what", "who", "of", "that"].contains(&&*first.to_lowercase()), "{name}: {text}");
        }
    }
}
