//! Causes in the claims that name the user.

use studio_acs_jwt::{Check, Rejection};

use crate::report::cause::{Cause, causes};

causes! {
    USER_CASE = "token_user_claim_spelling", ["token_claim_missing"],
        "the token has the claim that names the user under a name that differs by capitals",
        "write STUDIO_ACS_TOKEN_USER_CLAIM as the token has it";
    EMAIL_ABSENT = "token_email_absent", ["token_claim_missing"],
        "the token has no email: the portal did not ask for the scope email, or the issuer puts it into the other kind of token",
        "let the portal ask for the scope email, or set STUDIO_ACS_TOKEN_USER_CLAIM to a claim that users cannot change, such as sub";
    USER_ABSENT = "token_user_absent", ["token_claim_missing"],
        "the token does not have the claim that names the user; the line names those that it has",
        "set STUDIO_ACS_TOKEN_USER_CLAIM to one that is in these tokens and that users cannot change, or let the issuer put the claim into them";
    GROUPS_ELSEWHERE = "token_groups_elsewhere", ["token_claim_invalid"],
        "the user has more groups than the issuer puts into a token, and the token says that they are elsewhere",
        "let the issuer send only the groups that are assigned to the application (Entra ID: Token configuration, groups claim), or application roles";
    CLAIM_FORMAT = "token_claim_unusable", ["token_claim_invalid"],
        "the claim's values are too many, too long or no plain text",
        "let the issuer send fewer groups, such as those that are assigned to the application, and values of plain text";
    EMAIL = "token_email_not_verified", ["token_email_unverified"],
        "an address names the user, and the issuer does not say that it is verified; Entra ID never says so",
        "set STUDIO_ACS_TOKEN_USER_CLAIM to a claim that users cannot change, such as sub (Entra ID: oid), or let the issuer verify the address";
    GROUPS_ABSENT = "token_groups_absent", ["token_claim_missing"],
        "the token does not have the claim that holds the groups, and STUDIO_ACS_REQUIRE_GROUPS asks for it; the line names the claims that it has",
        "set STUDIO_ACS_TOKEN_GROUP_CLAIM to the claim that holds the groups, let the issuer put them into these tokens, or set STUDIO_ACS_REQUIRE_GROUPS to off if no policy restricts members";
}

/// Returns the cause of a refusal in this stage.
pub(super) fn cause(rejection: &Rejection) -> &'static Cause {
    let (expected, found) = (rejection.expected(), rejection.found());
    let has_other_case = || {
        let (_, names) = found.rsplit_once(" among ").unwrap_or_default();
        names.split(", ").any(|name| name.eq_ignore_ascii_case(expected))
    };
    match rejection.check() {
        Check::User if has_other_case() => &USER_CASE,
        Check::User if expected == "email" => &EMAIL_ABSENT,
        Check::User => &USER_ABSENT,
        Check::ClaimFormat if found.starts_with("a token that is too small") => &GROUPS_ELSEWHERE,
        Check::EmailVerified => &EMAIL,
        Check::Groups => &GROUPS_ABSENT,
        _ => &CLAIM_FORMAT,
    }
}
