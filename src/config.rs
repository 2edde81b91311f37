//! Configuration: environment variables, or flags of the same names, → [`Config`]. Everything is parsed at start; what
//! is missing or wrong stops the start with its name, the reason and an example.

mod audit;
mod error;
mod setting;

use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use axum::http::Uri;
use studio_acs_saml::{RequireSigned, ServiceProvider};
use tracing::Level;

use crate::broker::TableRules;
use crate::broker::mint::{LONGEST_SESSION, MintRules, RoleArn, SHORTEST_SESSION};
use crate::identity::{DomainId, IdentityRules};
use crate::server::Limits;
use crate::trust::Source;
pub use audit::AuditConfig;
pub use error::{ConfigError, ConfigErrors};
pub use setting::{SETTINGS, Setting};

/// The whole configuration, parsed.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the IdP metadata is.
    pub metadata: Vec<Source>,
    /// How often it is read again; zero for never.
    pub metadata_refresh: Duration,
    /// Who we are, and how strict.
    pub service_provider: ServiceProvider,
    /// The path of the ACS.
    pub acs_path: String,
    /// Which attributes say who somebody is.
    pub identity: IdentityRules,
    /// How sessions are minted.
    pub mint: MintRules,
    /// The flight recorder.
    pub audit: AuditConfig,
    /// The table of used assertions, if processes share one.
    pub replay_table: Option<TableRules>,
    /// How many used assertions are remembered without a table.
    pub replay_capacity: usize,
    /// How long a client may take to send a form.
    pub request_timeout: Duration,
    /// Where `serve` listens.
    pub listen: SocketAddr,
    /// What clients may take of `serve`.
    pub limits: Limits,
    /// Down to which level is logged.
    pub log: Level,
}

impl Config {
    /// Parses what `lookup` has for each setting, such as the environment's variable.
    ///
    /// # Errors
    /// Every setting that is missing or wrong.
    pub fn read(lookup: impl Fn(&Setting) -> Option<String>) -> Result<Self, ConfigErrors> {
        let mut reader = Reader { lookup, errors: Vec::new() };
        let metadata = reader.parsed(&setting::METADATA, |text| listed(text, Source::parse));
        let metadata_refresh = reader.parsed(&setting::METADATA_REFRESH, within(0, 86_400));
        let audience = reader.parsed(&setting::AUDIENCE, |text| Ok(text.to_owned()));
        let acs_urls = reader.parsed(&setting::ACS_URL, |text| listed(text, acs_url));
        let acs_path = reader.parsed(&setting::ACS_PATH, path);
        let user_attribute = reader.parsed(&setting::USER_ATTRIBUTE, |text| Ok(text.to_owned()));
        let domain_attribute = reader.parsed(&setting::DOMAIN_ATTRIBUTE, |text| Ok(text.to_owned()));
        let allowed_domains = reader.parsed(&setting::ALLOWED_DOMAINS, |text| listed(text, domain_id));
        let require_signed = reader.parsed(&setting::REQUIRE_SIGNED, RequireSigned::from_str);
        let skew = reader.parsed(&setting::SKEW, within(0, 300));
        let max_age = reader.parsed(&setting::MAX_AGE, within(1, 31_536_000));
        let url_expires = reader.parsed(&setting::URL_EXPIRES, within(5, 300));
        let session_seconds = reader.parsed(&setting::SESSION_SECONDS, within(SHORTEST_SESSION, LONGEST_SESSION));
        let mint_role = reader.parsed(&setting::MINT_ROLE, role);
        let mint_timeout = reader.parsed(&setting::MINT_TIMEOUT, within(1, 25));
        let replay_table = reader.parsed(&setting::REPLAY_TABLE, table);
        let replay_timeout = reader.parsed(&setting::REPLAY_TIMEOUT, within(1, 25));
        let replay_capacity = reader.parsed(&setting::REPLAY_CAPACITY, within(1, 10_000_000));
        let studio_origin = reader.parsed(&setting::STUDIO_ORIGIN, origin);
        let audit = AuditConfig::read(&mut reader);
        let listen = reader.parsed(&setting::LISTEN, |text| text.parse().map_err(|error| format!("{error}")));
        let request_timeout = reader.parsed(&setting::REQUEST_TIMEOUT, within(1, 60));
        let idle_timeout = reader.parsed(&setting::IDLE_TIMEOUT, within(1, 3600));
        let max_connections = reader.parsed(&setting::MAX_CONNECTIONS, within(1, 1_000_000));
        let log = reader.parsed(&setting::LOG, level);

        let config = || {
            let replay_timeout = seconds(replay_timeout?);
            let mut service_provider = ServiceProvider::new(audience?, acs_urls?);
            service_provider.require_signed = require_signed?;
            service_provider.skew = time::Duration::seconds(skew?.into());
            service_provider.max_age = time::Duration::seconds(max_age?.into());
            Some(Self {
                metadata: metadata?,
                metadata_refresh: seconds(metadata_refresh?),
                service_provider,
                acs_path: acs_path?,
                identity: IdentityRules {
                    user_attribute: user_attribute?,
                    domain_attribute: domain_attribute?,
                    allowed_domains: allowed_domains?,
                },
                mint: MintRules {
                    url_expires: url_expires?,
                    session_seconds: session_seconds?,
                    role: mint_role?,
                    timeout: seconds(mint_timeout?),
                    studio_origin: studio_origin?,
                },
                audit: audit?,
                replay_table: replay_table?.map(|table| TableRules { table, timeout: replay_timeout }),
                replay_capacity: usize::try_from(replay_capacity?).ok()?,
                request_timeout: seconds(request_timeout?),
                listen: listen?,
                limits: Limits { connections: max_connections?, idle: seconds(idle_timeout?) },
                log: log?,
            })
        };
        match config() {
            Some(config) if reader.errors.is_empty() => Ok(config),
            _ => Err(ConfigErrors(reader.errors)),
        }
    }

