//! API Gateway's events through the Lambda handler, as the Lambda runtime hands them over.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::unwrap_used)]

mod support;

use axum::body::to_bytes;
use lambda_http::Service as _;
use studio_acs::demo::sagemaker::{Behaviour, Profiles};
use studio_acs::lambda;
use support::{Answer, StandIns, manifest, settings};

/// The row whose response the events carry.
fn row() -> manifest::Row {
    manifest::rows("http").into_iter().find(|row| row.name == "accept/identity-center").expect("the row")
}

async fn handle(event: &str) -> (Answer, StandIns) {
    let row = row();
    let (domain, user) = (row.domain.clone().expect("a domain"), row.user.clone().expect("a user"));
    let stand_ins = StandIns::start(Profiles::default().with(&domain, &user, Behaviour::Mint)).await;
    let mut handler = lambda::handler(stand_ins.service(&settings(&row), &row.at).await);
    let request = lambda_http::request::from_reader(manifest::read(event).as_slice()).expect("an event");
    let (head, body) = handler.call(request).await.expect("a router does not fail").into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    let body = String::from_utf8(body.to_vec()).expect("UTF-8");
    (Answer { status: head.status, headers: head.headers, body }, stand_ins)
}

#[tokio::test]
async fn sign_ins_by_rest_and_http_apis_plain_and_base64() {
    for event in ["rest-plain", "rest-base64", "http-v2-plain", "http-v2-base64"] {
        let (answer, stand_ins) = handle(&format!("events/{event}.json")).await;
        assert_eq!(answer.status, 302, "{event}: {}", answer.body);
        let studio = stand_ins.follow(answer.header("location")).await;
        assert!(studio.body.contains(&format!(">{}<", row().user.unwrap())), "{event}");
    }
}

#[tokio::test]
async fn the_other_routes() {
    let (answer, _) = handle("events/rest-get-healthz.json").await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, r#"{"status":"ok"}"#));
}

#[tokio::test]
async fn refusals_mint_nothing() {
    for (event, status) in [("rest-malformed-base64", 400), ("rest-wrong-audience", 403)] {
        let (answer, stand_ins) = handle(&format!("events/{event}.json")).await;
        assert_eq!(answer.status, status, "{event}");
        assert!(answer.body.contains("We could not sign you in"), "{event}");
        assert_eq!(stand_ins.sagemaker.mints(), 0, "{event}");
    }
}
