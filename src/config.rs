//! Configuration: flags, environment variables and a file, all with the same names → [`Config`]. Everything is parsed at
//! start; what is missing or wrong stops the start with its place, its name, the reason and an example.

mod audit;
mod base_path;
mod broker;
mod error;
mod file;
mod layers;
mod limits;
mod organization;
mod set_by;
mod setting;
#[cfg(feature = "cli")]
mod show;
mod table;
#[cfg(feature = "cli")]
mod template;
mod token;
mod user_info;
mod value;

use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use studio_acs_saml::{RequireSigned, ServiceProvider};
use tracing::Level;

use crate::origin::AllowedOrigins;
use crate::token::TokenConfig;
pub use audit::AuditConfig;
pub use base_path::BasePath;
pub use broker::BrokerConfig;
pub use error::{ConfigError, ConfigErrors, FileError};
pub use layers::Layers;
pub use limits::Limits;
pub use organization::OrganizationConfig;
pub use set_by::SetBy;
pub use setting::{SETTINGS, Setting, SettingKind};
#[cfg(feature = "cli")]
pub use show::{Shown, show};
use studio_acs_aws::Source;
use studio_acs_aws::{PATIENCE, RefreshRules};
use studio_acs_broker::{AfterRestart, TableRules};
use studio_acs_broker::{LONGEST_SESSION, MintRules, SHORTEST_SESSION};
use studio_acs_identity::{ConfirmRule, IdentityRules};
pub use table::{TABLES, Table};
#[cfg(feature = "cli")]
pub use template::template;
pub use user_info::without_user;
pub use value::is_confidential;
use value::{OLDEST, acs_url, domain_id, level, listed, origin, path, refresh, role, seconds, switch, table, within};

/// The whole configuration, parsed.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the IdP metadata is.
    pub metadata: Vec<Source>,
    /// How often it is read again.
    pub metadata_refresh: RefreshRules,
    /// The service provider that we are, and how strict.
    pub service_provider: ServiceProvider,
    /// The path of the ACS.
    pub acs_path: String,
    /// The pages that may post responses.
    pub allowed_origins: AllowedOrigins,
    /// When a user has to confirm a sign-in.
    pub confirm: ConfirmRule,
    /// The attributes that identify the user.
    pub identity: IdentityRules,
    /// How sessions are minted.
    pub mint: MintRules,
    /// The audit log.
    pub audit: AuditConfig,
    /// The settings of ledger, policy, approvals and rates.
    pub broker: BrokerConfig,
    /// The organisation's name and help, for pages.
    pub organization: OrganizationConfig,
    /// The issuers whose tokens open the token API; empty if it is not configured.
    pub token_issuers: Vec<TokenConfig>,
    /// The table of used assertions, if processes share one.
    pub replay_table: Option<TableRules>,
    /// How many used assertions are remembered without a table.
    pub replay_capacity: usize,
    /// Treatment, without a table, of assertions that may have been used before the process started.
    pub after_restart: AfterRestart,
    /// How long a client may take to send a form.
    pub request_timeout: Duration,
    /// How many MiB the bodies of all requests may take together.
    pub body_memory: u32,
    /// Where `serve` listens.
    pub listen: SocketAddr,
    /// The resources that clients may take of `serve`.
    pub limits: Limits,
    /// Down to which level is logged.
    pub log: Level,
}

impl Config {
    /// Parses the text that `lookup` returns for each setting, such as the environment's variable.
    ///
    /// # Errors
    /// Every setting that is missing or wrong.
    pub fn read(lookup: impl Fn(&Setting) -> Option<String>) -> Result<Self, ConfigErrors> {
        Self::of(&Layers::of(lookup))
    }

    /// Parses the command's flags, the environment's variables, and the file that one of them names.
    ///
    /// # Errors
    /// As [`Layers::load`] and [`Config::read`].
    pub async fn load(flags: impl Fn(&Setting) -> Option<String>) -> Result<Self, ConfigErrors> {
        Self::of(&Layers::load(flags).await?)
    }

