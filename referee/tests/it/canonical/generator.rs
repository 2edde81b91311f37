//! Documents from a tape of bytes: each choice takes bytes from its front, and an empty tape chooses the least. Any
//! tape is a document, so a failing one can be shortened byte by byte and stays a document.

use std::collections::BTreeSet;

use arbitrary::Unstructured;

use crate::canonical::pieces::{CDATA, COMMENTS, LOCALS, NAMESPACES, PREFIXES, SPACES, TEXTS, VALUES, XML};

/// A document, and what of it is to be made canonical.
#[derive(Debug, Clone)]
pub struct Case {
    pub xml: String,
    /// Which element, in document order.
    pub apex: usize,
    /// Which element inside it is left out, as an enveloped signature is: a number to be taken modulo their count.
    pub omitted: Option<usize>,
    pub with_comments: bool,
    /// The `PrefixList`; "" for `#default`.
    pub inclusive: Vec<String>,
}

/// More elements than this, and none has children any more.
const ELEMENTS: usize = 40;

/// The constructs that the generator may use, beside those of every document.
#[derive(Debug, Clone, Copy)]
pub struct Features {
    /// Tabs and line ends in attribute values, as they are and not as references.
    pub breaks_in_values: bool,
    /// Carriage returns in CDATA sections and comments, as they are.
    pub returns_in_sections: bool,
}

/// Everything.
pub const EVERYTHING: Features = Features { breaks_in_values: true, returns_in_sections: true };

/// No white space that bergshamra reads otherwise.
pub const WITHOUT_BREAKS: Features = Features { breaks_in_values: false, returns_in_sections: false };

/// The document on a tape.
pub fn document(tape: &[u8], features: Features) -> Case {
    let choices = Unstructured::new(tape);
    let mut generator = Generator { choices, features, xml: String::new(), elements: 0, ids: 0 };
    // These come first, so that a tape that ends early still chooses.
    let apex = generator.below(256);
    let omitted = generator.one_in(4).then(|| generator.below(256));
    let with_comments = generator.one_in(2);
    let mut inclusive = Vec::new();
    for _ in 0..generator.below(6).saturating_sub(2) {
        inclusive.push(generator.of(&["a", "b", "", "p", "c", "é", "absent", "xml", "xmlns"]).to_owned());
    }
    generator.prologue();
    generator.element(0, &[]);
    generator.outside();
    Case { xml: generator.xml, apex: apex % generator.elements, omitted, with_comments, inclusive }
}

struct Generator<'t> {
    choices: Unstructured<'t>,
    features: Features,
    xml: String,
    elements: usize,
    ids: usize,
}

type Scope<'s> = &'s [(&'static str, &'static str)];

