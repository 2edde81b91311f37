//! Sinks over HTTP: the requests that they get, and the answers that confirm them, by the real client and a collector on this machine.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, Response};
use serde_json::{Value, json};

use super::rig::{Stream, now};
use crate::chain::Record;
use crate::{Secret, SinkRules};

/// A post, as it came.
#[derive(Debug, Clone)]
struct Posted {
    path: String,
    headers: HeaderMap,
    body: String,
}

impl Posted {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().expect("a text")).unwrap_or_default()
    }
}

type Heard = Arc<Mutex<(VecDeque<(u16, String)>, Vec<Posted>)>>;

/// A collector that gives these answers, one after the other.
struct Collector {
    origin: String,
    heard: Heard,
}

impl Collector {
    async fn start(answers: &[(u16, &str)]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let answers = answers.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
        let heard: Heard = Arc::new(Mutex::new((answers, Vec::new())));
        let router = Router::new().fallback(hear).with_state(Arc::clone(&heard));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { origin, heard }
    }

    fn posts(&self) -> Vec<Posted> {
        self.heard.lock().expect("posts").1.clone()
    }
}

async fn hear(State(heard): State<Heard>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    assert_eq!(head.method, "POST");
    let body = String::from_utf8(to_bytes(body, usize::MAX).await.expect("a body").to_vec()).expect("UTF-8");
    let (status, answer) = {
        let mut heard = heard.lock().expect("posts");
        heard.1.push(Posted { path: head.uri.to_string(), headers: head.headers, body });
        heard.0.pop_front().expect("an answer")
    };
    Response::builder().status(status).body(Body::from(answer)).expect("an answer")
}

fn secret() -> Secret {
    Secret::new(" hush-hush\n").expect("a secret")
}

/// Two records: of an instant with few milliseconds, and of one in the second of 1970.
fn batch() -> [Record; 2] {
    let record = |sequence, time, text: &str| Record { sequence, time, text: text.into() };
    [record(0, 1_768_471_230_007, "{\"a\":\"ä\\\"\"}"), record(1, 999, "{\"b\":2}")]
}

/// The outcome of a delivery of the batch, and why it failed.
async fn delivered(rules: &SinkRules) -> Result<(), String> {
    let destination = rules.connect(&Stream::new([]).sdk(), Duration::from_secs(60), now).expect("a sink");
    let delivered = destination.deliver(&batch()).await;
    delivered.map_err(|undelivered| {
        assert!(undelivered.left.is_none(), "all of it is to be delivered again");
        undelivered.reason
    })
}

#[tokio::test]
async fn datadog_gets_one_log_for_each_record_and_confirms_by_202_only() {
    for (status, expected) in [
        (202, Ok(())),
        (200, Err("status 200")),
        (204, Err("status 204")),
        (302, Err("status 302")),
        (403, Err("status 403")),
        (503, Err("status 503")),
    ] {
        let collector = Collector::start(&[(status, "{}")]).await;
        let rules = SinkRules::Datadog { origin: collector.origin.clone(), key: secret() };
        assert_eq!(delivered(&rules).await, expected.map_err(str::to_owned), "{status}");
        let [post] = &collector.posts()[..] else { panic!("one post") };
        assert_eq!((post.path.as_str(), post.header("content-type")), ("/api/v2/logs", "application/json"));
        assert_eq!(post.header("dd-api-key"), "hush-hush");
        let expected = json!([
            {
                "ddsource": "studio-acs", "service": "studio-acs", "timestamp": 1_768_471_230_007_u64, "status": "error",
                "message": null, "ocsf": {"a": "ä\""},
            },
            {
                "ddsource": "studio-acs", "service": "studio-acs", "timestamp": 999, "status": "error", "message": null,
                "ocsf": {"b": 2},
            },
        ]);
        assert_eq!(serde_json::from_str::<Value>(&post.body).expect("JSON"), expected);
    }
}

