//! The limits of an entry and of a ledger, at each bound and one beyond it.

use serde_json::{Map, Value, json};

use super::rig::{entitlements, fault, ledger, now};
use crate::{LedgerError, LedgerSchema, LedgerStartError};

const ROLE: &str = "arn:aws:iam::111122223333:role/mint";

/// The least entry with this instead: `null` takes a field away.
fn entry(changes: &Value) -> Value {
    let mut entry = json!({"id": "e", "user": "ana", "domain": "d-a"});
    for (name, value) in changes.as_object().expect("an object") {
        match value {
            Value::Null => _ = entry.as_object_mut().expect("an object").remove(name),
            value => entry[name] = value.clone(),
        }
    }
    entry
}

/// Whether the ledger of this entry is one; why not.
async fn found(changes: &Value) -> Result<(), String> {
    let text = json!({"entry": [entry(changes)]}).to_string();
    match super::rig::Aws::with_text(&text).ledger("ssm:/ledger").await {
        Ok(_) => Ok(()),
        Err(LedgerStartError::Invalid { error: LedgerError::Malformed { reason, .. }, .. }) => Err(reason),
        Err(error) => panic!("{error}"),
    }
}

/// Each row: the change, and the fault's field, or none.
async fn check(rows: impl IntoIterator<Item = (Value, Option<&str>)>) {
    for (changes, fault) in rows {
        let found = found(&changes).await;
        let shown: String = changes.to_string().chars().take(200).collect();
        match (&found, fault) {
            (Ok(()), None) => {}
            (Err(reason), Some(field)) if reason.starts_with(&format!("`{field}` ")) => {}
            _ => panic!("{shown}: {found:?}, expected {fault:?}"),
        }
    }
}

/// So many distinct names.
fn many(count: usize, value: &Value) -> Map<String, Value> {
    (0..count).map(|number| (format!("n{number}"), value.clone())).collect()
}

