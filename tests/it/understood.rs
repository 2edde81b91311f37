//! `studio-acs verify` shows what it understood of a user, whatever comes of the sign-in.

use std::process::Command;

use serde_json::Value;
use studio_acs_refusal::instant;
use studio_acs_standins::idp::Claim;

use support::TestDir;
use support::issuer::{ISSUER, Issuer, claims, key_set, with};
use support::process::SignIns;

const AT: &str = "2026-11-19T12:00:30Z";
const ID: &str = "64d84438-0000-4000-8000-000000000001";
const LEDGER: &str =
    "[[entry]]\nid = \"risk\"\ngroup = \"risk-modelling\"\ndomain = \"d-abc123\"\nprofile = \"{user}\"\n";

/// The status and the report of a response with this claim, in text and in JSON.
fn verify(change: impl Fn(Claim) -> Claim, more: &[&str]) -> (Option<i32>, String, Value) {
    verify_edited(change, |response| response, more)
}

/// The same of a response that is edited after it was signed.
fn verify_edited(
    change: impl Fn(Claim) -> Claim,
    edit: impl Fn(String) -> String,
    more: &[&str],
) -> (Option<i32>, String, Value) {
    let sign_ins = SignIns::new();
    let claim = change(sign_ins.claim("alice", instant::parse(AT).expect("a time")));
    let dir = TestDir::with("response.xml", &edit(sign_ins.respond(&claim)));
    let file = format!("{}/response.xml", dir.path());
    let settings: Vec<_> = sign_ins.settings().iter().map(|(name, value)| format!("--{name}={value}")).collect();
    let run = |format: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_studio-acs"));
        let output =
            command.args(["verify", "--at", AT, "--format", format]).args(&settings).args(more).arg(&file).output();
        let output = output.expect("the command runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        (output.status.code(), text(output.stdout) + &text(output.stderr))
    };
    let ((status, report), (_, json)) = (run("text"), run("json"));
    let json = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
    (status, report, json)
}

fn in_groups(names: &'static [&'static str]) -> impl Fn(Claim) -> Claim {
    move |claim| Claim { groups: names.iter().map(|&name| name.to_owned()).collect(), ..claim }
}

#[test]
fn groups_attributes_name_and_authentication_are_shown_in_text_and_json() {
    let ledger = TestDir::with("ledger.toml", LEDGER);
    let ledger = format!("--ledger={}/ledger.toml", ledger.path());
    let (status, report, json) = verify(in_groups(&[ID, "corp.example//S-1-5-21-1-2-3-1001", ""]), &[&ledger]);
    assert_eq!(status, Some(0), "{report}");
    for words in [
        "Understood\n  NameID         \"",
        "  authenticated  2026-11-19T12:00:30Z, ",
        "  attribute      groups = \"64d84438-",
        "  groups         \"64d84438-0000-4000-8000-000000000001\", \"corp.example//S-1-5-21-1-2-3-1001\"\n",
        "  unusable       values that name no group: an empty value\n",
        "groups of the ledger: risk-modelling; IDs came, and the ledger has names\n",
    ] {
        assert!(report.contains(words), "{words}: {report}");
    }
    assert_eq!(json["groups"], serde_json::json!([ID, "corp.example//S-1-5-21-1-2-3-1001"]));
    assert_eq!(json["groups_unusable"], 1);
    let names: Vec<_> = json["attributes"].as_array().expect("attributes").iter().map(|it| &it["name"]).collect();
    assert!(names.iter().any(|name| *name == "groups") && names.len() >= 2, "{json}");
    assert!(json["name_id"].is_string() && json["authenticated_at"].is_string(), "{json}");

    let (_, report, json) = verify(in_groups(&["staff", "risk-modelling"]), &[&ledger]);
    assert!(report.contains("  matched        \"risk-modelling\"\n"), "{report}");
    assert!(report.contains("  ledger         an entry is for one of them\n"), "{report}");
    assert_eq!(json["groups_matched"], serde_json::json!(["risk-modelling"]));
}

#[test]
fn a_refused_sign_in_shows_what_was_verified_before_and_nothing_unverified() {
    let (status, report, json) = verify(in_groups(&["staff"]), &["--user-attribute=Username"]);
    assert_eq!(status, Some(1));
    assert!(report.contains("found     only username (differs in case), "), "{report}");
    assert!(report.contains("  attribute      username = \"alice\"\n"), "{report}");
    assert_eq!(json["attributes"].as_array().map(Vec::is_empty), Some(false), "{json}");

    let tampered = |response: String| response.replace("alice", "mallory");
    let (status, report, json) = verify_edited(in_groups(&["staff"]), tampered, &[]);
    assert_eq!(status, Some(1), "{report}");
    assert!(!report.contains("Understood") && !report.contains("staff"), "{report}");
    assert!(json.get("attributes").is_none() && json.get("user").is_none(), "{json}");
}

