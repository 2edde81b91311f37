//! The issuers that may name users, and whether a name without its issuer tells who is meant.

use studio_acs_identity::Names;

use super::StartError;
use super::parts::Parts;
use crate::config::Config;
use crate::trust::Trust;

/// The issuers of tokens, and whether all issuers share their names.
#[derive(Debug)]
pub(crate) struct Issuers {
    are_names_shared: bool,
    token_issuers: Vec<String>,
}

impl Issuers {
    /// Those of this configuration. Identity providers are in the metadata.
    pub(crate) fn of(config: &Config) -> Self {
        let token_issuers = config.token_issuers.iter().map(|issuer| issuer.rules.issuer.clone());
        Self { are_names_shared: config.broker.are_names_shared, token_issuers: token_issuers.collect() }
    }

    /// Returns whether a name without its issuer is enough with this trust. An identity provider counts as long as its metadata does, whatever its keys are.
    pub(crate) fn names(&self, trust: &Trust) -> Names {
        Names::of(self.are_names_shared, self.all(trust))
    }

    /// The same for a user of `issuer`, whose credential may have been verified just before this trust: it counts among them.
    pub(crate) fn names_for(&self, issuer: &str, trust: &Trust) -> Names {
        Names::of(self.are_names_shared, self.all(trust).chain([issuer]))
    }

    /// Checks that with this trust every name in the ledger and in permits tells who is meant. A second issuer may also
    /// come later, by metadata: then entries and permits that do not name theirs are nobody's.
    ///
    /// # Errors
    /// [`StartError::Names`].
    pub(super) fn check(&self, trust: &Trust, parts: &Parts) -> Result<(), StartError> {
        if self.names(trust).are_clear() {
            return Ok(());
        }
        let refused = |reason: String| {
            let mut issuers: Vec<_> = self.all(trust).collect();
            issuers.sort_unstable();
            issuers.dedup();
            StartError::Names { issuers: issuers.join(", "), reason }
        };
        parts.ledger.check_issuers().map_err(|error| refused(error.to_string()))?;
        parts.policies.latest().check_issuers().map_err(|error| refused(error.to_string()))
    }

    fn all<'a>(&'a self, trust: &'a Trust) -> impl Iterator<Item = &'a str> {
        let idps = trust.verifier.idps().iter().map(|idp| idp.entity_id());
        idps.chain(self.token_issuers.iter().map(String::as_str))
    }
}
