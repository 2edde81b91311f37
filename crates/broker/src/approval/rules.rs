//! The bounds of approvals.

use time::Duration;

/// How many users' requests are read at most for one look at what is pending.
pub(crate) const MOST_USERS: usize = 500;

/// How long requests and approvals last, and how many there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApprovalRules {
    /// How long a request may wait to be decided on, and how long a denial holds from the decision on.
    pub request_lasts: Duration,
    /// How long after the approval it may be used.
    pub approval_lasts: Duration,
    /// How many requests one user may have that are not over, pending or decided.
    pub per_user: usize,
}

impl Default for ApprovalRules {
    fn default() -> Self {
        Self { request_lasts: Duration::hours(8), approval_lasts: Duration::HOUR, per_user: 10 }
    }
}
