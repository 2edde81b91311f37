use std::collections::BTreeMap;
use std::sync::Arc;

use studio_acs_identity::{UserId, folded};
use studio_acs_policy::Profile;
use time::Duration;

use super::*;

const RULES: ApprovalRules =
    ApprovalRules { request_lasts: Duration::hours(8), approval_lasts: Duration::HOUR, per_user: 10 };
const HOUR: i64 = 3600;

fn at(second: i64) -> UtcDateTime {
    UtcDateTime::from_unix_timestamp(second).unwrap()
}

/// The terms of `user` opening `entry`.
pub(crate) fn terms_for(user: &str, entry: &str, ticket_number: Option<&str>) -> ApprovalTerms {
    let profile = Profile {
        entry: entry.to_owned(),
        title: entry.to_owned(),
        for_user: Some(folded(user)),
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
        user: folded(user),
        issuer: None,
        profile,
        ticket_number: ticket_number.map(str::to_owned),
        deep_link: None,
        space: None,
        landing: None,
        role: None,
        session_seconds: 3600,
        valid_until: None,
        provision: None,
    }
}

/// A user where names are shared.
fn user(name: &str) -> UserId {
    UserId::new(None, name)
}

/// Those that are asked for here, where nothing is said.
fn prod(user: &str) -> ApprovalTerms {
    terms_for(user, "prod", Some("CHG-1"))
}

/// The pending requests of all users, the oldest first.
async fn pending(approvals: &Approvals, second: i64) -> Vec<Pending> {
    let users = approvals.pending(at(second)).await.unwrap();
    let mut pending: Vec<_> = users.into_iter().flatten().map(|waiting| waiting.request).collect();
    pending.sort_by_key(|pending| pending.asked_at);
    pending
}

fn approvals() -> Approvals {
    Approvals::in_memory(1000, RULES)
}

async fn asked(approvals: &Approvals, who: &str, second: i64) -> Pending {
    approvals.request(&user(who), prod(who), at(second)).await.unwrap()
}

#[tokio::test]
async fn what_another_person_approves_may_be_opened_for_an_hour() {
    let approvals = approvals();
    let asked = asked(&approvals, "alice", 0).await;
    assert_eq!(approvals.approval_for(&prod("alice"), at(0)).await, Ok(None), "nobody has approved");
    let approved = approvals.approve(&asked.id, &user("bob"), at(60)).await.unwrap();
    assert_eq!((approved.by(), approved.at(), approved.until()), ("bob", at(60), at(60 + HOUR)));
    assert_eq!(pending(&approvals, 60).await, vec![]);
    assert_eq!(approvals.approval_for(&prod("Alice"), at(59 + HOUR)).await, Ok(Some(approved)));
    let others =
        [("alice", "Prod", "CHG-1"), ("alice", "test", "CHG-1"), ("bob", "prod", "CHG-1"), ("alice", "prod", "CHG-2")];
    for (who, entry, ticket) in others {
        let others = terms_for(who, entry, Some(ticket));
        assert_eq!(approvals.approval_for(&others, at(60)).await, Ok(None), "{who} {entry} {ticket}");
    }
    assert_eq!(approvals.approval_for(&prod("alice"), at(60 + HOUR)).await, Ok(None), "it is over");
}

#[tokio::test]
async fn who_asks_again_gets_the_request_as_it_was() {
    let approvals = approvals();
    let first = asked(&approvals, "alice", 0).await;
    let again = approvals.request(&user("ALICE"), prod("alice"), at(HOUR)).await;
    assert_eq!(again, Ok(first.clone()));
    assert_eq!(pending(&approvals, HOUR).await, vec![first]);
}

#[tokio::test]
async fn attack_nobody_decides_on_their_own_request() {
    let approvals = approvals();
    let asked = asked(&approvals, "alice@corp.example", 0).await;
    for approver in ["alice@corp.example", "Alice@CORP.example"] {
        assert_eq!(approvals.approve(&asked.id, &user(approver), at(1)).await, Err(ApprovalError::Own));
        assert_eq!(approvals.deny(&asked.id, &user(approver), at(1)).await, Err(ApprovalError::Own));
    }
    assert_eq!(pending(&approvals, 1).await, vec![asked]);
}

