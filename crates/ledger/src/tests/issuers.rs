//! Users of one name at several issuers.

use parts::identities::of_an_assertion;
use serde_json::{Value, json};
use studio_acs_identity::{Groups, Names, UserId};

use super::rig::{Aws, entry, fault, item, ledger, now};
use crate::{Edit, Ledger, LedgerError, Person, Principal, Revocable};

const ONE: &str = "https://one.example";
const TWO: &str = "https://two.example";

const TEXT: &str = r#"
[[entry]]
id = "one"
user = "ana"
issuer = "https://one.example"
domain = "d-a"
profile = "ana-one"

[[entry]]
id = "two"
user = "ana"
issuer = "https://two.example"
domain = "d-a"
profile = "ana-two"

[[entry]]
id = "any"
user = "ana"
domain = "d-b"

[[revoked]]
user = "Bo"
issuer = "https://two.example"
why = "left"

[[revoked]]
user = "Cy"
why = "left"
"#;

/// The same as items.
fn items() -> Vec<Value> {
    let own = |id: &str, issuer: &str| {
        let profile = format!("ana-{id}");
        item("user#ana", id, &[("issuer", issuer), ("domain", "d-a"), ("profile", &profile)])
    };
    let revoked = |user: &str, entry: &str| item(&format!("user#{user}"), entry, &[("why", "left")]);
    let bo = revoked("bo", "#revoked#https://two.example");
    vec![own("one", ONE), own("two", TWO), item("user#ana", "any", &[("domain", "d-b")]), bo, revoked("cy", "#revoked")]
}

/// The text's ledger, and the table's.
async fn both() -> [Ledger; 2] {
    [ledger(TEXT).await, Aws::with_items(items()).table().await]
}

