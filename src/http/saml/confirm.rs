//! The confirmation: a page names the user whose response came, and nothing is opened before they say that it is theirs.

use studio_acs_broker::Outcome;
use studio_acs_identity::{Identity, ResumeToken, SignInRequest};

use super::open::{BrowserRequest, open};
use crate::http::error::Refusal;
use crate::http::log_fields::LogFields;
use crate::http::refused::{OrRefuse as _, Refused};
use crate::http::request_state::RequestState;
use crate::http::sign_in::{Next, Resume, SignIn};
use crate::service::Service;

/// Claims the response, so that no other browser can bring it again, and asks its user.
pub(super) async fn ask(
    service: &Service,
    state: &RequestState,
    identity: &Identity,
    sign_in_request: &SignInRequest,
    log: LogFields,
) -> Result<SignIn, Box<Refused>> {
    service.broker.claim(identity, state.id.as_str(), state.now).await.or_refuse(&log)?;
    let used = service.broker.group_use(state.now).await;
    let issued = service.resume_tokens.issue_unconfirmed(identity, sign_in_request, used, state.now).or_refuse(&log)?;
    Ok(SignIn { outcome: Outcome::Confirm, log, next: Resume::GoesOn(issued).into() })
}

/// Goes on if the user has confirmed on the page of `resume_token`, and ends the sign-in if they have declined. A form
/// that says neither is another page's: the user is asked again.
pub(super) async fn answer(
    service: &Service,
    state: &RequestState,
    resume_token: &ResumeToken,
    confirms: Option<bool>,
    log: LogFields,
) -> Result<SignIn, Box<Refused>> {
    match confirms {
        Some(true) => {
            let confirmed = resume_token.confirm();
            let SignIn { outcome, log, next } =
                open(service, state, BrowserRequest::of(resume_token, confirmed), log).await?;
            let next = Next { confirmed: service.confirmation.remember(confirmed, state.now), ..next };
            Ok(SignIn { outcome, log, next })
        }
        Some(false) => {
            service.broker.claim(resume_token.identity(), state.id.as_str(), state.now).await.or_refuse(&log)?;
            Err(Refusal::Declined).or_refuse(&log)
        }
        None => {
            let next = Resume::Waits(resume_token.csrf_token().clone()).into();
            Ok(SignIn { outcome: Outcome::Confirm, log, next })
        }
    }
}
