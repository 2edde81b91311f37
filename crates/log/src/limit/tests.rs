use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// How many of so many events at once are written.
fn written(limiter: &mut Limiter, code: &str, user: &str, events: u32, now: Duration) -> u32 {
    let cause = || Cause { code: code.to_owned(), ..Cause::default() };
    (0..events)
        .map(|_| {
            u32::from(
                limiter.has_left(code, user, now) || {
                    limiter.count(cause(), now);
                    false
                },
            )
        })
        .sum()
}

#[test]
fn strangers_have_a_burst_and_a_trickle_by_code_and_in_all() {
    let mut limiter = Limiter::new();
    assert_eq!(written(&mut limiter, "unsigned", "", 10_000, Duration::ZERO), 60);
    assert_eq!(written(&mut limiter, "unsigned", "", 10_000, 30 * SECOND), 10);
    // Codes do not add up to more than strangers have in all.
    let of_all: u32 = (0..100).map(|code| written(&mut limiter, &format!("c{code}"), "", 100, 31 * SECOND)).sum();
    assert_eq!(of_all, 300 - 60 - 10 + 31, "what was left, and one a second");
    let mut limiter = Limiter::new();
    let hour: u32 = (0..3600).map(|second| written(&mut limiter, "unsigned", "", 10, second * SECOND)).sum();
    assert_eq!(hour, 1199 + 60, "one in three seconds, and the burst");
}

#[test]
fn one_users_events_are_theirs_and_take_nothing_of_a_strangers() {
    let mut limiter = Limiter::new();
    assert_eq!(written(&mut limiter, "replayed", "alice", 1_000, Duration::ZERO), 30);
    assert_eq!(written(&mut limiter, "replayed", "", 1_000, Duration::ZERO), 60);
    // Some may share a slot with her.
    let others = (0..20).filter(|n| written(&mut limiter, "replayed", &format!("user-{n}"), 1, Duration::ZERO) == 1);
    assert!(others.count() >= 15);
    assert_eq!(written(&mut limiter, "replayed", "alice", 1_000, 60 * SECOND), 10);
}

#[test]
fn what_is_not_written_is_counted_exactly_and_told_once_a_minute_or_at_the_end() {
    let mut limiter = Limiter::new();
    written(&mut limiter, "unsigned", "", 100, 5 * SECOND);
    written(&mut limiter, "expired", "", 90, 6 * SECOND);
    assert_eq!(limiter.due(64 * SECOND, false), []);
    let counts = |summaries: Vec<Summary>| -> Vec<_> {
        summaries.into_iter().map(|summary| (summary.cause.code, summary.count)).collect()
    };
    assert_eq!(counts(limiter.due(65 * SECOND, false)), [("expired".to_owned(), 30), ("unsigned".to_owned(), 40)]);
    assert_eq!(limiter.due(1_000 * SECOND, true), []);
    written(&mut limiter, "unsigned", "", 161, 1_000 * SECOND);
    assert_eq!(counts(limiter.due(1_000 * SECOND, true)), [("unsigned".to_owned(), 101)]);
}
