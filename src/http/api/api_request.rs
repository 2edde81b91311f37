//! An [`ApiRequest`]: the token that an API client sends, and the request that comes with it.

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, Request};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use studio_acs_broker::REVIEW;
use studio_acs_identity::SignInRequest;
use studio_acs_jwt::UnverifiedToken;
use studio_acs_refusal::is_plain;

use super::request_error::{BODY_LIMIT, RequestError};
use crate::http::error::Refusal;
use crate::service::Service;
use crate::token::TokenError;

/// The members of a body.
const MEMBERS: &str = "`profile`, `entry`, `link` and `ticket_number` may be there, each a text of 1 to 64 characters";
/// The most characters of a member.
const LONGEST_MEMBER: usize = 64;

/// A request of an API client. Nothing of it is verified.
pub(in crate::http) struct ApiRequest {
    pub(super) token: UnverifiedToken,
    pub(super) sign_in_request: SignInRequest,
}

impl ApiRequest {
    /// Reads `POST /studio-url`; or `GET /studio/{profile}`, whose `profile` is told.
    pub(in crate::http) async fn receive(
        service: &Service,
        profile: Option<String>,
        request: Request<Body>,
    ) -> Result<Self, Refusal> {
        let wanted = if profile.is_some() { Method::GET } else { Method::POST };
        if request.method() != wanted {
            return Err(RequestError::Method { wanted }.into());
        }
        let authorization = request.headers().get_all(AUTHORIZATION).iter().map(|value| value.as_bytes());
        let token = UnverifiedToken::from_authorization(authorization).map_err(TokenError::from)?;
        let sign_in_request = match profile {
            Some(profile) => SignInRequest { profile: Some(bounded(&profile)), ..SignInRequest::default() },
            None => read_body(service, request).await?,
        };
        Ok(Self { token, sign_in_request })
    }
}

/// Reads what a `POST` asks for, no further and no longer than the limits.
async fn read_body(service: &Service, request: Request<Body>) -> Result<SignInRequest, RequestError> {
    let (head, body) = request.into_parts();
    if !is_json(&head.headers) {
        return Err(RequestError::ContentType);
    }
    // One as small as this never gives way.
    let body = service.bodies.read(body, BODY_LIMIT, service.request_timeout).await.map_err(|_| RequestError::Size)?;
    let sign_in_request = ApiBody::parse(service.bodies.decode(body).await.bytes()).map_err(RequestError::Malformed)?;
    if sign_in_request.link.as_deref() == Some(REVIEW) {
        return Err(RequestError::in_a_browser());
    }
    Ok(SignInRequest {
        entry: sign_in_request.entry,
        link: sign_in_request.link,
        profile: sign_in_request.profile,
        ticket_number: sign_in_request.ticket_number,
        ..SignInRequest::default()
    })
}

/// RFC 8259 11: JSON, and one type. Its parameters mean nothing.
fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let media_type = types.next().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    types.next().is_none() && media_type.eq_ignore_ascii_case("application/json")
}

/// A body's content. All of it is a request.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ApiBody {
    #[serde(default, deserialize_with = "member")]
    profile: Option<String>,
    #[serde(default, deserialize_with = "member")]
    entry: Option<String>,
    #[serde(default, deserialize_with = "member")]
    link: Option<String>,
    #[serde(default, deserialize_with = "member")]
    ticket_number: Option<String>,
}

impl ApiBody {
    fn parse(body: &[u8]) -> Result<Self, String> {
        // A list of four would do too.
        if !body.trim_ascii_start().starts_with(b"{") {
            return Err("it is no JSON object".to_owned());
        }
        // The sender's words are not repeated: not even the names of members.
        let place = |error: serde_json::Error| match error.classify() {
            Category::Data => format!("{MEMBERS}; what is at column {} is not", error.column()),
            _ => format!("it is no JSON at column {}", error.column()),
        };
        serde_json::from_slice(body).map_err(place)
    }
}

/// A text that can be shown and compared; not `null`.
fn member<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let fits = !text.is_empty() && text.trim() == text && text.chars().all(is_plain);
    if fits && text.chars().count() <= LONGEST_MEMBER {
        Ok(Some(text))
    } else {
        let expected = format!("each text has 1 to {LONGEST_MEMBER} characters of plain text");
        Err(serde::de::Error::custom(expected))
    }
}

/// Bounds a name that is too long for a profile before it is repeated.
fn bounded(text: &str) -> String {
    text.chars().take(LONGEST_MEMBER).collect()
}
