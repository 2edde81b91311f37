//! The meaning of an answer from AWS that is not the hoped one.

use aws_sdk_sagemaker::error::{ProvideErrorMetadata, SdkError};

use super::finding::Finding;
use super::item::Item;

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// Whoever asks may not.
    Denied,
    /// No host answers.
    Unreachable(&'static str),
    /// An error, by its code.
    Failed(String),
}

impl NoAnswer {
    pub(super) fn of<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> Self {
        match error {
            SdkError::TimeoutError(_) => Self::Unreachable("no answer in time"),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => Self::Unreachable("no answer in time"),
            SdkError::DispatchFailure(_) => Self::Unreachable("no connection"),
            SdkError::ServiceError(answer) => match answer.err().code() {
                Some(code) if code.starts_with("AccessDenied") || code == "UnauthorizedOperation" => Self::Denied,
                Some(code) => Self::Failed(code.to_owned()),
                None => Self::Failed("an error without a code".to_owned()),
            },
            _ => Self::Failed("an answer that cannot be read".to_owned()),
        }
    }

    /// A finding about what only `check` asks: the service itself goes on without this answer.
    pub(super) fn unasked(&self, item: Item, action: &str) -> Finding {
        match self {
            Self::Denied => Finding::skipped(item, "denied", format!("allow {action} to who runs the check")),
            Self::Unreachable(how) => {
                Finding::skipped(item, *how, format!("run the check where {action} can be called"))
            }
            Self::Failed(code) => Finding::unanswered(item, code, format!("see what {action} says, and check again")),
        }
    }

    /// Makes a finding of a call that the service makes too, at the same address: it would fail as well where no host
    /// answers.
    pub(super) fn weighed(&self, item: Item, action: &str, endpoint: &str) -> Finding {
        match self {
            Self::Unreachable(how) => {
                let fix = format!(
                    "give the network {endpoint}, and its security group a rule for port 443; check AWS_REGION and DNS"
                );
                Finding::error(item, *how, fix)
            }
            _ => self.unasked(item, action),
        }
    }
}
