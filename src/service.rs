//! [`Config`] → [`Service`]: everything a request needs, prepared once at start.

mod issuers;
mod parts;
mod start_error;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use studio_acs_jwt::KeySetDocument;
use time::UtcDateTime;

use crate::config::{BasePath, Config, is_confidential};
use crate::http::pages::Pages;
use crate::http::{Bodies, Cookies};
use crate::origin::AllowedOrigins;
use crate::sp_metadata::{self, RequestedAttributes};
use crate::token::{self, TokenApi, TokenConfig};
use crate::trust::{CurrentTrust, Trust, TrustError, read};
use studio_acs_aws::{SdkStartError, Source};
use studio_acs_broker::{AfterRestart, Approvals, Broker, CurrentAuthorizer, Minter, Provisioner, Rates, ReplayGuard};
use studio_acs_identity::{Confirmation, GroupUse, IdentityRules, Names, ResumeTokens};
use studio_acs_log::Log;

pub(crate) use issuers::Issuers;
pub use parts::{Parts, audit_log, policies, resume_tokens};
pub use start_error::StartError;

/// Tells the time. Production reads the system's clock here and nowhere else; tests bring their own.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> UtcDateTime + Send + Sync>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Arc::new(UtcDateTime::now))
    }

    /// A clock that says what `now` says.
    pub fn new(now: impl Fn() -> UtcDateTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The time.
    pub fn now(&self) -> UtcDateTime {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// The service, ready for requests.
#[derive(Debug)]
pub struct Service {
    pub(crate) trust: CurrentTrust,
    pub(crate) identity: IdentityRules,
    pub(crate) issuers: Issuers,
    pub(crate) token_api: Option<TokenApi>,
    pub(crate) resume_tokens: ResumeTokens,
    pub(crate) confirmation: Confirmation,
    pub(crate) allowed_origins: AllowedOrigins,
    pub(crate) broker: Broker,
    pub(crate) clock: Clock,
    pub(crate) bodies: Bodies,
    pub(crate) request_timeout: Duration,
    pub(crate) acs_path: String,
    /// The same with a slash at its end, where an ACS URL has one.
    pub(crate) acs_path_with_slash: Option<String>,
    /// The paths that every route is served under too.
    pub(crate) base_paths: Vec<String>,
    pub(crate) sp_metadata: String,
    pub(crate) pages: Pages,
    pub(crate) cookies: Cookies,
    pub(crate) log: Log,
}

impl Service {
    /// Prepares the service as production runs it: metadata from its files, AWS as its own variables say, records to `log`.
    ///
    /// # Errors
    /// [`StartError`]: without metadata, with an identity provider that has no signing key, and as [`Service::new`].
    pub async fn start(config: Config, log: Log) -> Result<Self, StartError> {
        let clock = Clock::system();
        let sdk = studio_acs_aws::sdk(config.mint.timeout).await?;
        let us = config.service_provider.clone();
        let rules = config.metadata_refresh;
        let trust = CurrentTrust::of(config.metadata.clone(), &sdk, us, rules, clock.now()).await?;
        let parts = Parts::of(&config, &sdk, &clock, log).await?;
        Self::new(config, trust, parts, &sdk, clock)
    }

    /// Prepares the service with this trust, these parts, this AWS configuration and this clock.
    ///
    /// # Errors
    /// Without a region, or with an ACS URL that is not confidential.
    pub fn new(
        config: Config,
        trust: CurrentTrust,
        parts: Parts,
        sdk: &SdkConfig,
        clock: Clock,
    ) -> Result<Self, StartError> {
        if sdk.region().is_none() {
            return Err(SdkStartError::NoRegion.into());
        }
        if let Some(url) = config.service_provider.acs_urls.iter().find(|url| !is_confidential(url)) {
            return Err(StartError::InsecureAcsUrl(url.clone()));
        }
        let base_paths = base_paths(&config);
        let with_slash = format!("{}/", config.acs_path);
        let has_slash = config.service_provider.acs_urls.iter().any(|url| url.ends_with(&with_slash));
        // Since when this process remembers, where what may have been used before is refused.
        let since = match (&config.replay_table, config.after_restart) {
            (Some(_), _) => None,
            (None, AfterRestart::Refuse) => {
                tracing::warn!(
                    "without STUDIO_ACS_REPLAY_TABLE this process remembers used assertions for itself alone, until it ends; until the skew is over after each start, sign-ins are refused"
                );
                Some(clock.now())
            }
            (None, AfterRestart::Accept) => {
                tracing::warn!(
                    "without STUDIO_ACS_REPLAY_TABLE this process remembers used assertions for itself alone, until it ends; after a restart each may be used once more"
                );
                None
            }
        };
        if config.identity.allowed_domains.is_empty() {
            tracing::warn!("without STUDIO_ACS_ALLOWED_DOMAINS any domain may be opened that the role may open");
        }
        if let Some(origin) = &config.mint.studio_origin {
            tracing::warn!(origin, "browsers are sent to a stand-in instead of Studio");
        }
        let pages = Pages::new(config.mint.studio_origin.as_deref(), &config.organization);
        let now = clock.now();
        let first = trust.latest();
        first.warn(now);
        let issuers = Issuers::of(&config);
        issuers.check(&first, &parts)?;
        let us = first.verifier.service_provider();
        let requested =
            RequestedAttributes::of(&config.identity, group_use(&config, parts.policies.latest().group_use()));
        let sp_metadata = sp_metadata::document(us, requested).map_err(StartError::SpMetadata)?;
        Ok(Self {
            broker: Broker {
                replay_guard: match config.replay_table {
                    Some(table) => ReplayGuard::in_table(sdk, table, us.skew),
                    None => ReplayGuard::in_memory(config.replay_capacity, us.skew, since),
                },
                ledger: parts.ledger,
                authorizer: CurrentAuthorizer::new(
                    parts.policies,
                    config.identity.allowed_domains.clone(),
                    config.mint.session_seconds,
                ),
                approvals: match config.broker.approval_table {
                    Some(table) => Approvals::in_table(sdk, table, config.broker.approvals),
                    None => Approvals::in_memory(MOST_APPROVALS, config.broker.approvals),
                },
                rates: match config.broker.rate_table {
                    Some(table) => Rates::in_table(sdk, table, config.broker.rates),
                    None => Rates::in_memory(config.broker.rates),
                },
                audit_log: parts.audit_log,
                provisioner: config.broker.provision.then(|| Provisioner::new(sdk, &config.mint)),
                minter: Minter::new(sdk, config.mint),
            },
            token_api: parts.token_api,
            log: parts.log,
            confirmation: Confirmation::new(config.confirm, &parts.resume_tokens),
            resume_tokens: match since {
                Some(start) => parts.resume_tokens.since(start),
                None => parts.resume_tokens,
            },
            allowed_origins: config.allowed_origins,
            bodies: Bodies::new(config.body_memory),
            cookies: Cookies::new(us.acs_urls.iter().any(|url| url.starts_with("https:"))),
            clock,
            request_timeout: config.request_timeout,
            acs_path: config.acs_path,
            acs_path_with_slash: has_slash.then_some(with_slash),
            base_paths,
            sp_metadata,
            pages,
            identity: config.identity,
            issuers,
            trust,
        })
    }

    /// Returns whether a name without its issuer is enough for a user of `issuer`, by the metadata that was read last.
    pub(crate) fn names_for(&self, issuer: &str) -> Names {
        self.issuers.names_for(issuer, &self.trust.latest())
    }

    /// Writes what is still to be written, and waits until every audit sink has what is on record, but not for longer than
    /// `limit` each. For the end of a process.
    pub async fn finish(&self, limit: Duration) {
        self.broker.audit_log.flush(limit, self.clock.now()).await;
        self.log.finish(limit).await;
    }

    /// The same service, whose pages show a refusal's code. For demonstrations: it tells an attacker what to try next.
    #[must_use]
    pub fn with_codes_shown(mut self) -> Self {
        self.pages.show_codes();
        self
    }
}

/// How many requests for approval a process without a table keeps.
const MOST_APPROVALS: usize = 10_000;

/// Whom this configuration trusts, with the metadata as it is at `now`. AWS is asked only where metadata is kept there.
///
/// # Errors
/// Without metadata, or with metadata that cannot be trusted.
pub async fn trust(config: &Config, now: UtcDateTime) -> Result<Trust, StartError> {
    let sdk = if config.metadata.iter().any(Source::is_remote) {
        studio_acs_aws::sdk(config.mint.timeout).await?
    } else {
        SdkConfig::builder().build()
    };
    Ok(Trust::new(
        &read(&config.metadata, &sdk).await.map_err(TrustError::from)?,
        config.service_provider.clone(),
        now,
    )?)
}

/// The use that this configuration makes of groups, where its policies make the use `of_policies`: a ledger reads them always.
pub(crate) fn group_use(config: &Config, of_policies: GroupUse) -> GroupUse {
    if config.broker.ledger.is_some() { of_policies.max(GroupUse::Widens) } else { of_policies }
}

/// The keys of a token issuer, as they are now. AWS is asked only where they are kept there.
///
/// # Errors
/// [`StartError::TokenKeys`].
pub async fn token_keys(config: &Config, issuer: &TokenConfig) -> Result<KeySetDocument, StartError> {
    let is_at_aws = issuer.keys.is_at_aws();
    let sdk = if is_at_aws { studio_acs_aws::sdk(config.mint.timeout).await? } else { SdkConfig::builder().build() };
    Ok(token::read(issuer, &sdk).await?)
}

/// The base paths of our ACS URLs, each once. The log has the URLs that nothing is served at.
fn base_paths(config: &Config) -> Vec<String> {
    let mut served = Vec::new();
    for acs_url in &config.service_provider.acs_urls {
        match BasePath::of(acs_url, &config.acs_path, !config.token_issuers.is_empty()) {
            BasePath::Served(path) if !served.contains(&path) => served.push(path),
            BasePath::Served(_) | BasePath::None => {}
            BasePath::Unserved(reason) => {
                let acs_path = &config.acs_path;
                tracing::warn!(acs_url, acs_path, reason, "nothing is served at the path of this ACS URL");
            }
        }
    }
    served
}
