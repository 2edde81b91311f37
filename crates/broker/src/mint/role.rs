//! One session of a role for one call: with the user's name on it, and only their own profile in it.

use std::ops::RangeInclusive;

use aws_config::{Region, SdkConfig};
use aws_lc_rs::digest::{SHA256, digest};
use aws_sdk_sagemaker::config::{Builder, Config, Credentials};
use aws_sdk_sts::Client;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::types::Tag;
use serde_json::{Value, json};

use super::MintError;
use studio_acs_aws::Attempts;
use studio_acs_identity::Identity;
use studio_acs_identity::RoleArn;
use studio_acs_ledger::Entitlement;
use studio_acs_refusal::hex;

/// How long a session lasts, in seconds: the longest that AWS allows for one role assumed by another
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining>). Its credentials never leave
/// this process; that Studio itself goes on after the session's end is not documented.
const SESSION_SECONDS: i32 = 3600;

/// The characters of a session name and of a source identity, which was as short once: by STS's model in botocore 1.44.8,
/// and <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>.
const SESSION_NAME: RangeInclusive<usize> = 2..=64;
const SOURCE_IDENTITY: RangeInclusive<usize> = 2..=256;

/// The purpose of a session.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Use {
    /// `CreatePresignedDomainUrl`.
    Mint,
    /// `CreateUserProfile`.
    Provision,
    /// `DescribeUserProfile`, to see how it goes.
    Look,
}

/// Makes sessions: of the entry's own role, or else of the one that is configured.
#[derive(Debug)]
pub(crate) struct Sessions {
    client: Client,
    role: Option<RoleArn>,
    region: String,
}

impl Sessions {
    pub(crate) fn new(sdk: &SdkConfig, role: Option<RoleArn>) -> Self {
        let region = sdk.region().map(ToString::to_string).unwrap_or_default();
        Self { client: Client::new(sdk), role, region }
    }

    /// The configuration of one call: the entry's region, and credentials only for this user's profile. They are for
    /// one call. Without any role the service's own credentials call.
    pub(crate) async fn call(
        &self,
        who: &Identity,
        what: &Entitlement,
        purpose: Use,
        attempts: &Attempts<AssumeRoleError>,
    ) -> Result<Builder, MintError> {
        let mut call = Config::builder();
        if let Some(region) = what.region() {
            call = call.region(Region::new(region.to_owned()));
        }
        let role = what.role().or(self.role.as_ref());
        if let Some(entry) = what.account().filter(|account| role.is_none_or(|role| role.account() != *account)) {
            let role = role.map_or("no account: there is no role", RoleArn::account).to_owned();
            return Err(MintError::RoleElsewhere { entry: entry.to_owned(), role });
        }
        Ok(match role {
            Some(role) => call.credentials_provider(self.session(role, who, what, purpose, attempts).await?),
            None => call,
        })
    }

    async fn session(
        &self,
        role: &RoleArn,
        who: &Identity,
        what: &Entitlement,
        purpose: Use,
        attempts: &Attempts<AssumeRoleError>,
    ) -> Result<Credentials, MintError> {
        let tags: Option<Vec<_>> =
            what.tags().iter().map(|(key, value)| Tag::builder().key(key).value(value).build().ok()).collect();
        let answer = self
            .client
            .assume_role()
            .role_arn(role.as_str())
            .role_session_name(name(who.user(), SESSION_NAME))
            .source_identity(name(who.user(), SOURCE_IDENTITY))
            .set_tags(tags.filter(|tags| !tags.is_empty()))
            .duration_seconds(SESSION_SECONDS)
            .policy(self.policy(role, what, purpose))
            .customize()
            .interceptor(attempts.clone())
            .send()
            .await
            .map_err(|error| MintError::from_role(&error, attempts))?;
        let credentials = answer.credentials().ok_or(MintError::RoleUnreadable)?;
        Ok(Credentials::new(
            credentials.access_key_id(),
            credentials.secret_access_key(),
            Some(credentials.session_token().to_owned()),
            None,
            "mint-role",
        ))
    }

    /// The role's rights that are left in this session. Names of user profiles are not case sensitive and their ARNs
    /// have them in lower case; a policy compares as they stand.
    fn policy(&self, role: &RoleArn, what: &Entitlement, purpose: Use) -> String {
        let region = what.region().unwrap_or(&self.region);
        let (profile, domain) = (what.profile().as_str(), what.domain().as_str());
        let mut profiles = vec![
            role.user_profile(region, domain, profile),
            role.user_profile(region, domain, &profile.to_ascii_lowercase()),
        ];
        profiles.dedup();
        let allow = |actions: Value| json!({"Effect": "Allow", "Action": actions, "Resource": profiles});
        let statements = match (purpose, what.provision()) {
            (Use::Provision, Some(provision)) => json!([
                allow(json!(["sagemaker:AddTags", "sagemaker:CreateUserProfile"])),
                {
                    "Effect": "Allow",
                    "Action": "iam:PassRole",
                    "Resource": provision.execution_role().as_str(),
                    "Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
                },
            ]),
            (Use::Look, _) => json!([allow("sagemaker:DescribeUserProfile".into())]),
            (Use::Mint | Use::Provision, _) => json!([allow("sagemaker:CreatePresignedDomainUrl".into())]),
        };
        json!({"Version": "2012-10-17", "Statement": statements}).to_string()
    }
}

/// The user as CloudTrail will show them: as they are called, where STS takes that; or what it takes of it, and a hash, so
/// that no two users share a name. A name that is too long for both is the same in both.
fn name(user: &str, length: RangeInclusive<usize>) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_=,.@-".contains(c);
    if length.contains(&user.len()) && user.chars().all(fits) {
        return user.to_owned();
    }
    let part: String = user.chars().map(|c| if fits(c) { c } else { '-' }).take(40).collect();
    let hash: String = hex(digest(&SHA256, user.as_bytes()).as_ref()).chars().take(20).collect();
    // A plus is in no name that is taken as it is.
    format!("{part}+{hash}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_the_users_name_where_sts_takes_it() {
        for user in ["ab", "alice", "alice.b@corp.example", &"a".repeat(64)] {
            assert_eq!(name(user, SESSION_NAME), user);
            assert_eq!(name(user, SOURCE_IDENTITY), user);
        }
    }

    #[test]
    fn a_source_identity_is_whole_up_to_its_own_length() {
        for length in [65, 66, 128, 255, 256] {
            let user = format!("{}@corp.example", "a".repeat(length - 13));
            assert_eq!(name(&user, SOURCE_IDENTITY), user);
            let session = name(&user, SESSION_NAME);
            assert!(SESSION_NAME.contains(&session.len()) && session.contains('+'), "{session}");
        }
        let user = "a".repeat(257);
        assert_eq!(name(&user, SOURCE_IDENTITY), name(&user, SESSION_NAME));
    }

    #[test]
    fn other_names_are_told_apart_by_a_hash() {
        let names = ["a", "b", "ä b", "ö b", "a+b", "a b", "a/b", &"a".repeat(65), &"a".repeat(66)];
        let names = names.map(|user| name(user, SESSION_NAME));
        for (at, name) in names.iter().enumerate() {
            assert!(SESSION_NAME.contains(&name.len()) && name.contains('+'), "{name}");
            assert!(!names[..at].contains(name), "{name}");
        }
    }
}
