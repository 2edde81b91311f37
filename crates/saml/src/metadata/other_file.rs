//! A file that is no XML document, by its first characters.

use std::fmt;

use studio_acs_refusal::printable;

/// A file that stands where metadata should, and is no XML document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OtherFile {
    /// Nothing, or white space.
    Empty,
    /// A page for a browser.
    Html,
    /// JSON, such as the metadata of OpenID Connect.
    Json,
    /// A PEM file, by its label.
    Pem(String),
    /// base64 of an XML document or of a certificate.
    Base64,
    /// The address of a document in place of the document.
    Url,
}

impl OtherFile {
    /// The kind of `text`; `None` for a text that may be an XML document.
    pub(super) fn of(text: &str) -> Option<Self> {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text).trim();
        let begins = |prefix: &str| text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
        if text.is_empty() {
            Some(Self::Empty)
        } else if begins("<!doctype html") || begins("<html") {
            Some(Self::Html)
        } else if text.starts_with(['{', '[']) {
            Some(Self::Json)
        } else if let Some((_, rest)) = text.split_once("-----BEGIN ").filter(|_| !text.starts_with('<')) {
            Some(Self::Pem(printable(rest.split_once("-----").map_or("", |(label, _)| label))))
        } else if begins("https://") || begins("http://") {
            Some(Self::Url)
        } else if begins("MII") || begins("PD94") || begins("PEVu") || begins("PG1k") {
            Some(Self::Base64)
        } else {
            None
        }
    }
}

impl fmt::Display for OtherFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("an empty file"),
            Self::Html => f.write_str("an HTML page, such as a login page,"),
            Self::Json => f.write_str("JSON"),
            Self::Pem(label) => write!(f, "a PEM file ({label})"),
            Self::Base64 => f.write_str("base64"),
            Self::Url => f.write_str("an address (URL)"),
        }
    }
}
