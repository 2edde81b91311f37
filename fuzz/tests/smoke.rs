//! Every seed, and mutants of it, through each target, on any toolchain.

use fixtures::mutate::Random;
use studio_acs_fuzz::{mutation, seeds, token_mutation};

/// Mutants of each seed, without `MUTANTS` to say otherwise.
const MUTANTS: usize = 16;

#[test]
fn what_must_hold_holds_for_the_seeds_and_their_mutants() {
    let mutants = std::env::var("MUTANTS").map_or(MUTANTS, |mutants| mutants.parse().expect("a number"));
    for (target, check) in seeds::TARGETS {
        let seeds = seeds::of(target);
        assert!(seeds.len() > 5, "{target} has seeds");
        let mut checked = 0;
        for (number, seed) in (0..).zip(&seeds) {
            check(seed);
            let mut random = Random::of(target, number);
            for _ in 0..mutants {
                let mutant = match target {
                    "token" => token_mutation::mutant(seed, &mut random),
                    _ => mutation::by_operator(seed, &mut random),
                };
                let signed = mutant.as_deref().and_then(|mutant| match target {
                    "token" => token_mutation::sign(mutant),
                    "verify" => mutation::sign(mutant),
                    _ => None,
                });
                checked += [&mutant, &signed].into_iter().flatten().map(|mutant| check(mutant)).count();
            }
        }
        println!("{target}: {} seeds, {checked} mutants", seeds.len());
    }
}
