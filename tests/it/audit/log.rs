//! The log as a sink: what standard output does not take is not on record.

use std::fs::File;
use std::io::{PipeReader, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::http::Request;
use serde_json::Value;
use studio_acs::service::Parts;
use studio_acs::trust::CurrentTrust;
use studio_acs::{Clock, Config, Service, http};
use studio_acs_log::{Log, Output};
use studio_acs_standins::sdk as stand_in_sdk;
use tokio::sync::Notify;

use super::{Mood, Rig, Sink, records_of, verified};
use support::process::{Reply, exchange, post};
use support::{FORM, send};

/// `serve` with a standard output of the test's.
struct Process {
    child: Child,
    address: String,
}

impl Process {
    fn start(rig: &Rig, output: impl Into<Stdio>, more: &[&str]) -> Self {
        Self::by(Command::new(env!("CARGO_BIN_EXE_studio-acs")), rig, output, more)
    }

    fn by(mut command: Command, rig: &Rig, output: impl Into<Stdio>, more: &[&str]) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = free.local_addr().expect("an address").to_string();
        drop(free);
        command.args(["serve", "--listen", &address]).args(more).env_clear();
        command.envs(rig.sign_ins.environment(&[("SAGEMAKER", &rig.stand_ins.endpoint)]));
        let child = command.stdout(output).stderr(Stdio::null()).spawn().expect("the command runs");
        let begun = Instant::now();
        while std::net::TcpStream::connect(&address).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(60), "it serves");
            std::thread::yield_now();
        }
        Self { child, address }
    }

    async fn get(&self, path: &str) -> Reply {
        let head = format!("GET {path} HTTP/1.1\r\nhost: acs.example\r\nconnection: close\r\n\r\n");
        let answer = tokio::time::timeout(Duration::from_secs(30), exchange(&self.address, &head, b""));
        answer.await.unwrap_or_else(|_| panic!("{path} is answered")).expect("an answer")
    }

    async fn sign_in(&self, rig: &Rig, user: &str) -> u16 {
        let form = rig.sign_ins.form(user);
        let answer = tokio::time::timeout(Duration::from_secs(30), post(&self.address, &form));
        answer.await.expect("a sign-in is answered").expect("an answer").status
    }

    /// Whether the process is ready, and how it says its log is. It answers `/healthz` in any case; between the two
    /// answers the log may have changed.
    async fn health(&self) -> (u16, [String; 2]) {
        let (health, ready) = (self.get("/healthz").await, self.get("/readyz").await);
        assert_eq!(health.status, 200, "{health:?}");
        (ready.status, [log_of(&health), log_of(&ready)])
    }

    async fn becomes(&self, ready: u16, log: &str) {
        let begun = Instant::now();
        loop {
            let found = self.health().await;
            if found == (ready, [log, log].map(str::to_owned)) {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "{found:?}");
            tokio::task::yield_now().await;
        }
    }

    fn end(mut self) {
        let told = Command::new("kill").arg(self.child.id().to_string()).status().expect("kill");
        assert!(told.success());
        self.child.wait().expect("an end");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How an answer says that the log is.
fn log_of(answer: &Reply) -> String {
    let body = answer.text.split("\r\n\r\n").nth(1).expect("a body");
    let body: Value = serde_json::from_str(body).expect("JSON");
    body["log"].as_str().expect("a text").to_owned()
}

fn full_device() -> File {
    File::options().write(true).open("/dev/full").expect("a device")
}

/// A process whose log goes to a pipe without a reader, which is full once it serves.
fn unread(rig: &Rig, more: &[&str]) -> (Process, PipeReader) {
    const NON_BLOCKING: i32 = 0o4000;
    let (reader, writer) = std::io::pipe().expect("a pipe");
    // Opened again, so that only this one does not wait.
    let again = format!("/proc/self/fd/{}", writer.as_raw_fd());
    let mut filler = File::options().write(true).custom_flags(NON_BLOCKING).open(again).expect("the pipe");
    let process = Process::start(rig, writer, more);
    while filler.write(b"\n").is_ok() {}
    (process, reader)
}

/// Reads to the end.
fn drain(mut reader: PipeReader) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        reader.read_to_string(&mut text).expect("text");
        text
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_takes_nothing_lets_nobody_in_and_everything_else_is_answered() {
    let rig = Rig::start().await;
    let (reader, nobody_reads) = std::io::pipe().expect("a pipe");
    drop(reader);
    let binary = env!("CARGO_BIN_EXE_studio-acs");
    let mut closed = Command::new("sh");
    closed.args(["-c", "exec \"$0\" \"$@\" >&-", binary]);
    let plain = || Command::new(binary);
    let outputs: [(&str, Command, Stdio); 4] = [
        ("a full device", plain(), full_device().into()),
        ("a pipe whose reader is gone", plain(), nobody_reads.into()),
        ("the null device", plain(), Stdio::null()),
        ("closed", closed, Stdio::piped()),
    ];
    for (name, command, output) in outputs {
        let process = Process::by(command, &rig, output, &[]);
        assert_eq!(process.sign_in(&rig, "alice").await, 503, "{name}");
        process.becomes(503, "blocked").await;
        assert_eq!(process.get("/saml/metadata").await.status, 200, "{name}");
        assert_eq!(process.get("/elsewhere").await.status, 404, "{name}");
        assert_eq!(post(&process.address, b"nonsense").await.expect("an answer").status, 400, "{name}");
        assert_eq!(process.sign_in(&rig, "alice").await, 503, "{name}: again");
        process.end();
    }
    assert_eq!(rig.stand_ins.sagemaker.callers(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_nobody_reads_stops_no_other_answer_and_recovers_with_nothing_lost() {
    let rig = Rig::start().await;
    let (process, reader) = unread(&rig, &["--audit-timeout", "1"]);
    for _ in 0..3 {
        assert_eq!(process.sign_in(&rig, "alice").await, 503);
    }
    process.becomes(503, "blocked").await;
    for _ in 0..100 {
        assert_eq!(process.get("/saml/metadata").await.status, 200);
        assert_eq!(process.get("/elsewhere").await.status, 404);
        assert_eq!(post(&process.address, b"nonsense").await.expect("an answer").status, 400);
    }
    assert_eq!(rig.stand_ins.sagemaker.mints(), 0);

    let log = drain(reader);
    process.becomes(200, "ok").await;
    assert_eq!(process.sign_in(&rig, "alice").await, 302);
    assert_eq!(rig.stand_ins.sagemaker.mints(), 1);
    process.end();
    let log = log.join().expect("no panic");
    let (status, text) = verified(&log, &[]);
    assert_eq!(status, 0, "{text}{log}");
    let records: Vec<Value> = records_of(&log).lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let calls: Vec<_> = records.iter().filter(|record| record["class_uid"] == 6003).collect();
    let statuses: Vec<_> = calls.iter().map(|record| record["status"].as_str().expect("a status")).collect();
    assert_eq!(statuses, [&["Intent", "Failure"].repeat(3)[..], &["Intent", "Success"]].concat());
    assert_eq!(calls[1]["unmapped"]["missed_sinks"], serde_json::json!(["log"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_allowed_without_the_log_is_minted_and_flagged() {
    let rig = Rig::start().await;
    let allow = ["--audit-on-failure", "allow", "--audit-timeout", "1"];
    let process = Process::start(&rig, full_device(), &allow);
    assert_eq!(process.sign_in(&rig, "alice").await, 302);
    process.becomes(200, "blocked").await;
    process.end();

    let (process, reader) = unread(&rig, &allow);
    for _ in 0..2 {
        assert_eq!(process.sign_in(&rig, "alice").await, 302);
    }
    let log = drain(reader);
    process.end();
    let log = log.join().expect("no panic");
    assert!(log.contains("minting without a record at every required sink"), "{log}");
    let outcome: Value = serde_json::from_str(records_of(&log).lines().last().expect("a record")).expect("JSON");
    assert_eq!(outcome["unmapped"]["missed_sinks"], serde_json::json!(["log"]), "{outcome}");
    assert_eq!((outcome["severity_id"].as_u64(), rig.stand_ins.sagemaker.mints()), (Some(4), 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_required_sink_will_do_and_the_log_may_be_required_beside_it() {
    let rig = Rig::start().await;
    let secret = format!("{}/secret", rig.secret.path());
    for (required, status) in [("all", 302), ("webhook", 302), ("none", 503), ("log", 503), ("webhook,log", 503)] {
        let sink = Sink::start(Mood::Takes, &rig.stand_ins);
        let flags = ["--audit-webhook", &sink.url, "--audit-webhook-secret", &secret, "--audit-required", required];
        let process = Process::start(&rig, full_device(), &flags);
        let before = rig.stand_ins.sagemaker.mints();
        assert_eq!(process.sign_in(&rig, "alice").await, status, "{required}");
        process.becomes(if status == 302 { 200 } else { 503 }, "blocked").await;
        process.end();
        assert_eq!(rig.stand_ins.sagemaker.mints() - before, usize::from(status == 302), "{required}");
        let (status, text) = verified(&sink.text(), &[]);
        assert_eq!(status, 0, "{required}: the sink has all of them: {text}");
    }
}

/// Standard output of a Lambda process whose reader is slow: nothing is taken at once.
#[derive(Clone, Default)]
struct Slow(Arc<Reading>);

#[derive(Default)]
struct Reading {
    /// Whether it is read, and what was.
    state: Mutex<(bool, String)>,
    opened: Condvar,
    asked: Notify,
}

impl Slow {
    fn open(&self) {
        self.0.state.lock().unwrap().0 = true;
        self.0.opened.notify_all();
    }

    fn text(&self) -> String {
        self.0.state.lock().unwrap().1.clone()
    }
}

impl Output for Slow {
    fn write_at_once(&self, _: &[u8]) -> usize {
        0
    }

    fn write(&self, bytes: &[u8]) -> std::io::Result<usize> {
        let Reading { state, opened, asked } = &*self.0;
        asked.notify_one();
        let mut state = opened.wait_while(state.lock().unwrap(), |(open, _)| !*open).unwrap();
        state.1.push_str(std::str::from_utf8(bytes).expect("UTF-8"));
        Ok(bytes.len())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_waits_for_its_line_since_a_process_may_be_frozen_after_it() {
    use tracing::instrument::WithSubscriber as _;
    let rig = Rig::start().await;
    let (slow, clock) = (Slow::default(), Clock::system());
    let log = Log::to(slow.clone());
    let settings = rig.sign_ins.settings();
    let config =
        Config::read(|setting| settings.iter().find(|(name, _)| *name == setting.name).map(|(_, value)| value.clone()));
    let config = config.expect("settings");
    let sdk = stand_in_sdk(&rig.stand_ins.endpoint, config.mint.timeout);
    let (sources, us) = (config.metadata.clone(), config.service_provider.clone());
    let trust = CurrentTrust::of(sources, &sdk, us, config.metadata_refresh, clock.now()).await.expect("trust");
    let parts = Parts::of(&config, &sdk, &clock, log.clone()).await.expect("the service starts");
    let service = http::router(Arc::new(Service::new(config, trust, parts, &sdk, clock).expect("the service starts")));
    let request = Request::post("/saml").header("content-type", FORM).body("SAMLResponse=nonsense".into());
    let request = request.expect("a request");
    let answer = send(&service, request).with_subscriber(log.subscriber(tracing::Level::INFO));
    let mut answer = std::pin::pin!(answer);
    tokio::select! {
        biased;
        answer = &mut answer => panic!("before its line: {answer:?}"),
        () = slow.0.asked.notified() => {}
    }
    assert_eq!(slow.text(), "");
    slow.open();
    assert_eq!(answer.await.status, 400);
    assert!(slow.text().contains("\"code\":\"malformed_xml\""), "{}", slow.text());
}

/// Readers of the log need one rule for events and records.
#[tokio::test(flavor = "multi_thread")]
async fn each_line_says_when_it_was_written_in_one_field() {
    let rig = Rig::start().await;
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let begun = time::UtcDateTime::now();
    let process = Process::start(&rig, writer, &[]);
    let log = drain(reader);
    assert_eq!(process.sign_in(&rig, "alice").await, 302);
    assert_eq!(process.get("/nowhere").await.status, 404);
    process.end();
    let (log, ended) = (log.join().expect("the log"), time::UtcDateTime::now());
    let milliseconds = |time: time::UtcDateTime| time.unix_timestamp_nanos() / 1_000_000;
    let (mut events, mut records) = (0, 0);
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let time = line["time"].as_i64().unwrap_or_else(|| panic!("no time in {line}"));
        assert!((milliseconds(begun)..=milliseconds(ended)).contains(&time.into()), "{line}");
        match line["timestamp"].as_str() {
            Some(text) => {
                let text = studio_acs_refusal::instant::parse(text).expect("a time");
                assert!((milliseconds(text) - i128::from(time)).abs() < 1_000, "{line}");
                events += 1;
            }
            None => {
                assert!(line["class_uid"].is_u64(), "{line}");
                records += 1;
            }
        }
    }
    assert!(events > 1 && records == 4, "{events} events, {records} records: {log}");
}
