//! Records in the Open Cybersecurity Schema Framework, <https://schema.ocsf.io>: what happened, without its place in the
//! chain.

use aws_config::SdkConfig;
use serde_json::{Map, Value, json};
use time::UtcDateTime;

use super::sink::SinkKind;
use crate::broker::mint::RoleArn;
use crate::broker::once::Grant;

/// One event, whose [`metadata`](super::chain) the chain adds.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) fields: Map<String, Value>,
    /// Milliseconds since 1970.
    pub(super) time: i64,
    /// Which attempt it is of; empty for the process itself.
    pub(super) correlation: String,
    /// Which sinks had not confirmed the intent when the mint was allowed or refused.
    pub(super) missed: Vec<&'static str>,
}

/// Who is to get what, by what right. No secret: neither the response nor a URL.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) correlation: String,
    user: String,
    domain: String,
    issuer: String,
    assertion_id: String,
    session_ends: Option<UtcDateTime>,
}

impl Facts {
    pub(super) fn of(grant: &Grant, correlation: &str) -> Self {
        Self {
            correlation: correlation.to_owned(),
            user: grant.user().to_string(),
            domain: grant.domain().to_string(),
            issuer: grant.issuer().to_owned(),
            assertion_id: grant.assertion_id().to_owned(),
            session_ends: grant.session_not_on_or_after(),
        }
    }

    fn user(&self) -> Value {
        json!({"name": self.user, "type_id": 1, "type": "User"})
    }

    /// The assertion that speaks for the user.
    fn session(&self) -> Value {
        let mut session = json!({"uid": self.assertion_id, "issuer": self.issuer});
        if let (Some(ends), Some(session)) = (self.session_ends, session.as_object_mut()) {
            session.insert("expiration_time".to_owned(), milliseconds(ends).into());
        }
        session
    }
}

/// Where we are, and where the user profiles are.
#[derive(Debug)]
pub(super) struct Place {
    region: String,
    role: Option<RoleArn>,
    instance: String,
}

impl Place {
    pub(super) fn new(sdk: &SdkConfig, role: Option<&RoleArn>, instance: &str) -> Self {
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        Self { region, role: role.cloned(), instance: instance.to_owned() }
    }

    /// The process, as one end of a call.
    fn endpoint(&self) -> Value {
        json!({"svc_name": "studio-acs", "instance_uid": self.instance})
    }

    /// The one user profile. Its ARN needs the account, which the minting role names; without one, the ARN's last part.
    fn profile(&self, facts: &Facts) -> Value {
        let Facts { user, domain, .. } = facts;
        let uid = match &self.role {
            Some(role) => role.user_profile(&self.region, domain, user),
            None => format!("user-profile/{domain}/{user}"),
        };
        json!({"type": "AWS::SageMaker::UserProfile", "uid": uid, "name": user, "namespace": domain, "region": self.region})
    }
}

/// How grave, by OCSF's `severity_id`.
const INFORMATIONAL: u8 = 1;
const LOW: u8 = 2;
const HIGH: u8 = 4;

/// How it ended, by OCSF's `status_id`.
const SUCCESS: u8 = 1;
const FAILURE: u8 = 2;
const OTHER: u8 = 99;

impl Event {
    /// Application Lifecycle: Start. The first of a chain; it names the process.
    pub(super) fn start(place: &Place, now: UtcDateTime) -> Self {
        let version = env!("CARGO_PKG_VERSION");
        let more = json!({
            "activity_name": "Start", "class_name": "Application Lifecycle", "category_name": "Application Activity",
            "app": {"name": "studio-acs", "uid": place.instance, "version": version},
            "message": "the first record of this process",
        });
        Self::new(6, 6002, 3, INFORMATIONAL, (SUCCESS, "Success"), more, "", now)
    }

    /// Authentication: Logon. An assertion was verified and used up.
    pub(super) fn logon(facts: &Facts, place: &Place, now: UtcDateTime) -> Self {
        let more = json!({
            "activity_name": "Logon", "class_name": "Authentication", "category_name": "Identity & Access Management",
            "user": facts.user(),
            "session": facts.session(),
            "auth_protocol": "SAML", "auth_protocol_id": 5,
            "service": {"name": "studio-acs"},
            "dst_endpoint": place.endpoint(),
            "message": "an assertion was verified, for the first time",
        });
        Self::new(3, 3002, 1, INFORMATIONAL, (SUCCESS, "Success"), more, &facts.correlation, now)
    }

    /// API Activity: Create. A session is about to be minted.
    pub(super) fn intent(facts: &Facts, place: &Place, now: UtcDateTime) -> Self {
        let more = Self::call(facts, place, "intent: a Studio session is about to be minted", None);
        Self::new(6, 6003, 1, INFORMATIONAL, (OTHER, "Intent"), more, &facts.correlation, now)
    }

    /// API Activity: Create. What came of the intent: a URL, which is not told, or a code and its reason.
    pub(super) fn outcome(
        facts: &Facts,
        place: &Place,
        result: Result<(), (&'static str, String)>,
        missed: &[SinkKind],
        now: UtcDateTime,
    ) -> Self {
        let id = &facts.correlation;
        let mut event = match result {
            Ok(()) => {
                let severity = if missed.is_empty() { INFORMATIONAL } else { HIGH };
                let more = Self::call(facts, place, "outcome: a Studio session was minted", None);
                Self::new(6, 6003, 1, severity, (SUCCESS, "Success"), more, id, now)
            }
            Err((code, reason)) => {
                let more = Self::call(facts, place, "outcome: no Studio session was minted", Some(code));
                let mut event = Self::new(6, 6003, 1, LOW, (FAILURE, "Failure"), more, id, now);
                event.fields.insert("status_code".to_owned(), code.into());
                event.fields.insert("status_detail".to_owned(), reason.into());
                event
            }
        };
        event.missed = missed.iter().map(|sink| sink.as_str()).collect();
        event
    }

    fn call(facts: &Facts, place: &Place, message: &str, error: Option<&str>) -> Value {
        let mut api = json!({
            "operation": "CreatePresignedDomainUrl",
            "service": {"name": "sagemaker.amazonaws.com"},
            "request": {"uid": facts.correlation},
        });
        if let (Some(error), Some(api)) = (error, api.as_object_mut()) {
            api.insert("response".to_owned(), json!({"error": error}));
        }
        json!({
            "activity_name": "Create", "class_name": "API Activity", "category_name": "Application Activity",
            "actor": {"user": facts.user(), "session": facts.session()},
            "api": api,
            "src_endpoint": place.endpoint(),
            "resources": [place.profile(facts)],
            "message": message,
        })
    }

    #[expect(clippy::too_many_arguments, reason = "what the base class requires of every event, in its order")]
    fn new(
        category: u8,
        class: u32,
        activity: u8,
        severity: u8,
        (status_id, status): (u8, &str),
        more: Value,
        correlation: &str,
        now: UtcDateTime,
    ) -> Self {
        let time = milliseconds(now);
        let mut fields = match more {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        let base = [
            ("category_uid", Value::from(category)),
            ("class_uid", class.into()),
            ("activity_id", activity.into()),
            ("type_uid", class.saturating_mul(100).saturating_add(activity.into()).into()),
            ("severity_id", severity.into()),
            ("status_id", status_id.into()),
            ("status", status.into()),
            ("time", time.into()),
        ];
        fields.extend(base.map(|(name, value)| (name.to_owned(), value)));
        Self { fields, time, correlation: correlation.to_owned(), missed: Vec::new() }
    }
}

fn milliseconds(time: UtcDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}
