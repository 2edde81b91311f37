use std::sync::Arc;

use studio_acs_identity::UserId;

use super::*;

const RULES: RateRules = RateRules { per_user: 3, global: 5, alert_at: 4 };

fn at(second: i64) -> UtcDateTime {
    UtcDateTime::from_unix_timestamp(second).unwrap()
}

/// A user where names are shared.
fn named(name: &str) -> UserId {
    UserId::new(None, name)
}

fn within(user: u32, global: u32) -> Result<Count, RateError> {
    Ok(Count { user, global, alert: false })
}

#[tokio::test]
async fn a_minute_of_the_clock_has_as_many_as_its_rules_say() {
    let rates = Rates::in_memory(RULES);
    for number in 1..=3 {
        assert_eq!(rates.count(&named("alice"), at(60)).await, within(number, number));
    }
    let refused = RateError::User { limit: 3, found: 4, seconds_left: 1, alert: true };
    assert_eq!(rates.count(&named("alice"), at(119)).await, Err(refused));
    assert_eq!(rates.count(&named("alice"), at(120)).await, within(1, 1));
}

#[tokio::test]
async fn the_limit_of_all_is_for_those_within_their_own() {
    let rates = Rates::in_memory(RULES);
    // Attack: one user hammers, so that no other gets in.
    for _ in 0..1000 {
        let _ = rates.count(&named("mallory"), at(0)).await;
    }
    assert_eq!(rates.count(&named("alice"), at(0)).await, within(1, 4));
    assert_eq!(rates.count(&named("bob"), at(0)).await, within(1, 5));
    let refused = RateError::Global { limit: 5, found: 6, seconds_left: 18, alert: false };
    assert_eq!(rates.count(&named("carol"), at(42)).await, Err(refused));
    assert_eq!(rates.peek(&named("mallory"), at(0)).await, Ok(1000));
    assert_eq!(rates.peek(&named("carol"), at(0)).await, Ok(1), "a refused one counts");
    assert_eq!(rates.peek(&named("carol"), at(60)).await, Ok(0));
}

#[tokio::test]
async fn a_name_is_one_user_in_any_case() {
    let rates = Rates::in_memory(RULES);
    for (number, user) in (1..).zip(["Jürgen@corp.example", "jürgen@CORP.example", "JÜRGEN@corp.example"]) {
        assert_eq!(rates.count(&named(user), at(0)).await, within(number, number));
    }
    assert_eq!(rates.count(&named("jürgen@corp.example"), at(0)).await.unwrap_err().code(), "rate_limited_user");
}

#[tokio::test]
async fn an_alert_is_raised_once_a_minute() {
    let rates = Rates::in_memory(RULES);
    for minute in [0, 60] {
        let mut alerts = Vec::new();
        for number in 1..=20 {
            let count = rates.count(&named("alice"), at(minute)).await;
            if count.map_or_else(|error| error.alert(), |count| count.alert()) {
                alerts.push(number);
            }
        }
        assert_eq!(alerts, [4]);
    }
    let soon = Rates::in_memory(RateRules { alert_at: 1, ..RULES });
    assert!(soon.count(&named("alice"), at(0)).await.unwrap().alert(), "one within the limit too");
    let all = Rates::in_memory(RateRules { global: 0, alert_at: 1, ..RULES });
    let refused = all.count(&named("alice"), at(0)).await.unwrap_err();
    assert_eq!((refused.code(), refused.alert()), ("rate_limited_global", true));
}

#[tokio::test]
async fn a_clock_that_is_set_back_opens_no_minute_again() {
    let rates = Rates::in_memory(RULES);
    for number in 1..=3 {
        assert_eq!(rates.count(&named("alice"), at(7200)).await, within(number, number));
    }
    for second in [7199, 7100, 0, -3600] {
        assert_eq!(rates.count(&named("alice"), at(second)).await.unwrap_err().code(), "rate_limited_user");
    }
    assert_eq!(rates.count(&named("alice"), at(7260)).await, within(1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_thousand_calls_at_once_none_is_lost() {
    let rates = Arc::new(Rates::in_memory(RateRules { per_user: 700, global: 10_000, alert_at: 800 }));
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..1000 {
        let rates = Arc::clone(&rates);
        calls.spawn(async move { rates.count(&named("alice"), at(0)).await });
    }
    let counts = calls.join_all().await;
    let mut within: Vec<_> = counts.iter().flatten().map(Count::user).collect();
    within.sort_unstable();
    assert_eq!(within, (1..=700).collect::<Vec<_>>());
    let refused: Vec<_> = counts.iter().filter_map(|count| count.as_ref().err()).collect();
    assert_eq!(refused.len(), 300);
    assert_eq!(refused.iter().filter(|error| error.alert()).count(), 1);
    assert_eq!(rates.peek(&named("alice"), at(0)).await, Ok(1000));
}

#[test]
fn a_minute_has_between_a_second_and_sixty_left() {
    for (second, left) in [(0, 60), (59, 1), (60, 60), (-1, 1), (-60, 60)] {
        assert_eq!(seconds_left(at(second)), left, "{second}");
    }
    assert_eq!([at(-1), at(0), at(59), at(60)].map(Minute::of), [-1, 0, 0, 1].map(Minute));
}

#[tokio::test]
async fn attack_the_user_of_the_same_name_at_another_issuer_uses_up_nobody_elses_minute() {
    let rates = Rates::in_memory(RULES);
    let [one, two] = ["https://one", "https://two"].map(|issuer| UserId::new(Some(issuer), "alice"));
    for number in 1..=3 {
        assert_eq!(rates.count(&one, at(60)).await, within(number, number));
    }
    assert_eq!(rates.count(&one, at(60)).await.unwrap_err().code(), "rate_limited_user");
    assert_eq!(rates.peek(&two, at(60)).await, Ok(0));
    assert_eq!(rates.count(&two, at(60)).await, within(1, 4));
}
