//! The place where a text ceases to be base64, and its usual cause.

use std::fmt;

/// The reason why a text is no base64: the character that does not belong there and its place, with the usual cause. It shows
/// that one character of the text and no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base64Fault {
    /// A character that base64 does not have.
    Character {
        /// The character.
        character: char,
        /// Its place, from 1.
        place: usize,
        /// How many characters the text has.
        of: usize,
    },
    /// Padding with other characters behind it.
    Padding {
        /// The place of the padding, from 1.
        place: usize,
        /// How many characters the text has.
        of: usize,
    },
    /// So many characters, where base64 has four for each three bytes.
    Length(usize),
    /// Bits at the end that belong to no byte.
    Bits,
}

/// The two forms of base64 (RFC 4648 4 and 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base64Form {
    /// With `+` and `/`, and padding.
    Standard,
    /// With `-` and `_`, and without padding.
    Url,
}

impl Base64Fault {
    /// Finds the fault of a text that a decoder refused. White space counts as a character and is no fault in itself.
    pub fn of(text: &[u8], form: Base64Form) -> Self {
        let text = String::from_utf8_lossy(text);
        let belongs = |c: char| match form {
            Base64Form::Standard => matches!(c, '+' | '/' | '='),
            Base64Form::Url => matches!(c, '-' | '_'),
        };
        let of = text.chars().count();
        let characters = || (1_usize..).zip(text.chars());
        let odd = characters().find(|(_, c)| !(c.is_ascii_alphanumeric() || belongs(*c) || c.is_ascii_whitespace()));
        if let Some((place, character)) = odd {
            return Self::Character { character, place, of };
        }
        let digits = text.trim_end_matches(|c: char| c == '=' || c.is_ascii_whitespace());
        if let Some((place, _)) = characters().find(|(_, c)| *c == '=').filter(|_| digits.contains('=')) {
            return Self::Padding { place, of };
        }
        let length = text.chars().filter(|c| !c.is_ascii_whitespace()).count();
        match (form, length % 4) {
            (Base64Form::Standard, 0) | (Base64Form::Url, 0 | 2 | 3) => Self::Bits,
            _ => Self::Length(length),
        }
    }
}

/// A noun phrase with its place, and the usual cause behind a colon.
impl fmt::Display for Base64Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Character { character, place, of } => {
                let c = *character;
                if c.is_ascii_graphic() {
                    write!(f, "`{c}`")?
                } else {
                    write!(f, "U+{:04X}", u32::from(c))?
                }
                write!(f, " as character {place} of {of}: {}", usual_cause(c, *place))
            }
            Self::Padding { place, of } => {
                write!(
                    f,
                    "= as character {place} of {of}, with more behind it: two values were joined, or it was changed"
                )
            }
            Self::Length(length) => write!(
                f,
                "{length} characters, and base64 has four for each three bytes: it was cut, or its padding (=) is absent"
            ),
            Self::Bits => f.write_str("a last character that no base64 ends with: it was cut or changed"),
        }
    }
}

fn usual_cause(c: char, place: usize) -> &'static str {
    match c {
        '"' | '\'' | '`' => "quotation marks were copied with it",
        '$' | '>' | '#' if place == 1 => "a shell's prompt was copied with it",
        '\\' => "line ends or signs are written as a program's text escapes them",
        '-' | '_' => "it is base64 for URLs, which has - and _ in place of + and /",
        '+' | '/' | '=' => "it is standard base64, where base64 for URLs belongs",
        '%' => "it is in percent-encoding",
        '&' | ';' => "a reference of HTML, or another field, stands in it",
        '<' | '>' | '{' | '}' => "markup stands in it",
        '\u{2026}' | '.' => "it was cut, or it is something else",
        '\u{A0}' => "it is a no-break space, which a word processor or a page puts there",
        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' => {
            "it is a character without a width, which a word processor or a page puts there"
        }
        '\u{2010}'..='\u{201F}' => "it is a dash or a quotation mark of a word processor",
        '\u{FFFD}' => "it is a byte of no text",
        _ => "other text stands in it, or it was changed",
    }
}

#[cfg(test)]
mod tests {
    use super::{Base64Fault, Base64Form};

    #[test]
    fn a_fault_has_a_place_and_a_cause() {
        for (text, words) in [
            ("PHN*bWxw", "`*` as character 4 of 8: other text"),
            ("'PHNhbWxw'", "`'` as character 1 of 10: quotation marks"),
            ("$ PHNhbWxw", "`$` as character 1 of 10: a shell's prompt"),
            ("PHNh\u{A0}bWxw", "U+00A0 as character 5 of 9: it is a no-break space"),
            ("PHNh\u{2010}bWxw", "U+2010 as character 5 of 9: it is a dash"),
            ("PHNh\u{200B}bWxw", "U+200B as character 5 of 9: it is a character without a width"),
            ("PHNh\\nbWxw", "`\\` as character 5 of 10: line ends"),
            ("PHNh\u{2026}", "U+2026 as character 5 of 5: it was cut"),
            ("PHNhbWxw-_", "`-` as character 9 of 10: it is base64 for URLs"),
            ("PA==PA==", "= as character 3 of 8, with more behind it"),
            ("PHN\r\nh\nbW", "6 characters"),
            ("PHNhbWxwPP", "10 characters"),
            ("PHNhbR==", "a last character"),
        ] {
            let fault = Base64Fault::of(text.as_bytes(), Base64Form::Standard).to_string();
            assert!(fault.starts_with(words), "{text}: {fault}");
        }
        for (text, words) in [
            ("eyJh+a", "`+` as character 5"),
            ("eyJh\"", "`\"` as character 5"),
            ("eyJha", "5 characters"),
            ("eyJhaa", "a last"),
        ] {
            let fault = Base64Fault::of(text.as_bytes(), Base64Form::Url).to_string();
            assert!(fault.starts_with(words), "{text}: {fault}");
        }
        assert!(Base64Fault::of(b"PHN\xFF", Base64Form::Standard).to_string().contains("a byte of no text"));
    }
}
