//! Tables of cases: who asks for what, and what must come of it. The command and the tests run the same.

mod given;

use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use toml::Table;

pub use given::Given;

use crate::decision::{Denial, Need, Permit};
use crate::policies::Policies;

/// Asks `policies` every case of a file, whose text this is.
///
/// # Errors
/// [`CasesError`]: the file is no table of cases. A case that fails is an [`Outcome`].
pub fn run(text: &str, policies: &Policies) -> Result<Vec<Outcome>, CasesError> {
    let cases: Cases = toml::from_str(text).map_err(|error| CasesError::Syntax(error.to_string()))?;
    if cases.case.is_empty() {
        return Err(CasesError::Empty);
    }
    cases.case.into_iter().map(|case| case.ask(&cases.common, policies)).collect()
}

/// The ids of the policies that decided none of these cases, and so might as well say the contrary.
pub fn undecided<'p>(outcomes: &[Outcome], policies: &'p Policies) -> Vec<&'p str> {
    policies.ids().filter(|id| outcomes.iter().all(|outcome| !outcome.found.by.contains(*id))).collect()
}

/// The result of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    name: String,
    expected: CaseVerdict,
    found: CaseVerdict,
}

impl Outcome {
    /// The case's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether what came is what was expected. A reason is compared if one is expected; all else always.
    pub fn passed(&self) -> bool {
        let reason = self.expected.reason.as_ref().or(self.found.reason.as_ref());
        self.expected == self.found || CaseVerdict { reason: reason.cloned(), ..self.expected.clone() } == self.found
    }

    /// Whether the user may, as was found.
    pub fn allowed(&self) -> bool {
        self.found.allowed
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.passed() {
            return write!(f, "ok    {}: {}", self.name, self.found);
        }
        write!(f, "FAIL  {}\n      expected {}\n      found    {}", self.name, self.expected, self.found)
    }
}

/// A file of cases.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    /// Facts given in every case.
    #[serde(default)]
    common: Table,
    #[serde(default)]
    case: Vec<Case>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// The facts of a [`Given`], over those that are common.
    #[serde(default)]
    given: Table,
    expect: Expect,
    #[serde(default)]
    by: BTreeSet<String>,
    reason: Option<String>,
    needs: Option<Need>,
    session_seconds: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Expect {
    Allow,
    Deny,
}

impl Case {
    fn ask(self, common: &Table, policies: &Policies) -> Result<Outcome, CasesError> {
        let mut given = common.clone();
        given.extend(self.given);
        let unfit = |error: String| CasesError::Given { case: self.name.clone(), error };
        let given: Given = given.try_into().map_err(|error| unfit(error.to_string().trim().replace('\n', ", ")))?;
        let found = policies.decide(&given.question().map_err(unfit)?).into();
        let expected = CaseVerdict {
            allowed: self.expect == Expect::Allow,
            by: self.by,
            reason: self.reason,
            needs: self.needs,
            session_seconds: self.session_seconds,
            errors: Vec::new(),
        };
        Ok(Outcome { name: self.name, expected, found })
    }
}

/// A decision, expected or found.
#[derive(Debug, Clone, PartialEq, Eq)]
struct CaseVerdict {
    allowed: bool,
    by: BTreeSet<String>,
    reason: Option<String>,
    needs: Option<Need>,
    session_seconds: Option<u32>,
    errors: Vec<String>,
}

impl From<Result<Permit, Denial>> for CaseVerdict {
    fn from(decision: Result<Permit, Denial>) -> Self {
        match decision {
            Ok(permit) => Self {
                allowed: true,
                by: permit.policies.into_iter().collect(),
                reason: None,
                needs: None,
                session_seconds: permit.session_seconds,
                errors: Vec::new(),
            },
            Err(denial) => Self {
                allowed: false,
                by: denial.policies.into_iter().collect(),
                reason: Some(denial.reason),
                needs: denial.needs,
                session_seconds: None,
                errors: denial.errors,
            },
        }
    }
}

impl fmt::Display for CaseVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.allowed { "allow" } else { "deny" })?;
        let by: Vec<_> = self.by.iter().map(String::as_str).collect();
        write!(f, " by {}", if by.is_empty() { "no policy".to_owned() } else { by.join(", ") })?;
        if let Some(seconds) = self.session_seconds {
            write!(f, ", for {seconds} s")?;
        }
        if let Some(need) = self.needs {
            write!(f, ", needs {}", need.as_str())?;
        }
        if let Some(reason) = &self.reason {
            write!(f, ": {reason}")?;
        }
        self.errors.iter().try_for_each(|error| write!(f, " [{error}]"))
    }
}

/// Why a file is no table of cases.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CasesError {
    /// The file has no case.
    #[error("there is no [[case]]")]
    Empty,
    /// The facts of a case cannot be read.
    #[error("case `{case}`: {error}")]
    Given {
        /// The case.
        case: String,
        /// The parser's message: expected and found.
        error: String,
    },
    /// It is no TOML, or a key is unknown or missing.
    #[error("{0}")]
    Syntax(String),
}
