//! Whole chains that are missing, as on Lambda, where each has a few records.

use serde_json::json;

use super::{event, found_by, key};
use crate::chain::Chain;
use crate::event::PROCESS;
use crate::process_counter::ProcessNumber;
use crate::seal::SealKey;
use crate::verify::{Break, Expectation, Report, VerifyError, VerifyRules, verify};

/// A process of three records.
struct Process {
    chain: String,
    lines: Vec<String>,
}

/// The number, as the start record has it; `None` for a process without a counter.
type Numbering = Option<ProcessNumber>;

fn process(numbering: impl FnOnce(&str) -> Numbering, seal_key: Option<SealKey>) -> Process {
    let mut chain = Chain::new(seal_key).expect("randomness");
    let mut start = event("start");
    start.unmapped.extend(numbering(chain.id()).map(|number| (PROCESS.to_owned(), number.json())));
    let events = [start, event("intent"), event("outcome")];
    let lines = events.into_iter().map(|event| chain.append(event).text.to_string()).collect();
    Process { chain: chain.id().to_owned(), lines }
}

/// So many processes, one after the other, with one counter.
fn series(processes: u64) -> Vec<Process> {
    let mut made: Vec<Process> = Vec::new();
    for number in 1..=processes {
        let previous = made.last().map(|process| process.chain.clone());
        let first = made.first().map(|process| process.chain.clone());
        let numbering = |own: &str| {
            let series = first.unwrap_or_else(|| own.to_owned());
            Some(ProcessNumber { series, number, previous })
        };
        made.push(process(numbering, Some(key("k"))));
    }
    made
}

fn lines<'a>(processes: impl IntoIterator<Item = &'a Process>) -> Vec<String> {
    processes.into_iter().flat_map(|process| process.lines.clone()).collect()
}

/// The lines of all but these, from 0.
fn without(processes: &[Process], missing: &[usize]) -> Vec<String> {
    let kept = processes.iter().enumerate().filter(|(place, _)| !missing.contains(place));
    lines(kept.map(|(_, process)| process))
}

fn expecting(lines: &[String], statements: &[String]) -> Result<Report, Break> {
    let expected = statements.iter().map(|text| Expectation::parse(text).expect("a statement")).collect();
    let rules = VerifyRules { expected, ..VerifyRules::default() };
    verify(lines.join("\n").as_bytes(), &rules).map_err(|error| match error {
        VerifyError::Broken(broken) => broken,
        error => panic!("{error}"),
    })
}

#[test]
fn a_chain_that_is_missing_between_others_is_noticed_by_its_number_and_named() {
    let made = series(6);
    let id = &made[0].chain;
    let report = found_by(&without(&made, &[]), &[key("k")]).expect("whole");
    assert_eq!(report.series.into_iter().collect::<Vec<_>>(), [(id.clone(), (1, 6))]);
    assert_eq!((report.unnumbered, report.mints), (0, 0));
    for place in 1..5 {
        let number = u64::try_from(place).unwrap() + 1;
        let line = u64::try_from(place).unwrap() * 3 + 1;
        let (series, named) = (id.clone(), Some(made[place].chain.clone()));
        let missing = Break::MissingProcesses { line, series, first: number, last: number, named };
        assert_eq!(found_by(&without(&made, &[place]), &[]), Err(missing), "{place}");
    }
    let broken = found_by(&without(&made, &[1, 2, 3]), &[]).expect_err("broken");
    let named = Some(made[3].chain.clone());
    assert_eq!(broken, Break::MissingProcesses { line: 4, series: id.clone(), first: 2, last: 4, named });
    assert!(broken.to_string().contains("each of the processes 2 to 4"), "{broken}");
    // In any order, and mixed.
    let mut mixed = without(&made, &[]);
    mixed.sort();
    let rules = VerifyRules { in_any_order: true, ..VerifyRules::default() };
    assert!(verify(mixed.join("\n").as_bytes(), &rules).is_ok());
}

