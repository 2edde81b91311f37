//! The broker's own rules, with the codes that a breach is reported under.

use studio_acs_refusal::{BrokenRule, rules};

/// A rule of the broker that was broken.
pub type Rejection = studio_acs_refusal::Rejection<Check>;

rules! {
    /// The broker's own rules, in the order in which they are checked.
    pub enum Check;

    /// SAML Profiles 4.1.4.5: a bearer assertion is used once.
    Replay = "replayed", Replay, "the assertion was not used before";
    /// Configuration: the domain is one of ours.
    DomainAllowed = "domain_not_allowed", Authorize, "the domain is on the configured list";
}

/// The stages of the broker that have such rules, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Replay protection.
    Replay,
    /// The configuration's allow-list of domains.
    Authorize,
}

impl Check {
    /// Returns the rule with its stage and code, for lists of rules.
    pub fn broken_rule(self) -> BrokenRule {
        let stage = match self.stage() {
            Stage::Replay => "replay",
            Stage::Authorize => "policy",
        };
        BrokenRule { stage, code: self.code(), rule: self.rule() }
    }
}
