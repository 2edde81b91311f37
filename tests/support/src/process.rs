//! `studio-acs serve` as a process of its own, with the real clock, and a client for it.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use studio_acs::Clock;
use studio_acs_standins::idp::{Claim, DevIdp, PASSWORD};
use time::{Duration, UtcDateTime};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{FORM, STUDIO_ORIGIN, TestDir, form};

pub const AUDIENCE: &str = "https://acs.example/";
pub const ACS_URL: &str = "https://acs.example/saml";
pub const DOMAIN: &str = "d-abc123";
/// No process listens at the discard port.
pub const NOWHERE: &str = "http://127.0.0.1:9";
/// Our secret key, as the processes are given it.
pub const SECRET_KEY: &str = "wJalrXUtnFEMIexample";

/// An identity provider, and its metadata in a file.
pub struct SignIns {
    idp: DevIdp,
    metadata: TestDir,
}

impl SignIns {
    pub fn new() -> Self {
        let idp = DevIdp::new("https://idp.example/assertion/1").expect("an identity provider");
        let metadata = TestDir::with("metadata.xml", &idp.metadata());
        Self { idp, metadata }
    }

    /// The identity provider's claim about a user who signs in at `now`.
    pub fn claim(&self, user: &str, now: UtcDateTime) -> Claim {
        Claim {
            user: user.to_owned(),
            domain: DOMAIN.to_owned(),
            audience: AUDIENCE.to_owned(),
            acs_url: ACS_URL.to_owned(),
            issued: now,
            session: Duration::hours(12),
            groups: Vec::new(),
            attributes: Vec::new(),
            authenticated: now,
            method: PASSWORD.to_owned(),
        }
    }

    /// A response issued now.
    pub fn response(&self, user: &str) -> String {
        self.respond(&self.claim(user, Clock::system().now()))
    }

    /// A response that says this.
    pub fn respond(&self, claim: &Claim) -> String {
        self.idp.respond(claim).expect("a response")
    }

    /// The form that a browser posts with it.
    pub fn form(&self, user: &str) -> Vec<u8> {
        form(self.response(user).as_bytes())
    }

    /// The settings of this identity provider for every service, by the names of flags and variables.
    pub fn settings(&self) -> [(&'static str, String); 3] {
        let metadata = self.metadata.path().to_owned();
        [("audience", AUDIENCE.to_owned()), ("acs-url", ACS_URL.to_owned()), ("metadata", metadata)]
    }

    /// `serve` for this identity provider, with more arguments, and services of AWS at these endpoints: the others are
    /// nowhere.
    pub fn server(&self, aws: &[(&str, &str)], more: &[&str]) -> Server {
        self.server_told(aws, &[], more)
    }

    /// The same, with more variables.
    pub fn server_told(&self, aws: &[(&str, &str)], told: &[(&str, &str)], more: &[&str]) -> Server {
        self.server_by(Command::new(program()), aws, told, more)
    }

    /// The same by this command, which takes our arguments after its own.
    pub fn server_by(
        &self,
        mut command: Command,
        aws: &[(&str, &str)],
        told: &[(&str, &str)],
        more: &[&str],
    ) -> Server {
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(more).env_clear().envs(self.environment(aws));
        command.envs(told.iter().copied());
        Server::start(command)
    }

    /// The environment of a process: our settings, AWS's, and where services of AWS are.
    pub fn environment(&self, aws: &[(&str, &str)]) -> Vec<(String, String)> {
        let settings = [
            ("STUDIO_ACS_AUDIENCE", AUDIENCE),
            ("STUDIO_ACS_ACS_URL", ACS_URL),
            ("STUDIO_ACS_METADATA", self.metadata.path()),
            ("STUDIO_ACS_STUDIO_ORIGIN", STUDIO_ORIGIN),
            // Many sign-ins of few people; tests/broker has the limits.
            ("STUDIO_ACS_RATE_PER_USER", "10000"),
            ("STUDIO_ACS_RATE_GLOBAL", "1000000"),
            // Sign-ins are as of the start; tests/it/replay.rs has the grace.
            ("STUDIO_ACS_REPLAY_AFTER_RESTART", "accept"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "AKIATEST"),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
            ("AWS_ENDPOINT_URL", NOWHERE),
        ];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let endpoints = aws.iter().map(|(service, url)| (format!("AWS_ENDPOINT_URL_{service}"), (*url).to_owned()));
        settings.into_iter().chain(endpoints).collect()
    }
}

/// The `studio-acs` that cargo built beside the running test, two directories up from its own file.
pub fn program() -> PathBuf {
    let test = std::env::current_exe().expect("a test's own path");
    test.ancestors().nth(2).expect("a profile's directory").join("studio-acs")
}

/// A running process. It is killed when it is dropped.
pub struct Server {
    child: Child,
    pub address: String,
    output: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Server {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command runs");
        let output = Arc::new(Mutex::new(String::new()));
        let (found, address) = mpsc::channel();
        // A thread has to read on, or the server waits for room in the pipe.
        let read = |pipe: Box<dyn std::io::Read + Send>| {
            let (output, found) = (Arc::clone(&output), found.clone());
            std::thread::spawn(move || {
                for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                    if let Some((_, rest)) = line.split_once("\"address\":\"") {
                        let _ = found.send(rest.split('"').next().expect("an address").to_owned());
                    }
                    let mut output = output.lock().expect("no panic");
                    output.push_str(&line);
                    output.push('\n');
                }
            })
        };
        let readers = vec![
            read(Box::new(child.stdout.take().expect("standard output"))),
            read(Box::new(child.stderr.take().expect("standard error"))),
        ];
        drop(found);
        let address = address.recv().unwrap_or_else(|_| panic!("it serves: {}", output.lock().expect("no panic")));
        Self { child, address, output, readers }
    }

