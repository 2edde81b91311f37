//! An [`OpenResponse`]: the end of an attempt, and the facts that are known of it.

use studio_acs_ledger::Entitlement;

use crate::not_opened::NotOpened;
use crate::outcome::Outcome;

/// The end of an attempt, and the facts of the entry that it was for.
#[derive(Debug)]
pub struct OpenResponse {
    /// The outcome, or the refusal.
    pub outcome: Result<Outcome, NotOpened>,
    /// The entry; `None` where the attempt ended before one was selected.
    pub entry: Option<EntryFields>,
    /// The user's groups that an entry is for or a policy names, in the credential's order; none before the ledger was
    /// asked.
    pub groups_matched: Vec<String>,
}

/// The facts of the selected entry, for the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntryFields {
    /// The ledger's entry.
    pub entry: String,
    /// The user profile.
    pub profile: String,
    /// The Studio domain.
    pub domain: String,
    /// The policies that decided; none before they did.
    pub policies: Vec<String>,
}

impl EntryFields {
    pub(crate) fn of(entitlement: &Entitlement) -> Self {
        Self {
            entry: entitlement.id().to_owned(),
            profile: entitlement.profile().to_string(),
            domain: entitlement.domain().to_string(),
            policies: Vec::new(),
        }
    }

    pub(crate) fn decided_by(self, policies: &[String]) -> Self {
        Self { policies: policies.to_vec(), ..self }
    }
}
