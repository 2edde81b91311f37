//! Messages about metadata that alarms and dashboards may read.

use studio_acs_refusal::{Alarm, LogMessage};

/// The warning of a certificate that ends soon or has ended.
pub const CERTIFICATE_ENDS: LogMessage = LogMessage {
    text: "a signing certificate ends soon or has ended: rotate it",
    fields: &["issuer", "not_after"],
    alarm: Some(Alarm::CertificateEnds),
};

/// The warning of metadata that ends soon by its own `validUntil`.
pub const METADATA_ENDS: LogMessage = LogMessage {
    text: "the metadata ends soon (validUntil): download it again",
    fields: &["days", "issuer", "valid_until"],
    alarm: Some(Alarm::CertificateEnds),
};

/// The warning of a signing certificate that holds no usable key.
pub const CERTIFICATE_LEFT_OUT: LogMessage =
    LogMessage { text: "a signing certificate is left out: its key cannot be used", fields: &["reason"], alarm: None };

/// The error of metadata whose place is empty now.
pub const METADATA_GONE: LogMessage = LogMessage {
    text: "the metadata cannot be read again: it is gone, and its keys with it",
    fields: &["error"],
    alarm: Some(Alarm::MetadataFailed),
};

/// The error of metadata that cannot be read again.
pub const METADATA_UNREADABLE: LogMessage = LogMessage {
    text: "the metadata cannot be read again: the last good one stays for now",
    fields: &["error"],
    alarm: Some(Alarm::MetadataFailed),
};

/// The error of metadata of which a part is wrong.
pub const METADATA_FAULT: LogMessage = LogMessage {
    text: "the metadata cannot be trusted any more: what is wrong in it is left out",
    fields: &["error"],
    alarm: Some(Alarm::MetadataFailed),
};

/// The error of metadata whose `validUntil` is over.
pub const METADATA_EXPIRED: LogMessage = LogMessage {
    text: "the metadata cannot be trusted any more: it has expired",
    fields: &["error", "issuer"],
    alarm: Some(Alarm::MetadataFailed),
};

/// The error of metadata that the second verifier does not take.
pub const SECOND_OPINION_STAYS: LogMessage = LogMessage {
    text: "the metadata cannot be trusted any more: the last good one stays for the second opinion",
    fields: &["error"],
    alarm: Some(Alarm::MetadataFailed),
};
