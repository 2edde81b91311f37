//! Mutations that bring parts of another message that the same identity provider signed.

use super::{Random, Source};

/// Another message's element in place of one of ours, of the same name or of any.
pub(super) fn splice_a_node(source: &Source, donors: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let donor = random.pick(donors)?;
    let ours = random.pick(&source.places.elements)?;
    let same: Vec<_> = donor.places.elements.iter().filter(|element| element.local == ours.local).collect();
    let theirs = if random.below(4) > 0 { random.pick(&same)? } else { random.pick(&donor.places.elements)? };
    source.edited(vec![(ours.whole.clone(), donor.at(&theirs.whole).to_vec())])
}

/// Another message's element beside ours, its assertion more often than another.
pub(super) fn splice_a_node_in(source: &Source, donors: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let donor = random.pick(donors)?;
    let assertions: Vec<_> = donor.places.elements.iter().filter(|element| element.local == "Assertion").collect();
    let theirs = if random.coin() { random.pick(&assertions)? } else { random.pick(&donor.places.elements)? };
    let at = *random.pick(&source.places.gaps)?;
    source.edited(vec![(at..at, donor.at(&theirs.whole).to_vec())])
}

/// Another message's value where we have the like: the other user, the other ID.
pub(super) fn splice_a_value(source: &Source, donors: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let donor = random.pick(donors)?;
    let (ours, theirs) = if random.coin() {
        (source.places.texts.iter().collect(), donor.places.texts.iter().collect())
    } else {
        (source.values(), donor.values())
    };
    let differ = ours.iter().zip(&theirs).filter(|(ours, theirs)| source.at(ours) != donor.at(theirs));
    let differ: Vec<_> = differ.collect();
    let (ours, theirs) = random.pick(&differ)?;
    source.edited(vec![((**ours).clone(), donor.at(theirs).to_vec())])
}

/// One message up to an element, the other from there on.
pub(super) fn splice_halves(source: &Source, donors: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let donor = random.pick(donors)?;
    let at = random.below(source.places.elements.len());
    let (ours, theirs) = (source.places.elements.get(at)?, donor.places.elements.get(at)?);
    let (ours, theirs) =
        if random.coin() { (ours.whole.start, theirs.whole.start) } else { (ours.whole.end, theirs.whole.end) };
    let (head, tail) = (source.bytes.get(..ours)?, donor.bytes.get(theirs..)?);
    let spliced = [head, tail].concat();
    (spliced != source.bytes && spliced != donor.bytes).then_some(spliced)
}
