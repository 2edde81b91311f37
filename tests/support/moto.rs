//! moto's server: DynamoDB and others, for the real SDK.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TimeToLiveSpecification,
};

/// A server of its own, for as long as a test.
pub struct Moto {
    child: Child,
    pub endpoint: String,
}

impl Moto {
    pub fn start() -> Self {
        let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/python/bin/moto_server");
        let mut child = Command::new(&installed)
            .args(["-H", "127.0.0.1", "-p", "0"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; scripts/test installs it", installed.display()));
        let mut lines = BufReader::new(child.stderr.take().expect("standard error")).lines().map_while(Result::ok);
        let endpoint = lines
            .find_map(|line| line.split_once("Running on ").map(|(_, url)| url.trim().to_owned()))
            .expect("moto serves");
        // Somebody has to read on, or it waits for room in the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, endpoint }
    }

    pub fn sdk(&self) -> SdkConfig {
        sdk(&self.endpoint)
    }

    /// The table as `template.yaml` has it.
    pub async fn with_assertions_table(self, name: &str) -> Self {
        let client = aws_sdk_dynamodb::Client::new(&self.sdk());
        let key = KeySchemaElement::builder().attribute_name("once_key").key_type(KeyType::Hash).build();
        let attribute =
            AttributeDefinition::builder().attribute_name("once_key").attribute_type(ScalarAttributeType::S).build();
        client
            .create_table()
            .table_name(name)
            .key_schema(key.expect("a key"))
            .attribute_definitions(attribute.expect("an attribute"))
            .billing_mode(BillingMode::PayPerRequest)
            .send()
            .await
            .expect("a table");
        let ttl = TimeToLiveSpecification::builder().attribute_name("expires_at").enabled(true).build();
        client
            .update_time_to_live()
            .table_name(name)
            .time_to_live_specification(ttl.expect("a TTL"))
            .send()
            .await
            .expect("a TTL");
        self
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The real SDK for this endpoint.
pub fn sdk(endpoint: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("AKIATEST", "test", None, None, "test")))
        .build()
}
