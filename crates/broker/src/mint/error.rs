//! The reason why no URL was minted.

use aws_sdk_sagemaker::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sagemaker::operation::create_presigned_domain_url::CreatePresignedDomainUrlError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;

use studio_acs_aws::{Attempts, AwsCause, AwsReason};
use studio_acs_refusal::broken_rules;

const SAGEMAKER: &str = "SageMaker";
const STS: &str = "STS";

/// Why no URL was minted, with AWS's own words where AWS said why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MintError {
    /// The minting role may not.
    #[error("the call was denied: {0}")]
    Denied(AwsReason),
    /// Another error of the service.
    #[error("the call failed: {0}")]
    Failed(AwsReason),
    /// No such user profile exists, or no such domain.
    #[error("expected the user profile in that domain, found none: {0}")]
    ProfileNotFound(AwsReason),
    /// The service may not assume the minting role.
    #[error("the minting role cannot be assumed: {0}")]
    RoleDenied(AwsReason),
    /// STS fails otherwise.
    #[error("there is no session of the minting role: {0}")]
    RoleFailed(AwsReason),
    /// STS gave no credentials.
    #[error("STS answered without credentials")]
    RoleUnreadable,
    /// The ledger's entry is of an account that the role is not of.
    #[error("the ledger's entry is of account {entry}, and the role that mints of {role}")]
    RoleElsewhere {
        /// The entry's account.
        entry: String,
        /// The role's, or a text that says that no role is set.
        role: String,
    },
    /// Too many calls.
    #[error("{0}")]
    Throttled(AwsReason),
    /// No answer within the time allowed.
    #[error("{0}")]
    TimedOut(AwsReason),
    /// No connection.
    #[error("{0}")]
    Unreachable(AwsReason),
    /// A URL that does not lead to Studio.
    #[error("SageMaker returned no URL, or one that is not https under sagemaker.aws")]
    UrlForbidden,
}

broken_rules!(MintError {
    Self::ProfileNotFound(_), Self::ProfileNotFound(AwsReason::timed_out()) => "mint", "profile_not_found", "SageMaker has the user profile in that domain";
    Self::RoleDenied(_), Self::RoleDenied(AwsReason::timed_out()) => "mint", "mint_role_denied", "the service may assume the minting role";
    Self::RoleElsewhere { .. }, Self::RoleElsewhere { entry: String::new(), role: String::new() } => "mint", "mint_role_failed", "the minting role belongs to the account of the ledger's entry";
    Self::RoleFailed(_), Self::RoleFailed(AwsReason::timed_out()) => "mint", "mint_role_failed", "STS gives the minting role without another error";
    Self::RoleUnreadable, Self::RoleUnreadable => "mint", "mint_role_failed", "STS gives credentials of the minting role";
    Self::Denied(_), Self::Denied(AwsReason::timed_out()) => "mint", "mint_denied", "the role may mint";
    Self::Throttled(_), Self::Throttled(AwsReason::timed_out()) => "mint", "mint_throttled", "SageMaker and STS do not throttle";
    Self::TimedOut(_), Self::TimedOut(AwsReason::timed_out()) => "mint", "mint_timeout", "SageMaker and STS answer in time";
    Self::Unreachable(_), Self::Unreachable(AwsReason::timed_out()) => "mint", "mint_unreachable", "SageMaker and STS are reachable";
    Self::Failed(_), Self::Failed(AwsReason::timed_out()) => "mint", "mint_failed", "SageMaker answers without another error";
    Self::UrlForbidden, Self::UrlForbidden => "mint", "url_forbidden", "the URL is https under `sagemaker.aws`";
});

impl MintError {
    /// AWS's words and the cause; `None` where AWS was not asked, or answered well.
    pub fn reason(&self) -> Option<&AwsReason> {
        match self {
            Self::Denied(reason)
            | Self::Failed(reason)
            | Self::ProfileNotFound(reason)
            | Self::RoleDenied(reason)
            | Self::RoleFailed(reason)
            | Self::Throttled(reason)
            | Self::TimedOut(reason)
            | Self::Unreachable(reason) => Some(reason),
            Self::RoleUnreadable | Self::RoleElsewhere { .. } | Self::UrlForbidden => None,
        }
    }

    pub(super) fn from_mint(
        error: &SdkError<CreatePresignedDomainUrlError>,
        attempts: &Attempts<CreatePresignedDomainUrlError>,
    ) -> Self {
        match error {
            SdkError::ServiceError(answer) if answer.err().is_resource_not_found() => {
                Self::ProfileNotFound(AwsReason::of(error).said_by(SAGEMAKER))
            }
            _ => Self::from_sagemaker(error, attempts),
        }
    }

    /// The error of a call of SageMaker.
    pub(crate) fn from_sagemaker<E: ProvideErrorMetadata>(error: &SdkError<E>, attempts: &Attempts<E>) -> Self {
        match error {
            SdkError::TimeoutError(_) => Self::timed_out(attempts),
            _ => Self::of(AwsReason::of(error).said_by(SAGEMAKER), Self::Denied, Self::Failed),
        }
    }

    pub(super) fn from_role(error: &SdkError<AssumeRoleError>, attempts: &Attempts<AssumeRoleError>) -> Self {
        match error {
            SdkError::TimeoutError(_) => Self::role_timed_out(attempts),
            _ => Self::of(AwsReason::of(error).said_by(STS), Self::RoleDenied, Self::RoleFailed),
        }
    }

    /// The error of a call of SageMaker that a time-out ended.
    pub(crate) fn timed_out<E>(attempts: &Attempts<E>) -> Self {
        Self::of(attempts.timed_out().said_by(SAGEMAKER), Self::Denied, Self::Failed)
    }

    /// The error of a call of STS that a time-out ended.
    pub(crate) fn role_timed_out<E>(attempts: &Attempts<E>) -> Self {
        Self::of(attempts.timed_out().said_by(STS), Self::RoleDenied, Self::RoleFailed)
    }

    fn of(reason: AwsReason, denied: fn(AwsReason) -> Self, failed: fn(AwsReason) -> Self) -> Self {
        match reason.cause() {
            AwsCause::Throttled => Self::Throttled(reason),
            AwsCause::TimedOut => Self::TimedOut(reason),
            cause if cause.is_unreachable() => Self::Unreachable(reason),
            cause if cause.is_denial() => denied(reason),
            _ => failed(reason),
        }
    }
}
