//! Parts that take time to prepare, and are read or connected to at start.

use aws_config::SdkConfig;
use studio_acs_policy::Policies;

use super::{Clock, StartError};
use crate::config::{Config, is_confidential};
use crate::token::TokenApi;
use studio_acs_audit::{AuditLog, AuditRules, ProcessCounter, SealKey, Secret, SinkKind, SinkRules};
use studio_acs_aws::Source;
use studio_acs_broker::{CurrentPolicies, read_policies, tables};
use studio_acs_identity::{ResumeError, ResumeTokens};
use studio_acs_ledger::Ledger;
use studio_acs_log::Log;

/// The parts that take time to prepare: they are read, or connected to.
#[derive(Debug)]
pub struct Parts {
    pub(super) ledger: Ledger,
    pub(super) policies: CurrentPolicies,
    pub(super) resume_tokens: ResumeTokens,
    pub(super) audit_log: AuditLog,
    pub(super) token_api: Option<TokenApi>,
    pub(super) log: Log,
}

impl Parts {
    /// The parts as the configuration has them. Records go to `log`, whatever else they go to.
    ///
    /// # Errors
    /// A text that cannot be read, or is not valid.
    pub async fn of(config: &Config, sdk: &SdkConfig, clock: &Clock, log: Log) -> Result<Self, StartError> {
        // Side by side, and each to its end: a process whose number was taken leaves its first record in any case.
        let (audit_log, others) =
            tokio::join!(audit_log(config, sdk, clock, log.clone()), Others::of(config, sdk, clock));
        let (audit_log, Others { ledger, policies, resume_tokens, token_api }) = (audit_log?, others?);
        Ok(Self { ledger, policies, resume_tokens, audit_log, token_api, log })
    }
}

/// The parts that have no part in records.
struct Others {
    ledger: Ledger,
    policies: CurrentPolicies,
    resume_tokens: ResumeTokens,
    token_api: Option<TokenApi>,
}

impl Others {
    async fn of(config: &Config, sdk: &SdkConfig, clock: &Clock) -> Result<Self, StartError> {
        let ledger = match &config.broker.ledger {
            Some(rules) => Ledger::start(rules.clone(), sdk, clock.now()).await?,
            None => Ledger::none(),
        };
        let (broker, now) = (&config.broker, clock.now());
        let (sources, zone) = (broker.policies.clone(), broker.zone.clone());
        let policies = CurrentPolicies::of(sources, zone, broker.policy_refresh, sdk, now).await;
        let (policies, resume_tokens) = (policies?, resume_tokens(config, sdk).await?);
        let token_api = match &*config.token_issuers {
            [] => None,
            issuers => Some(TokenApi::start(issuers.to_vec(), sdk, clock.now()).await?),
        };
        Ok(Self { ledger, policies, resume_tokens, token_api })
    }
}

/// The access policy, read and validated.
///
/// # Errors
/// [`StartError::Policy`].
pub async fn policies(config: &Config, sdk: &SdkConfig) -> Result<Policies, StartError> {
    let (sources, zone) = (&config.broker.policies, &config.broker.zone);
    Ok(read_policies(sources, zone, sdk).await?)
}

/// The key that signs resume tokens.
///
/// # Errors
/// [`StartError::ResumeKey`].
pub async fn resume_tokens(config: &Config, sdk: &SdkConfig) -> Result<ResumeTokens, StartError> {
    let (unusable, lifetime) = (|reason: String| StartError::ResumeKey(reason), config.broker.resume_lifetime);
    let Some(source) = &config.broker.resume_key else {
        return ResumeTokens::of_this_process(lifetime).map_err(|error: ResumeError| unusable(error.to_string()));
    };
    let key = source.secret(sdk).await.map_err(|error| unusable(error.to_string()))?;
    let deployment = format!("{}\0{}", config.service_provider.audience, config.acs_path);
    let resume_tokens = ResumeTokens::with_key(key.trim().as_bytes(), &deployment, lifetime);
    resume_tokens.ok_or_else(|| unusable(format!("it has less than {SHORTEST_KEY} characters")))
}

/// The shortest key of a signature: as many characters as SHA-256 has bytes.
const SHORTEST_KEY: usize = 32;

/// The audit log as the configuration has it, with the key of its seals and its sinks' secrets read.
///
/// # Errors
/// [`StartError::AuditSecret`], [`StartError::SealKey`], [`StartError::Audit`].
pub async fn audit_log(config: &Config, sdk: &SdkConfig, clock: &Clock, log: Log) -> Result<AuditLog, StartError> {
    let mut sinks = Vec::new();
    for (kind, place, source) in config.audit.sinks.clone() {
        let unusable = |reason: String| StartError::AuditSecret { sink: kind, reason };
        let text = match source {
            Some(source) => source.secret(sdk).await.map_err(|error| unusable(error.to_string()))?,
            None => String::new(),
        };
        let secret = || Secret::new(&text).ok_or_else(|| unusable("there is nothing in it".to_owned()));
        sinks.push(match kind {
            SinkKind::Datadog => SinkRules::Datadog { origin: place, key: secret()? },
            SinkKind::Firehose => SinkRules::Firehose { stream: place },
            // It is always a sink, and needs no place.
            SinkKind::Log => continue,
            SinkKind::Splunk => SinkRules::Splunk { origin: place, token: secret()? },
            SinkKind::SumoLogic if !is_confidential(text.trim()) => {
                return Err(unusable("it is not a URL of https, or http on loopback".to_owned()));
            }
            SinkKind::SumoLogic => SinkRules::SumoLogic { url: secret()? },
            SinkKind::Webhook if text.trim().len() < SHORTEST_KEY => {
                return Err(unusable(format!("it has less than {SHORTEST_KEY} characters")));
            }
            SinkKind::Webhook => SinkRules::Webhook { url: place, secret: secret()? },
        });
    }
    let (required, timeout) = (config.audit.required.clone(), config.audit.timeout);
    let seal_key = match &config.audit.seal_key {
        Some(source) => Some(seal_key(source, sdk).await?),
        None => None,
    };
    let allow_unrecorded = config.audit.allow_unrecorded;
    let rules = AuditRules { sinks, required, timeout, allow_unrecorded, seal_key };
    if rules.allow_unrecorded {
        tracing::warn!("STUDIO_ACS_AUDIT_ON_FAILURE=allow: sessions are minted though a required audit sink is down");
    }
    let (now, clock) = (clock.now(), clock.clone());
    let audit_log = AuditLog::start(rules, sdk, config.mint.role.as_ref(), log, move || clock.now())?;
    // Whoever shares counters is one of several processes, each with a chain of its own.
    Ok(match config.broker.rate_table.clone() {
        Some(table) => audit_log.numbered(&ProcessCounter::in_table(sdk, table, tables::RATE_KEY), now).await,
        None => audit_log,
    })
}

async fn seal_key(source: &Source, sdk: &SdkConfig) -> Result<SealKey, StartError> {
    let text = source.secret(sdk).await.map_err(|error| StartError::SealKey(error.to_string()))?;
    SealKey::new(&text).ok_or_else(|| StartError::SealKey(SealKey::TOO_SHORT.to_owned()))
}
