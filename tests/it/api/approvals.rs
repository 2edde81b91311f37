//! A second person: a token asks for their approval, which only a SAML sign-in gives.

use serde_json::json;
use studio_acs_audit::verify::verify;

use super::broker::production;
use super::{ApiClient, World, get, last, lines, nothing, post, told_by, url};
use support::browser::{Browser, RunningService};
use support::issuer::{claims, with};
use support::world::in_groups;

/// Bob signs in by SAML and decides on the pending requests.
async fn approve(world: &World, service: &RunningService) {
    let claim = in_groups(world.sign_ins.claim("bob", service.now()), &["approvers"]);
    let mut bob = Browser::of_service(service);
    let page = bob.sign_in(&world.form_of(&claim, "approvals")).await;
    let id = page.body.split("name=\"approve\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let id = id.unwrap_or_else(|| panic!("a request: {page:?}")).to_owned();
    assert_eq!(bob.submit("review", &[("approve", &id)]).await.status, 200);
}

#[tokio::test]
async fn what_is_asked_for_by_a_token_is_approved_after_a_saml_sign_in() {
    let settings = [("policy", "shipped:default,shipped:four-eyes"), ("approval-waits", "28800")];
    let client = ApiClient::open(&["alice"], &production(), &settings).await;
    for _ in 0..2 {
        let answer = client.service.send(post(&client.token("alice"), &nothing())).await;
        let said = told_by(&answer);
        assert_eq!((answer.status.as_u16(), &said["step"]), (202, &"needs_approval".into()), "{said}");
        assert_eq!(said["until"], "2026-11-19T20:00:30Z", "{said}");
        assert!(answer.header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0), "{answer:?}");
    }
    assert_eq!(client.service.send(get(&client.token("alice"), "alice")).await.status, 202);
    assert_eq!(last(&client.service.log()), "needs_approval");
    assert_eq!(client.world.mints(), 0);
    approve(&client.world, &client.service).await;
    let (status, said, _) = client.ask("alice", nothing()).await;
    assert!(client.world.stand_ins.follow(url(&said)).await.body.contains(">alice<"), "{status} {said}");
    let log = client.service.log();
    let outcome = lines(&log, "api").pop().expect("a record");
    assert_eq!(outcome["api"]["request"]["data"]["approved_by"], "bob", "{outcome}");
    verify(log.as_bytes(), false).expect("whole");
}

/// A token may be used again, so one could ask for approval without end: of approvers, and of who reads the record.
#[tokio::test]
async fn attack_a_flood_of_requests_for_approval_is_dammed() {
    let settings = [("policy", "shipped:default,shipped:four-eyes"), ("rate-per-user", "20"), ("rate-global", "100")];
    let client = ApiClient::open(&["alice"], &production(), &settings).await;
    let requested = || {
        let log = client.service.log();
        lines(&log, "api")
            .iter()
            .filter(|record| record["status"] == "Intent" && record["api"]["operation"] == "RequestApproval")
            .count()
    };
    for _ in 0..30 {
        assert_eq!(client.ask("alice", nothing()).await.0, 202, "what is asked for already is not counted");
    }
    assert_eq!(requested(), 1);
    for number in 2..=10 {
        assert_eq!(client.ask("alice", json!({"ticket_number": format!("CHG{number:07}")})).await.0, 202);
    }
    for number in 11..=40 {
        let (status, said, _) = client.ask("alice", json!({"ticket_number": format!("CHG{number:07}")})).await;
        assert_eq!((status, &said["code"]), (429, &"approval_too_many".into()), "{said}");
    }
    assert_eq!(requested(), 10, "what is refused is neither recorded nor counted");
    let claim = in_groups(client.world.sign_ins.claim("bob", client.service.now()), &["approvers"]);
    let page = Browser::of_service(&client.service).sign_in(&client.world.form_of(&claim, "approvals")).await;
    assert_eq!(page.body.matches("name=\"approve\"").count(), 10);

    let settings = [settings[0], ("rate-per-user", "5"), settings[2]];
    let client = ApiClient::open(&["alice"], &production(), &settings).await;
    for number in 1..=5 {
        assert_eq!(client.ask("alice", json!({"ticket_number": format!("CHG{number:07}")})).await.0, 202);
    }
    let (status, said, _) = client.ask("alice", json!({"ticket_number": "CHG0000006"})).await;
    assert_eq!((status, &said["code"]), (429, &"rate_limited_user".into()), "each counts as a URL: {said}");
}

#[tokio::test]
async fn nobody_approves_by_a_token() {
    let client = ApiClient::open(&["alice"], &production(), &[("policy", "shipped:default,shipped:four-eyes")]).await;
    assert_eq!(client.ask("alice", nothing()).await.0, 202);
    let bob = with(claims("bob", client.service.now()), "groups", json!(["approvers"]));
    let answer = client.service.send(post(&client.issuer.sign(&bob), &json!({"link": "approvals"}))).await;
    assert_eq!((answer.status.as_u16(), &told_by(&answer)["code"]), (400, &"malformed_request".into()), "{answer:?}");
    assert!(!answer.body.contains("alice") && !answer.body.contains("prod"), "{answer:?}");
}
