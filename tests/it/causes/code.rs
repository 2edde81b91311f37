//! Causes of refusals by requests and by the broker.

use studio_acs::report::cause::code_cause;
use studio_acs_aws::AwsCause;

use super::assert_cause;

/// A cause, the code that it explains, and the reason in the log; empty where the code is enough.
const ROWS: &[(&str, &str, &str)] = &[
    ("posted_by_another_page", "origin_not_allowed", ""),
    ("form_memory_full", "overloaded", ""),
    ("verifiers_disagree", "second_opinion", ""),
    ("user_declined", "sign_in_declined", ""),
    ("cookie_missing", "resume_missing", ""),
    ("cookie_of_another_key", "resume_invalid", ""),
    ("page_waited_too_long", "resume_expired", ""),
    ("trust_ended_meanwhile", "resume_issuer_untrusted", ""),
    ("page_of_another_step", "resume_another_page", ""),
    ("cookie_too_long", "resume_failed", ""),
    ("page_form_damaged", "form_method_not_allowed", ""),
    ("page_form_damaged", "form_unsupported_media_type", ""),
    ("page_form_damaged", "form_too_large", ""),
    ("page_form_damaged", "form_invalid", ""),
    ("api_method", "method_not_allowed", ""),
    ("api_content_type", "unsupported_media_type", ""),
    ("api_body_too_long", "too_large", ""),
    ("api_body_malformed", "malformed_request", ""),
    ("token_keys_unreadable", "token_keys_unavailable", ""),
    ("used_twice", "replayed", ""),
    ("replay_table_unreachable", "replay_store_unavailable", ""),
    ("user_signs_in_too_often", "sign_in_too_many", ""),
    ("restarted_lately", "restart_grace", ""),
    ("entry_domain_not_listed", "domain_not_allowed", ""),
    ("ledger_unreadable", "ledger_unavailable", ""),
    ("ledger_entry_malformed", "ledger_malformed", ""),
    ("user_without_entry", "unknown_user", ""),
    ("user_without_entry", "unknown_user", "groups that came: risk; groups of the ledger: audit"),
    ("user_without_entry", "unknown_user", "no group came; the ledger has no entry for a group"),
    ("groups_in_one_value", "unknown_user", "groups of the ledger: risk; several groups came in one value"),
    ("group_value_with_comment", "groups_incomplete", "values that name no group: a value with a comment in it"),
    ("groups_by_id", "unknown_user", "groups of the ledger: risk; IDs came, and the ledger has names"),
    ("groups_by_distinguished_name", "unknown_user", "distinguished names came, and the ledger has others"),
    ("groups_by_name", "unknown_user", "names came, and the ledger has IDs or distinguished names"),
    ("group_spelled_otherwise", "unknown_user", "groups that came: Risk (differs in case)"),
    ("groups_not_sent", "unknown_user", "no group came; groups of the ledger: risk"),
    ("groups_not_sent", "unknown_user", "no group came: attribute groups is absent; groups of the ledger: risk"),
    (
        "groups_under_another_name",
        "unknown_user",
        "no group came: attribute groups is absent, beside Groups (differs in case), which may hold them; groups of the ledger: risk",
    ),
    ("groups_by_path", "unknown_user", "a path came, /risk, and the ledger has a name, risk; groups that came: /risk"),
    (
        "groups_by_path",
        "unknown_user",
        "a name came, risk, and the ledger has a path, /data/risk; groups that came: risk",
    ),
    ("groups_with_a_domain", "unknown_user", "a name with a domain came, CORP\\risk, and the ledger has a name, risk"),
    (
        "groups_with_a_domain",
        "unknown_user",
        "a name came, risk, and the ledger has a name with a domain, risk@corp.example; groups that came: risk",
    ),
    (
        "groups_by_distinguished_name",
        "unknown_user",
        "a distinguished name came, CN=risk,OU=G, and the ledger has a name, risk; groups that came: CN=risk,OU=G",
    ),
    ("entry_out_of_its_dates", "unknown_user", "entry own: it held until 2026-01-01; groups that came: risk"),
    ("groups_by_link", "groups_incomplete", "a link: http://schemas.microsoft.com/claims/groups.link"),
    ("groups_beyond_the_token", "groups_incomplete", "a token that is too small for the claim groups"),
    ("groups_beyond_the_limit", "groups_incomplete", "values that name no group: \"g1001\" after the first 1000"),
    ("group_name_too_long", "groups_incomplete", "\"CN=risk\" of 312 characters, where 256 is the most"),
    ("group_value_pretty_printed", "groups_incomplete", "\"\\u{a} risk\" with white space around it"),
    ("group_value_with_element", "groups_incomplete", "a value with an element NameID in it"),
    ("group_value_of_another_type", "groups_incomplete", "a value that is an object"),
    ("group_value_of_another_type", "groups_incomplete", "a value that is a number"),
    ("group_value_of_another_type", "groups_incomplete", "a value that is true or false"),
    ("group_value_empty", "groups_incomplete", "values that name no group: an empty value"),
    ("group_value_empty", "groups_incomplete", "a value that is nil (xsi:nil)"),
    ("group_value_unusable", "groups_incomplete", "\"a\\u{200b}\" with a hidden character"),
    ("entry_of_no_issuer", "ledger_issuer_unnamed", ""),
    ("user_in_too_many_groups", "too_many_groups", ""),
    ("user_revoked", "access_revoked", ""),
    ("profile_name_by_template", "profile_name_invalid", ""),
    ("entry_gone", "entry_unknown", ""),
    ("profile_of_another_user", "another_profile", ""),
    ("policy_unreadable", "policy_unavailable", ""),
    ("policy_with_error", "policy_failed", ""),
    ("policy_forbids", "policy_denied", ""),
    ("permit_of_no_issuer", "policy_issuer_unnamed", ""),
    ("policy_wants_ticket", "policy_needs_ticket", ""),
    ("policy_wants_approval", "policy_needs_approval", ""),
    ("session_nearly_over", "session_too_short", ""),
    ("approval_table_unreachable", "approval_store_unavailable", ""),
    ("user_asks_for_many_approvals", "approval_too_many", ""),
    ("approval_text_unusable", "approval_text_invalid", ""),
    ("approval_ended", "approval_unknown", ""),
    ("approval_decided_before", "approval_decided", ""),
    ("approval_waited_too_long", "approval_expired", ""),
    ("approval_by_oneself", "approval_own", ""),
    ("user_opens_too_often", "rate_limited_user", ""),
    ("all_open_too_often", "rate_limited_global", ""),
    ("rate_table_unreachable", "rate_store_unavailable", ""),
    ("audit_sink_unreachable", "audit_unavailable", ""),
    ("mint_role_without_credentials", "mint_role_failed", "STS answered without credentials"),
    (
        "mint_role_of_another_account",
        "mint_role_failed",
        "the ledger's entry is of account 444455556666, and the role that mints of 111122223333",
    ),
    ("url_elsewhere", "url_forbidden", ""),
    ("provision_switched_off", "provision_off", ""),
    ("provision_error", "provision_failed", ""),
];

/// `tests/it/aws_answers.rs` has the answers of AWS.
pub(super) fn tried() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|(cause, ..)| *cause).chain(AwsCause::ALL.iter().map(|cause| cause.name()))
}

/// The reasons of stores and sources hold the same words as those of the mint.
#[test]
fn a_reason_of_aws_leads_to_its_cause_whatever_was_asked() {
    for cause in AwsCause::ALL {
        let reason = format!("DynamoDB: {} ({}: {})", cause.name(), cause.meaning(), cause.fix());
        for code in ["replay_store_unavailable", "ledger_unavailable", "rate_store_unavailable", "audit_unavailable"] {
            assert_eq!(assert_cause(cause.name(), code_cause(code, &reason), code, &reason), Ok(()));
        }
        assert_ne!(code_cause("replayed", &reason).map(|cause| cause.name), Some(cause.name()), "AWS was not asked");
    }
}

#[test]
fn each_input_leads_to_its_cause() {
    let wrong = ROWS.iter().filter_map(|(name, code, reason)| {
        assert_cause(name, code_cause(code, reason), code, &format!("{code}: {reason}")).err()
    });
    assert_eq!(wrong.collect::<Vec<_>>(), Vec::<String>::new());
}
