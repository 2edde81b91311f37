//! Four eyes across processes: the real SDK against moto's DynamoDB, and against stores that fail.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use studio_acs_broker::TableRules;
use studio_acs_broker::{ApprovalError, ApprovalRules, ApprovalTerms, Approvals, Pending};
use studio_acs_identity::UserId;
use studio_acs_policy::Profile;
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

/// A user where names are shared.
fn user(name: &str) -> UserId {
    UserId::new(None, name)
}

fn at(second: i64) -> UtcDateTime {
    UtcDateTime::from_unix_timestamp(second).unwrap()
}

/// The terms of `user`, in lower case, opening production for this ticket number.
fn terms(user: &str, ticket_number: &str) -> ApprovalTerms {
    let profile = Profile {
        entry: "prod".to_owned(),
        title: "Fraud, production".to_owned(),
        for_user: Some(user.to_owned()),
        for_group: None,
        issuer: None,
        own_profile: true,
        profile: "alice".to_owned(),
        domain: "d-1".to_owned(),
        account: None,
        region: None,
        team: None,
        production: true,
        over_budget: false,
        tags: BTreeMap::new(),
    };
    ApprovalTerms {
        user: user.to_owned(),
        issuer: None,
        profile,
        ticket_number: Some(ticket_number.to_owned()),
        deep_link: None,
        space: None,
        landing: None,
        role: None,
        session_seconds: 3600,
        valid_until: None,
        provision: None,
    }
}

/// Those of whom nothing else is said.
fn alices() -> ApprovalTerms {
    terms("alice", "CHG-1")
}

async fn asked(approvals: &Approvals, who: &str, second: i64) -> Pending {
    approvals.request(&user(who), terms(&who.to_lowercase(), "CHG-1"), at(second)).await.expect("a request")
}

