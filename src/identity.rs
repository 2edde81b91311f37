//! The user in SageMaker's terms: [`VerifiedAssertion`](studio_acs_saml::VerifiedAssertion) or
//! [`VerifiedToken`](studio_acs_jwt::VerifiedToken) → [`Identity`].

mod assertion;
mod confirmation;
mod name;
mod resume_token;
mod sign_in_request;
mod token;

use studio_acs_policy::Protocol;
use time::UtcDateTime;

pub use assertion::IdentityRules;
pub use confirmation::{ConfirmRule, Confirmation, Confirmed};
pub use name::{DomainId, UserProfileName};
pub use resume_token::{CsrfToken, Issued, ResumeError, ResumeToken, ResumeTokens, Since};
pub use sign_in_request::SignInRequest;
pub use token::ClaimRules;

/// A user, by verified facts. Made only by [`Identity::of`], by [`Identity::by_token`], and by a [`ResumeToken`] that
/// carries one over to the next request.
#[derive(Debug, Clone)]
pub struct Identity {
    user: String,
    named: Option<(UserProfileName, DomainId)>,
    groups: Vec<String>,
    issuer: String,
    source_id: String,
    credential_kind: CredentialKind,
    replay_key: Option<ReplayKey>,
    session_not_on_or_after: Option<UtcDateTime>,
    authenticated_at: Option<UtcDateTime>,
    authentication_methods: Vec<String>,
}

/// The kind of credential that identifies a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialKind {
    /// A SAML assertion.
    Assertion,
    /// An OpenID Connect ID token.
    IdToken,
    /// An OAuth 2.0 access token.
    AccessToken,
}

impl CredentialKind {
    /// The protocol that it was brought by.
    pub fn protocol(self) -> Protocol {
        match self {
            Self::Assertion => Protocol::Saml,
            Self::IdToken | Self::AccessToken => Protocol::Jwt,
        }
    }
}

/// The part of an identity that makes it usable one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplayKey {
    /// The same for every presentation of what it was read from, and for nothing else.
    pub key: [u8; 32],
    /// When the identity provider issued it, by its own clock; `None` for a resume token, which we issue, and judge by
    /// ours.
    pub issued: Option<UtcDateTime>,
    /// From when on it cannot be used any more, without the skew.
    pub until: UtcDateTime,
}

impl Identity {
    /// The user, as the identity provider names them.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The user profile and the domain that an assertion itself names; `None` where the ledger says.
    pub fn named(&self) -> Option<(&UserProfileName, &DomainId)> {
        self.named.as_ref().map(|(profile, domain)| (profile, domain))
    }

    /// The user's groups, as the identity provider names them.
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// The identity provider: its entity ID, or the token's `iss`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The ID of what it was first read from: the assertion's, or the token's.
    pub fn source_id(&self) -> &str {
        &self.source_id
    }

    /// The kind of their credential.
    pub fn credential_kind(&self) -> CredentialKind {
        self.credential_kind
    }

    /// The key that makes it usable one time; `None` where it may be used until its end.
    pub fn replay_key(&self) -> Option<ReplayKey> {
        self.replay_key
    }

    /// When the session at the identity provider ends, if it says so.
    pub fn session_not_on_or_after(&self) -> Option<UtcDateTime> {
        self.session_not_on_or_after
    }

    /// When the user signed in at the identity provider.
    pub fn authenticated_at(&self) -> Option<UtcDateTime> {
        self.authenticated_at
    }

    /// How: the URI of an authentication context class, or the `amr` of a token; empty if the identity provider does not
    /// say.
    pub fn authentication_methods(&self) -> &[String] {
        &self.authentication_methods
    }
}
