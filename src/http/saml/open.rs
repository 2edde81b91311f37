//! The way of a confirmed user in a browser to the broker.

use studio_acs_broker::Outcome;
use studio_acs_identity::{Confirmed, ResumeToken, SignInRequest, Since};

use crate::http::log_fields::LogFields;
use crate::http::refused::{OrRefuse as _, Refused};
use crate::http::request_state::RequestState;
use crate::http::sign_in::{Next, Resume, SignIn};
use crate::service::Service;

/// The request of a confirmed user in a browser.
pub(super) struct BrowserRequest<'a> {
    /// The user.
    pub(super) confirmed: Confirmed<'a>,
    /// Their request.
    pub(super) sign_in_request: SignInRequest,
    /// When the sign-in began; `None` for one that begins with this request.
    pub(super) since: Option<Since>,
    /// Whether the entry is chosen among several by this request, so that the browser is to remember it.
    pub(super) has_chosen: bool,
}

impl<'a> BrowserRequest<'a> {
    /// The request that `resume_token` brings back.
    pub(super) fn of(resume_token: &ResumeToken, confirmed: Confirmed<'a>) -> Self {
        let (sign_in_request, since) = (resume_token.sign_in_request().clone(), resume_token.since());
        Self { confirmed, sign_in_request, since: Some(since), has_chosen: false }
    }
}

/// Asks the broker, and issues a resume token where the browser has to come back.
pub(super) async fn open(
    service: &Service,
    state: &RequestState,
    request: BrowserRequest<'_>,
    log: LogFields,
) -> Result<SignIn, Box<Refused>> {
    let BrowserRequest { confirmed, sign_in_request, since, has_chosen } = request;
    let response =
        service.broker.open(state.open_request(service, confirmed, &sign_in_request), || service.clock.now()).await;
    let last_choice = response.entry.as_ref().filter(|_| has_chosen).map(|selected| selected.entry.clone());
    let log = log.with_entry(response.entry).with_groups_matched(response.groups_matched);
    let outcome = response.outcome.or_refuse(&log)?;
    let used = service.broker.group_use(state.now).await;
    let goes_on = |sign_in_request: &SignInRequest| {
        service.resume_tokens.issue(confirmed, sign_in_request, since, used, state.now).map(Resume::GoesOn)
    };
    let with_entry =
        |entry: &str, waits| SignInRequest { entry: Some(entry.to_owned()), waits, ..sign_in_request.clone() };
    let resume = match &outcome {
        Outcome::Studio(_) | Outcome::NeedsApproval(..) => Ok(Resume::Ended),
        Outcome::NeedsTicket(entitlement, _) => goes_on(&with_entry(entitlement.id(), false)),
        Outcome::Provisioning(entitlement) => goes_on(&with_entry(entitlement.id(), true)),
        Outcome::Confirm | Outcome::Choose(_) | Outcome::Review(_) => goes_on(&sign_in_request),
    };
    let resume = resume.or_refuse(&log)?;
    Ok(SignIn { outcome, log, next: Next { last_choice, ..resume.into() } })
}
