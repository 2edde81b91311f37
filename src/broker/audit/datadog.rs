//! Datadog's log intake (<https://docs.datadoghq.com/api/latest/logs/#send-logs>).

use serde_json::json;

use super::chain::Record;
use super::sink::Secret;
use studio_acs_aws::https::{Client, Post};

/// What Datadog answers to what it has taken.
const ACCEPTED: u16 = 202;

/// An intake.
#[derive(Debug)]
pub(super) struct Datadog {
    client: Client,
    url: String,
    key: Secret,
}

impl Datadog {
    pub(super) fn new(client: Client, origin: &str, key: Secret) -> Self {
        Self { client, url: format!("{origin}/api/v2/logs"), key }
    }

    pub(super) async fn deliver(&self, batch: &[Record]) -> Result<(), String> {
        let entry =
            |record: &Record| json!({"ddsource": "studio-acs", "service": "studio-acs", "message": &*record.text});
        let entries: Vec<_> = batch.iter().map(entry).collect();
        let headers = [("dd-api-key", self.key.reveal()), ("content-type", "application/json")];
        let body = json!(entries).to_string().into_bytes();
        match self.client.post(Post { url: &self.url, headers: &headers, body }).await? {
            answer if answer.status == ACCEPTED => Ok(()),
            answer => Err(format!("status {}", answer.status)),
        }
    }
}
