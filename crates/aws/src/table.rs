//! A DynamoDB table: which one, how long it may take, and why it did not answer.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Builder;

/// The time-to-live attribute of every table, a number: seconds since 1970.
pub const EXPIRES_AT: &str = "expires_at";

/// Which table, and how long it may take.
#[derive(Debug, Clone)]
pub struct TableRules {
    /// Its name or ARN.
    pub table: String,
    /// How long one call may take, retries included.
    pub timeout: Duration,
}

impl TableRules {
    /// A client that keeps to the time, and has some left for a second attempt where the first one hangs.
    pub fn client(&self, sdk: &SdkConfig) -> Client {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(self.timeout.min(Duration::from_secs(1)))
            .operation_attempt_timeout(self.timeout.checked_div(2).unwrap_or(self.timeout))
            .operation_timeout(self.timeout)
            .build();
        Client::from_conf(Builder::from(sdk).timeout_config(timeouts).build())
    }
}
