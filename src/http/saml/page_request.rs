//! A [`PageRequest`]: the request that a page of ours sends.

use axum::body::Body;
use axum::http::{Method, Request};
use studio_acs_identity::{ResumeError, ResumeToken};
use studio_acs_refusal::printable;

use crate::http::error::Refusal;
use crate::http::pages::{FORM_LIMIT, Form, FormError};
use crate::http::request_state::RequestState;
use crate::service::Service;

/// The request that a page of ours sends.
pub(in crate::http) struct PageRequest {
    /// The form; `None` where the method is GET.
    pub(super) form: Option<Form>,
    /// The form of the query, which a GET brings.
    query: Form,
}

impl PageRequest {
    /// Reads the query and the form, by one of the `allowed` methods, which the error calls `expected`.
    pub(super) async fn receive(
        service: &Service,
        request: Request<Body>,
        allowed: &[Method],
        expected: &'static str,
    ) -> Result<Self, Refusal> {
        let (head, body) = request.into_parts();
        if !allowed.contains(&head.method) {
            return Err(FormError::Method { expected, found: printable(head.method.as_str()) }.into());
        }
        let query = Form::read(head.uri.query().unwrap_or_default().as_bytes())?;
        if head.method != Method::POST {
            return Ok(Self { form: None, query });
        }
        Form::check_content_type(&head.headers)?;
        // One as small as this never gives way.
        let body = service.bodies.read(body, FORM_LIMIT, service.request_timeout).await;
        let body = body.map_err(|_| FormError::Size { limit: FORM_LIMIT })?;
        Ok(Self { form: Some(Form::read(service.bodies.decode(body).await.bytes())?), query })
    }

    /// Returns the resume token that the browser brings, if the request comes from a page of it, and the identity provider
    /// that it goes back to is still trusted.
    pub(super) async fn resume_token(
        &self,
        service: &Service,
        state: &RequestState,
    ) -> Result<ResumeToken, ResumeError> {
        let trust = service.trust.get(state.now).await;
        let trusts = |issuer: &str, key| trust.trusts(issuer, key, state.now);
        let resume_token = service.cookies.read_resume_token(&state.headers);
        let resume_token = service.resume_tokens.read(resume_token, trusts, state.now)?;
        resume_token.check_csrf(self.form.as_ref().unwrap_or(&self.query).csrf_token.as_deref())?;
        Ok(resume_token)
    }
}
