//! Reasons why a user has no entitlement.

use studio_acs_aws::SourceError;
use studio_acs_identity::{GroupCheck, GroupRejection};
use studio_acs_refusal::broken_rules;

use crate::fault::{LedgerFault, line_of};

/// The reason why the ledger gives a user nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The groups are elsewhere.
    #[error(transparent)]
    Groups(#[from] GroupRejection),
    /// The text is not valid.
    #[error("{entry}: {reason}")]
    Malformed {
        /// Which entry, item or line.
        entry: String,
        /// Found and expected.
        reason: String,
        /// The kind of the fault.
        fault: LedgerFault,
    },
    /// The user's entries name no issuer, and several are trusted whose names are not shared.
    #[error("{entry} names no issuer, and several are trusted: the name may be another user's")]
    IssuerUnnamed {
        /// The first such entry; `assertion` without a ledger.
        entry: String,
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
    /// The user has more groups than a table is asked for.
    #[error("{found} groups, expected at most {most} where a table is the ledger")]
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
    #[error("no entry that holds now is for this user or for a group of theirs: {why}")]
    UnknownUser {
        /// The user's entries that do not hold, their groups, and those of the ledger.
        why: String,
    },
}

impl LedgerError {
    /// The same with the line of the entry, in a text that has several lines.
    pub(crate) fn in_text(self, text: &str) -> Self {
        let Self::Malformed { entry, reason, fault } = self else { return self };
        let id = entry.strip_prefix("entry ").filter(|_| text.trim_end().contains('\n'));
        let line = id.and_then(|id| line_of(text, id, &reason));
        let entry = line.map(|line| format!("line {line}, {entry}")).unwrap_or(entry);
        Self::Malformed { entry, reason, fault }
    }
}

broken_rules!(LedgerError {
    Self::Unavailable(_), Self::Unavailable(String::new()) => "ledger", "ledger_unavailable", "the ledger is readable";
    Self::Malformed { .. }, Self::Malformed { entry: String::new(), reason: String::new(), fault: LedgerFault::Entry } => "ledger", "ledger_malformed", "every entry of the ledger that is read is valid";
    Self::UnknownUser { .. }, Self::UnknownUser { why: String::new() } => "ledger", "unknown_user", "an entry that is valid now names the user or a group of theirs";
    Self::IssuerUnnamed { .. }, Self::IssuerUnnamed { entry: String::new() } => "ledger", "ledger_issuer_unnamed", "the entry names the user's issuer, or one issuer is trusted, or names are shared";
    Self::TooManyGroups { .. }, Self::TooManyGroups { found: 0, most: 0 } => "ledger", "too_many_groups", "the user has at most 250 groups, where a table is the ledger";
    Self::Revoked { .. }, Self::Revoked { why: String::new() } => "ledger", "access_revoked", "access was not revoked";
    Self::ProfileName { .. }, Self::ProfileName { entry: String::new() } => "ledger", "profile_name_invalid", "the entry's template makes a valid profile name";
} each {
    Self::Groups(rejection) in [Self::Groups(GroupCheck::Here.reject("", ""))] => rejection.check().broken_rule();
});

/// The reason why the ledger cannot be read at start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerStartError {
    /// Its text is not valid.
    #[error("the ledger {place}: {error}")]
    Invalid {
        /// Where it is kept.
        place: String,
        /// Its fault.
        error: LedgerError,
    },
    /// Its text cannot be read.
    #[error("the ledger {0}")]
    Unreadable(#[from] SourceError),
}

impl LedgerStartError {
    /// The stable code of a sign-in that meets the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { error, .. } => error.code(),
            Self::Unreadable(_) => LedgerError::Unavailable(String::new()).code(),
        }
    }
}
