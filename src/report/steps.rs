//! The steps of a verdict, for people: a line for each rule that held, in the order of the contract, and what to do about
//! the one that did not.

use std::fmt;

use super::cause::Cause;

/// A rule that held.
pub(super) struct VerifyStep<'a> {
    /// The part of the way that it belongs to.
    pub(super) stage: &'static str,
    pub(super) rule: &'static str,
    pub(super) found: &'a str,
}

/// The rule that did not.
pub(super) struct Broken<'a> {
    pub(super) stage: &'static str,
    pub(super) rule: &'static str,
    pub(super) expected: &'a str,
    pub(super) found: &'a str,
    /// How many rules were not asked after it.
    pub(super) not_reached: usize,
    pub(super) code: &'static str,
    pub(super) cause: &'static Cause,
}

/// Writes the steps that `held`, each part of the way under its heading.
pub(super) fn write<'a>(
    f: &mut fmt::Formatter<'_>,
    held: impl Iterator<Item = VerifyStep<'a>>,
    broken: Option<Broken<'_>>,
) -> fmt::Result {
    let mut last = None;
    let mut heading = |f: &mut fmt::Formatter<'_>, stage| {
        if last.replace(stage) == Some(stage) { Ok(()) } else { writeln!(f, "{stage}") }
    };
    for VerifyStep { stage, rule, found } in held {
        heading(f, stage)?;
        writeln!(f, "  ✓ {rule:<70} {found}")?;
    }
    let Some(broken) = broken else { return Ok(()) };
    heading(f, broken.stage)?;
    writeln!(f, "  ✗ {}", broken.rule)?;
    writeln!(f, "      expected  {}", broken.expected)?;
    writeln!(f, "      found     {}", broken.found)?;
    writeln!(f, "  · {} rules not reached", broken.not_reached)?;
    writeln!(f, "\nRefused: {}", broken.code)?;
    writeln!(f, "Cause: {}: {}", broken.cause.name, broken.cause.meaning)?;
    writeln!(f, "To do: {}", broken.cause.fix)
}
