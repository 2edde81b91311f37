//! The README says what the code does: every setting with its default and range, every rule with its code.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use studio_acs::config::SETTINGS;
use studio_acs_saml::Check;

const README: &str = include_str!("../README.md");

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
    let rows: Vec<_> = README.lines().filter(|line| line.ends_with("` |")).collect();
    let places: Vec<_> = Check::ALL
        .iter()
        .map(|check| {
            let row = format!("| {} | `{}` |", check.rule(), check.code());
            rows.iter().position(|line| line.ends_with(&row)).unwrap_or_else(|| panic!("{row}"))
        })
        .collect();
    assert!(places.is_sorted(), "the table is in the order of the checks");
}
