//! Our canonical bytes against libxml2's and bergshamra's, byte for byte, on generated documents; and whether the
//! parsers take the same documents. Differences count under a reason in `differences-xml.json`.
//!
//! `C14N_DOCUMENTS` says how many documents (20,000), `C14N_SEED` from which seed (0). More, optimised:
//!
//! ```sh
//! C14N_DOCUMENTS=1000000 cargo test --release --test it canonical
//! ```

mod bergshamra;
mod generator;
mod libxml2;
mod listed;
mod mutations;
mod pieces;

use std::fmt;

use generator::Case;
use studio_acs_saml::xmldsig::{Document, Element, Limits, Method, canonicalize};

/// Documents with all that the generator knows.
#[test]
fn our_canonical_bytes_are_those_of_libxml2() {
    compare_all(|tape| generator::document(tape, generator::EVERYTHING), theirs);
}

/// Documents without white space that bergshamra reads otherwise.
#[test]
fn our_canonical_bytes_are_those_of_bergshamra() {
    compare_all(|tape| generator::document(tape, generator::WITHOUT_BREAKS), bergshamras);
}

/// The generator makes what it is for: of many documents, enough depend on each part of the method.
#[test]
fn the_documents_put_each_rule_to_the_test() {
    let mut counts = [0; 8];
    for seed in 0..2000 {
        let case = generator::document(&random_tape(seed), generator::EVERYTHING);
        let canonical = ours(&case);
        let differs = |other: Case| ours(&other) != canonical;
        let tested = [
            case.apex > 0,
            differs(Case { with_comments: !case.with_comments, ..case.clone() }),
            !case.inclusive.is_empty() && differs(Case { inclusive: Vec::new(), ..case.clone() }),
            case.inclusive.contains(&String::new()) && {
                let others = case.inclusive.iter().filter(|prefix| !prefix.is_empty()).cloned().collect();
                differs(Case { inclusive: others, ..case.clone() })
            },
            case.omitted.is_some() && differs(Case { omitted: None, ..case.clone() }),
            canonical.as_ref().is_ok_and(|bytes| bytes.windows(9).any(|part| part == b" xmlns=\"\"")),
            case.xml.contains("<![CDATA["),
            case.xml.contains("xml:"),
        ];
        counts.iter_mut().zip(tested).for_each(|(count, tested)| *count += usize::from(tested));
    }
    println!("{counts:?} of 2000");
    assert!(counts.iter().all(|count| *count >= 20), "{counts:?} of 2000");
}

/// Every parser must take every document, and yield the same canonical bytes.
fn compare_all(document: impl Fn(&[u8]) -> Case, theirs: impl Fn(&Case) -> Option<Vec<u8>>) {
    let (start, mut bytes) = (std::time::Instant::now(), 0);
    for_each_tape(|tape| {
        let case = document(tape);
        match (ours(&case), theirs(&case)) {
            (Ok(ours), Some(theirs)) if ours == theirs => {
                bytes += ours.len();
                Ok(())
            }
            (ours, theirs) => Err(Box::new(Difference { case, ours, theirs })),
        }
    });
    assert!(bytes > 0, "nothing was compared");
    println!("{} documents, {bytes} canonical bytes, {:.1?}", documents(), start.elapsed());
}

/// Runs a check on random tapes. A tape that fails is shortened before it is shown.
fn for_each_tape<E: fmt::Display>(mut check: impl FnMut(&[u8]) -> Result<(), E>) {
    let seed = seed();
    for number in 0..documents() {
        let tape = random_tape(seed.wrapping_add(number));
        if check(&tape).is_err() {
            let tape = shortened(tape, |tape| check(tape).is_err());
            let difference = check(&tape).map_or_else(|difference| difference.to_string(), |()| String::new());
            panic!("C14N_SEED={seed}, document {number}, shortened to a tape of {tape:?}:\n{difference}");
        }
    }
}

fn random_tape(seed: u64) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut tape = vec![0; random.usize(32..768)];
    random.fill(&mut tape);
    tape
}

