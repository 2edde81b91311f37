//! Which refusals are told one by one, and that each is counted once.

use parts::identities::of_an_assertion;
use studio_acs_identity::Protocol;

use super::*;
use crate::facts::Person;
use crate::tests::rig::now;

fn of_a_stranger(issuer: &str) -> RefusedSignIn<'_> {
    RefusedSignIn {
        correlation: "c-1",
        stage: "signature",
        code: "signature_invalid",
        reason: "forged".to_owned(),
        protocol: Protocol::Saml,
        person: None,
        claimed_issuer: issuer,
        source_ip: None,
        entry: [""; 3],
        policies: &[],
    }
}

fn of_user(person: &Person) -> RefusedSignIn<'_> {
    RefusedSignIn { person: Some(person), code: "policy_denied", stage: "policy", ..of_a_stranger("") }
}

fn after(seconds: i64) -> UtcDateTime {
    now().saturating_add(time::Duration::seconds(seconds))
}

/// The counts as pairs of an issuer and a number.
fn counts(due: &[RefusalCount]) -> Vec<(&str, u64)> {
    due.iter().map(|counted| (counted.kind.issuer.as_str(), counted.count)).collect()
}

#[test]
fn each_kind_of_a_strangers_refusal_is_told_once_and_then_counted() {
    let mut refusals = Refusals::new();
    for (issuer, is_told) in [("a", true), ("a", false), ("b", true), ("a", false)] {
        assert_eq!(refusals.admits(&of_a_stranger(issuer), true, now()), is_told, "{issuer}");
    }
    assert_eq!(refusals.due(after(59), false), []);
    let due = refusals.due(after(60), false);
    assert_eq!((counts(&due), due[0].since), (vec![("a", 2)], now()));
    assert_eq!(refusals.due(after(1000), true), [], "told once");
    assert!(refusals.admits(&of_a_stranger("a"), true, after(61)), "in another interval");
}

#[test]
fn beyond_so_many_kinds_of_one_code_strangers_are_counted_together_and_hide_no_other_code() {
    let mut refusals = Refusals::new();
    let told = (0..10_000).filter(|number| refusals.admits(&of_a_stranger(&number.to_string()), true, now())).count();
    assert_eq!(told, 16);
    let other = RefusedSignIn { code: "unknown_issuer", ..of_a_stranger("z") };
    assert!(refusals.admits(&other, true, now()));
    assert!(!refusals.admits(&of_a_stranger("7"), true, now()));
    let due = refusals.due(now(), true);
    assert_eq!(counts(&due), [("7", 1), ("", 10_000 - 16)]);
}

#[test]
fn a_user_has_records_of_their_own_whatever_strangers_send() {
    let mut refusals = Refusals::new();
    for number in 0..10_000 {
        refusals.admits(&of_a_stranger(&number.to_string()), true, now());
    }
    let person = Person::of(&of_an_assertion());
    let told = (0..30).filter(|_| refusals.admits(&of_user(&person), true, now())).count();
    assert_eq!(told, 10);
    assert!(refusals.admits(&of_user(&person), true, after(6)), "one more after six seconds");
    let due = refusals.due(after(6), true);
    let of_users: Vec<_> = due.iter().filter(|counted| counted.kind.user.is_some()).collect();
    assert_eq!((of_users.len(), of_users[0].count, of_users[0].kind.user.as_deref()), (1, 20, Some(person.name())));
}

#[test]
fn what_finds_no_room_is_counted() {
    let mut refusals = Refusals::new();
    let person = Person::of(&of_an_assertion());
    assert!(!refusals.admits(&of_a_stranger("a"), false, now()));
    assert!(!refusals.admits(&of_user(&person), false, now()));
    let total: u64 = refusals.due(now(), true).iter().map(|counted| counted.count).sum();
    assert_eq!(total, 2);
}
