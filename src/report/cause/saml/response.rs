//! Causes in the shape of the response.

use studio_acs_saml::{Check, Rejection};

use super::SamlContext;
use crate::report::cause::{Cause, causes};

causes! {
    NOT_A_RESPONSE = "not_a_response", ["not_a_response"],
        "the message is XML, but no SAML 2.0 response",
        "post the response to a sign-in, whole";
    REFUSED = "idp_refused", ["status_not_success"],
        "the identity provider itself refused the sign-in",
        "look at the identity provider's own log; in Identity Center, assign the user to the application";
    ENCRYPTED = "assertion_encrypted", ["encrypted_assertion"],
        "the identity provider encrypts assertions, and this service has no key to decrypt them",
        "switch off assertion encryption for this application at the identity provider; https protects the message on its way";
    NO_ASSERTION = "no_assertion", ["assertion_count"],
        "the response reports success and holds no assertion",
        "copy the response whole; if it is whole, ask the identity provider's maker";
    SEVERAL_ASSERTIONS = "several_assertions", ["assertion_count"],
        "the response holds several assertions, or one inside another: signatures are wrapped like this",
        "treat it as an attack, unless the identity provider is known to send several; then let it send one";
}

/// Returns the cause of a refusal in this stage.
pub(super) fn cause(rejection: &Rejection, _: &SamlContext<'_>) -> &'static Cause {
    match rejection.check() {
        Check::Status => &REFUSED,
        Check::NotEncrypted => &ENCRYPTED,
        Check::OneAssertion if rejection.found().starts_with("0 ") => &NO_ASSERTION,
        Check::OneAssertion => &SEVERAL_ASSERTIONS,
        _ => &NOT_A_RESPONSE,
    }
}
