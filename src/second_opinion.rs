//! The second verifier that must agree before an assertion is claimed: samael with libxmlsec1, which shares no code
//! with ours. Built with the feature `second-opinion`, for servers and containers that carry the C libraries.

use std::sync::Arc;

use studio_acs_referee::Doubt;

use studio_acs_identity::{GroupValue, Groups, Identity, IdentityRules};

/// libxmlsec1, with certificates that another parser read from the same metadata.
#[derive(Debug, Clone)]
pub struct SecondOpinion(Arc<studio_acs_referee::SecondOpinion>);

/// Why the second verifier does not agree. No user is let in, and an operator should look: one of the two is wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Disagreement {
    /// It does not take the response.
    #[error("{0}")]
    Doubt(#[from] Doubt),
    /// It reads another user or another value in it.
    #[error("the second verifier reads another {0}")]
    Differs(&'static str),
    /// It came to no end.
    #[error("the second verifier broke off")]
    BrokeOff,
}

impl SecondOpinion {
    /// Trusts the identity providers of these documents of metadata.
    ///
    /// # Errors
    /// The fault of a document.
    pub fn new<'d>(documents: impl IntoIterator<Item = &'d str>) -> Result<Self, String> {
        let second = studio_acs_referee::SecondOpinion::new(documents);
        Ok(Self(Arc::new(second.map_err(|error| error.to_string())?)))
    }

    /// Whether libxmlsec1 verifies the same response, and another parser reads the same identity in what it verified.
    ///
    /// # Errors
    /// [`Disagreement`].
    pub async fn confirm(&self, xml: String, ours: &Identity, rules: &IdentityRules) -> Result<(), Disagreement> {
        let second = Arc::clone(&self.0);
        // C code that takes milliseconds.
        let theirs = tokio::task::spawn_blocking(move || second.signed_assertion(&xml));
        let theirs = theirs.await.map_err(|_| Disagreement::BrokeOff)??;
        let domain = if rules.by_ledger { None } else { theirs.only_value(&rules.domain_attribute) };
        let facts = [
            ("issuer", Some(theirs.issuer.as_str()), Some(ours.issuer())),
            ("assertion", Some(theirs.assertion_id.as_str()), Some(ours.source_id())),
            ("user", theirs.only_value(&rules.user_attribute), Some(ours.user())),
            ("domain", domain, ours.named().map(|(_, domain)| domain.as_str())),
        ];
        // A value that is no text for one reader names no group for the other either, so the names and the number of
        // other values are compared.
        let groups = theirs.all_values(&rules.group_attribute);
        let groups = Groups::of(groups.map(|value| value.map_or(GroupValue::Nil, GroupValue::Text)), None);
        let same_names = groups.names() == ours.groups().names();
        // Two readers differ on a value with a comment in it, and whoever reads groups refuses it.
        let groups = ours.groups().is_doubtful() || (same_names && groups.unusable() == ours.groups().unusable());
        match facts.into_iter().find(|(_, theirs, ours)| theirs != ours) {
            None if groups => Ok(()),
            None => Err(Disagreement::Differs("groups")),
            Some((what, ..)) => Err(Disagreement::Differs(what)),
        }
    }
}