#[test]
fn a_near_miss_comes_first_among_many_attributes() {
    let many = |near: &'static str| {
        move |claim: Claim| {
            let others = (0..120).map(|number| format!("https://schemas.example/identity/claims/attribute-{number}"));
            let names = others.chain([near.to_owned()]);
            Claim { attributes: names.map(|name| (name, "x".to_owned())).collect(), ..claim }
        }
    };
    for (near, found) in [
        ("Roles", "only Roles (differs in case), "),
        ("roles ", "only \"roles \" (differs in white space), "),
        ("r\u{43e}les", "only r\\u{43e}les (differs in a character that looks the same), "),
        ("roles\u{a0}", "only roles\\u{a0} (differs in white space), "),
        ("http://schemas.microsoft.com/ws/2008/06/identity/claims/roles", "only http://schemas.microsoft.com/ws/2008"),
    ] {
        let more = ["--group-attribute=roles", "--require-groups=on"];
        let (status, report, _) = verify(many(near), &more);
        assert_eq!(status, Some(1), "{report}");
        assert!(report.contains(found), "{near:?}: {report}");
    }
}

#[test]
fn a_policy_that_restricts_refuses_what_one_that_widens_skips() {
    let forbid = TestDir::with(
        "policy.cedar",
        r#"@reason("No.") forbid (principal in Group::"contractors", action == Action::"OpenStudio", resource);"#,
    );
    let policy = format!("--policy=shipped:default,{}/policy.cedar", forbid.path());
    let (status, report, json) = verify(in_groups(&["staff", "\n    risk\n  "]), &[&policy]);
    assert_eq!((status, &json["error"]["code"]), (Some(1), &"groups_incomplete".into()), "{report}");
    assert_eq!(json["error"]["cause"], "group_value_pretty_printed");
    for words in [
        "✗ every group value is usable",
        "\"\\u{a}    risk\\u{a}  \" with white space around it",
        "  groups         \"staff\"\n",
    ] {
        assert!(report.contains(words), "{words}: {report}");
    }
    let (status, report, _) = verify(in_groups(&["staff", "\n    risk\n  "]), &[]);
    assert!(status == Some(0) && report.contains("  unusable       values that name no group: \""), "{report}");
}

#[test]
fn a_tokens_groups_stand_beside_those_of_the_ledger() {
    let issuer = Issuer::new("k1");
    let now = instant::parse(AT).expect("a time");
    let ledger = TestDir::with("ledger.toml", LEDGER);
    let keys = TestDir::with("keys.json", &key_set(&[&issuer]));
    let verify = |groups: Value, name: &str| {
        let token = TestDir::with("token.jwt", &issuer.sign(&with(claims("alice", now), name, groups)));
        let file = |dir: &TestDir, name: &str| format!("{}/{name}", dir.path());
        let mut command = Command::new(env!("CARGO_BIN_EXE_studio-acs"));
        let command = command.args(["verify", "--at", AT, "--token", &file(&token, "token.jwt")]);
        let command = command.args(["--token-issuer", ISSUER, "--token-jwks", &file(&keys, "keys.json")]);
        let audience = claims("alice", now)["aud"].as_str().expect("an audience").to_owned();
        let command =
            command.args(["--token-audience", &audience]).env("STUDIO_ACS_LEDGER", file(&ledger, "ledger.toml"));
        let output = command.output().expect("the command runs");
        let report = String::from_utf8(output.stdout).expect("UTF-8") + &String::from_utf8_lossy(&output.stderr);
        (output.status.code(), report)
    };
    let (status, report) = verify(serde_json::json!(["Risk-Modelling", 7, null]), "groups");
    assert_eq!(status, Some(0), "{report}");
    for words in [
        "  groups         \"Risk-Modelling\"\n",
        "  unusable       values that name no group: a value that is a number, a value that is null\n",
        "groups that came: Risk-Modelling (differs in case)",
    ] {
        assert!(report.contains(words), "{words}: {report}");
    }
    let (status, report) = verify(serde_json::json!(true), "hasgroups");
    assert!(
        status == Some(1) && report.contains("Refused: groups_incomplete\nCause: groups_beyond_the_token: "),
        "{report}"
    );
}
