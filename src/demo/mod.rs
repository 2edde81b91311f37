//! The whole way on one machine: a portal with a development identity provider, the service as production runs it, and
//! stand-ins for the SageMaker API and for Studio. The tests use the same parts.

pub mod idp;
mod page;
mod portal;
pub mod sagemaker;
pub mod studio;

use std::net::SocketAddr;
use std::sync::Arc;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sagemaker::config::{Credentials, SharedCredentialsProvider};
use axum::Router;
use tokio::net::TcpListener;

use crate::app::{App, Clock, Parts, StartError};
use crate::aws::timeouts;
use crate::config::{Config, ConfigErrors};
use crate::http;
use crate::server::{self, Limits};
use crate::trust::{CurrentTrust, Metadata, Trust};
use idp::DevIdp;
use portal::{Portal, RESEARCH, RISK};
use sagemaker::{Behaviour, Profiles, SageMaker};
use studio::Tickets;

/// A demo that listens on four ports of the loopback interface.
#[derive(Debug)]
pub struct Demo {
    portal: Place,
    acs: Place,
    sagemaker: Place,
    studio: Place,
    limits: Limits,
    map: Vec<(&'static str, String)>,
}

/// A router and where it is served.
#[derive(Debug)]
struct Place {
    listener: TcpListener,
    router: Router,
}

/// Why the demo does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DemoError {
    /// A port is taken.
    #[error("127.0.0.1:{port}: {error}; choose another with --port, or --port 0 for any")]
    Port {
        /// Which.
        port: u16,
        /// Why.
        error: std::io::Error,
    },
    /// No key, certificate or signature could be made.
    #[error("the demo's identity provider: {0}")]
    Key(String),
    /// The service did not start.
    #[error(transparent)]
    Start(#[from] StartError),
}

impl DemoError {
    fn key(error: impl std::fmt::Display) -> Self {
        Self::Key(error.to_string())
    }
}

impl From<ConfigErrors> for DemoError {
    fn from(errors: ConfigErrors) -> Self {
        Self::Start(errors.into())
    }
}

impl Demo {
    /// Starts listening at `port` and the three ports after it, or at any four for 0.
    ///
    /// # Errors
    /// [`DemoError`].
    pub async fn start(port: u16, clock: Clock) -> Result<Self, DemoError> {
        let next = |offset: u16| if port == 0 { 0 } else { port.saturating_add(offset) };
        let (portal, portal_url) = listen(next(0))?;
        let (acs, acs_origin) = listen(next(1))?;
        let (sagemaker, sagemaker_url) = listen(next(2))?;
        let (studio, studio_origin) = listen(next(3))?;
        let (acs_url, audience) = (format!("{acs_origin}/saml"), format!("{acs_origin}/"));
        let issuer = format!("{portal_url}/saml/assertion/demo");

        let tickets = Arc::new(Tickets::new(clock.clone()));
        let profiles = Profiles::default().with(RESEARCH, "alice", Behaviour::Mint).with(RISK, "bob", Behaviour::Mint);
        let stand_in = Arc::new(SageMaker::new(profiles, Arc::clone(&tickets), studio_origin.clone()));
        let idp = DevIdp::new(&issuer)?;

        let config = Config::read(|setting| match setting.name {
            "metadata" => Some(format!("{portal_url} (in memory)")),
            "audience" => Some(audience.clone()),
            "acs-url" => Some(acs_url.clone()),
            "studio-origin" => Some(studio_origin.clone()),
            _ => None,
        })?;
        let metadata = Metadata::of("the demo's portal", idp.metadata());
        let trust = Trust::new(&metadata, config.service_provider.clone(), clock.now()).map_err(DemoError::key)?;
        let (sdk, limits) = (stand_in_sdk(&config, &sagemaker_url), config.limits.clone());
        let parts = Parts::of(&config, &sdk, &clock).await?;
        let app = App::new(config, CurrentTrust::fixed(trust), parts, &sdk, clock.clone())?.with_codes_shown();
        let acs_router = http::router(Arc::new(app));

        let map = vec![
            ("Access portal", portal_url),
            ("studio-acs", acs_url.clone()),
            ("SageMaker API (stand-in)", sagemaker_url),
            ("Studio (stand-in)", studio_origin.clone()),
        ];
        let foreign = DevIdp::new(&issuer)?;
        let acs_clone = acs_router.clone();
        let state = Portal { idp, foreign, acs: acs_clone, audience, acs_url, studio_origin, clock, map: map.clone() };
        Ok(Self {
            portal: Place { listener: portal, router: Arc::new(state).router() },
            acs: Place { listener: acs, router: acs_router },
            sagemaker: Place { listener: sagemaker, router: stand_in.router() },
            studio: Place { listener: studio, router: studio::router(tickets) },
            limits,
            map,
        })
    }

    /// The portal's URL.
    pub fn portal_url(&self) -> &str {
        self.map.first().map_or("", |(_, url)| url)
    }

    /// What is where, and what to try.
    pub fn guide(&self) -> String {
        let rows: String = self.map.iter().map(|(what, url)| format!("  {what:<26}{url}\n")).collect();
        let (portal, acs) = (self.portal_url(), self.map.get(1).map_or("", |(_, url)| url));
        let audience = acs.trim_end_matches("saml");
        format!(
            "studio-acs demo: everything runs in this process, on this machine.\n\n{rows}\n\
             Open {portal} in a browser and choose a tile. Or, without a browser, post a captured response:\n\n  \
             curl -s {portal}/captured/alice | curl -i --data-binary @- {acs}\n\n\
             Or ask what the service makes of a response, step by step:\n\n  \
             curl -s {portal}/metadata > demo-idp.xml\n  \
             curl -s {portal}/captured/edited | studio-acs verify --metadata demo-idp.xml --audience {audience} --acs-url {acs} -\n\n\
             Each attempt is logged below, as in production. Ctrl-C ends the demo.\n\n"
        )
    }

    /// Serves until the process is told to end.
    pub async fn run(self) {
        let serve = |place: Place| server::run(place.listener, place.router, self.limits.clone());
        tokio::join!(serve(self.portal), serve(self.acs), serve(self.sagemaker), serve(self.studio));
    }
}

/// The real SDK, pointed at a stand-in on this machine; nothing of the environment is read.
pub fn stand_in_sdk(config: &Config, endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new("AKIADEMO", "demo", None, None, "demo");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .timeout_config(timeouts(config))
        .build()
}

fn listen(port: u16) -> Result<(TcpListener, String), DemoError> {
    let failed = |error| DemoError::Port { port, error };
    let listener = server::bind(SocketAddr::from(([127, 0, 0, 1], port))).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, format!("http://{address}")))
}
