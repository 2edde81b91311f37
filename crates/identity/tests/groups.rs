//! The groups of an assertion, and when their absence matters.

#![allow(missing_docs, clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use fixtures::manifest::{self, Row};
use studio_acs_identity::{Identity, IdentityRules};
use studio_acs_refusal::instant;
use studio_acs_saml::{Rejection, ServiceProvider, TrustedIdps, UnverifiedResponse, VerifiedAssertion, Verifier};

/// The limits stand in the reason, by which an operator finds out what to change at the identity provider.
#[test]
fn a_name_that_cannot_be_compared_is_refused_with_the_limits() {
    let user = "username of 1 to 256 bytes of plain text, with one @ at most, which is inside, and no other form of it";
    let groups = "domain-id: at most 1000 values of 1 to 256 bytes of plain text";
    for (name, expected, found) in [
        ("refuse/attribute_invalid/user-empty", user, "an empty value"),
        ("attack/names/user-zero-width", user, "ana\\u{200b}"),
        ("refuse/attribute_invalid/domain-empty", groups, "others"),
    ] {
        let row = row(name);
        let rules = IdentityRules { by_ledger: true, group_attribute: "domain-id".to_owned(), ..rules() };
        let rejection = Identity::of(&verify(&row).unwrap(), &rules, false, &mut ()).unwrap_err();
        assert_eq!(rejection.expected(), expected, "{name}");
        assert!(rejection.found().starts_with(found), "{name}: {rejection}");
    }
}

/// A vector, the attribute of the groups, a change of the rules, whether a policy reads groups, and the outcome.
type Case<'a> = (&'a str, &'a str, fn(&mut IdentityRules), bool, Result<Vec<&'a str>, &'a str>);

/// Groups are read as they are sent; groups that are elsewhere matter where a ledger or a policy reads them.
#[test]
fn groups_are_those_of_the_attribute_and_their_absence_matters_where_they_are_read() {
    let required = |rules: &mut IdentityRules| rules.require_groups = true;
    let by_ledger = |rules: &mut IdentityRules| rules.by_ledger = true;
    let as_is = |_: &mut IdentityRules| {};
    let two = || Ok(vec!["data-scientists", "Betrieb München"]);
    let cases: [Case<'_>; 12] = [
        ("accept/attributes/groups", "groups", as_is, false, two()),
        ("accept/attributes/groups", "groups", required, true, two()),
        ("accept/attributes/groups", "groups", by_ledger, true, two()),
        ("accept/attributes/groups", "Groups", as_is, true, Ok(vec![])),
        ("accept/attributes/groups", "Groups", required, false, Err("attribute_missing")),
        // One value with a space inside, and an empty one.
        ("refuse/attribute_invalid/user-space", "username", by_ledger, false, Ok(vec!["ana perez"])),
        ("refuse/attribute_invalid/domain-empty", "domain-id", by_ledger, false, Err("attribute_invalid")),
        ("accept/attributes/groups-link", "groups", as_is, false, Ok(vec![])),
        ("accept/attributes/groups-link", "groups", as_is, true, Err("groups_elsewhere")),
        ("accept/attributes/groups-link", "groups", by_ledger, false, Err("groups_elsewhere")),
        ("accept/attributes/groups-link", "groups", required, false, Err("attribute_missing")),
        // An attribute whose one value is not plain text.
        ("refuse/attribute_ambiguous/domain-element", "domain-id", by_ledger, false, Err("attribute_ambiguous")),
    ];
    for (name, attribute, set, policy_reads_groups, expected) in cases {
        let row = row(name);
        let mut rules = IdentityRules { group_attribute: attribute.to_owned(), ..rules() };
        set(&mut rules);
        let found = Identity::of(&verify(&row).unwrap(), &rules, policy_reads_groups, &mut ());
        let found = found.as_ref().map(|identity| identity.groups().iter().map(String::as_str).collect());
        assert_eq!(found.map_err(Rejection::code), expected, "{name}, {attribute}, {rules:?}, {policy_reads_groups}");
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
