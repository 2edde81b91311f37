//! The groups of an assertion, and when their absence matters.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use fixtures::manifest::{self, Row};
use studio_acs_identity::{GroupUse, Identity, IdentityRules};
use studio_acs_refusal::instant;
use studio_acs_saml::{Rejection, ServiceProvider, TrustedIdps, UnverifiedResponse, VerifiedAssertion, Verifier};

/// The limits stand in the reason, by which an operator finds out what to change at the identity provider.
#[test]
fn a_name_that_cannot_be_compared_is_refused_with_the_limits() {
    let user = "username of 1 to 256 bytes of plain text, with one @ at most, which is inside, and no other form of it";
    for (name, expected, found) in [
        ("refuse/attribute_invalid/user-empty", user, "an empty value"),
        ("attack/names/user-zero-width", user, "ana\\u{200b}"),
    ] {
        let row = row(name);
        let rules = IdentityRules { by_ledger: true, group_attribute: "domain-id".to_owned(), ..rules() };
        let rejection = Identity::of(&verify(&row).unwrap(), &rules, &mut ()).unwrap_err();
        assert_eq!(rejection.expected(), expected, "{name}");
        assert!(rejection.found().starts_with(found), "{name}: {rejection}");
    }
}

/// A vector, the attribute of the groups, a change of the rules, the use of groups, and the outcome.
type Case<'a> = (&'a str, &'a str, fn(&mut IdentityRules), GroupUse, Result<Vec<&'a str>, &'a str>);

/// Groups are read as they are sent; groups that are elsewhere matter where a ledger or a policy reads them.
#[test]
fn groups_are_those_of_the_attribute_and_their_absence_matters_where_they_are_read() {
    let required = |rules: &mut IdentityRules| rules.require_groups = true;
    let by_ledger = |rules: &mut IdentityRules| rules.by_ledger = true;
    let as_is = |_: &mut IdentityRules| {};
    let two = || Ok(vec!["data-scientists", "Betrieb München"]);
    let (unread, widens, restricts) = (GroupUse::Unread, GroupUse::Widens, GroupUse::Restricts);
    let cases: [Case<'_>; 14] = [
        ("accept/attributes/groups", "groups", as_is, unread, two()),
        ("accept/attributes/groups", "groups", required, restricts, two()),
        ("accept/attributes/groups", "groups", by_ledger, widens, two()),
        ("accept/attributes/groups", "Groups", as_is, restricts, Ok(vec![])),
        ("accept/attributes/groups", "Groups", required, unread, Err("attribute_missing")),
        // One value with a space inside, and an empty one.
        ("refuse/attribute_invalid/user-space", "username", by_ledger, restricts, Ok(vec!["ana perez"])),
        ("refuse/attribute_invalid/domain-empty", "domain-id", by_ledger, widens, Ok(vec![])),
        ("refuse/attribute_invalid/domain-empty", "domain-id", by_ledger, restricts, Err("groups_incomplete")),
        ("accept/attributes/groups-link", "groups", as_is, unread, Ok(vec![])),
        ("accept/attributes/groups-link", "groups", as_is, widens, Err("groups_incomplete")),
        ("accept/attributes/groups-link", "groups", required, unread, Err("attribute_missing")),
        // An attribute whose one value is not plain text.
        ("refuse/attribute_ambiguous/domain-element", "domain-id", by_ledger, widens, Ok(vec![])),
        ("refuse/attribute_ambiguous/domain-element", "domain-id", by_ledger, restricts, Err("groups_incomplete")),
        ("accept/groups/comment", "groups", as_is, widens, Err("groups_incomplete")),
    ];
    for (name, attribute, set, used, expected) in cases {
        let row = row(name);
        let mut rules = IdentityRules { group_attribute: attribute.to_owned(), ..rules() };
        set(&mut rules);
        let found = Identity::of(&verify(&row).unwrap(), &rules, &mut ()).map_err(|rejection| rejection.code());
        let found = found.and_then(|identity| {
            identity.groups().check(used).map_err(|rejection| rejection.code())?;
            Ok(identity.groups().names().to_vec())
        });
        let found = found.as_ref().map(|names| names.iter().map(String::as_str).collect()).map_err(|code| *code);
        assert_eq!(found, expected, "{name}, {attribute}, {rules:?}, {used:?}");
    }
}

#[test]
fn groups_that_are_elsewhere_are_shown_with_the_link_that_stands_for_them() {
    let link = "a link: http://schemas.microsoft.com/claims/groups.link";
    for (name, expected) in [("accept/attributes/groups-link", Some(link)), ("accept/attributes/groups", None)] {
        let rules = IdentityRules { by_ledger: true, ..rules() };
        let identity = Identity::of(&verify(&row(name)).unwrap(), &rules, &mut ()).unwrap();
        assert_eq!(identity.groups().elsewhere(), expected, "{name}");
    }
}

fn row(name: &str) -> Row {
    manifest::rows("library").into_iter().find(|row| row.name == name).unwrap_or_else(|| panic!("no row {name}"))
}

fn rules() -> IdentityRules {
    IdentityRules {
        user_attribute: "username".to_owned(),
        domain_attribute: "domain-id".to_owned(),
        group_attribute: "groups".to_owned(),
        require_groups: false,
        allowed_domains: Vec::new(),
        by_ledger: false,
    }
}

fn verify(row: &Row) -> Result<VerifiedAssertion, Rejection> {
    let at = instant::parse(&row.at).expect("a time");
    let metadata = String::from_utf8(manifest::read(&row.metadata)).expect("UTF-8");
    let idps = TrustedIdps::from_metadata(&metadata, at).expect("metadata");
    let us = ServiceProvider::new(row.audience.as_str(), vec![row.acs_url.clone()]);
    let response = UnverifiedResponse::from_xml(manifest::read(row.file.as_deref().expect("a file")))?;
    Verifier::new(idps, us).verify(response, None, at, &mut ())
}
