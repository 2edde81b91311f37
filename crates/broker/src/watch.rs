//! A [`Watch`] on one call of SageMaker: whether it may be done though it failed, and what AWS answered last.

use crate::mint::MintError;
use crate::not_done::NotDone;
use studio_acs_aws::{Attempts, LastAnswer};

/// The interceptors of one call whose errors are `E`.
#[derive(Debug)]
pub(crate) struct Watch<E> {
    pub(crate) attempts: Attempts,
    pub(crate) last_answer: LastAnswer<E>,
}

impl<E> Default for Watch<E> {
    fn default() -> Self {
        Self { attempts: Attempts::default(), last_answer: LastAnswer::default() }
    }
}

impl<E> Watch<E> {
    /// The call, which ended with this error.
    pub(crate) fn not_done<T>(&self, error: T) -> NotDone<T> {
        NotDone { error, is_unknown: self.attempts.may_be_done() || self.last_answer.is_under_way() }
    }

    /// The call, which our time-out ended: between two attempts, or during one.
    pub(crate) fn timed_out<T: From<MintError>>(&self) -> NotDone<T> {
        self.not_done(MintError::timed_out(&self.last_answer).into())
    }
}