    /// Parses what `flags` has, and for the rest the environment's variables.
    ///
    /// # Errors
    /// As [`Config::read`], and every variable that begins with `STUDIO_ACS_` and is no setting: misspelt, it would leave
    /// a default in force that nobody meant.
    pub fn from_env(flags: impl Fn(&Setting) -> Option<String>) -> Result<Self, ConfigErrors> {
        let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        let ours = names.filter(|name| name.starts_with("STUDIO_ACS_"));
        let unknown = ours.filter(|name| !SETTINGS.iter().any(|setting| setting.variable() == *name));
        let mut unknown: Vec<_> = unknown.map(ConfigError::Unknown).collect();
        let config = Self::read(|setting| flags(setting).or_else(|| std::env::var(setting.variable()).ok()));
        match config {
            Ok(config) if unknown.is_empty() => Ok(config),
            Ok(_) => Err(ConfigErrors(unknown)),
            Err(ConfigErrors(mut errors)) => {
                errors.append(&mut unknown);
                Err(ConfigErrors(errors))
            }
        }
    }
}

struct Reader<L> {
    lookup: L,
    errors: Vec<ConfigError>,
}

impl<L: Fn(&Setting) -> Option<String>> Reader<L> {
    /// The setting's value; without one, an error is noted.
    fn parsed<T>(&mut self, setting: &'static Setting, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let given = (self.lookup)(setting).filter(|text| !text.trim().is_empty());
        let parsed = match (given.as_deref(), setting.default) {
            (Some(text), _) => parse(text.trim()),
            (None, Some(default)) => parse(default),
            (None, None) => Err("it is not set".to_owned()),
        };
        parsed.map_err(|reason| self.wrong(setting, reason)).ok()
    }

    fn wrong(&mut self, setting: &'static Setting, reason: String) {
        self.errors.push(ConfigError::Wrong { setting, reason });
    }
}

/// The items of a list. No text is no item; a list of nothing but commas is a mistake, and must not mean "any".
fn listed<T>(text: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    if text.is_empty() { Ok(Vec::new()) } else { text.split(',').map(|item| parse(item.trim())).collect() }
}

fn seconds(count: u32) -> Duration {
    Duration::from_secs(count.into())
}

fn within(least: u32, most: u32) -> impl Fn(&str) -> Result<u32, String> {
    move |text| match text.parse() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("`{text}` is not a whole number from {least} to {most}")),
    }
}

/// An ACS URL as it will be compared: exactly as the identity provider writes it.
fn acs_url(text: &str) -> Result<String, String> {
    let uri: Uri = text.parse().map_err(|error| format!("`{text}` is not a URL: {error}"))?;
    if uri.scheme().is_some() { Ok(text.to_owned()) } else { Err(format!("`{text}` is not a URL with a scheme")) }
}

/// Whether a browser may post a bearer assertion to `acs_url`: by https, or without leaving the machine.
pub fn is_confidential(acs_url: &str) -> bool {
    let uri: Uri = acs_url.parse().unwrap_or_default();
    let loopback = matches!(uri.host(), Some("127.0.0.1" | "localhost" | "[::1]"));
    uri.scheme_str() == Some("https") || (uri.scheme_str() == Some("http") && loopback)
}

/// Not less than `info`: the log is the record of who came in.
fn level(text: &str) -> Result<Level, String> {
    match text {
        "info" => Ok(Level::INFO),
        "debug" => Ok(Level::DEBUG),
        "trace" => Ok(Level::TRACE),
        _ => Err(format!("`{text}` is not info, debug or trace")),
    }
}

fn origin(text: &str) -> Result<Option<String>, String> {
    let uri: Uri = if text.is_empty() { return Ok(None) } else { text.parse().unwrap_or_default() };
    match (uri.scheme_str(), uri.authority()) {
        (Some(scheme), Some(authority)) if text == format!("{scheme}://{authority}") => Ok(Some(text.to_owned())),
        _ => Err(format!("`{text}` is not an origin, without a slash at its end")),
    }
}

