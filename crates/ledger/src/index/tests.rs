use studio_acs_identity::{Groups, Names};
use time::UtcDateTime;

use super::*;
use crate::deep_link::{LandingUri, SpaceName};
use crate::entitlement::Entitlement;
use crate::resolve::{Findings, Lookup};

fn index(text: &str) -> Result<Index, String> {
    LedgerSchema::parse(text).and_then(Index::new).map_err(|error| error.to_string())
}

fn at(text: &str) -> UtcDateTime {
    studio_acs_refusal::instant::parse(text).expect("a time")
}

/// The entries and the profiles of what is given, or the error's code.
fn given(index: &Index, user: &str, groups: &[&str], now: &str) -> Result<Vec<String>, &'static str> {
    let groups: Vec<_> = groups.iter().map(|&group| group.to_owned()).collect();
    let given = entitlements(index, user, &groups, now).map_err(|error| error.code())?;
    Ok(given.iter().map(|given| format!("{} {}", given.id(), given.profile())).collect())
}

fn entitlements(index: &Index, user: &str, groups: &[String], now: &str) -> Result<Vec<Entitlement>, LedgerError> {
    entitlements_of(index, user, None, Names::OneIssuer, groups, now)
}

fn entitlements_of(
    index: &Index,
    user: &str,
    issuer: Option<&str>,
    names: Names,
    groups: &[String],
    now: &str,
) -> Result<Vec<Entitlement>, LedgerError> {
    let who = Lookup::new(user, issuer, names, groups)?;
    let mut findings = Findings::default();
    findings.add(index, &who);
    findings.add_teams(index);
    findings.given(&findings.resolutions(&who, at(now))?, &Groups::default())
}

const NOW: &str = "2026-06-01T12:00:00Z";
const EXAMPLE: &str = include_str!("../../../../fixtures/ledger/example.toml");

/// An entry of this ID in the domain `d-a`, and what else it says.
fn entry(id: &str, more: &str) -> String {
    format!("[[entry]]\nid = \"{id}\"\ndomain = \"d-a\"\n{more}\n")
}

#[test]
fn the_example_gives_what_it_says() {
    let index = index(EXAMPLE).expect("a ledger");
    assert_eq!(
        given(&index, "Alice", &["data-scientists"], NOW).expect("entitled"),
        ["alice-fraud alice-fraud", "data-scientists alice"]
    );
    assert_eq!(given(&index, "bob", &["data-scientists"], NOW).expect("entitled"), ["data-scientists bob"]);
    assert_eq!(given(&index, "bob", &[], NOW), Err("unknown_user"));
    assert_eq!(given(&index, "bob", &["Data-Scientists"], NOW), Err("unknown_user"), "groups are letter for letter");
    assert_eq!(given(&index, "carol", &[], NOW), Err("access_revoked"));
    assert_eq!(given(&index, "Mallory@Corp.Example", &["data-scientists"], NOW), Err("access_revoked"));
    assert_eq!(given(&index, "alice", &[], "2025-12-31T23:59:59Z"), Err("unknown_user"));
    assert!(given(&index, "alice", &[], "2026-01-01T00:00:00Z").is_ok());
    assert_eq!(given(&index, "alice", &[], "2027-01-01T00:00:00Z"), Err("unknown_user"));
}

#[test]
fn an_entitlement_has_all_that_its_entry_says() {
    let index = index(EXAMPLE).expect("a ledger");
    let groups = ["data-scientists".to_owned()];
    let given = entitlements(&index, "alice", &groups, NOW).expect("entitled");
    let [own, groups] = given.as_slice() else { panic!("{given:?}") };
    assert_eq!((own.for_user(), own.for_group()), (Some("alice"), None));
    assert_eq!(
        (own.title(), own.team(), own.session_seconds()),
        ("Fraud: Alice's notebooks", Some("fraud"), Some(14400))
    );
    assert!(own.over_budget() && own.production());
    assert_eq!((own.account(), own.region()), (Some("111122223333"), Some("eu-central-1")));
    assert_eq!(own.space().map(SpaceName::as_str), Some("fraud-models"));
    assert_eq!(own.landing().map(LandingUri::as_str), Some("app:JupyterLab:lab/tree/README.ipynb"));
    assert_eq!(own.role().map(ToString::to_string).as_deref(), Some("arn:aws:iam::111122223333:role/studio-acs-mint"));
    assert_eq!(own.tags().get("CostCenter").map(String::as_str), Some("4711"));
    assert_eq!(own.links().keys().collect::<Vec<_>>(), ["dashboard", "jupyter"]);
    assert_eq!((groups.for_user(), groups.for_group()), (None, Some("data-scientists")));
    assert!(!groups.over_budget() && !groups.production() && own.provision().is_none());
    let provision = groups.provision().expect("provision");
    assert_eq!(provision.security_groups(), ["sg-0123456789abcdef0"]);
    assert_eq!(groups.links().keys().collect::<Vec<_>>(), ["jupyter"]);
}

