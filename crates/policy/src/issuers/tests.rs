use std::str::FromStr as _;

use cedar_policy::Policy;
use serde_json::json;

use super::are_missing;

const OPEN: &str = r#"permit (principal, action == Action::"OpenStudio", resource)"#;
const ANNA: &str = r#"permit (principal == User::"anna", action == Action::"OpenStudio", resource)"#;

fn is_missing(text: &str) -> bool {
    are_missing(&Policy::from_str(text).unwrap().to_json().unwrap())
}

#[test]
fn a_permit_that_names_its_issuer_holds_for_that_one() {
    for text in [
        format!("{OPEN};"),
        format!("{OPEN} when {{ resource has for_user && resource.for_user == principal }};"),
        format!("{OPEN} when {{ resource has for_group && principal in resource.for_group }};"),
        format!("{OPEN} unless {{ context has approved_by && context.approved_by == principal.name }};"),
        format!("{OPEN} when {{ resource.domain == \"d-1\" && context.weekday == Weekday::\"Mon\" }};"),
        format!("{ANNA} when {{ principal.issuer == \"https://idp\" }};"),
        format!("{ANNA} when {{ \"https://idp\" == principal.issuer }};"),
        format!("{ANNA} when {{ [\"https://idp\", \"https://two\"].contains(principal.issuer) }};"),
        format!("{ANNA} unless {{ principal.issuer != \"https://idp\" }};"),
        format!("{ANNA} unless {{ !(principal.issuer == \"https://idp\") || resource.production }};"),
        format!("{ANNA} when {{ resource.production }} when {{ principal.issuer == \"https://idp\" && true }};"),
        format!("{ANNA} when {{ if principal.issuer == \"https://idp\" then resource.production else false }};")
            .replace("else false", "else principal.issuer == \"https://two\""),
        format!("{OPEN} when {{ resource.production || (principal == User::\"anna\" && principal.issuer == \"a\") }};"),
        format!(
            "{OPEN} when {{ (principal == User::\"a\" && principal.issuer == \"a\") || (principal == User::\"b\" && \
             principal.issuer == \"b\") }};"
        ),
        format!("{OPEN} when {{ principal.issuer == \"a\" && !(principal in Group::\"g\") }};"),
        format!("{OPEN} when {{ principal.name like \"*@corp.example\" && principal.issuer == \"a\" }};"),
        format!(
            "{OPEN} when {{ context has approved_by && context.approved_by == \"bob\" && context has approved_by_issuer \
             && context.approved_by_issuer == \"a\" }};"
        ),
        format!(
            "{OPEN} when {{ context has requested_by && context.requested_by == \"bob\" && context has requested_by_issuer \
             && context.requested_by_issuer == \"a\" }};"
        ),
        format!("{OPEN} unless {{ context has approved_by && (context.approved_by == principal.name) == true }};"),
        format!("{OPEN} when {{ !(principal == User::\"anna\" && principal.issuer == \"a\") }};"),
        format!(
            "{OPEN} when {{ if principal.issuer == \"a\" then principal == User::\"anna\" else resource.production }};"
        ),
        format!("{ANNA} when {{ resource has issuer && resource.issuer == principal.issuer }};"),
        format!("{ANNA} unless {{ resource has issuer && resource.issuer != principal.issuer }};"),
        r#"permit (principal, action == Action::"Approve", resource) when { resource has for_group &&
           resource.for_group == Group::"g" && resource has issuer && resource.issuer == "a" };"#
            .to_owned(),
    ] {
        assert!(!is_missing(&text), "{text}");
    }
}

