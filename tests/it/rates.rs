//! Rates across processes: the real SDK against moto's DynamoDB, and against stores that fail.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use studio_acs_broker::TableRules;
use studio_acs_broker::{RateError, RateRules, Rates};
use studio_acs_identity::UserId;
use support::fault::{Fault, store};
use support::moto::{Lost, Moto, sdk};
use support::process::NOWHERE;
use time::UtcDateTime;

const TABLE: &str = "rates";
const RULES: RateRules = RateRules { per_user: 3, global: 600, alert_at: 4 };
/// moto answers some hundred calls a second: the calls have to be patient, as DynamoDB's need not be.
const PATIENT: Duration = Duration::from_secs(50);

async fn moto() -> Moto {
    Moto::start().with_rates_table(TABLE).await
}

/// A process whose counters are in the table at this endpoint.
fn rates(endpoint: &str, timeout: Duration, rules: RateRules) -> Rates {
    Rates::in_table(&sdk(endpoint), TableRules { table: TABLE.to_owned(), timeout }, rules)
}

/// A user where names are shared.
fn named(name: &str) -> UserId {
    UserId::new(None, name)
}

fn at(second: i64) -> UtcDateTime {
    UtcDateTime::from_unix_timestamp(second).unwrap()
}

async fn items(moto: &Moto) -> Vec<HashMap<String, AttributeValue>> {
    Client::new(&moto.sdk()).scan().table_name(TABLE).send().await.expect("items").items().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_calls_of_fifty_users_at_once_are_counted_exactly() {
    let moto = moto().await;
    let way = moto.way(Lost::Nothing);
    let processes = [(); 2].map(|()| Arc::new(rates(&way.endpoint, PATIENT, RULES)));
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..200 {
        let (rates, user) = (Arc::clone(&processes[number % 2]), format!("user-{}", number / 4));
        calls.spawn(async move { (user.clone(), rates.count(&named(&user), at(0)).await) });
    }
    let (mut users, mut global, mut alerts) = (BTreeMap::<_, Vec<_>>::new(), Vec::new(), 0);
    for (user, count) in calls.join_all().await {
        let count = match count {
            Ok(count) => {
                global.push(count.global());
                count.user()
            }
            Err(RateError::User { found, alert, .. }) => {
                alerts += u32::from(alert);
                found
            }
            Err(other) => panic!("{other}"),
        };
        users.entry(user).or_default().push(count);
    }
    assert_eq!(users.len(), 50);
    for (user, mut counts) in users {
        counts.sort_unstable();
        assert_eq!(counts, [1, 2, 3, 4], "{user}");
        assert_eq!(processes[0].peek(&named(&user), at(59)).await, Ok(4));
    }
    global.sort_unstable();
    assert_eq!(global, (1..=150).collect::<Vec<_>>());
    assert_eq!(alerts, 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_who_hammers_leaves_the_counter_of_all_alone() {
    let moto = moto().await;
    let way = moto.way(Lost::Nothing);
    let rates = rates(&way.endpoint, PATIENT, RateRules { global: 4, ..RULES });
    let mut codes = Vec::new();
    for _ in 0..20 {
        codes.push(rates.count(&named("mallory"), at(0)).await.map_or_else(|error| error.code(), |_| "counted"));
    }
    assert_eq!(codes[..3], ["counted"; 3]);
    assert_eq!(codes[3..], ["rate_limited_user"; 17]);
    assert_eq!(way.calls().iter().filter(|call| call.contains("everybody")).count(), 3);
    assert_eq!(rates.count(&named("alice"), at(0)).await.map(|count| count.global()), Ok(4));
    let refused = RateError::Global { limit: 4, found: 5, seconds_left: 60, alert: false };
    assert_eq!(rates.count(&named("bob"), at(0)).await, Err(refused));
    assert_eq!(rates.count(&named("bob"), at(60)).await.map(|count| (count.user(), count.global())), Ok((1, 1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_outlives_its_minute_and_names_nobody() {
    let moto = moto().await;
    let rates = rates(&moto.endpoint, PATIENT, RULES);
    for user in ["Alice@corp.example", "alice@corp.example"] {
        rates.count(&named(user), at(1_800_000_059)).await.expect("within the limits");
    }
    let mut items = items(&moto).await;
    items.sort_by_key(|item| item["window"].as_s().unwrap().clone());
    assert_eq!(items.len(), 2);
    for item in &items {
        assert_eq!(item["count"], AttributeValue::N("2".to_owned()));
        assert_eq!(item["expires_at"], AttributeValue::N((1_800_000_060 + 3600).to_string()));
    }
    assert_eq!(items[0]["window"], AttributeValue::S("30000000#everybody".to_owned()));
    let user = items[1]["window"].as_s().unwrap();
    assert!(user.starts_with("30000000#user#") && user.len() == "30000000#user#".len() + 64, "{user}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_back_opens_no_minute_again() {
    let moto = moto().await;
    let rates = rates(&moto.endpoint, PATIENT, RULES);
    for _ in 0..3 {
        rates.count(&named("alice"), at(60)).await.expect("within the limits");
    }
    rates.count(&named("alice"), at(120)).await.expect("within the limits");
    assert_eq!(rates.count(&named("alice"), at(119)).await.unwrap_err().code(), "rate_limited_user");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_is_counted_twice_and_never_not_at_all() {
    let moto = moto().await;
    let way = moto.way(Lost::FirstAnswer);
    let rates = rates(&way.endpoint, PATIENT, RULES);
    let count = rates.count(&named("alice"), at(0)).await.expect("within the limits");
    assert_eq!((count.user(), count.global()), (2, 1));
    assert_eq!(way.calls().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_counter_that_cannot_be_read_lets_nobody_in() {
    let moto = moto().await;
    let rates = rates(&moto.endpoint, PATIENT, RULES);
    rates.count(&named("alice"), at(0)).await.expect("within the limits");
    let item = items(&moto).await.into_iter().find(|item| item["window"].as_s().unwrap().contains("user"));
    let item = item.expect("a counter");
    for value in [
        AttributeValue::S("1".to_owned()),
        AttributeValue::Null(true),
        AttributeValue::N("-5".to_owned()),
        AttributeValue::N("1.5".to_owned()),
        AttributeValue::N("99999999999999999999".to_owned()),
    ] {
        let put = Client::new(&moto.sdk()).put_item().table_name(TABLE).set_item(Some(item.clone()));
        put.item("count", value.clone()).send().await.expect("a put");
        let read = rates.peek(&named("alice"), at(0)).await.expect_err("not a count");
        let counted = rates.count(&named("alice"), at(0)).await.expect_err("not a count");
        for error in [read, counted] {
            assert_eq!(error.code(), "rate_store_unavailable", "{value:?}: {error}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_be_asked_lets_nobody_in_and_keeps_nobody_waiting() {
    let json = |json| store(Fault::Answers(200, json));
    let denied = r#"{"__type":"AccessDeniedException","Message":"no"}"#;
    // Without the table.
    let moto = Moto::start();
    let faults = [
        ("ResourceNotFoundException", moto.endpoint.clone()),
        ("no answer in time", store(Fault::Hangs).await),
        ("no connection", NOWHERE.to_owned()),
        ("a call that broke off", store(Fault::Resets).await),
        ("AccessDeniedException", store(Fault::Answers(400, denied)).await),
        ("ThrottlingException", store(Fault::Answers(400, r#"{"__type":"ThrottlingException"}"#)).await),
        ("InternalServerError", store(Fault::Answers(500, r#"{"__type":"InternalServerError"}"#)).await),
        ("without an error code", json("<html>a captive portal</html>").await),
        ("not ours to read", json("{}").await),
        ("not ours to read", json(r#"{"Attributes":{}}"#).await),
        ("not ours to read", json(r#"{"Attributes":{"count":{"S":"1"}}}"#).await),
        ("not ours to read", json(r#"{"Attributes":{"count":{"N":"one"}}}"#).await),
        ("not ours to read", json(r#"{"Attributes":{"count":{"N":"0"}}}"#).await),
    ];
    let mut attempts = tokio::task::JoinSet::new();
    for (reason, endpoint) in faults {
        // Enough for three calls with pauses of up to a second and two, where a call does not hang.
        let timeout = Duration::from_secs(if reason == "no answer in time" { 1 } else { 10 });
        attempts.spawn(async move {
            let started = std::time::Instant::now();
            let error = rates(&endpoint, timeout, RULES).count(&named("alice"), at(0)).await.expect_err(reason);
            assert_eq!(error.code(), "rate_store_unavailable", "{reason}: {error}");
            assert!(error.to_string().contains(reason), "{reason}: {error}");
            assert!(started.elapsed() < Duration::from_secs(15), "{reason}");
        });
    }
    attempts.join_all().await;
}
