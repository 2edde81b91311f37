//! Configuration: environment variables, or flags of the same names, → [`Config`]. Everything is parsed at start; what
//! is missing or wrong stops the start with its name, the reason and an example.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use axum::http::Uri;
use studio_acs_saml::{RequireSigned, ServiceProvider};

use crate::broker::mint::{LONGEST_SESSION, MintRules, SHORTEST_SESSION};
use crate::identity::{DomainId, IdentityRules};

/// One setting: the flag `--name`, and the variable `STUDIO_ACS_NAME`.
#[derive(Debug)]
pub struct Setting {
    /// The flag's name, without dashes before it.
    pub name: &'static str,
    /// What it is for.
    pub meaning: &'static str,
    /// What holds without it; `None` where it must be given, empty where nothing is meant.
    pub default: Option<&'static str>,
    /// Which values it takes.
    pub range: &'static str,
    /// A value that works.
    pub example: &'static str,
}

impl Setting {
    /// The environment variable.
    pub fn variable(&self) -> String {
        format!("STUDIO_ACS_{}", self.name.to_ascii_uppercase().replace('-', "_"))
    }
}

macro_rules! settings {
    ($($constant:ident = $name:literal, $default:expr, $range:literal, $example:literal, $meaning:literal;)+) => {
        $(const $constant: Setting =
            Setting { name: $name, meaning: $meaning, default: $default, range: $range, example: $example };)+

        /// Every setting there is.
        pub const SETTINGS: &[Setting] = &[$($constant),+];
    };
}

settings! {
    METADATA = "metadata", None, "a path", "saml-metadata", "IdP metadata: a file, or a directory of .xml files";
    AUDIENCE = "audience", None, "any text", "https://abc123.execute-api.eu-central-1.amazonaws.com/", "our entity ID: the Application SAML audience in Identity Center";
    ACS_URL = "acs-url", None, "URLs, comma-separated; to serve, https, or http on loopback", "https://abc123.execute-api.eu-central-1.amazonaws.com/prod/saml", "where responses are posted to: the Application ACS URL in Identity Center";
    ACS_PATH = "acs-path", Some("/saml"), "a path", "/saml", "the path that the server answers at, without the stage";
    USER_ATTRIBUTE = "user-attribute", Some("username"), "any text", "username", "the attribute that names the user profile";
    DOMAIN_ATTRIBUTE = "domain-attribute", Some("domain-id"), "any text", "domain-id", "the attribute that names the Studio domain";
    ALLOWED_DOMAINS = "allowed-domains", Some(""), "domain IDs, comma-separated; empty for any", "d-abcdefghijkl", "the Studio domains that may be opened";
    REQUIRE_SIGNED = "require-signed", Some("any"), "any, assertion, response, both", "both", "which element must carry a signature of its own";
    SKEW = "skew", Some("60"), "0 to 300 seconds", "60", "how far the identity provider's clock may be from ours";
    MAX_AGE = "max-age", Some("300"), "30 to 3600 seconds", "300", "how old an assertion may be";
    URL_EXPIRES = "url-expires", Some("30"), "5 to 300 seconds", "30", "how long a presigned URL may be used";
    SESSION_SECONDS = "session-seconds", Some("3600"), "1800 to 43200 seconds", "28800", "how long a Studio session lasts at most";
    MINT_TIMEOUT = "mint-timeout", Some("10"), "1 to 25 seconds", "10", "how long SageMaker may take, retries included";
    REPLAY_CAPACITY = "replay-capacity", Some("100000"), "1 to 10000000", "100000", "how many used assertions are remembered at a time";
    STUDIO_ORIGIN = "studio-origin", Some(""), "an origin; empty for https under sagemaker.aws", "http://127.0.0.1:8403", "a stand-in for Studio, for tests alone";
    LISTEN = "listen", Some("127.0.0.1:8080"), "address and port", "0.0.0.0:8080", "where `serve` listens; TLS ends before it";
    LOG = "log", Some("info"), "a tracing filter", "info,studio_acs=debug", "what is logged, as JSON on standard output";
}

/// The whole configuration, parsed.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the IdP metadata is.
    pub metadata: PathBuf,
    /// Who we are, and how strict.
    pub service_provider: ServiceProvider,
    /// The path of the ACS.
    pub acs_path: String,
    /// Which attributes say who somebody is.
    pub identity: IdentityRules,
    /// How sessions are minted.
    pub mint: MintRules,
    /// How long SageMaker may take.
    pub mint_timeout: Duration,
    /// How many used assertions are remembered.
    pub replay_capacity: usize,
    /// Where `serve` listens.
    pub listen: SocketAddr,
    /// What is logged.
    pub log: String,
}

