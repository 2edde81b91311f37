//! Records on Firehose: the real SDK against moto, which puts them into S3, and against a stream that takes a part.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use studio_acs_audit::verify::{VerifyRules, verify};
use studio_acs_standins::sagemaker::{Behaviour, Profiles};
use support::StandIns;
use support::moto::Moto;
use support::process::{DOMAIN, NOWHERE, SignIns};

const STREAM: &str = "studio-acs-audit";

/// The content of the bucket, in the order of its keys.
fn stored(moto: &Moto) -> String {
    // moto wants a signature and does not look at it.
    let signed =
        "AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=x";
    let agent = ureq::agent();
    let get = |path: &str| {
        agent
            .get(format!("{}{path}", moto.endpoint))
            .header("authorization", signed)
            .call()
            .unwrap()
            .body_mut()
            .read_to_string()
            .unwrap()
    };
    let listing = get("/records?list-type=2");
    let keys = listing.split("<Key>").skip(1).map(|rest| rest.split_once("</Key>").expect("a key").0);
    keys.map(|key| get(&format!("/records/{key}"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn records_arrive_in_the_bucket() {
    let (sign_ins, moto) = (SignIns::new(), Moto::start().with_stream(STREAM).await);
    let stand_ins = StandIns::start(Profiles::default().with(DOMAIN, "alice", Behaviour::Mint)).await;

    let server = |firehose: &str| {
        let aws = [("SAGEMAKER", stand_ins.endpoint.as_str()), ("FIREHOSE", firehose)];
        sign_ins.server(&aws, &["--audit-firehose", STREAM, "--audit-timeout", "8"])
    };
    let running = server(&moto.endpoint);
    for _ in 0..3 {
        assert_eq!(running.post(&sign_ins.form("alice")).await.status, 302);
    }
    let log = running.end();
    let records = stored(&moto);
    let report =
        verify(records.as_bytes(), &VerifyRules { in_any_order: true, ..VerifyRules::default() }).expect("whole");
    assert_eq!((report.chains.values().copied().collect::<Vec<_>>(), report.repeated), (vec![10], 0), "{log}");
    assert!(records.lines().all(|line| log.contains(line)));

    let mints = stand_ins.sagemaker.mints();
    let running = server(NOWHERE);
    assert_eq!(running.post(&sign_ins.form("alice")).await.status, 503);
    assert!(running.end().contains("\"code\":\"audit_unavailable\""));
    assert_eq!(stand_ins.sagemaker.mints(), mints);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_stream_did_not_take_is_put_again_and_nothing_else() {
    let sign_ins = SignIns::new();
    let stand_ins = StandIns::start(Profiles::default().with(DOMAIN, "alice", Behaviour::Mint)).await;
    let taken = Arc::new(Mutex::new((0_usize, String::new())));
    let state = Arc::clone(&taken);
    let answer = move |request: Request<Body>| {
        let state = Arc::clone(&state);
        async move {
            let body = to_bytes(request.into_body(), usize::MAX).await.unwrap();
            let call: Value = serde_json::from_slice(&body).unwrap();
            let mut state = state.lock().unwrap();
            let records = call["Records"].as_array().unwrap();
            // Once, one in the middle.
            let is_short = state.0 == 0 && records.len() >= 3;
            state.0 += usize::from(is_short);
            let mut failed = 0;
            let responses = records.iter().enumerate().map(|(place, record)| {
                if is_short && place == 1 {
                    failed += 1;
                    return json!({"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."});
                }
                let data = STANDARD.decode(record["Data"].as_str().unwrap()).unwrap();
                state.1.push_str(&String::from_utf8(data).unwrap());
                json!({"RecordId": "x"})
            });
            let responses: Vec<_> = responses.collect();
            json!({"FailedPutCount": failed, "RequestResponses": responses}).to_string()
        }
    };
    let listener = studio_acs::server::bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });

    let aws = [("SAGEMAKER", stand_ins.endpoint.as_str()), ("FIREHOSE", endpoint.as_str())];
    let server = sign_ins.server(&aws, &["--audit-firehose", STREAM, "--audit-timeout", "20"]);
    let mut posts = tokio::task::JoinSet::new();
    for _ in 0..30 {
        let (form, address) = (sign_ins.form("alice"), server.address.clone());
        posts.spawn(async move { support::process::post(&address, &form).await.expect("an answer").status });
    }
    assert!(posts.join_all().await.into_iter().all(|status| status == 302));
    server.end();
    let (short, records) = taken.lock().unwrap().clone();
    assert_eq!(short, 1);
    let report =
        verify(records.as_bytes(), &VerifyRules { in_any_order: true, ..VerifyRules::default() }).expect("whole");
    assert_eq!((report.chains.values().copied().collect::<Vec<_>>(), report.repeated), (vec![1 + 3 * 30], 0));
}
