//! The audit log, through HTTP with the real pieces: each mint is on record first, or nothing is minted.

mod auditor;
mod flood;
mod log;
mod processes;
mod refusals;
mod seal;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_lc_rs::hmac;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use studio_acs_audit::verify::{Break, VerifyError, VerifyRules, verify};
use studio_acs_standins::sagemaker::{Behaviour, Profiles, SageMaker};
use support::process::{DOMAIN, NOWHERE, Server, SignIns, program};
use support::{StandIns, TestDir};
use tokio::task::JoinSet;

const SECRET: &str = "a-secret-of-the-webhook-with-40-letters!";

/// How a sink answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Takes,
    Status(u16),
    Hangs,
    /// Splunk's answers: received, and indexed only when asked for the second time.
    Splunk,
    /// An answer that no sink gives.
    Garbage,
}

struct Delivered {
    path: String,
    headers: HeaderMap,
    body: String,
    /// How many URLs had been minted when it came.
    mints: usize,
}

struct Heard {
    mood: Mutex<Mood>,
    deliveries: Mutex<Vec<Delivered>>,
    sagemaker: Arc<SageMaker>,
}

/// A sink on loopback that notes what comes, and what had been minted by then.
struct Sink {
    url: String,
    heard: Arc<Heard>,
}

impl Sink {
    fn start(mood: Mood, stand_ins: &StandIns) -> Self {
        let listener = studio_acs::server::bind(([127, 0, 0, 1], 0).into()).expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let sagemaker = Arc::clone(&stand_ins.sagemaker);
        let heard = Arc::new(Heard { mood: Mutex::new(mood), deliveries: Mutex::default(), sagemaker });
        let router = Router::new().fallback(hear).with_state(Arc::clone(&heard));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, heard }
    }

    fn is_now(&self, mood: Mood) {
        *self.heard.mood.lock().unwrap() = mood;
    }

    /// All that it took, in the order in which it came.
    fn text(&self) -> String {
        self.heard.deliveries.lock().unwrap().iter().map(|delivered| delivered.body.as_str()).collect()
    }

    fn records(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }
}

async fn hear(State(heard): State<Arc<Heard>>, request: Request<Body>) -> Response<Body> {
    let mints = heard.sagemaker.mints();
    let (head, body) = request.into_parts();
    let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
    let mood = *heard.mood.lock().unwrap();
    let asked_before = heard.deliveries.lock().unwrap().iter().filter(|at| at.path.contains("/ack")).count();
    let answer = |status: u16, body: String| Response::builder().status(status).body(Body::from(body)).unwrap();
    let path = head.uri.to_string();
    let answer = match mood {
        Mood::Hangs => std::future::pending().await,
        Mood::Status(status) => return answer(status, String::new()),
        Mood::Garbage => return answer(200, "<html>a captive portal</html>".to_owned()),
        Mood::Takes => answer(202, String::new()),
        Mood::Splunk if path.contains("/ack") => {
            let ack: Value = serde_json::from_str(&body).unwrap();
            answer(200, json!({"acks": {ack["acks"][0].to_string(): asked_before > 0}}).to_string())
        }
        Mood::Splunk => answer(200, json!({"text": "Success", "code": 0, "ackId": 7}).to_string()),
    };
    heard.deliveries.lock().unwrap().push(Delivered { path, headers: head.headers, body, mints });
    answer
}

struct Rig {
    sign_ins: SignIns,
    stand_ins: StandIns,
    secret: TestDir,
}

impl Rig {
    async fn start() -> Self {
        let profiles = Profiles::default().with(DOMAIN, "alice", Behaviour::Mint).with(DOMAIN, "bob", Behaviour::Deny);
        let stand_ins = StandIns::start(profiles).await;
        Self { sign_ins: SignIns::new(), stand_ins, secret: TestDir::with("secret", &format!("{SECRET}\n")) }
    }

    fn server(&self, more: &[&str]) -> Server {
        self.sign_ins.server(&[("SAGEMAKER", &self.stand_ins.endpoint)], more)
    }

    fn with_webhook(&self, url: &str, more: &[&str]) -> Server {
        let secret = format!("{}/secret", self.secret.path());
        let webhook = ["--audit-webhook", url, "--audit-webhook-secret", &secret];
        self.server(&[&webhook, more].concat())
    }

