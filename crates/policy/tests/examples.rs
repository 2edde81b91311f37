//! Every policy that is shipped, with its cases: all of them pass, and each policy decides one.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

use studio_acs_identity::GroupUse;
use studio_acs_policy::cases::{self, Outcome};
use studio_acs_policy::{Policies, Zone};

const ACCESS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/access");

#[test]
fn the_default_does_what_its_cases_say() {
    let policies = Policies::shipped(Zone::default()).unwrap();
    let outcomes = run("default", &policies);
    assert_eq!(cases::undecided(&outcomes, &policies), Vec::<&str>::new());
}

#[test]
fn every_example_does_what_its_cases_say_and_every_policy_of_it_decides_one() {
    let examples = names("examples", "cedar");
    assert_eq!(examples.len(), 8, "{examples:?}");
    for name in &examples {
        let path = format!("examples/{name}.cedar");
        let files = ["default.cedar", &path].map(|path| (path.to_owned(), read(path)));
        let policies = Policies::parse(&files, Zone::default()).unwrap();
        let outcomes = run(name, &policies);
        let of_default: Vec<_> = Policies::shipped(Zone::default()).unwrap().ids().map(str::to_owned).collect();
        let mut undecided = cases::undecided(&outcomes, &policies);
        undecided.retain(|id| !of_default.iter().any(|of_default| of_default == id));
        assert!(undecided.is_empty(), "{name}: no case is decided by {undecided:?}");
        assert!(outcomes.iter().any(Outcome::allowed) && !outcomes.iter().all(Outcome::allowed), "{name}");
    }
}

#[test]
fn all_examples_stand_beside_each_other() {
    let mut files = vec![("default.cedar".to_owned(), read("default.cedar"))];
    files.extend(names("examples", "cedar").iter().map(|name| (name.clone(), read(&format!("examples/{name}.cedar")))));
    Policies::parse(&files, Zone::default()).unwrap();
}

#[test]
fn no_cases_are_left_over() {
    let mut examples = names("examples", "cedar");
    examples.push("default".to_owned());
    examples.sort();
    assert_eq!(names("cases", "toml"), examples);
}

fn run(name: &str, policies: &Policies) -> Vec<Outcome> {
    let outcomes = cases::run(&read(&format!("cases/{name}.toml")), policies).unwrap();
    let failed: Vec<_> = outcomes.iter().filter(|outcome| !outcome.passed()).map(ToString::to_string).collect();
    assert!(failed.is_empty(), "{name}:\n{}", failed.join("\n"));
    outcomes
}

fn names(folder: &str, extension: &str) -> Vec<String> {
    let files = std::fs::read_dir(Path::new(ACCESS).join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<_> = files
        .filter(|file| file.extension().is_some_and(|found| found == extension))
        .map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(ACCESS).join(path)).unwrap()
}

#[test]
fn each_shipped_policy_says_what_it_makes_of_groups() {
    for (name, expected) in [
        // Membership in the entry's own group: the ledger found the entry by it.
        ("default", GroupUse::Unread),
        ("examples/change-ticket", GroupUse::Restricts),
        ("examples/four-eyes", GroupUse::Widens),
        ("examples/no-weekends", GroupUse::Unread),
        ("examples/short-sessions", GroupUse::Restricts),
    ] {
        let files = ["default".to_owned(), name.to_owned()].map(|name| format!("{name}.cedar"));
        let files: BTreeSet<_> = files.into_iter().map(|path| (path.clone(), read(&path))).collect();
        let policies = Policies::parse(&files.into_iter().collect::<Vec<_>>(), Zone::default()).unwrap();
        assert_eq!(policies.group_use(), expected, "{name}");
    }
}
