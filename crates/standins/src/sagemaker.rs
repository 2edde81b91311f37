//! A stand-in for the SageMaker API: speaks AWS JSON 1.1 to the real SDK, for the operations that the broker calls.

mod call;
mod profiles;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::studio::LoginTokens;
use call::{Call, Named, caller, error, reply};
pub use call::{Created, Minted};
pub use profiles::{Behaviour, Making, Profiles};

/// What Studio's tokens weigh, so that the way is tried with URLs of a real length (about 4.5 kB).
const TOKEN_LENGTH: usize = 4_400;

/// The stand-in's state.
#[derive(Debug)]
pub struct SageMaker {
    login_tokens: Arc<LoginTokens>,
    studio_origin: String,
    state: Mutex<SageMakerState>,
}

/// The profiles that exist, and the calls so far.
#[derive(Debug)]
struct SageMakerState {
    profiles: Profiles,
    callers: Vec<String>,
    created: Vec<Created>,
    minted: Vec<Minted>,
}

impl SageMaker {
    /// A stand-in whose URLs lead to the stand-in Studio at `studio_origin`.
    pub fn new(profiles: Profiles, login_tokens: Arc<LoginTokens>, studio_origin: String) -> Self {
        let state = SageMakerState { profiles, callers: Vec::new(), created: Vec::new(), minted: Vec::new() };
        Self { login_tokens, studio_origin, state: Mutex::new(state) }
    }

    /// The access key of each call that has come.
    pub fn callers(&self) -> Vec<String> {
        self.seen().callers.clone()
    }

    /// How many URLs it has minted.
    pub fn mints(&self) -> usize {
        self.seen().minted.len()
    }

    /// The URLs that it has minted, in order.
    pub fn minted(&self) -> Vec<Minted> {
        self.seen().minted.clone()
    }

    /// The user profiles that it has begun to make, in order.
    pub fn created(&self) -> Vec<Created> {
        self.seen().created.clone()
    }

    /// Its one route.
    pub fn router(self: Arc<Self>) -> Router {
        Router::new().fallback(answer).with_state(self)
    }

    fn seen(&self) -> MutexGuard<'_, SageMakerState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn create(&self, create: Created) -> Response<Body> {
        let mut seen = self.seen();
        if !seen.profiles.make(&create.domain, &create.profile, create.settings.clone()) {
            return error(StatusCode::BAD_REQUEST, "ResourceInUse");
        }
        let arn = arn(&create.domain, &create.profile);
        seen.created.push(create);
        reply(StatusCode::OK, &json!({"UserProfileArn": arn}))
    }

    fn describe(&self, Named { domain, profile }: &Named) -> Response<Body> {
        let Some((status, settings)) = self.seen().profiles.describe(domain, profile) else {
            return error(StatusCode::BAD_REQUEST, "ResourceNotFound");
        };
        let mut body = json!({
            "DomainId": domain, "UserProfileName": profile, "UserProfileArn": arn(domain, profile), "Status": status,
        });
        if let (Value::Object(_), Some(body)) = (&settings, body.as_object_mut()) {
            body.insert("UserSettings".to_owned(), settings);
        }
        reply(StatusCode::OK, &body)
    }

    async fn mint(&self, call: Minted) -> Response<Body> {
        let behaviour = match self.seen().profiles.get(&call.domain, &call.profile) {
            None => return error(StatusCode::BAD_REQUEST, "ResourceNotFound"),
            Some(profile) if !profile.in_service() => return error(StatusCode::BAD_REQUEST, "ValidationException"),
            Some(profile) => profile.behaviour,
        };
        match behaviour {
            Behaviour::Mint => self.url(call, &self.studio_origin, TOKEN_LENGTH),
            Behaviour::MintLong => self.url(call, &self.studio_origin, TOKEN_LENGTH.saturating_mul(2)),
            Behaviour::MintForeign => self.url(call, "https://studio.example", TOKEN_LENGTH),
            Behaviour::Throttle => error(StatusCode::BAD_REQUEST, "ThrottlingException"),
            Behaviour::Deny => error(StatusCode::BAD_REQUEST, "AccessDeniedException"),
            Behaviour::Fail => error(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure"),
            Behaviour::Lose => error(StatusCode::BAD_REQUEST, "ResourceNotFound"),
            Behaviour::Hang => std::future::pending().await,
        }
    }

    fn url(&self, call: Minted, origin: &str, length: usize) -> Response<Body> {
        let token = self.login_tokens.issue(call.clone());
        let token = format!("{token}.{}", "x".repeat(length.saturating_sub(token.len())));
        self.seen().minted.push(call);
        reply(StatusCode::OK, &json!({"AuthorizedUrl": format!("{origin}/auth?token={token}")}))
    }
}

async fn answer(State(sagemaker): State<Arc<SageMaker>>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    sagemaker.seen().callers.push(caller(&head));
    let body = to_bytes(body, 65_536).await.unwrap_or_default();
    match Call::read(&head, &body) {
        Ok(Call::Mint(call)) => sagemaker.mint(call).await,
        Ok(Call::Create(call)) => sagemaker.create(call),
        Ok(Call::Describe(call)) => sagemaker.describe(&call),
        Err(refused) => *refused,
    }
}

/// In the account that AWS's own examples have.
fn arn(domain: &str, profile: &str) -> String {
    format!("arn:aws:sagemaker:eu-central-1:111122223333:user-profile/{domain}/{profile}")
}
