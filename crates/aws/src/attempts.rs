//! The attempts of one call: the SDK asks again where it may.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{Error as OperationError, FinalizerInterceptorContextRef};
use aws_smithy_runtime_api::client::orchestrator::OrchestratorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Sees of one call whether AWS may have done what it asks for, though an attempt of it was not answered.
#[derive(Debug, Clone, Default)]
pub struct Attempts(Arc<AtomicBool>);

impl Attempts {
    /// Whether an attempt was sent, or may have been, and no answer came, or one that leaves it open: a failure of the
    /// server's (5xx), or a status that a proxy may give after it passed the request on (408, 429). Another error that AWS
    /// answered with says that nothing is done by that attempt; it says nothing of an earlier one.
    pub fn may_be_done(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "Attempts"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _runtime_components: &RuntimeComponents,
        _cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(Err(error)) = context.output_or_error()
            && (is_unanswered(error, context.response().is_some())
                || context.response().is_some_and(|response| leaves_open(response.status().as_u16())))
        {
            self.0.store(true, Ordering::Release);
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
