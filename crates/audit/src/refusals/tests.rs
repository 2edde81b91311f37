//! Refusals are told one by one within the limits, and each is counted once.

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

/// The same from this address.
fn from<'i>(address: &str, issuer: &'i str) -> RefusedSignIn<'i> {
    RefusedSignIn { source_ip: Some(address.parse().expect("an address")), ..of_a_stranger(issuer) }
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
fn a_source_has_few_kinds_of_a_code_so_that_it_hides_no_other_source() {
    let mut refusals = Refusals::new();
    for (address, other) in [("192.0.2.7", "192.0.2.7"), ("2001:db8::1", "2001:db8::2:7")] {
        let told = (0..20).filter(|number| refusals.admits(&from(address, &number.to_string()), true, now())).count();
        assert_eq!(told, 4, "{address}");
        assert!(!refusals.admits(&from(other, "another"), true, now()), "{other} is of the same host");
    }
    assert!(refusals.admits(&from("198.51.100.9", "0"), true, now()));
    assert!(refusals.admits(&from("2001:db8:0:1::1", "0"), true, now()), "another network");
    let due = refusals.due(now(), true);
    let total: u64 = due.iter().map(|counted| counted.count).sum();
    assert_eq!((due.len(), total), (1, 2 * (20 - 4 + 1)));
    assert_eq!((due[0].kind.stage, due[0].kind.source_ip), ("", None));
}

/// Codes of a test, of which each is a text of its own.
fn codes(number: usize) -> Vec<&'static str> {
    (0..number).map(|code| &*Box::leak(format!("code_{code}").into_boxed_str())).collect()
}

#[test]
fn all_codes_together_have_a_bounded_number_of_kinds_and_each_code_has_two() {
    let mut refusals = Refusals::new();
    let mut told = 0;
    for code in codes(40) {
        for number in 0..100 {
            let issuer = number.to_string();
            let refused = RefusedSignIn { code, ..of_a_stranger(&issuer) };
            told += usize::from(refusals.admits(&refused, true, now()));
        }
    }
    assert_eq!(told, 8 * 16 + 32 * 2);
    let due = refusals.due(now(), true);
    assert_eq!(due.len(), 40, "one count of each code's others");
    assert_eq!(due.iter().map(|counted| counted.count).sum::<u64>(), 40 * 100 - 192);
}

#[test]
fn a_clock_that_is_set_back_ends_the_interval() {
    let mut refusals = Refusals::new();
    for _ in 0..2 {
        refusals.admits(&of_a_stranger("a"), true, now());
    }
    assert_eq!(counts(&refusals.due(after(-1), false)), [("a", 1)]);
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
