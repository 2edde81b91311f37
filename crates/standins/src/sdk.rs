//! The real SDK, pointed at a stand-in.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sagemaker::config::{Credentials, SharedCredentialsProvider};
use studio_acs_aws::timeouts;

/// The real SDK, pointed at a stand-in on this machine, with this time for a call; nothing of the environment is read.
pub fn sdk(endpoint: &str, timeout: Duration) -> SdkConfig {
    let credentials = Credentials::new("AKIADEMO", "demo", None, None, "demo");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .timeout_config(timeouts(timeout))
        .build()
}
