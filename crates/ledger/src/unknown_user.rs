//! The explanation for a user without an entitlement: the groups that came, and those that the ledger has.

use studio_acs_identity::Groups;
use studio_acs_refusal::list_beside;

/// The most entries of the user that are told of.
const MOST_ENTRIES: usize = 3;

/// The forms in which identity providers name groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GroupForm {
    Id,
    DistinguishedName,
    Name,
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
    parts.push(match came.is_empty() {
        true => "no group came".to_owned(),
        false => format!("groups that came: {}", list_beside(&came, known.unwrap_or_default())),
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

/// Returns how the groups that came are named, where the ledger names none so.
fn other_form(came: &[&str], known: &[&str]) -> Option<&'static str> {
    let joins = |name: &str| name.split([',', ';']).map(str::trim).any(|part| part != name && known.contains(&part));
    if came.iter().any(|name| form(name) == GroupForm::Name && joins(name)) {
        return Some("several groups came in one value");
    }
    let has = |names: &[&str], wanted| names.iter().any(|name| form(name) == wanted);
    if has(came, GroupForm::Id) && !has(known, GroupForm::Id) {
        Some("IDs came, and the ledger has names")
    } else if has(came, GroupForm::DistinguishedName) && !has(known, GroupForm::DistinguishedName) {
        Some("distinguished names came, and the ledger has others")
    } else if came.iter().any(|name| form(name) == GroupForm::Name)
        && known.iter().all(|name| form(name) != GroupForm::Name)
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
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    if is_guid(last) || last.starts_with("S-1-") {
        GroupForm::Id
    } else if name.split(',').count() > 1 && name.split(',').all(|part| part.contains('=')) {
        GroupForm::DistinguishedName
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
            // Keycloak's full path.
            (vec!["/data/risk"], vec!["audit", "risk"], "groups of the ledger: risk, audit"),
            (vec!["risk"], many, "groups of the ledger: Risk (differs in case), team-0, "),
            (vec![], vec!["risk"], "no group came; groups of the ledger: risk"),
            (vec!["risk"], vec![], "groups that came: risk; the ledger has no entry for a group"),
        ] {
            let groups = Groups::of(came.iter().map(|name| GroupValue::Text(name)), None);
            let explained = explain_groups(&groups, &known);
            assert!(explained.contains(told), "{explained}: expected {told}");
        }
        let unusable = Groups::of([GroupValue::Text("\n  risk\n")], None);
        let explained = explain(std::iter::empty(), &unusable, None);
        assert_eq!(
            explained,
            "no group came; values that name no group: \"\\u{a}  risk\\u{a}\" with white space around it"
        );
    }
}
