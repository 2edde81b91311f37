//! The items of a table: the same ledger as a text, attribute for attribute.

use serde_json::{Value, json};

use super::rig::{Aws, at, entitlements, entry, item, ledger, now};
use crate::{Edit, LedgerSchema};

const TEXT: &str = r#"
[[entry]]
id = "lab"
title = "Fraud lab"
user = "Ana"
domain = "d-a"
profile = "{user}-{team}"
team = "fraud"
account = "111122223333"
region = "eu-west-1"
space = "shared"
landing = "JupyterLab"
session_seconds = 3600
role = "arn:aws:iam::111122223333:role/mint"
production = true
valid_from = "2026-01-01T00:00:00Z"
valid_until = "2027-01-01T00:00:00Z"
tags = { CostCenter = "4711" }
links = { board = { landing = "studio::board", space = "own" } }

[entry.provision]
execution_role = "arn:aws:iam::111122223333:role/notebooks"
security_groups = ["sg-1", "sg-2"]
tags = { Team = "fraud" }

[[entry]]
id = "all"
group = "Data Scientists"
domain = "d-b"
"#;

/// The first entry, as an item has it.
fn lab() -> Value {
    let mut lab = item(
        "user#ana",
        "lab",
        &[
            ("title", "Fraud lab"),
            ("domain", "d-a"),
            ("profile", "{user}-{team}"),
            ("team", "fraud"),
            ("account", "111122223333"),
            ("region", "eu-west-1"),
            ("space", "shared"),
            ("landing", "JupyterLab"),
            ("role", "arn:aws:iam::111122223333:role/mint"),
            ("valid_from", "2026-01-01T00:00:00Z"),
            ("valid_until", "2027-01-01T00:00:00Z"),
        ],
    );
    lab["session_seconds"] = json!({"N": "3600"});
    lab["production"] = json!({"BOOL": true});
    lab["tags"] = json!({"M": {"CostCenter": {"S": "4711"}}});
    lab["links"] = json!({"M": {"board": {"M": {"landing": {"S": "studio::board"}, "space": {"S": "own"}}}}});
    lab["provision"] = json!({"M": {
        "execution_role": {"S": "arn:aws:iam::111122223333:role/notebooks"},
        "security_groups": {"L": [{"S": "sg-1"}, {"S": "sg-2"}]},
        "tags": {"M": {"Team": {"S": "fraud"}}},
    }});
    lab
}

fn all() -> Value {
    item("group#Data Scientists", "all", &[("domain", "d-b")])
}

#[tokio::test(start_paused = true)]
async fn a_table_gives_what_a_text_of_the_same_content_gives() {
    let more = "[[revoked]]\nuser = \"Mallory\"\nwhy = \"left\"\nsince = \"2026-02-01\"\n[[team]]\nname = \"Fraud\"\nover_budget = true\n[links.jupyter]\nspace = \"shared\"\n";
    let text = ledger(&format!("{TEXT}{more}")).await;
    let mut team = item("team#fraud", "#team", &[]);
    team["over_budget"] = json!({"BOOL": true});
    let revoked = item("user#mallory", "#revoked", &[("why", "left"), ("since", "2026-02-01")]);
    let link = item("links", "jupyter", &[("space", "shared")]);
    let aws = Aws::with_items([lab(), all(), team, revoked, link]);
    let table = aws.table().await;
    for (user, groups, now) in [
        ("ana", &["Data Scientists"][..], now()),
        ("ANA", &[], now()),
        ("bo", &["Data Scientists"], now()),
        ("bo", &["data scientists"], now()),
        ("Mallory", &["Data Scientists"], now()),
        ("ana", &[], at("2027-01-01T00:00:00Z")),
    ] {
        let [one, other] =
            // A table is not asked for the names of its groups, so that the words of a refusal differ.
            [&text, &table].map(|ledger| async move {
                let given = entitlements(ledger, user, groups, now).await;
                format!("{:?}", given.map_err(|error| error.code()))
            });
        assert_eq!(one.await, other.await, "{user}");
    }
    let given = entitlements(&table, "ana", &["Data Scientists"], now()).await.expect("entitled");
    let facts =
        (given[0].profile().as_str(), given[0].session_seconds(), given[0].production(), given[0].over_budget());
    assert_eq!(facts, ("ana-fraud", Some(3600), true, true));
    assert_eq!(given[0].provision().expect("provision").security_groups(), ["sg-1", "sg-2"]);
    assert_eq!(text.list(now()).await, table.list(now()).await);
}

