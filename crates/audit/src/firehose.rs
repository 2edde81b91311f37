//! Amazon Data Firehose: a record for each line.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_firehose::Client;
use aws_sdk_firehose::config::Builder;
use aws_sdk_firehose::primitives::Blob;
use aws_sdk_firehose::types::Record as Entry;

use studio_acs_aws::why;

use crate::chain::Record;
use crate::undelivered::Undelivered;

/// A stream. Records that it refuses of a batch are put again, and come after the rest: Firehose keeps no order anyway.
#[derive(Debug)]
pub(crate) struct Firehose {
    client: Client,
    stream: String,
}

impl Firehose {
    pub(crate) fn new(sdk: &SdkConfig, stream: String, timeout: Duration) -> Self {
        let connect = timeout.min(Duration::from_secs(1));
        let timeouts = TimeoutConfig::builder().connect_timeout(connect).operation_timeout(timeout).build();
        // The delivery tries again, and keeps what waits.
        let config = Builder::from(sdk).timeout_config(timeouts).retry_config(RetryConfig::disabled());
        Self { client: Client::from_conf(config.build()), stream }
    }

    /// A batch may be taken in part: `FailedPutCount`
    /// (<https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecordBatch.html>).
    pub(crate) async fn deliver(&self, batch: &[Record]) -> Result<(), Undelivered> {
        let mut entries = Vec::with_capacity(batch.len());
        for record in batch {
            let line = format!("{}\n", record.text);
            let entry = Entry::builder().data(Blob::new(line)).build();
            entries.push(entry.map_err(|_| Undelivered::all("a record that cannot be sent"))?);
        }
        let put = self.client.put_record_batch().delivery_stream_name(&self.stream).set_records(Some(entries));
        let answer = put.send().await.map_err(|error| Undelivered::all(why(&error)))?;
        let left: Vec<_> = answer.request_responses().iter().map(|entry| entry.record_id().is_none()).collect();
        if left.len() != batch.len() {
            return Err(Undelivered::all("an answer that does not tell of every record"));
        }
        match left.iter().filter(|left| **left).count() {
            0 if answer.failed_put_count() == 0 => Ok(()),
            0 => Err(Undelivered::all("an answer that contradicts itself")),
            failed => Err(Undelivered { reason: format!("{failed} records were not taken"), left: Some(left) }),
        }
    }
}
