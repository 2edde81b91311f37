//! The meaning of an answer from AWS that is not the hoped one.

use aws_sdk_sagemaker::error::{ProvideErrorMetadata, SdkError};
use studio_acs_aws::{AwsCause, AwsReason};

use super::finding::Finding;
use super::item::Item;

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// Whoever asks may not.
    Denied(AwsReason),
    /// No host answers.
    Unreachable(AwsReason),
    /// Another error.
    Failed(AwsReason),
    /// The answer is none that can be read.
    Unreadable(String),
}

impl NoAnswer {
    pub(super) fn of<E: ProvideErrorMetadata>(error: &SdkError<E>) -> Self {
        let reason = AwsReason::of(error);
        match reason.cause() {
            cause if cause.is_denial() => Self::Denied(reason),
            cause if cause.is_unreachable() || cause == AwsCause::TimedOut => Self::Unreachable(reason),
            _ => Self::Failed(reason),
        }
    }

    /// AWS's words, or those for what became of the call.
    pub(super) fn words(&self) -> &str {
        match self {
            Self::Denied(reason) | Self::Unreachable(reason) | Self::Failed(reason) => reason.words(),
            Self::Unreadable(words) => words,
        }
    }

    /// A finding about what only `check` asks: the service itself goes on without this answer.
    pub(super) fn unasked(&self, item: Item, action: &str) -> Finding {
        let words = self.words();
        match self {
            Self::Denied(reason) => {
                let allow = format!("allow {action} to who runs the check");
                let fix = match reason.cause() {
                    AwsCause::Denied | AwsCause::IdentityPolicy => allow,
                    cause => format!("{allow}; {}", cause.fix()),
                };
                Finding::skipped(item, format!("denied: {words}"), fix)
            }
            Self::Unreachable(_) => {
                Finding::skipped(item, words, format!("run the check where {action} can be called"))
            }
            Self::Failed(reason) => {
                let fix = format!("see what {action} says, and check again; {}", reason.cause().fix());
                Finding::unanswered(item, words, fix)
            }
            Self::Unreadable(_) => Finding::unanswered(item, words, format!("see what {action} says, and check again")),
        }
    }

    /// Makes a finding of a call that the service makes too, at the same address: it would fail as well where no host
    /// answers.
    pub(super) fn weighed(&self, item: Item, action: &str, endpoint: &str) -> Finding {
        match self {
            Self::Unreachable(reason) => {
                let fix = match reason.cause() {
                    AwsCause::Certificate => reason.cause().fix().to_owned(),
                    _ => format!(
                        "give the network {endpoint}, and its security group a rule for port 443; check AWS_REGION and DNS"
                    ),
                };
                Finding::error(item, reason.words(), fix)
            }
            _ => self.unasked(item, action),
        }
    }
}