    pub async fn post(&self, form: &[u8]) -> Reply {
        post(&self.address, form).await.expect("an answer")
    }

    /// The kernel's count of the process's memory, in MiB.
    pub fn resident(&self) -> u64 {
        self.counted("VmRSS:")
    }

    /// The most that it has been so far.
    pub fn peak(&self) -> u64 {
        self.counted("VmHWM:")
    }

    fn counted(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a process");
        let line = status.lines().find(|line| line.starts_with(name)).expect("a count");
        line.split_ascii_whitespace().nth(1).expect("a number").parse::<u64>().expect("a number") / 1024
    }

    /// The output so far.
    pub fn log(&self) -> String {
        self.output.lock().expect("no panic").clone()
    }

    /// Ends it as `kill -9` does.
    pub fn kill(mut self) -> String {
        self.child.kill().expect("it runs");
        self.read_to_the_end()
    }

    /// Tells it to end, and waits until it has.
    pub fn end(mut self) -> String {
        let told = Command::new("kill").arg(self.child.id().to_string()).status().expect("kill");
        assert!(told.success());
        self.read_to_the_end()
    }

    /// All that it wrote.
    fn read_to_the_end(&mut self) -> String {
        self.child.wait().expect("an end");
        self.readers.drain(..).for_each(|reader| reader.join().expect("no panic"));
        let output = self.output.lock().expect("no panic").clone();
        super::contract::assert_fields(&output);
        output
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer as it came.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub text: String,
}

impl Reply {
    /// Where it sends the browser.
    pub fn location(&self) -> &str {
        let line = self.text.lines().find_map(|line| line.strip_prefix("location: "));
        line.expect("a location")
    }
}

/// Posts a form on a connection of its own.
pub async fn post(address: &str, form: &[u8]) -> std::io::Result<Reply> {
    send(address, "/saml", FORM, form).await
}

/// Posts a body on a connection of its own.
pub async fn send(address: &str, path: &str, content_type: &str, body: &[u8]) -> std::io::Result<Reply> {
    exchange(address, &head(path, content_type, body.len()), body).await
}

/// Sends a head and a body on a connection of its own.
pub async fn exchange(address: &str, head: &str, body: &[u8]) -> std::io::Result<Reply> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    let status = status.ok_or_else(|| std::io::Error::other(format!("no answer: {text:?}")))?;
    Ok(Reply { status, text })
}

/// The head of a request that posts a body of this length.
pub fn head(path: &str, content_type: &str, length: usize) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: acs.example\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    )
}
