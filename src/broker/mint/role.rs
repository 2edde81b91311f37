//! One session of the minting role for one mint: the human's name on it, and no more in it than their own profile.

use std::fmt;

use aws_config::SdkConfig;
use aws_sdk_sagemaker::config::Credentials;
use aws_sdk_sts::Client;
use serde_json::json;

use super::MintError;
use crate::broker::once::Grant;

/// How long a session lasts, in seconds: the longest that AWS allows for one role assumed by another
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining>). Its credentials never leave
/// this process; that Studio itself goes on after the session's end is not documented.
const SESSION_SECONDS: i32 = 3600;

/// The fewest characters of a session name or source identity.
const SHORTEST_NAME: usize = 2;

/// The ARN of an IAM role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleArn {
    arn: String,
    partition: String,
    account: String,
}

impl RoleArn {
    /// Takes `arn` if it is `arn:PARTITION:iam::ACCOUNT:role/…`.
    pub fn parse(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let mut next = || parts.next();
        let (scheme, partition, service, region, account, role) =
            (next()?, next()?, next()?, next()?, next()?, next()?);
        let fits = scheme == "arn"
            && partition.starts_with("aws")
            && partition.chars().all(|c| c.is_ascii_lowercase() || c == '-')
            && service == "iam"
            && region.is_empty()
            && account.len() == 12
            && account.chars().all(|c| c.is_ascii_digit())
            && role.strip_prefix("role/").is_some_and(|name| !name.is_empty())
            && role.chars().all(|c| c.is_ascii_graphic());
        fits.then(|| Self { arn: arn.to_owned(), partition: partition.to_owned(), account: account.to_owned() })
    }

    /// The ARN of a user profile in the role's account.
    pub fn user_profile(&self, region: &str, domain: &str, user: &str) -> String {
        let Self { partition, account, .. } = self;
        format!("arn:{partition}:sagemaker:{region}:{account}:user-profile/{domain}/{user}")
    }

    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.arn
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.arn)
    }
}

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
        let user = grant.user();
        let profile = |user: &str| self.arn.user_profile(&self.region, grant.domain().as_str(), user);
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
    fn a_role_is_an_arn_of_iam() {
        for arn in ["arn:aws:iam::111122223333:role/mint", "arn:aws-cn:iam::111122223333:role/path/mint"] {
            assert_eq!(RoleArn::parse(arn).map(|role| role.to_string()).as_deref(), Some(arn));
        }
        for arn in [
            "",
            "mint",
            "arn:aws:iam::111122223333:user/mint",
            "arn:aws:iam::1111:role/mint",
            "arn:aws:iam:eu-central-1:111122223333:role/mint",
            "arn:aws:sts::111122223333:assumed-role/mint/session",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333:role/mint mint",
            "arn:aws*:iam::111122223333:role/mint",
        ] {
            assert_eq!(RoleArn::parse(arn), None, "{arn}");
        }
    }

    #[test]
    fn a_name_of_one_character_is_lengthened_to_what_nobody_is_called() {
        assert_eq!(session_name("a"), "a-");
        assert_eq!(session_name("ab"), "ab");
        assert!(crate::identity::UserProfileName::parse("a-").is_none());
    }
}
