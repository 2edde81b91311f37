//! Groups that are elsewhere, absent or unusable: they do not pass a policy that restricts members, and refuse nobody
//! where membership can only give more.

use studio_acs_standins::idp::Claim;

use super::{Book, NOON, World, attempts, entry, in_groups, last};
use support::TestDir;
use support::browser::{Browser, RunningService};
use support::process::DOMAIN;

/// The attribute that Entra ID's assertions have in place of more than 150 groups.
const LINK: &str = "http://schemas.microsoft.com/claims/groups.link";
const GRAPH: &str = "https://graph.windows.net/0a0a0a0a-0000-4000-8000-000000000001/users/0b0b/getMemberObjects";
/// Only contractors are kept out.
const FORBID: &str = r#"@id("no-contractors") @reason("Contractors work elsewhere.")
    forbid (principal in Group::"contractors", action == Action::"OpenStudio", resource);"#;
const READS_NO_GROUP: &str = r#"permit (principal, action == Action::"OpenStudio", resource);"#;

fn elsewhere(claim: Claim) -> Claim {
    Claim { attributes: vec![(LINK.to_owned(), GRAPH.to_owned())], ..claim }
}

/// The status and the outcome of a sign-in by this claim.
async fn sign_in(world: &World, service: &RunningService, change: impl Fn(Claim) -> Claim) -> (u16, String) {
    let claim = change(world.sign_ins.claim("alice", service.now()));
    let page = Browser::of_service(service).sign_in(&world.form_of(&claim, "")).await;
    (page.status, last(&service.log()))
}

#[tokio::test]
async fn groups_that_are_elsewhere_are_refused_where_somebody_reads_groups() {
    let world = World::without_aws(&["alice"]).await;
    let book = Book::of(&entry("own", "alice", ""));
    let forbid = TestDir::with("policy.cedar", FORBID);
    let forbid = format!("shipped:default,{}/policy.cedar", forbid.path());
    let neither = TestDir::with("policy.cedar", READS_NO_GROUP);
    let neither = format!("{}/policy.cedar", neither.path());
    for (settings, refused) in [
        (vec![("policy", forbid.as_str())], true),
        (vec![("policy", "shipped:default,shipped:short-sessions")], true),
        (vec![("ledger", &*book.path()), ("policy", &neither)], true),
        // Without a ledger the entry has no group, and the default policy reads no other.
        (vec![], false),
        (vec![("policy", &neither)], false),
    ] {
        let service = world.service(&settings, NOON).await;
        let expected = if refused { (403, "groups_incomplete") } else { (302, "accepted") };
        let link = sign_in(&world, &service, elsewhere).await;
        assert_eq!((link.0, &*link.1), expected, "{settings:?}");
        let both = sign_in(&world, &service, |claim| elsewhere(in_groups(claim, &["staff"]))).await;
        assert_eq!((both.0, &*both.1), expected, "{settings:?}: some are here");
        let none = sign_in(&world, &service, |claim| claim).await;
        assert_eq!((none.0, &*none.1), (302, "accepted"), "{settings:?}: there are none");
        let log = service.log();
        assert!(!refused || log.contains(LINK) && !log.contains(GRAPH), "{log}");
    }
}

#[tokio::test]
async fn a_forbid_by_group_is_passed_by_absent_groups_unless_they_are_required() {
    let world = World::without_aws(&["alice"]).await;
    let forbid = TestDir::with("policy.cedar", FORBID);
    let policy = format!("shipped:default,{}/policy.cedar", forbid.path());
    for (require, absent) in [("off", (302, "accepted")), ("on", (403, "attribute_missing"))] {
        let service = world.service(&[("policy", &policy), ("require-groups", require)], NOON).await;
        let found = sign_in(&world, &service, |claim| claim).await;
        assert_eq!((found.0, &*found.1), absent, "{require}");
        let member = sign_in(&world, &service, |claim| in_groups(claim, &["contractors"])).await;
        assert_eq!(member, (403, "policy_denied".to_owned()), "{require}");
        let other = sign_in(&world, &service, |claim| in_groups(claim, &["staff"])).await;
        assert_eq!(other, (302, "accepted".to_owned()), "{require}");
    }
    // Under the name that is configured, and no other.
    let service = world.service(&[("require-groups", "on"), ("group-attribute", "roles")], NOON).await;
    let found = sign_in(&world, &service, |claim| in_groups(claim, &["staff"])).await;
    assert_eq!(found, (403, "attribute_missing".to_owned()));
}

