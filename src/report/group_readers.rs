//! The readers of groups, as far as `verify` asks them: the access policy and the ledger, where each is a file.

use std::collections::BTreeSet;

use aws_config::SdkConfig;
use studio_acs_broker::PolicySource;
use studio_acs_identity::{GroupUse, Groups};
use studio_acs_ledger::{Ledger, LedgerStartError, Listing, explain_groups};
use time::UtcDateTime;

use crate::config::Config;
use crate::service::{StartError, group_use, policies};

/// The use that policy and ledger make of groups, and the groups that they name.
#[derive(Debug, Clone, Default)]
pub struct GroupReaders {
    used: GroupUse,
    named: BTreeSet<String>,
    /// The groups that the ledger's entries are for; `None` without a ledger, and for one that is not asked.
    entries: Option<BTreeSet<String>>,
}

impl GroupReaders {
    /// Reads policy and ledger where they are files. A place at AWS is not asked: its policy may read groups, and its ledger
    /// does.
    ///
    /// # Errors
    /// [`StartError::Policy`], [`StartError::Ledger`]: the service would not start.
    pub async fn of(config: &Config, now: UtcDateTime) -> Result<Self, StartError> {
        let nobody = SdkConfig::builder().build();
        let mut readers = Self::default();
        if config.broker.policies.iter().any(PolicySource::is_remote) {
            readers.used = GroupUse::Widens;
        } else {
            let policies = policies(config, &nobody).await?;
            readers.used = policies.group_use();
            readers.named.extend(policies.rules().iter().flat_map(|rule| rule.groups().map(str::to_owned)));
        }
        readers.used = group_use(config, readers.used);
        let Some(rules) = &config.broker.ledger else { return Ok(readers) };
        if rules.source.is_at_aws() {
            return Ok(readers);
        }
        let place = rules.source.to_string();
        let listing = Ledger::start(rules.clone(), &nobody, now).await?.list(now).await;
        let listing = listing.map_err(|error| LedgerStartError::Invalid { place, error })?;
        readers.entries = Some(Listing::groups(&listing).into_iter().map(str::to_owned).collect());
        Ok(readers)
    }

    /// The same with a ledger, which the token API always has.
    #[must_use]
    pub fn and_ledger(self) -> Self {
        Self { used: self.used.max(GroupUse::Widens), ..self }
    }

    /// The use that is made of groups.
    pub fn used(&self) -> GroupUse {
        self.used
    }

    /// Those of the groups that an entry is for or a policy names.
    pub(super) fn matched<'g>(&self, groups: &'g Groups) -> Vec<&'g str> {
        let entries = self.entries.as_ref();
        let is_read = |name: &&String| self.named.contains(*name) || entries.is_some_and(|all| all.contains(*name));
        groups.names().iter().filter(is_read).map(String::as_str).collect()
    }

    /// Returns what the ledger has for these groups, in words; `None` without a ledger, and for one that is not asked.
    pub(super) fn ledger_in_words(&self, groups: &Groups) -> Option<String> {
        let entries = self.entries.as_ref()?;
        let known: Vec<_> = entries.iter().map(String::as_str).collect();
        let has_entry = groups.names().iter().any(|name| entries.contains(name));
        Some(if has_entry { "an entry is for one of them".to_owned() } else { explain_groups(groups, &known) })
    }
}
