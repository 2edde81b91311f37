//! Ledgers and policies that a start takes and that let nobody in, and those that it does not take.

use std::fmt::Write as _;

use studio_acs::report::check::{Item, Severity};

use super::offline::KEY;
use super::{Line, NOW, REGION, assert_lines, at, config, line, offline};
use Severity::{Error, Warning};
use support::TestDir;

const ENTRY: &str = "[[entry]]\nid = \"alice\"\nuser = \"alice\"\ndomain = \"d-well\"\n";
const BOB: &str = "[[entry]]\nid = \"bob\"\nuser = \"bob\"\ndomain = \"d-well\"\n";
const GROUP: &str = "[[entry]]\nid = \"lab\"\ngroup = \"Lab\"\ndomain = \"d-well\"\nprofile = \"{user}-lab\"\n";
const PERMIT: &str = "@id(\"p\") permit (principal, action == Action::\"OpenStudio\", resource)";

struct Row {
    text: String,
    line: Line,
}

fn ledgers() -> Vec<Row> {
    use Item::{Ledger, LedgerEntries, LedgerNames};
    let row = |text: String, line| Row { text, line };
    let entries = |text: &str, severity, words, fix| row(text.to_owned(), line(LedgerEntries, severity, words, fix));
    let and = |line: &str| format!("{ENTRY}{line}\n");
    let name = |from: &str, to: &str, words| {
        let text = [ENTRY, GROUP].concat().replace(&format!("{from}\"\ndomain"), &format!("{to}\"\ndomain"));
        row(text, line(LedgerNames, Warning, words, "as the identity provider sends it"))
    };
    let fault = |text: String, words, fix| row(text, line(Ledger, Error, words, fix));
    vec![
        entries("", Error, "no entry", "[[entry]] with id, domain and user or group"),
        entries("# nothing yet\n", Error, "no entry", "add an entry"),
        entries("{}", Error, "no entry", "add an entry"),
        entries("{\"entry\": []}", Error, "no entry", "add an entry"),
        entries("[[team]]\nname = \"fraud\"\nover_budget = false\n", Error, "no entry", "add an entry"),
        entries(&and("valid_until = \"2026-01-01T00:00:00Z\""), Error, "it held until 2026-01-01", "move valid_until"),
        entries(&and("valid_from = \"2026-03-01T00:00:00Z\""), Error, "it holds from 2026-03-01", "holds now"),
        entries(&and("revoked = \"left\""), Error, "it was revoked: left", "revoked by mistake"),
        entries(
            &and("\n[[revoked]]\nuser = \"alice\"\nwhy = \"left\""),
            Error,
            "no entry opens a profile now: alice: its user was revoked: left",
            "revoked by mistake",
        ),
        entries(&ENTRY.replace("d-well", "d-other"), Error, "its domain d-other is not one of", "add the domain"),
        entries(
            &[ENTRY, &BOB.replace("d-well", "d-other")].concat(),
            Warning,
            "bob: its domain d-other is not one of",
            "STUDIO_ACS_ALLOWED_DOMAINS",
        ),
        entries(
            &[&and("valid_until = \"2026-01-01T00:00:00Z\""), &*BOB.replace("d-well", "d-other")].concat(),
            Error,
            "no entry opens a profile now: alice: it held until",
            "add the domain",
        ),
        entries(
            &[BOB, &*and("issuer = \"https://idp.corp.example/saml\"")].concat(),
            Warning,
            "its issuer https://idp.corp.example/saml is not trusted",
            "entity ID",
        ),
        entries(&and("region = \"us-east-1\""), Warning, "alice of us-east-1", "correct `region`"),
        entries(&and("region = \"eu-central1\""), Warning, "alice of eu-central1", "correct `region`"),
        name("alice", "alice ", "has a space at an edge"),
        name("alice", " alice", "has a space at an edge"),
        name("alice", "alice\u{a0}", "has a space at an edge"),
        name("alice", "ali\u{200b}ce", "without width"),
        name("alice", "\\\"alice\\\"", "has quotation marks around it"),
        name("alice", "'alice'", "has quotation marks around it"),
        name("alice", "\u{201c}alice\u{201d}", "has quotation marks around it"),
        name("alice", "alice, bob", "is a list"),
        name("alice", "*", "is no pattern"),
        name("alice", "YOUR_USER", "is an example's name"),
        name("Lab\"\n", "Lab \"\n", "the group of entry lab, \"Lab \", has a space")
            .with("group = \"Lab\"", "group = \"Lab \""),
        row(
            format!("{ENTRY}\n[[revoked]]\nuser = \"mallory \"\nwhy = \"left\"\n"),
            line(LedgerNames, Warning, "the revoked user \"mallory \"", "as the identity provider sends it"),
        ),
        fault(and("valid_until = 2026-12-31T00:00:00Z"), "line 5: ", "write the time in quotation marks"),
        fault(and("valid_until = \"31.12.2026\""), "line 5, entry alice: `valid_until` is", "(RFC 3339)"),
        fault(
            ENTRY.replace("entry", "entries"),
            "line 1: unknown field `entries`: the nearest is `entry`",
            "[[entry]]",
        ),
        fault(
            and("titel = \"x\""),
            "line 5: unknown field `titel`: the nearest is `title`",
            "correct the field's name",
        ),
        fault(ENTRY.replace("\"alice\"\nd", "\u{201c}alice\u{201d}\nd"), "line 3: ", "straight quotation marks"),
        fault(
            "id,user,domain\nalice,alice,d-well\n".to_owned(),
            "it is rows of a spreadsheet",
            "write each row as an entry",
        ),
        fault("<!DOCTYPE html><title>Sign in</title>".to_owned(), "it is an HTML page", "store the file itself"),
    ]
}

