//! An [`Alarm`]: the one that counts a refusal or a line of the log.

/// An alarm of the deployment. Each counts the refusals of some codes, or lines of some messages, by filters of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alarm {
    /// An audit sink, required or not, or the log did not take a record.
    AuditFailed,
    /// A part of the program failed in a way that no code foresees.
    BrokeOff,
    /// A certificate or metadata ends soon.
    CertificateEnds,
    /// A message that no trusted issuer writes as it came, unless it is set up otherwise than we expect.
    Forged,
    /// One user asks for URLs again and again.
    Hammered,
    /// Metadata, policy, ledger or keys could not be read again, or are wrong.
    MetadataFailed,
    /// AWS did not mint, or did not make a profile.
    MintFailed,
    /// An assertion came a second time.
    Replayed,
    /// A store or a text that sign-ins need did not answer.
    StoreFailed,
    /// A policy or an entry of the ledger cannot be evaluated.
    Undecidable,
}

impl Alarm {
    /// Its name: the metric's.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AuditFailed => "AuditFailed",
            Self::BrokeOff => "BrokeOff",
            Self::CertificateEnds => "CertificateEnds",
            Self::Forged => "Forged",
            Self::Hammered => "Hammered",
            Self::MetadataFailed => "MetadataFailed",
            Self::MintFailed => "MintFailed",
            Self::Replayed => "Replayed",
            Self::StoreFailed => "StoreFailed",
            Self::Undecidable => "Undecidable",
        }
    }
}
