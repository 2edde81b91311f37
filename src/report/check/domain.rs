//! A Studio domain: whether presigned URLs open it, and whether what is done there carries a name.

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::error::ProvideErrorMetadata as _;
use aws_sdk_sagemaker::operation::describe_domain::DescribeDomainOutput;
use aws_sdk_sagemaker::types::{
    AppNetworkAccessType, AuthMode, DomainStatus, ExecutionRoleIdentityConfig, ExecutionRoleSessionNameMode,
};

use super::answer::NoAnswer;
use super::finding::Finding;
use super::item::Item;
use studio_acs_identity::DomainId;

/// The known facts of a domain.
pub(super) struct DescribedDomain {
    pub(super) findings: Vec<Finding>,
    /// The role that its users work as, if they are given one.
    pub(super) execution_role: Option<String>,
    /// Why no answer came, where that says something of SageMaker and not of the domain.
    pub(super) no_answer: Option<NoAnswer>,
}

pub(super) async fn look(client: &Client, domain: &DomainId) -> DescribedDomain {
    let id = domain.as_str();
    let (findings, execution_role, no_answer) = match client.describe_domain().domain_id(id).send().await {
        Ok(domain) => (findings(&domain), execution_role(&domain), None),
        Err(error) if error.code() == Some("ResourceNotFound") => {
            let found = "there is no such domain in this region and account";
            let fix = "correct the ID, AWS_REGION or the account; the console shows the ID under Domain settings";
            (vec![Finding::error(Item::Domain, found, fix)], None, None)
        }
        Err(error) => {
            let no_answer = NoAnswer::of(&error);
            (vec![no_answer.unasked(Item::Domain, "sagemaker:DescribeDomain")], None, Some(no_answer))
        }
    };
    DescribedDomain {
        findings: findings.into_iter().map(|finding| finding.about(id)).collect(),
        execution_role,
        no_answer,
    }
}

fn findings(domain: &DescribeDomainOutput) -> Vec<Finding> {
    vec![status(domain), auth_mode(domain), network(domain), session_name(domain), source_identity(domain)]
}

fn execution_role(domain: &DescribeDomainOutput) -> Option<String> {
    domain.default_user_settings()?.execution_role().map(str::to_owned)
}

fn status(domain: &DescribeDomainOutput) -> Finding {
    let found = domain.status().map_or("no status", DomainStatus::as_str);
    match domain.status() {
        Some(DomainStatus::InService) => Finding::ok(Item::Domain, found),
        Some(DomainStatus::Updating | DomainStatus::Pending | DomainStatus::UpdateFailed) => Finding::warning(
            Item::Domain,
            found,
            "wait until it is InService, or see its FailureReason, and check again",
        ),
        _ => Finding::error(Item::Domain, found, "see its FailureReason in the console; no URL opens it as it is"),
    }
}

/// Only domains with IAM authentication have presigned URLs
/// (<https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePresignedDomainUrl.html>).
fn auth_mode(domain: &DescribeDomainOutput) -> Finding {
    match domain.auth_mode() {
        Some(AuthMode::Iam) => Finding::ok(Item::DomainAuthMode, "IAM"),
        other => Finding::error(
            Item::DomainAuthMode,
            other.map_or("no AuthMode", AuthMode::as_str),
            "create a domain with AuthMode IAM: the mode cannot be changed, and no presigned URL opens another",
        ),
    }
}

fn network(domain: &DescribeDomainOutput) -> Finding {
    match domain.app_network_access_type() {
        Some(AppNetworkAccessType::VpcOnly) => Finding::ok(Item::DomainNetwork, "VpcOnly"),
        other => Finding::warning(
            Item::DomainNetwork,
            other.map_or("PublicInternetOnly, the default", AppNetworkAccessType::as_str),
            "update the domain with AppNetworkAccessType VpcOnly, once its subnets have the endpoints that Studio needs",
        ),
    }
}

/// CloudTrail then shows which user did what with the execution role: the session's name is the one that minted the
/// URL.
fn session_name(domain: &DescribeDomainOutput) -> Finding {
    let settings = domain.default_user_settings().and_then(|settings| settings.studio_web_portal_settings());
    match settings.and_then(|settings| settings.execution_role_session_name_mode()) {
        Some(ExecutionRoleSessionNameMode::UserIdentity) => Finding::ok(Item::DomainSessionName, "USER_IDENTITY"),
        other => Finding::warning(
            Item::DomainSessionName,
            other.map_or("not set: all are called SageMaker", ExecutionRoleSessionNameMode::as_str),
            "set DefaultUserSettings.StudioWebPortalSettings.ExecutionRoleSessionNameMode to USER_IDENTITY",
        ),
    }
}

fn source_identity(domain: &DescribeDomainOutput) -> Finding {
    match domain.domain_settings().and_then(|settings| settings.execution_role_identity_config()) {
        Some(ExecutionRoleIdentityConfig::UserProfileName) => {
            Finding::ok(Item::DomainSourceIdentity, "USER_PROFILE_NAME")
        }
        other => Finding::warning(
            Item::DomainSourceIdentity,
            other.map_or("not set", ExecutionRoleIdentityConfig::as_str),
            "set DomainSettings.ExecutionRoleIdentityConfig to USER_PROFILE_NAME, with sts:SetSourceIdentity in the role's trust policy; apps must be stopped",
        ),
    }
}
