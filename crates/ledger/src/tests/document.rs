//! A text that is read again while the service runs.

use parts::wire::Answer;
use serde_json::json;
use studio_acs_aws::SourceError;
use studio_acs_identity::GroupUse;

use super::rig::{Aws, at, given};
use crate::{Ledger, LedgerSource, LedgerStartError};

fn text(user: &str) -> String {
    format!("[[entry]]\nid = \"e\"\nuser = \"{user}\"\ndomain = \"d-a\"\n")
}

#[tokio::test(start_paused = true)]
async fn a_text_is_read_at_the_start_and_again_after_the_interval() {
    let aws = Aws::with_text(&text("ana"));
    let ledger = aws.ledger("ssm:/ledger").await.expect("a ledger");
    let read = aws.calls();
    let operations: Vec<_> = read.iter().map(|call| (call.operation.as_str(), &call.content)).collect();
    assert_eq!(operations, [("GetParameter", &json!({"Name": "/ledger", "WithDecryption": true}))]);
    aws.has_text(&text("bo"));
    assert_eq!(given(&ledger, "ana", &[], at("2026-06-01T12:00:29Z")).await.expect("entitled"), ["e ana"]);
    assert_eq!(aws.calls(), []);
    let thirty = at("2026-06-01T12:00:30Z");
    assert_eq!(given(&ledger, "ana", &[], thirty).await, Err("unknown_user"));
    assert_eq!(given(&ledger, "bo", &[], thirty).await.expect("entitled"), ["e bo"]);
    assert_eq!(aws.calls().len(), 1, "one reads for all");
}

#[tokio::test(start_paused = true)]
async fn the_last_good_text_serves_until_it_is_too_old_for_a_revocation_to_be_in_it() {
    for fault in ["a text", "no answer", "an error"] {
        let aws = Aws::with_text(&text("ana"));
        let ledger = aws.ledger("ssm:/ledger").await.expect("a ledger");
        match fault {
            "a text" => aws.has_text("[[entry]]"),
            "no answer" => aws.hangs(),
            _ => aws.answers(vec![Answer::Fault("AccessDeniedException", json!({})); 100]),
        }
        assert!(given(&ledger, "ana", &[], at("2026-06-01T12:00:30Z")).await.is_ok(), "{fault}");
        assert!(given(&ledger, "ana", &[], at("2026-06-01T12:14:59Z")).await.is_ok(), "{fault}");
        assert_eq!(given(&ledger, "ana", &[], at("2026-06-01T12:15:00Z")).await, Err("ledger_unavailable"), "{fault}");
    }
    // A text that is the same is as good as a new one.
    let aws = Aws::with_text(&text("ana"));
    let ledger = aws.ledger("ssm:/ledger").await.expect("a ledger");
    for minute in [14, 28, 42] {
        assert!(given(&ledger, "ana", &[], at(&format!("2026-06-01T12:{minute}:00Z"))).await.is_ok(), "{minute}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_without_a_good_text_says_where_and_why() {
    let aws = Aws::with_text("[[entry]]\nid = 7\n");
    let error = aws.ledger("ssm:/ledger").await.expect_err("no ledger");
    assert!(error.to_string().starts_with("the ledger ssm:/ledger: line 2: "), "{error}");
    assert_eq!(error.code(), "ledger_malformed");
    aws.answers([Answer::Fault("ParameterNotFound", json!({}))]);
    let error = aws.ledger("ssm:/ledger").await.expect_err("no ledger");
    assert!(
        matches!(&error, LedgerStartError::Unreadable(SourceError::Absent { reason, .. }) if reason.contains("ParameterNotFound")),
        "{error}"
    );
    assert_eq!(error.code(), "ledger_unavailable");
}

#[tokio::test(start_paused = true)]
async fn a_ledger_reads_groups_and_none_reads_none() {
    let ledger = Aws::with_text("").ledger("ssm:/ledger").await.expect("a ledger");
    assert_eq!((ledger.group_use(), Ledger::none().group_use()), (GroupUse::Widens, GroupUse::Unread));
}

#[test]
fn a_source_is_a_table_or_a_text_somewhere() {
    for (text, at_aws) in [
        ("dynamodb:ledger", true),
        ("dynamodb:arn:aws:dynamodb:eu-central-1:111122223333:table/ledger", true),
        ("ssm:/ledger", true),
        ("secretsmanager:ledger", true),
        ("/etc/ledger.toml", false),
        ("ledger.toml", false),
    ] {
        let source = LedgerSource::parse(text).expect(text);
        assert_eq!((source.to_string().as_str(), source.is_at_aws()), (text, at_aws));
        assert_eq!(matches!(&source, LedgerSource::Table(_)), text.starts_with("dynamodb:"), "{text}");
    }
    let error = LedgerSource::parse("dynamodb:").expect_err("no name");
    assert_eq!(error, "`dynamodb:` has no name after the colon");
    for name in ["a b", "ab", "ledger/entries", "arn:aws:s3:::ledger"] {
        let error = LedgerSource::parse(&format!("dynamodb:{name}")).expect_err(name);
        assert!(error.starts_with(&format!("`{name}` is not a table's name")), "{error}");
    }
    assert!(LedgerSource::parse("ssm:").is_err());
}
