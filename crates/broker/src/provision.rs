//! Provisioning: [`Recorded`] → a user profile that is being made, where the ledger says how.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::config::Builder;
use aws_sdk_sagemaker::operation::create_user_profile::CreateUserProfileError;
use aws_sdk_sagemaker::operation::describe_user_profile::DescribeUserProfileError;
use aws_sdk_sagemaker::types::{Tag, UserProfileStatus, UserSettings};
use tokio::time::timeout_at;

use crate::grant::Grant;
use crate::mint::{MintError, MintRules, Sessions, Use, deadline};
use crate::not_done::NotDone;
use studio_acs_audit::{Facts, Operation, Recordable, Recorded};
use studio_acs_aws::{Attempts, AwsReason};
use studio_acs_identity::Identity;
use studio_acs_ledger::Entitlement;
use studio_acs_refusal::broken_rules;

/// Makes user profiles with the real SageMaker client.
#[derive(Debug)]
pub struct Provisioner {
    client: Client,
    sessions: Sessions,
    timeout: Duration,
}

/// How far a user profile is.
#[derive(Debug)]
pub enum Progress {
    /// It can be opened.
    Ready,
    /// It is being made.
    Pending(Box<Entitlement>),
}

/// A user profile that is about to be made.
#[derive(Debug)]
pub struct Provision(pub Grant);

impl Recordable for Provision {
    const OPERATION: Operation = Operation {
        begins: false,
        call: "CreateUserProfile",
        intent: "intent: a user profile is about to be made",
        done: "outcome: a user profile is being made",
        not_done: "outcome: no user profile is being made",
        unknown: "outcome: whether a user profile is being made is unknown",
    };

    fn facts(&self, correlation_id: &str) -> Facts {
        self.0.facts(correlation_id)
    }
}

impl Provisioner {
    /// A provisioner on this AWS configuration, with the role and the time that the mint has.
    pub fn new(sdk: &SdkConfig, rules: &MintRules) -> Self {
        Self { client: Client::new(sdk), sessions: Sessions::new(sdk, rules.role.clone()), timeout: rules.timeout }
    }

    /// Whether the ledger says how the grant's user profile is made.
    pub fn may_make(&self, grant: &Grant) -> bool {
        grant.entitlement().provision().is_some()
    }

    /// Begins to make the grant's user profile, which takes SageMaker some seconds. A profile that is being made
    /// already is a success, too.
    ///
    /// # Errors
    /// [`ProvisionError`], and whether a profile may be made nevertheless.
    pub async fn begin(&self, recorded: Recorded<Provision>) -> (Grant, Result<(), NotDone<ProvisionError>>) {
        let Provision(grant) = recorded.into_inner();
        let (deadline, of_role) = (deadline(self.timeout), Attempts::default());
        let session = self.sessions.call(grant.identity(), grant.entitlement(), Use::Provision, &of_role);
        let session = timeout_at(deadline, session).await;
        let begun = match session.unwrap_or_else(|_| Err(MintError::role_timed_out(&of_role))) {
            // SageMaker was not asked.
            Err(error) => Err(NotDone::refused(error.into())),
            Ok(this_call) => {
                let attempts = Attempts::default();
                let begun = timeout_at(deadline, self.create(&grant, this_call, &attempts)).await;
                begun.unwrap_or_else(|_| Err(NotDone::after(&attempts, MintError::timed_out(&attempts).into())))
            }
        };
        (grant, begun)
    }

    async fn create(
        &self,
        grant: &Grant,
        this_call: Builder,
        attempts: &Attempts<CreateUserProfileError>,
    ) -> Result<(), NotDone<ProvisionError>> {
        let how = grant.entitlement().provision().ok_or(NotDone::refused(ProvisionError::Off))?;
        let groups = how.security_groups();
        let settings = UserSettings::builder()
            .execution_role(how.execution_role().as_str())
            .set_security_groups((!groups.is_empty()).then(|| groups.to_vec()))
            .build();
        let tags = how.tags().iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
        let tags: Vec<_> = tags.collect();
        let created = self
            .client
            .create_user_profile()
            .domain_id(grant.domain().as_str())
            .user_profile_name(grant.profile().as_str())
            .user_settings(settings)
            .set_tags((!tags.is_empty()).then_some(tags))
            .customize()
            .config_override(this_call)
            .interceptor(attempts.clone())
            .send()
            .await;
        match created {
            Ok(_) => Ok(()),
            // Another attempt of the same user was faster; or SageMaker knows the profile, but not something else.
            Err(error) if error.as_service_error().is_some_and(CreateUserProfileError::is_resource_in_use) => {
                let in_use = MintError::ProfileNotFound(AwsReason::of(&error));
                match self.describe(grant.identity(), grant.entitlement()).await {
                    Ok(Progress::Pending(_)) => Ok(()),
                    Ok(Progress::Ready) => Err(NotDone::after(attempts, in_use.into())),
                    Err(error) => Err(NotDone::after(attempts, error)),
                }
            }
            Err(error) => Err(NotDone::after(attempts, MintError::from_sagemaker(&error, attempts).into())),
        }
    }

