//! The reason why AWS did not answer.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

/// Returns the reason in a few words, without anything that was sent.
pub fn why<E: ProvideErrorMetadata>(error: &SdkError<E>) -> String {
    match error {
        SdkError::TimeoutError(_) => "no answer in time".to_owned(),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => "no answer in time".to_owned(),
        SdkError::DispatchFailure(failure) if failure.is_io() => "no connection".to_owned(),
        SdkError::DispatchFailure(_) => "no credentials, or a call that broke off".to_owned(),
        SdkError::ServiceError(answer) => answer.err().code().unwrap_or("an error without a code").to_owned(),
        _ => "an answer that cannot be read".to_owned(),
    }
}
