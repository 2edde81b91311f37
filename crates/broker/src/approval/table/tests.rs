use super::super::tests::terms_for;
use super::super::{ApprovalRules, Record};
use super::*;
use studio_acs_identity::UserId;

fn user(name: &str) -> UserId {
    UserId::new(None, name)
}

fn now() -> UtcDateTime {
    UtcDateTime::from_unix_timestamp(1_800_000_000).unwrap()
}

/// One user's requests: one pending, one approved and one denied.
fn requests() -> UserRequests {
    let (now, rules) = (now(), ApprovalRules::default());
    let ask = |entry| Record::ask(&user("Alice"), terms_for("alice", entry, Some("CHG-1")), now, &rules).unwrap();
    let approved = ask("prod").decide(true, &user("bob"), now, &rules).unwrap();
    let denied = ask("other").decide(false, &user("bob"), now, &rules).unwrap();
    UserRequests::held(UserKey::of(&user("alice")), 7, vec![ask("test"), approved, denied]).unwrap()
}

/// The item, with its requests changed.
fn changed(edit: impl FnOnce(&mut Vec<serde_json::Value>)) -> Item {
    let mut item = written(&requests()).unwrap();
    let mut all = serde_json::from_str(item[REQUESTS].as_s().unwrap()).unwrap();
    edit(&mut all);
    item.insert(REQUESTS.to_owned(), text(&serde_json::to_string(&all).unwrap()));
    item
}

#[test]
fn what_is_written_is_what_is_read() {
    assert_eq!(read(&written(&requests()).unwrap()), Some(requests()));
    let item = written(&requests()).unwrap();
    assert_eq!(item[PENDING_UNTIL], AttributeValue::N((1_800_000_000 + 8 * 3600).to_string()));
    let all_decided = UserRequests::held(UserKey::of(&user("alice")), 7, requests().records()[1..].to_vec()).unwrap();
    assert!(!written(&all_decided).unwrap().contains_key(PENDING_UNTIL), "nothing is pending");
}

#[test]
fn an_item_without_a_part_or_with_another_kind_of_it_is_not_read() {
    for (name, _) in written(&requests()).unwrap() {
        for value in [None, Some(AttributeValue::Null(true)), Some(AttributeValue::N("9".repeat(30)))] {
            let mut item = written(&requests()).unwrap();
            item.remove(&name);
            item.extend(value.map(|value| (name.clone(), value)));
            let is_for_dynamodb = [SUBJECT, EXPIRES_AT, PENDING_UNTIL].contains(&name.as_str());
            assert_eq!(read(&item).is_some(), is_for_dynamodb, "{name} of {item:?}");
        }
    }
    let names = ["who", "terms", "asked_at", "waits_until", "until"];
    for name in names {
        let item = changed(|all| drop(all[0].as_object_mut().unwrap().remove(name)));
        assert_eq!(read(&item), None, "{name}");
    }
    let item = changed(|all| all[0]["more"] = 1.into());
    assert_eq!(read(&item), None, "a field that we do not write");
}

#[test]
fn attack_an_item_that_says_what_nobody_could_have_done_is_not_read() {
    let as_they_are = changed(|_| ());
    assert_eq!(read(&as_they_are), Some(requests()));
    type Change = fn(&mut Vec<serde_json::Value>);
    let changes: [(&str, Change); 6] = [
        ("an approval of one's own", |all| all[1]["decision"]["by"] = "ALICE".into()),
        ("another user's request", |all| all[0]["who"] = "carol".into()),
        ("another user's terms", |all| all[0]["terms"]["user"] = "carol".into()),
        ("two requests of the same terms", |all| all[1]["terms"] = all[0]["terms"].clone()),
        ("a decision that is none", |all| all[1]["decision"]["approved"] = "yes".into()),
        ("a number of seconds that is none", |all| all[1]["until"] = "9999999999".into()),
    ];
    for (name, change) in changes {
        assert_eq!(read(&changed(change)), None, "{name}");
    }
    let mut moved = written(&requests()).unwrap();
    moved.insert(USER.to_owned(), text(&UserKey::of(&user("carol")).to_string()));
    assert_eq!(read(&moved), None, "under another user's key");
}

#[test]
fn attack_terms_that_were_changed_in_the_store_are_approved_for_nobody() {
    let approved = requests().records()[1].fingerprint();
    let item = changed(|all| all[1]["terms"]["landing"] = "studio::elsewhere".into());
    let read = read(&item).unwrap();
    assert!(read.live(approved, now()).is_none());
}
