//! Causes in the `Authorization` header, and in the form of the text that came for a token.

use studio_acs_jwt::{Check, Rejection};

use crate::report::cause::{Cause, causes};

causes! {
    MISSING = "token_not_sent", ["token_missing"],
        "the request has no token: its header is absent or empty, or a proxy took the header away",
        "let the portal send the header Authorization: Bearer and the token; capture the token, or that header";
    SCHEME = "token_with_another_scheme", ["token_missing"],
        "the header Authorization has another scheme than Bearer",
        "let the portal send Bearer and the token, also where its library writes Token, Basic or DPoP";
    LARGE = "token_with_too_much", ["token_too_large"],
        "the token is longer than the limit",
        "let the identity provider put less into the token, above all fewer groups";
    SEVERAL = "token_header_twice", ["token_malformed"],
        "the request has several Authorization headers: a proxy or a gateway adds one of its own",
        "let the proxy leave the header as it is, or send its own credentials under another name";
    ENCRYPTED = "token_encrypted", ["token_malformed"],
        "the token has five parts: it is encrypted for somebody (JWE)",
        "let the issuer sign tokens for this client or API and not encrypt them (at Auth0, Okta and oidc-provider a setting of the API or client)";
    OPAQUE = "token_opaque", ["token_malformed"],
        "the token is no JWT but a reference that only its issuer can read, as of GitHub, Google, Entra ID for Microsoft's own APIs, Okta's org server, Ory, LemonLDAP::NG and Auth0 without an audience, or of another format, such as PASETO",
        "ask the issuer for a JWT with our audience: a custom authorization server, an API of its own, or JWT access tokens switched on; or send the ID token and set STUDIO_ACS_TOKEN_USE to id";
    SAML = "token_is_saml", ["token_malformed"],
        "a SAML response or other XML came in place of a token",
        "send a JWT of OpenID Connect here; SAML responses are for the ACS URL, and for verify without --token";
    PAGE = "token_is_a_page", ["token_malformed"],
        "an HTML page came in place of a token: the portal or a script stored a login page or a proxy's error",
        "let the portal ask the token endpoint, sign in again where its session has ended, and send the token only";
    REFUSAL = "token_is_a_refusal", ["token_malformed"],
        "the token endpoint refused, and its answer (error) came in place of a token",
        "look into the answer for the member error, mend the client's request, and send the token only";
    KEY_SET = "token_is_a_key_set", ["token_malformed"],
        "a key set (JWKS) came in place of a token",
        "send the user's token here; the key set is for STUDIO_ACS_TOKEN_JWKS";
    DECODED = "token_is_decoded", ["token_malformed"],
        "the header or the claims came in clear, as a debugger shows them: without the signature nothing of them can be verified",
        "send or store the token itself: three parts of base64url with dots between";
    NOTHING = "token_is_a_word", ["token_malformed"],
        "the portal had no token, and sent its language's word for nothing",
        "let the portal wait for its token, and look for the name under which it reads it";
    VARIABLE = "token_is_a_variable", ["token_malformed"],
        "the name of a variable came in place of its value",
        "let the shell or the template replace the variable: in a shell by double quotation marks";
    WHOLE_ANSWER = "token_is_a_whole_answer", ["token_malformed"],
        "the whole answer of the token endpoint came, and not the token in it",
        "send the text of the member access_token or id_token only";
    TWICE = "token_scheme_twice", ["token_malformed"],
        "the word Bearer stands before the token twice",
        "let the portal add the scheme once; its library may add it already";
    QUOTED = "token_quoted", ["token_malformed"],
        "quotation marks stand around the token",
        "send the token without quotation marks; jq writes none with -r";
    ENCODED = "token_url_encoded", ["token_malformed"],
        "the token is encoded as in a URL or a form",
        "decode it once before it is sent; a token has no percent signs";
    STRIPPED = "token_without_signature", ["token_malformed"],
        "the third part of the token, its signature, is absent: the token was cut, or was never signed",
        "copy the token whole, and set the issuer to sign these tokens; if an API client sends it so, treat it as an attack";
    OTHER_BASE64 = "token_in_other_base64", ["token_malformed"],
        "the parts are base64 with padding or with + and /, and not base64url: a library of the issuer or a proxy wrote them again",
        "send the token as the issuer made it; if the issuer made it so, its library does not follow RFC 7515 2";
    UTF16 = "token_in_utf16", ["token_malformed"],
        "the captured token is in UTF-16: an editor or a shell stored it so, as > does in Windows PowerShell",
        "store the token as ASCII or UTF-8 (in PowerShell, Out-File -Encoding ascii)";
    NOT_COMPACT = "token_of_another_form", ["token_malformed"],
        "the text is no compact JWS: it was cut, or it has white space or other characters in it",
        "copy the token whole, on one line: three parts with dots between";
}

/// Returns the cause of a refusal in this stage.
pub(super) fn cause(rejection: &Rejection) -> &'static Cause {
    let found = rejection.found();
    match rejection.check() {
        Check::Size => &LARGE,
        Check::Present if rejection.expected() == "the scheme Bearer" => &SCHEME,
        Check::Present => &MISSING,
        _ => {
            let forms: [(&str, &Cause); 19] = [
                ("text in UTF-16", &UTF16),
                ("several", &SEVERAL),
                ("five parts", &ENCRYPTED),
                ("one part", &OPAQUE),
                ("a SAML response", &SAML),
                ("parts of which the first is no header", &OPAQUE),
                ("an HTML page", &PAGE),
                ("JSON: a refusal", &REFUSAL),
                ("JSON: a key set", &KEY_SET),
                ("JSON: the decoded", &DECODED),
                ("JSON", &WHOLE_ANSWER),
                ("the name of a variable", &VARIABLE),
                ("the scheme Bearer twice", &TWICE),
                ("quotation marks", &QUOTED),
                ("percent signs", &ENCODED),
                ("two parts", &STRIPPED),
                ("three parts with padding", &OTHER_BASE64),
                ("three parts of base64", &OTHER_BASE64),
                ("the word", &NOTHING),
            ];
            forms.into_iter().find(|(words, _)| found.starts_with(words)).map_or(&NOT_COMPACT, |(_, cause)| cause)
        }
    }
}
