//! SAML sign-in of studio-acs: from the body of an HTTP POST to an assertion that a trusted identity provider signed,
//! for us, now.
//!
//! ```text
//! form body ─► UnverifiedResponse ─► (shape) ─► (signed) ─► VerifiedAssertion
//!    post_binding           xml, response   signature, canonical   assertion
//! ```
//!
//! One function takes the whole way: [`Verifier::verify`]. Each step is a function that takes the type on its left and is
//! the only maker of the type on its right, so no check can be left out or asked too early. Each refusal is a
//! [`Rejection`] with a stable code. The crate does no I/O, reads no clock and holds no global state.
//!
//! A verified assertion can be handed on, and nobody else can make or alter one:
//!
//! ```
//! use studio_acs_saml::VerifiedAssertion;
//! fn handed_on(assertion: VerifiedAssertion) -> VerifiedAssertion {
//!     assertion
//! }
//! ```
//!
//! ```compile_fail,E0451
//! use studio_acs_saml::VerifiedAssertion;
//! fn altered(assertion: VerifiedAssertion) -> VerifiedAssertion {
//!     VerifiedAssertion { issuer: String::new(), ..assertion }
//! }
//! ```

#![forbid(unsafe_code)]

mod assertion;
mod canonical;
mod certificate;
mod issued;
mod key;
mod key_info;
mod metadata;
mod names;
mod post_binding;
mod rejection;
mod response;
mod service_provider;
mod signature;
mod signer;
mod trusted;
mod xml;

pub use assertion::{Attribute, AttributeValue, NameId, VerifiedAssertion};
pub use certificate::{CertificateText, KeyError};
pub use key::{KeyId, KeyType, SigningKey};
pub use metadata::{MetadataDocument, MetadataError};
pub use post_binding::{BODY_LIMIT, FORM, UnverifiedResponse};
pub use rejection::{Check, Rejection, Stage};
pub use service_provider::{RequireSigned, ServiceProvider};
pub use signer::unverified_signers;
pub use trusted::{Lapse, TrustedIdp, TrustedIdps};

use studio_acs_refusal::Trace;
use time::UtcDateTime;

/// Canonicalisation and parsing, for those who sign in demos and for those who compare us with others.
pub mod xmldsig {
    pub use crate::canonical::{Method, canonicalize};
    pub use crate::xml::{Attribute, Child, Document, Element, Limits};
}

/// Whom we trust and who we are: everything that is known before a response comes. Prepared once.
#[derive(Debug, Clone)]
pub struct Verifier {
    idps: TrustedIdps,
    service_provider: ServiceProvider,
}

impl Verifier {
    /// A verifier for responses of `idps` to `service_provider`.
    pub fn new(idps: TrustedIdps, service_provider: ServiceProvider) -> Self {
        Self { idps, service_provider }
    }

    /// Verifies a response as it is at `now`. `outstanding` is the ID of the request that it may answer; without one,
    /// only an unsolicited response is taken. Each check that passes is told to `trace`.
    ///
    /// # Errors
    /// The first rule that is broken; the stages are asked in the order of [`Stage`].
    pub fn verify(
        &self,
        response: UnverifiedResponse,
        outstanding: Option<&str>,
        now: UtcDateTime,
        trace: &mut dyn Trace<Check>,
    ) -> Result<VerifiedAssertion, Rejection> {
        let document = xml::Document::parse(response.unverified_text(), xml::Limits::RESPONSE)?;
        for check in [Check::WellFormed, Check::NoDoctype, Check::Complexity, Check::UniqueIds] {
            trace.passed(check, &"yes");
        }
        let shape = response::UnverifiedShape::find(&document, trace)?;
        let signed = signature::Signed::verify(shape, &self.idps, self.service_provider.require_signed, now, trace)?;
        VerifiedAssertion::check(&signed, &self.service_provider, outstanding, now, trace)
    }

    /// The identity providers.
    pub fn idps(&self) -> &TrustedIdps {
        &self.idps
    }

    /// The service provider that we are.
    pub fn service_provider(&self) -> &ServiceProvider {
        &self.service_provider
    }
}
