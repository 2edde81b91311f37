//! Names under which groups may be, where the configured attribute or claim is absent: advice, and never a match.

use std::fmt;

use studio_acs_refusal::{likeness, list_beside};

/// The most names that are told.
const MOST_TOLD: usize = 4;

/// The most names that are looked at, and the most characters of one.
const MOST_LOOKED_AT: usize = 200;
const LONGEST: usize = 400;

/// Parts of the names that identity providers and issuers give to groups.
const WORDS: [&str; 6] = ["group", "role", "memberof", "membership", "entitlement", "authorit"];

/// The absence of the attribute or the claim that holds groups. Sign-ins keep the names; only a report compares them, by
/// `Display`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AbsentGroups {
    kind: &'static str,
    wanted: String,
    /// The names that are there, each with the one for people beside it.
    names: Vec<(String, Option<String>)>,
}

impl AbsentGroups {
    /// The absence of the `kind` `wanted` among these names.
    pub(crate) fn of(kind: &'static str, wanted: &str, names: &[(&str, Option<&str>)]) -> Self {
        let names = names.iter().take(MOST_LOOKED_AT);
        let names = names.map(|(name, friendly)| ((*name).to_owned(), friendly.map(str::to_owned))).collect();
        Self { kind, wanted: wanted.to_owned(), names }
    }
}

/// The names that may stand for it follow, those first that are most like it.
impl fmt::Display for AbsentGroups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} is absent", self.kind, self.wanted)?;
        let names: Vec<_> = self.names.iter().map(|(name, friendly)| (name.as_str(), friendly.as_deref())).collect();
        match near(&self.wanted, &names) {
            near if near.is_empty() => Ok(()),
            near => write!(f, ", beside {near}"),
        }
    }
}

/// The names that may stand for `wanted`, those first that are most like it, as `Groups (differs in case), which may hold
/// them`; empty where none may. A name has a second one for people beside it, where it has one.
pub(crate) fn near(wanted: &str, names: &[(&str, Option<&str>)]) -> String {
    let ranked = names.iter().take(MOST_LOOKED_AT).filter_map(|(name, friendly)| {
        let rank = [Some(*name), *friendly].into_iter().flatten().filter_map(|name| rank(wanted, name)).min()?;
        Some((rank, *name, *friendly))
    });
    let mut ranked: Vec<_> = ranked.collect();
    ranked.sort_by_key(|(rank, ..)| *rank);
    ranked.dedup_by_key(|(_, name, _)| *name);
    let told = ranked.into_iter().take(MOST_TOLD).map(|(_, name, friendly)| {
        let friendly = friendly.map_or_else(String::new, |name| format!(" ({})", list_beside(&[name], &[])));
        list_beside(&[name], &[wanted]) + &friendly
    });
    let told: Vec<_> = told.collect();
    if told.is_empty() { String::new() } else { format!("{}, which may hold them", told.join(", ")) }
}

/// How far `name` is from `wanted`; `None` where it names something else.
fn rank(wanted: &str, name: &str) -> Option<u8> {
    if name.chars().nth(LONGEST).is_some() {
        return None;
    }
    let has_word = |text: &str| WORDS.iter().any(|word| text.contains(word));
    if likeness(wanted, name).is_some() || letters(wanted) == letters(name) {
        Some(0)
    } else if last(wanted) == last(name) {
        Some(1)
    } else {
        has_word(&last(name)).then_some(2)
    }
}

/// The letters of the last part of a URI, a path or a prefixed name, in the singular.
fn last(name: &str) -> String {
    let parts = name.rsplit(['/', '#', ':', '.']).map(letters);
    let last = parts.into_iter().find(|part| !part.is_empty()).unwrap_or_default();
    last.strip_suffix('s').map_or(last.clone(), str::to_owned)
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_may_hold_groups_is_told_and_the_nearest_comes_first() {
        let oid = "urn:oid:1.3.6.1.4.1.5923.1.5.1.1";
        for (wanted, name, friendly, told) in [
            ("groups", "Groups", None, "Groups (differs in case), which may hold them"),
            ("groups", "group", None, "group, which may hold them"),
            ("groups", "groups\u{a0}", None, "groups\\u{a0} (differs in white space), which may hold them"),
            ("groups", "memberOf", None, "memberOf, which may hold them"),
            (
                "groups",
                "http://schemas.xmlsoap.org/claims/Group",
                None,
                "http://schemas.xmlsoap.org/claims/Group, which",
            ),
            ("groups", oid, Some("isMemberOf"), "urn:oid:1.3.6.1.4.1.5923.1.5.1.1 (isMemberOf), which"),
            ("http://schemas.xmlsoap.org/claims/Group", "groups", None, "groups, which may hold them"),
            ("groups", "cognito:groups", None, "cognito:groups, which may hold them"),
            ("groups", "realm_access.roles", None, "realm_access.roles, which may hold them"),
            ("realm_access/roles", "realm_access.roles", None, "realm_access.roles, which"),
            ("groups", "https://corp.example/user_groups", None, "https://corp.example/user_groups, which"),
        ] {
            let others = [("email", None), ("sub", None), (name, friendly), ("user-roles", None), ("sid", None)];
            let near = near(wanted, &others);
            let nearest = told.trim_end_matches(", which may hold them").trim_end_matches(", which");
            assert!(near.starts_with(nearest) && near.ends_with("which may hold them"), "{wanted}: {near}");
        }
        let told = |names| AbsentGroups::of("attribute", "groups", names).to_string();
        assert_eq!(told(&[("email", None)]), "attribute groups is absent");
        assert_eq!(
            told(&[("email", None), ("Groups", Some("roles"))]),
            "attribute groups is absent, beside Groups (differs in case) (roles), which may hold them"
        );
        let many: Vec<_> = (0..500).map(|number| format!("group-{number}")).collect();
        let many: Vec<_> = many.iter().map(|name| (name.as_str(), None)).collect();
        assert!(near("groups", &many).len() < 100, "a few are told");
    }
}
