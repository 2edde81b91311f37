//! The texts that the settings name, read as a start would read them.

use aws_config::SdkConfig;
use studio_acs_jwt::KeySetDocument;
use studio_acs_policy::Policies;
use time::UtcDateTime;

use super::secrets::SecretFile;
use crate::config::Config;
use crate::service::{self, Issuers, StartError};
use crate::token::{self, IssuerConfiguration, KeySource, KeysError};
use crate::trust::Trust;
use studio_acs_aws::{SdkStartError, Source};
use studio_acs_broker::PolicySource;
use studio_acs_identity::ResumeTokens;
use studio_acs_ledger::{Ledger, LedgerRules, LedgerSource, LedgerStartError, Listing};

/// The results of reading; `None` for a text that was not read.
#[derive(Debug)]
pub struct Read {
    /// Whom to trust.
    pub trust: Option<Result<Trust, StartError>>,
    /// The ledger: a text, or a table where several issuers are trusted and it is read online.
    pub ledger: Option<Result<Listing, StartError>>,
    /// The access policy.
    pub policies: Option<Result<Policies, StartError>>,
    /// The key of resume tokens, if it is in a file: elsewhere only the service should be able to read it.
    pub resume_key: Option<Result<ResumeTokens, StartError>>,
    /// The fault of AWS's own settings, if there is one.
    pub aws: Option<SdkStartError>,
    /// The bytes of our variables, names and values.
    pub environment: usize,
    /// Each secret that is in a file.
    pub secret_files: Vec<SecretFile>,
    /// The keys of each token issuer, in the order of the configuration.
    pub token_keys: Vec<Option<Result<KeySetDocument, StartError>>>,
    /// The configuration of each token issuer; `None` where it was not asked for, or its name leads to none.
    pub token_configurations: Vec<Option<Result<IssuerConfiguration, KeysError>>>,
}

impl Read {
    /// Reads what is in files; and, if `online`, what is kept at AWS, and the issuer's keys at their URL.
    pub async fn of(config: &Config, online: bool, now: UtcDateTime) -> Self {
        let (sdk, aws) = match studio_acs_aws::sdk(config.mint.timeout).await {
            Ok(sdk) => (online.then_some(sdk), None),
            Err(fault) => (None, Some(fault)),
        };
        let nobody = SdkConfig::builder().build();
        // Credentials are needed only for a text that is kept at AWS.
        let way = |is_remote: bool| if is_remote { sdk.as_ref() } else { Some(&nobody) };
        let is_trust_read = online || !config.metadata.iter().any(Source::is_remote);
        let (mut token_keys, mut token_configurations) = (Vec::new(), Vec::new());
        for issuer in &config.token_issuers {
            let way = match &issuer.keys {
                KeySource::Url(_) | KeySource::Discovery(_) => online.then_some(&nobody),
                keys => way(keys.is_at_aws()),
            };
            token_keys.push(match way {
                Some(sdk) => Some(token::read(issuer, sdk).await.map_err(StartError::from)),
                None => None,
            });
            token_configurations.push(if online { token::discover(issuer).await } else { None });
        }
        let trust = if is_trust_read { Some(service::trust(config, now).await) } else { None };
        let is_by_issuer = trust
            .as_ref()
            .and_then(|trust| trust.as_ref().ok())
            .is_some_and(|trust| !Issuers::of(config).names(trust).are_clear());
        Self {
            trust,
            ledger: match config.broker.ledger.as_ref().map(|rules| (&rules.source, rules)) {
                Some((LedgerSource::Document(source), rules)) => match way(source.is_remote()) {
                    Some(sdk) => Some(listing(rules.clone(), sdk, now).await),
                    None => None,
                },
                // Every entry has to name its issuer, and a sign-in sees only its user's.
                Some((LedgerSource::Table(_), rules)) if is_by_issuer => match &sdk {
                    Some(sdk) => Some(listing(rules.clone(), sdk, now).await),
                    None => None,
                },
                _ => None,
            },
            policies: match way(config.broker.policies.iter().any(PolicySource::is_remote)) {
                Some(sdk) => Some(service::policies(config, sdk).await),
                None => None,
            },
            resume_key: match &config.broker.resume_key {
                Some(Source::Path(_)) => Some(service::resume_tokens(config, &nobody).await),
                _ => None,
            },
            aws,
            environment: environment(),
            secret_files: SecretFile::all(config),
            token_keys,
            token_configurations,
        }
    }
}

/// A function's variables count whether they are text or not; AWS's own, such as `AWS_REGION`, do not.
fn environment() -> usize {
    let ours = std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"STUDIO_ACS_"));
    ours.map(|(name, value)| name.len().saturating_add(value.len())).fold(0, usize::saturating_add)
}

async fn listing(rules: LedgerRules, sdk: &SdkConfig, now: UtcDateTime) -> Result<Listing, StartError> {
    let place = rules.source.to_string();
    let listed = Ledger::start(rules, sdk, now).await?.list(now).await;
    Ok(listed.map_err(|error| LedgerStartError::Invalid { place, error })?)
}
