//! Datadog's log intake (<https://docs.datadoghq.com/api/latest/logs/#send-logs>).

use serde_json::{Value, json};

use crate::chain::Record;
use crate::secret::Secret;
use studio_acs_aws::https::{Client, Post};

/// What Datadog answers to what it has taken.
const ACCEPTED: u16 = 202;

/// An intake.
#[derive(Debug)]
pub(crate) struct Datadog {
    client: Client,
    url: String,
    key: Secret,
}

impl Datadog {
    pub(crate) fn new(client: Client, origin: &str, key: Secret) -> Self {
        Self { client, url: format!("{origin}/api/v2/logs"), key }
    }

    pub(crate) async fn deliver(&self, batch: &[Record]) -> Result<(), String> {
        let entries: Vec<_> = batch.iter().map(entry).collect();
        let headers = [("dd-api-key", self.key.reveal()), ("content-type", "application/json")];
        let body = json!(entries).to_string().into_bytes();
        match self.client.post(Post { url: &self.url, headers: &headers, body }).await? {
            answer if answer.status == ACCEPTED => Ok(()),
            answer => Err(format!("status {}", answer.status)),
        }
    }
}

/// The entry of a record, which stands whole under `ocsf`. At the top of an entry Datadog reads OCSF's `status` as its own:
/// it takes a status by its first letter, and `Failure` for an emergency
/// (<https://docs.datadoghq.com/logs/log_configuration/processors/log_status_remapper/>).
fn entry(record: &Record) -> Value {
    let ocsf: Value = serde_json::from_str(&record.text).unwrap_or_default();
    let status = match ocsf.get("severity_id").and_then(Value::as_u64) {
        Some(1) => "info",
        Some(2) => "notice",
        Some(3) => "warning",
        _ => "error",
    };
    json!({
        "ddsource": "studio-acs", "service": "studio-acs", "timestamp": record.time, "status": status,
        "message": ocsf.get("message"), "ocsf": ocsf,
    })
}