#[tokio::test]
async fn what_is_decided_stays_so_until_it_is_over() {
    let approvals = approvals();
    let asked_for = asked(&approvals, "alice", 0).await;
    approvals.deny(&asked_for.id, &user("bob"), at(1)).await.unwrap();
    let denied = ApprovalError::Decided { approved: false, by: "bob".to_owned(), at: at(1) };
    assert_eq!(approvals.approve(&asked_for.id, &user("carol"), at(2)).await, Err(denied.clone()));
    assert_eq!(
        approvals.request(&user("alice"), prod("alice"), at(8 * HOUR)).await,
        Err(denied),
        "eight hours from the denial on"
    );
    assert_eq!(approvals.approval_for(&prod("alice"), at(2)).await, Ok(None));

    let again = asked(&approvals, "alice", 8 * HOUR + 1).await;
    assert_eq!((&again.id, again.asked_at), (&asked_for.id, at(8 * HOUR + 1)));
    approvals.approve(&again.id, &user("carol"), at(9 * HOUR)).await.unwrap();
    let approved = ApprovalError::Decided { approved: true, by: "carol".to_owned(), at: at(9 * HOUR) };
    assert_eq!(approvals.deny(&again.id, &user("bob"), at(9 * HOUR)).await, Err(approved.clone()));
    assert_eq!(approvals.request(&user("alice"), prod("alice"), at(10 * HOUR - 1)).await, Err(approved));
    assert_eq!(asked(&approvals, "alice", 10 * HOUR).await.until, at(18 * HOUR));
}

#[tokio::test]
async fn attack_a_denial_holds_for_user_and_entry_whatever_else_is_asked_for() {
    let approvals = approvals();
    let linked = |entry: &str, link: &str| {
        let mut terms = terms_for("alice", entry, None);
        terms.deep_link = Some(link.to_owned());
        terms.profile.profile = entry.to_owned();
        terms
    };
    let before = approvals.request(&user("alice"), linked("prod", "before"), at(0)).await.unwrap();
    approvals.approve(&before.id, &user("carol"), at(1)).await.unwrap();
    let denied = approvals.request(&user("alice"), linked("prod", "denied"), at(2)).await.unwrap();
    let waiting = approvals.request(&user("alice"), linked("prod", "waiting"), at(3)).await.unwrap();
    approvals.deny(&denied.id, &user("bob"), at(4)).await.unwrap();
    let refusal = ApprovalError::Decided { approved: false, by: "bob".to_owned(), at: at(4) };
    // From the decision on, as long as a request waits; the request that still waits ends a second earlier.
    let until = 4 + 8 * HOUR;
    let mut cased = linked("other", "x");
    cased.profile.profile = "PROD".to_owned();
    let mut elsewhere = linked("other", "x");
    elsewhere.profile.domain = "d-2".to_owned();
    elsewhere.profile.profile = "prod".to_owned();
    for terms in [linked("prod", "new"), linked("prod", "waiting"), linked("prod", "before"), cased] {
        assert_eq!(
            approvals.request(&user("Alice"), terms.clone(), at(until - 1)).await,
            Err(refusal.clone()),
            "{terms:?}"
        );
        assert_eq!(approvals.standing(&terms, at(5)).await.unwrap_err(), refusal);
        assert_eq!(approvals.approval_for(&terms, at(5)).await, Ok(None));
    }
    // An approver sees it beside the request that still waits, and may deny that too.
    let listed = approvals.pending(at(5)).await.unwrap();
    let denial = EarlierDenial { by: "bob".to_owned(), at: at(4), until: at(until) };
    assert_eq!(listed, [[Waiting { request: waiting.clone(), denials: vec![denial] }]]);
    assert_eq!(approvals.approve(&waiting.id, &user("carol"), at(5)).await, Err(refusal));
    // Another entry, another user: theirs are theirs. And when it is over, it is over.
    for terms in [linked("test", "denied"), elsewhere] {
        assert!(approvals.request(&user("alice"), terms, at(5)).await.is_ok());
    }
    assert!(approvals.request(&user("frank"), prod("frank"), at(5)).await.is_ok());
    assert!(approvals.request(&user("alice"), linked("prod", "new"), at(until)).await.is_ok());
}

