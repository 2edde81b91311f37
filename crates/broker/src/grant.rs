//! A [`Grant`]: what is permitted, and counted.

use time::UtcDateTime;

use crate::authorize::Authorized;
use crate::destination::Destination;
use crate::rate::{Count, RateError, Rates};
use studio_acs_audit::{Facts, Person};
use studio_acs_identity::{DomainId, Identity, Names, UserProfileName};
use studio_acs_ledger::Entitlement;

/// A right to one session for one user: verified, entitled, permitted and counted. Made only by [`Grant::of`].
#[derive(Debug)]
pub struct Grant {
    authorized: Authorized,
    count: Count,
}

impl Grant {
    /// Counts one URL more for the user, who is the same at every issuer where `names` are shared.
    ///
    /// # Errors
    /// [`RateError`].
    pub async fn of(authorized: Authorized, rates: &Rates, names: Names, now: UtcDateTime) -> Result<Self, RateError> {
        let count = rates.count(&authorized.identity().user_id(names), now).await?;
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

    /// The facts of the grant, for records. No secret is among them: neither the response nor a URL.
    pub(crate) fn facts(&self, correlation_id: &str) -> Facts {
        let (what, authorized, destination) = (self.entitlement(), self.authorized(), self.destination());
        Facts {
            correlation: correlation_id.to_owned(),
            person: Person::of(self.identity()),
            entry: what.id().to_owned(),
            profile: what.profile().to_string(),
            domain: what.domain().to_string(),
            region: what.region().map(str::to_owned),
            role: what.role().cloned(),
            team: what.team().map(str::to_owned),
            session_seconds: authorized.session_seconds(),
            policies: authorized.policies().to_vec(),
            ticket_number: authorized.ticket_number().map(str::to_owned),
            approved: authorized.approved().map(|approved| (approved.by().to_owned(), approved.terms().facts())),
            source_ip: authorized.source_ip().map(|address| address.to_string()),
            api_client_ip: authorized.api_client_ip().map(|address| address.to_string()),
            deep_link: destination.deep_link().map(str::to_owned),
            space: destination.space().map(str::to_owned),
            landing: destination.landing().map(str::to_owned),
        }
    }
}
