//! Reasons why a user may not open an entitlement.

use crate::rules::{Check, Rejection};
use studio_acs_identity::{GroupCheck, GroupRejection};
use studio_acs_policy::{Denial, Need};

use crate::session_seconds::SHORTEST_SESSION;
use studio_acs_aws::TooOld;
use studio_acs_refusal::{BrokenRule, broken_rules};

/// The reason why a user may not open an entitlement.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizeError {
    /// The ledger names a domain that the configuration does not allow.
    #[error(transparent)]
    Domain(#[from] Rejection),
    /// The user's groups are not known well enough for the policy.
    #[error(transparent)]
    Groups(#[from] GroupRejection),
    /// The policy forbids it, or nothing in it allows it.
    #[error("{}{}", named(.0.policies().iter().chain(.0.unnamed())), .0.reason())]
    Denied(Denial),
    /// The policy cannot be read any more.
    #[error("the access policy: {0}")]
    TooOld(#[from] TooOld),
    /// The session at the identity provider ends before Studio's shortest one would.
    #[error("the identity provider's session has {seconds} s left, and Studio's shortest has {SHORTEST_SESSION} s")]
    SessionTooShort {
        /// The seconds left.
        seconds: u32,
    },
}

broken_rules!(AuthorizeError {
    Self::TooOld(_), Self::TooOld(TooOld::example()) => "policy", "policy_unavailable", "the access policy was read within the maximum age";
    Self::SessionTooShort { .. }, Self::SessionTooShort { seconds: 0 } => "policy", "session_too_short", "identity provider, ledger and policy leave at least Studio's shortest session (1,800 s)";
} each {
    Self::Domain(rejection)
        in [Self::Domain(Check::DomainAllowed.reject("", ""))]
        => rejection.check().broken_rule();
    Self::Groups(rejection)
        in GroupCheck::ALL.iter().map(|check| Self::Groups(check.reject("", "")))
        => rejection.check().broken_rule();
    Self::Denied(denial) in Denial::examples().into_iter().map(Self::Denied) => rule_of(denial);
});

/// The rule of a denial: the first that applies.
fn rule_of(denial: &Denial) -> BrokenRule {
    let rule = match (denial.errors().is_empty(), denial.needs()) {
        (true, None) if !denial.unnamed().is_empty() => {
            "the permit for the user names their issuer, or one issuer is trusted, or names are shared"
        }
        (false, _) => "every policy can be evaluated",
        (true, None) => "a policy permits the sign-in and none forbids it",
        (true, Some(Need::Ticket)) => "the sign-in has the ticket number that a policy asks for",
        (true, Some(Need::Approval)) => "another user approved the sign-in, where a policy asks for it",
    };
    BrokenRule { stage: "policy", code: denial.code(), rule }
}

impl AuthorizeError {
    /// The need that could change the answer, if any.
    pub fn needs(&self) -> Option<Need> {
        match self {
            Self::Denied(denial) => denial.needs(),
            _ => None,
        }
    }

    /// Whether the ticket number of the request counted, since a policy asked for one.
    pub(crate) fn counts_ticket(&self) -> bool {
        match self {
            Self::Denied(denial) => denial.counts_ticket(),
            _ => false,
        }
    }

    /// The policy's reason for the user, if the policy refuses.
    pub fn reason(&self) -> String {
        match self {
            Self::Denied(denial) => denial.reason().to_owned(),
            _ => String::new(),
        }
    }
}

/// The policies that decided, or the permits that were left out, before the reason; empty without any.
fn named<'a>(policies: impl Iterator<Item = &'a String>) -> String {
    let ids: Vec<_> = policies.map(String::as_str).collect();
    if ids.is_empty() { String::new() } else { format!("{}: ", ids.join(", ")) }
}
