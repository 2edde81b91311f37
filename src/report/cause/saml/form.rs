//! Causes in the form and in the XML.

use studio_acs_saml::{Check, Rejection};

use super::SamlContext;
use crate::report::cause::{Cause, causes};

causes! {
    METHOD = "form_not_posted", ["method_not_allowed"],
        "the ACS URL was opened by another method than POST: typed, bookmarked, or probed",
        "let users start at the access portal; a health check asks /healthz";
    CONTENT_TYPE = "form_of_another_type", ["unsupported_media_type"],
        "the body is no URL-encoded form: a script or a proxy sent it in another type",
        "let the portal post the form itself";
    BODY_SIZE = "form_too_long", ["too_large"],
        "the body is much longer than a response, or broke off",
        "map fewer attributes and groups; of a capture, keep the form's body only";
    NO_RESPONSE = "form_without_response", ["malformed_request"],
        "the form has no field SAMLResponse: it is another form, or its field's name has another case",
        "capture the body of the POST to the ACS URL, and keep it whole";
    SEVERAL_RESPONSES = "form_with_several_responses", ["malformed_request"],
        "the form has SAMLResponse or RelayState twice",
        "keep one of each in a capture; if the form came from a browser, look for the page that sent it";
    BASE64 = "base64_damaged", ["malformed_base64"],
        "the value is not the base64 that the identity provider wrote: it is cut, or its + / = were decoded twice",
        "copy SAMLResponse whole, with its padding; in a form, + / = are written %2B %2F %3D";
    NOT_UTF8 = "xml_not_utf8", ["malformed_xml"],
        "the message is not in UTF-8: an editor stored it in another encoding, or it is compressed",
        "store the capture in UTF-8 without a change; let the identity provider use the binding HTTP-POST";
    DAMAGED = "xml_damaged", ["malformed_xml"],
        "the message is not well-formed: it was cut, or an editor or a browser's view changed it",
        "copy the message whole and as it was, or its base64";
    DOCTYPE = "xml_with_doctype", ["dtd_forbidden"],
        "the message has a document type declaration, which no identity provider writes",
        "treat it as an attack, and look for its source";
    COMPLEX = "xml_too_complex", ["too_complex"],
        "the message has more elements, attributes or namespaces than the limits allow",
        "map fewer attributes and groups; if the identity provider sends few, treat it as an attack";
    TWO_IDS = "xml_with_an_id_twice", ["duplicate_id"],
        "two elements have one ID, which no identity provider writes",
        "treat it as an attack, and look for its source; of a capture, keep one message";
}

/// Returns the cause of a refusal in these stages.
pub(super) fn cause(rejection: &Rejection, _: &SamlContext<'_>) -> &'static Cause {
    match rejection.check() {
        Check::Method => &METHOD,
        Check::ContentType => &CONTENT_TYPE,
        Check::BodySize => &BODY_SIZE,
        Check::FormFields if rejection.found().starts_with("0 SAMLResponse") => &NO_RESPONSE,
        Check::FormFields => &SEVERAL_RESPONSES,
        Check::Base64 => &BASE64,
        Check::WellFormed if rejection.expected() == "UTF-8" => &NOT_UTF8,
        Check::NoDoctype => &DOCTYPE,
        Check::Complexity => &COMPLEX,
        Check::UniqueIds => &TWO_IDS,
        _ => &DAMAGED,
    }
}
