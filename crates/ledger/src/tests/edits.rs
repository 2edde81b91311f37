//! An operator's edits: done in a table, and to be written in a text.

use parts::wire::{Answer, Call};
use serde_json::{Value, json};

use super::rig::{Aws, at, entry, item, now, plain};
use crate::{Edit, EditError, EntrySchema, Ledger, LedgerError, Person, Revocable, Subject};

fn person(name: &str) -> Revocable {
    Revocable::Person { person: Person::parse(name).expect("a name"), issuer: None }
}

fn of_group(id: &str) -> Revocable {
    Revocable::Entry { subject: Subject::group("G").expect("a group"), id: id.to_owned() }
}

fn new_entry(id: &str, user: Option<&str>) -> EntrySchema {
    EntrySchema { id: id.to_owned(), user: user.map(str::to_owned), domain: "d-a".to_owned(), ..EntrySchema::default() }
}

/// The refusal without the advice that follows a table's reason.
fn plainly(error: EditError) -> EditError {
    match error {
        EditError::Ledger(error) => EditError::Ledger(plain(error)),
        error => error,
    }
}

/// The last call, which is this operation.
fn last(aws: &Aws, operation: &str) -> Value {
    let Call { operation: found, content } = aws.calls().pop().expect("a call");
    assert_eq!(found, operation);
    content
}

fn refused(item: Value) -> Answer {
    Answer::Fault("ConditionalCheckFailedException", item)
}

/// The bytes of an advanced parameter
/// (<https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html>).
const LARGEST_PARAMETER: usize = 8192;

const INSTANT: &str = "2026-06-01T12:00:00.999Z";

#[tokio::test(start_paused = true)]
async fn a_user_is_revoked_and_restored_by_one_item() {
    let aws = Aws::with_items([entry("user#ana", "e")]);
    let table = aws.table().await;
    let done = table.revoke(&person("Ana"), "left", at(INSTANT)).await;
    assert_eq!(done, Ok(Edit::Done("all access of ana is revoked, everywhere within 30 s".to_owned())));
    let calls = aws.calls();
    let put = calls.iter().find(|call| call.operation == "PutItem").expect("a put");
    let expected = json!({
        "TableName": "ledger",
        "Item": item("user#ana", "#revoked", &[("why", "left"), ("since", "2026-06-01T12:00:00Z")]),
        "ConditionExpression": "attribute_not_exists(#subject)",
        "ExpressionAttributeNames": {"#subject": "subject"},
    });
    assert_eq!(put.content, expected);
    let done = table.revoke(&person("nobody"), "left", now()).await.expect("done").to_string();
    assert_eq!(
        done,
        "all access of nobody is revoked, everywhere within 30 s; no entry is for them by name: was that how the identity provider spells it?"
    );
    aws.calls();
    assert_eq!(table.unrevoke(&person("Ana")).await, Ok(Edit::Done("all access of ana is given back".to_owned())));
    let expected = json!({
        "TableName": "ledger",
        "Key": item("user#ana", "#revoked", &[]),
        "ConditionExpression": "attribute_exists(#subject)",
        "ExpressionAttributeNames": {"#subject": "subject"},
    });
    assert_eq!(last(&aws, "DeleteItem"), expected);
}

