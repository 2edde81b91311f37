//! A captured credential: a response in the forms that people find it in; a token by itself, or in what holds it.

mod archive;
mod field;
mod page;
mod request;
mod token;

pub use token::{CapturedToken, read_captured_token};

use studio_acs_refusal::FileKind;
use studio_acs_saml::{BODY_LIMIT, Check, FORM, Rejection, UnverifiedResponse};

/// The longest capture that is searched for a response: a browser's archive of a sign-in has some megabytes.
const ARCHIVE_LIMIT: usize = 64 << 20;
/// Fields and members of other messages, which a capture without a response is named by.
const OTHER_MESSAGES: [&str; 5] = ["SAMLRequest", "SAMLart", "wresult", "id_token", "access_token"];

/// Takes `capture` for what it looks like: XML, a form, a page, a browser's archive, a request or command that holds a
/// `SAMLResponse`, or base64.
///
/// # Errors
/// As SAML sign-in's own: `malformed_request`, `malformed_base64`, `malformed_xml`, `too_large`.
pub fn read_captured(capture: &[u8]) -> Result<UnverifiedResponse, Rejection> {
    if capture.len() > ARCHIVE_LIMIT {
        return Err(Check::BodySize.reject(format!("at most {ARCHIVE_LIMIT} bytes"), capture.len()));
    }
    let kind = FileKind::of(capture);
    let text = match (&kind, std::str::from_utf8(capture)) {
        (FileKind::Utf16, _) => return Err(Check::WellFormed.reject("UTF-8", "UTF-16")),
        (FileKind::Zip | FileKind::Gzip | FileKind::Pdf | FileKind::Der, _) => {
            return Err(Check::WellFormed.reject("UTF-8", kind));
        }
        (_, Ok(text)) => plain(text),
        // Neither base64 nor a form holds such bytes.
        (_, Err(_)) => return UnverifiedResponse::from_xml(capture.to_vec()),
    };
    match kind {
        FileKind::Empty => Err(nothing("an empty capture".to_owned())),
        FileKind::Pem(_) | FileKind::PrivateKey(_) => Err(nothing("a PEM file".to_owned())),
        FileKind::Url if !text.contains('?') && !text.contains('#') => Err(nothing("an address (URL)".to_owned())),
        FileKind::NotUtf8 => UnverifiedResponse::from_xml(capture.to_vec()),
        FileKind::Json => only(archive::responses(text), || without("JSON", text)),
        FileKind::Html => of_page(text),
        // As it came: white space before a declaration is a fault of the message. Fields inside it are its text.
        FileKind::Xml => UnverifiedResponse::from_xml(capture.to_vec()),
        FileKind::EscapedXml if text.starts_with('%') => {
            UnverifiedResponse::from_xml(field::decoded(text, true).into_bytes())
        }
        FileKind::EscapedXml => UnverifiedResponse::from_xml(page::resolved(text).into_bytes()),
        FileKind::HttpRequest => request::read(text),
        FileKind::XmlBehindText | FileKind::HttpAnswer => of_text_with_markup(text),
        // A message stands in it as it is, behind a longer text.
        FileKind::Text if text.contains('<') && text.contains("xmlns") => of_text_with_markup(text),
        _ => of_text(text),
    }
}

/// Names the text that holds the response of `capture` and more; `None` for a response by itself, as XML, base64 or a form.
pub fn capture_around(capture: &[u8]) -> Option<&'static str> {
    let text = || plain(std::str::from_utf8(capture).unwrap_or_default());
    match FileKind::of(capture) {
        FileKind::Html => Some("an HTML page"),
        FileKind::HttpAnswer => Some("an HTTP answer with its headers"),
        FileKind::HttpRequest => Some("an HTTP request with its headers"),
        FileKind::Json => Some("JSON, such as a browser's archive"),
        FileKind::XmlBehindText => Some("a text that begins otherwise"),
        FileKind::Text if !is_only_form(text()) && request::of_text(text()).is_some() => {
            Some("a command, a script or a log")
        }
        _ => None,
    }
}

/// The text without a byte order mark and white space around it.
fn plain(text: &str) -> &str {
    text.strip_prefix('\u{FEFF}').unwrap_or(text).trim()
}

fn of_page(text: &str) -> Result<UnverifiedResponse, Rejection> {
    let responses = page::responses(text);
    // A script may hold what no form does.
    let of_script = if responses.is_empty() { field::of_script(text) } else { None };
    of_script.unwrap_or_else(|| only(responses.into_iter().map(Ok).collect(), || without("an HTML page", text)))
}