impl Generator<'_> {
    fn below(&mut self, count: usize) -> usize {
        self.choices.int_in_range(0..=count.saturating_sub(1)).unwrap_or(0)
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) + 1 == count
    }

    fn of(&mut self, all: &[&'static str]) -> &'static str {
        all[self.below(all.len())]
    }

    fn push(&mut self, parts: &[&str]) {
        parts.iter().for_each(|part| self.xml.push_str(part));
    }

    fn prologue(&mut self) {
        let declaration = self.of(&[
            "",
            "",
            "<?xml version=\"1.0\"?>",
            "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n",
            "\u{FEFF}",
        ]);
        self.push(&[declaration]);
        self.outside();
    }

    /// Writes comments and instructions before and after the root.
    fn outside(&mut self) {
        for _ in 0..self.below(4).saturating_sub(2) {
            match self.below(2) {
                0 => self.space(),
                _ => self.comment(),
            }
        }
    }

    fn element(&mut self, depth: usize, outer: Scope<'_>) {
        self.elements += 1;
        let declared = self.declarations();
        let mut scope: Vec<_> = outer.to_vec();
        for (prefix, namespace) in &declared {
            scope.retain(|(other, _)| other != prefix);
            if !namespace.is_empty() {
                scope.push((prefix, namespace));
            }
        }
        let name = self.name(&scope);
        let mut attributes = self.attributes(&scope);
        for (prefix, namespace) in declared {
            let quote = if namespace.contains('\'') { "\"" } else { "'" };
            let colon = if prefix.is_empty() { "" } else { ":" };
            let at = self.below(attributes.len() + 1);
            attributes.insert(at, format!("xmlns{colon}{prefix}={quote}{namespace}{quote}"));
        }
        self.push(&["<", &name]);
        for attribute in attributes {
            self.space();
            self.push(&[&attribute]);
        }
        if self.one_in(4) {
            self.space();
        }
        let children = if depth < 8 && self.elements < ELEMENTS { self.below(7) } else { 0 };
        if children == 0 && self.one_in(2) {
            return self.push(&["/>"]);
        }
        self.push(&[">"]);
        for _ in 0..children {
            match self.below(8) {
                0 | 1 => {
                    let text = self.of(TEXTS);
                    self.push(&[text]);
                }
                2 => {
                    let text = self.section(CDATA);
                    self.push(&["<![CDATA[", text, "]]>"]);
                }
                3 => self.comment(),
                _ if self.elements < ELEMENTS => self.element(depth + 1, &scope),
                _ => {}
            }
        }
        self.push(&["</", &name]);
        if self.one_in(8) {
            self.space();
        }
        self.push(&[">"]);
    }

    /// The declarations of an element: each prefix once, and none of them nothing but the default.
    fn declarations(&mut self) -> Vec<(&'static str, &'static str)> {
        let mut declared: Vec<(&str, &str)> = Vec::new();
        for _ in 0..self.below(5).saturating_sub(1) {
            let prefix = self.of(PREFIXES);
            let namespace = if prefix.is_empty() && self.one_in(2) { "" } else { self.of(NAMESPACES) };
            if declared.iter().all(|(other, _)| *other != prefix) {
                declared.push((prefix, namespace));
            }
        }
        if self.one_in(32) {
            declared.push(("xml", XML));
        }
        declared
    }

    /// A name of any prefix in scope, or of none.
    fn name(&mut self, scope: Scope<'_>) -> String {
        let local = self.of(LOCALS);
        match scope.get(self.below(scope.len() + 1)) {
            Some((prefix, _)) if !prefix.is_empty() => format!("{prefix}:{local}"),
            _ => local.to_owned(),
        }
    }

    /// Attributes of different expanded names, as they are written.
    fn attributes(&mut self, scope: Scope<'_>) -> Vec<String> {
        let mut names = BTreeSet::new();
        let mut attributes = Vec::new();
        for _ in 0..self.below(6).saturating_sub(1) {
            let (prefix, namespace) = match self.below(4) {
                0 => ("", ""),
                1 => ("xml", XML),
                _ => {
                    let bound: Vec<_> = scope.iter().filter(|(prefix, _)| !prefix.is_empty()).collect();
                    bound.get(self.below(bound.len())).map_or(("", ""), |binding| **binding)
                }
            };
            let local = match prefix {
                "xml" => self.of(&["lang", "space", "base", "id", "other"]),
                "" => self.of(&["a", "b", "é", "ID", "id", "x-1.2", "A", "Ω", "xml2"]),
                _ => self.of(&["a", "b", "é", "ID", "x-1.2", "A", "Ω"]),
            };
            if !names.insert((namespace, local)) {
                continue;
            }
            let colon = if prefix.is_empty() { "" } else { ":" };
            let (quote, value) = match (prefix, local) {
                ("" | "xml", "ID" | "id") => {
                    self.ids += 1;
                    ('"', format!("i{}", self.ids))
                }
                ("xml", "space") => ('"', self.of(&["preserve", "default"]).to_owned()),
                _ => self.value(),
            };
            let before = if self.one_in(16) { " " } else { "" };
            attributes.push(format!("{prefix}{colon}{local}{before}={before}{quote}{value}{quote}"));
        }
        attributes
    }

    /// A value and the quote that fits it.
    fn value(&mut self) -> (char, String) {
        let (quote, other) = if self.one_in(2) { ('\'', "\"") } else { ('"', "'") };
        let mut value = String::new();
        for _ in 0..self.below(4) {
            match self.one_in(8) {
                true => value.push_str(other),
                false => {
                    let part = self.of(VALUES);
                    if self.features.breaks_in_values || !part.contains(['\t', '\n', '\r']) {
                        value.push_str(part);
                    }
                }
            }
        }
        (quote, value)
    }

    fn space(&mut self) {
        let space = self.of(SPACES);
        self.push(&[space]);
    }

    fn section(&mut self, all: &[&'static str]) -> &'static str {
        let text = self.of(all);
        if self.features.returns_in_sections { text } else { text.trim_matches('\r') }
    }

    fn comment(&mut self) {
        let text = self.section(COMMENTS);
        self.push(&["<!--", text, "-->"]);
    }
}
