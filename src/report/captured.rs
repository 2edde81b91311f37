//! A response as somebody captured it: the XML, its base64, or the whole form body.

use studio_acs_saml::{Rejection, UnverifiedResponse};

const FORM: &str = "application/x-www-form-urlencoded";

/// Takes `capture` for what it looks like: XML begins with `<`, a form has names and values, base64 is the rest.
///
/// # Errors
/// As the door's own: `malformed_request`, `malformed_base64`, `malformed_xml`, `too_large`.
pub fn read_captured(capture: &[u8]) -> Result<UnverifiedResponse, Rejection> {
    let text = match std::str::from_utf8(capture) {
        Ok(text) => text.strip_prefix('\u{FEFF}').unwrap_or(text).trim(),
        // Neither base64 nor a form holds such bytes.
        Err(_) => return UnverifiedResponse::from_xml(capture.to_vec()),
    };
    if text.starts_with('<') {
        UnverifiedResponse::from_xml(capture.to_vec())
    } else if is_form(text) {
        UnverifiedResponse::from_form(Some(FORM), text.as_bytes())
    } else {
        UnverifiedResponse::from_base64(text.as_bytes())
    }
}

/// Base64 has no `%`, no `&`, and `=` at its end alone.
fn is_form(text: &str) -> bool {
    text.contains(['%', '&']) || text.trim_end_matches('=').contains('=') || text.starts_with("SAMLResponse=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms_of_one_capture() {
        for capture in
            ["<r/>", " \n<r/>", "\u{FEFF}<r/>", "PHIvPg==", "PHIv\nPg==\n", "RelayState=&SAMLResponse=PHIvPg%3D%3D\n"]
        {
            assert!(read_captured(capture.as_bytes()).is_ok(), "{capture}");
        }
        assert_eq!(read_captured(b"\xff\xfe<\0").unwrap_err().code(), "malformed_xml");
        assert_eq!(read_captured(b"what?").unwrap_err().code(), "malformed_base64");
    }
}
