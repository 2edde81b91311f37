//! The answer to a question.

use std::fmt;

use serde::Deserialize;

/// The user may. Made only by [`Policies::decide`](crate::Policies::decide).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    pub(crate) policies: Vec<String>,
    pub(crate) session_seconds: Option<u32>,
    pub(crate) counts_ticket: bool,
}

impl Permit {
    /// The ids of the policies that decided, in the order of the files.
    pub fn policies(&self) -> &[String] {
        &self.policies
    }

    /// How long the session may last at most, in seconds; `None` if no policy says.
    pub fn session_seconds(&self) -> Option<u32> {
        self.session_seconds
    }

    /// Whether the ticket number of the question counted, since a policy asked for one.
    pub fn counts_ticket(&self) -> bool {
        self.counts_ticket
    }
}

/// The user may not. Made only by [`Policies::decide`](crate::Policies::decide).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denial {
    pub(crate) policies: Vec<String>,
    pub(crate) reason: String,
    pub(crate) needs: Option<Need>,
    pub(crate) errors: Vec<String>,
    pub(crate) counts_ticket: bool,
    pub(crate) unnamed: Vec<String>,
}

impl Denial {
    /// The ids of the policies that decided, in the order of the files; none if nothing allows it.
    pub fn policies(&self) -> &[String] {
        &self.policies
    }

    /// The reason for the user, in the author's words.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The one thing that could change the answer, if one exists: every forbid asks for such, and a permit would allow
    /// it.
    pub fn needs(&self) -> Option<Need> {
        self.needs
    }

    /// Errors of the decision. For the log: they may hold facts of the question.
    pub fn errors(&self) -> &[String] {
        &self.errors
    }

    /// Whether the ticket number of the question counted, since a policy asked for one.
    pub fn counts_ticket(&self) -> bool {
        self.counts_ticket
    }

    /// The ids of permits that were left out, since they name a user or a group without the issuer while several are
    /// trusted; empty where they would not have allowed it either.
    pub fn unnamed(&self) -> &[String] {
        &self.unnamed
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        match (self.errors.is_empty(), self.needs) {
            (false, _) => "policy_failed",
            (true, None) if !self.unnamed.is_empty() => "policy_issuer_unnamed",
            (true, None) => "policy_denied",
            (true, Some(Need::Approval)) => "policy_needs_approval",
            (true, Some(Need::Ticket)) => "policy_needs_ticket",
        }
    }

    /// One denial of each code, for lists of refusals.
    pub fn examples() -> Vec<Self> {
        let needs = std::iter::once(None).chain(Need::ALL.iter().copied().map(Some));
        let denied = |needs| Self { needs, ..Self::failed(Vec::new()) };
        let unnamed = Self { unnamed: vec![String::new()], ..Self::failed(Vec::new()) };
        std::iter::once(Self::failed(vec![String::new()])).chain(needs.map(denied)).chain([unnamed]).collect()
    }

    /// A denial because the question could not be answered.
    pub(crate) fn failed(errors: Vec<String>) -> Self {
        let reason = "The access policy could not be evaluated. Please tell your administrator.".to_owned();
        Self { policies: Vec::new(), reason, needs: None, errors, counts_ticket: false, unnamed: Vec::new() }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Denial {}

/// A thing that a user can bring, the quickest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    /// A ticket number.
    Ticket,
    /// The approval of another user.
    Approval,
}

impl Need {
    /// Each need, the quickest first.
    pub const ALL: &[Self] = &[Self::Ticket, Self::Approval];

    /// The word for it in `@needs("…")`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ticket => "ticket",
            Self::Approval => "approval",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_need_is_listed() {
        // A need that is added does not compile here before it has a place.
        let place = |need: &Need| match need {
            Need::Ticket => 0,
            Need::Approval => 1,
        };
        assert_eq!(Need::ALL.iter().map(place).collect::<Vec<_>>(), [0, 1]);
        let codes: Vec<_> = Denial::examples().iter().map(Denial::code).collect();
        assert_eq!(
            codes,
            ["policy_failed", "policy_denied", "policy_needs_ticket", "policy_needs_approval", "policy_issuer_unnamed"]
        );
    }
}
