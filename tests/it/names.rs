//! Several issuers that give names: whose entry, permit, approval and counter a name's is, at the start and later.

use std::path::Path;

use studio_acs::Clock;
use studio_acs_refusal::instant;
use studio_acs_standins::idp::DevIdp;
use support::browser::{Browser, RunningService};
use support::issuer::{CLIENT, ISSUER, Issuer, key_set};
use support::process::{ACS_URL, AUDIENCE, DOMAIN};
use support::world::{Book, NOON, World, attempts, entry, in_groups, last, profiles};
use support::{StandIns, TestDir, form_with};

const ONE: &str = "https://idp.example/assertion/1";
const TWO: &str = "https://two.example/assertion/2";
const OPEN: &str = "permit (principal, action == Action::\"OpenStudio\", resource);\n";

/// The metadata of two identity providers, in a directory of its own; the second one may come later.
struct Folder {
    two: DevIdp,
    dir: TestDir,
}

impl Folder {
    fn with_one(world: &World) -> Self {
        let settings = world.sign_ins.settings();
        let (_, place) = settings.iter().find(|(name, _)| *name == "metadata").expect("metadata");
        let one = std::fs::read_to_string(Path::new(place).join("metadata.xml")).expect("a file");
        Self { two: DevIdp::new(TWO).expect("an identity provider"), dir: TestDir::with("one.xml", &one) }
    }

    fn with_both(world: &World) -> Self {
        let folder = Self::with_one(world);
        folder.add();
        folder
    }

    /// The second identity provider comes.
    fn add(&self) {
        std::fs::write(self.file(), self.two.metadata()).expect("a file");
    }

    /// It goes again.
    fn remove(&self) {
        std::fs::remove_file(self.file()).expect("a file");
    }

    fn file(&self) -> std::path::PathBuf {
        Path::new(self.dir.path()).join("two.xml")
    }
}

/// An entry for the user of this issuer.
fn of(id: &str, user: &str, issuer: &str, more: &str) -> String {
    entry(id, user, &format!("issuer = \"{issuer}\"\n{more}"))
}

/// Signs in at one of the identity providers: the status, and the outcome in the log.
async fn sign_in(world: &World, folder: &Folder, service: &RunningService, issuer: &str, user: &str) -> (u16, String) {
    let claim = world.sign_ins.claim(user, service.now());
    let response =
        if issuer == TWO { folder.two.respond(&claim).expect("a response") } else { world.sign_ins.respond(&claim) };
    let page = Browser::of_service(service).sign_in(&form_with(response.as_bytes(), "")).await;
    (page.status, last(&service.log()))
}

