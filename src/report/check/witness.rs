//! Watches the SDK's calls: the host that each goes to, and the time on that host.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_sagemaker::config::interceptors::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_sagemaker::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_sagemaker::error::BoxError;
use aws_sdk_sagemaker::primitives::{DateTime, DateTimeFormat};
use axum::http::Uri;
use time::{Duration, UtcDateTime};

use crate::service::Clock;

/// An interceptor of the SDK's clients.
#[derive(Clone)]
pub(super) struct Witness {
    clock: Clock,
    seen: Arc<Mutex<WitnessedCalls>>,
}

#[derive(Debug, Clone, Default)]
struct WitnessedCalls {
    host: Option<(String, u16)>,
    ahead: Option<Duration>,
}

impl Witness {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, seen: Arc::default() }
    }

    /// The host and port of the last call.
    pub(super) fn host(&self) -> Option<(String, u16)> {
        self.seen().host
    }

    /// Our clock less the other one's, at the last answer that said the time.
    pub(super) fn ahead(&self) -> Option<Duration> {
        self.seen().ahead
    }

    fn seen(&self) -> WitnessedCalls {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, change: impl FnOnce(&mut WitnessedCalls)) {
        change(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl fmt::Debug for Witness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Witness")
    }
}

impl Intercept for Witness {
    fn name(&self) -> &'static str {
        "Witness"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let uri: Uri = context.request().uri().parse()?;
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
        self.note(|seen| seen.host = uri.host().map(|host| (host.to_owned(), port)));
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|date| DateTime::from_str(date, DateTimeFormat::HttpDate).ok());
        let theirs = date.and_then(|date| UtcDateTime::from_unix_timestamp(date.secs()).ok());
        let ours = self.clock.now();
        let difference = |theirs: UtcDateTime| ours.unix_timestamp_nanos().checked_sub(theirs.unix_timestamp_nanos());
        if let Some(ahead) = theirs.and_then(difference).and_then(|ahead| i64::try_from(ahead).ok()) {
            self.note(|seen| seen.ahead = Some(Duration::nanoseconds(ahead)));
        }
        Ok(())
    }
}
