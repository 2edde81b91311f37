//! Every kind of record, field for field, as `records.json` has it.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use parts::identities::{of_an_access_token, of_an_assertion};
use serde_json::Value;
use studio_acs_identity::{Protocol, RoleArn};
use studio_acs_log::Log;

use super::rig::{Mint, Paper, Stream, now, request, terms};
use crate::verify::{VerifyRules, verify};
use crate::{ApprovalStep, AuditLog, AuditRules, Ending, Facts, Person, RefusedSignIn, SealKey, StepKind};

/// All that a record of a mint may say.
fn full(facts: Facts) -> Facts {
    Facts {
        person: Person::of(&of_an_assertion()),
        team: Some("fraud".to_owned()),
        policies: vec!["permit-1".to_owned(), "four-eyes".to_owned()],
        ticket_number: Some("CHG0042".to_owned()),
        approved: Some(("bo@example.com".to_owned(), terms())),
        source_ip: Some("192.0.2.7".to_owned()),
        deep_link: Some("notebooks".to_owned()),
        space: Some("shared".to_owned()),
        landing: Some("app:JupyterLab:".to_owned()),
        ..facts
    }
}

/// In another account and region than the service's.
fn elsewhere(facts: Facts) -> Facts {
    Facts {
        person: Person::of(&of_an_access_token()),
        api_client_ip: Some("198.51.100.4".to_owned()),
        region: Some("eu-west-1".to_owned()),
        role: RoleArn::parse("arn:aws:iam::444455556666:role/mint"),
        ..facts
    }
}

/// Returns `records` as a chain of this role has them: its name, version and fingerprints stand apart.
async fn records_of(name: &str, role: Option<&str>, record: impl AsyncFnOnce(&AuditLog)) -> (String, Vec<Value>) {
    let paper = Paper::default();
    let (role, sdk) = (role.and_then(RoleArn::parse), Stream::new([]).sdk());
    let audit_log = AuditLog::start(AuditRules::log_alone(), &sdk, role.as_ref(), Log::to(paper.clone()), now)
        .expect("an audit log");
    record(&audit_log).await;
    let report = verify(paper.text().as_bytes(), &VerifyRules::default()).expect("whole");
    let chain = report.chains.keys().next().expect("a chain");
    let text = paper.text().replace(chain, "CHAIN").replace(&format!("{:?}", env!("CARGO_PKG_VERSION")), "\"VERSION\"");
    let mut records: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    for record in &mut records {
        let unmapped = record["unmapped"].as_object_mut().expect("an object");
        assert_eq!(unmapped.remove("attestation_list").expect("a list").as_array().expect("a list").len(), 1);
    }
    // The first one is the process's own.
    if name == "a start" {
        records.truncate(1)
    } else {
        drop(records.remove(0))
    }
    (name.to_owned(), records)
}

async fn mint(audit_log: &AuditLog, more: Option<fn(Facts) -> Facts>, ending: Ending) {
    let (_, open) = audit_log.record_intent(Mint { more }, "c-1", now()).await.expect("on record");
    audit_log.record_outcome(open, ending, now()).await;
}

async fn step(audit_log: &AuditLog, step: ApprovalStep<'_>, ending: Ending) {
    let open = audit_log.record_step(&step, "c-2", now()).await.expect("on record");
    audit_log.record_outcome(open, ending, now()).await;
}

/// Refuses the same so often at once, and tells what was counted.
async fn refuse_often(audit_log: &AuditLog, refused: RefusedSignIn<'_>, times: usize) {
    for _ in 0..times {
        audit_log.record_refusal(&refused, now()).await;
    }
    audit_log.flush(Duration::ZERO, now()).await;
}

fn of_a_user(person: &Person) -> RefusedSignIn<'_> {
    RefusedSignIn {
        correlation: "c-3",
        stage: "policy",
        code: "policy_denied",
        reason: "the policy says no".to_owned(),
        protocol: Protocol::Saml,
        person: Some(person),
        claimed_issuer: "",
        source_ip: Some([192, 0, 2, 7].into()),
        entry: ["prod", "ana", "d-abcdefghijkl"],
        policies: POLICIES.as_slice(),
    }
}

static POLICIES: LazyLock<[String; 1]> = LazyLock::new(|| ["weekdays".to_owned()]);

fn of_a_token(person: &Person) -> RefusedSignIn<'_> {
    RefusedSignIn {
        stage: "ledger",
        code: "unknown_user",
        reason: "no entry".to_owned(),
        protocol: Protocol::Jwt,
        source_ip: Some([198, 51, 100, 4].into()),
        entry: [""; 3],
        policies: &[],
        ..of_a_user(person)
    }
}

fn rejected(protocol: Protocol) -> RefusedSignIn<'static> {
    RefusedSignIn {
        correlation: "c-4",
        stage: "signature",
        code: "signature_invalid",
        reason: "another key".to_owned(),
        protocol,
        person: None,
        claimed_issuer: "https://idp.example/",
        source_ip: Some([203, 0, 113, 9].into()),
        entry: [""; 3],
        policies: &[],
    }
}

