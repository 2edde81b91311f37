//! The HTTP-POST binding (SAML Bindings 3.5): form body → [`UnverifiedResponse`].

mod found;

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::{memchr, memchr2, memchr3};

use crate::rejection::{Check, Rejection};

/// The most bytes a form body may have, after a gateway's own base64 is undone.
pub const BODY_LIMIT: usize = 1 << 20;

/// The media type of the form.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// The text of a response that is not verified yet. Its `Debug` shows only the length: the text is a bearer token.
pub struct UnverifiedResponse {
    text: String,
    relay_state: Option<String>,
}

/// The most bytes of a `RelayState` that is kept. Bindings 3.5.3 has 80; what identity providers send is longer.
const LONGEST_RELAY_STATE: usize = 256;

impl UnverifiedResponse {
    /// Reads the one `SAMLResponse` of an HTTP-POST binding's form. `RelayState` may occur once. Other fields are
    /// ignored.
    ///
    /// # Errors
    /// `unsupported_media_type`, `too_large`, `malformed_request`, `malformed_base64`, `malformed_xml`.
    pub fn from_form(content_type: Option<&str>, body: &[u8]) -> Result<Self, Rejection> {
        Self::check_content_type(content_type)?;
        if body.len() > BODY_LIMIT {
            return Err(Check::BodySize.reject(format!("at most {BODY_LIMIT} bytes"), body.len()));
        }
        let (mut responses, mut relay_states, mut other) = (Vec::new(), Vec::new(), None);
        let mut rest = body;
        while !rest.is_empty() {
            let (field, after) = split_at_byte(rest, b'&');
            let (name, value) = split_at_byte(field, b'=');
            rest = after;
            match &*decoded(name) {
                b"SAMLResponse" => responses.push(value),
                b"RelayState" => relay_states.push(value),
                name => other = other.or_else(|| found::OtherMessage::of(name, value)),
            }
        }
        match (responses.as_slice(), relay_states.as_slice()) {
            ([response], [] | [_]) => {
                let relay_state = relay_states.first().and_then(|value| relay_state(&decoded(value)));
                Ok(Self { relay_state, ..Self::from_base64(&decoded(response))? })
            }
            (found, relay_states) => {
                let other = other.filter(|_| found.is_empty());
                let other = other.map_or_else(String::new, |other| format!(", and {other}"));
                Err(Check::FormFields.reject(
                    "one SAMLResponse and at most one RelayState",
                    format!("{} SAMLResponse and {} RelayState{other}", found.len(), relay_states.len()),
                ))
            }
        }
    }

    /// Whether a body of this type is worth reading; parameters are allowed.
    ///
    /// # Errors
    /// `unsupported_media_type`.
    pub fn check_content_type(content_type: Option<&str>) -> Result<(), Rejection> {
        let media_type = content_type.map(|value| value.split(';').next().unwrap_or_default().trim());
        match media_type {
            Some(media_type) if media_type.eq_ignore_ascii_case(FORM) => Ok(()),
            other => Err(Check::ContentType.reject(FORM, other.unwrap_or("no Content-Type"))),
        }
    }

    /// Decodes the field's value. ASCII white space between characters is ignored, as mail and terminals fold lines.
    ///
    /// # Errors
    /// `malformed_base64`, `malformed_xml` (not UTF-8).
    pub fn from_base64(value: &[u8]) -> Result<Self, Rejection> {
        let folded = unfolded(value);
        let xml = STANDARD
            .decode(&*folded)
            .map_err(|_| Check::Base64.reject("standard base64 with padding", found::not_base64(value, &folded)))?;
        if let Some(found) = found::encoded_again(&xml) {
            return Err(Check::Base64.reject("the base64 of XML", found));
        }
        Self::from_xml(xml)
    }

    /// Takes the XML itself, as captured from a browser or an identity provider's own tools.
    ///
    /// # Errors
    /// `malformed_xml` (not UTF-8).
    pub fn from_xml(xml: Vec<u8>) -> Result<Self, Rejection> {
        match String::from_utf8(xml) {
            Ok(text) => Ok(Self { text, relay_state: None }),
            Err(error) => Err(Check::WellFormed.reject("UTF-8", found::not_utf8(error.as_bytes(), error.utf8_error()))),
        }
    }

    /// The form's `RelayState`: no signature covers it, so it may only be compared with names that we know. Empty, too
    /// long and not UTF-8 are as good as none.
    pub fn unverified_relay_state(&self) -> Option<&str> {
        self.relay_state.as_deref()
    }

    /// The text, which may say anything: for a second verifier beside ours, and nothing else.
    pub fn unverified_text(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for UnverifiedResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnverifiedResponse({} bytes, redacted)", self.text.len())
    }
}

fn relay_state(value: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(value).ok()?;
    (1..=LONGEST_RELAY_STATE).contains(&text.len()).then(|| text.to_owned())
}

/// `value` without ASCII white space.
pub(crate) fn unfolded(value: &[u8]) -> Cow<'_, [u8]> {
    let folded = memchr3(b' ', b'\n', b'\r', value).is_some() || memchr2(b'\t', b'\x0C', value).is_some();
    if folded {
        Cow::Owned(value.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect())
    } else {
        Cow::Borrowed(value)
    }
}

