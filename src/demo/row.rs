//! One record for a human reader.

use serde_json::Value;
use time::UtcDateTime;

use studio_acs_html::{Slot, fill};

/// A record's columns.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct AuditRow {
    pub(super) number: String,
    pub(super) time: String,
    pub(super) who: String,
    pub(super) what: String,
    pub(super) profile: String,
    pub(super) policy: String,
    pub(super) outcome: String,
}

impl AuditRow {
    /// Reads a record of `broker::audit`. An absent field stays empty.
    pub(super) fn of(record: &Value) -> Self {
        let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let list = |pointer: &str| record.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
        let (class, operation) = (record.pointer("/class_uid").and_then(Value::as_u64), text("/api/operation"));
        let what = match (class, operation) {
            (Some(6002), _) => "The chain begins".to_owned(),
            (Some(3002), _) if text("/status") == "Failure" => format!("Refused ({})", text("/auth_protocol")),
            (Some(3002), _) => format!("Signed in ({})", text("/auth_protocol")),
            (_, "CreatePresignedDomainUrl") => "Open Studio".to_owned(),
            (_, "CreateUserProfile") => "Make a profile".to_owned(),
            (_, "RequestApproval") => "Ask for approval".to_owned(),
            (_, other) => other.to_owned(),
        };
        let who =
            [text("/actor/user/name"), text("/user/name"), "studio-acs"].into_iter().find(|name| !name.is_empty());
        let refused = |name: &str| text(&format!("/unmapped/refusal/{name}"));
        let profile = match (text("/resources/0/name"), text("/resources/0/namespace")) {
            ("", _) if !refused("profile").is_empty() => format!("{} in {}", refused("profile"), refused("domain")),
            ("", _) => match (text("/resources/0/uid"), text("/api/request/data/requested_by")) {
                ("", _) => String::new(),
                (entry, by) if by == text("/actor/user/name") => entry.to_owned(),
                (entry, by) => format!("{entry}, for {by}"),
            },
            (name, domain) => format!("{name} in {domain}"),
        };
        let policies = list("/actor/authorizations");
        let policies = policies.iter().filter_map(|one| one.pointer("/policy/uid")?.as_str().map(str::to_owned));
        let denials = list("/unmapped/refusal/policies");
        let policies = policies.chain(denials.iter().filter_map(|id| id.as_str().map(str::to_owned)));
        let told = [("ticket", "/api/request/data/ticket_number"), ("approved by", "/api/request/data/approved_by")];
        let told = told.map(|(name, pointer)| (name, text(pointer)));
        let told = told.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name} {value}"));
        let times = record.pointer("/count").map(|count| format!(", {count} times")).unwrap_or_default();
        let outcome = match (text("/status"), text("/status_code")) {
            (status, "") => status.to_owned(),
            (status, code) => format!("{status}: {code}{times}"),
        };
        Self {
            number: record.pointer("/metadata/sequence").map(Value::to_string).unwrap_or_default(),
            time: record.pointer("/time").and_then(Value::as_i64).and_then(clock_time).unwrap_or_default(),
            who: who.unwrap_or_default().to_owned(),
            what,
            profile,
            policy: policies.chain(told).collect::<Vec<_>>().join(", "),
            outcome,
        }
    }
}

/// The row of a table, and the record itself behind it.
pub(super) fn row_html(row: &AuditRow, record: &Value, is_whole: bool) -> String {
    let json = serde_json::to_string_pretty(record).unwrap_or_default();
    let (state, chain) = if is_whole { ("ok", "ok") } else { ("broken", "broken") };
    let slots = [
        ("number", row.number.as_str()),
        ("time", &row.time),
        ("who", &row.who),
        ("what", &row.what),
        ("profile", &row.profile),
        ("policy", &row.policy),
        ("outcome", &row.outcome),
        ("state", state),
        ("chain", chain),
        ("json", &json),
    ];
    fill(include_str!("pages/row.html"), &slots.map(|(name, text)| (name, Slot::Text(text))))
}

/// The time of day in UTC.
fn clock_time(milliseconds: i64) -> Option<String> {
    let at = UtcDateTime::from_unix_timestamp(milliseconds.checked_div(1000)?).ok()?;
    Some(format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_is_told_in_words() {
        let record = json!({
            "class_uid": 6003, "time": 1_800_000_000_123_i64, "metadata": {"sequence": 7},
            "actor": {"user": {"name": "erin"}, "authorizations": [{"policy": {"uid": "entry-for-person"}}]},
            "api": {"operation": "CreatePresignedDomainUrl", "request": {"data": {"approved_by": "frank"}}},
            "resources": [{"name": "erin-payments", "namespace": "d-a"}],
            "status": "Failure", "status_code": "mint_failed",
        });
        let row = |number: &str| AuditRow {
            number: number.to_owned(),
            time: "08:00:00".to_owned(),
            who: "erin".to_owned(),
            what: "Open Studio".to_owned(),
            profile: "erin-payments in d-a".to_owned(),
            policy: "entry-for-person, approved by frank".to_owned(),
            outcome: "Failure: mint_failed".to_owned(),
        };
        assert_eq!(AuditRow::of(&record), row("7"));
        assert_eq!(AuditRow::of(&json!({})), AuditRow { who: "studio-acs".to_owned(), ..AuditRow::default() });
    }

    #[test]
    fn a_sign_in_is_told_with_its_way() {
        let what = |protocol: &str| AuditRow::of(&json!({"class_uid": 3002, "auth_protocol": protocol})).what;
        assert_eq!([what("SAML"), what("OpenID")], ["Signed in (SAML)", "Signed in (OpenID)"]);
    }

    #[test]
    fn a_refusal_is_told_with_its_profile_its_policies_and_its_count() {
        let row = AuditRow::of(&json!({
            "class_uid": 3002, "auth_protocol": "SAML", "user": {"name": "dave"}, "status": "Failure",
            "status_code": "policy_denied", "count": 7,
            "unmapped": {"refusal": {"profile": "dave", "domain": "d-a", "policies": ["not-dave"]}},
        }));
        assert_eq!((row.what.as_str(), row.profile.as_str()), ("Refused (SAML)", "dave in d-a"));
        assert_eq!((row.policy.as_str(), row.outcome.as_str()), ("not-dave", "Failure: policy_denied, 7 times"));
    }
}
