//! Why somebody may not open what the ledger entitles them to.

use studio_acs_policy::{Denial, Need};
use studio_acs_saml::{Check, Rejection};

use crate::broken_rule::{BrokenRule, broken_rules};
use crate::broker::mint::SHORTEST_SESSION;
use crate::refreshed::TooOld;

/// Why somebody may not open what the ledger entitles them to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorizeError {
    /// The ledger names a domain that the configuration does not allow.
    #[error(transparent)]
    Domain(#[from] Rejection),
    /// The policy forbids it, or nothing in it allows it.
    #[error("{}{}", named(.0.policies()), .0.reason())]
    Denied(Denial),
    /// The policy cannot be read any more.
    #[error("the access policy: {0}")]
    TooOld(#[from] TooOld),
    /// The session at the identity provider ends before Studio's shortest one would.
    #[error("the identity provider's session has {seconds} s left, and Studio's shortest has {SHORTEST_SESSION} s")]
    SessionTooShort {
        /// What is left.
        seconds: u32,
    },
}

broken_rules!(AuthorizeError {
    Self::TooOld(_), Self::TooOld(TooOld::example()) => "policy", "policy_unavailable", "the access policy was read within the maximum age";
    Self::SessionTooShort { .. }, Self::SessionTooShort { seconds: 0 } => "policy", "session_too_short", "identity provider, ledger and policy leave at least Studio's shortest session (1,800 s)";
} each {
    Self::Domain(rejection)
        in [Self::Domain(Check::DomainAllowed.reject("", ""))]
        => BrokenRule::of_check(rejection.check());
    Self::Denied(denial) in Denial::examples().into_iter().map(Self::Denied) => rule_of(denial);
});

/// The rule of a denial: the first that applies.
fn rule_of(denial: &Denial) -> BrokenRule {
    let rule = match (denial.errors().is_empty(), denial.needs()) {
        (false, _) => "every policy can be evaluated",
        (true, None) => "a policy permits the sign-in and none forbids it",
        (true, Some(Need::Ticket)) => "the sign-in has the ticket number that a policy asks for",
        (true, Some(Need::Approval)) => "another user approved the sign-in, where a policy asks for it",
    };
    BrokenRule { stage: "policy", code: denial.code(), rule }
}

impl AuthorizeError {
    /// What could change the answer.
    pub fn needs(&self) -> Option<Need> {
        match self {
            Self::Denied(denial) => denial.needs(),
            _ => None,
        }
    }

    /// What the policy says to the user, if it is the policy that says no.
    pub fn reason(&self) -> String {
        match self {
            Self::Denied(denial) => denial.reason().to_owned(),
            _ => String::new(),
        }
    }
}

/// The policies, before what they say; none where none could be asked.
fn named(policies: &[String]) -> String {
    if policies.is_empty() { String::new() } else { format!("{}: ", policies.join(", ")) }
}