/// A browser's view of a document, or an answer with its headers.
fn of_text_with_markup(text: &str) -> Result<UnverifiedResponse, Rejection> {
    let markup = text.find('<').and_then(|at| text.get(at..)).unwrap_or_default();
    match FileKind::of(markup.as_bytes()) {
        FileKind::Xml => UnverifiedResponse::from_xml(markup.as_bytes().to_vec()),
        _ => of_page(text),
    }
}

fn of_text(text: &str) -> Result<UnverifiedResponse, Rejection> {
    let query = text.split_once('?').filter(|(address, _)| address.starts_with("http") && !address.contains(' '));
    if let Some((_, query)) = query {
        let read = UnverifiedResponse::from_form(Some(FORM), query.as_bytes());
        return read.and_then(|_| Err(Check::Method.reject("POST", "GET")));
    }
    if is_only_form(text) {
        return UnverifiedResponse::from_form(Some(FORM), text.as_bytes());
    }
    request::of_text(text).unwrap_or_else(|| {
        if text.contains('&') {
            return UnverifiedResponse::from_form(Some(FORM), text.as_bytes());
        }
        let within = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
        let value = ['"', '\''].into_iter().find_map(within).unwrap_or(text);
        let value = if is_percent_encoded(value) { field::decoded(value, false) } else { value.to_owned() };
        UnverifiedResponse::from_base64(value.as_bytes())
    })
}

/// Whether a text is a form and nothing else: names and values, without the quotation marks of a command or a script.
fn is_only_form(text: &str) -> bool {
    let name = text.split_once('=').map_or("", |(name, _)| name);
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '%');
    let value = text.get(name.len()..).unwrap_or_default();
    // The padding of base64 is no value.
    let has_value = name == "SAMLResponse" || (!value.starts_with("==") && value.len() > 1);
    !name.is_empty() && has_value && !text.contains(['"', '\'']) && name.chars().all(is_name)
}

/// Whether a text is base64 of which some characters are in percent-encoding.
fn is_percent_encoded(text: &str) -> bool {
    let is_base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '%' | '\r' | '\n');
    text.contains('%') && text.chars().all(is_base64)
}

/// The one response of a page or an archive.
fn only(
    responses: Vec<Result<String, Rejection>>,
    otherwise: impl FnOnce() -> String,
) -> Result<UnverifiedResponse, Rejection> {
    let responses = responses.into_iter().collect::<Result<Vec<_>, _>>()?;
    match &*responses {
        [] => Err(nothing(otherwise())),
        [response] if response.len() > BODY_LIMIT => {
            Err(Check::BodySize.reject(format!("at most {BODY_LIMIT} bytes"), response.len()))
        }
        [response] => UnverifiedResponse::from_base64(response.as_bytes()),
        several => Err(self::several(several.len())),
    }
}

fn several(responses: usize) -> Rejection {
    Check::FormFields.reject("one SAMLResponse", format!("{responses} SAMLResponse"))
}

/// The name of a text without a response, with the message that it holds in its place.
fn without(kind: &str, text: &str) -> String {
    let marks = ['"', '\'', '=', ' ', '>'];
    let has = |name: &&&str| {
        text.match_indices(**name).any(|(at, name)| {
            let after = text.get(at.saturating_add(name.len())..).unwrap_or_default();
            let before = text.get(..at).unwrap_or_default();
            after.starts_with(marks) && before.ends_with(marks)
        })
    };
    let other = OTHER_MESSAGES.iter().find(has).map_or_else(String::new, |name| format!(", and {name}"));
    format!("{kind} without a SAMLResponse{other}")
}

fn nothing(found: String) -> Rejection {
    Check::FormFields.reject("a response, as XML, base64, a form, a page, a request or a browser's archive", found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_one_capture() {
        for capture in [
            "<r/>",
            " \n<r/>",
            "\u{FEFF}<r/>",
            "PHIvPg==",
            "PHIv\nPg==\n",
            "PHIvPg%3D%3D",
            "'PHIvPg=='",
            "&lt;r/&gt;",
            "%3Cr%2F%3E",
            "RelayState=&SAMLResponse=PHIvPg%3D%3D\n",
            "SAML%52esponse=PHIvPg%3D%3D",
        ] {
            let read = read_captured(capture.as_bytes()).unwrap_or_else(|rejection| panic!("{capture}: {rejection}"));
            assert!(read.unverified_text().ends_with("<r/>"), "{capture}");
        }
        assert_eq!(read_captured(b"\xff\xfe<\0").unwrap_err().found(), "UTF-16");
        let address = b"https://studio.corp.example/saml?SAMLResponse=PHIvPg%3D%3D";
        assert_eq!(read_captured(address).unwrap_err().code(), "method_not_allowed");
        assert_eq!(read_captured(b"what?").unwrap_err().code(), "malformed_base64");
    }
}
