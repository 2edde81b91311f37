//! The ending of an operation that is on record.

/// The ending of an operation, for the record of its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// It is done.
    Done,
    /// It is not done.
    NotDone {
        /// The code of the refusal.
        code: &'static str,
        /// The reason, for a reader of the record.
        reason: String,
    },
    /// It may be done or not: no answer came.
    Unknown {
        /// The code of the refusal.
        code: &'static str,
        /// The reason, for a reader of the record.
        reason: String,
    },
}
