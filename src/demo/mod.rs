//! The whole way on one machine: a portal with a development identity provider, the service as production runs it, and
//! stand-ins for AWS and for Studio. The tests use the same parts.

mod api_client;
mod audit_page;
mod error;
mod portal;
mod row;
mod tiles;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::config::{Config, Limits};
use crate::http::{self, correlation::CorrelationId};
use crate::server::{self, EndSignals};
use crate::service::{Clock, Parts, Service};
use crate::trust::{CurrentTrust, Metadata, Trust};
use api_client::ApiClient;
use audit_page::AuditPage;
pub use error::DemoError;
use portal::Portal;
use studio_acs_log::Log;
use studio_acs_standins::idp::DevIdp;
use studio_acs_standins::parameters::Parameters;
use studio_acs_standins::sagemaker::{Behaviour, Making, Profiles, SageMaker};
use studio_acs_standins::studio::{self, LoginTokens};
use studio_acs_standins::{sdk, tokens};
use tiles::{RESEARCH, RISK};

/// A demo that listens on four ports of the loopback interface.
#[derive(Debug)]
pub struct Demo {
    portal: Listening,
    acs: Listening,
    studio: Listening,
    /// Serves already: the service reads its ledger there when it starts.
    aws: JoinSet<()>,
    limits: Limits,
    map: Vec<(&'static str, String)>,
}

/// A router and where it is served.
#[derive(Debug)]
struct Listening {
    listener: TcpListener,
    router: Router,
    end: EndSignals,
}

impl Demo {
    /// Starts listening at `port` and the three ports after it, or at any four for 0, with this value of the setting
    /// `confirm`. Records go to `log`.
    ///
    /// # Errors
    /// [`DemoError`].
    pub async fn start(port: u16, confirm: &str, clock: Clock, log: Log) -> Result<Self, DemoError> {
        let next = |offset: u16| if port == 0 { 0 } else { port.saturating_add(offset) };
        let (portal, portal_url) = listen(next(0))?;
        let (acs, acs_origin) = listen(next(1))?;
        let (aws, aws_url) = listen(next(2))?;
        let (studio, studio_origin) = listen(next(3))?;
        let (acs_url, audience) = (format!("{acs_origin}/saml"), format!("{acs_origin}/"));
        let issuer = format!("{portal_url}/saml/assertion/demo");

        let login_tokens = Arc::new(LoginTokens::new({
            let clock = clock.clone();
            move || clock.now()
        }));
        let stand_in = Arc::new(SageMaker::new(profiles(), Arc::clone(&login_tokens), studio_origin.clone()));
        let (idp, foreign) = (Arc::new(DevIdp::new(&issuer)?), Arc::new(DevIdp::new(&issuer)?));

        let config = Config::read(|setting| match setting.name {
            "metadata" => Some(format!("{portal_url} (in memory)")),
            "audience" => Some(audience.clone()),
            "acs-url" => Some(acs_url.clone()),
            "confirm" => Some(confirm.to_owned()),
            "studio-origin" => Some(studio_origin.clone()),
            "ledger" => Some("ssm:/demo/ledger".to_owned()),
            "policy" => Some("shipped:default,shipped:team-budget,shipped:four-eyes,ssm:/demo/policy".to_owned()),
            "provision" => Some("on".to_owned()),
            // The portal names the same users to both protocols.
            "names" => Some("shared".to_owned()),
            // An operator who starts the demo wants to sign in at once.
            "replay-after-restart" => Some("accept".to_owned()),
            "token-issuer" => Some(portal_url.clone()),
            "token-jwks" => Some(format!("{portal_url}/jwks.json")),
            "token-audience" => Some(api_client::AUDIENCE.to_owned()),
            "audit-webhook" => Some(format!("{portal_url}/audit/records")),
            "audit-webhook-secret" => Some("ssm:/demo/webhook-secret".to_owned()),
            _ => None,
        })?;
        let metadata = Metadata::of("the demo's portal", idp.metadata());
        let trust = Trust::new(&metadata, config.service_provider.clone(), clock.now())?;
        let (sdk, limits) = (sdk(&aws_url, config.mint.timeout), config.limits.clone());
        let secret = format!("{}{}", CorrelationId::new(), CorrelationId::new());
        let parameters = Parameters(vec![
            ("/demo/ledger", include_str!("ledger.toml").to_owned()),
            ("/demo/policy", include_str!("policy.cedar").to_owned()),
            ("/demo/webhook-secret", secret.clone()),
        ]);
        let mut serving = JoinSet::new();
        serving.spawn(server::run(aws, parameters.router(stand_in.router()), limits.clone(), EndSignals::catch()?));
        let parts = Parts::of(&config, &sdk, &clock, log).await?;
        let service = Service::new(config, CurrentTrust::fixed(trust), parts, &sdk, clock.clone())?.with_codes_shown();
        let acs_router = http::router(Arc::new(service));

        let api_client = Arc::new(ApiClient {
            idp: Arc::clone(&idp),
            foreign: Arc::clone(&foreign),
            key_set: tokens::key_set(&idp)?,
            issuer: portal_url.clone(),
            api: acs_router.clone(),
            clock: clock.clone(),
        });
        let map = vec![
            ("Access portal", portal_url),
            ("studio-acs", acs_url.clone()),
            ("AWS APIs (stand-ins)", aws_url),
            ("Studio (stand-in)", studio_origin.clone()),
        ];
        let audit_page = Arc::new(AuditPage::new(&secret, clock.clone()));
        let (acs_clone, map_clone) = (acs_router.clone(), map.clone());
        let state = Portal {
            idp,
            foreign,
            acs: acs_clone,
            audience,
            acs_url,
            studio_origin,
            clock,
            audit_page,
            api_client,
            map: map_clone,
        };
        Ok(Self {
            portal: Listening { listener: portal, router: Arc::new(state).router(), end: EndSignals::catch()? },
            acs: Listening { listener: acs, router: acs_router, end: EndSignals::catch()? },
            studio: Listening { listener: studio, router: studio::router(login_tokens), end: EndSignals::catch()? },
            aws: serving,
            limits,
            map,
        })
    }

