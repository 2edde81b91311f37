//! Causes in the token's key and signature.

use studio_acs_jwt::{Check, Rejection};

use crate::report::cause::difference::{Difference, as_sent};
use crate::report::cause::{Cause, causes};

causes! {
    LEFT_OUT = "token_key_left_out", ["token_key_unknown"],
        "the token names a key of the set that is left out, for the reason that the line has",
        "let the issuer publish a key without that fault and sign by it; where the reason is an algorithm, add it to STUDIO_ACS_TOKEN_ALGORITHMS";
    SEVERAL = "token_without_key_id", ["token_key_unknown"],
        "the token names no key (kid), and several keys of the set fit its algorithm",
        "let the issuer name its key in the header (at LemonLDAP::NG set the key ID of the signing key), or leave one key of that algorithm in the set";
    NONE_FITS = "token_without_a_fitting_key", ["token_key_unknown"],
        "the token names no key (kid), and no key of the set fits its algorithm",
        "put the issuer's keys of today where STUDIO_ACS_TOKEN_JWKS says; if they are there, the token is another issuer's";
    UNNAMED = "token_key_without_id_in_set", ["token_key_unknown"],
        "the token names a key (kid), and the keys of the set have no names",
        "put the key set of the issuer's jwks_uri where STUDIO_ACS_TOKEN_JWKS says, with the member kid of each key";
    SPELLING = "token_key_id_spelling", ["token_key_unknown"],
        "the token's key ID (kid) and one of the key set differ by white space, quotation marks, capitals, or a character that looks the same",
        "put the key set of the issuer's jwks_uri, as it is, where STUDIO_ACS_TOKEN_JWKS says: a copy of it was edited, or the issuer writes two spellings";
    UNKNOWN = "token_key_not_in_set", ["token_key_unknown"],
        "the issuer's key set has no key of this name: the issuer has a newer key, or the token is another issuer's, realm's or tenant's",
        "put the issuer's keys of today where STUDIO_ACS_TOKEN_JWKS says, if it is a file or parameter; if they are there, compare the token's iss";
    SIBLING = "token_key_of_a_sibling_algorithm", ["token_algorithm_forbidden"],
        "the token is signed by another algorithm of the same family than its key is published for: the issuer's setting was changed, and not its key",
        "let the issuer publish the key with the algorithm that it signs by (alg), or without one";
    ALGORITHM = "token_key_of_another_algorithm", ["token_algorithm_forbidden"],
        "the key of this name in the set is of another kind than the token's algorithm: the issuer has a new key under the old name, or the token is forged",
        "put the issuer's keys of today where STUDIO_ACS_TOKEN_JWKS says; if they are there, treat the token as an attack";
    DER = "token_signature_in_der", ["token_signature_invalid"],
        "the ECDSA signature is written in DER, as cryptographic libraries and AWS KMS give it, and not as r and s one after the other (RFC 7518 3.4)",
        "let the issuer write r and s in a fixed length each: libraries for JWT do, and for KMS the program that asks it has to";
    SIGNATURE = "token_signed_otherwise", ["token_signature_invalid"],
        "the token was changed or cut, or a key of the same name at another issuer, realm or deployment signed it",
        "copy the token whole, and see that STUDIO_ACS_TOKEN_JWKS has this issuer's keys; tokens for Microsoft Graph verify nowhere else; if an API client sends it as the issuer made it, treat it as an attack";
}

/// Returns the cause of a refusal in this stage.
pub(super) fn cause(rejection: &Rejection) -> &'static Cause {
    let (expected, found) = (rejection.expected(), rejection.found());
    match rejection.check() {
        Check::KnownKey if found.starts_with("a key that is left out") => &LEFT_OUT,
        Check::KnownKey if found.starts_with("no key ID, and 0 keys") => &NONE_FITS,
        Check::KnownKey if found.starts_with("no key ID") => &SEVERAL,
        Check::KnownKey if expected.split(" or ").all(|name| name == "one without an ID") => &UNNAMED,
        Check::KnownKey => match Difference::of(expected.split(" or ").map(as_sent), [as_sent(found)].into_iter()) {
            Difference::Space | Difference::Quotes | Difference::Case | Difference::LookAlike => &SPELLING,
            _ => &UNKNOWN,
        },
        Check::KeyAlgorithm if expected.split(" or ").any(|own| is_rsa(own) && is_rsa(found)) => &SIBLING,
        Check::KeyAlgorithm => &ALGORITHM,
        _ if found == "one in DER" => &DER,
        _ => &SIGNATURE,
    }
}

fn is_rsa(algorithm: &str) -> bool {
    algorithm.starts_with("RS") || algorithm.starts_with("PS")
}
