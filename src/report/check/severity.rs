//! The severity of a finding.

/// How much a finding weighs; the heavier, the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// As it should be.
    Ok,
    /// It could not be asked, or was not asked on purpose.
    Skipped,
    /// Sign-ins work; something is weaker than it need be, will end soon, or looks like a mistake.
    Warning,
    /// Sign-ins fail, or a user gets more than is theirs.
    Error,
}

impl Severity {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Skipped => "skipped",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// Its mark in the checklist.
    pub(super) fn mark(self) -> char {
        match self {
            Self::Ok => '✓',
            Self::Skipped => '·',
            Self::Warning => '!',
            Self::Error => '✗',
        }
    }
}
