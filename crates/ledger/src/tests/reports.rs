//! An operator's reports, as text and as JSON.

use serde_json::json;
use studio_acs_identity::Names;

use super::rig::{Aws, entry, item, ledger, now};
use crate::Ledger;

const TEXT: &str = r#"
[[entry]]
id = "own"
user = "Ana"
domain = "d-a"
profile = "ana-lab"

[[entry]]
id = "all"
group = "Data Scientists"
domain = "d-abcdef"

[[entry]]
id = "later"
user = "ana"
domain = "d-b"
valid_from = "2026-07-01T00:00:00Z"

[[entry]]
id = "over"
group = "G"
domain = "d-b"
profile = "{user}-{team}"
team = "Fraud"
valid_until = "2026-06-01T12:00:00Z"

[[entry]]
id = "gone"
user = "bo"
domain = "d-c"
revoked = "2026-03-01: left the team"

[[revoked]]
user = "Mallory"
why = "left"
since = "2026-02-01"

[[team]]
name = "Fraud"
over_budget = true

[links.jupyter]
landing = "JupyterLab"
"#;

#[tokio::test(start_paused = true)]
async fn a_list_shows_every_entry_and_why_it_does_not_hold() {
    let listing = ledger(TEXT).await.list(now()).await.expect("a listing");
    let expected = "\
ENTRY  FOR                    DOMAIN    PROFILE        HOLDS
own    user#ana               d-a       ana-lab        yes
all    group#Data Scientists  d-abcdef  {user}         yes
later  user#ana               d-b       {user}         no: it holds from 2026-07-01 0:00:00.0 +00 on
over   group#G                d-b       {user}-{team}  no: it held until 2026-06-01 12:00:00.0 +00
gone   user#bo                d-c       {user}         no: it was revoked: 2026-03-01: left the team
revoked: mallory: left (since 2026-02-01)
over budget: fraud
link: jupyter
";
    assert_eq!(listing.to_string(), expected);
    assert_eq!(listing.groups().into_iter().collect::<Vec<_>>(), ["Data Scientists", "G"]);
    let json = serde_json::to_value(&listing).expect("JSON");
    let row = json!({"id": "own", "subject": "user#ana", "domain": "d-a", "profile": "ana-lab", "holds": true});
    assert_eq!(json["entries"][0], row);
    assert_eq!(json["entries"][4]["why"], "it was revoked: 2026-03-01: left the team");
    assert_eq!(json["revoked"], json!({"mallory": "left (since 2026-02-01)"}));
    assert_eq!((&json["over_budget"], &json["links"]), (&json!(["fraud"]), &json!(["jupyter"])));
}

#[tokio::test(start_paused = true)]
async fn an_explanation_shows_each_entry_for_this_user_and_the_outcome() {
    let ledger = ledger(TEXT).await;
    let groups = ["G".to_owned(), "Data Scientists".to_owned()];
    let found = ledger.explain("ANA", None, &groups, Names::OneIssuer, now()).await.expect("an explanation");
    let expected = "\
ENTRY  FOR                    DOMAIN    PROFILE    HOLDS
own    user#ana               d-a       ana-lab    yes
later  user#ana               d-b       ana        no: it holds from 2026-07-01 0:00:00.0 +00 on
all    group#Data Scientists  d-abcdef  ana        yes
over   group#G                d-b       ana-fraud  no: it held until 2026-06-01 12:00:00.0 +00
gone   user#bo                d-c       {user}     no: it is for others
ana: entitled (2 of 4 entries)
";
    assert_eq!(found.to_string(), expected);
    assert_eq!(serde_json::to_value(&found).expect("JSON")["outcome"], "entitled");
    for (user, outcome, because) in [
        ("bo", "access_revoked", "access was revoked: 2026-03-01: left the team"),
        ("mallory", "access_revoked", "access was revoked: left (since 2026-02-01)"),
        (
            "eve",
            "unknown_user",
            "no entry that holds now is for this user or for a group of theirs: no group came; groups of the ledger: Data Scientists, G",
        ),
    ] {
        let found = ledger.explain(user, None, &[], Names::OneIssuer, now()).await.expect("an explanation");
        assert_eq!((found.user.as_str(), found.outcome, found.because.as_str()), (user, outcome, because));
        assert_eq!(found.entries.len(), 5, "{user}");
    }
    let found = ledger.explain("mallory", None, &groups[1..], Names::OneIssuer, now()).await.expect("an explanation");
    let row = found.entries.iter().find(|row| row.id == "all").expect("a row");
    let why = "all access of this user was revoked: left (since 2026-02-01)";
    assert_eq!((row.holds, row.why.as_deref()), (false, Some(why)));
}

#[tokio::test(start_paused = true)]
async fn an_explanation_of_a_table_shows_what_a_sign_in_looks_at() {
    let mut own = entry("user#ana", "own");
    own["revoked"] = json!({"S": "2026-03-01: moved"});
    let revoked = item("user#mallory", "#revoked", &[("why", "left")]);
    let aws = Aws::with_items([own, entry("group#G", "all"), entry("user#bo", "other"), revoked]);
    let table = aws.table().await;
    let found = table.explain("ana", None, &["G".to_owned()], Names::OneIssuer, now()).await.expect("an explanation");
    let rows: Vec<_> = found.entries.iter().map(|row| (row.id.as_str(), row.why.as_deref())).collect();
    let expected = [
        ("own", Some("it was revoked: 2026-03-01: moved")),
        ("all", Some("the same profile was revoked by own: 2026-03-01: moved")),
    ];
    assert_eq!((rows.as_slice(), found.outcome), (&expected[..], "access_revoked"));
    let listing = table.list(now()).await.expect("a listing");
    assert_eq!((listing.entries.len(), listing.revoked.len()), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn no_ledger_has_nothing_to_report() {
    let listing = Ledger::none().list(now()).await.expect("a listing");
    assert_eq!((listing.entries.len(), listing.to_string().as_str()), (0, "ENTRY  FOR  DOMAIN  PROFILE  HOLDS\n"));
    let found = Ledger::none().explain("ana", None, &[], Names::OneIssuer, now()).await.expect("an explanation");
    assert_eq!((found.outcome, found.entries.len()), ("unknown_user", 0));
}
