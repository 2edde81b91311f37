//! A DynamoDB table: which one, how long it may take, and why it did not answer.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// The time-to-live attribute of every table, a number: seconds since 1970.
pub(crate) const EXPIRES_AT: &str = "expires_at";

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
    pub(crate) fn client(&self, sdk: &SdkConfig) -> Client {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(self.timeout.min(Duration::from_secs(1)))
            .operation_attempt_timeout(self.timeout.checked_div(2).unwrap_or(self.timeout))
            .operation_timeout(self.timeout)
            .build();
        Client::from_conf(Builder::from(sdk).timeout_config(timeouts).build())
    }
}

/// Why a table did not answer, in few words and without anything that was sent.
pub(crate) fn reason<E: ProvideErrorMetadata>(error: &SdkError<E>) -> String {
    match error {
        SdkError::TimeoutError(_) => "no answer in time".to_owned(),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => "no answer in time".to_owned(),
        SdkError::DispatchFailure(failure) if failure.is_io() => "no connection".to_owned(),
        SdkError::DispatchFailure(_) => "no credentials, or a call that broke off".to_owned(),
        SdkError::ServiceError(answer) => answer.err().code().unwrap_or("an error without a code").to_owned(),
        _ => "an answer that cannot be read".to_owned(),
    }
}
