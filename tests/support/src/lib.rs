//! Shared parts of the service's tests: the stand-ins on loopback, and a service with a clock of its own.

#![allow(
    missing_docs,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::new_without_default,
    clippy::panic,
    clippy::unwrap_used
)]

pub mod browser;
pub mod cases;
pub mod cognito;
mod contract;
pub mod fault;
pub mod gateway;
pub mod issuer;
pub mod limited;
pub mod moto;
pub mod process;
pub mod world;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fixtures::manifest;
use studio_acs::service::Parts;
use studio_acs::trust::CurrentTrust;
use studio_acs::{Clock, Config, Service, http};
use studio_acs_log::{Log, Output};
use studio_acs_refusal::instant;
use studio_acs_standins::sagemaker::{Profiles, SageMaker};
use studio_acs_standins::sdk as stand_in_sdk;
use studio_acs_standins::studio::{self, LoginTokens};
use time::UtcDateTime;
use tower::ServiceExt as _;

/// Where the stand-in SageMaker says that Studio is. No process listens there; [`StandIns::follow`] asks it directly.
pub const STUDIO_ORIGIN: &str = "http://127.0.0.1:1";

pub const FORM: &str = "application/x-www-form-urlencoded";

/// Stand-ins for the SageMaker API, listening, and for Studio.
pub struct StandIns {
    pub sagemaker: Arc<SageMaker>,
    pub endpoint: String,
    studio: Router,
    studio_origin: String,
}

impl StandIns {
    pub async fn start(profiles: Profiles) -> Self {
        Self::leading_to(STUDIO_ORIGIN, profiles).await
    }

    /// The same, with Studio at this origin.
    pub async fn leading_to(studio_origin: &str, profiles: Profiles) -> Self {
        let studio_origin = studio_origin.to_owned();
        let login_tokens = Arc::new(LoginTokens::new(UtcDateTime::now));
        let sagemaker = Arc::new(SageMaker::new(profiles, Arc::clone(&login_tokens), studio_origin.clone()));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Arc::clone(&sagemaker).router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { sagemaker, endpoint, studio: studio::router(login_tokens), studio_origin }
    }

    /// The service with these settings, at the instant `at`.
    pub async fn service(&self, settings: &[(&str, String)], at: &str) -> Router {
        let at = instant::parse(at).expect("a time");
        self.try_service(settings, Clock::new(move || at)).await.expect("the service starts")
    }

    pub async fn try_service(
        &self,
        settings: &[(&str, String)],
        clock: Clock,
    ) -> Result<Router, studio_acs::StartError> {
        let config = Config::read(|setting| {
            let given = settings.iter().find(|(name, _)| *name == setting.name).map(|(_, value)| value.clone());
            given.or_else(|| match setting.name {
                "studio-origin" => Some(self.studio_origin.clone()),
                // Sign-ins are as of the start.
                "replay-after-restart" => Some("accept".to_owned()),
                _ => None,
            })
        })?;
        let sdk = stand_in_sdk(&self.endpoint, config.mint.timeout);
        let (sources, us) = (config.metadata.clone(), config.service_provider.clone());
        let trust = CurrentTrust::of(sources, &sdk, us, config.metadata_refresh, clock.now()).await?;
        let parts = Parts::of(&config, &sdk, &clock, Lines::default().log()).await?;
        Ok(http::router(Arc::new(Service::new(config, trust, parts, &sdk, clock)?)))
    }

    /// Studio.
    pub fn studio(&self) -> Router {
        self.studio.clone()
    }

    /// The page that Studio shows for this URL.
    pub async fn follow(&self, location: &str) -> Answer {
        let path = location.strip_prefix(&self.studio_origin).expect("a URL of the stand-in").to_owned();
        send(&self.studio, Request::get(path).body(Body::empty()).expect("a request")).await
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header in ASCII"))
    }
}

pub async fn send(router: &Router, request: Request<Body>) -> Answer {
    send_owned(router.clone(), request).await
}

async fn send_owned(router: Router, request: Request<Body>) -> Answer {
    let (head, body) = router.oneshot(request).await.expect("a router does not fail").into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    Answer { status: head.status, headers: head.headers, body: String::from_utf8(body.to_vec()).expect("UTF-8") }
}

pub async fn post(router: &Router, path: &str, body: Vec<u8>) -> Answer {
    send(router, Request::post(path).header("content-type", FORM).body(Body::from(body)).expect("a request")).await
}

