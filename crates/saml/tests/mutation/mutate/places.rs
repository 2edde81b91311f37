//! Places of nodes and texts in a message, as roxmltree reads it: mutation must not lean on the parser it judges.

use std::ops::Range;

/// A message to be mutated.
pub struct Source {
    pub bytes: Vec<u8>,
    pub places: Places,
}

/// The places of nodes, texts and tokens. A form body, or anything else but XML, has only tokens.
#[derive(Default)]
pub struct Places {
    /// In document order; the root is the first.
    pub elements: Vec<Element>,
    /// Elements, texts and comments, without the root.
    pub nodes: Vec<Range<usize>>,
    /// Text nodes; a CDATA section is in them as it is written.
    pub texts: Vec<Range<usize>>,
    /// Where a node may be put so that the document stays well-formed.
    pub gaps: Vec<usize>,
    /// Names, numbers, and single characters of markup.
    pub tokens: Vec<Range<usize>>,
}

pub struct Element {
    pub local: String,
    pub whole: Range<usize>,
    pub start_tag: Range<usize>,
    /// The qualified name in the start tag.
    pub name: Range<usize>,
    pub end_tag: Option<Range<usize>>,
    /// Attributes and namespace declarations.
    pub attributes: Vec<Attribute>,
}

pub struct Attribute {
    /// From the white space before it to its closing quote.
    pub whole: Range<usize>,
    pub name: Range<usize>,
    /// Between the quotes.
    pub value: Range<usize>,
}

impl Source {
    pub fn new(bytes: Vec<u8>) -> Self {
        let mut places = std::str::from_utf8(&bytes).ok().and_then(xml).unwrap_or_default();
        places.tokens = tokens(&bytes);
        Self { bytes, places }
    }

    pub fn at(&self, range: &Range<usize>) -> &[u8] {
        &self.bytes[range.clone()]
    }

    /// The values of all attributes that are no namespace declarations.
    pub fn values(&self) -> Vec<&Range<usize>> {
        let attributes = self.places.elements.iter().flat_map(|element| &element.attributes);
        attributes.filter(|attribute| !self.is_declaration(attribute)).map(|attribute| &attribute.value).collect()
    }

    pub fn is_declaration(&self, attribute: &Attribute) -> bool {
        let name = self.at(&attribute.name);
        name == b"xmlns" || name.starts_with(b"xmlns:")
    }

    /// The message with each range replaced; `None` where ranges overlap or nothing changes.
    pub fn edited(&self, mut edits: Vec<(Range<usize>, Vec<u8>)>) -> Option<Vec<u8>> {
        edits.sort_by_key(|(range, _)| (range.start, range.end));
        let mut edited = Vec::with_capacity(self.bytes.len() * 2);
        let mut from = 0;
        for (range, bytes) in &edits {
            edited.extend_from_slice(self.bytes.get(from..range.start)?);
            edited.extend_from_slice(bytes);
            from = range.end;
        }
        edited.extend_from_slice(self.bytes.get(from..)?);
        (edited != self.bytes).then_some(edited)
    }
}

fn xml(text: &str) -> Option<Places> {
    let document = roxmltree::Document::parse(text).ok()?;
    let mut places = Places::default();
    for node in document.root().descendants().skip(1) {
        let range = node.range();
        if node != document.root_element() {
            places.gaps.extend([range.start, range.end]);
            places.nodes.push(range.clone());
        }
        if node.is_text() {
            places.texts.push(range);
        } else if node.is_element() {
            let element = element(text, node.tag_name().name(), range)?;
            if let (Some(end), false) = (&element.end_tag, node.has_children()) {
                places.gaps.push(end.start);
            }
            places.elements.push(element);
        }
    }
    places.gaps.sort_unstable();
    places.gaps.dedup();
    Some(places)
}

/// The parts of an element of well-formed XML that stands at `whole`.
fn element(text: &str, local: &str, whole: Range<usize>) -> Option<Element> {
    let bytes = text.as_bytes();
    let is_space = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_whitespace);
    let ends_name = |at: usize| is_space(at) || matches!(bytes.get(at), None | Some(b'>' | b'/' | b'='));
    let mut at = whole.start + 1;
    while !ends_name(at) {
        at += 1;
    }
    let name = whole.start + 1..at;
    let mut attributes = Vec::new();
    loop {
        let before = at;
        while is_space(at) {
            at += 1;
        }
        match bytes.get(at)? {
            b'>' => break,
            b'/' => {
                at += 1;
                break;
            }
            _ => {}
        }
        let start = at;
        while !ends_name(at) {
            at += 1;
        }
        let name = start..at;
        at += text.get(at..)?.find(['"', '\''])?;
        let value = at + 1..at + 1 + text.get(at + 1..)?.find(char::from(bytes[at]))?;
        at = value.end + 1;
        attributes.push(Attribute { whole: before..at, name, value });
    }
    let start_tag = whole.start..at + 1;
    let end_tag = match start_tag.end == whole.end {
        true => None,
        false => Some(whole.start + text.get(whole.clone())?.rfind("</")?..whole.end),
    };
    Some(Element { local: local.to_owned(), whole, start_tag, name, end_tag, attributes })
}

/// Words as they are, all else byte by byte.
fn tokens(bytes: &[u8]) -> Vec<Range<usize>> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':') || byte >= 0x80;
    let mut tokens: Vec<Range<usize>> = Vec::new();
    for (at, &byte) in bytes.iter().enumerate() {
        match tokens.last_mut() {
            Some(last) if is_word(byte) && is_word(bytes[last.start]) => last.end = at + 1,
            _ => tokens.push(at..at + 1),
        }
    }
    tokens
}
