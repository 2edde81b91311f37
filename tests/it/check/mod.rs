//! `studio-acs check`: what is misconfigured gives its line and its fix, and what is well gives none.

mod answers;
mod command;
mod offline;
mod online;
mod settings;
mod texts;
mod tokens;
mod world;

use std::collections::BTreeSet;

use studio_acs::Config;
use studio_acs::report::check::{Checklist, Finding, Item, Read, Severity};
use studio_acs_refusal::instant;
use time::UtcDateTime;

const NOW: &str = "2026-01-15T10:00:00Z";
const REGION: &str = "eu-central-1";
const ACS_URL: &str = "https://abc123.execute-api.eu-central-1.amazonaws.com/prod/saml";
const AUDIENCE: &str = "https://abc123.execute-api.eu-central-1.amazonaws.com/";

/// The line that a misconfiguration must give.
struct Line {
    item: Item,
    severity: Severity,
    /// Words of what is found, and of the fix.
    words: &'static str,
    fix: &'static str,
}

fn line(item: Item, severity: Severity, words: &'static str, fix: &'static str) -> Line {
    Line { item, severity, words, fix }
}

/// A configuration in which all is well, but for these settings.
fn config(changed: &[(&str, &str)]) -> Config {
    Config::read(|setting| well(setting.name, changed)).expect("a configuration")
}

/// A setting of it.
fn well(name: &str, changed: &[(&str, &str)]) -> Option<String> {
    let metadata = fixtures::manifest::path("metadata/identity-center.xml").display().to_string();
    let well = [
        ("metadata", metadata.as_str()),
        ("audience", AUDIENCE),
        ("acs-url", ACS_URL),
        ("allowed-domains", "d-well,d-abcdefghijkl"),
        ("replay-table", "assertions"),
        ("rate-table", "rates"),
        ("names", "shared"),
    ];
    changed.iter().chain(&well).find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
}

async fn offline(config: &Config, region: Option<&str>, now: UtcDateTime) -> Checklist {
    Checklist::offline(config, &Read::of(config, false, now).await, region, now)
}

fn at(text: &str) -> UtcDateTime {
    instant::parse(text).expect("a time")
}

/// Asserts that what is not well is `expected` and nothing else, each with its words and its fix, in text and in JSON.
fn assert_lines(name: &str, checklist: &Checklist, expected: &[Line]) {
    let text = checklist.to_string();
    let bad: Vec<&Finding> = checklist.findings().iter().filter(|f| f.severity() > Severity::Skipped).collect();
    let ids = |items: &mut dyn Iterator<Item = Item>| items.map(Item::id).collect::<BTreeSet<_>>();
    let found = ids(&mut bad.iter().map(|finding| finding.item()));
    assert_eq!(found, ids(&mut expected.iter().map(|line| line.item)), "{name}:\n{text}");
    for Line { item, severity, words, fix } in expected {
        let finding = bad.iter().find(|finding| finding.item() == *item).expect("it is there");
        assert_eq!(finding.severity(), *severity, "{name}:\n{text}");
        assert!(finding.found().contains(words), "{name}: `{words}`:\n{text}");
        assert!(finding.fix().expect("a fix").contains(fix), "{name}: `{fix}`:\n{text}");
        assert!(text.contains(&format!("      fix  {}\n", finding.fix().expect("a fix"))), "{name}:\n{text}");
        let json = checklist.json();
        let row = json["findings"]
            .as_array()
            .expect("a list")
            .iter()
            .find(|row| row["id"] == item.id() && row["fix"].is_string());
        assert_eq!(row.expect("a row")["severity"], severity.name(), "{name}");
    }
    assert_first(name, checklist, expected);
    let verdict = if expected.iter().any(|line| line.severity == Severity::Error) {
        "errors"
    } else if expected.is_empty() {
        "ok"
    } else {
        "warnings"
    };
    assert_eq!(checklist.json()["verdict"], verdict, "{name}:\n{text}");
}

/// Asserts that the first line that is not ✓ is one of the heaviest that are `expected`, with its fix below it.
fn assert_first(name: &str, checklist: &Checklist, expected: &[Line]) {
    let Some(worst) = expected.iter().map(|line| line.severity).max() else { return };
    let text = checklist.to_string();
    let mut lines = text.lines().skip_while(|line| !line.starts_with("  ") || line.starts_with("  ✓"));
    let (first, fix) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let leads = |line: &Line| {
        line.severity == worst
            && first.contains(line.item.what())
            && first.contains(line.words)
            && fix.contains(line.fix)
    };
    assert!(expected.iter().any(leads), "{name}: {first}\n{fix}\n{text}");
}

#[test]
fn ids_are_unique_and_each_item_is_misconfigured_somewhere() {
    let ids: BTreeSet<_> = Item::ALL.iter().map(|item| item.id()).collect();
    assert_eq!(ids.len(), Item::ALL.len());
    let tried: BTreeSet<_> = offline::tried()
        .chain(online::tried())
        .chain(tokens::tried())
        .chain(settings::tried())
        .chain(texts::tried())
        .chain(command::tried())
        .map(Item::id)
        .collect();
    let not_tried: Vec<_> = ids.difference(&tried).collect();
    assert!(not_tried.is_empty(), "{not_tried:?}");
}
