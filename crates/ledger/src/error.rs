//! Reasons why a user has no entitlement.

/// The reason why the ledger gives a user nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The text is not valid.
    #[error("{entry}: {reason}")]
    Malformed {
        /// Which entry, item or line.
        entry: String,
        /// Found and expected.
        reason: String,
    },
    /// An entry gives this user no name that SageMaker takes.
    #[error("{entry} makes no user profile's name of this user's name")]
    ProfileName {
        /// The entry.
        entry: String,
    },
    /// All access of the user was revoked.
    #[error("access was revoked: {why}")]
    Revoked {
        /// The ledger's reason for it.
        why: String,
    },
    /// More groups than entries are looked up for.
    #[error("{found} groups; expected at most {most}")]
    TooManyGroups {
        /// How many the identity provider named.
        found: usize,
        /// The bound.
        most: usize,
    },
    /// The ledger cannot be read, or was read too long ago.
    #[error("the ledger cannot be read: {0}")]
    Unavailable(String),
    /// No entry that holds now is for this user or for a group of theirs.
    #[error("no entry that holds now is for this user or for a group of theirs")]
    UnknownUser,
}

impl LedgerError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => "ledger_malformed",
            Self::ProfileName { .. } => "profile_name_invalid",
            Self::Revoked { .. } => "access_revoked",
            Self::TooManyGroups { .. } => "too_many_groups",
            Self::Unavailable(_) => "ledger_unavailable",
            Self::UnknownUser => "unknown_user",
        }
    }
}

/// The reason why the ledger cannot be read at start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the ledger {place}: {error}")]
pub struct LedgerStartError {
    /// Where it is kept.
    pub place: String,
    /// Its fault.
    pub error: LedgerError,
}
