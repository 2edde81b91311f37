//! Mutations that know nothing of XML: they fit form bodies too.

use super::{Random, Source};

/// Bytes that mean something to a reader of XML, of forms or of base64.
const TELLING: &[u8] = b"<>&;\"'=/!?-[]:# \t\r\n\0\x0b\x7f\x80\xbf\xc0\xed\xef\xff%+AZaz09";

pub(super) fn flip_a_bit(source: &Source, _: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let mut bytes = source.bytes.clone();
    let at = random.below(bytes.len());
    *bytes.get_mut(at)? ^= 1 << random.below(8);
    Some(bytes)
}

pub(super) fn replace_a_byte(source: &Source, _: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let at = random.below(source.bytes.len());
    source.edited(vec![(at..at + 1, vec![byte(random)])])
}

pub(super) fn insert_a_byte(source: &Source, _: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let at = random.below(source.bytes.len() + 1);
    source.edited(vec![(at..at, vec![byte(random)])])
}

pub(super) fn delete_bytes(source: &Source, _: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let longest = *random.pick(&[1, 1, 4, 64, 1024])?;
    source.edited(vec![(random.part(source.bytes.len(), longest), Vec::new())])
}

pub(super) fn duplicate_bytes(source: &Source, _: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let longest = *random.pick(&[1, 1, 4, 64, 1024])?;
    let part = random.part(source.bytes.len(), longest);
    let at = if random.coin() { part.end } else { random.below(source.bytes.len()) };
    source.edited(vec![(at..at, source.at(&part).to_vec())])
}

pub(super) fn drop_a_token(source: &Source, _: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    source.edited(vec![(random.pick(&source.places.tokens)?.clone(), Vec::new())])
}

pub(super) fn duplicate_a_token(source: &Source, _: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let token = random.pick(&source.places.tokens)?;
    let at = if random.coin() { token.end } else { random.pick(&source.places.tokens)?.start };
    source.edited(vec![(at..at, source.at(token).to_vec())])
}

pub(super) fn swap_tokens(source: &Source, _: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let tokens = &source.places.tokens;
    let first = random.below(tokens.len());
    let second = if random.coin() { first + 1 } else { random.below(tokens.len()) };
    let (first, second) = (tokens.get(first)?, tokens.get(second)?);
    if first == second {
        return None;
    }
    source.edited(vec![(first.clone(), source.at(second).to_vec()), (second.clone(), source.at(first).to_vec())])
}

fn byte(random: &mut Random) -> u8 {
    if random.coin() { random.pick(TELLING).copied().unwrap_or_default() } else { random.number() as u8 }
}