impl Row {
    /// The same with another part replaced.
    fn with(self, from: &str, to: &str) -> Self {
        Self { text: self.text.replace(from, to), ..self }
    }
}

fn policies() -> Vec<Row> {
    let permit = |end: &str| format!("{PERMIT}{end}");
    let fault = |text: String, words, fix| Row { text, line: line(Item::Policy, Error, words, fix) };
    vec![
        fault(permit(""), "text:1: unexpected end of input", "write ; at the end"),
        fault(permit(" when { principal in Groups::\"a\" };"), "did you mean `Group`?", "write User, Group"),
        fault(permit(";").replace("OpenStudio", "OpenStudios"), "did you mean", "write Action::\"OpenStudio\""),
        fault(permit(" when { principal in Group::\u{201c}a\u{201d} };"), "text:1: invalid token", "straight double"),
        fault("{\"Version\": \"2012-10-17\"}".to_owned(), "text:1: ", "an IAM policy belongs to a role"),
        Row {
            text: permit(" when { principal in Group::\"admins \" };"),
            line: line(
                Item::GroupNames,
                Warning,
                "the group \"admins \" of policy p has a space at an edge",
                "nothing around it",
            ),
        },
    ]
}

/// The items that are misconfigured here.
pub(crate) fn tried() -> impl Iterator<Item = Item> {
    ledgers().into_iter().chain(policies()).map(|row| row.line.item)
}

async fn assert_rows(setting: &str, rows: Vec<Row>) {
    for Row { text, line } in rows {
        let file = TestDir::with("text", &text);
        let path = format!("{}/text", file.path());
        let checklist = offline(&config(&[(setting, &path), KEY]), Some(REGION), at(NOW)).await;
        assert_lines(&text, &checklist, &[line]);
    }
}

#[tokio::test]
async fn each_fault_of_a_ledger_gives_its_line_and_its_fix() {
    assert_rows("ledger", ledgers()).await;
}

#[tokio::test]
async fn each_fault_of_a_policy_gives_its_line_and_its_fix() {
    assert_rows("policy", policies()).await;
}

/// A text without a policy, beside others, counts for nothing.
#[tokio::test]
async fn a_place_without_a_policy_is_named() {
    for text in ["", "\n", "// to be written\n"] {
        let file = TestDir::with("text", text);
        let places = format!("shipped:default,{}/text", file.path());
        let checklist = offline(&config(&[("policy", &places)]), Some(REGION), at(NOW)).await;
        let expected = line(Item::Policy, Warning, "/text has no policy in it", "write a policy there");
        assert_lines(text, &checklist, &[expected]);
    }
}

/// Groups are compared letter for letter, spaces included.
#[tokio::test]
async fn groups_that_differ_by_case_or_spaces_only() {
    for (one, other) in [("Data Scientists", "Data  Scientists"), ("Lab", "lab"), ("Data Scientists", "DataScientists")]
    {
        let entry =
            |id: &str, group: &str| GROUP.replace("id = \"lab\"", &format!("id = \"{id}\"")).replace("Lab", group);
        let ledger = TestDir::with(
            "text",
            &[entry("one", one), entry("other", other).replace("{user}-lab", "{user}-x")].concat(),
        );
        let path = format!("{}/text", ledger.path());
        let checklist = offline(&config(&[("ledger", &path), KEY]), Some(REGION), at(NOW)).await;
        let expected = line(Item::GroupNames, Warning, "differ by case or spaces only", "letter for letter");
        assert_lines(one, &checklist, &[expected]);
    }
}

/// Some entries end, others begin later: no mistake. A policy may name a group that no entry is for.
#[tokio::test]
async fn what_is_meant_is_only_noted() {
    let ended = BOB.to_owned() + "valid_until = \"2026-01-01T00:00:00Z\"\n";
    let ledger = TestDir::with("text", &[ENTRY, GROUP, &ended].concat());
    let policy = TestDir::with("text", &format!("{PERMIT} when {{ principal in Group::\"admins\" }};"));
    let [ledger, policy] = [ledger.path(), policy.path()].map(|path| format!("{path}/text"));
    let checklist = offline(&config(&[("ledger", &ledger), ("policy", &policy), KEY]), Some(REGION), at(NOW)).await;
    assert_lines("some entries", &checklist, &[]);
    for words in ["3, 1 of which hold not now", "no entry is for admins, which policies name"] {
        assert!(checklist.to_string().contains(words), "{words}: {checklist}");
    }
}

/// A list of many mistakes names the first ones.
#[tokio::test]
async fn many_mistakes_are_some_of_them() {
    let mut text = ENTRY.to_owned();
    for number in 0..50 {
        let _ = write!(text, "[[entry]]\nid = \"e{number}\"\nuser = \"u{number} \"\ndomain = \"d-other\"\n");
    }
    let file = TestDir::with("text", &text);
    let path = format!("{}/text", file.path());
    let checklist = offline(&config(&[("ledger", &path), KEY]), Some(REGION), at(NOW)).await;
    for item in [Item::LedgerEntries, Item::LedgerNames] {
        let finding = checklist.findings().iter().find(|finding| finding.item() == item).expect("it is there");
        assert!(finding.severity() == Warning && finding.found().ends_with('…'), "{checklist}");
        assert!(finding.found().len() < 800, "{checklist}");
    }
}
