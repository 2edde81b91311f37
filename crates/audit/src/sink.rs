//! The sinks: their kinds, how they are reached, and which of them must have a record before anything is minted.

use std::time::Duration;

use aws_config::SdkConfig;
use time::UtcDateTime;

use crate::chain::Record;
use crate::datadog::Datadog;
use crate::firehose::Firehose;
use crate::seal::SealKey;
use crate::secret::Secret;
use crate::sink_kind::SinkKind;
use crate::splunk::Splunk;
use crate::sumo_logic::SumoLogic;
use crate::undelivered::Undelivered;
use crate::webhook::Webhook;
use studio_acs_aws::https::Client;

/// How one sink is reached.
#[derive(Debug, Clone)]
pub enum SinkRules {
    /// Datadog, by its intake's origin and an API key.
    Datadog {
        /// Such as `https://http-intake.logs.datadoghq.eu`.
        origin: String,
        /// The API key.
        key: Secret,
    },
    /// Firehose, by the name of the stream, with the AWS SDK's credentials.
    Firehose {
        /// The stream.
        stream: String,
    },
    /// Splunk, by the collector's origin and its token.
    Splunk {
        /// Such as `https://http-inputs-acme.splunkcloud.com`.
        origin: String,
        /// The token.
        token: Secret,
    },
    /// A Sumo Logic HTTP source, by its URL.
    SumoLogic {
        /// The URL.
        url: Secret,
    },
    /// A webhook, by its URL and the key of its signature.
    Webhook {
        /// The URL.
        url: String,
        /// The key.
        secret: Secret,
    },
}

/// The records that must exist, their places, and the consequence if they do not.
#[derive(Debug, Clone)]
pub struct AuditRules {
    /// The sinks beside the log.
    pub sinks: Vec<SinkRules>,
    /// Those that must have confirmed an intent before it is minted. Where none of `sinks` is among them, the log must.
    pub required: Vec<SinkKind>,
    /// How long a sign-in waits for a sink, retries included.
    pub timeout: Duration,
    /// Whether a sign-in goes on without the record, and is marked.
    pub allow_unrecorded: bool,
    /// The key that seals records; `None` for records without seals.
    pub seal_key: Option<SealKey>,
}

impl AuditRules {
    /// Records only in the log.
    pub fn log_alone() -> Self {
        Self {
            sinks: Vec::new(),
            required: Vec::new(),
            timeout: Duration::from_secs(3),
            allow_unrecorded: false,
            seal_key: None,
        }
    }

    /// Whether nothing is minted before the log has confirmed it: something must.
    pub(crate) fn is_log_required(&self) -> bool {
        let is_required = |sink: &SinkRules| self.required.contains(&sink.kind());
        self.required.contains(&SinkKind::Log) || !self.sinks.iter().any(is_required)
    }
}

/// Why an audit log does not start.
#[derive(Debug, thiserror::Error)]
pub enum AuditStartError {
    /// A chain has no name.
    #[error("the system has no randomness to name the chain of records by")]
    Randomness,
    /// TLS to a sink cannot be set up.
    #[error("TLS to the audit sink {sink}: {reason}")]
    Tls {
        /// Which.
        sink: SinkKind,
        /// Why.
        reason: String,
    },
}

/// A sink that is ready for records.
pub(crate) enum Destination {
    Datadog(Datadog),
    Firehose(Firehose),
    Splunk(Splunk),
    SumoLogic(SumoLogic),
    Webhook(Box<Webhook>),
}

impl SinkRules {
    /// Which kind it is of.
    pub fn kind(&self) -> SinkKind {
        match self {
            Self::Datadog { .. } => SinkKind::Datadog,
            Self::Firehose { .. } => SinkKind::Firehose,
            Self::Splunk { .. } => SinkKind::Splunk,
            Self::SumoLogic { .. } => SinkKind::SumoLogic,
            Self::Webhook { .. } => SinkKind::Webhook,
        }
    }

    pub(crate) fn connect(
        &self,
        sdk: &SdkConfig,
        timeout: Duration,
        now: impl Fn() -> UtcDateTime + Send + Sync + 'static,
    ) -> Result<Destination, AuditStartError> {
        let client = || Client::new(timeout).map_err(|reason| AuditStartError::Tls { sink: self.kind(), reason });
        Ok(match self.clone() {
            Self::Datadog { origin, key } => Destination::Datadog(Datadog::new(client()?, &origin, key)),
            Self::Firehose { stream } => Destination::Firehose(Firehose::new(sdk, stream, timeout)),
            Self::Splunk { origin, token } => Destination::Splunk(Splunk::new(client()?, &origin, token)),
            Self::SumoLogic { url } => Destination::SumoLogic(SumoLogic::new(client()?, url)),
            Self::Webhook { url, secret } => Destination::Webhook(Box::new(Webhook::new(client()?, url, secret, now))),
        })
    }
}

impl Destination {
    /// Hands over the records, in their order. Without an error the sink has said that it has them.
    pub(crate) async fn deliver(&self, batch: &[Record]) -> Result<(), Undelivered> {
        match self {
            Self::Datadog(sink) => sink.deliver(batch).await.map_err(Undelivered::all),
            Self::Firehose(sink) => sink.deliver(batch).await,
            Self::Splunk(sink) => sink.deliver(batch).await.map_err(Undelivered::all),
            Self::SumoLogic(sink) => sink.deliver(batch).await.map_err(Undelivered::all),
            Self::Webhook(sink) => sink.deliver(batch).await.map_err(Undelivered::all),
        }
    }
}
