//! The kind of a file, by its first characters: for a message where another file was expected.

use std::fmt;

/// The kind of a file that an operator or a program gave, as far as a repair depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileKind {
    /// Nothing, or white space.
    Empty,
    /// Text in UTF-16, as some shells and editors store it.
    Utf16,
    /// A ZIP archive, which documents of offices are, too.
    Zip,
    /// A file that gzip packed.
    Gzip,
    /// A PDF document.
    Pdf,
    /// ASN.1 in DER: a certificate, or a file of keys.
    Der,
    /// Bytes that are no UTF-8 and of no known kind: text in another encoding, or no text.
    NotUtf8,
    /// A page for a browser.
    Html,
    /// JSON.
    Json,
    /// A PEM file, by its first label.
    Pem(String),
    /// A PEM file with a private key in it, by its label.
    PrivateKey(String),
    /// A JSON Web Token.
    Token,
    /// The address of a document.
    Url,
    /// base64 of an XML document.
    Base64OfXml,
    /// base64 of DER, such as a certificate.
    Base64OfDer,
    /// XML in which `<` is written as a reference or in percent-encoding.
    EscapedXml,
    /// The headers of an HTTP answer, and a document behind them.
    HttpAnswer,
    /// An HTTP request, with its headers.
    HttpRequest,
    /// A pointer that Git LFS left in place of the file.
    GitLfsPointer,
    /// XML behind other text, as a browser's view of a document begins.
    XmlBehindText,
    /// XML.
    Xml,
    /// Another text.
    Text,
}

/// The elements of HTML by which pages and parts of pages begin. None of them is the root of a message or of metadata.
const HTML: [&str; 22] = [
    "html", "head", "body", "title", "meta", "link", "style", "script", "noscript", "base", "form", "input",
    "textarea", "center", "div", "span", "table", "pre", "h1", "h2", "p", "iframe",
];
const BEGIN: &str = "-----BEGIN ";
/// The most characters of a label that are shown.
const LONGEST_LABEL: usize = 64;
/// The fewest characters of a line that is taken for base64.
const LEAST_BASE64: usize = 16;
/// How far into a text XML behind other text is looked for, in bytes.
const HEAD: usize = 4096;

impl FileKind {
    /// Returns the kind of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        match bytes {
            [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => return Self::Utf16,
            // ASCII in UTF-16 without a mark is UTF-8, too, of another text.
            [b'\t'..=b'~', 0, ..] | [0, b'\t'..=b'~', ..] => return Self::Utf16,
            [b'P', b'K', 3 | 5, 4 | 6, ..] => return Self::Zip,
            [0x1F, 0x8B, ..] => return Self::Gzip,
            [b'%', b'P', b'D', b'F', ..] => return Self::Pdf,
            [0x30, 0x80..=0x84, ..] => return Self::Der,
            _ => {}
        }
        match std::str::from_utf8(bytes) {
            Ok(text) if !bytes.contains(&0) => Self::of_text(text.strip_prefix('\u{FEFF}').unwrap_or(text).trim()),
            _ => Self::NotUtf8,
        }
    }

    fn of_text(text: &str) -> Self {
        let begins = |prefix: &str| text.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix));
        if text.is_empty() {
            Self::Empty
        } else if is_html(text) {
            Self::Html
        } else if text.starts_with('<') {
            Self::Xml
        } else if is_json(text) {
            Self::Json
        } else if begins("https://") || begins("http://") {
            Self::Url
        } else if begins("HTTP/") {
            Self::HttpAnswer
        } else if is_request(text) {
            Self::HttpRequest
        } else if let Some(kind) = pem(text) {
            kind
        } else if begins("version https://git-lfs") {
            Self::GitLfsPointer
        } else if begins("&lt;") || begins("&#60;") || begins("&#x3c;") || begins("%3C") {
            Self::EscapedXml
        } else if text.starts_with("eyJ") && text.split('.').count() == 3 {
            Self::Token
        } else {
            of_base64(text).unwrap_or_else(|| of_rest(text))
        }
    }
}

