//! The token API: a token in, a session out, by the same broker as at the ACS.

use studio_acs_identity::{Confirmed, Identity, Protocol};
use studio_acs_jwt::UnverifiedToken;
use studio_acs_refusal::printable;

use super::api_request::ApiRequest;
use crate::http::error::Refusal;
use crate::http::log_fields::LogFields;
use crate::http::refused::{OrRefuse as _, Refused};
use crate::http::request_state::RequestState;
use crate::http::sign_in::{Next, SignIn};
use crate::service::Service;
use crate::token::{TokenApi, TokenError};

/// Token in, session out. Each line takes what the line before it made; nothing else makes it. A refusal takes along the
/// facts that are verified by then.
pub(in crate::http) async fn open(
    service: &Service,
    token_api: &TokenApi,
    state: &RequestState,
    request: Result<ApiRequest, Refusal>,
) -> Result<SignIn, Box<Refused>> {
    let log = LogFields::at(Protocol::Jwt);
    let ApiRequest { token, sign_in_request } = request.or_refuse(&log)?;
    let claims = |refused: Box<Refused>| refused.claimed_by(claimed_issuer(&token));
    let issuer = token_api.select(&token).or_refuse(&log).map_err(claims)?;
    // The policies are read again meanwhile, where it is time.
    let (verified, _) = tokio::join!(issuer.verify(&token, state.now), service.broker.group_use(state.now));
    let token = verified.or_refuse(&log).map_err(claims)?;
    let log = log.with_credential(token.issuer(), token.id());
    let identity = Identity::by_token(&token, issuer.claims(), &mut ()).map_err(TokenError::from).or_refuse(&log)?;
    let log = log.with_identity(&identity);
    let request = state.open_request(service, Confirmed::by_token(&identity, &token), &sign_in_request);
    let response = service.broker.open(request, || service.clock.now()).await;
    let log = log.with_entry(response.entry).with_groups_matched(response.groups_matched);
    let outcome = response.outcome.or_refuse(&log)?;
    Ok(SignIn { outcome, log, next: Next::default() })
}

/// The issuer that a rejected token names, for the count of rejected ones; empty where it names none.
fn claimed_issuer(token: &UnverifiedToken) -> String {
    token.unverified_issuer().map(|issuer| printable(&issuer)).unwrap_or_default()
}
