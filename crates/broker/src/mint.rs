//! The mint: [`Recorded`] → [`PresignedUrl`], by SageMaker's `CreatePresignedDomainUrl`.

mod error;
mod role;

use std::fmt;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::config::Builder;
use aws_sdk_sagemaker::operation::create_presigned_domain_url::CreatePresignedDomainUrlError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use http::Uri;
use tokio::time::{Instant, timeout_at};

use crate::grant::Grant;
use crate::not_done::NotDone;
pub use error::MintError;
pub(crate) use role::{Sessions, Use};
use studio_acs_audit::{Facts, Operation, Recordable, Recorded};
use studio_acs_aws::Attempts;
use studio_acs_identity::RoleArn;

/// Studio's domain. The minted URL must be of it.
const STUDIO_SUFFIX: &str = ".sagemaker.aws";

/// A URL that opens Studio for whoever holds it. Neither `Debug` nor any message shows it.
pub struct PresignedUrl(String);

impl PresignedUrl {
    /// The URL, only for the browser it was minted for.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PresignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PresignedUrl(redacted)")
    }
}

/// How sessions are minted.
#[derive(Debug, Clone)]
pub struct MintRules {
    /// For how many seconds a URL may be used, 5 to 300.
    pub url_expires: u32,
    /// How many seconds a session lasts at most, 1800 to 43200.
    pub session_seconds: u32,
    /// The role that mints, one session for each mint; without one, the service's own credentials do.
    pub role: Option<RoleArn>,
    /// How long a mint may take, with all that it asks of AWS.
    pub timeout: Duration,
    /// Where URLs may point instead of `https://….sagemaker.aws`: the origin of a stand-in for Studio.
    pub studio_origin: Option<String>,
}

/// Mints URLs with the real SageMaker client.
#[derive(Debug)]
pub struct Minter {
    client: Client,
    sessions: Sessions,
    rules: MintRules,
}

/// A session that is about to be minted.
#[derive(Debug)]
pub struct Mint(pub Grant);

impl Recordable for Mint {
    const OPERATION: Operation = Operation {
        begins: true,
        call: "CreatePresignedDomainUrl",
        intent: "intent: a Studio session is about to be minted",
        done: "outcome: a Studio session was minted",
        not_done: "outcome: no Studio session was minted",
        unknown: "outcome: whether a Studio session was minted is unknown",
    };

    fn facts(&self, correlation_id: &str) -> Facts {
        self.0.facts(correlation_id)
    }
}

impl Minter {
    /// A minter on this AWS configuration; its endpoint may be a stand-in's.
    pub fn new(sdk: &SdkConfig, rules: MintRules) -> Self {
        Self { client: Client::new(sdk), sessions: Sessions::new(sdk, rules.role.clone()), rules }
    }

    /// For how many seconds a URL may be used, from when it is minted.
    pub fn url_expires(&self) -> u32 {
        self.rules.url_expires
    }

    /// Mints one URL for the grant, which is on record. The grant comes back spent: another mint needs another record.
    ///
    /// # Errors
    /// [`MintError`], and whether a session may be minted nevertheless. No URL leaves this function but one that opens
    /// Studio.
    pub async fn mint(&self, recorded: Recorded<Mint>) -> (Grant, Result<PresignedUrl, NotDone<MintError>>) {
        let Mint(grant) = recorded.into_inner();
        let deadline = deadline(self.rules.timeout);
        let of_role = Attempts::<AssumeRoleError>::default();
        let session = self.sessions.call(grant.identity(), grant.entitlement(), Use::Mint, &of_role);
        let session = timeout_at(deadline, session).await;
        let minted = match session.unwrap_or_else(|_| Err(MintError::role_timed_out(&of_role))) {
            // SageMaker was not asked.
            Err(error) => Err(NotDone::refused(error)),
            Ok(this_call) => {
                let attempts = Attempts::default();
                let minted = timeout_at(deadline, self.ask(&grant, this_call, &attempts)).await;
                minted.unwrap_or_else(|_| Err(NotDone::after(&attempts, MintError::timed_out(&attempts))))
            }
        };
        (grant, minted)
    }