fn not_done() -> Ending {
    Ending::NotDone { code: "mint_denied", reason: "AWS said no".to_owned() }
}

fn unknown() -> Ending {
    Ending::Unknown { code: "mint_failed", reason: "no answer in time".to_owned() }
}

#[tokio::test(start_paused = true)]
async fn each_record_has_the_fields_that_are_promised() {
    let who = of_an_assertion();
    let decision =
        |kind| ApprovalStep { kind, requested_by: "ana@example.com", ticket_number: Some("CHG0042"), ..request(&who) };
    let (user, holder) = (Person::of(&who), Person::of(&of_an_access_token()));
    let role = "arn:aws-us-gov:iam::111122223333:role/mint";
    let found: BTreeMap<_, _> = [
        records_of("a start", None, async |log| mint(log, None, Ending::Done).await).await,
        records_of("a mint with all facts", None, async |log| mint(log, Some(full), Ending::Done).await).await,
        records_of("a mint with the least", Some(role), async |log| mint(log, None, not_done()).await).await,
        records_of("a mint elsewhere", Some(role), async |log| mint(log, Some(elsewhere), unknown()).await).await,
        records_of("a request", None, async |log| step(log, request(&who), Ending::Done).await).await,
        records_of("an approval", None, async |log| step(log, decision(StepKind::Approve), unknown()).await).await,
        records_of("a denial", None, async |log| step(log, decision(StepKind::Deny), not_done()).await).await,
        records_of("refusals of a user", None, async |log| refuse_often(log, of_a_user(&user), 12).await).await,
        records_of("a refusal of a token's user", None, async |log| refuse_often(log, of_a_token(&holder), 1).await)
            .await,
        records_of("rejected responses", None, async |log| refuse_often(log, rejected(Protocol::Saml), 3).await).await,
        records_of("a rejected token", None, async |log| refuse_often(log, rejected(Protocol::Jwt), 1).await).await,
    ]
    .into();
    let expected: BTreeMap<String, Vec<Value>> = serde_json::from_str(include_str!("records.json")).expect("JSON");
    for (name, records) in &found {
        let shown = serde_json::to_string_pretty(records).expect("JSON");
        assert_eq!(expected.get(name), Some(records), "{name}: {shown}");
    }
    assert_eq!(found.len(), expected.len());
}

#[tokio::test(start_paused = true)]
async fn records_follow_each_other_and_are_sealed_by_the_key_that_is_set() {
    let key = SealKey::new(&"k".repeat(32)).expect("a key");
    for seal_key in [None, Some(key.clone())] {
        let (paper, sdk) = (Paper::default(), Stream::new([]).sdk());
        let rules = AuditRules { seal_key: seal_key.clone(), ..AuditRules::log_alone() };
        let audit_log = AuditLog::start(rules, &sdk, None, Log::to(paper.clone()), now).expect("an audit log");
        mint(&audit_log, None, Ending::Done).await;
        mint(&audit_log, None, not_done()).await;
        let records = paper.records();
        let attestations: Vec<_> = records.iter().map(|record| &record["unmapped"]["attestation_list"][0]).collect();
        assert_eq!(attestations[0]["prev_event"], Value::Null);
        for (before, after) in attestations.iter().zip(&attestations[1..]) {
            assert_eq!(before["fingerprint"], after["prev_event"]["fingerprint"]);
            assert_eq!(before["chain_uid"], after["chain_uid"]);
        }
        let fingerprint = attestations[0]["fingerprint"].as_object().expect("an object");
        let told =
            ["algorithm", "algorithm_id", "encoding_id", "serialization_id"].map(|name| fingerprint[name].to_string());
        assert_eq!(told, ["\"SHA-256\"", "3", "1", "2"]);
        for (line, attestation) in paper.text().lines().zip(&attestations) {
            // The hash is of the line without its own fingerprint and seal.
            let mut record: Value = serde_json::from_str(line).expect("JSON");
            let own = record["unmapped"]["attestation_list"][0].as_object_mut().expect("an object");
            let (fingerprint, seal) = (own.remove("fingerprint").expect("a fingerprint"), own.remove("seal"));
            record.sort_all_objects();
            let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, record.to_string().as_bytes());
            let value = studio_acs_refusal::hex(digest.as_ref());
            assert_eq!(fingerprint["value"], value);
            assert_eq!(seal, seal_key.as_ref().map(|key| key.seal(&value)), "{attestation}");
        }
        let seal_keys = seal_key.into_iter().collect();
        let report =
            verify(paper.text().as_bytes(), &VerifyRules { seal_keys, ..VerifyRules::default() }).expect("whole");
        assert_eq!((report.mints, report.chains.values().copied().collect::<Vec<_>>()), (1, vec![7]));
    }
}