#[test]
fn what_was_revoked_for_a_person_no_group_gives_back() {
    let text = [
        entry("carol", "user = \"carol\"\nrevoked = \"left\""),
        entry("carol-b", "user = \"carol\"\nprofile = \"carol-b\""),
        entry("all", "group = \"g\""),
        entry("others", "group = \"g\"\nprofile = \"{user}-x\""),
        entry("elsewhere", "group = \"g\"").replace("d-a", "d-b"),
    ];
    let index = index(&text.concat()).expect("a ledger");
    let carols = ["carol-b carol-b", "others carol-x", "elsewhere carol"];
    assert_eq!(given(&index, "carol", &["g"], NOW).expect("entitled"), carols);
    assert_eq!(given(&index, "dave", &["g"], NOW).expect("entitled"), ["all dave", "others dave-x", "elsewhere dave"]);
}

#[test]
fn a_group_that_is_revoked_takes_nothing_else_along() {
    let text = [entry("one", "group = \"g\"\nrevoked = \"no more\""), entry("two", "group = \"h\"")];
    let index = index(&text.concat()).expect("a ledger");
    assert_eq!(given(&index, "carol", &["g"], NOW), Err("access_revoked"));
    assert_eq!(given(&index, "carol", &["g", "h"], NOW).expect("entitled"), ["two carol"]);
}

#[test]
fn people_who_could_open_anothers_profile_stop_the_ledger() {
    let user = |id: &str, user: &str, profile: &str| entry(id, &format!("user = \"{user}\"\nprofile = \"{profile}\""));
    let group = |id: &str, profile: &str| entry(id, &format!("group = \"{id}\"\nprofile = \"{profile}\""));
    for (one, other) in [
        (user("one", "alice", "shared"), user("two", "bob", "shared")),
        (user("one", "alice", "Shared"), user("two", "bob", "sHARED")),
        (user("one", "alice", "bob-x"), user("two", "bob", "{user}-x")),
        (user("one", "alice", "bob"), group("two", "{user}")),
        (group("one", "{user}"), user("two", "alice", "BOB")),
        (group("one", "{user}"), group("two", "x{user}")),
        (group("one", "x-{user}"), group("two", "{user}-y")),
    ] {
        let error = index(&format!("{one}{other}")).expect_err(&one);
        assert!(error.contains("two people") && error.contains("one") && error.contains("two"), "{error}");
        let elsewhere = other.replace("d-a", "d-b");
        assert!(index(&format!("{one}{elsewhere}")).is_ok(), "in another domain it is another profile");
    }
    for (one, other) in [
        (user("one", "alice", "shared"), user("two", "Alice", "shared")),
        (user("one", "alice", "alice"), group("two", "{user}")),
        (user("one", "a.b@x", "{user}"), user("two", "a-b@x", "{user}")),
        (group("one", "{user}"), group("two", "{user}-x")),
        (group("one", "{user}"), group("two", "{user}")),
    ] {
        assert!(index(&format!("{one}{other}")).is_ok(), "{one}{other}");
    }
    assert!(index(&group("one", "shared")).expect_err("shared").contains("whole group"));
}

