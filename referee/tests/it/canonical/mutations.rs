//! Whether the parsers take the same documents: generated ones with faults put in. Where all take one, they must read
//! the same from it; where they differ, the difference must count under a reason.

use std::collections::BTreeMap;
use std::fmt;

use arbitrary::Unstructured;
use studio_acs_saml::xmldsig::{Document, Limits};

use crate::canonical::generator::{self, Case};
use crate::canonical::{DOCUMENTS, documents, for_each_tape, libxml2, listed, ours, pieces, seed, theirs};
use crate::reasons::Found;

const FAULTS: &[&str] = &[
    "<",
    ">",
    "&",
    ";",
    "'",
    "\"",
    "/",
    "=",
    ":",
    " ",
    "?",
    "!",
    "-",
    "]",
    "[",
    "#",
    "x",
    "é",
    "\u{FEFF}",
    "\r",
    "\t",
    "]]>",
    "<!--",
    "-->",
    "--",
    "<![CDATA[",
    "<?pi data?>",
    "<?xml version='1.0'?>",
    "<?xml version='1.1'?>",
    "<?xml version='1.0' encoding='ISO-8859-1'?>",
    "<!DOCTYPE r>",
    "<!DOCTYPE r [<!ENTITY e 'x'>]>",
    "&e;",
    "&#0;",
    "&#8;",
    "&#xD800;",
    "&#xFFFE;",
    "&#xFFFFFFFFF;",
    "&#;",
    "&amp",
    "&lt;",
    "\u{0}",
    "\u{1}",
    "\u{7F}",
    "\u{85}",
    "\u{FFFE}",
    "\u{FFFF}",
    " xmlns=''",
    " xmlns='relative'",
    " xmlns:a=''",
    " xmlns:a='urn:a'",
    " xmlns:xml='urn:a'",
    " xmlns:xmlns='urn:a'",
    " xmlns:q='http://www.w3.org/XML/1998/namespace'",
    " xmlns='http://www.w3.org/2000/xmlns/'",
    " a='1'",
    " b:a='1'",
    " ID='i1'",
    "a:",
    "zz:",
    "xmlns:",
    "xml:",
    "</a>",
    "<a>",
    "<a/>",
    "text",
    "1",
    ".",
];

/// The judges' verdicts on one document, and our reason.
#[derive(Debug)]
struct Verdicts {
    /// The expectation that our refusal names; `None` where we take it.
    ours: Option<String>,
    libxml2: bool,
    bergshamra: bool,
}

impl Verdicts {
    /// Adds each judge who is not of our opinion; returns whether none is.
    fn add_to(&self, found: &mut Found) -> bool {
        let theirs = [("libxml2", self.libxml2), ("bergshamra", self.bergshamra)];
        let differs = theirs.into_iter().filter(|(_, taken)| *taken != self.ours.is_none());
        let expected = self.ours.as_deref().unwrap_or("nothing else");
        differs
            .map(|(judge, taken)| found.add(expected, &[(judge, if taken { "takes it" } else { "refuses it" })]))
            .count()
            == 0
    }
}

struct Unlisted(String);

impl fmt::Display for Unlisted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Documents that we refuse, of kinds that are rare among the generated ones.
const REFUSED: &[&str] = &[
    "<r>",
    "<r/><s/>",
    "<r></s>",
    "<r a='1' a='2'/>",
    "<r a='<'/>",
    "<r>&e;</r>",
    "<r>&#0;</r>",
    "<r/>\u{0}",
    "<r a='\u{0}&lt;'/>",
    "<r xmlns:a='urn:a'><a:/></r>",
    "<r xml:a:b=''/>",
    "<a:b: xmlns:a='urn:a'/>",
    "<p:r/>",
    "<xmlns:a/>",
    "<r xmlns:xmlns='urn:x'/>",
    "<r xmlns='relative'/>",
    "<r xmlns:a='urn:a' xmlns:b='urn:a' a:x='1' b:x='2'/>",
    "<r ID='a'><s ID='a'/></r>",
    "<?xml version='1.1'?><r/>",
    "<?xml version='1.0' encoding='UTF-8'standalone='yes'?><r/>",
    "<?xml-stylesheet href='x'?><r/>",
    "<!DOCTYPE r><r/>",
];

