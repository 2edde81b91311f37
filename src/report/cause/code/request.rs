//! Causes in requests and resume tokens.

use super::general;
use crate::report::cause::{Cause, causes};

causes! {
    ORIGIN = "posted_by_another_page", ["origin_not_allowed"],
        "the page that posted the response is not on the list STUDIO_ACS_ALLOWED_ORIGINS",
        "find out which page posted the response; if it is the access portal, add its origin to STUDIO_ACS_ALLOWED_ORIGINS";
    OVERLOADED = "form_memory_full", ["overloaded"],
        "the memory for forms was full, and this form was not complete",
        "raise STUDIO_ACS_BODY_MEMORY, or find out who sends large forms slowly";
    SECOND_OPINION = "verifiers_disagree", ["second_opinion"],
        "the second verifier refuses a response that ours accepts",
        "keep the response and report it: one of the two verifiers is wrong";
    DECLINED = "user_declined", ["sign_in_declined"],
        "the user answered that the sign-in is not theirs",
        "ask the user how they came to the page: an attacker may have posted their own response to the user's browser";
    RESUME_MISSING = "cookie_missing", ["resume_missing"],
        "the browser sent no cookie of a sign-in: it was opened elsewhere, or cookies are removed",
        "let the user start at the access portal; if it happens to many, a proxy may remove cookies";
    RESUME_INVALID = "cookie_of_another_key", ["resume_invalid"],
        "the cookie was signed by another key, or changed",
        "set the same STUDIO_ACS_RESUME_KEY for all instances; if it is set, treat the request as an attack";
    RESUME_EXPIRED = "page_waited_too_long", ["resume_expired"],
        "the user continued later than STUDIO_ACS_RESUME_SECONDS allows",
        "let the user start at the access portal; if users need longer, raise STUDIO_ACS_RESUME_SECONDS";
    RESUME_UNTRUSTED = "trust_ended_meanwhile", ["resume_issuer_untrusted"],
        "the identity provider or its key left the metadata after the sign-in had begun",
        "see whether it left the metadata on purpose, or the metadata has expired; then let the user sign in again";
    RESUME_PAGE = "page_of_another_step", ["resume_another_page"],
        "the form came from an earlier page of the sign-in, as from an old tab",
        "let the user go on in the newest tab only, or start at the access portal";
    RESUME_FAILED = "cookie_too_long", ["resume_failed"],
        "the identity does not fit into a cookie",
        "map fewer groups at the identity provider";
    PAGE_FORM = "page_form_damaged", ["form_method_not_allowed", "form_unsupported_media_type", "form_too_large", "form_invalid"],
        "the form is not as a page of ours sends it",
        "let the user start at the access portal; if it happens to many, a proxy changes what the pages send";
    API_METHOD = "api_method", ["method_not_allowed"],
        "the API client sent a method that the address does not take",
        "send the method that the header Allow names";
    API_TYPE = "api_content_type", ["unsupported_media_type"],
        "the API client's body is not JSON by its type",
        "send Content-Type: application/json";
    API_SIZE = "api_body_too_long", ["too_large"],
        "the API client's body is over the limit, or broke off",
        "send a body within the limit, and all of it in time";
    API_BODY = "api_body_malformed", ["malformed_request"],
        "the API client's body is not what /openapi.json describes",
        "compare the request with /openapi.json; the answer's detail names the member or the column";
    TOKEN_KEYS = "token_keys_unreadable", ["token_keys_unavailable"],
        "the issuer's keys could not be read, or another file stands in their place",
        "look for the reason in the log, which names the file, and make STUDIO_ACS_TOKEN_JWKS readable again; studio-acs verify --token names the cause";
}

/// Returns the cause of a refused request.
pub(super) fn cause(code: &str, _reason: &str) -> Option<&'static Cause> {
    general(ALL, code)
}
