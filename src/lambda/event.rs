//! An event of API Gateway → the request that it stands for.

use std::net::IpAddr;

use axum::body::Body;
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::fields::{Fields, Lists, Malformed};
use super::path::PathOfEvent;
use super::unknown_event::UnknownEvent;
use super::uri::{query_of, uri};
use crate::http::Alternative;
use crate::http::peer::Peer;

/// How API Gateway writes a request, and expects an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// REST APIs, and HTTP APIs with payload format 1.0.
    Rest,
    /// HTTP APIs with payload format 2.0.
    Http,
}

/// An event of API Gateway, of which only the format is known.
#[derive(Debug)]
pub(super) struct GatewayEvent {
    format: Format,
    fields: Fields,
}

impl TryFrom<Value> for GatewayEvent {
    type Error = UnknownEvent;

    /// Events of WebSocket APIs have no method, those of load balancers no identity, those for authorizers a type.
    fn try_from(event: Value) -> Result<Self, UnknownEvent> {
        let has = |pointer| event.pointer(pointer).is_some_and(|found| !found.is_null());
        let format = match event.get("version").and_then(Value::as_str) {
            _ if has("/type") => return Err(UnknownEvent),
            Some("2.0") if has("/requestContext/http") => Format::Http,
            None | Some("1.0") if has("/httpMethod") && has("/requestContext/identity") => Format::Rest,
            _ => return Err(UnknownEvent),
        };
        Ok(Self { format, fields: Fields::new(event) })
    }
}

impl GatewayEvent {
    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// The request, with its [`Peer`].
    ///
    /// # Errors
    /// [`Malformed`]: what API Gateway sends in no event, or what is no HTTP.
    pub(super) fn into_request(self) -> Result<Request<Body>, Malformed> {
        let mut fields = self.fields;
        match self.format {
            Format::Rest => rest(&mut fields),
            Format::Http => http(&mut fields),
        }
    }
}

/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>
fn rest(fields: &mut Fields) -> Result<Request<Body>, Malformed> {
    let path = fields.required("/path")?;
    // The gateway has taken the stage off `path`, unless `path` is the client's whole path: behind a custom domain, and
    // with payload format 1.0.
    let is_whole = fields.optional("/requestContext/path")?.as_ref() == Some(&path);
    let stage = fields.optional("/requestContext/stage")?.filter(|_| is_whole);
    let route = fields.optional("/resource")?;
    let path = path_of(fields, path, stage, route.as_deref())?;
    // The simple form has only the last value of a name that came several times.
    let query = fields.lists("/multiValueQueryStringParameters")?;
    let query = query.or(fields.lists("/queryStringParameters")?).unwrap_or_default();
    let headers = fields.lists("/multiValueHeaders")?.or(fields.lists("/headers")?).unwrap_or_default();
    let peer = Peer {
        address: address(fields.optional("/requestContext/identity/sourceIp")?),
        vpc_endpoint: fields.optional("/requestContext/identity/vpceId")?,
        vpc: fields.optional("/requestContext/identity/vpcId")?,
    };
    request("/httpMethod", &path, &query_of(&query), headers, peer, fields)
}

/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>
fn http(fields: &mut Fields) -> Result<Request<Body>, Malformed> {
    let path = fields.required("/rawPath")?;
    let stage = fields.optional("/requestContext/stage")?;
    let key = fields.optional("/routeKey")?;
    // `POST /saml`, `ANY /{proxy+}`, or `$default`.
    let route = key.as_deref().and_then(|key| key.split_once(' ')).map(|(_, route)| route);
    let path = path_of(fields, path, stage, route)?;
    let query = fields.optional("/rawQueryString")?.unwrap_or_default();
    let mut headers = fields.lists("/headers")?.unwrap_or_default();
    if let Some(cookies) = fields.list("/cookies")? {
        headers.push((COOKIE.to_string(), vec![cookies.join("; ")]));
    }
    let peer = Peer { address: address(fields.optional("/requestContext/http/sourceIp")?), ..Peer::default() };
    request("/requestContext/http/method", &path, &query, headers, peer, fields)
}

fn path_of(
    fields: &mut Fields,
    path: String,
    stage: Option<String>,
    route: Option<&str>,
) -> Result<PathOfEvent, Malformed> {
    let parameters = fields.lists("/pathParameters")?.unwrap_or_default();
    let domain = fields.optional("/requestContext/domainName")?;
    Ok(PathOfEvent::new(path, route, &parameters, stage.as_deref(), domain.as_deref()))
}

fn request(
    method: &'static str,
    path: &PathOfEvent,
    query: &str,
    headers: Lists,
    peer: Peer,
    fields: &mut Fields,
) -> Result<Request<Body>, Malformed> {
    let name = fields.required(method)?;
    let found = Method::from_bytes(name.as_bytes()).map_err(|_| Malformed::new(method, "an HTTP method"))?;
    let body = fields.optional("/body")?.unwrap_or_default();
    let body = if fields.flag("/isBase64Encoded")? {
        STANDARD.decode(body).map_err(|_| Malformed::new("/body", "base64"))?
    } else {
        body.into_bytes()
    };
    let mut request = Request::new(Body::from(body));
    *request.method_mut() = found;
    *request.uri_mut() = uri(&path.path, query)?;
    if let Some(path) = &path.alternative {
        request.extensions_mut().insert(Alternative(uri(path, query)?));
    }
    *request.headers_mut() = header_map(headers)?;
    request.extensions_mut().insert(peer);
    Ok(request)
}

/// All values of all names: a check of a header that may come once sees that it came twice.
fn header_map(headers: Lists) -> Result<HeaderMap, Malformed> {
    let mut map = HeaderMap::new();
    for (name, values) in headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        let name = name.map_err(|_| Malformed::new("/headers", "names of headers"))?;
        for value in values {
            let value = HeaderValue::from_bytes(value.as_bytes());
            let value = value.map_err(|_| Malformed::new("/headers", "values of headers"))?;
            let room = map.try_append(name.clone(), value);
            room.map_err(|_| Malformed::new("/headers", "fewer headers"))?;
        }
    }
    Ok(map)
}

fn address(text: Option<String>) -> Option<IpAddr> {
    text.and_then(|address| address.parse().ok())
}