/// A shorter tape that still fails: without some part, or with a smaller choice somewhere.
fn shortened(mut tape: Vec<u8>, mut fails: impl FnMut(&[u8]) -> bool) -> Vec<u8> {
    let mut attempts = 0;
    loop {
        let before = tape.clone();
        let mut length = tape.len() / 2;
        while length > 0 {
            let mut at = 0;
            while at + length <= tape.len() && attempts < 20_000 {
                attempts += 1;
                let mut shorter = tape.clone();
                shorter.drain(at..at + length);
                if fails(&shorter) { tape = shorter } else { at += length }
            }
            length /= 2;
        }
        for at in 0..tape.len() {
            for smaller in [0, tape[at] / 2, tape[at].saturating_sub(1)] {
                let mut other = tape.clone();
                other[at] = smaller;
                attempts += 1;
                if smaller < tape[at] && fails(&other) {
                    tape = other;
                    break;
                }
            }
        }
        if tape == before || attempts > 20_000 {
            return tape;
        }
    }
}

/// As many find every reason that is listed.
const DOCUMENTS: u64 = 20_000;

fn documents() -> u64 {
    setting("C14N_DOCUMENTS", DOCUMENTS)
}

fn seed() -> u64 {
    setting("C14N_SEED", 0)
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().expect("a number"))
}

pub fn ours(case: &Case) -> Result<Vec<u8>, String> {
    let document = Document::parse(&case.xml, Limits::RESPONSE).map_err(|rejection| rejection.to_string())?;
    let root = document.root().ok_or("no root")?;
    let all: Vec<Element<'_>> = std::iter::once(root).chain(root.descendants()).collect();
    let apex = *all.get(case.apex).ok_or("no apex")?;
    let omitted = omitted(case, apex.descendants().count()).and_then(|at| all.get(at).copied());
    let method = Method { with_comments: case.with_comments, inclusive: case.inclusive.clone() };
    canonicalize(apex, &method, omitted).map_err(|rejection| rejection.to_string())
}

pub fn theirs(case: &Case) -> Option<Vec<u8>> {
    let document = libxml2::parse(&case.xml)?;
    let all = libxml2::elements(&document);
    let apex = all.get(case.apex)?;
    let inside = all.iter().skip(case.apex + 1).take_while(|node| is_inside(node, apex)).count();
    let omitted = omitted(case, inside).and_then(|at| all.get(at));
    libxml2::canonicalize(&document, apex, omitted, case.with_comments, &case.inclusive)
}

fn is_inside(node: &libxml::tree::Node, apex: &libxml::tree::Node) -> bool {
    std::iter::successors(node.get_parent(), |node| node.get_parent()).any(|parent| parent == *apex)
}

pub fn bergshamras(case: &Case) -> Option<Vec<u8>> {
    let document = uppsala::parse(&case.xml).ok()?;
    let all = bergshamra::elements(&document);
    let apex = *all.get(case.apex)?;
    let inside = document.descendants(apex).into_iter().filter(|node| document.element(*node).is_some()).count();
    let omitted = omitted(case, inside).and_then(|at| all.get(at).copied());
    bergshamra::canonicalize(&document, apex, omitted, case.with_comments, &case.inclusive)
}

/// The place of the omitted element among all, of which `inside` are inside the apex.
fn omitted(case: &Case, inside: usize) -> Option<usize> {
    case.omitted.filter(|_| inside > 0).map(|number| case.apex + 1 + number % inside)
}

struct Difference {
    case: Case,
    ours: Result<Vec<u8>, String>,
    theirs: Option<Vec<u8>>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |bytes: &[u8]| format!("{:?}", String::from_utf8_lossy(bytes));
        writeln!(f, "{:#?}", self.case)?;
        writeln!(f, "ours:   {}", self.ours.as_deref().map_or_else(Clone::clone, shown))?;
        writeln!(f, "theirs: {}", self.theirs.as_deref().map_or("refused".to_owned(), shown))
    }
}
