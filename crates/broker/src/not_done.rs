//! A call of AWS that gave no result.

use std::fmt::Display;

use studio_acs_audit::Ending;
use studio_acs_aws::Attempts;

/// A call of AWS that gave no result, and whether it may be done nevertheless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotDone<E> {
    /// The reason.
    pub error: E,
    /// Whether the call may be done nevertheless: an attempt was sent, or may have been, and no answer came, or one that is
    /// of no use.
    pub is_unknown: bool,
}

impl<E: Display> NotDone<E> {
    /// A call that ended with this error after these attempts.
    pub(crate) fn after<C>(attempts: &Attempts<C>, error: E) -> Self {
        Self { error, is_unknown: attempts.may_be_done() }
    }

    /// A call that was refused, or was not made.
    pub(crate) fn refused(error: E) -> Self {
        Self { error, is_unknown: false }
    }

    /// A call that may be done nevertheless.
    pub(crate) fn unknown(error: E) -> Self {
        Self { error, is_unknown: true }
    }

    /// The ending for the record, under the error's code.
    pub(crate) fn ending(&self, code: &'static str) -> Ending {
        let reason = self.error.to_string();
        if self.is_unknown { Ending::Unknown { code, reason } } else { Ending::NotDone { code, reason } }
    }
}
