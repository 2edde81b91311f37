//! The ledger as it is kept: in moto's DynamoDB and parameters, with the real SDK, in files, and in stores that fail.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use studio_acs_identity::{DomainId, GroupValue, Groups, Names, UserProfileName};
use studio_acs_ledger::{
    Edit, EditError, EntrySchema, Ledger, LedgerError, LedgerRules, LedgerSource, Person, Principal, Revocable, Subject,
};
use studio_acs_refusal::instant;
use support::fault::Fault;
use support::moto::{Lost, Moto, sdk};
use support::process::NOWHERE;
use support::{TestDir, answering, logged};
use time::UtcDateTime;

const TABLE: &str = "ledger";
const IDP: &str = "https://idp.example";
const REFRESH: i64 = 30;
const MAX_AGE: i64 = 900;
const EXAMPLE: &str = include_str!("../../fixtures/ledger/example.toml");

fn at(seconds: i64) -> UtcDateTime {
    instant::parse("2026-06-01T12:00:00Z").expect("a time") + time::Duration::seconds(seconds)
}

fn rules(source: &str) -> LedgerRules {
    LedgerRules {
        source: LedgerSource::parse(source).expect("a source"),
        refresh: Duration::from_secs(30),
        max_age: Duration::from_secs(900),
        timeout: Duration::from_secs(10),
        capacity: 100,
    }
}

async fn table(endpoint: &str) -> Ledger {
    Ledger::start(rules(&format!("dynamodb:{TABLE}")), &sdk(endpoint), at(0)).await.expect("a ledger")
}

fn in_groups(names: &[&str]) -> Groups {
    Groups::of(names.iter().map(|name| GroupValue::Text(name)), None)
}

/// The profiles that `user` may open, or the error.
async fn profiles(ledger: &Ledger, user: &str, groups: &[&str], now: i64) -> Result<Vec<String>, LedgerError> {
    let principal =
        Principal { user, issuer: IDP, names: Names::OneIssuer, groups: &in_groups(groups), attributes: None };
    let given = ledger.entitlements(&principal, at(now)).await?;
    Ok(given.iter().map(|given| given.profile().to_string()).collect())
}

async fn code(ledger: &Ledger, user: &str, groups: &[&str], now: i64) -> &'static str {
    profiles(ledger, user, groups, now).await.map_or_else(|error| error.code(), |_| "entitled")
}

fn entry(id: &str, user: &str) -> EntrySchema {
    EntrySchema {
        id: id.to_owned(),
        user: Some(user.to_owned()),
        domain: "d-abcdefghijkl".to_owned(),
        ..EntrySchema::default()
    }
}

fn person(user: &str) -> Revocable {
    Revocable::Person { person: Person::parse(user).expect("a name"), issuer: None }
}

fn one(user: &str, id: &str) -> Revocable {
    Revocable::Entry { subject: Subject::User(Person::parse(user).expect("a name")), id: id.to_owned() }
}

