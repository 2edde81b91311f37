//! API Gateway in front of the function: the events that it makes of requests, and the answers that it takes.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Answer;

/// A gateway, by its kind and by the address that clients use. The stage is called `prod`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gateway {
    pub kind: Kind,
    /// The endpoint and the VPC that a private REST API says a request came through.
    pub endpoint: Option<(&'static str, &'static str)>,
    pub base64: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A REST API by its own address, which has the stage in it.
    Rest,
    /// A REST API by a custom domain, mapped to the stage.
    RestDomain,
    /// A REST API by a custom domain whose mapping names no stage: the client does.
    RestDomainWithoutStage,
    /// An HTTP API with payload format 1.0, by its own address.
    Http1,
    /// An HTTP API with payload format 2.0, by its own address.
    Http2,
    /// The same, by a custom domain.
    Http2Domain,
    /// The same with the stage `$default`.
    Http2Default,
}

impl Kind {
    pub const ALL: [Self; 7] = [
        Self::Rest,
        Self::RestDomain,
        Self::RestDomainWithoutStage,
        Self::Http1,
        Self::Http2,
        Self::Http2Domain,
        Self::Http2Default,
    ];

    pub fn is_version_2(self) -> bool {
        matches!(self, Self::Http2 | Self::Http2Domain | Self::Http2Default)
    }

    /// The gateway's prefix of our paths: in the event, and in the client's request.
    fn stages(self) -> (&'static str, &'static str) {
        match self {
            Self::Rest => ("", "/prod"),
            Self::RestDomain | Self::Http2Domain | Self::Http2Default => ("", ""),
            Self::RestDomainWithoutStage | Self::Http1 | Self::Http2 => ("/prod", "/prod"),
        }
    }
}

impl From<Kind> for Gateway {
    fn from(kind: Kind) -> Self {
        Self { kind, endpoint: None, base64: false }
    }
}

impl Gateway {
    /// The event of a request to a path of ours.
    pub fn event(self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Value {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let (before, asked) = self.kind.stages();
        let text = if self.base64 { STANDARD.encode(body) } else { String::from_utf8_lossy(body).into_owned() };
        let text = if body.is_empty() { Value::Null } else { text.into() };
        let stage = if self.kind == Kind::Http2Default { "$default" } else { "prod" };
        // The gateway's own route, without what its address has before it.
        let proxy = path.trim_start_matches('/').to_owned();
        let path = format!("{before}{path}");
        if self.kind.is_version_2() {
            return self.version_2(method, &path, query, stage, headers, &text);
        }
        let several = |pairs: Vec<(String, String)>| {
            let mut all = BTreeMap::<String, Vec<String>>::new();
            pairs.into_iter().for_each(|(name, value)| all.entry(name).or_default().push(value));
            let last: BTreeMap<_, _> = all.iter().map(|(name, values)| (name, values.last())).collect();
            if all.is_empty() { (Value::Null, Value::Null) } else { (json!(last), json!(all)) }
        };
        let headers = headers.iter().chain(&[("Host", "acs.example")]);
        let (header, headers) =
            several(headers.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
        let (parameter, parameters) = several(form_urlencoded::parse(query.as_bytes()).into_owned().collect());
        let mut event = json!({
            "resource": "/{proxy+}",
            "path": path,
            "httpMethod": method,
            "headers": header,
            "multiValueHeaders": headers,
            "queryStringParameters": parameter,
            "multiValueQueryStringParameters": parameters,
            "pathParameters": {"proxy": proxy},
            "stageVariables": null,
            "requestContext": {
                "resourceId": "abc123",
                "resourcePath": "/{proxy+}",
                "httpMethod": method,
                "path": if before.is_empty() { format!("{asked}{path}") } else { path.clone() },
                "accountId": "111122223333",
                "protocol": "HTTP/1.1",
                "stage": stage,
                "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
                "apiId": "abc123",
                "identity": {"sourceIp": "192.0.2.7", "user": null},
            },
            "body": text,
            "isBase64Encoded": self.base64,
        });
        if self.kind == Kind::Http1 {
            event["version"] = "1.0".into();
        }
        if let Some((endpoint, vpc)) = self.endpoint {
            event["requestContext"]["identity"]["vpceId"] = endpoint.into();
            event["requestContext"]["identity"]["vpcId"] = vpc.into();
        }
        event
    }

    fn version_2(
        self,
        method: &str,
        path: &str,
        query: &str,
        stage: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> Value {
        let mut joined = BTreeMap::from([("host".to_owned(), "acs.example".to_owned())]);
        let mut cookies = Vec::new();
        for (name, value) in headers {
            if name.eq_ignore_ascii_case("cookie") {
                cookies.extend(value.split("; "));
                continue;
            }
            let before = joined.remove(&name.to_ascii_lowercase());
            let value = before.map_or((*value).to_owned(), |before| format!("{before},{value}"));
            joined.insert(name.to_ascii_lowercase(), value);
        }
        let mut event = json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": path,
            "rawQueryString": query,
            "headers": joined,
            "requestContext": {
                "accountId": "111122223333",
                "apiId": "abc123",
                "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7"},
                "requestId": "XQ2ZbjUXliAEJ6w=",
                "routeKey": "$default",
                "stage": stage,
            },
            "isBase64Encoded": self.base64,
        });
        if !cookies.is_empty() {
            event["cookies"] = json!(cookies);
        }
        if !body.is_null() {
            event["body"] = body.clone();
        }
        event
    }
}

/// The gateway's answer to its client for this answer of the function.
pub fn answer(answer: &Value) -> Answer {
    let mut headers = HeaderMap::new();
    let mut add = |name: &str, value: &Value| {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
        headers.append(name, HeaderValue::from_str(value.as_str().expect("a text")).expect("a header's value"));
    };
    let all = |part: &str| answer[part].as_object().cloned().unwrap_or_default();
    let values = |value: &Value| value.as_array().cloned().unwrap_or_default();
    all("headers").iter().for_each(|(name, value)| add(name, value));
    all("multiValueHeaders").iter().for_each(|(name, several)| values(several).iter().for_each(|one| add(name, one)));
    values(&answer["cookies"]).iter().for_each(|cookie| add("set-cookie", cookie));
    assert_eq!(answer["isBase64Encoded"], false, "all bodies of ours are text");
    Answer {
        status: answer["statusCode"]
            .as_u64()
            .and_then(|code| u16::try_from(code).ok())
            .map_or_else(|| panic!("an answer: {answer}"), |code| StatusCode::from_u16(code).expect("a status")),
        headers,
        body: answer["body"].as_str().expect("a body").to_owned(),
    }
}
