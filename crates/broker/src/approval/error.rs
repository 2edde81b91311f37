//! The reason why nothing is approved.

use studio_acs_audit::Ending;
use studio_acs_refusal::{broken_rules, instant};
use time::UtcDateTime;

/// Why nothing is approved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalError {
    /// An approver has decided already.
    #[error("{by} has {} this at {}", if *.approved { "approved" } else { "denied" }, instant::format(*.at))]
    Decided {
        /// Whether it was approved.
        approved: bool,
        /// By whom.
        by: String,
        /// When.
        at: UtcDateTime,
    },
    /// No approver decided in time.
    #[error("this request waited until {}; it has to be made again", instant::format(*.at))]
    Expired {
        /// Until when it could be decided on.
        at: UtcDateTime,
    },
    /// No user approves their own request.
    #[error("this is the approver's own request; another person has to decide on it")]
    Own,
    /// A text that is not fit to be shown to an approver.
    #[error("{field}: expected {expected}, found {found}")]
    Text {
        /// Which one.
        field: &'static str,
        /// The expected text.
        expected: String,
        /// The found text.
        found: &'static str,
    },
    /// The user has asked for as many approvals as one may.
    #[error("at most {most} requests of one user at a time, pending or decided; the first is over at {}", instant::format(*.until))]
    TooMany {
        /// How many there may be.
        most: usize,
        /// When the first of them is over.
        until: UtcDateTime,
    },
    /// The requests cannot be asked for, or cannot be read.
    #[error("the approvals cannot be asked: {0}")]
    Unavailable(String),
    /// No such request exists.
    #[error("there is no request of this id")]
    Unknown,
}

impl ApprovalError {
    /// The ending of a step that failed so, for its record: a store that does not answer may have taken it.
    pub(crate) fn ending(&self) -> Ending {
        let (code, reason) = (self.code(), self.to_string());
        match self {
            Self::Unavailable(_) => Ending::Unknown { code, reason },
            _ => Ending::NotDone { code, reason },
        }
    }
}

broken_rules!(ApprovalError {
    Self::Unavailable(_), Self::Unavailable(String::new()) => "approval", "approval_store_unavailable", "the store of requests for approval is readable";
    Self::TooMany { .. }, Self::TooMany { most: 0, until: UtcDateTime::UNIX_EPOCH } => "approval", "approval_too_many", "the user has fewer open requests than one user may have";
    Self::Text { .. }, Self::Text { field: "", expected: String::new(), found: "" } => "approval", "approval_text_invalid", "the request's text can be shown to an approver";
    Self::Unknown, Self::Unknown => "approval", "approval_unknown", "the request exists";
    Self::Decided { .. }, Self::Decided { approved: false, by: String::new(), at: UtcDateTime::UNIX_EPOCH } => "approval", "approval_decided", "the request is not decided";
    Self::Expired { .. }, Self::Expired { at: UtcDateTime::UNIX_EPOCH } => "approval", "approval_expired", "the request has not expired";
    Self::Own, Self::Own => "approval", "approval_own", "the request is another user's";
});
