//! The reason why a stand-in cannot do its part.

/// No key, certificate or signature could be made.
#[derive(Debug, thiserror::Error)]
#[error("the development identity provider: {0}")]
pub struct StandInError(String);

impl StandInError {
    pub(crate) fn key(error: impl std::fmt::Display) -> Self {
        Self(error.to_string())
    }
}
