//! Causes in the token's header.

use studio_acs_jwt::{Algorithm, Check, Rejection};

use crate::report::cause::{Cause, causes};

causes! {
    HEADER = "token_header_damaged", ["token_malformed"],
        "the token's header is no JSON object with each member once",
        "copy the token whole and as it was; if it is as it was sent, treat it as an attack";
    KEY_PLACE = "token_says_where_keys_are", ["token_header_forbidden"],
        "the header says where the keys are (jku, x5u), as Cloud Foundry UAA and SAP write it; a token that names its own keys is how tokens are forged, and is refused",
        "let the issuer leave the member out; if the issuer is not one that writes it, treat the token as an attack";
    KEY = "token_brings_its_key", ["token_header_forbidden"],
        "the header brings a key or a certificate (jwk, x5c), by which anybody could sign",
        "let the issuer leave the member out and name its key (kid); if the issuer writes none, treat the token as an attack";
    NESTED = "token_in_a_token", ["token_header_forbidden"],
        "the token holds another token, or is compressed or encrypted",
        "set the issuer to plain signed tokens";
    EXTENSION = "token_with_extension", ["token_header_forbidden"],
        "the header asks for an extension that must be understood (crit, b64)",
        "set the issuer to tokens without it";
    SHARED_SECRET = "token_by_shared_secret", ["token_algorithm_forbidden"],
        "the token is signed by a secret that issuer and API client share (HS256 and the like), so that whoever verifies can sign",
        "set the signature of this client or API to RS256 or ES256 at the issuer: at Auth0 the API's signing algorithm, at django-oauth-toolkit the application's, at Keycloak the client's; refresh tokens are signed so, too, and are not for us";
    UNSIGNED = "token_unsigned", ["token_algorithm_forbidden"],
        "the token says that it has no signature (none)",
        "set the issuer to RS256 or ES256 for these tokens; if it signs them, treat this one as an attack";
    NO_ALGORITHM = "token_without_algorithm", ["token_algorithm_forbidden"],
        "the header names no algorithm",
        "copy the token whole and as it was; if it is as it was sent, its issuer does not follow RFC 7515 4.1.1";
    NOT_ALLOWED = "token_algorithm_not_allowed", ["token_algorithm_forbidden"],
        "the token is signed by an algorithm that STUDIO_ACS_TOKEN_ALGORITHMS does not have",
        "add it to STUDIO_ACS_TOKEN_ALGORITHMS if the issuer signs by it on purpose, or set the issuer to RS256 or ES256";
    ALGORITHM = "token_algorithm", ["token_algorithm_forbidden"],
        "the token is signed by an algorithm that this service never takes",
        "set the issuer to RS256, ES256 or EdDSA (Ed25519) for these tokens";
    KEY_ID = "token_key_id_unusable", ["token_malformed"],
        "the key ID in the header (kid) is empty, too long or no text",
        "let the issuer name its key by a short text, or leave kid out";
    ACCESS_FOR_ID = "access_token_by_its_type", ["token_type_mismatch"],
        "an access token came (its type is at+jwt), and STUDIO_ACS_TOKEN_USE asks for another kind",
        "let the portal send its ID token; or set STUDIO_ACS_TOKEN_USE to access, with our audience in STUDIO_ACS_TOKEN_AUDIENCE";
    LOGOUT = "logout_token_by_its_type", ["token_type_mismatch"],
        "a token of another purpose came: for a logout, an event or a proof",
        "let the portal send the user's ID or access token";
    TYPE = "token_of_another_type", ["token_type_mismatch"],
        "the header's type (typ) is none that ID and access tokens have",
        "send the kind of token that STUDIO_ACS_TOKEN_USE names; types are JWT, at+jwt for access tokens, or none";
}

/// Returns the cause of a refusal in this stage.
pub(super) fn cause(rejection: &Rejection) -> &'static Cause {
    let found = rejection.found();
    match rejection.check() {
        Check::HeaderMembers => match found {
            "jku" | "x5u" => &KEY_PLACE,
            "jwk" | "x5c" => &KEY,
            "crit" | "b64" => &EXTENSION,
            _ => &NESTED,
        },
        Check::Algorithm => match found {
            "nothing" => &NO_ALGORITHM,
            "HS256" | "HS384" | "HS512" => &SHARED_SECRET,
            name if name.eq_ignore_ascii_case("none") => &UNSIGNED,
            name if Algorithm::parse(name).is_some() => &NOT_ALLOWED,
            _ => &ALGORITHM,
        },
        Check::KeyId => &KEY_ID,
        Check::Type => {
            let name = found.to_ascii_lowercase();
            match name.strip_prefix("application/").unwrap_or(&name) {
                "at+jwt" => &ACCESS_FOR_ID,
                "logout+jwt" | "secevent+jwt" | "dpop+jwt" | "token-introspection+jwt" | "oauth-authz-req+jwt" => {
                    &LOGOUT
                }
                _ => &TYPE,
            }
        }
        _ => &HEADER,
    }
}
