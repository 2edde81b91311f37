//! Every key set of the manifest: the keys that tokens can be verified by, or why it is refused.

#![allow(missing_docs, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use fixtures::tokens::{self, KeySetRow};
use studio_acs_jwt::{KeySet, KeySetDocument, KeySetError};

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

#[test]
fn rsa_with_a_small_exponent_is_left_out_and_named() {
    for (name, exponent) in [("beside/rsa-e3", 3), ("beside/rsa-e257", 257)] {
        let rows = tokens::key_sets();
        let row = rows.iter().find(|row| row.name == name).expect("a row");
        let document = KeySetDocument::read(&tokens::key_set(row)).expect("a key set");
        let [fault @ KeySetError::Exponent { exponent: found, .. }] = document.faults() else { panic!("{name}") };
        assert!(*found == exponent && fault.is_weakness() && document.keys().ids().count() == 1, "{fault}");
        assert_eq!(document.whole().expect("the other one is good").keys().ids().count(), 1);
    }
}

/// A reader that has keys already believes a set that it can read: above all, that a key is gone.
#[test]
fn what_is_wrong_with_one_key_says_nothing_of_another() {
    let with_faults = |code: &str| {
        let rows = tokens::key_sets();
        let rows = rows.into_iter().filter(|row| row.code == code).map(|row| tokens::key_set(&row));
        rows.map(|text| KeySetDocument::read(&text).expect("a key set")).collect::<Vec<_>>()
    };
    for document in with_faults("private") {
        assert!(document.faults().iter().any(|fault| matches!(fault, KeySetError::Private(_))));
        assert!(document.whole().is_err());
    }
    assert!(with_faults("private").iter().any(|document| document.keys().ids().count() == 1), "beside a good key");
    for document in with_faults("same_id") {
        let [KeySetError::SameId(id)] = document.faults() else { panic!("one fault") };
        assert!(!document.keys().has(id), "neither of the two");
    }
    assert!(with_faults("no_key").iter().all(|document| document.keys().ids().count() == 0));
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
