//! docs/threats.md says which attacks are tried, and which codes refuse them.

use std::collections::{BTreeMap, BTreeSet};

use fixtures::manifest;

const THREATS: &str = include_str!("../../docs/threats.md");

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
    assert!(THREATS.contains(&format!("\n{attacks} attacks, ")), "{attacks} attacks");
    for (family, codes) in families {
        let start = format!("| `{family}` | {} | ", codes.len());
        let line = THREATS.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("{start}"));
        let listed: BTreeSet<_> = line.split(" | ").nth(3).unwrap_or_default().split(", ").collect();
        let expected: Vec<_> = codes.iter().map(|code| format!("`{code}`")).collect();
        assert_eq!(listed, expected.iter().map(String::as_str).collect(), "{family}");
    }
}