#[tokio::test]
async fn a_request_that_nobody_looks_at_runs_out() {
    let approvals = approvals();
    let asked_for = asked(&approvals, "alice", 0).await;
    assert_eq!(pending(&approvals, 8 * HOUR - 1).await, vec![asked_for.clone()]);
    assert_eq!(pending(&approvals, 8 * HOUR).await, vec![]);
    let expired = ApprovalError::Expired { at: at(8 * HOUR) };
    assert_eq!(approvals.approve(&asked_for.id, &user("bob"), at(8 * HOUR)).await, Err(expired.clone()));
    assert_eq!(approvals.deny(&asked_for.id, &user("bob"), at(8 * HOUR)).await, Err(expired));
    assert_eq!(asked(&approvals, "alice", 8 * HOUR).await.asked_at, at(8 * HOUR));
}

#[tokio::test]
async fn an_id_that_nobody_was_given_is_unknown() {
    let approvals = approvals();
    let asked = asked(&approvals, "alice", 0).await;
    let (key, fingerprint) = asked.id.split_at(64);
    for id in [
        "",
        "x",
        &asked.id.to_uppercase(),
        &format!("{} ", asked.id),
        &"0".repeat(32),
        &"0".repeat(128),
        &"0".repeat(4096),
        "äöü",
        key,
        fingerprint,
    ] {
        assert_eq!(approvals.approve(id, &user("bob"), at(0)).await, Err(ApprovalError::Unknown), "{id}");
    }
}

#[tokio::test]
async fn texts_are_short_and_harmless_to_a_terminal() {
    let approvals = approvals();
    let long = "ä".repeat(257);
    for (who, ticket, field, found) in [
        ("", None, "who", "none"),
        (&*long, None, "who", "more"),
        ("alice", Some(&*long), "ticket_number", "more"),
        ("alice", Some(""), "ticket_number", "none"),
        ("alice", Some("CHG-1\u{1b}[2Jforged"), "ticket_number", "a control character"),
        ("alice\nbob", None, "who", "a control character"),
    ] {
        match approvals.request(&user(who), terms_for(who, "prod", ticket), at(0)).await {
            Err(ApprovalError::Text { field: its, found: what, .. }) => assert_eq!((its, what), (field, found)),
            other => panic!("{field}: {other:?}"),
        }
    }
    let another = approvals.request(&user("alice"), prod("bob"), at(0)).await.unwrap_err();
    assert_eq!(another.to_string(), "who: expected the user of the terms, found another");
    let mut many = prod("alice");
    many.profile.tags = (0..50).map(|tag| (format!("{tag:0128}"), "x".repeat(256))).collect();
    let many = approvals.request(&user("alice"), many, at(0)).await.unwrap_err();
    assert_eq!(many.to_string(), "terms: expected at most 16384 bytes, found more");
    assert_eq!(pending(&approvals, 0).await, vec![]);
    let fits = "ä".repeat(256);
    let asked = approvals.request(&user(&fits), terms_for(&fits, "prod", Some(&fits)), at(0)).await.unwrap();
    assert_eq!(approvals.approve(&asked.id, &user(""), at(0)).await.unwrap_err().code(), "approval_text_invalid");
}

#[tokio::test]
async fn the_oldest_come_first() {
    let approvals = approvals();
    for number in 0..150 {
        asked(&approvals, &format!("user-{number}"), 150 - number).await;
    }
    for number in 0..10 {
        approvals
            .request(&user("alice"), terms_for("alice", &format!("entry-{number}"), None), at(10 - number))
            .await
            .unwrap();
    }
    let users = approvals.pending(at(200)).await.unwrap();
    let seconds =
        |waiting: &[Waiting]| waiting.iter().map(|one| one.request.asked_at.unix_timestamp()).collect::<Vec<_>>();
    assert!(users.iter().any(|theirs| seconds(theirs) == (1..=10).collect::<Vec<_>>()), "of one user");
    let firsts: Vec<_> = users.iter().filter(|theirs| theirs.len() == 1).map(|theirs| seconds(theirs)[0]).collect();
    assert_eq!(firsts, (1..=150).collect::<Vec<_>>(), "of users");
}

