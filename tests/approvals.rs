//! Four eyes across processes: the real SDK against moto's DynamoDB, and against stores that fail.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use studio_acs::broker::TableRules;
use studio_acs::broker::approval::{ApprovalError, ApprovalRules, Approvals, Pending};
use support::fault::{Fault, store};
use support::moto::{Lost, Moto, sdk};
use support::process::NOWHERE;
use time::UtcDateTime;

const TABLE: &str = "ledger";
const HOUR: i64 = 3600;
/// moto answers some hundred calls a second: the calls have to be patient, as DynamoDB's need not be.
const PATIENT: Duration = Duration::from_secs(50);

async fn moto() -> Moto {
    Moto::start().with_ledger_table(TABLE).await
}

/// A process whose requests are in the table at this endpoint.
fn approvals(endpoint: &str, timeout: Duration) -> Arc<Approvals> {
    let table = TableRules { table: TABLE.to_owned(), timeout };
    Arc::new(Approvals::in_table(&sdk(endpoint), table, ApprovalRules::default()))
}

fn at(second: i64) -> UtcDateTime {
    UtcDateTime::from_unix_timestamp(second).unwrap()
}

async fn asked(approvals: &Approvals, who: &str, second: i64) -> Pending {
    approvals.request(who, "prod", "d-1/alice", Some("CHG-1"), at(second)).await.expect("a request")
}

async fn item(moto: &Moto) -> HashMap<String, AttributeValue> {
    let mut items = Client::new(&moto.sdk()).scan().table_name(TABLE).send().await.expect("items").items().to_vec();
    assert_eq!(items.len(), 1);
    items.remove(0)
}

