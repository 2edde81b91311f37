//! The alert on a user who asks for URLs again and again.

use studio_acs_identity::Identity;
use studio_acs_log::ALERT_TARGET;

/// Alerts about a user who asks for URLs again and again; once a minute.
pub(crate) fn alert(due: bool, identity: &Identity, correlation_id: &str) {
    if due {
        let user = identity.user();
        tracing::error!(target: ALERT_TARGET, correlation_id, user, "one user asks for URLs again and again");
    }
}