#[test]
fn first_and_last_chains_that_are_missing_are_noticed_by_a_statement() {
    let made = series(5);
    let id = &made[0].chain;
    let (all, first, last) = (without(&made, &[]), without(&made, &[0]), without(&made, &[4]));
    assert!([&all, &first, &last].iter().all(|lines| found_by(lines, &[]).is_ok()), "the numbers do not show it");
    for (lines, statement, found) in [
        (&all, "processes=5".to_owned(), None),
        (&all, "processes=1-5".to_owned(), None),
        (&all, format!("processes:{id}=1-5"), None),
        (&first, "processes=5".to_owned(), None),
        (&first, "processes=1-5".to_owned(), Some(("first", "1", "2"))),
        (&last, "processes=5".to_owned(), Some(("last", "5", "4"))),
        (&last, format!("processes:{id}=5"), Some(("last", "5", "4"))),
        (&all, "processes=4".to_owned(), Some(("last", "4", "5"))),
        (&lines([&process(|_| None, None)]), "processes=5".to_owned(), Some(("last", "5", "no number"))),
    ] {
        let broken = expecting(lines, std::slice::from_ref(&statement)).err();
        match (&broken, found) {
            (None, None) => {}
            (Some(Break::Differs { what, expected, found }), Some((which, other, here))) => {
                assert!(what.contains(which), "{statement}: {what}");
                assert_eq!((expected.as_str(), found.as_str()), (other, here), "{statement}");
            }
            _ => panic!("{statement}: {broken:?}"),
        }
        assert_eq!(broken.and_then(|broken| broken.line()), None);
    }
}

#[test]
fn two_series_are_two_and_a_statement_says_of_which() {
    let (one, two) = (series(3), series(2));
    let lines = [without(&one, &[]), without(&two, &[])].concat();
    let spans = expecting(&lines, &[]).expect("whole").series;
    assert_eq!((spans[&one[0].chain], spans[&two[0].chain]), ((1, 3), (1, 2)));
    let of = |process: &Process, last: u64| format!("processes:{}={last}", process.chain);
    assert!(expecting(&lines, &[of(&one[0], 3), of(&two[0], 2)]).is_ok());
    let broken = expecting(&lines, &["processes=3".to_owned()]).expect_err("of which");
    assert!(broken.to_string().contains("name one of them"), "{broken}");
    let broken = expecting(&lines, &[of(&one[0], 3), of(&two[0], 3)]).expect_err("the second differs");
    assert!(matches!(&broken, Break::Differs { what, .. } if what.contains(&two[0].chain)), "{broken}");
}

#[test]
fn two_chains_with_one_number_are_noticed_and_so_is_a_chain_that_the_next_does_not_name() {
    let made = series(3);
    let (series, second) = (made[0].chain.clone(), made[1].chain.clone());
    let numbering = |_: &str| Some(ProcessNumber { series: series.clone(), number: 2, previous: Some(series.clone()) });
    let other = process(numbering, None);
    let chain = other.chain.clone();
    let twice = [without(&made, &[]), other.lines.clone()].concat();
    let renumbered =
        Break::Renumbered { line: 10, series: series.clone(), number: 2, chain: chain.clone(), other: second.clone() };
    assert_eq!(found_by(&twice, &[]), Err(renumbered));
    // In the place of the one that was taken away.
    let instead = [made[0].lines.clone(), other.lines, made[2].lines.clone()].concat();
    let (line, number) = (7, 2);
    assert_eq!(found_by(&instead, &[]), Err(Break::Renumbered { line, series, number, chain: second, other: chain }));
}

/// The counter's answer is lost, and the retry takes another number: alone, and after another process.
#[test]
fn a_number_whose_answer_was_lost_is_its_processes_and_missing_without_it() {
    let made = series(2);
    let series = made[0].chain.clone();
    let number = |number, previous: &str| {
        Some(ProcessNumber { series: series.clone(), number, previous: Some(previous.to_owned()) })
    };
    let alone = process(|own| number(4, own), None);
    let report = found_by(&[without(&made, &[]), alone.lines.clone()].concat(), &[]).expect("whole");
    assert_eq!(report.series[&series], (1, 4));
    assert_eq!(
        found_by(&[made[1].lines.clone(), alone.lines.clone()].concat(), &[]).expect("whole").series[&series],
        (2, 4)
    );
    assert_eq!(found_by(&alone.lines, &[]).expect("whole").series[&series], (3, 4));

    // The chain with the lost number 3 has 5, or none.
    for late in [Some(5), None] {
        let mut between = String::new();
        let later = process(
            |own| {
                between = own.to_owned();
                late.and_then(|late| number(late, "later"))
            },
            None,
        );
        let next = process(|_| number(4, &between), None);
        let last = process(|_| number(5, &next.chain), None);
        let others = [without(&made, &[]), next.lines.clone()].concat();
        if late.is_none() {
            let all = [others.clone(), last.lines, later.lines].concat();
            let report = found_by(&all, &[]).expect("whole");
            assert_eq!((report.series[&series], report.unnumbered), ((1, 5), 1));
        }
        let missing = found_by(&others, &[]);
        let named = Some(later.chain);
        assert_eq!(missing, Err(Break::MissingProcesses { line: 7, series: series.clone(), first: 3, last: 3, named }));
    }
    // Before a number whose answer was lost another one is missing, whose chain nobody names.
    let far = process(|own| number(5, own), None);
    let (line, series_id) = (7, series.clone());
    assert_eq!(
        found_by(&[without(&made, &[]), far.lines].concat(), &[]),
        Err(Break::MissingProcesses { line, series: series_id, first: 3, last: 3, named: None })
    );
    // An earlier chain does not stand for a missing one.
    let pointed = process(|_| number(4, &made[0].chain), None);
    let found = found_by(&[without(&made, &[]), pointed.lines].concat(), &[]);
    assert!(matches!(found, Err(Break::MissingProcesses { first: 3, last: 3, .. })), "{found:?}");
}

