//! Causes of a ledger and of an access policy that stop the start.

use aws_config::SdkConfig;
use studio_acs::report::start_cause;
use studio_acs::{Config, StartError, service};
use studio_acs_aws::SourceError;
use studio_acs_ledger::{Ledger, LedgerStartError};
use studio_acs_refusal::instant;
use support::TestDir;

use super::assert_cause;

const ENTRY: &str = "[[entry]]\nid = \"a\"\nuser = \"alice\"\ndomain = \"d-a\"\n";
const PERMIT: &str = "permit (principal, action == Action::\"OpenStudio\", resource)";

/// The text that stands in the file.
enum Content {
    /// These bytes.
    Bytes(&'static [u8]),
    /// A good text with a part replaced.
    Edited(&'static str, &'static str),
    /// A good text and this one.
    And(&'static str),
    /// No file; the setting is this.
    Setting(&'static str),
}
use Content::{And, Bytes, Edited, Setting};

const LEDGER: &[(&str, Content)] = &[
    ("text_file_missing", Setting("/nowhere/ledger.toml")),
    ("text_file_missing", Setting("ledger.tml")),
    ("ledger_table_without_prefix", Setting("studio-acs-ledger")),
    ("text_place_without_prefix", Setting("arn:aws:dynamodb:eu-central-1:111122223333:table/studio-acs-ledger")),
    ("text_place_without_prefix", Setting("arn:aws:ssm:eu-central-1:111122223333:parameter/studio-acs/ledger")),
    ("text_place_without_prefix", Setting("DynamoDB:studio-acs-ledger")),
    ("text_place_without_prefix", Setting("s3://corp-studio/ledger.toml")),
    ("text_place_without_prefix", Setting("https://corp.example/ledger.toml")),
    ("text_file_unreadable", Setting("/")),
    ("text_not_utf8", Bytes(b"\xff\xfe[\0[\0e\0n\0t\0r\0y\0]\0]\0")),
    ("text_not_utf8", Bytes(b"#\0 \0w\0h\0o\0")),
    ("text_not_utf8", Bytes(b"[[entry]]\nid = \"m\xfcller\"\n")),
    ("text_is_a_page", Bytes(b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>")),
    ("text_is_an_address", Bytes(b"https://corp.example/ledger.toml\n")),
    ("ledger_is_other_json", Bytes(b"[{\"id\": \"a\", \"user\": \"alice\", \"domain\": \"d-a\"}]")),
    ("ledger_is_yaml", Bytes(b"entry:\n  - id: a\n    user: alice\n    domain: d-a\n")),
    ("ledger_is_yaml", Bytes(b"---\n- id: a\n  user: alice\n")),
    ("ledger_is_a_spreadsheet", Bytes(b"id,user,domain\na,alice,d-a\n")),
    ("ledger_is_a_spreadsheet", Bytes(b"id;user;domain\r\na;alice;d-a\r\n")),
    ("ledger_is_a_spreadsheet", Bytes(b"id\tuser\tdomain\na\talice\td-a\n")),
    ("ledger_is_other_text", Bytes(b"<?xml version='1.0'?><ledger/>")),
    ("ledger_is_other_text", Bytes(b"-----BEGIN CERTIFICATE-----\nMII\n")),
    ("ledger_typographic_characters", Edited("\"alice\"", "\u{201c}alice\u{201d}")),
    ("ledger_typographic_characters", Edited("\"alice\"", "\u{201e}alice\u{201c}")),
    ("ledger_typographic_characters", Edited("user = ", "user\u{a0}= ")),
    ("ledger_text_unquoted", Edited("\"alice\"", "alice")),
    ("ledger_text_unquoted", And("production = yes\n")),
    ("ledger_text_unquoted", And("account = 011122223333\n")),
    ("ledger_time_unquoted", And("valid_until = 2026-12-31T00:00:00Z\n")),
    ("ledger_time_unquoted", And("valid_until = 2026-12-31\n")),
    ("ledger_time_unquoted", And("valid_from = 31.12.2026\n")),
    ("ledger_time_form", And("valid_until = \"2026-12-31\"\n")),
    ("ledger_time_form", And("valid_until = \"31.12.2026\"\n")),
    ("ledger_time_form", And("valid_until = \"2026-12-31 23:59\"\n")),
    ("ledger_time_form", And("valid_until = \"\"\n")),
    ("ledger_time_form", And("valid_until = 1798675200\n")),
    ("ledger_table_unknown", Edited("entry", "entries")),
    ("ledger_table_unknown", Edited("entry", "Entry")),
    ("ledger_table_unknown", Edited("[[entry]]\n", "")),
    ("ledger_table_unknown", Bytes(b"{\"Items\": [{\"subject\": {\"S\": \"user#alice\"}}]}")),
    ("ledger_entry_single_brackets", Edited("[[entry]]", "[entry]")),
    ("ledger_entry_single_brackets", Edited("[[entry]]", "[entry.alice]")),
    ("ledger_field_unknown", Edited("user", "username")),
    ("ledger_field_unknown", And("valid_untill = \"2026-12-31T00:00:00Z\"\n")),
    ("ledger_field_missing", Edited("domain", "# domain")),
    ("ledger_field_missing", And("\n[[revoked]]\nuser = \"mallory\"\n")),
    ("ledger_field_type", And("account = 111122223333\n")),
    ("ledger_field_type", And("production = \"true\"\n")),
    ("ledger_field_type", Edited("\"alice\"", "[\"alice\", \"bob\"]")),
    ("ledger_key_twice", And("user = \"bob\"\n")),
    ("ledger_key_twice", And("[links.a]\nspace = \"x\"\n[links.a]\nspace = \"y\"\n")),
    ("ledger_syntax", Edited("[[entry]]", "[[entry]")),
    ("ledger_syntax", Edited("user = ", "user: ")),
    ("ledger_syntax", Bytes(b"{\"entry\": [{\"id\": \"a\", \"user\": \"alice\", \"domain\": \"d-a\",}]}")),
    ("ledger_record_twice", And("[[entry]]\nid = \"a\"\nuser = \"bob\"\ndomain = \"d-a\"\n")),
    (
        "ledger_profile_of_two_users",
        And("[[entry]]\nid = \"b\"\nuser = \"bob\"\ndomain = \"d-a\"\nprofile = \"alice\"\n"),
    ),
    ("ledger_entry_invalid", Edited("\"d-a\"", "\"research\"")),
    ("ledger_entry_invalid", And("role = \"studio-acs-mint\"\n")),
    ("ledger_entry_invalid", And("session_seconds = 60\n")),
];

const POLICY: &[(&str, Content)] = &[
    ("text_file_missing", Setting("/nowhere/policy.cedar")),
    ("text_place_without_prefix", Setting("arn:aws:secretsmanager:eu-central-1:111122223333:secret:policy-AbCdEf")),
    ("text_file_unreadable", Setting("/")),
    ("text_not_utf8", Bytes(b"\xff\xfep\0e\0r\0m\0i\0t\0")),
    ("text_is_a_page", Bytes(b"<html><body>404</body></html>")),
    ("text_is_an_address", Bytes(b"https://corp.example/policy.cedar\n")),
    ("policy_is_json", Bytes(b"{\"Version\": \"2012-10-17\", \"Statement\": []}")),
    ("policy_is_json", Bytes(b"{\"staticPolicies\": {}, \"templates\": {}}")),
    ("policy_is_other_text", Bytes(b"[[entry]]\nid = \"a\"\n")),
    ("policy_is_other_text", Bytes(b"policies:\n  - permit\n")),
    ("policy_typographic_quotes", Edited("\"OpenStudio\"", "\u{201c}OpenStudio\u{201d}")),
    ("policy_typographic_quotes", Edited("\"OpenStudio\"", "'OpenStudio'")),
    ("policy_comment", Edited("permit", "# who\npermit")),
    ("policy_comment", Edited("permit", "/* who */\npermit")),
    ("policy_semicolon_missing", Edited(";", "")),
    (
        "policy_semicolon_missing",
        Edited(";", "\n@id(\"b\") permit (principal, action == Action::\"Approve\", resource);"),
    ),
    ("policy_semicolon_missing", Edited(";", "\npermit (principal, action == Action::\"Approve\", resource);")),
    ("policy_syntax_error", Edited("permit", "allow")),
    ("policy_syntax_error", Edited(";", " when { principal = User::\"a\" };")),
    ("policy_syntax_error", Edited(";", " when { resource.production and true };")),
    ("policy_entity_type_unknown", Edited(";", " when { principal in Groups::\"a\" };")),
    ("policy_entity_type_unknown", Edited(";", " when { principal == user::\"a\" };")),
    ("policy_action_unknown", Edited("OpenStudio", "openStudio")),
    ("policy_action_unknown", Edited("Action::", "action::")),
    ("policy_attribute_unknown", Edited(";", " when { resource.prod };")),
    ("policy_attribute_unknown", Edited(";", " when { principal.groups.contains(\"a\") };")),
    ("policy_attribute_may_be_absent", Edited(";", " when { resource.team == \"fraud\" };")),
    ("policy_name_unknown", Edited(";", " when { context.weekday == Weekday::\"Saturday\" };")),
    ("policy_types_differ", Edited(";", " when { context.hour > \"9\" };")),
    ("policy_types_differ", Edited(";", " when { context.weekday == \"Mon\" };")),
    ("policy_never_applies", Edited("principal,", "principal == Group::\"a\",")),
    ("policy_never_applies", Edited(";", " when { false };")),
    ("policy_not_by_schema", Edited(";", " when { [].contains(principal) };")),
    ("policy_annotation_unusable", Edited("permit", "@ID(\"a\") permit")),
    ("policy_annotation_unusable", Edited("permit", "@session_seconds(\"60\") permit")),
    ("policy_annotation_unusable", Edited("permit", "@needs(\"ticket\") permit")),
    ("policy_reason_absent", Edited("permit", "forbid")),
    (
        "policy_id_twice",
        Edited("permit", "@id(\"a\") permit (principal, action == Action::\"Approve\", resource); @id(\"a\") permit"),
    ),
    ("policy_is_a_template", Edited("principal,", "principal == ?principal,")),
    ("policy_user_with_capitals", Edited("principal,", "principal == User::\"Alice\",")),
    (
        "policy_network_of_ipv6_form",
        Edited(";", " when { context has source_ip && context.source_ip.isInRange(ip(\"::ffff:10.0.0.0/104\")) };"),
    ),
    ("policy_covers_both_actions", Edited("action == Action::\"OpenStudio\"", "action")),
    ("policy_without_permit", Bytes(b"")),
    ("policy_without_permit", Bytes(b"// nothing yet\n")),
];

/// Those that need another place than a file, or a large one.
const ELSEWHERE: &[&str] = &["text_unreadable_at_aws", "ledger_too_large", "policy_too_large"];

pub(super) fn tried() -> impl Iterator<Item = &'static str> {
    LEDGER.iter().chain(POLICY).map(|(cause, _)| *cause).chain(ELSEWHERE.iter().copied())
}

async fn error(setting: &str, value: &str) -> StartError {
    let settings = [
        ("metadata", "unused"),
        ("audience", "urn:studio"),
        ("acs-url", "https://studio.corp.example/saml"),
        (setting, value),
    ];
    let find = |name: &str| settings.iter().find(|(other, _)| *other == name);
    let config = Config::read(|setting| find(setting.name).map(|(_, value)| (*value).to_owned()));
    let (config, sdk) = (config.expect("a configuration"), SdkConfig::builder().build());
    match config.broker.ledger.clone() {
        Some(rules) => {
            let now = instant::parse("2026-01-15T10:00:30Z").expect("a time");
            Ledger::start(rules, &sdk, now).await.map(drop).expect_err(value).into()
        }
        None => service::policies(&config, &sdk).await.map(drop).expect_err(value),
    }
}

async fn assert_rows(setting: &str, good: &str, rows: &[(&str, Content)]) {
    let mut wrong = Vec::new();
    for (name, content) in rows {
        let bytes = match content {
            Bytes(bytes) => bytes.to_vec(),
            Edited(from, to) => {
                assert!(good.contains(from), "{name}: {from}");
                good.replacen(from, to, 1).into_bytes()
            }
            And(more) => [good, more].concat().into_bytes(),
            Setting(_) => Vec::new(),
        };
        let directory = TestDir::with("text", "");
        let file = format!("{}/text", directory.path());
        std::fs::write(&file, bytes).expect("a file");
        let error = error(setting, if let Setting(value) = content { value } else { &file }).await;
        wrong.extend(assert_cause(name, start_cause(&error, "urn:studio"), setting, &error.to_string()).err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn each_fault_of_a_ledger_leads_to_its_cause() {
    assert_rows("ledger", ENTRY, LEDGER).await;
}

#[tokio::test]
async fn each_fault_of_a_policy_leads_to_its_cause() {
    assert_rows("policy", &format!("{PERMIT};"), POLICY).await;
}

/// Windows editors write a byte order mark, which is no part of the text.
#[tokio::test]
async fn a_byte_order_mark_is_no_fault() {
    let now = instant::parse("2026-01-15T10:00:30Z").expect("a time");
    for text in [ENTRY, "{\"entry\": []}"] {
        let directory = TestDir::with("ledger", &format!("\u{feff}{text}"));
        let source = format!("{}/ledger", directory.path());
        let read = Config::read(|setting| match setting.name {
            "metadata" | "audience" => Some("unused".to_owned()),
            "acs-url" => Some("https://studio.corp.example/saml".to_owned()),
            "ledger" => Some(source.clone()),
            _ => None,
        });
        let rules = read.expect("a configuration").broker.ledger.expect("rules");
        let ledger = Ledger::start(rules, &SdkConfig::builder().build(), now).await;
        assert!(ledger.is_ok(), "{text}: {:?}", ledger.err());
    }
}

#[tokio::test]
async fn causes_that_need_another_place() {
    let at_aws = SourceError::Unreadable { place: "ssm:/ledger".to_owned(), reason: "AccessDenied".to_owned() };
    let at_aws = StartError::from(LedgerStartError::from(at_aws));
    let cause = start_cause(&at_aws, "urn:studio");
    assert_cause("text_unreadable_at_aws", cause, "ledger", "ssm").expect("its cause");
    for (setting, name, text) in [
        ("ledger", "ledger_too_large", " ".repeat((1 << 20) + 1)),
        ("policy", "policy_too_large", " ".repeat(256 * 1024 + 1)),
    ] {
        let directory = TestDir::with("text", &text);
        let error = error(setting, &format!("{}/text", directory.path())).await;
        assert_cause(name, start_cause(&error, "urn:studio"), setting, name).expect("its cause");
    }
}
