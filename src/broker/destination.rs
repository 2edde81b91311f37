//! The place in Studio that a session leads to.

use studio_acs_ledger::{DeepLink, Entitlement, LandingUri, SpaceName};

/// The place in Studio that a session leads to: the deep link's, or else the entry's. It is settled before the policy is
/// asked, so that an approval covers the place that is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    deep_link: Option<String>,
    space: Option<SpaceName>,
    landing: Option<LandingUri>,
}

impl Destination {
    /// The destination of an entry, by the deep link of this alias. An alias that the ledger does not know is ignored.
    pub fn of(entitlement: &Entitlement, alias: Option<&str>) -> Self {
        let link = alias.and_then(|alias| entitlement.links().get_key_value(alias));
        let (alias, link) = (link.map(|(alias, _)| alias.clone()), link.map(|(_, link)| link));
        Self {
            deep_link: alias,
            space: link.and_then(DeepLink::space).or(entitlement.space()).cloned(),
            landing: link.and_then(DeepLink::landing).or(entitlement.landing()).cloned(),
        }
    }

    /// The deep link's alias; `None` where only the entry says where to go.
    pub fn deep_link(&self) -> Option<&str> {
        self.deep_link.as_deref()
    }

    /// The space to open.
    pub fn space(&self) -> Option<&str> {
        self.space.as_ref().map(SpaceName::as_str)
    }

    /// The page to open, a `LandingUri`.
    pub fn landing(&self) -> Option<&str> {
        self.landing.as_ref().map(LandingUri::as_str)
    }
}
