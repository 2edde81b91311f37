//! A [`StartError`]: why the service does not start.

use studio_acs_audit::{AuditStartError, SinkKind};
use studio_acs_aws::SdkStartError;
use studio_acs_broker::PolicyStartError;
use studio_acs_ledger::LedgerStartError;

use crate::config::ConfigErrors;
use crate::token::KeysError;
use crate::trust::TrustError;

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Settings are missing or wrong.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// A browser would post a bearer assertion in the clear.
    #[error("STUDIO_ACS_ACS_URL (--acs-url): {0} is not https: the response would travel in the clear")]
    InsecureAcsUrl(String),
    /// The AWS SDK cannot be configured.
    #[error(transparent)]
    Aws(#[from] SdkStartError),
    /// No identity provider is trusted.
    #[error("STUDIO_ACS_METADATA (--metadata): {0}")]
    Trust(#[from] TrustError),
    /// Our own metadata cannot be written.
    #[error("our SP metadata: {0}")]
    SpMetadata(std::io::Error),
    /// The ledger cannot be read or is not valid.
    #[error("STUDIO_ACS_LEDGER (--ledger): {0}")]
    Ledger(#[from] LedgerStartError),
    /// A name could be another user's, since several issuers are trusted.
    #[error(
        "STUDIO_ACS_NAMES (--names): several issuers are trusted ({issuers}), and names are not shared: {reason}; let entries \
         and permits name the issuer, or set it to shared if a name is the same user at all of them"
    )]
    Names {
        /// The issuers.
        issuers: String,
        /// The entry or permit that names none.
        reason: String,
    },
    /// The policy cannot be read or is not valid.
    #[error("STUDIO_ACS_POLICY (--policy): {0}")]
    Policy(#[from] PolicyStartError),
    /// The key of resume tokens cannot be used.
    #[error("STUDIO_ACS_RESUME_KEY (--resume-key): {0}")]
    ResumeKey(String),
    /// The issuer's keys cannot be used.
    #[error("STUDIO_ACS_TOKEN_JWKS (--token-jwks): {0}")]
    TokenKeys(#[from] KeysError),
    /// The audit log cannot be set up.
    #[error("STUDIO_ACS_AUDIT_…: {0}")]
    Audit(#[from] AuditStartError),
    /// A sink's secret cannot be used.
    #[error("STUDIO_ACS_AUDIT_… (--audit-…): the secret of the sink {sink}: {reason}")]
    AuditSecret {
        /// The sink.
        sink: SinkKind,
        /// Its fault.
        reason: String,
    },
    /// The key of seals cannot be used.
    #[error("STUDIO_ACS_AUDIT_SEAL_KEY (--audit-seal-key): {0}")]
    SealKey(String),
    /// An address cannot be listened at.
    #[error("STUDIO_ACS_LISTEN (--listen): {0}")]
    Listen(std::io::Error),
}
