//! A webhook: lines of records, signed.

use aws_lc_rs::hmac;
use time::UtcDateTime;

use crate::chain::Record;
use crate::secret::Secret;
use studio_acs_aws::https::{Client, Post};
use studio_acs_refusal::hex;

/// `t=SECONDS,v1=HEX`: HMAC-SHA256 over the seconds since 1970 in decimal, a full stop, and the body.
const SIGNATURE: &str = "x-studio-acs-signature";

/// Whoever takes a POST. Any status from 200 to 299 confirms the whole body; a receiver that was slow to say so may get
/// records again, with the same `metadata.uid`.
pub(crate) struct Webhook {
    client: Client,
    url: String,
    key: hmac::Key,
    now: Box<dyn Fn() -> UtcDateTime + Send + Sync>,
}

impl Webhook {
    pub(crate) fn new(
        client: Client,
        url: String,
        secret: Secret,
        now: impl Fn() -> UtcDateTime + Send + Sync + 'static,
    ) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.reveal().as_bytes());
        Self { client, url, key, now: Box::new(now) }
    }

    pub(crate) async fn deliver(&self, batch: &[Record]) -> Result<(), String> {
        let body: String = batch.iter().flat_map(|record| [&*record.text, "\n"]).collect();
        let seconds = (self.now)().unix_timestamp();
        let tag = hmac::sign(&self.key, format!("{seconds}.{body}").as_bytes());
        let signature = format!("t={seconds},v1={}", hex(tag.as_ref()));
        let headers = [("content-type", "application/x-ndjson"), (SIGNATURE, signature.as_str())];
        self.client.post(Post { url: &self.url, headers: &headers, body: body.into_bytes() }).await?;
        Ok(())
    }
}
