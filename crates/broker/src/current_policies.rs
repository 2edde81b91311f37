//! Where the access policy is kept, and what it says as of now.

use std::sync::Arc;

use aws_config::SdkConfig;
use studio_acs_policy::{Policies, PolicyError, Zone};
use time::UtcDateTime;

use studio_acs_aws::{Look, PATIENCE, RefreshRules, Refreshed, TooOld};
use studio_acs_aws::{Source, SourceError};
use studio_acs_refusal::{Alarm, LogMessage};

/// The error of a policy that cannot be read again.
pub const POLICY_UNREADABLE: LogMessage = LogMessage {
    text: "the access policy cannot be read again: the last good one stays for now",
    fields: &["error"],
    alarm: Some(Alarm::MetadataFailed),
};

/// A file of policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicySource {
    /// One that comes with the program, by its name.
    Shipped(&'static str, &'static str),
    /// Another one.
    Text(Source),
}

impl PolicySource {
    /// Whether AWS has to be asked.
    pub fn is_remote(&self) -> bool {
        matches!(self, Self::Text(source) if source.is_remote())
    }
}

/// The reason why the access policy cannot be had at start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyStartError {
    /// It is not valid.
    #[error(transparent)]
    Invalid(#[from] PolicyError),
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] SourceError),
}

/// Each file's place and text.
type Files = Vec<(String, String)>;

/// The access policy of the moment.
#[derive(Debug)]
pub struct CurrentPolicies {
    kept: Refreshed<KeptPolicies>,
    sources: Vec<PolicySource>,
    zone: Zone,
    sdk: SdkConfig,
}

/// The files that were read last, and what they say together.
#[derive(Debug)]
struct KeptPolicies {
    files: Files,
    policies: Arc<Policies>,
}

impl CurrentPolicies {
    /// The policies of these sources, which tell the time in `zone`, read again by `rules`. Those that come with the
    /// program are never read again.
    ///
    /// # Errors
    /// [`PolicyStartError`].
    pub async fn of(
        sources: Vec<PolicySource>,
        zone: Zone,
        rules: RefreshRules,
        sdk: &SdkConfig,
        now: UtcDateTime,
    ) -> Result<Self, PolicyStartError> {
        let files = files(&sources, sdk).await?;
        let policies = Arc::new(parsed(&files, &zone)?);
        let is_shipped = sources.iter().all(|source| matches!(source, PolicySource::Shipped(..)));
        let rules = if is_shipped { RefreshRules::NEVER } else { rules };
        Ok(Self { kept: Refreshed::new(KeptPolicies { files, policies }, rules, now), sources, zone, sdk: sdk.clone() })
    }

    /// The policies as of now. All files together are the policy, so that one which cannot be read or is not valid leaves
    /// the last good policy in force, until it is too old.
    ///
    /// # Errors
    /// [`TooOld`].
    pub async fn get(&self, now: UtcDateTime) -> Result<Arc<Policies>, TooOld> {
        let kept = self.kept.get(now, |last| self.look(last)).await?;
        Ok(Arc::clone(&kept.policies))
    }

    /// The policies that were read last, without a look at their sources.
    pub fn latest(&self) -> Arc<Policies> {
        Arc::clone(&self.kept.latest().policies)
    }

    async fn look(&self, last: Arc<KeptPolicies>) -> Look<KeptPolicies> {
        let read = tokio::time::timeout(PATIENCE, files(&self.sources, &self.sdk)).await;
        let read =
            read.map_or_else(|_| Err("no answer in time".to_owned()), |read| read.map_err(|error| error.to_string()));
        let kept = read.and_then(|files| {
            if files == last.files {
                return Ok(None);
            }
            let policies = Arc::new(parsed(&files, &self.zone).map_err(|error| error.to_string())?);
            Ok(Some(KeptPolicies { files, policies }))
        });
        match kept {
            Ok(value) => {
                if let Some(KeptPolicies { policies, .. }) = &value {
                    let ids: Vec<_> = policies.ids().collect();
                    tracing::info!(?ids, "the access policy has changed");
                }
                value.map_or(Look::Unchanged, Look::Read)
            }
            Err(error) => {
                tracing::error!(error, "{POLICY_UNREADABLE}");
                Look::Failed(error)
            }
        }
    }
}

/// The policies of these sources, as they are now.
///
/// # Errors
/// [`PolicyStartError`].
pub async fn read(sources: &[PolicySource], zone: &Zone, sdk: &SdkConfig) -> Result<Policies, PolicyStartError> {
    Ok(parsed(&files(sources, sdk).await?, zone)?)
}

async fn files(sources: &[PolicySource], sdk: &SdkConfig) -> Result<Files, SourceError> {
    let mut files = Vec::new();
    for source in sources {
        files.push(match source {
            PolicySource::Shipped(name, text) => (format!("shipped:{name}"), (*text).to_owned()),
            PolicySource::Text(source) => (source.to_string(), source.document(sdk).await?),
        });
    }
    Ok(files)
}

fn parsed(files: &Files, zone: &Zone) -> Result<Policies, PolicyError> {
    Policies::parse(files, zone.clone())
}
