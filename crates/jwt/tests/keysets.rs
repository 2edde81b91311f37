//! Every key set of the manifest: the keys that tokens can be verified by, or why it is refused.

#![allow(missing_docs, clippy::expect_used, clippy::panic)]

#[allow(dead_code, unreachable_pub)]
#[path = "../../../fixtures/tokens.rs"]
mod tokens;

use std::collections::BTreeSet;

use studio_acs_jwt::{KeySet, KeySetError};
use tokens::KeySetRow;

#[test]
fn every_key_set_has_its_outcome() {
    let rows = tokens::key_sets();
    let names: BTreeSet<_> = rows.iter().map(|row| &row.name).collect();
    assert_eq!(names.len(), rows.len(), "a name is used twice");
    assert!(rows.len() >= 90, "the manifest is whole");
    let codes: BTreeSet<_> = rows.iter().map(|row| &*row.code).collect();
    assert_eq!(codes, BTreeSet::from(["accepted", "malformed", "no_key", "private", "same_id", "too_large"]));
    let wrong: Vec<_> = rows.iter().filter_map(differs).collect();
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn no_message_shows_a_private_key() {
    for row in tokens::key_sets().iter().filter(|row| row.code == "private") {
        let text = tokens::key_set(row);
        let error = KeySet::parse(&text).expect_err("private");
        let said = format!("{error} {error:?}");
        for value in text.split('"').filter(|value| value.len() > 100) {
            assert!(!said.contains(value), "{}: {said}", row.name);
        }
    }
}

fn differs(row: &KeySetRow) -> Option<String> {
    let outcome = KeySet::parse(&tokens::key_set(row));
    let code = outcome.as_ref().err().map_or("accepted", code);
    let kids: Vec<_> = outcome.iter().flat_map(KeySet::ids).map(|(id, _)| id).collect();
    let differs = code != row.code || kids != row.kids;
    differs.then(|| format!("{}: expected {} {:?}, got {code} {kids:?} ({})", row.name, row.code, row.kids, row.why))
}

fn code(error: &KeySetError) -> &'static str {
    match error {
        KeySetError::TooLarge => "too_large",
        KeySetError::Malformed(_) => "malformed",
        KeySetError::Private(_) => "private",
        KeySetError::SameId(_) => "same_id",
        KeySetError::NoKey(_) => "no_key",
        other => panic!("{other}"),
    }
}