/// Datadog takes a status by its first letter: OCSF's `Failure` would be an emergency.
#[tokio::test]
async fn datadog_shows_a_record_by_its_severity_and_keeps_its_status_apart() {
    for (severity, expected) in [(1, "info"), (2, "notice"), (3, "warning"), (4, "error"), (6, "error")] {
        let collector = Collector::start(&[(202, "{}")]).await;
        let rules = SinkRules::Datadog { origin: collector.origin.clone(), key: secret() };
        let destination = rules.connect(&Stream::new([]).sdk(), Duration::from_secs(60), now).expect("a sink");
        let ocsf = json!({"message": "outcome", "severity_id": severity, "status": "Failure"});
        let record = Record { sequence: 0, time: 7, text: ocsf.to_string().into() };
        destination.deliver(&[record]).await.expect("taken");
        let [post] = &collector.posts()[..] else { panic!("one post") };
        let entries: Value = serde_json::from_str(&post.body).expect("JSON");
        let told = ["status", "message", "ocsf", "timestamp"].map(|name| entries[0][name].clone());
        assert_eq!(told, [json!(expected), json!("outcome"), ocsf, json!(7)], "{severity}");
    }
}

#[tokio::test]
async fn sumo_logic_gets_a_line_for_each_record_and_confirms_by_200_only() {
    for (status, expected) in [
        (200, Ok(())),
        (202, Err("status 202")),
        (301, Err("status 301")),
        (401, Err("status 401")),
        (429, Err("status 429")),
        (503, Err("status 503")),
    ] {
        let collector = Collector::start(&[(status, "")]).await;
        let url = Secret::new(&format!("{}/receiver/v1/http/hush-hush==\n", collector.origin)).expect("a URL");
        assert_eq!(delivered(&SinkRules::SumoLogic { url }).await, expected.map_err(str::to_owned), "{status}");
        let [post] = &collector.posts()[..] else { panic!("one post") };
        assert_eq!(
            (post.path.as_str(), post.header("x-sumo-category")),
            ("/receiver/v1/http/hush-hush==", "studio-acs")
        );
        assert_eq!(post.body, "{\"a\":\"ä\\\"\"}\n{\"b\":2}\n");
    }
}

#[tokio::test]
async fn a_webhook_gets_lines_under_a_signature_and_confirms_by_any_success() {
    for (status, expected) in [
        (200, Ok(())),
        (202, Ok(())),
        (299, Ok(())),
        (301, Err("status 301")),
        (400, Err("status 400")),
        (500, Err("status 500")),
    ] {
        let collector = Collector::start(&[(status, "")]).await;
        let rules = SinkRules::Webhook { url: format!("{}/audit?x=1", collector.origin), secret: secret() };
        assert_eq!(delivered(&rules).await, expected.map_err(str::to_owned), "{status}");
        let [post] = &collector.posts()[..] else { panic!("one post") };
        assert_eq!((post.path.as_str(), post.header("content-type")), ("/audit?x=1", "application/x-ndjson"));
        assert_eq!(post.body, "{\"a\":\"ä\\\"\"}\n{\"b\":2}\n");
        // In Python: hmac.new(b"hush-hush", b"1768471230." + body, "sha256").hexdigest().
        let tag = "e17e9a34fa9a5a09e7e6d19a88d8310cbdd731c4dcef4892c1f8606b05124144";
        assert_eq!(post.header("x-studio-acs-signature"), format!("t=1768471230,v1={tag}"));
    }
}

