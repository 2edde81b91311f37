//! A table's ledger: the questions of a sign-in, their bounds, and how long an answer is kept.

use std::time::Duration;

use parts::wire::Answer;
use serde_json::json;
use tokio::time::Instant;

use super::rig::{Aws, at, entry, given, item, now, plain, revocation};
use crate::{Ledger, LedgerError, LedgerFault};

#[tokio::test(start_paused = true)]
async fn a_sign_in_asks_for_the_user_their_groups_the_links_and_then_the_teams() {
    let mut lab = entry("group#G2", "lab");
    lab["team"] = json!({"S": "Fraud"});
    let aws = Aws::with_items([entry("user#ana", "own"), lab, entry("user#bo", "other")]);
    let table = aws.table().await;
    assert_eq!(aws.calls(), [], "a start asks nothing");
    assert_eq!(given(&table, "Ana", &["G1", "G2", "G1"], now()).await.expect("entitled"), ["own ana", "lab ana"]);
    assert_eq!(aws.queries(), ["group#G1", "group#G2", "links", "team#fraud", "user#ana"]);
    // Within the time that is remembered, also of what is empty, and for another user of the group.
    assert_eq!(
        given(&table, "bo", &["G2"], at("2026-06-01T12:00:29Z")).await.expect("entitled"),
        ["other bo", "lab bo"]
    );
    assert_eq!(aws.queries(), ["user#bo"]);
    let thirty = at("2026-06-01T12:00:30Z");
    assert!(given(&table, "ana", &["G1"], thirty).await.is_ok());
    assert_eq!(aws.queries(), ["group#G1", "links", "user#ana"]);
    // An answer of later than now, from before a clock was set back, is asked for again.
    assert!(given(&table, "ana", &[], now()).await.is_ok());
    assert_eq!(aws.queries(), ["links", "user#ana"]);
    assert_eq!(revocation(&table, "ana", now()).await, Ok(None));
    assert_eq!(aws.queries(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_memory_that_is_full_forgets_what_no_longer_holds_and_then_the_oldest() {
    let users = ["ana", "bo", "cy", "dy"];
    let aws = Aws::with_items(users.map(|user| entry(&format!("user#{user}"), user)));
    let asks = async |table: &Ledger, user: &str, instant: &str| {
        assert!(given(table, user, &[], at(&format!("2026-06-01T{instant}Z"))).await.is_ok(), "{user}");
        aws.queries()
    };
    // Before a clock was set back.
    let table = aws.remembering(3, "dynamodb:ledger").await.expect("a ledger");
    assert_eq!(asks(&table, "ana", "13:00:00").await, ["links", "user#ana"]);
    assert_eq!(asks(&table, "bo", "13:00:00").await, ["user#bo"]);
    assert_eq!(asks(&table, "cy", "12:00:00").await, ["links", "user#cy"]);
    assert_eq!(asks(&table, "dy", "12:00:01").await, ["user#dy"]);
    for user in ["cy", "dy"] {
        assert_eq!(asks(&table, user, "12:00:02").await, [""; 0], "{user}");
    }
    // The oldest is the links, or what was asked with them.
    assert_eq!(asks(&table, "ana", "12:00:03").await, ["user#ana"]);
    assert_eq!(asks(&table, "dy", "12:00:04").await.iter().filter(|key| *key != "links").count(), 0);
    // While there is room nothing is forgotten: the clock may go on again.
    let table = aws.table().await;
    assert_eq!(asks(&table, "ana", "13:00:00").await, ["links", "user#ana"]);
    assert_eq!(asks(&table, "bo", "12:00:00").await, ["links", "user#bo"]);
    assert_eq!(asks(&table, "ana", "13:00:01").await, ["links"]);
}

#[tokio::test(start_paused = true)]
async fn a_revocation_holds_once_what_was_remembered_is_over() {
    let aws = Aws::with_items([entry("user#ana", "e")]);
    let table = aws.table().await;
    assert!(given(&table, "ana", &[], now()).await.is_ok());
    aws.has_items([entry("user#ana", "e"), item("user#ana", "#revoked", &[("why", "left"), ("since", "2026-06-01")])]);
    assert!(given(&table, "ana", &[], at("2026-06-01T12:00:29Z")).await.is_ok());
    let thirty = at("2026-06-01T12:00:30Z");
    assert_eq!(given(&table, "ana", &[], thirty).await, Err("access_revoked"));
    assert_eq!(revocation(&table, "ANA", thirty).await, Ok(Some("left (since 2026-06-01)".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn all_pages_under_a_key_are_read_up_to_100_items() {
    let items = |count: usize| (0..count).map(|number| entry("user#ana", &format!("e{number}")));
    for page in [1, 7, 100, 1000] {
        let aws = Aws::with_items(items(100)).in_pages_of(page);
        assert_eq!(given(&aws.table().await, "ana", &[], now()).await.expect("entitled").len(), 100, "{page}");
        let pages = aws.queries().into_iter().filter(|key| key == "user#ana").count();
        assert_eq!(pages, 100_usize.div_ceil(page), "{page}");
        let aws = Aws::with_items(items(101)).in_pages_of(page);
        let error = super::rig::entitlements(&aws.table().await, "ana", &[], now()).await.expect_err("too many");
        assert_eq!(error.to_string(), "user#ana: 101 items or more are too many", "{page}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_reads_all_pages_up_to_three_items_for_each_entry_that_a_ledger_may_have() {
    let items = |count: usize| {
        (0..count).map(|number| item(&format!("team#t{number}"), "#team", &[])).map(|mut team| {
            team["over_budget"] = json!({"BOOL": true});
            team
        })
    };
    let aws = Aws::with_items(items(10)).in_pages_of(3);
    assert_eq!(aws.table().await.list(now()).await.expect("a ledger").over_budget.len(), 10);
    assert_eq!(aws.calls().len(), 4);
    // The bound is looked at before another page is asked for.
    for (count, page, fault) in [(15_001, 15_000, false), (15_002, 15_001, true)] {
        let table = Aws::with_items(items(count)).in_pages_of(page).table().await;
        let listed = table.list(now()).await.map(|listing| listing.over_budget.len());
        let reason = "15001 items or more are too many".to_owned();
        let entry = "the table".to_owned();
        let too_many = LedgerError::Malformed { entry, reason, fault: LedgerFault::TooLarge };
        let expected = if fault { Err(too_many) } else { Ok(count) };
        assert_eq!(listed, expected, "{count} {page}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_user_in_many_groups_is_looked_up_in_all_of_them_and_in_too_many_not_at_all() {
    let names: Vec<_> = (0..251).map(|number| format!("g{number:03}")).collect();
    let groups: Vec<_> = names.iter().map(String::as_str).collect();
    let aws = Aws::with_items([entry("group#g249", "last")]);
    let table = aws.table().await;
    assert_eq!(given(&table, "ana", &groups[..250], now()).await.expect("entitled"), ["last ana"]);
    assert_eq!(aws.queries().len(), 252);
    let error = super::rig::entitlements(&table, "ana", &groups, now()).await.expect_err("too many");
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        ("too_many_groups", "251 groups, expected at most 250 where a table is the ledger")
    );
    // Names that no entry can have do not count, and one name counts once.
    let more: Vec<_> = groups[..250].iter().copied().chain(["", "\n", "g000"]).collect();
    assert!(given(&table, "ana", &more, now()).await.is_ok());
    assert_eq!(given(&table, " ", &[], now()).await, Err("unknown_user"));
    assert_eq!(revocation(&table, "", now()).await, Ok(None));
    assert_eq!(aws.calls(), [], "all of it is remembered, or never asked for");
}

#[tokio::test(start_paused = true)]
async fn a_table_that_does_not_answer_lets_nobody_in() {
    let aws = Aws::with_items([entry("user#ana", "e")]);
    let table = aws.table().await;
    let unavailable = |reason: &str| LedgerError::Unavailable(reason.to_owned());
    let denied = Answer::Fault("AccessDeniedException", json!({}));
    aws.answers([denied.clone(), denied.clone()]);
    let error = super::rig::entitlements(&table, "ana", &[], now()).await.expect_err("denied");
    assert_eq!(plain(error), unavailable("AccessDeniedException"));
    aws.answers([denied]);
    assert_eq!(table.list(now()).await.map_err(plain), Err(unavailable("AccessDeniedException")));
    aws.answers([]);
    assert!(given(&table, "ana", &[], now()).await.is_ok(), "a failure is not remembered");
    aws.hangs();
    let begun = Instant::now();
    let error = super::rig::entitlements(&table, "bo", &[], now()).await.expect_err("no answer");
    assert_eq!((error, begun.elapsed()), (unavailable("no answer in time"), Duration::from_secs(2)));
}