    /// The access portal's URL.
    pub fn portal_url(&self) -> &str {
        self.map.first().map_or("", |(_, url)| url)
    }

    /// A text that says where everything is, and what to try.
    pub fn guide(&self) -> String {
        let rows: String = self.map.iter().map(|(what, url)| format!("  {what:<26}{url}\n")).collect();
        let (portal, acs) = (self.portal_url(), self.map.get(1).map_or("", |(_, url)| url));
        let audience = acs.trim_end_matches("saml");
        let api = format!("{audience}studio-url");
        format!(
            "studio-acs demo: everything runs in this process, on this machine.\n\n{rows}\n\
             Open {portal} in a browser and choose a tile: ordinary sign-ins, sign-ins that need one more answer (a choice,\n\
             a ticket, a second person, a profile that is made first), and people and responses that are refused.\n\
             Then look at the audit log, {portal}/audit. Or, without a browser, post a captured response:\n\n  \
             curl -s {portal}/captured/alice | curl -i --data-binary @- {acs}\n\n\
             Or ask for a URL as a portal's backend does, with a token of its user:\n\n  \
             curl -s -H \"Authorization: Bearer $(curl -s {portal}/token/alice)\" -H 'content-type: application/json' -d '{{}}' {api}\n\n\
             Or ask what the service makes of a response, step by step:\n\n  \
             curl -s {portal}/metadata > demo-idp.xml\n  \
             curl -s {portal}/captured/edited | studio-acs verify --metadata demo-idp.xml --audience {audience} --acs-url {acs} -\n\n\
             Or whether the record of it all is whole:\n\n  \
             curl -s {portal}/audit.jsonl | studio-acs audit verify -\n\n\
             Each attempt is logged below, as in production. Ctrl-C ends the demo.\n\n"
        )
    }

    /// Serves until the process is told to end.
    pub async fn run(self) {
        let serve = |place: Listening| server::run(place.listener, place.router, self.limits.clone(), place.end);
        tokio::join!(serve(self.portal), serve(self.acs), serve(self.studio), self.aws.join_all());
    }
}

/// The user profiles that exist when the demo starts; those that are made are pending for two descriptions.
fn profiles() -> Profiles {
    let known = [
        (RESEARCH, "alice"),
        (RISK, "bob"),
        (RISK, "dana-fraud"),
        (RISK, "dana-pricing"),
        (RISK, "erin-payments"),
        (RESEARCH, "grace"),
        (RISK, "heidi"),
        (RISK, "mallory"),
    ];
    let profiles = Profiles::default().making(Making::Ready(2));
    known.iter().fold(profiles, |profiles, (domain, user)| profiles.with(domain, user, Behaviour::Mint))
}

fn listen(port: u16) -> Result<(TcpListener, String), DemoError> {
    let failed = |error| DemoError::Port { port, error };
    let listener = server::bind(SocketAddr::from(([127, 0, 0, 1], port))).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, format!("http://{address}")))
}
