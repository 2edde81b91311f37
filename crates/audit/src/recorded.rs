//! A value that is on record.

use crate::facts::Facts;

/// An operation that is recorded before it is done.
pub trait Recordable {
    /// The operation, as its records describe it.
    const OPERATION: Operation;

    /// Returns the facts of the records. No secret is among them: neither the response nor a URL.
    fn facts(&self, correlation_id: &str) -> Facts;
}

/// An operation, as its records describe it.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// Whether a sign-in begins with it, so that the record of the logon comes first.
    pub begins: bool,
    /// The API call.
    pub call: &'static str,
    /// The message of the intent.
    pub intent: &'static str,
    /// The message of an outcome that succeeded.
    pub done: &'static str,
    /// The message of an outcome that failed.
    pub not_done: &'static str,
    /// The message of an outcome that is unknown.
    pub unknown: &'static str,
}

/// A value that is on record at every required sink; or, where the operator allows it, one whose record is marked as missing
/// there. Made only by [`AuditLog::record_intent`](crate::AuditLog::record_intent), and the only thing that is minted or
/// provisioned.
#[derive(Debug)]
pub struct Recorded<T> {
    value: T,
}

impl<T> Recorded<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { value }
    }

    /// The value, to be spent now.
    pub fn into_inner(self) -> T {
        self.value
    }
}
