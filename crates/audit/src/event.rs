//! Records in the Open Cybersecurity Schema Framework, <https://schema.ocsf.io>: what happened, without its place in the
//! chain.

mod refusal;

use aws_config::SdkConfig;
use serde_json::{Map, Value, json};
use time::UtcDateTime;

use crate::ending::Ending;
use crate::facts::Facts;
use crate::milliseconds::milliseconds;
use crate::process_counter::ProcessNumber;
use crate::recorded::Operation;
use crate::refused_sign_in::auth_protocol;
use crate::sink_kind::SinkKind;
use studio_acs_identity::CredentialKind;
use studio_acs_identity::RoleArn;

/// One event, whose [`metadata`](crate::chain) the chain adds.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) fields: Map<String, Value>,
    /// Milliseconds since 1970.
    pub(crate) time: i64,
    /// Which attempt it is of; empty for the process itself.
    pub(crate) correlation: String,
    /// The members of `unmapped` that OCSF has no place for: `missed_sinks`, `process`, `api_client` and `refusal`.
    pub(crate) unmapped: Map<String, Value>,
}

/// Where we are, and where the user profiles are.
#[derive(Debug)]
pub(crate) struct EventPlace {
    region: String,
    role: Option<RoleArn>,
    instance: String,
    /// The number of the process, or why it has none; `None` without a counter.
    process: Option<Value>,
}

impl EventPlace {
    pub(crate) fn new(sdk: &SdkConfig, role: Option<&RoleArn>, instance: &str) -> Self {
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        Self { region, role: role.cloned(), instance: instance.to_owned(), process: None }
    }

    /// The name of the process: its chain's.
    pub(crate) fn instance(&self) -> &str {
        &self.instance
    }

    /// The same, of a process with this number, or of one that got none for this reason.
    pub(crate) fn numbered(self, number: Result<&ProcessNumber, &str>) -> Self {
        let process = match number {
            Ok(number) => number.json(),
            Err(reason) => json!({"unnumbered": reason}),
        };
        Self { process: Some(process), ..self }
    }

    /// The process, as one end of a call.
    pub(crate) fn endpoint(&self) -> Value {
        json!({"svc_name": "studio-acs", "instance_uid": self.instance})
    }

