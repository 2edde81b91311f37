//! The facts of a record: which user gets which session, by what right; or which approver decides on which request.

use serde_json::{Value, json};
use time::UtcDateTime;

use super::event::milliseconds;
use crate::broker::approval::{ApprovalTerms, Approved};
use crate::broker::grant::Grant;
use studio_acs_identity::RoleArn;
use studio_acs_identity::{CredentialKind, Identity};

/// The user, the session, and its right. No secret: neither the response nor a URL.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) correlation: String,
    pub(super) person: Person,
    pub(super) entry: String,
    pub(super) profile: String,
    pub(super) domain: String,
    pub(super) region: Option<String>,
    pub(super) role: Option<RoleArn>,
    pub(super) team: Option<String>,
    pub(super) session_seconds: u32,
    pub(super) policies: Vec<String>,
    pub(super) ticket_number: Option<String>,
    pub(super) approved: Option<Approved>,
    pub(super) source_ip: Option<String>,
    pub(super) deep_link: Option<String>,
    pub(super) space: Option<String>,
    pub(super) landing: Option<String>,
}

/// A user, and their credential.
#[derive(Debug)]
pub(super) struct Person {
    user: String,
    issuer: String,
    source_id: String,
    credential_kind: CredentialKind,
    session_ends: Option<UtcDateTime>,
}

impl Person {
    pub(super) fn of(identity: &Identity) -> Self {
        Self {
            user: identity.user().to_owned(),
            issuer: identity.issuer().to_owned(),
            source_id: identity.source_id().to_owned(),
            credential_kind: identity.credential_kind(),
            session_ends: identity.session_not_on_or_after(),
        }
    }

    /// Their name, as they are signed in.
    pub(super) fn name(&self) -> &str {
        &self.user
    }

    pub(super) fn user(&self) -> Value {
        json!({"name": self.user, "type_id": 1, "type": "User"})
    }

    /// The kind of their credential.
    pub(super) fn credential_kind(&self) -> CredentialKind {
        self.credential_kind
    }

    /// The assertion or token that speaks for them.
    pub(super) fn session(&self) -> Value {
        let mut session = json!({"uid": self.source_id, "issuer": self.issuer});
        if let (Some(ends), Some(session)) = (self.session_ends, session.as_object_mut()) {
            session.insert("expiration_time".to_owned(), milliseconds(ends).into());
        }
        session
    }
}

impl Facts {
    pub(super) fn of(grant: &Grant, correlation: &str) -> Self {
        let (what, authorized, destination) = (grant.entitlement(), grant.authorized(), grant.destination());
        Self {
            correlation: correlation.to_owned(),
            person: Person::of(grant.identity()),
            entry: what.id().to_owned(),
            profile: what.profile().to_string(),
            domain: what.domain().to_string(),
            region: what.region().map(str::to_owned),
            role: what.role().cloned(),
            team: what.team().map(str::to_owned),
            session_seconds: authorized.session_seconds(),
            policies: authorized.policies().to_vec(),
            ticket_number: authorized.ticket_number().map(str::to_owned),
            approved: authorized.approved().cloned(),
            source_ip: authorized.source_ip().map(|address| address.to_string()),
            deep_link: destination.deep_link().map(str::to_owned),
            space: destination.space().map(str::to_owned),
            landing: destination.landing().map(str::to_owned),
        }
    }
}

/// A step of a request for approval.
#[derive(Debug)]
pub struct ApprovalStep<'a> {
    /// The user who takes it.
    pub who: &'a Identity,
    /// Which.
    pub kind: StepKind,
    /// The user who asks to open the entry.
    pub requested_by: &'a str,
    /// The terms that they ask for.
    pub terms: &'a ApprovalTerms,
}

/// The terms of an approval, and the hash by which records of its request, its decision and its use belong together.
pub(super) fn approval(terms: &ApprovalTerms) -> Value {
    json!({"sha256": terms.fingerprint().to_string(), "covers": terms})
}

/// A step of a request for approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// It is made.
    Request,
    /// It is approved.
    Approve,
    /// It is denied.
    Deny,
}
