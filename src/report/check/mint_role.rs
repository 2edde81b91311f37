//! The role that mints: assumed once, with no rights at all in the session.

use aws_sdk_sts::Client;
use studio_acs_aws::AwsCause;

use super::answer::NoAnswer;
use super::finding::Finding;
use super::item::Item;

/// The session's name in CloudTrail.
const NAME: &str = "studio-acs-check";
/// A session policy can only take away: this one takes everything.
const NOTHING: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
/// The shortest session of STS, in seconds.
const SHORTEST: i32 = 900;

/// Whether the caller can assume the role `arn`, as the mint does it: with a source identity.
pub(super) async fn finding(client: &Client, arn: &str) -> Finding {
    let assumed = client
        .assume_role()
        .role_arn(arn)
        .role_session_name(NAME)
        .source_identity(NAME)
        .policy(NOTHING)
        .duration_seconds(SHORTEST)
        .send()
        .await;
    let finding = match assumed.map_err(|error| NoAnswer::of(&error)) {
        Ok(_) => Finding::ok(Item::MintRole, "assumed, for a session without rights"),
        // The service's own role may where an operator must not: the operator knows which of them asked.
        Err(NoAnswer::Denied(reason)) => {
            let as_service = "check as the service's own role; if that is denied too";
            let fix = match reason.cause() {
                AwsCause::AssumeRole | AwsCause::TrustPolicy | AwsCause::IdentityPolicy | AwsCause::Denied => format!(
                    "{as_service}, let it do sts:AssumeRole and sts:SetSourceIdentity, and name it with both in the mint role's trust policy"
                ),
                cause => format!("{as_service}, {}", cause.fix()),
            };
            Finding::warning(Item::MintRole, format!("denied to who runs the check: {}", reason.words()), fix)
        }
        Err(other) => other.weighed(Item::MintRole, "sts:AssumeRole", "an interface endpoint com.amazonaws.REGION.sts"),
    };
    finding.about(arn)
}