/// A value that names no group, and one that does.
const UNUSABLE: [&str; 2] = ["", "staff"];

#[tokio::test]
async fn an_unusable_value_refuses_only_where_a_policy_restricts_by_groups() {
    let world = World::without_aws(&["alice"]).await;
    let book = Book::of(&entry("own", "alice", ""));
    let member = r#"(principal in Group::"staff", action == Action::"OpenStudio", resource)"#;
    let all = r#"(principal, action == Action::"OpenStudio", resource)"#;
    let inside = r#"principal in Group::"staff""#;
    for (policy, ledger, refused) in [
        // Nothing reads groups.
        (format!("permit {all};"), false, false),
        // The ledger, and permits for members, can only give more.
        (format!("permit {all};"), true, false),
        (format!("permit {member};"), false, false),
        (format!("permit {all} when {{ {inside} || {inside} }};"), true, false),
        (format!("permit {member}; permit {all};"), true, false),
        // A cap, a negation, an `unless` and each forbid can take away.
        (format!("@session_seconds(\"3600\") permit {member};"), false, true),
        (format!("permit {all} when {{ !({inside}) || {inside} }};"), false, true),
        (format!("permit {all}; permit {all} unless {{ {inside} }};"), false, true),
        (format!("permit {all}; @reason(\"No.\") forbid {all} unless {{ {inside} }};"), true, true),
        (format!("permit {all}; @reason(\"No.\") forbid (principal in Group::\"x\", action, resource);"), true, true),
    ] {
        let file = TestDir::with("policy.cedar", &policy);
        let (policy_file, ledger_file) = (format!("{}/policy.cedar", file.path()), book.path());
        let mut settings = vec![("policy", policy_file.as_str())];
        settings.extend(ledger.then_some(("ledger", ledger_file.as_str())));
        let service = world.service(&settings, NOON).await;
        let expected = if refused { (403, "groups_incomplete") } else { (302, "accepted") };
        let found = sign_in(&world, &service, |claim| in_groups(claim, &UNUSABLE)).await;
        assert_eq!((found.0, &*found.1), expected, "{policy}");
        let attempt = attempts(&service.log()).pop().expect("an attempt");
        assert_eq!((&attempt["groups"], &attempt["groups_unusable"]), (&1.into(), &1.into()), "{attempt}");
        let names = if !refused && policy.contains("staff") { "staff" } else { "" };
        assert!(refused || attempt["groups_matched"] == names, "{attempt}");
        if refused {
            let reason = attempt["reason"].as_str().expect("a reason");
            assert!(reason.contains("found values that name no group: an empty value"), "{reason}");
            assert_eq!(attempt["cause"], "group_value_empty", "{attempt}");
        }
    }
}

#[tokio::test]
async fn a_policy_that_comes_into_force_on_the_way_finds_that_groups_are_not_known() {
    let world = World::without_aws(&["alice"]).await;
    let changes: [fn(Claim) -> Claim; 2] = [elsewhere, |claim| in_groups(claim, &UNUSABLE)];
    for change in changes {
        let folder = TestDir::with("policy.cedar", READS_NO_GROUP);
        let policy = format!("{}/policy.cedar", folder.path());
        let settings = [("policy", policy.as_str()), ("policy-refresh", "60"), ("confirm", "always")];
        let service = world.service(&settings, NOON).await;
        let mut browser = Browser::of_service(&service);
        let claim = change(world.sign_ins.claim("alice", service.now()));
        assert_eq!(browser.sign_in(&world.form_of(&claim, "")).await.status, 200);
        assert_eq!(last(&service.log()), "confirm");
        std::fs::write(&policy, format!("{READS_NO_GROUP}{FORBID}")).expect("a file");
        service.wait(60);
        let page = browser.submit("continue", &[("confirm", "yes")]).await;
        assert_eq!((page.status, &*last(&service.log())), (403, "groups_incomplete"));
    }
}