#[test]
fn what_cannot_be_meant_is_named() {
    let plain = "user = \"alice\"";
    for (text, expected) in [
        ("[[entry]]\nid = \"a\"", "line 1: missing field `domain`"),
        ("\n[[entry]]\nid = \"a\"\ndomian = \"d-a\"", "line 4: unknown field `domian`"),
        ("[[entries]]", "line 1: unknown field `entries`"),
        ("[[entry]\n", "line 1: "),
        ("{\"entry\": [\n{\"id\": 1}]}", "line 2: invalid type: integer `1`"),
        (&entry("a", ""), "entry a: expected either `user` or `group`"),
        (&entry("a", "user = \"a\"\ngroup = \"b\""), "entry a: expected either"),
        (&entry("a", "user = \"\""), "entry a: `user` or `group`: expected 1 to 256"),
        (&entry("a b", plain), "`id` is \"a b\""),
        (&entry("a", &format!("{plain}\nprofile = \"a b\"")), "entry a: `profile`: `a b` is no user profile's name"),
        (&entry("a", &format!("{plain}\nprofile = \"{{user}}-{{team}}\"")), "the entry has no team"),
        (&entry("a", &format!("{plain}\nlanding = \"https://evil.example\"")), "`landing` is \"https://evil.example\""),
        (&entry("a", &format!("{plain}\nspace = \"a b\"")), "`space` is"),
        (&entry("a", &format!("{plain}\naccount = \"1\"")), "`account` is \"1\"; expected twelve digits"),
        (&entry("a", &format!("{plain}\nregion = \"EU\"")), "`region` is"),
        (&entry("a", &format!("{plain}\nrole = \"admin\"")), "`role` is \"admin\"; expected the ARN"),
        (
            &entry("a", &format!("{plain}\naccount = \"111122223333\"\nrole = \"arn:aws:iam::444455556666:role/x\"")),
            "`role` is in account 444455556666",
        ),
        (&entry("a", &format!("{plain}\nsession_seconds = 60")), "`session_seconds` is 60; expected 1800..=43200"),
        (&entry("a", &format!("{plain}\nsession_seconds = -1")), "line 5: invalid value"),
        (&entry("a", &format!("{plain}\nvalid_from = \"yesterday\"")), "`valid_from` is \"yesterday\""),
        (
            &entry(
                "a",
                &format!("{plain}\nvalid_from = \"2026-01-02T00:00:00Z\"\nvalid_until = \"2026-01-01T00:00:00Z\""),
            ),
            "`valid_until` is not after",
        ),
        (&entry("a", &format!("{plain}\nrevoked = \"\"")), "`revoked` is \"\""),
        (&entry("a", &format!("{plain}\nrevoked = true")), "line 5: invalid type: boolean"),
        (&entry("a", &format!("{plain}\n[entry.tags]\n\"aws:x\" = \"y\"")), "`tags` has `aws:x`"),
        (&entry("a", &format!("{plain}\n[entry.provision]\nexecution_role = \"x\"")), "`execution_role` is \"x\""),
        (&entry("a", &format!("{plain}\n[entry.links.Up]\nspace = \"x\"")), "`alias` is \"Up\""),
        (&entry("a", &format!("{plain}\n[entry.links.up]")), "link `up` leads nowhere"),
        (&format!("{}{}", entry("a", plain), entry("a", plain)), "entry a: a second entry with this `id`"),
        ("[[revoked]]\nuser = \"a\"", "missing field `why`"),
        (
            "[[revoked]]\nuser = \"a\"\nwhy = \"b\"\n[[revoked]]\nuser = \"A\"\nwhy = \"b\"",
            "revoked A: a second record",
        ),
        ("[[team]]\nname = \"a\"\nover_budget = true\n[[team]]\nname = \"A\"\nover_budget = false", "team A: a second"),
        ("[links.x]\nlanding = \"studio::../x\"", "links: `landing` is"),
    ] {
        let error = index(text).expect_err(text);
        assert!(error.contains(expected), "{error}\nexpected {expected}");
    }
    assert!(index(&" ".repeat(1_048_577)).expect_err("too long").contains("expected at most 1048576"));
}

#[test]
fn toml_and_json_say_the_same() {
    let text = LedgerSchema::parse(EXAMPLE).expect("a ledger");
    for written in [serde_json::to_string(&text).expect("JSON"), toml::to_string(&text).expect("TOML")] {
        assert_eq!(LedgerSchema::parse(&written).as_ref(), Ok(&text), "{written}");
    }
}

#[test]
fn names_that_are_none_and_groups_without_end_get_nothing() {
    let index = index(EXAMPLE).expect("a ledger");
    for user in ["", "a\u{0}lice", &"a".repeat(257)] {
        assert_eq!(given(&index, user, &["data-scientists"], NOW), Err("unknown_user"));
    }
    let groups: Vec<_> = (0..251).map(|number| number.to_string()).collect();
    let groups: Vec<_> = groups.iter().map(String::as_str).collect();
    assert_eq!(given(&index, "zoe", &groups, NOW), Err("unknown_user"));
    let own = given(&index, "alice", &[], NOW);
    assert_eq!(given(&index, "alice", &groups, NOW), own, "groups that no entry names");
    assert_eq!(given(&index, "alice", &["x"; 1000], NOW), own, "one group said a thousand times is one");
}

