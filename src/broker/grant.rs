//! A [`Grant`]: what is permitted, and counted.

use time::UtcDateTime;

use super::authorize::Authorized;
use super::destination::Destination;
use super::rate::{Count, RateError, Rates};
use studio_acs_identity::{DomainId, Identity, UserProfileName};
use studio_acs_ledger::Entitlement;

/// A right to one session for one user: verified, entitled, permitted and counted. Made only by [`Grant::of`].
#[derive(Debug)]
pub struct Grant {
    authorized: Authorized,
    count: Count,
}

impl Grant {
    /// Counts one URL more for the user.
    ///
    /// # Errors
    /// [`RateError`].
    pub async fn of(authorized: Authorized, rates: &Rates, now: UtcDateTime) -> Result<Self, RateError> {
        let count = rates.count(authorized.identity().user(), now).await?;
        Ok(Self { authorized, count })
    }

    /// The user.
    pub fn identity(&self) -> &Identity {
        self.authorized.identity()
    }

    /// The ledger's entry.
    pub fn entitlement(&self) -> &Entitlement {
        self.authorized.entitlement()
    }

    /// The user profile to open.
    pub fn profile(&self) -> &UserProfileName {
        self.entitlement().profile()
    }

    /// The Studio domain to open.
    pub fn domain(&self) -> &DomainId {
        self.entitlement().domain()
    }

    /// The place in Studio to open.
    pub fn destination(&self) -> &Destination {
        self.authorized.destination()
    }

    /// The policy's authorization.
    pub fn authorized(&self) -> &Authorized {
        &self.authorized
    }

    /// How many URLs were asked for in this minute, this one included.
    pub fn count(&self) -> &Count {
        &self.count
    }
}
