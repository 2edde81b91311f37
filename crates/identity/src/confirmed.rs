//! An identity whose sign-in may go on.

use studio_acs_jwt::VerifiedToken;

use crate::identity::Identity;

/// An identity whose sign-in may go on: confirmed, or one that need not be. Made only by [`Confirmation::judge`](crate::Confirmation::judge), by
/// [`Confirmed::by_token`], and by a [`ResumeToken`](crate::ResumeToken).
#[derive(Debug, Clone, Copy)]
pub struct Confirmed<'a>(pub(crate) &'a Identity);

impl<'a> Confirmed<'a> {
    /// The identity of a token. An API client sends it, which has no browser to ask in; its own page names its user.
    pub fn by_token(identity: &'a Identity, _token: &VerifiedToken) -> Self {
        Self(identity)
    }

    /// The identity.
    pub fn identity(self) -> &'a Identity {
        self.0
    }
}
