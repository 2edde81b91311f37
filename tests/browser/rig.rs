//! The demo, and a Chromium that looks at it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};

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

/// Longer than a profile takes to be made, on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that ends with the test.
struct Program(Child);

impl Program {
    /// Starts it, and reads its output up to what `found` finds in a line.
    fn start<T>(mut command: Command, found: impl Fn(&str) -> Option<T>) -> (Self, T) {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut lines = BufReader::new(child.stdout.take().expect("standard output")).lines();
        let value = lines.find_map(|line| found(&line.expect("a line"))).expect("the line that says where it listens");
        // A thread has to read the rest, or the program stops writing.
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

/// The demo and a browser.
pub struct Rig {
    pub client: Client,
    /// By another name than the service has, so that a sign-in comes from another site, as it does in production.
    pub portal: String,
    driver: String,
    _programs: Vec<Program>,
}

impl Rig {
    pub async fn start() -> Self {
        let mut demo = Command::new(env!("CARGO_BIN_EXE_studio-acs"));
        demo.args(["demo", "--port", "0"]);
        let (demo, portal) =
            Program::start(demo, |line| line.trim().strip_prefix("Access portal").map(|url| url.trim().to_owned()));
        let rig = Self::without_demo(&[]).await;
        let programs = rig._programs.into_iter().chain([demo]).collect();
        Self { portal: portal.replace("127.0.0.1", "localhost"), _programs: programs, ..rig }
    }

    /// A browser with these arguments.
    pub async fn without_demo(arguments: &[&str]) -> Self {
        let mut driver = Command::new("chromedriver");
        driver.arg("--port=0");
        let (process, driver) = Program::start(driver, |line| {
            let port = line.split("started successfully on port ").nth(1)?.trim_end_matches('.');
            Some(format!("http://127.0.0.1:{port}"))
        });
        let client = browser(&driver, arguments).await;
        Self { client, portal: String::new(), driver, _programs: vec![process] }
    }

    /// Chooses a tile of the access portal.
    pub async fn choose(&self, tile: &str) {
        self.client.goto(&self.portal).await.expect("the portal");
        self.click(&format!("#{tile}")).await;
    }

    /// Chooses a tile whose form posts itself.
    pub async fn open(&self, tile: &str) {
        self.choose(tile).await;
        loop {
            let url = self.client.current_url().await.expect("a URL");
            if !url.as_str().starts_with(&self.portal) {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    pub async fn element(&self, css: &str) -> Element {
        self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await.expect(css)
    }

    pub async fn text(&self, css: &str) -> String {
        self.element(css).await.text().await.expect("text")
    }

    /// Waits until the page has this heading. A page may give way to the next one while it is read.
    pub async fn heading(&self, heading: &str) {
        let read = async {
            loop {
                let script = "return document.querySelector('h1')?.innerText ?? ''";
                let found = self.client.execute(script, Vec::new()).await;
                if found.is_ok_and(|found| found == heading) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, read).await.is_err() {
            panic!("expected {heading}, found {}", self.text("body").await);
        }
    }

    /// Waits until the browser is at this path.
    pub async fn at(&self, path: &str) {
        let there = async {
            while self.client.current_url().await.expect("a URL").path() != path {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, there).await.expect(path);
    }

    pub async fn click(&self, css: &str) {
        self.element(css).await.click().await.expect("a click");
    }

    /// Asserts that no part of the page reaches beyond the edge of a small phone.
    pub async fn fits_a_phone(&self) {
        self.cdp(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": 320, "height": 640, "deviceScaleFactor": 1, "mobile": true}),
        )
        .await;
        let script = "return [innerWidth, document.documentElement.scrollWidth, document.title]";
        let found = self.client.execute(script, Vec::new()).await.expect("an answer");
        let (inner, content) = (found[0].as_f64().expect("a number"), found[1].as_f64().expect("a number"));
        assert!(inner <= 320.0 && content <= 320.0, "{found}");
        self.cdp("Emulation.clearDeviceMetricsOverride", json!({})).await;
    }

    async fn cdp(&self, command: &str, parameters: Value) -> Value {
        self.command("goog/cdp/execute", json!({"cmd": command, "params": parameters})).await
    }

    /// The browser's complaints since the last call, about broken page policies.
    pub async fn violations(&self) -> Vec<String> {
        let log = self.command("se/log", json!({"type": "browser"})).await;
        let entries = log["value"].as_array().expect("entries").clone();
        let messages = entries.iter().map(|entry| entry["message"].as_str().expect("a message").to_owned());
        messages.filter(|message| message.contains("Content Security Policy")).collect()
    }

    /// A command that only Chromium's driver has.
    async fn command(&self, path: &str, body: Value) -> Value {
        let session = self.client.session_id().await.expect("an answer").expect("a session");
        let url = format!("{}/session/{session}/{path}", self.driver);
        let answer = tokio::task::spawn_blocking(move || {
            let mut answer =
                ureq::post(url).content_type("application/json").send(body.to_string()).expect("an answer");
            answer.body_mut().read_to_string().expect("text")
        });
        serde_json::from_str(&answer.await.expect("no panic")).expect("JSON")
    }
}

async fn browser(driver: &str, more: &[&str]) -> Client {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::SeqCst);
    let profile = std::env::temp_dir().join(format!("studio-acs-chromium-{}-{number}", std::process::id()));
    let arguments = CHROMIUM.iter().chain(more).map(ToString::to_string);
    let arguments: Vec<_> = arguments.chain([format!("--user-data-dir={}", profile.display())]).collect();
    let capabilities = json!({"goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"}});
    let capabilities = capabilities.as_object().expect("an object").clone();
    ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
        .capabilities(capabilities)
        .connect(driver)
        .await
        .expect("a session of Chromium: is the package chromium-driver installed?")
}
