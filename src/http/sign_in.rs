//! A [`SignIn`]: the result of an attempt that was not refused.

use studio_acs_broker::Outcome;
use studio_acs_identity::{CsrfToken, Issued};

use super::log_fields::LogFields;

/// The result of an attempt that was not refused. [`respond`](super::respond) logs and answers it.
pub(super) struct SignIn {
    /// The session, or the next step.
    pub(super) outcome: Outcome,
    /// The facts for the log.
    pub(super) log: LogFields,
    /// The browser's next request.
    pub(super) next: Next,
}

/// The browser's next request: everything that the answer's cookies say.
#[derive(Default)]
pub(super) struct Next {
    /// Whether this sign-in goes on.
    pub(super) resume: Resume,
    /// The entry that this request chose among several; `None` where it chose none.
    pub(super) last_choice: Option<String>,
    /// The proof that the user confirmed in this browser, and for how many seconds the browser keeps it.
    pub(super) confirmed: Option<(String, i64)>,
}

/// Whether a sign-in goes on in this browser, and by which resume token.
#[derive(Default)]
pub(super) enum Resume {
    /// It ends with this answer.
    #[default]
    Ended,
    /// By the resume token that the browser has, of this page: it was looked at and not claimed.
    Waits(CsrfToken),
    /// By a new one.
    GoesOn(Issued),
}

impl From<Resume> for Next {
    fn from(resume: Resume) -> Self {
        Self { resume, ..Self::default() }
    }
}
