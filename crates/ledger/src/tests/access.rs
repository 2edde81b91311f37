//! Access by entries, and its end by revocations and dates.

use parts::identities::of_an_assertion;
use serde_json::json;
use studio_acs_identity::Names;

use super::rig::{at, entitlements, given, ledger, now, revocation};
use crate::{DeepLink, Entitlement, LandingUri, Ledger, LedgerError, Principal, REVIEW, SpaceName};

/// An entry of this ID, and what else it says.
fn entry(id: &str, more: &str) -> String {
    format!("[[entry]]\nid = \"{id}\"\n{more}\n")
}

#[tokio::test(start_paused = true)]
async fn an_entitlement_says_what_its_entry_says_and_nothing_that_it_does_not() {
    let full = r#"
title = "Fraud lab"
user = "Ana"
domain = "d-abc"
profile = "{team}-{user}"
team = "fraud"
account = "111122223333"
region = "eu-west-1"
space = "shared"
landing = "studio::board"
session_seconds = 3600
role = "arn:aws:iam::111122223333:role/mint"
production = true
valid_until = "2027-01-01T00:00:00Z"
tags = { CostCenter = "4711", Stage = "dev" }
links = { own = { space = "mine" }, both = { landing = "JupyterLab" } }
provision = { execution_role = "arn:aws:iam::111122223333:role/nb", security_groups = ["sg-1"], tags = { Team = "x" } }
"#;
    let rest = "[links.all]\nlanding = \"studio::\"\n[links.both]\nspace = \"others\"\n[[team]]\nname = \"Fraud\"\nover_budget = true\n";
    let text = entry("lab", full) + &entry("plain", "group = \"G\"\ndomain = \"d-xyz\"") + rest;
    let given = entitlements(&ledger(&text).await, "ANA", &["G"], now()).await.expect("entitled");
    let [lab, plain] = given.as_slice() else { panic!("{given:?}") };

    assert_eq!((lab.id(), lab.title(), lab.profile().as_str()), ("lab", "Fraud lab", "fraud-ana"));
    assert_eq!((lab.for_user(), lab.for_group(), lab.team()), (Some("ana"), None, Some("fraud")));
    assert_eq!(
        (lab.domain().as_str(), lab.account(), lab.region()),
        ("d-abc", Some("111122223333"), Some("eu-west-1"))
    );
    assert_eq!(lab.space().map(ToString::to_string).as_deref(), Some("shared"));
    assert_eq!(lab.landing().map(ToString::to_string).as_deref(), Some("studio::board"));
    assert_eq!((lab.session_seconds(), lab.valid_until()), (Some(3600), Some(at("2027-01-01T00:00:00Z"))));
    assert_eq!(lab.role().map(ToString::to_string).as_deref(), Some("arn:aws:iam::111122223333:role/mint"));
    assert!(lab.production() && lab.over_budget());
    assert_eq!(json!(lab.tags()), json!({"CostCenter": "4711", "Stage": "dev"}));
    let provision = lab.provision().expect("provision");
    assert_eq!(provision.execution_role().as_str(), "arn:aws:iam::111122223333:role/nb");
    assert_eq!(
        (provision.security_groups(), json!(provision.tags())),
        (&["sg-1".to_owned()][..], json!({"Team": "x"}))
    );
    let shown = |link: &DeepLink| {
        (
            link.landing().map(LandingUri::as_str).map(str::to_owned),
            link.space().map(SpaceName::as_str).map(str::to_owned),
        )
    };
    let links =
        |of: &Entitlement| of.links().iter().map(|(alias, link)| (alias.clone(), shown(link))).collect::<Vec<_>>();
    let link = |alias: &str, landing: Option<&str>, space: Option<&str>| {
        (alias.to_owned(), (landing.map(str::to_owned), space.map(str::to_owned)))
    };
    // The entry's own link stands for the ledger's of its name.
    let all = link("all", Some("studio::"), None);
    assert_eq!(links(lab), [all.clone(), link("both", Some("app:JupyterLab:"), None), link("own", None, Some("mine"))]);
    assert_eq!(links(plain), [all, link("both", None, Some("others"))]);

    assert_eq!((plain.id(), plain.title(), plain.profile().as_str()), ("plain", "plain", "ana"));
    assert_eq!((plain.for_user(), plain.for_group(), plain.team()), (None, Some("G"), None));
    assert_eq!((plain.domain().as_str(), plain.account(), plain.region()), ("d-xyz", None, None));
    assert!(
        plain.space().is_none() && plain.landing().is_none() && plain.role().is_none() && plain.provision().is_none()
    );
    assert_eq!((plain.session_seconds(), plain.valid_until(), plain.tags().len()), (None, None, 0));
    assert!(!plain.production() && !plain.over_budget());
}

