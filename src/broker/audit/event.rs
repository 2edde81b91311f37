//! Records in the Open Cybersecurity Schema Framework, <https://schema.ocsf.io>: what happened, without its place in the
//! chain.

use aws_config::SdkConfig;
use serde_json::{Map, Value, json};
use time::UtcDateTime;

use super::Words;
use super::facts::{ApprovalStep, Facts, Person, StepKind, approval};
use super::sink::SinkKind;
use studio_acs_identity::CredentialKind;
use studio_acs_identity::RoleArn;

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

    /// The one user profile. Its ARN needs the account, which the role that mints names; without one, the ARN's last part.
    fn profile(&self, facts: &Facts) -> Value {
        let Facts { profile, domain, entry, .. } = facts;
        let region = facts.region.as_ref().unwrap_or(&self.region);
        let uid = match facts.role.as_ref().or(self.role.as_ref()) {
            Some(role) => role.user_profile(region, domain, profile),
            None => format!("user-profile/{domain}/{profile}"),
        };
        let mut labels = vec![format!("entry:{entry}")];
        labels.extend(facts.team.as_ref().map(|team| format!("team:{team}")));
        json!({
            "type": "AWS::SageMaker::UserProfile", "uid": uid, "name": profile, "namespace": domain, "region": region,
            "labels": labels,
        })
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

    /// Authentication: Logon. An assertion was verified and claimed, or a token was verified.
    pub(super) fn logon(facts: &Facts, place: &Place, now: UtcDateTime) -> Self {
        let (protocol, protocol_id, message) = match facts.person.credential_kind() {
            CredentialKind::Assertion => ("SAML", 5, "an assertion was verified, for the first time"),
            CredentialKind::IdToken => ("OpenID", 4, "an ID token was verified"),
            CredentialKind::AccessToken => ("OAUTH 2.0", 6, "an access token was verified"),
        };
        let mut more = json!({
            "activity_name": "Logon", "class_name": "Authentication", "category_name": "Identity & Access Management",
            "user": facts.person.user(),
            "session": facts.person.session(),
            "auth_protocol": protocol, "auth_protocol_id": protocol_id,
            "service": {"name": "studio-acs"},
            "dst_endpoint": place.endpoint(),
            "message": message,
        });
        if let (Some(ip), Some(more)) = (&facts.source_ip, more.as_object_mut()) {
            more.insert("src_endpoint".to_owned(), json!({"ip": ip}));
        }
        Self::new(3, 3002, 1, INFORMATIONAL, (SUCCESS, "Success"), more, &facts.correlation, now)
    }

    /// API Activity: Create. Something is about to be done.
    pub(super) fn intent(facts: &Facts, words: &Words, place: &Place, now: UtcDateTime) -> Self {
        let more = Self::call(facts, words, place, words.intent, None);
        Self::new(6, 6003, 1, INFORMATIONAL, (OTHER, "Intent"), more, &facts.correlation, now)
    }

    /// API Activity: Create. The outcome of the intent: a URL, which is not told, or a code and its reason.
    pub(super) fn outcome(
        facts: &Facts,
        words: &Words,
        place: &Place,
        result: Result<(), (&'static str, String)>,
        missed: &[SinkKind],
        now: UtcDateTime,
    ) -> Self {
        let id = &facts.correlation;
        let mut event = match result {
            Ok(()) => {
                let severity = if missed.is_empty() { INFORMATIONAL } else { HIGH };
                let more = Self::call(facts, words, place, words.done, None);
                Self::new(6, 6003, 1, severity, (SUCCESS, "Success"), more, id, now)
            }
            Err((code, reason)) => {
                let more = Self::call(facts, words, place, words.not_done, Some(code));
                let mut event = Self::new(6, 6003, 1, LOW, (FAILURE, "Failure"), more, id, now);
                event.fields.insert("status_code".to_owned(), code.into());
                event.fields.insert("status_detail".to_owned(), reason.into());
                event
            }
        };
        event.missed = missed.iter().map(|sink| sink.as_str()).collect();
        event
    }

    /// API Activity: Create, or Update. A user asks for approval, or decides on another one's request.
    pub(super) fn approval(step: &ApprovalStep<'_>, correlation: &str, place: &Place, now: UtcDateTime) -> Self {
        let (activity, name, operation, message) = match step.kind {
            StepKind::Request => (1, "Create", "RequestApproval", "approval is about to be asked for"),
            StepKind::Approve => (3, "Update", "Approve", "a request is about to be approved"),
            StepKind::Deny => (3, "Update", "Deny", "a request is about to be denied"),
        };
        let person = Person::of(step.who);
        let mut data = json!({"requested_by": step.requested_by, "approval": approval(step.terms)});
        if let (Some(ticket_number), Some(data)) = (&step.terms.ticket_number, data.as_object_mut()) {
            data.insert("ticket_number".to_owned(), ticket_number.as_str().into());
        }
        let more = json!({
            "activity_name": name, "class_name": "API Activity", "category_name": "Application Activity",
            "actor": {"user": person.user(), "session": person.session()},
            "api": {"operation": operation, "service": {"name": "studio-acs"}, "request": {"uid": correlation, "data": data}},
            "src_endpoint": place.endpoint(),
            "resources": [{"type": "studio-acs ledger entry", "uid": step.terms.profile.entry}],
            "message": message,
        });
        Self::new(6, 6003, activity, INFORMATIONAL, (OTHER, "Intent"), more, correlation, now)
    }

    fn call(facts: &Facts, words: &Words, place: &Place, message: &str, error: Option<&str>) -> Value {
        let mut data = json!({"session_seconds": facts.session_seconds});
        if let Some(data) = data.as_object_mut() {
            let told = [
                ("ticket_number", &facts.ticket_number),
                ("deep_link", &facts.deep_link),
                ("space", &facts.space),
                ("landing", &facts.landing),
            ];
            data.extend(told.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text.clone()?.into()))));
            if let Some(approved) = &facts.approved {
                data.insert("approved_by".to_owned(), approved.by().into());
                data.insert("approval".to_owned(), approval(approved.terms()));
            }
        }
        let mut api = json!({
            "operation": words.call,
            "service": {"name": "sagemaker.amazonaws.com"},
            "request": {"uid": facts.correlation, "data": data},
        });
        if let (Some(error), Some(api)) = (error, api.as_object_mut()) {
            api.insert("response".to_owned(), json!({"error": error}));
        }
        let allowed = facts.policies.iter().map(|id| json!({"decision": "Allow", "policy": {"uid": id}}));
        json!({
            "activity_name": "Create", "class_name": "API Activity", "category_name": "Application Activity",
            "actor": {
                "user": facts.person.user(), "session": facts.person.session(),
                "authorizations": allowed.collect::<Vec<_>>(),
            },
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

pub(super) fn milliseconds(time: UtcDateTime) -> i64 {
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}