    /// The cloud that a region is of, as OCSF's profile `cloud` asks of each record: the region of the call, or the
    /// service's own.
    pub(crate) fn cloud(&self, region: Option<&str>) -> Value {
        match region.unwrap_or(&self.region) {
            "" => json!({"provider": "AWS"}),
            region => json!({"provider": "AWS", "region": region}),
        }
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
const MEDIUM: u8 = 3;
const HIGH: u8 = 4;

/// How it ended, by OCSF's `status_id`.
const UNKNOWN: u8 = 0;
const SUCCESS: u8 = 1;
const FAILURE: u8 = 2;
const OTHER: u8 = 99;

/// The name of the process's number, in the first record of a chain, under `unmapped`.
pub(crate) const PROCESS: &str = "process";
/// The name of the API client's address, in the record of a logon or of a refusal, under `unmapped`.
const API_CLIENT: &str = "api_client";

/// OCSF's `activity_id` of API Activity.
const CREATE: u8 = 1;

impl Event {
    /// Application Lifecycle: Start. The first of a chain; it names the process.
    pub(crate) fn start(place: &EventPlace, now: UtcDateTime) -> Self {
        let version = env!("CARGO_PKG_VERSION");
        let more = json!({
            "activity_name": "Start", "class_name": "Application Lifecycle", "category_name": "Application Activity",
            "cloud": place.cloud(None),
            "app": {"name": "studio-acs", "uid": place.instance, "version": version},
            "message": "the first record of this process",
        });
        let mut event = Self::new(6, 6002, 3, INFORMATIONAL, (SUCCESS, "Success"), more, "", now);
        event.unmapped.extend(place.process.clone().map(|process| (PROCESS.to_owned(), process)));
        event
    }

    /// Authentication: Logon. An assertion was verified and claimed, or a token was verified.
    pub(crate) fn logon(facts: &Facts, place: &EventPlace, now: UtcDateTime) -> Self {
        let credential_kind = facts.person.credential_kind();
        let (protocol_id, protocol) = auth_protocol(credential_kind);
        let message = match credential_kind {
            CredentialKind::Assertion => "an assertion was verified, for the first time",
            CredentialKind::IdToken => "an ID token was verified",
            CredentialKind::AccessToken => "an access token was verified",
        };
        let mut more = json!({
            "activity_name": "Logon", "class_name": "Authentication", "category_name": "Identity & Access Management",
            "user": facts.person.user(),
            "session": facts.person.session(),
            "cloud": place.cloud(None),
            "auth_protocol": protocol, "auth_protocol_id": protocol_id,
            "service": {"name": "studio-acs"},
            "dst_endpoint": place.endpoint(),
            "message": message,
        });
        if let (Some(ip), Some(more)) = (&facts.source_ip, more.as_object_mut()) {
            more.insert("src_endpoint".to_owned(), json!({"ip": ip}));
        }
        let mut event = Self::new(3, 3002, 1, INFORMATIONAL, (SUCCESS, "Success"), more, &facts.correlation, now);
        // Not the user's own address, which `src_endpoint` is.
        event.unmapped.extend(facts.api_client_ip.as_ref().map(|ip| (API_CLIENT.to_owned(), json!({"ip": ip}))));
        event
    }

    /// API Activity: Create. Something is about to be done.
    pub(crate) fn intent(facts: &Facts, operation: &Operation, place: &EventPlace, now: UtcDateTime) -> Self {
        Self::begun(Self::call(facts, operation, place), CREATE, operation, &facts.correlation, now)
    }

    /// API Activity: Create. The outcome of the intent: a URL, which is not told, or a code and its reason.
    pub(crate) fn outcome(
        facts: &Facts,
        operation: &Operation,
        place: &EventPlace,
        ending: Ending,
        missed: &[SinkKind],
        now: UtcDateTime,
    ) -> Self {
        let content = Self::call(facts, operation, place);
        Self::ended(content, CREATE, operation, ending, missed, &facts.correlation, now)
    }

    /// API Activity. `operation`, which `content` describes, is about to begin.
    pub(crate) fn begun(
        content: Value,
        activity: u8,
        operation: &Operation,
        correlation: &str,
        now: UtcDateTime,
    ) -> Self {
        let content = with(content, "message", operation.intent.into());
        Self::new(6, 6003, activity, INFORMATIONAL, (OTHER, "Intent"), content, correlation, now)
    }

    /// API Activity. The end of `operation`, which `content` describes, and the sinks that missed its beginning.
    pub(crate) fn ended(
        mut content: Value,
        activity: u8,
        operation: &Operation,
        ending: Ending,
        missed: &[SinkKind],
        correlation: &str,
        now: UtcDateTime,
    ) -> Self {
        let (severity, status, message, told) = match ending {
            Ending::Done if missed.is_empty() => (INFORMATIONAL, (SUCCESS, "Success"), operation.done, None),
            Ending::Done => (HIGH, (SUCCESS, "Success"), operation.done, None),
            Ending::NotDone { code, reason } => (LOW, (FAILURE, "Failure"), operation.not_done, Some((code, reason))),
            Ending::Unknown { code, reason } => (MEDIUM, (UNKNOWN, "Unknown"), operation.unknown, Some((code, reason))),
        };
        content = with(content, "message", message.into());
        if let Some((code, reason)) = told {
            if let Some(api) = content.get_mut("api").and_then(Value::as_object_mut) {
                api.insert("response".to_owned(), json!({"error": code}));
            }
            content = with(content, "status_code", code.into());
            content = with(content, "status_detail", reason.into());
        }
        let mut event = Self::new(6, 6003, activity, severity, status, content, correlation, now);
        if !missed.is_empty() {
            let names: Vec<_> = missed.iter().map(|sink| sink.as_str()).collect();
            event.unmapped.insert("missed_sinks".to_owned(), json!(names));
        }
        event
    }

    fn call(facts: &Facts, operation: &Operation, place: &EventPlace) -> Value {
        let mut data = json!({"session_seconds": facts.session_seconds});
        if let Some(data) = data.as_object_mut() {
            let told = [
                ("ticket_number", &facts.ticket_number),
                ("deep_link", &facts.deep_link),
                ("space", &facts.space),
                ("landing", &facts.landing),
            ];
            data.extend(told.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text.clone()?.into()))));
            if let Some((by, approval)) = &facts.approved {
                data.insert("approved_by".to_owned(), by.clone().into());
                data.insert("approval".to_owned(), approval.json());
            }
        }
        let allowed = facts.policies.iter().map(|id| json!({"decision": "Allow", "policy": {"uid": id}}));
        json!({
            "activity_name": "Create", "class_name": "API Activity", "category_name": "Application Activity",
            "cloud": place.cloud(facts.region.as_deref()),
            "actor": {
                "user": facts.person.user(), "session": facts.person.session(),
                "authorizations": allowed.collect::<Vec<_>>(),
            },
            "api": {
                "operation": operation.call,
                "service": {"name": "sagemaker.amazonaws.com"},
                "request": {"uid": facts.correlation, "data": data},
            },
            "src_endpoint": place.endpoint(),
            "resources": [place.profile(facts)],
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
        Self { fields, time, correlation: correlation.to_owned(), unmapped: Map::new() }
    }
}

/// `content` with this member.
fn with(mut content: Value, name: &str, value: Value) -> Value {
    if let Some(content) = content.as_object_mut() {
        content.insert(name.to_owned(), value);
    }
    content
}