/// The pending requests of all users.
async fn pending(approvals: &Approvals, second: i64) -> Vec<Pending> {
    let users = approvals.pending(at(second)).await.expect("a list");
    users.into_iter().flatten().map(|waiting| waiting.request).collect()
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
    assert_eq!(pending(&there, 60).await, vec![asked_for.clone()]);
    assert_eq!(there.approve(&asked_for.id, &user("ALICE"), at(60)).await, Err(ApprovalError::Own));
    assert_eq!(here.approval_for(&alices(), at(60)).await, Ok(None));

    let approved = there.approve(&asked_for.id, &user("bob"), at(60)).await.expect("an approval");
    assert_eq!((approved.by(), approved.at(), approved.until()), ("bob", at(60), at(60 + HOUR)));
    assert_eq!(pending(&here, 60).await, vec![]);
    assert_eq!(here.approval_for(&alices(), at(59 + HOUR)).await, Ok(Some(approved)));
    let decided = ApprovalError::Decided { approved: true, by: "bob".to_owned(), at: at(60) };
    assert_eq!(here.deny(&asked_for.id, &user("carol"), at(61)).await, Err(decided.clone()));
    assert_eq!(here.request(&user("alice"), alices(), at(61)).await, Err(decided));
    assert_eq!(here.approve(&"0".repeat(128), &user("carol"), at(61)).await, Err(ApprovalError::Unknown));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_dynamodb_has_not_deleted_yet_is_over_when_its_time_is() {
    let moto = moto().await;
    let approvals = approvals(&moto.endpoint, PATIENT);
    let first = asked(&approvals, "alice", 0).await;
    assert_eq!(item(&moto).await["expires_at"], AttributeValue::N((8 * HOUR + 300).to_string()));
    assert_eq!(pending(&approvals, 8 * HOUR).await, vec![]);
    let expired = ApprovalError::Expired { at: at(8 * HOUR) };
    assert_eq!(approvals.approve(&first.id, &user("bob"), at(8 * HOUR)).await, Err(expired));

    let second = asked(&approvals, "alice", 8 * HOUR).await;
    assert_eq!((second.id == first.id, second.asked_at), (true, at(8 * HOUR)));
    approvals.approve(&second.id, &user("bob"), at(9 * HOUR)).await.expect("an approval");
    assert_eq!(approvals.approval_for(&alices(), at(10 * HOUR)).await, Ok(None));
    assert_eq!(asked(&approvals, "alice", 10 * HOUR).await.asked_at, at(10 * HOUR));
    approvals.deny(&first.id, &user("bob"), at(11 * HOUR)).await.expect("a denial");
    assert_eq!(approvals.approval_for(&alices(), at(11 * HOUR)).await, Ok(None));
    assert_eq!(asked(&approvals, "alice", 19 * HOUR).await.asked_at, at(19 * HOUR));
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
                approvals.approve(&id, &user(&by), at(1)).await.map(|_| by)
            } else {
                approvals.deny(&id, &user(&by), at(1)).await.map(|()| by)
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
    assert_eq!(pending(&processes[0], 20).await, vec![requests[0].clone()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_takes_nothing_back() {
    let moto = moto().await;
    let direct = approvals(&moto.endpoint, PATIENT);
    let way = moto.way(Lost::FirstPut);
    let id = asked(&approvals(&way.endpoint, PATIENT), "alice", 0).await.id;
    assert_eq!(way.calls().len(), 3, "one to look, one whose answer was lost, and its retry");
    assert_eq!(pending(&direct, 0).await.len(), 1);
    let way = moto.way(Lost::FirstPut);
    let approved = approvals(&way.endpoint, PATIENT).approve(&id, &user("bob"), at(1)).await;
    assert_eq!(way.calls().len(), 3);
    assert_eq!(approved.map(Some), direct.approval_for(&alices(), at(1)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_longer_than_a_page_is_read_to_its_end() {
    let moto = moto().await;
    let in_turn = approvals(&moto.way(Lost::Nothing).endpoint, PATIENT);
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..100 {
        let in_turn = Arc::clone(&in_turn);
        calls.spawn(async move {
            let who = format!("user-{number}");
            let mut long = terms(&who, "CHG-1");
            long.profile.tags = (0..40).map(|tag| (format!("{tag:0100}"), "x".repeat(256))).collect();
            in_turn.request(&user(&who), long, at(100 - number)).await.expect("a request")
        });
    }
    calls.join_all().await;
    let way = moto.way(Lost::Nothing);
    let pending = pending(&approvals(&way.endpoint, PATIENT), 100).await;
    assert!(way.calls().len() > 1 && way.calls()[1].contains("ExclusiveStartKey"), "{}", way.calls().len());
    let seconds: Vec<_> = pending.iter().map(|pending| pending.asked_at.unix_timestamp()).collect();
    assert_eq!(seconds, (1..=100).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_five_thousand_requests_of_one_user_are_ten_of_one_item_and_hide_nobodys() {
    let moto = moto().await;
    let way = moto.way(Lost::Nothing);
    let processes = [(); 2].map(|()| approvals(&way.endpoint, PATIENT));
    let mut calls = tokio::task::JoinSet::new();
    // At once, at two processes: of those that meet, each tries again a bounded number of times.
    for number in 0..200 {
        let approvals = Arc::clone(&processes[number % 2]);
        calls.spawn(async move {
            approvals.request(&user("mallory"), terms("mallory", &format!("CHG-{number}")), at(1)).await
        });
    }
    let at_once = calls.join_all().await.iter().flatten().count();
    assert!((1..=10).contains(&at_once), "{at_once}");
    let mut calls = tokio::task::JoinSet::new();
    for part in 0..8 {
        let approvals = approvals(&moto.endpoint, PATIENT);
        calls.spawn(async move {
            let mut answers = Vec::new();
            for number in (200..5000).filter(|number| number % 8 == part) {
                answers
                    .push(approvals.request(&user("Mallory"), terms("mallory", &format!("CHG-{number}")), at(1)).await);
            }
            answers
        });
    }
    let answers = calls.join_all().await.concat();
    let codes: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err().map(ApprovalError::code)).collect();
    assert_eq!((answers.len() - codes.len() + at_once).min(10), pending(&processes[0], 1).await.len());
    assert_eq!(codes.iter().find(|code| **code != "approval_too_many"), None);
    let asked_for = asked(&processes[0], "alice", 2).await;
    assert_eq!(Client::new(&moto.sdk()).scan().table_name(TABLE).send().await.expect("items").count(), 2);

    let look = moto.way(Lost::Nothing);
    let reader = approvals(&look.endpoint, PATIENT);
    let users = reader.pending(at(3)).await.expect("a list");
    assert_eq!(users.iter().map(Vec::len).collect::<Vec<_>>(), [10, 1]);
    assert_eq!(look.calls().len(), 1, "one page is read");
    reader.approve(&asked_for.id, &user("bob"), at(3)).await.expect("an approval");
    assert!(processes[1].approval_for(&alices(), at(3)).await.expect("an answer").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_or_decided_is_not_read_for_a_list() {
    let moto = moto().await;
    let way = moto.way(Lost::Nothing);
    let approvals = approvals(&way.endpoint, PATIENT);
    // Yesterday's, which DynamoDB has not deleted yet, and those that were decided today.
    for number in 0..40 {
        let who = format!("yesterday-{number}");
        asked(&approvals, &who, 0).await;
        let today = asked(&approvals, &format!("today-{number}"), 24 * HOUR).await;
        approvals.deny(&today.id, &user("bob"), at(24 * HOUR)).await.expect("a denial");
    }
    let asked_for = asked(&approvals, "alice", 24 * HOUR).await;
    let answers = way.answers();
    assert_eq!(pending(&approvals, 24 * HOUR + 1).await, vec![asked_for]);
    let last = way.answers().split_off(answers.len());
    assert_eq!(last.len(), 1, "one call");
    let answer: serde_json::Value = serde_json::from_str(&last[0]).expect("JSON");
    assert_eq!((&answer["Count"], &answer["ScannedCount"]), (&1.into(), &1.into()), "one item was read: {answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_more_users_than_a_list_has_those_who_wait_longest_are_read_and_no_more() {
    let moto = moto().await;
    let in_turn = approvals(&moto.way(Lost::Nothing).endpoint, PATIENT);
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..520 {
        let in_turn = Arc::clone(&in_turn);
        calls.spawn(async move { asked(&in_turn, &format!("user-{number}"), number).await });
    }
    calls.join_all().await;
    let way = moto.way(Lost::Nothing);
    let pending = pending(&approvals(&way.endpoint, PATIENT), 520).await;
    let seconds: Vec<_> = pending.iter().map(|pending| pending.asked_at.unix_timestamp()).collect();
    assert_eq!(seconds, (0..500).collect::<Vec<_>>());
    assert_eq!(way.calls().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_of_another_version_is_unknown_and_releases_nothing() {
    let moto = moto().await;
    let approvals = approvals(&moto.endpoint, PATIENT);
    let id = "0123456789abcdef0123456789abcdef";
    let old = [("subject", "approval"), ("entry", id), ("who", "alice"), ("ledger_entry", "prod 0011223344556677")];
    let old = old.into_iter().chain([("opens", "{}"), ("status", "approved"), ("decided_by", "bob")]);
    let mut item: HashMap<_, _> =
        old.map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned()))).collect();
    item.extend(
        ["asked_at", "waits_until", "until", "decided_at", "expires_at"]
            .map(|name| (name.to_owned(), AttributeValue::N("9999999999".to_owned()))),
    );
    put(&moto, item).await;
    assert_eq!(approvals.approve(id, &user("carol"), at(1)).await, Err(ApprovalError::Unknown));
    assert_eq!(approvals.approval_for(&alices(), at(1)).await, Ok(None));
    assert_eq!(pending(&approvals, 1).await, vec![], "nor does it stop the list");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_cannot_be_read_approves_nothing() {
    let moto = moto().await;
    let approvals = approvals(&moto.endpoint, PATIENT);
    let id = asked(&approvals, "alice", 0).await.id;
    approvals.approve(&id, &user("bob"), at(1)).await.expect("an approval");
    let whole = item(&moto).await;
    let requests = whole["requests"].as_s().expect("a text").clone();
    let with = |from: &str, to: &str| {
        assert!(requests.contains(from), "{requests}");
        Some(AttributeValue::S(requests.replace(from, to)))
    };
    for (attribute, value) in [
        ("requests", with("\"approved\":true", "\"approved\":\"true\"")),
        ("requests", with("\"by\":\"bob\"", "\"by\":\"Alice\"")),
        ("requests", with("\"who\":\"alice\"", "\"who\":\"mallory\"")),
        ("requests", with("\"user\":\"alice\"", "\"user\":\"mallory\"")),
        ("requests", Some(AttributeValue::S("[{}]".to_owned()))),
        ("requests", Some(AttributeValue::N("1".to_owned()))),
        ("requests", None),
        ("version", Some(AttributeValue::S("1".to_owned()))),
        ("version", Some(AttributeValue::N("0".to_owned()))),
        ("version", None),
    ] {
        let mut item = whole.clone();
        item.remove(attribute);
        item.extend(value.map(|value| (attribute.to_owned(), value)));
        // As if it were pending, so that the list has it too.
        item.insert("pending_until".to_owned(), AttributeValue::N("9999999999".to_owned()));
        put(&moto, item).await;
        let errors = [
            approvals.approval_for(&alices(), at(1)).await.expect_err(attribute),
            approvals.request(&user("alice"), alices(), at(1)).await.expect_err(attribute),
            approvals.deny(&id, &user("carol"), at(1)).await.expect_err(attribute),
            approvals.pending(at(1)).await.expect_err(attribute),
        ];
        for error in errors {
            assert_eq!(error.code(), "approval_store_unavailable", "{attribute}: {error}");
        }
    }
    // The approval is of the terms that stand there, and of no others.
    let mut item = whole.clone();
    item.extend(
        with("\"ticket_number\":\"CHG-1\"", "\"ticket_number\":\"CHG-2\"").map(|text| ("requests".to_owned(), text)),
    );
    put(&moto, item).await;
    assert_eq!(approvals.approval_for(&alices(), at(1)).await, Ok(None));
    assert_eq!(approvals.deny(&id, &user("carol"), at(1)).await, Err(ApprovalError::Unknown));
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
        ("without an error code", store(Fault::Answers(200, "<html>a captive portal</html>")).await),
        ("not ours to read", store(Fault::Answers(200, r#"{"Item":{},"Items":[{}]}"#)).await),
    ];
    let mut attempts = tokio::task::JoinSet::new();
    for (reason, endpoint) in faults {
        // Enough for three calls with pauses of up to a second and two, where a call does not hang.
        let timeout = Duration::from_secs(if reason == "no answer in time" { 1 } else { 10 });
        attempts.spawn(async move {
            let (approvals, id, started) = (approvals(&endpoint, timeout), "0".repeat(128), std::time::Instant::now());
            let (terms, alice, bob) = (alices(), user("alice"), user("bob"));
            let (found, asked, listed, approved, denied) = tokio::join!(
                approvals.approval_for(&terms, at(0)),
                approvals.request(&alice, terms.clone(), at(0)),
                approvals.pending(at(0)),
                approvals.approve(&id, &bob, at(0)),
                approvals.deny(&id, &bob, at(0)),
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