fn role(text: &str) -> Result<Option<RoleArn>, String> {
    let parsed = || RoleArn::parse(text).ok_or_else(|| format!("`{text}` is not the ARN of an IAM role"));
    if text.is_empty() { Ok(None) } else { parsed().map(Some) }
}

/// A table's name, or its ARN
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html#DDB-PutItem-request-TableName>).
fn table(text: &str) -> Result<Option<String>, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.:/".contains(c);
    match text.len() {
        0 => Ok(None),
        3..=1024 if text.chars().all(plain) => Ok(Some(text.to_owned())),
        _ => Err(format!("`{text}` is not a table's name or ARN")),
    }
}

fn path(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
    let shape = text.len() > 1 && text.starts_with('/') && !text.ends_with('/') && text.chars().all(plain);
    let ok = shape && text != "/healthz";
    if ok { Ok(text.to_owned()) } else { Err(format!("`{text}` is not a path such as /saml")) }
}

fn domain_id(text: &str) -> Result<DomainId, String> {
    DomainId::parse(text).ok_or_else(|| format!("`{text}` is not a domain ID such as d-abcdefghijkl"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
        Config::read(|setting| {
            given.iter().find(|(name, _)| *name == setting.name).map(|(_, value)| (*value).to_owned())
        })
    }

    const REQUIRED: [(&str, &str); 3] = [("metadata", "m"), ("audience", "us"), ("acs-url", "https://us.example/saml")];

    #[test]
    fn three_settings_are_enough() {
        let config = read(&REQUIRED).unwrap();
        assert_eq!(config.acs_path, "/saml");
        assert_eq!(config.mint.url_expires, 30);
        assert_eq!(config.mint.session_seconds, 3600);
        assert_eq!(config.service_provider.acs_urls, ["https://us.example/saml"]);
    }

    #[test]
    fn everything_that_is_missing_is_named_at_once() {
        let errors = read(&[]).unwrap_err().to_string();
        for variable in ["STUDIO_ACS_METADATA", "STUDIO_ACS_AUDIENCE", "STUDIO_ACS_ACS_URL"] {
            assert!(errors.contains(variable), "{errors}");
        }
        assert_eq!(errors.lines().count(), 3);
    }

    #[test]
    fn what_is_out_of_range_is_named_with_an_example() {
        for (name, wrong) in [
            ("skew", "301"),
            ("max-age", "0"),
            ("url-expires", "4"),
            ("session-seconds", "1799"),
            ("require-signed", "none"),
            ("allowed-domains", "d-a, nonsense"),
            ("allowed-domains", ","),
            ("acs-url", ","),
            ("studio-origin", "http://127.0.0.1:8403/"),
            ("studio-origin", "studio"),
            ("acs-url", "us.example/saml"),
            ("acs-path", "saml"),
            ("acs-path", "/healthz"),
            ("log", "off"),
            ("log", "warning"),
            ("listen", "here"),
            ("mint-timeout", "-1"),
            ("metadata", "ssm:"),
            ("metadata-refresh", "86401"),
            ("mint-role", "studio-acs-mint"),
            ("replay-table", "no table"),
            ("replay-timeout", "0"),
            ("audit-webhook", "http://siem.example/"),
            ("audit-webhook", "https://user@siem.example/"),
            ("audit-splunk", "https://splunk.example/services"),
            ("audit-datadog", "intake"),
            ("audit-webhook-secret", "key-of-no-webhook"),
            ("audit-firehose", "a/b"),
            ("audit-required", "splunk"),
            ("audit-required", "pigeon"),
            ("audit-timeout", "0"),
            ("audit-on-failure", "ignore"),
            ("max-connections", "0"),
        ] {
            let given: Vec<_> =
                REQUIRED.into_iter().filter(|(other, _)| *other != name).chain([(name, wrong)]).collect();
            let errors = read(&given).unwrap_err().to_string();
            assert!(errors.contains(&format!("--{name}")) && errors.contains("for example"), "{errors}");
        }
    }

    #[test]
    fn a_bearer_assertion_travels_by_https_or_not_at_all() {
        for (url, confidential) in [
            ("https://us.example/saml", true),
            ("http://127.0.0.1:8401/saml", true),
            ("http://[::1]:8401/saml", true),
            ("http://us.example/saml", false),
            ("http://127.0.0.1.example/saml", false),
            ("ftp://us.example/saml", false),
        ] {
            assert_eq!(is_confidential(url), confidential, "{url}");
        }
    }

    #[test]
    fn defaults_and_examples_are_values_that_work() {
        // A sink and its secret go together.
        let examples = SETTINGS.iter().map(|setting| (setting.name, setting.example));
        let sinks: Vec<_> = examples.filter(|(name, _)| name.starts_with("audit-")).collect();
        for setting in SETTINGS {
            let given: Vec<_> = REQUIRED
                .into_iter()
                .chain(sinks.iter().copied())
                .filter(|(name, _)| *name != setting.name)
                .chain([(setting.name, setting.example)])
                .collect();
            assert!(read(&given).is_ok(), "{}", setting.name);
        }
    }
}
