//! The facts of a record: which user gets which session, by what right.

use serde_json::{Value, json};
use time::UtcDateTime;

use crate::milliseconds::milliseconds;

use studio_acs_identity::RoleArn;
use studio_acs_identity::{CredentialKind, Identity};

/// The user, the session, and its right. No secret: neither the response nor a URL.
#[derive(Debug)]
pub struct Facts {
    /// The correlation id of the request.
    pub correlation: String,
    /// The user, and their credential.
    pub person: Person,
    /// The ledger's entry.
    pub entry: String,
    /// The user profile.
    pub profile: String,
    /// The Studio domain.
    pub domain: String,
    /// The region; `None` for the region of the service.
    pub region: Option<String>,
    /// The entry's own minting role.
    pub role: Option<RoleArn>,
    /// The team.
    pub team: Option<String>,
    /// The length of the session, in seconds.
    pub session_seconds: u32,
    /// The ids of the policies that decided.
    pub policies: Vec<String>,
    /// The ticket number, as the user gave it.
    pub ticket_number: Option<String>,
    /// The approver, and the approved terms.
    pub approved: Option<(String, ApprovalFacts)>,
    /// The address of the user's browser; `None` behind an API client.
    pub source_ip: Option<String>,
    /// The address of the API client.
    pub api_client_ip: Option<String>,
    /// The alias of the deep link.
    pub deep_link: Option<String>,
    /// The space.
    pub space: Option<String>,
    /// The page, a `LandingUri`.
    pub landing: Option<String>,
}

/// A user, and their credential.
#[derive(Debug, Clone)]
pub struct Person {
    user: String,
    issuer: String,
    source_id: String,
    credential_kind: CredentialKind,
    session_ends: Option<UtcDateTime>,
}

impl Person {
    /// The user of `identity`.
    pub fn of(identity: &Identity) -> Self {
        Self {
            user: identity.user().to_owned(),
            issuer: identity.issuer().to_owned(),
            source_id: identity.source_id().to_owned(),
            credential_kind: identity.credential_kind(),
            session_ends: identity.session_not_on_or_after(),
        }
    }

    /// Their name, as they are signed in.
    pub(crate) fn name(&self) -> &str {
        &self.user
    }

    /// The issuer of their credential.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(crate) fn user(&self) -> Value {
        json!({"name": self.user, "type_id": 1, "type": "User"})
    }

    /// The kind of their credential.
    pub(crate) fn credential_kind(&self) -> CredentialKind {
        self.credential_kind
    }

    /// The assertion or token that speaks for them.
    pub(crate) fn session(&self) -> Value {
        let mut session = json!({"uid": self.source_id, "issuer": self.issuer});
        if let (Some(ends), Some(session)) = (self.session_ends, session.as_object_mut()) {
            session.insert("expiration_time".to_owned(), milliseconds(ends).into());
        }
        session
    }
}

/// The terms of an approval, and their hash, by which the records of its request, its decision and its use belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct ApprovalFacts {
    /// SHA-256 of the terms, in hexadecimal digits.
    pub sha256: String,
    /// The terms.
    pub covers: Value,
}

impl ApprovalFacts {
    pub(crate) fn json(&self) -> Value {
        json!({"sha256": self.sha256, "covers": self.covers})
    }
}
