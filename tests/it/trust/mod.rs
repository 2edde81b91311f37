//! Metadata that is read again while the service runs: from files, and from moto's parameters and secrets.

mod end;
mod removal;

use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_sdk_ssm::types::{ParameterTier, ParameterType};
use studio_acs::trust::{CurrentTrust, TrustError};
use studio_acs_aws::RefreshRules;
use studio_acs_aws::Source;
use studio_acs_refusal::instant;
use studio_acs_saml::{ServiceProvider, UnverifiedResponse};
use studio_acs_standins::idp::{Claim, DevIdp, PASSWORD};
use support::moto::Moto;
use support::process::{ACS_URL, AUDIENCE, NOWHERE};
use support::{TestDir, logged, moto};
use time::UtcDateTime;

const EVERY: RefreshRules =
    RefreshRules { every: Some(Duration::from_secs(300)), max_age: Some(Duration::from_secs(3_600)) };

fn at(seconds: i64) -> UtcDateTime {
    instant::parse("2026-11-21T12:00:00Z").expect("a time") + time::Duration::seconds(seconds)
}

async fn trust(sources: Vec<Source>, endpoint: &str, rules: RefreshRules) -> Result<CurrentTrust, TrustError> {
    let us = ServiceProvider::new(AUDIENCE, vec![ACS_URL.to_owned()]);
    CurrentTrust::of(sources, &moto::sdk(endpoint), us, rules, at(0)).await
}

async fn issuers(trust: &CurrentTrust, now: UtcDateTime) -> Vec<String> {
    trust.get(now).await.verifier.idps().iter().map(|idp| idp.entity_id().to_owned()).collect()
}

fn idp(issuer: &str) -> DevIdp {
    DevIdp::new(issuer).expect("an identity provider")
}

fn metadata(issuer: &str) -> String {
    idp(issuer).metadata()
}

/// The result of a response of this identity provider, issued and posted at `now`.
async fn by(trust: &CurrentTrust, idp: &DevIdp, now: UtcDateTime) -> &'static str {
    let claim = Claim {
        user: "alice".to_owned(),
        domain: "d-abc123".to_owned(),
        audience: AUDIENCE.to_owned(),
        acs_url: ACS_URL.to_owned(),
        issued: now,
        session: time::Duration::hours(12),
        groups: Vec::new(),
        authenticated: now,
        method: PASSWORD.to_owned(),
        attributes: Vec::new(),
    };
    let response = UnverifiedResponse::from_xml(idp.respond(&claim).expect("a response").into_bytes()).expect("UTF-8");
    let verified = trust.get(now).await.verifier.verify(response, None, now, &mut ());
    verified.map_or_else(|rejection| rejection.code(), |_| "accepted")
}

/// These documents in one.
fn aggregate(attributes: &str, documents: &[&str]) -> String {
    let inner: String = documents.iter().map(|text| text.split_once("?>").map_or(*text, |(_, rest)| rest)).collect();
    format!(
        "<EntitiesDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\"{attributes}>{inner}</EntitiesDescriptor>"
    )
}

fn valid_until(metadata: &str, until: UtcDateTime) -> String {
    metadata.replacen(" entityID", &format!(" validUntil=\"{}\" entityID", instant::format(until)), 1)
}

/// A certificate that cannot be read.
fn broken(metadata: &str) -> String {
    metadata.replace("X509Certificate>M", "X509Certificate>!")
}

/// A directory of metadata.
struct Folder(TestDir);

impl Folder {
    fn of(files: &[(&str, &str)]) -> Self {
        let folder = Self(TestDir::with("README", ""));
        files.iter().for_each(|(name, text)| folder.write(name, text));
        folder
    }

    fn file(&self, name: &str) -> PathBuf {
        Path::new(self.0.path()).join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.file(name), text).expect("a file");
    }

    fn remove(&self, name: &str) {
        std::fs::remove_file(self.file(name)).expect("a file");
    }

    fn path(&self) -> PathBuf {
        self.0.path().into()
    }

    async fn trust(&self, rules: RefreshRules) -> CurrentTrust {
        trust(vec![Source::Path(self.path())], NOWHERE, rules).await.expect("trust")
    }
}

/// A stand-in for AWS.
async fn stand_in(router: axum::Router) -> String {
    let listener = studio_acs::server::bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    endpoint
}

#[tokio::test]
async fn what_changed_is_trusted_after_the_interval_and_what_nobody_can_read_changes_nothing() {
    let folder = Folder::of(&[("idp.xml", &metadata("https://one.example"))]);
    let trust = folder.trust(EVERY).await;
    assert_eq!(issuers(&trust, at(0)).await, ["https://one.example"]);

    folder.write("idp.xml", &metadata("https://two.example"));
    assert_eq!(issuers(&trust, at(299)).await, ["https://one.example"]);
    let (found, log) = logged(issuers(&trust, at(300))).await;
    assert_eq!(found, ["https://two.example"]);
    assert!(log.contains("the metadata has changed") && log.contains("https://two.example"), "{log}");

    for unreadable in ["", "<EntityDescriptor/>", &metadata("https://three.example")[..200]] {
        folder.write("idp.xml", unreadable);
        let (found, log) = logged(issuers(&trust, next_due())).await;
        assert_eq!(found, ["https://two.example"], "{unreadable}");
        assert!(log.contains("\"level\":\"ERROR\"") && log.contains("the last good one stays"), "{log}");
    }
    folder.write("idp.xml", &metadata("https://three.example"));
    assert_eq!(issuers(&trust, at(3_059)).await, ["https://two.example"], "not at once again");
    assert_eq!(issuers(&trust, at(3_060)).await, ["https://three.example"]);

    folder.write("idp.xml", &metadata("https://four.example"));
    assert_eq!(issuers(&trust, at(3_061)).await, ["https://three.example"]);
    assert_eq!(issuers(&trust, at(50)).await, ["https://four.example"], "the clock was set back");
}

