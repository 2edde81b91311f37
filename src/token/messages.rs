//! The errors of keys in the log, which alarms may read.

use studio_acs_refusal::{Alarm, LogMessage};

/// The error of keys that cannot be read.
pub const KEYS_UNREADABLE: LogMessage = LogMessage {
    text: "the issuer's keys cannot be read: the last good ones stay for now, if there are any",
    fields: &["error"],
    alarm: Some(Alarm::MetadataFailed),
};

/// The error of one key that cannot be read.
pub const KEY_FAULT: LogMessage = LogMessage {
    text: "a key of the issuer's is left out: no token is verified by it",
    fields: &["error"],
    alarm: None,
};
