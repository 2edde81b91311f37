//! The audit log of studio-acs: a [`Recordable`] → a [`Recorded`], in the Open Cybersecurity Schema Framework, hash-chained, at
//! every required sink before the operation is done.

#![forbid(unsafe_code)]

mod audit_log;
mod chain;
mod datadog;
mod delivery;
mod ending;
mod error;
mod event;
mod facts;
mod firehose;
mod milliseconds;
mod process_counter;
mod recorded;
mod refusals;
mod refused_sign_in;
mod seal;
mod secret;
mod sink;
mod sink_kind;
mod splunk;
mod step;
mod sumo_logic;
mod undelivered;
pub mod verify;
mod webhook;

pub use audit_log::{
    AuditLog, CONTINUED_UNRECORDED, MINTED_UNRECORDED, OUTCOME_UNRECORDED, OpenIntent, RECORDS_LOST,
    REFUSALS_UNRECORDED,
};
pub use delivery::SINK_FAILS;
pub use ending::Ending;
pub use error::AuditError;
pub use facts::{ApprovalFacts, Facts, Person};
pub use process_counter::ProcessCounter;
pub use recorded::{Operation, Recordable, Recorded};
pub use refused_sign_in::RefusedSignIn;
pub use seal::SealKey;
pub use secret::Secret;
pub use sink::{AuditRules, AuditStartError, SinkRules};
pub use sink_kind::SinkKind;
pub use step::{ApprovalStep, StepKind};

#[cfg(test)]
mod tests;
