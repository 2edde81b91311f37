use std::collections::HashMap;

use super::*;

fn name(template: &str, team: &str, user: &str) -> String {
    let template = ProfileName::parse(template, Some(team), None).expect(template);
    template.of(&Person::parse(user).expect(user)).expect("a name").to_string()
}

fn template(text: &str) -> Template {
    match ProfileName::parse(text, None, None).expect(text) {
        ProfileName::Derived(template) => template,
        ProfileName::Fixed(_) => panic!("{text} is fixed"),
    }
}

#[test]
fn what_fits_stays_readable() {
    assert_eq!(name("{user}", "", "alice"), "alice");
    assert_eq!(name("{user}-{team}", "Fraud", "Alice"), "alice-fraud");
    assert_eq!(name("{user}-{team}", "data-science", "alice7"), "alice7-data-science");
    assert_eq!(name("Alice-Old", "", "whoever"), "Alice-Old");
    assert_eq!(name("shared-{team}", "Fraud", "alice"), "shared-fraud");
}

#[test]
fn what_does_not_fit_gets_a_hash() {
    let derived = name("{user}", "", "alice@corp.example");
    assert!(derived.starts_with("alice-corp-example-") && derived.len() == "alice-corp-example-".len() + DIGITS);
    assert_eq!(derived, name("{user}", "", "ALICE@corp.example"));
    // A hyphen at an end is no part of a name.
    for template in ["{user}-", "-{user}"] {
        let derived = name(template, "", "alice");
        assert!(derived.starts_with("alice-") && derived.len() == "alice-".len() + DIGITS, "{template}: {derived}");
    }
    // They stay for as long as profiles of these names exist.
    assert_eq!(derived, "alice-corp-example-737dcf7af704df165bf3");
}

#[test]
fn a_team_that_is_not_in_the_name_makes_no_other_profile() {
    assert_eq!(name("{user}", "fraud", "a.b@x"), name("{user}", "risk", "a.b@x"));
    assert_ne!(name("{user}-{team}", "fraud", "a.b@x"), name("{user}-{team}", "risk", "a.b@x"));
}

#[test]
fn people_with_names_made_to_meet_do_not() {
    let long = "x".repeat(64);
    let longer = "x".repeat(65);
    let users = [
        "a.b@x",
        "a-b@x",
        "a.b-x",
        "a-b-x",
        "a_b@x",
        "ab@x",
        "a b x",
        "alice",
        "ａｌｉｃｅ",
        "аlice",
        "\u{212a}ate",
        "kate",
        "日本",
        "日本語",
        "@",
        "-",
        ".",
        "🦀",
        "a",
        "-a",
        "a-",
        &long,
        &longer,
        "null",
    ];
    let mut seen: HashMap<String, String> = HashMap::new();
    for user in users {
        for template in ["{user}", "{user}-{team}", "studio-{user}"] {
            let name = name(template, "fraud", user);
            assert!(UserProfileName::parse(&name).is_some(), "{name}");
            let before = seen.insert(name.clone(), user.to_owned());
            assert!(before.as_deref().is_none_or(|other| other == user), "{name}: {before:?} and {user}");
        }
    }
}

#[test]
fn parts_joined_differently_do_not_meet() {
    assert_ne!(name("{user}-{team}", "b-c", "a"), name("{user}-{team}", "c", "a-b"));
    assert_ne!(name("{user}{team}", "bc", "a"), name("{user}-{team}", "bc", "a"));
    assert_ne!(name("{user}", "", "a-fraud"), name("{user}-{team}", "fraud", "a"));
    assert_ne!(name("{user}-{team}", "R&D", "alice"), name("{user}-{team}", "R D", "alice"));
    assert_ne!(name("{user}-{team}", "é", "éa"), name("{user}-{team}", "éé", "a"), "a hash knows where a part ends");
}

#[test]
fn nobody_gets_anothers_derived_name_by_being_called_so() {
    let victim = name("{user}", "", "a.b@x");
    assert_ne!(name("{user}", "", &victim), victim);
    // Without a hyphen in it: the hash of the user `@` follows the prefix.
    let victim = name("x-{user}", "", "@");
    let hash = victim.strip_prefix("x-").expect("a prefix");
    assert_ne!(name("x-{user}", "", hash), victim);
    let bare = name("{user}", "", "@");
    assert_eq!(bare.len(), DIGITS);
    assert_ne!(name("{user}", "", &bare), bare);
    assert!(ProfileName::parse(&victim, None, None).is_err(), "nor by an entry that says so");
    assert!(ProfileName::parse(&bare, None, None).is_err());
}

