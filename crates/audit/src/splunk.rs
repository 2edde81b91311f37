//! Splunk's HTTP Event Collector
//! (<https://help.splunk.com/en/splunk-enterprise/get-started/get-data-in/10.0/get-data-with-http-event-collector>).

use std::collections::BTreeMap;
use std::time::Duration;

use aws_lc_rs::rand;
use serde::Deserialize;

use crate::chain::Record;
use crate::secret::Secret;
use studio_acs_aws::https::{Client, Post};
use studio_acs_refusal::hex;

/// How often it is asked whether events are indexed.
const ASK_AGAIN: Duration = Duration::from_millis(200);

/// A collector. Where its token has acknowledgement on, records count once they are indexed; otherwise once they are
/// received.
#[derive(Debug)]
pub(crate) struct Splunk {
    client: Client,
    event_url: String,
    ack_url: String,
    channel: String,
    authorization: Secret,
}

#[derive(Deserialize)]
struct Received {
    code: u32,
    #[serde(rename = "ackId")]
    ack_id: Option<u64>,
}

#[derive(Deserialize)]
struct Indexed {
    acks: BTreeMap<String, bool>,
}

impl Splunk {
    pub(crate) fn new(client: Client, origin: &str, token: Secret) -> Self {
        // A channel tells our acknowledgements from others'. Without randomness we share one, and wait in vain at worst.
        let mut channel = [0_u8; 16];
        let _ = rand::fill(&mut channel);
        let id = hex(&channel);
        let mut rest = id.as_str();
        let groups = [8, 4, 4, 4, 12].map(|length| {
            let (group, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
            rest = after;
            group
        });
        let channel = groups.join("-");
        Self {
            client,
            event_url: format!("{origin}/services/collector/event"),
            ack_url: format!("{origin}/services/collector/ack?channel={channel}"),
            channel,
            authorization: Secret::new(&format!("Splunk {}", token.reveal())).unwrap_or(token),
        }
    }

    pub(crate) async fn deliver(&self, batch: &[Record]) -> Result<(), String> {
        let events: String = batch
            .iter()
            .map(|Record { time, text, .. }| {
                let (seconds, milliseconds) = (time.div_euclid(1000), time.rem_euclid(1000));
                let stamp = format!("{seconds}.{milliseconds:03}");
                format!(
                    "{{\"time\":\"{stamp}\",\"source\":\"studio-acs\",\"sourcetype\":\"ocsf:json\",\"event\":{text}}}\n"
                )
            })
            .collect();
        let received: Received = self.post(&self.event_url, events).await?;
        match received {
            Received { code: 0, ack_id: None } => Ok(()),
            Received { code: 0, ack_id: Some(id) } => self.indexed(id).await,
            Received { code, .. } => Err(format!("Splunk's code {code}")),
        }
    }

    /// Waits until the events are indexed; whoever calls has a time limit.
    async fn indexed(&self, id: u64) -> Result<(), String> {
        loop {
            let indexed: Indexed = self.post(&self.ack_url, format!("{{\"acks\":[{id}]}}")).await?;
            if indexed.acks.get(&id.to_string()) == Some(&true) {
                return Ok(());
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }

    async fn post<T: for<'a> Deserialize<'a>>(&self, url: &str, body: String) -> Result<T, String> {
        let headers = [
            ("authorization", self.authorization.reveal()),
            ("content-type", "application/json"),
            ("x-splunk-request-channel", self.channel.as_str()),
        ];
        let answer = self.client.post(Post { url, headers: &headers, body: body.into_bytes() }).await?;
        serde_json::from_slice(&answer.body).map_err(|_| "an answer that is not Splunk's".to_owned())
    }
}
