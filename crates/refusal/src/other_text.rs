//! The kind of a text that is of another language than the expected one.

use std::fmt;

use crate::file_kind::FileKind;

/// A text that stands where another one is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherText {
    /// A page for a browser.
    Html,
    /// Other XML.
    Xml,
    /// JSON.
    Json,
    /// Lines of key and value, or tables, as in TOML.
    Toml,
    /// Lines of key and value, or lists, as in YAML.
    Yaml,
    /// Rows of a spreadsheet, with commas, semicolons or tabs between.
    Rows,
    /// A PEM file.
    Pem,
    /// The address of a text in place of the text.
    Url,
}

impl OtherText {
    /// The kind of `text` by its beginning; `None` where nothing tells it. A text of the expected language may look like
    /// another: ask only about one that cannot be parsed.
    pub fn of(text: &str) -> Option<Self> {
        let text = text.trim();
        let first = first_line(text)?;
        // A table of TOML begins with a bracket, too.
        let is_list = || text.strip_prefix('[').is_some_and(|rest| rest.trim_start().starts_with(['{', '"', ']']));
        match FileKind::of(text.as_bytes()) {
            FileKind::Html => return Some(Self::Html),
            FileKind::Xml => return Some(Self::Xml),
            FileKind::Pem(_) | FileKind::PrivateKey(_) => return Some(Self::Pem),
            FileKind::Url if !text.contains(char::is_whitespace) => return Some(Self::Url),
            FileKind::Json if text.starts_with('{') || is_list() => return Some(Self::Json),
            _ => {}
        }
        let has_key = |mark| first.split_once(mark).is_some_and(|(key, _)| is_key(key));
        if first.starts_with('[') || has_key("=") {
            return Some(Self::Toml);
        }
        let is_item = first == "---" || first.starts_with("- ");
        if is_item || has_key(": ") || first.strip_suffix(':').is_some_and(is_key) {
            return Some(Self::Yaml);
        }
        let is_row = |line: &str| [',', ';', '\t'].iter().any(|gap| line.contains(*gap)) && !line.contains(['(', '{']);
        is_row(first).then_some(Self::Rows)
    }
}

/// The first line that is neither blank nor a comment.
fn first_line(text: &str) -> Option<&str> {
    text.lines().map(str::trim_end).find(|line| !line.trim().is_empty() && !line.trim_start().starts_with(['#', '/']))
}

/// Whether this is the name before a value.
fn is_key(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}

impl fmt::Display for OtherText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Html => "an HTML page",
            Self::Xml => "XML",
            Self::Json => "JSON",
            Self::Toml => "TOML",
            Self::Yaml => "YAML",
            Self::Rows => "rows of a spreadsheet",
            Self::Pem => "a PEM file",
            Self::Url => "an address (URL)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_told_by_its_beginning() {
        for (text, kind) in [
            ("<!DOCTYPE html>\n<title>Sign in</title>", Some(OtherText::Html)),
            ("\n<HTML><head/>", Some(OtherText::Html)),
            ("<?xml version='1.0'?><a/>", Some(OtherText::Xml)),
            ("{\"Version\": \"2012-10-17\"}", Some(OtherText::Json)),
            ("[\n  {\"id\": \"a\"}\n]", Some(OtherText::Json)),
            ("[]", Some(OtherText::Json)),
            ("# who\n[[entry]]\nid = 'a'", Some(OtherText::Toml)),
            ("id = 'a'", Some(OtherText::Toml)),
            ("entry:\n  - id: a", Some(OtherText::Yaml)),
            ("- id: a\n  user: b", Some(OtherText::Yaml)),
            ("---\nentry:", Some(OtherText::Yaml)),
            ("user: alice", Some(OtherText::Yaml)),
            ("id,user,domain\na,alice,d-a", Some(OtherText::Rows)),
            ("id\tuser\tdomain\na\talice\td-a", Some(OtherText::Rows)),
            ("id;user;domain", Some(OtherText::Rows)),
            ("-----BEGIN CERTIFICATE-----\nMII", Some(OtherText::Pem)),
            ("https://corp.example/ledger.toml\n", Some(OtherText::Url)),
            ("", None),
            ("studio-acs-ledger", None),
            ("permit (principal, action, resource);", None),
            ("permit (principal, action, resource) when { principal.name == \"a\" };", None),
            ("forbid (\n  principal,\n  action == Action::\"OpenStudio\",\n  resource\n);", None),
            ("@id(\"a\")\npermit (principal, action, resource);", None),
        ] {
            assert_eq!(OtherText::of(text), kind, "{text}");
        }
    }
}
