//! Mutations of names, values and namespace declarations.

use super::{Random, Source, forged_value};

/// Insertions that hide, split or change a value for one reader and not for another.
const INSERTIONS: &[&str] = &[
    "<!---->",
    "<!-- a -->",
    "<?a b?>",
    "<![CDATA[]]>",
    "<![CDATA[a]]>",
    "<a/>",
    "</a>",
    "]]>",
    "&e;",
    "&amp;",
    "&lt;!----&gt;",
    "&#0;",
    "&#xD;",
    "&#x20;",
    "&#x61;",
    "&#xD800;",
    "\u{200B}",
    "\u{202E}",
    "\u{FEFF}",
    "\u{FFFE}",
    "\u{0}",
    " ",
    "\n",
    "\r\n",
    "\u{A0}",
    "-",
];

const NAMESPACES: &[&str] = &[
    "",
    "relative",
    "urn:a",
    "urn:oasis:names:tc:SAML:2.0:protocol",
    "urn:oasis:names:tc:SAML:2.0:assertion",
    "http://www.w3.org/2000/09/xmldsig#",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/2001/XMLSchema",
    "http://www.w3.org/XML/1998/namespace",
    "http://www.w3.org/2000/xmlns/",
];

const DOCTYPES: &[&str] = &[
    "<!DOCTYPE a>",
    "<!DOCTYPE a [<!ENTITY e \"mallory\">]>",
    "<!DOCTYPE a [<!ATTLIST a ID ID #IMPLIED>]>",
    "<!DOCTYPE a SYSTEM \"file:///etc/passwd\">",
    "<?xml version=\"1.0\" encoding=\"UTF-7\"?>",
    "<!doctype a>",
];

pub(super) fn swap_attribute_values(source: &Source, _: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let values = source.values();
    let (first, second) = ((*random.pick(&values)?).clone(), (*random.pick(&values)?).clone());
    if first == second {
        return None;
    }
    let (one, other) = (source.at(&first).to_vec(), source.at(&second).to_vec());
    source.edited(vec![(first, other), (second, one)])
}

pub(super) fn replace_an_attribute_value(source: &Source, donors: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let value = (*random.pick(&source.values())?).clone();
    source.edited(vec![(value, forged_value(source, donors, random)?)])
}

/// An attribute or declaration goes, or stands on another element too.
pub(super) fn move_an_attribute(source: &Source, _: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let elements = &source.places.elements;
    let with: Vec<_> = elements.iter().filter(|element| !element.attributes.is_empty()).collect();
    let from = random.pick(&with)?;
    let attribute = random.pick(&from.attributes)?;
    let to = random.pick(elements)?.name.end;
    let copy = (to..to, source.at(&attribute.whole).to_vec());
    let gone = (attribute.whole.clone(), Vec::new());
    match random.below(3) {
        0 => source.edited(vec![gone]),
        1 => source.edited(vec![copy]),
        _ if to == attribute.whole.start => None,
        _ => source.edited(vec![gone, copy]),
    }
}

/// An element or an attribute takes another name of the document, or its own in capitals or without prefix.
pub(super) fn rename(source: &Source, _: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let elements = &source.places.elements;
    let element = random.pick(elements)?;
    let other = random.pick(elements)?;
    let of_element = element.attributes.is_empty() || random.coin();
    let (old, others) = if of_element {
        (element.name.clone(), vec![other.name.clone()])
    } else {
        let attribute = random.pick(&element.attributes)?;
        (attribute.name.clone(), other.attributes.iter().map(|other| other.name.clone()).collect())
    };
    let own = source.at(&old).to_vec();
    let new = match random.below(4) {
        0 => own.to_ascii_uppercase(),
        1 => own.rsplit(|byte| *byte == b':').next()?.to_vec(),
        _ => source.at(random.pick(&others)?).to_vec(),
    };
    let mut edits = vec![(old, new.clone())];
    if let (true, Some(end)) = (of_element, &element.end_tag) {
        edits.push((end.start + 2..end.start + 2 + own.len(), new));
    }
    source.edited(edits)
}

pub(super) fn replace_a_text(source: &Source, donors: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let text = random.pick(&source.places.texts)?.clone();
    source.edited(vec![(text, forged_value(source, donors, random)?)])
}

pub(super) fn insert_into_a_value(source: &Source, _: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let value = value(source, random)?;
    let at = value.start + random.below(value.len() + 1);
    source.edited(vec![(at..at, random.pick(INSERTIONS)?.as_bytes().to_vec())])
}

/// The same value, written in another way.
pub(super) fn disguise_a_value(source: &Source, _: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let value = value(source, random)?;
    let at = value.start + random.below(value.len());
    let byte = *source.bytes.get(at).filter(|byte| byte.is_ascii_alphanumeric())?;
    let disguised = match random.below(3) {
        0 => format!("&#{byte};"),
        1 => format!("&#x{byte:x};"),
        _ => format!("<![CDATA[{}]]>", char::from(byte)),
    };
    source.edited(vec![(at..at + 1, disguised.into_bytes())])
}

/// A declaration is added, goes, or binds its prefix to another name.
pub(super) fn change_a_declaration(source: &Source, _: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let attributes = source.places.elements.iter().flat_map(|element| &element.attributes);
    let declarations: Vec<_> = attributes.filter(|attribute| source.is_declaration(attribute)).collect();
    let declaration = random.pick(&declarations)?;
    let namespace = random.pick(NAMESPACES)?.as_bytes().to_vec();
    match random.below(4) {
        0 => source.edited(vec![(declaration.whole.clone(), Vec::new())]),
        1 => source.edited(vec![(declaration.value.clone(), namespace)]),
        _ => {
            let at = random.pick(&source.places.elements)?.name.end;
            let name = match random.below(4) {
                0 => "xmlns".to_owned(),
                1 => "xmlns:a".to_owned(),
                _ => String::from_utf8_lossy(source.at(&declaration.name)).into_owned(),
            };
            let declared = format!(" {name}=\"{}\"", String::from_utf8_lossy(&namespace));
            source.edited(vec![(at..at, declared.into_bytes())])
        }
    }
}

pub(super) fn declare_a_doctype(source: &Source, _: &[&Source], random: &mut Random) -> Option<Vec<u8>> {
    let root = source.places.elements.first()?.whole.start;
    let gap = *random.pick(&source.places.gaps)?;
    let at = *random.pick(&[root, root, source.bytes.len(), gap])?;
    let mut edits = vec![(at..at, random.pick(DOCTYPES)?.as_bytes().to_vec())];
    if random.coin() {
        let text = random.pick(&source.places.texts)?;
        edits.push((text.clone(), b"&e;".to_vec()));
    }
    source.edited(edits)
}

/// A text or an attribute's value.
fn value(source: &Source, random: &mut Random) -> Option<std::ops::Range<usize>> {
    if random.coin() {
        random.pick(&source.places.texts).cloned()
    } else {
        random.pick(&source.values()).map(|value| (*value).clone())
    }
}
