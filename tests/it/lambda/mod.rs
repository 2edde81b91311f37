//! API Gateway's events through the Lambda handler, as the Lambda runtime hands them over.

mod api;
mod gateways;
mod hostile;
mod paths;

use axum::Router;
use fixtures::manifest;
use serde_json::Value;
use studio_acs::lambda;
use studio_acs_standins::sagemaker::{Behaviour, Profiles};
use support::{Answer, StandIns, gateway, settings};

/// The row whose response the events carry.
fn row() -> manifest::Row {
    manifest::rows("http").into_iter().find(|row| row.name == "accept/identity-center").expect("the row")
}

/// An event as it was written down.
fn event(name: &str) -> Value {
    serde_json::from_slice(&manifest::read(&format!("events/{name}.json"))).expect("JSON")
}

/// The service that the events are for.
async fn service() -> (Router, StandIns) {
    let row = row();
    let (domain, user) = (row.domain.clone().expect("a domain"), row.user.clone().expect("a user"));
    let stand_ins = StandIns::start(Profiles::default().with(&domain, &user, Behaviour::Mint)).await;
    (stand_ins.service(&settings(&row), &row.at).await, stand_ins)
}

async fn handle(router: &Router, event: Value) -> Answer {
    let answer = lambda::handle(router.clone(), event).await.expect("an event of API Gateway");
    gateway::answer(&serde_json::to_value(answer).expect("JSON"))
}

#[tokio::test]
async fn sign_ins_by_rest_and_http_apis_plain_and_base64() {
    for name in ["rest-plain", "rest-base64", "http-v2-plain", "http-v2-base64"] {
        let (router, stand_ins) = service().await;
        let answer = handle(&router, event(name)).await;
        assert_eq!(answer.status, 302, "{name}: {}", answer.body);
        let studio = stand_ins.follow(answer.header("location")).await;
        assert!(studio.body.contains(&format!(">{}<", row().user.unwrap())), "{name}");
    }
}

#[tokio::test]
async fn the_other_routes() {
    let answer = handle(&service().await.0, event("rest-get-healthz")).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, r#"{"status":"ok","log":"ok"}"#));
}

#[tokio::test]
async fn refusals_mint_nothing() {
    for (name, status) in [("rest-malformed-base64", 400), ("rest-wrong-audience", 403)] {
        let (router, stand_ins) = service().await;
        let answer = handle(&router, event(name)).await;
        assert_eq!(answer.status, status, "{name}");
        assert!(answer.body.contains("We could not sign you in"), "{name}");
        assert_eq!(stand_ins.sagemaker.mints(), 0, "{name}");
    }
}
