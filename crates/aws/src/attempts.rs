//! The [`Attempts`] of one call: the SDK asks again where it may, and a time-out may end the call during an attempt or
//! between two.

use std::error::Error;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, Error as OperationError, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::OrchestratorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use crate::cause::AwsCause;
use crate::reason::AwsReason;

/// Sees the attempts of one call, whose errors are `E`: whether AWS may have done what the call asks for though it failed,
/// and the last answer.
#[derive(Debug)]
pub struct Attempts<E> {
    seen: Arc<Mutex<Seen>>,
    errors: PhantomData<fn() -> E>,
}

#[derive(Debug, Default)]
struct Seen {
    /// Whether an attempt has begun.
    begun: bool,
    /// Whether an attempt is under way.
    under_way: bool,
    /// Whether an earlier attempt was left open.
    left_open: bool,
    /// The error of the last attempt that was answered.
    error: Option<AwsReason>,
}

impl<E> Default for Attempts<E> {
    fn default() -> Self {
        Self { seen: Arc::default(), errors: PhantomData }
    }
}

impl<E> Clone for Attempts<E> {
    fn clone(&self) -> Self {
        Self { seen: Arc::clone(&self.seen), errors: PhantomData }
    }
}

impl<E> Attempts<E> {
    /// Whether an attempt is under way, or was sent, or may have been, and no answer came, or one that leaves it open: a
    /// failure of the server's (5xx), or a status that a proxy may give after it passed the request on (408, 429). Another
    /// error that AWS answered with says that nothing is done by that attempt; it says nothing of an earlier one.
    pub fn may_be_done(&self) -> bool {
        let seen = self.seen();
        seen.under_way || seen.left_open
    }

    /// Returns the reason why the call has no result, where a time-out ended it: AWS's last answer if that was that it
    /// throttles, since the SDK waited for it, and else the lack of an answer.
    pub fn timed_out(&self) -> AwsReason {
        let seen = self.seen();
        match &seen.error {
            _ if !seen.begun => AwsReason::held_back(),
            Some(error) if error.cause() == AwsCause::Throttled => error.clone(),
            Some(error) => error.clone().timed_out_after(),
            None => AwsReason::timed_out(),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E: Error + ProvideErrorMetadata + Send + Sync + 'static> Intercept for Attempts<E> {
    fn name(&self) -> &'static str {
        "Attempts"
    }

    fn read_before_attempt(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _runtime_components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut seen = self.seen();
        (seen.begun, seen.under_way) = (true, true);
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _runtime_components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut seen = self.seen();
        seen.under_way = false;
        let Some(Err(error)) = context.output_or_error() else { return Ok(()) };
        let status = context.response().map(|response| response.status().as_u16());
        seen.left_open |= is_unanswered(error, status.is_some()) || status.is_some_and(leaves_open);
        if let (Some(error), Some(status)) =
            (error.as_operation_error().and_then(|error| error.downcast_ref::<E>()), status)
        {
            seen.error = Some(AwsReason::answered(status, error.code(), error.message()));
        }
        Ok(())
    }
}

/// Whether a request that was answered with this status may have been carried out.
fn leaves_open(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..)
}

fn is_unanswered(error: &OrchestratorError<OperationError>, has_response: bool) -> bool {
    match error.as_connector_error() {
        // The SDK's own time-out is none of the HTTP client's.
        Some(error) => find(error).map_or(error.is_timeout() || error.is_io(), |error| !error.is_connect()),
        // A response that is no error of AWS's: it cannot be read.
        None => error.is_timeout_error() || (has_response && !error.is_operation_error()),
    }
}

/// The HTTP client's error among the causes of `error`.
fn find<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e hyper_util::client::legacy::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}