#[test]
fn a_full_ledger_is_read_and_one_entry_more_is_not() {
    let entries = (0..MOST_ENTRIES).map(|number| entry(&format!("e{number}"), &format!("user = \"u{number}\"")));
    let text = LedgerSchema::parse(&entries.collect::<String>()).expect("a text");
    assert!(Index::new(text.clone()).is_ok());
    let one_more = LedgerSchema { entry: [text.entry.as_slice(), &text.entry].concat(), ..text };
    assert!(Index::new(one_more).expect_err("too many").to_string().contains("at most 5000"));
}

/// The user chooses the entry, and not the rules that hold for the profile.
#[test]
fn entries_for_one_profile_are_as_strict_as_all_of_them() {
    let alice = |profile: &str, more: &str| format!("user = \"alice\"\nprofile = \"{profile}\"\n{more}");
    let strict = "team = \"fraud\"\nproduction = true\nsession_seconds = 1800\n";
    let text = entry("lenient", &alice("alice", "session_seconds = 7200"))
        + &entry("strict", &alice("Alice", strict))
        + &entry("elsewhere", &alice("alice-two", "session_seconds = 7200"))
        + "[[team]]\nname = \"fraud\"\nover_budget = true\n";
    let given = entitlements(&index(&text).expect("a ledger"), "alice", &[], NOW).expect("entitled");
    let rules: Vec<_> = given
        .iter()
        .map(|given| (given.id(), given.production(), given.over_budget(), given.session_seconds()))
        .collect();
    let (both, other) = ((true, true, Some(1800)), (false, false, Some(7200)));
    let of = |id, (production, over_budget, seconds)| (id, production, over_budget, seconds);
    assert_eq!(rules, [of("lenient", both), of("strict", both), of("elsewhere", other)]);
}

const ONE: &str = "https://one";
const TWO: &str = "https://two";

/// The entries and the profiles of this user of this issuer, where several are trusted.
fn given_of(index: &Index, user: &str, issuer: &str, groups: &[&str]) -> Result<Vec<String>, &'static str> {
    let groups: Vec<_> = groups.iter().map(|&group| group.to_owned()).collect();
    let given =
        entitlements_of(index, user, Some(issuer), Names::PerIssuer, &groups, NOW).map_err(|error| error.code())?;
    Ok(given.iter().map(|given| format!("{} {}", given.id(), given.profile())).collect())
}

#[test]
fn attack_an_entry_is_for_the_user_of_its_issuer_and_for_nobody_of_the_same_name() {
    let text = entry("one", &format!("user = \"alice\"\nissuer = \"{ONE}\"\nprofile = \"alice\""))
        + &entry("members", &format!("group = \"g\"\nissuer = \"{TWO}\""));
    let index = index(&text).expect("a ledger");
    assert_eq!(given_of(&index, "Alice", ONE, &["g"]).expect("entitled"), ["one alice"]);
    let twos = given_of(&index, "alice", TWO, &["g"]).expect("entitled");
    assert!(twos.len() == 1 && twos[0].starts_with("members alice-"), "{twos:?}");
    assert_eq!(given_of(&index, "alice", TWO, &[]), Err("unknown_user"));
    for near in ["https://one/", "HTTPS://ONE", "https://on", ""] {
        assert_eq!(given_of(&index, "alice", near, &["g"]), Err("unknown_user"), "{near}");
    }
}

#[test]
fn attack_an_entry_without_an_issuer_is_nobodys_where_several_are_trusted() {
    let text = entry("unnamed", "user = \"alice\"") + &entry("named", &format!("user = \"bob\"\nissuer = \"{ONE}\""));
    let read = index(&(text + &entry("both", "user = \"bob\"\nprofile = \"bob-2\""))).expect("a ledger");
    assert_eq!(given_of(&read, "alice", ONE, &[]), Err("ledger_issuer_unnamed"));
    let given = given_of(&read, "bob", ONE, &[]).expect("entitled");
    assert!(given.len() == 1 && given[0].starts_with("named "), "{given:?}");
    assert_eq!(read.unnamed().map(|entry| &*entry.id), Some("unnamed"));
    // One issuer, or shared names: as it always was.
    for names in [Names::OneIssuer, Names::Shared] {
        let given = entitlements_of(&read, "alice", Some(TWO), names, &[], NOW).expect("entitled");
        assert_eq!(given[0].profile().as_str(), "alice");
    }
}