    /// Parses the settings of these layers.
    ///
    /// # Errors
    /// Every setting that is missing or wrong, and every fault of the layers.
    pub fn of(layers: &Layers<'_>) -> Result<Self, ConfigErrors> {
        let mut reader = ConfigReader { layers, nth: 0, errors: Vec::new() };
        let metadata = reader.metadata();
        let metadata_refresh = reader.parsed(&setting::METADATA_REFRESH, within(0, 86_400));
        let metadata_max_age = reader.parsed(&setting::METADATA_MAX_AGE, within(0, OLDEST));
        let audience = reader.parsed(&setting::AUDIENCE, |text| Ok(text.to_owned()));
        let acs_urls = reader.parsed(&setting::ACS_URL, |text| listed(text, acs_url));
        let acs_path = reader.parsed(&setting::ACS_PATH, path);
        let allowed_origins = reader
            .parsed(&setting::ALLOWED_ORIGINS, |text| AllowedOrigins::of(listed(text, |item| Ok(item.to_owned()))?));
        let confirm = reader.parsed(&setting::CONFIRM, ConfirmRule::from_str);
        let user_attribute = reader.parsed(&setting::USER_ATTRIBUTE, |text| Ok(text.to_owned()));
        let domain_attribute = reader.parsed(&setting::DOMAIN_ATTRIBUTE, |text| Ok(text.to_owned()));
        let group_attribute = reader.parsed(&setting::GROUP_ATTRIBUTE, |text| Ok(text.to_owned()));
        let require_groups = reader.parsed(&setting::REQUIRE_GROUPS, switch);
        let allowed_domains = reader.parsed(&setting::ALLOWED_DOMAINS, |text| listed(text, domain_id));
        let require_signed = reader.parsed(&setting::REQUIRE_SIGNED, RequireSigned::from_str);
        let skew = reader.parsed(&setting::SKEW, within(0, 300));
        let max_age = reader.parsed(&setting::MAX_AGE, within(1, 31_536_000));
        let url_expires = reader.parsed(&setting::URL_EXPIRES, within(5, 300));
        let session_seconds = reader.parsed(&setting::SESSION_SECONDS, within(SHORTEST_SESSION, LONGEST_SESSION));
        let mint_role = reader.parsed(&setting::MINT_ROLE, role);
        let mint_timeout = reader.parsed(&setting::MINT_TIMEOUT, within(1, 25));
        let replay_table = reader.parsed(&setting::REPLAY_TABLE, table);
        let table_timeout = reader.parsed(&setting::TABLE_TIMEOUT, within(1, 25));
        let replay_capacity = reader.parsed(&setting::REPLAY_CAPACITY, within(1, 10_000_000));
        let after_restart = reader.parsed(&setting::REPLAY_AFTER_RESTART, |text| match text {
            "refuse" => Ok(AfterRestart::Refuse),
            "accept" => Ok(AfterRestart::Accept),
            _ => Err(format!("`{text}` is not refuse or accept")),
        });
        let studio_origin = reader.parsed(&setting::STUDIO_ORIGIN, origin);
        let broker = BrokerConfig::read(&mut reader, table_timeout);
        let audit = AuditConfig::read(&mut reader);
        let organization = OrganizationConfig::read(&mut reader);
        let has_ledger = broker.as_ref().map(|broker| broker.ledger.is_some());
        let token_issuers = TokenConfig::read_all(&mut reader, skew, acs_path.as_deref(), has_ledger, require_groups);
        let listen = reader.parsed(&setting::LISTEN, |text| text.parse().map_err(|error| format!("{error}")));
        let tell_peers = reader.parsed(&setting::CLIENT_ADDRESS, |text| match text {
            "unknown" => Ok(false),
            "connection" => Ok(true),
            _ => Err(format!("`{text}` is not unknown or connection")),
        });
        let request_timeout = reader.parsed(&setting::REQUEST_TIMEOUT, within(1, 60));
        let idle_timeout = reader.parsed(&setting::IDLE_TIMEOUT, within(1, 3600));
        let body_memory = reader.parsed(&setting::BODY_MEMORY, within(1, 1_000_000));
        let max_connections = reader.parsed(&setting::MAX_CONNECTIONS, within(1, 1_000_000));
        let log = reader.parsed(&setting::LOG, level);

        let config = || {
            let (audit, broker) = (audit?, broker?);
            let table_timeout = seconds(table_timeout?);
            // The mint, and its intent and outcome; and the same once more for a profile that is made.
            let calls = seconds(mint_timeout?).saturating_add(audit.timeout.saturating_mul(2));
            let calls = calls.saturating_mul(if broker.provision { 2 } else { 1 });
            let mut service_provider = ServiceProvider::new(audience?, acs_urls?);
            service_provider.require_signed = require_signed?;
            service_provider.skew = time::Duration::seconds(skew?.into());
            service_provider.max_age = time::Duration::seconds(max_age?.into());
            Some(Self {
                metadata: metadata?,
                metadata_refresh: refresh(metadata_refresh?, metadata_max_age?),
                service_provider,
                acs_path: acs_path?,
                allowed_origins: allowed_origins?,
                confirm: confirm?,
                identity: IdentityRules {
                    user_attribute: user_attribute?,
                    domain_attribute: domain_attribute?,
                    group_attribute: group_attribute?,
                    require_groups: require_groups?,
                    allowed_domains: allowed_domains?,
                    by_ledger: broker.ledger.is_some(),
                },
                mint: MintRules {
                    url_expires: url_expires?,
                    session_seconds: session_seconds?,
                    role: mint_role?,
                    timeout: seconds(mint_timeout?),
                    studio_origin: studio_origin?,
                },
                organization: organization?,
                token_issuers: token_issuers?,
                replay_table: replay_table?.map(|table| TableRules { table, timeout: table_timeout }),
                replay_capacity: usize::try_from(replay_capacity?).ok()?,
                after_restart: after_restart?,
                request_timeout: seconds(request_timeout?),
                body_memory: body_memory?,
                listen: listen?,
                limits: Limits {
                    connections: max_connections?,
                    tell_peers: tell_peers?,
                    idle: seconds(idle_timeout?),
                    drain: seconds(request_timeout?)
                        // Metadata and the access policy, side by side.
                        .saturating_add(PATIENCE)
                        // Replay protection and the ledger, side by side; two counters; approvals.
                        .saturating_add(table_timeout.saturating_mul(4))
                        .saturating_add(calls)
                        .saturating_add(Duration::from_secs(2)),
                },
                broker,
                audit,
                log: log?,
            })
        };
        let config = config();
        reader.errors.extend(layers.errors.iter().cloned());
        match config {
            Some(config) if reader.errors.is_empty() => Ok(config),
            _ => Err(ConfigErrors(reader.errors)),
        }
    }
}