#[test]
fn numbers_of_any_size_are_compared_and_a_process_without_one_is_told() {
    let number = |number| move |own: &str| Some(ProcessNumber { series: own.to_owned(), number, previous: None });
    let (lowest, highest) = (process(number(0), None), process(number(u64::MAX), None));
    let report = expecting(&lines([&lowest, &highest, &process(|_| None, None)]), &[]).expect("two series");
    assert_eq!((report.series.len(), report.unnumbered), (2, 1));
    assert!(report.to_string().contains("1 chains have no process number"), "{report}");
    let series = lowest.chain.clone();
    let far = process(|_| Some(ProcessNumber { series, number: u64::MAX, previous: None }), None);
    let found = expecting(&lines([&lowest, &far]), &[]);
    assert!(matches!(found, Err(Break::MissingProcesses { first: 1, last, .. }) if last == u64::MAX - 1), "{found:?}");
}

#[test]
fn the_last_records_of_a_chain_that_are_cut_off_are_noticed_by_a_statement() {
    let made = series(2);
    let all = without(&made, &[]);
    let (cut, chain) = (all[..5].to_vec(), &made[1].chain);
    assert!(found_by(&cut, &[key("k")]).is_ok(), "the chain does not show it");
    let end = expecting(&all, &[]).expect("whole").ends.remove(chain).expect("an end");
    for statement in [format!("{chain}=3"), format!("{chain}={end}")] {
        assert!(expecting(&all, std::slice::from_ref(&statement)).is_ok(), "{statement}");
        let broken = expecting(&cut, &[statement]).expect_err("cut off");
        assert!(matches!(&broken, Break::Differs { what, .. } if what.contains(chain)), "{broken}");
    }
    let absent = format!("{}=3", "0".repeat(32));
    assert!(matches!(expecting(&all, &[absent]), Err(Break::Differs { found, .. }) if found == "0"));
    let absent = format!("{}={end}", "0".repeat(32));
    assert!(matches!(expecting(&all, &[absent]), Err(Break::Differs { found, .. }) if found == "no record"));
}

#[test]
fn minted_urls_are_the_outcomes_that_succeeded_once_each() {
    let mut chain = Chain::new(None).expect("randomness");
    let mut record = |operation: &str, status: u8| {
        let mut event = event("a call");
        event.fields.insert("api".to_owned(), json!({"operation": operation}));
        event.fields.insert("status_id".to_owned(), status.into());
        chain.append(event).text.to_string()
    };
    let mint = "CreatePresignedDomainUrl";
    let mut lines = vec![record(mint, 99), record(mint, 1), record(mint, 99), record(mint, 2)];
    lines.extend([record("CreateUserProfile", 99), record("CreateUserProfile", 1), record(mint, 1)]);
    // A delivery that was repeated.
    lines.insert(3, lines[1].clone());
    assert!(expecting(&lines, &["mints=2".to_owned()]).is_ok());
    for (other, expected) in [("mints=1", "1"), ("mints=3", "3")] {
        let broken = expecting(&lines, &[other.to_owned()]).expect_err("it differs");
        let what = "the minted URLs".to_owned();
        assert_eq!(broken, Break::Differs { what, expected: expected.to_owned(), found: "2".to_owned() });
    }
}

#[test]
fn a_statement_that_is_none_is_refused() {
    let (chain, end) = ("a".repeat(32), "b".repeat(64));
    for statement in [
        "mints=0",
        "processes=3",
        "processes=1-3",
        &format!("processes:{chain}=3"),
        &format!("{chain}={end}"),
        &format!("{chain}=1"),
    ] {
        assert!(Expectation::parse(statement).is_ok(), "{statement}");
    }
    for statement in [
        "",
        "mints",
        "mints=",
        "mints=-1",
        "mints=1-2",
        "processes=1-2-3",
        "processes=",
        "processes:=3",
        "processes:abc=3",
        "records=3",
        "abc=3",
        &format!("{chain}=x"),
        &format!("{chain}={}", "B".repeat(64)),
        &format!("{}={end}", "A".repeat(32)),
    ] {
        let error = Expectation::parse(statement).expect_err(statement);
        assert!(error.contains(&format!("`{statement}`")) && error.contains("mints=N"), "{error}");
    }
}
