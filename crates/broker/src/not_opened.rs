//! A refusal by the broker, and whether it is on record.

use crate::error::BrokerError;

/// A refusal by the broker. One that came after an intent was recorded is told by the record of its outcome.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct NotOpened {
    /// The step that refused, and why.
    pub error: BrokerError,
    /// Whether the record of an outcome tells it.
    pub is_on_record: bool,
}

impl NotOpened {
    /// A refusal that the record of an outcome tells.
    pub(crate) fn on_record(error: impl Into<BrokerError>) -> Self {
        Self { error: error.into(), is_on_record: true }
    }
}

impl<E: Into<BrokerError>> From<E> for NotOpened {
    fn from(error: E) -> Self {
        let error = error.into();
        let is_on_record = matches!(&error, BrokerError::Unrecorded(error) if error.is_on_record());
        Self { error, is_on_record }
    }
}
