//! Each policy that comes with the program, through HTTP.

use aws_sdk_dynamodb::types::AttributeValue;
use time::Duration;

use super::{Book, LEDGER, NOON, World, attempts, entry, in_groups, last, lines, text};
use support::TestDir;
use support::browser::{Browser, Page, RunningService};
use support::process::DOMAIN;

/// Denied: the page shows the policy's words, and the log its name; nothing is minted for it.
fn assert_denied(page: &Page, service: &RunningService, policy: &str, reason: &str) {
    assert_eq!(page.status, 403, "{page:?}");
    let escaped = reason.replace('\'', "&apos;");
    assert!(page.body.contains(&escaped) && !page.body.contains(policy), "{}", page.body);
    let attempt = attempts(&service.log()).pop().expect("an attempt");
    assert_eq!((&attempt["code"], &attempt["policies"]), (&"policy_denied".into(), &policy.into()), "{attempt}");
    assert!(attempt["reason"].as_str().is_some_and(|text| text.contains(reason)), "{attempt}");
    assert_eq!(attempt["correlation_id"], page.header("x-correlation-id"));
}

#[tokio::test]
async fn by_default_who_has_an_entry_of_their_own_or_of_a_group_is_let_in_and_nobody_else() {
    let world = World::without_aws(&["alice", "bob", "carol"]).await;
    let group = format!("[[entry]]\nid = \"team\"\ngroup = \"ds\"\ndomain = \"{DOMAIN}\"\nprofile = \"{{user}}\"\n");
    let book = Book::of(&(entry("own", "alice", "") + &group));
    let service = world.service(&[("ledger", &book.path())], NOON).await;
    assert_eq!(world.sign_in(&service, "alice").await.status, 302);
    let attempt = attempts(&service.log()).pop().expect("an attempt");
    assert_eq!((&attempt["policies"], &attempt["entry"]), (&"entry-for-person".into(), &"own".into()));
    let bob = world.form_in(&service, "bob", &["others", "ds"]);
    assert_eq!(Browser::of_service(&service).sign_in(&bob).await.status, 302);
    assert_eq!(attempts(&service.log()).pop().expect("an attempt")["policies"], "entry-for-group");
    // Names of groups are compared letter for letter.
    for groups in [&[][..], &["DS"], &["ds "][..0]] {
        let carol = world.form_in(&service, "carol", groups);
        let page = Browser::of_service(&service).sign_in(&carol).await;
        assert!(page.status == 403 && page.body.contains("Studio is not set up for you"), "{page:?}");
        assert_eq!(last(&service.log()), "unknown_user");
    }
    assert_eq!(world.mints(), 2);
}

#[tokio::test]
async fn on_weekends_nobody_is_let_in_by_the_clock_of_the_zone() {
    let world = World::without_aws(&["alice"]).await;
    let settings = [("policy", "shipped:default,shipped:no-weekends"), ("time-zone", "Europe/Berlin")];
    // The last second of Berlin's Friday, an hour before that of UTC.
    let berlin = world.service(&settings, "2026-11-20T22:59:59Z").await;
    assert_eq!(world.sign_in(&berlin, "alice").await.status, 302);
    berlin.wait(1);
    assert_denied(&world.sign_in(&berlin, "alice").await, &berlin, "no-weekends", "Studio is closed on weekends.");
    berlin.wait(48 * 3600 - 1);
    assert_denied(&world.sign_in(&berlin, "alice").await, &berlin, "no-weekends", "Studio is closed on weekends.");
    berlin.wait(1);
    assert_eq!(world.sign_in(&berlin, "alice").await.status, 302, "Berlin's Monday");
    assert_eq!(world.mints(), 2);

    let utc = world.service(&settings[..1], "2026-11-20T23:59:59Z").await;
    assert_eq!(world.sign_in(&utc, "alice").await.status, 302);
    utc.wait(1);
    assert_denied(&world.sign_in(&utc, "alice").await, &utc, "no-weekends", "Studio is closed on weekends.");
}

