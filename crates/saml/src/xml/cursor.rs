//! A place in the text, and the XML productions that are read from there: names, values, references.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

use crate::rejection::{Check, Rejection};

/// Reads forward over `rest`. Knows how far it has come, for messages.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'x> {
    text: &'x str,
    rest: &'x str,
}

impl<'x> Cursor<'x> {
    pub(super) fn new(text: &'x str) -> Self {
        Self { text, rest: text }
    }

    pub(super) fn at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.as_bytes().first().copied()
    }

    /// Steps over `token` if it is next.
    pub(super) fn take(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    pub(super) fn require(&mut self, token: &'static str) -> Result<(), Rejection> {
        if self.take(token) { Ok(()) } else { Err(self.malformed(token)) }
    }

    /// Steps over white space; tells whether any was found.
    pub(super) fn space(&mut self) -> bool {
        let width = self.rest.bytes().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\t' | b'\r')).count();
        self.split(width);
        width > 0
    }

    /// Everything up to `end`, and steps over both.
    pub(super) fn until(&mut self, end: &'static str) -> Result<&'x str, Rejection> {
        let (before, after) = self.rest.split_once(end).ok_or_else(|| self.malformed(end))?;
        self.rest = after;
        Ok(before)
    }

    /// Everything up to the byte `end`, which stays.
    pub(super) fn up_to(&mut self, end: u8) -> &'x str {
        let at = memchr(end, self.rest.as_bytes()).unwrap_or(self.rest.len());
        self.split(at)
    }

    /// A qualified name (Namespaces in XML 4): prefix, which may be empty, and local part.
    pub(super) fn qualified_name(&mut self) -> Result<(&'x str, &'x str), Rejection> {
        let first = self.name()?;
        if self.take(":") { Ok((first, self.name()?)) } else { Ok(("", first)) }
    }

    /// A name without colon (Namespaces in XML 3, XML 1.0 2.3).
    fn name(&mut self) -> Result<&'x str, Rejection> {
        let ascii =
            self.rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')).count();
        let end = match self.rest.as_bytes().get(ascii) {
            Some(byte) if !byte.is_ascii() => self.rest.find(|c| !is_name_char(c)).unwrap_or(self.rest.len()),
            _ => ascii,
        };
        let name = self.rest.get(..end).unwrap_or_default();
        match name.chars().next() {
            Some(first) if is_name_start(first) => {
                self.split(end);
                Ok(name)
            }
            _ => Err(self.malformed("a name")),
        }
    }

    /// A quoted attribute value, normalised (XML 1.0 3.3.3): white space becomes a space, references what they stand
    /// for.
    pub(super) fn attribute_value(&mut self) -> Result<Cow<'x, str>, Rejection> {
        let raw = self.quoted()?;
        let special = |byte: &u8| matches!(byte, b'&' | b'<' | b'\t' | b'\n' | b'\r');
        match raw.as_bytes().iter().find(|byte| special(byte)) {
            None => Ok(Cow::Borrowed(raw)),
            Some(_) if memchr(b'<', raw.as_bytes()).is_some() => Err(self.malformed("no `<` in an attribute value")),
            Some(_) => self.resolve(raw, true),
        }
    }

    /// Reads the text between quotes, as it is.
    pub(super) fn quoted(&mut self) -> Result<&'x str, Rejection> {
        let (quote, closing) = match self.peek() {
            Some(b'"') => (b'"', "\""),
            Some(b'\'') => (b'\'', "'"),
            _ => return Err(self.malformed("a quoted value")),
        };
        self.split(1);
        let raw = self.up_to(quote);
        self.require(closing)?;
        Ok(raw)
    }

    /// `raw` with references replaced, if it holds any, and line ends as one line feed (XML 1.0 2.11, 4.1, 4.6).
    pub(super) fn character_data(&self, raw: &'x str) -> Result<Cow<'x, str>, Rejection> {
        match memchr2(b'&', b'\r', raw.as_bytes()) {
            None => Ok(Cow::Borrowed(raw)),
            Some(_) => self.resolve(raw, false),
        }
    }

    fn resolve(&self, raw: &'x str, in_attribute: bool) -> Result<Cow<'x, str>, Rejection> {
        let line_end = if in_attribute { ' ' } else { '\n' };
        let mut resolved = String::with_capacity(raw.len());
        let mut rest = raw;
        while let Some(c) = rest.chars().next() {
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            match c {
                '&' => {
                    let (name, after) = rest.split_once(';').ok_or_else(|| self.malformed("`;` after a reference"))?;
                    resolved
                        .push(reference(name).ok_or_else(|| self.malformed("a character or predefined reference"))?);
                    rest = after;
                }
                '\r' => {
                    rest = rest.strip_prefix('\n').unwrap_or(rest);
                    resolved.push(line_end);
                }
                '\n' | '\t' if in_attribute => resolved.push(' '),
                _ => resolved.push(c),
            }
        }
        Ok(Cow::Owned(resolved))
    }

    pub(super) fn malformed(&self, expected: &'static str) -> Rejection {
        let at = self.text.len().saturating_sub(self.rest.len());
        Check::WellFormed.reject(expected, format_args!("something else near byte {at}"))
    }

    fn split(&mut self, at: usize) -> &'x str {
        let (before, after) = self.rest.split_at_checked(at).unwrap_or((self.rest, ""));
        self.rest = after;
        before
    }
}

/// Comments and CDATA sections keep references as they are; only line ends change.
pub(super) fn line_ends(raw: &str) -> Cow<'_, str> {
    if memchr(b'\r', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(raw.replace("\r\n", "\n").replace('\r', "\n"))
}

/// The character that `&name;` stands for: a character reference, or one of the five predefined entities.
fn reference(name: &str) -> Option<char> {
    let code = match name {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        _ => name.strip_prefix('#')?,
    };
    let (digits, radix) = code.strip_prefix('x').map_or((code, 10), |digits| (digits, 16));
    // `from_str_radix` would take a sign.
    let value =
        digits.starts_with(|c: char| c.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, radix).ok())??;
    char::from_u32(value).filter(|c| is_char(*c))
}

/// Whether every character is one of XML 1.0 2.2. Among those that UTF-8 can encode, only controls and U+FFFE and
/// U+FFFF are not.
pub(super) fn is_all_chars(text: &str) -> bool {
    // Without an early end the loop runs at the machine's full width.
    let controls = text.bytes().fold(false, |any, byte| any | (byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')));
    !controls && (memchr(b'\xEF', text.as_bytes()).is_none() || !text.contains(['\u{FFFE}', '\u{FFFF}']))
}

/// `Char` of XML 1.0 2.2.
fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// `NameStartChar` of XML 1.0 2.3, without the colon.
fn is_name_start(c: char) -> bool {
    matches!(c, 'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}'
        | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

/// `NameChar` of XML 1.0 2.3, without the colon.
fn is_name_char(c: char) -> bool {
    is_name_start(c) || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}