impl Config {
    /// Parses what `lookup` has for each setting, such as the environment's variable.
    ///
    /// # Errors
    /// Every setting that is missing or wrong.
    pub fn read(lookup: impl Fn(&Setting) -> Option<String>) -> Result<Self, ConfigErrors> {
        let mut reader = Reader { lookup, errors: Vec::new() };
        let metadata = reader.parsed(&METADATA, |text| Ok(PathBuf::from(text)));
        let audience = reader.parsed(&AUDIENCE, |text| Ok(text.to_owned()));
        let acs_urls = reader.parsed(&ACS_URL, |text| listed(text, acs_url));
        let acs_path = reader.parsed(&ACS_PATH, path);
        let user_attribute = reader.parsed(&USER_ATTRIBUTE, |text| Ok(text.to_owned()));
        let domain_attribute = reader.parsed(&DOMAIN_ATTRIBUTE, |text| Ok(text.to_owned()));
        let allowed_domains = reader.parsed(&ALLOWED_DOMAINS, |text| listed(text, domain_id));
        let require_signed = reader.parsed(&REQUIRE_SIGNED, RequireSigned::from_str);
        let skew = reader.parsed(&SKEW, within(0, 300));
        let max_age = reader.parsed(&MAX_AGE, within(30, 3600));
        let url_expires = reader.parsed(&URL_EXPIRES, within(5, 300));
        let session_seconds = reader.parsed(&SESSION_SECONDS, within(SHORTEST_SESSION, LONGEST_SESSION));
        let mint_timeout = reader.parsed(&MINT_TIMEOUT, within(1, 25));
        let replay_capacity = reader.parsed(&REPLAY_CAPACITY, within(1, 10_000_000));
        let studio_origin = reader.parsed(&STUDIO_ORIGIN, origin);
        let listen = reader.parsed(&LISTEN, |text| text.parse().map_err(|error| format!("{error}")));
        let log = reader.parsed(&LOG, |text| Ok(text.to_owned()));

        let config = || {
            let mut service_provider = ServiceProvider::new(audience?, acs_urls?);
            service_provider.require_signed = require_signed?;
            service_provider.skew = time::Duration::seconds(skew?.into());
            service_provider.max_age = time::Duration::seconds(max_age?.into());
            Some(Self {
                metadata: metadata?,
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
                    studio_origin: studio_origin?,
                },
                mint_timeout: Duration::from_secs(mint_timeout?.into()),
                replay_capacity: usize::try_from(replay_capacity?).ok()?,
                listen: listen?,
                log: log?,
            })
        };
        config().ok_or(ConfigErrors(reader.errors))
    }

    /// Parses the environment.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn from_env() -> Result<Self, ConfigErrors> {
        Self::read(|setting| std::env::var(setting.variable()).ok())
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
        parsed.map_err(|reason| self.errors.push(ConfigError { setting, reason })).ok()
    }
}

/// A setting that is missing or wrong.
#[derive(Debug)]
pub struct ConfigError {
    setting: &'static Setting,
    reason: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Setting { name, meaning, range, example, .. } = self.setting;
        let variable = self.setting.variable();
        write!(f, "{variable} (--{name}): {}. It is {meaning} ({range}), for example {variable}={example}", self.reason)
    }
}

/// Everything that is wrong with a configuration; at least one error.
#[derive(Debug)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for ConfigErrors {}

/// The items of a list. No text is no item; a list of nothing but commas is a mistake, and must not mean "any".
fn listed<T>(text: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, String> {
    if text.is_empty() { Ok(Vec::new()) } else { text.split(',').map(|item| parse(item.trim())).collect() }
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

fn origin(text: &str) -> Result<Option<String>, String> {
    let uri: Uri = if text.is_empty() { return Ok(None) } else { text.parse().unwrap_or_default() };
    match (uri.scheme_str(), uri.authority()) {
        (Some(scheme), Some(authority)) if text == format!("{scheme}://{authority}") => Ok(Some(text.to_owned())),
        _ => Err(format!("`{text}` is not an origin, without a slash at its end")),
    }
}

fn path(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
    let ok = text.len() > 1 && text.starts_with('/') && !text.ends_with('/') && text.chars().all(plain);
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
            ("listen", "here"),
            ("mint-timeout", "-1"),
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
        for setting in SETTINGS {
            let given: Vec<_> = REQUIRED
                .into_iter()
                .filter(|(name, _)| *name != setting.name)
                .chain([(setting.name, setting.example)])
                .collect();
            assert!(read(&given).is_ok(), "{}", setting.name);
        }
    }
}
