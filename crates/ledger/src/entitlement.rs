//! One profile that one user may open.

use std::collections::BTreeMap;
use std::sync::Arc;

use time::UtcDateTime;

use crate::deep_link::{DeepLink, LandingUri, SpaceName};
use crate::entry::{Entry, Provision};
use crate::subject::Subject;
use studio_acs_identity::RoleArn;
use studio_acs_identity::{DomainId, UserProfileName};

/// One profile that one user may open. Made only by the resolution on an entry that is for them and that holds.
#[derive(Debug, Clone)]
pub struct Entitlement {
    entry: Arc<Entry>,
    profile: UserProfileName,
    production: bool,
    over_budget: bool,
    session_seconds: Option<u32>,
    valid_until: Option<UtcDateTime>,
    links: BTreeMap<String, DeepLink>,
}

impl Entitlement {
    /// By this entry, which is for the user of this profile.
    pub(crate) fn new(
        entry: Arc<Entry>,
        profile: UserProfileName,
        over_budget: bool,
        mut links: BTreeMap<String, DeepLink>,
    ) -> Self {
        links.extend(entry.links.clone());
        let (production, session_seconds, valid_until) = (entry.production, entry.session_seconds, entry.valid_until);
        Self { entry, profile, production, over_budget, session_seconds, valid_until, links }
    }

    /// Whether `other` leads to the same profile.
    pub(crate) fn is_same_place(&self, other: &Self) -> bool {
        self.domain() == other.domain() && self.profile.as_str().eq_ignore_ascii_case(other.profile.as_str())
    }

    /// Makes it as strict as `other`, too.
    pub(crate) fn tighten(&mut self, other: &Self) {
        self.production |= other.production;
        self.over_budget |= other.over_budget;
        self.session_seconds = [self.session_seconds, other.session_seconds].into_iter().flatten().min();
    }

    /// The entry's ID; `assertion` without a ledger. No two entitlements of one user have the same.
    pub fn id(&self) -> &str {
        &self.entry.id
    }

    /// The title that a user with a choice reads.
    pub fn title(&self) -> &str {
        &self.entry.title
    }

    /// The user whom the entry is for, in lower case; `None` for an entry for a group.
    pub fn for_user(&self) -> Option<&str> {
        match &self.entry.subject {
            Some(Subject::User(person)) => Some(person.as_str()),
            _ => None,
        }
    }

    /// The group whom the entry is for, where it is for one.
    pub fn for_group(&self) -> Option<&str> {
        match &self.entry.subject {
            Some(Subject::Group(group)) => Some(group),
            _ => None,
        }
    }

    /// The issuer whose name that is; `None` if the entry names none.
    pub fn issuer(&self) -> Option<&str> {
        self.entry.issuer.as_deref()
    }

    /// The domain's account, where it is not the service's own.
    pub fn account(&self) -> Option<&str> {
        self.entry.account.as_deref()
    }

    /// The domain's region, where it is not the service's own.
    pub fn region(&self) -> Option<&str> {
        self.entry.region.as_deref()
    }

    /// The domain.
    pub fn domain(&self) -> &DomainId {
        &self.entry.domain
    }

    /// The profile.
    pub fn profile(&self) -> &UserProfileName {
        &self.profile
    }

    /// The space to open.
    pub fn space(&self) -> Option<&SpaceName> {
        self.entry.space.as_ref()
    }

    /// The page to open.
    pub fn landing(&self) -> Option<&LandingUri> {
        self.entry.landing.as_ref()
    }

    /// How long a session lasts at most, 1800 to 43200 seconds.
    pub fn session_seconds(&self) -> Option<u32> {
        self.session_seconds
    }

    /// Until when the entry holds: no session outlives it.
    pub fn valid_until(&self) -> Option<UtcDateTime> {
        self.valid_until
    }

    /// The team.
    pub fn team(&self) -> Option<&str> {
        self.entry.team.as_deref()
    }

    /// Whether the team has spent its budget.
    pub fn over_budget(&self) -> bool {
        self.over_budget
    }

    /// The role that mints.
    pub fn role(&self) -> Option<&RoleArn> {
        self.entry.role.as_ref()
    }

    /// For policies.
    pub fn tags(&self) -> &BTreeMap<String, String> {
        &self.entry.tags
    }

    /// Whether production is within reach there.
    pub fn production(&self) -> bool {
        self.production
    }

    /// How the profile is made if it does not exist; `None` where it is not made.
    pub fn provision(&self) -> Option<&Provision> {
        self.entry.provision.as_ref()
    }

    /// Deep links by their aliases: the entry's, and the ledger's where the entry has none of that name.
    pub fn links(&self) -> &BTreeMap<String, DeepLink> {
        &self.links
    }
}