    async fn sign_in(&self, server: &Server, user: &str) -> u16 {
        server.post(&self.sign_ins.form(user)).await.status
    }
}

/// The lines of the log that are records.
fn records_of(log: &str) -> String {
    log.lines().filter(|line| line.contains("\"chain_uid\"")).map(|line| format!("{line}\n")).collect()
}

/// The command's exit status and output for these lines.
fn verified(lines: &str, more: &[&str]) -> (i32, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_studio-acs"))
        .args(["audit", "verify"])
        .args(more)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command runs");
    child.stdin.take().expect("standard input").write_all(lines.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("an end");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().expect("a status"), String::from_utf8(text).expect("UTF-8"))
}

fn assert_is_ocsf(record: &Value) {
    for required in ["activity_id", "category_uid", "class_uid", "type_uid", "severity_id", "time"] {
        assert!(record[required].is_u64(), "{required}: {record}");
    }
    assert!(record["metadata"]["version"].is_string() && record["metadata"]["product"]["name"].is_string(), "{record}");
    let (class, activity) = (record["class_uid"].as_u64().unwrap(), record["activity_id"].as_u64().unwrap());
    assert_eq!(record["type_uid"], class * 100 + activity);
    assert_eq!(record["category_uid"], class / 1000);
    let required: &[&str] = match class {
        3002 => &["user", "service"],
        6002 => &["app"],
        6003 => &["actor", "api", "src_endpoint", "resources"],
        _ => panic!("{record}"),
    };
    assert!(required.iter().all(|name| !record[name].is_null()), "{record}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_minted_is_on_record_first_and_what_came_of_it_afterwards() {
    let rig = Rig::start().await;
    let sink = Sink::start(Mood::Takes, &rig.stand_ins);
    let server = rig.with_webhook(&sink.url, &[]);
    assert_eq!(rig.sign_in(&server, "alice").await, 302);
    assert_eq!(rig.sign_in(&server, "bob").await, 403);

    let records = sink.records();
    records.iter().for_each(assert_is_ocsf);
    let kinds: Vec<_> = records.iter().map(|record| record["type_uid"].as_u64().unwrap()).collect();
    assert_eq!(kinds, [600_203, 300_201, 600_301, 600_301, 300_201, 600_301, 600_301]);
    let status = |place: usize| records[place]["status"].as_str().unwrap();
    assert_eq!([2, 3, 5, 6].map(status), ["Intent", "Success", "Intent", "Failure"]);
    assert_eq!(records[2]["api"]["operation"], "CreatePresignedDomainUrl");
    assert_eq!(records[2]["actor"]["user"]["name"], "alice");
    assert_eq!(records[2]["resources"][0]["uid"], format!("user-profile/{DOMAIN}/alice"));
    assert_eq!(records[6]["status_code"], "mint_denied");
    let correlated: BTreeSet<_> = records[1..4].iter().map(|r| r["metadata"]["correlation_uid"].to_string()).collect();
    assert_eq!(correlated.len(), 1);

    {
        let deliveries = sink.heard.deliveries.lock().unwrap();
        for delivered in deliveries.iter() {
            let intent_of_alice = delivered.body.contains("\"Intent\"") && delivered.body.contains("\"alice\"");
            assert!(!intent_of_alice || delivered.mints == 0, "minted before it was on record");
            let signature = delivered.headers["x-studio-acs-signature"].to_str().unwrap();
            let (seconds, tag) = signature.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
            let tag: Vec<_> =
                (0..tag.len()).step_by(2).map(|at| u8::from_str_radix(&tag[at..at + 2], 16).unwrap()).collect();
            let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
            hmac::verify(&key, format!("{seconds}.{}", delivered.body).as_bytes(), &tag).expect("our signature");
        }
    }
    let log = server.end();
    assert_eq!(records_of(&log), sink.text(), "the log has what the sink has");
    assert!(!log.contains(SECRET), "{log}");
    assert_eq!(verified(&log, &[]).0, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_required_sink_nothing_is_minted() {
    let rig = Rig::start().await;
    for mood in [Mood::Hangs, Mood::Status(500), Mood::Status(503), Mood::Status(302), Mood::Status(401)] {
        let sink = Sink::start(mood, &rig.stand_ins);
        let server = rig.with_webhook(&sink.url, &["--audit-timeout", "1"]);
        let begun = Instant::now();
        assert_eq!(rig.sign_in(&server, "alice").await, 503, "{mood:?}");
        assert!(begun.elapsed() < Duration::from_secs(4), "{mood:?}: {:?}", begun.elapsed());
        // Records that waited for the sink come once it is back, with nothing lost.
        sink.is_now(Mood::Takes);
        let status = rig.sign_in(&server, "nobody").await;
        assert_eq!(status, 404, "{mood:?} is over");
        let log = server.end();
        assert!(log.contains("\"code\":\"audit_unavailable\""), "{log}");
        assert_eq!(records_of(&log), sink.text(), "{mood:?}");
        assert_eq!(verified(&sink.text(), &[]).0, 0);
    }
    let server = rig.with_webhook(NOWHERE, &["--audit-timeout", "1"]);
    assert_eq!(rig.sign_in(&server, "alice").await, 503);
    for (sink, secret) in [("--audit-splunk", "--audit-splunk-token"), ("--audit-datadog", "--audit-datadog-key")] {
        let garbage = Sink::start(Mood::Garbage, &rig.stand_ins);
        let path = format!("{}/secret", rig.secret.path());
        let server = rig.server(&[sink, &garbage.url, secret, &path, "--audit-timeout", "1"]);
        assert_eq!(rig.sign_in(&server, "alice").await, 503, "{sink}");
        assert!(!server.end().contains(SECRET));
    }
    assert_eq!(rig.stand_ins.sagemaker.mints(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_best_effort_or_allowed_is_minted_and_flagged() {
    let rig = Rig::start().await;
    for (more, severity) in [(["--audit-required", "none"], 1), (["--audit-on-failure", "allow"], 4)] {
        let server = rig.with_webhook(NOWHERE, &more);
        assert_eq!(rig.sign_in(&server, "alice").await, 302, "{more:?}");
        let log = server.end();
        assert!(log.contains("the audit sink does not take records"), "{log}");
        assert!(log.contains("the record is not yet at every audit sink"), "{log}");
        let outcome: Value = serde_json::from_str(records_of(&log).lines().last().unwrap()).unwrap();
        assert_eq!(outcome["severity_id"], severity, "{more:?}");
        assert_eq!(outcome["unmapped"]["missed_sinks"] == json!(["webhook"]), severity == 4, "{outcome}");
    }
    assert_eq!(rig.stand_ins.sagemaker.mints(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_200_sign_ins_at_once_every_record_is_there_once_and_in_order() {
    let rig = Rig::start().await;
    let sink = Sink::start(Mood::Takes, &rig.stand_ins);
    let server = rig.with_webhook(&sink.url, &["--audit-timeout", "20"]);
    let mut posts = JoinSet::new();
    let begun = Instant::now();
    for _ in 0..200 {
        let (form, address) = (rig.sign_ins.form("alice"), server.address.clone());
        posts.spawn(async move { support::process::post(&address, &form).await.expect("an answer").status });
    }
    assert!(posts.join_all().await.into_iter().all(|status| status == 302));
    println!("200 sign-ins in {:?}, {} deliveries", begun.elapsed(), sink.heard.deliveries.lock().unwrap().len());
    assert_eq!(rig.stand_ins.sagemaker.mints(), 200);
    let log = server.end();
    assert_eq!(records_of(&log), sink.text());
    let records = sink.records();
    assert_eq!(records.len(), 1 + 3 * 200);
    assert!(records.iter().enumerate().all(|(place, record)| record["metadata"]["sequence"] == place));
    let count = |status: &str| {
        let calls = records.iter().filter(|record| record["class_uid"] == 6003 && record["status"] == status);
        calls.map(|record| record["metadata"]["correlation_uid"].to_string()).collect::<BTreeSet<_>>().len()
    };
    assert_eq!((count("Intent"), count("Success")), (200, 200));
    let report = verify(sink.text().as_bytes(), &VerifyRules::default()).expect("whole");
    assert_eq!((report.chains.values().copied().collect::<Vec<_>>(), report.repeated), (vec![601], 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn splunk_counts_once_it_has_indexed_and_datadog_once_it_has_accepted() {
    let rig = Rig::start().await;
    let (splunk, datadog) = (Sink::start(Mood::Splunk, &rig.stand_ins), Sink::start(Mood::Takes, &rig.stand_ins));
    let path = format!("{}/secret", rig.secret.path());
    let splunk_flags = ["--audit-splunk", &splunk.url, "--audit-splunk-token", &path];
    let datadog_flags = ["--audit-datadog", &datadog.url, "--audit-datadog-key", &path];
    let server = rig.server(&[splunk_flags, datadog_flags].concat());
    assert_eq!(rig.sign_in(&server, "alice").await, 302);
    let log = server.end();
    {
        let heard = splunk.heard.deliveries.lock().unwrap();
        let paths: Vec<_> = heard.iter().take(3).map(|delivered| delivered.path.split('?').next().unwrap()).collect();
        assert_eq!(paths[..2], ["/services/collector/event", "/services/collector/ack"]);
        assert_eq!(heard[0].headers["authorization"], format!("Splunk {SECRET}"));
        assert_eq!(heard[0].headers["x-splunk-request-channel"].len(), 36);
        assert!(heard[..2].iter().all(|delivered| delivered.mints == 0), "indexed before it is minted");
        let event: Value = serde_json::from_str(heard[0].body.lines().next().unwrap()).unwrap();
        assert_eq!(event["event"]["class_uid"], 6002);
    }
    let heard = datadog.heard.deliveries.lock().unwrap();
    assert_eq!((heard[0].path.as_str(), &heard[0].headers["dd-api-key"]), ("/api/v2/logs", &SECRET.parse().unwrap()));
    let lines: String = heard
        .iter()
        .flat_map(|delivered| serde_json::from_str::<Vec<Value>>(&delivered.body).unwrap())
        .map(|entry| format!("{}\n", entry["ocsf"]))
        .collect();
    assert_eq!(lines, records_of(&log));
    assert!(!log.contains(SECRET));
}

#[tokio::test(flavor = "multi_thread")]
async fn sumo_logic_is_reached_at_a_url_that_nobody_sees() {
    let rig = Rig::start().await;
    let sink = Sink::start(Mood::Status(200), &rig.stand_ins);
    let place = TestDir::with("url", &format!("{}/receiver/v1/http/{SECRET}\n", sink.url));
    let server = rig.server(&["--audit-sumo-logic", &format!("{}/url", place.path())]);
    assert_eq!(rig.sign_in(&server, "alice").await, 302);
    assert!(!server.end().contains(SECRET));
    let wrong = TestDir::with("url", SECRET);
    let mut command = Command::new(program());
    let flags = ["serve", "--listen", "127.0.0.1:0", "--audit-sumo-logic", &format!("{}/url", wrong.path())];
    let output =
        command.args(flags).env_clear().envs(rig.sign_ins.environment(&[])).output().expect("the command runs");
    let text = String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8");
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(
        text.contains("the secret of the sink sumo-logic: it is not a URL of https, or http on loopback"),
        "{text}"
    );
    assert!(!text.contains(SECRET), "{text}");
}

fn pem(what: &str, der: &[u8]) -> String {
    let base64 = STANDARD.encode(der);
    let lines: Vec<_> = base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {what}-----\n{}\n-----END {what}-----\n", lines.join("\n"))
}

/// An HTTPS server that takes every POST: its port, and then each body, on standard output.
const HTTPS: &str = "
import http.server, ssl, sys
class Taker(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        sys.stdout.write(self.rfile.read(int(self.headers['content-length'])).decode())
        sys.stdout.flush()
        self.send_response(200)
        self.send_header('content-length', '0')
        self.end_headers()
    def log_message(self, *_): pass
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Taker)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1] + '/certificate.pem', sys.argv[1] + '/key.pem')
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
";

#[tokio::test(flavor = "multi_thread")]
async fn by_https_records_go_to_whom_a_root_vouches_for_and_to_nobody_else() {
    let rig = Rig::start().await;
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let files = TestDir::with("certificate.pem", &pem("CERTIFICATE", certified.cert.der()));
    std::fs::write(format!("{}/key.pem", files.path()), pem("PRIVATE KEY", &certified.signing_key.serialize_der()))
        .expect("a file");
    let mut taker =
        Command::new("python3").args(["-c", HTTPS, files.path()]).stdout(Stdio::piped()).spawn().expect("python3 runs");
    let mut lines = BufReader::new(taker.stdout.take().expect("standard output")).lines();
    let port = lines.next().expect("a line").expect("a port");
    let url = |host: &str| format!("https://{host}:{port}/records");
    let secret = format!("{}/secret", rig.secret.path());
    let root = format!("{}/certificate.pem", files.path());
    let root = [("SSL_CERT_FILE", root.as_str())];
    for (host, told, status) in [("localhost", &root[..], 302), ("127.0.0.1", &root, 503), ("localhost", &[], 503)] {
        let aws = [("SAGEMAKER", rig.stand_ins.endpoint.as_str())];
        let webhook = ["--audit-webhook", &url(host), "--audit-webhook-secret", &secret];
        let server = rig.sign_ins.server_told(&aws, told, &webhook);
        assert_eq!(rig.sign_in(&server, "alice").await, status, "{host} {told:?}");
    }
    taker.kill().expect("it runs");
    taker.wait().expect("an end");
    let taken: String = lines.map(|line| line.expect("text") + "\n").collect();
    let report = verify(taken.as_bytes(), &VerifyRules::default()).expect("whole");
    assert_eq!(report.chains.values().copied().collect::<Vec<_>>(), [4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_record_is_found() {
    let rig = Rig::start().await;
    let server = rig.server(&[]);
    assert_eq!(rig.sign_in(&server, "alice").await, 302);
    assert_eq!(rig.sign_in(&server, "alice").await, 302);
    let log = server.end();
    let whole = records_of(&log);
    let lines: Vec<_> = whole.lines().collect();
    assert_eq!(lines.len(), 7);
    let joined = |lines: &[&str]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
    let found = |lines: &[&str]| match verify(joined(lines).as_bytes(), &VerifyRules::default()) {
        Err(VerifyError::Broken(broken)) => Some(broken),
        Ok(_) => None,
        Err(error) => panic!("{error}"),
    };

    assert_eq!(found(&lines), None);
    let mut repeated = lines.clone();
    repeated.insert(3, lines[1]);
    assert_eq!(found(&repeated), None, "a delivery may be repeated");
    for place in 0..lines.len() {
        for (from, to) in [("alice", "admin"), ("\"time\":1", "\"time\":2"), ("studio-acs", "studio-acz")] {
            let altered = lines[place].replacen(from, to, 1);
            let mut with = lines.clone();
            with[place] = &altered;
            let is_altered =
                matches!(found(&with), Some(Break::Altered { line, .. }) if line == u64::try_from(place).unwrap() + 1);
            assert!(is_altered || altered == lines[place], "{place}: {altered}");
        }
        let twice = lines[place].replacen('{', "{\"activity_id\":9,", 1);
        let mut with = lines.clone();
        with[place] = &twice;
        assert!(matches!(found(&with), Some(Break::Altered { .. })), "a name twice");
        if place + 1 < lines.len() {
            let without = [&lines[..place], &lines[place + 1..]].concat();
            assert!(
                matches!(found(&without), Some(Break::Missing { expected, .. }) if expected == u64::try_from(place).unwrap())
            );
            let mut swapped = lines.clone();
            swapped.swap(place, place + 1);
            assert!(
                matches!(found(&swapped), Some(Break::OutOfOrder { expected, .. }) if expected == u64::try_from(place).unwrap())
            );
            assert_eq!(verified(&joined(&swapped), &["--unordered"]).0, 0);
        }
    }
    let (status, text) = verified(&joined(&lines[1..]), &[]);
    assert!(status == 1 && text.contains("record 0") && text.contains("missing"), "{status} {text}");
    let (status, text) = verified(&log, &[]);
    assert!(status == 0 && text.contains("7 records"), "{status} {text}");
    assert_eq!(verified("no record\n", &[]).0, 2);
}