async fn put(moto: &Moto, item: HashMap<String, AttributeValue>) {
    Client::new(&moto.sdk()).put_item().table_name(TABLE).set_item(Some(item)).send().await.expect("a put");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_is_asked_for_another_one_approves() {
    let moto = moto().await;
    let [here, there] = [(); 2].map(|()| approvals(&moto.endpoint, PATIENT));
    let asked_for = asked(&here, "alice", 0).await;
    assert_eq!(asked(&there, "Alice", 60).await, asked_for, "asked again");
    assert_eq!(there.pending(at(60)).await, Ok(vec![asked_for.clone()]));
    assert_eq!(there.approve(&asked_for.id, "ALICE", at(60)).await, Err(ApprovalError::Own));
    assert_eq!(here.approval_for("alice", "prod", at(60)).await, Ok(None));

    let approved = there.approve(&asked_for.id, "bob", at(60)).await.expect("an approval");
    assert_eq!((approved.by(), approved.at(), approved.until()), ("bob", at(60), at(60 + HOUR)));
    assert_eq!(here.pending(at(60)).await, Ok(vec![]));
    assert_eq!(here.approval_for("alice", "prod", at(59 + HOUR)).await, Ok(Some(approved)));
    let decided = ApprovalError::Decided { approved: true, by: "bob".to_owned(), at: at(60) };
    assert_eq!(here.deny(&asked_for.id, "carol", at(61)).await, Err(decided.clone()));
    assert_eq!(here.request("alice", "prod", "x", None, at(61)).await, Err(decided));
    assert_eq!(here.approve(&"0".repeat(32), "carol", at(61)).await, Err(ApprovalError::Unknown));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_dynamodb_has_not_deleted_yet_is_over_when_its_time_is() {
    let moto = moto().await;
    let approvals = approvals(&moto.endpoint, PATIENT);
    let first = asked(&approvals, "alice", 0).await;
    assert_eq!(item(&moto).await["expires_at"], AttributeValue::N((8 * HOUR + 300).to_string()));
    assert_eq!(approvals.pending(at(8 * HOUR)).await, Ok(vec![]));
    let expired = ApprovalError::Expired { at: at(8 * HOUR) };
    assert_eq!(approvals.approve(&first.id, "bob", at(8 * HOUR)).await, Err(expired));

    let second = asked(&approvals, "alice", 8 * HOUR).await;
    assert_eq!((second.id == first.id, second.asked_at), (true, at(8 * HOUR)));
    approvals.approve(&second.id, "bob", at(9 * HOUR)).await.expect("an approval");
    assert_eq!(approvals.approval_for("alice", "prod", at(10 * HOUR)).await, Ok(None));
    assert_eq!(asked(&approvals, "alice", 10 * HOUR).await.asked_at, at(10 * HOUR));
    approvals.deny(&first.id, "bob", at(11 * HOUR)).await.expect("a denial");
    assert_eq!(approvals.approval_for("alice", "prod", at(11 * HOUR)).await, Ok(None));
    assert_eq!(asked(&approvals, "alice", 18 * HOUR).await.asked_at, at(18 * HOUR));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_approvers_and_deniers_at_once_one_decides() {
    let moto = moto().await;
    let way = moto.way(Lost::Nothing);
    let processes = [(); 2].map(|()| approvals(&way.endpoint, PATIENT));
    let id = asked(&processes[0], "alice", 0).await.id;
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..20 {
        let (approvals, id, by) = (Arc::clone(&processes[number % 2]), id.clone(), format!("approver-{number}"));
        calls.spawn(async move {
            if number % 4 < 2 {
                approvals.approve(&id, &by, at(1)).await.map(|_| by)
            } else {
                approvals.deny(&id, &by, at(1)).await.map(|()| by)
            }
        });
    }
    let results = calls.join_all().await;
    let winners: Vec<_> = results.iter().flatten().collect();
    let [winner] = winners[..] else { panic!("{winners:?}") };
    let losers: Vec<_> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    assert_eq!(losers.len(), 19);
    for loser in losers {
        assert!(matches!(loser, ApprovalError::Decided { by, .. } if by == winner), "{loser} and {winner}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_requests_of_one_person_at_once_one_is_made() {
    let moto = moto().await;
    let way = moto.way(Lost::Nothing);
    let processes = [(); 2].map(|()| approvals(&way.endpoint, PATIENT));
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..20_i64 {
        let approvals = Arc::clone(&processes[usize::from(number % 2 == 0)]);
        calls.spawn(async move { asked(&approvals, "alice", number).await });
    }
    let requests = calls.join_all().await;
    assert!(requests.iter().all(|request| *request == requests[0]), "{requests:?}");
    assert_eq!(processes[0].pending(at(20)).await, Ok(vec![requests[0].clone()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_takes_nothing_back() {
    let moto = moto().await;
    let direct = approvals(&moto.endpoint, PATIENT);
    let way = moto.way(Lost::FirstPut);
    let id = asked(&approvals(&way.endpoint, PATIENT), "alice", 0).await.id;
    assert_eq!(way.calls().len(), 3, "one to look, one whose answer was lost, and its retry");
    assert_eq!(direct.pending(at(0)).await.expect("a list").len(), 1);
    let way = moto.way(Lost::FirstPut);
    let approved = approvals(&way.endpoint, PATIENT).approve(&id, "bob", at(1)).await;
    assert_eq!(way.calls().len(), 3);
    assert_eq!(approved.map(Some), direct.approval_for("alice", "prod", at(1)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_longer_than_a_page_is_read_to_its_end() {
    let moto = moto().await;
    let in_turn = approvals(&moto.way(Lost::Nothing).endpoint, PATIENT);
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..250 {
        let in_turn = Arc::clone(&in_turn);
        calls.spawn(async move {
            // The longest texts that are taken, of the widest characters.
            let (who, wide) = (format!("{number:𐌰>256}"), "𐌰".repeat(512));
            let ticket: String = wide.chars().take(256).collect();
            in_turn.request(&who, &ticket, &wide, Some(&ticket), at(250 - number)).await.expect("a request")
        });
    }
    calls.join_all().await;
    let way = moto.way(Lost::Nothing);
    let pending = approvals(&way.endpoint, PATIENT).pending(at(250)).await.expect("a list");
    assert!(way.calls().len() > 1 && way.calls()[1].contains("ExclusiveStartKey"), "{}", way.calls().len());
    let seconds: Vec<_> = pending.iter().map(|pending| pending.asked_at.unix_timestamp()).collect();
    assert_eq!(seconds, (1..=250).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_cannot_be_read_approves_nothing() {
    let moto = moto().await;
    let approvals = approvals(&moto.endpoint, PATIENT);
    let id = asked(&approvals, "alice", 0).await.id;
    approvals.approve(&id, "bob", at(1)).await.expect("an approval");
    let whole = item(&moto).await;
    for (attribute, value) in [
        ("status", Some(AttributeValue::S("Approved".to_owned()))),
        ("status", None),
        ("until", Some(AttributeValue::S("9999999999".to_owned()))),
        ("until", Some(AttributeValue::N("99999999999999999999".to_owned()))),
        ("until", None),
        ("decided_by", Some(AttributeValue::S("Alice".to_owned()))),
        ("decided_by", None),
        ("who", Some(AttributeValue::S("mallory".to_owned()))),
        ("ledger_entry", Some(AttributeValue::S("another".to_owned()))),
    ] {
        let mut item = whole.clone();
        item.remove(attribute);
        item.extend(value.map(|value| (attribute.to_owned(), value)));
        put(&moto, item).await;
        let errors = [
            approvals.approval_for("alice", "prod", at(1)).await.expect_err(attribute),
            approvals.request("alice", "prod", "x", None, at(1)).await.expect_err(attribute),
            approvals.deny(&id, "carol", at(1)).await.expect_err(attribute),
        ];
        for error in errors {
            assert_eq!(error.code(), "approval_store_unavailable", "{attribute}: {error}");
        }
    }
    let mut item = whole;
    item.extend([("status", "pending"), ("who", "mallory")].map(|(n, v)| (n.into(), AttributeValue::S(v.into()))));
    put(&moto, item).await;
    assert_eq!(approvals.pending(at(1)).await.unwrap_err().code(), "approval_store_unavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_be_asked_approves_nothing_and_keeps_nobody_waiting() {
    // Without the table.
    let moto = Moto::start();
    let faults = [
        ("ResourceNotFoundException", moto.endpoint.clone()),
        ("no answer in time", store(Fault::Hangs).await),
        ("no connection", NOWHERE.to_owned()),
        ("a call that broke off", store(Fault::Resets).await),
        ("ThrottlingException", store(Fault::Answers(400, r#"{"__type":"ThrottlingException"}"#)).await),
        ("AccessDeniedException", store(Fault::Answers(400, r#"{"__type":"AccessDeniedException"}"#)).await),
        ("an error without a code", store(Fault::Answers(200, "<html>a captive portal</html>")).await),
        ("not ours to read", store(Fault::Answers(200, r#"{"Item":{},"Items":[{}]}"#)).await),
    ];
    let mut attempts = tokio::task::JoinSet::new();
    for (reason, endpoint) in faults {
        // Enough for three calls with pauses of up to a second and two, where a call does not hang.
        let timeout = Duration::from_secs(if reason == "no answer in time" { 1 } else { 10 });
        attempts.spawn(async move {
            let (approvals, id, started) = (approvals(&endpoint, timeout), "0".repeat(32), std::time::Instant::now());
            let (found, asked, listed, approved, denied) = tokio::join!(
                approvals.approval_for("alice", "prod", at(0)),
                approvals.request("alice", "prod", "x", None, at(0)),
                approvals.pending(at(0)),
                approvals.approve(&id, "bob", at(0)),
                approvals.deny(&id, "bob", at(0)),
            );
            for error in [found.err(), asked.err(), listed.err(), approved.err(), denied.err()] {
                let error = error.expect(reason);
                assert_eq!(error.code(), "approval_store_unavailable", "{reason}: {error}");
                assert!(error.to_string().contains(reason), "{reason}: {error}");
            }
            assert!(started.elapsed() < Duration::from_secs(15), "{reason}");
        });
    }
    attempts.join_all().await;
}
