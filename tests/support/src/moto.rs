//! moto's server: DynamoDB and others, for the real SDK.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, TimeToLiveSpecification,
};
use aws_sdk_firehose::types::ExtendedS3DestinationConfiguration;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Request, Response, StatusCode};
use studio_acs::server;
use tokio::sync::Mutex as AsyncMutex;

/// A server of its own, for as long as a test.
pub struct Moto {
    child: Child,
    pub endpoint: String,
}

impl Moto {
    pub fn start() -> Self {
        let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python/bin/moto_server");
        let mut child = Command::new(&installed)
            .args(["-H", "127.0.0.1", "-p", "0"])
            .env("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; scripts/test installs it", installed.display()));
        let mut lines = BufReader::new(child.stderr.take().expect("standard error")).lines().map_while(Result::ok);
        let endpoint = lines
            .find_map(|line| line.split_once("Running on ").map(|(_, url)| url.trim().to_owned()))
            .expect("moto serves");
        // A thread has to read on, or it waits for room in the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, endpoint }
    }

    pub fn sdk(&self) -> SdkConfig {
        sdk(&self.endpoint)
    }

    /// A way to it that notes what passes.
    pub fn way(&self, lost: Lost) -> Way {
        Way::to(&self.endpoint, None, lost)
    }

    /// The tables as `template.yaml` has them.
    pub async fn with_assertions_table(self, name: &str) -> Self {
        self.with_table(name, &["replay_key"]).await
    }

    pub async fn with_ledger_table(self, name: &str) -> Self {
        self.add_table(name, &["subject", "entry"], Some(pending_index("pending_until"))).await;
        self
    }

    pub async fn with_rates_table(self, name: &str) -> Self {
        self.with_table(name, &["window"]).await
    }

    /// A Firehose stream, which puts what it takes into the bucket `records`.
    pub async fn with_stream(self, name: &str) -> Self {
        ureq::put(format!("{}/records", self.endpoint)).send_empty().expect("a bucket");
        let destination = ExtendedS3DestinationConfiguration::builder()
            .bucket_arn("arn:aws:s3:::records")
            .role_arn("arn:aws:iam::111122223333:role/firehose")
            .build()
            .expect("a destination");
        let stream = aws_sdk_firehose::Client::new(&self.sdk()).create_delivery_stream().delivery_stream_name(name);
        stream.extended_s3_destination_configuration(destination).send().await.expect("a stream");
        self
    }

    /// A table with this partition key and this sort key.
    async fn with_table(self, name: &str, keys: &[&str]) -> Self {
        self.add_table(name, keys, None).await;
        self
    }

    /// The same, with an index by the first key and a number.
    pub async fn add_table(&self, name: &str, keys: &[&str], index: Option<GlobalSecondaryIndex>) {
        let client = aws_sdk_dynamodb::Client::new(&self.sdk());
        let mut table = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
        for (key, kind) in keys.iter().zip([KeyType::Hash, KeyType::Range]) {
            let part = KeySchemaElement::builder().attribute_name(*key).key_type(kind).build();
            let string = AttributeDefinition::builder().attribute_name(*key).attribute_type(ScalarAttributeType::S);
            table = table.key_schema(part.expect("a key")).attribute_definitions(string.build().expect("an attribute"));
        }
        if let Some(index) = index {
            let number = AttributeDefinition::builder().attribute_name(index.key_schema()[1].attribute_name());
            let number = number.attribute_type(ScalarAttributeType::N).build().expect("an attribute");
            table = table.attribute_definitions(number).global_secondary_indexes(index);
        }
        table.send().await.expect("a table");
        let ttl = TimeToLiveSpecification::builder().attribute_name("expires_at").enabled(true).build();
        client
            .update_time_to_live()
            .table_name(name)
            .time_to_live_specification(ttl.expect("a TTL"))
            .send()
            .await
            .expect("a TTL");
    }
}

/// The index of requests that are pending, by `subject` and this attribute.
pub fn pending_index(sort_key: &str) -> GlobalSecondaryIndex {
    let key = |name, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().expect("a key");
    let all = Projection::builder().projection_type(ProjectionType::All).build();
    let index = GlobalSecondaryIndex::builder().index_name("pending").projection(all);
    let index = index.key_schema(key("subject", KeyType::Hash)).key_schema(key(sort_key, KeyType::Range));
    index.build().expect("an index")
}

