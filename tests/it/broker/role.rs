//! The role that mints, entry by entry: another account, another region, one person's session for one profile.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Book, World, entry, last, on_record};
use support::browser::Browser;
use support::process::DOMAIN;

const USER: &str = "Alice.B@corp.example";
const OURS: &str = "arn:aws:iam::111122223333:role/studio-acs-mint";
const THEIRS: &str = "arn:aws:iam::444455556666:role/studio-acs/mint-there";

/// The calls of `AssumeRole`, with their fields.
fn assumed(world: &World) -> Vec<BTreeMap<String, String>> {
    let calls = world.way.calls().into_iter().filter(|call| call.contains("Action=AssumeRole"));
    calls.map(|call| form_urlencoded::parse(call.as_bytes()).into_owned().collect()).collect()
}

/// The regions that SageMaker was called in.
fn regions(world: &World) -> Vec<String> {
    let scopes = world.way.scopes().into_iter().filter(|scope| scope.ends_with("/sagemaker"));
    scopes.map(|scope| scope.split('/').nth(1).expect("a region").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_of_another_account_and_region_is_minted_there_by_its_own_role() {
    let world = World::with(&["alice"]).await;
    let more = format!(
        "profile = \"alice\"\nrole = \"{THEIRS}\"\naccount = \"444455556666\"\nregion = \"eu-west-1\"\n[entry.tags]\nCostCenter = \"4711\"\nTeam = \"fraud\""
    );
    let book = Book::of(&entry("there", USER, &more));
    let server = world.server(&["--ledger", &book.path(), "--mint-role", OURS, "--mint-timeout", "8"]);
    let page = Browser::of_process(&server).sign_in(&world.sign_ins.form(USER)).await;
    let log = server.end();
    assert_eq!((page.status, world.mints()), (302, 1), "{log}");

    let calls = assumed(&world);
    assert_eq!(calls.len(), 1);
    let call = &calls[0];
    assert_eq!(call["RoleArn"], THEIRS);
    assert_eq!((&*call["RoleSessionName"], &*call["SourceIdentity"]), (USER, USER));
    let tags: BTreeMap<_, _> = (1..=2)
        .map(|at| (&*call[&format!("Tags.member.{at}.Key")], &*call[&format!("Tags.member.{at}.Value")]))
        .collect();
    assert_eq!(tags, [("CostCenter", "4711"), ("Team", "fraud")].into());
    let policy: Value = serde_json::from_str(&call["Policy"]).expect("JSON");
    let arn = format!("arn:aws:sagemaker:eu-west-1:444455556666:user-profile/{DOMAIN}/alice");
    let allowed = json!([{"Effect": "Allow", "Action": "sagemaker:CreatePresignedDomainUrl", "Resource": [arn]}]);
    assert_eq!(policy, json!({"Version": "2012-10-17", "Statement": allowed}));
    assert_eq!(regions(&world), ["eu-west-1"]);
    assert!(!world.stand_ins.sagemaker.callers().contains(&"AKIATEST".to_owned()), "by the session's credentials");
    assert!(log.contains(&format!("\"uid\":\"{arn}\"")), "the record names the same profile: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_role_of_its_own_an_entry_is_minted_by_the_services_role_and_region() {
    let world = World::with(&["alice"]).await;
    let book = Book::of(&entry("own", USER, "profile = \"alice\""));
    let server = world.server(&["--ledger", &book.path(), "--mint-role", OURS, "--mint-timeout", "8"]);
    assert_eq!(Browser::of_process(&server).sign_in(&world.sign_ins.form(USER)).await.status, 302);
    let calls = assumed(&world);
    assert_eq!((calls.len(), &*calls[0]["RoleArn"]), (1, OURS));
    assert!(!calls[0].keys().any(|field| field.starts_with("Tags")), "{:?}", calls[0]);
    assert!(calls[0]["Policy"].contains("arn:aws:sagemaker:eu-central-1:111122223333:user-profile/d-abc123/alice"));
    assert_eq!(regions(&world), ["eu-central-1"]);
}

/// A source identity may be longer than a session name: CloudTrail has the whole name there, and may be searched by it.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_name_is_whole_in_the_source_identity() {
    let world = World::with(&["alice"]).await;
    let user = format!("{}@subsidiary.corp.example", "alice.".repeat(12));
    let book = Book::of(&entry("own", &user, "profile = \"alice\""));
    let server = world.server(&["--ledger", &book.path(), "--mint-role", OURS, "--mint-timeout", "8"]);
    assert_eq!(Browser::of_process(&server).sign_in(&world.sign_ins.form(&user)).await.status, 302);
    let call = &assumed(&world)[0];
    assert_eq!(call["SourceIdentity"], user);
    let session = &call["RoleSessionName"];
    assert!(session.len() <= 64 && session.starts_with("alice.alice.") && session.contains('+'), "{session}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_whose_account_is_not_its_roles_is_not_minted() {
    let world = World::with(&["alice"]).await;
    let elsewhere = "profile = \"alice\"\naccount = \"444455556666\"";
    let book = Book::of(&entry("own", USER, elsewhere));
    for role in [&["--mint-role", OURS][..], &[]] {
        let server = world.server(&[&["--ledger", &*book.path()][..], role].concat());
        let page = Browser::of_process(&server).sign_in(&world.sign_ins.form(USER)).await;
        let log = server.end();
        assert_eq!((page.status, &*last(&log)), (502, "mint_role_failed"), "{log}");
        let mint = |status: &str| ("CreatePresignedDomainUrl".to_owned(), status.to_owned());
        assert_eq!(on_record(&log), [mint("Intent"), mint("Failure")]);
    }
    assert_eq!((assumed(&world).len(), world.stand_ins.sagemaker.callers().len()), (0, 0), "nobody was asked");
}
