//! Causes in the shape of the response.

use studio_acs_saml::{Check, Rejection};

use super::SamlContext;
use crate::report::cause::{Cause, causes};

causes! {
    LOGOUT = "message_of_a_logout", ["not_a_response"],
        "the message belongs to a logout: its address is set to the ACS URL",
        "leave the single logout URL of the application empty; of a capture, take the POST after the sign-in";
    REQUEST = "message_is_a_request", ["not_a_response"],
        "the message is a request for a sign-in and no answer to one",
        "take SAMLResponse and not SAMLRequest out of a capture; let the portal start sign-ins";
    ASSERTION = "message_is_an_assertion", ["not_a_response"],
        "the message is an assertion without the response around it",
        "copy the whole response: its root is Response";
    SOAP = "message_in_soap", ["not_a_response"],
        "the message is in a SOAP envelope: it belongs to an artifact or to an enhanced client",
        "set the application's response binding to HTTP-POST";
    METADATA = "message_is_metadata", ["not_a_response"],
        "the file is metadata and no response",
        "give the metadata to --metadata, and a captured response to verify";
    WS_FEDERATION = "message_of_ws_federation", ["not_a_response"],
        "the message is a token response of WS-Federation",
        "set the application at the identity provider to SAML 2.0";
    SAML1 = "message_of_saml_1", ["not_a_response"],
        "the message is of SAML 1.x",
        "set the application at the identity provider to SAML 2.0";
    PAGE = "message_is_a_page", ["not_a_response"],
        "the message is a page for a browser and no response",
        "capture the POST to the ACS URL, or the page whose form has SAMLResponse";
    NOT_A_RESPONSE = "message_of_another_kind", ["not_a_response"],
        "the message is XML of another kind, or a response without ID, time or version",
        "post the response to a sign-in, whole";
    DENIED = "idp_denied_the_user", ["status_not_success"],
        "the identity provider denied the user this application (RequestDenied)",
        "assign the user, or a group of theirs, to the application at the identity provider; its message says more";
    NOT_AUTHENTICATED = "idp_could_not_authenticate", ["status_not_success"],
        "the user was not authenticated: a password, a second factor or a certificate failed (AuthnFailed)",
        "let the user sign in again; the identity provider's log has the reason";
    UNKNOWN_PRINCIPAL = "idp_does_not_know_the_user", ["status_not_success"],
        "the identity provider does not know the user (UnknownPrincipal)",
        "create the user at the identity provider, or correct where it looks users up";
    NO_PASSIVE = "idp_may_not_ask", ["status_not_success"],
        "the user was not signed in, and the request forbids to ask them (NoPassive)",
        "let users sign in at the access portal first; remove IsPassive from what starts the sign-in";
    NAME_ID = "idp_cannot_name_the_user", ["status_not_success"],
        "the identity provider cannot make the requested kind of NameID (InvalidNameIDPolicy)",
        "set the application's NameID format to unspecified or to one that the identity provider has for each user";
    AUTHN_CONTEXT = "idp_lacks_the_asked_strength", ["status_not_success"],
        "the user cannot be authenticated by the requested method (NoAuthnContext)",
        "let the user set up the method, such as a second factor, or ask for one that they have";
    UNSUPPORTED = "idp_does_not_support_the_request", ["status_not_success"],
        "the identity provider does not support the request (RequestUnsupported, UnsupportedBinding)",
        "compare the application's bindings and options with what the identity provider supports";
    UNKNOWN_RESOURCE = "idp_does_not_know_the_application", ["status_not_success"],
        "the identity provider does not know the application or its address (ResourceNotRecognized)",
        "register the entity ID and the ACS URL at the identity provider as they are set here";
    ATTRIBUTES = "idp_rejects_an_attribute", ["status_not_success"],
        "the identity provider cannot provide an attribute (InvalidAttrNameOrValue, UnknownAttrProfile)",
        "correct the application's attribute mappings: each source must exist and have a value for the user";
    NO_UPSTREAM = "idp_behind_the_idp_missing", ["status_not_success"],
        "the identity provider hands sign-ins on, and no other one can be reached (NoAvailableIDP, NoSupportedIDP, ProxyCountExceeded)",
        "look at the log of the identity provider that hands on; allow it one more step";
    LOGOUT_IN_PART = "idp_logged_out_in_part", ["status_not_success"],
        "the message is about a logout that reached only some services (PartialLogout)",
        "leave the single logout URL of the application empty";
    VERSION = "idp_rejects_the_version", ["status_not_success"],
        "the identity provider does not take the version of the request (VersionMismatch, RequestVersion…)",
        "set the application at the identity provider to SAML 2.0";
    REQUESTER = "idp_rejects_the_request", ["status_not_success"],
        "the identity provider holds the request or the application's settings for wrong (Requester)",
        "compare the application's settings at the identity provider with this service's: entity ID, ACS URL, certificate; its message and its log say more";
    EXPLAINED = "idp_failed_with_message", ["status_not_success"],
        "the identity provider could not complete the sign-in (Responder), and its message, which the line shows, says why",
        "do what the message asks for, at the identity provider; its own log may say more";
    REFUSED = "idp_failed", ["status_not_success"],
        "the identity provider could not complete the sign-in, and says no more (Responder)",
        "look at the identity provider's own log at this time; in Identity Center, assign the user to the application and complete the attribute mappings";
    OTHER_STATUS = "status_of_no_standard", ["status_not_success"],
        "the identity provider could not complete the sign-in, and its status code is none of SAML 2.0, but its own",
        "look the code up in the identity provider's documentation, and at its log at this time; the message says more";
    STATUS = "status_malformed", ["status_not_success"],
        "the response does not have exactly one status, with a code in it",
        "copy the response whole; if it is as it was sent, ask the identity provider's maker";
    ENCRYPTED = "assertion_encrypted", ["encrypted_assertion"],
        "the identity provider encrypts assertions, and this service has no key to decrypt them",
        "switch off assertion encryption for this application at the identity provider; https protects the message on its way";
    NO_ASSERTION = "no_assertion", ["assertion_count"],
        "the response reports success and holds no assertion of SAML 2.0 directly in it",
        "copy the response whole; if it is whole, ask the identity provider's maker";
    SEVERAL_ASSERTIONS = "several_assertions", ["assertion_count"],
        "the response holds several assertions, or one inside another: signatures are wrapped like this",
        "treat it as an attack, unless the identity provider is known to send several; then let it send one";
}

