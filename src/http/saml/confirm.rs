//! The confirmation: a page names the user whose response came, and nothing is opened before they say that it is theirs.

use crate::http::error::Refusal;
use crate::http::state::{LogFields, RequestState, open_in_browser};
use crate::service::Service;
use studio_acs_broker::Outcome;
use studio_acs_identity::{Identity, ResumeToken, SignInRequest};

/// Claims the response, so that no other browser can bring it again, and asks its user.
pub(super) async fn ask(
    service: &Service,
    identity: &Identity,
    sign_in_request: &SignInRequest,
    state: &mut RequestState,
) -> Result<Outcome, Refusal> {
    service.broker.claim(identity, state.id.as_str(), state.now).await?;
    state.is_asked(service, identity, sign_in_request)?;
    Ok(Outcome::Confirm)
}

/// Goes on if the user has confirmed on the page of `resume_token`, and ends the sign-in if they have declined. A form
/// that says neither is another page's: the user is asked again.
pub(super) async fn answer(
    service: &Service,
    resume_token: &ResumeToken,
    confirms: Option<bool>,
    state: &mut RequestState,
    log: &mut LogFields,
) -> Result<Outcome, Refusal> {
    match confirms {
        Some(true) => {
            state.remembered = service.confirmation.remember(resume_token.confirm(), state.now);
            open_in_browser(
                service,
                resume_token.confirm(),
                resume_token.sign_in_request().clone(),
                Some(resume_token.since()),
                state,
                log,
            )
            .await
        }
        Some(false) => {
            service.broker.claim(resume_token.identity(), state.id.as_str(), state.now).await?;
            Err(Refusal::Declined)
        }
        None => {
            state.waits(resume_token);
            Ok(Outcome::Confirm)
        }
    }
}
