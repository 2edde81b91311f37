//! The execution role that a domain gives its users: what its policies let them do beyond their own work.

use aws_sdk_iam::Client;
use aws_sdk_iam::error::{ProvideErrorMetadata, SdkError};

use super::answer::NoAnswer;
use super::finding::Finding;
use super::item::Item;
use super::policy::{Allowed, Policies};

/// AWS's policies that hold, among much else, what the items below ask for.
const FULL_ACCESS: &[&str] = &["AdministratorAccess", "AmazonSageMakerFullAccess", "IAMFullAccess", "PowerUserAccess"];

/// The role `arn`, of users of `domain` in `region`.
#[derive(Debug, Clone)]
pub(super) struct Role {
    pub(super) arn: String,
    pub(super) domain: String,
    pub(super) region: String,
}

pub(super) async fn findings(client: &Client, role: &Role) -> Vec<Finding> {
    let findings = match read(client, role.name()).await {
        Err((action, no_answer)) => vec![no_answer.unasked(Item::ExecutionRole, action)],
        Ok((attached, policies)) => role.judged(&attached, &policies),
    };
    findings.into_iter().map(|finding| finding.about(&role.arn)).collect()
}

type Unread = (&'static str, NoAnswer);

/// The names of the role's managed policies, and what all its policies say.
async fn read(client: &Client, name: &str) -> Result<(Vec<String>, Policies), Unread> {
    let (mut names, mut policies) = (Vec::new(), Policies::default());
    let attached = client.list_attached_role_policies().role_name(name).into_paginator().items().send();
    let attached = attached.collect::<Result<Vec<_>, _>>().await.map_err(unread("iam:ListAttachedRolePolicies"))?;
    for policy in attached {
        let (name, arn) = (policy.policy_name().unwrap_or_default(), policy.policy_arn().unwrap_or_default());
        names.push(name.to_owned());
        let described = client.get_policy().policy_arn(arn).send().await.map_err(unread("iam:GetPolicy"))?;
        let version = described.policy().and_then(|policy| policy.default_version_id()).unwrap_or_default();
        let version = client.get_policy_version().policy_arn(arn).version_id(version).send().await;
        let version = version.map_err(unread("iam:GetPolicyVersion"))?;
        let document = version.policy_version().and_then(|version| version.document()).unwrap_or_default();
        policies.add(name, document).ok_or_else(|| unreadable("iam:GetPolicyVersion", name))?;
    }
    let inline = client.list_role_policies().role_name(name).into_paginator().items().send();
    let inline = inline.collect::<Result<Vec<_>, _>>().await.map_err(unread("iam:ListRolePolicies"))?;
    for policy in inline {
        let answer = client.get_role_policy().role_name(name).policy_name(&policy).send().await;
        let answer = answer.map_err(unread("iam:GetRolePolicy"))?;
        policies.add(&policy, answer.policy_document()).ok_or_else(|| unreadable("iam:GetRolePolicy", &policy))?;
    }
    Ok((names, policies))
}

fn unread<E: ProvideErrorMetadata>(action: &'static str) -> impl Fn(SdkError<E>) -> Unread {
    move |error| (action, NoAnswer::of(&error))
}

fn unreadable(action: &'static str, policy: &str) -> Unread {
    (action, NoAnswer::Unreadable(format!("the document of {policy} cannot be read")))
}

impl Role {
    /// The name, after the path.
    fn name(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or_default()
    }

    /// Each question is about a resource that no setting names: an action allowed there is allowed anywhere.
    fn judged(&self, attached: &[String], policies: &Policies) -> Vec<Finding> {
        let mut parts = self.arn.split(':').skip(1);
        let (partition, account) = (parts.next().unwrap_or("aws"), parts.nth(2).unwrap_or_default());
        let Self { domain, region, .. } = self;
        let profile = format!("arn:{partition}:sagemaker:{region}:{account}:user-profile/{domain}/studio-acs-check");
        let role = format!("arn:{partition}:iam::{account}:role/studio-acs-check");
        let object = format!("arn:{partition}:s3:::studio-acs-check/object");
        let s3 = ["s3:GetObject", "s3:PutObject"].iter().find_map(|action| policies.allows(action, &object));
        vec![
            Finding::ok(Item::ExecutionRole, "read; boundaries and the organisation's policies are not"),
            full_access(attached),
            judged(
                Item::RoleWildcard,
                policies.allows("studio-acs-check:Anything", "arn:aws:studio-acs-check:::anything"),
                Finding::error,
                "name the actions that the work needs",
            ),
            judged(
                Item::RolePresignedUrls,
                policies.allows("sagemaker:CreatePresignedDomainUrl", &profile),
                Finding::error,
                "allow sagemaker:CreatePresignedDomainUrl on …:user-profile/${sagemaker:DomainId}/${sagemaker:UserProfileName} alone: users would open Studio as each other",
            ),
            judged(
                Item::RolePassRole,
                policies.allows("iam:PassRole", &role),
                Finding::warning,
                "allow iam:PassRole on the roles that jobs are meant to have, with the condition iam:PassedToService",
            ),
            judged(Item::RoleS3, s3, Finding::warning, "name the buckets that the work needs in Resource"),
        ]
    }
}

fn full_access(attached: &[String]) -> Finding {
    let found: Vec<_> = attached.iter().map(String::as_str).filter(|name| FULL_ACCESS.contains(name)).collect();
    if found.is_empty() {
        return Finding::ok(Item::RoleFullAccess, "none");
    }
    let fix = "detach it, and attach a policy with what the work needs";
    Finding::error(Item::RoleFullAccess, found.join(", "), fix)
}

/// A condition may narrow it to the intended resources: a reader of the policy can tell.
fn judged(item: Item, allowed: Option<Allowed>, bad: fn(Item, String, String) -> Finding, fix: &str) -> Finding {
    match allowed {
        None => Finding::ok(item, "yes"),
        Some(Allowed { policy, conditional: false }) => bad(item, format!("{policy} allows more"), fix.to_owned()),
        Some(Allowed { policy, conditional: true }) => {
            let found = format!("{policy} allows more, under a condition");
            Finding::warning(item, found, format!("see whether its condition is enough; if not, {fix}"))
        }
    }
}
