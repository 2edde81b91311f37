//! The reason why the demo does not start.

use crate::config::ConfigErrors;
use crate::service::StartError;

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
    /// No key, certificate or signature could be made.
    #[error("the demo's identity provider: {0}")]
    Key(String),
    /// The service did not start.
    #[error(transparent)]
    Start(#[from] StartError),
}

impl From<ConfigErrors> for DemoError {
    fn from(errors: ConfigErrors) -> Self {
        Self::Start(errors.into())
    }
}