#[tokio::test(start_paused = true)]
async fn an_entry_holds_from_its_first_instant_to_the_one_before_its_last() {
    let bounds = "user = \"ana\"\ndomain = \"d-a\"\nvalid_from = \"2026-06-01T12:00:00Z\"\nvalid_until = \"2026-06-01T13:00:00Z\"";
    let ledger = ledger(&entry("e", bounds)).await;
    for (instant, holds) in [
        ("2026-06-01T11:59:59.999999999Z", false),
        ("2026-06-01T12:00:00Z", true),
        ("2026-06-01T12:59:59.999999999Z", true),
        ("2026-06-01T13:00:00Z", false),
    ] {
        let found = given(&ledger, "ana", &[], at(instant)).await;
        assert_eq!(found, if holds { Ok(vec!["e ana".to_owned()]) } else { Err("unknown_user") }, "{instant}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_revocation_beats_whatever_allows() {
    let own = |id: &str, more: &str| entry(id, &format!("user = \"ana\"\ndomain = \"d-a\"\n{more}"));
    let of_group = |id: &str, more: &str| entry(id, &format!("group = \"G\"\ndomain = \"d-a\"\n{more}"));
    let person = "[[revoked]]\nuser = \"ANA\"\nwhy = \"left\"\n";
    let reason = |why: &str| LedgerError::Revoked { why: why.to_owned() };
    // Its words are another test's.
    let nobody = || LedgerError::UnknownUser { why: String::new() };
    for (text, expected) in [
        (own("e", "") + person, Err(reason("left"))),
        (own("e", "") + person + "since = \"2026-02-01\"\n", Err(reason("left (since 2026-02-01)"))),
        (person.to_owned(), Err(reason("left"))),
        (own("e", "revoked = \"moved\""), Err(reason("moved"))),
        // A group's entry for the same profile does not give it back, in whatever case the name is written.
        (own("e", "revoked = \"moved\"") + &of_group("g", ""), Err(reason("moved"))),
        (own("e", "profile = \"ANA\"\nrevoked = \"moved\"") + &of_group("g", ""), Err(reason("moved"))),
        // One for another profile or in another domain is of its own.
        (own("e", "profile = \"ana-x\"\nrevoked = \"moved\"") + &of_group("g", ""), Ok("g ana")),
        (own("e", "revoked = \"moved\"") + &entry("g", "group = \"G\"\ndomain = \"d-b\""), Ok("g ana")),
        // A group's revoked entry takes nothing else away.
        (own("e", "") + &of_group("g", "revoked = \"moved\""), Ok("e ana")),
        (of_group("g", "revoked = \"moved\""), Err(reason("moved"))),
        // Another user's.
        (own("e", "") + "[[revoked]]\nuser = \"bo\"\nwhy = \"left\"\n", Ok("e ana")),
        (String::new(), Err(nobody())),
    ] {
        let found = entitlements(&ledger(&text).await, "ana", &["G"], now()).await;
        let found = found.map_err(|error| if error.code() == "unknown_user" { nobody() } else { error });
        let found =
            found.map(|given| given.iter().map(|one| format!("{} {}", one.id(), one.profile())).collect::<Vec<_>>());
        assert_eq!(found, expected.map(|one| vec![one.to_owned()]), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn several_entries_for_one_profile_are_each_as_strict_as_all_of_them() {
    let own = |id: &str, more: &str| entry(id, &format!("user = \"ana\"\n{more}"));
    let team = "[[team]]\nname = \"spent\"\nover_budget = true\n";
    let text = [
        own("one", "domain = \"d-a\"\nsession_seconds = 7200"),
        own("two", "domain = \"d-a\"\nprofile = \"ANA\"\nproduction = true\nsession_seconds = 3600"),
        own("three", "domain = \"d-a\"\nteam = \"spent\""),
        own("profile", "domain = \"d-a\"\nprofile = \"other\""),
        own("domain", "domain = \"d-b\"\nsession_seconds = 1800"),
        team.to_owned(),
    ];
    let given = entitlements(&ledger(&text.concat()).await, "ana", &[], now()).await.expect("entitled");
    let found: Vec<_> =
        given.iter().map(|one| (one.id(), one.production(), one.over_budget(), one.session_seconds())).collect();
    let strict = (true, true, Some(3600));
    let expected = [
        ("one", strict),
        ("two", strict),
        ("three", strict),
        ("profile", (false, false, None)),
        ("domain", (false, false, Some(1800))),
    ];
    assert_eq!(found, expected.map(|(id, (production, budget, seconds))| (id, production, budget, seconds)));
}

#[tokio::test(start_paused = true)]
async fn a_team_is_over_budget_by_its_name_in_any_case() {
    let of_team = |team: &str| entry("e", &format!("user = \"ana\"\ndomain = \"d-a\"\nteam = \"{team}\""));
    for (team, row, over) in [
        ("Fraud", "name = \"fRAUD\"\nover_budget = true", true),
        ("Fraud", "name = \"fraud\"\nover_budget = false", false),
        ("Fraud", "name = \"frauds\"\nover_budget = true", false),
    ] {
        let text = of_team(team) + "[[team]]\n" + row + "\n";
        let given = entitlements(&ledger(&text).await, "ana", &[], now()).await.expect("entitled");
        assert_eq!(given[0].over_budget(), over, "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_name_that_makes_no_profile_is_told_by_its_entry() {
    let text = entry("e", "user = \"ana\"\ndomain = \"d-a\"");
    let found = given(&ledger(&text).await, "ana", &[], now()).await;
    assert_eq!(found.expect("entitled"), ["e ana"]);
}

#[tokio::test(start_paused = true)]
async fn without_a_ledger_the_assertion_itself_is_the_entitlement() {
    let (identity, ledger) = (of_an_assertion(), Ledger::none());
    let principal = Principal::of(&identity, Names::OneIssuer);
    assert_eq!((principal.user, principal.groups), (identity.user(), identity.groups()));
    let (profile, domain) = identity.named().expect("both are named");
    let given = ledger.entitlements(&principal, now()).await.expect("entitled");
    let [only] = given.as_slice() else { panic!("{given:?}") };
    assert_eq!((only.id(), only.title()), ("assertion", domain.as_str()));
    assert_eq!((only.profile(), only.domain()), (profile, domain));
    assert_eq!(
        (only.for_user(), only.for_group(), only.valid_until(), only.session_seconds()),
        (None, None, None, None)
    );
    assert!(only.links().is_empty() && !only.production() && only.provision().is_none() && only.role().is_none());
    let unnamed = Principal { attributes: None, ..principal };
    assert_eq!(ledger.entitlements(&unnamed, now()).await.expect_err("none").code(), "unknown_user");
    assert_eq!(revocation(&ledger, "ana", now()).await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn revocations_are_of_users_by_name() {
    let text = "[[revoked]]\nuser = \"Mallory@Corp.Example\"\nwhy = \"left\"\n";
    let ledger = ledger(text).await;
    for (user, expected) in [("mallory@corp.example", Some("left")), ("mallory", None), ("", None)] {
        assert_eq!(revocation(&ledger, user, now()).await, Ok(expected.map(str::to_owned)), "{user}");
    }
}

#[test]
fn the_page_where_approvers_decide_is_no_links_name() {
    assert_eq!(REVIEW, "approvals");
    let parsed = |text: &str| LandingUri::parse(text).map(|landing| landing.as_str().to_owned());
    assert_eq!(parsed("Canvas").as_deref(), Some("app:Canvas:"));
    // Each part of a path is checked by itself.
    for text in [
        "studio::a/.",
        "studio::.",
        "studio::..",
        "studio::a//",
        "studio::/",
        "studio::ä",
        "app:Canvas:..",
        "app:Nothing:a",
    ] {
        assert_eq!(parsed(text), None, "{text}");
    }
    for text in ["studio::a/", "studio::...", "studio::~a_b-c.d/e", "app:Canvas:", "studio::a./.b"] {
        assert_eq!(parsed(text).as_deref(), Some(text));
    }
    assert_eq!(SpaceName::parse("a-b").expect("a name").as_str(), "a-b");
    assert!(SpaceName::parse("a_b").is_none());
}