/// Whether a page begins here, behind an XML declaration or comments.
fn is_html(mut text: &str) -> bool {
    for (start, end) in [("<?xml ", "?>"), ("<!--", "-->"), ("<!--", "-->")] {
        if let Some((_, after)) = text.strip_prefix(start).and_then(|rest| rest.split_once(end)) {
            text = after.trim_start();
        }
    }
    let Some(tag) = text.strip_prefix('<') else { return false };
    let is = |name: &str| {
        let (head, after) = tag.split_at_checked(name.len()).unwrap_or_default();
        head.eq_ignore_ascii_case(name) && after.starts_with(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))
    };
    is("!doctype html") || HTML.into_iter().any(is)
}

/// Whether JSON begins here; `[` and a word begin a table of TOML.
fn is_json(text: &str) -> bool {
    let inside = text.strip_prefix('[').map(str::trim_start);
    text.starts_with('{')
        || inside.is_some_and(|items| items.starts_with(|c: char| c.is_ascii_digit() || "{[\"-]".contains(c)))
}

/// Whether the first line is the one of an HTTP request; its headers may hold certificates.
fn is_request(text: &str) -> bool {
    let line = text.lines().next().unwrap_or_default().trim_end();
    let mut words = line.split(' ');
    let is_method = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase());
    words.next().is_some_and(is_method) && words.next_back().is_some_and(|word| word.starts_with("HTTP/"))
}

/// Returns the label of a PEM file from the text behind its `BEGIN`, and nothing of the file's content where its dashes are
/// damaged.
pub fn pem_label(rest: &str) -> &str {
    let end = rest.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == ' '));
    rest.get(..end.unwrap_or(rest.len()).min(LONGEST_LABEL)).unwrap_or_default().trim_end()
}

/// The labels of a PEM file, which begin lines (RFC 7468 3): a private key among others counts most.
fn pem(text: &str) -> Option<FileKind> {
    let labels = || text.lines().filter_map(|line| Some(pem_label(line.trim_start().strip_prefix(BEGIN)?).to_owned()));
    let private = labels().find(|label| label.contains("PRIVATE KEY"));
    private.map(FileKind::PrivateKey).or_else(|| labels().next().map(FileKind::Pem))
}

fn of_base64(text: &str) -> Option<FileKind> {
    let line = text.lines().next().unwrap_or_default().trim_end();
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    if line.len() < LEAST_BASE64 || !line.bytes().all(is_base64) {
        return None;
    }
    match line.as_bytes() {
        // `<`, and the mark of UTF-8.
        [b'P', b'A'..=b'P', ..] | [b'7', b'7', b'u', b'/', ..] => Some(FileKind::Base64OfXml),
        [b'M', b'I' | b'F'..=b'H', ..] => Some(FileKind::Base64OfDer),
        _ => None,
    }
}

fn of_rest(text: &str) -> FileKind {
    let head = text.get(..text.floor_char_boundary(HEAD)).unwrap_or_default();
    let xml = head.split_once('<').map(|(_, xml)| xml);
    if xml.is_some_and(|xml| xml.contains("xmlns") || xml.starts_with("?xml ")) {
        FileKind::XmlBehindText
    } else {
        FileKind::Text
    }
}

