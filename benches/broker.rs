//! The broker's cost on top of a warm sign-in, without the network: beside the SAML verification's own cost in the same
//! run.

#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::print_stdout, clippy::unwrap_used)]
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions)]

use std::hint::black_box;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fixtures::manifest;
use fixtures::stopwatch::{Contestant, compare};
use studio_acs::config::Config;
use studio_acs_audit::{AuditLog, AuditRules, Ending};
use studio_acs_broker::Mint;
use studio_acs_broker::{Authorizer, Destination, Grant, RateRules, Rates, ReplayGuard, RequestContext};
use studio_acs_identity::{Identity, IdentityRules};
use studio_acs_ledger::{Ledger, LedgerRules, LedgerSource, Principal};
use studio_acs_log::{Log, Output};
use studio_acs_policy::{Policies, SHIPPED, Zone};
use studio_acs_refusal::instant;
use studio_acs_saml::{ServiceProvider, TrustedIdps, UnverifiedResponse, Verifier};

const LEDGER: &str = "benches/ledger.toml";

fn main() {
    let row = manifest::rows("library").into_iter().find(|row| row.name == "accept/identity-center").expect("the row");
    let xml = String::from_utf8(manifest::read(row.file.as_ref().expect("a file"))).expect("UTF-8");
    let value = STANDARD.encode(&xml);
    let metadata = String::from_utf8(manifest::read(&row.metadata)).expect("UTF-8");
    let at = instant::parse(&row.at).expect("a time");
    let idps = TrustedIdps::from_metadata(&metadata, at).expect("metadata");
    let verifier = Verifier::new(idps, ServiceProvider::new(row.audience.as_str(), vec![row.acs_url.clone()]));
    let verify = || {
        let response = UnverifiedResponse::from_base64(value.as_bytes()).expect("base64");
        verifier.verify(response, None, at, &mut ()).expect("accepted")
    };

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let sdk =
        SdkConfig::builder().behavior_version(BehaviorVersion::latest()).region(Region::new("eu-central-1")).build();
    let rules = identity_rules();
    let identity = Identity::of(&verify(), &rules, &mut ()).expect("an identity");
    let source = LedgerSource::parse(LEDGER).expect("a source");
    let (minute, hour) = (Duration::from_secs(60), Duration::from_secs(3_600));
    let ledger = LedgerRules { source, refresh: hour, max_age: hour, timeout: minute, capacity: 10 };
    let ledger = runtime.block_on(Ledger::start(ledger, &sdk, at)).expect("a ledger");
    let shipped = |names: &[&str]| {
        let files = SHIPPED.iter().filter(|(name, _)| names.contains(name));
        let files: Vec<_> = files.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Policies::parse(&files, Zone::default()).expect("policies")
    };
    let authorizer = Authorizer::new(shipped(&["default"]), Vec::new(), 3_600);
    let rates = Rates::in_memory(RateRules { per_user: u32::MAX, global: u32::MAX, alert_at: 0 });
    let silent = AuditRules { timeout: minute, ..AuditRules::log_alone() };
    let audit_log = {
        let _inside = runtime.enter();
        AuditLog::start(silent, &sdk, None, Log::to(Taker), move || at).expect("an audit log")
    };
    let names = studio_acs_identity::Names::OneIssuer;
    let principal = Principal::of(&identity, names);
    let context = RequestContext {
        source_ip: None,
        vpc_endpoint: None,
        vpc: None,
        urls_this_minute: None,
        ticket_number: None,
        names,
    };

    let claim = || {
        // A memory of its own for each run: the same identity is new to it.
        let replay_guard = ReplayGuard::in_memory(10, time::Duration::ZERO, None);
        runtime.block_on(replay_guard.claim(&identity, "bench", at)).expect("new")
    };
    let entitle = || runtime.block_on(ledger.entitlements(&principal, at)).expect("entitled").remove(0);
    let permit = || {
        let entitlement = entitle();
        let destination = Destination::of(&entitlement, None);
        authorizer.authorize(claim(), entitlement, destination, &context, None, at).expect("authorized")
    };
    let grant = || runtime.block_on(Grant::of(permit(), &rates, names, at)).expect("within the rate");
    let record = || {
        let (recorded, open) =
            runtime.block_on(audit_log.record_intent(Mint(grant()), "bench", at)).expect("on record");
        runtime.block_on(audit_log.record_outcome(open, Ending::Done, at));
        recorded
    };
    compare(
        "one sign-in, without the network",
        &mut [
            Contestant::new("SAML: response to assertion", || {
                black_box(verify());
            }),
            Contestant::new("the broker: identity to recorded mint", || {
                black_box(record());
            }),
            Contestant::new("  of which once only", || {
                black_box(claim());
            }),
            Contestant::new("  of which the ledger", || {
                black_box(entitle());
            }),
            Contestant::new("  once only, ledger and policy", || {
                black_box(permit());
            }),
            Contestant::new("  and the rate", || {
                black_box(grant());
            }),
        ],
    );
    let every: Vec<_> = SHIPPED.iter().map(|(name, _)| *name).collect();
    compare(
        "at start",
        &mut [
            Contestant::new("the default policy", || {
                black_box(shipped(&["default"]));
            }),
            Contestant::new("every shipped policy", || {
                black_box(shipped(&every));
            }),
            Contestant::new("the ledger's text", || {
                let source = LedgerSource::parse(LEDGER).expect("a source");
                let rules = LedgerRules { source, refresh: hour, max_age: hour, timeout: minute, capacity: 10 };
                black_box(runtime.block_on(Ledger::start(rules, &sdk, at)).expect("a ledger"));
            }),
        ],
    );
}

/// Takes each record at once, as a pipe does that is read.
struct Taker;

impl Output for Taker {
    fn write_at_once(&self, bytes: &[u8]) -> usize {
        black_box(bytes).len()
    }

    fn write(&self, bytes: &[u8]) -> std::io::Result<usize> {
        Ok(bytes.len())
    }
}

/// The attributes as they are called without settings of one's own, and a ledger.
fn identity_rules() -> IdentityRules {
    let required = [("metadata", "."), ("audience", "us"), ("acs-url", "https://us.example/saml"), ("ledger", LEDGER)];
    let config = Config::read(|setting| {
        required.iter().find(|(name, _)| *name == setting.name).map(|(_, value)| (*value).to_owned())
    });
    config.expect("settings").identity
}
