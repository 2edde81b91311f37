//! The explanation for a user without an entitlement: the groups that came, and those that the ledger has.

use std::collections::HashMap;

use studio_acs_identity::Groups;
use studio_acs_refusal::{likeness, list_beside};

/// The most entries of the user that are told of.
const MOST_ENTRIES: usize = 3;

/// The most groups that are searched for near misses, and the most characters of one.
const MOST_SEARCHED: usize = 1_000;
const LONGEST: usize = 400;

/// The forms in which identity providers name groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GroupForm {
    /// A GUID, or a SID of Windows.
    Id,
    /// `CN=risk,OU=Groups`, of LDAP and Active Directory.
    DistinguishedName,
    /// `/data/risk`, of Keycloak.
    Path,
    /// `CORP\risk` or `risk@corp.example`, of Windows and AD FS.
    InDomain,
    Name,
}

impl GroupForm {
    fn in_words(self) -> &'static str {
        match self {
            Self::Id => "an ID",
            Self::DistinguishedName => "a distinguished name",
            Self::Path => "a path",
            Self::InDomain => "a name with a domain",
            Self::Name => "a name",
        }
    }
}

/// Returns why no entry of the `known` groups is for one of `groups`, in words.
pub fn explain_groups(groups: &Groups, known: &[&str]) -> String {
    explain(std::iter::empty(), groups, Some(known))
}

/// Returns why nothing is given: the user's `entries` that do not hold now, in words, their groups, and the `known` groups of
/// the ledger, those first that are most alike; `None` where not all of the ledger was read.
pub(crate) fn explain(entries: impl Iterator<Item = String>, groups: &Groups, known: Option<&[&str]>) -> String {
    let mut parts: Vec<_> = entries.take(MOST_ENTRIES).collect();
    let came: Vec<_> = groups.names().iter().map(String::as_str).collect();
    parts.extend(near_miss(&came, known.unwrap_or_default()));
    parts.push(match (came.is_empty(), groups.absence()) {
        (true, None) => "no group came".to_owned(),
        (true, Some(absence)) => format!("no group came: {absence}"),
        (false, _) => format!("groups that came: {}", list_beside(&came, known.unwrap_or_default())),
    });
    if groups.unusable() > 0 {
        parts.push(groups.unusable_in_words());
    }
    match known {
        None => {}
        Some([]) => parts.push("the ledger has no entry for a group".to_owned()),
        Some(known) => {
            parts.push(format!("groups of the ledger: {}", list_beside(known, &came)));
            parts.extend(other_form(&came, known).map(str::to_owned));
        }
    }
    parts.join("; ")
}

/// Returns a group that came and one of the ledger that name one group in two forms.
fn near_miss(came: &[&str], known: &[&str]) -> Option<String> {
    let known: HashMap<_, _> =
        known.iter().take(MOST_SEARCHED).rev().filter_map(|name| Some((short(name)?, *name))).collect();
    came.iter().take(MOST_SEARCHED).find_map(|name| {
        let other = known.get(&short(name)?).filter(|other| *other != name && likeness(name, other).is_none())?;
        let (form, other_form) = (form(name).in_words(), form(other).in_words());
        let (name, other) = (list_beside(&[name], &[other]), list_beside(&[other], &[name]));
        Some(format!("{form} came, {name}, and the ledger has {other_form}, {other}"))
    })
}

/// The name in a longer form of it, in small letters; `None` for an ID.
fn short(name: &str) -> Option<String> {
    if name.chars().nth(LONGEST).is_some() {
        return None;
    }
    let last = match form(name) {
        GroupForm::Id => None,
        GroupForm::DistinguishedName => {
            let first = name.split(',').next().unwrap_or_default();
            first.split_once('=').map(|(_, value)| value.trim())
        }
        GroupForm::Path => name.trim_end_matches('/').rsplit('/').next(),
        GroupForm::InDomain => {
            let name = name.rsplit('\\').next().unwrap_or_default();
            name.split('@').next()
        }
        GroupForm::Name => Some(name),
    };
    last.filter(|last| !last.is_empty()).map(str::to_lowercase)
}

/// Returns how the groups that came are named, where the ledger names none so.
fn other_form(came: &[&str], known: &[&str]) -> Option<&'static str> {
    let joins = |name: &str| name.split([',', ';']).map(str::trim).any(|part| part != name && known.contains(&part));
    if came.iter().any(|name| form(name) != GroupForm::DistinguishedName && joins(name)) {
        return Some("several groups came in one value");
    }
    let has = |names: &[&str], wanted| names.iter().any(|name| form(name) == wanted);
    if has(came, GroupForm::Id) && !has(known, GroupForm::Id) {
        Some("IDs came, and the ledger has names")
    } else if has(came, GroupForm::DistinguishedName) && !has(known, GroupForm::DistinguishedName) {
        Some("distinguished names came, and the ledger has others")
    } else if has(came, GroupForm::Name)
        && known.iter().all(|name| matches!(form(name), GroupForm::Id | GroupForm::DistinguishedName))
    {
        Some("names came, and the ledger has IDs or distinguished names")
    } else {
        None
    }
}

