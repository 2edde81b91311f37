//! The causes of a refused SAML response.

mod assertion;
mod audience;
mod form;
mod identity;
mod issuer;
mod response;
mod signature;
mod time;
mod url;

use ::time::UtcDateTime;
use studio_acs_identity::IdentityRules;
use studio_acs_saml::{Check, Rejection, ServiceProvider, Stage, TrustedIdps};

use super::Cause;

/// The facts beside a rejection that tell its causes apart, as far as the caller has them.
#[derive(Debug, Clone, Copy, Default)]
pub struct SamlContext<'a> {
    /// Our own names and limits.
    pub service_provider: Option<&'a ServiceProvider>,
    /// The identity providers of the metadata.
    pub idps: Option<&'a TrustedIdps>,
    /// The names of the attributes that are read.
    pub identity: Option<&'a IdentityRules>,
    /// The refused message, not verified: `verify` has it; `None` for the log, which must not cost a second reading.
    pub unverified_message: Option<&'a str>,
    /// The time of the verdict.
    pub now: Option<UtcDateTime>,
}

/// Returns the cause of a refused response.
pub fn saml_cause(rejection: &Rejection, context: &SamlContext<'_>) -> &'static Cause {
    match rejection.check().stage() {
        Stage::Binding | Stage::Xml => form::cause(rejection, context),
        Stage::Shape => response::cause(rejection, context),
        Stage::Signature => match rejection.check() {
            Check::SameIssuer | Check::KnownIssuer | Check::MetadataValid | Check::MetadataConfirmed => {
                issuer::cause(rejection, context)
            }
            _ => signature::cause(rejection, context),
        },
        Stage::Assertion => assertion::cause(rejection, context),
        Stage::Identity => identity::cause(rejection, context),
    }
}

/// Every cause, in the order of the stages.
pub(super) fn all() -> Vec<&'static Cause> {
    let stages = [form::ALL, response::ALL, issuer::ALL, signature::ALL];
    let assertion = [url::ALL, time::ALL, audience::ALL, assertion::ALL, identity::ALL];
    stages.into_iter().chain(assertion).flatten().copied().collect()
}
