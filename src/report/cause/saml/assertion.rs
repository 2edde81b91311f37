//! Causes in the assertion.

use studio_acs_saml::{Check, Rejection};

use super::SamlContext;
use crate::report::cause::{Cause, causes};

causes! {
    ISSUER_SHAPE = "issuer_malformed", ["malformed_assertion"],
        "an issuer is not one plain text",
        "treat it as an attack, and look for its source";
    SHAPE = "assertion_malformed", ["malformed_assertion"],
        "the assertion is not SAML 2.0 as its schema has it",
        "ask the identity provider's maker";
    DESTINATION = "acs_url_other", ["destination_mismatch", "recipient_mismatch"],
        "the response is for another URL than ours",
        "make Application ACS URL in Identity Center and STUDIO_ACS_ACS_URL the same, to the last character: stage, slash and case";
    OLD = "response_old", ["expired"],
        "the response is older than it may be",
        "use a fresh response (for a capture, --at the time of capture); if it was fresh, set the clocks right, or raise STUDIO_ACS_MAX_AGE";
    EARLY = "response_early", ["not_yet_valid"],
        "the response is from the future, by our clock",
        "set the clocks right, or raise STUDIO_ACS_SKEW (at most 300); for a capture, --at the time of capture";
    ANSWERS = "answer_to_a_request", ["in_response_to"],
        "the response answers a request, and this service sends none",
        "empty Application start URL in Identity Center, so that sign-ins begin at the portal; for a capture, --in-response-to ID";
    NO_CONDITIONS = "no_conditions", ["conditions_missing"],
        "the assertion says nothing of its validity",
        "ask the identity provider's maker";
    CONDITION = "unknown_condition", ["condition_unknown"],
        "the assertion has a condition that is not understood, and that may forbid the sign-in",
        "remove the condition at the identity provider";
    AUDIENCE = "audience_other", ["audience_mismatch"],
        "the assertion is for another audience than ours",
        "make Application SAML audience in Identity Center and STUDIO_ACS_AUDIENCE the same, to the last character";
    AUDIENCE_SLASH = "audience_slash", ["audience_mismatch"],
        "the audience and ours differ by the slash at the end",
        "make Application SAML audience in Identity Center and STUDIO_ACS_AUDIENCE the same, slash included";
    NO_AUTHN = "no_authentication", ["authn_statement_missing"],
        "the assertion does not say how the user was authenticated",
        "let the identity provider add an authentication statement (AuthnStatement)";
    SESSION_OVER = "idp_session_over", ["expired"],
        "the session at the identity provider had ended (SessionNotOnOrAfter)",
        "let the user sign in to the portal again; for a capture, --at the time of capture";
}

/// Returns the cause of a refusal in this stage.
pub(super) fn cause(rejection: &Rejection, _: &SamlContext<'_>) -> &'static Cause {
    match rejection.check() {
        Check::Destination | Check::Recipient => &DESTINATION,
        Check::ConfirmationNotOnOrAfter | Check::ConditionsNotOnOrAfter | Check::Age => &OLD,
        Check::ConfirmationNotBefore | Check::ConditionsNotBefore | Check::Issued => &EARLY,
        Check::InResponseTo => &ANSWERS,
        Check::Conditions => &NO_CONDITIONS,
        Check::KnownConditions => &CONDITION,
        Check::Audience if differ_by_slash(rejection) => &AUDIENCE_SLASH,
        Check::Audience => &AUDIENCE,
        Check::AuthnStatement => &NO_AUTHN,
        Check::SessionNotOnOrAfter => &SESSION_OVER,
        _ if rejection.expected().contains("Issuer") => &ISSUER_SHAPE,
        _ => &SHAPE,
    }
}

fn differ_by_slash(rejection: &Rejection) -> bool {
    rejection.expected().trim_end_matches('/') == rejection.found().trim_end_matches('/')
}