#[tokio::test]
async fn splunk_gets_one_event_for_each_record_and_confirms_by_its_code() {
    for (answer, expected) in [
        ((200, "{\"text\":\"Success\",\"code\":0}"), Ok(())),
        ((200, "{\"text\":\"Success\",\"code\":0,\"ackId\":null}"), Ok(())),
        ((200, "{\"text\":\"Server is busy\",\"code\":9}"), Err("Splunk's code 9")),
        ((200, "{\"text\":\"Server is busy\",\"code\":9,\"ackId\":1}"), Err("Splunk's code 9")),
        ((200, "{\"text\":\"Success\"}"), Err("an answer that is not Splunk's")),
        ((200, "<html>a captive portal</html>"), Err("an answer that is not Splunk's")),
        ((403, "{\"text\":\"Invalid token\",\"code\":4}"), Err("status 403")),
    ] {
        let collector = Collector::start(&[answer]).await;
        let rules = SinkRules::Splunk { origin: collector.origin.clone(), token: secret() };
        assert_eq!(delivered(&rules).await, expected.map_err(str::to_owned), "{answer:?}");
        let [post] = &collector.posts()[..] else { panic!("one post") };
        assert_eq!(
            (post.path.as_str(), post.header("content-type")),
            ("/services/collector/event", "application/json")
        );
        assert_eq!(post.header("authorization"), "Splunk hush-hush");
        let frame = |time: &str, text: &str| {
            format!("{{\"time\":\"{time}\",\"source\":\"studio-acs\",\"sourcetype\":\"ocsf:json\",\"event\":{text}}}\n")
        };
        let expected = frame("1768471230.007", "{\"a\":\"ä\\\"\"}") + &frame("0.999", "{\"b\":2}");
        assert_eq!(post.body, expected);
    }
}

#[tokio::test]
async fn splunk_with_acknowledgement_confirms_once_the_records_are_indexed() {
    let received = (200, "{\"text\":\"Success\",\"code\":0,\"ackId\":7}");
    for (answers, expected, posts) in [
        (vec![received, (200, "{\"acks\":{\"7\":true}}")], Ok(()), 2),
        (vec![received, (200, "{\"acks\":{\"7\":false}}"), (200, "{\"acks\":{\"7\":true}}")], Ok(()), 3),
        (vec![received, (200, "{\"acks\":{\"8\":true}}"), (400, "")], Err("status 400"), 3),
        (vec![received, (200, "{\"acks\":{}}"), (200, "{}")], Err("an answer that is not Splunk's"), 3),
    ] {
        let collector = Collector::start(&answers).await;
        let rules = SinkRules::Splunk { origin: collector.origin.clone(), token: secret() };
        assert_eq!(delivered(&rules).await, expected.map_err(str::to_owned), "{answers:?}");
        let heard = collector.posts();
        assert_eq!(heard.len(), posts, "{answers:?}");
        let channel = heard[0].header("x-splunk-request-channel");
        for post in &heard[1..] {
            assert_eq!(post.path, format!("/services/collector/ack?channel={channel}"));
            assert_eq!((post.body.as_str(), post.header("authorization")), ("{\"acks\":[7]}", "Splunk hush-hush"));
        }
    }
}

#[tokio::test]
async fn each_splunk_client_has_a_channel_of_its_own_in_the_shape_of_a_uuid() {
    let mut channels = Vec::new();
    for _ in 0..2 {
        let collector = Collector::start(&[(200, "{\"code\":0}")]).await;
        let rules = SinkRules::Splunk { origin: collector.origin.clone(), token: secret() };
        delivered(&rules).await.expect("taken");
        channels.push(collector.posts()[0].header("x-splunk-request-channel").to_owned());
    }
    assert_ne!(channels[0], channels[1]);
    for channel in channels {
        let lengths: Vec<_> = channel.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{channel}");
        assert!(channel.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit()), "{channel}");
    }
}

#[tokio::test]
async fn a_collector_that_is_not_there_confirms_nothing() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    for rules in [
        SinkRules::Datadog { origin: origin.clone(), key: secret() },
        SinkRules::Splunk { origin: origin.clone(), token: secret() },
        SinkRules::SumoLogic { url: Secret::new(&origin).expect("a URL") },
        SinkRules::Webhook { url: origin, secret: secret() },
    ] {
        assert_eq!(delivered(&rules).await, Err("no connection".to_owned()), "{rules:?}");
    }
}
