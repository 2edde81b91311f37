//! A person's browser behind each kind of API Gateway: stage, custom domain, query, cookies, and the endpoint it came
//! by.

use studio_acs_identity::Protocol;
use studio_acs_standins::sagemaker::{Making, Profiles};

use support::TestDir;
use support::browser::Browser;
use support::gateway::{Gateway, Kind};
use support::process::DOMAIN;
use support::world::{Book, NOON, World, attempts, entry, last};

const HERE: (&str, &str) = ("vpce-0123456789abcdef0", "vpc-0fedcba9876543210");

#[tokio::test]
async fn who_waits_for_a_profile_is_let_in_when_it_is_there() {
    let how = "[entry.provision]\nexecution_role = \"arn:aws:iam::111122223333:role/studio-notebooks\"\n";
    for (kind, base64) in Kind::ALL.into_iter().flat_map(|kind| [(kind, false), (kind, true)]) {
        let world = World::of(Profiles::default().making(Making::Ready(1))).await;
        let book = Book::of(&entry("own", "erin", how));
        let settings = [("ledger", &*book.path()), ("provision", "on"), ("ledger-refresh", "0")];
        let service = world.service(&settings, NOON).await;
        let mut erin = Browser::of_lambda(&service, Gateway { kind, endpoint: None, base64 });
        let page = erin.sign_in(&world.form(&service, "erin")).await;
        assert_eq!((page.status, erin.resume_token().is_some()), (200, true), "{kind:?}: {page:?}");
        let page = erin.look_again().await;
        assert!(page.status == 200 && page.body.contains("href=\"continue?csrf_token="), "{kind:?}: {page:?}");
        // A page that is another one's is told by its query.
        let mut other = erin.clone();
        other.page = "another".to_owned();
        assert_eq!((other.look_again().await.status, last(&service.log())), (403, "resume_another_page".to_owned()));
        let page = erin.look_again().await;
        assert_eq!((page.status, erin.resume_token(), world.mints()), (302, None, 1), "{kind:?}: {page:?}");
        assert!(world.stand_ins.follow(page.header("location")).await.body.contains(">erin<"), "{kind:?}");
    }
}

#[tokio::test]
async fn who_chooses_among_entries_gets_both_cookies() {
    for kind in Kind::ALL {
        let world = World::without_aws(&["alice"]).await;
        let book = Book::of(&(entry("one", "alice", "") + &entry("two", "alice", "space = \"lab\"")));
        let service = world.service(&[("ledger", &book.path())], NOON).await;
        let mut alice = Browser::of_lambda(&service, kind.into());
        assert_eq!(alice.sign_in(&world.form(&service, "alice")).await.status, 200, "{kind:?}");
        let page = alice.submit("continue", &[("entry", "two")]).await;
        let names: Vec<_> = alice.cookies.keys().map(String::as_str).collect();
        assert_eq!((page.status, &*names), (302, &["__Host-studio-acs-last"][..]), "{kind:?}: {page:?}");
        // Both come back, and the choice before is the first now.
        let page = alice.sign_in(&world.form(&service, "alice")).await;
        assert_eq!((page.status, alice.cookies.len()), (200, 2), "{kind:?}");
        let (one, two) = (page.body.find("value=\"one\"").unwrap(), page.body.find("value=\"two\"").unwrap());
        assert!(two < one, "{kind:?}: {}", page.body);
    }
}

#[tokio::test]
async fn the_endpoint_and_its_vpc_are_facts_of_the_policy() {
    let policy = TestDir::with(
        "policy.cedar",
        r#"@id("our-endpoint") @reason("Use our endpoint.") forbid (principal, action == Action::"OpenStudio", resource)
           unless { context has vpc_endpoint && context.vpc_endpoint == "vpce-0123456789abcdef0" };
           @id("our-vpc") @reason("Use our network.") forbid (principal, action == Action::"OpenStudio", resource)
           unless { context has vpc && context.vpc == "vpc-0fedcba9876543210" };"#,
    );
    let world = World::without_aws(&["alice"]).await;
    let policies = format!("shipped:default,{}/policy.cedar", policy.path());
    let service = world.service(&[("policy", &policies), ("rate-per-user", "1000")], NOON).await;
    for (kind, endpoint, policies) in [
        (Kind::Rest, Some(HERE), None),
        (Kind::RestDomain, Some(HERE), None),
        (Kind::Rest, Some(("vpce-0aaaaaaaaaaaaaaaa", HERE.1)), Some("our-endpoint")),
        (Kind::Rest, Some((HERE.0, "vpc-0aaaaaaaaaaaaaaaa")), Some("our-vpc")),
        (Kind::Rest, None, Some("our-endpoint,our-vpc")),
        (Kind::Http2, None, Some("our-endpoint,our-vpc")),
    ] {
        let mut alice = Browser::of_lambda(&service, Gateway { kind, endpoint, base64: false });
        let page = alice.sign_in(&world.form(&service, "alice")).await;
        assert_eq!(page.status, if policies.is_none() { 302 } else { 403 }, "{kind:?} {endpoint:?}: {page:?}");
        let attempt = attempts(&service.log()).pop().expect("an attempt");
        assert_eq!(attempt["policies"], policies.unwrap_or("entry-for-person"), "{kind:?} {endpoint:?}");
        assert_eq!(attempt["protocol"], Protocol::Saml.as_str());
    }
    assert_eq!((world.mints(), DOMAIN.is_empty()), (2, false));
}

/// The question and its answer come through the gateway: the cookie out, and back in.
#[tokio::test]
async fn a_user_confirms_a_sign_in() {
    for kind in Kind::ALL {
        let world = World::without_aws(&["alice"]).await;
        let service = world.service(&[("confirm", "always")], NOON).await;
        let mut alice = Browser::of_lambda(&service, kind.into());
        let page = alice.sign_in(&world.form(&service, "alice")).await;
        assert!(page.status == 200 && page.body.contains("Is this you?"), "{kind:?}: {page:?}");
        assert_eq!((alice.resume_token().is_some(), world.mints()), (true, 0), "{kind:?}");
        let page = alice.submit("continue", &[("confirm", "yes")]).await;
        assert_eq!((page.status, world.mints()), (302, 1), "{kind:?}: {page:?}");
    }
}
