use std::sync::Arc;

use super::*;

const RULES: ApprovalRules = ApprovalRules { request_lasts: Duration::hours(8), approval_lasts: Duration::HOUR };
const HOUR: i64 = 3600;

fn at(second: i64) -> UtcDateTime {
    UtcDateTime::from_unix_timestamp(second).unwrap()
}

fn approvals() -> Approvals {
    Approvals::in_memory(1000, RULES)
}

async fn asked(approvals: &Approvals, who: &str, second: i64) -> Pending {
    approvals.request(who, "prod", "d-1/alice", Some("CHG-1"), at(second)).await.unwrap()
}

#[tokio::test]
async fn what_another_person_approves_may_be_opened_for_an_hour() {
    let approvals = approvals();
    let asked = asked(&approvals, "alice", 0).await;
    assert_eq!(approvals.approval_for("alice", "prod", at(0)).await, Ok(None), "nobody has approved");
    let approved = approvals.approve(&asked.id, "bob", at(60)).await.unwrap();
    assert_eq!((approved.by(), approved.at(), approved.until()), ("bob", at(60), at(60 + HOUR)));
    assert_eq!(approvals.pending(at(60)).await, Ok(vec![]));
    assert_eq!(approvals.approval_for("Alice", "prod", at(59 + HOUR)).await, Ok(Some(approved)));
    for (who, entry) in [("alice", "Prod"), ("alice", "test"), ("bob", "prod"), ("alicep", "rod")] {
        assert_eq!(approvals.approval_for(who, entry, at(60)).await, Ok(None), "{who} {entry}");
    }
    assert_eq!(approvals.approval_for("alice", "prod", at(60 + HOUR)).await, Ok(None), "it is over");
}

#[tokio::test]
async fn who_asks_again_gets_the_request_as_it_was() {
    let approvals = approvals();
    let first = asked(&approvals, "alice", 0).await;
    let again = approvals.request("ALICE", "prod", "something else", None, at(HOUR)).await;
    assert_eq!(again, Ok(first.clone()));
    assert_eq!(approvals.pending(at(HOUR)).await, Ok(vec![first]));
}

#[tokio::test]
async fn attack_nobody_decides_on_their_own_request() {
    let approvals = approvals();
    let asked = asked(&approvals, "alice@corp.example", 0).await;
    for approver in ["alice@corp.example", "Alice@CORP.example"] {
        assert_eq!(approvals.approve(&asked.id, approver, at(1)).await, Err(ApprovalError::Own));
        assert_eq!(approvals.deny(&asked.id, approver, at(1)).await, Err(ApprovalError::Own));
    }
    assert_eq!(approvals.pending(at(1)).await, Ok(vec![asked]));
}

#[tokio::test]
async fn what_is_decided_stays_so_until_it_is_over() {
    let approvals = approvals();
    let asked_for = asked(&approvals, "alice", 0).await;
    approvals.deny(&asked_for.id, "bob", at(1)).await.unwrap();
    let denied = ApprovalError::Decided { approved: false, by: "bob".to_owned(), at: at(1) };
    assert_eq!(approvals.approve(&asked_for.id, "carol", at(2)).await, Err(denied.clone()));
    assert_eq!(approvals.request("alice", "prod", "d-1/alice", None, at(8 * HOUR - 1)).await, Err(denied));
    assert_eq!(approvals.approval_for("alice", "prod", at(2)).await, Ok(None));

    let again = asked(&approvals, "alice", 8 * HOUR).await;
    assert_eq!((&again.id, again.asked_at), (&asked_for.id, at(8 * HOUR)));
    approvals.approve(&again.id, "carol", at(9 * HOUR)).await.unwrap();
    let approved = ApprovalError::Decided { approved: true, by: "carol".to_owned(), at: at(9 * HOUR) };
    assert_eq!(approvals.deny(&again.id, "bob", at(9 * HOUR)).await, Err(approved.clone()));
    assert_eq!(approvals.request("alice", "prod", "d-1/alice", None, at(10 * HOUR - 1)).await, Err(approved));
    assert_eq!(asked(&approvals, "alice", 10 * HOUR).await.until, at(18 * HOUR));
}

#[tokio::test]
async fn a_request_that_nobody_looks_at_runs_out() {
    let approvals = approvals();
    let asked_for = asked(&approvals, "alice", 0).await;
    assert_eq!(approvals.pending(at(8 * HOUR - 1)).await, Ok(vec![asked_for.clone()]));
    assert_eq!(approvals.pending(at(8 * HOUR)).await, Ok(vec![]));
    let expired = ApprovalError::Expired { at: at(8 * HOUR) };
    assert_eq!(approvals.approve(&asked_for.id, "bob", at(8 * HOUR)).await, Err(expired.clone()));
    assert_eq!(approvals.deny(&asked_for.id, "bob", at(8 * HOUR)).await, Err(expired));
    assert_eq!(asked(&approvals, "alice", 8 * HOUR).await.asked_at, at(8 * HOUR));
}

