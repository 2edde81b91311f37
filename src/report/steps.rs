//! The steps of a verdict, for people: a line for each rule that held, in the order of the contract, and what to do about
//! the one that did not.

use std::fmt;

use serde_json::{Value, json};
use studio_acs_identity::GroupRejection;
use studio_acs_refusal::{Rejection, Rule, counted};

use super::cause::{Cause, group_cause};
use super::check::Item;
use crate::token::KeysError;
use crate::trust::TrustError;

/// A rule that held.
pub(super) struct VerifyStep<'a> {
    /// The part of the way that it belongs to.
    pub(super) stage: &'static str,
    pub(super) rule: &'static str,
    pub(super) found: &'a str,
}

/// The rule that did not.
#[derive(Debug)]
pub(super) struct Broken {
    stage: &'static str,
    rule: &'static str,
    code: &'static str,
    expected: String,
    found: String,
    cause: &'static Cause,
    /// How many rules were not asked after it.
    not_reached: usize,
}

impl Broken {
    /// The broken rule of this rejection.
    pub(super) fn of<C: Rule>(
        rejection: &Rejection<C>,
        stage: &'static str,
        cause: &'static Cause,
        not_reached: usize,
    ) -> Self {
        Self {
            stage,
            rule: rejection.check().rule(),
            code: rejection.code(),
            expected: rejection.expected().to_owned(),
            found: rejection.found().to_owned(),
            cause,
            not_reached,
        }
    }

    /// The broken rule of groups.
    pub(super) fn of_groups(rejection: &GroupRejection) -> Self {
        Self::of(rejection, "Groups", group_cause(rejection), 0)
    }

    /// The item of `check` that metadata breaks by this error: no rule of a response was asked.
    pub(super) fn of_metadata(error: &TrustError, cause: &'static Cause) -> Self {
        Self {
            stage: Item::Metadata.subject().name(),
            rule: Item::Metadata.what(),
            code: Item::Metadata.id(),
            expected: "metadata by which the service starts".to_owned(),
            found: error.to_string(),
            cause,
            not_reached: studio_acs_saml::Check::ALL.len(),
        }
    }

    /// The item of `check` that an issuer's keys break by this error: no rule of a token was asked.
    pub(super) fn of_keys(error: &KeysError, cause: &'static Cause) -> Self {
        Self {
            stage: Item::TokenKeys.subject().name(),
            rule: Item::TokenKeys.what(),
            code: "token_keys_unavailable",
            expected: "keys that tokens can be verified by".to_owned(),
            found: error.to_string(),
            cause,
            not_reached: studio_acs_jwt::Check::ALL.len(),
        }
    }

    /// The cause.
    pub(super) fn cause(&self) -> &'static Cause {
        self.cause
    }

    /// The error for programs.
    pub(super) fn json(&self) -> Value {
        json!({
            "code": self.code,
            "message": self.rule,
            "expected": self.expected,
            "found": self.found,
            "cause": self.cause.name,
            "fix": self.cause.fix,
        })
    }
}

/// Writes facts under a heading.
pub(super) fn write_facts(f: &mut fmt::Formatter<'_>, facts: &[&dyn fmt::Display]) -> fmt::Result {
    writeln!(f, "Understood")?;
    facts.iter().try_for_each(|fact| write!(f, "{fact}"))
}

/// Writes the steps that `held`, each part of the way under its heading, and the `facts` that are verified.
pub(super) fn write<'a>(
    f: &mut fmt::Formatter<'_>,
    held: impl Iterator<Item = VerifyStep<'a>>,
    broken: Option<&Broken>,
    facts: &[&dyn fmt::Display],
) -> fmt::Result {
    let mut last = None;
    let mut heading = |f: &mut fmt::Formatter<'_>, stage| {
        if last.replace(stage) == Some(stage) { Ok(()) } else { writeln!(f, "{stage}") }
    };
    for VerifyStep { stage, rule, found } in held {
        heading(f, stage)?;
        writeln!(f, "  ✓ {rule:<70} {found}")?;
    }
    let Some(broken) = broken else { return write_facts(f, facts) };
    heading(f, broken.stage)?;
    writeln!(f, "  ✗ {}", broken.rule)?;
    writeln!(f, "      expected  {}", broken.expected)?;
    writeln!(f, "      found     {}", broken.found)?;
    writeln!(f, "  · {} not reached", counted(broken.not_reached, "rule"))?;
    if !facts.is_empty() {
        write_facts(f, facts)?;
    }
    writeln!(f, "\nRefused: {}", broken.code)?;
    writeln!(f, "Cause: {}: {}", broken.cause.name, broken.cause.meaning)?;
    writeln!(f, "To do: {}", broken.cause.fix)
}
