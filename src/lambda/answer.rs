//! The router's response → the form that API Gateway expects.

use std::collections::BTreeMap;

use axum::body::{Body, to_bytes};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::event::Format;

/// The answer of an invocation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewayAnswer {
    status_code: u16,
    #[serde(flatten)]
    headers: Headers,
    body: String,
    is_base64_encoded: bool,
}

#[derive(Debug, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum Headers {
    Rest {
        multi_value_headers: BTreeMap<String, Vec<String>>,
    },
    /// Several values of a name are one value with commas, which cookies cannot be.
    Http {
        headers: BTreeMap<String, String>,
        cookies: Vec<String>,
    },
}

impl GatewayAnswer {
    /// `response` in this format.
    pub(super) async fn new(format: Format, response: Response<Body>) -> Self {
        let (head, body) = response.into_parts();
        // Our bodies are in memory: reading them cannot fail.
        let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
        let (body, is_base64_encoded) = match std::str::from_utf8(&body) {
            Ok(text) => (text.to_owned(), false),
            Err(_) => (STANDARD.encode(&body), true),
        };
        Self {
            status_code: head.status.as_u16(),
            headers: Headers::new(format, &head.headers),
            body,
            is_base64_encoded,
        }
    }
}

impl Headers {
    fn new(format: Format, headers: &HeaderMap) -> Self {
        let named = headers.keys().map(|name| (name.to_string(), headers.get_all(name).iter().map(text).collect()));
        let mut named: BTreeMap<String, Vec<String>> = named.collect();
        match format {
            Format::Rest => Self::Rest { multi_value_headers: named },
            Format::Http => {
                let cookies = named.remove(SET_COOKIE.as_str()).unwrap_or_default();
                let headers = named.into_iter().map(|(name, values)| (name, values.join(", "))).collect();
                Self::Http { headers, cookies }
            }
        }
    }
}

fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    async fn answer(format: Format, body: &'static [u8]) -> serde_json::Value {
        let response = Response::builder().status(302).header("location", "https://x.example/");
        let response = response.header("set-cookie", "a=1; Path=/").header("set-cookie", "b=2");
        let response = response.header("vary", "accept").header("vary", "cookie").body(Body::from(body)).unwrap();
        serde_json::to_value(GatewayAnswer::new(format, response).await).unwrap()
    }

    #[tokio::test]
    async fn each_format_has_every_header_and_cookie() {
        let expected = json!({"statusCode": 302, "body": "ü", "isBase64Encoded": false, "multiValueHeaders": {
            "location": ["https://x.example/"], "set-cookie": ["a=1; Path=/", "b=2"], "vary": ["accept", "cookie"]}});
        assert_eq!(answer(Format::Rest, "ü".as_bytes()).await, expected);
        let expected = json!({"statusCode": 302, "body": "", "isBase64Encoded": false,
            "headers": {"location": "https://x.example/", "vary": "accept, cookie"}, "cookies": ["a=1; Path=/", "b=2"]});
        assert_eq!(answer(Format::Http, b"").await, expected);
    }

    #[tokio::test]
    async fn what_is_no_text_is_base64() {
        let answer = answer(Format::Rest, b"\xff\x00").await;
        assert_eq!((&answer["body"], &answer["isBase64Encoded"]), (&json!("/wA="), &json!(true)));
    }
}
