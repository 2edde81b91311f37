//! The audit log's settings.

use std::time::Duration;

use super::ConfigReader;
use super::setting;
use super::value::{listed, origin, seconds, secret, url, within};
use studio_acs_audit::SinkKind;
use studio_acs_aws::Source;

/// The sinks, and the places of their secrets.
#[derive(Debug, Clone)]
pub struct AuditConfig {
    /// The sinks, each with its place: a URL, an origin, or the name of a stream, or an empty text where the secret is the
    /// place; and where its secret is.
    pub sinks: Vec<(SinkKind, String, Option<Source>)>,
    /// The sinks that must have confirmed an intent before it is minted; if empty, the log must.
    pub required: Vec<SinkKind>,
    /// How long a sign-in waits for a sink.
    pub timeout: Duration,
    /// Whether a sign-in goes on without the record.
    pub allow_unrecorded: bool,
    /// Where the key is that seals records; `None` for records without seals.
    pub seal_key: Option<Source>,
}

impl AuditConfig {
    pub(super) fn read(reader: &mut ConfigReader<'_>) -> Option<Self> {
        let webhook = reader.parsed(&setting::AUDIT_WEBHOOK, url);
        let webhook_secret = reader.parsed(&setting::AUDIT_WEBHOOK_SECRET, secret);
        let firehose = reader.parsed(&setting::AUDIT_FIREHOSE, stream);
        let splunk = reader.parsed(&setting::AUDIT_SPLUNK, place);
        let splunk_token = reader.parsed(&setting::AUDIT_SPLUNK_TOKEN, secret);
        let datadog = reader.parsed(&setting::AUDIT_DATADOG, place);
        let datadog_key = reader.parsed(&setting::AUDIT_DATADOG_KEY, secret);
        let sumo_logic = reader.parsed(&setting::AUDIT_SUMO_LOGIC, secret).flatten();
        let required = reader.parsed(&setting::AUDIT_REQUIRED, required);
        let timeout = reader.parsed(&setting::AUDIT_TIMEOUT, within(1, 25));
        let allow_unrecorded = reader.parsed(&setting::AUDIT_ON_FAILURE, |text| match text {
            "refuse" => Ok(false),
            "allow" => Ok(true),
            _ => Err(format!("`{text}` is not refuse or allow")),
        });
        let seal_key = reader.parsed(&setting::AUDIT_SEAL_KEY, secret);

        let mut sinks = Vec::new();
        let mut add = |kind, place: Option<Option<String>>, secret: Option<Option<Source>>, setting| {
            let (Some(place), Some(secret)) = (place, secret) else { return };
            let Some(place) = place else {
                // An operator who gave a secret wants a sink, which must not be missing unnoticed.
                if secret.is_some() {
                    reader.wrong(setting, format!("it is set, and there is no {kind}"));
                }
                return;
            };
            if secret.is_none() && kind != SinkKind::Firehose {
                reader.wrong(setting, format!("it is not set, and the {kind} needs it"));
            }
            sinks.push((kind, place, secret));
        };
        add(SinkKind::Webhook, webhook, webhook_secret, &setting::AUDIT_WEBHOOK_SECRET);
        add(SinkKind::Firehose, firehose, Some(None), &setting::AUDIT_FIREHOSE);
        add(SinkKind::Splunk, splunk, splunk_token, &setting::AUDIT_SPLUNK_TOKEN);
        add(SinkKind::Datadog, datadog, datadog_key, &setting::AUDIT_DATADOG_KEY);
        sinks.extend(sumo_logic.map(|url| (SinkKind::SumoLogic, String::new(), Some(url))));
        let there: Vec<_> = sinks.iter().map(|(kind, ..)| *kind).collect();
        let required = match required? {
            Required::All => there,
            Required::These(kinds) => {
                if let Some(kind) = kinds.iter().find(|kind| **kind != SinkKind::Log && !there.contains(kind)) {
                    reader.wrong(&setting::AUDIT_REQUIRED, format!("there is no {kind}"));
                }
                kinds
            }
        };
        Some(Self {
            sinks,
            required,
            timeout: seconds(timeout?),
            allow_unrecorded: allow_unrecorded?,
            seal_key: seal_key?,
        })
    }
}

enum Required {
    All,
    These(Vec<SinkKind>),
}

fn required(text: &str) -> Result<Required, String> {
    let kind = |name: &str| {
        let kind = SinkKind::ALL.into_iter().find(|kind| kind.as_str() == name);
        kind.ok_or_else(|| format!("`{name}` is not log, webhook, firehose, splunk, datadog or sumo-logic"))
    };
    match text {
        "all" => Ok(Required::All),
        "none" => Ok(Required::These(Vec::new())),
        _ => listed(text, kind).map(Required::These),
    }
}

fn place(text: &str) -> Result<Option<String>, String> {
    match url(text)? {
        Some(_) => origin(text),
        None => Ok(None),
    }
}

/// A stream's name
/// (<https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html>).
fn stream(text: &str) -> Result<Option<String>, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    match text.len() {
        0 => Ok(None),
        1..=64 if text.chars().all(plain) => Ok(Some(text.to_owned())),
        _ => Err(format!("`{text}` is not a stream's name")),
    }
}
