//! An [`AwsCause`]: why AWS did not do what it was asked, with the operator's next step.

mod answer;

pub(crate) use answer::cause_of;

/// Declares the causes, each with its stable name, its meaning and its fix, so that none of the three can be missing.
macro_rules! causes {
    ($($cause:ident = $name:literal, $meaning:literal, $fix:literal;)*) => {
        /// The cause of a call to AWS that gave no result.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum AwsCause {
            $(#[doc = concat!("The cause that ", $meaning, ".")] $cause,)*
        }

        impl AwsCause {
            /// All causes, in the order of their list.
            pub const ALL: &[Self] = &[$(Self::$cause),*];

            /// Returns the stable name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$cause => $name,)* }
            }

            /// Returns the cause, as a sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$cause => $meaning,)* }
            }

            /// Returns the operator's next step.
            pub fn fix(self) -> &'static str {
                match self { $(Self::$cause => $fix,)* }
            }
        }
    };
}

causes! {
    Clock = "aws_clock",
        "the clocks of this host and of AWS differ",
        "set this host's clock right, by NTP; a container has its host's clock";
    CredentialsExpired = "aws_credentials_expired",
        "the service's credentials have expired",
        "give the service a role of its host or task, whose credentials are renewed; take AWS_SESSION_TOKEN and its keys out of the environment";
    CredentialsUnknown = "aws_credentials_unknown",
        "AWS does not know the service's credentials",
        "see which credentials the service finds (AWS_ACCESS_KEY_ID, AWS_PROFILE, a role): the key is deleted or inactive, of another partition, or the account has not enabled the Region";
    CredentialsMissing = "aws_credentials_missing",
        "the service finds no credentials",
        "give the service a role of its host, task or function, or AWS_PROFILE; studio-acs check --online says which it finds";
    Signature = "aws_signature",
        "the signature does not fit the access key",
        "correct AWS_SECRET_ACCESS_KEY; if it is right, a proxy changes the calls: let it pass them as they are";
    RegionMismatch = "aws_region_mismatch",
        "the call was signed for another Region than its endpoint's",
        "make AWS_REGION and the endpoint (AWS_ENDPOINT_URL, the VPC endpoint) the same Region";
    RegionOff = "aws_region_off",
        "the Region is not enabled for this account",
        "enable the Region in the account, and STS in it (IAM, Account settings), or correct AWS_REGION";
    TagSession = "aws_tag_session",
        "the session's tags are not allowed",
        "allow sts:TagSession beside sts:AssumeRole, in the trust policy of the minting role and in the service's policy; or take the tags out of the ledger's entry";
    SetSourceIdentity = "aws_set_source_identity",
        "the session's source identity is not allowed",
        "allow sts:SetSourceIdentity beside sts:AssumeRole, in the trust policy of the minting role and in the service's policy";
    ServiceControlPolicy = "aws_service_control_policy",
        "a service control policy of the organization denies the call",
        "let the organization's administrator except the role that AWS names; the account's own policies cannot";
    ResourceControlPolicy = "aws_resource_control_policy",
        "a resource control policy of the organization denies the call",
        "let the organization's administrator except the role that AWS names; the account's own policies cannot";
    PermissionsBoundary = "aws_permissions_boundary",
        "the permissions boundary of the role does not allow the call",
        "allow the action in the permissions boundary of the role that AWS names, beside its policy";
    SessionPolicy = "aws_session_policy",
        "the session policy does not allow the call",
        "compare the resource that AWS names with the ledger's entry (domain, Region, account): the service limits each session to the user's own profile";
    EndpointPolicy = "aws_endpoint_policy",
        "the VPC endpoint policy does not allow the call",
        "allow the action, the caller and the resource that AWS names in the policy of the VPC endpoint";
    TrustPolicy = "aws_trust_policy",
        "the trust policy of the role does not allow the call",
        "allow the service's role sts:AssumeRole, sts:SetSourceIdentity and sts:TagSession in the trust policy of the minting role";
    ResourcePolicy = "aws_resource_policy",
        "the policy of the resource does not allow the call",
        "allow the caller that AWS names in the policy of the resource; a role's is its trust policy";
    IdentityPolicy = "aws_identity_policy",
        "the policies of the caller do not allow the call",
        "allow the action on the resource in the policy of the role that AWS names, or remove what denies it there";
    PassRole = "aws_pass_role",
        "the execution role may not be passed to SageMaker",
        "allow iam:PassRole on the entry's execution role in the policy of the minting role, or correct the entry";
    KmsKey = "aws_kms_key",
        "the encryption key may not be used",
        "allow the caller kms:Decrypt in the key's policy and in its own, and see that the key is enabled";
    AssumeRole = "aws_assume_role",
        "the service may not assume the role",
        "check the role's trust policy, the service's right to sts:AssumeRole and sts:SetSourceIdentity on it, and that the role exists";
    ExplicitDeny = "aws_explicit_deny",
        "a policy denies the call explicitly",
        "look for a Deny that covers the action: in service control policies, the role's policies and boundary, and the endpoint's policy";
    Denied = "aws_denied",
        "the caller may not make the call",
        "check the role's policy for the action on this resource; then the endpoint's policy, the boundary and the organization's policies";
    AuthMode = "aws_auth_mode",
        "the domain does not use IAM authentication, and SageMaker makes these URLs for no other AuthMode",
        "use a domain with AuthMode IAM; the mode of a domain cannot be changed";
    DomainNotFound = "aws_domain_not_found",
        "the domain does not exist in that account and Region",
        "compare the entry's or attribute's domain with the account of the minting role, and AWS_REGION with the domain's Region";
    ProfileNotFound = "aws_profile_not_found",
        "the user profile does not exist in that domain",
        "create the user profile, correct its name in the ledger or the attribute, or let the service make it (STUDIO_ACS_PROVISION)";
    NotFound = "aws_not_found",
        "something that the call names does not exist",
        "create it, or correct its name, its Region or its account";
    State = "aws_state",
        "the user profile, the domain or the space is in a state that does not allow the call",
        "look at its status: wait until it is InService, or repair one that Failed";
    Quota = "aws_quota",
        "a quota of the account is used up",
        "ask AWS for a higher quota, or remove what is no longer used";
    SessionTooLarge = "aws_session_too_large",
        "the session's policy and tags are too large together",
        "shorten the tags of the ledger's entry, or have fewer of them";
    SourceIdentityTooLong = "aws_source_identity_too_long",
        "STS here takes no source identity of that length",
        "use a shorter user name: STS in this Region has the former limit of 64 characters";
    Invalid = "aws_invalid",
        "AWS does not accept a value of the call",
        "correct the value that AWS names, in the ledger's entry or in the settings";
    WrongEndpoint = "aws_wrong_endpoint",
        "the endpoint is another service's",
        "correct AWS_ENDPOINT_URL and its relatives, and the private DNS name of the VPC endpoint";
    Throttled = "aws_throttled",
        "AWS throttles the calls of the account",
        "wait a minute; if it lasts, find out who else calls in the account, and ask AWS for a higher quota";
    AwsFailed = "aws_failed",
        "AWS failed",
        "let the user sign in again; if it lasts, look at the AWS Health Dashboard of the Region";
    ProxyAuth = "aws_proxy_authentication",
        "a proxy asks for a user name and password",
        "let the service reach AWS without the proxy, by VPC endpoints, or let the proxy pass it without a password";
    NotAws = "aws_other_host",
        "a proxy, a firewall or a captive portal answered in the place of AWS",
        "let the network pass calls to AWS's endpoints as they are, and check AWS_ENDPOINT_URL and the VPC endpoints";
    GatewayFailed = "aws_gateway",
        "AWS's endpoint, or a proxy before it, failed without an error code",
        "let the user sign in again; if it lasts, look at the proxy, if there is one, and at the AWS Health Dashboard";
    TimedOut = "aws_timeout",
        "no answer came in time",
        "check the VPC endpoints, their security groups and routes; where the network is slow, raise the time-out";
    Dns = "aws_dns",
        "DNS knows no address of AWS's endpoint",
        "check AWS_REGION, the private DNS name of the VPC endpoint, and the network's resolver";
    Certificate = "aws_certificate",
        "the certificate of the host that answered is not under the trusted roots, as where a proxy decrypts the connection",
        "let connections to AWS pass undecrypted, or name the proxy's roots in AWS_CA_BUNDLE";
    Unreachable = "aws_unreachable",
        "no connection to AWS's endpoint can be opened",
        "check the VPC endpoints, their security groups, routes, DNS and AWS_REGION";
    Unreadable = "aws_unreadable",
        "the answer is not one of AWS's API",
        "check AWS_ENDPOINT_URL, and let the network pass calls to AWS's endpoints as they are";
    Other = "aws_other",
        "AWS answered with an error that is not known here",
        "look at AWS's own words";
}

