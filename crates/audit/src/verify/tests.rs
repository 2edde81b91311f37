mod processes;
mod verdicts;

use serde_json::{Map, Value, json};
use time::UtcDateTime;

use super::{Break, Report, VerifyError, VerifyRules, verify};
use crate::chain::{Chain, canonical, hash};
use crate::event::Event;
use crate::seal::SealKey;

/// A key of this letter.
fn key(letter: &str) -> SealKey {
    SealKey::new(&letter.repeat(32)).expect("a key")
}

fn event(message: &str) -> Event {
    let fields = Map::from_iter([("message".to_owned(), message.into())]);
    Event { fields, time: UtcDateTime::UNIX_EPOCH.unix_timestamp(), correlation: String::new(), unmapped: Map::new() }
}

/// A chain of so many records.
fn chain(records: usize, seal_key: Option<SealKey>) -> Vec<String> {
    let mut chain = Chain::new(seal_key).expect("randomness");
    (0..records).map(|number| chain.append(event(&format!("event {number}"))).text.to_string()).collect()
}

fn found_by(lines: &[String], seal_keys: &[SealKey]) -> Result<Report, Break> {
    let rules = VerifyRules { seal_keys: seal_keys.to_vec(), ..VerifyRules::default() };
    verify(lines.join("\n").as_bytes(), &rules).map_err(|error| match error {
        VerifyError::Broken(broken) => broken,
        error => panic!("{error}"),
    })
}

/// The records with other messages, each with the right fingerprint, and sealed by `seal_key`; the old seals without one.
fn rewritten(lines: &[String], seal_key: Option<&SealKey>) -> Vec<String> {
    let mut last: Option<Value> = None;
    let rewrite = |line: &String| {
        let mut record: Value = serde_json::from_str(line).expect("JSON");
        record["message"] = "another event".into();
        let mut attestation = record["unmapped"]["attestation_list"][0].take();
        let (mut fingerprint, mut seal) = (attestation["fingerprint"].take(), attestation["seal"].take());
        attestation.as_object_mut().expect("an object").retain(|name, _| name != "fingerprint" && name != "seal");
        if let Some(last) = &last {
            attestation["prev_event"]["fingerprint"] = last.clone();
        }
        record["unmapped"]["attestation_list"][0] = attestation.clone();
        let digest = hash(&canonical(record.as_object().expect("an object")));
        fingerprint["value"] = digest.clone().into();
        if let Some(key) = seal_key {
            seal = key.seal(&digest);
        }
        last = Some(fingerprint.clone());
        attestation["fingerprint"] = fingerprint;
        if !seal.is_null() {
            attestation["seal"] = seal;
        }
        record["unmapped"]["attestation_list"][0] = attestation;
        canonical(record.as_object().expect("an object"))
    };
    lines.iter().map(rewrite).collect()
}

#[test]
fn a_chain_that_is_written_again_without_the_key_is_noticed() {
    let ours = key("k");
    let lines = chain(3, Some(ours.clone()));
    assert!(found_by(&lines, &[]).is_ok() && found_by(&lines, std::slice::from_ref(&ours)).is_ok());
    let id = found_by(&lines, &[]).expect("whole").chains.into_keys().next().expect("a chain");

    // The old seals, or none, or those of another key; one that pretends to be ours.
    let old_seals = rewritten(&lines, None);
    let unsealed = rewritten(&chain(3, None), None);
    let by_another = rewritten(&lines, Some(&key("l")));
    let pretended: Vec<_> = by_another.iter().map(|line| line.replace(key("l").name(), ours.name())).collect();
    for lines in [&old_seals, &unsealed, &by_another, &pretended] {
        assert!(found_by(lines, &[]).is_ok(), "without the key nothing shows it");
    }
    let (line, chain, sequence, name) = (1, id, 0, ours.name().to_owned());
    let forged = Break::ForgedSeal { line, chain: chain.clone(), sequence, key: name };
    assert_eq!(found_by(&old_seals, std::slice::from_ref(&ours)), Err(forged.clone()));
    assert_eq!(found_by(&pretended, std::slice::from_ref(&ours)), Err(forged));
    let unknown = Break::UnknownSealKey { line, chain, sequence, key: key("l").name().to_owned() };
    assert_eq!(found_by(&by_another, std::slice::from_ref(&ours)), Err(unknown));
    assert!(matches!(found_by(&unsealed, &[ours]), Err(Break::Unsealed { line: 1, .. })));
}

#[test]
fn a_record_without_a_seal_is_a_break_only_where_seals_are_asked_for() {
    let mut lines = chain(3, Some(key("k")));
    lines[1] = {
        let mut record: Value = serde_json::from_str(&lines[1]).expect("JSON");
        record["unmapped"]["attestation_list"][0].as_object_mut().expect("an object").remove("seal");
        canonical(record.as_object().expect("an object"))
    };
    assert!(found_by(&lines, &[]).is_ok());
    let broken = found_by(&lines, &[key("k")]).expect_err("unsealed");
    assert!(matches!(broken, Break::Unsealed { line: 2, sequence: 1, .. }), "{broken}");
    assert!(broken.to_string().contains("unsealed"), "{broken}");
    assert_eq!(broken.line(), Some(2));
    assert!(found_by(&chain(3, None), &[]).is_ok());
}

#[test]
fn a_seal_of_another_record_and_a_seal_of_another_shape_are_forged() {
    let ours = key("k");
    let lines = chain(2, Some(ours.clone()));
    let with_seal = |seal: &Value| {
        let mut record: Value = serde_json::from_str(&lines[0]).expect("JSON");
        record["unmapped"]["attestation_list"][0]["seal"] = seal.clone();
        vec![canonical(record.as_object().expect("an object"))]
    };
    let second: Value = serde_json::from_str(&lines[1]).expect("JSON");
    let of_the_second = &second["unmapped"]["attestation_list"][0]["seal"];
    let no_value = json!({"algorithm": "HMAC-SHA-256", "key_uid": ours.name()});
    for seal in [of_the_second, &no_value] {
        let found = found_by(&with_seal(seal), std::slice::from_ref(&ours));
        assert!(matches!(found, Err(Break::ForgedSeal { .. })), "{found:?}");
    }
    for seal in [json!(null), json!("seal"), json!([])] {
        let found = found_by(&with_seal(&seal), std::slice::from_ref(&ours));
        assert!(matches!(found, Err(Break::UnknownSealKey { .. })), "{found:?}");
    }
}

#[test]
fn after_a_rotation_the_records_of_both_keys_verify_and_each_key_verifies_its_own() {
    let (old, new) = (key("o"), key("n"));
    let [before, after] = [&old, &new].map(|key| chain(3, Some(key.clone())));
    let both = [&before[..], &after[..]].concat();
    assert_eq!(found_by(&both, &[new.clone(), old.clone()]).expect("whole").chains.len(), 2);
    let found = found_by(&both, std::slice::from_ref(&new));
    assert!(matches!(&found, Err(Break::UnknownSealKey { line: 1, key, .. }) if key == old.name()), "{found:?}");
    let found = found_by(&both, &[old]);
    assert!(matches!(&found, Err(Break::UnknownSealKey { line: 4, key, .. }) if key == new.name()), "{found:?}");
    // The old key seals nothing under the new one's name.
    assert!(found_by(&after, &[new]).is_ok());
}
