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
    SEVERAL_RESPONSES = "form_with_several_responses", ["malformed_request"],
        "the form has SAMLResponse or RelayState twice, or the archive has several sign-ins",
        "keep one of each in a capture; if the form came from a browser, look for the page that sent it";
    NO_RESPONSE = "form_without_response", ["malformed_request"],
        "the form has no field SAMLResponse: it is another form, or its field's name has another case",
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
    match found {
        "an empty capture" => &CAPTURE_EMPTY,
        "an HTML page without a SAMLResponse" => &CAPTURE_PAGE,
        "JSON without a SAMLResponse" => &CAPTURE_JSON,
        "a PEM file" => &CAPTURE_PEM,
        found if found.starts_with("0 SAMLResponse") => &NO_RESPONSE,
        _ => &SEVERAL_RESPONSES,
    }
}

fn of_base64(found: &str) -> &'static Cause {
    match found {
        "base64 of base64" => &BASE64_TWICE,
        "a JSON Web Token" => &BASE64_TOKEN,
        found if found.starts_with("base64 for URLs") => &BASE64_URL,
        found if found.starts_with("base64 in percent-encoding") => &BASE64_PERCENT,
        found if found.starts_with("base64 with spaces") => &BASE64_SPACES,
        found if found.starts_with("XML") => &BASE64_XML,
        found if found.starts_with("a value that was cut") || found.contains("length") => &BASE64_CUT,
        _ => &BASE64,
    }
}

fn of_bytes(found: &str) -> &'static Cause {
    match found {
        "UTF-16" => &UTF16,
        found if found.starts_with("compressed") => &REDIRECT,
        found if found.starts_with("a ") || found.starts_with("DER") => &PACKED,
        _ => &NOT_UTF8,
    }
}
