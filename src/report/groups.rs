//! Policies that read groups, and where they do not do what their author intends.

use std::collections::BTreeSet;

use studio_acs_identity::{GroupUse, folded};
use studio_acs_policy::{Policies, Rule};
use studio_acs_refusal::is_plain;

/// The policies that give more to a user whose groups are not known than to a member.
pub fn restricting(policies: &Policies) -> impl Iterator<Item = &str> {
    policies.rules().iter().filter(|rule| rule.restricts_members()).map(Rule::id)
}

/// The consequence of a group value that names no group, in words.
pub fn unusable(policies: &Policies) -> String {
    let needing = policies.rules().iter().filter(|rule| rule.group_use() == GroupUse::Restricts).map(Rule::id);
    match (policies.group_use(), needing.collect::<Vec<_>>().join(", ")) {
        (GroupUse::Unread, _) => "no policy reads groups".to_owned(),
        (GroupUse::Widens, _) => "unusable group values are skipped".to_owned(),
        (GroupUse::Restricts, ids) => format!("unusable group values are refused, since {ids} needs all of them"),
    }
}

/// Why `rule` may not do what its author intends, in a sentence each. `entries` are the groups that the ledger's
/// entries are for.
pub fn warnings(rule: &Rule, policies: &Policies, entries: &BTreeSet<&str>) -> Vec<String> {
    let restricts = rule.restricts_members().then(|| {
        "a person whose groups are absent gets more by it than a member: STUDIO_ACS_REQUIRE_GROUPS=on refuses such sign-ins".to_owned()
    });
    let misspelt = rule.groups().filter_map(|group| {
        let other = other_case(group, policies, entries)?;
        Some(format!("group {group:?} differs from {other:?} by case only, and groups are compared letter for letter"))
    });
    restricts.into_iter().chain(misspelt).collect()
}

/// Every pair of spellings of a group, in policies or in entries, that differ by case or spaces only.
pub fn misspelt(policies: &Policies, entries: &BTreeSet<&str>) -> Vec<(String, String)> {
    let named = policies.rules().iter().flat_map(Rule::groups).chain(entries.iter().copied());
    let visible =
        |group: &str| folded(&group.chars().filter(|c| !c.is_whitespace() && is_plain(*c)).collect::<String>());
    let named: BTreeSet<_> = named.map(|group| (visible(group), group)).collect();
    let pairs = named.iter().zip(named.iter().skip(1)).filter(|((one, _), (next, _))| one == next);
    pairs.map(|((_, one), (_, next))| ((*one).to_owned(), (*next).to_owned())).collect()
}

/// Another spelling of `group`: that of an entry, unless an entry has this one; or else that of a policy.
fn other_case<'a>(group: &str, policies: &'a Policies, entries: &BTreeSet<&'a str>) -> Option<&'a str> {
    if entries.contains(group) {
        return None;
    }
    let named = policies.rules().iter().flat_map(Rule::groups);
    entries.iter().copied().chain(named).find(|other| *other != group && folded(other) == folded(group))
}