#[tokio::test(start_paused = true)]
async fn texts_are_taken_up_to_their_length_and_in_their_letters() {
    let x = |count: usize| "x".repeat(count);
    let umlauts = |count: usize| "ä".repeat(count);
    check([
        (json!({}), None),
        (json!({"id": x(64)}), None),
        (json!({"id": "A-z_0.9"}), None),
        (json!({"id": x(65)}), Some("id")),
        (json!({"id": ""}), Some("id")),
        (json!({"id": "a b"}), Some("id")),
        (json!({"id": "ä"}), Some("id")),
        (json!({"id": "#revoked"}), Some("id")),
        (json!({"title": umlauts(128)}), None),
        (json!({"title": umlauts(129)}), Some("title")),
        (json!({"title": " "}), Some("title")),
        (json!({"title": "a\nb"}), Some("title")),
        (json!({"team": umlauts(64)}), None),
        (json!({"team": umlauts(65)}), Some("team")),
        (json!({"team": ""}), Some("team")),
        (json!({"team": "a\u{7f}"}), Some("team")),
        (json!({"revoked": umlauts(256)}), None),
        (json!({"revoked": umlauts(257)}), Some("revoked")),
        (json!({"revoked": ""}), Some("revoked")),
        (json!({"domain": "d-"}), Some("domain")),
        (json!({"account": "111122223333"}), None),
        (json!({"account": "11112222333"}), Some("account")),
        (json!({"account": "1111222233334"}), Some("account")),
        (json!({"account": "11112222333x"}), Some("account")),
        (json!({"region": "eu-central-1"}), None),
        (json!({"region": x(32)}), None),
        (json!({"region": x(33)}), Some("region")),
        (json!({"region": ""}), Some("region")),
        (json!({"region": "EU"}), Some("region")),
        (json!({"region": "eu_central"}), Some("region")),
        (json!({"space": x(63)}), None),
        (json!({"space": x(64)}), Some("space")),
        (json!({"space": "-x"}), Some("space")),
        (json!({"landing": "JupyterLab"}), None),
        (json!({"landing": format!("studio::{}", x(1015))}), None),
        (json!({"landing": format!("studio::{}", x(1016))}), Some("landing")),
        (json!({"landing": "https://evil.example"}), Some("landing")),
        (json!({"role": ROLE}), None),
        (json!({"role": "mint"}), Some("role")),
        (json!({"role": ROLE, "account": "111122223333"}), None),
        (json!({"role": ROLE, "account": "444455556666"}), Some("role")),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn numbers_and_times_are_taken_within_their_bounds() {
    let (first, second) = ("2026-01-31T00:00:00Z", "2026-01-31T00:00:01+00:00");
    check([
        (json!({"session_seconds": 1800}), None),
        (json!({"session_seconds": 43_200}), None),
        (json!({"session_seconds": 1799}), Some("session_seconds")),
        (json!({"session_seconds": 43_201}), Some("session_seconds")),
        (json!({"valid_from": first, "valid_until": second}), None),
        (json!({"valid_from": first, "valid_until": first}), Some("valid_until")),
        (json!({"valid_from": second, "valid_until": first}), Some("valid_until")),
        // One instant in two zones.
        (json!({"valid_from": first, "valid_until": "2026-01-31T01:00:00+01:00"}), Some("valid_until")),
        (json!({"valid_from": "2026-01-31"}), Some("valid_from")),
        (json!({"valid_until": "tomorrow"}), Some("valid_until")),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_entry_is_for_one_user_or_for_one_group() {
    let either = "expected either `user` or `group`";
    let name = "`user` or `group`: expected 1 to 256 characters without controls";
    let whole = "`profile`: fixed would be one profile for a whole group; expected {user} in it";
    let long = "ä".repeat(256);
    for (changes, expected) in [
        (json!({"user": long}), Ok(())),
        (json!({"user": null, "group": long, "profile": "{user}"}), Ok(())),
        (json!({"user": null, "group": "g"}), Ok(())),
        (json!({"user": null}), Err(either)),
        (json!({"group": "g"}), Err(either)),
        (json!({"user": long.clone() + "x"}), Err(name)),
        (json!({"user": " "}), Err(name)),
        (json!({"user": null, "group": ""}), Err(name)),
        (json!({"user": null, "group": "a\tb"}), Err(name)),
        (json!({"user": null, "group": "g", "profile": "fixed"}), Err(whole)),
        (json!({"profile": "fixed"}), Ok(())),
    ] {
        assert_eq!(found(&changes).await, expected.map_err(str::to_owned), "{changes}");
    }
}

#[tokio::test(start_paused = true)]
async fn tags_are_those_that_aws_takes() {
    let (x, full) = (|count: usize| "ä".repeat(count), |key: String, value: String| json!({"tags": {key: value}}));
    let within = |tags: Value| json!({"provision": {"execution_role": ROLE, "tags": tags}});
    check([
        (full(x(128), x(256)), None),
        (full(x(129), String::new()), Some("tags")),
        (full("k".to_owned(), x(257)), Some("tags")),
        (full(String::new(), "v".to_owned()), Some("tags")),
        (full("aws:k".to_owned(), "v".to_owned()), Some("tags")),
        (full("Aws:k".to_owned(), "v".to_owned()), None),
        (full("a z0_.:/=+-@".to_owned(), "a z0_.:/=+-@".to_owned()), None),
        (full("a#".to_owned(), "v".to_owned()), Some("tags")),
        (full("k".to_owned(), "a\nb".to_owned()), Some("tags")),
        (json!({"tags": many(50, &json!("v"))}), None),
        (json!({"tags": many(51, &json!("v"))}), Some("tags")),
        (within(json!(many(50, &json!("v")))), None),
        (within(json!({"aws:k": "v"})), Some("tags")),
    ])
    .await;
    let shown = found(&json!({"tags": {"aws:k": "v"}})).await.expect_err("a fault");
    let expected =
        "`tags` has `aws:k` = `v`; expected letters, digits, spaces and _.:/=+-@, no key that begins with aws:";
    assert_eq!(shown, expected);
}

#[tokio::test(start_paused = true)]
async fn a_profile_is_made_with_a_role_and_few_security_groups() {
    let groups = |groups: &[&str]| json!({"provision": {"execution_role": ROLE, "security_groups": groups}});
    let one = "sg-0123456789abcdef0";
    check([
        (groups(&[]), None),
        (groups(&[one; 5]), None),
        (groups(&[one; 6]), Some("security_groups")),
        (groups(&["sg-"]), Some("security_groups")),
        (groups(&["0123"]), Some("security_groups")),
        (groups(&["sg-ä"]), Some("security_groups")),
        (groups(&["sg-a b"]), Some("security_groups")),
        (groups(&[&format!("sg-{}", "a".repeat(29))]), None),
        (groups(&[&format!("sg-{}", "a".repeat(30))]), Some("security_groups")),
        (json!({"provision": {"execution_role": "notebooks"}}), Some("execution_role")),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn links_lead_somewhere_and_are_few() {
    let to = json!({"space": "shared"});
    let alias = |alias: &str| json!({"links": {alias: to}});
    check([
        (alias(&"a".repeat(64)), None),
        (alias("a-9"), None),
        (alias(&"a".repeat(65)), Some("alias")),
        (alias(""), Some("alias")),
        (alias("A"), Some("alias")),
        (alias("a_b"), Some("alias")),
        // The page where approvers decide.
        (alias("approvals"), Some("alias")),
        (json!({"links": {"a": {"landing": "JupyterLab"}}}), None),
        (json!({"links": {"a": {"landing": "x"}}}), Some("landing")),
        (json!({"links": {"a": {"space": "-"}}}), Some("space")),
        (json!({"links": many(50, &to)}), None),
        (json!({"links": many(51, &to)}), Some("links")),
    ])
    .await;
    let nowhere = "link `a` leads nowhere; expected `landing`, `space` or both";
    assert_eq!(found(&json!({"links": {"a": {}}})).await, Err(nowhere.to_owned()));
    // The ledger's own are under the same rules.
    let all = |links: Value| json!({"links": links}).to_string();
    ledger(&all(json!(many(50, &to)))).await;
    let error = fault(&all(json!(many(51, &to)))).await;
    assert_eq!(error.to_string(), "links: `links` has 51; expected at most 50");
    assert!(fault(&all(json!({"A": to}))).await.to_string().starts_with("links: `alias` is \"A\"; expected"));
}

#[tokio::test(start_paused = true)]
async fn a_fault_names_the_entry_the_field_and_a_bounded_part_of_what_was_found() {
    for (changes, expected) in [
        (json!({"region": "EU"}), "entry e: `region` is \"EU\"; expected a region such as eu-central-1".to_owned()),
        (
            json!({"space": "x".repeat(200)}),
            format!(
                "entry e: `space` is \"{}\"; expected a space's name: letters, digits and inner hyphens, at most 63",
                "x".repeat(100)
            ),
        ),
        (json!({"session_seconds": 1}), "entry e: `session_seconds` is 1; expected 1800..=43200".to_owned()),
        (
            json!({"id": "a\nb"}),
            "entry a\\nb: `id` is \"a\\nb\"; expected letters, digits, `.`, `_`, `-`, at most 64".to_owned(),
        ),
        (
            json!({"valid_until": "x"}),
            "entry e: `valid_until` is \"x\"; expected a time such as 2026-01-31T00:00:00Z".to_owned(),
        ),
        (
            json!({"role": "arn:aws:iam::111122223333:role/r", "account": "444455556666"}),
            "entry e: `role` is in account 111122223333; expected `account`, 444455556666".to_owned(),
        ),
    ] {
        assert_eq!(fault(&json!({"entry": [entry(&changes)]}).to_string()).await.to_string(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn what_stands_in_a_ledger_twice_or_is_invalid_is_named() {
    let one = entry(&json!({}));
    let other = |id: &str| entry(&json!({"id": id, "domain": "d-b"}));
    let revoked = |user: &str, why: &str| json!({"user": user, "why": why});
    for (text, expected) in [
        (json!({"entry": [one, other("e")]}), "entry e: a second entry with this `id`"),
        (
            json!({"revoked": [revoked("Ana", "x"), revoked("ana", "y")]}),
            "revoked ana: a second record for this `user` and `issuer`",
        ),
        (json!({"revoked": [revoked(" ", "x")]}), "revoked  : `user`: expected 1 to 256 characters without controls"),
        (
            json!({"revoked": [revoked("ana", "")]}),
            "revoked ana: `revoked` is \"\"; expected why, in 1 to 256 characters",
        ),
        (
            json!({"revoked": [{"user": "ana", "why": "x", "since": "\n"}]}),
            "revoked ana: `revoked` is \"\\n\"; expected why, in 1 to 256 characters",
        ),
        (
            json!({"team": [{"name": "A", "over_budget": true}, {"name": "a", "over_budget": false}]}),
            "team a: a second record for this `name`",
        ),
        (
            json!({"entry": [one, entry(&json!({"id": "f", "user": "bo", "profile": "ana"}))]}),
            "entry f: two people may open one user profile of d-a, by this entry and by e",
        ),
    ] {
        assert_eq!(fault(&text.to_string()).await.to_string(), expected);
    }
}

#[test]
fn a_text_is_toml_or_json_and_a_fault_names_its_line() {
    let malformed = |text: &str| LedgerSchema::parse(text).expect_err(text).to_string();
    for text in ["", " \n", "{}", " {\"entry\": []}", "# nothing", "[links.a]\nspace = \"x\""] {
        assert!(LedgerSchema::parse(text).is_ok(), "{text}");
    }
    for (text, start) in [
        ("[[entry]]\nid = 7", "line 2: "),
        ("x = 1", "line 1: unknown field `x`"),
        ("<!DOCTYPE html><title>Sign in</title>", "the text: expected a ledger in TOML or JSON: it is an HTML page"),
        ("-----BEGIN CERTIFICATE-----\nMIIC", "the text: expected a ledger in TOML or JSON: it is a PEM file"),
        ("<Error><Code>AccessDenied</Code></Error>", "the text: expected a ledger in TOML or JSON: it is XML"),
        ("https://ledger.example/ledger.toml", "the text: expected a ledger in TOML or JSON: it is an address"),
        ("[[entry]]\nid = ", "line 2: "),
        (
            "\n\n[[entry]]\nid = \"e\"\nuser = \"a\"\ndomain = \"d-a\"\nprofil = \"x\"\n",
            "line 7: unknown field `profil`",
        ),
        ("{\"x\": 1}", "line 1: unknown field `x`"),
        ("{\n\n\"entry\": 7}", "line 3: "),
        ("{\"entry\": [{\"id\": \"e\", \"user\": \"a\"}]}", "line 1: missing field `domain`"),
    ] {
        assert!(malformed(text).starts_with(start), "{text}: {}", malformed(text));
    }
    let most = 1 << 20;
    assert!(LedgerSchema::parse(&" ".repeat(most)).is_ok());
    let too_long = format!("the text: {} bytes; expected at most {most}", most + 1);
    assert_eq!(malformed(&" ".repeat(most + 1)), too_long);
}

#[tokio::test(start_paused = true)]
async fn a_ledger_has_5000_entries_at_most() {
    let text = |count: usize| {
        let entries =
            (0..count).map(|number| json!({"id": format!("e{number}"), "user": format!("u{number}"), "domain": "d-a"}));
        json!({"entry": entries.collect::<Vec<_>>()}).to_string()
    };
    let full = ledger(&text(5000)).await;
    assert_eq!(entitlements(&full, "u4999", &[], now()).await.expect("entitled").len(), 1);
    assert_eq!(fault(&text(5001)).await.to_string(), "entries: 5001; expected at most 5000");
}
