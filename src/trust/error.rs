//! The reason why no identity provider is trusted.

use studio_acs_aws::SourceError;
use studio_acs_saml::MetadataError;

/// The reason why no identity provider is trusted. The service does not start then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustError {
    /// A source cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The content cannot be trusted.
    #[error("{place}: {error}")]
    Untrusted {
        /// Where it came from.
        place: String,
        /// Its fault.
        error: MetadataError,
    },
    /// The second verifier does not take what the first one took.
    #[error("for the second opinion: {0}")]
    SecondOpinion(String),
}

impl TrustError {
    /// Whether the metadata was read, and its content is the fault.
    pub fn is_content(&self) -> bool {
        !matches!(self, Self::Source(SourceError::Absent { .. } | SourceError::Unreadable { .. }))
    }
}

/// A part that is left out of the metadata.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {error}")]
pub struct TrustFault {
    /// Where the metadata came from.
    pub place: String,
    /// The part, and its fault.
    pub error: MetadataError,
}
