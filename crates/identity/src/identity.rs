//! An [`Identity`]: the user of a verified credential, in SageMaker's terms.

use studio_acs_saml::KeyId;
use time::UtcDateTime;

use crate::credential_kind::CredentialKind;
use crate::groups::Groups;
use crate::name::{DomainId, UserProfileName};

/// The user of a verified credential. Made only by [`Identity::of`], by [`Identity::by_token`], and by a
/// [`ResumeToken`](crate::ResumeToken) that carries one over to the next request.
#[derive(Debug, Clone)]
pub struct Identity {
    pub(crate) user: String,
    pub(crate) named: Option<(UserProfileName, DomainId)>,
    pub(crate) groups: Groups,
    pub(crate) issuer: String,
    /// The identity provider's key that signed it; `None` for a token, whose issuer is asked each time.
    pub(crate) signed_by: Option<KeyId>,
    pub(crate) source_id: String,
    pub(crate) credential_kind: CredentialKind,
    pub(crate) replay_key: Option<ReplayKey>,
    pub(crate) session_not_on_or_after: Option<UtcDateTime>,
    pub(crate) authenticated_at: Option<UtcDateTime>,
    pub(crate) authentication_methods: Vec<String>,
}

/// The key under which replay protection claims an identity.
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
    pub fn groups(&self) -> &Groups {
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
