//! Many at once: no user is lost or counted twice, and a user who asks too often waits.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use tokio::task::JoinSet;

use super::{ASSERTIONS, Book, LEDGER, NOON, RATES, World, attempts, entry, last, lines, on_record, text};
use support::browser::{Browser, RunningService};
use support::process::{DOMAIN, Server};

/// The sums of a table's counters, minutes apart.
async fn counted(world: &World) -> BTreeMap<String, u32> {
    let mut counted = BTreeMap::new();
    for item in world.tables().scan().table_name(RATES).send().await.expect("items").items() {
        let window = item["window"].as_s().expect("a key");
        if window == "audit#processes" {
            continue;
        }
        let (_, whose) = window.split_once('#').expect("a minute");
        let count: u32 = item["count"].as_n().expect("a number").parse().expect("a number");
        *counted.entry(whose.to_owned()).or_default() += count;
    }
    counted
}

/// What `studio-acs audit verify` says of a log.
fn audit(log: &str) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_studio-acs"));
    let command =
        command.args(["audit", "verify", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command runs");
    let mut input = child.stdin.take().expect("an input");
    let text = log.to_owned();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("an end");
    let _ = writer.join().expect("no panic");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_sign_ins_of_fifty_users_at_once_are_counted_recorded_and_minted_exactly() {
    let users: Vec<_> = (0..50).map(|number| format!("user{number:02}")).collect();
    let world = World::with(&users.iter().map(String::as_str).collect::<Vec<_>>()).await;
    for user in &users {
        world.put(&format!("user#{user}"), "own", &[("domain", text(DOMAIN))]).await;
    }
    let ledger = format!("dynamodb:{LEDGER}");
    let mut flags = vec!["--ledger", &ledger, "--rate-table", RATES, "--replay-table", ASSERTIONS];
    flags.extend(["--rate-per-user", "10", "--table-timeout", "25"]);
    let servers = [(); 2].map(|()| world.server(&flags));
    let mut sign_ins = JoinSet::new();
    for number in 0..200 {
        let mut browser = Browser::of_process(&servers[number % 2]);
        let form = world.sign_ins.form(&users[number % 50]);
        sign_ins.spawn(async move { browser.sign_in(&form).await.status });
    }
    let statuses = sign_ins.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 302).count(), 200, "{statuses:?}");
    assert_eq!(world.mints(), 200);

    let mut expected: BTreeMap<_, _> = [("everybody".to_owned(), 200)].into();
    let counted = counted(&world).await;
    assert_eq!(counted.len(), 51);
    expected.extend(counted.keys().filter(|key| *key != "everybody").map(|key| (key.clone(), 4)));
    assert_eq!(counted, expected);

    let log = servers.map(Server::end).concat();
    let (whole, said) = audit(&log);
    assert!(whole, "{said}");
    let records = lines(&log, "class_uid");
    // Each process logs its start; each sign-in its logon, the intent, and the outcome.
    assert_eq!(records.len(), 2 + 3 * 200);
    let mint = |status: &str| ("CreatePresignedDomainUrl".to_owned(), status.to_owned());
    let of = |status: &str| on_record(&log).iter().filter(|record| **record == mint(status)).count();
    assert_eq!((of("Intent"), of("Success")), (200, 200));
    for user in &users {
        let theirs = records.iter().filter(|record| record["actor"]["user"]["name"] == user.as_str()).count();
        assert_eq!(theirs, 8, "{user}");
    }
    let accepted = attempts(&log).iter().filter(|attempt| attempt["outcome"] == "accepted").count();
    assert_eq!(accepted, 200);

    // The same log, of which one record was altered.
    let altered = log.replacen("user07", "user08", 1);
    assert!(!audit(&altered).0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_eleventh_url_within_a_minute_waits_for_the_next_and_the_log_alerts_once() {
    let world = World::with(&["alice", "bob", "carol"]).await;
    let settings = [("rate-table", RATES), ("rate-per-user", "10"), ("rate-global", "24"), ("rate-alert", "13")];
    // Two processes, one table.
    let services = [world.service(&settings, NOON).await, world.service(&settings, NOON).await];
    let logs = || services.each_ref().map(RunningService::log).concat();
    for number in 0..10 {
        assert_eq!(world.sign_in(&services[number % 2], "alice").await.status, 302, "{number}");
    }
    for number in 10..16 {
        let page = world.sign_in(&services[number % 2], "Alice").await;
        assert_eq!(page.status, 429, "{number}");
        assert!(page.body.contains("Too many sign-ins"), "{}", page.body);
        assert_eq!(last(&services[number % 2].log()), "rate_limited_user");
        let alerts = logs().matches("one user asks for URLs again and again").count();
        assert_eq!(alerts, usize::from(number + 1 >= 13), "{number}");
    }
    assert_eq!(world.mints(), 10);
    for user in ["bob", "carol"] {
        for number in 0..7 {
            assert_eq!(world.sign_in(&services[number % 2], user).await.status, 302, "{user} {number}");
        }
    }
    assert_eq!(world.sign_in(&services[1], "carol").await.status, 429, "all of them had 24");
    assert_eq!((last(&services[1].log()), world.mints()), ("rate_limited_global".to_owned(), 24));
    services.iter().for_each(|service| service.wait(30));
    for user in ["alice", "carol"] {
        assert_eq!(world.sign_in(&services[0], user).await.status, 302, "{user}, a minute later");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_forty_sign_ins_of_one_user_at_once_ten_are_let_in() {
    let world = World::with(&["alice"]).await;
    let settings = [("rate-table", RATES), ("rate-per-user", "10"), ("table-timeout", "25")];
    let services = [world.service(&settings, NOON).await, world.service(&settings, NOON).await];
    let mut posts = JoinSet::new();
    for service in services.iter().cycle().take(40) {
        let form = world.form(service, "alice");
        let mut browser = Browser::of_service(service);
        posts.spawn(async move { browser.sign_in(&form).await.status });
    }
    let statuses = posts.join_all().await;
    let of = |status| statuses.iter().filter(|found| **found == status).count();
    assert_eq!((of(302), of(429), world.mints()), (10, 30, 10), "{statuses:?}");
    let log = services.each_ref().map(RunningService::log).concat();
    assert_eq!(log.matches("\"code\":\"rate_limited_user\"").count(), 30);
    assert_eq!(on_record(&log).len(), 20, "who is refused has no intent");
    assert_eq!(counted(&world).await["everybody"], 10);
}

/// By assertions, and by the steps of sign-ins that go on.
#[tokio::test]
async fn attack_one_user_who_fills_the_memory_of_used_assertions_keeps_nobody_out() {
    let users: Vec<_> = (0..15).map(|number| format!("user{number}")).chain(["mallory".to_owned()]).collect();
    let world = World::without_aws(&users.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let entries: String = users.iter().map(|user| entry(user, user, "")).collect();
    let book = Book::of(&(entries + &entry("another", "mallory", "profile = \"mallory-2\"")));
    let settings = [("ledger", &*book.path()), ("replay-capacity", "40"), ("rate-per-user", "1000")];
    let service = world.service(&settings, NOON).await;
    let too_many = (429, "sign_in_too_many".to_owned());
    for number in 0..10 {
        let mut browser = Browser::of_service(&service);
        assert_eq!(browser.sign_in(&world.form(&service, "Mallory")).await.status, 200, "{number}: two to choose from");
        assert_eq!(browser.submit("continue", &[("entry", "mallory")]).await.status, 302, "{number}: each step counts");
    }
    for _ in 0..30 {
        let page = world.sign_in(&service, "mallory").await;
        assert_eq!((page.status, last(&service.log())), too_many, "20 of 40 are theirs");
    }
    for user in &users[..15] {
        assert_eq!(world.sign_in(&service, user).await.status, 302, "{user}");
    }
    service.wait(600);
    assert_eq!(world.sign_in(&service, "mallory").await.status, 200, "once theirs have expired");
}
