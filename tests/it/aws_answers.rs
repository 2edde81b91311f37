//! AWS's errors as they come: the log's line and the record of the outcome keep AWS's own words, and name the cause and
//! the next step. `fixtures/aws/answers.json` has the answers.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode};
use serde::Deserialize;
use serde_json::json;
use studio_acs_aws::AwsCause;
use support::fault::{Fault, store};
use support::process::{NOWHERE, SignIns};
use support::world::{attempts as attempts_of, lines};

const ROLE: &str = "arn:aws:iam::111122223333:role/studio-acs-mint";
const XMLNS: &str = "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"";

/// An answer of AWS, and what must be said of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    /// Which service answers so: `sts` or `sagemaker`.
    call: String,
    status: u16,
    code: Option<String>,
    message: Option<String>,
    /// The body, where it is none of AWS's API.
    body: Option<String>,
    content_type: Option<String>,
    /// How long AWS asks to wait, in milliseconds.
    #[serde(default)]
    retry_after: Option<u32>,
    /// The code of the refused sign-in.
    refused: String,
    /// The name of the cause.
    cause: String,
    /// Texts of the line and of the record.
    says: Vec<String>,
    /// Texts that neither has.
    #[serde(default)]
    never: Vec<String>,
    /// Where the words come from.
    source: String,
}

fn rows() -> Vec<Row> {
    serde_json::from_str(include_str!("../../fixtures/aws/answers.json")).expect("rows")
}

impl Row {
    fn answer(&self, service: &str) -> Response<Body> {
        let (status, kind, body) = match (self.call == service, &self.body) {
            (true, Some(body)) => (self.status, self.content_type.clone().unwrap_or_default(), body.clone()),
            (true, None) if service == "sts" => (self.status, "text/xml".to_owned(), self.xml()),
            (true, None) => (self.status, "application/x-amz-json-1.1".to_owned(), self.json()),
            (false, _) => (200, "text/xml".to_owned(), session()),
        };
        let answer = Response::builder().status(StatusCode::from_u16(status).expect("a status"));
        let answer = match self.retry_after {
            Some(milliseconds) if self.call == service => answer.header("x-amz-retry-after", milliseconds),
            _ => answer,
        };
        answer.header("content-type", kind).body(Body::from(body)).expect("an answer")
    }

    fn json(&self) -> String {
        match &self.message {
            Some(message) => json!({"__type": self.code, "message": message}).to_string(),
            None => json!({"__type": self.code}).to_string(),
        }
    }

    fn xml(&self) -> String {
        let code = self.code.as_deref().unwrap_or_default();
        let message = self.message.as_deref().unwrap_or_default().replace('&', "&amp;").replace('<', "&lt;");
        format!(
            "<ErrorResponse {XMLNS}><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
        )
    }
}

