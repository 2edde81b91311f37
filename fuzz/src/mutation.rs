//! Mutators that know XML, and SAML's signatures.

use std::sync::LazyLock;

use crate::seeds;
use crate::signatures::signed_again;
use fixtures::mutate::{OPERATORS, Random, Source};

/// Larger messages would take longer to mutate than to check.
const LONGEST: usize = 64 << 10;

/// libFuzzer's own mutator.
pub type Default = fn(&mut [u8], usize, usize) -> usize;

/// Messages whose parts are taken.
static DONORS: LazyLock<Vec<Source>> =
    LazyLock::new(|| seeds::accepted().into_iter().step_by(7).map(Source::new).collect());

/// Changes `data[..size]` to at most `max` bytes: half of the time by one of the mutation test's operators.
pub fn mutate(data: &mut [u8], size: usize, max: usize, seed: u32, default: Default) -> usize {
    let mut random = Random::of("fuzz", seed.into());
    let mutant = if random.coin() { by_operator(&data[..size], &mut random) } else { None };
    put(data, mutant, max).unwrap_or_else(|| default(data, size, max))
}

/// As [`mutate`]; a quarter of the mutants are signed again, so that they come as far as the assertion's own rules.
pub fn mutate_and_sign(data: &mut [u8], size: usize, max: usize, seed: u32, default: Default) -> usize {
    let mut random = Random::of("fuzz", seed.into());
    let size = mutate(data, size, max, random.number() as u32, default);
    if random.below(4) > 0 {
        return size;
    }
    let signed = std::str::from_utf8(&data[..size]).ok().and_then(signed_again).map(String::into_bytes);
    put(data, signed, max).unwrap_or(size)
}

/// One change by an operator, if one finds something to change.
pub fn by_operator(bytes: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    if bytes.len() > LONGEST {
        return None;
    }
    let source = Source::new(bytes.to_vec());
    let donors: Vec<_> = (0..2).filter_map(|_| random.pick(&DONORS)).collect();
    (0..4).find_map(|_| random.pick(OPERATORS).and_then(|(_, operator)| operator(&source, &donors, random)))
}

/// The message as an identity provider would sign it: with its assertion's signature made again.
pub fn sign(bytes: &[u8]) -> Option<Vec<u8>> {
    std::str::from_utf8(bytes).ok().and_then(signed_again).map(String::into_bytes)
}

pub(crate) fn put(data: &mut [u8], mutant: Option<Vec<u8>>, max: usize) -> Option<usize> {
    let mutant = mutant.filter(|mutant| !mutant.is_empty() && mutant.len() <= max.min(data.len()))?;
    data[..mutant.len()].copy_from_slice(&mutant);
    Some(mutant.len())
}
