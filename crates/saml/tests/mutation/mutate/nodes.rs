//! Mutations of the tree.

use std::ops::Range;

use super::{Random, Source, forged_value};

/// Wrappers for a node: places where schemas allow anything, and places where nothing is allowed.
const WRAPPERS: &[(&str, &str)] = &[
    ("<w:Extensions xmlns:w=\"urn:oasis:names:tc:SAML:2.0:protocol\">", "</w:Extensions>"),
    ("<w:Advice xmlns:w=\"urn:oasis:names:tc:SAML:2.0:assertion\">", "</w:Advice>"),
    ("<w:Object xmlns:w=\"http://www.w3.org/2000/09/xmldsig#\">", "</w:Object>"),
    ("<w:Assertion xmlns:w=\"urn:oasis:names:tc:SAML:2.0:assertion\">", "</w:Assertion>"),
    ("<w:Response xmlns:w=\"urn:oasis:names:tc:SAML:2.0:protocol\">", "</w:Response>"),
    ("<w>", "</w>"),
    ("<!--", "-->"),
    ("<![CDATA[", "]]>"),
];

pub(super) fn move_a_node(source: &Source, _: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let node = random.pick(&source.places.nodes)?;
    let to = *random.pick(&source.places.gaps)?;
    if (node.start..=node.end).contains(&to) {
        return None;
    }
    source.edited(vec![(node.clone(), Vec::new()), (to..to, source.at(node).to_vec())])
}

pub(super) fn copy_a_node(source: &Source, _: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let node = match random.below(3) {
        0 => source.places.elements.get(random.below(source.places.elements.len()))?.whole.clone(),
        _ => random.pick(&source.places.nodes)?.clone(),
    };
    let to = *random.pick(&source.places.gaps)?;
    source.edited(vec![(to..to, source.at(&node).to_vec())])
}

pub(super) fn delete_a_node(source: &Source, _: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    source.edited(vec![(random.pick(&source.places.nodes)?.clone(), Vec::new())])
}

pub(super) fn swap_nodes(source: &Source, _: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let (first, second) = (random.pick(&source.places.nodes)?, random.pick(&source.places.nodes)?);
    if first.start < second.end && second.start < first.end {
        return None;
    }
    source.edited(vec![(first.clone(), source.at(second).to_vec()), (second.clone(), source.at(first).to_vec())])
}

pub(super) fn wrap_a_node(source: &Source, _: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let node = random.pick(&source.places.nodes)?;
    let (open, close) = random.pick(WRAPPERS)?;
    source.edited(vec![
        (node.start..node.start, open.as_bytes().to_vec()),
        (node.end..node.end, close.as_bytes().to_vec()),
    ])
}

/// The tags go, what is between them stays.
pub(super) fn unwrap_a_node(source: &Source, _: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let element = random.pick(&source.places.elements)?;
    source.edited(vec![(element.start_tag.clone(), Vec::new()), (element.end_tag.clone()?, Vec::new())])
}

/// Signature wrapping (McIntosh and Austel 2005, Somorovsky and others 2012): beside the element that is signed,
/// outside or inside it, stands a copy that says something else, with or without the ID and the signature.
pub(super) fn forge_a_copy(source: &Source, donors: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let elements = &source.places.elements;
    let telling: Vec<_> = elements.iter().filter(|e| matches!(&*e.local, "Assertion" | "Response")).collect();
    let element = if random.below(4) > 0 { random.pick(&telling)? } else { random.pick(elements)? };
    let whole = &element.whole;
    let within = |range: &Range<usize>| whole.start <= range.start && range.end <= whole.end;
    let mut edits = Vec::new();

    // The copy's new value.
    let values: Vec<_> = source.places.texts.iter().chain(source.values()).filter(|range| within(range)).collect();
    let value = (*random.pick(&values)?).clone();
    edits.push((value.clone(), forged_value(source, donors, random)?));
    if random.coin() {
        let id = element.attributes.iter().find(|attribute| source.at(&attribute.name) == b"ID");
        edits.extend(id.filter(|id| id.value != value).map(|id| (id.value.clone(), b"_forged".to_vec())));
    }
    if random.coin() {
        let signatures = elements.iter().filter(|e| e.local == "Signature" && within(&e.whole));
        let apart = signatures.filter(|e| e.whole.end <= value.start || value.end <= e.whole.start);
        edits.extend(apart.map(|e| (e.whole.clone(), Vec::new())));
    }

    let signed = source.at(whole).to_vec();
    let mut gaps = source.places.gaps.clone();
    let inside = random.coin();
    gaps.retain(|gap| (whole.start < *gap && *gap < whole.end) == inside);
    if inside {
        // The signed element goes into its forged copy.
        let gap = *random.pick(&gaps)?;
        let removed = edits.iter().any(|(range, _)| range.start < gap && gap < range.end);
        edits.push((gap..gap, signed));
        return if removed { None } else { source.edited(edits) };
    }
    let copy = part_edited(source, whole, edits);
    let gap = *random.pick(&gaps)?;
    match random.coin() {
        true => source.edited(vec![(gap..gap, copy)]),
        false => source.edited(vec![(gap..gap, signed), (whole.clone(), copy)]),
    }
}

/// What `edits` make of the part `whole`.
fn part_edited(source: &Source, whole: &Range<usize>, mut edits: Vec<(Range<usize>, Vec<u8>)>) -> Vec<u8> {
    edits.sort_by_key(|(range, _)| range.start);
    let (mut copy, mut from) = (Vec::new(), whole.start);
    for (range, bytes) in edits.iter().filter(|(range, _)| whole.start <= range.start && range.end <= whole.end) {
        if range.start >= from {
            copy.extend_from_slice(&source.bytes[from..range.start]);
            copy.extend_from_slice(bytes);
            from = range.end;
        }
    }
    copy.extend_from_slice(&source.bytes[from..whole.end]);
    copy
}
