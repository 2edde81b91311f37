//! Who somebody is, in SageMaker's terms: [`VerifiedAssertion`](studio_acs_saml::VerifiedAssertion) or
//! [`VerifiedToken`](studio_acs_jwt::VerifiedToken) → [`Identity`].

mod assertion;
mod confirmation;
mod name;
mod ticket;
mod token;
mod wish;

use studio_acs_policy::Door;
use time::UtcDateTime;

pub use assertion::IdentityRules;
pub use confirmation::{ConfirmRule, Confirmation, Confirmed};
pub use name::{DomainId, UserProfileName};
pub use ticket::{Issued, PageKey, Since, Ticket, TicketError, Tickets};
pub use token::ClaimRules;
pub use wish::Wish;

/// Who somebody is, by what was verified. Made only by [`Identity::of`], by [`Identity::by_token`], and by a [`Ticket`] that
/// carries one over to the next request.
#[derive(Debug, Clone)]
pub struct Identity {
    user: String,
    named: Option<(UserProfileName, DomainId)>,
    groups: Vec<String>,
    issuer: String,
    source_id: String,
    proof: Proof,
    once: Option<Once>,
    session_not_on_or_after: Option<UtcDateTime>,
    authenticated_at: Option<UtcDateTime>,
    authentication_methods: Vec<String>,
}

/// What speaks for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A SAML assertion.
    Assertion,
    /// An OpenID Connect ID token.
    IdToken,
    /// An OAuth 2.0 access token.
    AccessToken,
}

impl Proof {
    /// The door that it was brought to.
    pub fn door(self) -> Door {
        match self {
            Self::Assertion => Door::Saml,
            Self::IdToken | Self::AccessToken => Door::Jwt,
        }
    }
}

/// What makes an identity usable one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Once {
    /// The same for every presentation of what it was read from, and for nothing else.
    pub key: [u8; 32],
    /// When the identity provider issued it, by its own clock; `None` for a ticket, which we issue, and judge by ours.
    pub issued: Option<UtcDateTime>,
    /// From when on it cannot be used any more, skew apart.
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

    /// What speaks for them.
    pub fn proof(&self) -> Proof {
        self.proof
    }

    /// What makes it usable one time; `None` where it may be used until its end.
    pub fn once(&self) -> Option<Once> {
        self.once
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
