//! What a request for approval is bound to.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::json;
use studio_acs_policy::Profile;

use super::profile;
use crate::identity::Identity;
use crate::ledger::{Entitlement, Landing, SpaceName};
use crate::role_arn::RoleArn;

/// What a request for approval keeps of an entitlement.
#[derive(Debug)]
pub(in crate::broker) struct Asked {
    /// The entry, what it opens and what for: an approval does not hold for an entry that was changed since, nor for
    /// another change.
    pub(in crate::broker) key: String,
    /// For [`Access::may_approve`], and for who decides.
    pub(in crate::broker) facts: String,
}

impl Asked {
    pub(in crate::broker) fn of(who: &Identity, what: &Entitlement, change: Option<&str>) -> Self {
        let mut profile = profile(who, what);
        // What a team has spent is not what was asked for.
        profile.over_budget = false;
        // Names and texts alone: they can be written.
        let facts = serde_json::to_string(&profile).unwrap_or_default();
        let place = (what.space().map(SpaceName::as_str), what.landing().map(Landing::as_str));
        let role = what.role().map(RoleArn::as_str);
        let all = json!([facts, change, place, role, what.session_seconds()]).to_string();
        let hash = digest(&SHA256, all.as_bytes());
        let hash: String = hash.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Self { key: format!("{} {hash}", what.id()), facts }
    }
}

/// What was kept; `None` where it cannot be read.
pub(in crate::broker) fn asked_for(facts: &str) -> Option<Profile> {
    serde_json::from_str(facts).ok()
}
