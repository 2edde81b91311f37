//! Causes in the assertion's own rules.

use studio_acs_saml::{Check, Rejection};

use super::SamlContext;
use super::{audience, time, url};
use crate::report::cause::{Cause, causes};

causes! {
    ISSUER_SHAPE = "issuer_malformed", ["malformed_assertion"],
        "an issuer is not one plain text",
        "treat it as an attack, and look for its source";
    HIDDEN = "text_with_a_comment", ["malformed_assertion"],
        "a comment or an element stands inside a name: two readers could read it differently",
        "treat it as an attack, and look for its source";
    SHAPE = "assertion_malformed", ["malformed_assertion"],
        "the assertion is not SAML 2.0 as its schema has it",
        "ask the identity provider's maker";
    ANSWERS = "answer_to_a_request", ["in_response_to"],
        "the response answers a request, and this service sends none: a sign-in began at the service's address, or at another application",
        "empty Application start URL in Identity Center, so that sign-ins begin at the portal; for a capture, --in-response-to ID";
    NO_REQUEST = "answer_without_a_request", ["in_response_to"],
        "the response has an InResponseTo without a value, or with a program's word for nothing, as samlify writes one for a sign-in that no request began",
        "let the identity provider leave InResponseTo out: docs/idp/samlify.md has a template";
    OTHER_REQUEST = "answer_to_another_request", ["in_response_to"],
        "the response answers another request than the one that is expected",
        "give --in-response-to the ID of the request that this response answers";
    NO_CONDITIONS = "no_conditions", ["conditions_missing"],
        "the assertion says nothing of its validity",
        "ask the identity provider's maker";
    CONDITION = "unknown_condition", ["condition_unknown"],
        "the assertion has a condition that is not understood, and that may forbid the sign-in",
        "remove the condition at the identity provider";
    NO_AUTHN = "no_authentication", ["authn_statement_missing"],
        "the assertion does not say how the user was authenticated",
        "let the identity provider add an authentication statement (AuthnStatement); samlify has one only if its template does";
}

/// Whether an ID is empty, or a word that programs write for a value that they do not have.
fn is_nothing(id: &str) -> bool {
    id.is_empty() || ["undefined", "null", "none", "nil"].iter().any(|word| id.eq_ignore_ascii_case(word))
}

/// Returns the cause of a refusal in this stage.
pub(super) fn cause(rejection: &Rejection, context: &SamlContext<'_>) -> &'static Cause {
    match rejection.check() {
        Check::Destination | Check::Recipient => url::cause(rejection, context),
        Check::Audience => audience::cause(rejection, context),
        Check::ConfirmationNotOnOrAfter
        | Check::ConditionsNotOnOrAfter
        | Check::Age
        | Check::ConfirmationNotBefore
        | Check::ConditionsNotBefore
        | Check::Issued
        | Check::SessionNotOnOrAfter => time::cause(rejection, context),
        Check::InResponseTo if is_nothing(rejection.found()) => &NO_REQUEST,
        Check::InResponseTo if rejection.expected().starts_with("no InResponseTo") => &ANSWERS,
        Check::InResponseTo => &OTHER_REQUEST,
        Check::Conditions => &NO_CONDITIONS,
        Check::KnownConditions => &CONDITION,
        Check::AuthnStatement => &NO_AUTHN,
        _ if rejection.expected().contains("Issuer") => &ISSUER_SHAPE,
        _ if rejection.found().starts_with("a comment or an element") => &HIDDEN,
        _ if rejection.expected().ends_with("in UTC with a Z") => time::cause(rejection, context),
        _ => &SHAPE,
    }
}