/// A time at which the metadata is due, later at each call.
fn next_due() -> UtcDateTime {
    static NEXT: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(1000);
    at(NEXT.fetch_add(1000, std::sync::atomic::Ordering::SeqCst))
}

#[tokio::test]
async fn without_an_interval_it_is_read_once() {
    let dir = TestDir::with("idp.xml", &metadata("https://one.example"));
    let trust = trust(vec![Source::Path(dir.path().into())], NOWHERE, RefreshRules::NEVER).await.expect("trust");
    std::fs::write(std::path::Path::new(dir.path()).join("idp.xml"), metadata("https://two.example")).expect("a file");
    assert_eq!(issuers(&trust, at(1_000_000)).await, ["https://one.example"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_is_a_parameter_or_a_secret() {
    let moto = Moto::start();
    let (ssm, secrets) = (aws_sdk_ssm::Client::new(&moto.sdk()), aws_sdk_secretsmanager::Client::new(&moto.sdk()));
    let put = async |name: &str, issuer: &str, kind: ParameterType| {
        let value = metadata(issuer);
        let put = ssm.put_parameter().name(name).value(value).r#type(kind).tier(ParameterTier::Advanced);
        put.overwrite(true).send().await.expect("a parameter");
    };
    put("/studio-acs/idp", "https://one.example", ParameterType::String).await;
    put("/studio-acs/other", "https://secure.example", ParameterType::SecureString).await;
    secrets
        .create_secret()
        .name("studio-acs/idp")
        .secret_string(metadata("https://secret.example"))
        .send()
        .await
        .expect("a secret");
    let sources = ["ssm:/studio-acs/idp", "ssm:/studio-acs/other", "secretsmanager:studio-acs/idp"];
    let sources = sources.map(|source| Source::parse(source).expect("a source")).to_vec();
    let trust_of_all = trust(sources, &moto.endpoint, EVERY).await.expect("trust");
    let all = ["https://one.example", "https://secret.example", "https://secure.example"];
    assert_eq!(issuers(&trust_of_all, at(0)).await, all);

    put("/studio-acs/idp", "https://another.example", ParameterType::String).await;
    let all = ["https://another.example", "https://secret.example", "https://secure.example"];
    assert_eq!(issuers(&trust_of_all, at(300)).await, all);
    // A deleted parameter says that it does not exist.
    ssm.delete_parameter().name("/studio-acs/other").send().await.expect("a parameter");
    let all = ["https://another.example", "https://secret.example"];
    assert_eq!(issuers(&trust_of_all, at(600)).await, all);
    drop(moto);
    let (found, log) = logged(issuers(&trust_of_all, at(900))).await;
    assert_eq!(found, all, "the last good one stays");
    assert!(log.contains("cannot be read again"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_cannot_be_read_stops_the_start_with_its_name() {
    let moto = Moto::start();
    for (source, endpoint, words) in [
        ("ssm:/nobody", moto.endpoint.as_str(), "ssm:/nobody: ParameterNotFound"),
        ("secretsmanager:nobody", &moto.endpoint, "secretsmanager:nobody: ResourceNotFoundException"),
        ("ssm:/somebody", NOWHERE, "ssm:/somebody: no connection"),
        ("/nowhere/idp.xml", NOWHERE, "/nowhere/idp.xml: No such file"),
    ] {
        let sources = vec![Source::parse(source).expect("a source")];
        let error = trust(sources, endpoint, EVERY).await.map(|_| ()).expect_err(source).to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_while_it_is_read_again_waits_for_it() {
    use axum::extract::State;
    use std::sync::{Arc, Mutex};

    // Parameters that take their time, so that four come while the first one reads.
    let parameter = Arc::new(Mutex::new(metadata("https://one.example")));
    let answer = async |State(parameter): State<Arc<Mutex<String>>>| {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let value = parameter.lock().expect("no panic").clone();
        serde_json::json!({"Parameter": {"Name": "idp", "Type": "String", "Value": value}}).to_string()
    };
    let endpoint = stand_in(axum::Router::new().fallback(answer).with_state(Arc::clone(&parameter))).await;

    let trust = trust(vec![Source::Parameter("idp".to_owned())], &endpoint, EVERY).await.expect("trust");
    *parameter.lock().expect("no panic") = metadata("https://two.example");
    let now = at(100_000);
    let (a, b, c, d) =
        tokio::join!(issuers(&trust, now), issuers(&trust, now), issuers(&trust, now), issuers(&trust, now));
    assert!([a, b, c, d].iter().all(|issuers| issuers == &["https://two.example"]), "nobody goes by the old one");
}