/// The error of a start with these settings; empty where it starts.
async fn start(settings: &[(&'static str, String)]) -> String {
    let at = instant::parse(NOON).expect("a time");
    let stand_ins = StandIns::start(profiles(&["alice"])).await;
    let started = stand_ins.try_service(settings, Clock::new(move || at)).await;
    started.map_or_else(|error| error.to_string(), |_| String::new())
}

#[tokio::test]
async fn attack_with_two_issuers_nothing_starts_by_a_name_that_names_none() {
    let world = World::without_aws(&[]).await;
    let (one, both) = (Folder::with_one(&world), Folder::with_both(&world));
    let issuer = Issuer::new("one");
    let keys = TestDir::with("keys.json", &key_set(&[&issuer]));
    let (unnamed, named) = (Book::of(&entry("unnamed", "alice", "")), Book::of(&of("a", "alice", ONE, "")));
    let group = Book::of(&format!("[[entry]]\nid = \"g\"\ngroup = \"g\"\ndomain = \"{DOMAIN}\"\n"));
    let permits = |more: &str| TestDir::with("own.cedar", &format!("{OPEN}{more}"));
    let approvers = "permit (principal in Group::\"a\", action == Action::\"Approve\", resource)";
    let by_name = permits(&format!("{approvers};"));
    let by_issuer = permits(&format!("{approvers} when {{ principal.issuer == \"{ONE}\" }};"));
    let forbid = permits("@reason(\"No.\") forbid (principal == User::\"mallory\", action, resource);");
    let policy = |dir: &TestDir| format!("{}/own.cedar", dir.path());
    let all =
        "default,change-ticket,four-eyes,fresh-sign-in,no-weekends,office-network,short-sessions,slow-down,team-budget";
    let shipped = all.split(',').map(|name| format!("shipped:{name}")).collect::<Vec<_>>().join(",");
    let token = [
        ("token-issuer", ISSUER.to_owned()),
        ("token-jwks", format!("{}/keys.json", keys.path())),
        ("token-audience", CLIENT.to_owned()),
    ];
    let ledger = |book: &Book| vec![("ledger", book.path())];
    let with = |book: &Book, policy: String| vec![("ledger", book.path()), ("policy", policy)];
    let shared = |mut settings: Vec<(&'static str, String)>| {
        settings.push(("names", "shared".to_owned()));
        settings
    };
    let and_tokens = |mut settings: Vec<(&'static str, String)>| {
        settings.extend(token.clone());
        settings
    };
    for (folder, settings, refused) in [
        (&one, vec![], ""),
        (&one, with(&unnamed, policy(&by_name)), ""),
        // Without a ledger each identity provider names profiles itself: check warns of it.
        (&both, vec![], ""),
        (&both, shared(vec![]), ""),
        (&both, ledger(&unnamed), "unnamed names no issuer"),
        (&both, ledger(&group), "g names no issuer"),
        (&both, shared(with(&unnamed, policy(&by_name))), ""),
        (&both, ledger(&named), ""),
        (&both, with(&named, policy(&by_name)), "own.cedar:2: the permit `"),
        (&both, with(&named, policy(&by_issuer)), ""),
        (&both, with(&named, policy(&forbid)), ""),
        (&both, with(&named, shipped), ""),
        // An identity provider and a token issuer are two.
        (&one, and_tokens(ledger(&unnamed)), "unnamed names no issuer"),
        (&one, and_tokens(ledger(&named)), ""),
        (&one, shared(and_tokens(ledger(&unnamed))), ""),
    ] {
        let ours = [
            ("audience", AUDIENCE.to_owned()),
            ("acs-url", ACS_URL.to_owned()),
            ("metadata", folder.dir.path().to_owned()),
        ];
        let settings: Vec<_> = ours.into_iter().chain(settings).collect();
        let error = start(&settings).await;
        let expected =
            if refused.is_empty() { "" } else { "STUDIO_ACS_NAMES (--names): several issuers are trusted (" };
        assert!(error.starts_with(expected) && error.contains(refused), "{settings:?}: {error}");
        assert_eq!(error.is_empty(), refused.is_empty(), "{settings:?}: {error}");
    }
}

#[tokio::test]
async fn attack_the_user_of_the_same_name_at_another_issuer_opens_nothing_of_the_first() {
    let world = World::without_aws(&["alice", "alice-2"]).await;
    let folder = Folder::with_both(&world);
    let text = of("ones", "alice", ONE, "profile = \"alice\"") + &of("bobs", "bob", TWO, "profile = \"alice-2\"");
    let book = Book::of(&text);
    let settings = [("metadata", folder.dir.path()), ("ledger", &*book.path()), ("rate-per-user", "1")];
    let service = world.service(&settings, NOON).await;
    let opens = (302, "accepted".to_owned());
    assert_eq!(sign_in(&world, &folder, &service, TWO, "alice").await, (403, "unknown_user".to_owned()));
    assert_eq!(sign_in(&world, &folder, &service, ONE, "Alice").await, opens);
    // One name, two users: the minute of the first is used up, and the second has an entry of their own by now.
    assert_eq!(sign_in(&world, &folder, &service, ONE, "alice").await, (429, "rate_limited_user".to_owned()));
    book.write(&(text + &of("twos", "alice", TWO, "")));
    service.wait(30);
    assert_eq!(sign_in(&world, &folder, &service, ONE, "alice").await, (302, "accepted".to_owned()));
    assert_eq!(sign_in(&world, &folder, &service, TWO, "alice").await, (404, "profile_not_found".to_owned()));
    let asked = world.asked();
    let names: Vec<_> = asked.iter().map(|asked| asked["UserProfileName"].as_str().expect("a name")).collect();
    assert!(names.len() == 3 && names[..2] == ["alice", "alice"] && names[2].starts_with("alice-"), "{names:?}");
    assert_eq!(names[2].len(), "alice-".len() + 20, "a hash of issuer and name: {names:?}");
}

#[tokio::test]
async fn attack_a_second_issuer_that_comes_by_metadata_gets_nothing_that_names_none() {
    let world = World::without_aws(&["alice", "bob"]).await;
    let folder = Folder::with_one(&world);
    let book = Book::of(&(entry("unnamed", "alice", "") + &of("named", "bob", ONE, "profile = \"bob\"")));
    let settings = [("metadata", folder.dir.path()), ("ledger", &*book.path()), ("metadata-refresh", "300")];
    let service = world.service(&settings, NOON).await;
    let (opens, unnamed) = ((302, "accepted".to_owned()), (403, "ledger_issuer_unnamed".to_owned()));
    assert_eq!(sign_in(&world, &folder, &service, ONE, "alice").await, opens);
    folder.add();
    service.wait(300);
    assert_eq!(sign_in(&world, &folder, &service, TWO, "alice").await, unnamed);
    assert_eq!(sign_in(&world, &folder, &service, ONE, "alice").await, unnamed, "it may be either's");
    assert_eq!(sign_in(&world, &folder, &service, ONE, "bob").await, opens);
    assert_eq!(sign_in(&world, &folder, &service, TWO, "bob").await, (403, "unknown_user".to_owned()));
    folder.remove();
    service.wait(300);
    assert_eq!(sign_in(&world, &folder, &service, ONE, "alice").await, opens);
}

#[tokio::test]
async fn attack_a_permit_that_names_none_is_nobodys_once_a_second_issuer_comes() {
    let world = World::without_aws(&["alice", "bob"]).await;
    let folder = Folder::with_one(&world);
    let book =
        Book::of(&(of("alices", "alice", ONE, "profile = \"alice\"") + &of("bobs", "bob", ONE, "profile = \"bob\"")));
    let permits = "permit (principal == User::\"alice\", action == Action::\"OpenStudio\", resource);\n\
                   permit (principal == User::\"bob\", action == Action::\"OpenStudio\", resource)\n\
                   when { principal.issuer == \"https://idp.example/assertion/1\" };";
    let policy = TestDir::with("own.cedar", permits);
    let path = format!("{}/own.cedar", policy.path());
    let settings = [("metadata", folder.dir.path()), ("ledger", &*book.path()), ("policy", &*path)];
    let service = world.service(&settings, NOON).await;
    let opens = (302, "accepted".to_owned());
    assert_eq!(sign_in(&world, &folder, &service, ONE, "alice").await, opens);
    folder.add();
    service.wait(300);
    let refused = (403, "policy_issuer_unnamed".to_owned());
    assert_eq!(sign_in(&world, &folder, &service, ONE, "alice").await, refused);
    assert_eq!(sign_in(&world, &folder, &service, ONE, "bob").await, opens);
}

#[tokio::test]
async fn attack_an_approver_of_another_issuer_is_not_the_approver_of_that_name() {
    let world = World::without_aws(&["alice"]).await;
    let folder = Folder::with_both(&world);
    let book = Book::of(&of("prod", "alice", ONE, "profile = \"alice\"\nproduction = true"));
    let settings =
        [("metadata", folder.dir.path()), ("ledger", &*book.path()), ("policy", "shipped:default,shipped:four-eyes")];
    let service = world.service(&settings, NOON).await;
    assert_eq!(sign_in(&world, &folder, &service, ONE, "alice").await, (200, "needs_approval".to_owned()));
    let claim = |user: &str| in_groups(world.sign_ins.claim(user, service.now()), &["approvers"]);
    let ids = |body: &str| {
        let ids = body.split("name=\"approve\" value=\"").skip(1);
        ids.map(|rest| rest.split('"').next().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    let response = folder.two.respond(&claim("bob")).expect("a response");
    let mut twos = Browser::of_service(&service);
    let page = twos.sign_in(&form_with(response.as_bytes(), "approvals")).await;
    assert!(page.status == 200 && ids(&page.body).is_empty(), "{page:?}");
    // One's own, though in another case.
    let mut own = Browser::of_service(&service);
    let page = own.sign_in(&world.form_of(&claim("ALICE"), "approvals")).await;
    assert!(ids(&page.body).is_empty(), "{page:?}");
    let mut ones = Browser::of_service(&service);
    let page = ones.sign_in(&world.form_of(&claim("bob"), "approvals")).await;
    assert!(page.body.contains(&format!("<dt>Issuer</dt>\n<dd>{ONE}</dd>")), "{}", page.body);
    let id = ids(&page.body).pop().expect("a request");
    // An approver who knows the id decides nothing by it.
    assert_eq!(twos.submit("review", &[("approve", &id)]).await.status, 403);
    assert_eq!(own.submit("review", &[("approve", &id)]).await.status, 409);
    assert_eq!(attempts(&service.log()).pop().expect("an attempt")["code"], "approval_own");
    assert_eq!(ones.submit("review", &[("approve", &id)]).await.status, 200);
    assert_eq!(sign_in(&world, &folder, &service, ONE, "alice").await, (302, "accepted".to_owned()));
}
