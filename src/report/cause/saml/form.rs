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
    CAPTURE_EMPTY = "capture_empty", ["malformed_request"],
        "the capture is empty",
        "capture again: the response is the body of the POST to the ACS URL, in the browser's network tools";
    CAPTURE_PAGE = "capture_is_a_page", ["malformed_request"],
        "the capture is an HTML page without a response: a login page, or an error of the identity provider",
        "capture the next request after the sign-in: the POST to the ACS URL, or the page whose form has SAMLResponse";
    CAPTURE_JSON = "capture_is_json", ["malformed_request"],
        "the capture is JSON in which no response was posted: the archive was exported without contents, or its values are masked",
        "export the browser's archive with contents (HAR), or copy SAMLResponse from the POST to the ACS URL";
    CAPTURE_PEM = "capture_is_pem", ["malformed_request"],
        "the capture is a certificate or a key and no response",
        "give the response to verify, and the metadata with the certificate to --metadata";
    CAPTURE_ADDRESS = "capture_is_an_address", ["malformed_request"],
        "the capture is an address without a response in it",
        "capture the body of the POST to the ACS URL: in a browser's network tools, its payload or form data";
    FORM_REQUEST = "form_with_a_request", ["malformed_request"],
        "SAMLRequest came in place of SAMLResponse: a request for a sign-in or a logout, and no answer to one",
        "capture the POST after the sign-in, whose field is SAMLResponse; let the portal start sign-ins, and leave the single logout URL empty";
    FORM_LOGOUT = "form_with_a_logout_request", ["malformed_request"],
        "SAMLRequest holds a LogoutRequest: the single logout URL of the application is the ACS URL",
        "leave the single logout URL of the application empty; of a capture, take the POST after the sign-in";
    FORM_ARTIFACT = "form_with_an_artifact", ["malformed_request"],
        "an artifact (SAMLart) came in place of the response, which would have to be fetched",
        "set the application's response binding to HTTP-POST";
    FORM_WS_FEDERATION = "form_of_ws_federation", ["malformed_request"],
        "the form is a sign-in's of WS-Federation (wresult)",
        "set the application at the identity provider to SAML 2.0";
    FORM_TOKEN = "form_of_openid_connect", ["malformed_request"],
        "a token or a code of OpenID Connect came in place of a SAML response",
        "give a captured token to verify --token; else set the application at the identity provider to SAML 2.0";
    FIELD_CASE = "form_field_in_another_case", ["malformed_request"],
        "the field has the name SAMLResponse in another case, which names another field",
        "write the name SAMLResponse; if the form came from a browser, ask the identity provider's maker";
    SEVERAL_RESPONSES = "form_with_several_responses", ["malformed_request"],
        "the form has SAMLResponse or RelayState twice, or the archive has several sign-ins",
        "keep one of each in a capture; if the form came from a browser, look for the page that sent it";
    NO_RESPONSE = "form_without_response", ["malformed_request"],
        "the form has no field SAMLResponse: it is another form",
        "capture the body of the POST to the ACS URL, and keep it whole";
    BASE64_URL = "base64_for_urls", ["malformed_base64"],
        "the value is base64 for URLs, in which - and _ stand for + and /",
        "let the identity provider write standard base64, as the binding HTTP-POST has it; in a capture, replace - by + and _ by /";
    BASE64_TWICE = "base64_twice", ["malformed_base64"],
        "the value is base64 of base64",
        "decode the capture once; a program that posts the response must not encode it again";
    BASE64_PERCENT = "base64_percent_encoded_twice", ["malformed_base64"],
        "the value is in percent-encoding after the form was decoded: it was encoded twice",
        "keep the form's body as it was sent; a program that posts the response encodes it once";
    BASE64_SPACES = "base64_with_spaces", ["malformed_base64"],
        "spaces stand where + was: the form was written without percent-encoding",
        "write + as %2B in a form, or give verify the base64 alone";
    BASE64_FORM = "base64_of_a_form", ["malformed_base64"],
        "the value is base64 of a whole form, as gateways and their logs write bodies",
        "decode it once, as by base64 -d, and give verify the form";
    BASE64_CHARACTER = "base64_with_other_characters", ["malformed_base64"],
        "a character that base64 does not have stands in the value: the line names it, its place and its usual cause",
        "remove it, or copy SAMLResponse again from the browser's network tools instead of from a page or a document";
    BASE64_JOINED = "base64_joined", ["malformed_base64"],
        "padding (=) stands inside the value: two values were joined, or it was changed",
        "copy one SAMLResponse whole";
    BASE64_TEXT = "base64_is_another_text", ["malformed_base64"],
        "JSON, a certificate or a key stands where base64 of the response belongs",
        "post the base64 of the response's XML";
    BASE64_TOKEN = "base64_is_a_token", ["malformed_base64"],
        "the value is a JSON Web Token and no SAML response",
        "give verify --token for a token, or the response of the SAML application";
    BASE64_XML = "base64_is_xml", ["malformed_base64"],
        "the field holds the XML itself, where base64 of it belongs",
        "encode the XML in base64, or give verify the XML alone";
    BASE64_CUT = "base64_cut", ["malformed_base64"],
        "the value was cut, as a log or a terminal cuts long lines",
        "copy SAMLResponse whole, from the browser's network tools";
    BASE64 = "base64_damaged", ["malformed_base64"],
        "the value is not the base64 that the identity provider wrote: it was changed or cut",
        "copy SAMLResponse whole, with its padding; in a form, + / = are written %2B %2F %3D";
    REDIRECT = "xml_compressed", ["malformed_xml"],
        "the message is compressed, as the binding HTTP-Redirect sends it, and that binding carries no response",
        "set the application's response binding to HTTP-POST; of a capture, take the POST to the ACS URL and not a redirect";
    UTF16 = "xml_utf16", ["malformed_xml"],
        "the message is in UTF-16: an editor or a shell stored it so",
        "store the capture in UTF-8 without another change, or give its base64";
    PACKED = "capture_packed", ["malformed_xml"],
        "the capture is a packed file, a document or a certificate in DER",
        "unpack it, and give the response itself";
    NOT_UTF8 = "xml_not_utf8", ["malformed_xml"],
        "the message is not in UTF-8: an editor stored it in another encoding",
        "store the capture in UTF-8 without another change";
    DAMAGED = "xml_damaged", ["malformed_xml"],
        "the message is empty or not well-formed: it was cut, or an editor or a browser's view changed it",
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
        Check::FormFields => of_fields(rejection.found()),
        Check::Base64 => of_base64(rejection.found()),
        Check::WellFormed if rejection.expected() == "UTF-8" => of_bytes(rejection.found()),
        Check::NoDoctype => &DOCTYPE,
        Check::Complexity => &COMPLEX,
        Check::UniqueIds => &TWO_IDS,
        _ => &DAMAGED,
    }
}

