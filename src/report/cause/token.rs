//! The causes of a refused token.

use studio_acs_jwt::{Check, Rejection, TokenRules};

use super::{Cause, causes};

/// The facts beside a rejection that tell its causes apart, as far as the caller has them.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokenContext<'a> {
    /// The rules of the issuer that judged it.
    pub rules: Option<&'a TokenRules>,
}

causes! {
    MISSING = "token_not_sent", ["token_missing"],
        "the request has no token, or its scheme is not Bearer",
        "let the portal send the header Authorization: Bearer and the token; capture the token, or that header";
    LARGE = "token_with_too_much", ["token_too_large"],
        "the token is longer than the limit",
        "let the identity provider put less into the token, above all fewer groups";
    NOT_COMPACT = "token_of_another_form", ["token_malformed"],
        "the text is no compact JWS: it was cut, or the token is one that only its issuer reads",
        "copy the token whole: three parts with dots between; if it has another form, ask the issuer for one with our audience";
    HEADER = "token_header_damaged", ["token_malformed"],
        "the token's header is no JSON object with each member once",
        "copy the token whole and as it was; if it is as it was sent, treat it as an attack";
    HEADER_MEMBERS = "token_header_member", ["token_header_forbidden"],
        "the header brings a key, or asks for encryption or an extension",
        "set the issuer to signed tokens that are not encrypted; if it is, treat a token with a key as an attack";
    ALGORITHM = "token_algorithm", ["token_algorithm_forbidden"],
        "the token is signed by an algorithm that is not taken",
        "set the issuer to RS256 or ES256 for these tokens; if it is, treat it as an attack";
    NO_KEY_ID = "token_without_key_id", ["token_malformed"],
        "the token does not name its key",
        "let the issuer name its key in the header (kid)";
    TYPE = "token_of_another_type", ["token_type_mismatch"],
        "the token is of another type than STUDIO_ACS_TOKEN_USE asks for",
        "send the kind of token that STUDIO_ACS_TOKEN_USE names: at+jwt is the type of access tokens";
    KEY_UNKNOWN = "token_key_not_in_set", ["token_key_unknown"],
        "the issuer's key set has no key of this name",
        "put the issuer's keys of today where STUDIO_ACS_TOKEN_JWKS says; if they are there, the token is another issuer's";
    KEY_ALGORITHM = "token_key_of_another_algorithm", ["token_algorithm_forbidden"],
        "the token names an algorithm that its key is not for, which no issuer does",
        "treat it as an attack, and look for its source";
    SIGNATURE = "token_signed_otherwise", ["token_signature_invalid"],
        "the token was changed, or a key of the same name at another issuer signed it",
        "copy the token whole, and see that STUDIO_ACS_TOKEN_JWKS has this issuer's keys; tokens for Microsoft Graph verify nowhere else";
    CLAIMS = "token_claims_damaged", ["token_malformed"],
        "a claim occurs twice, or is not of the type that its standard says",
        "let the issuer send the claim once, of the type that its standard says";
    CLAIM_ABSENT = "token_claim_absent", ["token_claim_missing"],
        "the token does not have a claim that a decision rests on",
        "let the issuer put the claim into tokens of the kind that STUDIO_ACS_TOKEN_USE names";
    ISSUER = "token_issuer_other", ["token_issuer_mismatch"],
        "the token is from another issuer than STUDIO_ACS_TOKEN_ISSUER names",
        "if this is the issuer that is intended, make STUDIO_ACS_TOKEN_ISSUER the same, to the last character, slash included";
    USE = "token_of_another_kind", ["token_use_mismatch"],
        "the token is of another kind than STUDIO_ACS_TOKEN_USE names, or no user's own",
        "send the kind of token that STUDIO_ACS_TOKEN_USE names, a user's own: id, access, or for access tokens of Cognito cognito-access";
    AUDIENCE = "token_audience_other", ["token_audience_mismatch"],
        "the token is for another audience than ours",
        "let the portal ask for a token for us, whose name is in STUDIO_ACS_TOKEN_AUDIENCE: for ID tokens, and with cognito-access, the portal's client ID";
    SCOPE = "token_scope_absent", ["token_scope_missing"],
        "the token does not have the scope of STUDIO_ACS_TOKEN_SCOPE",
        "let the portal ask for the scope of STUDIO_ACS_TOKEN_SCOPE, and the issuer allow it to that client";
    EXPIRED = "token_over", ["token_expired"],
        "the token has expired",
        "get a new token (for a capture, --at the time of capture); if it was new, set the clocks right";
    EARLY = "token_early", ["token_not_yet_valid"],
        "the token is from the future, by our clock",
        "set the clocks right, or raise STUDIO_ACS_SKEW (at most 300); for a capture, --at the time of capture";
    OLD = "token_old", ["token_expired"],
        "the token is older than STUDIO_ACS_TOKEN_MAX_AGE, and has not expired",
        "get a new token (for a capture, --at the time of capture), or raise STUDIO_ACS_TOKEN_MAX_AGE to what tokens live";
    USER_ABSENT = "token_user_absent", ["token_claim_missing"],
        "the token does not have the claim that names the user",
        "let the issuer put the claim into these tokens, or set STUDIO_ACS_TOKEN_USER_CLAIM to one that is in them and that users cannot change";
    CLAIM_FORMAT = "token_claim_unusable", ["token_claim_invalid"],
        "the claim's values are too many, too long or no plain text",
        "let the issuer send fewer groups, such as those that are assigned to the application, and values of plain text";
    EMAIL = "token_email_not_verified", ["token_email_unverified"],
        "an address names the user, and the issuer does not say that it is verified",
        "set STUDIO_ACS_TOKEN_USER_CLAIM to a claim that users cannot change, such as sub, or let the issuer verify the address";
    GROUPS_ABSENT = "token_groups_absent", ["token_claim_missing"],
        "the token does not have the claim that holds the groups, and STUDIO_ACS_REQUIRE_GROUPS asks for it",
        "let the issuer put the groups into these tokens, set STUDIO_ACS_TOKEN_GROUP_CLAIM to the claim that holds them, or set STUDIO_ACS_REQUIRE_GROUPS to off if no policy restricts members";
}

/// Returns the cause of a refused token.
pub fn token_cause(rejection: &Rejection, _: &TokenContext<'_>) -> &'static Cause {
    match rejection.check() {
        Check::Present => &MISSING,
        Check::Size => &LARGE,
        Check::Compact => &NOT_COMPACT,
        Check::HeaderShape => &HEADER,
        Check::HeaderMembers => &HEADER_MEMBERS,
        Check::Algorithm => &ALGORITHM,
        Check::KeyId => &NO_KEY_ID,
        Check::Type => &TYPE,
        Check::KnownKey => &KEY_UNKNOWN,
        Check::KeyAlgorithm => &KEY_ALGORITHM,
        Check::Signature => &SIGNATURE,
        Check::ClaimsShape => &CLAIMS,
        Check::ClaimPresent => &CLAIM_ABSENT,
        Check::Issuer => &ISSUER,
        Check::Use => &USE,
        Check::Audience => &AUDIENCE,
        Check::Scope => &SCOPE,
        Check::NotExpired => &EXPIRED,
        Check::NotBefore | Check::Issued => &EARLY,
        Check::Age => &OLD,
        Check::User => &USER_ABSENT,
        Check::ClaimFormat => &CLAIM_FORMAT,
        Check::EmailVerified => &EMAIL,
        Check::Groups => &GROUPS_ABSENT,
    }
}
