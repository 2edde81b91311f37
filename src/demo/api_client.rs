//! The demo's API client: the backend of its page asks for a session with a token of its user, which no browser sees.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, Request, Response, StatusCode};
use axum::routing::get;
use serde::Deserialize;
use serde_json::json;
use tower::ServiceExt as _;

use super::tiles::TILES;
use crate::http::pages::with_type;
use crate::service::Clock;
use studio_acs_html::Slot;
use studio_acs_standins::StandInError;
use studio_acs_standins::idp::DevIdp;
use studio_acs_standins::page;
use studio_acs_standins::tokens::IdToken;

/// The API client's name at its identity provider.
pub(super) const AUDIENCE: &str = "demo-portal";

/// Whom the page is for.
const USER: &str = "alice";

/// The bytes of an answer that are read at most.
const ANSWER_LIMIT: usize = 65_536;

/// The page's backend, with the identity provider that it has its tokens of.
pub(super) struct ApiClient {
    pub(super) idp: Arc<DevIdp>,
    pub(super) foreign: Arc<DevIdp>,
    pub(super) key_set: String,
    pub(super) issuer: String,
    /// The service's API.
    pub(super) api: Router,
    pub(super) clock: Clock,
}

/// A tile of the page: what its backend asks for, and with which token.
pub(super) struct Link {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    /// The code that a refusal ends with; otherwise the page to see.
    pub(super) badge: &'static str,
    pub(super) deed: Deed,
}

/// A change to the token on the way.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    None,
    AskForColleague,
    SignWithForeignKey,
    EditAndSayUnsigned,
    NameOtherAudience,
}

#[rustfmt::skip]
pub(super) const LINKS: &[Link] = &[
    Link { id: "intranet", name: "Intranet page", description: "alice opens Studio from a page that has its own sign-in", badge: "POST /studio-url", deed: Deed::None },
    Link { id: "colleague", name: "A colleague's profile", description: "alice's token, and a request for bob's profile", badge: "another_profile", deed: Deed::AskForColleague },
    Link { id: "other-issuer", name: "Another issuer's token", description: "signed by a key that is not the portal's", badge: "token_signature_invalid", deed: Deed::SignWithForeignKey },
    Link { id: "alg-none", name: "No signature needed", description: "alice's token, edited to be bob's, which says that its algorithm is none", badge: "token_algorithm_forbidden", deed: Deed::EditAndSayUnsigned },
    Link { id: "other-audience", name: "Another application's token", description: "alice's token, which was made for the payroll application", badge: "token_audience_mismatch", deed: Deed::NameOtherAudience },
];

/// The service's answer.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum ApiAnswer {
    Studio { url: String },
    Problem { title: String, detail: String, code: String, correlation_id: String },
}

impl ApiClient {
    pub(super) fn router(self: Arc<Self>) -> Router {
        Router::new()
            .route("/intranet/{id}", get(follow))
            .route("/token/{user}", get(token))
            .route("/jwks.json", get(key_set))
            .with_state(self)
    }

    /// The claims of a token as the API client has it of its user.
    fn claims(&self, user: &str, groups: &[&str]) -> IdToken {
        IdToken {
            issuer: self.issuer.clone(),
            audience: AUDIENCE.to_owned(),
            user: user.to_owned(),
            groups: groups.iter().map(ToString::to_string).collect(),
            issued: self.clock.now(),
        }
    }

    /// The token that goes with a tile.
    fn token(&self, deed: Deed) -> Result<String, StandInError> {
        let claims = self.claims(USER, &[]);
        match deed {
            Deed::None | Deed::AskForColleague => claims.signed(&self.idp),
            Deed::SignWithForeignKey => claims.signed(&self.foreign),
            Deed::EditAndSayUnsigned => {
                let signed = claims.signed(&self.idp)?;
                let signature = signed.rsplit('.').next().unwrap_or_default();
                Ok(self.claims("bob", &[]).unsigned() + signature)
            }
            Deed::NameOtherAudience => IdToken { audience: "payroll".to_owned(), ..claims }.signed(&self.idp),
        }
    }

    /// Asks the service, as an API client does.
    async fn ask(&self, deed: Deed) -> Result<ApiAnswer, String> {
        let token = self.token(deed).map_err(|error| error.to_string())?;
        let body = if deed == Deed::AskForColleague { json!({"profile": "bob"}) } else { json!({}) };
        let request = Request::post("/studio-url")
            .header(AUTHORIZATION, format!("Bearer {token}"))
            .header(CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()));
        let Ok(response) = self.api.clone().oneshot(request.map_err(|error| error.to_string())?).await;
        let body = to_bytes(response.into_body(), ANSWER_LIMIT).await.map_err(|error| error.to_string())?;
        serde_json::from_slice(&body)
            .map_err(|_| "the service answers neither with a URL nor with a problem".to_owned())
    }
}

/// Does the work of the page's backend at the click of a tile.
async fn follow(State(api_client): State<Arc<ApiClient>>, Path(id): Path<String>) -> Response<Body> {
    let Some(link) = LINKS.iter().find(|link| link.id == id) else {
        return page::plain(StatusCode::NOT_FOUND, "no such tile");
    };
    match api_client.ask(link.deed).await {
        Ok(ApiAnswer::Studio { url }) => see_other(&url),
        Ok(ApiAnswer::Problem { title, detail, code, correlation_id }) => {
            let slots = [("title", &title), ("detail", &detail), ("code", &code), ("correlation_id", &correlation_id)];
            let slots = slots.map(|(name, text)| (name, Slot::Text(text)));
            page::answer(StatusCode::FORBIDDEN, include_str!("pages/refused.html"), &slots)
        }
        Err(error) => page::plain(StatusCode::BAD_GATEWAY, &error),
    }
}

/// On to Studio. The URL opens a session: nothing may keep it.
fn see_other(url: &str) -> Response<Body> {
    let Ok(location) = HeaderValue::from_str(url) else {
        return page::plain(StatusCode::BAD_GATEWAY, "the URL is not one");
    };
    let mut response = page::plain(StatusCode::SEE_OTHER, "");
    response.headers_mut().insert(LOCATION, location);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A token of any of the demo's people, to ask the service without a browser.
async fn token(State(api_client): State<Arc<ApiClient>>, Path(user): Path<String>) -> Response<Body> {
    let Some(person) = TILES.iter().find(|tile| tile.user == user) else {
        return page::plain(StatusCode::NOT_FOUND, "no such person");
    };
    match api_client.claims(person.user, person.groups).signed(&api_client.idp) {
        Ok(token) => with_type(StatusCode::OK, "application/jwt", token),
        Err(error) => page::plain(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

/// The identity provider's keys, where the service reads them.
async fn key_set(State(api_client): State<Arc<ApiClient>>) -> Response<Body> {
    with_type(StatusCode::OK, "application/jwk-set+json", api_client.key_set.clone())
}
