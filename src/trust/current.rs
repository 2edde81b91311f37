//! Trust that is read again while the service runs, so that a certificate is rotated without a restart.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use aws_config::SdkConfig;
use time::UtcDateTime;
use tokio::sync::Mutex;

use super::{Metadata, Source, Trust, TrustError, read};

/// How long a sign-in waits for metadata that is read again. The last good one serves if it takes longer.
const PATIENCE: Duration = Duration::from_secs(3);

/// The trust of the moment.
pub struct CurrentTrust {
    trust: RwLock<Arc<Trust>>,
    again: Option<Again>,
}

/// How it is read again.
struct Again {
    sources: Vec<Source>,
    sdk: SdkConfig,
    every: Duration,
    last: Mutex<Read>,
}

/// What was read last, and when.
struct Read {
    metadata: Metadata,
    at: UtcDateTime,
}

impl CurrentTrust {
    /// A trust that stays.
    pub fn fixed(trust: Trust) -> Self {
        Self { trust: RwLock::new(Arc::new(trust)), again: None }
    }

    /// The trust of these sources, in what their identity providers say to `us`, read again `every` so often; never for
    /// zero.
    ///
    /// # Errors
    /// [`TrustError`].
    pub async fn of(
        sources: Vec<Source>,
        sdk: &SdkConfig,
        us: studio_acs_saml::ServiceProvider,
        every: Duration,
        now: UtcDateTime,
    ) -> Result<Self, TrustError> {
        let metadata = read(&sources, sdk).await?;
        let trust = Trust::new(&metadata, us, now)?;
        let again = Again { sources, sdk: sdk.clone(), every, last: Mutex::new(Read { metadata, at: now }) };
        Ok(Self { trust: RwLock::new(Arc::new(trust)), again: (!every.is_zero()).then_some(again) })
    }

    /// The trust as of now. The first sign-in after the interval reads the metadata again before it is judged; others
    /// meanwhile, and all if there is nothing to trust any more, go by the last good one. There is no timer: between
    /// invocations a Lambda function is not running.
    pub async fn get(&self, now: UtcDateTime) -> Arc<Trust> {
        if let Some(again) = &self.again
            && let Ok(mut last) = again.last.try_lock()
            && now >= last.at.saturating_add(again.every.try_into().unwrap_or(time::Duration::MAX))
        {
            last.at = now;
            self.renew(again, &mut last, now).await;
        }
        self.latest()
    }

    /// The last good trust, without a look at its sources.
    pub fn latest(&self) -> Arc<Trust> {
        Arc::clone(&self.trust.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn renew(&self, again: &Again, last: &mut Read, now: UtcDateTime) {
        let metadata = match tokio::time::timeout(PATIENCE, read(&again.sources, &again.sdk)).await {
            Ok(Ok(metadata)) => metadata,
            Ok(Err(error)) => {
                return tracing::error!(%error, "the metadata cannot be read again: the last good one stays");
            }
            Err(_) => {
                return tracing::error!(
                    error = "no answer in time",
                    "the metadata cannot be read again: the last good one stays"
                );
            }
        };
        // The same text, too: its `validUntil` may be over.
        let us = self.latest().verifier.service_provider().clone();
        match Trust::new(&metadata, us, now) {
            Ok(_) if metadata == last.metadata => {}
            Ok(trust) => {
                let issuers: Vec<_> = trust.verifier.idps().iter().map(|idp| idp.entity_id().to_owned()).collect();
                tracing::info!(?issuers, "the metadata has changed");
                trust.warn_of_expiry(now);
                *self.trust.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(trust);
                last.metadata = metadata;
            }
            Err(error) => tracing::error!(%error, "the metadata cannot be trusted any more: the last good one stays"),
        }
    }
}

impl fmt::Debug for CurrentTrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CurrentTrust").field(&self.trust).finish()
    }
}
