//! The outcome of an attempt that was not refused.

use super::{Pending, PresignedUrl, Review};
use studio_acs_ledger::Entitlement;

/// The outcome of an attempt that was not refused.
#[derive(Debug)]
pub enum Outcome {
    /// The user has yet to confirm that the sign-in is theirs.
    Confirm,
    /// A session.
    Studio(PresignedUrl),
    /// Several profiles: the user is to choose one.
    Choose(Vec<Entitlement>),
    /// The policy wants a ticket number first; and its reason for the user.
    NeedsTicket(Box<Entitlement>, String),
    /// The policy wants another user's approval, which has been asked for; and its reason for the user.
    NeedsApproval(Box<Pending>, String),
    /// The user profile is being made.
    Provisioning(Box<Entitlement>),
    /// The requests that wait for this user's decision.
    Review(Vec<Review>),
}

impl Outcome {
    /// The step that the sign-in is at, for the log.
    pub fn step(&self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Studio(_) => "studio",
            Self::Choose(_) => "choose",
            Self::NeedsTicket(..) => "needs_ticket",
            Self::NeedsApproval(..) => "needs_approval",
            Self::Provisioning(_) => "provisioning",
            Self::Review(_) => "review",
        }
    }
}