#[tokio::test]
async fn an_id_that_nobody_was_given_is_unknown() {
    let approvals = approvals();
    let asked = asked(&approvals, "alice", 0).await;
    for id in ["", "x", &asked.id.to_uppercase(), &format!("{} ", asked.id), &"0".repeat(32), &"0".repeat(4096)] {
        assert_eq!(approvals.approve(id, "bob", at(0)).await, Err(ApprovalError::Unknown), "{id}");
    }
}

#[tokio::test]
async fn texts_are_short_and_harmless_to_a_terminal() {
    let approvals = approvals();
    let long = "ä".repeat(257);
    for (who, entry, opens, ticket, field, found) in [
        ("", "prod", "x", None, "who", "none"),
        (&*long, "prod", "x", None, "who", "more"),
        ("alice", &*long, "x", None, "entry", "more"),
        ("alice", "prod", &*"x".repeat(4097), None, "opens", "more"),
        ("alice", "prod", "x", Some(&*long), "ticket", "more"),
        ("alice", "prod", "x", Some(""), "ticket", "none"),
        ("alice", "prod", "x", Some("CHG-1\u{1b}[2Jforged"), "ticket", "a control character"),
        ("alice\nbob", "prod", "x", None, "who", "a control character"),
    ] {
        match approvals.request(who, entry, opens, ticket, at(0)).await {
            Err(ApprovalError::Text { field: its, found: what, .. }) => assert_eq!((its, what), (field, found)),
            other => panic!("{field}: {other:?}"),
        }
    }
    assert_eq!(approvals.pending(at(0)).await, Ok(vec![]));
    let fits = "ä".repeat(256);
    let asked = approvals.request(&fits, &fits, &"ä".repeat(4096), Some(&fits), at(0)).await.unwrap();
    assert_eq!(approvals.approve(&asked.id, "", at(0)).await.unwrap_err().code(), "approval_text_invalid");
}

#[tokio::test]
async fn the_oldest_come_first() {
    let approvals = approvals();
    for number in 0..150 {
        asked(&approvals, &format!("user-{number}"), 150 - number).await;
    }
    let seconds: Vec<_> =
        approvals.pending(at(200)).await.unwrap().iter().map(|pending| pending.asked_at.unix_timestamp()).collect();
    assert_eq!(seconds, (1..=150).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_full_memory_takes_requests_only_in_the_place_of_those_that_are_over() {
    let approvals = Approvals::in_memory(2, RULES);
    asked(&approvals, "alice", 0).await;
    let bobs = asked(&approvals, "bob", HOUR).await;
    let full = approvals.request("carol", "prod", "x", None, at(HOUR)).await.unwrap_err();
    assert_eq!(full.code(), "approval_store_unavailable");
    approvals.approve(&bobs.id, "alice", at(8 * HOUR - 1)).await.unwrap();
    asked(&approvals, "carol", 8 * HOUR).await;
    assert!(approvals.approval_for("bob", "prod", at(8 * HOUR)).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_approvers_at_once_one_decides() {
    let approvals = Arc::new(approvals());
    let id = asked(&approvals, "alice", 0).await.id;
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..100 {
        let (approvals, id) = (Arc::clone(&approvals), id.clone());
        calls.spawn(async move { approvals.approve(&id, &format!("approver-{number}"), at(1)).await });
    }
    let results = calls.join_all().await;
    let winner = approvals.approval_for("alice", "prod", at(1)).await.unwrap().unwrap();
    let decided = ApprovalError::Decided { approved: true, by: winner.by().to_owned(), at: at(1) };
    assert_eq!(results.iter().flatten().collect::<Vec<_>>(), [&winner]);
    assert_eq!(results.iter().filter(|result| **result == Err(decided.clone())).count(), 99);
}

#[test]
fn an_error_says_who_decided_what() {
    let denied = ApprovalError::Decided { approved: false, by: "bob".to_owned(), at: at(0) };
    assert_eq!(denied.to_string(), "bob has denied this at 1970-01-01T00:00:00Z");
    let unfit = Record::ask("", "prod", "x", None, at(0), &RULES).unwrap_err();
    assert_eq!(unfit.to_string(), "who: expected 1 to 256 printable characters, found none");
}
