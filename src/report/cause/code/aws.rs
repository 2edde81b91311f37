//! Causes that AWS names: the reason of such a refusal has AWS's own words, and ends with the cause.

use std::sync::LazyLock;

use studio_acs_aws::AwsCause;

use crate::report::cause::Cause;

/// Declares lists of codes, each with those of stores and sources after its own: all of them are kept at AWS.
macro_rules! codes {
    ($($list:ident = [$($code:literal),+];)+) => {
        $(const $list: &[&str] = &[
            $($code,)+
            "replay_store_unavailable",
            "ledger_unavailable",
            "policy_unavailable",
            "approval_store_unavailable",
            "rate_store_unavailable",
            "audit_unavailable",
            "token_keys_unavailable",
        ];)+
    };
}

codes! {
    DENIED = ["mint_role_denied", "mint_denied", "provision_denied"];
    THROTTLED = ["mint_throttled", "provision_throttled"];
    TIMED_OUT = ["mint_timeout", "provision_failed"];
    UNREACHABLE = ["mint_unreachable", "provision_failed"];
    ABSENT = ["profile_not_found", "mint_role_failed", "mint_failed", "provision_failed"];
    FAILED = ["mint_role_failed", "mint_failed", "provision_failed"];
}

static CAUSES: LazyLock<Vec<Cause>> = LazyLock::new(|| {
    let cause = |aws: &AwsCause| Cause { name: aws.name(), codes: codes(*aws), meaning: aws.meaning(), fix: aws.fix() };
    AwsCause::ALL.iter().map(cause).collect()
});

/// Every cause that AWS names.
pub(super) fn all() -> Vec<&'static Cause> {
    CAUSES.iter().collect()
}

/// Returns the cause that AWS named in the reason; `None` where AWS was not asked.
pub(super) fn cause(code: &str, reason: &str) -> Option<&'static Cause> {
    let name = AwsCause::of_text(reason)?.name();
    CAUSES.iter().find(|cause| cause.name == name && cause.codes.contains(&code))
}

fn codes(aws: AwsCause) -> &'static [&'static str] {
    match aws {
        AwsCause::Throttled => THROTTLED,
        AwsCause::TimedOut => TIMED_OUT,
        AwsCause::ProfileNotFound | AwsCause::DomainNotFound | AwsCause::NotFound | AwsCause::State => ABSENT,
        aws if aws.is_denial() => DENIED,
        aws if aws.is_unreachable() => UNREACHABLE,
        _ => FAILED,
    }
}
