//! The AWS SDK's configuration: as AWS's own variables say, with time limits, and with a short list of trusted roots
//! for AWS's endpoints.

use std::env::VarError;
use std::time::Duration;

use aws_config::environment::region::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::region::ProfileFileRegionProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};

use crate::retries::Setting;
use crate::{retries, roots};

/// The roots of Amazon Trust Services (<https://www.amazontrust.com/repository/>), under which AWS's endpoints are in
/// the partitions that we know it of. No other root is trusted here; and to read all of a system's roots takes longer
/// than the rest of a start.
const AMAZON_ROOTS: &[u8] = include_bytes!("roots.pem");
const AMAZON_PARTITIONS: [&str; 9] = ["us-", "eu-", "ap-", "ca-", "sa-", "me-", "af-", "il-", "mx-"];
/// Regions whose names begin like those and that are elsewhere.
const OTHER_PARTITIONS: [&str; 2] = ["us-iso", "eu-isoe"];

/// A wait between two attempts is at most this part of a call's time.
const WAITS: u32 = 4;

/// The AWS SDK as AWS's own variables and profiles say. The region comes only from those: a start need not ask the
/// network for it. `AWS_CA_BUNDLE` names a file of roots to take instead, as for AWS's other tools.
///
/// # Errors
/// Without a region; where `AWS_CA_BUNDLE` names no file of certificates; where the settings of retries have a value that
/// they do not take.
pub async fn sdk(timeout: Duration) -> Result<SdkConfig, SdkStartError> {
    let region = region().await.ok_or(SdkStartError::NoRegion)?;
    let roots = match std::env::var("AWS_CA_BUNDLE") {
        Ok(path) if !path.is_empty() => {
            roots::of_file(&path).map_err(|reason| SdkStartError::CaBundle { path, reason })?
        }
        Err(VarError::NotUnicode(path)) => {
            let path = path.to_string_lossy().into_owned();
            return Err(SdkStartError::CaBundle { path, reason: "the name is not UTF-8".to_owned() });
        }
        _ if is_under_amazon_roots(region.as_ref()) => TrustStore::empty().with_pem_certificate(AMAZON_ROOTS),
        _ => TrustStore::default(),
    };
    let tls = TlsContext::builder().with_trust_store(roots).build();
    let tls = tls.map_err(|error| SdkStartError::Tls(error.to_string()))?;
    let https = Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).tls_context(tls).build_https();
    let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(https).region(region);
    // With retries given, the SDK does not look at their settings itself.
    let loader = loader.timeout_config(timeouts(timeout)).retry_config(RetryConfig::standard());
    let sdk = loader.load().await;
    let wrong = |Setting { variable, key, values }| SdkStartError::Retries { variable, key, values };
    let retries = retries::read(&sdk).map_err(wrong)?;
    // AWS may ask for a longer wait than a sign-in has: asked again sooner, it says once more that it throttles.
    let longest_wait = timeout.checked_div(WAITS).unwrap_or(timeout);
    let retries = retries.clone().with_max_backoff(retries.max_backoff().min(longest_wait));
    Ok(sdk.to_builder().retry_config(retries).build())
}

/// The region that AWS's variables or the profile name.
pub async fn region() -> Option<Region> {
    RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(ProfileFileRegionProvider::new())
        .region()
        .await
}

/// How long a call may take, retries included, and how long a connection.
pub fn timeouts(timeout: Duration) -> TimeoutConfig {
    let connect = timeout.min(Duration::from_secs(3));
    TimeoutConfig::builder().connect_timeout(connect).operation_timeout(timeout).build()
}

fn is_under_amazon_roots(region: &str) -> bool {
    AMAZON_PARTITIONS.iter().any(|start| region.starts_with(start))
        && !OTHER_PARTITIONS.iter().any(|start| region.starts_with(start))
}

/// The reason why the SDK cannot be configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SdkStartError {
    /// `AWS_CA_BUNDLE` names no file of certificates.
    #[error("AWS_CA_BUNDLE: {path}: {reason}")]
    CaBundle {
        /// The file.
        path: String,
        /// Its fault.
        reason: String,
    },
    /// A setting of retries has a value that it does not take. The value may be a secret that was pasted there.
    #[error("{variable}: the value is not {values}. It stands in the environment, or in the profile as {key}")]
    Retries {
        /// The variable.
        variable: &'static str,
        /// The same setting's key in a profile.
        key: &'static str,
        /// The values that it takes.
        values: &'static str,
    },
    /// TLS cannot be set up.
    #[error("TLS: {0}")]
    Tls(String),
    /// No region is set.
    #[error("AWS_REGION is not set: the region of SageMaker is needed, for example AWS_REGION=eu-central-1")]
    NoRegion,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amazon_vouches_for_its_own_partition() {
        for region in ["eu-central-1", "us-gov-west-1", "ap-southeast-7", "mx-central-1", "il-central-1"] {
            assert!(is_under_amazon_roots(region), "{region}");
        }
        for region in ["cn-north-1", "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "eusc-de-east-1", ""] {
            assert!(!is_under_amazon_roots(region), "{region}");
        }
    }

    #[test]
    fn there_are_five_roots() {
        let pem = String::from_utf8(AMAZON_ROOTS.to_vec()).expect("text");
        assert_eq!(pem.matches("-----BEGIN CERTIFICATE-----").count(), 5);
    }
}