/// The reason, and that quotation marks belong to the value, where it has them.
fn with_hint(text: &str, reason: String) -> String {
    let is_quoted = |mark: char| text.trim().starts_with(mark) && text.trim().ends_with(mark);
    let is_quoted = ['"', '\'', '`', '\u{201c}', '\u{201d}', '\u{201e}'].into_iter().any(is_quoted);
    if is_quoted {
        format!("{reason}; the quotation marks around it belong to the value: take them off")
    } else {
        reason
    }
}

/// Parses settings, and notes what is wrong with them.
struct ConfigReader<'a> {
    layers: &'a Layers<'a>,
    /// The table that is read now, among those of its kind, from zero.
    nth: usize,
    errors: Vec<ConfigError>,
}

impl ConfigReader<'_> {
    /// The setting's value; without one, an error is noted.
    fn parsed<T>(&mut self, setting: &'static Setting, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        if self.layers.is_faulty(setting, self.nth) {
            return None;
        }
        let given = self.layers.given(setting, self.nth);
        let parsed = match (given.as_ref(), setting.default) {
            (Some(given), _) if user_info::names_user(&given.text) => Err(user_info::REASON.to_owned()),
            (Some(given), _) => parse(given.text.trim()).map_err(|reason| with_hint(&given.text, reason)),
            (None, Some(default)) => parse(default),
            (None, None) => Err("it is not set".to_owned()),
        };
        parsed.map_err(|reason| self.wrong(setting, reason)).ok()
    }

    fn wrong(&mut self, setting: &'static Setting, reason: String) {
        let set_by = self.layers.set_by(setting, self.nth);
        self.errors.push(ConfigError::Wrong { setting, set_by, reason });
    }

    /// The places of metadata: those of a flag or variable, and else of each table of an identity provider.
    fn metadata(&mut self) -> Option<Vec<Source>> {
        let is_overridden = self.layers.overriding(&setting::METADATA).is_some();
        let count = if is_overridden { 1 } else { self.layers.count(&table::SAML_IDP).max(1) };
        let mut metadata = Some(Vec::new());
        for nth in 0..count {
            self.nth = nth;
            let of_one = self.parsed(&setting::METADATA, |text| listed(text, Source::parse));
            metadata = metadata.zip(of_one).map(|(all, one)| [all, one].concat());
        }
        self.nth = 0;
        metadata
    }
}

#[cfg(test)]
mod tests;
