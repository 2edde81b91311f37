//! Groups that are elsewhere, or absent: they do not pass a policy that restricts members.

use studio_acs_standins::idp::Claim;

use super::{Book, NOON, World, entry, in_groups, last};
use support::TestDir;
use support::browser::{Browser, RunningService};

/// What Entra ID's assertions have in place of more than 150 groups.
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
        let expected = if refused { (403, "groups_elsewhere") } else { (302, "accepted") };
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