/// A noun phrase.
impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "an empty file",
            Self::Utf16 => "text in UTF-16",
            Self::Zip => "a ZIP archive",
            Self::Gzip => "a gzip file",
            Self::Pdf => "a PDF file",
            Self::Der => "DER, such as a certificate",
            Self::NotUtf8 => "in another encoding than UTF-8, or no text",
            Self::Html => "an HTML page, such as a login page,",
            Self::Json => "JSON",
            Self::Pem(label) => return write!(f, "a PEM file ({label})"),
            Self::PrivateKey(label) => return write!(f, "a private key ({label}) in PEM"),
            Self::Token => "a JSON Web Token",
            Self::Url => "an address (URL)",
            Self::Base64OfXml => "base64 of XML",
            Self::Base64OfDer => "base64 of DER, such as a certificate",
            Self::EscapedXml => "escaped XML (&lt; or %3C in place of <)",
            Self::HttpAnswer => "an HTTP answer with its headers",
            Self::HttpRequest => "an HTTP request with its headers",
            Self::GitLfsPointer => "a pointer of Git LFS",
            Self::XmlBehindText => "XML behind other text",
            Self::Xml => "XML",
            Self::Text => "another text",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::FileKind::{self, *};

    #[test]
    fn a_file_is_told_by_its_first_characters() {
        for (bytes, kind) in [
            (&b""[..], Empty),
            (b"\xEF\xBB\xBF \r\n", Empty),
            (b"\xFF\xFE<\0", Utf16),
            (b"\xFE\xFF\0<", Utf16),
            (b"{\0\"\0", Utf16),
            (b"\0<\0?", Utf16),
            (b"e\0y\0J\0", Utf16),
            (b"PK\x03\x04\x14\0", Zip),
            (b"\x1F\x8B\x08\0", Gzip),
            (b"%PDF-1.7\n", Pdf),
            (b"\x30\x82\x03\x01\x30", Der),
            (b"<a>\xE4</a>", NotUtf8),
            (b"<a>\0</a>", NotUtf8),
            (b"<!DOCTYPE html>", Html),
            (b"\xEF\xBB\xBF<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC \"x\">", Html),
            (b"<!-- saved from url=(0014)about:internet -->\n<HTML>", Html),
            (b"<center><h1>502</h1></center>", Html),
            (b"<script>location='/login'</script>", Html),
            (b"<html/>", Html),
            (b"<htmlx/>", Xml),
            (b"<body:x xmlns:body='urn:x'/>", Xml),
            (b"<!-- a --><md:EntityDescriptor/>", Xml),
            (b" {\"keys\": []}", Json),
            (b"[]", Json),
            (b"[\n  {\"kty\"", Json),
            (b"[workspace]\nmembers = []", Text),
            (b"{\"k\": \"-----BEGIN CERTIFICATE-----\"}", Json),
            (b"-----BEGIN CERTIFICATE-----\nMII", Pem("CERTIFICATE".to_owned())),
            (b"Bag Attributes\n-----BEGIN CERTIFICATE-----\nMII", Pem("CERTIFICATE".to_owned())),
            (b"-----BEGIN RSA PRIVATE KEY-----\nMII", PrivateKey("RSA PRIVATE KEY".to_owned())),
            (
                b"-----BEGIN CERTIFICATE-----\nMII\n-----BEGIN PRIVATE KEY-----\nMII",
                PrivateKey("PRIVATE KEY".to_owned()),
            ),
            (b"eyJhbGciOiJSUzI1NiJ9.e30.AA\n", Token),
            (b"https://idp.example.com/metadata\n", Url),
            (b"MIICzTCCAbWgAwIBAgIDBRAAMA0GCSqGSIb3DQEBCwUAMCkx", Base64OfDer),
            (b"PD94bWwgdmVyc2lvbj0iMS4wIj8+\nPG1k", Base64OfXml),
            (b"&lt;md:EntityDescriptor&gt;", EscapedXml),
            (b"%3Cmd%3AEntityDescriptor", EscapedXml),
            (b"POST /saml HTTP/1.1\r\nX-SSL-Client-Cert: a\r\n-----BEGIN CERTIFICATE-----", HttpRequest),
            (b"curl https://a -H 'X-Cert: -----BEGIN CERTIFICATE----- MII'", Text),
            (b"HTTP/1.1 200 OK\r\n\r\n-----BEGIN CERTIFICATE-----\nMII", HttpAnswer),
            (b"HTTP/2 200\r\ncontent-type: text/xml\r\n\r\n<a/>", HttpAnswer),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a", GitLfsPointer),
            (b"This XML file does not appear to have any style information.\n<a xmlns='urn:x'/>", XmlBehindText),
            (b"Not Found", Text),
            (b"Password incorrect", Text),
            (b"entity: <b>x</b>", Text),
        ] {
            assert_eq!(FileKind::of(bytes), kind, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn a_private_key_is_named_and_not_shown() {
        let kind = FileKind::of(b"-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIC\n-----END EC PRIVATE KEY-----\n");
        assert!(kind.to_string().contains("EC PRIVATE KEY") && !format!("{kind} {kind:?}").contains("MHc"));
        let damaged = FileKind::of(b"-----BEGIN PRIVATE KEY----\nMIIEvQIBADAN\n-----END PRIVATE KEY-----\n");
        assert_eq!(damaged, PrivateKey("PRIVATE KEY".to_owned()), "with a dash too few");
        let label = FileKind::of(format!("-----BEGIN {}", "A".repeat(100_000)).as_bytes());
        assert_eq!(label, Pem("A".repeat(64)));
    }
}
