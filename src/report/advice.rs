//! Advice for each rule of both protocols: the change that repairs a breach, and its place. Identity Center's fields go
//! by their console names.

use studio_acs_saml::Check;

/// One line of advice, for a response.
pub(crate) fn advice(check: Check) -> &'static str {
    match check {
        Check::Method | Check::ContentType | Check::FormFields => {
            "let the portal post the form itself; in a capture, keep the whole body, one SAMLResponse in it"
        }
        Check::BodySize => "capture the form's body alone; a response is some kilobytes",
        Check::Base64 => "copy SAMLResponse whole, with its padding; in a form, + / = are written %2B %2F %3D",
        Check::WellFormed => "copy the message whole and as it was; an editor or a browser view may have changed it",
        Check::NoDoctype | Check::UniqueIds => {
            "no identity provider sends this: treat it as an attack, and look for its source"
        }
        Check::Complexity => "no identity provider sends this much; map fewer attributes, or treat it as an attack",
        Check::Response => "post the response to a sign-in, not a logout message, a request or a bare assertion",
        Check::Status => {
            "the identity provider refused: see its own log; in Identity Center, assign the user to the application"
        }
        Check::NotEncrypted => "switch off assertion encryption for this application at the identity provider",
        Check::OneAssertion => {
            "one response carries one assertion: several, or nested ones, are how signatures are wrapped"
        }
        Check::SameIssuer => "no identity provider sends this: treat it as an attack, and look for its source",
        Check::KnownIssuer => {
            "download this application's IAM Identity Center SAML metadata file and point STUDIO_ACS_METADATA at it; each application has its own issuer"
        }
        Check::MetadataValid => {
            "its publisher says that the metadata no longer counts: download it again, and put it where STUDIO_ACS_METADATA points"
        }
        Check::MetadataConfirmed => {
            "put the metadata where STUDIO_ACS_METADATA points, readable and well-formed; the log says what is wrong with it"
        }
        Check::SignaturePlace | Check::SignatureShape | Check::Reference => {
            "no identity provider signs like this: treat it as an attack, and look for its source"
        }
        Check::Signed => {
            "let the identity provider sign what is asked for, or set STUDIO_ACS_REQUIRE_SIGNED to what it signs"
        }
        Check::Transforms => "set the identity provider to enveloped signatures with exclusive canonicalisation",
        Check::Algorithm => {
            "in Identity Center, Manage certificate: generate one with SHA-256 and RSA 2048, activate it, and download the metadata again"
        }
        Check::Digest => {
            "the message was changed after it was signed: capture it again, unformatted; if it is as sent, treat it as an attack"
        }
        Check::SignatureValue => {
            "the certificate was rotated, or the sender is another: download the IAM Identity Center SAML metadata file again and point STUDIO_ACS_METADATA at it"
        }
        Check::AssertionShape => {
            "the assertion is not SAML 2.0 as its schema has it: ask the identity provider's maker"
        }
        Check::Destination | Check::Recipient => {
            "make Application ACS URL in Identity Center and STUDIO_ACS_ACS_URL the same, to the last character: stage, slash and case"
        }
        Check::ConfirmationNotOnOrAfter | Check::ConditionsNotOnOrAfter | Check::Age => {
            "use a fresh response (for a capture, --at the time of capture); if it was fresh, set the clocks right, or raise STUDIO_ACS_MAX_AGE"
        }
        Check::ConfirmationNotBefore | Check::ConditionsNotBefore | Check::Issued => {
            "set the clocks right, or raise STUDIO_ACS_SKEW (at most 300); for a capture, --at the time of capture"
        }
        Check::InResponseTo => {
            "empty Application start URL in Identity Center, so that sign-ins begin at the portal; for a capture, --in-response-to ID"
        }
        Check::Conditions => "the assertion says nothing of its validity: ask the identity provider's maker",
        Check::KnownConditions => {
            "a condition that is not understood may forbid what we would do: remove it at the identity provider"
        }
        Check::Audience => {
            "make Application SAML audience in Identity Center and STUDIO_ACS_AUDIENCE the same, to the last character, trailing slash included"
        }
        Check::AuthnStatement => "let the identity provider say how the user was authenticated (AuthnStatement)",
        Check::SessionNotOnOrAfter => "sign in to the portal again; for a capture, --at the time of capture",
        Check::AttributePresent => {
            "in Identity Center, Attribute mappings: add it under this very name, or set STUDIO_ACS_USER_ATTRIBUTE, STUDIO_ACS_DOMAIN_ATTRIBUTE or STUDIO_ACS_GROUP_ATTRIBUTE to the name in use"
        }
        Check::AttributeSingle => {
            "in Identity Center, Attribute mappings: map it once, to something that has one value"
        }
        Check::AttributeFormat => {
            "in Identity Center, Attribute mappings: map the user to what is a profile name (not an e-mail address), and the domain to its d-… ID"
        }
        Check::DomainAllowed => "add the domain to STUDIO_ACS_ALLOWED_DOMAINS, or correct the attribute mapping",
        Check::GroupsHere => {
            "at Entra ID, Token configuration, groups claim: choose Groups assigned to the application (or filter them), so that each person has 150 at most; policies and the ledger cannot follow a link"
        }
    }
}

