//! The alert on a user who asks for URLs again and again.

use studio_acs_identity::Identity;
use studio_acs_log::ALERT_TARGET;
use studio_acs_refusal::{Alarm, LogMessage};

/// The alert on a user who asks for URLs again and again.
pub const ASKS_AGAIN: LogMessage = LogMessage {
    text: "one user asks for URLs again and again",
    fields: &["correlation_id", "user"],
    alarm: Some(Alarm::Hammered),
};

/// Alerts on a user who asks for URLs again and again; once a minute.
pub(crate) fn alert(due: bool, identity: &Identity, correlation_id: &str) {
    if due {
        let user = identity.user();
        tracing::error!(target: ALERT_TARGET, correlation_id, user, "{ASKS_AGAIN}");
    }
}