#[tokio::test]
async fn a_team_over_its_budget_waits_as_soon_as_the_file_says_so() {
    let world = World::without_aws(&["alice"]).await;
    let alice = entry("own", "alice", "team = \"fraud\"");
    let over = alice.clone() + "[[team]]\nname = \"Fraud\"\nover_budget = true\n";
    let book = Book::of(&alice);
    let settings =
        [("ledger", &*book.path()), ("policy", "shipped:default,shipped:team-budget"), ("ledger-refresh", "30")];
    let service = world.service(&settings, NOON).await;
    assert_eq!(world.sign_in(&service, "alice").await.status, 302);
    book.write(&over);
    service.wait(29);
    assert_eq!(world.sign_in(&service, "alice").await.status, 302);
    service.wait(1);
    let page = world.sign_in(&service, "alice").await;
    assert_denied(&page, &service, "team-budget", "Your team's budget is spent. Its owner can raise it.");
    book.write(&alice);
    service.wait(30);
    assert_eq!((world.sign_in(&service, "alice").await.status, world.mints()), (302, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_over_its_budget_waits_as_soon_as_the_table_says_so() {
    let world = World::with(&["alice"]).await;
    world.put("user#alice", "own", &[("domain", text(DOMAIN)), ("team", text("fraud"))]).await;
    let ledger = format!("dynamodb:{LEDGER}");
    let settings = [("ledger", &*ledger), ("policy", "shipped:default,shipped:team-budget"), ("ledger-refresh", "30")];
    let service = world.service(&settings, NOON).await;
    assert_eq!(world.sign_in(&service, "alice").await.status, 302);
    for (over, status) in [(true, 403), (false, 302)] {
        world.put("team#fraud", "#team", &[("over_budget", AttributeValue::Bool(over))]).await;
        service.wait(30);
        assert_eq!(world.sign_in(&service, "alice").await.status, status, "{over}");
    }
    let denied = attempts(&service.log()).into_iter().find(|attempt| attempt["code"] == "policy_denied");
    assert_eq!((&denied.expect("a denial")["policies"], world.mints()), (&"team-budget".into(), 2));
}

#[tokio::test]
async fn production_is_opened_for_a_change_or_by_who_is_on_call() {
    let world = World::without_aws(&["alice"]).await;
    let book = Book::of(&entry("prod", "alice", "production = true\ntitle = \"Fraud, production\""));
    let settings = [("ledger", &*book.path()), ("policy", "shipped:default,shipped:change-ticket")];
    let service = world.service(&settings, NOON).await;
    let mut browser = Browser::of_service(&service);
    let page = browser.sign_in(&world.form(&service, "alice")).await;
    assert_eq!((page.status, &*last(&service.log())), (200, "needs_ticket"));
    assert!(page.body.contains("such as CHG0012345") && page.body.contains("Fraud, production"), "{}", page.body);
    assert!(
        page.body.contains("action=\"saml/continue\"") && page.body.contains("name=\"ticket_number\""),
        "{}",
        page.body
    );
    for wrong in ["INC0012345", "", "chg1"] {
        let first = browser.resume_token().expect("a resume token").to_owned();
        let page = browser.submit("continue", &[("ticket_number", wrong)]).await;
        assert!(page.status == 200 && page.body.contains("action=\"continue\""), "{wrong}: {page:?}");
        assert_ne!(browser.resume_token().expect("a resume token"), first, "each is used once");
    }
    assert_eq!(world.mints(), 0);
    let page = browser.submit("continue", &[("ticket_number", "CHG0012345")]).await;
    assert_eq!((page.status, browser.resume_token(), world.mints()), (302, None, 1), "{page:?}");
    let told: Vec<_> = lines(&service.log(), "class_uid")
        .into_iter()
        .filter(|record| record["api"]["request"]["data"]["ticket_number"] == "CHG0012345")
        .map(|record| record["status"].as_str().expect("a status").to_owned())
        .collect();
    assert_eq!(told, ["Intent", "Success"], "on record");

    let on_call = world.form_in(&service, "alice", &["on-call"]);
    assert_eq!(Browser::of_service(&service).sign_in(&on_call).await.status, 302);
    let long = "C".repeat(65);
    browser.sign_in(&world.form(&service, "alice")).await;
    for bad in [&*long, "CHG1\nX: y"] {
        let kept = browser.clone();
        assert_eq!(browser.submit("continue", &[("ticket_number", bad)]).await.status, 400, "{bad:?}");
        browser = kept;
    }
    assert_eq!(browser.submit("continue", &[("ticket_number", "CHG1")]).await.status, 302, "nothing was claimed");
}

#[tokio::test]
async fn studio_is_opened_from_the_office_alone() {
    let world = World::without_aws(&["alice"]).await;
    let service = world.service(&[("policy", "shipped:default,shipped:office-network")], NOON).await;
    for (address, status) in [
        (None, 403),
        (Some("10.1.2.3"), 302),
        (Some("10.2.0.1"), 403),
        (Some("2001:db8:1::5"), 302),
        (Some("2001:db8:2::5"), 403),
        (Some("203.0.113.9"), 403),
    ] {
        let browser = Browser::of_service(&service);
        let mut browser = address.map_or(browser.clone(), |address| browser.from(address));
        let page = browser.sign_in(&world.form(&service, "alice")).await;
        assert_eq!(page.status, status, "{address:?}");
        if status == 403 {
            let reason = "Studio is opened from the office network or the VPN.";
            assert_denied(&page, &service, "office-network", reason);
        }
    }
    assert_eq!(world.mints(), 2);
}

#[tokio::test]
async fn a_sign_in_is_fresh_and_has_a_second_factor() {
    let world = World::without_aws(&["alice"]).await;
    let service = world.service(&[("policy", "shipped:default,shipped:fresh-sign-in")], NOON).await;
    let sign_in = async |method: &str, age: i64| {
        let mut claim = world.sign_ins.claim("alice", service.now());
        method.clone_into(&mut claim.method);
        claim.authenticated -= Duration::seconds(age);
        Browser::of_service(&service).sign_in(&world.form_of(&claim, "")).await
    };
    let mfa = "https://refeds.org/profile/mfa";
    assert_eq!(sign_in(mfa, 3600).await.status, 302);
    let page = sign_in(mfa, 3601).await;
    assert_denied(&page, &service, "fresh-sign-in", "Your sign-in is older than an hour.");
    let page = sign_in(studio_acs_standins::idp::PASSWORD, 0).await;
    assert_denied(&page, &service, "second-factor", "Sign in with a second factor.");
    assert_eq!(world.mints(), 1);
}

#[tokio::test]
async fn contractors_have_sessions_of_an_hour() {
    let world = World::without_aws(&["alice"]).await;
    let settings = [("policy", "shipped:default,shipped:short-sessions"), ("session-seconds", "28800")];
    let service = world.service(&settings, NOON).await;
    for (groups, seconds) in [(&["staff"][..], 28_800), (&["staff", "contractors"][..], 3600)] {
        let claim = in_groups(world.sign_ins.claim("alice", service.now()), groups);
        assert_eq!(Browser::of_service(&service).sign_in(&world.form_of(&claim, "")).await.status, 302);
        let asked = world.asked().pop().expect("a mint");
        assert_eq!(asked["SessionExpirationDurationInSeconds"], seconds, "{groups:?}");
    }
}

#[tokio::test]
async fn nobody_has_six_urls_in_a_minute() {
    let world = World::without_aws(&["alice", "bob"]).await;
    let service = world.service(&[("policy", "shipped:default,shipped:slow-down")], NOON).await;
    for _ in 0..5 {
        assert_eq!(world.sign_in(&service, "alice").await.status, 302);
    }
    let page = world.sign_in(&service, "ALICE").await;
    assert_denied(&page, &service, "slow-down", "Too many sign-ins within a minute. Wait a little.");
    assert_eq!(world.sign_in(&service, "bob").await.status, 302);
    service.wait(30);
    assert_eq!((world.sign_in(&service, "alice").await.status, world.mints()), (302, 7));
}

#[tokio::test]
async fn a_policy_is_read_again_and_what_it_forbids_then_holds_without_a_restart() {
    let world = World::without_aws(&["alice"]).await;
    let (folder, forbid) = (
        TestDir::with("closed.cedar", ""),
        "@id(\"closed\")\n@reason(\"Closed.\")\nforbid (principal, action, resource);\n",
    );
    let file = format!("{}/closed.cedar", folder.path());
    let policy = format!("shipped:default,{file}");
    let service =
        world.service(&[("policy", &policy), ("policy-refresh", "60"), ("policy-max-age", "600")], NOON).await;
    let write = |text: &str| std::fs::write(&file, text).expect("a file");
    let by = async || {
        let status = world.sign_in(&service, "alice").await.status;
        (status, last(&service.log()))
    };
    let (opens, denied) = ((302, "accepted".to_owned()), (403, "policy_denied".to_owned()));
    assert_eq!(by().await, opens);
    write(forbid);
    service.wait(59);
    assert_eq!(by().await, opens);
    service.wait(1);
    assert_eq!(by().await, denied);
    assert!(service.log().contains("the access policy has changed"), "{}", service.log());

    // An invalid text leaves the last good one, until it is too old; then no user is let in.
    write("permit (principal, action == Action::\"OpenStudio\", resource) when { principal.nothing };");
    service.wait(60);
    assert_eq!(by().await, denied);
    assert!(service.log().contains("the access policy cannot be read again"), "{}", service.log());
    write("");
    service.wait(60);
    assert_eq!(by().await, opens);
    std::fs::remove_file(&file).expect("a file");
    service.wait(599);
    assert_eq!(by().await, opens);
    service.wait(1);
    let mints = world.mints();
    assert_eq!(by().await, (503, "policy_unavailable".to_owned()));
    assert_eq!(world.mints(), mints);
    write("");
    service.wait(60);
    assert_eq!(by().await, opens);
}

#[tokio::test]
async fn metadata_that_is_too_old_is_said_to_be_a_matter_of_time() {
    let world = World::without_aws(&["alice"]).await;
    let (folder, metadata) = (TestDir::with("README", ""), world.sign_ins.settings());
    let (_, given) = metadata.iter().find(|(name, _)| *name == "metadata").expect("a setting");
    let (file, text) = (format!("{}/idp.xml", folder.path()), std::fs::read_to_string(format!("{given}/metadata.xml")));
    std::fs::write(&file, text.expect("a file")).expect("a file");
    let settings = [("metadata", file.as_str()), ("metadata-refresh", "60"), ("metadata-max-age", "600")];
    let service = world.service(&settings, NOON).await;
    std::fs::write(&file, "").expect("a file");
    service.wait(599);
    assert_eq!(world.sign_in(&service, "alice").await.status, 302);
    service.wait(1);
    let page = world.sign_in(&service, "alice").await;
    assert_eq!((page.status, last(&service.log())), (503, "metadata_unconfirmed".to_owned()));
    assert!(page.body.contains("Sign-in is not available right now"), "{}", page.body);
}
