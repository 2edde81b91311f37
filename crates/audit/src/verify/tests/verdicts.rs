//! Changes to records, and the verdict on each.

use std::io::{BufReader, Read};

use serde_json::{Map, Value, json};

use super::{chain, found_by, key, rewritten};
use crate::chain::Chain;
use crate::verify::{Break, Report, VerifyError, VerifyRules, verify};

fn read(text: &str, in_any_order: bool) -> Result<Report, VerifyError> {
    verify(text.as_bytes(), &VerifyRules { in_any_order, ..VerifyRules::default() })
}

fn broken(lines: &[String]) -> Break {
    found_by(lines, &[]).expect_err("broken")
}

/// A change to a line.
type Change<'a> = &'a dyn Fn(&str) -> String;

#[test]
fn one_record_that_is_changed_moved_doubled_or_taken_away_is_named_by_its_line_and_number() {
    let whole = chain(5, None);
    let id = found_by(&whole, &[]).expect("whole").chains.into_keys().next().expect("a chain");
    let altered = |at: usize| {
        let (line, sequence) = (u64::try_from(at + 1).expect("a line"), u64::try_from(at).expect("a number"));
        Err(Break::Altered { line, chain: id.clone(), sequence })
    };
    let changed = |at: usize, change: &dyn Fn(&str) -> String| {
        let mut lines = whole.clone();
        lines[at] = change(&lines[at]);
        found_by(&lines, &[])
    };
    for at in 0..5 {
        let changes: [(&str, Change<'_>); 6] = [
            ("a word", &|line: &str| line.replace("\"event ", "\"Event ")),
            ("a number", &|line: &str| line.replace("\"sequence\":", "\"sequence\":1")),
            ("a space", &|line: &str| line.replace("{\"message\"", "{ \"message\"")),
            ("a name twice", &|line: &str| line.replacen('{', "{\"message\":\"another\",", 1)),
            ("a new name", &|line: &str| line.replacen('{', "{\"a\":1,", 1)),
            ("a fingerprint of another length", &|line: &str| line.replacen("\"value\":\"", "\"value\":\"0", 1)),
        ];
        for (name, change) in changes {
            let found = changed(at, change);
            if name == "a number" {
                let Err(Break::Altered { line, sequence, .. }) = found else { panic!("{name}: {found:?}") };
                assert_eq!((line, sequence), (u64::try_from(at + 1).unwrap(), format!("1{at}").parse().unwrap()));
            } else {
                assert_eq!(found, altered(at), "{name}");
            }
        }
    }
    // Without a fingerprint.
    let mut record: Value = serde_json::from_str(&whole[2]).expect("JSON");
    record["unmapped"]["attestation_list"][0].as_object_mut().expect("an object").remove("fingerprint");
    assert_eq!(changed(2, &|_| record.to_string()), altered(2));

    let without = |at: usize| [&whole[..at], &whole[at + 1..]].concat();
    for (at, line) in [(0_u64, 1_u64), (1, 2), (3, 4)] {
        let lines = without(usize::try_from(at).expect("a place"));
        assert_eq!(broken(&lines), Break::Missing { line, chain: id.clone(), expected: at, sequence: at + 1 });
        let error = read(&lines.join("\n"), true).expect_err("still missing");
        let found = Break::Missing { line, chain: id.clone(), expected: at, sequence: at + 1 };
        assert!(matches!(&error, VerifyError::Broken(broken) if *broken == found), "{error}");
    }
    assert!(found_by(&without(4), &[]).is_ok(), "the end is told by another source only");

    let mut swapped = whole.clone();
    swapped.swap(1, 2);
    assert_eq!(broken(&swapped), Break::OutOfOrder { line: 2, chain: id.clone(), expected: 1, sequence: 2 });
    let in_order = read(&whole.join("\n"), false).expect("whole");
    assert_eq!(read(&swapped.join("\n"), true).expect("whole in any order"), in_order);

    let doubled = [&whole[..3], &whole[1..3], &whole[3..]].concat();
    assert_eq!(found_by(&doubled, &[]).expect("whole"), Report { repeated: 2, ..in_order });
}

#[test]
fn records_whose_fingerprints_are_right_but_that_do_not_follow_are_forged() {
    let whole = chain(4, None);
    let other = rewritten(&whole, None);
    let id = found_by(&whole, &[]).expect("whole").chains.into_keys().next().expect("a chain");
    assert!(found_by(&other, &[]).is_ok(), "the forger kept to the rules");
    let forged = |line, sequence| Break::Forged { line, chain: id.clone(), sequence };
    // The end of one behind the beginning of the other; a first record of the other's in front, and behind.
    assert_eq!(broken(&[&whole[..2], &other[2..]].concat()), forged(3, 2));
    assert_eq!(broken(&[&other[..1], &whole[1..]].concat()), forged(2, 1));
    assert_eq!(broken(&[&whole[..], &other[1..2]].concat()), forged(5, 1));
}

#[test]
fn two_chains_that_are_mixed_are_each_whole_and_the_rest_is_counted() {
    let (one, two) = (chain(2, None), chain(1, None));
    let mixed = format!(
        "{}\r\n\n{{\"level\":\"INFO\"}}\n{}\n  \nnonsense\n{{\"unmapped\":{{}},\"metadata\":{{\"sequence\":0}}}}\n{}\n",
        one[0], two[0], one[1]
    );
    let report = read(&mixed, false).expect("whole");
    assert_eq!((report.other_lines, report.repeated, report.unnumbered, report.mints), (3, 0, 2, 0));
    let mut lengths: Vec<_> = report.chains.values().copied().collect();
    lengths.sort_unstable();
    assert_eq!(lengths, [1, 2]);
    for line in one.iter().chain(&two).skip(1) {
        let record: Value = serde_json::from_str(line).expect("JSON");
        let fingerprint = record["unmapped"]["attestation_list"][0]["fingerprint"]["value"].as_str().expect("a text");
        assert!(report.ends.values().any(|end| end == fingerprint), "{report:?}");
    }
}

#[test]
fn a_text_without_a_record_and_one_that_cannot_be_read_are_no_verdict() {
    for text in ["", "\n\n", "{}", "nonsense\n", "{\"unmapped\":{\"attestation_list\":[{\"chain_uid\":7}]}}"] {
        let error = read(text, false).expect_err("no record");
        assert!(matches!(error, VerifyError::Empty), "{text}: {error}");
        assert_eq!(error.to_string(), "there is no record in it");
    }
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    let lines = chain(2, None).join("\n") + "\n";
    let error = verify(BufReader::new(lines.as_bytes().chain(Failing)), &VerifyRules::default()).expect_err("unread");
    assert!(matches!(error, VerifyError::Unreadable { line: 3, .. }), "{error:?}");
    assert_eq!(error.to_string(), "line 3: the disk is gone");
}

#[test]
fn each_verdict_has_its_words_and_its_line() {
    let (chain, other, series, key) = ("c1".to_owned(), "c2".to_owned(), "s1".to_owned(), "5b7e227c".to_owned());
    let missing = |first, last, named: Option<&str>| Break::MissingProcesses {
        line: 8,
        series: series.clone(),
        first,
        last,
        named: named.map(str::to_owned),
    };
    let (line, sequence, expected) = (7, 2, 1);
    for (verdict, words, line) in [
        (
            Break::Altered { line, chain: chain.clone(), sequence },
            "line 7: record 2 of chain c1 is altered: its fingerprint is not that of its text",
            Some(7),
        ),
        (
            Break::Missing { line, chain: chain.clone(), expected, sequence },
            "line 7: record 1 of chain c1 is missing before record 2",
            Some(7),
        ),
        (
            Break::OutOfOrder { line, chain: chain.clone(), expected, sequence },
            "line 7: record 2 of chain c1 is out of order: record 1 was to come",
            Some(7),
        ),
        (
            Break::Forged { line, chain: chain.clone(), sequence },
            "line 7: record 2 of chain c1 does not follow what came before it: one of them is forged",
            Some(7),
        ),
        (
            Break::Unsealed { line, chain: chain.clone(), sequence },
            "line 7: record 2 of chain c1 is unsealed: a seal by one of the given keys was expected",
            Some(7),
        ),
        (
            Break::UnknownSealKey { line, chain: chain.clone(), sequence, key: key.clone() },
            "line 7: record 2 of chain c1 is sealed by the key 5b7e227c, which is not given",
            Some(7),
        ),
        (
            Break::ForgedSeal { line, chain: chain.clone(), sequence, key },
            "line 7: record 2 of chain c1 has a forged seal: the key 5b7e227c did not make it",
            Some(7),
        ),
        (missing(3, 3, None), "line 8: process 3 of series s1 is missing: no chain has the number", Some(8)),
        (
            missing(3, 5, Some("c9")),
            "line 8: each of the processes 3 to 5 of series s1 is missing: no chain has the number; the next process names chain c9",
            Some(8),
        ),
        (
            Break::Renumbered { line: 9, series: series.clone(), number: 2, chain, other },
            "line 9: process 2 of series s1 is chain c1 by one record and chain c2 by another: one of them is forged",
            Some(9),
        ),
        (
            Break::Differs { what: "the minted URLs".to_owned(), expected: "2".to_owned(), found: "1".to_owned() },
            "the minted URLs: expected 2, found 1",
            None,
        ),
    ] {
        assert_eq!((verdict.to_string().as_str(), verdict.line()), (words, line));
        assert_eq!(VerifyError::from(verdict).to_string(), words);
    }
}

#[test]
fn a_report_says_how_far_each_chain_goes() {
    let report = || Report {
        chains: [("c1".to_owned(), 3), ("c2".to_owned(), 1)].into(),
        ends: [("c1".to_owned(), "f1".to_owned()), ("c2".to_owned(), "f2".to_owned())].into(),
        series: [("s1".to_owned(), (2, 5))].into(),
        unnumbered: 0,
        unchecked_seals: 0,
        mints: 4,
        repeated: 6,
        other_lines: 7,
    };
    let first = "chain c1: 3 records, whole as far as it goes, to f1\nchain c2: 1 record, whole as far as it goes, to f2\nseries s1: processes 2 to 5, none of them missing\n";
    let last = "4 URLs were minted\n6 records were there again, unchanged; 7 lines are no records\n";
    assert_eq!(report().to_string(), format!("{first}{last}"));
    let between = "1 chains have no process number: whether others like them are missing is unknown\n";
    assert_eq!(Report { unnumbered: 1, ..report() }.to_string(), format!("{first}{between}{last}"));
    let between = "2 records are sealed, and their seals were not checked: no --seal-key was given\n";
    assert_eq!(Report { unchecked_seals: 2, ..report() }.to_string(), format!("{first}{between}{last}"));
}

#[test]
fn seals_that_no_key_checks_are_counted_once_each() {
    let ours = key("k");
    let sealed = chain(3, Some(ours.clone()));
    let all = [&sealed[..], &sealed[1..2], &chain(2, None)].concat();
    assert_eq!(found_by(&all, &[]).expect("whole").unchecked_seals, 3);
    assert_eq!(found_by(&sealed, &[ours]).expect("whole").unchecked_seals, 0);
}

/// Only the call that mints, and only its success.
#[test]
fn a_url_counts_as_minted_by_its_outcome() {
    let mut chain = Chain::new(None).expect("randomness");
    let mint = "CreatePresignedDomainUrl";
    let rows = [
        (json!({"operation": mint}), json!(1), 1),
        (json!({"operation": mint}), json!(2), 1),
        (json!({"operation": mint}), json!(99), 1),
        (json!({"operation": "CreateUserProfile"}), json!(1), 1),
        (json!({}), json!(1), 1),
        (json!({"operation": mint}), json!(1), 2),
        (json!({"operation": mint}), Value::Null, 2),
    ];
    let mut lines = Vec::new();
    for (api, status, mints) in rows {
        let mut event = super::event("a call");
        event.fields = Map::from_iter([("api".to_owned(), api), ("status_id".to_owned(), status)]);
        lines.push(chain.append(event).text.to_string());
        assert_eq!(found_by(&lines, &[]).expect("whole").mints, mints);
    }
}
