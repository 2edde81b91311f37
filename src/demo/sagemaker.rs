//! A stand-in for the SageMaker API: speaks AWS JSON 1.1 to the real SDK, for one operation.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::header::AUTHORIZATION;
use axum::http::{Request, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::studio::Tickets;
use crate::http::page::with_type;

const TARGET: &str = "SageMaker.CreatePresignedDomainUrl";
/// What Studio's tokens weigh, so that the way is tried with URLs of a real length (about 4.5 kB).
const TOKEN_LENGTH: usize = 4_400;

/// How the stand-in answers for a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// With a URL.
    Mint,
    /// With a URL too long for a gateway's headers.
    MintLong,
    /// With a URL that leads elsewhere.
    MintForeign,
    /// `ThrottlingException`.
    Throttle,
    /// `AccessDeniedException`.
    Deny,
    /// `InternalFailure`.
    Fail,
    /// Not at all.
    Hang,
}

/// The domains' user profiles, and how each is answered for. Names are not case sensitive, as SageMaker's are not.
#[derive(Debug, Clone, Default)]
pub struct Profiles(BTreeMap<(String, String), Behaviour>);

impl Profiles {
    /// Adds a profile.
    #[must_use]
    pub fn with(mut self, domain: &str, user: &str, behaviour: Behaviour) -> Self {
        self.0.insert((domain.to_owned(), user.to_ascii_lowercase()), behaviour);
        self
    }
}

/// The stand-in's state.
#[derive(Debug)]
pub struct SageMaker {
    profiles: Profiles,
    tickets: Arc<Tickets>,
    studio_origin: String,
    callers: Mutex<Vec<String>>,
    mints: AtomicUsize,
}

impl SageMaker {
    /// A stand-in whose URLs lead to the stand-in Studio at `studio_origin`.
    pub fn new(profiles: Profiles, tickets: Arc<Tickets>, studio_origin: String) -> Self {
        Self { profiles, tickets, studio_origin, callers: Mutex::default(), mints: AtomicUsize::new(0) }
    }

    /// The access key of each call that has come.
    pub fn callers(&self) -> Vec<String> {
        self.callers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many URLs it has minted.
    pub fn mints(&self) -> usize {
        self.mints.load(Ordering::SeqCst)
    }

    /// Its one route.
    pub fn router(self: Arc<Self>) -> Router {
        Router::new().fallback(answer).with_state(self)
    }

    fn mint(&self, call: &Call, origin: &str, length: usize) -> Response<Body> {
        let token = self.tickets.issue(&call.user, &call.domain, call.expires, call.session);
        let token = format!("{token}.{}", "x".repeat(length.saturating_sub(token.len())));
        self.mints.fetch_add(1, Ordering::SeqCst);
        reply(StatusCode::OK, json!({"AuthorizedUrl": format!("{origin}/auth?token={token}")}))
    }
}

#[derive(Debug, Deserialize)]
struct Call {
    #[serde(rename = "DomainId")]
    domain: String,
    #[serde(rename = "UserProfileName")]
    user: String,
    #[serde(rename = "ExpiresInSeconds")]
    expires: u32,
    #[serde(rename = "SessionExpirationDurationInSeconds")]
    session: u32,
}

async fn answer(State(sagemaker): State<Arc<SageMaker>>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let authorization = header(AUTHORIZATION.as_str());
    let caller = authorization.split_once("Credential=").and_then(|(_, rest)| rest.split('/').next());
    let caller = caller.unwrap_or_default().to_owned();
    sagemaker.callers.lock().unwrap_or_else(PoisonError::into_inner).push(caller);
    if header("x-amz-target") != TARGET {
        return error(StatusCode::BAD_REQUEST, "UnknownOperationException");
    }
    let signed =
        authorization.starts_with("AWS4-HMAC-SHA256 Credential=") && authorization.contains("/sagemaker/aws4_request");
    if !(signed && authorization.contains("Signature=")) {
        return error(StatusCode::FORBIDDEN, "MissingAuthenticationTokenException");
    }
    let body = to_bytes(body, 65_536).await.unwrap_or_default();
    let Ok(call) = serde_json::from_slice::<Call>(&body) else {
        return error(StatusCode::BAD_REQUEST, "SerializationException");
    };
    if !((5..=300).contains(&call.expires) && (1800..=43_200).contains(&call.session)) {
        return error(StatusCode::BAD_REQUEST, "ValidationException");
    }
    match sagemaker.profiles.0.get(&(call.domain.clone(), call.user.to_ascii_lowercase())) {
        None => error(StatusCode::BAD_REQUEST, "ResourceNotFound"),
        Some(Behaviour::Mint) => sagemaker.mint(&call, &sagemaker.studio_origin, TOKEN_LENGTH),
        Some(Behaviour::MintLong) => sagemaker.mint(&call, &sagemaker.studio_origin, TOKEN_LENGTH.saturating_mul(2)),
        Some(Behaviour::MintForeign) => sagemaker.mint(&call, "https://studio.example", TOKEN_LENGTH),
        Some(Behaviour::Throttle) => error(StatusCode::BAD_REQUEST, "ThrottlingException"),
        Some(Behaviour::Deny) => error(StatusCode::BAD_REQUEST, "AccessDeniedException"),
        Some(Behaviour::Fail) => error(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure"),
        Some(Behaviour::Hang) => std::future::pending().await,
    }
}

fn error(status: StatusCode, kind: &str) -> Response<Body> {
    reply(status, json!({"__type": kind, "Message": "from the stand-in"}))
}

fn reply(status: StatusCode, body: Value) -> Response<Body> {
    with_type(status, "application/x-amz-json-1.1", body.to_string())
}
