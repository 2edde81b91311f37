//! Deep links: a `RelayState` is a name that the ledger knows, or nothing.

use super::{Book, NOON, World, entry, last};
use support::browser::Browser;

fn book() -> Book {
    let links = "[entry.links.dashboard]\nlanding = \"studio::dashboard\"\n";
    let own = entry("own", "alice", &format!("landing = \"JupyterLab\"\nspace = \"fraud-models\"\n{links}"));
    let two = entry("b1", "bob", "profile = \"bob\"") + &entry("b2", "bob", "profile = \"bobby\"");
    Book::of(&(own + &two + "[links.jupyter]\nlanding = \"app:JupyterLab:lab/tree/a.ipynb\"\nspace = \"shared\"\n"))
}

#[tokio::test]
async fn an_alias_leads_where_the_ledger_says() {
    let world = World::without_aws(&["alice", "bobby"]).await;
    let book = book();
    let service = world.service(&[("ledger", &book.path())], NOON).await;
    for (relay_state, landing, space) in [
        ("", "app:JupyterLab:", "fraud-models"),
        ("dashboard", "studio::dashboard", "fraud-models"),
        ("jupyter", "app:JupyterLab:lab/tree/a.ipynb", "shared"),
    ] {
        let form = world.form_of(&world.sign_ins.claim("alice", service.now()), relay_state);
        assert_eq!(Browser::of_service(&service).sign_in(&form).await.status, 302, "{relay_state}");
        let asked = world.asked().pop().expect("a mint");
        assert_eq!((&asked["LandingUri"], &asked["SpaceName"]), (&landing.into(), &space.into()), "{relay_state}");
    }
    // The request is kept while the user chooses.
    let mut browser = Browser::of_service(&service);
    let form = world.form_of(&world.sign_ins.claim("bob", service.now()), "jupyter");
    assert_eq!(browser.sign_in(&form).await.status, 200);
    assert_eq!(browser.submit("continue", &[("entry", "b2")]).await.status, 302);
    let asked = world.asked().pop().expect("a mint");
    assert_eq!((&asked["UserProfileName"], &asked["SpaceName"]), (&"bobby".into(), &"shared".into()));
}

#[tokio::test]
async fn what_is_no_alias_is_ignored_and_not_repeated() {
    let world = World::without_aws(&["alice"]).await;
    let book = book();
    let service = world.service(&[("ledger", &book.path())], NOON).await;
    let long = "unique-".repeat(43);
    for relay_state in [
        "unknown-alias",
        "DASHBOARD",
        "https://evil.example/dashboard",
        "javascript:alert(1)",
        "studio::dashboard",
        "dashboard\r\nlocation: https://evil.example",
        "<script>alert(1)</script>",
        &long,
    ] {
        let before = service.log().len();
        let form = world.form_of(&world.sign_ins.claim("alice", service.now()), relay_state);
        let page = Browser::of_service(&service).sign_in(&form).await;
        assert_eq!((page.status, &*last(&service.log())), (302, "accepted"), "{relay_state}");
        assert!(page.header("location").starts_with("http://127.0.0.1:1/"), "{page:?}");
        let asked = world.asked().pop().expect("a mint");
        assert_eq!((&asked["LandingUri"], &asked["SpaceName"]), (&"app:JupyterLab:".into(), &"fraud-models".into()));
        let log = service.log().split_off(before);
        let quoted = serde_json::to_string(relay_state).expect("JSON");
        assert!(!log.contains(relay_state) && !log.contains(quoted.trim_matches('"')), "{relay_state}: {log}");
        // One that is too long to be a name is not looked at.
        let told = log.contains("the link is no alias that the ledger knows, and is ignored");
        assert_eq!(told, relay_state.len() <= 256, "{relay_state}");
    }
}
