//! Trust that is read again while the service runs, so that a certificate is rotated, and a stolen key taken out, without a
//! restart.

use std::fmt;
use std::sync::Arc;

use aws_config::SdkConfig;
use studio_acs_saml::ServiceProvider;
use time::UtcDateTime;

use super::document::Documents;
use super::{Trust, TrustError, read};
use studio_acs_aws::{Look, PATIENCE, RefreshRules, Refreshed, Source, SourceError, Text};

/// The trust of the moment.
pub struct CurrentTrust {
    kept: Refreshed<KeptTrust>,
    sources: Vec<Source>,
    sdk: SdkConfig,
    rules: RefreshRules,
}

/// The documents of each source, in their order, and the trust that they make.
#[derive(Debug)]
struct KeptTrust {
    documents: Vec<Documents>,
    trust: Arc<Trust>,
    /// When it was last warned of ends: at the start, by the caller.
    warned: UtcDateTime,
}

impl CurrentTrust {
    /// A trust that stays.
    pub fn fixed(trust: Trust) -> Self {
        let kept = KeptTrust { documents: Vec::new(), trust: Arc::new(trust), warned: UtcDateTime::UNIX_EPOCH };
        let (sdk, rules) = (SdkConfig::builder().build(), RefreshRules::NEVER);
        Self { kept: Refreshed::new(kept, rules, UtcDateTime::UNIX_EPOCH), sources: Vec::new(), sdk, rules }
    }

    /// The trust of these sources, in what their identity providers say to `us`, read again by these rules. At the
    /// start all of it has to be good.
    ///
    /// # Errors
    /// [`TrustError`].
    pub async fn of(
        sources: Vec<Source>,
        sdk: &SdkConfig,
        us: ServiceProvider,
        rules: RefreshRules,
        now: UtcDateTime,
    ) -> Result<Self, TrustError> {
        let mut documents = Vec::new();
        for source in &sources {
            documents.push(Documents::whole(read(std::slice::from_ref(source), sdk).await?.documents, now)?);
        }
        let trust = Arc::new(Trust::of(documents.iter().flat_map(|of_one| &of_one.0), us, &rules)?);
        let kept = KeptTrust { documents, trust, warned: now };
        Ok(Self { kept: Refreshed::new(kept, rules, now), sources, sdk: sdk.clone(), rules })
    }

    /// The trust as of now. Each readable document is in force from then on, whatever is wrong with others; one that
    /// cannot be read stays as it was, and its keys let no user in once it has not been read for the maximum age.
    pub async fn get(&self, now: UtcDateTime) -> Arc<Trust> {
        let kept = self.kept.get(now, |last| self.look(last, now)).await;
        // How old it may be stands with each key.
        let kept = kept.unwrap_or_else(|_| self.kept.latest());
        Arc::clone(&kept.trust)
    }

    /// The trust that was read last, without a look at its sources.
    pub fn latest(&self) -> Arc<Trust> {
        Arc::clone(&self.kept.latest().trust)
    }

    async fn look(&self, last: Arc<KeptTrust>, now: UtcDateTime) -> Look<KeptTrust> {
        // Side by side: a source that does not answer does not delay the others.
        let reads: Vec<_> =
            self.sources.iter().map(|source| tokio::spawn(look_at(source.clone(), self.sdk.clone()))).collect();
        let (mut documents, mut failures, mut changed) = (Vec::new(), Vec::new(), false);
        for ((before, source), read) in last.documents.iter().zip(&self.sources).zip(reads) {
            let read = read.await.unwrap_or_else(|error| Err(unreadable(source, error.to_string())));
            let again = before.after(read, now);
            changed |= again.changed;
            failures.extend(again.failures);
            documents.push(again.documents);
        }
        let trust = last.trust.again(documents.iter().flat_map(|of_one| &of_one.0), &self.rules);
        if changed {
            let issuers: Vec<_> = trust.verifier.idps().iter().map(|idp| idp.entity_id().to_owned()).collect();
            tracing::info!(?issuers, "the metadata has changed");
        }
        // The same warning once a day, however often sources are looked at.
        let warned = if changed || last.warned.date() != now.date() {
            trust.warn(now);
            now
        } else {
            last.warned
        };
        trust.tell_of_faults(now);
        let kept = KeptTrust { documents, trust: Arc::new(trust), warned };
        if failures.is_empty() { Look::Read(kept) } else { Look::Part(kept, failures.join("; ")) }
    }
}

/// Reads the texts at `source`, if it answers in time.
async fn look_at(source: Source, sdk: SdkConfig) -> Result<Vec<Text>, SourceError> {
    let read = tokio::time::timeout(PATIENCE, source.documents(&sdk)).await;
    read.unwrap_or_else(|_| Err(unreadable(&source, "no answer in time".to_owned())))
}

fn unreadable(source: &Source, reason: String) -> SourceError {
    SourceError::Unreadable { place: source.to_string(), reason }
}

impl fmt::Debug for CurrentTrust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CurrentTrust").field(&self.latest()).finish()
    }
}
