//! The kind of bytes that stand where a response should: for messages only.

use std::fmt;
use std::str::Utf8Error;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use studio_acs_refusal::{Base64Fault, Base64Form, FileKind};

use super::{decoded, unfolded};

/// Fields of other messages of sign-ins, and the words for each.
const OTHER_FIELDS: [(&str, &str); 7] = [
    ("SAMLRequest", "a SAMLRequest"),
    ("SAMLart", "an artifact (SAMLart)"),
    ("wresult", "a message of WS-Federation (wresult)"),
    ("id_token", "a token of OpenID Connect (id_token)"),
    ("access_token", "a token of OAuth (access_token)"),
    ("code", "a code of OpenID Connect"),
    ("SAMLResponse", "SAMLResponse in another case"),
];

/// The most bytes of a value that are looked at.
const HEAD: usize = 4096;

/// The message that a form holds in place of a `SAMLResponse`.
pub(super) struct OtherMessage<'f> {
    words: &'static str,
    /// The value of a `SAMLRequest`.
    request: Option<&'f [u8]>,
}

impl<'f> OtherMessage<'f> {
    /// The message of this field, by its decoded name; `None` for a field of no known kind.
    pub(super) fn of(name: &[u8], value: &'f [u8]) -> Option<Self> {
        let (known, words) = OTHER_FIELDS.into_iter().find(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes()))?;
        Some(Self { words, request: (known == "SAMLRequest").then_some(value) })
    }
}

impl fmt::Display for OtherMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words)?;
        self.request.and_then(root).map_or(Ok(()), |root| write!(f, " ({root})"))
    }
}

/// The name of the root of a message in base64; `None` for one that is compressed, or none.
fn root(value: &[u8]) -> Option<String> {
    let head = decoded(value.get(..HEAD).unwrap_or(value));
    let head = unfolded(&head);
    // A part of base64 is whole in groups of four.
    let (groups, _) = head.as_chunks::<4>();
    let message = STANDARD.decode(groups.as_flattened()).ok()?;
    let message = String::from_utf8_lossy(&message);
    let tags = message.split('<').skip(1);
    let mut names = tags.map(|tag| tag.split([' ', '\t', '\r', '\n', '>', '/']).next().unwrap_or_default());
    let root = names.find(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))?;
    let local = root.rsplit(':').next().unwrap_or_default();
    local.bytes().all(|byte| byte.is_ascii_alphabetic()).then(|| local.chars().take(40).collect())
}

/// The kind of a value that is no standard base64.
pub(super) fn not_base64(value: &[u8], folded: &[u8]) -> String {
    let has = |byte: u8| value.contains(&byte);
    let consists_of = |more: &[u8]| folded.iter().all(|byte| byte.is_ascii_alphanumeric() || more.contains(byte));
    let kind = match FileKind::of(value) {
        FileKind::Xml | FileKind::Html => "XML, not base64 of it",
        FileKind::EscapedXml => "XML with escaped signs (&lt; or %3C), not base64 of it",
        FileKind::Json => "JSON, not base64 of XML",
        FileKind::Pem(_) | FileKind::PrivateKey(_) => "a PEM file",
        _ if folded.windows(3).any(|start| start == b"eyJ") && has(b'.') => "a JSON Web Token",
        _ if has(b'%') && consists_of(b"+/=%") => "base64 in percent-encoding (%2B): it was encoded twice",
        _ if (has(b'-') || has(b'_')) && consists_of(b"-_=") => "base64 for URLs (- and _ in place of + and /)",
        _ if value.trim_ascii().contains(&b' ') && consists_of(b"/=") => {
            "base64 with spaces, where + stood: a form writes it %2B"
        }
        _ if folded.ends_with("…".as_bytes()) || folded.ends_with(b"...") => "a value that was cut (…)",
        _ => return format!("no base64: {}", Base64Fault::of(value, Base64Form::Standard)),
    };
    kind.to_owned()
}

/// The kind of decoded bytes that are encoded once more.
pub(super) fn encoded_again(decoded: &[u8]) -> Option<&'static str> {
    let begins =
        [&b"PHNh"[..], b"PD94", b"PFJl", b"PG5z", b"PHAx", b"77u/"].iter().any(|head| decoded.starts_with(head));
    if begins && decoded.iter().all(|byte| byte.is_ascii_alphanumeric() || b"+/=\r\n".contains(byte)) {
        Some("base64 of base64")
    } else if decoded.starts_with(b"SAMLResponse=") || decoded.starts_with(b"RelayState=") {
        Some("base64 of a form")
    } else {
        None
    }
}

/// The kind of bytes that are no UTF-8.
pub(super) fn not_utf8(bytes: &[u8], error: Utf8Error) -> String {
    match (FileKind::of(bytes), bytes) {
        (FileKind::Utf16, _) => "UTF-16".to_owned(),
        (FileKind::NotUtf8, [b'<', ..]) => format!("XML in another encoding ({error})"),
        // RFC 1951 3.2.3: the type of the first block stands in bits 1 and 2.
        (FileKind::NotUtf8, [first, ..]) if matches!(first & 0b110, 0b010 | 0b100) => {
            "compressed bytes (DEFLATE), as the binding HTTP-Redirect sends them".to_owned()
        }
        (FileKind::NotUtf8, _) => error.to_string(),
        (kind, _) => kind.to_string(),
    }
}
