//! A real Chromium chooses the demo's tiles.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::unwrap_used)]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::json;

/// What Chromium needs to run as root, without a screen, and without looking for Google's hosts.
const CHROMIUM: [&str; 8] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// A program that ends with the test.
struct Program(Child);

impl Program {
    /// Starts it, and reads its output up to what `found` finds in a line.
    fn start<T>(mut command: Command, found: impl Fn(&str) -> Option<T>) -> (Self, T) {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut lines = BufReader::new(child.stdout.take().expect("standard output")).lines();
        let value = lines.find_map(|line| found(&line.expect("a line"))).expect("the line that says where it listens");
        // Somebody has to read the rest, or the program stops writing.
        std::thread::spawn(move || lines.for_each(drop));
        (Self(child), value)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn browser(driver: &str) -> Client {
    let profile = std::env::temp_dir().join(format!("studio-acs-chromium-{}", std::process::id()));
    let arguments: Vec<_> =
        CHROMIUM.iter().map(ToString::to_string).chain([format!("--user-data-dir={}", profile.display())]).collect();
    let capabilities = json!({"goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"}});
    let capabilities = capabilities.as_object().expect("an object").clone();
    ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
        .capabilities(capabilities)
        .connect(driver)
        .await
        .expect("a session of Chromium: is the package chromium-driver installed?")
}

async fn text(client: &Client, css: &str) -> String {
    client.wait().for_element(Locator::Css(css)).await.expect(css).text().await.expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tile_does_what_it_says() {
    tokio::time::timeout(Duration::from_secs(120), choose_every_tile()).await.expect("the browser comes to an end");
}

async fn choose_every_tile() {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_studio-acs"));
    demo.args(["demo", "--port", "0"]);
    let (_demo, portal) =
        Program::start(demo, |line| line.trim().strip_prefix("Access portal").map(|url| url.trim().to_owned()));
    let mut driver = Command::new("chromedriver");
    driver.arg("--port=0");
    let (_driver, driver) = Program::start(driver, |line| {
        let port = line.split("started successfully on port ").nth(1)?.trim_end_matches('.');
        Some(format!("http://127.0.0.1:{port}"))
    });
    let client = browser(&driver).await;

    for (tile, user, domain) in [("alice", "alice", "d-research0001"), ("bob", "bob", "d-risk00000002")] {
        open(&client, &portal, tile).await;
        assert_eq!(text(&client, "h1").await, "You are in Studio", "{tile}");
        assert_eq!(text(&client, "#user").await, user);
        assert_eq!(text(&client, "#domain").await, domain);
        // The URL is used up: whoever finds it in the history finds nothing.
        client.refresh().await.expect("a refresh");
        assert!(!text(&client, "h1").await.contains("You are in Studio"), "{tile}");
    }
    for (tile, heading, code) in [
        ("edited", "We could not sign you in", "digest_mismatch"),
        ("expired", "We could not sign you in", "expired"),
        ("replay", "We could not sign you in", "replayed"),
        ("unsigned", "We could not sign you in", "unsigned"),
        ("forged", "We could not sign you in", "signature_invalid"),
        ("audience", "We could not sign you in", "audience_mismatch"),
        ("stranger", "There is no Studio profile for you yet", "profile_not_found"),
    ] {
        open(&client, &portal, tile).await;
        assert_eq!(text(&client, "h1").await, heading, "{tile}");
        assert_eq!(text(&client, ".detail code").await, code);
        assert_eq!(text(&client, "#correlation-id").await.len(), 32);
    }
    client.close().await.expect("an end");
}

/// Chooses a tile of the portal; the form posts itself.
async fn open(client: &Client, portal: &str, tile: &str) {
    client.goto(portal).await.expect("the portal");
    let tile = client.wait().for_element(Locator::Id(tile)).await.expect("the tile");
    tile.click().await.expect("a click");
    loop {
        let url = client.current_url().await.expect("a URL");
        if !(url.as_str().starts_with(portal)) {
            return;
        }
        tokio::task::yield_now().await;
    }
}
