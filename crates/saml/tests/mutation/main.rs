//! The promise, tried on mutants: whatever one thing of an accepted response is changed, it is refused, or the identity
//! that comes out is the one that was signed.
//!
//! ```sh
//! cargo test -p studio-acs-saml --test mutation -- --nocapture            # the table of operators
//! MUTANTS=2000000 MUTATION_SEED=7 cargo test -p studio-acs-saml --test mutation -- --nocapture
//! ```

#![allow(missing_docs, unreachable_pub)]
#![allow(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::expect_used, clippy::indexing_slicing)]
#![allow(clippy::panic, clippy::print_stdout, clippy::string_slice, clippy::unwrap_used)]

mod broken;
mod case;
mod hunt;

use case::Case;
use hunt::{Escape, Hunt};

/// How many mutants CI makes. `MUTANTS` asks for more.
const MUTANTS: usize = 60_000;

#[test]
fn a_mutant_is_refused_or_says_what_was_signed() {
    let number = |name: &str| std::env::var(name).ok().map(|value| value.parse().expect("a number"));
    let mutants = number("MUTANTS").map_or(MUTANTS, |mutants: u64| mutants as usize);
    let mut hunt = Hunt::new(number("MUTATION_SEED").unwrap_or(0));
    let cases = Case::all();
    hunt.go(&cases, mutants, &case::verify);

    println!("{hunt}");
    let escapes: Vec<_> = hunt.escapes.iter().map(Escape::keep).collect();
    assert!(escapes.is_empty(), "{} escaped:\n{}", escapes.len(), escapes.join("\n"));
    assert!(hunt.total() >= mutants, "{} mutants", hunt.total());
    for (name, tally) in &hunt.tallies {
        assert!(tally.refused > 0, "`{name}` was never refused: it changes nothing that matters");
    }
    // Comments between elements, references for characters: a verifier that refuses all proves nothing.
    assert!(hunt.tallies.iter().map(|(_, tally)| tally.accepted).sum::<usize>() > 0, "no mutant was accepted");
}

/// The test can fail: it catches verifiers that break a rule on purpose.
#[test]
fn broken_verifiers_are_caught() {
    let cases = Case::all();
    for (name, verifier) in broken::VERIFIERS {
        let mut hunt = Hunt::new(0);
        hunt.one_will_do = true;
        hunt.go(&cases, MUTANTS, verifier);
        let escape =
            hunt.escapes.first().unwrap_or_else(|| panic!("{name}: {} mutants did not catch it", hunt.total()));
        println!("{name}: caught by mutant {}, `{}` of {}", hunt.total() + 1, escape.operator, escape.case);
    }
}
