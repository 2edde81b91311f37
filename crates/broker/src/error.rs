//! Why the broker opened nothing.

use crate::approval::ApprovalError;
use crate::authorize::AuthorizeError;
use crate::mint::MintError;
use crate::provision::ProvisionError;
use crate::rate::RateError;
use crate::replay::ReplayError;
use studio_acs_audit::AuditError;
use studio_acs_ledger::LedgerError;
use studio_acs_refusal::{LogMessage, broken_rules};

/// The error of a policy that cannot be evaluated. The line of the attempt, whose code is `policy_failed`, is counted.
pub const POLICY_FAILS: LogMessage =
    LogMessage { text: "a policy cannot be evaluated", fields: &["correlation_id", "error", "user"], alarm: None };

/// The step that refused, and why.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// Replay protection does not claim it.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The ledger has nothing for this user, or cannot be asked.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The chosen entry is not one that the ledger has for this user.
    #[error("the entry that was chosen is none of this person's")]
    UnknownEntry,
    /// The requested user profile is not one that the ledger has for this user.
    #[error("the user profile {0:?} is none of this person's")]
    AnotherProfile(String),
    /// The policy says no.
    #[error(transparent)]
    Authorize(#[from] AuthorizeError),
    /// No approver could be asked, or could approve.
    #[error(transparent)]
    Approval(#[from] ApprovalError),
    /// Too often, or the store cannot tell.
    #[error(transparent)]
    Rate(#[from] RateError),
    /// It could not be put on record.
    #[error(transparent)]
    Unrecorded(#[from] AuditError),
    /// The user profile does not exist, and none is made.
    #[error(transparent)]
    Provision(#[from] ProvisionError),
    /// No URL was minted.
    #[error(transparent)]
    Mint(#[from] MintError),
}

impl BrokerError {
    /// The ids of the policies that said no.
    pub fn policies(&self) -> &[String] {
        match self {
            Self::Authorize(AuthorizeError::Denied(denial)) => denial.policies(),
            _ => &[],
        }
    }

    /// Logs what went wrong while policies were evaluated, which the user is not told.
    pub(crate) fn log_why(&self, user: &str, correlation_id: &str) {
        if let Self::Authorize(AuthorizeError::Denied(denial)) = self {
            for error in denial.errors() {
                tracing::error!(correlation_id, user, error, "{POLICY_FAILS}");
            }
        }
    }
}

broken_rules!(BrokerError {
    Self::UnknownEntry, Self::UnknownEntry => "ledger", "entry_unknown", "the chosen entry is one of the user's";
    Self::AnotherProfile(_), Self::AnotherProfile(String::new()) => "ledger", "another_profile", "the requested profile is one of the user's";
} each {
    Self::Replay(error) in ReplayError::examples().into_iter().map(Self::Replay) => error.broken_rule();
    Self::Ledger(error) in LedgerError::examples().into_iter().map(Self::Ledger) => error.broken_rule();
    Self::Authorize(error) in AuthorizeError::examples().into_iter().map(Self::Authorize) => error.broken_rule();
    Self::Approval(error) in ApprovalError::examples().into_iter().map(Self::Approval) => error.broken_rule();
    Self::Rate(error) in RateError::examples().into_iter().map(Self::Rate) => error.broken_rule();
    Self::Unrecorded(error) in AuditError::examples().into_iter().map(Self::Unrecorded) => error.broken_rule();
    Self::Mint(error) in MintError::examples().into_iter().map(Self::Mint) => error.broken_rule();
    Self::Provision(error) in ProvisionError::examples().into_iter().map(Self::Provision) => error.broken_rule();
});
