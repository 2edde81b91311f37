//! How long a session lasts: the least of what is configured, of the ledger, of the policy, and of the assertion.

use time::Duration;

use super::{Book, NOON, World, entry, in_groups, last};
use support::browser::Browser;

const HOUR: u32 = 3600;

/// One row: seconds that are configured, that the ledger has, whether the policy's hour applies, seconds that are left
/// of the session at the identity provider; and what SageMaker is asked for, if anything.
type Row = (u32, Option<u32>, bool, i64, Option<u32>);

#[tokio::test]
async fn a_session_lasts_as_long_as_all_allow() {
    const ROWS: &[Row] = &[
        (8 * HOUR, None, false, 12 * 3600, Some(8 * HOUR)),
        (8 * HOUR, Some(4 * HOUR), false, 12 * 3600, Some(4 * HOUR)),
        (2 * HOUR, Some(4 * HOUR), false, 12 * 3600, Some(2 * HOUR)),
        (8 * HOUR, Some(4 * HOUR), true, 12 * 3600, Some(HOUR)),
        (1800, Some(4 * HOUR), true, 12 * 3600, Some(1800)),
        (8 * HOUR, Some(4 * HOUR), true, 1900, Some(1900)),
        (8 * HOUR, Some(1800), true, 1900, Some(1800)),
        (8 * HOUR, None, false, 7201, Some(7201)),
        (8 * HOUR, None, false, 1800, Some(1800)),
        (8 * HOUR, None, false, 1799, None),
        (12 * HOUR, None, false, 13 * 3600, Some(12 * HOUR)),
    ];
    let world = World::without_aws(&["alice"]).await;
    for row @ (configured, ledger, policy, left, expected) in ROWS {
        let more = ledger.map(|seconds| format!("session_seconds = {seconds}")).unwrap_or_default();
        let (book, configured) = (Book::of(&entry("own", "alice", &more)), configured.to_string());
        let path = book.path();
        let settings = [
            ("ledger", &*path),
            ("session-seconds", &configured),
            ("policy", "shipped:default,shipped:short-sessions"),
        ];
        let service = world.service(&settings, NOON).await;
        let before = world.mints();
        let groups: &[&str] = if *policy { &["contractors"] } else { &[] };
        let mut claim = in_groups(world.sign_ins.claim("alice", service.now()), groups);
        claim.session = Duration::seconds(*left);
        let page = Browser::of_service(&service).sign_in(&world.form_of(&claim, "")).await;
        let asked = world.asked().split_off(before);
        let asked: Vec<_> = asked.iter().map(|call| call["SessionExpirationDurationInSeconds"].as_u64()).collect();
        let expected: Vec<_> = expected.iter().map(|seconds| Some(u64::from(*seconds))).collect();
        assert_eq!(asked, expected, "{row:?}");
        if expected.is_empty() {
            assert_eq!((page.status, &*last(&service.log())), (403, "session_too_short"), "{row:?}");
        }
    }
}

#[tokio::test]
async fn what_a_user_takes_their_time_for_is_not_added_to_the_session() {
    let world = World::without_aws(&["alice-a"]).await;
    let book =
        Book::of(&(entry("a", "alice", "profile = \"alice-a\"") + &entry("b", "alice", "profile = \"alice-b\"")));
    let service = world.service(&[("ledger", &book.path()), ("session-seconds", "28800")], NOON).await;
    let mut claim = world.sign_ins.claim("alice", service.now());
    claim.session = Duration::seconds(2000);
    let (mut browser, mut slow) = (Browser::of_service(&service), Browser::of_service(&service));
    for browser in [&mut browser, &mut slow] {
        assert_eq!(browser.sign_in(&world.form_of(&claim, "")).await.status, 200);
    }
    service.wait(199);
    assert_eq!(browser.submit("continue", &[("entry", "a")]).await.status, 302);
    assert_eq!(world.asked()[0]["SessionExpirationDurationInSeconds"], 1801);
    service.wait(2);
    assert_eq!(slow.submit("continue", &[("entry", "a")]).await.status, 403);
    assert_eq!((last(&service.log()), world.mints()), ("session_too_short".to_owned(), 1));
}
