//! Causes of refused tokens.

use studio_acs::report::cause::{TokenContext, token_cause};
use studio_acs_jwt::Check;

use super::assert_cause;

/// A cause, and the rejection that it explains: the rule, the expected and the found value.
const ROWS: &[(&str, Check, &str, &str)] = &[
    ("token_not_sent", Check::Present, "", ""),
    ("token_with_too_much", Check::Size, "", ""),
    ("token_of_another_form", Check::Compact, "", ""),
    ("token_header_damaged", Check::HeaderShape, "", ""),
    ("token_header_member", Check::HeaderMembers, "", ""),
    ("token_algorithm", Check::Algorithm, "", ""),
    ("token_without_key_id", Check::KeyId, "", ""),
    ("token_of_another_type", Check::Type, "", ""),
    ("token_key_not_in_set", Check::KnownKey, "", ""),
    ("token_key_of_another_algorithm", Check::KeyAlgorithm, "", ""),
    ("token_signed_otherwise", Check::Signature, "", ""),
    ("token_claims_damaged", Check::ClaimsShape, "", ""),
    ("token_claim_absent", Check::ClaimPresent, "", ""),
    ("token_issuer_other", Check::Issuer, "", ""),
    ("token_of_another_kind", Check::Use, "", ""),
    ("token_audience_other", Check::Audience, "", ""),
    ("token_scope_absent", Check::Scope, "", ""),
    ("token_over", Check::NotExpired, "", ""),
    ("token_early", Check::NotBefore, "", ""),
    ("token_old", Check::Age, "", ""),
    ("token_user_absent", Check::User, "", ""),
    ("token_claim_unusable", Check::ClaimFormat, "", ""),
    ("token_email_not_verified", Check::EmailVerified, "", ""),
    ("token_groups_absent", Check::Groups, "", ""),
];

pub(super) fn tried() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|(cause, ..)| *cause)
}

#[test]
fn each_input_leads_to_its_cause() {
    let wrong = ROWS.iter().filter_map(|(name, check, expected, found)| {
        let cause = token_cause(&check.reject(*expected, *found), &TokenContext::default());
        assert_cause(name, Some(cause), check.code(), &format!("{check:?}: {found}")).err()
    });
    assert_eq!(wrong.collect::<Vec<_>>(), Vec::<String>::new());
}
