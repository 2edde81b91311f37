//! The assertion's own rules (Core 2.3–2.7, Profiles 4.1.4.2–4.1.4.5): [`Signed`] → [`VerifiedAssertion`].

mod attributes;
mod name_id;
mod rules;

use aws_lc_rs::digest::{Context, SHA256};
use time::UtcDateTime;

use crate::key::KeyId;
use crate::rejection::{Check, Rejection};
use crate::service_provider::ServiceProvider;
use crate::signature::{Signature, Signed};
pub use attributes::{Attribute, AttributeValue};
pub use name_id::NameId;
use rules::{Authentication, Rules, check_shape};
use studio_acs_refusal::Trace;

/// A trusted identity provider's statement about a user, for us, now. Made only by [`crate::Verifier::verify`]; holds
/// nothing but what a signature covers.
#[derive(Debug)]
pub struct VerifiedAssertion {
    issuer: String,
    id: String,
    issued: UtcDateTime,
    not_on_or_after: UtcDateTime,
    authentication: Authentication,
    signed_response: Option<Signature>,
    signed_assertion: Option<Signature>,
    name_id: Option<NameId>,
    attributes: Vec<Attribute>,
}

impl VerifiedAssertion {
    /// The entity ID of the identity provider.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The assertion's ID, unique for its issuer (Core 1.3.4).
    pub fn id(&self) -> &str {
        &self.id
    }

    /// When the identity provider issued it, by its own clock (Core 2.3.3): not later than our time and the skew.
    pub fn issued(&self) -> UtcDateTime {
        self.issued
    }

    /// The end of its use, without the skew: the last of its confirmations for us, within its conditions.
    pub fn not_on_or_after(&self) -> UtcDateTime {
        self.not_on_or_after
    }

    /// When the session at the identity provider ends (Core 2.7.2); no session of ours outlives it.
    pub fn session_not_on_or_after(&self) -> Option<UtcDateTime> {
        self.authentication.session_not_on_or_after
    }

    /// When the user signed in at the identity provider (Core 2.7.2).
    pub fn authenticated_at(&self) -> Option<UtcDateTime> {
        self.authentication.at
    }

    /// How: the URI of an authentication context class (Core 2.7.2.2), if the identity provider names one.
    pub fn authentication_method(&self) -> Option<&str> {
        self.authentication.method.as_deref()
    }

    /// The subject's NameID (Core 2.2.3); `None` where it has none. Nothing decides by it.
    pub fn name_id(&self) -> Option<&NameId> {
        self.name_id.as_ref()
    }

    /// The elements that carry a signature: `response`, `assertion` or both.
    pub fn signed(&self) -> Vec<&'static str> {
        let signed = [(self.signed_response, "response"), (self.signed_assertion, "assertion")];
        signed.into_iter().filter_map(|(signature, name)| signature.map(|_| name)).collect()
    }

    /// The signature algorithm; of the response's signature where both are signed.
    pub fn algorithm(&self) -> &'static str {
        self.signed_response.or(self.signed_assertion).map_or("", |signature| signature.algorithm.name())
    }

    /// The key that the assertion is signed by; of the response's signature where only the response is signed. `None`
    /// where neither is, which no verifier takes.
    pub fn signed_by(&self) -> Option<KeyId> {
        self.signed_assertion.or(self.signed_response).map(|signature| signature.key)
    }

    /// A key for remembering the assertion: the SHA-256 of issuer and ID. Its size is fixed, whatever the sender wrote.
    pub fn replay_key(&self) -> [u8; 32] {
        let mut context = Context::new(&SHA256);
        // The issuer is one that we know, so a NUL, which no XML holds, parts it from the ID without doubt.
        for part in [self.issuer.as_bytes(), b"\0", self.id.as_bytes()] {
            context.update(part);
        }
        let mut key = [0; 32];
        key.iter_mut().zip(context.finish().as_ref()).for_each(|(to, from)| *to = *from);
        key
    }

    /// Asks the rules in the contract's order.
    pub(crate) fn check(
        signed: &Signed<'_>,
        us: &ServiceProvider,
        outstanding: Option<&str>,
        now: UtcDateTime,
        trace: &mut dyn Trace<Check>,
    ) -> Result<Self, Rejection> {
        let assertion = signed.assertion();
        let rules = Rules { us, outstanding, now };
        let id = check_shape(assertion, trace)?;
        rules.check_destination(signed, trace)?;
        let confirmed_until = rules.check_confirmations(assertion, trace)?;
        rules.check_in_response_to(signed.envelope(), "the response", trace)?;
        let valid_until = rules.check_conditions(assertion, trace)?;
        let issued = rules.check_age(assertion, trace)?;
        let authentication = rules.check_authn_statements(assertion, trace)?;
        Ok(Self {
            issuer: signed.issuer().to_owned(),
            id,
            issued,
            not_on_or_after: valid_until.map_or(confirmed_until, |bound| bound.min(confirmed_until)),
            authentication,
            signed_response: signed.signed_response(),
            signed_assertion: signed.signed_assertion(),
            name_id: NameId::of(assertion),
            attributes: Attribute::all(assertion),
        })
    }
}
