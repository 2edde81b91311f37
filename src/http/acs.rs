//! The Assertion Consumer Service: the whole way of one sign-in.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{HeaderValue, Method, Request, Response};
use studio_acs_saml::{BODY_LIMIT, Check, UnverifiedResponse};

use super::correlation::CorrelationId;
use super::refusal::Refusal;
use crate::app::App;
use crate::broker::PresignedUrl;
use crate::identity::Identity;

/// Form in, session out. Each line takes what the line before it made; nothing else makes it.
async fn sign_in(
    app: &App,
    form: Request<Body>,
    id: &CorrelationId,
    attempt: &mut Attempt,
) -> Result<PresignedUrl, Refusal> {
    let response = receive(form, app.request_timeout).await?;
    // After the body, which a sender may hold back: it is judged as of when it is there.
    let now = app.clock.now();
    #[cfg(feature = "second-opinion")]
    let xml = response.unverified_text().to_owned();
    let trust = app.trust.get(now).await;
    let assertion = trust.verifier.verify(response, None, now, &mut ())?;
    attempt.issuer = assertion.issuer().to_owned();
    attempt.assertion_id = assertion.id().to_owned();
    let identity = Identity::of(assertion, &app.identity, &mut ())?;
    attempt.user = identity.user().to_string();
    attempt.domain = identity.domain().to_string();
    #[cfg(feature = "second-opinion")]
    trust.second_opinion.confirm(xml, &identity, &app.identity).await?;
    let grant = app.once_only.redeem(identity, id.as_str(), now).await?;
    let (recorded, open) = app.recorder.intend(grant, id.as_str(), now).await?;
    let minted = app.minter.mint(recorded, now).await;
    app.recorder.close(open, &minted, app.clock.now()).await;
    Ok(minted?)
}

/// Answers a request for the ACS, and logs the attempt once.
pub(super) async fn answer(app: &App, request: Request<Body>, id: &CorrelationId) -> Response<Body> {
    let headers = request.headers().clone();
    let mut attempt = Attempt::default();
    let outcome = sign_in(app, request, id, &mut attempt).await;
    attempt.log(&outcome, id);
    match outcome {
        Ok(url) => app.pages.to_studio(&url),
        Err(refusal) => {
            let mut response = app.pages.refusal(&refusal, &headers, id);
            if refusal.code() == Check::Method.code() {
                response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
            }
            response
        }
    }
}

/// Bindings 3.5: reads the form of a POST, no further and no longer than the limits.
async fn receive(request: Request<Body>, limit: Duration) -> Result<UnverifiedResponse, Refusal> {
    if request.method() != Method::POST {
        return Err(Check::Method.reject("POST", request.method()).into());
    }
    let (head, body) = request.into_parts();
    // A type that is not text, or two types, is none that we know.
    let mut types = head.headers.get_all(CONTENT_TYPE).iter();
    let content_type = types.next().map(|value| value.to_str().unwrap_or_default()).filter(|_| types.next().is_none());
    UnverifiedResponse::check_content_type(content_type)?;
    let body = tokio::time::timeout(limit, to_bytes(body, BODY_LIMIT)).await;
    let Ok(Ok(body)) = body else {
        let expected = format!("at most {BODY_LIMIT} bytes within {} s", limit.as_secs());
        return Err(Check::BodySize.reject(expected, "more, or a body that broke off").into());
    };
    Ok(UnverifiedResponse::from_form(content_type, &body)?)
}

/// What is known of an attempt, for the log: the facts after they are verified, never before.
#[derive(Default)]
struct Attempt {
    issuer: String,
    assertion_id: String,
    user: String,
    domain: String,
}

impl Attempt {
    fn log(&self, outcome: &Result<PresignedUrl, Refusal>, id: &CorrelationId) {
        let Self { issuer, assertion_id, user, domain } = self;
        match outcome {
            Ok(_) => {
                tracing::info!(correlation_id = %id, outcome = "accepted", issuer, assertion_id, user, domain, "sign-in");
            }
            Err(refusal) => {
                let code = refusal.code();
                tracing::warn!(correlation_id = %id, outcome = "refused", code, reason = %refusal, issuer, assertion_id, user, domain, "sign-in");
            }
        }
    }
}
