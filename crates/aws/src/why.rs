//! The reason why AWS did not answer, and whether it may have done what a call asked for.

use std::error::Error;

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

/// Whether AWS may have done what a call asked for, though no answer came that says so: the call was sent, or may have
/// been. An error that AWS answered with says that it is not done.
pub fn may_be_done<E>(error: &SdkError<E>) -> bool {
    match error {
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) => true,
        SdkError::DispatchFailure(failure) => {
            let by_http = failure.as_connector_error().and_then(|error| find(error));
            match by_http {
                Some(error) => !error.is_connect(),
                // The SDK's own time-out; or it has no credentials.
                None => failure.is_timeout() || failure.is_io(),
            }
        }
        _ => false,
    }
}

/// The HTTP client's error among the causes of `error`.
fn find<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e hyper_util::client::legacy::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}
