//! A [`Grant`]: what is permitted, and counted.

use time::UtcDateTime;

use super::access::Permitted;
use super::destination::Destination;
use super::rate::{Count, RateError, Rates};
use crate::identity::{DomainId, Identity, UserProfileName};
use crate::ledger::Entitlement;

/// A right to one session for one person: verified, entitled, permitted and counted. Made only by [`Grant::of`].
#[derive(Debug)]
pub struct Grant {
    permitted: Permitted,
    count: Count,
}

impl Grant {
    /// Counts one URL more for the user, who wants to go where `link` leads.
    ///
    /// # Errors
    /// [`RateError`].
    pub async fn of(permitted: Permitted, rates: &Rates, now: UtcDateTime) -> Result<Self, RateError> {
        let count = rates.count(permitted.identity().user(), now).await?;
        Ok(Self { permitted, count })
    }

    /// Who.
    pub fn identity(&self) -> &Identity {
        self.permitted.identity()
    }

    /// The ledger's entry.
    pub fn entitlement(&self) -> &Entitlement {
        self.permitted.entitlement()
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
        self.permitted.destination()
    }

    /// What the policy made of it.
    pub fn permitted(&self) -> &Permitted {
        &self.permitted
    }

    /// How many URLs were asked for in this minute, this one included.
    pub fn count(&self) -> &Count {
        &self.count
    }
}