#[test]
fn attack_templates_give_the_users_of_one_name_at_two_issuers_two_profiles() {
    let of = |id: &str, issuer: &str, what: &str| entry(id, &format!("{what}\nissuer = \"{issuer}\""));
    let text = of("one", ONE, "group = \"g\"") + &of("two", TWO, "group = \"g\"") + &of("own", ONE, "user = \"alice\"");
    let read = index(&text).expect("a ledger");
    let [ones, twos] = [ONE, TWO].map(|issuer| given_of(&read, "alice", issuer, &["g"]).expect("entitled"));
    let profile = |given: &str| given.split_once(' ').expect("a profile").1.to_owned();
    assert_eq!((ones.len(), twos.len()), (2, 1));
    assert_eq!(profile(&ones[0]), profile(&ones[1]), "one user, one template");
    assert_ne!(profile(&ones[0]), profile(&twos[0]));
    assert!(ones.iter().chain(&twos).all(|given| profile(given) != "alice"), "the plain name says no issuer");
    // A fixed name for both is refused.
    let both = of("one", ONE, "user = \"alice\"\nprofile = \"alice\"");
    let refused = index(&(both.clone() + &of("two", TWO, "user = \"alice\"\nprofile = \"Alice\""))).unwrap_err();
    assert!(refused.contains("two people may open one user profile"), "{refused}");
    assert!(index(&(both + &entry("any", "user = \"alice\"\nprofile = \"alice\""))).is_ok(), "one user by two entries");
}

#[test]
fn a_revocation_without_an_issuer_holds_for_all_and_one_with_it_for_its_own() {
    let of = |id: &str, issuer: &str| entry(id, &format!("user = \"alice\"\nissuer = \"{issuer}\""));
    let entries = of("one", ONE) + &of("two", TWO);
    let revoked = |more: &str| format!("[[revoked]]\nuser = \"Alice\"\nwhy = \"left\"\n{more}\n");
    let all = index(&(entries.clone() + &revoked(""))).expect("a ledger");
    let twos = index(&(entries.clone() + &revoked(&format!("issuer = \"{TWO}\"")))).expect("a ledger");
    for (index, ones) in [(&all, false), (&twos, true)] {
        assert_eq!(given_of(index, "alice", ONE, &[]).is_ok(), ones);
        assert_eq!(given_of(index, "alice", TWO, &[]), Err("access_revoked"));
    }
    let twice = revoked("") + &revoked("");
    assert!(index(&twice).unwrap_err().contains("a second record for this `user` and `issuer`"));
    let person = Person::parse("alice").expect("a name");
    assert!(twos.revocation(&person, None).is_some(), "an approver whose issuer is not known");
    assert!(twos.revocation(&person, Some(ONE)).is_none());
}

/// Entries of the user alice, of these issuers, for one profile.
fn of_alice(issuers: &[&str]) -> Result<Index, String> {
    let entries = issuers.iter().enumerate().map(|(number, issuer)| {
        let issuer = if issuer.is_empty() { String::new() } else { format!("issuer = \"{issuer}\"\n") };
        entry(&format!("e{number}"), &format!("user = \"alice\"\n{issuer}profile = \"shared\""))
    });
    index(&entries.collect::<String>())
}

/// Without an issuer an entry is for whichever user of the name there is, so it meets no entry that names one.
#[test]
fn one_profile_of_one_user_may_have_many_entries_and_of_two_issuers_users_none() {
    for (issuers, is_one_user) in [
        (&[ONE, ONE][..], true),
        (&["", ONE], true),
        (&[ONE, ""], true),
        (&["", ""], true),
        (&[ONE, TWO], false),
        (&["", ONE, TWO], false),
        (&[ONE, "", TWO], false),
        (&[ONE, ONE, TWO], false),
    ] {
        let found = of_alice(issuers);
        assert_eq!(found.is_ok(), is_one_user, "{issuers:?}: {:?}", found.err());
    }
}