#[test]
fn the_parsers_take_the_same_documents() {
    let (mut found, mut counts) = (Found::default(), BTreeMap::<&str, u64>::new());
    for xml in REFUSED {
        let verdicts = verdicts(xml);
        assert!(verdicts.ours.is_some(), "{xml}");
        verdicts.add_to(&mut found);
    }
    for_each_tape(|tape| {
        let xml = faulty(tape);
        let verdicts = verdicts(&xml);
        let ours = verdicts.ours.as_deref();
        let what = match (verdicts.add_to(&mut found), ours) {
            (true, Some(_)) => "refused by all",
            (true, None) => "taken by all",
            (false, _) => "not judged alike",
        };
        *counts.entry(what).or_default() += 1;
        if ours.is_none() { reads_the_same(&xml, &verdicts) } else { Ok(()) }
    });
    for (what, count) in counts {
        println!("{count:>8} {what}");
    }
    listed::settle(listed::PARSING, &found, (documents(), seed()) == (DOCUMENTS, 0));
}

/// The verdicts on `xml`.
fn verdicts(xml: &str) -> Verdicts {
    Verdicts {
        ours: Document::parse(xml, Limits::RESPONSE).err().map(|rejection| rejection.expected().to_owned()),
        libxml2: libxml2::parse(xml).is_some(),
        bergshamra: uppsala::parse(xml).is_ok(),
    }
}

/// Where libxml2 takes the document as well, it must have the same canonical form of it. bergshamra's is compared on
/// generated documents without faults.
fn reads_the_same(xml: &str, verdicts: &Verdicts) -> Result<(), Unlisted> {
    let case = Case { xml: xml.to_owned(), apex: 0, omitted: None, with_comments: true, inclusive: Vec::new() };
    if !verdicts.libxml2 || has_new_namespaces(xml) {
        return Ok(());
    }
    let (ours, libxml2) = (ours(&case).ok(), theirs(&case));
    if ours == libxml2 {
        return Ok(());
    }
    let shown = |bytes: Option<Vec<u8>>| bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let (ours, libxml2) = (shown(ours), shown(libxml2));
    Err(Unlisted(format!("{xml:?} reads differently\nours:    {ours:?}\nlibxml2: {libxml2:?}")))
}

/// Whether faults made new namespace names, of which the documents in `listed.rs` are the comparison.
fn has_new_namespaces(xml: &str) -> bool {
    let Ok(document) = Document::parse(xml, Limits::RESPONSE) else { return false };
    let elements = document.root().into_iter().flat_map(|root| std::iter::once(root).chain(root.descendants()));
    elements.flat_map(|element| element.scope()).any(|(_, namespace)| !pieces::NAMESPACES.contains(&namespace))
}

/// A generated document with one or two faults. The last bytes of the tape say which.
fn faulty(tape: &[u8]) -> String {
    let (document, faults) = tape.split_at(tape.len().saturating_sub(24));
    let mut choices = Unstructured::new(faults);
    let mut below = |count: usize| choices.int_in_range(0..=count.saturating_sub(1)).unwrap_or(0);
    // A fault in an `xml:id` is valid XML, but libxml2 prints a line on each.
    let document = generator::document(document, generator::EVERYTHING).xml.replace("xml:id=", "xml:di=");
    let mut text: Vec<char> = document.chars().collect();
    for _ in 0..=below(2) {
        let (from, kind) = (below(text.len() + 1), below(8));
        let to = (from + below(6) + 1).min(text.len());
        match kind {
            0 => drop(text.drain(from..to)),
            1 => {
                let part = text[from..to].to_vec();
                let at = below(text.len() + 1);
                text.splice(at..at, part);
            }
            2 => {
                // A fault where a tag's name ends, where attributes would stand.
                let at = (from..text.len()).find(|at| matches!(text[*at], ' ' | '>' | '/')).unwrap_or(from);
                text.splice(at..at, FAULTS[below(FAULTS.len())].chars());
            }
            3 => drop(text.splice(from..to, FAULTS[below(FAULTS.len())].chars())),
            _ => drop(text.splice(from..from, FAULTS[below(FAULTS.len())].chars())),
        }
    }
    text.into_iter().collect()
}
