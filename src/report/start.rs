//! The reason why the service does not start, with its cause and fix, in the words of `check`.

use std::fmt;

use super::cause::{Cause, ledger_cause, metadata_cause, policy_cause};
use crate::service::StartError;

/// Returns the cause of an error at start, for a service provider with this audience; `None` where the error itself says
/// what to do.
pub fn start_cause(error: &StartError, audience: &str) -> Option<&'static Cause> {
    match error {
        StartError::Trust(error) => Some(metadata_cause(Some(error), audience)),
        StartError::Ledger(error) => Some(ledger_cause(error)),
        StartError::Policy(error) => Some(policy_cause(error)),
        _ => None,
    }
}

/// An error at start and, below it, its cause.
#[derive(Debug)]
pub struct StartReport {
    error: StartError,
    cause: Option<&'static Cause>,
}

impl StartReport {
    /// The report on this error, for a service provider with this audience.
    pub fn of(error: StartError, audience: &str) -> Self {
        let cause = start_cause(&error, audience);
        Self { error, cause }
    }
}

impl fmt::Display for StartReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)?;
        let Some(Cause { name, meaning, fix, .. }) = self.cause else { return Ok(()) };
        write!(f, "\nCause: {name}: {meaning}\nTo do: {fix}")
    }
}

impl std::error::Error for StartReport {}