/// A name or value of a form, decoded (WHATWG URL 5.1). Does what `form_urlencoded` does, four times as fast on base64:
/// it goes from one escape to the next instead of from byte to byte.
fn decoded(field: &[u8]) -> Cow<'_, [u8]> {
    if memchr2(b'%', b'+', field).is_none() {
        return Cow::Borrowed(field);
    }
    let mut decoded = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((plain, after)) = memchr2(b'%', b'+', rest).and_then(|at| rest.split_at_checked(at)) {
        decoded.extend_from_slice(plain);
        let (byte, after) = match after {
            [b'%', high, low, after @ ..] if let (Some(high), Some(low)) = (hex(*high), hex(*low)) => {
                (high << 4 | low, after)
            }
            [b'+', after @ ..] => (b' ', after),
            [other, after @ ..] => (*other, after),
            [] => break,
        };
        decoded.push(byte);
        rest = after;
    }
    decoded.extend_from_slice(rest);
    Cow::Owned(decoded)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Splits at the first `byte`; everything and nothing if it does not occur.
fn split_at_byte(bytes: &[u8], byte: u8) -> (&[u8], &[u8]) {
    let split = memchr(byte, bytes).and_then(|at| bytes.split_at_checked(at));
    split.map_or((bytes, &[]), |(before, after)| (before, after.get(1..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(content_type: Option<&str>, body: &[u8]) -> &'static str {
        UnverifiedResponse::from_form(content_type, body).map_or_else(|r| r.code(), |_| "accepted")
    }

    #[test]
    fn the_form_has_one_response_in_any_order() {
        assert_eq!(code(Some(FORM), b"SAMLResponse=PGEvPg%3D%3D"), "accepted");
        assert_eq!(
            code(
                Some("Application/X-WWW-Form-Urlencoded; charset=utf-8"),
                b"a=b&RelayState=x&SAMLResponse=PGEv%0D%0APg=="
            ),
            "accepted"
        );
        assert_eq!(code(Some(FORM), b"SAMLResponse=YQ==&SAMLResponse=YQ=="), "malformed_request");
        assert_eq!(code(Some(FORM), b"RelayState=a&SAMLResponse=YQ==&RelayState=b"), "malformed_request");
        assert_eq!(code(Some(FORM), b"samlresponse=YQ=="), "malformed_request");
        assert_eq!(code(Some(FORM), b""), "malformed_request");
    }

    #[test]
    fn media_type_size_and_encoding_are_checked() {
        assert_eq!(code(None, b"SAMLResponse=YQ=="), "unsupported_media_type");
        assert_eq!(code(Some("multipart/form-data"), b"SAMLResponse=YQ=="), "unsupported_media_type");
        assert_eq!(code(Some(FORM), &vec![b'a'; BODY_LIMIT + 1]), "too_large");
        assert_eq!(code(Some(FORM), b"SAMLResponse=YQ"), "malformed_base64");
        assert_eq!(code(Some(FORM), b"SAMLResponse=Y-_Q"), "malformed_base64");
        assert_eq!(code(Some(FORM), b"SAMLResponse=/w=="), "malformed_xml");
    }

    #[test]
    fn a_body_may_be_as_long_as_the_limit_and_no_longer() {
        let of_length = |length: usize| {
            let form = "SAMLResponse=YQ==&x=";
            code(Some(FORM), (form.to_owned() + &"a".repeat(length - form.len())).as_bytes())
        };
        assert_eq!([BODY_LIMIT, BODY_LIMIT + 1].map(of_length), ["accepted", "too_large"]);
    }

    #[test]
    fn a_relay_state_is_kept_as_text_of_a_bounded_length() {
        let longest = "r".repeat(LONGEST_RELAY_STATE);
        for (sent, kept) in [
            ("RelayState=spend+%C3%BCber%26&", Some("spend über&")),
            (&format!("RelayState={longest}&"), Some(longest.as_str())),
            (&format!("RelayState={longest}r&"), None),
            ("RelayState=&", None),
            ("RelayState=%FF&", None),
            ("", None),
        ] {
            let response = UnverifiedResponse::from_form(Some(FORM), format!("{sent}SAMLResponse=YQ==").as_bytes());
            assert_eq!(response.unwrap().unverified_relay_state(), kept, "{sent}");
        }
    }

    #[test]
    fn forms_are_decoded_as_the_library_does() {
        for field in ["", "a", "%41", "a%2Bb+c", "%", "%4", "%zz%41", "%%41", "+", "%c3%A4", "a%3D%3d", "%0D%0A+"] {
            let (library, _) = form_urlencoded::parse(field.as_bytes()).next().unwrap_or_default();
            assert_eq!(String::from_utf8_lossy(&decoded(field.as_bytes())), library, "{field}");
        }
    }

    #[test]
    fn debug_shows_no_content() {
        let response = UnverifiedResponse::from_xml(b"<secret/>".to_vec()).unwrap();
        assert_eq!(format!("{response:?}"), "UnverifiedResponse(9 bytes, redacted)");
    }
}
