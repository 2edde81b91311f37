//! The README says what the code does: every setting with its default and range, every rule with its code. SECURITY.md
//! says which attacks are tried, and what stops them.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::unwrap_used)]

#[allow(dead_code, unreachable_pub)]
#[path = "../fixtures/manifest.rs"]
mod manifest;

use std::collections::{BTreeMap, BTreeSet};

use studio_acs::config::SETTINGS;
use studio_acs::report::check::Item;
use studio_acs_saml::Check;

const README: &str = include_str!("../README.md");
const CHECK: &str = include_str!("../docs/check.md");
const SECURITY: &str = include_str!("../SECURITY.md");

#[test]
fn every_setting_stands_in_the_table() {
    for setting in SETTINGS {
        let default = match setting.default {
            None => "**required**".to_owned(),
            Some("") => String::new(),
            Some(default) => format!("`{default}`"),
        };
        let row = format!(
            "| `{}` | `--{}` | {default} | {} | {} |",
            setting.variable(),
            setting.name,
            setting.range,
            setting.meaning
        );
        assert!(README.lines().any(|line| line.replace("|  |", "| |") == row.replace("|  |", "| |")), "{row}");
    }
}

#[test]
fn every_rule_stands_in_the_table_in_order() {
    let saml = Check::ALL.iter().map(|check| (check.rule(), check.code()));
    let jwt = studio_acs_jwt::Check::ALL.iter().map(|check| (check.rule(), check.code()));
    let rows: Vec<_> = README.lines().filter(|line| line.ends_with("` |")).collect();
    let places: Vec<_> = saml
        .chain(jwt)
        .map(|(rule, code)| {
            let row = format!("| {rule} | `{code}` |");
            rows.iter().position(|line| line.ends_with(&row)).unwrap_or_else(|| panic!("{row}"))
        })
        .collect();
    assert!(places.is_sorted(), "the table is in the order of the checks");
}

#[test]
fn every_item_of_check_stands_in_its_table_in_order() {
    let places = Item::ALL.iter().map(|item| {
        let row = format!("| {} | {} | `{}` | ", item.subject().name(), item.what(), item.id());
        CHECK.lines().position(|line| line.starts_with(&row)).unwrap_or_else(|| panic!("{row}"))
    });
    assert!(places.is_sorted(), "the table is in the order of the report");
}

#[test]
fn every_family_of_attacks_stands_in_the_table_with_its_codes() {
    let mut families = BTreeMap::<_, Vec<_>>::new();
    // Every attack goes through SAML sign-in; not all of them make sense to the library or the command.
    for row in manifest::rows("http") {
        if let (Some(family), Some(code)) = (row.family, row.code) {
            families.entry(family).or_default().push(code);
        }
    }
    let attacks = families.values().map(Vec::len).sum::<usize>();
    assert!(SECURITY.contains(&format!("\n{attacks} attacks, ")), "{attacks} attacks");
    for (family, codes) in families {
        let start = format!("| `{family}` | {} | ", codes.len());
        let line = SECURITY.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("{start}"));
        let listed: BTreeSet<_> = line.split(" | ").nth(3).unwrap_or_default().split(", ").collect();
        let expected: Vec<_> = codes.iter().map(|code| format!("`{code}`")).collect();
        assert_eq!(listed, expected.iter().map(String::as_str).collect(), "{family}");
    }
}
