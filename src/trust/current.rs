//! Trust that is read again while the service runs, so that a certificate is rotated without a restart.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use aws_config::SdkConfig;
use time::UtcDateTime;
use tokio::sync::Mutex;

use super::{Metadata, Source, Trust, TrustError, read};

/// How long a sign-in waits for metadata that is read again. The last good one serves if it takes longer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);

/// How long after a failure it is read again, where that is sooner than the interval.
const RETRY: Duration = Duration::from_secs(60);

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

/// What was read last, when it was tried last, and for how long that will do.
struct Read {
    metadata: Metadata,
    at: UtcDateTime,
    good_for: Duration,
}

impl Read {
    /// Whether it is time to look again; also where the clock was set back, by more than sign-ins that wait for each
    /// other are apart.
    fn is_over(&self, now: UtcDateTime) -> bool {
        let later = |from: UtcDateTime, by: Duration| from.saturating_add(by.try_into().unwrap_or(time::Duration::MAX));
        now >= later(self.at, self.good_for) || self.at > later(now, RETRY)
    }
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
        let again =
            Again { sources, sdk: sdk.clone(), every, last: Mutex::new(Read { metadata, at: now, good_for: every }) };
        Ok(Self { trust: RwLock::new(Arc::new(trust)), again: (!every.is_zero()).then_some(again) })
    }

    /// The trust as of now. The first sign-in after the interval reads the metadata again before it is judged, and those
    /// that come meanwhile wait for it: after a quiet night the last good one may be old. It serves where there is
    /// nothing to trust any more. There is no timer: between invocations a Lambda function is not running.
    pub async fn get(&self, now: UtcDateTime) -> Arc<Trust> {
        if let Some(again) = &self.again {
            let mut last = again.last.lock().await;
            if last.is_over(now) {
                last.at = now;
                last.good_for = again.every.min(RETRY);
                if self.renew(again, &mut last, now).await {
                    last.good_for = again.every;
                }
            }
        }
        self.latest()
    }

    /// The last good trust, without a look at its sources.
    pub fn latest(&self) -> Arc<Trust> {
        Arc::clone(&self.trust.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether it could be read and trusted.
    async fn renew(&self, again: &Again, last: &mut Read, now: UtcDateTime) -> bool {
        let read = tokio::time::timeout(PATIENCE, read(&again.sources, &again.sdk)).await;
        let read = read.map_err(|_| "no answer in time".to_owned());
        let metadata = match read.and_then(|read| read.map_err(|error| error.to_string())) {
            Ok(metadata) => metadata,
            Err(error) => {
                tracing::error!(error, "the metadata cannot be read again: the last good one stays");
                return false;
            }
        };
        // The same text, too: its `validUntil` may be over.
        let us = self.latest().verifier.service_provider().clone();
        match Trust::new(&metadata, us, now) {
            Ok(_) if metadata == last.metadata => true,
            Ok(trust) => {
                let issuers: Vec<_> = trust.verifier.idps().iter().map(|idp| idp.entity_id().to_owned()).collect();
                tracing::info!(?issuers, "the metadata has changed");
                trust.warn_of_expiry(now);
                *self.trust.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(trust);
                last.metadata = metadata;
                true
            }
            Err(error) => {
                tracing::error!(%error, "the metadata cannot be trusted any more: the last good one stays");
                false
            }
        }
    }
}

impl fmt::Debug for CurrentTrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CurrentTrust").field(&self.trust).finish()
    }
}