/// Writes an item as an operator with a console would.
async fn put(moto: &Moto, subject: &str, entry: &str, attributes: &[(&str, AttributeValue)]) {
    let put = Client::new(&moto.sdk()).put_item().table_name(TABLE);
    let mut put = put.item("subject", text(subject)).item("entry", text(entry));
    for (name, value) in attributes {
        put = put.item(*name, value.clone());
    }
    put.send().await.expect("a put");
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn domain() -> (&'static str, AttributeValue) {
    ("domain", text("d-abcdefghijkl"))
}

#[tokio::test]
async fn without_a_ledger_the_assertion_says_it_all() {
    let ledger = Ledger::none();
    let (profile, domain) = (UserProfileName::parse("Alice").unwrap(), DomainId::parse("d-1").unwrap());
    let principal = Principal {
        user: "whoever",
        issuer: IDP,
        names: Names::OneIssuer,
        groups: &Groups::default(),
        attributes: Some((&profile, &domain)),
    };
    let given = ledger.entitlements(&principal, at(0)).await.expect("entitled");
    assert_eq!(
        (given.len(), given[0].id(), given[0].profile(), given[0].domain()),
        (1, "assertion", &profile, &domain)
    );
    assert_eq!((given[0].for_user(), given[0].for_group()), (None, None));
    assert_eq!(code(&ledger, "alice", &[], 0).await, "unknown_user");
    assert_eq!(ledger.add(entry("a", "alice")).await, Err(EditError::NoLedger));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_in_the_table_holds_after_the_bound_and_not_before_it_is_asked() {
    let moto = Moto::start().with_ledger_table(TABLE).await;
    let way = moto.way(Lost::Nothing);
    let (ledger, operator) = (table(&way.endpoint).await, table(&moto.endpoint).await);
    let added = operator.add(entry("alice", "Alice")).await.expect("added");
    assert_eq!(added, Edit::Done("alice of user#alice is added".to_owned()));
    assert_eq!(profiles(&ledger, "ALICE", &[], 0).await.expect("entitled"), ["alice"]);
    let asked = way.calls().len();
    assert_eq!(asked, 2, "the person and the links: {:?}", way.calls());
    assert!(way.calls().iter().all(|call| call.contains("\"ConsistentRead\":true")));

    operator.revoke(&one("alice", "alice"), "left the team", at(0)).await.expect("revoked");
    assert_eq!(code(&ledger, "alice", &[], REFRESH - 1).await, "entitled");
    assert_eq!(way.calls().len(), asked, "from memory");
    let error = profiles(&ledger, "alice", &[], REFRESH).await.expect_err("revoked");
    assert_eq!(error, LedgerError::Revoked { why: "2026-06-01T12:00:00Z: left the team".to_owned() });
    assert_eq!(way.calls().len(), asked + 2);

    operator.unrevoke(&one("alice", "alice")).await.expect("given back");
    assert_eq!(code(&ledger, "alice", &[], 2 * REFRESH).await, "entitled");
    operator.revoke(&person("Alice"), "left", at(0)).await.expect("revoked");
    assert_eq!(code(&ledger, "alice", &[], 3 * REFRESH).await, "access_revoked");
    assert_eq!(code(&ledger, "alice", &[], 0).await, "access_revoked", "a clock that was set back brings nothing back");
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_teams_and_links_come_side_by_side_and_are_remembered_for_all() {
    let moto = Moto::start().with_ledger_table(TABLE).await;
    let way = moto.way(Lost::Nothing);
    let ledger = table(&way.endpoint).await;
    let profile = |text_: &str| ("profile", text(text_));
    put(&moto, "group#fraud", "fraud", &[domain(), profile("{user}-{team}"), ("team", text("Fraud"))]).await;
    put(&moto, "group#all", "all", &[domain(), profile("{user}")]).await;
    put(&moto, "team#fraud", "#team", &[("over_budget", AttributeValue::Bool(true))]).await;
    put(&moto, "links", "jupyter", &[("landing", text("JupyterLab"))]).await;
    let groups = in_groups(&["fraud", "all", "none"]);
    let principal =
        Principal { user: "alice", issuer: IDP, names: Names::OneIssuer, groups: &groups, attributes: None };
    let given = ledger.entitlements(&principal, at(0)).await.expect("entitled");
    let found: Vec<_> = given.iter().map(|given| (given.profile().as_str(), given.over_budget())).collect();
    assert_eq!(found, [("alice", false), ("alice-fraud", true)]);
    assert!(given.iter().all(|given| given.links().contains_key("jupyter")));
    assert_eq!(way.calls().len(), 1 + 3 + 1 + 1);
    assert_eq!(profiles(&ledger, "bob", &["fraud"], 1).await.expect("entitled"), ["bob-fraud"]);
    assert_eq!(way.calls().len(), 7, "of bob nothing was known, of the rest all");
    put(&moto, "user#bob", "#revoked", &[("why", text("left"))]).await;
    assert_eq!(code(&ledger, "bob", &["fraud", "all"], 1 + REFRESH).await, "access_revoked");
    assert_eq!(code(&ledger, "mallory", &[], 0).await, "unknown_user");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_asked_for_250_groups_and_not_for_the_first_250_of_more() {
    let moto = Moto::start().with_ledger_table(TABLE).await;
    let ledger = table(&moto.endpoint).await;
    put(&moto, "group#g000", "first", &[domain(), ("profile", text("{user}"))]).await;
    put(&moto, "group#g260", "last", &[domain(), ("profile", text("{user}"))]).await;
    let names: Vec<_> = (0..270).map(|number| format!("g{number:03}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    assert_eq!(profiles(&ledger, "alice", &names[..250], 0).await.expect("entitled"), ["alice"]);
    assert_eq!(code(&ledger, "alice", &names[..251], 0).await, "too_many_groups", "one of the others may be stricter");
    assert_eq!(code(&ledger, "alice", &names[1..200], 0).await, "unknown_user");
    let elsewhere = Groups::of([GroupValue::Text("g000")], Some("a link".to_owned()));
    let principal =
        Principal { user: "alice", issuer: IDP, names: Names::OneIssuer, groups: &elsewhere, attributes: None };
    assert_eq!(ledger.entitlements(&principal, at(0)).await.expect_err("elsewhere").code(), "groups_incomplete");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_does_not_answer_lets_nobody_in_who_is_not_fresh_in_memory() {
    let moto = Moto::start().with_ledger_table(TABLE).await;
    let ledger = table(&moto.endpoint).await;
    ledger.add(entry("alice", "alice")).await.expect("added");
    assert_eq!(code(&ledger, "alice", &[], 0).await, "entitled");
    drop(moto);
    assert_eq!(code(&ledger, "alice", &[], REFRESH - 1).await, "entitled");
    assert_eq!(code(&ledger, "alice", &[], REFRESH).await, "ledger_unavailable");
    assert_eq!(code(&ledger, "bob", &[], 0).await, "ledger_unavailable");
    let hangs = support::fault::store(Fault::Hangs).await;
    for (endpoint, reason) in [
        (NOWHERE.to_owned(), "no connection"),
        (hangs, "no answer in time"),
        (answering(400, r#"{"__type":"AccessDeniedException"}"#).await, "AccessDeniedException"),
        (answering(400, r#"{"__type":"ResourceNotFoundException"}"#).await, "ResourceNotFoundException"),
        (answering(500, "<html>maintenance</html>").await, "without an error code"),
        (answering(200, "<html>a captive portal</html>").await, "without an error code"),
    ] {
        let quick = LedgerRules { timeout: Duration::from_secs(1), ..rules("dynamodb:ledger") };
        // Throttling and server errors are asked again, with pauses.
        let patient = LedgerRules { timeout: Duration::from_secs(10), ..quick.clone() };
        let rules = if reason == "no answer in time" { quick } else { patient };
        let ledger = Ledger::start(rules, &sdk(&endpoint), at(0)).await.expect("a ledger");
        let error = profiles(&ledger, "alice", &[], 0).await.expect_err(reason);
        let LedgerError::Unavailable(words) = error else { panic!("{reason}: {error}") };
        assert!(words.contains(reason), "{reason}: {words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_cannot_be_meant_is_never_skipped() {
    let moto = Moto::start().with_ledger_table(TABLE).await;
    let ledger = table(&moto.endpoint).await;
    let number = |number: &str| AttributeValue::N(number.to_owned());
    let damages = [
        ("user#u0", "x", vec![], "missing field `domain`"),
        ("user#u1", "x", vec![domain(), ("domian", text("d-a"))], "unknown field `domian`"),
        ("user#u2", "x", vec![domain(), ("session_seconds", text("3600"))], "invalid type: string"),
        ("user#u3", "x", vec![domain(), ("session_seconds", number("3600.5"))], "`session_seconds` is of a type"),
        ("user#u4", "x", vec![domain(), ("production", number("1"))], "invalid type: integer"),
        ("user#u5", "x", vec![domain(), ("team", AttributeValue::Null(true))], "`team` is of a type"),
        ("user#u6", "x", vec![domain(), ("user", text("alice"))], "`user` is said by the key"),
        ("user#u7", "x y", vec![domain()], "`id` is \"x y\""),
        ("user#u8", "x", vec![("domain", text("D-1"))], "`domain` is \"D-1\""),
        ("user#u9", "#revoked", vec![], "missing field `why`"),
        ("user#u10", "#revoke", vec![("why", text("left"))], "unknown field `why`"),
        ("user#u11", "x", vec![domain(), ("landing", text("https://evil.example"))], "`landing` is"),
        ("user#u12", "x", vec![domain(), ("profile", text("a b"))], "`profile`: `a b`"),
        (
            "user#u13",
            "x",
            vec![domain(), ("tags", AttributeValue::M([("a".into(), number("1"))].into()))],
            "invalid type",
        ),
    ];
    for (subject, id, attributes, expected) in damages {
        put(&moto, subject, id, &attributes).await;
        put(&moto, subject, "good", &[domain()]).await;
        let user = subject.strip_prefix("user#").expect("a user");
        let error = profiles(&ledger, user, &[], 0).await.expect_err(expected);
        assert_eq!(error.code(), "ledger_malformed");
        assert!(error.to_string().contains(expected), "{error}\nexpected {expected}");
        assert!(ledger.list(at(0)).await.is_err());
        let delete = Client::new(&moto.sdk()).delete_item().table_name(TABLE);
        delete.key("subject", text(subject)).key("entry", text(id)).send().await.expect("a delete");
    }
    put(&moto, "team#fraud", "team", &[("over_budget", AttributeValue::Bool(true))]).await;
    put(&moto, "user#x", "x", &[domain(), ("team", text("fraud"))]).await;
    assert_eq!(code(&ledger, "x", &[], 0).await, "ledger_malformed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_no_sign_in_would_find_is_told_to_who_lists() {
    let moto = Moto::start().with_ledger_table(TABLE).await;
    let ledger = table(&moto.endpoint).await;
    for subject in ["user#Alice", "team#Fraud", "users#alice", "alice", "user#", "link"] {
        put(&moto, subject, "#revoked", &[("why", text("left"))]).await;
        let error = ledger.list(at(0)).await.expect_err(subject);
        assert!(error.to_string().contains("is not found by any sign-in"), "{error}");
        let delete = Client::new(&moto.sdk()).delete_item().table_name(TABLE);
        delete.key("subject", text(subject)).key("entry", text("#revoked")).send().await.expect("a delete");
    }
    put(&moto, "approval", "request", &[("who", text("alice"))]).await;
    assert!(ledger.list(at(0)).await.expect("a listing").entries.is_empty(), "requests for approval are not ours");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_pages_is_read_to_its_end_and_no_further_than_the_bound() {
    let moto = Moto::start().with_ledger_table(TABLE).await;
    let way = moto.way(Lost::Nothing);
    let ledger = table(&way.endpoint).await;
    for number in 0..100 {
        let profile = format!("{{user}}-{number}");
        put(&moto, "group#g", &format!("e{number:03}"), &[domain(), ("profile", text(&profile))]).await;
    }
    assert_eq!(profiles(&ledger, "alice", &["g"], 0).await.expect("entitled").len(), 100);
    put(&moto, "group#g", "e100", &[domain()]).await;
    let error = profiles(&ledger, "alice", &["g"], REFRESH).await.expect_err("too many");
    assert!(error.to_string().contains("group#g: 101 items or more"), "{error}");

    // A page holds a mebibyte.
    let tags = (0..45).map(|number| (format!("{number}{}", "k".repeat(100)), text(&"v".repeat(250))));
    let tags = AttributeValue::M(tags.collect());
    for number in 0..90 {
        let profile = text(&format!("{{user}}-{number}"));
        put(&moto, "group#pages", &format!("p{number:03}"), &[domain(), ("profile", profile), ("tags", tags.clone())])
            .await;
    }
    let before = way.calls().len();
    assert_eq!(profiles(&ledger, "bob", &["pages"], REFRESH).await.expect("entitled").len(), 90);
    let pages = way.calls()[before..].iter().filter(|call| call.contains("group#pages")).count();
    assert!(pages > 1, "{pages}");
    assert_eq!(ledger.list(at(0)).await.expect("a listing").entries.len(), 101 + 90);
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_change_what_is_there_and_overwrite_nothing() {
    let moto = Moto::start().with_ledger_table(TABLE).await;
    let ledger = table(&moto.endpoint).await;
    let code = |edit: Result<Edit, EditError>| edit.map_or_else(|error| error.code(), |_| "done");
    let in_group =
        EntrySchema { user: None, group: Some("g".to_owned()), profile: Some("{user}".to_owned()), ..entry("g", "") };
    assert_eq!(code(ledger.add(in_group).await), "done");
    assert_eq!(code(ledger.add(entry("alice", "alice")).await), "done");
    assert_eq!(code(ledger.add(entry("alice", "alice")).await), "entry_exists");
    assert_eq!(code(ledger.add(entry("alice", "bob")).await), "entry_exists", "an ID is one entry's");
    assert_eq!(code(ledger.add(EntrySchema { domain: "x".to_owned(), ..entry("bob", "bob") }).await), "entry_invalid");
    let theft = EntrySchema { profile: Some("ALICE".to_owned()), ..entry("bob", "bob") };
    assert_eq!(code(ledger.add(theft).await), "ledger_malformed", "alice's profile is alice's");

    assert_eq!(code(ledger.revoke(&one("bob", "bob"), "left", at(0)).await), "entry_unknown");
    assert_eq!(code(ledger.unrevoke(&one("bob", "bob")).await), "entry_unknown");
    assert_eq!(code(ledger.unrevoke(&one("alice", "alice")).await), "not_revoked");
    assert_eq!(code(ledger.revoke(&one("alice", "#revoked"), "left", at(0)).await), "entry_invalid");
    assert_eq!(code(ledger.revoke(&one("alice", "alice"), "", at(0)).await), "entry_invalid");
    assert_eq!(code(ledger.revoke(&one("alice", "alice"), "left", at(0)).await), "done");
    assert_eq!(code(ledger.revoke(&one("alice", "alice"), "again", at(1)).await), "already_revoked");
    assert_eq!(code(ledger.unrevoke(&person("alice")).await), "not_revoked");
    assert_eq!(code(ledger.revoke(&person("alice"), "left", at(0)).await), "done");
    assert_eq!(code(ledger.revoke(&person("ALICE"), "left", at(0)).await), "already_revoked");

    let Ok(Edit::Done(done)) = ledger.revoke(&person("nobody"), "left", at(0)).await else { panic!("not done") };
    assert!(done.contains("no entry is for them by name"), "{done}");

    let listing = ledger.list(at(0)).await.expect("a listing");
    let shown = listing.to_string();
    assert!(
        shown.contains("alice  user#alice  d-abcdefghijkl  {user}   no: it was revoked: 2026-06-01T12:00:00Z: left"),
        "{shown}"
    );
    assert!(shown.contains("revoked: alice: left (since 2026-06-01T12:00:00Z)"), "{shown}");
    assert!(serde_json::to_string(&listing).expect("JSON").contains("\"subject\":\"group#g\""));
    let explained =
        ledger.explain("Alice", None, &["g".to_owned()], Names::Shared, at(0)).await.expect("an explanation");
    assert_eq!((explained.outcome, explained.entries.len()), ("access_revoked", 2));
    assert_eq!(code(ledger.unrevoke(&person("alice")).await), "done");
    let explained =
        ledger.explain("Alice", None, &["g".to_owned()], Names::Shared, at(REFRESH)).await.expect("an explanation");
    let shown = explained.to_string();
    assert!(shown.contains("no: the same profile was revoked by alice: 2026-06-01T12:00:00Z: left"), "{shown}");
    let explained =
        ledger.explain("bob", None, &["g".to_owned()], Names::Shared, at(REFRESH)).await.expect("an explanation");
    assert_eq!((explained.outcome, explained.entries[0].profile.as_str()), ("entitled", "bob"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_read_again_and_what_is_wrong_leaves_the_last_good_one_for_a_while() {
    let dir = TestDir::with("ledger.toml", EXAMPLE);
    let file = std::path::Path::new(dir.path()).join("ledger.toml");
    let ledger = Ledger::start(rules(file.to_str().unwrap()), &sdk(NOWHERE), at(0)).await.expect("a ledger");
    assert_eq!(profiles(&ledger, "alice", &[], 0).await.expect("entitled"), ["alice-fraud"]);

    let revoked = format!("{EXAMPLE}\n[[revoked]]\nuser = \"Alice\"\nwhy = \"left\"\n");
    std::fs::write(&file, &revoked).expect("a file");
    assert_eq!(code(&ledger, "alice", &[], REFRESH - 1).await, "entitled");
    let (found, log) = logged(code(&ledger, "alice", &[], REFRESH)).await;
    assert_eq!(found, "access_revoked");
    assert!(log.contains("the ledger has changed"), "{log}");

    std::fs::write(&file, format!("{revoked}\n[[entyr]]\n")).expect("a file");
    let (found, log) = logged(code(&ledger, "bob", &["data-scientists"], 2 * REFRESH)).await;
    assert_eq!(found, "entitled");
    assert!(log.contains("unknown field `entyr`") && log.contains("\"ERROR\""), "{log}");
    let good = REFRESH;
    assert_eq!(code(&ledger, "alice", &[], good + MAX_AGE - 1).await, "access_revoked", "the last good one");
    std::fs::remove_file(&file).expect("a removal");
    let error = profiles(&ledger, "bob", &["data-scientists"], good + MAX_AGE).await.expect_err("too old");
    assert_eq!(error.code(), "ledger_unavailable");
    std::fs::write(&file, EXAMPLE).expect("a file");
    assert_eq!(code(&ledger, "alice", &[], good + MAX_AGE + REFRESH).await, "entitled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_cannot_be_read_or_meant_stops_the_start() {
    let dir = TestDir::with("ledger.toml", "[[entry]]\nid = 1");
    let file = format!("{}/ledger.toml", dir.path());
    for (source, code, expected) in [
        (&*file, "ledger_malformed", "line 2"),
        ("/nowhere/ledger.toml", "ledger_unavailable", "No such file"),
        ("ssm:/studio-acs/ledger", "ledger_unavailable", "no connection"),
    ] {
        let error = Ledger::start(rules(source), &sdk(NOWHERE), at(0)).await.expect_err(source);
        assert_eq!(error.code(), code);
        assert!(error.to_string().contains(expected) && error.to_string().contains(source), "{error}");
    }
    assert!(LedgerSource::parse("dynamodb:").is_err() && LedgerSource::parse("ssm:").is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_in_a_parameter_is_read_once_in_the_interval_and_changed_by_its_owner() {
    let moto = Moto::start();
    let ssm = aws_sdk_ssm::Client::new(&moto.sdk());
    let parameter =
        ssm.put_parameter().name("/ledger").value(EXAMPLE).r#type(aws_sdk_ssm::types::ParameterType::String);
    parameter.send().await.expect("a parameter");
    let way = moto.way(Lost::Nothing);
    let ledger = Ledger::start(rules("ssm:/ledger"), &sdk(&way.endpoint), at(0)).await.expect("a ledger");
    for now in [0, 1, REFRESH - 1, REFRESH, REFRESH + 1] {
        assert_eq!(code(&ledger, "alice", &[], now).await, "entitled");
    }
    assert_eq!(way.calls().len(), 2);

    let edit = ledger.revoke(&person("Alice"), "say \"no\"", at(0)).await.expect("a edit").to_string();
    let (place, toml) = edit.split_once('\n').expect("two lines");
    assert_eq!(place, "# to be written in ssm:/ledger:");
    let edit = ledger.add(entry("dave", "dave")).await.expect("a edit").to_string();
    let text = format!("{EXAMPLE}\n{toml}\n{edit}");
    ssm.put_parameter().name("/ledger").value(text).overwrite(true).send().await.expect("a parameter");
    assert_eq!(code(&ledger, "alice", &[], 2 * REFRESH).await, "access_revoked");
    assert_eq!(profiles(&ledger, "dave", &[], 2 * REFRESH).await.expect("entitled"), ["dave"]);
    let edit = ledger.revoke(&one("dave", "dave"), "left", at(0)).await.expect("a edit").to_string();
    assert!(edit.contains("this `id`: dave\n") && edit.contains("revoked = \"2026-06-01T12:00:00Z: left\""), "{edit}");

    let explained = ledger.explain("dave", None, &[], Names::Shared, at(2 * REFRESH)).await.expect("an explanation");
    assert_eq!((explained.outcome, explained.entries.len()), ("entitled", 4));
    assert_eq!(explained.entries.iter().filter(|row| row.why.as_deref() == Some("it is for others")).count(), 3);
    let listing = ledger.list(at(2 * REFRESH)).await.expect("a listing");
    assert_eq!((listing.entries.len(), listing.over_budget), (4, vec!["fraud".to_owned()]));

    // An advanced parameter has 8 KB: an entry that has no room is refused, and a revocation is printed all the same.
    let text = format!("{EXAMPLE}\n# {}\n", "x".repeat(8_180 - EXAMPLE.len()));
    ssm.put_parameter()
        .name("/ledger")
        .value(text)
        .tier(aws_sdk_ssm::types::ParameterTier::Advanced)
        .overwrite(true)
        .send()
        .await
        .expect("a parameter");
    assert_eq!(code(&ledger, "alice", &[], 3 * REFRESH).await, "entitled");
    let full = ledger.add(entry("erin", "erin")).await.expect_err("no room");
    assert_eq!(full.code(), "ledger_full");
    assert!(full.to_string().starts_with("ssm:/ledger would have 8") && full.to_string().contains("8192"), "{full}");
    assert!(ledger.revoke(&person("bob"), "left", at(0)).await.is_ok());
}
