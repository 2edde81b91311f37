//! HTTPS to others than AWS (audit sinks, the issuer's keys), by the AWS SDK's own client, with the system's roots
//! (`SSL_CERT_FILE` names others).

use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

/// The bytes of a post's answer that are read at most.
const ANSWER_LIMIT: usize = 65_536;
/// The status that says that nothing is there.
const NOT_FOUND: u16 = 404;

/// A client, with the connections it keeps. It follows no redirect.
#[derive(Debug)]
pub struct Client(Connector);

/// A request body and what goes with it.
pub struct Post<'a> {
    /// The URL.
    pub url: &'a str,
    /// The headers, by name in lower case.
    pub headers: &'a [(&'static str, &'a str)],
    /// The body.
    pub body: Vec<u8>,
}

/// An answer with a status of success.
pub struct HttpsAnswer {
    /// The status, 200 to 299.
    pub status: u16,
    /// The body, bounded.
    pub body: Vec<u8>,
}

/// The reason why no answer of success came. It quotes neither headers nor bodies: they hold secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HttpsError {
    /// An answer with another status.
    #[error("status {0}")]
    Status(u16),
    /// No whole answer.
    #[error("{0}")]
    NoAnswer(&'static str),
}

impl From<HttpsError> for String {
    fn from(error: HttpsError) -> Self {
        error.to_string()
    }
}

impl Client {
    /// A client whose connections open within `timeout`, or within 3 seconds.
    ///
    /// # Errors
    /// The reason why TLS cannot be set up.
    pub fn new(timeout: Duration) -> Result<Self, String> {
        let tls = TlsContext::builder().with_trust_store(TrustStore::default()).build();
        let settings = HttpConnectorSettings::builder().connect_timeout(timeout.min(Duration::from_secs(3))).build();
        let builder = Connector::builder().connector_settings(settings);
        let builder = builder.tls_provider(Provider::Rustls(CryptoMode::AwsLc));
        Ok(Self(builder.tls_context(tls.map_err(|error| error.to_string())?).build()))
    }

    /// Posts, and reads the answer.
    ///
    /// # Errors
    /// [`HttpsError`].
    pub async fn post(&self, post: Post<'_>) -> Result<HttpsAnswer, HttpsError> {
        self.send("POST", post, ANSWER_LIMIT).await
    }

    /// Gets what is at `url`, of `limit` bytes at most.
    ///
    /// # Errors
    /// [`HttpsError`].
    pub async fn get(&self, url: &str, limit: usize) -> Result<Vec<u8>, HttpsError> {
        let headers = &[("accept", "application/json")];
        Ok(self.send("GET", Post { url, headers, body: Vec::new() }, limit).await?.body)
    }

    /// The same; `None` where the status is 404.
    ///
    /// # Errors
    /// [`HttpsError`].
    pub async fn find(&self, url: &str, limit: usize) -> Result<Option<Vec<u8>>, HttpsError> {
        match self.get(url, limit).await {
            Err(HttpsError::Status(NOT_FOUND)) => Ok(None),
            answer => answer.map(Some),
        }
    }

    async fn send(
        &self,
        method: &'static str,
        Post { url, headers, body }: Post<'_>,
        limit: usize,
    ) -> Result<HttpsAnswer, HttpsError> {
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method(method).map_err(|_| HttpsError::NoAnswer("the method is not one"))?;
        request.set_uri(url).map_err(|_| HttpsError::NoAnswer("the URL is not one"))?;
        for (name, value) in headers {
            let inserted = request.headers_mut().try_insert(*name, (*value).to_owned());
            inserted.map_err(|_| HttpsError::NoAnswer("a header that cannot be sent"))?;
        }
        let answer = self.0.call(request).await.map_err(|error| {
            HttpsError::NoAnswer(if error.is_timeout() {
                "no connection in time"
            } else if error.is_io() {
                "no connection"
            } else {
                "a call that broke off, or an answer that is not HTTP"
            })
        })?;
        let status = answer.status().as_u16();
        if !(200..300).contains(&status) {
            return Err(HttpsError::Status(status));
        }
        let (mut stream, mut body) = (ByteStream::new(answer.into_body()), Vec::new());
        while let Some(piece) = stream.next().await {
            body.extend_from_slice(&piece.map_err(|_| HttpsError::NoAnswer("an answer that broke off"))?);
            if body.len() > limit {
                return Err(HttpsError::NoAnswer("an answer that does not end"));
            }
        }
        Ok(HttpsAnswer { status, body })
    }
}
