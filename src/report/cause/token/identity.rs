//! Causes in the claims that name the user.

use studio_acs_jwt::{Check, Rejection};

use crate::report::cause::code::{MAY_HOLD, elsewhere, named_otherwise};
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
    USER_TYPE = "token_user_of_another_type", ["token_malformed"],
        "the claim that names the user is no text: a list, an object, a number or null",
        "set STUDIO_ACS_TOKEN_USER_CLAIM to a claim that is one text for each user, such as sub, or to the text in it (profile.id); or let the issuer write a text";
    USER_EMPTY = "token_user_empty", ["token_claim_invalid"],
        "the claim that names the user is empty for this user",
        "fill in the user's attribute at the issuer, or set STUDIO_ACS_TOKEN_USER_CLAIM to a claim that each user has, such as sub";
    USER_LONG = "token_user_too_long", ["token_claim_invalid"],
        "the claim that names the user has more bytes than a name may have",
        "set STUDIO_ACS_TOKEN_USER_CLAIM to a shorter claim that no other user has, such as sub (Entra ID: oid)";
    USER_TEXT = "token_user_unusable", ["token_claim_invalid"],
        "the claim that names the user has white space at an edge, hidden characters, or several @, as found shows",
        "correct the user's name at the issuer, or set STUDIO_ACS_TOKEN_USER_CLAIM to a claim that users cannot write, such as sub";
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
        Check::EmailVerified => &EMAIL,
        Check::Groups if found.contains(MAY_HOLD) => named_otherwise(),
        Check::Groups => elsewhere(found).unwrap_or(&GROUPS_ABSENT),
        Check::ClaimsShape => &USER_TYPE,
        _ if found == "an empty value" => &USER_EMPTY,
        _ if found.ends_with(" bytes") => &USER_LONG,
        _ => &USER_TEXT,
    }
}
