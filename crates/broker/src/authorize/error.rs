//! Reasons why a user may not open an entitlement.

use crate::rules::Rejection;
use studio_acs_policy::{Denial, Need};

use crate::session_seconds::SHORTEST_SESSION;
use studio_acs_aws::TooOld;

/// The reason why a user may not open an entitlement.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizeError {
    /// The ledger names a domain that the configuration does not allow.
    #[error(transparent)]
    Domain(#[from] Rejection),
    /// The policy forbids it, or nothing in it allows it.
    #[error("{}{}", named(.0.policies()), .0.reason())]
    Denied(Denial),
    /// The policy cannot be read any more.
    #[error("the access policy: {0}")]
    TooOld(#[from] TooOld),
    /// The session at the identity provider ends before Studio's shortest one would.
    #[error("the identity provider's session has {seconds} s left, and Studio's shortest has {SHORTEST_SESSION} s")]
    SessionTooShort {
        /// The seconds left.
        seconds: u32,
    },
}

impl AuthorizeError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Domain(rejection) => rejection.code(),
            Self::Denied(denial) => denial.code(),
            Self::SessionTooShort { .. } => "session_too_short",
            Self::TooOld(_) => "policy_unavailable",
        }
    }

    /// The need that could change the answer, if any.
    pub fn needs(&self) -> Option<Need> {
        match self {
            Self::Denied(denial) => denial.needs(),
            _ => None,
        }
    }

    /// The policy's reason for the user, if the policy refuses.
    pub fn reason(&self) -> String {
        match self {
            Self::Denied(denial) => denial.reason().to_owned(),
            _ => String::new(),
        }
    }
}

/// The policies, before what they say; none where none could be asked.
fn named(policies: &[String]) -> String {
    if policies.is_empty() { String::new() } else { format!("{}: ", policies.join(", ")) }
}
