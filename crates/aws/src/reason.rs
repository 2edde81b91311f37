//! An [`AwsReason`]: why AWS did not do what it was asked, in its own words, with the cause.

use std::error::Error;
use std::fmt;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::result::DispatchFailure;

use crate::cause::{AwsCause, cause_of};
use crate::words::{read, words};

/// The reason why a call to AWS gave no result: AWS's code and message, or what became of the call, and the cause.
///
/// It shows nothing that was sent: the module `words` says which parts of a message are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsReason {
    service: &'static str,
    words: String,
    cause: AwsCause,
}

impl AwsReason {
    /// Returns the reason of an error of the SDK.
    pub fn of<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Self {
        match error {
            SdkError::ServiceError(answer) => {
                Self::answered(answer.raw().status().as_u16(), answer.err().code(), answer.err().message())
            }
            SdkError::ResponseError(answer) => match answer.raw().status().as_u16() {
                // The call may be done: the answer is AWS's, or it claims to be.
                status @ 200..300 => {
                    Self::new(AwsCause::Unreadable, format!("an answer that cannot be read, with status {status}"))
                }
                status => Self::answered(status, None, None),
            },
            SdkError::TimeoutError(_) => Self::timed_out(),
            SdkError::DispatchFailure(failure) => Self::undelivered(failure),
            _ => Self::new(AwsCause::Unreadable, "a call that cannot be written"),
        }
    }

    /// Returns the reason of an answer with this HTTP status, error code and message.
    pub(crate) fn answered(status: u16, code: Option<&str>, message: Option<&str>) -> Self {
        let code = code.filter(|code| !code.is_empty());
        let cause = cause_of(status, code, &message.map(read).unwrap_or_default());
        let words = match code {
            Some(code) => words(code, message),
            // A body that is not AWS's is not repeated.
            None => format!("status {status} without an error code"),
        };
        Self::new(cause, words)
    }

    /// Returns the reason of a call that was not answered in time.
    pub fn timed_out() -> Self {
        Self::new(AwsCause::TimedOut, "no answer in time")
    }

    /// Returns the reason of a call that was not answered in time, after an attempt that failed for this other reason.
    pub(crate) fn timed_out_after(self) -> Self {
        Self {
            words: format!("no answer in time; the attempt before: {}", self.words),
            cause: AwsCause::TimedOut,
            ..self
        }
    }

    /// Returns the reason of a call that the SDK held back, since AWS had throttled others.
    pub(crate) fn held_back() -> Self {
        Self::new(AwsCause::Throttled, "not asked: after throttled calls AWS_RETRY_MODE=adaptive holds others back")
    }

    fn undelivered(failure: &DispatchFailure) -> Self {
        let connector = failure.as_connector_error();
        let first: Option<&dyn Error> = connector.map(|error| -> &dyn Error { error });
        let chain = std::iter::successors(first, |error| (*error).source());
        let causes: Vec<_> = chain.map(|error| error.to_string().to_ascii_lowercase()).collect();
        let says = |words: &[&str]| causes.iter().any(|cause| words.iter().any(|words| cause.contains(words)));
        let (cause, words) = if failure.is_timeout() {
            (AwsCause::TimedOut, "no answer in time")
        } else if says(&["credential"]) {
            (AwsCause::CredentialsMissing, "no credentials")
        } else if says(&["dns error", "failed to lookup address"]) {
            (AwsCause::Dns, "no address of the endpoint")
        } else if says(&["invalid peer certificate", "certificate"]) {
            (AwsCause::Certificate, "no connection: a certificate that is not trusted")
        } else if failure.is_io() {
            (AwsCause::Unreachable, "no connection")
        } else {
            (AwsCause::Unreadable, "a call that broke off")
        };
        Self::new(cause, words)
    }

    fn new(cause: AwsCause, words: impl Into<String>) -> Self {
        Self { service: "", words: words.into(), cause }
    }

    /// The same, of this service of AWS.
    #[must_use]
    pub fn said_by(self, service: &'static str) -> Self {
        Self { service, ..self }
    }

    /// AWS's words, or what became of the call, without the cause.
    pub fn words(&self) -> &str {
        &self.words
    }

    /// The cause.
    pub fn cause(&self) -> AwsCause {
        self.cause
    }
}

/// Shows the service, AWS's words, the cause and the operator's next step.
impl fmt::Display for AwsReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { service, words, cause } = self;
        if !service.is_empty() {
            write!(f, "{service}: ")?;
        }
        write!(f, "{words} ({}: {})", cause.meaning(), cause.fix())
    }
}

/// Returns the reason of an error of the SDK as a text: AWS's words, the cause and the operator's next step.
pub fn why<E: ProvideErrorMetadata>(error: &SdkError<E>) -> String {
    AwsReason::of(error).to_string()
}
