//! A [`Refused`] attempt: the refusal, and the facts that were verified before it.

use super::error::Refusal;
use super::log_fields::LogFields;

/// A refused attempt. The browser keeps nothing of it, so it has no [`Next`](super::sign_in::Next).
pub(super) struct Refused {
    /// The failed step.
    pub(super) refusal: Refusal,
    /// The facts for the log.
    pub(super) log: LogFields,
    /// The issuer that the response or token names, verified or not; empty where none was read.
    pub(super) claimed_issuer: String,
}

impl Refused {
    /// An attempt that this step refused, with these facts.
    pub(super) fn by(error: impl Into<Refusal>, log: &LogFields) -> Box<Self> {
        Box::new(Self { refusal: error.into(), log: log.clone(), claimed_issuer: log.issuer.clone() })
    }

    /// The same, of a response or token that names this issuer and is not verified.
    pub(super) fn claimed_by(self: Box<Self>, claimed_issuer: String) -> Box<Self> {
        Box::new(Self { claimed_issuer, ..*self })
    }
}

/// Ends an attempt at a step that failed. `?` does not do it by itself: each step names the facts that are known by then.
pub(super) trait OrRefuse<T> {
    /// Returns the step's value, or the attempt as refused with these facts.
    fn or_refuse(self, log: &LogFields) -> Result<T, Box<Refused>>;
}

impl<T, E: Into<Refusal>> OrRefuse<T> for Result<T, E> {
    fn or_refuse(self, log: &LogFields) -> Result<T, Box<Refused>> {
        self.map_err(|error| Refused::by(error, log))
    }
}