    /// How far the user profile is that `what` names.
    ///
    /// # Errors
    /// [`ProvisionError`]; one that failed is none that can be waited for.
    pub async fn progress(&self, who: &Identity, what: &Entitlement) -> Result<Progress, ProvisionError> {
        let asked = tokio::time::timeout(self.timeout, self.describe(who, what)).await;
        asked.unwrap_or_else(|_| Err(ProvisionError::Call(MintError::TimedOut(AwsReason::timed_out()))))
    }

    async fn describe(&self, who: &Identity, what: &Entitlement) -> Result<Progress, ProvisionError> {
        what.provision().ok_or(ProvisionError::Off)?;
        let this_call = self.sessions.call(who, what, Use::Look, &Attempts::default()).await?;
        let attempts = Attempts::default();
        let described = self
            .client
            .describe_user_profile()
            .domain_id(what.domain().as_str())
            .user_profile_name(what.profile().as_str())
            .customize()
            .config_override(this_call)
            .interceptor(attempts.clone())
            .send()
            .await;
        match described {
            Ok(profile) => match profile.status() {
                Some(UserProfileStatus::InService) => Ok(Progress::Ready),
                Some(UserProfileStatus::Pending | UserProfileStatus::Updating) => {
                    Ok(Progress::Pending(Box::new(what.clone())))
                }
                status => Err(ProvisionError::Failed(status.map_or("no status", UserProfileStatus::as_str).to_owned())),
            },
            Err(error) if error.as_service_error().is_some_and(DescribeUserProfileError::is_resource_not_found) => {
                Err(ProvisionError::Failed(AwsReason::of(&error).to_string()))
            }
            Err(error) => Err(MintError::from_sagemaker(&error, &attempts).into()),
        }
    }
}

/// Why no user profile is made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProvisionError {
    /// The call failed.
    #[error("the user profile is not made: {0}")]
    Call(#[from] MintError),
    /// SageMaker began, and failed.
    #[error("the user profile was to be made, and is in state {0}")]
    Failed(String),
    /// Nothing is made here.
    #[error("user profiles are not made here, or the ledger does not say how this one is")]
    Off,
}

broken_rules!(ProvisionError {
    Self::Off, Self::Off => "provision", "provision_off", "provisioning is on, and the ledger says how the missing profile is made";
    Self::Call(MintError::Denied(_)), Self::Call(MintError::Denied(AwsReason::timed_out())) => "provision", "provision_denied", "the role may make the profile";
    Self::Call(MintError::Throttled(_)), Self::Call(MintError::Throttled(AwsReason::timed_out())) => "provision", "provision_throttled", "SageMaker and STS do not throttle the call that makes the profile";
    Self::Call(MintError::TimedOut(_)), Self::Call(MintError::TimedOut(AwsReason::timed_out())) => "provision", "provision_failed", "SageMaker and STS answer in time while a profile is made";
    Self::Call(MintError::Unreachable(_)), Self::Call(MintError::Unreachable(AwsReason::timed_out())) => "provision", "provision_failed", "SageMaker and STS are reachable while a profile is made";
    Self::Call(MintError::RoleFailed(_)), Self::Call(MintError::RoleFailed(AwsReason::timed_out())) => "provision", "provision_failed", "STS gives the minting role while a profile is made";
    Self::Call(MintError::RoleUnreadable), Self::Call(MintError::RoleUnreadable) => "provision", "provision_failed", "STS gives credentials of the minting role while a profile is made";
    Self::Call(MintError::Failed(_) | MintError::UrlForbidden), Self::Call(MintError::Failed(AwsReason::timed_out())) => "provision", "provision_failed", "SageMaker takes the call that makes the profile";
    Self::Failed(_), Self::Failed(String::new()) => "provision", "provision_failed", "the profile that is made comes into service";
} each {
    Self::Call(error @ (MintError::ProfileNotFound(_) | MintError::RoleDenied(_) | MintError::RoleElsewhere { .. }))
        in [MintError::ProfileNotFound, MintError::RoleDenied].map(|error| Self::Call(error(AwsReason::timed_out())))
        => error.broken_rule();
});