/// Returns the cause of a refusal in this stage.
pub(super) fn cause(rejection: &Rejection, _: &SamlContext<'_>) -> &'static Cause {
    match rejection.check() {
        Check::Status => of_status(rejection.found()),
        Check::NotEncrypted => &ENCRYPTED,
        Check::OneAssertion if rejection.found().starts_with("0 ") => &NO_ASSERTION,
        Check::OneAssertion => &SEVERAL_ASSERTIONS,
        _ => of_root(rejection.found()),
    }
}

/// By the root element, as `{namespace}name`.
fn of_root(found: &str) -> &'static Cause {
    let (namespace, name) = found.rsplit_once('}').unwrap_or(("", found));
    match name {
        _ if namespace.contains("SAML:1.") => &SAML1,
        _ if namespace.contains("ws-trust") || namespace.contains("/02/trust") => &WS_FEDERATION,
        "LogoutResponse" | "LogoutRequest" => &LOGOUT,
        "AuthnRequest" => &REQUEST,
        "Assertion" | "EncryptedAssertion" => &ASSERTION,
        "Envelope" | "ArtifactResponse" | "ArtifactResolve" => &SOAP,
        "EntityDescriptor" | "EntitiesDescriptor" => &METADATA,
        name if name.eq_ignore_ascii_case("html") => &PAGE,
        _ => &NOT_A_RESPONSE,
    }
}

/// By the innermost code that is known, and else by the outermost.
fn of_status(found: &str) -> &'static Cause {
    let (codes, more) = found.split_once("; ").unwrap_or((found, ""));
    let is_malformed = codes.starts_with("no status") || codes.starts_with("several status");
    let unknown = if is_malformed || codes == "an empty code" { &STATUS } else { &OTHER_STATUS };
    match codes.rsplit(", ").find_map(of_code).unwrap_or(unknown) {
        cause if *cause == REFUSED && more.starts_with("message: ") => &EXPLAINED,
        cause => cause,
    }
}

fn of_code(code: &str) -> Option<&'static Cause> {
    Some(match code {
        "RequestDenied" => &DENIED,
        "AuthnFailed" => &NOT_AUTHENTICATED,
        "UnknownPrincipal" => &UNKNOWN_PRINCIPAL,
        "NoPassive" => &NO_PASSIVE,
        "InvalidNameIDPolicy" => &NAME_ID,
        "NoAuthnContext" => &AUTHN_CONTEXT,
        "RequestUnsupported" | "UnsupportedBinding" => &UNSUPPORTED,
        "ResourceNotRecognized" => &UNKNOWN_RESOURCE,
        "InvalidAttrNameOrValue" | "UnknownAttrProfile" => &ATTRIBUTES,
        "NoAvailableIDP" | "NoSupportedIDP" | "ProxyCountExceeded" => &NO_UPSTREAM,
        "PartialLogout" => &LOGOUT_IN_PART,
        "VersionMismatch" | "RequestVersionDeprecated" | "RequestVersionTooHigh" | "RequestVersionTooLow" => &VERSION,
        "Requester" => &REQUESTER,
        "Responder" => &REFUSED,
        _ => return None,
    })
}