impl AwsCause {
    /// Returns the cause that a reason ends with, as [`AwsReason`](crate::AwsReason) shows it; `None` where it has none.
    pub fn of_text(reason: &str) -> Option<Self> {
        let has = |cause: &&Self| reason.contains(cause.meaning()) && reason.contains(cause.fix());
        Self::ALL.iter().find(has).copied()
    }

    /// Returns whether AWS says that the caller may not.
    pub fn is_denial(self) -> bool {
        (Self::TagSession..=Self::Denied).contains(&self)
    }

    /// Returns whether no host of AWS answered.
    pub fn is_unreachable(self) -> bool {
        matches!(self, Self::Dns | Self::Certificate | Self::Unreachable)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_cause_has_a_name_and_a_fix_of_its_own() {
        let names: BTreeSet<_> = AwsCause::ALL.iter().map(|cause| cause.name()).collect();
        assert_eq!(names.len(), AwsCause::ALL.len());
        for cause in AwsCause::ALL {
            assert!(cause.name().starts_with("aws_") && !cause.meaning().is_empty() && !cause.fix().is_empty());
            assert!(!cause.fix().ends_with('.') && cause.fix().len() < 220, "{cause:?}");
        }
    }

    #[test]
    fn a_denial_is_of_a_policy_or_a_right() {
        let denials: Vec<_> = AwsCause::ALL.iter().filter(|cause| cause.is_denial()).collect();
        assert_eq!(denials.len(), 15, "{denials:?}");
        for other in [AwsCause::RegionOff, AwsCause::AuthMode, AwsCause::Clock, AwsCause::NotAws] {
            assert!(!other.is_denial(), "{other:?}");
        }
    }
}