fn session() -> String {
    format!(
        "<AssumeRoleResponse {XMLNS}><AssumeRoleResult><Credentials><AccessKeyId>ASIASESSION</AccessKeyId><SecretAccessKey>b</SecretAccessKey><SessionToken>c</SessionToken><Expiration>2036-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )
}

/// AWS, which answers as the row says that is set.
#[derive(Clone, Default)]
struct Aws(Arc<Mutex<Option<Row>>>);

impl Aws {
    async fn start(&self) -> String {
        let listener = studio_acs::server::bind(([127, 0, 0, 1], 0).into()).expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(answer).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        endpoint
    }

    fn set(&self, row: &Row) {
        *self.0.lock().expect("no panic") = Some(row.clone());
    }
}

async fn answer(State(aws): State<Aws>, headers: HeaderMap, request: Request) -> Response<Body> {
    let service = if headers.contains_key("x-amz-target") { "sagemaker" } else { "sts" };
    to_bytes(request.into_body(), 65_536).await.expect("a body");
    aws.0.lock().expect("no panic").as_ref().expect("a row").answer(service)
}

/// The reason of each outcome on record, in order.
fn recorded(log: &str) -> Vec<String> {
    let records = lines(log, "class_uid").into_iter();
    records.filter_map(|record| record["status_detail"].as_str().map(str::to_owned)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_and_the_record_keep_awss_words_and_name_the_cause() {
    let (sign_ins, aws) = (SignIns::new(), Aws::default());
    let endpoint = aws.start().await;
    let endpoints = [("SAGEMAKER", endpoint.as_str()), ("STS", endpoint.as_str())];
    let server = sign_ins.server_told(&endpoints, &[("AWS_MAX_ATTEMPTS", "1")], &["--mint-role", ROLE]);
    let rows = rows();
    for (at, row) in rows.iter().enumerate() {
        aws.set(row);
        // One user has thirty lines a minute.
        server.post(&sign_ins.form(&format!("user-{at}"))).await;
    }
    let log = server.end();
    let (attempts, recorded) = (attempts_of(&log), recorded(&log));
    assert_eq!((attempts.len(), recorded.len()), (rows.len(), rows.len()), "{log}");
    for (row, (attempt, recorded)) in rows.iter().zip(attempts.iter().zip(&recorded)) {
        let (name, reason) = (&row.name, attempt["reason"].as_str().expect("a reason"));
        assert_eq!(attempt["code"], *row.refused, "{name}: {reason}");
        assert_eq!(reason, recorded, "{name}: the same on record");
        assert_eq!(attempt["cause"], *row.cause, "{name}: {reason}");
        let cause = AwsCause::ALL.iter().find(|cause| cause.name() == row.cause).expect("a cause");
        assert!(reason.ends_with(&format!(" ({}: {})", cause.meaning(), cause.fix())), "{name}: {reason}");
        for says in row.says.iter().chain(&row.code) {
            assert!(reason.contains(says), "{name}: {says}: {reason}");
        }
        for never in &row.never {
            assert!(!reason.contains(never), "{name}: {never}: {reason}");
        }
        assert!(reason.chars().count() <= 512 + 400 && !reason.contains(['\n', '\u{1b}']), "{name}: {reason}");
        assert!(!row.source.is_empty(), "{name}");
    }
}

/// A row whose service throttles, and asks for this wait.
fn throttled(call: &str, retry_after: Option<u32>) -> Row {
    let row = rows().into_iter().find(|row| row.call == call && row.cause == "aws_throttled").expect("a row");
    Row { retry_after, ..row }
}

/// However the SDK waits between its attempts, and before the first one: the time-out that ends the wait is none of AWS's.
#[tokio::test(flavor = "multi_thread")]
async fn throttling_stays_throttling_however_long_the_sdk_waits() {
    for (mode, attempts, retry_after) in [
        ("standard", "3", Some(60_000)),
        ("standard", "1000", Some(60_000)),
        ("adaptive", "3", None),
        ("adaptive", "3", Some(60_000)),
        ("adaptive", "1000", None),
    ] {
        for call in ["sts", "sagemaker"] {
            let (sign_ins, aws) = (SignIns::new(), Aws::default());
            let endpoint = aws.start().await;
            let endpoints = [("SAGEMAKER", endpoint.as_str()), ("STS", endpoint.as_str())];
            let told = [("AWS_RETRY_MODE", mode), ("AWS_MAX_ATTEMPTS", attempts)];
            let server = sign_ins.server_told(&endpoints, &told, &["--mint-role", ROLE, "--mint-timeout", "1"]);
            aws.set(&throttled(call, retry_after));
            // In its adaptive mode the SDK holds a later call back as long as it chooses, and may send it just before its time
            // is over: then no answer comes, and the outcome is unknown.
            let times = if mode == "adaptive" { 1 } else { 3 };
            for at in 0..times {
                let status = server.post(&sign_ins.form(&format!("user-{at}"))).await.status;
                assert_eq!(status, 429, "{mode}, {attempts} attempts, {call}, sign-in {at}: {}", server.log());
            }
            let log = server.end();
            let codes: Vec<_> = attempts_of(&log).into_iter().map(|attempt| attempt["code"].clone()).collect();
            assert_eq!(codes, vec!["mint_throttled"; times], "{mode}, {attempts} attempts, {call}: {log}");
            // With so many attempts one may be under way when the time is over.
            assert!(attempts != "3" || !log.contains("is unknown"), "AWS did nothing: {log}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silence_has_its_cause() {
    let sign_ins = SignIns::new();
    let hangs = store(Fault::Hangs).await;
    for (sagemaker, told, code, cause) in [
        (NOWHERE, &[][..], "mint_unreachable", "aws_unreachable"),
        ("http://sagemaker.invalid", &[], "mint_unreachable", "aws_dns"),
        (hangs.as_str(), &[], "mint_timeout", "aws_timeout"),
        (
            NOWHERE,
            &[("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", ""), ("AWS_EC2_METADATA_DISABLED", "true")],
            "mint_failed",
            "aws_credentials_missing",
        ),
    ] {
        let server = sign_ins.server_told(&[("SAGEMAKER", sagemaker)], told, &["--mint-timeout", "2"]);
        server.post(&sign_ins.form("alice")).await;
        let log = server.end();
        let attempt = attempts_of(&log).pop().expect("an attempt");
        assert_eq!((&attempt["code"], &attempt["cause"]), (&json!(code), &json!(cause)), "{log}");
    }
}

#[test]
fn each_cause_of_an_answer_has_a_row() {
    let rows: BTreeSet<_> = rows().into_iter().map(|row| row.cause).collect();
    let silent = ["aws_credentials_missing", "aws_timeout", "aws_dns", "aws_certificate", "aws_unreachable"];
    let others = ["aws_pass_role", "aws_kms_key", "aws_resource_policy", "aws_not_found", "aws_other"];
    let without: Vec<_> = AwsCause::ALL.iter().map(|cause| cause.name()).filter(|name| !rows.contains(*name)).collect();
    let mut expected: Vec<_> = silent.into_iter().chain(others).collect();
    expected.sort_by_key(|name| AwsCause::ALL.iter().position(|cause| cause.name() == *name));
    assert_eq!(without, expected);
}
