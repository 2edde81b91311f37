//! The reason why an assertion is not accepted once more.

use studio_acs_refusal::{broken_rules, instant};
use time::UtcDateTime;

use crate::rules::{Check, Rejection};

/// The reason why an identity is not claimed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// It was claimed before.
    #[error(transparent)]
    Refused(#[from] Rejection),
    /// It may have been claimed before this process started.
    #[error(transparent)]
    RestartGrace(#[from] RestartGrace),
    /// The store cannot tell, for this reason.
    #[error("expected a store of used assertions that answers: {0}")]
    Unavailable(String),
    /// The user holds as much of the memory of used assertions as is left for all others.
    #[error("this user holds {held} of the memory of used assertions; expected less than the {free} that are free")]
    TooMany {
        /// The number that is remembered of this user.
        held: usize,
        /// The number that the memory still takes.
        free: usize,
    },
}

broken_rules!(ReplayError {
    Self::Unavailable(_), Self::Unavailable(String::new()) => "replay", "replay_store_unavailable", "the store of used assertions can be asked";
    Self::TooMany { .. }, Self::TooMany { held: 0, free: 0 } => "replay", "sign_in_too_many", "without a replay table, the user holds less of the memory of used assertions than is free";
} each {
    Self::Refused(rejection)
        in [Check::Replay].map(|check| Self::Refused(check.reject("", "")))
        => rejection.check().broken_rule();
    Self::RestartGrace(grace) in RestartGrace::examples().into_iter().map(Self::RestartGrace) => grace.broken_rule();
});

/// An assertion that may have been used before this process started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected an assertion issued after {}, the start of this process and the skew, found one of {}",
    instant::format(*after),
    instant::format(*issued)
)]
pub struct RestartGrace {
    pub(crate) after: UtcDateTime,
    pub(crate) issued: UtcDateTime,
}

broken_rules!(RestartGrace {
    Self { .. }, Self { after: UtcDateTime::UNIX_EPOCH, issued: UtcDateTime::UNIX_EPOCH } => "replay", "restart_grace", "without a replay table, the process started before the assertion was issued";
});
