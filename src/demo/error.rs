//! The reason why the demo does not start.

use crate::config::ConfigErrors;
use crate::service::StartError;
use crate::trust::TrustError;
use studio_acs_standins::StandInError;

/// Why the demo does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DemoError {
    /// A port is taken.
    #[error("127.0.0.1:{port}: {error}; choose another with --port, or --port 0 for any")]
    Port {
        /// Which.
        port: u16,
        /// Why.
        error: std::io::Error,
    },
    /// The signals that end the demo cannot be caught.
    #[error("signals: {0}")]
    Signals(#[from] std::io::Error),
    /// A stand-in cannot do its part.
    #[error(transparent)]
    StandIn(#[from] StandInError),
    /// The identity provider's metadata are not what they should be.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// The service did not start.
    #[error(transparent)]
    Start(#[from] StartError),
}

impl From<ConfigErrors> for DemoError {
    fn from(errors: ConfigErrors) -> Self {
        Self::Start(errors.into())
    }
}
