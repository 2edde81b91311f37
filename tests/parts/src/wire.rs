//! AWS as a function: the real SDK, whose HTTP client calls it. Nothing waits for a socket, so a paused clock is exact.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

/// A call of AWS's JSON protocol.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The operation, such as `PutItem`.
    pub operation: String,
    /// Its content.
    pub content: Value,
}

/// An answer of AWS.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Success.
    Content(Value),
    /// A fault with this code, and what else it says.
    Fault(&'static str, Value),
    /// None: the connection breaks.
    Broken,
}

type Answering = Pin<Box<dyn Future<Output = Answer> + Send>>;

#[derive(Clone)]
struct Wire(Arc<dyn Fn(Call) -> Answering + Send + Sync>);

/// The SDK's configuration, of `eu-central-1`, under which `answer` answers every call; one that never ends hangs.
pub fn sdk<F>(answer: impl Fn(Call) -> F + Send + Sync + 'static) -> SdkConfig
where
    F: Future<Output = Answer> + Send + 'static,
{
    let wire = Wire(Arc::new(move |call| Box::pin(answer(call))));
    let client = http_client_fn(move |_, _| SharedHttpConnector::new(wire.clone()));
    let credentials = Credentials::new("AKIATEST", "test", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(client)
        .build()
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let content = serde_json::from_slice(request.body().bytes().unwrap_or_default()).expect("JSON");
        let answer = (self.0)(Call { operation, content });
        HttpConnectorFuture::new(async move {
            let (status, content) = match answer.await {
                Answer::Content(content) => (200, content),
                Answer::Fault(code, mut content) => {
                    content.as_object_mut().expect("an object").insert("__type".to_owned(), code.into());
                    (400, content)
                }
                Answer::Broken => return Err(ConnectorError::io("the connection broke".into())),
            };
            let status = u16::try_into(status).expect("a status");
            Ok(HttpResponse::new(status, SdkBody::from(content.to_string())))
        })
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}
