//! One session of the minting role for one mint: the human's name on it, and no more in it than their own profile.

use aws_config::SdkConfig;
use aws_sdk_sagemaker::config::Credentials;
use aws_sdk_sts::Client;
use serde_json::json;

use super::MintError;
use crate::broker::once::Grant;
use crate::role_arn::RoleArn;

/// How long a session lasts, in seconds: the longest that AWS allows for one role assumed by another
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining>). Its credentials never leave
/// this process; that Studio itself goes on after the session's end is not documented.
const SESSION_SECONDS: i32 = 3600;

/// The fewest characters of a session name or source identity.
const SHORTEST_NAME: usize = 2;

/// The role, and how to assume it.
#[derive(Debug)]
pub(super) struct Role {
    client: Client,
    arn: RoleArn,
    region: String,
}

impl Role {
    pub(super) fn new(sdk: &SdkConfig, arn: RoleArn) -> Self {
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        Self { client: Client::new(sdk), arn, region }
    }

    /// Credentials that may mint for the grant's user profile and for nothing else. They are for one call.
    pub(super) async fn session(&self, grant: &Grant) -> Result<Credentials, MintError> {
        let name = session_name(grant.user().as_str());
        let answer = self
            .client
            .assume_role()
            .role_arn(self.arn.as_str())
            .role_session_name(&name)
            .source_identity(&name)
            .duration_seconds(SESSION_SECONDS)
            .policy(self.policy(grant))
            .send()
            .await
            .map_err(|error| MintError::from_role(&error))?;
        let credentials = answer.credentials().ok_or(MintError::RoleUnreadable)?;
        Ok(Credentials::new(
            credentials.access_key_id(),
            credentials.secret_access_key(),
            Some(credentials.session_token().to_owned()),
            None,
            "mint-role",
        ))
    }

    /// What is left of the role's rights in this session. Names of user profiles are not case sensitive and their ARNs
    /// have them in lower case; a policy compares as they stand.
    fn policy(&self, grant: &Grant) -> String {
        let (partition, account) = (self.arn.partition(), self.arn.account());
        let (region, domain, user) = (&self.region, grant.domain(), grant.user());
        let profile = |user: &str| format!("arn:{partition}:sagemaker:{region}:{account}:user-profile/{domain}/{user}");
        let mut profiles = vec![profile(user.as_str()), profile(&user.as_str().to_ascii_lowercase())];
        profiles.dedup();
        json!({
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "sagemaker:CreatePresignedDomainUrl", "Resource": profiles}],
        })
        .to_string()
    }
}

/// The user as CloudTrail will show them. STS wants two characters; a profile's name never ends in a hyphen, so that no
/// two users share a session name.
fn session_name(user: &str) -> String {
    if user.len() < SHORTEST_NAME { format!("{user}-") } else { user.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_one_character_is_lengthened_to_what_nobody_is_called() {
        assert_eq!(session_name("a"), "a-");
        assert_eq!(session_name("ab"), "ab");
        assert!(crate::identity::UserProfileName::parse("a-").is_none());
    }
}
