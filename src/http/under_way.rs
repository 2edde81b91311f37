//! [`UnderWay`]: a guard of a request that is not answered yet.

use std::sync::Arc;

/// Whatever a home of the router keeps until a request has come to its end, which may be after its client has left.
#[derive(Clone)]
pub struct UnderWay {
    _kept: Arc<dyn Send + Sync>,
}

impl UnderWay {
    /// Keeps `kept`.
    pub fn new(kept: impl Send + Sync + 'static) -> Self {
        Self { _kept: Arc::new(kept) }
    }
}
