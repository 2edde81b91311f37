//! The causes of a refused SAML response.

mod assertion;
mod form;
mod identity;
mod response;
mod signature;

use studio_acs_identity::IdentityRules;
use studio_acs_saml::{Rejection, ServiceProvider, Stage, TrustedIdps};
use time::UtcDateTime;

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
        Stage::Signature => signature::cause(rejection, context),
        Stage::Assertion => assertion::cause(rejection, context),
        Stage::Identity => identity::cause(rejection, context),
    }
}

/// Every cause, in the order of the stages.
pub(super) fn all() -> Vec<&'static Cause> {
    [form::ALL, response::ALL, signature::ALL, assertion::ALL, identity::ALL].concat()
}