#[tokio::test(start_paused = true)]
async fn an_entry_is_for_the_user_of_its_issuer_and_one_without_for_those_whose_names_are_clear() {
    let unnamed = LedgerError::IssuerUnnamed { entry: "any".to_owned() };
    for ledger in both().await {
        for (issuer, names, expected) in [
            (ONE, Names::PerIssuer, Ok(vec!["one"])),
            (TWO, Names::PerIssuer, Ok(vec!["two"])),
            ("https://three.example", Names::PerIssuer, Err(unnamed.clone())),
            (ONE, Names::OneIssuer, Ok(vec!["any", "one"])),
            (TWO, Names::Shared, Ok(vec!["any", "two"])),
            ("https://three.example", Names::OneIssuer, Ok(vec!["any"])),
        ] {
            let groups = Groups::default();
            let principal = Principal { user: "Ana", issuer, names, groups: &groups, attributes: None };
            let given = ledger.entitlements(&principal, now()).await;
            let given = given.map(|given| {
                let mut ids: Vec<_> =
                    given.iter().map(|one| (one.id().to_owned(), one.issuer().map(str::to_owned))).collect();
                ids.sort();
                ids
            });
            let whose = |id: &str| match id {
                "one" => Some(ONE.to_owned()),
                "two" => Some(TWO.to_owned()),
                _ => None,
            };
            let expected = expected.map(|ids| ids.into_iter().map(|id| (id.to_owned(), whose(id))).collect::<Vec<_>>());
            assert_eq!(given, expected, "{issuer} {names:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_revocation_is_of_one_issuers_user_or_of_all() {
    for ledger in both().await {
        for (user, issuer, revoked) in [
            ("bo", Some(ONE), false),
            ("bo", Some(TWO), true),
            ("BO", None, true),
            ("cy", Some(ONE), true),
            ("cy", None, true),
            ("ana", None, false),
        ] {
            let found = ledger.revocation(&UserId::new(issuer, user), now()).await.expect("an answer");
            assert_eq!(found.as_deref(), revoked.then_some("left"), "{user} {issuer:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn attack_a_revoked_user_of_shared_names_comes_by_another_issuer() {
    let text = format!(
        "[[entry]]\nid = \"e\"\nuser = \"ana\"\ndomain = \"d-a\"\n[[revoked]]\nuser = \"ana\"\nissuer = \"{ONE}\"\nwhy = \"left\"\n"
    );
    let ledger = ledger(&text).await;
    for (issuer, names, expected) in [
        (ONE, Names::OneIssuer, Err("access_revoked")),
        (TWO, Names::OneIssuer, Ok(1)),
        (ONE, Names::Shared, Err("access_revoked")),
        (TWO, Names::Shared, Err("access_revoked")),
    ] {
        let groups = Groups::default();
        let principal = Principal { user: "ana", issuer, names, groups: &groups, attributes: None };
        let given = ledger.entitlements(&principal, now()).await;
        assert_eq!(given.map(|given| given.len()).map_err(|error| error.code()), expected, "{issuer} {names:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_ledger_an_assertion_of_each_issuer_counts() {
    let identity = of_an_assertion();
    for names in [Names::OneIssuer, Names::Shared, Names::PerIssuer] {
        let given = Ledger::none().entitlements(&Principal::of(&identity, names), now()).await.expect("entitled");
        assert_eq!(given.iter().map(|one| one.id()).collect::<Vec<_>>(), ["assertion"], "{names:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_with_several_issuers_is_told_of_the_first_entry_without_one() {
    let unnamed = |entry: &str| Err(LedgerError::IssuerUnnamed { entry: entry.to_owned() });
    let [text, table] = both().await;
    assert_eq!(text.check_issuers(), unnamed("any"));
    assert_eq!(table.check_issuers(), Ok(()), "its entries are looked at when their user signs in");
    assert_eq!(Ledger::none().check_issuers(), Ok(()), "it has no entries");
    let named = "[[entry]]\nid = \"e\"\nuser = \"ana\"\nissuer = \"x\"\ndomain = \"d-a\"\n";
    assert_eq!(ledger(named).await.check_issuers(), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn an_issuer_has_1000_bytes_at_most() {
    let text = |issuer: &str| {
        let entry = json!({"id": "e", "user": "ana", "domain": "d-a", "issuer": issuer});
        let revoked = json!({"user": "ana", "why": "left", "issuer": issuer});
        [json!({"entry": [entry]}), json!({"revoked": [revoked]})].map(|text| text.to_string())
    };
    for fits in ["x".repeat(1000), "ä".repeat(500), "https://idp.example/#x".to_owned()] {
        for text in text(&fits) {
            ledger(&text).await;
        }
    }
    for unfit in ["x".repeat(1001), "ä".repeat(501), String::new(), " ".to_owned(), "a\nb".to_owned()] {
        for text in text(&unfit) {
            let error = fault(&text).await.to_string();
            assert!(error.contains(": `issuer` is ") && error.contains("1 to 1000 bytes"), "{error}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_users_access_is_revoked_and_restored_by_the_issuer_in_the_key() {
    let what = Revocable::Person { person: Person::parse("Ana").expect("a name"), issuer: Some(TWO.to_owned()) };
    let aws = Aws::with_items([entry("user#ana", "e")]);
    let table = aws.table().await;
    let done = table.revoke(&what, "left", now()).await.expect("done").to_string();
    assert_eq!(done, "all access of ana of https://two.example is revoked, everywhere within 30 s");
    let calls = aws.calls();
    let put = calls.iter().find(|call| call.operation == "PutItem").expect("a put");
    let key = "#revoked#https://two.example";
    assert_eq!(put.content["Item"], item("user#ana", key, &[("why", "left"), ("since", "2026-06-01T12:00:00Z")]));
    let done = table.unrevoke(&what).await.expect("done").to_string();
    assert_eq!(done, "all access of ana of https://two.example is given back");
    assert_eq!(aws.calls().pop().expect("a call").content["Key"], item("user#ana", key, &[]));
    let text = Aws::with_text("").ledger("ssm:/ledger").await.expect("a ledger");
    let to_write = |what: &str| Ok(Edit::ToWrite { place: "ssm:/ledger".to_owned(), what: what.to_owned() });
    let revoked = "[[revoked]]\nuser = \"ana\"\nissuer = \"https://two.example\"\nwhy = \"left\"\nsince = \"2026-06-01T12:00:00Z\"\n";
    assert_eq!(text.revoke(&what, "left", now()).await, to_write(revoked));
    let restored = "# no [[revoked]] with this `user`: ana and this `issuer`: https://two.example\n";
    assert_eq!(text.unrevoke(&what).await, to_write(restored));
}

#[tokio::test(start_paused = true)]
async fn reports_name_the_issuer_and_the_entries_without_one() {
    let listing = ledger(TEXT).await.list(now()).await.expect("a listing");
    let expected = "\
ENTRY  FOR                              DOMAIN  PROFILE  HOLDS
one    user#ana of https://one.example  d-a     ana-one  yes
two    user#ana of https://two.example  d-a     ana-two  yes
any    user#ana                         d-b     {user}   yes
";
    let shown = listing.to_string();
    assert!(shown.starts_with(expected), "{shown}");
    for line in ["revoked: bo of https://two.example: left\n", "revoked: cy: left\n", "without an issuer: any\n"] {
        assert!(shown.contains(line), "{shown}");
    }
    assert_eq!(listing.unnamed().collect::<Vec<_>>(), ["any"]);
    for text in ["", "[[entry]]\nid = \"e\"\nuser = \"ana\"\ndomain = \"d-a\"\n"] {
        let shown = ledger(text).await.list(now()).await.expect("a listing").to_string();
        assert!(!shown.contains("without an issuer"), "all of them, or none: {shown}");
    }
    let found =
        ledger(TEXT).await.explain("ana", Some(TWO), &[], Names::PerIssuer, now()).await.expect("an explanation");
    let rows: Vec<_> = found.entries.iter().map(|row| (row.id.as_str(), row.holds, row.why.as_deref())).collect();
    let others = (false, Some("it is for others"));
    let unnamed = (false, Some("it names no issuer, and several are trusted"));
    assert_eq!(rows, [("two", true, None), ("any", unnamed.0, unnamed.1), ("one", others.0, others.1)]);
}