/// A message that gets lost on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    Nothing,
    FirstAnswer,
    /// The answer to the first `PutItem`.
    FirstPut,
    /// Every `GetItem`, which is denied.
    Reads,
}

/// The way to moto, for one call at a time: DynamoDB decides on one conditional put of an item after the other, and
/// moto's threads do not.
pub struct Way {
    pub endpoint: String,
    notes: Arc<Notes>,
}

struct Notes {
    moto: String,
    sagemaker: Option<String>,
    lost: Lost,
    calls: Mutex<Vec<String>>,
    answers: Mutex<Vec<String>>,
    scopes: Mutex<Vec<String>>,
    turn: AsyncMutex<()>,
}

impl Way {
    /// A way to moto, and for SageMaker's calls to its stand-in, if one runs.
    pub fn to(moto: &str, sagemaker: Option<&str>, lost: Lost) -> Self {
        let (moto, sagemaker) = (moto.to_owned(), sagemaker.map(str::to_owned));
        let (calls, answers, scopes) = (Mutex::default(), Mutex::default(), Mutex::default());
        let notes = Arc::new(Notes { moto, sagemaker, lost, calls, answers, scopes, turn: AsyncMutex::default() });
        let listener = server::bind(([127, 0, 0, 1], 0).into()).expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(pass_on).with_state(Arc::clone(&notes));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { endpoint, notes }
    }

    /// The scope that each call was signed for: day, region and service.
    pub fn scopes(&self) -> Vec<String> {
        self.notes.scopes.lock().expect("no panic").clone()
    }

    /// The bodies of the calls that were made.
    pub fn calls(&self) -> Vec<String> {
        self.notes.calls.lock().expect("no panic").clone()
    }

    /// The bodies of the answers that came.
    pub fn answers(&self) -> Vec<String> {
        self.notes.answers.lock().expect("no panic").clone()
    }
}

async fn pass_on(State(way): State<Arc<Notes>>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 65_536).await.expect("a body");
    let turn = way.turn.lock().await;
    let header = |name| head.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let scope = header("authorization").split_once('/').and_then(|(_, rest)| rest.split_once("/aws4_request"));
    way.scopes.lock().expect("no panic").push(scope.map_or("", |(scope, _)| scope).to_owned());
    if way.lost == Lost::Reads && header("x-amz-target").ends_with(".GetItem") {
        let denied = Response::builder().status(StatusCode::BAD_REQUEST);
        return denied.body(Body::from(r#"{"__type":"AccessDeniedException"}"#)).expect("an answer");
    }
    let to_sagemaker = header("x-amz-target").starts_with("SageMaker.");
    let place = way.sagemaker.as_ref().filter(|_| to_sagemaker).unwrap_or(&way.moto);
    let (place, call) = (place.clone(), body.clone());
    let answer = tokio::task::spawn_blocking(move || {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut request = agent.post(place);
        for (name, value) in head.headers.iter().filter(|(name, _)| *name != "host" && *name != "content-length") {
            request = request.header(name, value);
        }
        let mut answer = request.send(&call[..]).expect("moto answers");
        let media_type = answer.headers().get("content-type").cloned();
        (answer.status(), media_type, answer.body_mut().read_to_string().expect("text"))
    });
    let (status, media_type, text) = answer.await.expect("no panic");
    drop(turn);
    way.answers.lock().expect("no panic").push(text.clone());
    let mut calls = way.calls.lock().expect("no panic");
    calls.push(String::from_utf8_lossy(&body).into_owned());
    let is_put = |call: &String| call.contains("\"Item\":");
    let lost = match way.lost {
        Lost::Nothing | Lost::Reads => false,
        Lost::FirstAnswer => calls.len() == 1,
        Lost::FirstPut => calls.last().is_some_and(is_put) && calls.iter().filter(|call| is_put(call)).count() == 1,
    };
    if lost {
        return Response::builder().status(StatusCode::BAD_GATEWAY).body(Body::empty()).expect("an answer");
    }
    let answer = Response::builder().status(status).header("content-type", media_type.expect("a media type"));
    answer.body(Body::from(text)).expect("an answer")
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