#[tokio::test(start_paused = true)]
async fn an_entry_is_revoked_and_restored_by_an_attribute() {
    let aws = Aws::with_items([entry("group#G", "e")]);
    let table = aws.table().await;
    let done = table.revoke(&of_group("e"), "the project ended", at(INSTANT)).await.expect("done");
    assert_eq!(done.to_string(), "e of group#G is revoked, everywhere within 30 s");
    let expected = json!({
        "TableName": "ledger",
        "Key": item("group#G", "e", &[]),
        "UpdateExpression": "SET #revoked = :why",
        "ConditionExpression": "attribute_exists(#entry) AND attribute_not_exists(#revoked)",
        "ExpressionAttributeNames": {"#entry": "entry", "#revoked": "revoked"},
        "ExpressionAttributeValues": {":why": {"S": "2026-06-01T12:00:00Z: the project ended"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    });
    assert_eq!(last(&aws, "UpdateItem"), expected);
    assert_eq!(table.unrevoke(&of_group("e")).await.expect("done").to_string(), "e of group#G is given back");
    let expected = json!({
        "TableName": "ledger",
        "Key": item("group#G", "e", &[]),
        "UpdateExpression": "REMOVE #revoked",
        "ConditionExpression": "attribute_exists(#revoked)",
        "ExpressionAttributeNames": {"#revoked": "revoked"},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    });
    assert_eq!(last(&aws, "UpdateItem"), expected);
}

#[tokio::test(start_paused = true)]
async fn an_edit_that_the_table_refuses_says_which_state_it_found() {
    let aws = Aws::with_items([]);
    let table = aws.table().await;
    let held = || refused(json!({"Item": entry("group#G", "e")}));
    let absent = || refused(json!({}));
    let denied = || Answer::Fault("AccessDeniedException", json!({}));
    let (all, one) = ("all access of ana".to_owned(), "e of group#G".to_owned());
    let unavailable = || EditError::Ledger(LedgerError::Unavailable("AccessDeniedException".to_owned()));
    for (what, answer, revoke, unrevoke) in [
        (person("ana"), absent(), EditError::AlreadyRevoked(all.clone()), EditError::NotRevoked(all)),
        (person("ana"), denied(), unavailable(), unavailable()),
        (of_group("e"), held(), EditError::AlreadyRevoked(one.clone()), EditError::NotRevoked(one.clone())),
        (of_group("e"), absent(), EditError::Unknown(one.clone()), EditError::Unknown(one)),
        (of_group("e"), denied(), unavailable(), unavailable()),
    ] {
        aws.answers([answer.clone()]);
        assert_eq!(table.revoke(&what, "left", now()).await.map_err(plainly), Err(revoke));
        aws.answers([answer]);
        assert_eq!(table.unrevoke(&what).await.map_err(plainly), Err(unrevoke));
    }
    let scanned = || Answer::Content(json!({"Items": []}));
    aws.answers([scanned(), absent()]);
    let exists = EditError::Exists("e of user#ana".to_owned());
    assert_eq!(table.add(new_entry("e", Some("ana"))).await, Err(exists));
    aws.answers([scanned(), denied()]);
    assert_eq!(table.add(new_entry("e", Some("ana"))).await.map_err(plainly), Err(unavailable()));
    aws.answers([denied()]);
    assert_eq!(table.add(new_entry("e", Some("ana"))).await.map_err(plainly), Err(unavailable()));
}

#[tokio::test(start_paused = true)]
async fn an_entry_is_added_only_if_the_ledger_is_valid_with_it() {
    let text = "[[entry]]\nid = \"e\"\nuser = \"ana\"\ndomain = \"d-a\"\n";
    let items = [entry("user#ana", "e")];
    for (source, aws) in [("ssm:/ledger", Aws::with_text(text)), ("dynamodb:ledger", Aws::with_items(items))] {
        let ledger = aws.ledger(source).await.expect("a ledger");
        let clash = EntrySchema { profile: Some("Ana".to_owned()), ..new_entry("f", Some("bo")) };
        for (entry, code, expected) in [
            (new_entry("e", Some("bo")), "entry_exists", "there is an entry e already"),
            (clash, "ledger_malformed", "entry f: two people may open one user profile of d-a, by this entry and by e"),
            (new_entry("f", None), "entry_invalid", "expected either `user` or `group`"),
            (
                new_entry("a b", Some("bo")),
                "entry_invalid",
                "`id` is \"a b\"; expected letters, digits, `.`, `_`, `-`, at most 64",
            ),
        ] {
            let error = ledger.add(entry).await.expect_err(expected);
            assert_eq!((error.code(), error.to_string().as_str()), (code, expected), "{source}");
        }
        assert!(aws.calls().iter().all(|call| call.operation != "PutItem"), "nothing was changed");
        let done = ledger.add(new_entry("f", Some("bo"))).await.expect("an edit").to_string();
        let expected = match source {
            "dynamodb:ledger" => "f of user#bo is added",
            _ => "# to be written in ssm:/ledger:\n[[entry]]\nid = \"f\"\nuser = \"bo\"\ndomain = \"d-a\"\n",
        };
        assert_eq!(done, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_entry_for_which_the_parameter_has_no_room_is_not_told_to_be_written() {
    let new = "[[entry]]\nid = \"f\"\nuser = \"bo\"\ndomain = \"d-a\"\n";
    for (more, fits) in [(0, true), (1, false)] {
        let full = format!("#{}\n", " ".repeat(LARGEST_PARAMETER - new.len() - 2 + more));
        let ledger = Aws::with_text(&full).ledger("ssm:/ledger").await.expect("a ledger");
        let found = ledger.add(new_entry("f", Some("bo"))).await;
        let (place, bytes, limit) = ("ssm:/ledger".to_owned(), LARGEST_PARAMETER + 1, LARGEST_PARAMETER);
        let to_write = Edit::ToWrite { place: place.clone(), what: new.to_owned() };
        assert_eq!(found, if fits { Ok(to_write) } else { Err(EditError::Full { place, bytes, limit }) });
    }
}

#[tokio::test(start_paused = true)]
async fn a_texts_edits_are_told_and_not_done() {
    let aws = Aws::with_text("");
    let text = aws.ledger("ssm:/ledger").await.expect("a ledger");
    let to_write = |what: &str| Ok(Edit::ToWrite { place: "ssm:/ledger".to_owned(), what: what.to_owned() });
    assert_eq!(
        text.revoke(&person("Ana"), "left", at(INSTANT)).await,
        to_write("[[revoked]]\nuser = \"ana\"\nwhy = \"left\"\nsince = \"2026-06-01T12:00:00Z\"\n")
    );
    assert_eq!(
        text.revoke(&of_group("e"), "it is \"over\"", at(INSTANT)).await,
        to_write("# in the entry with this `id`: e\nrevoked = '2026-06-01T12:00:00Z: it is \"over\"'\n")
    );
    assert_eq!(text.unrevoke(&person("Ana")).await, to_write("# no [[revoked]] with this `user`: ana\n"));
    assert_eq!(text.unrevoke(&of_group("e")).await, to_write("# no `revoked` in the entry with this `id`: e\n"));
    assert_eq!(aws.calls().len(), 1, "only the start has read it");
}

#[tokio::test(start_paused = true)]
async fn an_edit_that_is_none_is_refused_before_anything_is_asked() {
    let (text, table) = (Aws::with_text(""), Aws::with_items([]));
    let invalid = |what: &str| Err(EditError::Invalid(what.to_owned()));
    for (aws, source) in [(text, "ssm:/ledger"), (table, "dynamodb:ledger")] {
        let ledger = aws.ledger(source).await.expect("a ledger");
        aws.calls();
        for id in ["#revoked", "", "a b"] {
            let expected = format!("{id:?} is no entry's ID");
            assert_eq!(ledger.revoke(&of_group(id), "left", now()).await, invalid(&expected), "{source}");
            assert_eq!(ledger.unrevoke(&of_group(id)).await, invalid(&expected), "{source}");
        }
        // With the instant before it, a reason has 22 characters more.
        let reason = "`revoked` is ";
        for (why, fits) in [
            ("", false),
            ("a\nb", false),
            (&*"x".repeat(234), true),
            (&*"x".repeat(235), false),
            (&*"x".repeat(257), false),
        ] {
            let found = ledger.revoke(&of_group("e"), why, now()).await;
            assert_eq!(found.is_ok(), fits, "{source}: {why}: {found:?}");
            assert!(fits || found.expect_err("a fault").to_string().starts_with(reason), "{source}: {why}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_ledger_there_is_nothing_to_edit() {
    let none = Ledger::none();
    let found = [
        none.add(new_entry("e", Some("ana"))).await,
        none.revoke(&person("ana"), "left", now()).await,
        none.unrevoke(&person("ana")).await,
    ];
    assert_eq!(found, [const { Err(EditError::NoLedger) }; 3]);
    assert_eq!(EditError::NoLedger.to_string(), "there is no ledger: set one to change it");
}

#[test]
fn each_refusal_of_an_edit_has_its_code() {
    let what = || "e of group#G".to_owned();
    for (error, code, text) in [
        (EditError::AlreadyRevoked(what()), "already_revoked", "e of group#G is revoked already"),
        (EditError::Exists(what()), "entry_exists", "there is an entry e of group#G already"),
        (EditError::Invalid(what()), "entry_invalid", "e of group#G"),
        (
            EditError::Ledger(LedgerError::UnknownUser { why: "no groups came".to_owned() }),
            "unknown_user",
            "no entry that holds now is for this user or for a group of theirs: no groups came",
        ),
        (EditError::NoLedger, "no_ledger", "there is no ledger: set one to change it"),
        (EditError::NotRevoked(what()), "not_revoked", "e of group#G is not revoked"),
        (EditError::Unknown(what()), "entry_unknown", "there is no entry e of group#G"),
    ] {
        assert_eq!((error.code(), error.to_string().as_str()), (code, text));
    }
}
