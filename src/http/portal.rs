//! The API for portals: a token in, a session out, by the same broker as at the ACS.

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, Request};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use studio_acs_jwt::{UnverifiedToken, unheard};
use studio_acs_saml::is_plain;

use super::refusal::Refusal;
use super::request_error::{BODY_LIMIT, RequestError};
use super::visit::{self, Attempt, Visitor};
use crate::app::App;
use crate::broker::{Opened, REVIEW};
use crate::identity::{Confirmed, Identity, Wish};
use crate::token::{TokenDoor, TokenError};

/// What a body may hold.
const MEMBERS: &str = "`profile`, `entry`, `link` and `ticket` may be there, each a text of 1 to 64 characters";
/// The most characters of a member.
const LONGEST_MEMBER: usize = 64;

/// `POST /studio-url`, and `GET /studio/{profile}`, whose `profile` is told. Each line takes what the line before it made;
/// nothing else makes it.
pub(super) async fn open(
    app: &App,
    door: &TokenDoor,
    profile: Option<String>,
    request: Request<Body>,
    visitor: &mut Visitor,
    attempt: &mut Attempt,
) -> Result<Opened, Refusal> {
    let wanted = if profile.is_some() { Method::GET } else { Method::POST };
    if request.method() != wanted {
        return Err(RequestError::Method { wanted }.into());
    }
    let authorization = request.headers().get_all(AUTHORIZATION).iter().map(|value| value.as_bytes());
    let token = UnverifiedToken::from_authorization(authorization).map_err(TokenError::from)?;
    let wish = match profile {
        Some(profile) => Wish { profile: Some(bounded(&profile)), ..Wish::default() },
        None => receive(app, request).await?,
    };
    // After the body, which a sender may hold back: it is judged as of when it is there.
    visitor.now = app.clock.now();
    let (token, _) = tokio::join!(door.verify(&token, visitor.now), app.broker.access.reads_groups(visitor.now));
    let token = token?;
    attempt.is_by(token.issuer(), token.id());
    let identity = Identity::by_token(&token, door.claims(), &mut unheard).map_err(TokenError::from)?;
    attempt.is_of(&identity);
    visit::open(app, Confirmed::by_token(&identity, &token), &wish, visitor, attempt).await
}

/// Reads what a `POST` asks for, no further and no longer than the limits.
async fn receive(app: &App, request: Request<Body>) -> Result<Wish, RequestError> {
    let (head, body) = request.into_parts();
    if !is_json(&head.headers) {
        return Err(RequestError::ContentType);
    }
    // One as small as this never gives way.
    let body = app.bodies.read(body, BODY_LIMIT, app.request_timeout).await.map_err(|_| RequestError::Size)?;
    let wish = Asked::parse(app.bodies.decode(body).await.bytes()).map_err(RequestError::Malformed)?;
    if wish.link.as_deref() == Some(REVIEW) {
        return Err(RequestError::in_a_browser());
    }
    Ok(Wish { entry: wish.entry, link: wish.link, profile: wish.profile, change: wish.ticket, ..Wish::default() })
}

/// RFC 8259 11: JSON, and one type. Its parameters mean nothing.
fn is_json(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let media_type = types.next().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    types.next().is_none() && media_type.eq_ignore_ascii_case("application/json")
}

/// What a body asks for. All of it is a wish.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default, deserialize_with = "member")]
    profile: Option<String>,
    #[serde(default, deserialize_with = "member")]
    entry: Option<String>,
    #[serde(default, deserialize_with = "member")]
    link: Option<String>,
    #[serde(default, deserialize_with = "member")]
    ticket: Option<String>,
}

impl Asked {
    fn parse(body: &[u8]) -> Result<Self, String> {
        // A list of four would do too.
        if !body.trim_ascii_start().starts_with(b"{") {
            return Err("it is no JSON object".to_owned());
        }
        // What the sender wrote is not repeated: not even the names of members.
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

/// What nobody's profile is called is not repeated at length.
fn bounded(text: &str) -> String {
    text.chars().take(LONGEST_MEMBER).collect()
}
