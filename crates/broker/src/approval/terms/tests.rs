use serde_json::{Value, json};

use super::*;

/// Terms in which every field has a value.
fn whole() -> Value {
    json!({
        "user": "alice@corp.example",
        "issuer": "https://idp.example",
        "profile": {
            "entry": "prod", "title": "Fraud, production", "for_user": "alice@corp.example", "for_group": "fraud", "issuer": "https://idp.example",
            "own_profile": true, "profile": "alice-fraud", "domain": "d-abc", "account": "111122223333",
            "region": "eu-central-1", "team": "fraud", "production": true, "over_budget": false,
            "tags": {"CostCenter": "4711", "Stage": "prod"},
        },
        "ticket_number": "CHG0000001",
        "deep_link": "dashboard",
        "space": "fraud-models",
        "landing": "studio::dashboard",
        "role": "arn:aws:iam::111122223333:role/mint",
        "session_seconds": 3600,
        "valid_until": "2027-01-01T00:00:00Z",
        "provision": {
            "execution_role": "arn:aws:iam::111122223333:role/notebooks",
            "security_groups": ["sg-1", "sg-2"],
            "tags": {"Team": "fraud"},
        },
    })
}

fn read(value: &Value) -> ApprovalTerms {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value}"))
}

/// The paths of all values that have no others in them.
fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| leaves(value, &format!("{path}/{name}"), found)),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(at, value)| leaves(value, &format!("{path}/{at}"), found))
        }
        _ => found.push(path.to_owned()),
    }
}

/// The value at `path` changed to `new`, or taken out.
fn with(path: &str, new: Option<Value>) -> Value {
    let mut value = whole();
    let (parent, name) = path.rsplit_once('/').unwrap();
    match (value.pointer_mut(parent).unwrap(), new) {
        (Value::Object(map), None) => drop(map.remove(name)),
        (Value::Array(list), None) => drop(list.remove(name.parse().unwrap())),
        (parent, Some(new)) => match parent {
            Value::Object(map) => map[name] = new,
            parent => parent[name.parse::<usize>().unwrap()] = new,
        },
        _ => panic!("{path}"),
    }
    value
}

#[test]
fn attack_whatever_an_approval_covers_changes_all_256_bits_of_its_hash() {
    let fingerprint = read(&whole()).fingerprint();
    assert_eq!(fingerprint.to_string().len(), 64, "no bit is cut off");
    let mut paths = Vec::new();
    leaves(&whole(), "", &mut paths);
    assert_eq!(paths.len(), 28, "each field is tried: {paths:?}");
    let mut seen = vec![fingerprint.to_string()];
    for path in paths {
        let other = match whole().pointer(&path).unwrap() {
            Value::String(text) => json!(format!("{text}x")),
            Value::Bool(flag) => json!(!flag),
            Value::Number(number) => json!(number.as_u64().unwrap() + 1),
            other => panic!("{path}: {other}"),
        };
        seen.push(read(&with(&path, Some(other))).fingerprint().to_string());
        // An absent optional field is told from one that is present and empty.
        if let Ok(without) = serde_json::from_value::<ApprovalTerms>(with(&path, None)) {
            seen.push(without.fingerprint().to_string());
            let empty = if whole().pointer(&path).unwrap().is_string() { json!("") } else { continue };
            seen.push(read(&with(&path, Some(empty))).fingerprint().to_string());
        }
    }
    seen.push(read(&with("/provision", None)).fingerprint().to_string());
    let all = seen.len();
    assert_eq!(all, 66, "optional fields were left out");
    // Not even the first or last half of two of them is the same.
    for half in [0..32, 32..64] {
        let mut halves: Vec<_> = seen.iter().map(|hash| hash.get(half.clone()).unwrap()).collect();
        halves.sort_unstable();
        halves.dedup();
        assert_eq!(halves.len(), all);
    }
}

#[test]
fn attack_text_that_moves_from_one_field_into_the_next_is_another_approval() {
    let moved = |one: &str, a: &str, other: &str, b: &str| {
        let mut value = whole();
        *value.pointer_mut(one).unwrap() = a.into();
        *value.pointer_mut(other).unwrap() = b.into();
        read(&value).fingerprint()
    };
    for (one, other) in
        [("/ticket_number", "/deep_link"), ("/space", "/landing"), ("/profile/profile", "/profile/domain")]
    {
        assert_ne!(moved(one, "ab", other, "c"), moved(one, "a", other, "bc"), "{one} {other}");
        assert_ne!(moved(one, "ab\0", other, "c"), moved(one, "ab", other, "\0c"), "{one} {other}");
        assert_ne!(moved(one, "", other, "c"), moved(one, "c", other, ""), "{one} {other}");
    }
    let tags = |tags: Value| read(&with("/profile/tags", Some(tags))).fingerprint();
    assert_ne!(tags(json!({"a": "b", "c": "d"})), tags(json!({"a": "bcd"})));
    assert_ne!(tags(json!({"a": "b"})), tags(json!({"ab": ""})));
    let groups = |groups: Value| read(&with("/provision/security_groups", Some(groups))).fingerprint();
    assert_ne!(groups(json!(["sg-1", "sg-2"])), groups(json!(["sg-1sg-2"])));
    // A group of the profile is not one of its tags.
    assert_ne!(groups(json!(["Team", "fraud"])), groups(json!([])));
}

#[test]
fn the_hash_is_the_same_in_every_process_and_can_be_computed_again() {
    let text = serde_json::to_string(&read(&whole())).unwrap();
    assert_eq!(read(&serde_json::from_str(&text).unwrap()).fingerprint(), read(&whole()).fingerprint());
    // Computed by Python's hashlib, as docs/policy.md describes it.
    assert_eq!(
        read(&whole()).fingerprint().to_string(),
        "87516e875c67493f8021615f1924f8fba43a91bc94fe8b88c47af3f9cf99c3a6",
    );
}

#[test]
fn a_field_that_does_not_exist_is_not_read() {
    let mut value = whole();
    value["sessions"] = json!(1);
    assert!(serde_json::from_value::<ApprovalTerms>(value).is_err());
}