fn form(name: &str) -> GroupForm {
    let is_guid = |text: &str| {
        text.split('-').map(str::len).eq([8, 4, 4, 4, 12])
            && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
    };
    let is_distinguished = |name: &str| {
        let first = name.split('=').next().unwrap_or_default().trim();
        let is_known = ["cn", "ou", "uid"].into_iter().any(|known| first.eq_ignore_ascii_case(known));
        name.split(',').all(|part| part.contains('=')) && (is_known || name.contains(','))
    };
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    if is_guid(last) || last.starts_with("S-1-") {
        GroupForm::Id
    } else if is_distinguished(name) {
        GroupForm::DistinguishedName
    } else if name.contains('/') {
        GroupForm::Path
    } else if name.contains(['\\', '@']) {
        GroupForm::InDomain
    } else {
        GroupForm::Name
    }
}

#[cfg(test)]
mod tests {
    use studio_acs_identity::GroupValue;

    use super::*;

    #[test]
    fn groups_that_came_stand_beside_those_of_the_ledger_and_the_nearest_comes_first() {
        let many: Vec<_> = (0..40).map(|number| format!("team-{number}")).chain(["Risk".to_owned()]).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        for (came, known, told) in [
            // IAM Identity Center: IDs, or SIDs of Active Directory behind the domain.
            (vec!["64d84438-0000-4000-8000-000000000001"], vec!["risk"], "IDs came, and the ledger has names"),
            (vec!["corp.example//S-1-5-21-1-2-3-1001"], vec!["risk"], "IDs came, and the ledger has names"),
            // Shibboleth and AD FS: distinguished names.
            (vec!["CN=risk,OU=Groups,DC=corp,DC=example"], vec!["risk"], "distinguished names came, and the ledger"),
            // Entra ID in its cloud-only form, and a ledger with object IDs.
            (vec!["risk"], vec!["64d84438-0000-4000-8000-000000000001"], "names came, and the ledger has IDs"),
            // Okta's expressions join by commas, OneLogin and JumpCloud by semicolons.
            (vec!["audit,risk"], vec!["risk"], "several groups came in one value"),
            (vec!["audit;risk"], vec!["risk"], "several groups came in one value"),
            (vec!["Risk"], vec!["risk"], "groups that came: Risk (differs in case)"),
            (vec!["risk\u{a0}team"], vec!["risk team"], "groups that came: risk\\u{a0}team (differs in white space)"),
            // Keycloak's full path, and the other way round.
            (vec!["/data/risk"], vec!["audit", "risk"], "groups of the ledger: risk, audit"),
            (vec!["/risk"], vec!["audit", "risk"], "a path came, /risk, and the ledger has a name, risk; groups that"),
            (vec!["staff", "/data/Risk"], vec!["risk"], "a path came, /data/Risk, and the ledger has a name, risk; "),
            (vec!["risk"], vec!["/data/risk"], "a name came, risk, and the ledger has a path, /data/risk; "),
            (vec!["/risk"], vec!["/data/risk"], "a path came, /risk, and the ledger has a path, /data/risk; "),
            // AD FS: with the domain, in both of its forms.
            (
                vec!["CORP\\Risk"],
                vec!["risk"],
                "a name with a domain came, CORP\\Risk, and the ledger has a name, risk; ",
            ),
            (vec!["risk@corp.example"], vec!["risk"], "a name with a domain came, risk@corp.example, and the ledger"),
            (
                vec!["risk"],
                vec!["CORP\\risk"],
                "a name came, risk, and the ledger has a name with a domain, CORP\\risk; ",
            ),
            (
                vec!["CN=Risk,OU=G,DC=a"],
                vec!["risk"],
                "a distinguished name came, CN=Risk,OU=G,DC=a, and the ledger has",
            ),
            (vec!["cn=risk"], vec!["risk"], "a distinguished name came, cn=risk, and the ledger has a name, risk; "),
            (vec!["risk"], vec!["CN=risk,OU=G"], "a name came, risk, and the ledger has a distinguished name, CN=risk"),
            (vec!["/risk"], vec!["CORP\\audit"], "groups that came: /risk; groups of the ledger: CORP\\audit"),
            (vec!["risk"], many, "groups of the ledger: Risk (differs in case), team-0, "),
            (vec![], vec!["risk"], "no group came; groups of the ledger: risk"),
            (vec!["risk"], vec![], "groups that came: risk; the ledger has no entry for a group"),
        ] {
            let groups = Groups::of(came.iter().map(|name| GroupValue::Text(name)), None);
            let explained = explain_groups(&groups, &known);
            assert!(explained.contains(told), "{explained}: expected {told}");
        }
        for (came, known, untold) in [
            // The group's entry may not hold now: then it is told of, and not as another group.
            (vec!["risk"], vec!["risk"], "and the ledger has"),
            // A difference in case is told beside the name.
            (vec!["Risk"], vec!["risk"], "and the ledger has"),
            (vec!["audit,staff"], vec!["risk"], "several groups"),
            (vec!["risk"], vec!["risk", "audit"], "several groups"),
            (vec![], vec!["64d84438-0000-4000-8000-000000000001"], "names came"),
            (vec!["audit"], vec!["risk"], "names came"),
            // Letters that are digits too make no ID.
            (vec!["cafe"], vec!["risk"], "IDs came"),
        ] {
            let groups = Groups::of(came.iter().map(|name| GroupValue::Text(name)), None);
            let explained = explain_groups(&groups, &known);
            assert!(!explained.contains(untold), "{explained}: {untold}");
        }
        let unusable = Groups::of([GroupValue::Text("\n  risk\n")], None);
        let explained = explain(std::iter::empty(), &unusable, None);
        assert_eq!(
            explained,
            "no group came; values that name no group: \"\\u{a}  risk\\u{a}\" with white space around it"
        );
    }
}
