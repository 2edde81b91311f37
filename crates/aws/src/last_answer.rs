//! The last answer to one call: the SDK asks again, and a time-out may end the call while it waits.

use std::error::Error;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use crate::cause::AwsCause;
use crate::reason::AwsReason;

/// Sees of one call, whose errors are `E`, how far it is: a time-out that ends it while the SDK waits to ask again is AWS's
/// last answer, such as that it throttles, and not the lack of one.
#[derive(Debug)]
pub struct LastAnswer<E> {
    seen: Arc<Mutex<Seen>>,
    errors: PhantomData<fn() -> E>,
}

#[derive(Debug, Default)]
struct Seen {
    /// Whether an attempt has begun.
    begun: bool,
    /// Whether an attempt is under way.
    under_way: bool,
    /// The error of the last attempt that was answered.
    error: Option<AwsReason>,
}

impl<E> Default for LastAnswer<E> {
    fn default() -> Self {
        Self { seen: Arc::default(), errors: PhantomData }
    }
}

impl<E> Clone for LastAnswer<E> {
    fn clone(&self) -> Self {
        Self { seen: Arc::clone(&self.seen), errors: PhantomData }
    }
}

impl<E> LastAnswer<E> {
    /// Whether an attempt is under way, so that AWS may do what it asks for.
    pub fn is_under_way(&self) -> bool {
        self.seen().under_way
    }

    /// Returns the reason why the call has no result, where a time-out ended it.
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

impl<E: Error + ProvideErrorMetadata + Send + Sync + 'static> Intercept for LastAnswer<E> {
    fn name(&self) -> &'static str {
        "LastAnswer"
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
        let error =
            context.output_or_error().and_then(|result| result.err()?.as_operation_error()?.downcast_ref::<E>());
        if let (Some(error), Some(response)) = (error, context.response()) {
            let reason = AwsReason::answered(response.status().as_u16(), error.code(), error.message());
            seen.error = Some(reason);
        }
        Ok(())
    }
}