    async fn ask(
        &self,
        grant: &Grant,
        this_call: Builder,
        attempts: &Attempts<CreatePresignedDomainUrlError>,
    ) -> Result<PresignedUrl, NotDone<MintError>> {
        let answer = self
            .client
            .create_presigned_domain_url()
            .domain_id(grant.domain().as_str())
            .user_profile_name(grant.profile().as_str())
            .set_space_name(grant.destination().space().map(str::to_owned))
            .set_landing_uri(grant.destination().landing().map(str::to_owned))
            .expires_in_seconds(seconds(self.rules.url_expires))
            .session_expiration_duration_in_seconds(seconds(grant.authorized().session_seconds()))
            .customize()
            .config_override(this_call)
            .interceptor(attempts.clone())
            .send()
            .await
            .map_err(|error| NotDone::after(attempts, MintError::from_mint(&error, attempts)))?;
        let url = answer.authorized_url().filter(|url| self.opens_studio(url));
        // AWS made a URL, though no browser is given it.
        url.map(|url| PresignedUrl(url.to_owned())).ok_or_else(|| NotDone::unknown(MintError::UrlForbidden))
    }

    /// Whether a browser may be sent to `url`: by https to a host of Studio, or to the configured stand-in.
    fn opens_studio(&self, url: &str) -> bool {
        // A browser reads `\` as `/` and drops controls; neither has a place in a URL.
        if !url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\') {
            return false;
        }
        let Ok(uri) = url.parse::<Uri>() else { return false };
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return false };
        match &self.rules.studio_origin {
            Some(origin) => format!("{scheme}://{authority}") == *origin,
            None => {
                let host = authority.host();
                let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
                scheme == "https" && authority.as_str() == host && plain && host.ends_with(STUDIO_SUFFIX)
            }
        }
    }
}

/// The end of a time that begins now.
pub(crate) fn deadline(timeout: Duration) -> Instant {
    Instant::now().checked_add(timeout).unwrap_or_else(Instant::now)
}

/// The SDK counts in signed integers; ours are small by their ranges.
fn seconds(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minter(studio_origin: Option<&str>) -> Minter {
        let sdk = SdkConfig::builder().behavior_version(aws_config::BehaviorVersion::latest()).build();
        let studio_origin = studio_origin.map(str::to_owned);
        Minter::new(
            &sdk,
            MintRules {
                url_expires: 30,
                session_seconds: 3600,
                role: None,
                timeout: Duration::from_secs(1),
                studio_origin,
            },
        )
    }

    #[test]
    fn only_studio_is_opened() {
        let minter = minter(None);
        assert!(minter.opens_studio("https://d-abc.studio.eu-central-1.sagemaker.aws/auth?token=e30.e30.x"));
        for url in [
            "http://d-abc.studio.eu-central-1.sagemaker.aws/auth",
            "https://sagemaker.aws.evil.example/auth",
            "https://evilsagemaker.aws/auth",
            "https://evil.example\\.sagemaker.aws/auth",
            "https://user@d-abc.studio.eu-central-1.sagemaker.aws/auth",
            "https://d-abc.studio.eu-central-1.sagemaker.aws:8443/auth",
            "https://evil.example/.sagemaker.aws",
            "https://evil.example?x=.sagemaker.aws",
            "//d-abc.studio.eu-central-1.sagemaker.aws/auth",
            "javascript:alert(1)",
            "https://d-abc.studio.eu-central-1.sagemaker.aws/auth\r\nSet-Cookie: a=b",
            "",
        ] {
            assert!(!minter.opens_studio(url), "{url}");
        }
    }

    #[test]
    fn a_stand_in_is_opened_where_it_is_configured_and_studio_is_not() {
        let minter = minter(Some("http://127.0.0.1:8403"));
        assert!(minter.opens_studio("http://127.0.0.1:8403/auth?token=x"));
        assert!(!minter.opens_studio("http://127.0.0.1:84030/auth"));
        assert!(!minter.opens_studio("https://d-abc.studio.eu-central-1.sagemaker.aws/auth"));
    }

    #[test]
    fn a_presigned_url_is_redacted() {
        assert_eq!(format!("{:?}", PresignedUrl("https://x".to_owned())), "PresignedUrl(redacted)");
    }
}