#[tokio::test]
async fn groups_that_nothing_reads_do_not_make_a_page_impossible() {
    let world = World::without_aws(&["alice"]).await;
    let names: Vec<_> = (0..200).map(|number| format!("0a0a0a0a-0000-4000-8000-{number:012}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let book = Book::of(&entry("own", "alice", ""));
    for (ledger, status) in [(None, 200), (Some(book.path()), 500)] {
        let mut settings = vec![("confirm", "always")];
        settings.extend(ledger.as_deref().map(|ledger| ("ledger", ledger)));
        let service = world.service(&settings, NOON).await;
        let mut browser = Browser::of_service(&service);
        let claim = in_groups(world.sign_ins.claim("alice", service.now()), &names);
        assert_eq!(browser.sign_in(&world.form_of(&claim, "")).await.status, status, "{ledger:?}: {}", service.log());
        if status == 200 {
            let page = browser.submit("continue", &[("confirm", "yes")]).await;
            assert_eq!((page.status, &*last(&service.log())), (302, "accepted"));
        }
    }
}

#[tokio::test]
async fn an_unknown_user_is_told_of_with_the_groups_that_came_and_those_of_the_ledger() {
    let world = World::without_aws(&["alice"]).await;
    let group = |name: &str| {
        format!("[[entry]]\nid = \"{name}\"\ngroup = \"{name}\"\ndomain = \"{DOMAIN}\"\nprofile = \"{{user}}\"\n")
    };
    let book = Book::of(&(group("risk-modelling") + &group("audit")));
    let service = world.service(&[("ledger", &book.path())], NOON).await;
    for (groups, told, cause) in [
        (&["64d84438-0000-4000-8000-000000000001"][..], "IDs came, and the ledger has names", "groups_by_id"),
        (&["Risk-Modelling"], "groups that came: Risk-Modelling (differs in case)", "group_spelled_otherwise"),
        (
            &["risk-modelling\u{a0}"],
            "with white space around it; groups of the ledger: audit, risk-modelling",
            "groups_not_sent",
        ),
        (&["audit,risk-modelling"], "several groups came in one value", "groups_in_one_value"),
        (&["CN=audit,OU=Groups,DC=corp"], "distinguished names came", "groups_by_distinguished_name"),
        (&[], "no group came: attribute groups is absent; groups of the ledger: audit, risk", "groups_not_sent"),
        (&["staff", "/data/audit"], "a path came, /data/audit, and the ledger has a name, audit; ", "groups_by_path"),
        (&["CORP\\Audit"], "a name with a domain came, CORP\\Audit, and the ledger has a name", "groups_with_a_domain"),
        (&["audit@corp.example"], "a name with a domain came, audit@corp.example, and", "groups_with_a_domain"),
        (&["staff"], "groups that came: staff; groups of the ledger: audit, risk-modelling", "user_without_entry"),
    ] {
        let found = sign_in(&world, &service, |claim| in_groups(claim, groups)).await;
        assert_eq!(found, (403, "unknown_user".to_owned()), "{groups:?}");
        let attempt = attempts(&service.log()).pop().expect("an attempt");
        let reason = attempt["reason"].as_str().expect("a reason");
        assert!(reason.contains(told), "{groups:?}: {reason}");
        assert_eq!(attempt["cause"], cause, "{groups:?}: {reason}");
    }
    for near in ["Groups", "group", "memberOf", "http://schemas.xmlsoap.org/claims/Group", "gr\u{43e}ups"] {
        let other = |claim| Claim { attributes: vec![(near.to_owned(), "audit".to_owned())], ..in_groups(claim, &[]) };
        assert_eq!(sign_in(&world, &service, other).await.1, "unknown_user", "advice, and never a match");
        let attempt = attempts(&service.log()).pop().expect("an attempt");
        let reason = attempt["reason"].as_str().expect("a reason");
        assert!(reason.contains(": no group came: attribute groups is absent, beside "), "{near}: {reason}");
        assert_eq!(attempt["cause"], "groups_under_another_name", "{near}: {reason}");
    }
    let known = sign_in(&world, &service, |claim| in_groups(claim, &["staff", "audit"])).await;
    assert_eq!(known.1, "accepted");
    let attempt = attempts(&service.log()).pop().expect("an attempt");
    assert_eq!((&attempt["groups"], &attempt["groups_matched"]), (&2.into(), &"audit".into()), "{attempt}");
}
