//! The records of refusals: one sign-in that was refused, or so many of one kind.

use serde_json::{Map, Value, json};
use time::UtcDateTime;

use super::{API_CLIENT, Event, EventPlace, FAILURE, LOW};
use crate::milliseconds::milliseconds;
use crate::refusals::RefusalCount;
use crate::refused_sign_in::{RefusalKind, RefusedSignIn};

/// The name of the facts of a refusal that OCSF has no place for, under `unmapped`.
const REFUSAL: &str = "refusal";

impl Event {
    /// Authentication: Logon, a failure. One sign-in was refused, of a verified user or of a stranger.
    pub(crate) fn refused(refused: &RefusedSignIn<'_>, place: &EventPlace, now: UtcDateTime) -> Self {
        let message = match refused.person {
            Some(_) => "a sign-in of a verified user was refused",
            None => "a request was refused before a user was verified",
        };
        let mut more = Map::from_iter([("status_detail".to_owned(), refused.reason.clone().into())]);
        if let Some(person) = refused.person {
            more.insert("session".to_owned(), person.session());
        }
        let kind = RefusalKind { source_ip: refused.source_ip, ..refused.kind() };
        let mut event = Self::refusal(&kind, message, more, refused.correlation, place, now);
        let mut told = Map::new();
        let named =
            ["entry", "profile", "domain"].into_iter().zip(refused.entry).filter(|(_, value)| !value.is_empty());
        told.extend(named.map(|(name, value)| (name.to_owned(), value.into())));
        if !refused.policies.is_empty() {
            told.insert("policies".to_owned(), json!(refused.policies));
        }
        event.tell_refusal(told);
        event
    }

    /// The same for so many sign-ins of one kind, which have no record of their own.
    pub(crate) fn refused_often(counted: &RefusalCount, place: &EventPlace, now: UtcDateTime) -> Self {
        let RefusalCount { kind, count, since } = counted;
        let message = match kind.user {
            Some(_) => "sign-ins of verified users were refused, and are counted",
            None => "requests were refused before a user was verified, and are counted",
        };
        let since = milliseconds(*since);
        let more = json!({"count": count, "start_time": since, "end_time": milliseconds(now).max(since)});
        let mut more = more.as_object().cloned().unwrap_or_default();
        if kind.user.is_some() && !kind.issuer.is_empty() {
            more.insert("session".to_owned(), json!({"issuer": kind.issuer}));
        }
        Self::refusal(kind, message, more, "", place, now)
    }

    fn refusal(
        kind: &RefusalKind,
        message: &str,
        mut more: Map<String, Value>,
        correlation: &str,
        place: &EventPlace,
        now: UtcDateTime,
    ) -> Self {
        let RefusalKind { stage, code, protocol: (protocol_id, protocol), user, issuer, source_ip } = kind;
        let user = match user.as_deref() {
            Some(name) if !name.is_empty() => json!({"name": name, "type_id": 1, "type": "User"}),
            _ => json!({"name": "Unknown", "type_id": 0, "type": "Unknown"}),
        };
        let base = json!({
            "activity_name": "Logon", "class_name": "Authentication", "category_name": "Identity & Access Management",
            "user": user,
            "cloud": place.cloud(None),
            "auth_protocol": protocol, "auth_protocol_id": protocol_id,
            "service": {"name": "studio-acs"},
            "dst_endpoint": place.endpoint(),
            "status_code": code,
            "message": message,
        });
        more.extend(base.as_object().cloned().unwrap_or_default());
        let source = source_ip.map(|ip| json!({"ip": ip.to_string()}));
        let (browser, api_client) = if kind.is_by_api_client() { (None, source) } else { (source, None) };
        more.extend(browser.map(|source| ("src_endpoint".to_owned(), source)));
        let mut event = Self::new(3, 3002, 1, LOW, (FAILURE, "Failure"), more.into(), correlation, now);
        event.unmapped.extend(api_client.map(|source| (API_CLIENT.to_owned(), source)));
        let mut told = Map::new();
        if !stage.is_empty() {
            told.insert("stage".to_owned(), (*stage).into());
        }
        if kind.user.is_none() && !issuer.is_empty() {
            told.insert("claimed_issuer".to_owned(), issuer.as_str().into());
        }
        event.tell_refusal(told);
        event
    }

    /// Adds facts of a refusal.
    fn tell_refusal(&mut self, told: Map<String, Value>) {
        let refusal = self.unmapped.entry(REFUSAL).or_insert_with(|| Value::Object(Map::new()));
        if let Some(refusal) = refusal.as_object_mut() {
            refusal.extend(told);
        }
    }
}
