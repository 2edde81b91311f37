//! A [`RequestState`]: what belongs to one request, from the arrival of its body to its answer.

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use studio_acs_broker::{OpenRequest, RequestContext};
use studio_acs_identity::{Confirmed, Identity, SignInRequest};
use time::UtcDateTime;

use super::correlation::CorrelationId;
use super::peer::Peer;
use crate::service::Service;

/// A request whose body has come, or will not come. It does not change any more.
pub(super) struct RequestState {
    pub(super) id: CorrelationId,
    pub(super) headers: HeaderMap,
    /// The sender.
    pub(super) peer: Peer,
    /// How a page of ours names the others: the part of the path before `continue`.
    pub(super) base: String,
    /// The time that the attempt is judged as of.
    pub(super) now: UtcDateTime,
}

impl RequestState {
    /// The circumstances of this request of `identity`, for the policy.
    pub(super) fn context(
        &self,
        service: &Service,
        identity: &Identity,
        sign_in_request: &SignInRequest,
    ) -> RequestContext {
        RequestContext {
            source_ip: self.peer.address,
            vpc_endpoint: self.peer.vpc_endpoint.clone(),
            vpc: self.peer.vpc.clone(),
            urls_this_minute: None,
            ticket_number: sign_in_request.ticket_number.clone(),
            names: service.names_for(identity.issuer()),
        }
    }

    /// The question to the broker on behalf of the `confirmed` user.
    pub(super) fn open_request<'a>(
        &'a self,
        service: &Service,
        confirmed: Confirmed<'a>,
        sign_in_request: &'a SignInRequest,
    ) -> OpenRequest<'a> {
        OpenRequest {
            identity: confirmed.identity(),
            sign_in_request,
            context: self.context(service, confirmed.identity(), sign_in_request),
            correlation_id: self.id.as_str(),
            now: self.now,
        }
    }
}

/// The head of a request whose body has yet to come.
pub(super) struct RequestHead {
    pub(super) id: CorrelationId,
    headers: HeaderMap,
    peer: Peer,
    base: String,
}

impl RequestHead {
    /// The head of `request`.
    pub(super) fn of(request: &Request<Body>, id: CorrelationId, base: String) -> Self {
        let peer = request.extensions().get::<Peer>().cloned().unwrap_or_default();
        Self { id, headers: request.headers().clone(), peer, base }
    }

    /// The request whose body came at `now`. A sender may hold a body back, so the request is judged as of its arrival.
    pub(super) fn arrived_at(self, now: UtcDateTime) -> RequestState {
        let Self { id, headers, peer, base } = self;
        RequestState { id, headers, peer, base, now }
    }
}
