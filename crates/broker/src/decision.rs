//! A decision, and its context.

use time::UtcDateTime;

use crate::authorize::{Authorized, Authorizer, RequestContext};
use crate::outcome::Outcome;

/// The facts that one request is judged by.
#[derive(Clone, Copy)]
pub(crate) struct DecisionContext<'a> {
    /// The policy of its moment.
    pub(crate) authorizer: &'a Authorizer,
    pub(crate) context: &'a RequestContext,
    /// The attempt's correlation id.
    pub(crate) correlation_id: &'a str,
    pub(crate) now: UtcDateTime,
}

/// The answer of the policy and of the approvals.
#[expect(clippy::large_enum_variant, reason = "one of each request, not kept")]
pub(crate) enum Decision {
    /// The user may open it.
    Authorized(Authorized),
    /// The user has to bring something first.
    Missing(Outcome),
}
