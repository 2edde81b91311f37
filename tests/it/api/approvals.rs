//! A second person: a token asks for their approval, which only a SAML sign-in gives.

use serde_json::json;
use studio_acs_audit::verify::{VerifyRules, verify};

use super::broker::production;
use super::{ApiClient, World, get, last, lines, nothing, post, told_by, url};
use support::browser::{Browser, RunningService};
use support::issuer::{claims, with};
use support::world::in_groups;

/// Bob signs in by SAML and decides on the request that has waited longest; returns the page that he saw.
async fn decide(world: &World, service: &RunningService, decision: &str) -> String {
    let claim = in_groups(world.sign_ins.claim("bob", service.now()), &["approvers"]);
    let mut bob = Browser::of_service(service);
    let page = bob.sign_in(&world.form_of(&claim, "approvals")).await;
    let id = page.body.split("name=\"approve\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    let id = id.unwrap_or_else(|| panic!("a request: {page:?}")).to_owned();
    assert_eq!(bob.submit("review", &[(decision, &id)]).await.status, 200);
    page.body
}

/// How many requests for approval were made.
fn requested(service: &RunningService) -> usize {
    let records = lines(&service.log(), "api").into_iter().filter(|record| record["status"] == "Intent");
    records.filter(|record| record["api"]["operation"] == "RequestApproval").count()
}

/// The entry for production, with so many deep links: each is another request.
fn linked(links: usize) -> String {
    let links: String = (0..links).map(|n| format!("[entry.links.l{n}]\nlanding = \"studio::{n}\"\n")).collect();
    production() + &links
}

#[tokio::test]
async fn attack_a_ticket_number_that_no_policy_asks_for_makes_no_other_request_and_is_not_on_record() {
    let client = ApiClient::open(&["alice"], &production(), &[("policy", "shipped:default,shipped:four-eyes")]).await;
    let ticket = |number: &str| json!({"ticket_number": number});
    for number in ["CHG0000001", "CHG0000002", "anything"] {
        assert_eq!(client.ask("alice", ticket(number)).await.0, 202);
    }
    assert_eq!(client.ask("alice", nothing()).await.0, 202);
    assert_eq!(requested(&client.service), 1);
    let page = decide(&client.world, &client.service, "approve").await;
    assert!(!page.contains("<dt>Ticket</dt>"), "{page}");
    assert_eq!(client.ask("alice", ticket("CHG0000003")).await.0, 200);
    for record in lines(&client.service.log(), "api") {
        assert!(!record.to_string().contains("ticket_number"), "{record}");
    }
}

#[tokio::test]
async fn a_ticket_number_that_a_policy_asks_for_is_part_of_the_request_and_on_record() {
    let policy = ("policy", "shipped:default,shipped:four-eyes,shipped:change-ticket");
    let client = ApiClient::open(&["alice"], &production(), &[policy]).await;
    let ticket = |number: &str| json!({"ticket_number": number});
    assert_eq!(client.ask("alice", nothing()).await.1["code"], "ticket_required");
    assert_eq!(client.ask("alice", ticket("CHG1")).await.0, 202);
    let page = decide(&client.world, &client.service, "approve").await;
    assert!(page.contains("<dt>Ticket</dt>\n<dd>CHG1</dd>"), "{page}");
    assert_eq!((client.ask("alice", ticket("CHG2")).await.0, requested(&client.service)), (202, 2));
    assert_eq!(client.ask("alice", ticket("CHG1")).await.0, 200);
    let outcome = lines(&client.service.log(), "api").pop().expect("a record");
    assert_eq!(outcome["api"]["request"]["data"]["ticket_number"], "CHG1", "{outcome}");
}

#[tokio::test]
async fn attack_a_denial_holds_whatever_is_sent_next_and_by_whatever_protocol() {
    let policy = ("policy", "shipped:default,shipped:four-eyes,shipped:change-ticket");
    let settings = [policy, ("approval-waits", "28800")];
    let client = ApiClient::open(&["alice"], &linked(2), &settings).await;
    let body = |number: &str, link: &str| json!({"ticket_number": number, "link": link});
    assert_eq!(client.ask("alice", body("CHG1", "l0")).await.0, 202);
    decide(&client.world, &client.service, "deny").await;
    let denied = async |body| {
        let (status, said, _) = client.ask("alice", body).await;
        assert_eq!((status, &said["code"]), (409, &"approval_decided".into()), "{said}");
    };
    for body in [body("CHG1", "l0"), body("CHG2", "l0"), body("CHG1", "l1"), json!({"ticket_number": "CHG3"})] {
        denied(body).await;
    }
    let mut alice = Browser::of_service(&client.service);
    assert_eq!(alice.sign_in(&client.world.form(&client.service, "alice")).await.status, 200, "a ticket is asked for");
    assert_eq!(alice.submit("continue", &[("ticket_number", "CHG4")]).await.status, 409);
    assert_eq!((last(&client.service.log()), requested(&client.service)), ("approval_decided".to_owned(), 1));
    client.service.wait(28_799);
    denied(body("CHG5", "l1")).await;
    client.service.wait(1);
    assert_eq!((client.ask("alice", body("CHG5", "l1")).await.0, client.world.mints()), (202, 0));
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
    decide(&client.world, &client.service, "approve").await;
    let (status, said, _) = client.ask("alice", nothing()).await;
    assert!(client.world.stand_ins.follow(url(&said)).await.body.contains(">alice<"), "{status} {said}");
    let log = client.service.log();
    let outcome = lines(&log, "api").pop().expect("a record");
    assert_eq!(outcome["api"]["request"]["data"]["approved_by"], "bob", "{outcome}");
    verify(log.as_bytes(), &VerifyRules::default()).expect("whole");
}

/// A token may be used again, so one could ask for approval without end: of approvers, and of who reads the record.
#[tokio::test]
async fn attack_a_flood_of_requests_for_approval_is_dammed() {
    let settings = [("policy", "shipped:default,shipped:four-eyes"), ("rate-per-user", "20"), ("rate-global", "100")];
    let client = ApiClient::open(&["alice"], &linked(41), &settings).await;
    let link = |number: u32| json!({"link": format!("l{number}")});
    for _ in 0..30 {
        assert_eq!(client.ask("alice", nothing()).await.0, 202, "what is asked for already is not counted");
    }
    assert_eq!(requested(&client.service), 1);
    for number in 2..=10 {
        assert_eq!(client.ask("alice", link(number)).await.0, 202);
    }
    for number in 11..=40 {
        let (status, said, _) = client.ask("alice", link(number)).await;
        assert_eq!((status, &said["code"]), (429, &"approval_too_many".into()), "{said}");
    }
    assert_eq!(requested(&client.service), 10, "what is refused is neither recorded nor counted");
    let claim = in_groups(client.world.sign_ins.claim("bob", client.service.now()), &["approvers"]);
    let page = Browser::of_service(&client.service).sign_in(&client.world.form_of(&claim, "approvals")).await;
    assert_eq!(page.body.matches("name=\"approve\"").count(), 10);

    let settings = [settings[0], ("rate-per-user", "5"), settings[2]];
    let client = ApiClient::open(&["alice"], &linked(7), &settings).await;
    for number in 1..=5 {
        assert_eq!(client.ask("alice", link(number)).await.0, 202);
    }
    let (status, said, _) = client.ask("alice", link(6)).await;
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
