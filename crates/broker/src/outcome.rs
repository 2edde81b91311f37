//! The outcome of an attempt that was not refused.

use crate::approval::{ApprovalTerms, EarlierDenial, Pending};
use crate::mint::PresignedUrl;
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

/// A request, as an approver sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// The id that it is decided on by.
    pub id: String,
    /// The user who asks.
    pub who: String,
    /// The requested profile and its destination: everything that an approval covers.
    pub terms: ApprovalTerms,
    /// The denials that hold against it, the oldest first: as long as one does, it can only be denied.
    pub denials: Vec<EarlierDenial>,
}
