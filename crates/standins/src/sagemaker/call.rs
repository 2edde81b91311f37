//! AWS JSON 1.1, as the real SDK speaks it: which operation, with what.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::page::with_type;

const SERVICE: &str = "SageMaker.";

/// A call that was understood.
#[derive(Debug)]
pub(super) enum Call {
    Mint(Minted),
    Create(Created),
    Describe(Named),
}

/// A URL that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Minted {
    /// The domain's ID.
    #[serde(rename = "DomainId")]
    pub domain: String,
    /// The user profile's name.
    #[serde(rename = "UserProfileName")]
    pub profile: String,
    /// The space to open.
    #[serde(rename = "SpaceName", default)]
    pub space: Option<String>,
    /// The page to open.
    #[serde(rename = "LandingUri", default)]
    pub landing: Option<String>,
    /// For how many seconds the URL may be used.
    #[serde(rename = "ExpiresInSeconds")]
    pub expires_seconds: u32,
    /// How many seconds the session lasts.
    #[serde(rename = "SessionExpirationDurationInSeconds")]
    pub session_seconds: u32,
}

/// A user profile that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Created {
    /// The domain's ID.
    pub domain: String,
    /// The user profile's name.
    pub profile: String,
    /// The role that its notebooks have.
    pub execution_role: Option<String>,
    /// Its security groups.
    pub security_groups: Vec<String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The settings as they were sent.
    pub settings: Value,
}

/// Which user profile.
#[derive(Debug, Deserialize)]
pub(super) struct Named {
    #[serde(rename = "DomainId")]
    pub(super) domain: String,
    #[serde(rename = "UserProfileName")]
    pub(super) profile: String,
}

#[derive(Debug, Deserialize)]
struct Settings {
    #[serde(rename = "ExecutionRole")]
    execution_role: Option<String>,
    #[serde(rename = "SecurityGroups", default)]
    security_groups: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Tag {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Value")]
    value: String,
}

#[derive(Debug, Deserialize)]
struct Create {
    #[serde(flatten)]
    named: Named,
    #[serde(rename = "UserSettings", default)]
    settings: Value,
    #[serde(rename = "Tags", default)]
    tags: Vec<Tag>,
}

impl Call {
    /// Reads a call.
    ///
    /// # Errors
    /// The answer to one that SageMaker would not take.
    pub(super) fn read(head: &Parts, body: &[u8]) -> Result<Self, Box<Response<Body>>> {
        let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let operation = header("x-amz-target").strip_prefix(SERVICE).unwrap_or_default();
        if !["CreatePresignedDomainUrl", "CreateUserProfile", "DescribeUserProfile"].contains(&operation) {
            return Err(error(StatusCode::BAD_REQUEST, "UnknownOperationException").into());
        }
        let authorization = header(AUTHORIZATION.as_str());
        let signed = authorization.starts_with("AWS4-HMAC-SHA256 Credential=")
            && authorization.contains("/sagemaker/aws4_request")
            && authorization.contains("Signature=");
        if !signed {
            return Err(error(StatusCode::FORBIDDEN, "MissingAuthenticationTokenException").into());
        }
        let call = match operation {
            "CreatePresignedDomainUrl" => serde_json::from_slice(body).map(Self::Mint),
            "CreateUserProfile" => serde_json::from_slice::<Create>(body).and_then(Create::read).map(Self::Create),
            _ => serde_json::from_slice(body).map(Self::Describe),
        };
        let call = call.map_err(|_| error(StatusCode::BAD_REQUEST, "SerializationException"))?;
        match &call {
            Self::Mint(mint)
                if !((5..=300).contains(&mint.expires_seconds) && (1800..=43_200).contains(&mint.session_seconds)) =>
            {
                Err(error(StatusCode::BAD_REQUEST, "ValidationException").into())
            }
            _ => Ok(call),
        }
    }
}

impl Create {
    fn read(self) -> Result<Created, serde_json::Error> {
        let Self { named, settings, tags } = self;
        let Settings { execution_role, security_groups } = match &settings {
            Value::Null => Settings { execution_role: None, security_groups: Vec::new() },
            settings => Settings::deserialize(settings)?,
        };
        let tags = tags.into_iter().map(|tag| (tag.key, tag.value)).collect();
        Ok(Created { domain: named.domain, profile: named.profile, execution_role, security_groups, tags, settings })
    }
}

/// The access key that signed the call.
pub(super) fn caller(head: &Parts) -> String {
    let authorization = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let caller = authorization.split_once("Credential=").and_then(|(_, rest)| rest.split('/').next());
    caller.unwrap_or_default().to_owned()
}

pub(super) fn error(status: StatusCode, kind: &str) -> Response<Body> {
    reply(status, &json!({"__type": kind, "Message": "from the stand-in"}))
}

pub(super) fn reply(status: StatusCode, body: &Value) -> Response<Body> {
    with_type(status, "application/x-amz-json-1.1", body.to_string())
}