fn of_fields(found: &str) -> &'static Cause {
    let kinds: [(&str, &Cause); 13] = [
        ("SAMLRequest (Logout", &FORM_LOGOUT),
        ("SAMLRequest", &FORM_REQUEST),
        ("SAMLart", &FORM_ARTIFACT),
        ("wresult", &FORM_WS_FEDERATION),
        ("id_token", &FORM_TOKEN),
        ("access_token", &FORM_TOKEN),
        ("a code of OpenID Connect", &FORM_TOKEN),
        ("in another case", &FIELD_CASE),
        ("an empty capture", &CAPTURE_EMPTY),
        ("an HTML page without", &CAPTURE_PAGE),
        ("JSON without", &CAPTURE_JSON),
        ("a PEM file", &CAPTURE_PEM),
        ("an address", &CAPTURE_ADDRESS),
    ];
    let other = if found.starts_with("0 SAMLResponse") { &NO_RESPONSE } else { &SEVERAL_RESPONSES };
    kinds.into_iter().find(|(words, _)| found.contains(words)).map_or(other, |(_, cause)| cause)
}

fn of_base64(found: &str) -> &'static Cause {
    let kinds: [(&str, &Cause); 14] = [
        ("base64 of base64", &BASE64_TWICE),
        ("base64 of a form", &BASE64_FORM),
        ("a JSON Web Token", &BASE64_TOKEN),
        ("base64 for URLs", &BASE64_URL),
        ("base64 in percent-encoding", &BASE64_PERCENT),
        ("base64 with spaces", &BASE64_SPACES),
        ("XML", &BASE64_XML),
        ("JSON", &BASE64_TEXT),
        ("a PEM file", &BASE64_TEXT),
        ("a value that was cut", &BASE64_CUT),
        ("no base64: = as", &BASE64_JOINED),
        ("no base64: a last", &BASE64),
        ("no base64: `", &BASE64_CHARACTER),
        ("no base64: U+", &BASE64_CHARACTER),
    ];
    // The other faults are lengths that no base64 has.
    kinds.into_iter().find(|(words, _)| found.starts_with(words)).map_or(&BASE64_CUT, |(_, cause)| cause)
}

fn of_bytes(found: &str) -> &'static Cause {
    match found {
        "UTF-16" => &UTF16,
        found if found.starts_with("compressed") => &REDIRECT,
        found if found.starts_with("a ") || found.starts_with("DER") => &PACKED,
        _ => &NOT_UTF8,
    }
}
