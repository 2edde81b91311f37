//! The causes of refusals that no rule of a response or a token makes: those of requests and of the broker.

mod aws;
mod broker;
mod groups;
mod request;

use studio_acs_identity::GroupRejection;

use super::Cause;
pub(super) use groups::{MAY_HOLD, elsewhere, named_otherwise};

/// Returns the cause of a refusal by this code, whose log line has this reason; `None` for a code of a response or a
/// token, whose causes depend on the rule. The reason holds AWS's own words, where AWS refused.
pub fn code_cause(code: &str, reason: &str) -> Option<&'static Cause> {
    aws::cause(code, reason)
        .or_else(|| request::cause(code, reason))
        .or_else(|| groups::cause(code, reason))
        .or_else(|| broker::cause(code, reason))
}

/// Returns the cause of a refusal by the readers of groups.
pub fn group_cause(rejection: &GroupRejection) -> &'static Cause {
    groups::unusable(rejection.found())
}

/// Every cause: of requests, of groups, of the broker, then those that AWS names.
pub(super) fn all() -> Vec<&'static Cause> {
    let mut all = [request::ALL, groups::ALL, broker::ALL].concat();
    all.extend(aws::all());
    all
}

/// The cause of a list that explains a code and needs no look at the reason: the first one of the code.
fn general(all: &[&'static Cause], code: &str) -> Option<&'static Cause> {
    all.iter().find(|cause| cause.codes.contains(&code)).copied()
}
