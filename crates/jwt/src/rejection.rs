//! The rules of a token, in the order in which they are checked.

use studio_acs_refusal::BrokenRule;

/// A rule that a token broke.
pub type Rejection = studio_acs_refusal::Rejection<Check>;

studio_acs_refusal::rules! {
    /// The rules of a token, in the order in which they are checked. Several rules may share a code.
    pub enum Check;

    /// RFC 6750 2.1: the token comes in the header.
    Present = "token_missing", Bearer, "there is an Authorization header of the scheme Bearer";
    /// Work is bounded before it is done.
    Size = "token_too_large", Bearer, "the token is within the size limit";
    /// RFC 7515 7.1: three parts; one header, so that no two readers can disagree.
    Compact = "token_malformed", Bearer, "one Authorization header holds one compact JWS";
    /// RFC 7515 4, RFC 8725 2.4: an object, each member once.
    HeaderShape = "token_malformed", Header, "the JOSE header is a JSON object with each member once";
    /// RFC 7515 4.1.2–4.1.6, 4.1.11, RFC 8725 3.10: a token brings no keys, and asks for nothing that must be
    /// understood.
    HeaderMembers = "token_header_forbidden", Header, "the header brings no key, no encryption and no extension";
    /// RFC 8725 3.1: an allow-list.
    Algorithm = "token_algorithm_forbidden", Header, "the algorithm is one that the settings allow";
    /// RFC 7515 4.1.4: a text, which may be absent.
    KeyId = "token_malformed", Header, "the key ID in the header is a text, or absent";
    /// RFC 8725 3.11, RFC 9068 2.1: explicit typing, where the header has a type.
    Type = "token_type_mismatch", Header, "the header's type is one of the tokens that are taken";
    /// RFC 7515 4.1.4, RFC 7517 4.5: one of the issuer's keys, and without a key ID the only one that fits.
    KnownKey = "token_key_unknown", Signature, "the issuer's key set has the token's key";
    /// RFC 8725 3.1: a key is used for one algorithm.
    KeyAlgorithm = "token_algorithm_forbidden", Signature, "the algorithm is that of the key";
    /// RFC 7515 5.2.
    Signature = "token_signature_invalid", Signature, "the signature verifies under the key";
    /// RFC 7519 4, RFC 8725 2.4: an object, each member once.
    ClaimsShape = "token_malformed", Claims, "the claims are a JSON object with each member once, of the right types";
    /// RFC 7519 4.1, OpenID Connect Core 2, RFC 9068 2.2: claims that a decision rests on are present.
    ClaimPresent = "token_claim_missing", Claims, "the claim is there";
    /// OpenID Connect Core 3.1.3.7, RFC 9068 4: character by character.
    Issuer = "token_issuer_mismatch", Claims, "the issuer is the configured one";
    /// RFC 8725 3.12: tokens of one kind are not taken for another.
    Use = "token_use_mismatch", Claims, "the token is of the kind that is taken";
    /// RFC 7519 4.1.3, OpenID Connect Core 3.1.3.7.
    Audience = "token_audience_mismatch", Claims, "the token is for us";
    /// RFC 6750 3.1, RFC 9068 4.
    Scope = "token_scope_missing", Claims, "the token has the scope that is asked for";
    /// RFC 7519 4.1.4: the bound is exclusive.
    NotExpired = "token_expired", Claims, "the token has not expired";
    /// RFC 7519 4.1.5.
    NotBefore = "token_not_yet_valid", Claims, "the token's validity has begun";
    /// RFC 7519 4.1.6: nothing is issued in the future.
    Issued = "token_not_yet_valid", Claims, "the token was not issued in the future";
    /// Ours: an issuer's own limit can be a day.
    Age = "token_expired", Claims, "the token is not older than the maximum age";
    /// Configuration: the claim that names the user.
    User = "token_claim_missing", Identity, "the claim that names the user is there";
    /// Ours: what is compared and shown can be.
    ClaimFormat = "token_claim_invalid", Identity, "the claim that names the user is plain text";
    /// OpenID Connect Core 5.7: an unverified address names no user.
    EmailVerified = "token_email_unverified", Identity, "an email that names the user is verified";
    /// Configuration: a person whose groups are not known must not pass for a person without any.
    Groups = "token_claim_missing", Identity, "the claim that holds the groups is there, where it must be";
}

/// The stages of a verification, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// RFC 6750.
    Bearer,
    /// The JOSE header, as it came.
    Header,
    /// Key and signature.
    Signature,
    /// The claims' own rules.
    Claims,
    /// The user whom it is about.
    Identity,
}

impl Check {
    /// Returns the rule with the name of its stage, as lists of all codes have it.
    pub fn broken_rule(self) -> BrokenRule {
        BrokenRule { stage: self.stage().name(), code: self.code(), rule: self.rule() }
    }
}

impl Stage {
    /// Returns the name of the stage in lists of all codes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bearer => "authorization",
            Self::Header => "token header",
            Self::Signature => "token signature",
            Self::Claims => "claims",
            Self::Identity => "token identity",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_stand_in_the_order_of_their_stages() {
        assert!(Check::ALL.is_sorted_by_key(|check| check.stage()));
    }

    /// The lists of all codes have a heading for each.
    #[test]
    fn each_stage_has_its_name_in_lists() {
        let mut stages: Vec<_> = Check::ALL.iter().map(|check| check.broken_rule().stage).collect();
        stages.dedup();
        assert_eq!(stages, ["authorization", "token header", "token signature", "claims", "token identity"]);
        assert!(Check::ALL.iter().all(|check| check.broken_rule().code == check.code()));
    }
}