/// One line of advice, for a token.
pub(crate) fn token_advice(check: studio_acs_jwt::Check) -> &'static str {
    use studio_acs_jwt::Check;
    match check {
        Check::Present => {
            "let the portal send the header Authorization: Bearer and the token; capture the token, or that header"
        }
        Check::Size => "let the identity provider put less into the token, above all fewer groups",
        Check::Compact => {
            "copy the token whole: three parts with dots between; one of another form is for its issuer alone, so ask for one with our audience"
        }
        Check::HeaderShape => "copy the token whole and as it was; if it is as sent, treat it as an attack",
        Check::HeaderMembers => {
            "set the identity provider to signed tokens that are not encrypted; keys in a token are how they are forged: treat it as an attack"
        }
        Check::Algorithm => {
            "set the identity provider to RS256 or ES256 for these tokens; if it is, treat it as an attack"
        }
        Check::KeyId => "let the identity provider name its key in the header (kid), or take one that does",
        Check::Type => "send the kind of token that STUDIO_ACS_TOKEN_USE names: at+jwt is the type of access tokens",
        Check::KnownKey => {
            "put the issuer's keys of today where STUDIO_ACS_TOKEN_JWKS says; if they are there, the token is another issuer's"
        }
        Check::KeyAlgorithm => "no identity provider signs like this: treat it as an attack, and look for its source",
        Check::Signature => {
            "copy the token whole, and see that STUDIO_ACS_TOKEN_JWKS has this issuer's keys; tokens for Microsoft Graph verify nowhere else"
        }
        Check::ClaimsShape => "let the identity provider send the claim once, of the type that its standard says",
        Check::ClaimPresent => {
            "let the identity provider put the claim into tokens of the kind that STUDIO_ACS_TOKEN_USE names"
        }
        Check::Issuer => {
            "if this is the issuer that is meant, make STUDIO_ACS_TOKEN_ISSUER the same, to the last character, slash included"
        }
        Check::Use => {
            "send the kind of token that STUDIO_ACS_TOKEN_USE names, a user's own: id, access, or for access tokens of Cognito cognito-access"
        }
        Check::Audience => {
            "let the portal ask for a token for us, whose name is in STUDIO_ACS_TOKEN_AUDIENCE: for ID tokens, and with cognito-access, the portal's client ID"
        }
        Check::Scope => {
            "let the portal ask for the scope of STUDIO_ACS_TOKEN_SCOPE, and the identity provider allow it to that client"
        }
        Check::NotExpired => {
            "get a new token (for a capture, --at the time of capture); if it was new, set the clocks right"
        }
        Check::NotBefore | Check::Issued => {
            "set the clocks right, or raise STUDIO_ACS_SKEW (at most 300); for a capture, --at the time of capture"
        }
        Check::Age => {
            "get a new token (for a capture, --at the time of capture), or raise STUDIO_ACS_TOKEN_MAX_AGE to what tokens live"
        }
        Check::User => {
            "let the identity provider put the claim into these tokens, or set STUDIO_ACS_TOKEN_USER_CLAIM to one that is in them and that users cannot change"
        }
        Check::ClaimFormat => {
            "let the identity provider send fewer groups, such as those that are assigned to the application, and values of plain text"
        }
        Check::EmailVerified => {
            "set STUDIO_ACS_TOKEN_USER_CLAIM to a claim that users cannot change, such as sub, or let the identity provider verify the address"
        }
        Check::Groups => {
            "let the identity provider put the groups into these tokens, set STUDIO_ACS_TOKEN_GROUP_CLAIM to the claim that holds them, or set STUDIO_ACS_REQUIRE_GROUPS to off if no policy restricts members"
        }
    }
}
