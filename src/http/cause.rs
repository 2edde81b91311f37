//! The cause of a refusal, for the log.

use super::error::Refusal;
use crate::report::cause::{Cause, SamlContext, TokenContext, code_cause, saml_cause, token_cause};
use crate::service::Service;
use crate::token::TokenError;
use time::UtcDateTime;

/// Returns the cause, as far as rejection and settings tell it: the message is not read again.
pub(super) fn cause(service: &Service, refusal: &Refusal, now: UtcDateTime) -> Option<&'static Cause> {
    match refusal {
        Refusal::Rejected(rejection) => {
            let trust = service.trust.latest();
            let context = SamlContext {
                service_provider: Some(trust.verifier.service_provider()),
                idps: Some(trust.verifier.idps()),
                identity: Some(&service.identity),
                unverified_message: None,
                now: Some(now),
            };
            Some(saml_cause(rejection, &context))
        }
        Refusal::Token(TokenError::Rejected(rejection)) => Some(token_cause(rejection, &TokenContext::default())),
        other => code_cause(other.code(), &other.to_string()),
    }
}