#[test]
fn names_are_never_too_long() {
    for user in ["x".repeat(63), "x".repeat(64), "@".repeat(256), "é".repeat(256), "x-".repeat(128)] {
        for template in ["{user}", "{user}-{team}", "a--b---{user}--c", &format!("{}{{user}}", "y".repeat(57))] {
            let name = name(template, &"t".repeat(100), &user);
            assert!(name.len() <= LONGEST, "{name}");
        }
    }
    assert_eq!(name("{user}", "", &"x".repeat(63)), "x".repeat(63));
}

#[test]
fn what_is_no_name_and_no_template_is_refused() {
    for text in
        ["", "-a", "a b", "{user", "{User}", "{user}{user}", "{user}@x", "{group}", "{team}-x{", &"y".repeat(64)]
    {
        assert!(ProfileName::parse(text, Some("fraud"), None).is_err(), "{text}");
    }
    assert!(ProfileName::parse("{user}-{team}", None, None).is_err_and(|error| error.contains("no team")));
}

/// A name that is written out may end in digits, or in a word of their length, but not in both forms of a derived one.
#[test]
fn a_name_that_might_be_derived_is_not_written_out() {
    let digits = "0123456789abcdef0123";
    for (text, is_name) in [
        (format!("x{digits}"), true),
        (format!("x-{}", "z".repeat(DIGITS)), true),
        (format!("x-{digits}"), false),
        (digits.to_owned(), false),
    ] {
        assert_eq!(ProfileName::parse(&text, None, None).is_ok(), is_name, "{text}");
    }
}

#[test]
fn templates_by_which_two_people_would_meet_are_found() {
    for (one, other, meet) in [
        ("{user}", "{user}", false),
        ("{user}", "{user}-fraud", false),
        ("{user}", "x{user}", true),
        ("{user}", "{user}x", true),
        ("a{user}", "b{user}", false),
        ("ab{user}", "a{user}", true),
        ("a{user}", "{user}b", true),
        ("x-{user}", "{user}-x", false),
        ("x-{user}", "{user}-y", true),
        ("x-{user}-z", "{user}-y-z", true),
        ("x-{user}-z", "{user}-y-w", false),
        ("ax-{user}", "a{user}-y", true),
        ("x-{user}", "a{user}-y", false),
    ] {
        let (first, second) = (template(one), template(other));
        let (first, second) = (first.shape().expect(one), second.shape().expect(other));
        assert_eq!(first.meets(&second), meet, "{one} and {other}");
        assert_eq!(second.meets(&first), meet, "{other} and {one}");
    }
}

#[test]
fn whose_plain_name_it_is() {
    let of = |text: &str, name: &str| template(text).person_of(name).map(str::to_owned);
    assert_eq!(of("{user}-fraud", "alice-fraud").as_deref(), Some("alice"));
    assert_eq!(of("{user}", "alice-fraud"), None);
    assert_eq!(of("x{user}x", "x"), None);
    assert_eq!(of("{user}", "0123456789abcdef0123"), None);
}

#[test]
fn of_many_thousand_pairs_none_meets() {
    // Short names over few letters: as many near misses as there can be.
    let letters = ['a', 'B', '-', '.', '@', '0', 'ä'];
    let words = |number: usize| {
        let (mut word, mut rest) = (String::new(), number);
        while rest > 0 {
            word.extend(letters.get(rest % letters.len()));
            rest /= letters.len();
        }
        word
    };
    let mut seen: HashMap<String, (Person, String)> = HashMap::new();
    for user in 1..4000 {
        let Some(person) = Person::parse(&words(user)) else { continue };
        for team in ["a", "b-a", "a.b", "ä"] {
            let template = ProfileName::parse("{user}-{team}", Some(team), None).expect("a template");
            let name = template.of(&person).expect("a name").to_string();
            let same = seen.insert(name.clone(), (person.clone(), team.to_owned()));
            assert!(same.is_none_or(|same| same == (person.clone(), team.to_owned())), "{name}: {person:?}, {team}");
        }
    }
    assert!(seen.len() > 10_000);
}