#[tokio::test(start_paused = true)]
async fn an_entry_is_put_as_it_is_read() {
    for (entry, expected) in LedgerSchema::parse(TEXT).expect("a ledger").entry.into_iter().zip([lab(), all()]) {
        let aws = Aws::with_items([]);
        let named = format!("{} of {} is added", entry.id, expected["subject"]["S"].as_str().expect("a subject"));
        assert_eq!(aws.table().await.add(entry).await, Ok(Edit::Done(named)));
        let put = aws.calls().pop().expect("a call");
        let expected = json!({
            "TableName": "ledger",
            "Item": expected,
            "ConditionExpression": "attribute_not_exists(#subject)",
            "ExpressionAttributeNames": {"#subject": "subject"},
        });
        assert_eq!((put.operation.as_str(), put.content), ("PutItem", expected));
    }
}

/// The item with this attribute.
fn with(mut item: Value, name: &str, value: Value) -> Value {
    item[name] = value;
    item
}

#[tokio::test(start_paused = true)]
async fn sets_of_texts_and_whole_numbers_are_read_and_other_types_are_not() {
    let provision = |groups: Value| json!({"M": {"execution_role": {"S": "arn:aws:iam::111122223333:role/r"}, "security_groups": groups}});
    let unknown = |name: &str| Err(format!("an item: `{name}` is of a type that no attribute of a ledger has"));
    for (name, value, expected) in [
        ("provision", provision(json!({"SS": ["sg-1"]})), Ok(())),
        ("provision", provision(json!({"L": []})), Ok(())),
        ("provision", provision(json!({"L": [{"NULL": true}]})), unknown("provision")),
        ("provision", provision(json!({"NS": ["1"]})), unknown("provision")),
        ("production", json!({"BOOL": false}), Ok(())),
        ("title", json!({"B": "eA=="}), unknown("title")),
        ("title", json!({"NULL": true}), unknown("title")),
        ("session_seconds", json!({"N": "1800.5"}), unknown("session_seconds")),
        ("session_seconds", json!({"N": "1800"}), Ok(())),
    ] {
        let shown = value.to_string();
        let table = Aws::with_items([with(entry("user#ana", "e"), name, value)]).table().await;
        let found = entitlements(&table, "ana", &[], now()).await.map(drop).map_err(|error| error.to_string());
        assert_eq!(found, expected, "{shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_item_under_no_key_of_ours_or_that_repeats_its_key_is_a_fault() {
    let said = |subject: &str, id: &str, field: &str| {
        format!("item {subject} / {id}: `{field}` is said by the key and must not be there")
    };
    let unfound = |subject: &str| {
        format!(
            "item {subject} / e: `subject` is not found by any sign-in; expected user#NAME or team#NAME in lower case, group#NAME or links"
        )
    };
    for (item, expected) in [
        (item("user#ana", "e", &[("id", "e")]), said("user#ana", "e", "id")),
        (item("user#ana", "e", &[("user", "ana")]), said("user#ana", "e", "user")),
        (item("group#g", "e", &[("group", "g")]), said("group#g", "e", "group")),
        (item("user#ana", "#revoked", &[("user", "ana"), ("why", "x")]), said("user#ana", "#revoked", "user")),
        (item("team#a", "#team", &[("name", "a")]), said("team#a", "#team", "name")),
        (item("user#Ana", "e", &[]), unfound("user#Ana")),
        (item("team#A", "e", &[]), unfound("team#A")),
        (item("ana", "e", &[]), unfound("ana")),
        (item("links#a", "e", &[]), unfound("links#a")),
        (item("user#", "e", &[]), unfound("user#")),
        (item("", "e", &[]), unfound("")),
        (json!({"entry": {"S": "e"}}), unfound("")),
        (json!({"subject": {"N": "1"}, "entry": {"S": "e"}}), unfound("")),
        (item("a\nb", "e", &[]), unfound("a\\nb")),
        (item("team#a", "e", &[]), "item team#a / e: `entry` of a team's item; expected #team".to_owned()),
        (
            item("group#g", "#revoked", &[("why", "x")]),
            "item group#g / #revoked: unknown field `why`, expected one of".to_owned(),
        ),
        (item("user#ana", "e", &[]), "item user#ana / e: missing field `domain`".to_owned()),
        (item("user#ana", "#revoked", &[]), "item user#ana / #revoked: missing field `why`".to_owned()),
        (
            item("links", "a", &[("page", "x")]),
            "item links / a: unknown field `page`, expected `landing` or `space`".to_owned(),
        ),
    ] {
        let error = Aws::with_items([item]).table().await.list(now()).await.expect_err("a fault");
        assert_eq!(error.code(), "ledger_malformed");
        assert!(error.to_string().starts_with(&expected), "{error}: {expected}");
    }
}

#[tokio::test(start_paused = true)]
async fn requests_for_approval_are_no_part_of_the_ledger() {
    let request = item("approval", "anything", &[("state", "open")]);
    let listing = Aws::with_items([request, entry("user#ana", "e")]).table().await.list(now()).await.expect("a ledger");
    assert_eq!(listing.entries.len(), 1);
}
