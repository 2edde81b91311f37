//! Names of several issuers: whom a permit is for, and whom a forbid is for.

#![allow(clippy::unwrap_used)]

use studio_acs_policy::{Policies, Question, SHIPPED, Zone, cases};

const TWO: &str = "names_shared = false\nissuer = 'https://two'\n";

fn policies(text: &str) -> Policies {
    Policies::parse(&[("x.cedar".to_owned(), text.to_owned())], Zone::default()).unwrap()
}

fn ask(given: &str) -> Question {
    toml::from_str::<cases::Given>(given).unwrap().question().unwrap()
}

/// `allow`, or the code of the denial.
fn decided(policies: &Policies, given: &str) -> &'static str {
    policies.decide(&ask(given)).map_or_else(|denial| denial.code(), |_| "allow")
}

#[test]
fn attack_a_permit_for_a_name_is_nobodys_where_several_issuers_are_trusted() {
    let open = policies(r#"permit (principal == User::"alice", action == Action::"OpenStudio", resource);"#);
    assert_eq!(decided(&open, ""), "allow");
    assert_eq!(decided(&open, TWO), "policy_issuer_unnamed");
    assert_eq!(decided(&open, &format!("{TWO}user = 'bob'")), "policy_denied");
    let denial = open.decide(&ask(TWO)).unwrap_err();
    assert_eq!((denial.unnamed(), denial.policies()), (&["x.cedar#1".to_owned()][..], &[][..]));
    let error = open.check_issuers().unwrap_err();
    assert_eq!(error.code(), "policy_issuer_unnamed");
    assert!(error.to_string().starts_with("x.cedar:1: the permit `x.cedar#1` names a user or a group, "), "{error}");
}

#[test]
fn attack_a_permit_that_names_its_issuer_is_not_for_the_same_name_of_another() {
    let open = policies(
        r#"permit (principal == User::"alice", action == Action::"OpenStudio", resource)
           when { principal.issuer == "https://one" };"#,
    );
    open.check_issuers().unwrap();
    assert_eq!(decided(&open, "names_shared = false\nissuer = 'https://one'"), "allow");
    assert_eq!(decided(&open, TWO), "policy_denied");
    assert_eq!(decided(&open, "names_shared = false\nissuer = 'https://one/'"), "policy_denied");
}

#[test]
fn a_forbid_without_an_issuer_holds_for_all() {
    let all = policies(
        r#"@id("open") permit (principal, action == Action::"OpenStudio", resource);
           @id("not-alice") @reason("No.") forbid (principal == User::"alice", action, resource);
           @id("not-them") @reason("No.") forbid (principal in Group::"g", action, resource);"#,
    );
    all.check_issuers().unwrap();
    for given in [TWO.to_owned(), format!("{TWO}user = 'bob'\ngroups = ['g']"), "names_shared = false".to_owned()] {
        assert_eq!(decided(&all, &given), "policy_denied", "{given}");
    }
    assert_eq!(decided(&all, &format!("{TWO}user = 'bob'")), "allow");
}

#[test]
fn attack_an_approver_is_not_the_user_of_the_same_name_at_another_issuer() {
    let own = policies(
        r#"permit (principal, action == Action::"Approve", resource)
           when { resource has for_user && resource.for_user == principal };"#,
    );
    for (issuer, expected) in [("https://one", "allow"), ("https://two", "policy_denied")] {
        let given = format!(
            "names_shared = false\naction = 'Approve'\nuser = 'bob'\nfor_user = 'bob'\nentry_issuer = 'https://one'\n\
             issuer = '{issuer}'"
        );
        assert_eq!(decided(&own, &given), expected, "{issuer}");
    }
}

#[test]
fn a_rule_tells_which_groups_it_names_and_whether_an_issuer_is_missing() {
    let both = policies(
        r#"permit (principal in Group::"g", action == Action::"OpenStudio", resource);
           permit (principal, action == Action::"OpenStudio", resource);"#,
    );
    let told: Vec<_> = both
        .rules()
        .iter()
        .map(|rule| (rule.names_no_issuer(), rule.names_group("g"), rule.names_group("h")))
        .collect();
    assert_eq!(told, [(true, true, false), (false, false, false)]);
}

#[test]
fn attack_an_approver_is_not_in_a_group_of_the_same_name_at_another_issuer() {
    let approve = policies(
        r#"permit (principal, action == Action::"Approve", resource)
           when { resource has for_group && principal in resource.for_group };"#,
    );
    let given = |issuer: &str| {
        format!(
            "names_shared = false\naction = 'Approve'\nuser = 'bob'\ngroups = ['g']\nfor_user = ''\nfor_group = 'g'\n\
             entry_issuer = 'https://one'\nissuer = '{issuer}'"
        )
    };
    assert_eq!(decided(&approve, &given("https://one")), "allow");
    assert_eq!(decided(&approve, &given("https://two")), "policy_denied");
    // Where names are shared, a group is one group.
    let shared = given("https://two").replace("names_shared = false\n", "");
    assert_eq!(decided(&approve, &shared), "allow");
    let own = policies(
        r#"@id("approve") permit (principal, action == Action::"Approve", resource);
           @id("members") @reason("No.") forbid (principal, action == Action::"Approve", resource)
           when { resource has for_group && resource.for_group == Group::"g" };"#,
    );
    assert_eq!(decided(&own, &given("https://two")), "policy_denied", "a forbid sees the entry's group");
}

#[test]
fn attack_a_permit_that_is_left_out_still_shortens_the_session() {
    let capped = policies(
        r#"@id("open") permit (principal, action == Action::"OpenStudio", resource);
           @id("short") @session_seconds("3600")
           permit (principal in Group::"g", action == Action::"OpenStudio", resource);"#,
    );
    for given in ["groups = ['g']".to_owned(), format!("{TWO}groups = ['g']")] {
        let permit = capped.decide(&ask(&given)).unwrap();
        assert_eq!(permit.session_seconds(), Some(3600), "{given}");
    }
    assert_eq!(capped.decide(&ask(TWO)).unwrap().session_seconds(), None);
}

#[test]
fn attack_a_request_of_no_issuer_has_no_approvers() {
    let four_eyes = SHIPPED.iter().find(|(name, _)| *name == "four-eyes").unwrap().1;
    let open = r#"permit (principal, action == Action::"OpenStudio", resource);"#;
    let four_eyes = policies(&format!("{four_eyes}\n{open}"));
    let given = "names_shared = false\naction = 'Approve'\nuser = 'bob'\ngroups = ['approvers']\nproduction = true\n\
                 requested_by = 'alice'\nfor_user = 'alice'\n";
    assert_eq!(decided(&four_eyes, given), "policy_denied");
    assert_eq!(decided(&four_eyes, &format!("{given}entry_issuer = 'https://idp.example'")), "allow");
}

#[test]
fn a_condition_reads_the_approvers_issuer() {
    let approved = policies(
        r#"permit (principal, action == Action::"OpenStudio", resource)
           when { context has approved_by && context.approved_by == "bob" }
           when { context has approved_by_issuer && context.approved_by_issuer == "https://one" };"#,
    );
    approved.check_issuers().unwrap();
    let by = |issuer: &str| format!("{TWO}approved_by = 'bob'\napproved_by_issuer = '{issuer}'");
    assert_eq!(decided(&approved, &by("https://one")), "allow");
    assert_eq!(decided(&approved, &by("https://two")), "policy_denied");
}

#[test]
fn the_shipped_policies_work_as_they_are() {
    for (name, text) in SHIPPED {
        let read = policies(&format!("{text}\npermit (principal, action == Action::\"OpenStudio\", resource);"));
        assert_eq!(read.check_issuers(), Ok(()), "{name}");
    }
}
