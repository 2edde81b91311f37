//! The ARN of an IAM role.

use std::fmt;

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
            && role.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@/-".contains(c));
        fits.then(|| Self { arn: arn.to_owned(), partition: partition.to_owned(), account: account.to_owned() })
    }

    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.arn
    }

    /// The partition, such as `aws`.
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// The ARN of a user profile in the role's account.
    pub fn user_profile(&self, region: &str, domain: &str, user: &str) -> String {
        let Self { partition, account, .. } = self;
        format!("arn:{partition}:sagemaker:{region}:{account}:user-profile/{domain}/{user}")
    }

    /// The account's twelve digits.
    pub fn account(&self) -> &str {
        &self.account
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.arn)
    }
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
}