#[test]
fn attack_a_permit_for_a_name_of_any_issuer_is_found() {
    for text in [
        format!("{ANNA};"),
        r#"permit (principal in Group::"g", action == Action::"Approve", resource);"#.to_owned(),
        r#"permit (principal is User in Group::"g", action == Action::"Approve", resource);"#.to_owned(),
        format!("{ANNA} unless {{ principal.issuer == \"https://idp\" }};"),
        format!("{ANNA} when {{ principal.issuer != \"https://idp\" }};"),
        format!("{ANNA} when {{ principal.issuer like \"https://*\" }};"),
        format!("{ANNA} when {{ principal.issuer == principal.name }};"),
        format!("{ANNA} when {{ resource has issuer && resource.issuer == \"https://idp\" }};"),
        format!("{ANNA} when {{ principal.issuer == \"https://idp\" || resource.production }};"),
        format!("{ANNA} when {{ !(principal.issuer == \"https://idp\" && resource.production) }};"),
        format!("{ANNA} when {{ if resource.production then principal.issuer == \"https://idp\" else true }};"),
        format!("{ANNA} when {{ [principal.issuer, \"a\"].contains(\"a\") }};"),
        format!("{ANNA} when {{ [principal.name].contains(principal.issuer) }};"),
        format!("{OPEN} when {{ if principal == User::\"anna\" then resource.production else resource.over_budget }};"),
        format!("{OPEN} when {{ if resource.production then principal == User::\"anna\" else resource.over_budget }};"),
        format!("{OPEN} when {{ if resource.production then resource.over_budget else principal == User::\"anna\" }};"),
        format!("{OPEN} when {{ User::\"anna\" in Group::\"g\" }};"),
        format!(
            "{OPEN} when {{ resource has for_user && [principal, User::\"anna\"].contains(resource.for_user) && resource has \
             issuer && resource.issuer == \"a\" }};"
        ),
        format!("{ANNA} unless {{ resource has team }};"),
        format!(
            "{OPEN} when {{ context has approved_by && context.approved_by == \"bob\" && context has approved_by_issuer && \
             (context.approved_by_issuer == \"a\" || resource.production) }};"
        ),
        format!(
            "{OPEN} when {{ context has requested_by && context.requested_by == \"bob\" && context has requested_by_issuer \
             && (context.requested_by_issuer == \"a\" || resource.production) }};"
        ),
        r#"permit (principal, action == Action::"Approve", resource) when { resource has for_group &&
           resource.for_group == Group::"g" && resource has issuer && (resource.issuer == "a" || resource.production) };"#
            .to_owned(),
        format!("{OPEN} when {{ principal in [Group::\"g\", Group::\"h\"] }};"),
        format!("{OPEN} when {{ (principal == User::\"a\") == true && resource.production }};"),
        format!("{OPEN} when {{ principal.issuer == \"a\" || principal == User::\"anna\" }};"),
        format!("{OPEN} unless {{ principal.issuer == \"a\" && !(principal == User::\"anna\") }};")
            .replace("&& !", "|| !"),
        format!("{OPEN} when {{ principal.name == \"anna\" }};"),
        format!("{OPEN} when {{ principal.name like \"*@corp.example\" }};"),
        format!("{OPEN} when {{ [\"anna\", \"ben\"].contains(principal.name) }};"),
        format!("{OPEN} when {{ resource.hasTag(\"owner\") && resource.getTag(\"owner\") == principal.name }};"),
        format!("{OPEN} when {{ resource has for_user && resource.for_user == User::\"anna\" }};"),
        format!(
            "{OPEN} when {{ context has approved_by && context.approved_by == \"bob\" && principal.issuer == \"a\" }};"
        ),
        format!("{OPEN} when {{ context has requested_by && context.requested_by like \"b*\" }};"),
        format!("{ANNA} when {{ resource has issuer && resource.issuer != principal.issuer }};"),
        format!("{ANNA} when {{ resource has issuer }};"),
        format!("{ANNA} when {{ resource has issuer && resource.issuer == resource.issuer }};"),
        format!("{ANNA} unless {{ context has approved_by_issuer }};"),
        format!("{ANNA} unless {{ resource has team && resource.team != principal.issuer }};"),
        format!(
            "{OPEN} when {{ resource has for_user && resource.for_user == User::\"anna\" }} when {{ resource has issuer && resource.issuer == principal.issuer }};"
        ),
        // An approver's own issuer says nothing of the entry's.
        r#"permit (principal, action == Action::"Approve", resource)
           when { resource has for_group && resource.for_group == Group::"g" && principal.issuer == "a" };"#
            .to_owned(),
    ] {
        assert!(is_missing(&text), "{text}");
    }
}

/// Cedar's JSON form has a set of literals in two ways, and a condition may be empty.
#[test]
fn a_permit_in_json_is_read_as_its_text_is() {
    let name = json!({".": {"left": {"Var": "principal"}, "attr": "name"}});
    for (body, expected) in [
        (json!({"contains": {"left": {"Value": ["anna", "ben"]}, "right": name}}), true),
        (json!({"contains": {"left": {"Value": [1, 2]}, "right": name}}), false),
        (json!(null), false),
    ] {
        let permit = json!({"effect": "permit", "conditions": [{"kind": "when", "body": body}]});
        assert_eq!(are_missing(&permit), expected, "{permit}");
    }
}