/// The form that a browser posts for this XML.
pub fn form(xml: &[u8]) -> Vec<u8> {
    form_with(xml, "")
}

/// The same, with this `RelayState`.
pub fn form_with(xml: &[u8], relay_state: &str) -> Vec<u8> {
    let value = STANDARD.encode(xml).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let relay_state: String = form_urlencoded::byte_serialize(relay_state.as_bytes()).collect();
    format!("SAMLResponse={value}&RelayState={relay_state}").into_bytes()
}

/// The settings of a manifest row, by the names of flags and variables.
pub fn settings(row: &manifest::Row) -> Vec<(&'static str, String)> {
    let metadata = manifest::path(&row.metadata).to_str().expect("a path in UTF-8").to_owned();
    let mut settings =
        vec![("metadata", metadata), ("audience", row.audience.clone()), ("acs-url", row.acs_url.clone())];
    let mut optional = |name, value: Option<String>| settings.extend(value.map(|value| (name, value)));
    optional("user-attribute", row.user_attribute.clone());
    optional("domain-attribute", row.domain_attribute.clone());
    optional("require-signed", row.require_signed.clone());
    let policy = row.policy.as_ref().map(|file| manifest::path(file).to_str().expect("a path in UTF-8").to_owned());
    optional("policy", policy);
    optional("skew", row.skew.map(|seconds| seconds.to_string()));
    optional("max-age", row.max_age.map(|seconds| seconds.to_string()));
    optional("allowed-domains", Some(row.allowed_domains.join(",")).filter(|domains| !domains.is_empty()));
    settings
}

/// The result of `future`, and the log of its run.
pub async fn logged<F: Future>(future: F) -> (F::Output, String) {
    let lines = Lines::default();
    let output = lines.of(future).await;
    (output, lines.read())
}

/// The log, as it comes.
#[derive(Clone, Default)]
pub struct Lines(Arc<std::sync::Mutex<Vec<u8>>>);

impl Lines {
    /// `future`, whose log comes here, as loud as production's can be.
    pub fn of<F: Future>(&self, future: F) -> impl Future<Output = F::Output> + use<F> {
        use tracing::instrument::WithSubscriber as _;
        future.with_subscriber(self.log().subscriber(tracing::Level::TRACE))
    }

    /// A log that is written here.
    pub fn log(&self) -> Log {
        Log::to(self.clone())
    }

    pub fn read(&self) -> String {
        let text = String::from_utf8(self.0.lock().expect("no panic").clone()).expect("UTF-8");
        contract::assert_fields(&text);
        text
    }
}

impl Output for Lines {
    fn write_at_once(&self, bytes: &[u8]) -> usize {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        bytes.len()
    }

    fn write(&self, bytes: &[u8]) -> std::io::Result<usize> {
        Ok(self.write_at_once(bytes))
    }
}

/// Five pieces of what was sent. Facts of a response may be quoted in a log, at most 200 characters of them: a piece is
/// longer.
pub fn pieces(sent: &[u8]) -> Vec<String> {
    let starts = (0..5).map(|fifth| sent.len() / 5 * fifth);
    let pieces = starts.filter_map(|start| sent.get(start..start + 250));
    pieces.map(|piece| String::from_utf8_lossy(piece).into_owned()).collect()
}

/// An endpoint that gives every call this answer.
pub async fn answering(status: u16, body: &'static str) -> String {
    let listener = studio_acs::server::bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let status = StatusCode::from_u16(status).expect("a status");
    tokio::spawn(
        async move { axum::serve(listener, Router::new().fallback(move || async move { (status, body) })).await },
    );
    endpoint
}

/// A value of a URL-encoded form.
pub fn decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        let mut hex = || char::from(rest.next().expect("a digit")).to_digit(16).expect("a digit");
        bytes.push(match byte {
            b'%' => u8::try_from(hex() * 16 + hex()).expect("a byte"),
            b'+' => b' ',
            other => other,
        });
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// A directory with one file, for as long as a test.
pub struct TestDir(std::path::PathBuf);

impl TestDir {
    pub fn with(name: &str, content: &str) -> Self {
        static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let dir = std::env::temp_dir().join(format!("studio-acs-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a directory");
        std::fs::write(dir.join(name), content).expect("a file");
        Self(dir)
    }

    pub fn path(&self) -> &str {
        self.0.to_str().expect("UTF-8")
    }
}

impl Drop for TestDir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
