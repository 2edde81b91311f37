//! An [`OpenRequest`]: one attempt of a verified user.

use studio_acs_identity::{Identity, SignInRequest};
use time::UtcDateTime;

use crate::authorize::RequestContext;

/// One attempt of a verified user.
#[derive(Debug)]
pub struct OpenRequest<'a> {
    /// The user.
    pub identity: &'a Identity,
    /// Their request.
    pub sign_in_request: &'a SignInRequest,
    /// From where, and how.
    pub context: RequestContext,
    /// The attempt's correlation id.
    pub correlation_id: &'a str,
    /// Since when.
    pub now: UtcDateTime,
}
