//! Why an intent is not on record.

use crate::sink_kind::SinkKind;
use studio_acs_refusal::broken_rules;

/// Why an intent is not on record. Nothing is minted then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditError {
    /// A required sink did not confirm it in time.
    #[error("the audit sink {sink} did not take the record of intent: {reason}")]
    Unconfirmed {
        /// Which.
        sink: SinkKind,
        /// Its last error, or that no answer came.
        reason: String,
    },
    /// The records that wait for a required sink fill their memory.
    #[error("the audit sink {sink} has fallen too far behind")]
    Behind {
        /// Which.
        sink: SinkKind,
    },
    /// The chain of records cannot be continued.
    #[error("the chain of records was left in an unknown state")]
    Chain,
}

broken_rules!(AuditError {
    Self::Unconfirmed { .. }, Self::Unconfirmed { sink: SinkKind::Log, reason: String::new() } => "audit", "audit_unavailable", "every required audit sink, or else the log, confirms the record of the intent";
    Self::Behind { .. }, Self::Behind { sink: SinkKind::Log } => "audit", "audit_unavailable", "the records that wait for a required sink fit into their memory";
    Self::Chain, Self::Chain => "audit", "audit_unavailable", "the chain of records can be continued";
});

impl AuditError {
    /// Whether the record of an outcome tells it: an intent without a confirmation is followed by one.
    pub fn is_on_record(&self) -> bool {
        matches!(self, Self::Unconfirmed { .. })
    }
}