#[tokio::test]
async fn a_full_memory_takes_requests_only_in_the_place_of_those_that_are_over() {
    let approvals = Approvals::in_memory(2, RULES);
    asked(&approvals, "alice", 0).await;
    let bobs = asked(&approvals, "bob", HOUR).await;
    let full = approvals.request(&user("carol"), prod("carol"), at(HOUR)).await.unwrap_err();
    assert_eq!(full.code(), "approval_store_unavailable");
    approvals.approve(&bobs.id, &user("alice"), at(8 * HOUR - 1)).await.unwrap();
    asked(&approvals, "carol", 8 * HOUR).await;
    assert!(approvals.approval_for(&prod("bob"), at(8 * HOUR)).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_approvers_at_once_one_decides() {
    let approvals = Arc::new(approvals());
    let id = asked(&approvals, "alice", 0).await.id;
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..100 {
        let (approvals, id) = (Arc::clone(&approvals), id.clone());
        calls.spawn(async move { approvals.approve(&id, &user(&format!("approver-{number}")), at(1)).await });
    }
    let results = calls.join_all().await;
    let winner = approvals.approval_for(&prod("alice"), at(1)).await.unwrap().unwrap();
    let decided = ApprovalError::Decided { approved: true, by: winner.by().to_owned(), at: at(1) };
    assert_eq!(results.iter().flatten().collect::<Vec<_>>(), [&winner]);
    assert_eq!(results.iter().filter(|result| **result == Err(decided.clone())).count(), 99);
}

#[tokio::test]
async fn attack_five_thousand_requests_of_one_user_are_ten_and_keep_nobody_out() {
    let approvals = Approvals::in_memory(100, RULES);
    let mut refused = Vec::new();
    for number in 0..5000 {
        let terms = terms_for("mallory", "prod", Some(&format!("CHG-{number}")));
        let who = if number % 2 == 0 { "mallory" } else { "MALLORY" };
        refused.extend(approvals.request(&user(who), terms, at(number / 100)).await.err());
    }
    let too_many = ApprovalError::TooMany { most: 10, until: at(8 * HOUR) };
    assert_eq!((refused.len(), refused.iter().all(|error| *error == too_many)), (4990, true), "{:?}", refused[0]);
    // Others ask, are shown and are let in.
    let asked_for = asked(&approvals, "alice", 60).await;
    let users = approvals.pending(at(60)).await.unwrap();
    assert_eq!(users.iter().map(Vec::len).collect::<Vec<_>>(), [10, 1]);
    approvals.approve(&asked_for.id, &user("bob"), at(60)).await.unwrap();
    assert!(approvals.approval_for(&prod("alice"), at(60)).await.unwrap().is_some());
    // A decided request counts until it is over; then another may follow.
    for Waiting { request, .. } in &users[0][..5] {
        approvals.deny(&request.id, &user("bob"), at(60)).await.unwrap();
    }
    let another = || {
        let mut terms = terms_for("mallory", "test", Some("CHG-5000"));
        terms.profile.profile = "another".to_owned();
        terms
    };
    assert_eq!(approvals.request(&user("mallory"), another(), at(8 * HOUR - 1)).await, Err(too_many));
    assert!(approvals.request(&user("mallory"), another(), at(8 * HOUR)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_a_hundred_requests_at_once_of_one_user_are_ten() {
    let approvals = Arc::new(approvals());
    let mut calls = tokio::task::JoinSet::new();
    for number in 0..100 {
        let approvals = Arc::clone(&approvals);
        let terms = terms_for("mallory", "prod", Some(&format!("CHG-{number}")));
        calls.spawn(async move { approvals.request(&user("mallory"), terms, at(0)).await });
    }
    let made = calls.join_all().await.into_iter().flatten().count();
    assert_eq!((made, pending(&approvals, 0).await.len()), (10, 10));
}

#[tokio::test]
async fn a_look_reads_of_a_bounded_number_of_users_and_first_those_who_have_waited_longest() {
    let approvals = Approvals::in_memory(10_000, RULES);
    for number in 0..700 {
        asked(&approvals, &format!("user-{number}"), number).await;
    }
    let users = approvals.pending(at(1000)).await.unwrap();
    let whose: Vec<_> = users.iter().map(|theirs| theirs[0].request.who.clone()).collect();
    assert_eq!(whose, (0..500).map(|number| format!("user-{number}")).collect::<Vec<_>>());
}

#[test]
fn an_error_says_who_decided_what() {
    let denied = ApprovalError::Decided { approved: false, by: "bob".to_owned(), at: at(0) };
    assert_eq!(denied.to_string(), "bob has denied this at 1970-01-01T00:00:00Z");
    let unfit = Record::ask(&user(""), prod(""), at(0), &RULES).unwrap_err();
    let too_many = ApprovalError::TooMany { most: 10, until: at(0) };
    assert_eq!(
        too_many.to_string(),
        "at most 10 requests of one user at a time, pending or decided; the first is over at 1970-01-01T00:00:00Z"
    );
    assert_eq!(unfit.to_string(), "who: expected 1 to 256 printable characters, found none");
}

/// The terms of Alice of this issuer, and Alice herself.
fn alice_of(issuer: &str) -> (UserId, ApprovalTerms) {
    (UserId::new(Some(issuer), "Alice"), ApprovalTerms { issuer: Some(issuer.to_owned()), ..prod("alice") })
}

#[tokio::test]
async fn attack_the_user_of_the_same_name_at_another_issuer_has_neither_the_request_nor_the_approval() {
    let approvals = approvals();
    let ((one, ones), (two, twos)) = (alice_of("https://one"), alice_of("https://two"));
    let bob = UserId::new(Some("https://one"), "bob");
    let asked = approvals.request(&one, ones.clone(), at(0)).await.unwrap();
    assert!(matches!(approvals.standing(&twos, at(1)).await, Ok(Standing::Unasked)));
    let approved = approvals.approve(&asked.id, &bob, at(1)).await.unwrap();
    assert!(approved.covers(&ones) && !approved.covers(&twos));
    assert_eq!((approved.by(), approved.approver().issuer()), ("bob", Some("https://one")));
    assert_eq!(approvals.approval_for(&twos, at(2)).await, Ok(None));
    assert_eq!(approvals.approval_for(&prod("alice"), at(2)).await, Ok(None), "nor has the one of a shared name");
    let another = approvals.request(&two, twos, at(2)).await.unwrap();
    approvals.deny(&another.id, &bob, at(3)).await.unwrap();
    assert!(approvals.approval_for(&ones, at(4)).await.unwrap().is_some(), "the denial is of the other user");
    let not_theirs = approvals.request(&two, ones, at(4)).await.unwrap_err();
    assert_eq!(not_theirs.code(), "approval_text_invalid");
}

#[tokio::test]
async fn attack_a_request_is_ones_own_by_name_and_issuer_and_by_a_shared_name_at_any_issuer() {
    let approvals = approvals();
    let ((one, ones), (two, _)) = (alice_of("https://one"), alice_of("https://two"));
    let asked = approvals.request(&one, ones, at(0)).await.unwrap();
    for own in [one, UserId::new(Some("https://one"), "ALICE"), user("alice")] {
        assert!(Approvals::is_own(&asked, &own));
        assert_eq!(approvals.approve(&asked.id, &own, at(1)).await, Err(ApprovalError::Own), "{own:?}");
        assert_eq!(approvals.deny(&asked.id, &own, at(1)).await, Err(ApprovalError::Own), "{own:?}");
    }
    // Under shared names the request of one issuer's user is that of the other's.
    let shared = approvals.request(&user("alice"), prod("alice"), at(0)).await.unwrap();
    assert_eq!(approvals.approve(&shared.id, &two, at(1)).await, Err(ApprovalError::Own));
    assert!(!Approvals::is_own(&asked, &two), "another user");
    assert!(approvals.approve(&asked.id, &two, at(1)).await.is_ok());
}

#[tokio::test]
async fn attack_a_denial_in_a_requests_last_second_holds_as_long_as_any() {
    let approvals = approvals();
    let asked_for = asked(&approvals, "alice", 0).await;
    approvals.deny(&asked_for.id, &user("bob"), at(8 * HOUR - 1)).await.unwrap();
    let denied = ApprovalError::Decided { approved: false, by: "bob".to_owned(), at: at(8 * HOUR - 1) };
    for second in [8 * HOUR, 16 * HOUR - 2] {
        let again = approvals.request(&user("alice"), prod("alice"), at(second)).await;
        assert_eq!(again, Err(denied.clone()), "{second}");
    }
    assert!(approvals.request(&user("alice"), prod("alice"), at(16 * HOUR - 1)).await.is_ok());
}
