//! Sumo Logic's HTTP source
//! (<https://help.sumologic.com/docs/send-data/hosted-collectors/http-source/logs-metrics/upload-logs/>).

use crate::chain::Record;
use crate::secret::Secret;
use studio_acs_aws::https::{Client, Post};

/// The status of a payload that the source has taken.
const ACCEPTED: u16 = 200;

/// A source. Its URL is all that lets a sender in, so that it is a secret.
#[derive(Debug)]
pub(crate) struct SumoLogic {
    client: Client,
    url: Secret,
}

impl SumoLogic {
    pub(crate) fn new(client: Client, url: Secret) -> Self {
        Self { client, url }
    }

    /// Each line of a payload is a message, whose time the source reads out of its member `time`.
    pub(crate) async fn deliver(&self, batch: &[Record]) -> Result<(), String> {
        let body: String = batch.iter().flat_map(|record| [&*record.text, "\n"]).collect();
        let headers = [("content-type", "application/json"), ("x-sumo-category", "studio-acs")];
        match self.client.post(Post { url: self.url.reveal(), headers: &headers, body: body.into_bytes() }).await? {
            answer if answer.status == ACCEPTED => Ok(()),
            answer => Err(format!("status {}", answer.status)),
        }
    }
}
